//! Proving the books: one pass over tasks, tenants and pockets in one read transaction. Memory does
//! not grow with the books; SQLite sorts on disk where it must sort. Nothing is mended here.

use domain::store::{LedgerReport, StoreError};
use domain::{Id, StateWord, TaskId};
use rusqlite::{Connection, Row};

use crate::rows;
use crate::sqlite::fault;

/// Most faults that a report spells out; the last sentence says how many more there are.
const FAULTS_MOST: usize = 100;

const LINES: &str = "SELECT count(*) FROM lines";

/// Every task with its lines by kind, walked in the order of the table.
const TASKS: &str = "SELECT t.id, t.state, t.open,
    coalesce(sum(l.kind = 'hold'), 0),
    coalesce(sum(l.amount) FILTER (WHERE l.kind = 'hold'), 0),
    coalesce(sum(l.amount) FILTER (WHERE l.kind = 'charge'), 0),
    coalesce(sum(l.amount) FILTER (WHERE l.kind = 'release'), 0),
    coalesce(sum(l.kind IN ('charge', 'release')), 0),
    coalesce(sum(l.tenant IS NOT NULL AND l.tenant <> t.tenant), 0)
  FROM tasks t LEFT JOIN lines l ON l.task = t.id AND l.task IS NOT NULL
  GROUP BY t.rowid";

const STRAY_LINES: &str = "SELECT l.task, count(*) FROM lines l
  WHERE l.task IS NOT NULL AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.id = l.task)
  GROUP BY l.task";

/// Every tenant's pockets as they are kept, as its lines say, and what its open tasks hold.
const PURSES: &str = "SELECT b.tenant, b.available, b.held,
    coalesce(s.available, 0), coalesce(s.held, 0), coalesce(h.held, 0)
  FROM balances b
  LEFT JOIN (SELECT tenant,
      sum(CASE to_pocket WHEN 'tenant:available' THEN amount ELSE 0 END)
        - sum(CASE from_pocket WHEN 'tenant:available' THEN amount ELSE 0 END) AS available,
      sum(CASE to_pocket WHEN 'tenant:held' THEN amount ELSE 0 END)
        - sum(CASE from_pocket WHEN 'tenant:held' THEN amount ELSE 0 END) AS held
    FROM lines WHERE tenant IS NOT NULL GROUP BY tenant) s ON s.tenant = b.tenant
  LEFT JOIN (SELECT t.tenant, sum(l.amount) AS held
    FROM tasks t JOIN lines l ON l.task = t.id AND l.kind = 'hold'
    WHERE t.open = 1 GROUP BY t.tenant) h ON h.tenant = b.tenant";

const STRAY_TENANTS: &str = "SELECT l.tenant, count(*) FROM lines l
  WHERE l.tenant IS NOT NULL AND NOT EXISTS (SELECT 1 FROM balances b WHERE b.tenant = l.tenant)
  GROUP BY l.tenant";

/// Tenants' pockets as they are kept, house pockets from their lines.
const HOUSE: &str = "SELECT
    coalesce(sum(CASE WHEN to_pocket LIKE 'house:%' THEN amount ELSE 0 END), 0)
      - coalesce(sum(CASE WHEN from_pocket LIKE 'house:%' THEN amount ELSE 0 END), 0)
  FROM lines";

const WRONG_LINES: &str = "SELECT rowid, kind, amount FROM lines WHERE amount < 0
  UNION ALL SELECT rowid, kind, amount FROM lines
    WHERE tenant IS NULL AND (from_pocket LIKE 'tenant:%' OR to_pocket LIKE 'tenant:%')";

/// A report that takes only so many sentences.
struct Findings {
    report: LedgerReport,
    unsaid: u64,
}

impl Findings {
    fn fault(&mut self, sentence: String) {
        if self.report.faults.len() < FAULTS_MOST {
            self.report.faults.push(sentence);
        } else {
            self.unsaid += 1;
        }
    }
}

pub(super) fn verify(conn: &mut Connection) -> Result<LedgerReport, StoreError> {
    let fault = fault::of("the ledger");
    let snapshot = conn.transaction().map_err(&fault)?;
    let mut findings = Findings {
        report: LedgerReport::default(),
        unsaid: 0,
    };
    let lines: i64 = snapshot.query_row(LINES, [], |row| row.get(0)).map_err(&fault)?;
    findings.report.lines = rows::unsigned(lines, "a count")?;
    tasks(&snapshot, &mut findings)?;
    let purses = purses(&snapshot, &mut findings)?;
    strays(&snapshot, &mut findings)?;
    sum(&snapshot, &mut findings, purses)?;
    let Findings { mut report, unsaid } = findings;
    if unsaid > 0 {
        report.faults.push(format!("and {unsaid} more"));
    }
    Ok(report)
}

fn tasks(conn: &Connection, findings: &mut Findings) -> Result<(), StoreError> {
    let fault = fault::of("the lines of tasks");
    let mut statement = conn.prepare_cached(TASKS).map_err(&fault)?;
    let mut found = statement.query([]).map_err(&fault)?;
    while let Some(row) = found.next().map_err(&fault)? {
        task(row, findings)?;
    }
    Ok(())
}

