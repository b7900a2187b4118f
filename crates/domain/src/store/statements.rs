//! Statements: what an operator books by hand, the lines of the books in the order in which they are read to
//! people, sums of them, and the proof that they are exact. Lines of tasks are booked with their change and
//! nowhere else.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::clock::Millis;
use crate::ids::{Id, KeyId, TenantId};
use crate::money::{Balance, Line, LineKind, Micros};
use crate::price::Quote;
use crate::store::{LedgerReport, StoreError};

/// Most entries in one page of a statement or of a sum, whatever is asked.
pub const STATEMENT_PAGE_MOST: usize = 1_000;

/// Most wrong counts that a recount spells out.
pub const RECOUNTED_MOST: usize = 1_000;

/// Whether a correction may take more than there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overdraw {
    /// It takes at most what is available.
    Refused,
    /// It may push the balance below zero.
    Allowed,
}

/// A credit or a correction, as an operator books it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name, unique for ever, so that a repeat is answered and not booked twice.
    pub name: String,
    /// What moves; the note is the reason. The sequence is given by the store.
    pub line: Line,
    /// Who booked it: a key by id and name, or the command line.
    pub author: String,
    /// Whether it may take more than there is.
    pub overdraw: Overdraw,
}

/// What became of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Booked {
    /// It is booked; the tenant's money after it.
    Done(Balance),
    /// An entry of this name is there already.
    Twin(Box<Recorded>),
    /// It would take more than is available; nothing was booked.
    NotCovered(Balance),
    /// There is no such tenant; nothing was booked.
    NoTenant,
    /// The tenant has no such task; nothing was booked.
    NoTask,
}

/// A line as it lies in the books, with what is known of its task. A task's words may have been taken away;
/// its usage stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Its place in the books.
    pub number: u64,
    /// The line.
    pub line: Line,
    /// Who booked it; none for lines of a task's own life.
    pub author: Option<String>,
    /// The name of the entry that it is.
    pub entry: Option<String>,
    /// The model that the task asked for.
    pub model: Option<String>,
    /// The task's operation, by its word.
    pub operation: Option<String>,
    /// The quantity that the task settled at, in the quote's unit; none while it is unfinished.
    pub quantity: Option<u64>,
    /// The task's price.
    pub quote: Option<Quote>,
}

/// Which lines: of a tenant, from a moment to before another, up to a place in the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Whose lines.
    pub tenant: TenantId,
    /// From this moment.
    pub from: Millis,
    /// To before this moment.
    pub to: Millis,
    /// None behind this place: what is booked meanwhile is left out.
    pub last: u64,
}

/// Where a page of a statement begins: behind this line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its moment.
    pub at: Millis,
    /// Its place in the books.
    pub number: u64,
}

/// A sum of lines between two pockets, over all tenants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    /// The kind of the lines.
    pub kind: LineKind,
    /// The pocket that they leave, by its word.
    pub from: String,
    /// The pocket that they enter, by its word.
    pub to: String,
    /// How many.
    pub lines: u64,
    /// How much.
    pub amount: Micros,
}

/// By what usage is summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsageBy {
    /// By day (UTC).
    Day,
    /// By the model that was asked for.
    Model,
    /// By key.
    Key,
    /// By day and key.
    DayAndKey,
}

/// Which usage is summed, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageWish {
    /// Whose; none: everybody's.
    pub tenant: Option<TenantId>,
    /// Of this key alone.
    pub key: Option<KeyId>,
    /// Of tasks that ended at this moment or later.
    pub from: Millis,
    /// Of tasks that ended before this moment.
    pub to: Millis,
    /// By what.
    pub by: UsageBy,
    /// Most sums.
    pub limit: usize,
}

/// A sum of usage. What it was not summed by is none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UsageSum {
    /// The beginning of the day (UTC).
    pub day: Option<Millis>,
    /// The model.
    pub model: Option<String>,
    /// The key.
    pub key: Option<KeyId>,
    /// Tasks that ended.
    pub tasks: u64,
    /// Those of them that succeeded.
    pub succeeded: u64,
    /// What was charged.
    pub charge: Micros,
}

/// Whether a recount mends what it finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recount {
    /// It only tells.
    Dry,
    /// It writes what is right.
    Mending,
}

/// What a key or a tenant used, on one day or over all time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counted {
    /// Held and not given back, in micro-dollars.
    pub spent_micros: i64,
    /// Unfinished tasks; counted over all time alone.
    pub open: i64,
}

/// A count that was not what tasks and lines say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recounted {
    /// Whose it is; none for one that is nobody's.
    pub tenant: Option<TenantId>,
    /// The tenant's id, or the id of the first key of a line.
    pub holder: Id,
    /// The beginning of the day (UTC); none: over all time.
    pub day: Option<Millis>,
    /// What was kept.
    pub kept: Counted,
    /// What tasks and lines say.
    pub found: Counted,
}

/// What a recount found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecountReport {
    /// Tenants whose counts were compared.
    pub tenants: u64,
    /// Counts that were not right.
    pub wrong: u64,
    /// The first [`RECOUNTED_MOST`] of them.
    pub first: Vec<Recounted>,
}

impl RecountReport {
    /// Takes one more count down that was not right.
    pub fn add(&mut self, recounted: Recounted) {
        self.wrong += 1;
        if self.first.len() < RECOUNTED_MOST {
            self.first.push(recounted);
        }
    }
}

/// How far a proof of the books is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Lines read so far.
    pub lines: u64,
    /// About how many there are.
    pub lines_in_all: u64,
    /// Tasks checked so far.
    pub tasks: u64,
}

/// Hears how far a proof is.
pub type Tell<'a> = &'a (dyn Fn(Progress) + Send + Sync);

/// The books as people read them.
#[async_trait]
pub trait Statements: Send + Sync {
    /// Books a credit or correction once, whoever repeats it.
    ///
    /// # Errors
    /// [`StoreError`] when it is not known to be booked; it may be repeated.
    async fn book(&self, entry: &Entry) -> Result<Booked, StoreError>;

    /// The place of the last line in the books; zero where there is none.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    async fn last_line(&self) -> Result<u64, StoreError>;

    /// What a tenant's pockets held when a span begins, by its lines.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    async fn opening(&self, span: &Span) -> Result<Balance, StoreError>;

    /// Lines of a span, oldest first, from behind a place; at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    async fn recorded(
        &self,
        span: &Span,
        after: Option<Place>,
        limit: usize,
    ) -> Result<Vec<Recorded>, StoreError>;

    /// What moved between which pockets from a moment to before another, over all tenants.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    async fn flows(&self, from: Millis, to: Millis) -> Result<Vec<Flow>, StoreError>;

    /// Sums of usage, in the order of what they are summed by; days newest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    async fn usage(&self, wish: &UsageWish) -> Result<Vec<UsageSum>, StoreError>;

    /// Proves the books, part by part beside whoever writes: every finished task balances, every pocket
    /// equals the sum of its lines, the sum over all pockets is zero.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    async fn verify(&self, tell: Tell<'_>) -> Result<LedgerReport, StoreError>;

    /// Counts anew from tasks and lines what every key and tenant used, and puts right what is kept of it,
    /// beside whoever writes. Each tenant is compared, and mended, at one moment at which nothing of it
    /// moves.
    ///
    /// # Errors
    /// [`StoreError`] when it could not be ended; what was mended until then stays, and it may be repeated.
    async fn recount(&self, recount: Recount) -> Result<RecountReport, StoreError>;
}
