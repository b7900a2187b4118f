//! A directory with a database in it, gone after the test.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use domain::Store;
use rusqlite::Connection;
use store::{Lock, OpenError, SqliteOptions, open_sqlite};
use tempfile::TempDir;
use testkit::conform::store::Database;

/// Bytes of tasks that a test keeps in memory.
pub(crate) const CACHE_BYTES: u64 = 1 << 20;

pub(crate) struct Place {
    directory: TempDir,
}

impl Place {
    pub(crate) fn new() -> Place {
        Place {
            directory: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn boxed() -> Box<dyn Database> {
        Box::new(Place::new())
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.directory.path().join("reelway.db")
    }

    pub(crate) fn options(&self, lock: Lock) -> SqliteOptions {
        SqliteOptions {
            path: self.path(),
            cache_bytes: CACHE_BYTES,
            lock,
        }
    }

    pub(crate) async fn try_open(&self, lock: Lock) -> Result<Arc<dyn Store>, OpenError> {
        open_sqlite(self.options(lock)).await
    }

    pub(crate) async fn exclusive(&self) -> Arc<dyn Store> {
        self.try_open(Lock::Exclusive).await.unwrap()
    }

    /// A connection that obeys no rule of the store's.
    pub(crate) fn raw(&self) -> Connection {
        let conn = Connection::open(self.path()).unwrap();
        conn.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON")
            .unwrap();
        conn
    }
}

#[async_trait]
impl Database for Place {
    async fn open(&self) -> Arc<dyn Store> {
        self.exclusive().await
    }
}
