//! Compare: what a vendor says that it deducted, beside what our books say of the same tasks. Nothing is
//! changed. (A doubtful submit is looked up in `reconcile.rs`.)

use std::collections::HashMap;

use domain::invoice::{InvoiceLine, InvoiceWish};
use domain::overview::{Portion, Survey};
use domain::provider::{Receipt, UpstreamError};
use domain::store::StoreError;
use domain::{LineKind, Micros, Millis, StateWord, Task, TaskId, TenantId};

use crate::Engine;

/// How far beyond the period the vendor and our books are asked, in milliseconds: what one side dates before
/// its end the other may date behind it.
const MARGIN_MS: i64 = 2 * 24 * 60 * 60 * 1_000;
/// Most deductions and most tasks of one comparison.
const ROWS_MOST: usize = 200_000;
/// Most parts of one invoice.
const PARTS_MOST: usize = 1_000;
/// Tasks that are read at a time.
const TASKS_AT_ONCE: usize = 500;
/// Tasks that are looked at for them.
const WALK: usize = 20_000;

/// What is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparing {
    /// The account by name.
    pub account: String,
    /// From this moment.
    pub from: Millis,
    /// To before this moment.
    pub to: Millis,
    /// How far two amounts may be apart and still be the same.
    pub tolerance: Micros,
}

/// How the two sides of a task stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// They say the same.
    Same,
    /// They say different amounts, or one of them none.
    Differs,
    /// The vendor deducted for something that is not in our books.
    OnlyThere,
    /// Our books have a cost that the vendor does not tell.
    OnlyHere,
}

impl Verdict {
    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Same => "same",
            Verdict::Differs => "differs",
            Verdict::OnlyThere => "only_at_vendor",
            Verdict::OnlyHere => "only_here",
        }
    }
}

/// Our side of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Here {
    /// The task.
    pub task: TaskId,
    /// Whose it is.
    pub tenant: TenantId,
    /// The model that was asked for.
    pub model: String,
    /// What the tenant was charged.
    pub charge: Micros,
    /// What we booked as the vendor's cost; none where the vendor did not tell it.
    pub cost: Option<Micros>,
    /// What was charged in the vendor's units, in thousandths.
    pub units_milli: Option<u64>,
}

/// The vendor's side of a task.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct There {
    /// What was deducted in units, in thousandths.
    pub units_milli: Option<u64>,
    /// What was deducted, in money; none where it cannot be told exactly.
    pub amount: Option<Micros>,
    /// When.
    pub at: Option<Millis>,
    /// The model, in the vendor's words.
    pub model: Option<String>,
}

/// One task of either side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// The vendor's name for it.
    pub receipt: Receipt,
    /// Our side.
    pub here: Option<Here>,
    /// The vendor's side.
    pub there: Option<There>,
    /// What the vendor takes beyond what we booked.
    pub difference: Micros,
    /// How they stand to each other.
    pub verdict: Verdict,
}

/// Why nothing was compared.
#[derive(Debug, thiserror::Error)]
pub enum CannotCompare {
    /// There is no such account.
    #[error("there is no account `{0}`")]
    NoAccount(String),
    /// The vendor tells no such thing.
    #[error("the vendor of account `{0}` tells no deductions")]
    NoInvoice(String),
    /// The vendor did not answer as it should.
    #[error("the vendor of account `{0}`: {1}")]
    Vendor(String, UpstreamError),
    /// There is too much of it.
    #[error("there are more than {ROWS_MOST} tasks in this period; ask for a shorter one")]
    TooMany,
    /// The books cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Engine {
    /// Compares an account's invoice with our books: every task of the period, ours in the order of their
    /// birth, newest first, then the vendor's own.
    ///
    /// # Errors
    /// [`CannotCompare`], which says why not.
    pub async fn compare(&self, asked: &Comparing) -> Result<Vec<Compared>, CannotCompare> {
        let mut there = self.deducted(asked).await?;
        let mut rows = Vec::new();
        let mut portion = Portion {
            after: None,
            limit: TASKS_AT_ONCE,
            walk: WALK,
        };
        let survey = Survey {
            account: Some(asked.account.clone()),
            states: StateWord::ALL
                .into_iter()
                .filter(|state| state.is_final())
                .collect(),
            since: Some(asked.from.plus(-MARGIN_MS)),
            ..Survey::default()
        };
        loop {
            let part = self.store.survey(&survey, portion).await?;
            for task in &part.tasks {
                let Some(receipt) = task.course.receipt.clone() else {
                    continue;
                };
                let vendors = there.remove(&receipt);
                let here = self.here(task).await?;
                rows.extend(compared((receipt, task), here, vendors, asked));
            }
            if rows.len() > ROWS_MOST {
                return Err(CannotCompare::TooMany);
            }
            match part.next {
                Some(next) => portion.after = Some(next),
                None => break,
            }
        }
        let within = |there: &There| there.at.is_none_or(|at| at >= asked.from && at < asked.to);
        let mut left: Vec<_> = there.into_iter().filter(|(_, there)| within(there)).collect();
        left.sort_by(|(one, _), (other, _)| one.0.cmp(&other.0));
        rows.extend(left.into_iter().map(|(receipt, there)| Compared {
            receipt,
            difference: there.amount.unwrap_or_default(),
            verdict: Verdict::OnlyThere,
            here: None,
            there: Some(there),
        }));
        Ok(rows)
    }

