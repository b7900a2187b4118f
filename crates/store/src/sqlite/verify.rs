//! Proving the books part by part. Each part is a short read of its own, so that no reader holds the log for
//! long; only the last look, at one moment, is as long as there are open tasks. What a row must say is in
//! `proof.rs`.

use domain::store::{LedgerReport, StoreError, Tell};
use rusqlite::{Connection, params};

use crate::nouns::Columns;
use crate::proof::{Findings, PART_LINES, PART_TASKS, ROUNDS_MOST};
use crate::sql::proof;
use crate::sqlite::readers::Readers;
use crate::sqlite::statements::last_line;
use crate::sqlite::{NUMBERING, cells, fault};

type Taken = Result<(), StoreError>;

pub(super) async fn verify(readers: &Readers, tell: Tell<'_>) -> Result<LedgerReport, StoreError> {
    let mut findings = Findings::default();
    let mut in_all = readers.read(|conn| last_line(conn)).await?;
    loop {
        let before = findings.tasks();
        findings = readers.read(move |conn| tasks(conn, findings)).await?;
        tell(findings.progress(in_all));
        if findings.tasks() == before {
            break;
        }
    }
    let mut read = 0;
    for _ in 0..ROUNDS_MOST {
        // Lines are numbered in the order of their commits: there is one writer.
        in_all = readers.read(|conn| last_line(conn)).await?;
        let last = crate::rows::signed(in_all, "a line's number")?;
        if last - read <= PART_LINES {
            break;
        }
        while read < last {
            let end = last.min(read + PART_LINES);
            findings = readers
                .read(move |conn| {
                    let snapshot = conn.transaction().map_err(fault::of("the ledger"))?;
                    lines(&snapshot, findings, (read, end))
                })
                .await?;
            tell(findings.progress(in_all));
            read = end;
        }
    }
    let findings = readers.read(move |conn| last_look(conn, findings, read)).await?;
    tell(findings.progress(in_all));
    Ok(findings.report())
}

fn tasks(conn: &Connection, mut findings: Findings) -> Result<Findings, StoreError> {
    let behind = findings.last_task();
    let params = params![behind, PART_TASKS];
    cells::each(conn, "the ledger", proof::TASKS, params, |row| findings.task(row))?;
    Ok(findings)
}

fn lines(
    conn: &Connection,
    mut findings: Findings,
    (behind, end): (i64, i64),
) -> Result<Findings, StoreError> {
    let mut each = |sql: &str, take: fn(&mut Findings, &dyn Columns) -> Taken| {
        let sql = NUMBERING.of(sql);
        let params = params![behind, end];
        cells::each(conn, "the ledger", &sql, params, |row| take(&mut findings, row))
    };
    each(proof::LINES, Findings::lines)?;
    each(proof::SPENT, Findings::spent)?;
    each(proof::STRAY_LINES, Findings::stray)?;
    each(proof::WRONG_LINES, Findings::wrong_line)?;
    Ok(findings)
}

/// What must be seen at one moment. What else is kept beside the books and must agree with them is read here.
fn last_look(conn: &mut Connection, findings: Findings, behind: i64) -> Result<Findings, StoreError> {
    let snapshot = conn.transaction().map_err(fault::of("the ledger"))?;
    let mut findings = lines(&snapshot, findings, (behind, i64::MAX))?;
    let mut each = |sql: &str, take: fn(&mut Findings, &dyn Columns) -> Taken| {
        cells::each(&snapshot, "the ledger", &NUMBERING.of(sql), [], |row| {
            take(&mut findings, row)
        })
    };
    each(proof::OPEN_HOLDS, Findings::open_holds)?;
    each(proof::PURSES, Findings::purse)?;
    each(proof::OPEN_TASKS, Findings::open_tasks)?;
    each(proof::SPENDING, Findings::spending)?;
    Ok(findings)
}
