//! Leases: claiming due work, prolonging, giving back. What a task's change does to its lease is in
//! `writes.rs`. Claimers pass over what others are just claiming.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use async_trait::async_trait;
use deadpool_postgres::ClientWrapper;
use domain::store::{Claim, StoreError};
use domain::{Millis, StateWord, Task, TaskId};

use crate::cache::{TaskCache, Written, Wrote};
use crate::nouns::{self, Columns, id_at};
use crate::postgres::cells::{self, Cells};
use crate::postgres::fault::Trouble;
use crate::postgres::ground::{Ground, Job, Param, Session, fetch, run};
use crate::turns::{self, Due, Part, Queue};
use crate::{rows, sql};

/// Most rows that one claim takes from dead nodes; the next claims take the rest.
const TAKE_OVER_MOST: i64 = 4_096;

const DEAD: &str = "SELECT node FROM nodes WHERE lease_until < $1";

/// Rows of nodes whose lease is over are nobody's from then on. One that is locked is on its way
/// somewhere; the next claim finds it.
const TAKE_OVER: &str = "UPDATE tasks SET owner = NULL WHERE id IN
  (SELECT id FROM tasks WHERE owner = ANY($1) AND owner IS NOT NULL LIMIT $2
   FOR NO KEY UPDATE SKIP LOCKED)";

/// The first tenants of each queue behind `$3` and up to `$4` of whom something is due by `$5`: from one
/// tenant to the next by one seek, however long the queue is.
const TENANTS: &str = "SELECT q.place, w.tenant
  FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS q (state, lane, place)
  CROSS JOIN LATERAL (WITH RECURSIVE waiting (tenant, due_at) AS (
      (SELECT tenant, due_at FROM tasks
       WHERE open = 1 AND owner IS NULL AND state = q.state AND lane = q.lane AND tenant > $3
       ORDER BY tenant, due_at LIMIT 1)
      UNION ALL
      SELECT n.tenant, n.due_at FROM waiting CROSS JOIN LATERAL (SELECT tenant, due_at FROM tasks
       WHERE open = 1 AND owner IS NULL AND state = q.state AND lane = q.lane AND tenant > waiting.tenant
       ORDER BY tenant, due_at LIMIT 1) n
      WHERE n.tenant <= $4)
    SELECT tenant FROM waiting WHERE due_at <= $5 AND tenant <= $4 LIMIT $6) w";

/// So many due tasks of each part.
const DUE: &str = "SELECT d.due_at, d.id, p.place
  FROM unnest($1::text[], $2::text[], $3::bytea[]) WITH ORDINALITY AS p (state, lane, tenant, place)
  CROSS JOIN LATERAL (SELECT due_at, id FROM tasks
    WHERE open = 1 AND owner IS NULL AND state = p.state AND lane = p.lane AND tenant = p.tenant
      AND due_at <= $4
    ORDER BY due_at, id LIMIT $5 FOR NO KEY UPDATE SKIP LOCKED) d";

const LEASE: &str = "UPDATE tasks SET owner = $2, version = version + 1 WHERE id = ANY($1)
  RETURNING id, version, course, origin";

const RELEASE_ALL: &str = "UPDATE tasks SET owner = NULL WHERE id IN
  (SELECT id FROM tasks WHERE owner = $1 AND owner IS NOT NULL ORDER BY id FOR NO KEY UPDATE)
  RETURNING id";

const RELEASE: &str = "UPDATE tasks SET owner = NULL WHERE id IN
  (SELECT id FROM tasks WHERE owner = $1 AND id = ANY($2) ORDER BY id FOR NO KEY UPDATE)
  RETURNING id";

/// Leases due rows to a node.
pub(super) struct Lease {
    pub(super) claim: Claim,
    pub(super) cache: Arc<TaskCache>,
}

#[async_trait]
impl Job for Lease {
    type Answer = Vec<Arc<Task>>;