    /// What the vendor says of every task.
    async fn deducted(&self, asked: &Comparing) -> Result<HashMap<Receipt, There>, CannotCompare> {
        let name = || asked.account.clone();
        let post = self
            .post(&asked.account)
            .ok_or_else(|| CannotCompare::NoAccount(name()))?;
        let mut wish = InvoiceWish {
            from: asked.from.plus(-MARGIN_MS),
            to: asked.to.plus(MARGIN_MS),
            after: None,
        };
        wish.from = wish.from.max(Millis(0));
        let mut lines: HashMap<Receipt, Vec<InvoiceLine>> = HashMap::new();
        for _ in 0..PARTS_MOST {
            let part = post.provider.invoice(&wish, &post.wire).await;
            let part = part.map_err(|error| CannotCompare::Vendor(name(), error))?;
            let part = part.ok_or_else(|| CannotCompare::NoInvoice(name()))?;
            for line in part.lines {
                lines.entry(line.receipt.clone()).or_default().push(line);
            }
            if lines.len() > ROWS_MOST {
                return Err(CannotCompare::TooMany);
            }
            match part.next {
                Some(next) => wish.after = Some(next),
                None => {
                    return Ok(lines
                        .into_iter()
                        .map(|(receipt, lines)| (receipt, sum(lines)))
                        .collect());
                }
            }
        }
        Err(CannotCompare::TooMany)
    }

    async fn here(&self, task: &Task) -> Result<Here, StoreError> {
        let lines = self.store.lines(task.id()).await?;
        let costs: Vec<i64> = lines
            .iter()
            .filter(|line| line.kind == LineKind::Cost)
            .map(|line| line.amount.0)
            .collect();
        let charge = task.course.charge_micros.unwrap_or_default();
        Ok(Here {
            task: task.id(),
            tenant: task.origin.tenant,
            model: task.origin.ask.model.clone(),
            charge,
            cost: (!costs.is_empty())
                .then(|| Micros(costs.iter().fold(0, |sum, cost| sum.saturating_add(*cost)))),
            units_milli: task
                .origin
                .quote
                .charged_units_milli(charge)
                .filter(|_| charge > Micros::ZERO),
        })
    }
}

/// What the vendor says of one task. The same deduction may stand in two lists, in units and in money: it is
/// counted once.
fn sum(lines: Vec<InvoiceLine>) -> There {
    let mut there = There {
        amount: Some(Micros::ZERO),
        ..There::default()
    };
    let mut seen: Vec<InvoiceLine> = Vec::new();
    for line in lines {
        let is_told = |known: &InvoiceLine| {
            known.units_milli.is_some() != line.units_milli.is_some()
                && (known.at, known.amount) == (line.at, line.amount)
        };
        if seen.iter().any(is_told) {
            continue;
        }
        let more = there.amount.zip(line.amount);
        there.amount = more.and_then(|(sum, more)| sum.plus(more).ok());
        if let Some(units) = line.units_milli {
            there.units_milli = Some(there.units_milli.unwrap_or(0).saturating_add(units));
        }
        there.at = there.at.max(line.at);
        there.model = there.model.or_else(|| line.model.clone());
        seen.push(line);
    }
    there
}

/// Both sides of one of our tasks; none where neither says anything of the period.
fn compared(
    (receipt, task): (Receipt, &Task),
    here: Here,
    there: Option<There>,
    asked: &Comparing,
) -> Option<Compared> {
    let ended_at = task.course.finished_at.unwrap_or(task.course.updated_at);
    let within = |at: Millis| at >= asked.from && at < asked.to;
    let ours = here.cost.unwrap_or_default();
    let Some(there) = there else {
        // Of a cost that was never told nothing can be missing, unless the tenant paid.
        let due = if here.cost.is_some() { ours } else { here.charge };
        let is_missed = within(ended_at) && due > Micros::ZERO;
        return is_missed.then(|| Compared {
            receipt,
            difference: Micros(-due.0),
            verdict: Verdict::OnlyHere,
            here: Some(here),
            there: None,
        });
    };
    if !within(there.at.unwrap_or(ended_at)) && !within(ended_at) {
        return None;
    }
    let theirs = there.amount;
    let difference = theirs.map_or(Micros::ZERO, |theirs| Micros(theirs.0.saturating_sub(ours.0)));
    let is_same = match theirs {
        Some(_) => difference.0.unsigned_abs() <= asked.tolerance.0.unsigned_abs(),
        None => there.units_milli.is_some() && there.units_milli == here.units_milli,
    };
    Some(Compared {
        receipt,
        difference,
        verdict: if is_same { Verdict::Same } else { Verdict::Differs },
        here: Some(here),
        there: Some(there),
    })
}
