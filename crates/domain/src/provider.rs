//! The `Provider` port: who makes the media. A provider reaches the outside only through the `Wire`
//! that it is handed; it never retries, never bills, and decides nothing by time.

use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::artifact::{MediaFacts, MediaKind, Staged};
use crate::ask::{Ask, Operation, Parent, Role};
use crate::blobs::{Blobs, ByteStream};
use crate::clock::Millis;
use crate::credentials::{AccountFacts, LoginKind};
use crate::error::TaskError;
use crate::findings::Findings;
use crate::ids::TaskId;
use crate::invoice::{Invoice, InvoiceWish};
use crate::money::Micros;
use crate::transport::Transport;

pub use crate::account::Account;

/// How a vendor wants input media.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaForm {
    /// Read from blobs by the provider.
    Bytes,
    /// As Base64 inside the request.
    Base64,
    /// As a link that the vendor fetches.
    Link,
}

/// Whether a submit that got no trustworthy answer can be looked up at the vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup {
    /// There is no such call.
    None,
    /// By our client reference, and "absent" can be believed once `absence_bound_ms` have passed
    /// (none: the configured bound) since the old owner's lease expired.
    Authoritative {
        /// The provider's own bound in milliseconds, where it is surer than the configured one.
        absence_bound_ms: Option<u64>,
    },
}

/// The facts about a provider. Routing, prices, documentation and the exam read them.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// The provider's name, as in configuration and logs.
    pub name: &'static str,
    /// What it is, in one sentence.
    pub about: &'static str,
    /// The vendor's documentation and the date it was read; empty for what is embedded.
    pub documentation: &'static str,
    /// What its logins are opened with; empty: it needs none. In the order in which an account may change
    /// from one kind to a later one, never back.
    pub logins: &'static [LoginKind],
    /// Tasks in flight at once, where an account does not say.
    pub slots: u32,
    /// Whether the vendor calls back when a task changes, where it is told an address.
    pub calls_back: bool,
    /// Models it serves by name; empty: every model.
    pub models: &'static [&'static str],
    /// Work it can do.
    pub operations: &'static [Operation],
    /// Extras that it understands, by namespaced name.
    pub extras: &'static [&'static str],
    /// How it wants input media.
    pub media: MediaForm,
    /// Whether a doubtful submit can be looked up.
    pub lookup: Lookup,
    /// Whether a running task can be stopped at the vendor.
    pub can_cancel: bool,
    /// Most jobs in one look.
    pub poll_batch: usize,
    /// Milliseconds between looks at one task.
    pub poll_interval_ms: u64,
    /// Longest time for one submit.
    pub submit_timeout_ms: u64,
    /// Milliseconds after which an unfinished task fails (none: the configured deadline).
    pub deadline_ms: Option<u64>,
}

/// Makes addresses at which anybody who has them can fetch kept media for a while: for vendors that take some
/// media as a link only.
pub trait Publish: Send + Sync {
    /// The whole address of kept media.
    fn address(&self, media: &Staged) -> String;
}

/// What a provider is handed to reach the outside with.
#[derive(Clone)]
pub struct Wire {
    /// The login that is used.
    pub account: Arc<Account>,
    /// The only way out.
    pub transport: Arc<dyn Transport>,
    /// Where input media is read from.
    pub blobs: Arc<dyn Blobs>,
    /// Where vendors fetch input media from; none: the gateway has no address that they reach.
    pub publish: Option<Arc<dyn Publish>>,
}

/// The upstream's name for a task.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Receipt(pub String);

/// Input media that is ready for the vendor.
#[derive(Debug, Clone, PartialEq)]
pub struct JobMedia {
    /// What it is for.
    pub role: Role,
    /// Where its bytes are.
    pub staged: Staged,
    /// Of which earlier result it is the file.
    pub parent: Option<Parent>,
}

/// One task as a provider sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// The task, for logs only.
    pub task: TaskId,
    /// Our reference, made once a task and sent as the vendor's external id where it has one.
    pub client_ref: String,
    /// The wish.
    pub ask: Arc<Ask>,
    /// The seed in force.
    pub seed: u64,
    /// Input media, in the wish's order.
    pub media: Vec<JobMedia>,
    /// The upstream's name, once it has given one.
    pub receipt: Option<Receipt>,
}

/// Where a result's bytes come from.
pub enum OutputSource {
    /// A vendor's link, that will die.
    Link(String),
    /// Bytes at hand.
    Stream(ByteStream),
}

/// One result file that the upstream offers.
pub struct Output {
    /// What it is.
    pub kind: MediaKind,
    /// Where it comes from.
    pub source: OutputSource,
    /// What the upstream says of it.
    pub facts: MediaFacts,
    /// The vendor's own name for it.
    pub vendor_ref: Option<String>,
    /// For a copy with the maker's mark: the place among the files of the one that it is a copy of.
    pub marked_copy_of: Option<u32>,
}

