//! SQL that every database of this room understands: rows of one noun, read or written one at a time.
//! Parameters are written `$1`, `$2` …, and first appear in that order, which is how SQLite numbers
//! them. What a database does in its own way is in its own folder.

use domain::StateWord;

/// One task by its id.
pub(crate) const TASK: &str = "SELECT id, version, course, origin FROM tasks WHERE id = $1";

/// A tenant's task by the tenant's own name for it.
pub(crate) const TASK_BY_EXTERNAL_ID: &str = "SELECT id FROM tasks WHERE tenant = $1 AND external_id = $2";

/// The states that a deadline can end; the others end by themselves.
pub(crate) const BY_DEADLINE: [StateWord; 4] = [
    StateWord::Ingesting,
    StateWord::Queued,
    StateWord::Unknown,
    StateWord::Running,
];

/// One state's part of what is overdue; the literal lets the partial index serve it.
pub(crate) const OVERDUE: &str = "SELECT deadline_at, id FROM tasks
  WHERE open = 1 AND state = $1 AND deadline_at <= $2 ORDER BY deadline_at, id LIMIT $3";

/// Final rows with a due moment are those that await a late result; the literals let the partial index serve.
pub(crate) const LATE_LOOKS: &str = "SELECT due_at, id FROM tasks
  WHERE open = 0 AND due_at > 0 AND due_at <= $1 ORDER BY due_at, id LIMIT $2";

pub(crate) const MOVE_LATE_LOOK: &str =
    "UPDATE tasks SET due_at = $1 WHERE id = $2 AND open = 0 AND due_at > 0 AND due_at = $3";

/// Where a walk over all tasks ends: the id of the last one that it looks at, when there are so many.
pub(crate) const WALK_END: &str = "SELECT id FROM tasks WHERE id < $1 ORDER BY id DESC LIMIT 1 OFFSET $2";

pub(crate) const LEASE: &str = "SELECT tasks.owner, coalesce(nodes.lease_until, 0)
  FROM tasks LEFT JOIN nodes ON nodes.node = tasks.owner
  WHERE tasks.id = $1 AND tasks.owner IS NOT NULL";

/// How many wait in a lane, and how many of them before a task, counted up to a bound.
pub(crate) const AHEAD: &str = "SELECT count(*), count(CASE WHEN waiting.id < $1 THEN 1 END)
  FROM (SELECT id FROM tasks
        WHERE open = 1 AND owner IS NULL AND state = 'queued' AND lane = $2 LIMIT $3) AS waiting";

pub(crate) const KEPT: &str = "SELECT count(*), CAST(coalesce(sum(bytes), 0) AS BIGINT) FROM blobs";

pub(crate) const CENSUS: &str = "SELECT state, count(*) FROM tasks WHERE open = 1 GROUP BY state";

/// What waits in the queue, counted in the order of the index; the literals let it serve.
pub(crate) const WAITING: &str = "SELECT lane, tenant, due_at / $1, count(*) FROM tasks
  WHERE open = 1 AND owner IS NULL AND state = 'queued'
  GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 LIMIT $2";

pub(crate) const PING: &str = "SELECT coalesce(max(step), 0) FROM schema_steps";

/// A claim never shortens what a heartbeat gave.
pub(crate) const CLAIMED: &str = "INSERT INTO nodes (node, lease_until) VALUES ($1, $2)
  ON CONFLICT (node) DO UPDATE SET lease_until =
    CASE WHEN nodes.lease_until > excluded.lease_until THEN nodes.lease_until ELSE excluded.lease_until END";

/// A heartbeat sets the lease as it is told, so that a clock that was wrong once does no lasting harm.
pub(crate) const HEARTBEAT: &str = "INSERT INTO nodes (node, lease_until) VALUES ($1, $2)
  ON CONFLICT (node) DO UPDATE SET lease_until = excluded.lease_until";

