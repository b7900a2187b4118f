//! How nouns become columns and back: ids as bytes, words, JSON. No SQL and no database here, so that
//! every database of this room writes the same rows.

use std::sync::Arc;

use domain::http::Reply;
use domain::limits::Guards;
use domain::overview::{Portion, Surveyed};
use domain::store::{Birth, Booked, Claim, Entry, Idempotency, Listing, Page, Replaced, StoreError};
use domain::task::{Change, Course, Origin, Task};
use domain::tenant::Proof;
use domain::{BlobKey, Id, LedgerAccount, Line, LineKind, Source, StateWord, TaskId};
use serde::Serialize;

use crate::replies;
use crate::spending::Step;

/// Most rows in one claim, whatever is asked.
pub(crate) const CLAIM_MOST: usize = 1_024;
/// Most tasks or items in one page of a list, whatever is asked.
pub(crate) const PAGE_MOST: usize = 1_000;
/// The status of an answer about what is not there.
const NOT_FOUND: u16 = 404;
/// Most blobs that one call forgets.
pub(crate) const ABANDON_MOST: usize = 1_000;

/// As long as most wishes are in JSON.
const ORIGIN_BYTES_USUAL: usize = 1_024;
/// As long as most courses are at their birth.
const COURSE_BYTES_USUAL: usize = 256;

/// Greater than every id, so that a first page takes the same walk through the index as a later one.
pub(crate) const BEHIND_ALL: [u8; 17] = [0xff; 17];

/// An id as it lies in a column: 16 bytes, big-endian, ordered like the id.
pub(crate) type IdBytes = [u8; 16];

/// A task's columns at its birth.
pub(crate) struct TaskRow {
    pub(crate) tenant: IdBytes,
    pub(crate) operation: &'static str,
    pub(crate) deadline_at: i64,
    pub(crate) created_at: i64,
    pub(crate) origin: String,
}

/// The columns of a task that a change rewrites.
pub(crate) struct CourseRow {
    pub(crate) id: IdBytes,
    pub(crate) expects: i64,
    pub(crate) version: i64,
    pub(crate) state: &'static str,
    pub(crate) open: bool,
    pub(crate) owned: bool,
    pub(crate) due_at: i64,
    pub(crate) course: String,
}

/// A ledger line's columns, and what it does to its tenant's pockets.
#[derive(Clone)]
pub(crate) struct LineRow {
    pub(crate) task: Option<IdBytes>,
    pub(crate) tenant: Option<IdBytes>,
    pub(crate) kind: LineKind,
    pub(crate) sequence: i64,
    pub(crate) from: &'static str,
    pub(crate) to: &'static str,
    pub(crate) amount: i64,
    pub(crate) at: i64,
    pub(crate) note: String,
    pub(crate) available: i64,
    pub(crate) held: i64,
}

/// A change, encoded before it queues for the writer.
pub(crate) struct ChangeRows {
    pub(crate) course: CourseRow,
    pub(crate) lines: Vec<LineRow>,
    pub(crate) blobs: Vec<BlobKey>,
    pub(crate) step: Step,
    /// The wish as it is from now on, where the change takes words out of it.
    pub(crate) erased: Option<String>,
    pub(crate) change: Arc<Change>,
}

/// A birth, encoded before it queues for the writer.
pub(crate) struct BirthRows {
    pub(crate) task: TaskRow,
    pub(crate) change: ChangeRows,
    pub(crate) idempotency: Option<Idempotency>,
    pub(crate) guards: Guards,
}

impl ChangeRows {
    /// The account of which it takes a slot, and how many that has.
    pub(crate) fn wants_slot(&self) -> Option<(&str, i64)> {
        let slots = self.change.slots?;
        Some((self.change.task.occupies()?, i64::from(slots)))
    }
}

impl BirthRows {
    pub(crate) fn of_all(births: Vec<Birth>) -> Result<Vec<BirthRows>, StoreError> {
        let rows = births.into_iter().map(|birth| {
            Ok(BirthRows {
                task: task_row(&birth.change.task)?,
                change: change_rows(birth.change)?,
                idempotency: birth.idempotency,
                guards: birth.guards,
            })
        });
        rows.collect()
    }

    /// The wish.
    pub(crate) fn origin(&self) -> &Origin {
        &self.change.change.task.origin
    }

