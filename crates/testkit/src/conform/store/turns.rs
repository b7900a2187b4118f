//! Checks of turns: that tenants are served in rounds, whatever each has waiting.

use std::sync::Arc;

use domain::store::{Claim, Outcome, Waiting};
use domain::task::Origin;
use domain::{Change, EventKind, StateWord, Task, TaskId, TenantId};

use super::{Desk, accepted, birth, change, claim, id, intended, order_of};
use crate::sample;

/// Births `count` tasks of the `n`th tenant, each a moment after the one before, numbered from `first`.
async fn waiting(desk: &Desk, n: u128, first: u128, count: u128) {
    let births = (first..first + count).map(|number| {
        birth(Origin {
            created_at: sample::at(i64::try_from(number).expect("small")),
            ..order_of(sample::tenant(n), number)
        })
    });
    let outcomes = desk.store().insert(births.collect()).await.expect("commits");
    assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Done));
}

async fn tenants(desk: &Desk, count: u128) {
    for n in 1..=count {
        let row = sample::tenant_row(n, true);
        desk.store()
            .registry()
            .create_tenant(&row)
            .await
            .expect("a tenant is created");
    }
}

/// A claim of so many queued tasks after a tenant's turn.
async fn claimed(desk: &Desk, after: Option<TenantId>, limit: usize) -> Vec<Arc<Task>> {
    let claim = Claim {
        after,
        limit,
        ..claim("a", StateWord::Queued, sample::at(100_000))
    };
    desk.store().claim(&claim).await.expect("a claim is answered")
}

fn ids(tasks: &[Arc<Task>]) -> Vec<TaskId> {
    tasks.iter().map(|task| task.id()).collect()
}

fn turn_of(tasks: &[Arc<Task>]) -> Option<TenantId> {
    tasks.last().map(|task| task.origin.tenant)
}

pub(super) async fn who_waits_with_many_keeps_nobody_waiting_who_waits_with_few(desk: Desk) {
    tenants(&desk, 3).await;
    waiting(&desk, 2, 1, 300).await;
    waiting(&desk, 1, 1_001, 5).await;
    waiting(&desk, 3, 2_001, 5).await;
    let (mut after, mut served) = (None, Vec::new());
    for _ in 0..8 {
        let tasks = claimed(&desk, after, 2).await;
        assert_eq!(tasks.len(), 2, "a claim is filled as long as somebody waits");
        after = turn_of(&tasks);
        served.extend(tasks.iter().map(|task| task.origin.tenant));
    }
    for n in [1, 3] {
        let few = served.iter().filter(|tenant| **tenant == sample::tenant(n));
        assert_eq!(few.count(), 5, "tenant {n} in {served:?}");
    }
}

pub(super) async fn turns_go_round_from_behind_the_last_who_was_served(desk: Desk) {
    tenants(&desk, 4).await;
    for n in [1, 2, 4] {
        waiting(&desk, n, n * 100, 3).await;
    }
    let first = claimed(&desk, Some(sample::tenant(2)), 2).await;
    assert_eq!(ids(&first), [id(400), id(100)]);
    let second = claimed(&desk, turn_of(&first), 4).await;
    assert_eq!(
        ids(&second),
        [id(200), id(401), id(101), id(201)],
        "one of each before a second of one"
    );
    // The third waits with nothing: the turn behind it is the fourth's.
    let third = claimed(&desk, Some(sample::tenant(3)), 1).await;
    assert_eq!(ids(&third), [id(402)]);
    assert_eq!(ids(&claimed(&desk, None, 9).await), [id(102), id(202)]);
    assert_eq!(claimed(&desk, turn_of(&third), 9).await, []);
}

pub(super) async fn what_some_tenants_leave_of_a_claim_the_others_get(desk: Desk) {
    tenants(&desk, 3).await;
    waiting(&desk, 1, 100, 1).await;
    waiting(&desk, 2, 200, 60).await;
    waiting(&desk, 3, 300, 4).await;
    let tasks = claimed(&desk, None, 40).await;
    let of = |n| {
        let theirs = tasks
            .iter()
            .filter(|task| task.origin.tenant == sample::tenant(n));
        theirs.count()
    };
    assert_eq!((of(1), of(2), of(3)), (1, 35, 4));
    assert_eq!(claimed(&desk, None, 100).await.len(), 25);
}

