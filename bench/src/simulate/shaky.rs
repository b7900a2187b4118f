//! A store that fails as the plan says: before anything is written, or after it was, or by being slow. What
//! it passes on goes to a real database; what was committed there is shown to the laws.

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
use domain::{BlobKey, Change, Line, LineKind, Millis, State, StateWord, Store, Task, TaskId};

use super::laws::Laws;
use super::sabotage::Sabotage;
use super::world::{Kind, Verdict, World};

/// One process's way to the database.
pub(crate) struct Shaky {
    pub(crate) world: Arc<World>,
    pub(crate) process: usize,
    pub(crate) inner: Arc<dyn Store>,
    pub(crate) laws: Arc<Laws>,
    pub(crate) sabotage: Option<Sabotage>,
}

impl Shaky {
    fn failed() -> StoreError {
        StoreError::Unavailable("drawn".to_owned())
    }

    /// Makes one call: through the gate, to the database, and back to whoever still listens.
    async fn call<T>(
        &self,
        kind: Kind,
        label: String,
        call: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let verdict = self.world.pass(self.process, kind, || label.clone()).await;
        if verdict == Verdict::Fail {
            return Err(Shaky::failed());
        }
        let answer = {
            let _busy = self.world.busy();
            call.await
        };
        let dawdles = self.world.strikes(self.world.plan.store.dawdles);
        if dawdles {
            self.world
                .pass(self.process, Kind::Hear, || format!("hears of {label}"))
                .await;
        }
        match verdict {
            Verdict::LoseReply if answer.is_ok() => Err(StoreError::LostReply("drawn".to_owned())),
            _ => answer,
        }
    }

    async fn read<T>(
        &self,
        what: &str,
        call: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        self.call(Kind::Read, what.to_owned(), call).await
    }

    async fn write<T>(
        &self,
        what: String,
        call: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        self.call(Kind::Write, what, call).await
    }

    /// Commits, and shows the laws what was.
    async fn committed(&self, changes: Vec<Change>) -> Result<Vec<Outcome>, StoreError> {
        let mut outcomes = self.inner.commit(changes.clone()).await?;
        for (change, outcome) in changes.iter().zip(&mut outcomes) {
            if *outcome == Outcome::Stale && self.sabotage == Some(Sabotage::IgnoreStale) {
                *outcome = self.overwrite(change.clone()).await?;
            }
            let word = if *outcome == Outcome::Done { "" } else { " (stale)" };
            self.world.note(|| {
                format!(
                    "   {} v{}{word}",
                    self.laws.name(&change.task),
                    change.task.course.version
                )
            });
            if *outcome == Outcome::Done {
                self.laws.committed(&self.world, &change.task);
            }
        }
        Ok(outcomes)
    }

    async fn overwrite(&self, mut change: Change) -> Result<Outcome, StoreError> {
        let row = self.inner.any_task(change.task.id()).await?;
        change.task.course.version = row.map_or(0, |row| row.course.version) + 1;
        let outcome = self.inner.commit(vec![change]).await?;
        Ok(outcome.into_iter().next().unwrap_or(Outcome::Stale))
    }

    fn sabotaged(&self, mut change: Change) -> Change {
        match self.sabotage {
            Some(Sabotage::ChargeTwice) => {
                let charge = change.lines.iter().find(|line| line.kind == LineKind::Charge);
                if let Some(mut again) = charge.cloned() {
                    again.sequence += 1;
                    change.lines.push(again);
                }
            }
            Some(Sabotage::DropRelease) => change.lines.retain(|line| line.kind != LineKind::Release),
            _ => {}
        }
        change
    }

    fn claimed(&self, task: Arc<Task>) -> Arc<Task> {
        let mut row = (*task).clone();
        if let (Some(Sabotage::AnotherAccount), State::Queued { pinned, .. }) =
            (self.sabotage, &mut row.course.state)
        {
            *pinned = None;
        }
        Arc::new(row)
    }

    fn lease(&self, until: Millis) -> Millis {
        match self.sabotage {
            Some(Sabotage::LeasesForEver) => Millis(i64::MAX / 2),
            _ => until,
        }
    }
}

#[async_trait]
impl Store for Shaky {
    /// Nobody waits for changes in a run.
    fn attend(&self, _ear: Arc<dyn Ear>) {}

    fn outbox(&self) -> &dyn Outbox {
        self
    }