    /// The client's own name for the task.
    pub(crate) fn external_id(&self) -> Option<&str> {
        let name = self.origin().external_id.as_deref();
        name.filter(|name| !name.is_empty())
    }
}

impl LineRow {
    /// Whether it is a hold, which the balance must cover.
    pub(crate) fn is_hold(&self) -> bool {
        self.kind == LineKind::Hold && self.available == -self.amount && self.held == self.amount
    }
}

/// A key's proof in columns.
pub(crate) struct ProofRow<'key> {
    pub(crate) hash: String,
    pub(crate) access: Option<&'key str>,
    pub(crate) sealed_by: Option<&'key str>,
    pub(crate) sealed: Option<&'key [u8]>,
}

impl ProofRow<'_> {
    pub(crate) fn of(proof: &Proof) -> ProofRow<'_> {
        match proof {
            Proof::Secret { hash } => ProofRow {
                hash: hash.clone(),
                access: None,
                sealed_by: None,
                sealed: None,
            },
            Proof::Pair { access, sealed } => ProofRow {
                hash: format!("pair:{access}"),
                access: Some(access),
                sealed_by: Some(&sealed.master),
                sealed: Some(&sealed.bytes),
            },
        }
    }
}

/// The terms of an account, a tenant or a key as their column has them.
pub(crate) fn terms_text(terms: &impl Serialize) -> Result<String, StoreError> {
    let text = serde_json::to_string(terms);
    text.map_err(|error| StoreError::Corrupt(format!("terms: {error}")))
}

/// The part of a list that a page asks for.
pub(crate) struct Span {
    /// The tasks are older than this; where it rises, younger.
    pub(crate) after: Vec<u8>,
    /// Whether the oldest come first.
    pub(crate) rises: bool,
    pub(crate) skip: i64,
    pub(crate) limit: usize,
}

impl Span {
    pub(crate) fn of(page: Page) -> Span {
        let (after, skip, limit) = match page {
            Page::Cursor { after, limit } | Page::Rising { after, limit } => (after, 0, limit),
            Page::Offset { skip, limit } => (None, skip, limit),
        };
        let rises = matches!(page, Page::Rising { .. });
        let start = if rises { Vec::new() } else { BEHIND_ALL.to_vec() };
        Span {
            after: after.map_or(start, |after| id_bytes(after.0).to_vec()),
            rises,
            skip: bound(skip),
            limit: limit.min(PAGE_MOST),
        }
    }
}

/// A part of a survey as parameters.
pub(crate) struct Walk {
    /// The tasks are older than this.
    pub(crate) after: Vec<u8>,
    /// How many are looked at before the last one.
    pub(crate) before_last: i64,
    pub(crate) limit: usize,
}

impl Walk {
    pub(crate) fn of(portion: Portion) -> Walk {
        let Span { after, limit, .. } = Span::of(Page::Cursor {
            after: portion.after,
            limit: portion.limit,
        });
        Walk {
            after,
            before_last: bound(portion.walk.saturating_sub(1)),
            limit,
        }
    }
}

/// Where a walk ends as a parameter: less than every id where it goes to the end.
pub(crate) fn walk_end_bytes(end: Option<TaskId>) -> Vec<u8> {
    end.map_or_else(Vec::new, |end| id_bytes(end.0).to_vec())
}

/// A page of tasks, of which one more than the limit was asked for.
pub(crate) fn listing(mut tasks: Vec<Arc<Task>>, limit: usize) -> Listing {
    let has_more = tasks.len() > limit;
    tasks.truncate(limit);
    Listing { tasks, has_more }
}

/// A part of a survey, of which one more task than the limit was asked for; `walk_end` is the last task
/// that was looked at, where the walk did not come to the end.
pub(crate) fn surveyed(mut tasks: Vec<Arc<Task>>, limit: usize, walk_end: Option<TaskId>) -> Surveyed {
    let has_more = tasks.len() > limit;
    tasks.truncate(limit);
    let last = tasks.last().filter(|_| has_more).map(|task| task.id());
    Surveyed {
        next: last.or(walk_end),
        tasks,
    }
}

/// The states in which a claim may find work.
pub(crate) fn claimable(claim: &Claim) -> Vec<StateWord> {
    let mut states = claim.states.clone();
    states.sort_unstable();
    states.dedup();
    states.retain(|state| !state.is_final());
    states
}

