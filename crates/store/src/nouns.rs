//! How columns become nouns, whatever database they come from: each function reads one row of one query
//! in `sql.rs`. How nouns become columns is in `rows.rs`.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::account::{Duty, Enrolled};
use domain::credentials::LoginKind;
use domain::ids::{AccountId, ItemId, KeyId, TenantId};
use domain::item::{Item, ItemKind, ItemState};
use domain::money::Balance;
use domain::overview::{Ahead, Group, Lease};
use domain::price::{Edition, EditionHead};
use domain::store::{Existing, StoreError, Waiting};
use domain::tenant::{Key, KeyRole, Proof, Sealed, Tenant};
use domain::{BlobKey, Id, LedgerAccount, Line, LineKind, Micros, Millis, StateWord, Task, TaskId};
use serde::de::DeserializeOwned;

use crate::cache::TaskCache;
use crate::{replies, rows};

/// One row of an answer, read by the number of its column. A column that is not what it should be is an
/// error that names the row's noun.
pub(crate) trait Columns {
    /// A whole number.
    fn number(&self, at: usize) -> Result<i64, StoreError>;
    /// A whole number, or nothing.
    fn number_or_none(&self, at: usize) -> Result<Option<i64>, StoreError>;
    /// A text.
    fn text(&self, at: usize) -> Result<&str, StoreError>;
    /// A text, or nothing.
    fn text_or_none(&self, at: usize) -> Result<Option<&str>, StoreError>;
    /// Bytes.
    fn bytes(&self, at: usize) -> Result<&[u8], StoreError>;
    /// Bytes, or nothing.
    fn bytes_or_none(&self, at: usize) -> Result<Option<&[u8]>, StoreError>;
}

/// An id from a column of 16 bytes.
pub(crate) fn id_at(row: &dyn Columns, at: usize) -> Result<Id, StoreError> {
    rows::id_of(row.bytes(at)?)
}

pub(crate) fn id_or_none(row: &dyn Columns, at: usize) -> Result<Option<Id>, StoreError> {
    row.bytes_or_none(at)?.map(rows::id_of).transpose()
}

fn owned(row: &dyn Columns, at: usize) -> Result<Option<String>, StoreError> {
    Ok(row.text_or_none(at)?.map(str::to_owned))
}

pub(crate) fn moment(row: &dyn Columns, at: usize) -> Result<Millis, StoreError> {
    row.number(at).map(Millis)
}

pub(crate) fn moment_or_none(row: &dyn Columns, at: usize) -> Result<Option<Millis>, StoreError> {
    Ok(row.number_or_none(at)?.map(Millis))
}

/// A count, or another number that is never negative.
pub(crate) fn count_at(row: &dyn Columns, at: usize) -> Result<u64, StoreError> {
    rows::unsigned(row.number(at)?, "a count")
}

/// A task from the columns id, version, course, origin. One that is in memory in the same version is
/// not decoded again.
pub(crate) fn task_of(row: &dyn Columns, cache: &TaskCache) -> Result<Arc<Task>, StoreError> {
    let id = TaskId(id_at(row, 0)?);
    let version = row.number(1)?;
    if let Some(task) = cache.get(id)
        && rows::signed(task.course.version, "version")? == version
    {
        return Ok(task);
    }
    rows::task_of(id, version, row.text(2)?, row.text(3)?).map(Arc::new)
}

/// A task that was just leased, from the same columns. A lease raises the version and nothing else, so
/// that one that is in memory in the version before is not decoded again.
pub(crate) fn leased_of(row: &dyn Columns, cache: &TaskCache) -> Result<Arc<Task>, StoreError> {
    let version = row.number(1)?;
    let cached = cache.get(TaskId(id_at(row, 0)?));
    let before = cached.filter(|task| rows::signed(task.course.version, "version") == Ok(version - 1));
    let Some(before) = before else {
        return task_of(row, cache);
    };
    let mut task = Task::clone(&before);
    task.course.version += 1;
    Ok(Arc::new(task))
}

/// Whose work a task is, and until when.
pub(crate) fn lease_of(row: &dyn Columns) -> Result<Lease, StoreError> {
    Ok(Lease {
        node: row.text(0)?.to_owned(),
        until: moment(row, 1)?,
    })
}

/// How many wait, and how many of them before.
pub(crate) fn ahead_of(row: &dyn Columns) -> Result<Ahead, StoreError> {
    Ok(Ahead {
        tasks: count_at(row, 0)?,
        before: count_at(row, 1)?,
    })
}

