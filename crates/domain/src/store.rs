//! The `Store` port: the ledger room. Everything that a belt must not forget goes through here; a
//! batch is one transaction with one outcome per member.

use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::account::{Duty, Enrolled};
use crate::blobs::BlobKey;
use crate::clock::Millis;
use crate::http::Reply;
use crate::ids::{AccountId, ItemId, TaskId, TenantId};
use crate::item::{Item, ItemKind};
use crate::limits::{Guards, Hit};
use crate::money::{Balance, Line};
use crate::overview::{Ahead, Condition, Lease, Overview, Portion, Survey, Surveyed};
use crate::task::{Change, StateWord, Task};
use crate::tenant::{Key, Tenant};

mod audit;
mod idempotency;
mod listing;
mod outbox;
mod pricing;
mod registry;
mod statements;

pub use audit::Audit;
pub use idempotency::{Idempotency, Try};
pub use listing::{Filter, Listing, Page};
pub use outbox::{
    Delivery, DeliveryFilter, DeliveryState, Errand, ErrandClaim, Outbox, Outstanding, SigningSecret, Tried,
};
pub use pricing::Pricing;
pub use registry::{RateAhead, RateTaken, Registry, Replaced};
pub use statements::{
    Booked, Counted, Entry, Flow, Overdraw, Place, Progress, RECOUNTED_MOST, Recorded, Recount,
    RecountReport, Recounted, STATEMENT_PAGE_MOST, Span, Statements, Tell, UsageBy, UsageSum, UsageWish,
};

/// Why the store did not answer as asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be used now; nothing was written.
    #[error("the database cannot be used: {0}")]
    Unavailable(String),
    /// The commit was sent and its reply was lost; versions tell what happened.
    #[error("the reply of the database was lost: {0}")]
    LostReply(String),
    /// A row cannot be read.
    #[error("a row cannot be read: {0}")]
    Corrupt(String),
    /// A name that must be unique is taken.
    #[error("`{0}` is taken")]
    Taken(String),
}

/// A task at its birth with what commits beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Birth {
    /// The new row, its hold and its webhook. Shared: whoever commits it, and whoever waits for that, look at it.
    pub change: Arc<Change>,
    /// The record that answers a repeat.
    pub idempotency: Option<Idempotency>,
    /// What its key and its tenant may use, decided on what they have used when it commits.
    pub guards: Guards,
}

/// A birth that is no repeat, and that nothing limits.
impl From<Change> for Birth {
    fn from(change: Change) -> Birth {
        Birth {
            change: Arc::new(change),
            idempotency: None,
            guards: Guards::default(),
        }
    }
}

/// What a tenant begins with, and a store with its first one.
#[derive(Debug, Clone, PartialEq)]
pub struct Founding {
    /// The tenant.
    pub tenant: Tenant,
    /// Its keys.
    pub keys: Vec<Key>,
    /// Its first credit; none for a tenant without a limit.
    pub credit: Option<Entry>,
}

/// What stands in the way of a birth.
#[derive(Debug, Clone, PartialEq)]
pub enum Existing {
    /// The idempotency key was used: by which body, and what was answered.
    Idempotent {
        /// SHA-256 of the earlier body.
        body_hash: String,
        /// The earlier answer.
        answer: Reply,
        /// The task that it was about.
        task: TaskId,
    },
    /// The tenant has a task with this external id.
    ExternalId(TaskId),
}

/// What became of one member of a batch.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Committed.
    Done,
    /// The tenant's balance does not cover the hold; nothing of this member was written.
    NoMoney,
    /// A limit of the key or the tenant stands in the way; nothing of this member was written.
    Limited(Hit),
    /// Something with the same name is there; nothing of this member was written.
    Duplicate(Existing),
    /// The account has as many tasks in flight as it may; nothing of this member was written.
    NoSlot,
    /// The row has another version by now; nothing of this member was written.
    Stale,
}