/// The first of what is due, oldest due first, then oldest born.
pub(crate) fn first(mut due: Vec<(i64, TaskId)>, limit: usize) -> Vec<TaskId> {
    due.sort_unstable();
    due.into_iter().take(limit).map(|(_, id)| id).collect()
}

/// Refuses lines that must come with a change.
pub(crate) fn only_loose(lines: &[LineRow]) -> Result<(), StoreError> {
    if lines.iter().any(|line| line.task.is_some()) {
        let message = "lines of a task are booked with its change only";
        return Err(StoreError::Corrupt(message.to_owned()));
    }
    Ok(())
}

/// What is said of a hold that comes without a change.
pub(crate) fn loose_hold() -> StoreError {
    StoreError::Corrupt("a hold that belongs to no task".to_owned())
}

/// What is said of a line of a tenant that is not there.
pub(crate) fn no_tenant(tenant: IdBytes) -> StoreError {
    let id = u128::from_be_bytes(tenant);
    StoreError::Corrupt(format!("a line of tenant {id:032x}, which is not there"))
}

/// What is said of a newcomer's first credit that cannot be booked.
pub(crate) fn no_first_credit(credit: &Entry, refused: &Booked) -> StoreError {
    match refused {
        Booked::Twin(_) => StoreError::Taken(credit.name.clone()),
        other => StoreError::Corrupt(format!("the first credit `{}`: {other:?}", credit.name)),
    }
}

/// Why terms do not take the place of those that were read; none where they do.
pub(crate) fn not_replaced<T: PartialEq>(in_force: Option<&T>, read: &T) -> Option<Replaced> {
    match in_force {
        None => Some(Replaced::Absent),
        Some(in_force) if in_force != read => Some(Replaced::Stale),
        Some(_) => None,
    }
}

/// What is said of a key that is there already.
pub(crate) fn key_taken() -> StoreError {
    StoreError::Taken("the id, the secret or the access name of the key".to_owned())
}

pub(crate) fn id_bytes(id: Id) -> IdBytes {
    id.0.to_be_bytes()
}

pub(crate) fn id_of(bytes: &[u8]) -> Result<Id, StoreError> {
    let bytes: IdBytes = bytes
        .try_into()
        .map_err(|_| StoreError::Corrupt(format!("an id of {} bytes", bytes.len())))?;
    Ok(Id(u128::from_be_bytes(bytes)))
}

/// An unsigned number as a column takes it.
pub(crate) fn signed(number: u64, what: &str) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|_| StoreError::Corrupt(format!("{what} {number} does not fit 63 bits")))
}

/// An unsigned number as a column gives it.
pub(crate) fn unsigned(number: i64, what: &str) -> Result<u64, StoreError> {
    u64::try_from(number).map_err(|_| StoreError::Corrupt(format!("{what} is negative: {number}")))
}

