//! Deciding births: looks and locks for the whole batch, each member judged in memory in its order, then
//! set-wise writes. Members see those before them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use async_trait::async_trait;
use deadpool_postgres::ClientWrapper;
use domain::store::{Existing, Idempotency, Outcome, StoreError};
use domain::{Millis, TaskId};
use tokio::try_join;

use crate::cache::Written;
use crate::nouns::{self, Columns as _, id_at};
use crate::postgres::cells::Cells;
use crate::postgres::fault::Trouble;
use crate::postgres::ground::{Job, Session, fetch};
use crate::postgres::{purses, spending, writes};
use crate::purses::Purses;
use crate::rows::{self, BirthRows, IdBytes};
use crate::spending::Spending;

const REPEATS: &str = "SELECT i.body_hash, i.task, i.head, i.body, i.scope, i.key, i.at FROM idempotency i
  JOIN unnest($1::text[], $2::text[]) AS n (scope, key) ON i.scope = n.scope AND i.key = n.key";

const NAMES: &str = "SELECT t.tenant, t.external_id, t.id FROM tasks t
  JOIN unnest($1::bytea[], $2::text[]) AS n (tenant, external_id)
    ON t.tenant = n.tenant AND t.external_id = n.external_id AND t.external_id IS NOT NULL";

const IDS: &str = "SELECT id FROM tasks WHERE id = ANY($1)";

/// Inserts tasks at their birth.
pub(super) struct Insert(pub(super) Vec<BirthRows>);

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
        // The locks come first: what is looked up after them, no other batch of these tenants changes. All are
        // prepared before, so that they are sent in this order, together: whoever has the locks waits for
        // nothing but the answers.
        for sql in [purses::LOCK, IDS, REPEATS, NAMES, spending::BEFORE] {
            client.prepare_cached(sql).await?;
        }
        let lines = self.0.iter().flat_map(|birth| &birth.change.lines);
        let (mut purses, mut present, mut spending) = try_join!(
            purses::lock(client, lines),
            Present::look(client, &self.0),
            spending::before(client, &self.0)
        )?;
        let mut written = Written::other(Vec::with_capacity(self.0.len()));
        let mut born = Vec::new();
        for birth in &self.0 {
            let outcome = judge(birth, &mut purses, &mut spending, &present)?;
            if outcome == Outcome::Done {
                present.add(birth);
                born.push(birth);
                written.tasks.push(Arc::new(birth.change.change.task.clone()));
            }
            written.answer.push(outcome);
        }
        try_join!(
            writes::births(client, &born),
            purses::keep(client, &purses),
            spending::keep(client, &spending),
            client.note(&written.tasks)
        )?;
        Ok(written)
    }
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
            let name = birth.task.external_id.as_deref()?;
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
        let name = birth.task.external_id.clone()?;
        self.names.get(&(birth.task.tenant, name)).copied()
    }

    fn add(&mut self, birth: &BirthRows) {
        let task = birth.change.change.task.id();
        self.ids.insert(birth.change.course.id);
        if let Some(name) = &birth.task.external_id {
            self.names.insert((birth.task.tenant, name.clone()), task);
        }
        if let Some(record) = &birth.idempotency {
            let existing = Existing::Idempotent {
                body_hash: record.body_hash.clone(),
                answer: record.answer.clone(),
                task,
            };
            let at = birth.change.change.task.origin.created_at;
            let name = (record.scope.clone(), record.name());
            self.repeats.insert(name, (at, existing));
        }
    }
}
