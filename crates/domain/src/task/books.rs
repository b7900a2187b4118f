//! What a decision costs: the ledger lines of a task's life. Pure; used by `Task::apply` only.

use crate::artifact::Artifact;
use crate::clock::Millis;
use crate::money::{LedgerAccount, Line, LineKind, Micros, Overflow};
use crate::task::Task;

/// The lines of a settlement and what they charge.
pub(super) struct Bill {
    pub(super) lines: Vec<Line>,
    pub(super) quantity: u64,
    pub(super) charged: Micros,
}

fn available(task: &Task) -> LedgerAccount {
    LedgerAccount::Available(task.origin.tenant)
}

fn held(task: &Task) -> LedgerAccount {
    LedgerAccount::Held(task.origin.tenant)
}

/// The hold at birth.
pub(super) fn hold(task: &Task) -> Line {
    let amount = task.origin.quote.hold_micros;
    let pockets = (available(task), held(task));
    Line::of_task(task.id(), LineKind::Hold, pockets, amount, task.origin.created_at)
}

/// Everything back: the task ends and nothing is charged.
pub(super) fn release(task: &Task, at: Millis) -> Vec<Line> {
    let amount = task.origin.quote.hold_micros;
    vec![Line::of_task(
        task.id(),
        LineKind::Release,
        (held(task), available(task)),
        amount,
        at,
    )]
}

/// The settled quantity at the snapshot's price: Charge up to the hold, Release of the rest, and an
/// Excess, which may push the balance below zero by that much only, for what is above the hold.
///
/// Invariant: Hold = Charge + Release. Held by `laws::every_finished_task_balances`.
pub(super) fn charge(task: &Task, quantity: Option<u64>, at: Millis) -> Result<Bill, Overflow> {
    let quote = &task.origin.quote;
    let quantity = quantity.unwrap_or(quote.quantity);
    let due = quote.amount(quantity)?;
    let charge = due.min(quote.hold_micros);
    let rest = quote.hold_micros.minus(charge)?;
    let excess = due.minus(charge)?;
    let id = task.id();
    let mut lines = vec![Line::of_task(
        id,
        LineKind::Charge,
        (held(task), LedgerAccount::Revenue),
        charge,
        at,
    )];
    if rest > Micros::ZERO {
        lines.push(Line::of_task(
            id,
            LineKind::Release,
            (held(task), available(task)),
            rest,
            at,
        ));
    }
    if excess > Micros::ZERO {
        let pockets = (available(task), LedgerAccount::Revenue);
        lines.push(Line::of_task(id, LineKind::Excess, pockets, excess, at));
    }
    Ok(Bill {
        lines,
        quantity,
        charged: due,
    })
}

/// What was made, in the quote's unit, where the result is as long as an input and the price counts its
/// length: that of the first file, and never more than what was held. Where nobody knows it, it is what was
/// asked.
pub(super) fn measured(task: &Task, artifacts: &[Artifact]) -> Option<u64> {
    let origin = &task.origin;
    origin.ask.lasts_like?;
    let made_ms = artifacts.first()?.facts.duration_ms?;
    let made = origin.quote.unit.of_length(made_ms, origin.ask.count)?;
    Some(made.min(origin.quote.quantity))
}

/// What the vendor takes for work that the tenant paid.
pub(super) fn cost(task: &Task, cost: Option<Micros>, at: Millis) -> Option<Line> {
    house_pays(task, LedgerAccount::UpstreamCost, cost, at)
}

/// What the vendor takes for work that no tenant is charged for.
pub(super) fn correction_cost(task: &Task, cost: Option<Micros>, at: Millis) -> Option<Line> {
    house_pays(task, LedgerAccount::Corrections, cost, at)
}

fn house_pays(task: &Task, from: LedgerAccount, cost: Option<Micros>, at: Millis) -> Option<Line> {
    let amount = cost.filter(|amount| *amount > Micros::ZERO)?;
    Some(Line::of_task(
        task.id(),
        LineKind::Cost,
        (from, LedgerAccount::Payable),
        amount,
        at,
    ))
}
