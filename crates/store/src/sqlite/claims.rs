//! Leases: claiming due work, prolonging, giving back. What a task's change does to its lease is in
//! `tasks.rs`.

use std::sync::Arc;

use domain::store::{Claim, StoreError};
use domain::{Millis, StateWord, Task, TaskId};
use rusqlite::{Connection, params};

use crate::cache::{TaskCache, Written};
use crate::nouns::{self, Columns};
use crate::sqlite::{cells, fault};
use crate::{rows, sql};

/// Most rows that one claim takes from dead nodes; the next claims take the rest.
const TAKE_OVER_MOST: i64 = 4_096;

/// Rows of nodes whose lease is over are nobody's from then on.
const TAKE_OVER: &str = "UPDATE tasks SET owner = NULL WHERE rowid IN
  (SELECT rowid FROM tasks
   WHERE owner IS NOT NULL AND owner IN (SELECT value FROM json_each(?1)) LIMIT ?2)";

const DEAD: &str = "SELECT json_group_array(node), count(*) FROM nodes WHERE lease_until < ?1";
const DUE: &str = "SELECT due_at, id FROM tasks
  WHERE open = 1 AND owner IS NULL AND state = ?1 AND lane = ?2 AND due_at <= ?3
  ORDER BY due_at, id LIMIT ?4";

const LEASE: &str = "UPDATE tasks SET owner = ?2, version = version + 1 WHERE id = ?1
  RETURNING id, version, course, origin";

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
        prolong(conn, sql::CLAIMED, &claim.node, claim.lease_until)?;
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
    cells::run(conn, "dead nodes", sql::FORGET_NODES, [now.0]).map(drop)
}

/// The ids to lease, oldest due first, then oldest born. One look for each state and lane: each walks
/// its part of the index from its start and stops at the limit, however long the queue is.
fn due(conn: &Connection, claim: &Claim) -> Result<Vec<TaskId>, StoreError> {
    let limit = claim.limit.min(rows::CLAIM_MOST);
    let mut due: Vec<(i64, TaskId)> = Vec::new();
    for state in rows::claimable(claim) {
        let mut lanes = match &claim.lanes {
            Some(lanes) => lanes.clone(),
            None => lanes_of(conn, state)?,
        };
        lanes.sort_unstable();
        lanes.dedup();
        for lane in lanes {
            let params = params![state.word(), lane, claim.now.0, rows::bound(limit)];
            due.extend(cells::all(conn, "due tasks", DUE, params, nouns::due_of)?);
        }
    }
    Ok(rows::first(due, limit))
}

fn lanes_of(conn: &Connection, state: StateWord) -> Result<Vec<String>, StoreError> {
    let lane = |row: &dyn Columns| row.text(0).map(str::to_owned);
    cells::all(conn, "lanes", sql::LANES, [state.word()], lane)
}

/// Leases one row.
fn lease(conn: &Connection, cache: &TaskCache, id: TaskId, node: &str) -> Result<Arc<Task>, StoreError> {
    let params = params![rows::id_bytes(id.0), node];
    let task = cells::one(conn, "a lease", LEASE, params, |row| nouns::leased_of(row, cache))?;
    task.ok_or_else(|| StoreError::Corrupt("a due row is gone".to_owned()))
}

fn prolong(conn: &Connection, sql: &str, node: &str, lease_until: Millis) -> Result<(), StoreError> {
    cells::run(conn, "a node's lease", sql, params![node, lease_until.0]).map(drop)
}

/// Prolongs the node's lease; how many tasks it covers.
pub(super) fn heartbeat(conn: &Connection, node: &str, lease_until: Millis) -> Result<u64, StoreError> {
    prolong(conn, sql::HEARTBEAT, node, lease_until)?;
    let owned = cells::one(conn, "a node's tasks", sql::OWNED, [node], |row| {
        nouns::count_at(row, 0)
    })?;
    Ok(owned.unwrap_or(0))
}

/// Gives leases back. Versions stay: the next claim raises them, and until then nobody else works on
/// the rows.
pub(super) fn release(conn: &Connection, node: &str, tasks: Option<&[TaskId]>) -> Result<u64, StoreError> {
    let Some(tasks) = tasks else {
        return cells::run(conn, "a release", RELEASE_ALL, [node]);
    };
    let mut released = 0;
    for task in tasks {
        let params = params![node, rows::id_bytes(task.0)];
        released += cells::run(conn, "a release", RELEASE, params)?;
    }
    Ok(released)
}
