//! Checks of what keys and tenants may use: budgets and unfinished tasks, exact at the boundary, given back
//! where money is, and the same after the database was opened again.

use std::sync::Arc;

use domain::limits::{Guards, Hit, Holder, Limit};
use domain::store::{Birth, Outcome};
use domain::task::Origin;
use domain::tenant::Limits;
use domain::{EventKind, Id, KeyId, Micros, Millis};
use tokio::task::JoinHandle;

use super::{Desk, accepted, birth, completed, intended, kept, order, order_of};
use crate::sample;

/// What one task of the samples holds.
const HOLD: i64 = 420_000;
const DAY_MS: i64 = 86_400_000;

fn unlimited() -> Limits {
    Limits::default()
}

fn total(micros: i64) -> Limits {
    Limits {
        budget_micros: Some(Micros(micros)),
        ..unlimited()
    }
}

fn daily(micros: i64) -> Limits {
    Limits {
        day_budget_micros: Some(Micros(micros)),
        ..unlimited()
    }
}

fn each(micros: i64) -> Limits {
    Limits {
        task_budget_micros: Some(Micros(micros)),
        ..unlimited()
    }
}

fn places(tasks: u32) -> Limits {
    Limits {
        concurrent_tasks: Some(tasks),
        ..unlimited()
    }
}

/// The limits as those of a holder.
fn of(holder: Holder, limits: Limits) -> Guards {
    match holder {
        Holder::Key => Guards {
            key: limits,
            ..Guards::default()
        },
        Holder::Tenant => Guards {
            tenant: limits,
            ..Guards::default()
        },
    }
}

fn guarded(origin: Origin, guards: Guards) -> Birth {
    Birth {
        guards,
        ..birth(origin)
    }
}

/// The order with another key.
fn with_key(origin: Origin, n: u128) -> Origin {
    Origin {
        key: KeyId(Id(0x6e00 + n)),
        ..origin
    }
}

fn born_at(origin: Origin, at: Millis) -> Origin {
    Origin {
        created_at: at,
        ..origin
    }
}

fn hit(holder: Holder, limit: Limit, most: i64, left: i64) -> Outcome {
    Outcome::Limited(Hit {
        holder,
        limit,
        most,
        left,
    })
}

async fn outcome(desk: &Desk, birth: Birth) -> Outcome {
    let outcomes = desk.store().insert(vec![birth]).await.expect("a birth commits");
    outcomes.into_iter().next().expect("one outcome for one member")
}

/// How many births of callers side by side were taken.
async fn taken_by(callers: Vec<JoinHandle<Vec<Outcome>>>) -> usize {
    let mut taken = 0;
    for caller in callers {
        let outcomes = caller.await.expect("a caller ends");
        let done = outcomes.iter().filter(|outcome| **outcome == Outcome::Done);
        taken += done.count();
    }
    taken
}

/// Limits of which one is as told.
type Limited = fn(i64) -> Limits;

pub(super) async fn a_limit_is_met_exactly_and_one_more_is_refused(mut desk: Desk) {
    desk.tenant(1, 100).await;
    let table: [(Limit, Limited); 3] = [
        (Limit::TaskBudget, each),
        (Limit::DayBudget, daily),
        (Limit::Budget, total),
    ];
    let mut n: u128 = 0;
    let mut spent = 0;
    for holder in [Holder::Key, Holder::Tenant] {
        for (limit, limits) in table {
            let before = if limit == Limit::TaskBudget { 0 } else { spent };
            let (enough, short) = (before + HOLD, before + HOLD - 1);
            n += 1;
            let refused = outcome(&desk, guarded(order(n), of(holder, limits(short)))).await;
            assert_eq!(refused, hit(holder, limit, short, HOLD - 1));
            // What was refused left no trace: the same task is taken with one micro-dollar more.
            let taken = outcome(&desk, guarded(order(n), of(holder, limits(enough)))).await;
            assert_eq!(taken, Outcome::Done, "{limit:?}");
            spent += HOLD;
            desk.reopen().await;
        }
        let open = u32::try_from(n).expect("a few");
        n += 1;
        let refused = outcome(&desk, guarded(order(n), of(holder, places(open)))).await;
        assert_eq!(refused, hit(holder, Limit::ConcurrentTasks, i64::from(open), 0));
        let taken = outcome(&desk, guarded(order(n), of(holder, places(open + 1)))).await;
        assert_eq!(taken, Outcome::Done);
        spent += HOLD;
    }
    desk.books_are_exact().await;
}

