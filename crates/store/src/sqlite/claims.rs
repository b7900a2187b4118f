//! Leases: claiming due work, prolonging, giving back. What a task's change does to its lease is in
//! `tasks.rs`.

use std::sync::Arc;

use domain::store::{Claim, StoreError};
use domain::{Millis, StateWord, Task, TaskId};
use rusqlite::{Connection, params};

use crate::cache::TaskCache;
use crate::rows::{self, IdBytes};
use crate::sqlite::writer::Written;
use crate::sqlite::{fault, lists};

/// Most rows in one claim, whatever is asked.
const CLAIM_MOST: usize = 1_024;
/// Most rows that one claim takes from dead nodes; the next claims take the rest.
const TAKE_OVER_MOST: i64 = 4_096;

/// Rows of nodes whose lease is over are nobody's from then on.
const TAKE_OVER: &str = "UPDATE tasks SET owner = NULL WHERE rowid IN
  (SELECT rowid FROM tasks
   WHERE owner IS NOT NULL AND owner IN (SELECT value FROM json_each(?1)) LIMIT ?2)";

const DEAD: &str = "SELECT json_group_array(node), count(*) FROM nodes WHERE lease_until < ?1";
const FORGET_NODE: &str = "DELETE FROM nodes WHERE lease_until < ?1
  AND NOT EXISTS (SELECT 1 FROM tasks WHERE owner = nodes.node AND owner IS NOT NULL)";

/// The lanes of a state, by one seek each.
const LANES: &str = "WITH RECURSIVE lanes (lane) AS (
    SELECT min(lane) FROM tasks WHERE open = 1 AND owner IS NULL AND state = ?1
    UNION ALL
    SELECT (SELECT min(lane) FROM tasks
            WHERE open = 1 AND owner IS NULL AND state = ?1 AND lane > lanes.lane)
    FROM lanes WHERE lanes.lane IS NOT NULL)
  SELECT lane FROM lanes WHERE lane IS NOT NULL";

const DUE: &str = "SELECT due_at, id FROM tasks
  WHERE open = 1 AND owner IS NULL AND state = ?1 AND lane = ?2 AND due_at <= ?3
  ORDER BY due_at, id LIMIT ?4";

const LEASE: &str = "UPDATE tasks SET owner = ?2, version = version + 1 WHERE id = ?1
  RETURNING id, version, course, origin";

/// A claim never shortens what a heartbeat gave.
const CLAIMED: &str = "INSERT INTO nodes (node, lease_until) VALUES (?1, ?2)
  ON CONFLICT (node) DO UPDATE SET lease_until = max(lease_until, excluded.lease_until)";

/// A heartbeat sets the lease as it is told, so that a clock that was wrong once does no lasting harm.
const HEARTBEAT: &str = "INSERT INTO nodes (node, lease_until) VALUES (?1, ?2)
  ON CONFLICT (node) DO UPDATE SET lease_until = excluded.lease_until";

const OWNED: &str = "SELECT count(*) FROM tasks WHERE owner = ?1 AND owner IS NOT NULL";
const RELEASE_ALL: &str = "UPDATE tasks SET owner = NULL WHERE owner = ?1 AND owner IS NOT NULL";
const RELEASE: &str = "UPDATE tasks SET owner = NULL WHERE id = ?2 AND owner = ?1";

/// Leases due rows to a node.
pub(super) fn claim(
    conn: &Connection,
    cache: &TaskCache,
    claim: &Claim,
) -> Result<Written<Vec<Arc<Task>>>, StoreError> {
    bury(conn, claim.now)?;
    let mut leased = Vec::new();
    for id in due(conn, claim)? {
        match lease(conn, cache, id, &claim.node) {
            Ok(task) => leased.push(task),
            // One row that cannot be read must not stop all others. It stays leased, so that it does
            // not come first again and again; whoever asks for it hears that it is corrupt.
            Err(StoreError::Corrupt(reason)) => tracing::error!(reason, "store.corrupt_row_claimed"),
            Err(error) => return Err(error),
        }
    }
    if !leased.is_empty() {
        prolong(conn, CLAIMED, &claim.node, claim.lease_until)?;
    }
    Ok(Written {
        tasks: leased.clone(),
        answer: leased,
    })
}

fn bury(conn: &Connection, now: Millis) -> Result<(), StoreError> {
    let fault = fault::of("leases of dead nodes");
    let mut statement = conn.prepare_cached(DEAD).map_err(&fault)?;
    let dead = statement.query_row([now.0], |row| Ok((row.get(0)?, row.get(1)?)));
    let (dead, count): (String, i64) = dead.map_err(&fault)?;
    if count == 0 {
        return Ok(());
    }
    let mut statement = conn.prepare_cached(TAKE_OVER).map_err(&fault)?;
    statement.execute(params![dead, TAKE_OVER_MOST]).map_err(&fault)?;
    let mut statement = conn.prepare_cached(FORGET_NODE).map_err(&fault)?;
    statement.execute([now.0]).map(drop).map_err(&fault)
}

