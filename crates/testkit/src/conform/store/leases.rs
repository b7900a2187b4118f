//! Checks of leases: who gets what, for how long, and what an owner that lost them hears.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::store::{Claim, Outcome};
use domain::task::Origin;
use domain::{EventKind, StateWord, Task, TaskId};

use super::{Desk, accepted, change, claim, completed, id, intended, kept, order};
use crate::sample;

fn ids(tasks: &[Arc<Task>]) -> Vec<TaskId> {
    tasks.iter().map(|task| task.id()).collect()
}

async fn claimed(desk: &Desk, claim: &Claim) -> Vec<Arc<Task>> {
    desk.store().claim(claim).await.expect("a claim is answered")
}

pub(super) async fn a_claim_takes_the_oldest_due_and_raises_versions(desk: Desk) {
    let tenant = desk.tenant(1, 9).await;
    for n in [3, 1, 2] {
        let mut origin = order(n);
        origin.created_at = sample::at(i64::try_from(n).expect("small"));
        origin.lane = format!("lane-{}", n % 2);
        desk.accepted(origin).await;
    }
    let before = desk
        .store()
        .task(tenant, id(1))
        .await
        .expect("read")
        .expect("there");
    assert_eq!(before.course.version, 1);
    let few = Claim {
        limit: 2,
        ..claim("a", StateWord::Queued, sample::at(100))
    };
    let tasks = claimed(&desk, &few).await;
    assert_eq!(ids(&tasks), [id(1), id(2)]);
    assert!(tasks.iter().all(|task| task.course.version == 2));
    assert!(tasks.iter().all(|task| task.word() == StateWord::Queued));
    let shown = desk
        .store()
        .task(tenant, id(1))
        .await
        .expect("read")
        .expect("there");
    assert_eq!(*shown, *tasks[0]);
    let listed = desk
        .store()
        .list(tenant, &domain::store::Filter::default(), super::reads::NEWEST)
        .await;
    assert_eq!(listed.expect("listed").tasks[2], shown);
    assert_eq!(ids(&claimed(&desk, &few).await), [id(3)]);
    assert_eq!(claimed(&desk, &few).await, []);
    // A claim must not be undone by what the claimer decided before it.
    let stale = change(&before, 1, EventKind::CancelRequested);
    let outcomes = desk.store().commit(vec![stale]).await.expect("commits");
    assert_eq!(outcomes, [Outcome::Stale]);
    desk.step(&tasks[0], 2, intended()).await;
}

pub(super) async fn a_claim_obeys_states_lanes_limit_and_time(desk: Desk) {
    desk.tenant(1, 9).await;
    let in_lane = |n, lane: &str| Origin {
        lane: lane.to_owned(),
        ..order(n)
    };
    desk.accepted(in_lane(1, "x")).await;
    desk.accepted(in_lane(2, "y")).await;
    let busy = desk.accepted(in_lane(3, "x")).await;
    let busy = desk.step(&busy, 1, intended()).await;
    let not_before = sample::at(5_000);
    desk.step(&busy, 2, EventKind::Busy { not_before }).await;
    let running = desk.accepted(in_lane(4, "x")).await;
    let running = desk.step(&running, 1, intended()).await;
    desk.step(&running, 2, accepted()).await;

    let all = |now| claim("a", StateWord::Queued, sample::at(now));
    let lanes = |lanes: &[&str]| Some(lanes.iter().map(|lane| (*lane).to_owned()).collect());
    let nowhere = Claim {
        lanes: lanes(&[]),
        ..all(10)
    };
    assert_eq!(claimed(&desk, &nowhere).await, []);
    let elsewhere = Claim {
        lanes: lanes(&["z"]),
        ..all(10)
    };
    assert_eq!(claimed(&desk, &elsewhere).await, []);
    let none = Claim { limit: 0, ..all(10) };
    assert_eq!(claimed(&desk, &none).await, []);
    let here = Claim {
        lanes: lanes(&["y", "z", "y"]),
        ..all(10)
    };
    assert_eq!(ids(&claimed(&desk, &here).await), [id(2)]);
    assert_eq!(ids(&claimed(&desk, &all(4_999)).await), [id(1)]);
    assert_eq!(ids(&claimed(&desk, &all(5_000)).await), [id(3)]);
    let late = Claim {
        states: vec![StateWord::Unknown, StateWord::Running, StateWord::Succeeded],
        ..all(5_000)
    };
    assert_eq!(ids(&claimed(&desk, &late).await), [id(4)]);
}

pub(super) async fn eight_claimers_never_get_the_same_task(desk: Desk) {
    desk.tenant(1, 200).await;
    let births = (1..=120).map(|n| super::birth(order(n))).collect();
    let outcomes = desk.store().insert(births).await.expect("commits");
    assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Done));
    let claimers: Vec<_> = (0..8)
        .map(|node| {
            let store = Arc::clone(desk.store());
            tokio::spawn(async move {
                let few = Claim {
                    limit: 7,
                    ..claim(&format!("node-{node}"), StateWord::Queued, sample::at(10))
                };
                let mut mine = Vec::new();
                loop {
                    let tasks = store.claim(&few).await.expect("a claim is answered");
                    if tasks.is_empty() {
                        return mine;
                    }
                    mine.extend(ids(&tasks));
                }
            })
        })
        .collect();
    let mut all = BTreeSet::new();
    for claimer in claimers {
        for id in claimer.await.expect("a claimer ends") {
            assert!(all.insert(id), "{id:?} was leased twice");
        }
    }
    assert_eq!(all.len(), 120);
}

