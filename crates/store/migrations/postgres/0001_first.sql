-- The first schema. Ids are 16 bytes, big-endian, so that they sort by birth. Money is whole
-- micro-dollars. Moments are Unix milliseconds. Numbers and flags are BIGINT throughout, and words that
-- are put in order are compared by their bytes, so that rows read as they do in the other database.

CREATE TABLE tenants (
  id         BYTEA PRIMARY KEY CHECK (length(id) = 16),
  name       TEXT COLLATE "C" NOT NULL UNIQUE,
  created_at BIGINT NOT NULL
);

-- What the lines of a tenant's two pockets add up to. `held` below zero would mean that a hold was
-- given back twice; `available` may be below zero by an excess, or for an unlimited tenant. Rows are
-- rewritten all the time, in place as long as their page has room.
CREATE TABLE balances (
  tenant    BYTEA PRIMARY KEY REFERENCES tenants (id),
  available BIGINT NOT NULL DEFAULT 0,
  held      BIGINT NOT NULL DEFAULT 0 CHECK (held >= 0),
  unlimited BIGINT NOT NULL DEFAULT 0 CHECK (unlimited IN (0, 1))
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);

CREATE TABLE keys (
  id         BYTEA PRIMARY KEY CHECK (length(id) = 16),
  tenant     BYTEA NOT NULL REFERENCES tenants (id),
  name       TEXT NOT NULL,
  role       TEXT NOT NULL,
  hash       TEXT NOT NULL UNIQUE,
  hint       TEXT NOT NULL,
  dialect    TEXT,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  revoked_at BIGINT,
  access     TEXT,
  sealed_by  TEXT CHECK ((sealed_by IS NULL) = (access IS NULL)),
  sealed     BYTEA CHECK ((sealed IS NULL) = (access IS NULL))
);

CREATE UNIQUE INDEX keys_access ON keys (access) WHERE access IS NOT NULL;

CREATE TABLE settings (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

-- `open` is 1 until the state is final. Texts are JSON as it was written: a vendor's numbers ride along
-- verbatim, which the JSON types do not promise.
CREATE TABLE tasks (
  id          BYTEA CONSTRAINT tasks_id PRIMARY KEY CHECK (length(id) = 16),
  tenant      BYTEA NOT NULL CHECK (length(tenant) = 16),
  state       TEXT COLLATE "C" NOT NULL,
  open        BIGINT NOT NULL CHECK (open IN (0, 1)),
  version     BIGINT NOT NULL CHECK (version >= 1),
  due_at      BIGINT NOT NULL,
  deadline_at BIGINT NOT NULL,
  owner       TEXT COLLATE "C",
  lane        TEXT COLLATE "C" NOT NULL,
  operation   TEXT NOT NULL,
  dialect     TEXT NOT NULL,
  external_id TEXT COLLATE "C",
  created_at  BIGINT NOT NULL,
  course      TEXT NOT NULL,
  origin      TEXT NOT NULL
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);

CREATE UNIQUE INDEX tasks_external ON tasks (tenant, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX tasks_of_tenant ON tasks (tenant, id DESC);
CREATE INDEX tasks_due ON tasks (state, lane, due_at, id) WHERE open = 1 AND owner IS NULL;
CREATE INDEX tasks_deadline ON tasks (state, deadline_at, id) WHERE open = 1;
CREATE INDEX tasks_owned ON tasks (owner) WHERE owner IS NOT NULL;

-- A node's lease covers all tasks that it owns: a heartbeat writes one row, not thousands.
CREATE TABLE nodes (
  node        TEXT COLLATE "C" PRIMARY KEY,
  lease_until BIGINT NOT NULL
) WITH (fillfactor = 50);

-- Immutable. Every tenant's pocket of a line belongs to `tenant`; house pockets are summed from here.
CREATE TABLE lines (
  number      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  task        BYTEA,
  tenant      BYTEA,
  kind        TEXT NOT NULL,
  sequence    BIGINT NOT NULL CHECK (sequence >= 0),
  from_pocket TEXT NOT NULL,
  to_pocket   TEXT NOT NULL,
  amount      BIGINT NOT NULL CHECK (amount >= 0),
  at          BIGINT NOT NULL,
  note        TEXT NOT NULL
);

CREATE UNIQUE INDEX lines_of_task ON lines (task, kind, sequence) WHERE task IS NOT NULL;

CREATE TABLE idempotency (
  scope     TEXT NOT NULL,
  key       TEXT NOT NULL,
  body_hash TEXT NOT NULL,
  task      BYTEA NOT NULL,
  at        BIGINT NOT NULL,
  head      TEXT NOT NULL,
  body      BYTEA NOT NULL,
  CONSTRAINT idempotency_key PRIMARY KEY (scope, key)
);

CREATE INDEX idempotency_age ON idempotency (at);

-- The outbox. The body is rendered once, by the first delivery.
CREATE TABLE webhooks (
  id      TEXT PRIMARY KEY,
  task    BYTEA NOT NULL,
  tenant  BYTEA NOT NULL,
  version BIGINT NOT NULL,
  event   TEXT NOT NULL,
  url     TEXT NOT NULL,
  at      BIGINT NOT NULL,
  state   TEXT NOT NULL DEFAULT 'pending',
  body    BYTEA
);

CREATE INDEX webhooks_of_task ON webhooks (task, version);

CREATE TABLE usage (
  task          BYTEA PRIMARY KEY,
  tenant        BYTEA NOT NULL,
  key           BYTEA NOT NULL,
  model         TEXT NOT NULL,
  operation     TEXT NOT NULL,
  outcome       TEXT NOT NULL,
  quantity      BIGINT NOT NULL,
  charge_micros BIGINT NOT NULL,
  at            BIGINT NOT NULL
);

-- A wire id is never given twice, not even after its item is gone. Nine digits, as the vendor's own.
CREATE TABLE items (
  wire_id    BIGINT GENERATED ALWAYS AS IDENTITY (START WITH 820000001) PRIMARY KEY,
  id         BYTEA NOT NULL UNIQUE CHECK (length(id) = 16),
  tenant     BYTEA NOT NULL REFERENCES tenants (id),
  kind       TEXT NOT NULL,
  account    TEXT,
  vendor_ref TEXT,
  task       BYTEA,
  state      TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  detail     TEXT NOT NULL
);

CREATE INDEX items_of_tenant ON items (tenant, kind, id DESC);

-- `used` is 1 as soon as any task uses the blob; it spares the sweep a walk over all blobs in use.
CREATE TABLE blobs (
  key       TEXT PRIMARY KEY,
  bytes     BIGINT NOT NULL CHECK (bytes >= 0),
  staged_at BIGINT NOT NULL,
  used      BIGINT NOT NULL DEFAULT 0 CHECK (used IN (0, 1))
);

CREATE INDEX blobs_staged ON blobs (staged_at) WHERE used = 0;

CREATE TABLE blob_uses (
  key  TEXT NOT NULL,
  task BYTEA NOT NULL,
  PRIMARY KEY (key, task)
);

-- What was committed, one row a batch, for the other processes: they read the rows that an earlier look
-- could not see yet. Numbered by the transaction, for a sequence's numbers do not become visible in
-- order. `at` is the server's own time; old rows go by it.
CREATE TABLE changes (
  xact     XID8 NOT NULL DEFAULT pg_current_xact_id(),
  at       TIMESTAMPTZ NOT NULL DEFAULT now(),
  tasks    BYTEA[] NOT NULL,
  versions BIGINT[] NOT NULL
);

CREATE INDEX changes_by_transaction ON changes (xact);
CREATE INDEX changes_age ON changes (at);
