//! Rows of SQLite as the room reads them, and statements that are one look or one write. What is asked is
//! in `sql.rs` and in the other files.

use domain::store::StoreError;
use rusqlite::types::{FromSqlResult, ValueRef};
use rusqlite::{Connection, Params, Row};

use crate::nouns::Columns;
use crate::sqlite::fault;

/// One row, with the noun that it is said to be when it cannot be read.
pub(super) struct Cells<'row, 'statement> {
    what: &'static str,
    row: &'row Row<'statement>,
}

impl<'row> Cells<'row, '_> {
    fn read<T>(&self, at: usize, read: impl Fn(ValueRef<'row>) -> FromSqlResult<T>) -> Result<T, StoreError> {
        let value = self.row.get_ref(at).map_err(fault::of(self.what))?;
        read(value).map_err(|error| StoreError::Corrupt(format!("{}, column {at}: {error}", self.what)))
    }
}

impl Columns for Cells<'_, '_> {
    fn number(&self, at: usize) -> Result<i64, StoreError> {
        self.read(at, |value| value.as_i64())
    }

    fn number_or_none(&self, at: usize) -> Result<Option<i64>, StoreError> {
        self.read(at, |value| value.as_i64_or_null())
    }

    fn text(&self, at: usize) -> Result<&str, StoreError> {
        self.read(at, |value| value.as_str())
    }

    fn text_or_none(&self, at: usize) -> Result<Option<&str>, StoreError> {
        self.read(at, |value| value.as_str_or_null())
    }

    fn bytes(&self, at: usize) -> Result<&[u8], StoreError> {
        self.read(at, |value| value.as_blob())
    }

    fn bytes_or_none(&self, at: usize) -> Result<Option<&[u8]>, StoreError> {
        self.read(at, |value| value.as_blob_or_null())
    }
}

/// Hands every row of an answer to `take`.
pub(super) fn each(
    conn: &Connection,
    what: &'static str,
    sql: &str,
    params: impl Params,
    mut take: impl FnMut(&dyn Columns) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let fault = fault::of(what);
    let mut statement = conn.prepare_cached(sql).map_err(&fault)?;
    let mut found = statement.query(params).map_err(&fault)?;
    while let Some(row) = found.next().map_err(&fault)? {
        take(&Cells { what, row })?;
    }
    Ok(())
}

/// All rows of an answer.
pub(super) fn all<T>(
    conn: &Connection,
    what: &'static str,
    sql: &str,
    params: impl Params,
    read: impl Fn(&dyn Columns) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut nouns = Vec::new();
    each(conn, what, sql, params, |row| {
        nouns.push(read(row)?);
        Ok(())
    })?;
    Ok(nouns)
}

/// The one row of an answer, if there is one. The statement is run to its end: what it writes is written.
pub(super) fn one<T>(
    conn: &Connection,
    what: &'static str,
    sql: &str,
    params: impl Params,
    read: impl Fn(&dyn Columns) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    Ok(all(conn, what, sql, params, read)?.pop())
}

/// Runs a write; how many rows it met.
pub(super) fn run(
    conn: &Connection,
    what: &'static str,
    sql: &str,
    params: impl Params,
) -> Result<u64, StoreError> {
    let fault = fault::of(what);
    let mut statement = conn.prepare_cached(sql).map_err(&fault)?;
    Ok(statement.execute(params).map_err(&fault)? as u64)
}