/// The lanes of a state, by one seek each.
pub(crate) const LANES: &str = "WITH RECURSIVE lanes (lane) AS (
    SELECT min(lane) FROM tasks WHERE open = 1 AND owner IS NULL AND state = $1
    UNION ALL
    SELECT (SELECT min(lane) FROM tasks
            WHERE open = 1 AND owner IS NULL AND state = $1 AND lane > lanes.lane)
    FROM lanes WHERE lanes.lane IS NOT NULL)
  SELECT lane FROM lanes WHERE lane IS NOT NULL";

pub(crate) const OWNED: &str = "SELECT count(*) FROM tasks WHERE owner = $1 AND owner IS NOT NULL";

pub(crate) const FORGET_NODES: &str = "DELETE FROM nodes WHERE lease_until < $1
  AND NOT EXISTS (SELECT 1 FROM tasks WHERE owner = nodes.node AND owner IS NOT NULL)";

pub(crate) const USED: &str = "SELECT spent, open FROM spending WHERE holder = $1 AND day = $2";

/// What a tenant and its keys have used, as it is kept.
pub(crate) const USED_BY_TENANT: &str = "SELECT holder, day, spent, open FROM spending WHERE holder IN
  (SELECT id FROM tenants WHERE id = $1 UNION ALL SELECT id FROM keys WHERE tenant = $1)";

/// What nobody used: the holder is no tenant and no key.
pub(crate) const USED_BY_NOBODY: &str = "SELECT holder, day, spent, open FROM spending
  WHERE (spent <> 0 OR open <> 0) AND NOT EXISTS (SELECT 1 FROM tenants WHERE id = spending.holder)
    AND NOT EXISTS (SELECT 1 FROM keys WHERE id = spending.holder)";

/// Replaces what is kept of a holder and day.
pub(crate) const SET_USED: &str = "INSERT INTO spending (holder, day, spent, open) VALUES ($1, $2, $3, $4)
  ON CONFLICT (holder, day) DO UPDATE SET spent = excluded.spent, open = excluded.open";

/// Unfinished tasks of a tenant by the keys in whose names they are counted, as in [`proof::OPEN_TASKS`].
pub(crate) const OPEN_TASKS_OF_TENANT: &str =
    "SELECT t.tenant, {holder}, count(*) FROM tasks t WHERE t.open = 1 AND t.tenant = $1 GROUP BY 1, 2";

pub(crate) const BALANCE: &str = "SELECT available, held, unlimited FROM balances WHERE tenant = $1";

/// The lines of a task; [`Numbering`] says by what they are ordered.
pub(crate) const LINES_OF_TASK: &str =
    "SELECT tenant, kind, sequence, from_pocket, to_pocket, amount, at, note
  FROM lines WHERE task = $1 ORDER BY {line}";

pub(crate) const REPEAT: &str =
    "SELECT body_hash, task, head, body FROM idempotency WHERE scope = $1 AND key = $2 AND at >= $3";

pub(crate) const FORGET_REPEATS: &str = "DELETE FROM idempotency WHERE (scope, key) IN
  (SELECT scope, key FROM idempotency WHERE at < $1 ORDER BY at LIMIT $2)";

pub(crate) const CREATE_TENANT: &str =
    "INSERT INTO tenants (id, name, created_at, terms) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";

pub(crate) const CREATE_PURSE: &str = "INSERT INTO balances (tenant, unlimited) VALUES ($1, $2)";

pub(crate) const TENANTS: &str = "SELECT t.id, t.name, b.unlimited, t.created_at, t.terms
  FROM tenants t JOIN balances b ON b.tenant = t.id ORDER BY t.name";

pub(crate) const TENANT: &str = "SELECT t.id, t.name, b.unlimited, t.created_at, t.terms
  FROM tenants t JOIN balances b ON b.tenant = t.id WHERE t.id = $1";

pub(crate) const TENANT_TERMS: &str = "SELECT terms FROM tenants WHERE id = $1";

pub(crate) const SET_TENANT_TERMS: &str = "UPDATE tenants SET terms = $1 WHERE id = $2";

pub(crate) const SET_UNLIMITED: &str = "UPDATE balances SET unlimited = $1 WHERE tenant = $2";

pub(crate) const KEY_TERMS: &str = "SELECT terms FROM keys WHERE id = $1";

