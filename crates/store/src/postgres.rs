//! The `Store` port on PostgreSQL: many equal processes on one database. Each method says only what is
//! asked; how it is asked is in `postgres/ground.rs`, how other processes' commits are heard of in
//! `postgres/feed.rs`.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use async_trait::async_trait;
use domain::account::{Duty, Enrolled};
use domain::ids::{AccountId, ItemId, TenantId};
use domain::item::{Item, ItemKind};
use domain::money::Balance;
use domain::overview::{Ahead, Condition, Lease, Overview, Portion, Survey, Surveyed};
use domain::store::{
    Audit, Birth, Claim, Ear, Existing, Filter, Founding, Listing, Outbox, Outcome, Page, Pricing, Registry,
    Statements, Store, StoreError, Waiting,
};
use domain::{BlobKey, Change, Line, Millis, StateWord, Task, TaskId};
use tokio::sync::Notify;

use crate::cache::{Mark, TaskCache};
use crate::nouns::{self, Census, Columns};
use crate::postgres::feed::Feed;
use crate::postgres::ground::{Ground, Param, Workshop};
use crate::rows::{self, BirthRows};
use crate::sql::{self, Numbering};
use crate::{Lock, OpenError};

mod accounts;
mod audit;
mod births;
mod cells;
mod changes;
mod claims;
mod erase;
mod fault;
mod feed;
mod ground;
mod kept;
mod lists;
mod open;
mod outbox;
mod overview;
mod pricing;
mod purses;
mod recount;
mod registry;
mod spending;
mod statements;
mod verify;
mod writes;

/// How PostgreSQL numbers lines.
const NUMBERING: Numbering = Numbering {
    line: "number",
    // Not by JSON, which the database does not read where a prompt has a zero character: the last 32 digits of
    // the first key that stands in the wish, with the holder that follows it.
    holder: r#"decode(left(right(substring(t.origin FROM '"key":"[0-9a-f]{32}"(?:,"holder":"[0-9a-f]{32}")?'), 33), 32), 'hex')"#,
};

const TASKS: &str = "SELECT id, version, course, origin FROM tasks WHERE id = ANY($1)";

/// A PostgreSQL database in use.
pub(crate) struct PostgresStore {
    ground: Arc<Ground>,
    /// Whether all of the last batch of births were born.
    hope: Arc<AtomicBool>,
    /// None where nothing is kept in memory.
    _feed: Option<Feed>,
    /// Ends when everything else has gone.
    _workshop: Workshop,
    lock: Lock,
}

impl PostgresStore {
    pub(crate) async fn open(url: &str, cache_bytes: u64, lock: Lock) -> Result<PostgresStore, OpenError> {
        let config = open::address(url)?;
        match lock {
            Lock::Exclusive => open::migrate(&config).await?,
            Lock::ReadOnly => open::check_schema(&config).await?,
        }
        let bytes = if lock == Lock::Exclusive { cache_bytes } else { 0 };
        let (cache, bell) = (Arc::new(TaskCache::new(bytes)), Arc::new(Notify::new()));
        let (workshop, handle) = Workshop::open().map_err(|error| open::unreachable(&config, &error))?;
        let ground = Ground {
            workshop: handle,
            pool: open::pool(&config)?,
            cache: Arc::clone(&cache),
            bell: Arc::clone(&bell),
        };
        let feed = (lock == Lock::Exclusive).then(|| Feed::start(config, cache, bell));
        Ok(PostgresStore {
            ground: Arc::new(ground),
            hope: Arc::new(AtomicBool::new(true)),
            _feed: feed,
            _workshop: workshop,
            lock,
        })
    }

    fn may_write(&self) -> Result<(), StoreError> {
        match self.lock {
            Lock::Exclusive => Ok(()),
            Lock::ReadOnly => Err(StoreError::Unavailable("it is open for reading only".to_owned())),
        }
    }
}

/// A text with a zero character is in no column: PostgreSQL takes none.
fn is_nowhere(text: &str) -> bool {
    text.contains('\0')
}

#[async_trait]
impl Store for PostgresStore {
    fn attend(&self, ear: Arc<dyn Ear>) {
        self.ground.cache.attend(ear);
    }

    fn outbox(&self) -> &dyn Outbox {
        self
    }

    fn registry(&self) -> &dyn Registry {
        self
    }

