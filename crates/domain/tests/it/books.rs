//! The ledger lines of each way through a life, written out: kind, pockets, amount. What holds for
//! every life is in `laws`.

use domain::money::Line;
use domain::task::{Illegal, Origin};
use domain::{EventKind, LedgerAccount, LineKind, Micros, Quote};
use testkit::sample;

use crate::walk::{self, ACCOUNT};

const HOLD: (&str, i64) = ("hold: tenant:available to tenant:held", 420_000);
const RELEASE: &str = "release: tenant:held to tenant:available";
const CHARGE: &str = "charge: tenant:held to house:revenue";
const EXCESS: &str = "excess: tenant:available to house:revenue";
const COST: &str = "cost: house:upstream_cost to house:payable";
const CORRECTION: &str = "cost: house:corrections to house:payable";

fn entry(line: &Line) -> (String, i64) {
    let text = format!("{}: {} to {}", line.kind.word(), line.from.word(), line.to.word());
    (text, line.amount.0)
}

/// Checks the lines of a life and what its usage row says of quantity and charge.
fn check(kinds: &[EventKind], expected: &[(&str, i64)], usage: (u64, i64)) {
    let (change, lines) = walk::live(walk::origin(), kinds);
    let entries: Vec<(String, i64)> = lines.iter().map(entry).collect();
    let expected = expected
        .iter()
        .map(|(text, amount)| ((*text).to_owned(), *amount));
    assert_eq!(entries, expected.collect::<Vec<_>>());
    for line in &lines {
        assert_eq!(line.task, Some(change.task.id()));
        let house_only = line.kind == LineKind::Cost;
        assert_eq!(line.tenant, (!house_only).then_some(change.task.origin.tenant));
    }
    if let Some(found) = change.usage {
        assert_eq!((found.quantity, found.charge_micros), (usage.0, Micros(usage.1)));
        assert_eq!(change.task.course.charge_micros, Some(Micros(usage.1)));
    }
}

fn running(more: &[EventKind]) -> Vec<EventKind> {
    [&[walk::intended(ACCOUNT), walk::accepted()], more].concat()
}

#[test]
fn a_success_charges_the_quote() {
    let kinds = running(&[walk::completed(), walk::kept()]);
    check(&kinds, &[HOLD, (CHARGE, 420_000)], (5, 420_000));
}

#[test]
fn a_smaller_quantity_charges_less_and_releases_the_rest() {
    let kinds = running(&[walk::completed_with(Some(4), Some(100)), walk::kept()]);
    let lines = [HOLD, (CHARGE, 336_000), (RELEASE, 84_000), (COST, 100)];
    check(&kinds, &lines, (4, 336_000));
}

#[test]
fn a_quantity_of_nothing_charges_nothing() {
    let kinds = running(&[walk::completed_with(Some(0), None), walk::kept()]);
    check(&kinds, &[HOLD, (CHARGE, 0), (RELEASE, 420_000)], (0, 0));
}

#[test]
fn a_larger_quantity_charges_the_hold_and_an_excess() {
    let kinds = running(&[walk::completed_with(Some(7), Some(1)), walk::kept()]);
    let lines = [HOLD, (CHARGE, 420_000), (EXCESS, 168_000), (COST, 1)];
    check(&kinds, &lines, (7, 588_000));
}

#[test]
fn every_failure_gives_all_back() {
    let given_back = [HOLD, (RELEASE, 420_000)];
    let submitting = |last| vec![walk::intended(ACCOUNT), last];
    for kinds in [
        vec![EventKind::DeadlinePassed],
        submitting(walk::refused()),
        submitting(EventKind::DeadlinePassed),
        running(&[walk::vendor_failed()]),
        running(&[EventKind::DeadlinePassed]),
        running(&[walk::completed(), walk::custody_lost()]),
        running(&[walk::completed_without_files(None)]),
    ] {
        check(&kinds, &given_back, (0, 0));
    }
}

#[test]
fn a_failed_ingest_gives_all_back() {
    let (_, lines) = walk::live(walk::origin_with_link(), &[walk::ingest_failed()]);
    let entries: Vec<(String, i64)> = lines.iter().map(entry).collect();
    assert_eq!(entries[1], (RELEASE.to_owned(), 420_000));
}

