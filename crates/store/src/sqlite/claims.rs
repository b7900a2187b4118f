//! Leases: claiming due work, prolonging, giving back. What a task's change does to its lease is in
//! `tasks.rs`.

use std::collections::HashSet;
use std::sync::Arc;

use domain::store::{Claim, StoreError};
use domain::{Millis, StateWord, Task, TaskId};
use rusqlite::{Connection, params};

use crate::cache::{TaskCache, Written, Wrote};
use crate::nouns::{self, Columns, id_at};
use crate::rows::IdBytes;
use crate::sqlite::{cells, fault};
use crate::turns::{self, Due, Part, Queue};
use crate::{rows, sql};

/// Most rows that one claim takes from dead nodes; the next claims take the rest.
const TAKE_OVER_MOST: i64 = 4_096;

/// Rows of nodes whose lease is over are nobody's from then on.
const TAKE_OVER: &str = "UPDATE tasks SET owner = NULL WHERE rowid IN
  (SELECT rowid FROM tasks
   WHERE owner IS NOT NULL AND owner IN (SELECT value FROM json_each(?1)) LIMIT ?2)";

const DEAD: &str = "SELECT json_group_array(node), count(*) FROM nodes WHERE lease_until < ?1";

/// The next tenant who waits, and since when something of it is due: one seek.
const NEXT: &str = "SELECT tenant, due_at FROM tasks
  WHERE open = 1 AND owner IS NULL AND state = ?1 AND lane = ?2 AND tenant > ?3
  ORDER BY tenant, due_at LIMIT 1";

const DUE: &str = "SELECT due_at, id FROM tasks
  WHERE open = 1 AND owner IS NULL AND state = ?1 AND lane = ?2 AND tenant = ?3 AND due_at <= ?4
  ORDER BY due_at, id LIMIT ?5";

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
        tasks: leased.iter().cloned().map(Wrote::Changed).collect(),
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

/// The ids to lease, dealt in rounds. A walk goes from tenant to tenant and stops when it has met enough of
/// them, and of each tenant only as much is read as may be dealt, however long the queue is.
fn due(conn: &Connection, claim: &Claim) -> Result<Vec<TaskId>, StoreError> {
    let limit = claim.limit.min(rows::CLAIM_MOST);
    let mut queues = Vec::new();
    for state in rows::claimable(claim) {
        let lanes = match &claim.lanes {
            Some(lanes) => lanes.clone(),
            None => lanes_of(conn, state)?,
        };
        queues.extend(turns::queues(state, lanes));
    }
    let parts = parts(conn, claim, &queues, limit)?;
    let mut share = turns::share(&parts, limit);
    loop {
        let due = shares(conn, claim.now, &queues, &parts, share)?;
        if !turns::wants_more(&due, share, limit) {
            return Ok(turns::deal(&parts, due, limit));
        }
        share *= 2;
    }
}

fn parts(conn: &Connection, claim: &Claim, queues: &[Queue], limit: usize) -> Result<Vec<Part>, StoreError> {
    let (mut walked, mut met) = (Vec::new(), HashSet::new());
    for (from, to) in turns::walks(claim) {
        let mut parts = Vec::new();
        for (place, queue) in queues.iter().enumerate() {
            parts.extend(
                walk(conn, queue, (&from, &to), claim.now, limit)?
                    .map(|tenant| Part { queue: place, tenant }),
            );
        }
        met.extend(parts.iter().map(|part: &Part| part.tenant));
        walked.push(parts);
        if met.len() >= limit {
            break;
        }
    }
    Ok(turns::first_parts(walked, limit))
}

/// The first tenants of a queue behind `from` and up to `to` of whom something is due.
fn walk(
    conn: &Connection,
    queue: &Queue,
    (from, to): (&[u8], &[u8]),
    now: Millis,
    most: usize,
) -> Result<impl Iterator<Item = IdBytes> + use<>, StoreError> {
    let (mut place, mut tenants) = (from.to_vec(), Vec::new());
    while tenants.len() < most {
        let params = params![queue.state.word(), queue.lane, place];
        let next = cells::one(conn, "waiting tenants", NEXT, params, |row| {
            Ok((rows::id_bytes(id_at(row, 0)?), row.number(1)?))
        })?;
        let Some((tenant, due_at)) = next.filter(|(tenant, _)| tenant[..] <= *to) else {
            break;
        };
        if due_at <= now.0 {
            tenants.push(tenant);
        }
        place = tenant.to_vec();
    }
    Ok(tenants.into_iter())
}

fn shares(
    conn: &Connection,
    now: Millis,
    queues: &[Queue],
    parts: &[Part],
    share: usize,
) -> Result<Vec<Due>, StoreError> {
    let mut due = Vec::new();
    for (part, Part { queue, tenant }) in parts.iter().enumerate() {
        let queue = &queues[*queue];
        let params = params![queue.state.word(), queue.lane, tenant, now.0, rows::bound(share)];
        cells::each(conn, "due tasks", DUE, params, |row| {
            let (at, id) = nouns::due_of(row)?;
            due.push(Due { part, at, id });
            Ok(())
        })?;
    }
    Ok(due)
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

/// Moves a late look on the moment at which it was due: of many who try, one does.
pub(super) fn move_late_look(
    conn: &Connection,
    id: TaskId,
    from: Millis,
    to: Option<Millis>,
) -> Result<bool, StoreError> {
    let params = params![to.unwrap_or_default().0, rows::id_bytes(id.0), from.0];
    let moved = cells::run(conn, "a late look", sql::MOVE_LATE_LOOK, params)?;
    Ok(moved == 1)
}