/// A bound or an offset as SQL takes it.
pub(crate) fn bound(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(crate) fn corrupt_task(id: TaskId, error: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt(format!("task {}: {error}", id.prefixed()))
}

/// The columns that never change after a task's birth.
fn task_row(task: &Task) -> Result<TaskRow, StoreError> {
    let origin = &task.origin;
    let text = origin_text(task)?;
    Ok(TaskRow {
        tenant: id_bytes(origin.tenant.0),
        operation: origin.ask.operation.word(),
        deadline_at: origin.deadline_at.0,
        created_at: origin.created_at.0,
        origin: text,
    })
}

fn origin_text(task: &Task) -> Result<String, StoreError> {
    json_text(task.id(), &*task.origin, ORIGIN_BYTES_USUAL)
}

/// A part of a task as JSON, written into a text that most of its kind fit in.
fn json_text(id: TaskId, part: &impl Serialize, usual: usize) -> Result<String, StoreError> {
    let mut text = Vec::with_capacity(usual);
    serde_json::to_writer(&mut text, part).map_err(|error| corrupt_task(id, error))?;
    String::from_utf8(text).map_err(|error| corrupt_task(id, error))
}

/// Everything else that changes write.
pub(crate) fn changes_rows(changes: Vec<Change>) -> Result<Vec<ChangeRows>, StoreError> {
    let changes = changes.into_iter().map(Arc::new);
    changes.map(change_rows).collect()
}

fn change_rows(change: Arc<Change>) -> Result<ChangeRows, StoreError> {
    let task = &change.task;
    let id = task.id();
    let course = CourseRow {
        id: id_bytes(id.0),
        expects: signed(change.expects_version(), "version")?,
        version: signed(task.course.version, "version")?,
        state: task.word().word(),
        open: !task.word().is_final(),
        owned: task.is_owned(),
        due_at: task.due_at().0,
        course: json_text(id, &task.course, COURSE_BYTES_USUAL)?,
    };
    let lines = change.lines.iter().map(line_row).collect::<Result<_, _>>()?;
    let blobs = blobs_of(task);
    let erased = match task.course.erased_at {
        Some(_) => Some(origin_text(task)?),
        None => None,
    };
    Ok(ChangeRows {
        course,
        lines,
        blobs,
        step: Step::of(&change)?,
        erased,
        change,
    })
}

/// Every blob that a task uses: also what is kept already of a wish whose other media is being fetched.
fn blobs_of(task: &Task) -> Vec<BlobKey> {
    let course = &task.course;
    let media = course.media.iter().map(|staged| &staged.blob);
    let waiting = task.origin.ask.inputs.iter();
    let waiting = waiting.filter_map(|input| match &input.source {
        Source::Staged(staged) if course.media.is_empty() => Some(&staged.blob),
        _ => None,
    });
    let results = course.artifacts.iter().chain(&course.late);
    let results = results.map(|artifact| &artifact.blob);
    media.chain(waiting).chain(results).cloned().collect()
}

/// A task back from its columns. The version of the column is the true one: a claim raises it there.
pub(crate) fn task_of(id: TaskId, version: i64, course: &str, origin: &str) -> Result<Task, StoreError> {
    let origin: Origin = serde_json::from_str(origin).map_err(|error| corrupt_task(id, error))?;
    if origin.id != id {
        return Err(corrupt_task(id, "the wish is another task's"));
    }
    let mut course: Course = serde_json::from_str(course).map_err(|error| corrupt_task(id, error))?;
    course.version = unsigned(version, "version").map_err(|error| corrupt_task(id, error))?;
    Ok(Task {
        origin: Arc::new(origin),
        course,
    })
}

/// A line's columns. Invariant: the tenant's pockets of a line all belong to the tenant in whose books
/// it is listed, and no amount is negative. Held by
/// `lines_that_cannot_be_right_are_refused_as_a_whole`.
pub(crate) fn line_row(line: &Line) -> Result<LineRow, StoreError> {
    let amount = line.amount.0;
    if amount < 0 {
        return Err(StoreError::Corrupt(
            "a ledger line with a negative amount".to_owned(),
        ));
    }
    let pockets = [line.from, line.to];
    let mut owners = pockets.iter().filter_map(|pocket| pocket.tenant());
    if owners.any(|owner| Some(owner) != line.tenant) {
        let message = "a ledger line that moves money of a tenant in whose books it is not listed";
        return Err(StoreError::Corrupt(message.to_owned()));
    }
    let (mut available, mut held) = (0, 0);
    for (pocket, amount) in [(line.from, -amount), (line.to, amount)] {
        match pocket {
            LedgerAccount::Available(_) => available += amount,
            LedgerAccount::Held(_) => held += amount,
            _ => {}
        }
    }
    Ok(LineRow {
        task: line.task.map(|task| id_bytes(task.0)),
        tenant: line.tenant.map(|tenant| id_bytes(tenant.0)),
        kind: line.kind,
        sequence: i64::from(line.sequence),
        from: line.from.word(),
        to: line.to.word(),
        amount,
        at: line.at.0,
        note: line.note.clone(),
        available,
        held,
    })
}

/// The columns of many lines.
pub(crate) fn line_rows(lines: &[Line]) -> Result<Vec<LineRow>, StoreError> {
    lines.iter().map(line_row).collect()
}

/// What stands in the place of the head of an answer about a task that was erased.
pub(crate) fn erased_head() -> Result<String, StoreError> {
    replies::reply_head(&Reply::empty(NOT_FOUND))
}

/// Reads a word back, or says which column holds which unknown word.
pub(crate) fn word_of<T>(
    word: &str,
    column: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<T, StoreError> {
    parse(word).ok_or_else(|| StoreError::Corrupt(format!("{column} `{word}` is unknown")))
}