pub(super) async fn a_lease_that_is_over_is_taken_over_and_its_owner_is_stale(desk: Desk) {
    desk.tenant(1, 9).await;
    desk.accepted(order(1)).await;
    let queued = |node: &str, now| claim(node, StateWord::Queued, sample::at(now));
    let submitting = |node: &str, now| claim(node, StateWord::Submitting, sample::at(now));
    let mine = claimed(&desk, &queued("a", 0)).await;
    let task = desk.step(&mine[0], 1, intended()).await;
    // The lease lives until 15,000, that moment included.
    assert_eq!(claimed(&desk, &submitting("b", 15_000)).await, []);
    let taken = claimed(&desk, &submitting("b", 15_001)).await;
    assert_eq!(ids(&taken), [id(1)]);
    assert_eq!(taken[0].course.version, 4);
    let late = change(&task, 15_002, accepted());
    let outcomes = desk.store().commit(vec![late]).await.expect("commits");
    assert_eq!(outcomes, [Outcome::Stale]);
    assert_eq!(desk.store().heartbeat("a", sample::at(40_000)).await, Ok(0));
    desk.step(&taken[0], 15_003, EventKind::Ambiguous).await;
}

pub(super) async fn a_heartbeat_prolongs_and_counts(desk: Desk) {
    desk.tenant(1, 9).await;
    desk.accepted(order(1)).await;
    desk.accepted(order(2)).await;
    let queued = |node: &str, now| claim(node, StateWord::Queued, sample::at(now));
    assert_eq!(claimed(&desk, &queued("a", 0)).await.len(), 2);
    assert_eq!(desk.store().heartbeat("a", sample::at(20_000)).await, Ok(2));
    assert_eq!(desk.store().heartbeat("nobody", sample::at(20_000)).await, Ok(0));
    assert_eq!(claimed(&desk, &queued("b", 16_000)).await, []);
    assert_eq!(claimed(&desk, &queued("b", 20_001)).await.len(), 2);
}

pub(super) async fn released_tasks_are_due_at_once(desk: Desk) {
    let tenant = desk.tenant(1, 9).await;
    for n in 1..=3 {
        desk.accepted(order(n)).await;
    }
    let queued = |node: &str| claim(node, StateWord::Queued, sample::at(10));
    assert_eq!(claimed(&desk, &queued("a")).await.len(), 3);
    let store = desk.store();
    assert_eq!(store.release("b", Some(&[id(1)])).await, Ok(0), "not b's to give");
    assert_eq!(store.release("a", Some(&[])).await, Ok(0));
    assert_eq!(store.release("a", Some(&[id(1), id(9)])).await, Ok(1));
    let again = claimed(&desk, &queued("b")).await;
    assert_eq!(ids(&again), [id(1)]);
    assert_eq!(again[0].course.version, 3);
    let shown = store.task(tenant, id(1)).await.expect("read").expect("there");
    assert_eq!(shown.course.version, 3);
    assert_eq!(store.release("a", None).await, Ok(2));
    assert_eq!(ids(&claimed(&desk, &queued("c")).await), [id(2), id(3)]);
}

pub(super) async fn a_lease_is_kept_while_owned_and_dropped_in_the_queue_and_at_the_end(desk: Desk) {
    desk.tenant(1, 9).await;
    desk.accepted(order(1)).await;
    let states = [
        StateWord::Queued,
        StateWord::Submitting,
        StateWord::Running,
        StateWord::Settling,
    ];
    let any = |node: &str| Claim {
        states: states.to_vec(),
        ..claim(node, StateWord::Queued, sample::at(10))
    };
    let owns = async |node: &str| desk.store().heartbeat(node, sample::at(15_010)).await;
    let mine = claimed(&desk, &any("a")).await;
    let task = desk.step(&mine[0], 1, intended()).await;
    assert_eq!(claimed(&desk, &any("b")).await, []);
    let task = desk
        .step(
            &task,
            2,
            EventKind::Busy {
                not_before: sample::at(3),
            },
        )
        .await;
    assert_eq!(owns("a").await, Ok(0));
    let mine = claimed(&desk, &any("b")).await;
    assert_eq!(ids(&mine), [id(1)]);
    assert_eq!(mine[0].course.version, task.course.version + 1);
    let task = desk.step(&mine[0], 4, intended()).await;
    let task = desk.step(&task, 5, accepted()).await;
    let task = desk.step(&task, 6, completed(None)).await;
    assert_eq!(owns("b").await, Ok(1));
    assert_eq!(claimed(&desk, &any("a")).await, []);
    desk.step(&task, 7, kept(1)).await;
    assert_eq!(owns("b").await, Ok(0));
}