/// A request for due work.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// Who claims.
    pub node: String,
    /// The moment by which work is due.
    pub now: Millis,
    /// How long the lease lives.
    pub lease_until: Millis,
    /// In which states.
    pub states: Vec<StateWord>,
    /// In which lanes; none: all.
    pub lanes: Option<Vec<String>>,
    /// Whose turn was last: the tenants behind it come first, and it comes last; none: from the start.
    pub after: Option<TenantId>,
    /// Most rows.
    pub limit: usize,
}

/// How many tasks of one tenant wait in one lane that are due within one step of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// In which lane.
    pub lane: String,
    /// Whose they are.
    pub tenant: TenantId,
    /// The beginning of the step.
    pub from: Millis,
    /// How many.
    pub tasks: u64,
}

/// What `ledger verify` found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LedgerReport {
    /// Lines read.
    pub lines: u64,
    /// Finished tasks checked.
    pub finished_tasks: u64,
    /// Unfinished tasks checked.
    pub open_tasks: u64,
    /// Tenants checked.
    pub tenants: u64,
    /// Sum over all pockets, house and tenants, in micro-dollars; must be zero.
    pub sum_micros: i64,
    /// What is wrong, one plain sentence each; empty when the books are exact.
    pub faults: Vec<String>,
}

/// Hears of commits, so that whoever waits for a task looks again.
pub trait Ear: Send + Sync {
    /// Something may have been committed about this task; what it was is read from the store.
    fn changed(&self, task: TaskId);

    /// Commits of other processes may have been missed: any task may have changed.
    fn missed(&self);
}

/// The ledger room.
#[async_trait]
pub trait Store: Send + Sync {
    /// Tells `ear` of every commit of a task from now on, once reads show it: of this process's own at
    /// once, of another process's as soon as it is known here.
    fn attend(&self, ear: Arc<dyn Ear>);

    /// Webhooks on their way.
    fn outbox(&self) -> &dyn Outbox;

    /// Tenants and their keys.
    fn registry(&self) -> &dyn Registry;

    /// What operators did.
    fn audit(&self) -> &dyn Audit;

    /// Editions of the price book.
    fn pricing(&self) -> &dyn Pricing;

    /// The books as people read them.
    fn statements(&self) -> &dyn Statements;

    /// Inserts tasks at their birth, with holds and idempotency records; one outcome each. The guards of
    /// each are judged on what was committed and on the members before it, whichever process wrote them.
    ///
    /// # Errors
    /// [`StoreError`] when the batch as a whole could not be committed.
    async fn insert(&self, births: Vec<Birth>) -> Result<Vec<Outcome>, StoreError>;

    /// Commits changes, each on the version that it expects; one outcome each. A lease is kept in
    /// states that have an owner and dropped in Queued and in final states. A change that says how many
    /// slots its account has is committed only while fewer of that account's tasks are in flight,
    /// whichever process put them there. With a change that erases its task, the wish in the row, the answer
    /// kept for repeats, and addresses and bodies of its webhooks are forgotten; what is owed of it is
    /// superseded.
    ///
    /// # Errors
    /// [`StoreError`] when the batch as a whole could not be committed.
    async fn commit(&self, changes: Vec<Change>) -> Result<Vec<Outcome>, StoreError>;

    /// Leases due, unowned (or dead owners') rows to a node, and answers them in the order in which their
    /// turns come: in rounds, one task of each tenant a round, of each tenant oldest due first. A tenant
    /// who waits with many keeps nobody waiting who waits with few. Raises each version, so that a commit
    /// of an earlier owner is stale.
    ///
    /// # Errors
    /// [`StoreError`] when nothing could be claimed.
    async fn claim(&self, claim: &Claim) -> Result<Vec<Arc<Task>>, StoreError>;

    /// Prolongs all leases of a node.
    ///
    /// # Errors
    /// [`StoreError`] when the leases were not prolonged.
    async fn heartbeat(&self, node: &str, lease_until: Millis) -> Result<u64, StoreError>;

