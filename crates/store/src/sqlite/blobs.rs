//! Which blobs are staged and which are in use. The bytes are in the warehouse.

use domain::store::StoreError;
use domain::{BlobKey, Millis};
use rusqlite::{Connection, params};

use crate::rows;
use crate::sqlite::fault;

/// Most blobs that one call forgets.
const ABANDON_MOST: usize = 1_000;

/// Staging again starts the while anew. A task may have used the key before it was staged here.
const STAGE: &str = "INSERT INTO blobs (key, bytes, staged_at, used)
  VALUES (?1, ?2, ?3, EXISTS (SELECT 1 FROM blob_uses WHERE key = ?1))
  ON CONFLICT (key) DO UPDATE SET staged_at = max(staged_at, excluded.staged_at), bytes = excluded.bytes";

/// `used` narrows the walk; the look at the uses themselves is what decides.
const ABANDON: &str = "DELETE FROM blobs WHERE key IN
    (SELECT key FROM blobs WHERE used = 0 AND staged_at < ?1
       AND NOT EXISTS (SELECT 1 FROM blob_uses WHERE blob_uses.key = blobs.key)
     ORDER BY staged_at LIMIT ?2)
  RETURNING key";

pub(super) fn stage(conn: &Connection, key: &BlobKey, bytes: u64, at: Millis) -> Result<(), StoreError> {
    let fault = fault::by_name("blob", key.as_str());
    let mut statement = conn.prepare_cached(STAGE).map_err(&fault)?;
    let staged = statement.execute(params![key.as_str(), rows::signed(bytes, "bytes")?, at.0]);
    staged.map(drop).map_err(&fault)
}

pub(super) fn abandon(conn: &Connection, before: Millis, limit: usize) -> Result<Vec<BlobKey>, StoreError> {
    let fault = fault::of("abandoned blobs");
    let mut statement = conn.prepare_cached(ABANDON).map_err(&fault)?;
    let limit = rows::bound(limit.min(ABANDON_MOST));
    let mut found = statement.query(params![before.0, limit]).map_err(&fault)?;
    let mut keys = Vec::new();
    while let Some(row) = found.next().map_err(&fault)? {
        let key: String = row.get(0).map_err(&fault)?;
        keys.push(rows::word_of(&key, "blob key", BlobKey::new)?);
    }
    Ok(keys)
}
