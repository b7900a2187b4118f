//! Checks of changes: the version that they expect, what commits beside them.

use domain::error::TaskErrorCode;
use domain::store::Outcome;
use domain::task::Origin;
use domain::{EventKind, Id, LineKind, Micros, StateWord};

use super::{Desk, accepted, change, completed, id, intended, kept, order};
use crate::sample;

fn told(n: u128) -> Origin {
    Origin {
        callback_url: Some("https://client.example/hook".to_owned()),
        ..order(n)
    }
}

pub(super) async fn a_change_commits_on_its_version_only(desk: Desk) {
    let tenant = desk.tenant(1, 1).await;
    let born = desk.accepted(told(1)).await;
    let cancelled = change(&born, 1, EventKind::CancelRequested);
    desk.step(&born, 2, intended()).await;
    let outcomes = desk.store().commit(vec![cancelled]).await.expect("commits");
    assert_eq!(outcomes, [Outcome::Stale]);
    let task = desk
        .store()
        .task(tenant, id(1))
        .await
        .expect("read")
        .expect("there");
    assert_eq!(task.word(), StateWord::Submitting);
    assert_eq!(task.course.version, 2);
    // Nothing of the stale change was written.
    assert_eq!(desk.store().lines(id(1)).await.expect("read").len(), 1);
    let owed = desk.store().outbox().deliveries_of(id(1)).await;
    assert_eq!(owed.expect("read").len(), 1);
    let unknown = change(&sample::birth(id(9).0).task, 1, intended());
    let outcomes = desk.store().commit(vec![unknown]).await.expect("commits");
    assert_eq!(outcomes, [Outcome::Stale]);
    desk.books_are_exact().await;
}

pub(super) async fn two_changes_on_one_version_have_one_winner(desk: Desk) {
    desk.tenant(1, 20).await;
    for n in 1..=8 {
        let born = desk.accepted(order(n)).await;
        let rivals = (0..8).map(|rival| {
            let account = format!("account-{rival}");
            let change = change(&born, 1, EventKind::SubmitIntended { account });
            let store = std::sync::Arc::clone(desk.store());
            tokio::spawn(async move { store.commit(vec![change]).await })
        });
        let rivals: Vec<_> = rivals.collect();
        let mut winners = 0;
        for rival in rivals {
            let outcomes = rival.await.expect("a task ends").expect("commits");
            winners += usize::from(outcomes == [Outcome::Done]);
        }
        assert_eq!(winners, 1);
    }
}

pub(super) async fn a_batch_of_changes_answers_each_for_itself(desk: Desk) {
    desk.tenant(1, 9).await;
    let first = desk.accepted(order(1)).await;
    let second = desk.accepted(order(2)).await;
    let third = desk.accepted(order(3)).await;
    desk.step(&second, 1, intended()).await;
    let batch = vec![
        change(&first, 2, EventKind::CancelRequested),
        change(&second, 2, EventKind::CancelRequested),
        change(&third, 2, intended()),
    ];
    let outcomes = desk.store().commit(batch).await.expect("commits");
    assert_eq!(outcomes, [Outcome::Done, Outcome::Stale, Outcome::Done]);
    let states = [StateWord::Cancelled, StateWord::Submitting, StateWord::Submitting];
    for (n, state) in (1..).zip(states) {
        let task = desk.store().any_task(id(n)).await.expect("read").expect("there");
        assert_eq!(task.word(), state);
    }
    desk.books_are_exact().await;
}

pub(super) async fn a_chain_of_changes_in_one_batch_commits(desk: Desk) {
    desk.tenant(1, 1).await;
    let born = desk.accepted(order(1)).await;
    let submitting = change(&born, 1, intended());
    let running = change(&submitting.task, 2, accepted());
    let last = running.task.clone();
    let outcomes = desk
        .store()
        .commit(vec![submitting, running])
        .await
        .expect("commits");
    assert_eq!(outcomes, [Outcome::Done, Outcome::Done]);
    let task = desk.store().any_task(id(1)).await.expect("read");
    assert_eq!(task.as_deref(), Some(&last));
}

pub(super) async fn a_success_is_charged_and_told(mut desk: Desk) {
    let tenant = desk.tenant(1, 2).await;
    let task = desk.accepted(told(1)).await;
    let task = desk.step(&task, 1, intended()).await;
    let task = desk.step(&task, 2, accepted()).await;
    let task = desk.step(&task, 3, completed(Some(4))).await;
    let task = desk.step(&task, 4, kept(1)).await;
    for _ in 0..2 {
        let store = desk.store();
        let read = store.task(tenant, id(1)).await.expect("read");
        assert_eq!(read.as_deref(), Some(&task));
        let lines = store.lines(id(1)).await.expect("read");
        let lines: Vec<_> = lines.iter().map(|line| (line.kind, line.amount.0)).collect();
        let expected = [
            (LineKind::Hold, 420_000),
            (LineKind::Charge, 336_000),
            (LineKind::Release, 84_000),
            (LineKind::Cost, 250_000),
        ];
        assert_eq!(lines, expected);
        let balance = store.balance(tenant).await.expect("read").expect("a balance");
        assert_eq!((balance.available, balance.held), (Micros(504_000), Micros(0)));
        let owed = store.outbox().deliveries_of(id(1)).await.expect("read");
        let owed: Vec<_> = owed
            .iter()
            .map(|delivery| (delivery.owed.version, delivery.owed.event.as_str()))
            .collect();
        assert_eq!(
            owed,
            [(1, "task.queued"), (3, "task.running"), (5, "task.succeeded")]
        );
        desk.books_are_exact().await;
        desk.reopen().await;
    }
}

pub(super) async fn a_late_result_is_kept_and_the_tenant_not_charged(desk: Desk) {
    let tenant = desk.tenant(1, 1).await;
    let task = desk.accepted(told(1)).await;
    let task = desk.step(&task, 1, intended()).await;
    let task = desk.step(&task, 2, accepted()).await;
    let task = desk.step(&task, 3, EventKind::DeadlinePassed).await;
    let late = EventKind::LateResult {
        artifacts: vec![sample::artifact(Id(5)), sample::marked_copy(Id(6), 0)],
        cost: Some(Micros(1_000)),
    };
    let task = desk.step(&task, 4, late).await;
    let read = desk
        .store()
        .task(tenant, id(1))
        .await
        .expect("read")
        .expect("there");
    assert_eq!(*read, task);
    assert_eq!(read.word(), StateWord::Failed);
    assert_eq!(read.course.late.len(), 2);
    assert_eq!(read.course.late[1].marked_copy_of, Some(0));
    assert_eq!(
        read.error().map(|error| error.code),
        Some(TaskErrorCode::DeadlinePassed)
    );
    let balance = desk
        .store()
        .balance(tenant)
        .await
        .expect("read")
        .expect("a balance");
    assert_eq!((balance.available, balance.held), (Micros(420_000), Micros(0)));
    desk.books_are_exact().await;
}
