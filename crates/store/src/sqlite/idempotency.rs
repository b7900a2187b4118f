//! Records of submits that must be answered once.

use domain::store::{Existing, Idempotency, StoreError};
use domain::{Millis, TaskId};
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::rows;
use crate::sqlite::fault;

const FIND: &str = "SELECT body_hash, task, head, body FROM idempotency WHERE scope = ?1 AND key = ?2";

const KEEP: &str = "INSERT INTO idempotency (scope, key, body_hash, task, at, head, body)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

const FORGET: &str = "DELETE FROM idempotency WHERE rowid IN
  (SELECT rowid FROM idempotency WHERE at < ?1 ORDER BY at LIMIT ?2)";

pub(super) fn find(conn: &Connection, scope: &str, key: &str) -> Result<Option<Existing>, StoreError> {
    let fault = fault::of("an idempotency record");
    let mut statement = conn.prepare_cached(FIND).map_err(&fault)?;
    let found = statement.query_row([scope, key], |row| {
        let (body_hash, task) = (row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?);
        let (head, body) = (row.get::<_, String>(2)?, row.get::<_, Vec<u8>>(3)?);
        Ok((body_hash, task, head, body))
    });
    let Some((body_hash, task, head, body)) = found.optional().map_err(&fault)? else {
        return Ok(None);
    };
    Ok(Some(Existing::Idempotent {
        body_hash,
        answer: rows::reply_of(&head, body)?,
        task: TaskId(rows::id_of(&task)?),
    }))
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
        record.key,
        record.body_hash,
        rows::id_bytes(task.0),
        at.0,
        rows::reply_head(&record.answer)?,
        &record.answer.body[..],
    ]);
    kept.map(drop).map_err(&fault)
}

pub(super) fn forget(conn: &Connection, before: Millis, limit: usize) -> Result<u64, StoreError> {
    let fault = fault::of("idempotency records");
    let mut statement = conn.prepare_cached(FORGET).map_err(&fault)?;
    let forgotten = statement.execute(params![before.0, rows::bound(limit)]);
    Ok(forgotten.map_err(&fault)? as u64)
}
