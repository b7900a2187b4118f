//! Writing tasks: births and changes, each with its lines, webhook, usage and blobs. Leases are in
//! `claims.rs`, reading in `lists.rs`.

use std::sync::Arc;

use domain::store::{Existing, Outcome, StoreError};
use domain::task::Usage;
use domain::{BlobKey, TaskId};
use rusqlite::{Connection, params};

use crate::cache::{Written, Wrote};
use crate::nouns::{Columns, id_at};
use crate::purses::Purses;
use crate::room::Room;
use crate::rows::{self, BirthRows, ChangeRows, IdBytes};
use crate::spending::Spending;
use crate::sql;
use crate::sqlite::{cells, erase, fault, idempotency, ledger, outbox, purses, spending};

const TASK: &str = "INSERT INTO tasks (id, tenant, state, open, version, due_at, deadline_at, lane,
    operation, dialect, external_id, created_at, course, origin)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
  ON CONFLICT (id) DO NOTHING";

const VERSION: &str = "SELECT version FROM tasks WHERE id = ?1";

const CHANGE: &str = "UPDATE tasks SET state = ?3, open = ?4, version = ?5, due_at = ?6, course = ?7,
    owner = CASE WHEN ?8 THEN owner END
  WHERE id = ?1 AND version = ?2";

/// Tasks of an account that are in flight, counted up to a bound; the index has just these.
const IN_FLIGHT: &str = "SELECT count(*) FROM (SELECT 1 FROM tasks
  WHERE state IN ('submitting', 'unknown', 'running') AND json_extract(course, '$.state.account') = ?1
  LIMIT ?2)";

const USAGE: &str = "INSERT INTO usage (task, tenant, key, model, operation, outcome, quantity,
    charge_micros, at)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

const BLOB_USE: &str = "INSERT INTO blob_uses (key, task) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
const BLOB_USED: &str = "UPDATE blobs SET used = 1 WHERE key = ?1 AND used = 0";

/// Inserts tasks at their birth. Members see those before them in the same batch.
pub(super) fn insert(conn: &Connection, births: &[BirthRows]) -> Result<Written<Vec<Outcome>>, StoreError> {
    let mut written = Written::other(Vec::with_capacity(births.len()));
    let mut purses = purses::before(conn, births.iter().flat_map(|birth| &birth.change.lines))?;
    let mut spending = spending::before(conn, births)?;
    for birth in births {
        let outcome = born(conn, &mut purses, &spending, birth)?;
        if outcome == Outcome::Done {
            spending.take(&birth.change.step)?;
            written.tasks.push(Wrote::Born(birth.origin().id));
        }
        written.answer.push(outcome);
    }
    purses::keep(conn, &purses)?;
    spending::keep(conn, &spending)?;
    Ok(written)
}

/// Commits changes, each on the version that it expects.
pub(super) fn commit(conn: &Connection, changes: &[ChangeRows]) -> Result<Written<Vec<Outcome>>, StoreError> {
    let mut written = Written::other(Vec::with_capacity(changes.len()));
    let mut purses = purses::before(conn, changes.iter().flat_map(|change| &change.lines))?;
    let (mut room, mut spending) = (Room::default(), Spending::default());
    for change in changes {
        if !free(conn, &mut room, change)? {
            written.answer.push(Outcome::NoSlot);
            continue;
        }
        let outcome = changed(conn, &mut purses, change)?;
        if outcome == Outcome::Done {
            room.take(change);
            spending.take(&change.step)?;
            let task = Arc::new(change.change.task.clone());
            written.tasks.push(Wrote::Changed(task));
        }
        written.answer.push(outcome);
    }
    purses::keep(conn, &purses)?;
    spending::keep(conn, &spending)?;
    Ok(written)
}

/// A member of a batch is judged before anything of it is written, so that one that is refused has nothing
/// to undo. A savepoint for each would copy every page that it touches.
fn born(
    conn: &Connection,
    purses: &mut Purses,
    spending: &Spending,
    birth: &BirthRows,
) -> Result<Outcome, StoreError> {
    let rows = &birth.change;
    if rows.course.expects != 0 {
        return Ok(Outcome::Stale);
    }
    if let Some(record) = &birth.idempotency
        && let Some(existing) = idempotency::answer(conn, record)?
    {
        return Ok(Outcome::Duplicate(existing));
    }
    if let Some(external_id) = birth.external_id()
        && let Some(id) = by_external_id(conn, birth.task.tenant, external_id)?
    {
        return Ok(Outcome::Duplicate(Existing::ExternalId(id)));
    }
    if let Some(hit) = spending.hit(&rows.step, &birth.guards) {
        return Ok(Outcome::Limited(hit));
    }
    let Some(moved) = purses.after(&rows.lines)? else {
        return Ok(Outcome::NoMoney);
    };
    if !insert_task(conn, birth)? {
        return Ok(Outcome::Stale);
    }
    purses.take(moved);
    ledger::note(conn, &rows.lines)?;
    if let Some(record) = &birth.idempotency {
        let task = &rows.change.task;
        idempotency::keep(conn, record, task.id(), task.origin.created_at)?;
    }
    write_beside(conn, rows)?;
    Ok(Outcome::Done)
}