    fn pricing(&self) -> &dyn Pricing {
        self
    }

    fn statements(&self) -> &dyn Statements {
        self
    }

    fn audit(&self) -> &dyn Audit {
        self
    }

    async fn insert(&self, births: Vec<Birth>) -> Result<Vec<Outcome>, StoreError> {
        self.may_write()?;
        let births = BirthRows::of_all(births)?;
        let hope = Arc::clone(&self.hope);
        self.ground.work(births::Insert { births, hope }).await
    }

    async fn commit(&self, changes: Vec<Change>) -> Result<Vec<Outcome>, StoreError> {
        self.may_write()?;
        let ids: Vec<TaskId> = changes.iter().map(|change| change.task.id()).collect();
        let changes = rows::changes_rows(changes)?;
        let outcomes = self.ground.work(changes::Commit(changes)).await?;
        for (id, outcome) in ids.into_iter().zip(&outcomes) {
            // Decided on a row that has moved: what is in memory may be the same old row.
            if *outcome == Outcome::Stale {
                self.ground.cache.forget(id);
            }
        }
        Ok(outcomes)
    }

    async fn claim(&self, claim: &Claim) -> Result<Vec<Arc<Task>>, StoreError> {
        self.may_write()?;
        let (claim, cache) = (claim.clone(), Arc::clone(&self.ground.cache));
        self.ground.work(claims::Lease { claim, cache }).await
    }

    async fn heartbeat(&self, node: &str, lease_until: Millis) -> Result<u64, StoreError> {
        self.may_write()?;
        claims::heartbeat(&self.ground, node, lease_until).await
    }

    async fn release(&self, node: &str, tasks: Option<&[TaskId]>) -> Result<u64, StoreError> {
        self.may_write()?;
        claims::release(&self.ground, node, tasks).await
    }

    async fn task(&self, owner: TenantId, id: TaskId) -> Result<Option<Arc<Task>>, StoreError> {
        let task = self.any_task(id).await?;
        Ok(task.filter(|task| task.origin.tenant == owner))
    }

    async fn task_by_external_id(
        &self,
        owner: TenantId,
        external_id: &str,
    ) -> Result<Option<Arc<Task>>, StoreError> {
        if is_nowhere(external_id) {
            return Ok(None);
        }
        let tenant = &rows::id_bytes(owner.0)[..];
        let found = self
            .ground
            .ask(sql::TASK_BY_EXTERNAL_ID, &[&tenant, &external_id])
            .await?;
        let id = |row: &dyn Columns| nouns::id_at(row, 0).map(TaskId);
        let Some(id) = cells::one(&found, id)? else {
            return Ok(None);
        };
        self.task(owner, id).await
    }

    async fn any_task(&self, id: TaskId) -> Result<Option<Arc<Task>>, StoreError> {
        let cache = &self.ground.cache;
        if let Some(task) = cache.get(id) {
            return Ok(Some(task));
        }
        let mark = cache.mark(id);
        let found = self.ground.ask(sql::TASK, &[&&rows::id_bytes(id.0)[..]]).await?;
        let found = cells::one(&found, |row| nouns::task_of(row, cache))?;
        Ok(found.map(|task| cache.offer(mark, task)))
    }

    async fn any_tasks(&self, ids: &[TaskId]) -> Result<Vec<Option<Arc<Task>>>, StoreError> {
        let cache = &self.ground.cache;
        let mut tasks: Vec<_> = ids.iter().map(|id| cache.get(*id)).collect();
        let missing = ids.iter().zip(&tasks).filter(|(_, task)| task.is_none());
        let mut marks: HashMap<TaskId, Mark> = missing.map(|(id, _)| (*id, cache.mark(*id))).collect();
        if marks.is_empty() {
            return Ok(tasks);
        }
        let wanted: Vec<Vec<u8>> = marks.keys().map(|id| rows::id_bytes(id.0).to_vec()).collect();
        let mut found = HashMap::new();
        for row in self.ground.ask(TASKS, &[&wanted]).await? {
            match nouns::task_of(&cells::Cells(&row), cache) {
                Ok(task) => drop(found.insert(task.id(), task)),
                // It must not stand in the others' way, and whoever asks for it alone hears why.
                Err(StoreError::Corrupt(reason)) => tracing::error!(reason, "store.corrupt_row_read"),
                Err(error) => return Err(error),
            }
        }
        for (id, task) in ids.iter().zip(&mut tasks) {
            if let (Some(row), Some(mark)) = (found.remove(id), marks.remove(id)) {
                *task = Some(cache.offer(mark, row));
            }
        }
        Ok(tasks)
    }