    async fn run(&self, client: &Session<'_>) -> Result<Written<Vec<Arc<Task>>>, Trouble> {
        bury(client, self.claim.now).await?;
        let due = self.due(client).await?;
        if due.is_empty() {
            return Ok(Written::other(Vec::new()));
        }
        let leased = self.lease(client, &due).await?;
        run(
            client,
            sql::CLAIMED,
            &[&self.claim.node, &self.claim.lease_until.0],
        )
        .await?;
        Ok(Written {
            tasks: leased.iter().cloned().map(Wrote::Changed).collect(),
            answer: leased,
        })
    }
}

impl Lease {
    /// The ids to lease, locked, dealt in rounds.
    async fn due(&self, client: &ClientWrapper) -> Result<Vec<TaskId>, Trouble> {
        let claim = &self.claim;
        let limit = claim.limit.min(rows::CLAIM_MOST);
        let mut queues = Vec::new();
        for state in rows::claimable(claim) {
            let lanes = match &claim.lanes {
                Some(lanes) => lanes.clone(),
                None => lanes_of(client, state).await?,
            };
            queues.extend(turns::queues(state, lanes));
        }
        if queues.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        let parts = self.parts(client, &queues, limit).await?;
        let mut share = turns::share(&parts, limit);
        loop {
            let due = self.shares(client, &queues, &parts, share).await?;
            if !turns::wants_more(&due, share, limit) {
                return Ok(turns::deal(&parts, due, limit));
            }
            share *= 2;
        }
    }

    async fn parts(
        &self,
        client: &ClientWrapper,
        queues: &[Queue],
        limit: usize,
    ) -> Result<Vec<Part>, Trouble> {
        let states: Vec<&str> = queues.iter().map(|queue| queue.state.word()).collect();
        let lanes: Vec<&str> = queues.iter().map(|queue| queue.lane.as_str()).collect();
        let (mut walked, mut met) = (Vec::new(), HashSet::new());
        for (from, to) in turns::walks(&self.claim) {
            let params: [Param<'_>; 6] = [
                &states,
                &lanes,
                &from,
                &to,
                &self.claim.now.0,
                &rows::bound(limit),
            ];
            let found = fetch(client, TENANTS, &params).await?;
            let parts = cells::all(&found, |row| {
                Ok(Part {
                    queue: place_at(row, 0)?,
                    tenant: rows::id_bytes(id_at(row, 1)?),
                })
            })?;
            met.extend(parts.iter().map(|part| part.tenant));
            walked.push(parts);
            if met.len() >= limit {
                break;
            }
        }
        Ok(turns::first_parts(walked, limit))
    }

