//! What an erased task leaves behind is forgotten in the transaction that erases it: its wish, the answer to a
//! repeat, its webhooks' addresses and bodies, and its uses of blobs. SQLite writes zeros where they were.

use domain::store::StoreError;
use rusqlite::{Connection, params};

use crate::rows::{self, ChangeRows};
use crate::sql::erasure;
use crate::sqlite::cells;

const WHAT: &str = "an erased task";

/// Forgets what a change takes away, if it takes anything away.
pub(super) fn erase(conn: &Connection, rows: &ChangeRows) -> Result<(), StoreError> {
    let (id, task) = (rows.course.id, &rows.change.task);
    if let Some(origin) = &rows.erased {
        cells::run(conn, WHAT, erasure::TASK, params![origin, id])?;
        let at = task.origin.created_at.0;
        let head = rows::erased_head()?;
        cells::run(conn, WHAT, erasure::REPEAT, params![head, [0_u8; 0], at, id])?;
        cells::run(conn, WHAT, erasure::WEBHOOKS, [id])?;
    }
    for blob in &rows.change.frees {
        cells::run(conn, WHAT, erasure::BLOB_USE, params![blob.as_str(), id])?;
        cells::run(conn, WHAT, erasure::BLOB, [blob.as_str()])?;
    }
    Ok(())
}
