//! The `Store` port on SQLite: one writer, a few readers, the cache before them. Each method says only
//! where its work is done; the SQL is in the files of this folder.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use domain::account::{Duty, Enrolled};
use domain::ids::{AccountId, ItemId, TenantId};
use domain::item::{Item, ItemKind};
use domain::money::Balance;
use domain::overview::{Ahead, Condition, Lease, Overview, Portion, Survey, Surveyed};
use domain::store::{
    Audit, Birth, Claim, Ear, Existing, Filter, Founding, Listing, Outbox, Outcome, Page, Pricing, Registry,
    Statements, StoreError, Waiting,
};
use domain::{BlobKey, Change, Line, Millis, StateWord, Store, Task, TaskId};
use rusqlite::Connection;

use crate::cache::{TaskCache, Written};
use crate::rows::BirthRows;
use crate::sql::Numbering;
use crate::sqlite::checkpoints::Checkpoints;
use crate::sqlite::readers::Readers;
use crate::sqlite::writer::Writer;
use crate::{Lock, OpenError, rows};

mod accounts;
mod audit;
mod blobs;
mod cells;
mod checkpoints;
mod claims;
mod erase;
mod fault;
mod idempotency;
mod items;
mod ledger;
mod lists;
mod open;
mod outbox;
mod overview;
mod pricing;
mod purses;
mod readers;
mod recount;
mod spending;
mod statements;
mod tasks;
mod tenants;
mod verify;
mod writer;

/// How SQLite numbers lines.
const NUMBERING: Numbering = Numbering {
    line: "rowid",
    holder: "unhex(coalesce(json_extract(t.origin, '$.holder'), json_extract(t.origin, '$.key')))",
};

/// A SQLite database in use. Dropping it waits for the last commit.
pub(crate) struct SqliteStore {
    // Readers first: they are dropped first, so that the writer closes last and empties the log.
    readers: Readers,
    writer: Option<Writer>,
    cache: Arc<TaskCache>,
}

impl SqliteStore {
    pub(crate) fn open(path: &Path, cache_bytes: u64, lock: Lock) -> Result<SqliteStore, OpenError> {
        match lock {
            Lock::Exclusive => SqliteStore::open_exclusive(path, cache_bytes),
            Lock::ReadOnly => SqliteStore::open_read_only(path),
        }
    }

    fn open_exclusive(path: &Path, cache_bytes: u64) -> Result<SqliteStore, OpenError> {
        let lock = open::lock(path)?;
        let conn = open::writer(path)?;
        let cache = Arc::new(TaskCache::new(cache_bytes));
        let checkpoints = Checkpoints::start(path)?;
        let writer = Writer::start(conn, Some(checkpoints), lock, Arc::clone(&cache));
        let writer = writer.map_err(|error| open::cannot_open(path, &error))?;
        Ok(SqliteStore {
            readers: Readers::start(path)?,
            writer: Some(writer),
            cache,
        })
    }

    /// Without a cache: another process may be writing.
    fn open_read_only(path: &Path) -> Result<SqliteStore, OpenError> {
        open::check_schema(&open::reader(path)?, path)?;
        Ok(SqliteStore {
            readers: Readers::start(path)?,
            writer: None,
            cache: Arc::new(TaskCache::new(0)),
        })
    }

    async fn write<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: Fn(&Connection) -> Result<Written<T>, StoreError> + Send + 'static,
    {
        let Some(writer) = &self.writer else {
            return Err(fault::unavailable("it is open for reading only"));
        };
        writer.write(work).await
    }

    /// Writes something that no task's row shows.
    async fn write_other<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: Fn(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        self.write(move |conn| work(conn).map(Written::other)).await
    }

    async fn read<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        self.readers.read(|conn| work(conn)).await
    }
}

#[async_trait]
impl Store for SqliteStore {
    fn attend(&self, ear: Arc<dyn Ear>) {
        self.cache.attend(ear);
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
        // Encoded here, on the caller's thread: the writer's time is what all callers share.
        let births = BirthRows::of_all(births)?;
        self.write(move |conn| tasks::insert(conn, &births)).await
    }

    async fn commit(&self, changes: Vec<Change>) -> Result<Vec<Outcome>, StoreError> {
        let changes = rows::changes_rows(changes)?;
        self.write(move |conn| tasks::commit(conn, &changes)).await
    }

