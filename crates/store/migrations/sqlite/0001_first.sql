-- The first schema. Ids are 16 bytes, big-endian, so that they sort by birth. Money is whole
-- micro-dollars. Moments are Unix milliseconds. STRICT: a sum that leaves 64 bits would become a
-- float, which no integer column takes.

CREATE TABLE tenants (
  id         BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
  name       TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What the lines of a tenant's two pockets add up to. `held` below zero would mean that a hold was
-- given back twice; `available` may be below zero by an excess, or for an unlimited tenant.
CREATE TABLE balances (
  tenant    BLOB PRIMARY KEY NOT NULL REFERENCES tenants (id),
  available INTEGER NOT NULL DEFAULT 0,
  held      INTEGER NOT NULL DEFAULT 0 CHECK (held >= 0),
  unlimited INTEGER NOT NULL DEFAULT 0 CHECK (unlimited IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE TABLE keys (
  id         BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
  tenant     BLOB NOT NULL REFERENCES tenants (id),
  name       TEXT NOT NULL,
  role       TEXT NOT NULL,
  hash       TEXT NOT NULL UNIQUE,
  hint       TEXT NOT NULL,
  dialect    TEXT,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  revoked_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
  name  TEXT PRIMARY KEY NOT NULL,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- A rowid table: rows of one or two kilobytes stay on their page here, where in an index tree
-- (WITHOUT ROWID) everything above a quarter of a page would spill. `open` is 1 until the state is
-- final. The narrow columns come first, so that a scan never reads a spilled wish.
CREATE TABLE tasks (
  id          BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
  tenant      BLOB NOT NULL CHECK (length(tenant) = 16),
  state       TEXT NOT NULL,
  open        INTEGER NOT NULL CHECK (open IN (0, 1)),
  version     INTEGER NOT NULL CHECK (version >= 1),
  due_at      INTEGER NOT NULL,
  deadline_at INTEGER NOT NULL,
  owner       TEXT,
  lane        TEXT NOT NULL,
  operation   TEXT NOT NULL,
  dialect     TEXT NOT NULL,
  external_id TEXT,
  created_at  INTEGER NOT NULL,
  course      TEXT NOT NULL,
  origin      TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX tasks_external ON tasks (tenant, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX tasks_of_tenant ON tasks (tenant, id DESC);
CREATE INDEX tasks_due ON tasks (state, lane, due_at, id) WHERE open = 1 AND owner IS NULL;
CREATE INDEX tasks_deadline ON tasks (state, deadline_at, id) WHERE open = 1;
CREATE INDEX tasks_owned ON tasks (owner) WHERE owner IS NOT NULL;

-- A node's lease covers all tasks that it owns: a heartbeat writes one row, not thousands.
CREATE TABLE nodes (
  node        TEXT PRIMARY KEY NOT NULL,
  lease_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Immutable. Every tenant's pocket of a line belongs to `tenant`; house pockets are summed from here.
CREATE TABLE lines (
  task        BLOB,
  tenant      BLOB,
  kind        TEXT NOT NULL,
  sequence    INTEGER NOT NULL CHECK (sequence >= 0),
  from_pocket TEXT NOT NULL,
  to_pocket   TEXT NOT NULL,
  amount      INTEGER NOT NULL CHECK (amount >= 0),
  at          INTEGER NOT NULL,
  note        TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX lines_of_task ON lines (task, kind, sequence) WHERE task IS NOT NULL;

CREATE TABLE idempotency (
  scope     TEXT NOT NULL,
  key       TEXT NOT NULL,
  body_hash TEXT NOT NULL,
  task      BLOB NOT NULL,
  at        INTEGER NOT NULL,
  head      TEXT NOT NULL,
  body      BLOB NOT NULL,
  UNIQUE (scope, key)
) STRICT;

CREATE INDEX idempotency_age ON idempotency (at);

-- The outbox. The body is rendered once, by the first delivery.
CREATE TABLE webhooks (
  id      TEXT NOT NULL UNIQUE,
  task    BLOB NOT NULL,
  tenant  BLOB NOT NULL,
  version INTEGER NOT NULL,
  event   TEXT NOT NULL,
  url     TEXT NOT NULL,
  at      INTEGER NOT NULL,
  state   TEXT NOT NULL DEFAULT 'pending',
  body    BLOB
) STRICT;

CREATE INDEX webhooks_of_task ON webhooks (task, version);

CREATE TABLE usage (
  task          BLOB NOT NULL UNIQUE,
  tenant        BLOB NOT NULL,
  key           BLOB NOT NULL,
  model         TEXT NOT NULL,
  operation     TEXT NOT NULL,
  outcome       TEXT NOT NULL,
  quantity      INTEGER NOT NULL,
  charge_micros INTEGER NOT NULL,
  at            INTEGER NOT NULL
) STRICT;

-- AUTOINCREMENT: a wire id is never given twice, not even after its item is gone. Nine digits, as
-- the vendor's own.
CREATE TABLE items (
  wire_id    INTEGER PRIMARY KEY AUTOINCREMENT,
  id         BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
  tenant     BLOB NOT NULL REFERENCES tenants (id),
  kind       TEXT NOT NULL,
  account    TEXT,
  vendor_ref TEXT,
  task       BLOB,
  state      TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  detail     TEXT NOT NULL
) STRICT;

CREATE INDEX items_of_tenant ON items (tenant, kind, id DESC);
INSERT INTO sqlite_sequence (name, seq) VALUES ('items', 820000000);

-- `used` is 1 as soon as any task uses the blob; it spares the sweep a walk over all blobs in use.
CREATE TABLE blobs (
  key       TEXT PRIMARY KEY NOT NULL,
  bytes     INTEGER NOT NULL CHECK (bytes >= 0),
  staged_at INTEGER NOT NULL,
  used      INTEGER NOT NULL DEFAULT 0 CHECK (used IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE INDEX blobs_staged ON blobs (staged_at) WHERE used = 0;

CREATE TABLE blob_uses (
  key  TEXT NOT NULL,
  task BLOB NOT NULL,
  PRIMARY KEY (key, task)
) STRICT, WITHOUT ROWID;
