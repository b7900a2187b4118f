//! Deciding births: looks and locks for the whole batch, each member judged in memory in its order, and
//! set-wise writes, which are done before it is known that they stay where that is likely. Members see those
//! before them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use deadpool_postgres::ClientWrapper;
use domain::store::{Existing, Idempotency, Outcome, StoreError};
use domain::{Millis, TaskId};
use tokio::{join, try_join};

use crate::cache::{Written, Wrote};
use crate::nouns::{self, Columns as _, id_at};
use crate::postgres::cells::Cells;
use crate::postgres::fault::Trouble;
use crate::postgres::ground::{Job, Session, fetch};
use crate::postgres::{purses, spending, writes};
use crate::purses::Purses;
use crate::rows::{self, BirthRows, IdBytes, LineRow};
use crate::spending::Spending;

const REPEATS: &str = "SELECT i.body_hash, i.task, i.head, i.body, i.scope, i.key, i.at FROM idempotency i
  JOIN unnest($1::text[], $2::text[]) AS n (scope, key) ON i.scope = n.scope AND i.key = n.key";

const NAMES: &str = "SELECT t.tenant, t.external_id, t.id FROM tasks t
  JOIN unnest($1::bytea[], $2::text[]) AS n (tenant, external_id)
    ON t.tenant = n.tenant AND t.external_id = n.external_id AND t.external_id IS NOT NULL";

const IDS: &str = "SELECT id FROM tasks WHERE id = ANY($1)";

/// Undoes what was written in hope. A savepoint would cost each batch, and next to none gives up.
const ANEW: &str = "ROLLBACK; BEGIN";

/// Inserts tasks at their birth.
pub(super) struct Insert {
    pub(super) births: Vec<BirthRows>,
    /// Whether all of the last batch were born: those of the next one are likely to be, too.
    pub(super) hope: Arc<AtomicBool>,
}

/// What is there already, by everything that must be unique.
#[derive(Default)]
struct Present {
    /// With the moment at which each was written down.
    repeats: HashMap<(String, String), (Millis, Existing)>,
    names: HashMap<(IdBytes, String), TaskId>,
    ids: HashSet<IdBytes>,
}

#[async_trait]
impl Job for Insert {
    type Answer = Vec<Outcome>;

    async fn run(&self, client: &Session<'_>) -> Result<Written<Vec<Outcome>>, Trouble> {
        // What is looked up after the locks, no other batch of these tenants changes. All are prepared before, so
        // that they are sent in the order in which they are asked, together: whoever has the locks waits for
        // nothing but the answers.
        let looks = [purses::LOCK, IDS, REPEATS, NAMES, spending::BEFORE];
        for sql in looks.into_iter().chain(writes::OF_BIRTHS) {
            client.prepare_cached(sql).await?;
        }
        if self.is_hopeful()
            && let Some(written) = self.hopefully(client).await?
        {
            return Ok(written);
        }
        let written = self.carefully(client).await?;
        self.hope.store(all_born(&written.answer), Ordering::Relaxed);
        Ok(written)
    }
}

impl Insert {
    /// Whether all are likely to be born: nothing in them must be looked up, and the last batch was.
    fn is_hopeful(&self) -> bool {
        let mut births = self.births.iter();
        self.hope.load(Ordering::Relaxed)
            && births.all(|birth| birth.idempotency.is_none() && birth.external_id().is_none())
    }

    /// Writes the rows first, asks for the locks in the same breath, and judges then: while another batch of these
    /// tenants has the locks, the server writes the rows of this one. Where a member is not born after all, or
    /// cannot be written, all that was written is undone, and nobody is answered.
    async fn hopefully(&self, client: &Session<'_>) -> Result<Option<Written<Vec<Outcome>>>, Trouble> {
        let births: Vec<&BirthRows> = self.births.iter().collect();
        let locking = async {
            try_join!(
                purses::lock(client, self.lines()),
                spending::before(client, &self.births)
            )
        };
        let (wrote, locked) = join!(biased; writes::births(client, &births), locking);
        if wrote.is_err() {
            // Then the locks were refused, too.
            client.batch_execute(ANEW).await?;
            return Ok(None);
        }
        let (mut purses, mut spending) = locked?;
        let (written, _) = self.judge_all(&mut purses, &mut spending, Present::default())?;
        if !all_born(&written.answer) {
            client.batch_execute(ANEW).await?;
            return Ok(None);
        }
        try_join!(
            purses::keep(client, &purses),
            spending::keep(client, &spending),
            client.note(&written.tasks)
        )?;
        Ok(Some(written))
    }

    /// Looks and judges first, and writes those that are born.
    async fn carefully(&self, client: &Session<'_>) -> Result<Written<Vec<Outcome>>, Trouble> {
        let (mut purses, present, mut spending) = try_join!(
            purses::lock(client, self.lines()),
            Present::look(client, &self.births),
            spending::before(client, &self.births)
        )?;
        let (written, born) = self.judge_all(&mut purses, &mut spending, present)?;
        try_join!(
            writes::births(client, &born),
            purses::keep(client, &purses),
            spending::keep(client, &spending),
            client.note(&written.tasks)
        )?;
        Ok(written)
    }

