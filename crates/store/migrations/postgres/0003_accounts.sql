-- Accounts that were enrolled while the gateway runs. `terms` is JSON as it was written. The secrets are
-- sealed for the row's id; `sealed_by` names the master key. A row outlives its account, for the tasks that
-- name it, and then has no secrets.

CREATE TABLE accounts (
  id         BYTEA PRIMARY KEY CHECK (length(id) = 16),
  name       TEXT COLLATE "C" NOT NULL,
  provider   TEXT NOT NULL,
  duty       TEXT NOT NULL,
  login      TEXT,
  terms      TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  sealed_by  TEXT CHECK ((sealed_by IS NULL) = (sealed IS NULL)),
  sealed     BYTEA CHECK (sealed IS NULL OR duty <> 'removed')
);

CREATE UNIQUE INDEX accounts_name ON accounts (name) WHERE duty <> 'removed';
