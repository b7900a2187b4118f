//! Opening the file: the lock beside it, the pragmas, the schema steps, the void leases. What is done
//! with an open database is in the other files.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::OpenError;

/// The schema steps, in order; a step that was once released is never changed. They only add, so that
/// the binary before still works on the schema after.
const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/sqlite/0001_first.sql"),
    include_str!("../../migrations/sqlite/0002_pairs.sql"),
    include_str!("../../migrations/sqlite/0003_turns.sql"),
    include_str!("../../migrations/sqlite/0004_accounts.sql"),
    include_str!("../../migrations/sqlite/0005_late.sql"),
    include_str!("../../migrations/sqlite/0006_outbox.sql"),
    include_str!("../../migrations/sqlite/0007_terms.sql"),
    include_str!("../../migrations/sqlite/0008_spending.sql"),
    include_str!("../../migrations/sqlite/0009_prices.sql"),
    include_str!("../../migrations/sqlite/0010_statements.sql"),
    include_str!("../../migrations/sqlite/0011_audit.sql"),
    include_str!("../../migrations/sqlite/0012_erased.sql"),
    include_str!("../../migrations/sqlite/0013_holders.sql"),
];

/// How long a statement waits for a lock that another process holds: a read-only command that
/// recovers the log, or a back-up.
const BUSY_MS: u64 = 10_000;
/// Page cache of the writing connection, in KiB.
const WRITER_CACHE_KIB: i64 = 32 * 1_024;
/// Page cache of one reading connection, in KiB.
const READER_CACHE_KIB: i64 = 8 * 1_024;
/// Pages in the log before the writer itself moves the last of them into the database, so that the log
/// begins anew: 48 MiB. Mostly they were moved before, beside the writer.
const LOG_PAGES: i64 = 12_288;
/// The log file is cut back to this many bytes when it has been larger.
const LOG_BYTES: i64 = 64 * 1_024 * 1_024;
/// Prepared statements kept on a connection; more than there are in this folder.
const STATEMENTS: usize = 128;

/// Takes the lock file beside the database; it is held as long as the file is open.
pub(super) fn lock(path: &Path) -> Result<File, OpenError> {
    let mut lock_name = path.as_os_str().to_owned();
    lock_name.push(".lock");
    let lock_path = PathBuf::from(lock_name);
    let mut options = OpenOptions::new();
    let file = private(options.create(true).truncate(false).write(true)).open(&lock_path);
    let file = file.map_err(|error| cannot_open(&lock_path, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::Locked { lock: lock_path }),
        Err(TryLockError::Error(error)) => Err(cannot_open(&lock_path, &error)),
    }
}

/// The connection that writes; brings the schema up to date and voids all leases: whoever held one is
/// dead, for this process has the lock.
pub(super) fn writer(path: &Path) -> Result<Connection, OpenError> {
    // SQLite gives its log the rights of the database, which holds secrets: only its owner reads it.
    let mut options = OpenOptions::new();
    private(options.create(true).truncate(false).write(true))
        .open(path)
        .map_err(|error| cannot_open(path, &error))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = || -> rusqlite::Result<Connection> {
        let conn = Connection::open_with_flags(path, flags)?;
        conn.busy_timeout(Duration::from_millis(BUSY_MS))?;
        conn.pragma_update(None, "journal_mode", "WAL")?;
        conn.pragma_update(None, "synchronous", "FULL")?;
        conn.pragma_update(None, "wal_autocheckpoint", LOG_PAGES)?;
        conn.pragma_update(None, "journal_size_limit", LOG_BYTES)?;
        // What was erased, and every older version of a row, is overwritten with zeros.
        conn.pragma_update(None, "secure_delete", true)?;
        // Statements keep the pages that they may have to give back; in memory, for a job is small.
        conn.pragma_update(None, "temp_store", "MEMORY")?;
        settle(&conn, WRITER_CACHE_KIB)?;
        Ok(conn)
    };
    let mut conn = open().map_err(|error| cannot_open(path, &error))?;
    migrate(&mut conn, path)?;
    let void = "UPDATE tasks SET owner = NULL WHERE owner IS NOT NULL; DELETE FROM nodes;
        UPDATE webhooks SET owner = NULL, next_at = 0 WHERE owner IS NOT NULL";
    void_leases(&mut conn, void).map_err(|error| cannot_open(path, &error))?;
    Ok(conn)
}

/// A connection that only moves the log into the database.
pub(super) fn mover(path: &Path) -> Result<Connection, OpenError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = || -> rusqlite::Result<Connection> {
        let conn = Connection::open_with_flags(path, flags)?;
        conn.pragma_update(None, "synchronous", "FULL")?;
        Ok(conn)
    };
    open().map_err(|error| cannot_open(path, &error))
}

/// A connection that reads.
pub(super) fn reader(path: &Path) -> Result<Connection, OpenError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = || -> rusqlite::Result<Connection> {
        let conn = Connection::open_with_flags(path, flags)?;
        conn.busy_timeout(Duration::from_millis(BUSY_MS))?;
        settle(&conn, READER_CACHE_KIB)?;
        Ok(conn)
    };
    open().map_err(|error| cannot_open(path, &error))
}

/// Refuses a schema that this binary does not read.
pub(super) fn check_schema(conn: &Connection, path: &Path) -> Result<(), OpenError> {
    let found = version(conn).map_err(|error| cannot_open(path, &error))?;
    OpenError::unless_same(found, known())
}

/// Pages are read into a bounded cache, never mapped: a fault of the disk must be an answer, not a
/// signal that ends the process.
fn settle(conn: &Connection, cache_kib: i64) -> rusqlite::Result<()> {
    conn.pragma_update(None, "foreign_keys", true)?;
    conn.pragma_update(None, "cache_size", -cache_kib)?;
    conn.pragma_update(None, "mmap_size", 0)?;
    // Without it a statement is planned anew whenever a value is bound that statistics could be kept of.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(())
}

fn migrate(conn: &mut Connection, path: &Path) -> Result<(), OpenError> {
    let found = version(conn).map_err(|error| cannot_open(path, &error))?;
    let known = known();
    if found > known {
        return Err(OpenError::NewerSchema { found, known });
    }
    for (step, sql) in (1..).zip(MIGRATIONS).filter(|(step, _)| *step > found) {
        take_step(conn, step, sql).map_err(|error| OpenError::Migration {
            step,
            reason: error.to_string(),
        })?;
    }
    Ok(())
}

fn take_step(conn: &mut Connection, step: u32, sql: &str) -> rusqlite::Result<()> {
    let transaction = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch("CREATE TABLE IF NOT EXISTS schema_steps (step INTEGER PRIMARY KEY) STRICT")?;
    transaction.execute_batch(sql)?;
    transaction.execute("INSERT INTO schema_steps (step) VALUES (?1)", [step])?;
    transaction.commit()
}

fn version(conn: &Connection) -> rusqlite::Result<u32> {
    if !conn.table_exists(None, "schema_steps")? {
        return Ok(0);
    }
    conn.query_row("SELECT coalesce(max(step), 0) FROM schema_steps", [], |row| {
        row.get(0)
    })
}

fn known() -> u32 {
    u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX)
}

fn void_leases(conn: &mut Connection, sql: &str) -> rusqlite::Result<()> {
    let transaction = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(sql)?;
    transaction.commit()
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.mode(0o600)
}

#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

pub(super) fn cannot_open(path: &Path, error: &dyn std::fmt::Display) -> OpenError {
    OpenError::CannotOpen {
        path: path.to_owned(),
        reason: error.to_string(),
    }
}