pub(crate) const SET_KEY_TERMS: &str = "UPDATE keys SET terms = $1 WHERE id = $2";

/// A key that ends earlier already keeps its end.
pub(crate) const END_KEY: &str = "UPDATE keys SET expires_at =
    CASE WHEN expires_at IS NULL OR expires_at > $1 THEN $1 ELSE expires_at END
  WHERE id = $2 AND revoked_at IS NULL";

pub(crate) const CREATE_KEY: &str =
    "INSERT INTO keys (id, tenant, name, role, hash, hint, dialect, created_at,
    expires_at, revoked_at, access, sealed_by, sealed, terms, holder)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
  ON CONFLICT DO NOTHING";

pub(crate) const KEY_BY_HASH: &str = "SELECT id, tenant, name, role, hash, hint, dialect, created_at,
    expires_at, revoked_at, access, sealed_by, sealed, terms, holder FROM keys WHERE hash = $1 AND access IS NULL";

pub(crate) const KEY_BY_ACCESS: &str = "SELECT id, tenant, name, role, hash, hint, dialect, created_at,
    expires_at, revoked_at, access, sealed_by, sealed, terms, holder FROM keys WHERE access = $1";

pub(crate) const KEYS: &str = "SELECT id, tenant, name, role, hash, hint, dialect, created_at, expires_at,
    revoked_at, access, sealed_by, sealed, terms, holder
  FROM keys ORDER BY created_at, id";

pub(crate) const KEYS_OF_TENANT: &str = "SELECT id, tenant, name, role, hash, hint, dialect, created_at,
    expires_at, revoked_at, access, sealed_by, sealed, terms, holder
  FROM keys WHERE tenant = $1 ORDER BY created_at, id";

pub(crate) const REVOKE_KEY: &str = "UPDATE keys SET revoked_at = coalesce(revoked_at, $1) WHERE id = $2";

pub(crate) const ENROL: &str = "INSERT INTO accounts (id, name, provider, duty, login, terms, created_at,
    changed_at, sealed_by, sealed)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
  ON CONFLICT DO NOTHING";

pub(crate) const IS_ENROLLED: &str = "SELECT count(*) FROM accounts WHERE id = $1";

pub(crate) const ENROLLED: &str = "SELECT id, name, provider, duty, login, terms, created_at, changed_at,
    sealed_by, sealed FROM accounts ORDER BY created_at, id";

pub(crate) const SET_DUTY: &str = "UPDATE accounts SET duty = $1, changed_at = $2
  WHERE id = $3 AND duty <> 'removed'";

pub(crate) const REMOVE_ACCOUNT: &str =
    "UPDATE accounts SET duty = 'removed', changed_at = $1, sealed_by = NULL, sealed = NULL
  WHERE id = $2 AND duty <> 'removed'";

/// Whether a task may be in flight at an account. `{account}` is how the database reads the account out of
/// a task's course.
pub(crate) const IS_IN_USE: &str = "SELECT CAST(CASE WHEN
    EXISTS (SELECT 1 FROM tasks WHERE state IN ('submitting', 'unknown', 'running') AND {account} = $1)
    OR EXISTS (SELECT 1 FROM tasks WHERE open = 1 AND state = 'settling' AND {account} = $1)
  THEN 1 ELSE 0 END AS BIGINT)";

pub(crate) const KEEP_EDITION: &str =
    "INSERT INTO price_books (version, effective_at, loaded_at, loaded_by, book)
  VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";

pub(crate) const EDITIONS: &str = "SELECT version, effective_at, loaded_at, loaded_by FROM price_books
  ORDER BY effective_at DESC, loaded_at DESC, version DESC LIMIT $1";

pub(crate) const EDITION: &str = "SELECT version, effective_at, loaded_at, loaded_by, book FROM price_books
  WHERE version = $1";

pub(crate) const SETTING: &str = "SELECT value FROM settings WHERE name = $1";

pub(crate) const KEEP_SETTING: &str =
    "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING";

