//! Proving the books in one read transaction. Memory does not grow with the books; SQLite sorts on disk
//! where it must sort. What a row must say is in `proof.rs`.

use domain::store::{LedgerReport, StoreError};
use rusqlite::Connection;

use crate::nouns::Columns;
use crate::proof::Findings;
use crate::sql::proof;
use crate::sqlite::{NUMBERING, cells, fault};

pub(super) fn verify(conn: &mut Connection) -> Result<LedgerReport, StoreError> {
    let snapshot = conn.transaction().map_err(fault::of("the ledger"))?;
    let mut findings = Findings::default();
    let mut each = |sql: &str, take: fn(&mut Findings, &dyn Columns) -> Result<(), StoreError>| {
        let sql = NUMBERING.of(sql);
        cells::each(&snapshot, "the ledger", &sql, [], |row| take(&mut findings, row))
    };
    each(proof::LINES, Findings::lines)?;
    each(proof::TASKS, Findings::task)?;
    each(proof::PURSES, Findings::purse)?;
    each(proof::SPENDING, Findings::spending)?;
    each(proof::STRAY_LINES, |findings, row| findings.stray("task", row))?;
    each(proof::STRAY_TENANTS, |findings, row| {
        findings.stray("tenant", row)
    })?;
    each(proof::WRONG_LINES, Findings::wrong_line)?;
    each(proof::HOUSE, Findings::house)?;
    Ok(findings.report())
}
