//! Proving the books: what each row of a proof must say, and the report. Which rows there are is in
//! `sql.rs`; how they are fetched is in each database's folder. Nothing is mended here.

use domain::store::{LedgerReport, StoreError};
use domain::{StateWord, TaskId};

use crate::nouns::{Columns, count_at, id_at};
use crate::spending::ALL_TIME;

/// Most faults that a report spells out; the last sentence says how many more there are.
const FAULTS_MOST: usize = 100;

/// A report that takes only so many sentences.
#[derive(Default)]
pub(crate) struct Findings {
    report: LedgerReport,
    unsaid: u64,
    /// What is in all pockets together, in micro-dollars.
    pockets: i128,
}

impl Findings {
    fn fault(&mut self, sentence: String) {
        if self.report.faults.len() < FAULTS_MOST {
            self.report.faults.push(sentence);
        } else {
            self.unsaid += 1;
        }
    }

    pub(crate) fn lines(&mut self, row: &dyn Columns) -> Result<(), StoreError> {
        self.report.lines = count_at(row, 0)?;
        Ok(())
    }

    /// One task with its lines by kind.
    pub(crate) fn task(&mut self, row: &dyn Columns) -> Result<(), StoreError> {
        let name = TaskId(id_at(row, 0)?).prefixed();
        let state = row.text(1)?;
        let open = row.number(2)? == 1;
        let (holds, hold) = (row.number(3)?, row.number(4)?);
        let (charge, release, settlements) = (row.number(5)?, row.number(6)?, row.number(7)?);
        if StateWord::parse(state).is_none_or(|state| state.is_final() == open) {
            self.fault(format!(
                "{name}: state `{state}` is not what its row is listed under"
            ));
        }
        if holds != 1 {
            self.fault(format!("{name}: {holds} holds where there must be one"));
        }
        if open {
            self.report.open_tasks += 1;
            if settlements != 0 {
                self.fault(format!(
                    "{name}: is unfinished and has {settlements} charges or releases"
                ));
            }
        } else {
            self.report.finished_tasks += 1;
            if i128::from(hold) != i128::from(charge) + i128::from(release) {
                self.fault(format!(
                    "{name}: is finished with a hold of {hold}, a charge of {charge} and a release of {release}"
                ));
            }
        }
        if row.number(8)? != 0 {
            self.fault(format!("{name}: has lines in another tenant's books"));
        }
        Ok(())
    }

    /// One tenant's pockets.
    pub(crate) fn purse(&mut self, row: &dyn Columns) -> Result<(), StoreError> {
        let name = id_at(row, 0)?.hex();
        let (available, held) = (row.number(1)?, row.number(2)?);
        let (available_by_lines, held_by_lines, held_by_tasks) =
            (row.number(3)?, row.number(4)?, row.number(5)?);
        self.report.tenants += 1;
        self.pockets += i128::from(available) + i128::from(held);
        if available != available_by_lines {
            self.fault(format!(
                "tenant {name}: available is {available}, its lines add up to {available_by_lines}"
            ));
        }
        if held != held_by_lines {
            self.fault(format!(
                "tenant {name}: held is {held}, its lines add up to {held_by_lines}"
            ));
        }
        if held != held_by_tasks {
            self.fault(format!(
                "tenant {name}: held is {held}, its unfinished tasks hold {held_by_tasks}"
            ));
        }
        Ok(())
    }

    /// What a key or a tenant used that is not kept as tasks and their lines say.
    pub(crate) fn spending(&mut self, row: &dyn Columns) -> Result<(), StoreError> {
        let name = id_at(row, 0)?.hex();
        let day = row.number(1)?;
        let when = if day == ALL_TIME {
            "over all time".to_owned()
        } else {
            format!("on day {day}")
        };
        let (spent, by_lines) = (row.number(2)?, row.number(3)?);
        if spent != by_lines {
            self.fault(format!(
                "key or tenant {name}: spent {spent} {when}, its lines add up to {by_lines}"
            ));
        }
        let (open, by_tasks) = (row.number(4)?, row.number(5)?);
        if open != by_tasks {
            self.fault(format!(
                "key or tenant {name}: has {open} unfinished tasks counted {when}, there are {by_tasks}"
            ));
        }
        Ok(())
    }

    /// Lines of something that is not there.
    pub(crate) fn stray(&mut self, what: &str, row: &dyn Columns) -> Result<(), StoreError> {
        let (id, lines) = (id_at(row, 0)?, row.number(1)?);
        self.fault(format!(
            "{lines} lines name {what} {}, which is not there",
            id.hex()
        ));
        Ok(())
    }

    /// A line that cannot be right.
    pub(crate) fn wrong_line(&mut self, row: &dyn Columns) -> Result<(), StoreError> {
        let (number, kind, amount) = (row.number(0)?, row.text(1)?, row.number(2)?);
        self.fault(if amount < 0 {
            format!("line {number} ({kind}): the amount {amount} is negative")
        } else {
            format!("line {number} ({kind}): moves money of a tenant and names none")
        });
        Ok(())
    }

    /// What is in the pockets of the house.
    pub(crate) fn house(&mut self, row: &dyn Columns) -> Result<(), StoreError> {
        self.pockets += i128::from(row.number(0)?);
        Ok(())
    }

    /// The report, once every row was seen.
    pub(crate) fn report(mut self) -> LedgerReport {
        let sum = self.pockets;
        self.report.sum_micros = i64::try_from(sum).unwrap_or(if sum < 0 { i64::MIN } else { i64::MAX });
        if sum != 0 {
            self.fault(format!(
                "all pockets together hold {sum} micro-dollars where it must be zero"
            ));
        }
        let Findings {
            mut report, unsaid, ..
        } = self;
        if unsaid > 0 {
            report.faults.push(format!("and {unsaid} more"));
        }
        report
    }
}