pub(crate) const CREATE_ITEM: &str = "INSERT INTO items (id, tenant, kind, account, vendor_ref, task, state,
    created_at, expires_at, detail)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
  ON CONFLICT (id) DO NOTHING RETURNING wire_id";

pub(crate) const UPDATE_ITEM: &str =
    "UPDATE items SET state = $1, vendor_ref = $2, expires_at = $3, detail = $4
  WHERE id = $5 AND tenant = $6";

pub(crate) const ITEM: &str =
    "SELECT id, wire_id, tenant, kind, account, vendor_ref, task, state, created_at,
    expires_at, detail FROM items
  WHERE tenant = $1 AND id = $2 AND state <> 'deleted'";

pub(crate) const ITEM_BY_WIRE_ID: &str = "SELECT id, wire_id, tenant, kind, account, vendor_ref, task, state,
    created_at, expires_at, detail FROM items
  WHERE tenant = $1 AND wire_id = $2 AND state <> 'deleted'";

pub(crate) const ITEMS: &str =
    "SELECT id, wire_id, tenant, kind, account, vendor_ref, task, state, created_at,
    expires_at, detail FROM items
  WHERE tenant = $1 AND kind = $2 AND state <> 'deleted' ORDER BY id DESC LIMIT $3 OFFSET $4";

/// Staging again starts the while anew. A task may have used the key before it was staged here.
pub(crate) const STAGE_BLOB: &str = "INSERT INTO blobs (key, bytes, staged_at, used)
  VALUES ($1, $2, $3, CASE WHEN EXISTS (SELECT 1 FROM blob_uses WHERE key = $1) THEN 1 ELSE 0 END)
  ON CONFLICT (key) DO UPDATE SET bytes = excluded.bytes, staged_at =
    CASE WHEN blobs.staged_at > excluded.staged_at THEN blobs.staged_at ELSE excluded.staged_at END";

/// `used` narrows the walk; the look at the uses themselves is what decides. It is asked once more of the
/// row as it is deleted: a task may begin to use the blob meanwhile.
pub(crate) const ABANDON_BLOBS: &str = "DELETE FROM blobs WHERE used = 0 AND key IN
    (SELECT key FROM blobs WHERE used = 0 AND staged_at < $1
       AND NOT EXISTS (SELECT 1 FROM blob_uses WHERE blob_uses.key = blobs.key)
     ORDER BY staged_at LIMIT $2)
  RETURNING key";

/// What an erased task leaves behind is forgotten with it. Keys of one task only: nothing is searched for.
pub(crate) mod erasure {
    pub(crate) const TASK: &str = "UPDATE tasks SET erased = 1, origin = $1 WHERE id = $2";

    /// By the moment, for which there is an index: a record is kept with its task.
    pub(crate) const REPEAT: &str = "UPDATE idempotency SET head = $1, body = $2 WHERE at = $3 AND task = $4";

    /// Nobody wants to hear of it any more.
    pub(crate) const WEBHOOKS: &str = "UPDATE webhooks SET url = '', host = '', body = NULL, note = NULL,
        state = CASE WHEN state = 'pending' THEN 'superseded' ELSE state END
      WHERE task = $1";

    pub(crate) const BLOB_USE: &str = "DELETE FROM blob_uses WHERE key = $1 AND task = $2";

    /// What no task uses any more is swept in its time.
    pub(crate) const BLOB: &str = "UPDATE blobs SET used = 0 WHERE key = $1 AND used = 1
      AND NOT EXISTS (SELECT 1 FROM blob_uses WHERE blob_uses.key = blobs.key)";
}

