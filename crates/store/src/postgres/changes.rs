//! Deciding changes: the rows are locked, each change is judged in memory in its order on the version
//! that it expects, then everything is written set-wise. Loose lines are here too.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use deadpool_postgres::ClientWrapper;
use domain::Task;
use domain::store::{Outcome, StoreError};
use tokio::try_join;

use crate::cache::Written;
use crate::nouns::{Columns as _, id_at};
use crate::postgres::cells::Cells;
use crate::postgres::fault::Trouble;
use crate::postgres::ground::{Job, fetch};
use crate::postgres::purses::Purses;
use crate::postgres::writes;
use crate::rows::{self, ChangeRows, IdBytes, LineRow};

/// In the order of their ids, as everybody locks them, and before any pocket.
const LOCK: &str = "SELECT id, version FROM tasks WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE";

/// Commits changes, each on the version that it expects.
pub(super) struct Commit(pub(super) Vec<ChangeRows>);

/// Books lines that belong to no task.
pub(super) struct Post(pub(super) Vec<LineRow>);

#[async_trait]
impl Job for Commit {
    type Answer = Vec<Outcome>;

    async fn run(&self, client: &ClientWrapper) -> Result<Written<Vec<Outcome>>, Trouble> {
        let mut versions = self.lock(client).await?;
        let lines = self.0.iter().flat_map(|change| &change.lines);
        let mut purses = Purses::lock(client, lines).await?;
        let mut written = Written::other(Vec::with_capacity(self.0.len()));
        let mut done = Vec::new();
        for change in &self.0 {
            let outcome = judge(change, &mut purses, &mut versions)?;
            if outcome == Outcome::Done {
                done.push(change);
            }
            written.answer.push(outcome);
        }
        written.tasks = newest(&done);
        try_join!(writes::changes(client, &done), purses.keep(client))?;
        Ok(written)
    }
}

impl Commit {
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
) -> Result<Outcome, StoreError> {
    let course = &change.course;
    if versions.get(&course.id) != Some(&course.expects) {
        return Ok(Outcome::Stale);
    }
    let Some(moved) = purses.after(&change.lines)? else {
        return Ok(Outcome::NoMoney);
    };
    purses.take(moved);
    versions.insert(course.id, course.version);
    Ok(Outcome::Done)
}

/// Each task as its last change leaves it.
fn newest(done: &[&ChangeRows]) -> Vec<Arc<Task>> {
    let mut newest: HashMap<IdBytes, &Task> = HashMap::new();
    for change in done {
        newest.insert(change.course.id, &change.change.task);
    }
    newest.into_values().map(|task| Arc::new(task.clone())).collect()
}

#[async_trait]
impl Job for Post {
    type Answer = ();

    async fn run(&self, client: &ClientWrapper) -> Result<Written<()>, Trouble> {
        rows::only_loose(&self.0)?;
        let mut purses = Purses::lock(client, self.0.iter()).await?;
        let moved = purses.after(&self.0)?.ok_or_else(rows::loose_hold)?;
        purses.take(moved);
        let lines: Vec<&LineRow> = self.0.iter().collect();
        try_join!(writes::lines(client, &lines), purses.keep(client))?;
        Ok(Written::other(()))
    }
}