    fn registry(&self) -> &dyn Registry {
        self.inner.registry()
    }

    fn pricing(&self) -> &dyn Pricing {
        self.inner.pricing()
    }

    fn statements(&self) -> &dyn Statements {
        self.inner.statements()
    }

    fn audit(&self) -> &dyn Audit {
        self.inner.audit()
    }

    async fn insert(&self, births: Vec<Birth>) -> Result<Vec<Outcome>, StoreError> {
        let names: Vec<String> = births
            .iter()
            .map(|birth| self.laws.name(&birth.change.task))
            .collect();
        let count = births.len();
        let insert = async {
            let tasks: Vec<Task> = births.iter().map(|birth| birth.change.task.clone()).collect();
            let outcomes = self.inner.insert(births).await?;
            for (task, outcome) in tasks.iter().zip(&outcomes) {
                if *outcome == Outcome::Done {
                    self.laws.committed(&self.world, task);
                }
            }
            Ok(outcomes)
        };
        let inserted = self.write(format!("inserts {}", names.join(", ")), insert).await;
        if inserted.is_err() && self.sabotage == Some(Sabotage::AcknowledgeUnwritten) {
            return Ok(vec![Outcome::Done; count]);
        }
        inserted
    }

    async fn commit(&self, changes: Vec<Change>) -> Result<Vec<Outcome>, StoreError> {
        let changes: Vec<Change> = changes.into_iter().map(|change| self.sabotaged(change)).collect();
        let names: Vec<String> = changes
            .iter()
            .map(|change| format!("{} {}", self.laws.name(&change.task), change.task.word()))
            .collect();
        self.write(format!("commits {}", names.join(", ")), self.committed(changes))
            .await
    }

    async fn claim(&self, claim: &Claim) -> Result<Vec<Arc<Task>>, StoreError> {
        let claim = Claim {
            lease_until: self.lease(claim.lease_until),
            ..claim.clone()
        };
        let leased = async {
            let leased = self.inner.claim(&claim).await?;
            for task in &leased {
                self.laws.committed(&self.world, task);
                self.world.note(|| {
                    format!(
                        "   {} leased {} v{}",
                        claim.node,
                        self.laws.name(task),
                        task.course.version
                    )
                });
            }
            Ok(leased)
        };
        let what = if claim.lanes.is_some() {
            "queued"
        } else {
            "in work"
        };
        let leased = self.write(format!("claims {what}"), leased).await?;
        Ok(leased.into_iter().map(|task| self.claimed(task)).collect())
    }

    async fn heartbeat(&self, node: &str, lease_until: Millis) -> Result<u64, StoreError> {
        let until = self.lease(lease_until);
        self.write("beats".to_owned(), self.inner.heartbeat(node, until))
            .await
    }

    async fn release(&self, node: &str, tasks: Option<&[TaskId]>) -> Result<u64, StoreError> {
        let names = tasks.map_or("all".to_owned(), |tasks| {
            tasks
                .iter()
                .map(|task| self.laws.name_of(*task))
                .collect::<Vec<_>>()
                .join(", ")
        });
        self.write(format!("releases {names}"), self.inner.release(node, tasks))
            .await
    }

    async fn task(&self, owner: TenantId, id: TaskId) -> Result<Option<Arc<Task>>, StoreError> {
        self.read("reads a task", self.inner.task(owner, id)).await
    }

    async fn task_by_external_id(
        &self,
        owner: TenantId,
        external_id: &str,
    ) -> Result<Option<Arc<Task>>, StoreError> {
        self.read(
            "reads by name",
            self.inner.task_by_external_id(owner, external_id),
        )
        .await
    }

    async fn any_task(&self, id: TaskId) -> Result<Option<Arc<Task>>, StoreError> {
        let label = format!("reads {}", self.laws.name_of(id));
        self.call(Kind::Read, label, self.inner.any_task(id)).await
    }

    async fn list(&self, owner: TenantId, filter: &Filter, page: Page) -> Result<Listing, StoreError> {
        self.read("lists", self.inner.list(owner, filter, page)).await
    }

    async fn overdue(&self, now: Millis, limit: usize) -> Result<Vec<TaskId>, StoreError> {
        self.read("sweeps", self.inner.overdue(now, limit)).await
    }

    async fn late_looks(&self, now: Millis, limit: usize) -> Result<Vec<(Millis, TaskId)>, StoreError> {
        self.read("looks for late results", self.inner.late_looks(now, limit))
            .await
    }