    async fn claim(&self, claim: &Claim) -> Result<Vec<Arc<Task>>, StoreError> {
        let (claim, cache) = (claim.clone(), Arc::clone(&self.cache));
        self.write(move |conn| claims::claim(conn, &cache, &claim)).await
    }

    async fn heartbeat(&self, node: &str, lease_until: Millis) -> Result<u64, StoreError> {
        let node = node.to_owned();
        self.write_other(move |conn| claims::heartbeat(conn, &node, lease_until))
            .await
    }

    async fn release(&self, node: &str, tasks: Option<&[TaskId]>) -> Result<u64, StoreError> {
        let (node, tasks) = (node.to_owned(), tasks.map(<[TaskId]>::to_vec));
        self.write_other(move |conn| claims::release(conn, &node, tasks.as_deref()))
            .await
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
        let (tenant, external_id) = (rows::id_bytes(owner.0), external_id.to_owned());
        let found = self
            .read(move |conn| tasks::by_external_id(conn, tenant, &external_id))
            .await?;
        let Some(id) = found else { return Ok(None) };
        self.task(owner, id).await
    }

    async fn any_task(&self, id: TaskId) -> Result<Option<Arc<Task>>, StoreError> {
        if let Some(task) = self.cache.get(id) {
            return Ok(Some(task));
        }
        let mark = self.cache.mark(id);
        let cache = Arc::clone(&self.cache);
        let found = self.read(move |conn| lists::task(conn, &cache, id)).await?;
        Ok(found.map(|task| self.cache.offer(mark, task)))
    }

    async fn any_tasks(&self, ids: &[TaskId]) -> Result<Vec<Option<Arc<Task>>>, StoreError> {
        let mut tasks: Vec<_> = ids.iter().map(|id| self.cache.get(*id)).collect();
        let missing = ids.iter().zip(&tasks).filter(|(_, task)| task.is_none());
        let marks: Vec<_> = missing.map(|(id, _)| (*id, self.cache.mark(*id))).collect();
        if marks.is_empty() {
            return Ok(tasks);
        }
        let (wanted, cache) = (marks.iter().map(|(id, _)| *id).collect(), Arc::clone(&self.cache));
        let found = self.read(move |conn| lists::tasks(conn, &cache, wanted)).await?;
        let found = found.into_iter().zip(marks);
        let found = found.map(|(task, (_, mark))| task.map(|task| self.cache.offer(mark, task)));
        let holes = tasks.iter_mut().filter(|task| task.is_none());
        holes.zip(found).for_each(|(hole, task)| *hole = task);
        Ok(tasks)
    }

    async fn list(&self, owner: TenantId, filter: &Filter, page: Page) -> Result<Listing, StoreError> {
        let (filter, cache) = (filter.clone(), Arc::clone(&self.cache));
        let listing = self.read(move |conn| lists::list(conn, &cache, owner, &filter, page));
        let listing = listing.await?;
        listing.tasks.iter().for_each(|task| self.cache.shown(task));
        Ok(listing)
    }

    async fn overdue(&self, now: Millis, limit: usize) -> Result<Vec<TaskId>, StoreError> {
        self.read(move |conn| lists::overdue(conn, now, limit)).await
    }

    async fn late_looks(&self, now: Millis, limit: usize) -> Result<Vec<(Millis, TaskId)>, StoreError> {
        self.read(move |conn| lists::late_looks(conn, now, limit)).await
    }

    async fn move_late_look(&self, id: TaskId, from: Millis, to: Option<Millis>) -> Result<bool, StoreError> {
        self.write_other(move |conn| claims::move_late_look(conn, id, from, to))
            .await
    }

    async fn census(&self) -> Result<Vec<(StateWord, u64)>, StoreError> {
        self.read(lists::census).await
    }

    async fn survey(&self, wanted: &Survey, portion: Portion) -> Result<Surveyed, StoreError> {
        let (wanted, cache) = (wanted.clone(), Arc::clone(&self.cache));
        let surveyed = self.read(move |conn| overview::survey(conn, &cache, &wanted, portion));
        let surveyed = surveyed.await?;
        surveyed.tasks.iter().for_each(|task| self.cache.shown(task));
        Ok(surveyed)
    }

    async fn lease(&self, task: TaskId) -> Result<Option<Lease>, StoreError> {
        self.read(move |conn| overview::lease(conn, task.0)).await
    }

    async fn ahead(&self, lane: &str, task: TaskId, most: usize) -> Result<Ahead, StoreError> {
        let lane = lane.to_owned();
        self.read(move |conn| overview::ahead(conn, &lane, task.0, most))
            .await
    }