/// The ids to lease, oldest due first, then oldest born. One look for each state and lane: each walks
/// its part of the index from its start and stops at the limit, however long the queue is.
fn due(conn: &Connection, claim: &Claim) -> Result<Vec<IdBytes>, StoreError> {
    let fault = fault::of("due tasks");
    let limit = claim.limit.min(CLAIM_MOST);
    let mut due: Vec<(i64, IdBytes)> = Vec::new();
    let mut statement = conn.prepare_cached(DUE).map_err(&fault)?;
    let mut states = claim.states.clone();
    states.sort_unstable();
    states.dedup();
    for state in states.into_iter().filter(|state| !state.is_final()) {
        let mut lanes = match &claim.lanes {
            Some(lanes) => lanes.clone(),
            None => lanes_of(conn, state)?,
        };
        lanes.sort_unstable();
        lanes.dedup();
        for lane in lanes {
            let found = statement.query(params![state.word(), lane, claim.now.0, rows::bound(limit)]);
            let mut found = found.map_err(&fault)?;
            while let Some(row) = found.next().map_err(&fault)? {
                due.push((row.get(0).map_err(&fault)?, row.get(1).map_err(&fault)?));
            }
        }
    }
    due.sort_unstable();
    Ok(due.into_iter().take(limit).map(|(_, id)| id).collect())
}

fn lanes_of(conn: &Connection, state: StateWord) -> Result<Vec<String>, StoreError> {
    let fault = fault::of("lanes");
    let mut statement = conn.prepare_cached(LANES).map_err(&fault)?;
    let lanes = statement
        .query_map([state.word()], |row| row.get(0))
        .map_err(&fault)?;
    lanes.collect::<rusqlite::Result<_>>().map_err(&fault)
}

/// Leases one row. A task that is in memory in the version before is not decoded again.
fn lease(conn: &Connection, cache: &TaskCache, id: IdBytes, node: &str) -> Result<Arc<Task>, StoreError> {
    let fault = fault::of("a lease");
    let mut statement = conn.prepare_cached(LEASE).map_err(&fault)?;
    let mut leased = statement.query(params![id, node]).map_err(&fault)?;
    let row = leased.next().map_err(&fault)?;
    let row = row.ok_or_else(|| StoreError::Corrupt("a due row is gone".to_owned()))?;
    let version: i64 = row.get(1).map_err(&fault)?;
    let cached = cache.get(TaskId(rows::id_of(&id)?));
    let before = cached.filter(|task| rows::signed(task.course.version, "version") == Ok(version - 1));
    let task = match before {
        Some(before) => {
            let mut task = Task::clone(&before);
            task.course.version += 1;
            Ok(Arc::new(task))
        }
        None => lists::task_of(row, cache),
    };
    // SQLite has changed the row before it returns it; the statement is run to its end all the same.
    while leased.next().map_err(&fault)?.is_some() {}
    task
}

fn prolong(conn: &Connection, sql: &str, node: &str, lease_until: Millis) -> Result<(), StoreError> {
    let fault = fault::of("a node's lease");
    let mut statement = conn.prepare_cached(sql).map_err(&fault)?;
    statement
        .execute(params![node, lease_until.0])
        .map(drop)
        .map_err(&fault)
}

/// Prolongs the node's lease; how many tasks it covers.
pub(super) fn heartbeat(conn: &Connection, node: &str, lease_until: Millis) -> Result<u64, StoreError> {
    prolong(conn, HEARTBEAT, node, lease_until)?;
    let fault = fault::of("a node's tasks");
    let mut statement = conn.prepare_cached(OWNED).map_err(&fault)?;
    let owned: i64 = statement.query_row([node], |row| row.get(0)).map_err(&fault)?;
    rows::unsigned(owned, "a count")
}

/// Gives leases back. Versions stay: the next claim raises them, and until then nobody else works on
/// the rows.
pub(super) fn release(conn: &Connection, node: &str, tasks: Option<&[TaskId]>) -> Result<u64, StoreError> {
    let fault = fault::of("a release");
    let Some(tasks) = tasks else {
        let mut statement = conn.prepare_cached(RELEASE_ALL).map_err(&fault)?;
        return Ok(statement.execute([node]).map_err(&fault)? as u64);
    };
    let mut statement = conn.prepare_cached(RELEASE).map_err(&fault)?;
    let mut released = 0;
    for task in tasks {
        released += statement
            .execute(params![node, rows::id_bytes(task.0)])
            .map_err(&fault)?;
    }
    Ok(released as u64)
}
