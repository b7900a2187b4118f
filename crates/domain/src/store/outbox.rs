//! The outbox: webhooks that are owed, tried, delivered or given up, and the secrets that they are signed
//! with. A row comes in with the change of its task; what becomes of it is written here.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::clock::Millis;
use crate::ids::{Id, TaskId, TenantId};
use crate::store::StoreError;
use crate::task::Owed;
use crate::tenant::Sealed;

/// How far a webhook is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It is owed: not tried yet, or to be tried again.
    Pending,
    /// The receiver has it.
    Delivered,
    /// A later state of the task came to be owed before it was delivered.
    Superseded,
    /// It was given up; it may be replayed.
    Dead,
}

impl DeliveryState {
    /// Every state.
    pub const ALL: [DeliveryState; 4] = [
        DeliveryState::Pending,
        DeliveryState::Delivered,
        DeliveryState::Superseded,
        DeliveryState::Dead,
    ];

    /// The state's word, as stored and shown.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            DeliveryState::Pending => "pending",
            DeliveryState::Delivered => "delivered",
            DeliveryState::Superseded => "superseded",
            DeliveryState::Dead => "dead",
        }
    }

    /// Reads a state back from its word.
    #[must_use]
    pub fn parse(word: &str) -> Option<DeliveryState> {
        DeliveryState::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// A webhook and what became of it so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// What is owed to whom.
    pub owed: Owed,
    /// How far it is.
    pub state: DeliveryState,
    /// Tries that came to an end since it was owed, or since it was replayed.
    pub tries: u32,
    /// When a pending one is tried next; while it is being tried, until when nobody else tries it.
    pub next_at: Millis,
    /// Whether somebody asked for it once more.
    pub is_replay: bool,
    /// The HTTP status of the last try; none when there was no answer.
    pub status: Option<u16>,
    /// Why the last try failed: our words, or the beginning of what was answered.
    pub note: Option<String>,
    /// When the last try ended.
    pub tried_at: Option<Millis>,
    /// When the receiver took it.
    pub delivered_at: Option<Millis>,
}

/// A webhook that was claimed, to be tried once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Errand {
    /// The webhook.
    pub delivery: Delivery,
    /// Its body, once one was rendered.
    pub body: Option<Vec<u8>>,
}

/// A request for webhooks that are due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrandClaim {
    /// Who claims.
    pub node: String,
    /// The moment by which they are due.
    pub now: Millis,
    /// Until when nobody else tries them.
    pub until: Millis,
    /// Of which receivers, and of each at most how many.
    pub receivers: Vec<(String, usize)>,
}

/// What came of one try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// The webhook.
    pub id: String,
    /// Who tried it.
    pub node: String,
    /// Until when its claim goes; a later claim makes this outcome nobody's business.
    pub until: Millis,
    /// How far it is now. One that was superseded meanwhile stays so, unless it was delivered.
    pub state: DeliveryState,
    /// Tries so far.
    pub tries: u32,
    /// When it is tried next, if it is.
    pub next_at: Millis,
    /// The HTTP status; none when there was no answer.
    pub status: Option<u16>,
    /// Why it failed.
    pub note: Option<String>,
    /// When the try ended.
    pub at: Millis,
}

/// Which webhooks a list shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeliveryFilter {
    /// Of this tenant; none: of all.
    pub tenant: Option<TenantId>,
    /// In this state; none: in any.
    pub state: Option<DeliveryState>,
    /// From behind the webhook of this task and version; none: from the newest.
    pub after: Option<(TaskId, u64)>,
    /// Most webhooks.
    pub limit: usize,
}

/// How all webhooks stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Outstanding {
    /// Those that are pending.
    pub pending: u64,
    /// Since when the oldest of them is owed.
    pub oldest: Option<Millis>,
    /// Those that were given up and not replayed.
    pub dead: u64,
}

/// A secret that a tenant's webhooks are signed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningSecret {
    /// What it is sealed for.
    pub id: Id,
    /// Whose webhooks it signs.
    pub tenant: TenantId,
    /// The secret.
    pub sealed: Sealed,
    /// When it was made.
    pub made_at: Millis,
    /// Until when it signs beside its successor; none: it is the one in force.
    pub ends_at: Option<Millis>,
    /// Whether it was shown to somebody, which happens once.
    pub is_shown: bool,
}

/// Webhooks on their way, and what they are signed with.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Who has pending webhooks, and when the first of each is due; by receiver.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    async fn receivers(&self) -> Result<Vec<(String, Millis)>, StoreError>;

    /// Claims due webhooks, of each receiver those that have been due longest. One of a task of which an
    /// earlier one is being tried, or of which an earlier end is still owed, is left for later. Of many who
    /// claim at once, one gets it; a claim that is over is void.
    ///
    /// # Errors
    /// [`StoreError`] when nothing could be claimed.
    async fn claim_errands(&self, claim: &ErrandClaim) -> Result<Vec<Errand>, StoreError>;

    /// Keeps the body of a webhook, unless it has one; returns the one in force. None: there is no such
    /// webhook, or its task was erased.
    ///
    /// # Errors
    /// [`StoreError`] when it was not kept.
    async fn keep_body(&self, id: &str, body: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// Writes down what came of a try; false when the claim was over and somebody else has it by now.
    ///
    /// # Errors
    /// [`StoreError`] when it was not written.
    async fn tried(&self, tried: &Tried) -> Result<bool, StoreError>;

    /// One webhook of one owner; without an owner, anybody's. Another's is as unknown as one that never
    /// was.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    async fn delivery(&self, owner: Option<TenantId>, id: &str) -> Result<Option<Delivery>, StoreError>;

    /// All webhooks of a task, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    async fn deliveries_of(&self, task: TaskId) -> Result<Vec<Delivery>, StoreError>;

    /// Webhooks of the newest tasks first, of each task the latest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    async fn deliveries(&self, filter: &DeliveryFilter) -> Result<Vec<Delivery>, StoreError>;

    /// Makes a webhook due now, with all its tries before it. False when it is being tried, when it came to
    /// be owed before `since`, or when it was superseded before it had a body.
    ///
    /// # Errors
    /// [`StoreError`] when nothing was changed.
    async fn replay(&self, id: &str, now: Millis, since: Millis) -> Result<bool, StoreError>;

    /// Forgets webhooks that came to be owed before a moment and are not pending; at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`] when nothing was forgotten.
    async fn forget_deliveries(&self, before: Millis, limit: usize) -> Result<u64, StoreError>;

    /// How all webhooks stand.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    async fn outstanding(&self) -> Result<Outstanding, StoreError>;

    /// The secrets of a tenant, the one in force first.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    async fn signing_secrets(&self, tenant: TenantId) -> Result<Vec<SigningSecret>, StoreError>;

    /// Keeps a tenant's first secret; false when there is one in force.
    ///
    /// # Errors
    /// [`StoreError`] when it was not kept.
    async fn keep_signing_secret(&self, secret: &SigningSecret) -> Result<bool, StoreError>;

    /// Puts a secret in force; the one before goes on until `until`, and those before that end now. False
    /// when somebody else does the same at this moment.
    ///
    /// # Errors
    /// [`StoreError`] when nothing was changed.
    async fn rotate_signing_secret(&self, secret: &SigningSecret, until: Millis) -> Result<bool, StoreError>;

    /// Notes that a secret is being shown; false when it was before.
    ///
    /// # Errors
    /// [`StoreError`] when it was not noted.
    async fn show_signing_secret(&self, id: Id) -> Result<bool, StoreError>;
}