    async fn overview(&self) -> Result<Overview, StoreError> {
        self.read(overview::overview).await
    }

    async fn waiting(&self, step_ms: i64, limit: usize) -> Result<Vec<Waiting>, StoreError> {
        self.read(move |conn| lists::waiting(conn, step_ms.max(1), limit))
            .await
    }

    async fn idempotent(&self, scope: &str, key: &str) -> Result<Option<Existing>, StoreError> {
        let (scope, key) = (scope.to_owned(), key.to_owned());
        self.read(move |conn| idempotency::find(conn, &scope, &key, Millis(i64::MIN)))
            .await
    }

    async fn forget_idempotent(&self, before: Millis, limit: usize) -> Result<u64, StoreError> {
        self.write_other(move |conn| idempotency::forget(conn, before, limit))
            .await
    }

    async fn found(&self, founding: &Founding) -> Result<bool, StoreError> {
        let founding = founding.clone();
        self.write_other(move |conn| tenants::found(conn, &founding))
            .await
    }

    async fn enrol(&self, account: &Enrolled) -> Result<(), StoreError> {
        let account = account.clone();
        self.write_other(move |conn| accounts::enrol(conn, &account))
            .await
    }

    async fn enrolled(&self) -> Result<Vec<Enrolled>, StoreError> {
        self.read(accounts::all).await
    }

    async fn set_duty(&self, id: AccountId, duty: Duty, at: Millis) -> Result<bool, StoreError> {
        self.write_other(move |conn| accounts::set_duty(conn, id, duty, at))
            .await
    }

    async fn is_in_use(&self, account: &str) -> Result<bool, StoreError> {
        let account = account.to_owned();
        self.read(move |conn| accounts::is_in_use(conn, &account)).await
    }

    async fn post(&self, lines: Vec<Line>) -> Result<(), StoreError> {
        let lines = rows::line_rows(&lines)?;
        self.write_other(move |conn| ledger::post(conn, &lines)).await
    }

    async fn balance(&self, tenant: TenantId) -> Result<Option<Balance>, StoreError> {
        self.read(move |conn| ledger::balance(conn, tenant)).await
    }

    async fn lines(&self, task: TaskId) -> Result<Vec<Line>, StoreError> {
        self.read(move |conn| ledger::lines(conn, task)).await
    }

    async fn create_item(&self, item: &Item) -> Result<Item, StoreError> {
        let item = item.clone();
        self.write_other(move |conn| items::create(conn, &item)).await
    }

    async fn update_item(&self, item: &Item) -> Result<bool, StoreError> {
        let item = item.clone();
        self.write_other(move |conn| items::update(conn, &item)).await
    }

    async fn item(&self, owner: TenantId, id: ItemId) -> Result<Option<Item>, StoreError> {
        self.read(move |conn| items::by_id(conn, owner, id)).await
    }

    async fn item_by_wire_id(&self, owner: TenantId, wire_id: i64) -> Result<Option<Item>, StoreError> {
        self.read(move |conn| items::by_wire_id(conn, owner, wire_id))
            .await
    }

    async fn items(
        &self,
        owner: TenantId,
        kind: ItemKind,
        skip: usize,
        limit: usize,
    ) -> Result<Vec<Item>, StoreError> {
        self.read(move |conn| items::list(conn, owner, kind, skip, limit))
            .await
    }

    async fn stage_blob(&self, key: &BlobKey, bytes: u64, at: Millis) -> Result<(), StoreError> {
        let key = key.clone();
        self.write_other(move |conn| blobs::stage(conn, &key, bytes, at))
            .await
    }

    async fn abandon_blobs(&self, before: Millis, limit: usize) -> Result<Vec<BlobKey>, StoreError> {
        self.write_other(move |conn| blobs::abandon(conn, before, limit))
            .await
    }

    async fn setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        let name = name.to_owned();
        self.read(move |conn| tenants::setting(conn, &name)).await
    }

    async fn keep_setting(&self, name: &str, value: &str) -> Result<String, StoreError> {
        let (name, value) = (name.to_owned(), value.to_owned());
        self.write_other(move |conn| tenants::keep_setting(conn, &name, &value))
            .await
    }

    async fn condition(&self) -> Result<Condition, StoreError> {
        self.ping().await?;
        Ok(Condition {
            now: None,
            takes_writes: self.writer.is_some(),
        })
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.read(lists::ping).await
    }
}