/// Unfinished tasks of one state and lane.
pub(crate) fn group_of(row: &dyn Columns) -> Result<Group, StoreError> {
    let word = row.text(0)?;
    let state = StateWord::parse(word);
    Ok(Group {
        state: state.ok_or_else(|| StoreError::Corrupt(format!("there is no state `{word}`")))?,
        lane: row.text(1)?.to_owned(),
        tasks: count_at(row, 2)?,
        oldest_at: moment(row, 3)?,
        in_doubt_since: moment_or_none(row, 4)?,
    })
}

/// How many files are kept, and their bytes.
pub(crate) fn kept_of(row: &dyn Columns) -> Result<(u64, u64), StoreError> {
    Ok((count_at(row, 0)?, count_at(row, 1)?))
}

/// When a task is due, or was, and which it is.
pub(crate) fn due_of(row: &dyn Columns) -> Result<(i64, TaskId), StoreError> {
    Ok((row.number(0)?, TaskId(id_at(row, 1)?)))
}

/// Every unfinished state, also those without tasks, so that a gauge falls back to zero.
pub(crate) struct Census(BTreeMap<StateWord, u64>);

impl Census {
    pub(crate) fn new() -> Census {
        let unfinished = StateWord::ALL.into_iter().filter(|state| !state.is_final());
        Census(unfinished.map(|state| (state, 0)).collect())
    }

    pub(crate) fn count(&mut self, row: &dyn Columns) -> Result<(), StoreError> {
        let state = rows::word_of(row.text(0)?, "state", StateWord::parse)?;
        self.0.insert(state, count_at(row, 1)?);
        Ok(())
    }

    pub(crate) fn done(self) -> Vec<(StateWord, u64)> {
        self.0.into_iter().collect()
    }
}

pub(crate) fn waiting_of(row: &dyn Columns, step_ms: i64) -> Result<Waiting, StoreError> {
    Ok(Waiting {
        lane: row.text(0)?.to_owned(),
        tenant: TenantId(id_at(row, 1)?),
        from: Millis(row.number(2)?.saturating_mul(step_ms)),
        tasks: count_at(row, 3)?,
    })
}

pub(crate) fn balance_of(row: &dyn Columns) -> Result<Balance, StoreError> {
    Ok(Balance {
        available: Micros(row.number(0)?),
        held: Micros(row.number(1)?),
        unlimited: row.number(2)? == 1,
    })
}

/// A pocket, a tenant's or the house's.
pub(crate) fn pocket_of(
    row: &dyn Columns,
    at: usize,
    tenant: Option<TenantId>,
) -> Result<LedgerAccount, StoreError> {
    rows::word_of(row.text(at)?, "pocket", |word| {
        LedgerAccount::parse(word, None).or_else(|| LedgerAccount::parse(word, tenant))
    })
}

/// A line's place among its task's lines of one kind.
pub(crate) fn sequence_of(row: &dyn Columns, at: usize) -> Result<u32, StoreError> {
    let sequence = row.number(at)?;
    let fits = sequence.try_into();
    fits.map_err(|_| StoreError::Corrupt(format!("a line with the sequence {sequence}")))
}

pub(crate) fn line_of(row: &dyn Columns, task: TaskId) -> Result<Line, StoreError> {
    let tenant = id_or_none(row, 0)?.map(TenantId);
    Ok(Line {
        task: Some(task),
        tenant,
        kind: rows::word_of(row.text(1)?, "kind of line", LineKind::parse)?,
        sequence: sequence_of(row, 2)?,
        from: pocket_of(row, 3, tenant)?,
        to: pocket_of(row, 4, tenant)?,
        amount: Micros(row.number(5)?),
        at: moment(row, 6)?,
        note: row.text(7)?.to_owned(),
    })
}

/// An idempotency record from the columns body_hash, task, head, body.
pub(crate) fn repeat_of(row: &dyn Columns) -> Result<Existing, StoreError> {
    Ok(Existing::Idempotent {
        body_hash: row.text(0)?.to_owned(),
        task: TaskId(id_at(row, 1)?),
        answer: replies::reply_of(row.text(2)?, row.bytes(3)?.to_vec())?,
    })
}

pub(crate) fn tenant_of(row: &dyn Columns) -> Result<Tenant, StoreError> {
    let name = row.text(1)?.to_owned();
    let terms = serde_json::from_str(row.text(4)?);
    Ok(Tenant {
        id: TenantId(id_at(row, 0)?),
        unlimited: row.number(2)? == 1,
        created_at: moment(row, 3)?,
        terms: terms.map_err(|error| StoreError::Corrupt(format!("tenant `{name}`: {error}")))?,
        name,
    })
}

