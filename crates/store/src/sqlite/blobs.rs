//! Which blobs are staged and which are in use. The bytes are in the warehouse.

use domain::store::StoreError;
use domain::{BlobKey, Millis};
use rusqlite::{Connection, params};

use crate::sqlite::cells;
use crate::{nouns, rows, sql};

pub(super) fn stage(conn: &Connection, key: &BlobKey, bytes: u64, at: Millis) -> Result<(), StoreError> {
    let params = params![key.as_str(), rows::signed(bytes, "bytes")?, at.0];
    cells::run(conn, "a staged blob", sql::STAGE_BLOB, params).map(drop)
}

pub(super) fn abandon(conn: &Connection, before: Millis, limit: usize) -> Result<Vec<BlobKey>, StoreError> {
    let params = params![before.0, rows::bound(limit.min(rows::ABANDON_MOST))];
    cells::all(
        conn,
        "abandoned blobs",
        sql::ABANDON_BLOBS,
        params,
        nouns::blob_key_of,
    )
}
