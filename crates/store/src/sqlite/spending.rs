//! Reading and writing what keys and tenants have used. What it decides is in `store/spending.rs`.

use domain::store::StoreError;
use rusqlite::{Connection, params};

use crate::rows::BirthRows;
use crate::spending::{Place, Spending, Sum};
use crate::sql;
use crate::sqlite::cells;

const ADD: &str = "INSERT INTO spending (holder, day, spent, open) VALUES (?1, ?2, ?3, ?4)
  ON CONFLICT (holder, day) DO UPDATE SET spent = spent + excluded.spent, open = open + excluded.open";

/// What was used before a batch of births, as far as their guards ask.
pub(super) fn before(conn: &Connection, births: &[BirthRows]) -> Result<Spending, StoreError> {
    let mut spending = Spending::default();
    let guarded = births.iter().map(|birth| (&birth.change.step, &birth.guards));
    for place in Spending::needed(guarded) {
        let sum = used(conn, &place)?;
        spending.found(place, sum.unwrap_or_default());
    }
    Ok(spending)
}

/// What is kept of a holder and day.
pub(super) fn used(conn: &Connection, (holder, day): &Place) -> Result<Option<Sum>, StoreError> {
    cells::one(conn, "what was used", sql::USED, params![holder, day], |row| {
        Ok(Sum {
            spent: row.number(0)?,
            open: row.number(1)?,
        })
    })
}

/// Writes what a batch added.
pub(super) fn keep(conn: &Connection, spending: &Spending) -> Result<(), StoreError> {
    for ((holder, day), sum) in spending.added() {
        let params = params![holder, day, sum.spent, sum.open];
        cells::run(conn, "what was used", ADD, params)?;
    }
    Ok(())
}
