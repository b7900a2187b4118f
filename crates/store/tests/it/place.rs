//! Where a test's database is: a directory that is gone after the test, or a database of the throw-away
//! cluster.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::Store;
use rusqlite::Connection;
use store::{Lock, OpenError, Options};
use tempfile::TempDir;
use testkit::conform::store::Database;
use testkit::postgres::cluster;

/// Bytes of tasks that a test keeps in memory.
pub(crate) const CACHE_BYTES: u64 = 1 << 20;

/// How often a database that is locked is tried again.
const TRIES: u32 = 50;
/// The pause between two of these tries.
const PAUSE: Duration = Duration::from_millis(20);

pub(crate) struct Place {
    directory: TempDir,
}

impl Place {
    pub(crate) fn new() -> Place {
        Place {
            directory: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.directory.path().join("reelway.db")
    }

    pub(crate) fn options(&self, lock: Lock) -> Options {
        Options {
            url: format!("sqlite:{}", self.path().display()),
            cache_bytes: CACHE_BYTES,
            lock,
        }
    }

    pub(crate) async fn try_open(&self, lock: Lock) -> Result<Arc<dyn Store>, OpenError> {
        store::open(self.options(lock)).await
    }

    /// A program that another test is just starting holds the lock of every open file until it runs.
    pub(crate) async fn exclusive(&self) -> Arc<dyn Store> {
        for _ in 0..TRIES {
            match self.try_open(Lock::Exclusive).await {
                Err(OpenError::Locked { .. }) => tokio::time::sleep(PAUSE).await,
                opened => return opened.unwrap(),
            }
        }
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

/// A database of the throw-away cluster.
pub(crate) struct Server {
    pub(crate) url: String,
}

impl Server {
    pub(crate) fn new() -> Server {
        Server {
            url: cluster().database(),
        }
    }

    pub(crate) async fn try_open(&self, lock: Lock) -> Result<Arc<dyn Store>, OpenError> {
        self.open_with(CACHE_BYTES, lock).await
    }

    pub(crate) async fn open_with(&self, cache_bytes: u64, lock: Lock) -> Result<Arc<dyn Store>, OpenError> {
        let url = self.url.clone();
        store::open(Options {
            url,
            cache_bytes,
            lock,
        })
        .await
    }
}

#[async_trait]
impl Database for Server {
    async fn open(&self) -> Arc<dyn Store> {
        self.try_open(Lock::Exclusive).await.unwrap()
    }
}