/// What the books are proved with. All but the last two are asked part by part: of tasks by their ids, of
/// lines by their numbers.
pub(crate) mod proof {
    /// Tasks behind one, each with its lines by kind. Both commit together, so that a part is true by itself.
    pub(crate) const TASKS: &str = "SELECT t.id, t.state, t.open,
        count(*) FILTER (WHERE l.kind = 'hold'),
        CAST(coalesce(sum(l.amount) FILTER (WHERE l.kind = 'hold'), 0) AS BIGINT),
        CAST(coalesce(sum(l.amount) FILTER (WHERE l.kind = 'charge'), 0) AS BIGINT),
        CAST(coalesce(sum(l.amount) FILTER (WHERE l.kind = 'release'), 0) AS BIGINT),
        count(*) FILTER (WHERE l.kind IN ('charge', 'release')),
        count(*) FILTER (WHERE l.tenant IS NOT NULL AND l.tenant <> t.tenant)
      FROM (SELECT id, tenant, state, open FROM tasks WHERE id > $1 ORDER BY id LIMIT $2) t
      LEFT JOIN lines l ON l.task = t.id AND l.task IS NOT NULL
      GROUP BY t.id, t.state, t.open, t.tenant ORDER BY t.id";

    /// What the lines of a part move, by tenant: how many, of `available`, of `held`, of the house.
    pub(crate) const LINES: &str = "SELECT tenant, count(*),
        CAST(sum(CASE to_pocket WHEN 'tenant:available' THEN amount ELSE 0 END)
          - sum(CASE from_pocket WHEN 'tenant:available' THEN amount ELSE 0 END) AS BIGINT),
        CAST(sum(CASE to_pocket WHEN 'tenant:held' THEN amount ELSE 0 END)
          - sum(CASE from_pocket WHEN 'tenant:held' THEN amount ELSE 0 END) AS BIGINT),
        CAST(sum(CASE WHEN to_pocket LIKE 'house:%' THEN amount ELSE 0 END)
          - sum(CASE WHEN from_pocket LIKE 'house:%' THEN amount ELSE 0 END) AS BIGINT)
      FROM lines WHERE {line} > $1 AND {line} <= $2 GROUP BY tenant";

    pub(crate) const STRAY_LINES: &str = "SELECT l.task, count(*) FROM lines l
      WHERE l.{line} > $1 AND l.{line} <= $2 AND l.task IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.id = l.task)
      GROUP BY l.task";

    pub(crate) const WRONG_LINES: &str = "SELECT {line}, kind, amount FROM lines
      WHERE {line} > $1 AND {line} <= $2 AND (amount < 0
        OR tenant IS NULL AND (from_pocket LIKE 'tenant:%' OR to_pocket LIKE 'tenant:%'))";

    /// What a part of the lines says that keys and tenants used, by the day on which their tasks were born.
    pub(crate) const SPENT: &str = "SELECT t.tenant, {holder}, t.created_at / 86400000,
        CAST(sum(CASE l.kind WHEN 'release' THEN -l.amount ELSE l.amount END) AS BIGINT)
      FROM lines l JOIN tasks t ON t.id = l.task
      WHERE l.{line} > $1 AND l.{line} <= $2 AND l.kind IN ('hold', 'release', 'excess')
      GROUP BY 1, 2, 3";

    /// Unfinished tasks by tenant and key.
    pub(crate) const OPEN_TASKS: &str =
        "SELECT t.tenant, {holder}, count(*) FROM tasks t WHERE t.open = 1 GROUP BY 1, 2";

    /// What keys and tenants used, as it is kept.
    pub(crate) const SPENDING: &str = "SELECT holder, day, spent, open FROM spending";

    /// Tenants' pockets as they are kept.
    pub(crate) const PURSES: &str = "SELECT tenant, available, held FROM balances ORDER BY tenant";

    /// What open tasks hold, by tenant: as many rows as there are open tasks are read, however long the books.
    pub(crate) const OPEN_HOLDS: &str = "SELECT t.tenant, CAST(sum(l.amount) AS BIGINT)
      FROM tasks t JOIN lines l ON l.task = t.id AND l.kind = 'hold'
      WHERE t.open = 1 GROUP BY t.tenant";
}

/// The column that numbers a database's lines as they were booked, and how it reads in whose name a task is
/// counted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Numbering {
    pub(crate) line: &'static str,
    /// The first key of the line of the task's key, out of the task's wish, as bytes.
    pub(crate) holder: &'static str,
}

impl Numbering {
    /// SQL with this database's column.
    pub(crate) fn of(self, sql: &str) -> String {
        sql.replace("{line}", self.line).replace("{holder}", self.holder)
    }
}
