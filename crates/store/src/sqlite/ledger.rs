//! Booking: immutable lines, and the two pockets of a tenant that follow them. Proving is in
//! `verify.rs`.

use domain::ids::TenantId;
use domain::money::Balance;
use domain::store::StoreError;
use domain::{Id, LedgerAccount, Line, LineKind, Micros, Millis, TaskId};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use crate::rows::{self, LineRow};
use crate::sqlite::fault;

const LINE: &str =
    "INSERT INTO lines (task, tenant, kind, sequence, from_pocket, to_pocket, amount, at, note)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

/// The guard of every hold stands here, inside the statement.
const HOLD: &str = "UPDATE balances SET available = available - ?2, held = held + ?2
  WHERE tenant = ?1 AND (unlimited = 1 OR available >= ?2)";

const MOVE: &str = "UPDATE balances SET available = available + ?2, held = held + ?3 WHERE tenant = ?1";

const BALANCE: &str = "SELECT available, held, unlimited FROM balances WHERE tenant = ?1";

const LINES_OF_TASK: &str = "SELECT tenant, kind, sequence, from_pocket, to_pocket, amount, at, note
  FROM lines WHERE task = ?1 ORDER BY rowid";

/// Books lines; false when a balance does not cover a hold. Then some lines may be written: the
/// caller rolls its savepoint back.
pub(super) fn book(conn: &Connection, lines: &[LineRow]) -> Result<bool, StoreError> {
    for line in lines {
        if !move_money(conn, line)? {
            return Ok(false);
        }
        insert_line(conn, line)?;
    }
    Ok(true)
}

/// Books lines that belong to no task.
pub(super) fn post(conn: &Connection, lines: &[LineRow]) -> Result<(), StoreError> {
    if lines.iter().any(|line| line.task.is_some()) {
        let message = "lines of a task are booked with its change only";
        return Err(StoreError::Corrupt(message.to_owned()));
    }
    if book(conn, lines)? {
        return Ok(());
    }
    Err(StoreError::Corrupt("a hold that belongs to no task".to_owned()))
}

fn move_money(conn: &Connection, line: &LineRow) -> Result<bool, StoreError> {
    let Some(tenant) = line.tenant else {
        return Ok(true);
    };
    let fault = fault_of(line);
    let is_hold = line.kind == LineKind::Hold && line.available == -line.amount && line.held == line.amount;
    if is_hold {
        let mut statement = conn.prepare_cached(HOLD).map_err(&fault)?;
        return Ok(statement.execute(params![tenant, line.amount]).map_err(&fault)? == 1);
    }
    let mut statement = conn.prepare_cached(MOVE).map_err(&fault)?;
    let moved = statement.execute(params![tenant, line.available, line.held]);
    if moved.map_err(&fault)? == 0 {
        let id = u128::from_be_bytes(tenant);
        return Err(StoreError::Corrupt(format!(
            "a line of tenant {id:032x}, which is not there"
        )));
    }
    Ok(true)
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
    let fault = fault::by_id("balance of tenant", tenant.0);
    let mut statement = conn.prepare_cached(BALANCE).map_err(&fault)?;
    let found = statement.query_row([rows::id_bytes(tenant.0)], |row| {
        Ok(Balance {
            available: Micros(row.get(0)?),
            held: Micros(row.get(1)?),
            unlimited: row.get(2)?,
        })
    });
    found.optional().map_err(&fault)
}

pub(super) fn lines(conn: &Connection, task: TaskId) -> Result<Vec<Line>, StoreError> {
    let fault = fault::by_id("lines of", task.0);
    let mut statement = conn.prepare_cached(LINES_OF_TASK).map_err(&fault)?;
    let mut found = statement.query([rows::id_bytes(task.0)]).map_err(&fault)?;
    let mut lines = Vec::new();
    while let Some(row) = found.next().map_err(&fault)? {
        lines.push(line_of(row, task)?);
    }
    Ok(lines)
}

fn line_of(row: &Row<'_>, task: TaskId) -> Result<Line, StoreError> {
    let fault = fault::by_id("line of", task.0);
    let tenant: Option<Vec<u8>> = row.get(0).map_err(&fault)?;
    let tenant = tenant
        .map(|tenant| rows::id_of(&tenant).map(TenantId))
        .transpose()?;
    let kind: String = row.get(1).map_err(&fault)?;
    let pocket = |column: usize| -> Result<LedgerAccount, StoreError> {
        let word: String = row.get(column).map_err(&fault)?;
        rows::word_of(&word, "pocket", |word| {
            LedgerAccount::parse(word, None).or_else(|| LedgerAccount::parse(word, tenant))
        })
    };
    Ok(Line {
        task: Some(task),
        tenant,
        kind: rows::word_of(&kind, "kind of line", LineKind::parse)?,
        sequence: row.get(2).map_err(&fault)?,
        from: pocket(3)?,
        to: pocket(4)?,
        amount: Micros(row.get(5).map_err(&fault)?),
        at: Millis(row.get(6).map_err(&fault)?),
        note: row.get(7).map_err(&fault)?,
    })
}
