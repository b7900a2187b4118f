//! SQLite alone: every row that the gateway writes for a submit, under the gateway's own schema, written in batches by
//! a bare loop that decides nothing. And what one sync of this disk costs.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, TransactionBehavior, params, params_from_iter};

use super::effort::median;
use crate::stopwatch::Stopwatch;

/// Rows a transaction: the largest batch of the gateway's committer.
pub(crate) const BATCH: u64 = 64;
/// Pages in the log before they are moved into the database: 16 MiB, as the gateway has it.
const CHECKPOINT_PAGES: i64 = 4_096;
/// Page cache in KiB, as the gateway has it.
const CACHE_KIB: i64 = 32 * 1_024;
/// Bytes of one timed write.
const SYNC_BYTES: usize = 4_096;

/// A row of a table that is inserted again and again under another id.
struct Template {
    insert: String,
    values: Vec<Value>,
    /// Which of the values is the task's id.
    id_at: usize,
}

/// A database with the gateway's schema, and one task's rows to fill it with.
pub(crate) struct Raw {
    database: Connection,
    task: Template,
    line: Template,
    tenant: Value,
    last_id: u128,
}

impl Raw {
    /// Copies schema, tenants and one waiting task from the gateway's database, which may be in use, to a new one.
    ///
    /// # Errors
    /// When one of the two cannot be used.
    pub(crate) fn prepare(gateway: &Path, own: &Path) -> anyhow::Result<Raw> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let source =
            Connection::open_with_flags(gateway, flags).context("cannot read the gateway's database")?;
        let database = Connection::open(own).context("cannot make a database")?;
        database.pragma_update(None, "journal_mode", "WAL")?;
        database.pragma_update(None, "synchronous", "FULL")?;
        database.pragma_update(None, "secure_delete", true)?;
        database.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
        database.pragma_update(None, "cache_size", -CACHE_KIB)?;
        let mut schema = source
            .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'")?;
        let statements = schema.query_map([], |row| row.get::<_, String>(0))?;
        for statement in statements {
            database.execute_batch(&statement?)?;
        }
        for table in ["tenants", "balances", "spending"] {
            copy(&source, &database, table)?;
        }
        let task = template(&source, "tasks", "id", "state = 'queued' AND open = 1")?;
        let line = template(&source, "lines", "task", "kind = 'hold'")?;
        let Value::Blob(id) = &task.values[task.id_at] else {
            anyhow::bail!("the gateway's task ids are no bytes");
        };
        let last_id = u128::from_be_bytes(id.as_slice().try_into().context("a task id has 16 bytes")?);
        let tenant = database.query_row("SELECT tenant FROM balances", [], |row| row.get(0))?;
        Ok(Raw {
            database,
            task,
            line,
            tenant,
            last_id,
        })
    }

    /// Inserts for so long; the rows a second. A row is a task with its hold; the balance is moved, and what key and
    /// tenant have used is counted, once a batch.
    ///
    /// # Errors
    /// When SQLite fails.
    pub(crate) fn insert(&mut self, lasting: Duration) -> anyhow::Result<f64> {
        let watch = Stopwatch::start();
        let mut rows = 0;
        while watch.elapsed() < lasting {
            let batch = self
                .database
                .transaction_with_behavior(TransactionBehavior::Immediate)?;
            for _ in 0..BATCH {
                self.last_id += 1;
                self.task.write(&batch, self.last_id)?;
                self.line.write(&batch, self.last_id)?;
            }
            let mut hold = batch.prepare_cached(
                "UPDATE balances SET available = available - 1, held = held + 1 WHERE tenant = ?1",
            )?;
            let moved = hold.execute(params![self.tenant])?;
            ensure!(moved == 1, "the tenant has no balance");
            drop(hold);
            let mut count = batch.prepare_cached("UPDATE spending SET spent = spent + 1, open = open + 1")?;
            ensure!(count.execute([])? > 0, "nobody has used anything");
            drop(count);
            batch.commit()?;
            rows += BATCH;
        }
        Ok(rows as f64 / watch.elapsed().as_secs_f64())
    }
}

impl Template {
    fn write(&mut self, database: &Connection, id: u128) -> anyhow::Result<()> {
        self.values[self.id_at] = Value::Blob(id.to_be_bytes().to_vec());
        let mut insert = database.prepare_cached(&self.insert)?;
        insert.execute(params_from_iter(&self.values))?;
        Ok(())
    }
}

/// The newest row of a table that fits.
fn template(source: &Connection, table: &str, id: &str, fits: &str) -> anyhow::Result<Template> {
    let mut select = source.prepare(&format!(
        "SELECT * FROM {table} WHERE {fits} ORDER BY rowid DESC LIMIT 1"
    ))?;
    let names: Vec<String> = select.column_names().map(str::to_owned).collect();
    let values = select.query_row([], |row| (0..names.len()).map(|at| row.get(at)).collect());
    let id_at = names.iter().position(|name| name == id);
    Ok(Template {
        insert: insert_into(table, names.len()),
        values: values.with_context(|| format!("the gateway's `{table}` has no row where {fits}"))?,
        id_at: id_at.with_context(|| format!("the gateway's `{table}` has no column `{id}`"))?,
    })
}

fn copy(source: &Connection, database: &Connection, table: &str) -> anyhow::Result<()> {
    let mut select = source.prepare(&format!("SELECT * FROM {table}"))?;
    let columns = select.column_count();
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let values = (0..columns)
            .map(|at| row.get(at))
            .collect::<Result<Vec<Value>, _>>()?;
        database.execute(&insert_into(table, columns), params_from_iter(values))?;
    }
    Ok(())
}

fn insert_into(table: &str, columns: usize) -> String {
    let marks = vec!["?"; columns].join(", ");
    format!("INSERT INTO {table} VALUES ({marks})")
}

/// The median of timed writes that are synced, in milliseconds.
///
/// # Errors
/// When the disk fails.
pub(crate) fn sync_ms(folder: &Path, count: usize) -> anyhow::Result<f64> {
    let path = folder.join("sync");
    let mut file = File::create(&path).context("cannot write to the disk")?;
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
        let watch = Stopwatch::start();
        file.write_all(&[0x55; SYNC_BYTES])?;
        file.sync_data()?;
        times.push(watch.elapsed().as_secs_f64() * 1_000.0);
    }
    Ok(median(&times))
}
