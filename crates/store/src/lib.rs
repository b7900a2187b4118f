//! The ledger room: the `Store` port on SQLite. What rows look like is in `rows.rs`, what is kept in
//! memory in `cache.rs`; SQL is in the database's own folder. No decision about a task is made here.

use std::path::PathBuf;
use std::sync::Arc;

mod cache;
mod rows;
mod sqlite;

/// How a database is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// As the one gateway of this data directory: may write; all leases are void.
    Exclusive,
    /// Beside a gateway that may be running: reads only, and no schema is changed.
    ReadOnly,
}

/// Where a SQLite database is and how it is used.
#[derive(Debug, Clone)]
pub struct SqliteOptions {
    /// The database's file; its lock lies beside it as `<file>.lock`.
    pub path: PathBuf,
    /// How many bytes of tasks are kept in memory.
    pub cache_bytes: u64,
    /// How it is opened.
    pub lock: Lock,
}

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has the lock.
    #[error("a gateway is running on this data directory (`{}` is locked)", .lock.display())]
    Locked {
        /// The file that is locked.
        lock: PathBuf,
    },
    /// The file or its directory cannot be used.
    #[error("cannot open `{}`: {reason}", .path.display())]
    CannotOpen {
        /// The file in question.
        path: PathBuf,
        /// What the system or SQLite says.
        reason: String,
    },
    /// A newer binary has written here.
    #[error("the database has schema {found}, this binary knows schemas up to {known}; use a newer binary")]
    NewerSchema {
        /// The schema of the database.
        found: u32,
        /// The newest schema that this binary knows.
        known: u32,
    },
    /// The database is older than this binary and is opened for reading only.
    #[error("the database has schema {found}, this binary needs {known}; start the gateway once")]
    OlderSchema {
        /// The schema of the database.
        found: u32,
        /// The schema that this binary reads.
        known: u32,
    },
    /// A step of the schema failed; the steps before it are in force.
    #[error("schema step {step} failed: {reason}")]
    Migration {
        /// Its number.
        step: u32,
        /// What SQLite says.
        reason: String,
    },
}

/// Opens the SQLite database of a data directory, creating it where `options.lock` is exclusive.
///
/// # Errors
/// [`OpenError`] when another gateway has it, when it cannot be opened, or when its schema is newer.
pub async fn open_sqlite(options: SqliteOptions) -> Result<Arc<dyn domain::Store>, OpenError> {
    let path = options.path.clone();
    let opened = tokio::task::spawn_blocking(move || sqlite::SqliteStore::open(&options)).await;
    let opened = opened.map_err(|error| OpenError::CannotOpen {
        path,
        reason: error.to_string(),
    })?;
    Ok(Arc::new(opened?))
}