    async fn move_late_look(&self, id: TaskId, from: Millis, to: Option<Millis>) -> Result<bool, StoreError> {
        let label = format!("moves the late look at {}", self.laws.name_of(id));
        self.write(label, self.inner.move_late_look(id, from, to)).await
    }

    async fn census(&self) -> Result<Vec<(StateWord, u64)>, StoreError> {
        self.read("counts", self.inner.census()).await
    }

    async fn waiting(&self, step_ms: i64, limit: usize) -> Result<Vec<Waiting>, StoreError> {
        self.read("counts the queue", self.inner.waiting(step_ms, limit))
            .await
    }

    async fn idempotent(&self, scope: &str, key: &str) -> Result<Option<Existing>, StoreError> {
        self.read("looks for a repeat", self.inner.idempotent(scope, key))
            .await
    }

    async fn forget_idempotent(&self, before: Millis, limit: usize) -> Result<u64, StoreError> {
        self.write(
            "forgets repeats".to_owned(),
            self.inner.forget_idempotent(before, limit),
        )
        .await
    }

    async fn enrol(&self, account: &Enrolled) -> Result<(), StoreError> {
        self.inner.enrol(account).await
    }

    async fn enrolled(&self) -> Result<Vec<Enrolled>, StoreError> {
        self.inner.enrolled().await
    }

    async fn set_duty(&self, id: AccountId, duty: Duty, at: Millis) -> Result<bool, StoreError> {
        self.inner.set_duty(id, duty, at).await
    }

    async fn is_in_use(&self, account: &str) -> Result<bool, StoreError> {
        self.inner.is_in_use(account).await
    }

    async fn survey(&self, wanted: &Survey, portion: Portion) -> Result<Surveyed, StoreError> {
        self.inner.survey(wanted, portion).await
    }

    async fn lease(&self, task: TaskId) -> Result<Option<Lease>, StoreError> {
        self.inner.lease(task).await
    }

    async fn ahead(&self, lane: &str, task: TaskId, most: usize) -> Result<Ahead, StoreError> {
        self.inner.ahead(lane, task, most).await
    }

    async fn overview(&self) -> Result<Overview, StoreError> {
        self.inner.overview().await
    }

    async fn condition(&self) -> Result<Condition, StoreError> {
        self.inner.condition().await
    }

    async fn found(&self, founding: &Founding) -> Result<bool, StoreError> {
        self.inner.found(founding).await
    }

    async fn post(&self, lines: Vec<Line>) -> Result<(), StoreError> {
        self.inner.post(lines).await
    }

    async fn balance(&self, tenant: TenantId) -> Result<Option<Balance>, StoreError> {
        self.inner.balance(tenant).await
    }

    async fn lines(&self, task: TaskId) -> Result<Vec<Line>, StoreError> {
        self.inner.lines(task).await
    }

    async fn create_item(&self, item: &Item) -> Result<Item, StoreError> {
        self.inner.create_item(item).await
    }

    async fn update_item(&self, item: &Item) -> Result<bool, StoreError> {
        self.inner.update_item(item).await
    }

    async fn item(&self, owner: TenantId, id: ItemId) -> Result<Option<Item>, StoreError> {
        self.inner.item(owner, id).await
    }

    async fn item_by_wire_id(&self, owner: TenantId, wire_id: i64) -> Result<Option<Item>, StoreError> {
        self.inner.item_by_wire_id(owner, wire_id).await
    }

    async fn items(
        &self,
        owner: TenantId,
        kind: ItemKind,
        skip: usize,
        limit: usize,
    ) -> Result<Vec<Item>, StoreError> {
        self.inner.items(owner, kind, skip, limit).await
    }

    async fn stage_blob(&self, key: &BlobKey, bytes: u64, at: Millis) -> Result<(), StoreError> {
        self.write("notes a file".to_owned(), self.inner.stage_blob(key, bytes, at))
            .await
    }

    async fn abandon_blobs(&self, before: Millis, limit: usize) -> Result<Vec<BlobKey>, StoreError> {
        self.write("sweeps files".to_owned(), self.inner.abandon_blobs(before, limit))
            .await
    }

    async fn setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        self.inner.setting(name).await
    }

    async fn keep_setting(&self, name: &str, value: &str) -> Result<String, StoreError> {
        self.inner.keep_setting(name, value).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.inner.ping().await
    }
}