pub(super) async fn what_is_given_back_may_be_spent_again(desk: Desk) {
    desk.tenant(1, 100).await;
    let one = of(Holder::Key, total(HOLD));
    let task = desk.accepted(order(1)).await;
    let refused = outcome(&desk, guarded(order(2), one)).await;
    assert_eq!(refused, hit(Holder::Key, Limit::Budget, HOLD, 0));
    desk.step(&task, 1, EventKind::CancelRequested).await;
    assert_eq!(outcome(&desk, guarded(order(2), one)).await, Outcome::Done);
    // Three of five seconds are charged: two are given back, and a success gives no more back than that.
    let second = birth(order(2)).change.task.clone();
    let second = desk.step(&second, 2, intended()).await;
    let second = desk.step(&second, 3, accepted()).await;
    let second = desk.step(&second, 4, completed(Some(3))).await;
    desk.step(&second, 5, kept(2)).await;
    let charged = 3 * 84_000;
    let short = of(Holder::Key, total(charged + HOLD - 1));
    let refused = outcome(&desk, guarded(order(3), short)).await;
    assert_eq!(
        refused,
        hit(Holder::Key, Limit::Budget, charged + HOLD - 1, HOLD - 1)
    );
    let enough = of(Holder::Key, total(charged + HOLD));
    assert_eq!(outcome(&desk, guarded(order(3), enough)).await, Outcome::Done);
    desk.books_are_exact().await;
}

pub(super) async fn an_excess_is_spent_too(desk: Desk) {
    desk.tenant(1, 100).await;
    let task = desk.accepted(order(1)).await;
    let task = desk.step(&task, 1, intended()).await;
    let task = desk.step(&task, 2, accepted()).await;
    let task = desk.step(&task, 3, completed(Some(7))).await;
    desk.step(&task, 4, kept(1)).await;
    let two = of(Holder::Tenant, total(2 * HOLD));
    let refused = outcome(&desk, guarded(order(2), two)).await;
    assert_eq!(
        refused,
        hit(Holder::Tenant, Limit::Budget, 2 * HOLD, 2 * HOLD - 7 * 84_000)
    );
    desk.books_are_exact().await;
}

pub(super) async fn a_days_budget_begins_anew_at_midnight_and_gets_its_own_back(desk: Desk) {
    desk.tenant(1, 100).await;
    let start = order(1).created_at;
    let midnight = Millis((start.0.div_euclid(DAY_MS) + 1) * DAY_MS);
    let (evening, morning) = (midnight.plus(-1), midnight);
    for holder in [Holder::Key, Holder::Tenant] {
        let base = if holder == Holder::Key { 0 } else { 10 };
        let spent = if holder == Holder::Key { 0 } else { HOLD };
        let one = of(holder, daily(spent + HOLD));
        let late = birth(born_at(order(base + 1), evening)).change.task.clone();
        let births = [
            (base + 1, evening, Outcome::Done),
            (base + 2, evening, hit(holder, Limit::DayBudget, spent + HOLD, 0)),
            (base + 3, morning, Outcome::Done),
            (base + 4, morning, hit(holder, Limit::DayBudget, spent + HOLD, 0)),
        ];
        for (n, at, expected) in births {
            let found = outcome(&desk, guarded(born_at(order(n), at), one)).await;
            assert_eq!(found, expected, "task {n}");
        }
        // The task of the evening ends in the morning: its money goes back to the evening.
        let ends_at = morning.since(start) + 1;
        desk.step(&late, ends_at, EventKind::CancelRequested).await;
        let refused = outcome(&desk, guarded(born_at(order(base + 5), morning), one)).await;
        assert_eq!(refused, hit(holder, Limit::DayBudget, spent + HOLD, 0));
        let taken = outcome(&desk, guarded(born_at(order(base + 6), evening), one)).await;
        assert_eq!(taken, Outcome::Done);
    }
    desk.books_are_exact().await;
}