fn task(row: &Row<'_>, findings: &mut Findings) -> Result<(), StoreError> {
    let fault = fault::of("the lines of a task");
    let id: Vec<u8> = row.get(0).map_err(&fault)?;
    let name = TaskId(rows::id_of(&id)?).prefixed();
    let state: String = row.get(1).map_err(&fault)?;
    let open: bool = row.get(2).map_err(&fault)?;
    let number = |column: usize| row.get::<_, i64>(column).map_err(&fault);
    let (holds, hold) = (number(3)?, number(4)?);
    let (charge, release, settlements) = (number(5)?, number(6)?, number(7)?);
    if StateWord::parse(&state).is_none_or(|state| state.is_final() == open) {
        findings.fault(format!(
            "{name}: state `{state}` is not what its row is listed under"
        ));
    }
    if holds != 1 {
        findings.fault(format!("{name}: {holds} holds where there must be one"));
    }
    if open {
        findings.report.open_tasks += 1;
        if settlements != 0 {
            findings.fault(format!(
                "{name}: is unfinished and has {settlements} charges or releases"
            ));
        }
    } else {
        findings.report.finished_tasks += 1;
        if i128::from(hold) != i128::from(charge) + i128::from(release) {
            findings.fault(format!(
                "{name}: is finished with a hold of {hold}, a charge of {charge} and a release of {release}"
            ));
        }
    }
    if number(8)? != 0 {
        findings.fault(format!("{name}: has lines in another tenant's books"));
    }
    Ok(())
}

/// Checks every tenant's pockets; answers with what is in all of them.
fn purses(conn: &Connection, findings: &mut Findings) -> Result<i128, StoreError> {
    let fault = fault::of("the pockets of tenants");
    let mut statement = conn.prepare_cached(PURSES).map_err(&fault)?;
    let mut found = statement.query([]).map_err(&fault)?;
    let mut total = 0;
    while let Some(row) = found.next().map_err(&fault)? {
        let id: Vec<u8> = row.get(0).map_err(&fault)?;
        let name = rows::id_of(&id)?.hex();
        let number = |column: usize| row.get::<_, i64>(column).map_err(&fault);
        let (available, held) = (number(1)?, number(2)?);
        let (available_by_lines, held_by_lines, held_by_tasks) = (number(3)?, number(4)?, number(5)?);
        findings.report.tenants += 1;
        total += i128::from(available) + i128::from(held);
        if available != available_by_lines {
            findings.fault(format!(
                "tenant {name}: available is {available}, its lines add up to {available_by_lines}"
            ));
        }
        if held != held_by_lines {
            findings.fault(format!(
                "tenant {name}: held is {held}, its lines add up to {held_by_lines}"
            ));
        }
        if held != held_by_tasks {
            findings.fault(format!(
                "tenant {name}: held is {held}, its unfinished tasks hold {held_by_tasks}"
            ));
        }
    }
    Ok(total)
}

fn strays(conn: &Connection, findings: &mut Findings) -> Result<(), StoreError> {
    for (sql, what) in [(STRAY_LINES, "task"), (STRAY_TENANTS, "tenant")] {
        let fault = fault::of("stray lines");
        let mut statement = conn.prepare_cached(sql).map_err(&fault)?;
        let mut found = statement.query([]).map_err(&fault)?;
        while let Some(row) = found.next().map_err(&fault)? {
            let id: Vec<u8> = row.get(0).map_err(&fault)?;
            let id: Id = rows::id_of(&id)?;
            let lines: i64 = row.get(1).map_err(&fault)?;
            findings.fault(format!(
                "{lines} lines name {what} {}, which is not there",
                id.hex()
            ));
        }
    }
    let fault = fault::of("wrong lines");
    let mut statement = conn.prepare_cached(WRONG_LINES).map_err(&fault)?;
    let mut found = statement.query([]).map_err(&fault)?;
    while let Some(row) = found.next().map_err(&fault)? {
        let number: i64 = row.get(0).map_err(&fault)?;
        let kind: String = row.get(1).map_err(&fault)?;
        let amount: i64 = row.get(2).map_err(&fault)?;
        findings.fault(if amount < 0 {
            format!("line {number} ({kind}): the amount {amount} is negative")
        } else {
            format!("line {number} ({kind}): moves money of a tenant and names none")
        });
    }
    Ok(())
}

fn sum(conn: &Connection, findings: &mut Findings, purses: i128) -> Result<(), StoreError> {
    let house: i64 = conn
        .query_row(HOUSE, [], |row| row.get(0))
        .map_err(fault::of("the pockets of the house"))?;
    let sum = purses + i128::from(house);
    findings.report.sum_micros = i64::try_from(sum).unwrap_or(if sum < 0 { i64::MIN } else { i64::MAX });
    if sum != 0 {
        findings.fault(format!(
            "all pockets together hold {sum} micro-dollars where it must be zero"
        ));
    }
    Ok(())
}
