//! Rows of PostgreSQL as the room reads them, and the columns of a batch as `UNNEST` takes them.

use domain::store::StoreError;
use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

use crate::nouns::Columns;
use crate::postgres::fault;

/// One row.
pub(super) struct Cells<'row>(pub(super) &'row Row);

impl<'row> Cells<'row> {
    fn read<T: FromSql<'row>>(&self, at: usize) -> Result<T, StoreError> {
        self.0
            .try_get(at)
            .map_err(|error| StoreError::Corrupt(format!("column {at}: {}", fault::say(&error))))
    }
}

impl Columns for Cells<'_> {
    fn number(&self, at: usize) -> Result<i64, StoreError> {
        self.read(at)
    }

    fn number_or_none(&self, at: usize) -> Result<Option<i64>, StoreError> {
        self.read(at)
    }

    fn text(&self, at: usize) -> Result<&str, StoreError> {
        self.read(at)
    }

    fn text_or_none(&self, at: usize) -> Result<Option<&str>, StoreError> {
        self.read(at)
    }

    fn bytes(&self, at: usize) -> Result<&[u8], StoreError> {
        self.read(at)
    }

    fn bytes_or_none(&self, at: usize) -> Result<Option<&[u8]>, StoreError> {
        self.read(at)
    }
}

/// All rows of an answer as nouns.
pub(super) fn all<T>(
    rows: &[Row],
    read: impl Fn(&dyn Columns) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    rows.iter().map(|row| read(&Cells(row))).collect()
}

/// The one row of an answer, if there is one.
pub(super) fn one<T>(
    rows: &[Row],
    read: impl Fn(&dyn Columns) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    rows.first().map(|row| read(&Cells(row))).transpose()
}