    fn lines(&self) -> impl Iterator<Item = &LineRow> {
        self.births.iter().flat_map(|birth| &birth.change.lines)
    }

    /// Judges each member in the order of the batch; with the outcomes, those that are born.
    fn judge_all(
        &self,
        purses: &mut Purses,
        spending: &mut Spending,
        mut present: Present,
    ) -> Result<(Written<Vec<Outcome>>, Vec<&BirthRows>), StoreError> {
        let mut written = Written::other(Vec::with_capacity(self.births.len()));
        let mut born = Vec::new();
        for birth in &self.births {
            let outcome = judge(birth, purses, spending, &present)?;
            if outcome == Outcome::Done {
                present.add(birth);
                born.push(birth);
                written.tasks.push(Wrote::Born(birth.origin().id));
            }
            written.answer.push(outcome);
        }
        Ok((written, born))
    }
}

fn all_born(outcomes: &[Outcome]) -> bool {
    outcomes.iter().all(|outcome| *outcome == Outcome::Done)
}

fn judge(
    birth: &BirthRows,
    purses: &mut Purses,
    spending: &mut Spending,
    present: &Present,
) -> Result<Outcome, StoreError> {
    if birth.change.course.expects != 0 {
        return Ok(Outcome::Stale);
    }
    if let Some(existing) = birth
        .idempotency
        .as_ref()
        .and_then(|record| present.answer(record))
    {
        return Ok(Outcome::Duplicate(existing.clone()));
    }
    if let Some(task) = present.name(birth) {
        return Ok(Outcome::Duplicate(Existing::ExternalId(task)));
    }
    if let Some(hit) = spending.hit(&birth.change.step, &birth.guards) {
        return Ok(Outcome::Limited(hit));
    }
    let Some(moved) = purses.after(&birth.change.lines)? else {
        return Ok(Outcome::NoMoney);
    };
    if present.ids.contains(&birth.change.course.id) {
        return Ok(Outcome::Stale);
    }
    purses.take(moved);
    spending.take(&birth.change.step)?;
    Ok(Outcome::Done)
}

impl Present {
    async fn look(client: &ClientWrapper, births: &[BirthRows]) -> Result<Present, Trouble> {
        let records = births.iter().filter_map(|birth| birth.idempotency.as_ref());
        let (scopes, keys): (Vec<&str>, Vec<String>) = records
            .flat_map(|record| {
                record
                    .answered_by()
                    .into_iter()
                    .map(|name| (record.scope.as_str(), name))
            })
            .unzip();
        let named = births.iter().filter_map(|birth| {
            let name = birth.external_id()?;
            Some((&birth.task.tenant[..], name))
        });
        let (tenants, names): (Vec<&[u8]>, Vec<&str>) = named.unzip();
        let ids: Vec<&[u8]> = births.iter().map(|birth| &birth.change.course.id[..]).collect();
        let (repeats, names, ids) = try_join!(
            async {
                if scopes.is_empty() {
                    return Ok(Vec::new());
                }
                fetch(client, REPEATS, &[&scopes, &keys]).await
            },
            async {
                if names.is_empty() {
                    return Ok(Vec::new());
                }
                fetch(client, NAMES, &[&tenants, &names]).await
            },
            async { fetch(client, IDS, &[&ids]).await }
        )?;
        let mut present = Present::default();
        for row in &repeats {
            let row = Cells(row);
            let name = (row.text(4)?.to_owned(), row.text(5)?.to_owned());
            let at = Millis(row.number(6)?);
            present.repeats.insert(name, (at, nouns::repeat_of(&row)?));
        }
        for row in &names {
            let row = Cells(row);
            let name = (rows::id_bytes(id_at(&row, 0)?), row.text(1)?.to_owned());
            present.names.insert(name, TaskId(id_at(&row, 2)?));
        }
        for row in &ids {
            present.ids.insert(rows::id_bytes(id_at(&Cells(row), 0)?));
        }
        Ok(present)
    }

    fn answer(&self, record: &Idempotency) -> Option<&Existing> {
        let mut names = record.answered_by().into_iter();
        names.find_map(|name| {
            let found = self.repeats.get(&(record.scope.clone(), name));
            found
                .filter(|(at, _)| *at >= record.since())
                .map(|(_, existing)| existing)
        })
    }

    fn name(&self, birth: &BirthRows) -> Option<TaskId> {
        let name = birth.external_id()?.to_owned();
        self.names.get(&(birth.task.tenant, name)).copied()
    }

    fn add(&mut self, birth: &BirthRows) {
        let task = birth.origin().id;
        self.ids.insert(birth.change.course.id);
        if let Some(name) = birth.external_id() {
            self.names.insert((birth.task.tenant, name.to_owned()), task);
        }
        if let Some(record) = &birth.idempotency {
            let existing = Existing::Idempotent {
                body_hash: record.body_hash.clone(),
                answer: record.answer.clone(),
                task,
            };
            let at = birth.origin().created_at;
            let name = (record.scope.clone(), record.name());
            self.repeats.insert(name, (at, existing));
        }
    }
}
