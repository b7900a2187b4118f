//! The ledger room: the `Store` port on SQLite and on PostgreSQL. How nouns become rows is in `rows.rs`,
//! how rows become nouns in `nouns.rs`, what both databases are asked alike in `sql.rs`, what is kept in
//! memory in `cache.rs`, what keys and tenants have used in `spending.rs`, whose turn it is in `turns.rs`; the rest is in each database's own folder. No decision about a task is made here.

use std::cmp::Ordering;
use std::path::PathBuf;
use std::sync::Arc;

mod audit;
mod cache;
mod nouns;
mod outbox;
mod postgres;
mod proof;
mod purses;
mod recount;
mod replies;
mod room;
mod rows;
mod spending;
mod sql;
mod sqlite;
mod statements;
mod turns;

/// How a database is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// As a gateway: may write, and brings the schema up to date. On SQLite as the only one of its data
    /// directory, so that all leases are void.
    Exclusive,
    /// Beside a gateway that may be running: reads only, and no schema is changed.
    ReadOnly,
}

/// Which database is used, and how.
#[derive(Clone)]
pub struct Options {
    /// `sqlite:PATH`, whose lock lies beside the file as `<file>.lock`, or
    /// `postgres://USER:PASSWORD@HOST:PORT/DATABASE`.
    pub url: String,
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
    /// The address cannot be used. It is not repeated here: it may hold a password.
    #[error("the address of the database cannot be used: {reason}")]
    Address {
        /// What is wrong with it.
        reason: String,
    },
    /// The server or its database cannot be used.
    #[error("cannot use the database at `{server}`: {reason}")]
    Unreachable {
        /// Host, port and database.
        server: String,
        /// What the system or the server says.
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
        /// What the database says.
        reason: String,
    },
}

impl OpenError {
    /// Refuses a schema that is not the one that this binary reads.
    fn unless_same(found: u32, known: u32) -> Result<(), OpenError> {
        match found.cmp(&known) {
            Ordering::Equal => Ok(()),
            Ordering::Greater => Err(OpenError::NewerSchema { found, known }),
            Ordering::Less => Err(OpenError::OlderSchema { found, known }),
        }
    }
}

/// Opens a database, creating its tables where `options.lock` is exclusive. Must be called inside a tokio
/// runtime.
///
/// # Errors
/// [`OpenError`] when another gateway has it, when it cannot be opened, or when its schema is newer.
pub async fn open(options: Options) -> Result<Arc<dyn domain::Store>, OpenError> {
    let Options {
        url,
        cache_bytes,
        lock,
    } = options;
    match url.split_once(':') {
        Some(("sqlite", path)) if !path.is_empty() => {
            open_sqlite(PathBuf::from(path), cache_bytes, lock).await
        }
        Some(("postgres" | "postgresql", _)) => Ok(Arc::new(
            postgres::PostgresStore::open(&url, cache_bytes, lock).await?,
        )),
        _ => Err(OpenError::Address {
            reason: "it must be `sqlite:PATH` or `postgres://USER:PASSWORD@HOST:PORT/DATABASE`".to_owned(),
        }),
    }
}

async fn open_sqlite(
    path: PathBuf,
    cache_bytes: u64,
    lock: Lock,
) -> Result<Arc<dyn domain::Store>, OpenError> {
    let named = path.clone();
    let opened =
        tokio::task::spawn_blocking(move || sqlite::SqliteStore::open(&path, cache_bytes, lock)).await;
    let opened = opened.map_err(|error| OpenError::CannotOpen {
        path: named,
        reason: error.to_string(),
    })?;
    Ok(Arc::new(opened?))
}
