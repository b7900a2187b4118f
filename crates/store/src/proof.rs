//! Proving the books: what each row of a proof must say, and the report. Which rows there are is in
//! `sql.rs`; how they are fetched is in each database's folder. Nothing is mended here.
//!
//! The books are proved beside whoever writes. A task and its lines commit together, so that tasks are proved
//! in parts, each by itself. Lines never change, so that they are summed in parts up to a place behind which
//! no earlier one can appear any more. Only the last look, at the few lines behind that place, at the pockets
//! as they are kept and at what open tasks hold, must see one moment; it does not grow with the books.

use std::collections::HashMap;

use domain::store::{LedgerReport, Progress, StoreError};
use domain::{Id, StateWord, TaskId};

use crate::nouns::{Columns, count_at, id_at, id_or_none};
use crate::spending::ALL_TIME;

/// Most faults that a report spells out; the last sentence says how many more there are.
const FAULTS_MOST: usize = 100;

/// Lines in one part.
pub(crate) const PART_LINES: i64 = 20_000;
/// Tasks in one part.
pub(crate) const PART_TASKS: i64 = 2_000;
/// Most rounds in which sums of lines follow whoever writes, before the last look.
pub(crate) const ROUNDS_MOST: usize = 5;

/// What a tenant's lines add up to, in micro-dollars, and what its open tasks hold.
#[derive(Default)]
struct Sums {
    lines: u64,
    available: i128,
    held: i128,
    held_by_tasks: i64,
}

/// What a key or a tenant used, on one day or over all time.
#[derive(Default, Clone, Copy)]
struct Used {
    spent: i128,
    open: i64,
}

/// A report that takes only so many sentences. Its memory grows with tenants, keys and the days on which they
/// were used, not with the books.
#[derive(Default)]
pub(crate) struct Findings {
    report: LedgerReport,
    unsaid: u64,
    /// What is in all pockets together, in micro-dollars.
    pockets: i128,
    tenants: HashMap<Id, Sums>,
    used: HashMap<(Id, i64), Used>,
    last_task: Option<Id>,
}

impl Findings {
    fn fault(&mut self, sentence: String) {
        if self.report.faults.len() < FAULTS_MOST {
            self.report.faults.push(sentence);
        } else {
            self.unsaid += 1;
        }
    }

    /// How far the proof is.
    pub(crate) fn progress(&self, lines_in_all: u64) -> Progress {
        Progress {
            lines: self.report.lines,
            lines_in_all,
            tasks: self.report.finished_tasks + self.report.open_tasks,
        }
    }

    /// Behind which task the next part begins.
    pub(crate) fn last_task(&self) -> Vec<u8> {
        let last = self.last_task.map(crate::rows::id_bytes);
        last.map_or_else(Vec::new, |id| id.to_vec())
    }

    /// How many tasks were seen.
    pub(crate) fn tasks(&self) -> u64 {
        self.report.finished_tasks + self.report.open_tasks
    }

    /// What the lines of a part move, of one tenant or of none.
    pub(crate) fn lines(&mut self, row: &dyn Columns) -> Result<(), StoreError> {
        let count = count_at(row, 1)?;
        self.report.lines += count;
        self.pockets += i128::from(row.number(4)?);
        if let Some(tenant) = id_or_none(row, 0)? {
            let sums = self.tenants.entry(tenant).or_default();
            sums.lines += count;
            sums.available += i128::from(row.number(2)?);
            sums.held += i128::from(row.number(3)?);
        }
        Ok(())
    }

    /// What the open tasks of one tenant hold.
    pub(crate) fn open_holds(&mut self, row: &dyn Columns) -> Result<(), StoreError> {
        self.tenants.entry(id_at(row, 0)?).or_default().held_by_tasks = row.number(1)?;
        Ok(())
    }