#[test]
fn a_task_that_was_stopped_before_its_result_costs_nothing() {
    let stopping = |last| running(&[EventKind::CancelRequested, last]);
    for kinds in [
        vec![EventKind::CancelRequested],
        stopping(EventKind::Stopped),
        stopping(EventKind::Lost),
        stopping(EventKind::DeadlinePassed),
        stopping(walk::vendor_failed()),
    ] {
        check(&kinds, &[HOLD, (RELEASE, 420_000)], (0, 0));
    }
}

#[test]
fn a_result_that_came_in_spite_of_a_cancel_is_billed_as_usual() {
    let done = walk::completed_with(Some(4), Some(100));
    let lines = [HOLD, (CHARGE, 336_000), (RELEASE, 84_000), (COST, 100)];
    let while_running = running(&[EventKind::CancelRequested, done.clone()]);
    check(&while_running, &lines, (4, 336_000));
    let while_settling = running(&[done, EventKind::CancelRequested, walk::kept()]);
    check(&while_settling, &lines, (4, 336_000));
}

#[test]
fn work_that_cannot_be_delivered_is_the_houses_loss() {
    let lines = [HOLD, (CORRECTION, 9), (RELEASE, 420_000)];
    let done = walk::completed_with(None, Some(9));
    check(&running(&[done.clone(), walk::custody_lost()]), &lines, (0, 0));
    check(&running(&[done, walk::kept_without_files()]), &lines, (0, 0));
    check(
        &running(&[walk::completed_without_files(Some(9))]),
        &lines,
        (0, 0),
    );
}

#[test]
fn a_late_result_is_the_houses_loss_and_no_bill() {
    let kinds = running(&[EventKind::DeadlinePassed, walk::late_result(Some(9))]);
    check(&kinds, &[HOLD, (RELEASE, 420_000), (CORRECTION, 9)], (0, 0));
    let free = running(&[EventKind::DeadlinePassed, walk::late_result(None)]);
    check(&free, &[HOLD, (RELEASE, 420_000)], (0, 0));
}

#[test]
fn a_requeue_keeps_the_hold() {
    let again = [EventKind::Lost, walk::intended(ACCOUNT), walk::busy()];
    let done = [walk::intended(ACCOUNT), walk::completed(), walk::kept()];
    let kinds = running(&[&again[..], &done[..]].concat());
    check(&kinds, &[HOLD, (CHARGE, 420_000)], (5, 420_000));
}

#[test]
fn costs_of_nothing_or_less_are_not_booked() {
    for cost in [0, -1, i64::MIN] {
        let kinds = running(&[walk::completed_with(None, Some(cost)), walk::kept()]);
        check(&kinds, &[HOLD, (CHARGE, 420_000)], (5, 420_000));
    }
}

#[test]
fn a_free_task_has_its_lines_too() {
    let free = Quote {
        price_micros: Micros::ZERO,
        hold_micros: Micros::ZERO,
        ..sample::quote()
    };
    let origin = Origin {
        quote: free,
        ..walk::origin()
    };
    let (_, lines) = walk::live(origin, &running(&[walk::completed(), walk::kept()]));
    let kinds: Vec<LineKind> = lines.iter().map(|line| line.kind).collect();
    assert_eq!(kinds, [LineKind::Hold, LineKind::Charge]);
    assert!(lines.iter().all(|line| line.amount == Micros::ZERO));
    assert_eq!(lines[1].to, LedgerAccount::Revenue);
}

/// A quantity that no money can pay is not believed while the task runs: were it taken over, the
/// task could neither be kept nor be ended by its deadline.
#[test]
fn a_quantity_beyond_all_money_is_refused_before_it_is_settled() {
    for quantity in [u64::MAX, i64::MAX as u64, 1 << 62] {
        let absurd = walk::completed_with(Some(quantity), None);
        for path in [vec![walk::intended(ACCOUNT)], running(&[])] {
            for stopping in [vec![], vec![EventKind::CancelRequested]] {
                let task = walk::walk(&[&path[..], &stopping[..]].concat());
                let answer = walk::step(&task, &absurd);
                assert!(matches!(answer, Err(Illegal::Overflow(_))), "{answer:?}");
                assert!(walk::step(&task, &EventKind::DeadlinePassed).is_ok());
            }
        }
    }
}