pub(super) async fn in_a_tenants_turn_the_oldest_due_of_all_lanes_comes_first(desk: Desk) {
    tenants(&desk, 2).await;
    waiting(&desk, 1, 10, 1).await;
    for (number, lane, at) in [(20, "b", 5), (21, "a", 6), (22, "b", 7)] {
        let origin = Origin {
            lane: lane.to_owned(),
            created_at: sample::at(at),
            ..order_of(sample::tenant(2), number)
        };
        desk.accepted(origin).await;
    }
    // The first of all is busy until later: it holds up neither its tenant nor anybody else.
    let first = claimed(&desk, None, 1).await;
    let busy = desk.step(&first[0], 1, intended()).await;
    let not_before = sample::at(200_000);
    desk.step(&busy, 2, EventKind::Busy { not_before }).await;
    assert_eq!(ids(&claimed(&desk, None, 2).await), [id(20), id(21)]);
    assert_eq!(ids(&claimed(&desk, None, 9).await), [id(22)]);
    let later = Claim {
        limit: 1,
        ..claim("a", StateWord::Queued, not_before)
    };
    let later = desk.store().claim(&later).await.expect("a claim is answered");
    assert_eq!(ids(&later), [id(10)]);
}

/// The intent of a task at account `a`, which has so many slots.
fn intent(task: &Task, slots: u32) -> Change {
    Change {
        slots: Some(slots),
        ..change(task, 1, intended())
    }
}

async fn committed(desk: &Desk, changes: Vec<Change>) -> Vec<Outcome> {
    desk.store().commit(changes).await.expect("commits")
}

pub(super) async fn an_intent_beyond_the_slots_is_not_committed(desk: Desk) {
    tenants(&desk, 1).await;
    waiting(&desk, 1, 1, 5).await;
    let tasks = claimed(&desk, None, 9).await;
    let two = vec![intent(&tasks[0], 3), intent(&tasks[1], 3)];
    assert_eq!(
        committed(&desk, two.clone()).await,
        [Outcome::Done, Outcome::Done]
    );
    let two_more = vec![intent(&tasks[2], 3), intent(&tasks[3], 3)];
    assert_eq!(committed(&desk, two_more).await, [Outcome::Done, Outcome::NoSlot]);
    let waits = desk.store().any_task(tasks[3].id()).await.expect("read");
    assert_eq!(waits.as_ref(), Some(&tasks[3]), "nothing of it was written");
    // What is in doubt or runs keeps its slot; what ends gives it back; other accounts have their own.
    let doubtful = desk.step(&two[0].task, 2, EventKind::Ambiguous).await;
    let running = desk.step(&two[1].task, 2, accepted()).await;
    assert_eq!(
        committed(&desk, vec![intent(&tasks[3], 3)]).await,
        [Outcome::NoSlot]
    );
    let elsewhere = EventKind::SubmitIntended {
        account: "b".to_owned(),
    };
    let elsewhere = Change {
        slots: Some(1),
        ..change(&tasks[4], 3, elsewhere)
    };
    assert_eq!(committed(&desk, vec![elsewhere]).await, [Outcome::Done]);
    desk.step(&running, 4, EventKind::Lost).await;
    assert_eq!(
        committed(&desk, vec![intent(&tasks[3], 3)]).await,
        [Outcome::Done]
    );
    desk.step(&doubtful, 5, EventKind::DeadlinePassed).await;
    desk.books_are_exact().await;
}

pub(super) async fn claimers_side_by_side_never_take_more_slots_than_there_are(desk: Desk) {
    tenants(&desk, 1).await;
    waiting(&desk, 1, 1, 40).await;
    let tasks = claimed(&desk, None, 40).await;
    let takers: Vec<_> = tasks
        .chunks(5)
        .map(|tasks| {
            let store = Arc::clone(desk.store());
            let changes: Vec<Change> = tasks.iter().map(|task| intent(task, 7)).collect();
            tokio::spawn(async move { store.commit(changes).await.expect("commits") })
        })
        .collect();
    let mut taken = 0;
    for taker in takers {
        let outcomes = taker.await.expect("a taker ends");
        taken += outcomes
            .iter()
            .filter(|outcome| **outcome == Outcome::Done)
            .count();
    }
    assert_eq!(taken, 7);
}

pub(super) async fn what_waits_is_counted_by_lane_tenant_and_time(desk: Desk) {
    tenants(&desk, 2).await;
    waiting(&desk, 1, 1, 12).await;
    waiting(&desk, 2, 1_001, 3).await;
    let other = Origin {
        lane: "another".to_owned(),
        ..order_of(sample::tenant(2), 77)
    };
    desk.accepted(other).await;
    claimed(&desk, Some(sample::tenant(2)), 1).await;
    let count = |lane: &str, n, at, tasks| Waiting {
        lane: lane.to_owned(),
        tenant: sample::tenant(n),
        from: sample::at(at),
        tasks,
    };
    let counted = desk.store().waiting(10, 9).await.expect("counted");
    assert_eq!(
        counted,
        [
            count("animatic", 1, 0, 8),
            count("animatic", 1, 10, 3),
            count("animatic", 2, 1_000, 3),
            count("another", 2, 0, 1),
        ]
    );
    let few = desk.store().waiting(10, 2).await.expect("counted");
    assert_eq!(few, counted[..2]);
}
