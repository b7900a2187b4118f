//! Deciding changes: the rows are locked, each change is judged in memory in its order on the version
//! that it expects, then everything is written set-wise. Loose lines are here too.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use async_trait::async_trait;
use deadpool_postgres::ClientWrapper;
use domain::Task;
use domain::store::{Outcome, StoreError};
use tokio::try_join;

use crate::cache::{Written, Wrote};
use crate::nouns::{Columns as _, id_at};
use crate::postgres::cells::Cells;
use crate::postgres::fault::Trouble;
use crate::postgres::ground::{Job, Session, fetch};
use crate::postgres::{purses, spending, writes};
use crate::purses::Purses;
use crate::room::Room;
use crate::rows::{self, ChangeRows, IdBytes, LineRow};
use crate::spending::Spending;

/// In the order of their ids, as everybody locks them, and before any pocket.
const LOCK: &str = "SELECT id, version FROM tasks WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE";

/// Whoever takes slots of an account waits for whoever is just taking some. In order, and before any
/// other lock, so that nobody waits in a circle.
const QUEUE_UP: &str = "SELECT pg_advisory_xact_lock($2, hashtext(a.account))
  FROM (SELECT account FROM unnest($1::text[]) AS n (account) ORDER BY hashtext(account) OFFSET 0) a";

/// The first half of the locks' keys, so that they are nobody else's.
const SLOTS_LOCK: i32 = 0x7265_6c73;

/// Tasks of accounts that are in flight, counted up to a bound each; the index has just these.
const IN_FLIGHT: &str = "SELECT n.account, (SELECT count(*) FROM (SELECT 1 FROM tasks
      WHERE state IN ('submitting', 'unknown', 'running')
        AND (course::json #>> '{state,account}') = n.account LIMIT n.slots) f)
  FROM unnest($1::text[], $2::bigint[]) AS n (account, slots)";

/// Commits changes, each on the version that it expects.
pub(super) struct Commit(pub(super) Vec<ChangeRows>);

/// Books lines that belong to no task.
pub(super) struct Post(pub(super) Vec<LineRow>);

#[async_trait]
impl Job for Commit {
    type Answer = Vec<Outcome>;

    async fn run(&self, client: &Session<'_>) -> Result<Written<Vec<Outcome>>, Trouble> {
        let mut room = self.room(client).await?;
        let mut versions = self.lock(client).await?;
        let lines = self.0.iter().flat_map(|change| &change.lines);
        let mut purses = purses::lock(client, lines).await?;
        let mut spending = Spending::default();
        let mut written = Written::other(Vec::with_capacity(self.0.len()));
        let mut done = Vec::new();
        for change in &self.0 {
            let outcome = judge(change, &mut purses, &mut versions, &mut room)?;
            if outcome == Outcome::Done {
                spending.take(&change.step)?;
                done.push(change);
            }
            written.answer.push(outcome);
        }
        written.tasks = newest(&done);
        try_join!(
            writes::changes(client, &done),
            purses::keep(client, &purses),
            spending::keep(client, &spending),
            client.note(&written.tasks)
        )?;
        Ok(written)
    }
}

impl Commit {
    /// What is in flight at the accounts whose slots are wanted, which nobody else takes until the
    /// transaction ends.
    async fn room(&self, client: &ClientWrapper) -> Result<Room, Trouble> {
        let wanted: BTreeMap<&str, i64> = self.0.iter().filter_map(ChangeRows::wants_slot).collect();
        let mut room = Room::default();
        if wanted.is_empty() {
            return Ok(room);
        }
        let (accounts, slots): (Vec<&str>, Vec<i64>) = wanted.into_iter().unzip();
        fetch(client, QUEUE_UP, &[&accounts, &SLOTS_LOCK]).await?;
        // A statement of its own: it sees what was committed while this one waited.
        for row in fetch(client, IN_FLIGHT, &[&accounts, &slots]).await? {
            let row = Cells(&row);
            room.found(row.text(0)?, row.number(1)?);
        }
        Ok(room)
    }

    /// The versions of the rows, which nobody else changes until the transaction ends.
    async fn lock(&self, client: &ClientWrapper) -> Result<HashMap<IdBytes, i64>, Trouble> {
        let ids: Vec<&[u8]> = self.0.iter().map(|change| &change.course.id[..]).collect();
        let mut versions = HashMap::new();
        for row in fetch(client, LOCK, &[&ids]).await? {
            let row = Cells(&row);
            versions.insert(rows::id_bytes(id_at(&row, 0)?), row.number(1)?);
        }
        Ok(versions)
    }
}

fn judge(
    change: &ChangeRows,
    purses: &mut Purses,
    versions: &mut HashMap<IdBytes, i64>,
    room: &mut Room,
) -> Result<Outcome, StoreError> {
    let course = &change.course;
    if versions.get(&course.id) != Some(&course.expects) {
        return Ok(Outcome::Stale);
    }
    if let Some((account, slots)) = change.wants_slot()
        && !room.is_left(account, slots)
    {
        return Ok(Outcome::NoSlot);
    }
    let Some(moved) = purses.after(&change.lines)? else {
        return Ok(Outcome::NoMoney);
    };
    purses.take(moved);
    room.take(change);
    versions.insert(course.id, course.version);
    Ok(Outcome::Done)
}

/// Each task as its last change leaves it.
fn newest(done: &[&ChangeRows]) -> Vec<Wrote> {
    let mut newest: HashMap<IdBytes, &Task> = HashMap::new();
    for change in done {
        newest.insert(change.course.id, &change.change.task);
    }
    let newest = newest.into_values().map(|task| Arc::new(task.clone()));
    newest.map(Wrote::Changed).collect()
}

#[async_trait]
impl Job for Post {
    type Answer = ();

    async fn run(&self, client: &Session<'_>) -> Result<Written<()>, Trouble> {
        rows::only_loose(&self.0)?;
        let mut purses = purses::lock(client, self.0.iter()).await?;
        let moved = purses.after(&self.0)?.ok_or_else(rows::loose_hold)?;
        purses.take(moved);
        let lines: Vec<&LineRow> = self.0.iter().collect();
        try_join!(writes::lines(client, &lines), purses::keep(client, &purses))?;
        Ok(Written::other(()))
    }
}