pub(super) async fn a_task_takes_its_place_until_it_ends(mut desk: Desk) {
    desk.tenant(1, 100).await;
    let one = of(Holder::Tenant, places(1));
    let full = hit(Holder::Tenant, Limit::ConcurrentTasks, 1, 0);
    let task = desk.accepted(order(1)).await;
    let task = desk.step(&task, 1, intended()).await;
    // Another key of the same tenant takes the same places.
    let other = || guarded(with_key(order(2), 9), one);
    assert_eq!(outcome(&desk, other()).await, full);
    let task = desk.step(&task, 2, accepted()).await;
    let task = desk.step(&task, 3, completed(None)).await;
    assert_eq!(outcome(&desk, other()).await, full);
    desk.step(&task, 4, kept(1)).await;
    assert_eq!(outcome(&desk, other()).await, Outcome::Done);
    // A success that comes late ends nothing a second time.
    let second = birth(with_key(order(2), 9)).change.task.clone();
    let second = desk.step(&second, 5, intended()).await;
    let second = desk.step(&second, 6, accepted()).await;
    let second = desk.step(&second, 7, EventKind::DeadlinePassed).await;
    let late = EventKind::LateResult {
        artifacts: vec![sample::artifact(Id(3))],
        cost: Some(Micros(250_000)),
    };
    desk.step(&second, 8, late).await;
    desk.reopen().await;
    assert_eq!(outcome(&desk, guarded(order(3), one)).await, Outcome::Done);
    assert_eq!(outcome(&desk, guarded(order(4), one)).await, full);
    desk.books_are_exact().await;
}

pub(super) async fn a_batch_counts_what_its_members_use(desk: Desk) {
    desk.tenant(1, 100).await;
    desk.tenant(2, 1).await;
    let two = of(Holder::Key, total(2 * HOLD));
    let three = Guards {
        tenant: places(3),
        ..Guards::default()
    };
    let births = vec![
        guarded(order(1), two),
        // An id that is taken is refused for itself and counts for nothing.
        guarded(order(1), two),
        guarded(order(2), two),
        guarded(order(3), two),
        guarded(with_key(order(4), 2), three),
        guarded(with_key(order(5), 2), three),
        // A balance that does not suffice counts for nothing either.
        birth(with_key(order_of(sample::tenant(2), 6), 3)),
        guarded(with_key(order_of(sample::tenant(2), 7), 3), two),
        guarded(
            with_key(order_of(sample::tenant(2), 8), 3),
            of(Holder::Key, total(HOLD)),
        ),
    ];
    let outcomes = desk.store().insert(births).await.expect("a batch commits");
    assert_eq!(
        outcomes,
        [
            Outcome::Done,
            Outcome::Stale,
            Outcome::Done,
            hit(Holder::Key, Limit::Budget, 2 * HOLD, 0),
            Outcome::Done,
            hit(Holder::Tenant, Limit::ConcurrentTasks, 3, 0),
            Outcome::Done,
            Outcome::NoMoney,
            hit(Holder::Key, Limit::Budget, HOLD, 0),
        ]
    );
    desk.books_are_exact().await;
}

