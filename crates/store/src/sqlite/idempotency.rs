//! Records of submits that must be answered once.

use domain::store::{Existing, Idempotency, StoreError};
use domain::{Millis, TaskId};
use rusqlite::{Connection, params};

use crate::sqlite::{cells, fault};
use crate::{nouns, replies, rows, sql};

const KEEP: &str = "INSERT INTO idempotency (scope, key, body_hash, task, at, head, body)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
  ON CONFLICT (scope, key) DO UPDATE SET body_hash = excluded.body_hash, task = excluded.task,
    at = excluded.at, head = excluded.head, body = excluded.body";

/// The record of this name that is not from before `since`.
pub(super) fn find(
    conn: &Connection,
    scope: &str,
    key: &str,
    since: Millis,
) -> Result<Option<Existing>, StoreError> {
    cells::one(
        conn,
        "an idempotency record",
        sql::REPEAT,
        params![scope, key, since.0],
        nouns::repeat_of,
    )
}

/// The record that answers this one.
pub(super) fn answer(conn: &Connection, record: &Idempotency) -> Result<Option<Existing>, StoreError> {
    for name in record.answered_by() {
        if let Some(existing) = find(conn, &record.scope, &name, record.since())? {
            return Ok(Some(existing));
        }
    }
    Ok(None)
}

pub(super) fn keep(
    conn: &Connection,
    record: &Idempotency,
    task: TaskId,
    at: Millis,
) -> Result<(), StoreError> {
    let fault = fault::by_id("idempotency record of", task.0);
    let mut statement = conn.prepare_cached(KEEP).map_err(&fault)?;
    let kept = statement.execute(params![
        record.scope,
        record.name(),
        record.body_hash,
        rows::id_bytes(task.0),
        at.0,
        replies::reply_head(&record.answer)?,
        &record.answer.body[..],
    ]);
    kept.map(drop).map_err(&fault)
}

pub(super) fn forget(conn: &Connection, before: Millis, limit: usize) -> Result<u64, StoreError> {
    let params = params![before.0, rows::bound(limit)];
    cells::run(conn, "idempotency records", sql::FORGET_REPEATS, params)
}