    async fn list(&self, owner: TenantId, filter: &Filter, page: Page) -> Result<Listing, StoreError> {
        lists::list(&self.ground, owner, filter, page).await
    }

    async fn overdue(&self, now: Millis, limit: usize) -> Result<Vec<TaskId>, StoreError> {
        let limit = limit.min(rows::PAGE_MOST);
        let mut overdue = Vec::new();
        for state in sql::BY_DEADLINE {
            let params: [Param<'_>; 3] = [&state.word(), &now.0, &rows::bound(limit)];
            let found = self.ground.ask(sql::OVERDUE, &params).await?;
            overdue.extend(cells::all(&found, nouns::due_of)?);
        }
        Ok(rows::first(overdue, limit))
    }

    async fn late_looks(&self, now: Millis, limit: usize) -> Result<Vec<(Millis, TaskId)>, StoreError> {
        claims::late_looks(&self.ground, now, limit).await
    }

    async fn move_late_look(&self, id: TaskId, from: Millis, to: Option<Millis>) -> Result<bool, StoreError> {
        self.may_write()?;
        claims::move_late_look(&self.ground, id, from, to).await
    }

    async fn census(&self) -> Result<Vec<(StateWord, u64)>, StoreError> {
        let mut census = Census::new();
        for row in self.ground.ask(sql::CENSUS, &[]).await? {
            census.count(&cells::Cells(&row))?;
        }
        Ok(census.done())
    }

    async fn survey(&self, wanted: &Survey, portion: Portion) -> Result<Surveyed, StoreError> {
        let surveyed = overview::survey(&self.ground, wanted, portion).await?;
        surveyed
            .tasks
            .iter()
            .for_each(|task| self.ground.cache.shown(task));
        Ok(surveyed)
    }

    async fn lease(&self, task: TaskId) -> Result<Option<Lease>, StoreError> {
        overview::lease(&self.ground, task.0).await
    }

    async fn ahead(&self, lane: &str, task: TaskId, most: usize) -> Result<Ahead, StoreError> {
        overview::ahead(&self.ground, lane, task.0, most).await
    }

    async fn overview(&self) -> Result<Overview, StoreError> {
        overview::overview(&self.ground).await
    }

    async fn waiting(&self, step_ms: i64, limit: usize) -> Result<Vec<Waiting>, StoreError> {
        let step_ms = step_ms.max(1);
        let params: [Param<'_>; 2] = [&step_ms, &rows::bound(limit)];
        let found = self.ground.ask(sql::WAITING, &params).await?;
        cells::all(&found, |row| nouns::waiting_of(row, step_ms))
    }

    async fn idempotent(&self, scope: &str, key: &str) -> Result<Option<Existing>, StoreError> {
        if is_nowhere(scope) || is_nowhere(key) {
            return Ok(None);
        }
        let found = self.ground.ask(sql::REPEAT, &[&scope, &key, &i64::MIN]).await?;
        cells::one(&found, nouns::repeat_of)
    }

    async fn forget_idempotent(&self, before: Millis, limit: usize) -> Result<u64, StoreError> {
        self.may_write()?;
        let sql = format!("{} RETURNING 1", sql::FORGET_REPEATS);
        let forgotten = self.ground.ask(&sql, &[&before.0, &rows::bound(limit)]).await?;
        Ok(forgotten.len() as u64)
    }

    async fn found(&self, founding: &Founding) -> Result<bool, StoreError> {
        self.may_write()?;
        let work = self.ground.work(kept::Found(kept::TakeIn::of(founding)?)).await;
        match work {
            // Another process was faster.
            Err(StoreError::Taken(_)) => Ok(false),
            founded => founded,
        }
    }

    async fn enrol(&self, account: &Enrolled) -> Result<(), StoreError> {
        self.may_write()?;
        self.ground.work(accounts::Enrol(account.clone())).await
    }

    async fn enrolled(&self) -> Result<Vec<Enrolled>, StoreError> {
        accounts::all(&self.ground).await
    }

    async fn set_duty(&self, id: AccountId, duty: Duty, at: Millis) -> Result<bool, StoreError> {
        self.may_write()?;
        accounts::set_duty(&self.ground, id, duty, at).await
    }

    async fn is_in_use(&self, account: &str) -> Result<bool, StoreError> {
        if is_nowhere(account) {
            return Ok(false);
        }
        accounts::is_in_use(&self.ground, account).await
    }

    async fn post(&self, lines: Vec<Line>) -> Result<(), StoreError> {
        self.may_write()?;
        let lines = rows::line_rows(&lines)?;
        self.ground.work(changes::Post(lines)).await
    }

    async fn balance(&self, tenant: TenantId) -> Result<Option<Balance>, StoreError> {
        let tenant = &rows::id_bytes(tenant.0)[..];
        cells::one(
            &self.ground.ask(sql::BALANCE, &[&tenant]).await?,
            nouns::balance_of,
        )
    }

    async fn lines(&self, task: TaskId) -> Result<Vec<Line>, StoreError> {
        let sql = NUMBERING.of(sql::LINES_OF_TASK);
        let found = self.ground.ask(&sql, &[&&rows::id_bytes(task.0)[..]]).await?;
        cells::all(&found, |row| nouns::line_of(row, task))
    }

    async fn create_item(&self, item: &Item) -> Result<Item, StoreError> {
        self.may_write()?;
        kept::create_item(&self.ground, item).await
    }

    async fn update_item(&self, item: &Item) -> Result<bool, StoreError> {
        self.may_write()?;
        kept::update_item(&self.ground, item).await
    }

    async fn item(&self, owner: TenantId, id: ItemId) -> Result<Option<Item>, StoreError> {
        let (owner, id) = (&rows::id_bytes(owner.0)[..], &rows::id_bytes(id.0)[..]);
        cells::one(&self.ground.ask(sql::ITEM, &[&owner, &id]).await?, nouns::item_of)
    }

    async fn item_by_wire_id(&self, owner: TenantId, wire_id: i64) -> Result<Option<Item>, StoreError> {
        let owner = &rows::id_bytes(owner.0)[..];
        let found = self.ground.ask(sql::ITEM_BY_WIRE_ID, &[&owner, &wire_id]).await?;
        cells::one(&found, nouns::item_of)
    }

    async fn items(
        &self,
        owner: TenantId,
        kind: ItemKind,
        skip: usize,
        limit: usize,
    ) -> Result<Vec<Item>, StoreError> {
        let (owner, kind) = (&rows::id_bytes(owner.0)[..], kind.word());
        let (limit, skip) = (rows::bound(limit.min(rows::PAGE_MOST)), rows::bound(skip));
        let found = self
            .ground
            .ask(sql::ITEMS, &[&owner, &kind, &limit, &skip])
            .await?;
        cells::all(&found, nouns::item_of)
    }

    async fn stage_blob(&self, key: &BlobKey, bytes: u64, at: Millis) -> Result<(), StoreError> {
        self.may_write()?;
        let bytes = rows::signed(bytes, "bytes")?;
        self.ground
            .ask(sql::STAGE_BLOB, &[&key.as_str(), &bytes, &at.0])
            .await
            .map(drop)
    }

    async fn abandon_blobs(&self, before: Millis, limit: usize) -> Result<Vec<BlobKey>, StoreError> {
        self.may_write()?;
        let limit = rows::bound(limit.min(rows::ABANDON_MOST));
        let abandoned = self.ground.tell(sql::ABANDON_BLOBS, &[&before.0, &limit]).await?;
        cells::all(&abandoned, nouns::blob_key_of)
    }

    async fn setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        let found = self.ground.ask(sql::SETTING, &[&name]).await?;
        cells::one(&found, |row| row.text(0).map(str::to_owned))
    }

    async fn keep_setting(&self, name: &str, value: &str) -> Result<String, StoreError> {
        self.may_write()?;
        self.ground.ask(sql::KEEP_SETTING, &[&name, &value]).await?;
        let kept = self.setting(name).await?;
        kept.ok_or_else(|| StoreError::Unavailable(format!("setting `{name}` was not kept")))
    }

    async fn condition(&self) -> Result<Condition, StoreError> {
        overview::condition(&self.ground).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.ground.ask(sql::PING, &[]).await.map(drop)
    }
}
