-- Accounts that were enrolled while the gateway runs. `terms` is JSON as it was written. The secrets are
-- sealed for the row's id; `sealed_by` names the master key. A row outlives its account, for the tasks that
-- name it, and then has no secrets.

CREATE TABLE accounts (
  id         BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
  name       TEXT NOT NULL,
  provider   TEXT NOT NULL,
  duty       TEXT NOT NULL,
  login      TEXT,
  terms      TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  sealed_by  TEXT CHECK ((sealed_by IS NULL) = (sealed IS NULL)),
  sealed     BLOB CHECK (sealed IS NULL OR duty <> 'removed')
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX accounts_name ON accounts (name) WHERE duty <> 'removed';
