//! A warehouse in memory, shared by all processes of a run.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;

use async_trait::async_trait;
use bytes::Bytes;
use domain::blobs::{BlobError, ByteStream, Kept, stream_of};
use domain::{BlobKey, Blobs};
use futures_util::StreamExt as _;
use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};

use super::plan::Chance;
use super::world::World;
use std::sync::Arc;

/// How often keeping a file fails.
const FAILS: Chance = Chance(20);

/// Files by their content.
pub(crate) struct Warehouse {
    world: Arc<World>,
    kept: Mutex<BTreeMap<String, Bytes>>,
}

impl Warehouse {
    pub(crate) fn new(world: &Arc<World>) -> Arc<Warehouse> {
        Arc::new(Warehouse {
            world: Arc::clone(world),
            kept: Mutex::default(),
        })
    }

    /// A file, if it is there.
    pub(crate) fn read(&self, key: &BlobKey) -> Option<Bytes> {
        self.kept.lock().get(key.as_str()).cloned()
    }
}

#[async_trait]
impl Blobs for Warehouse {
    async fn put(&self, mut content: ByteStream, limit_bytes: u64) -> Result<Kept, BlobError> {
        let mut whole = Vec::new();
        while let Some(chunk) = content.next().await {
            whole.extend_from_slice(&chunk?);
            if whole.len() as u64 > limit_bytes {
                return Err(BlobError::TooLarge { limit_bytes });
            }
        }
        if self.world.strikes(FAILS) {
            return Err(BlobError::Io(io::Error::other("the disk is full")));
        }
        let key = BlobKey::from_sha256(Sha256::digest(&whole).into());
        let bytes = whole.len() as u64;
        self.kept.lock().insert(key.as_str().to_owned(), whole.into());
        Ok(Kept { key, bytes })
    }

    async fn get(&self, key: &BlobKey, range: Option<Range<u64>>) -> Result<ByteStream, BlobError> {
        let whole = self.read(key).ok_or(BlobError::Absent)?;
        let Some(range) = range else {
            return Ok(stream_of(whole));
        };
        let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(whole.len());
        if place(range.start) >= whole.len() {
            return Err(BlobError::OutOfRange);
        }
        Ok(stream_of(whole.slice(place(range.start)..place(range.end))))
    }

    async fn delete(&self, key: &BlobKey) -> Result<(), BlobError> {
        self.kept.lock().remove(key.as_str());
        Ok(())
    }
}
