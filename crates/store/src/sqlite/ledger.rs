//! Booking: immutable lines, and the two pockets of a tenant that follow them. Proving is in
//! `verify.rs`.

use domain::ids::TenantId;
use domain::money::Balance;
use domain::store::StoreError;
use domain::{Id, Line, TaskId};
use rusqlite::{Connection, params};

use crate::rows::{self, LineRow};
use crate::sqlite::{NUMBERING, cells, fault, purses};
use crate::{nouns, sql};

const LINE: &str =
    "INSERT INTO lines (task, tenant, kind, sequence, from_pocket, to_pocket, amount, at, note)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

/// Books lines that come without a change; false when a balance does not cover a hold: then nothing is
/// written.
pub(super) fn book(conn: &Connection, lines: &[LineRow]) -> Result<bool, StoreError> {
    let covered = move_money(conn, lines)?;
    if covered {
        note(conn, lines)?;
    }
    Ok(covered)
}

/// The first half of [`book`]: the pockets.
pub(super) fn move_money(conn: &Connection, lines: &[LineRow]) -> Result<bool, StoreError> {
    let mut purses = purses::before(conn, lines.iter())?;
    let Some(moved) = purses.after(lines)? else {
        return Ok(false);
    };
    purses.take(moved);
    purses::keep(conn, &purses)?;
    Ok(true)
}

/// Writes lines down. The pockets that they move are the caller's business.
pub(super) fn note(conn: &Connection, lines: &[LineRow]) -> Result<(), StoreError> {
    lines.iter().try_for_each(|line| insert_line(conn, line))
}

/// Books lines that belong to no task.
pub(super) fn post(conn: &Connection, lines: &[LineRow]) -> Result<(), StoreError> {
    rows::only_loose(lines)?;
    if book(conn, lines)? {
        return Ok(());
    }
    Err(rows::loose_hold())
}

fn insert_line(conn: &Connection, line: &LineRow) -> Result<(), StoreError> {
    let fault = fault_of(line);
    let mut statement = conn.prepare_cached(LINE).map_err(&fault)?;
    let inserted = statement.execute(params![
        line.task,
        line.tenant,
        line.kind.word(),
        line.sequence,
        line.from,
        line.to,
        line.amount,
        line.at,
        line.note,
    ]);
    inserted.map(drop).map_err(&fault)
}

fn fault_of(line: &LineRow) -> impl Fn(rusqlite::Error) -> StoreError {
    let task = line.task.map_or(Id(0), |task| Id(u128::from_be_bytes(task)));
    fault::by_id("a line of task", task)
}

pub(super) fn balance(conn: &Connection, tenant: TenantId) -> Result<Option<Balance>, StoreError> {
    let tenant = rows::id_bytes(tenant.0);
    cells::one(conn, "a balance", sql::BALANCE, [tenant], nouns::balance_of)
}

pub(super) fn lines(conn: &Connection, task: TaskId) -> Result<Vec<Line>, StoreError> {
    let (sql, id) = (NUMBERING.of(sql::LINES_OF_TASK), rows::id_bytes(task.0));
    cells::all(conn, "the lines of a task", &sql, [id], |row| {
        nouns::line_of(row, task)
    })
}
