-- Delivery of webhooks. `host` is the receiver's, empty in rows of the binary before. While a webhook is
-- being tried, `owner` is who tries it and `next_at` is when that claim is over; else `next_at` is when it
-- is due. What was owed before is due at once, as far as no later state of its task is owed.

ALTER TABLE webhooks ADD COLUMN host TEXT NOT NULL DEFAULT '';
ALTER TABLE webhooks ADD COLUMN owner TEXT;
ALTER TABLE webhooks ADD COLUMN next_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE webhooks ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE webhooks ADD COLUMN replayed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE webhooks ADD COLUMN status INTEGER;
ALTER TABLE webhooks ADD COLUMN note TEXT;
ALTER TABLE webhooks ADD COLUMN tried_at INTEGER;
ALTER TABLE webhooks ADD COLUMN delivered_at INTEGER;

UPDATE webhooks SET state = 'superseded'
  WHERE state = 'pending' AND event IN ('task.queued', 'task.running')
    AND EXISTS (SELECT 1 FROM webhooks later WHERE later.task = webhooks.task AND later.version > webhooks.version);

CREATE INDEX webhooks_due ON webhooks (host, next_at) WHERE state = 'pending';
CREATE INDEX webhooks_of_tenant ON webhooks (tenant, task, version);
CREATE INDEX webhooks_dead ON webhooks (task, version) WHERE state = 'dead';
CREATE INDEX webhooks_age ON webhooks (at) WHERE state <> 'pending';

-- What webhooks are signed with. Each secret is sealed for the row's id; the one without an end is in force.

CREATE TABLE signing_secrets (
  id        BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
  tenant    BLOB NOT NULL,
  sealed_by TEXT NOT NULL,
  sealed    BLOB NOT NULL,
  made_at   INTEGER NOT NULL,
  ends_at   INTEGER,
  shown     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX signing_secrets_in_force ON signing_secrets (tenant) WHERE ends_at IS NULL;
CREATE INDEX signing_secrets_of_tenant ON signing_secrets (tenant, made_at);