/// Results and what they cost the house.
pub struct Outputs {
    /// The files, in the vendor's order.
    pub files: Vec<Output>,
    /// What is told beside them; without files it is the whole result.
    pub findings: Option<Box<Findings>>,
    /// The quantity that the vendor counted, in the quote's unit; none: what was asked.
    pub quantity: Option<u64>,
    /// What the vendor takes; none: unknown.
    pub cost: Option<Micros>,
    /// When the job ended, by the vendor's clock; none: it does not say.
    pub ended_at: Option<Millis>,
}

/// A submit that certainly arrived.
pub enum Submitted {
    /// The upstream gave a name and works.
    Accepted(Receipt),
    /// The upstream answered with the results.
    Done(Receipt, Outputs),
}

/// What one look at one job saw.
pub enum Look {
    /// It goes on; percent where the vendor says.
    Running(Option<u8>),
    /// It is done.
    Done(Outputs),
    /// The vendor says that it failed; not charged.
    Failed(TaskError),
    /// The provider proves that the job is gone and cost nothing.
    Lost,
    /// A word that we do not know, verbatim: the state is kept.
    UnknownWord(String),
    /// The answer says nothing of this job, and why: the state is kept, and the next look is later.
    Unseen(String),
}

/// What came in at the address for an upstream's callbacks. Anybody may have sent it.
#[derive(Debug, Clone, Copy)]
pub struct Callback<'a> {
    /// The headers; names in lower case.
    pub headers: &'a [(String, String)],
    /// The body, byte by byte as it came: signatures are made over it.
    pub body: &'a [u8],
}

impl Callback<'_> {
    /// The first header of a name, which is given in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// What a look-up by our reference found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reconciled {
    /// The submit had arrived.
    Found(Receipt),
    /// The vendor has never heard of it.
    Absent,
    /// There is no look-up at this vendor.
    NoLookup,
}

/// How a stop request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// Gone, and it cost nothing.
    Stopped,
    /// Not stopped: too late, or the vendor has no such call.
    GoesOn,
}

/// What stood in the way of a submit that was not taken, so that the next ones are paced by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jam {
    /// The account has as many tasks in flight as its vendor allows.
    Slots,
    /// Calls come too fast.
    Rate,
    /// The login was not let in.
    Login,
    /// The vendor was not reached, or is out of order.
    Upstream,
    /// Something of this task, on our side: it says nothing of the account.
    Here,
}

/// Upstream errors are instructions.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpstreamError {
    /// Nothing was accepted; later, here or elsewhere.
    #[error("busy: {reason}")]
    Busy {
        /// What stood in the way.
        jam: Jam,
        /// What the vendor said.
        reason: String,
        /// When to come back, in milliseconds, where the vendor said.
        retry_after_ms: Option<u64>,
    },
    /// Nothing was accepted and never will be.
    #[error("refused: {0}")]
    Refused(TaskError),
    /// It may have been accepted: reconcile by our reference first.
    #[error("unknown: {0}")]
    Unknown(String),
}

/// Who makes the media.
#[async_trait]
pub trait Provider: Send + Sync {
    /// The facts.
    fn manifest(&self) -> &Manifest;

    /// Whether a wish can be put to the vendor with this login at all, as far as that is known without
    /// asking. Routing passes accounts by whose provider says no.
    ///
    /// # Errors
    /// Why not.
    fn takes(&self, _ask: &Ask, _account: &Account) -> Result<(), TaskError> {
        Ok(())
    }

    /// Hands a job over, once.
    ///
    /// # Errors
    /// [`UpstreamError`], which says what happens next.
    async fn submit(&self, job: &Job, wire: &Wire) -> Result<Submitted, UpstreamError>;

    /// Looks at jobs of one account, at most [`Manifest::poll_batch`] at a time; one look per job,
    /// in order.
    ///
    /// # Errors
    /// Any error means that nothing was seen; it never fails a task.
    async fn poll(&self, jobs: &[Job], wire: &Wire) -> Result<Vec<Look>, UpstreamError>;

    /// Asks the vendor to stop a job.
    ///
    /// # Errors
    /// Any error means that the job goes on.
    async fn cancel(&self, job: &Job, wire: &Wire) -> Result<Stopped, UpstreamError>;

    /// Looks a doubtful submit up by our reference.
    ///
    /// # Errors
    /// Any error means that nothing was learnt.
    async fn reconcile(&self, job: &Job, wire: &Wire) -> Result<Reconciled, UpstreamError>;

    /// Reads the name of the task that an upstream's callback speaks of. The payload is never
    /// believed beyond that. Where the account has a callback secret, what is not signed with it
    /// names nobody.
    fn hint(&self, callback: &Callback<'_>, account: &Account) -> Option<Receipt>;

    /// Asks whether the login works, without making anything.
    ///
    /// # Errors
    /// [`UpstreamError`]: Busy where it may work later, Refused where it will not.
    async fn check(&self, wire: &Wire) -> Result<AccountFacts, UpstreamError>;

    /// Reads a part of what the vendor says that it deducted; none where the vendor tells no such thing.
    ///
    /// # Errors
    /// [`UpstreamError`]: nothing was learnt.
    async fn invoice(&self, _wish: &InvoiceWish, _wire: &Wire) -> Result<Option<Invoice>, UpstreamError> {
        Ok(None)
    }
}