    /// Gives leases back, so that the rows are due again at once; without `tasks`, all of the node's.
    ///
    /// # Errors
    /// [`StoreError`] when they were not given back.
    async fn release(&self, node: &str, tasks: Option<&[TaskId]>) -> Result<u64, StoreError>;

    /// One task of one owner; another's is as unknown as one that never was.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    async fn task(&self, owner: TenantId, id: TaskId) -> Result<Option<Arc<Task>>, StoreError>;

    /// One task of one owner by the owner's own name for it.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    async fn task_by_external_id(
        &self,
        owner: TenantId,
        external_id: &str,
    ) -> Result<Option<Arc<Task>>, StoreError>;

    /// One task for the belts, which have claimed it, and for the admin API.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    async fn any_task(&self, id: TaskId) -> Result<Option<Arc<Task>>, StoreError>;

    /// Many tasks for the belts, in the order of their ids' list; none for one that is not there.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    async fn any_tasks(&self, ids: &[TaskId]) -> Result<Vec<Option<Arc<Task>>>, StoreError> {
        let mut tasks = Vec::with_capacity(ids.len());
        for id in ids {
            tasks.push(self.any_task(*id).await?);
        }
        Ok(tasks)
    }

    /// Tasks of one owner, newest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    async fn list(&self, owner: TenantId, filter: &Filter, page: Page) -> Result<Listing, StoreError>;

    /// Ids of unfinished tasks whose deadline has passed, oldest first. Submitting and Settling are
    /// left out: they end by themselves.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    async fn overdue(&self, now: Millis, limit: usize) -> Result<Vec<TaskId>, StoreError>;

    /// Failed tasks whose next look for a late result is due, each with the moment at which it was; oldest
    /// first.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    async fn late_looks(&self, now: Millis, limit: usize) -> Result<Vec<(Millis, TaskId)>, StoreError>;

    /// Moves the next look for a late result, on the moment at which it was due; without a moment to move
    /// it to, nobody looks any more. False when somebody else was first.
    ///
    /// # Errors
    /// [`StoreError`] when it was not moved.
    async fn move_late_look(&self, id: TaskId, from: Millis, to: Option<Millis>) -> Result<bool, StoreError>;

    /// How many tasks wait in each state.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    async fn census(&self) -> Result<Vec<(StateWord, u64)>, StoreError>;

    /// Tasks of all tenants for the operator, newest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    async fn survey(&self, wanted: &Survey, portion: Portion) -> Result<Surveyed, StoreError>;

    /// Whose work a task is now; none when it waits for a node. A lease that is over is still told.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    async fn lease(&self, task: TaskId) -> Result<Option<Lease>, StoreError>;

    /// How many tasks wait in a lane, and how many of them before one task; counted up to `most`.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    async fn ahead(&self, lane: &str, task: TaskId, most: usize) -> Result<Ahead, StoreError>;

    /// How everything that is unfinished stands. It reads every unfinished row's index entry and more:
    /// for a scrape now and then, not for each request.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    async fn overview(&self) -> Result<Overview, StoreError>;

    /// What waits in the queue and is nobody's, counted by lane, tenant and steps of so many milliseconds,
    /// in that order; at most `limit` counts.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    async fn waiting(&self, step_ms: i64, limit: usize) -> Result<Vec<Waiting>, StoreError>;

    /// Looks an idempotency record up.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    async fn idempotent(&self, scope: &str, key: &str) -> Result<Option<Existing>, StoreError>;

    /// Forgets idempotency records from before a moment; at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`] when nothing was forgotten.
    async fn forget_idempotent(&self, before: Millis, limit: usize) -> Result<u64, StoreError>;

    /// Founds a store that has no tenant: tenant, keys and credit in one commit. False, and nothing is
    /// written, when there is a tenant already, also one of another process that founds at the same time.
    ///
    /// # Errors
    /// [`StoreError`] when nothing was written.
    async fn found(&self, founding: &Founding) -> Result<bool, StoreError>;

    /// Keeps a new account.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when an account that is not removed has its name.
    async fn enrol(&self, account: &Enrolled) -> Result<(), StoreError>;

    /// Every account that was ever enrolled, oldest first, also those that are removed.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    async fn enrolled(&self) -> Result<Vec<Enrolled>, StoreError>;

    /// Changes the duty of an account; false when there is none that is not removed. With
    /// [`Duty::Removed`] its secrets are forgotten.
    ///
    /// # Errors
    /// [`StoreError`] when it was not changed.
    async fn set_duty(&self, id: AccountId, duty: Duty, at: Millis) -> Result<bool, StoreError>;

    /// Whether any task may be in flight at the account of this name: the vendor has it or may have it,
    /// or its files are being kept.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    async fn is_in_use(&self, account: &str) -> Result<bool, StoreError>;

    /// Books lines that belong to no task: credits and corrections.
    ///
    /// # Errors
    /// [`StoreError`] when they were not booked.
    async fn post(&self, lines: Vec<Line>) -> Result<(), StoreError>;

    /// A tenant's money.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    async fn balance(&self, tenant: TenantId) -> Result<Option<Balance>, StoreError>;

    /// The ledger lines of a task, in the order in which they were booked.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    async fn lines(&self, task: TaskId) -> Result<Vec<Line>, StoreError>;

    /// Proves the books: every finished task balances, every pocket equals the sum of its lines, the
    /// sum over all pockets is zero.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    async fn verify_ledger(&self) -> Result<LedgerReport, StoreError> {
        self.statements().verify(&|_| ()).await
    }

    /// Creates an item and gives it its wire id.
    ///
    /// # Errors
    /// [`StoreError`] when it was not created.
    async fn create_item(&self, item: &Item) -> Result<Item, StoreError>;

    /// Replaces an item's state, vendor reference, expiry and detail; false when it is not there.
    ///
    /// # Errors
    /// [`StoreError`] when it was not replaced.
    async fn update_item(&self, item: &Item) -> Result<bool, StoreError>;

    /// One item of one owner.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    async fn item(&self, owner: TenantId, id: ItemId) -> Result<Option<Item>, StoreError>;

    /// One item of one owner by its wire id.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    async fn item_by_wire_id(&self, owner: TenantId, wire_id: i64) -> Result<Option<Item>, StoreError>;

    /// Items of one owner and kind that are not deleted, newest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    async fn items(
        &self,
        owner: TenantId,
        kind: ItemKind,
        skip: usize,
        limit: usize,
    ) -> Result<Vec<Item>, StoreError>;

    /// Notes that a blob is being staged, before its bytes are needed: it is not swept for a while.
    ///
    /// # Errors
    /// [`StoreError`] when it was not noted.
    async fn stage_blob(&self, key: &BlobKey, bytes: u64, at: Millis) -> Result<(), StoreError>;

    /// Forgets and returns staged blobs from before a moment that no task uses.
    ///
    /// # Errors
    /// [`StoreError`] when nothing was forgotten.
    async fn abandon_blobs(&self, before: Millis, limit: usize) -> Result<Vec<BlobKey>, StoreError>;

    /// A named secret of the installation, such as the key of links; kept as given.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    async fn setting(&self, name: &str) -> Result<Option<String>, StoreError>;

    /// Keeps a setting, unless it is there already; returns the one in force.
    ///
    /// # Errors
    /// [`StoreError`] when it was not kept.
    async fn keep_setting(&self, name: &str, value: &str) -> Result<String, StoreError>;

    /// What the database says of itself.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    async fn condition(&self) -> Result<Condition, StoreError>;

    /// Proves that the database answers.
    ///
    /// # Errors
    /// [`StoreError`] when it does not.
    async fn ping(&self) -> Result<(), StoreError>;
}
