//! Reading and writing the pockets of tenants. What is decided of them is in `store/purses.rs`.

use domain::store::StoreError;
use rusqlite::{Connection, params};

use crate::purses::{Purse, Purses};
use crate::rows::LineRow;
use crate::sqlite::cells;

const READ: &str = "SELECT available, held, unlimited FROM balances WHERE tenant = ?1";

const KEEP: &str = "UPDATE balances SET available = ?2, held = ?3 WHERE tenant = ?1";

/// The pockets that lines move. The one writer holds the only lock there is.
pub(super) fn before<'a>(
    conn: &Connection,
    lines: impl Iterator<Item = &'a LineRow>,
) -> Result<Purses, StoreError> {
    let mut purses = Purses::default();
    for tenant in Purses::needed(lines) {
        let purse = cells::one(conn, "a balance", READ, params![tenant], |row| {
            Ok(Purse::new(row.number(0)?, row.number(1)?, row.number(2)? == 1))
        })?;
        if let Some(purse) = purse {
            purses.found(tenant, purse);
        }
    }
    Ok(purses)
}

/// Writes the pockets that were moved.
pub(super) fn keep(conn: &Connection, purses: &Purses) -> Result<(), StoreError> {
    for (tenant, purse) in purses.moved() {
        let params = params![tenant, purse.available, purse.held];
        cells::run(conn, "a balance", KEEP, params)?;
    }
    Ok(())
}