pub(super) async fn a_key_in_the_place_of_another_goes_on_with_what_that_one_used(mut desk: Desk) {
    desk.tenant(1, 100).await;
    let first = KeyId(Id(0x6e01));
    let successor = |origin: Origin, n: u128| Origin {
        holder: Some(first),
        ..with_key(origin, n)
    };
    let three = of(Holder::Key, total(3 * HOLD));
    let today = of(Holder::Key, daily(3 * HOLD));
    let two_places = of(Holder::Key, places(2));
    let task = desk.accepted(order(1)).await;
    desk.accepted(successor(order(2), 2)).await;
    // Whichever of them asks, and whoever comes in the place of the second: what both used counts.
    let both = [order(3), successor(order(3), 2), successor(order(3), 3)];
    for origin in both.clone() {
        let refused = outcome(&desk, guarded(origin, two_places)).await;
        assert_eq!(refused, hit(Holder::Key, Limit::ConcurrentTasks, 2, 0));
    }
    assert_eq!(
        outcome(&desk, guarded(successor(order(4), 3), three)).await,
        Outcome::Done
    );
    desk.reopen().await;
    for origin in both {
        for (limit, guards) in [(Limit::Budget, three), (Limit::DayBudget, today)] {
            let refused = outcome(&desk, guarded(origin.clone(), guards)).await;
            assert_eq!(refused, hit(Holder::Key, limit, 3 * HOLD, 0));
        }
    }
    // What the first key's task gives back, its successor may spend.
    desk.step(&task, 1, EventKind::CancelRequested).await;
    assert_eq!(
        outcome(&desk, guarded(successor(order(3), 2), three)).await,
        Outcome::Done
    );
    let refused = outcome(&desk, guarded(order(5), three)).await;
    assert_eq!(refused, hit(Holder::Key, Limit::Budget, 3 * HOLD, 0));
    // A key that is no successor has nothing to do with it.
    let own = of(Holder::Key, total(HOLD));
    assert_eq!(
        outcome(&desk, guarded(with_key(order(5), 4), own)).await,
        Outcome::Done
    );
    desk.books_are_exact().await;
}

pub(super) async fn keys_of_a_line_side_by_side_never_use_more_than_they_may(desk: Desk) {
    desk.tenant(1, 1_000).await;
    let guards = of(Holder::Key, total(9 * HOLD));
    let callers: Vec<_> = (0..8_u128)
        .map(|caller| {
            let store = Arc::clone(desk.store());
            let births = (1..=4).map(|n| {
                let origin = Origin {
                    holder: (caller > 0).then_some(KeyId(Id(0x6e01))),
                    ..with_key(order(caller * 4 + n), 1 + caller)
                };
                guarded(origin, guards)
            });
            let births = births.collect();
            tokio::spawn(async move { store.insert(births).await.expect("commits") })
        })
        .collect();
    assert_eq!(taken_by(callers).await, 9);
    desk.books_are_exact().await;
}

pub(super) async fn callers_side_by_side_never_use_more_than_they_may(mut desk: Desk) {
    desk.tenant(1, 1_000).await;
    // What was used before anybody was limited counts.
    desk.accepted(order(1_000)).await;
    let guards = Guards {
        key: total(8 * HOLD),
        tenant: places(12),
    };
    let callers: Vec<_> = (0..10_u128)
        .map(|caller| {
            let store = Arc::clone(desk.store());
            let births = (1..=4).map(|n| {
                let n = caller * 4 + n;
                guarded(with_key(order(n), 1 + n % 2), guards)
            });
            let births = births.collect();
            tokio::spawn(async move { store.insert(births).await.expect("commits") })
        })
        .collect();
    assert_eq!(taken_by(callers).await, 11);
    desk.books_are_exact().await;
    desk.reopen().await;
    let refused = outcome(&desk, guarded(order(41), guards)).await;
    assert!(matches!(refused, Outcome::Limited(_)), "{refused:?}");
    desk.books_are_exact().await;
}