    async fn shares(
        &self,
        client: &ClientWrapper,
        queues: &[Queue],
        parts: &[Part],
        share: usize,
    ) -> Result<Vec<Due>, Trouble> {
        if parts.is_empty() {
            return Ok(Vec::new());
        }
        let states: Vec<&str> = parts.iter().map(|part| queues[part.queue].state.word()).collect();
        let lanes: Vec<&str> = parts
            .iter()
            .map(|part| queues[part.queue].lane.as_str())
            .collect();
        let tenants: Vec<&[u8]> = parts.iter().map(|part| &part.tenant[..]).collect();
        let params: [Param<'_>; 5] = [&states, &lanes, &tenants, &self.claim.now.0, &rows::bound(share)];
        let due = cells::all(&fetch(client, DUE, &params).await?, |row| {
            let (at, id) = nouns::due_of(row)?;
            let part = place_at(row, 2)?;
            Ok(Due { part, at, id })
        })?;
        Ok(due)
    }

    async fn lease(&self, client: &ClientWrapper, due: &[TaskId]) -> Result<Vec<Arc<Task>>, Trouble> {
        let ids: Vec<Vec<u8>> = due.iter().map(|id| rows::id_bytes(id.0).to_vec()).collect();
        let mut leased = HashMap::new();
        for row in fetch(client, LEASE, &[&ids, &self.claim.node]).await? {
            match nouns::leased_of(&Cells(&row), &self.cache) {
                Ok(task) => drop(leased.insert(task.id(), task)),
                // One row that cannot be read must not stop all others. It stays leased, so that it does
                // not come first again and again; whoever asks for it hears that it is corrupt.
                Err(StoreError::Corrupt(reason)) => tracing::error!(reason, "store.corrupt_row_claimed"),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(due.iter().filter_map(|id| leased.remove(id)).collect())
    }
}

/// A place in a list that was sent along: the server counts from one.
fn place_at(row: &dyn Columns, at: usize) -> Result<usize, StoreError> {
    let place = usize::try_from(row.number(at)?).ok();
    let place = place.and_then(|place| place.checked_sub(1));
    place.ok_or_else(|| StoreError::Corrupt("a place in a list that was not sent".to_owned()))
}

async fn bury(client: &ClientWrapper, now: Millis) -> Result<(), Trouble> {
    let dead = fetch(client, DEAD, &[&now.0]).await?;
    if dead.is_empty() {
        return Ok(());
    }
    let dead = cells::all(&dead, |row| row.text(0).map(str::to_owned))?;
    run(client, TAKE_OVER, &[&dead, &TAKE_OVER_MOST]).await?;
    run(client, sql::FORGET_NODES, &[&now.0]).await?;
    Ok(())
}

async fn lanes_of(client: &ClientWrapper, state: StateWord) -> Result<Vec<String>, Trouble> {
    let found = fetch(client, sql::LANES, &[&state.word()]).await?;
    Ok(cells::all(&found, |row| row.text(0).map(str::to_owned))?)
}

/// Prolongs the node's lease; how many tasks it covers.
pub(super) async fn heartbeat(ground: &Ground, node: &str, lease_until: Millis) -> Result<u64, StoreError> {
    ground.ask(sql::HEARTBEAT, &[&node, &lease_until.0]).await?;
    let owned = ground.ask(sql::OWNED, &[&node]).await?;
    Ok(cells::one(&owned, |row| nouns::count_at(row, 0))?.unwrap_or(0))
}

/// Gives leases back. Versions stay: the next claim raises them, and until then nobody else works on
/// the rows.
pub(super) async fn release(
    ground: &Ground,
    node: &str,
    tasks: Option<&[TaskId]>,
) -> Result<u64, StoreError> {
    let released = match tasks {
        None => ground.ask(RELEASE_ALL, &[&node]).await?,
        Some(tasks) => {
            let ids: Vec<Vec<u8>> = tasks.iter().map(|id| rows::id_bytes(id.0).to_vec()).collect();
            ground.ask(RELEASE, &[&node, &ids]).await?
        }
    };
    Ok(released.len() as u64)
}

pub(super) async fn late_looks(
    ground: &Ground,
    now: Millis,
    limit: usize,
) -> Result<Vec<(Millis, TaskId)>, StoreError> {
    let limit = rows::bound(limit.min(rows::PAGE_MOST));
    let found = ground.ask(sql::LATE_LOOKS, &[&now.0, &limit]).await?;
    cells::all(&found, |row| {
        nouns::due_of(row).map(|(due, id)| (Millis(due), id))
    })
}

/// Moves a late look on the moment at which it was due: of many who try, one does.
pub(super) async fn move_late_look(
    ground: &Ground,
    id: TaskId,
    from: Millis,
    to: Option<Millis>,
) -> Result<bool, StoreError> {
    let sql = format!("{} RETURNING id", sql::MOVE_LATE_LOOK);
    let (to, id) = (to.unwrap_or_default().0, rows::id_bytes(id.0));
    let moved = ground.tell(&sql, &[&to, &&id[..], &from.0]).await?;
    Ok(moved.len() == 1)
}