/// Whether the account of a change has room for it. Counted once a batch: within one, only the batch adds.
fn free(conn: &Connection, room: &mut Room, change: &ChangeRows) -> Result<bool, StoreError> {
    let Some((account, slots)) = change.wants_slot() else {
        return Ok(true);
    };
    if !room.knows(account) {
        let counted = cells::one(
            conn,
            "tasks in flight",
            IN_FLIGHT,
            params![account, slots],
            |row| row.number(0),
        )?;
        room.found(account, counted.unwrap_or(0));
    }
    Ok(room.is_left(account, slots))
}

fn insert_task(conn: &Connection, birth: &BirthRows) -> Result<bool, StoreError> {
    let (task, course, origin) = (&birth.task, &birth.change.course, birth.origin());
    let fault = fault::by_id("task", origin.id.0);
    let mut statement = conn.prepare_cached(TASK).map_err(&fault)?;
    let inserted = statement.execute(params![
        course.id,
        task.tenant,
        course.state,
        course.open,
        course.version,
        course.due_at,
        task.deadline_at,
        origin.lane,
        task.operation,
        origin.face.dialect,
        birth.external_id(),
        task.created_at,
        course.course,
        task.origin,
    ]);
    Ok(inserted.map_err(&fault)? == 1)
}

fn changed(conn: &Connection, purses: &mut Purses, rows: &ChangeRows) -> Result<Outcome, StoreError> {
    let course = &rows.course;
    let fault = fault::by_id("task", rows.change.task.id().0);
    let version = cells::one(conn, "a task's version", VERSION, [course.id], |row| {
        row.number(0)
    })?;
    if version != Some(course.expects) {
        return Ok(Outcome::Stale);
    }
    let Some(moved) = purses.after(&rows.lines)? else {
        return Ok(Outcome::NoMoney);
    };
    let mut statement = conn.prepare_cached(CHANGE).map_err(&fault)?;
    let updated = statement.execute(params![
        course.id,
        course.expects,
        course.state,
        course.open,
        course.version,
        course.due_at,
        course.course,
        course.owned,
    ]);
    if updated.map_err(&fault)? == 0 {
        return Ok(Outcome::Stale);
    }
    purses.take(moved);
    ledger::note(conn, &rows.lines)?;
    write_beside(conn, rows)?;
    erase::erase(conn, rows)?;
    Ok(Outcome::Done)
}

fn write_beside(conn: &Connection, rows: &ChangeRows) -> Result<(), StoreError> {
    if let Some(webhook) = &rows.change.webhook {
        outbox::owe(conn, webhook)?;
    }
    if let Some(usage) = &rows.change.usage {
        insert_usage(conn, usage)?;
    }
    for blob in &rows.blobs {
        use_blob(conn, blob, rows.course.id)?;
    }
    Ok(())
}

fn insert_usage(conn: &Connection, usage: &Usage) -> Result<(), StoreError> {
    let fault = fault::by_id("usage of", usage.task.0);
    let mut statement = conn.prepare_cached(USAGE).map_err(&fault)?;
    let inserted = statement.execute(params![
        rows::id_bytes(usage.task.0),
        rows::id_bytes(usage.tenant.0),
        rows::id_bytes(usage.key.0),
        usage.model,
        usage.operation,
        usage.outcome.word(),
        rows::signed(usage.quantity, "quantity")?,
        usage.charge_micros.0,
        usage.at.0,
    ]);
    inserted.map(drop).map_err(&fault)
}

fn use_blob(conn: &Connection, blob: &BlobKey, task: IdBytes) -> Result<(), StoreError> {
    let fault = fault::by_name("blob", blob.as_str());
    let mut statement = conn.prepare_cached(BLOB_USE).map_err(&fault)?;
    if statement.execute(params![blob.as_str(), task]).map_err(&fault)? == 0 {
        return Ok(());
    }
    let mut statement = conn.prepare_cached(BLOB_USED).map_err(&fault)?;
    statement.execute([blob.as_str()]).map(drop).map_err(&fault)
}

/// The tenant's task with this external id.
pub(super) fn by_external_id(
    conn: &Connection,
    tenant: IdBytes,
    external_id: &str,
) -> Result<Option<TaskId>, StoreError> {
    let id = |row: &dyn Columns| id_at(row, 0).map(TaskId);
    let params = params![tenant, external_id];
    cells::one(
        conn,
        "a look-up by external id",
        sql::TASK_BY_EXTERNAL_ID,
        params,
        id,
    )
}