pub(crate) fn key_of(row: &dyn Columns) -> Result<Key, StoreError> {
    let proof = match row.text_or_none(10)? {
        None => Proof::Secret {
            hash: row.text(4)?.to_owned(),
        },
        Some(access) => Proof::Pair {
            access: access.to_owned(),
            sealed: Sealed {
                master: row.text(11)?.to_owned(),
                bytes: row.bytes(12)?.to_vec(),
            },
        },
    };
    let id = id_at(row, 0)?;
    let terms = serde_json::from_str(row.text(13)?);
    Ok(Key {
        id: KeyId(id),
        tenant: TenantId(id_at(row, 1)?),
        name: row.text(2)?.to_owned(),
        role: rows::word_of(row.text(3)?, "role", KeyRole::parse)?,
        proof,
        hint: row.text(5)?.to_owned(),
        dialect: row.text_or_none(6)?.map(Arc::from),
        created_at: moment(row, 7)?,
        expires_at: moment_or_none(row, 8)?,
        revoked_at: moment_or_none(row, 9)?,
        terms: terms.map_err(|error| StoreError::Corrupt(format!("key {}: {error}", id.hex())))?,
        // Those of the version before have none: each was the first of its line.
        holder: KeyId(id_or_none(row, 14)?.unwrap_or(id)),
    })
}

/// Terms from the one column, as they are in force.
pub(crate) fn terms_at<T: DeserializeOwned>(row: &dyn Columns) -> Result<T, StoreError> {
    let terms = serde_json::from_str(row.text(0)?);
    terms.map_err(|error| StoreError::Corrupt(format!("terms: {error}")))
}

pub(crate) fn enrolled_of(row: &dyn Columns) -> Result<Enrolled, StoreError> {
    let name = row.text(1)?.to_owned();
    let terms = serde_json::from_str(row.text(5)?);
    let login = row.text_or_none(4)?;
    let sealed = row.text_or_none(8)?.zip(row.bytes_or_none(9)?);
    Ok(Enrolled {
        id: AccountId(id_at(row, 0)?),
        provider: row.text(2)?.to_owned(),
        duty: rows::word_of(row.text(3)?, "duty", Duty::parse)?,
        login: login
            .map(|word| rows::word_of(word, "login", LoginKind::parse))
            .transpose()?,
        terms: terms.map_err(|error| StoreError::Corrupt(format!("account `{name}`: {error}")))?,
        sealed: sealed.map(|(master, bytes)| Sealed {
            master: master.to_owned(),
            bytes: bytes.to_vec(),
        }),
        created_at: moment(row, 6)?,
        changed_at: moment(row, 7)?,
        name,
    })
}

pub(crate) fn edition_head_of(row: &dyn Columns) -> Result<EditionHead, StoreError> {
    Ok(EditionHead {
        version: row.text(0)?.to_owned(),
        effective_at: moment(row, 1)?,
        loaded_at: moment(row, 2)?,
        loaded_by: row.text(3)?.to_owned(),
    })
}

pub(crate) fn edition_of(row: &dyn Columns) -> Result<Edition, StoreError> {
    let head = edition_head_of(row)?;
    let book = serde_json::from_str(row.text(4)?);
    let corrupt = |error| StoreError::Corrupt(format!("price book `{}`: {error}", head.version));
    Ok(Edition {
        book: Arc::new(book.map_err(corrupt)?),
        head,
    })
}

pub(crate) fn item_of(row: &dyn Columns) -> Result<Item, StoreError> {
    let wire_id = row.number(1)?;
    let detail = serde_json::from_str(row.text(10)?);
    Ok(Item {
        id: ItemId(id_at(row, 0)?),
        wire_id,
        tenant: TenantId(id_at(row, 2)?),
        kind: rows::word_of(row.text(3)?, "kind of item", ItemKind::parse)?,
        account: owned(row, 4)?,
        vendor_ref: owned(row, 5)?,
        task: id_or_none(row, 6)?.map(TaskId),
        state: rows::word_of(row.text(7)?, "state of item", ItemState::parse)?,
        created_at: moment(row, 8)?,
        expires_at: moment_or_none(row, 9)?,
        detail: detail.map_err(|error| StoreError::Corrupt(format!("item {wire_id}: {error}")))?,
    })
}

pub(crate) fn blob_key_of(row: &dyn Columns) -> Result<BlobKey, StoreError> {
    rows::word_of(row.text(0)?, "blob key", BlobKey::new)
}