    /// One task with its lines by kind.
    pub(crate) fn task(&mut self, row: &dyn Columns) -> Result<(), StoreError> {
        let id = id_at(row, 0)?;
        self.last_task = Some(id);
        let name = TaskId(id).prefixed();
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

    /// One tenant's pockets, once all lines and the open tasks were seen.
    pub(crate) fn purse(&mut self, row: &dyn Columns) -> Result<(), StoreError> {
        let id = id_at(row, 0)?;
        let name = id.hex();
        let (available, held) = (row.number(1)?, row.number(2)?);
        let sums = self.tenants.remove(&id).unwrap_or_default();
        let (available_by_lines, held_by_lines, held_by_tasks) =
            (sums.available, sums.held, sums.held_by_tasks);
        self.report.tenants += 1;
        self.pockets += i128::from(available) + i128::from(held);
        if i128::from(available) != available_by_lines {
            self.fault(format!(
                "tenant {name}: available is {available}, its lines add up to {available_by_lines}"
            ));
        }
        if i128::from(held) != held_by_lines {
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

    /// What a part of the lines says that a tenant and one of its keys used on one day.
    pub(crate) fn spent(&mut self, row: &dyn Columns) -> Result<(), StoreError> {
        let (day, spent) = (row.number(2)?, i128::from(row.number(3)?));
        for holder in [id_at(row, 0)?, id_at(row, 1)?] {
            for day in [ALL_TIME, day] {
                self.used.entry((holder, day)).or_default().spent += spent;
            }
        }
        Ok(())
    }

    /// The unfinished tasks of a tenant and one of its keys.
    pub(crate) fn open_tasks(&mut self, row: &dyn Columns) -> Result<(), StoreError> {
        let open = row.number(2)?;
        for holder in [id_at(row, 0)?, id_at(row, 1)?] {
            self.used.entry((holder, ALL_TIME)).or_default().open += open;
        }
        Ok(())
    }

    /// What a key or a tenant used, as it is kept, once all lines and the open tasks were seen.
    pub(crate) fn spending(&mut self, row: &dyn Columns) -> Result<(), StoreError> {
        let (holder, day) = (id_at(row, 0)?, row.number(1)?);
        let kept = Used {
            spent: i128::from(row.number(2)?),
            open: row.number(3)?,
        };
        let found = self.used.remove(&(holder, day)).unwrap_or_default();
        self.compare((holder, day), kept, found);
        Ok(())
    }

    fn compare(&mut self, (holder, day): (Id, i64), kept: Used, found: Used) {
        let name = holder.hex();
        let when = if day == ALL_TIME {
            "over all time".to_owned()
        } else {
            format!("on day {day}")
        };
        let (spent, by_lines) = (kept.spent, found.spent);
        if spent != by_lines {
            self.fault(format!(
                "key or tenant {name}: spent {spent} {when}, its lines add up to {by_lines}"
            ));
        }
        let (open, by_tasks) = (kept.open, found.open);
        if open != by_tasks {
            self.fault(format!(
                "key or tenant {name}: has {open} unfinished tasks counted {when}, there are {by_tasks}"
            ));
        }
    }

    /// Lines of a task that is not there.
    pub(crate) fn stray(&mut self, row: &dyn Columns) -> Result<(), StoreError> {
        let (id, lines) = (id_at(row, 0)?, count_at(row, 1)?);
        self.absent("task", id, lines);
        Ok(())
    }

    fn absent(&mut self, what: &str, id: Id, lines: u64) {
        self.fault(format!(
            "{lines} lines name {what} {}, which is not there",
            id.hex()
        ));
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

    /// The report, once every row was seen.
    pub(crate) fn report(mut self) -> LedgerReport {
        // Who is left has lines and no pockets.
        let mut left: Vec<_> = self.tenants.drain().collect();
        left.sort_unstable_by_key(|(id, _)| *id);
        for (id, sums) in left.into_iter().filter(|(_, sums)| sums.lines > 0) {
            self.absent("tenant", id, sums.lines);
        }
        let mut unkept: Vec<_> = self.used.drain().collect();
        unkept.sort_unstable_by_key(|(place, _)| *place);
        for (place, found) in unkept {
            self.compare(place, Used::default(), found);
        }
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
