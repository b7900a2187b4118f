//! Checks of births: what is written, what is refused, what a repeat hears.

use domain::ask::{Input, Source};
use domain::http::Reply;
use domain::store::{Birth, Existing, Idempotency, Outcome, Try};
use domain::task::Origin;
use domain::{BlobKey, EventKind, LineKind, Micros, Role, Staged};
use serde_json::json;

use super::{Desk, birth, id, order, order_of};
use crate::sample;

fn record(key: &str, body_hash: &str) -> Idempotency {
    let answer = Reply::json(200, &json!({"id": key, "text": "für später\n"}));
    Idempotency {
        scope: "tenant-1 POST /v1/videos".to_owned(),
        key: key.to_owned(),
        tries: Try::Named,
        body_hash: body_hash.to_owned(),
        answer: answer.with("x-trace", "1"),
    }
}

fn repeatable(origin: Origin, key: &str, body_hash: &str) -> Birth {
    Birth {
        idempotency: Some(record(key, body_hash)),
        ..birth(origin)
    }
}

/// An order with something in every field.
fn full_order() -> Origin {
    let mut origin = order(1);
    let mut ask = sample::ask();
    ask.prompt = "ein Drachen \u{1fa81} — \"quoted\" \\ \u{0} \n".to_owned();
    ask.negative_prompt = Some("rain".to_owned());
    let extras = json!({"kling.camera_control": {"type": "simple", "config": {"zoom": 0.1, "pan": -3}},
        "kling.cfg_scale": 0.1 + 0.2, "big": 18_446_744_073_709_551_615_u64});
    ask.extras = extras.as_object().cloned().expect("an object");
    ask.inputs = vec![Input {
        role: Role::FirstFrame,
        source: Source::Staged(Staged {
            blob: BlobKey::from_sha256([3; 32]),
            bytes: 9,
            content_type: Some("image/png".to_owned()),
            facts: sample::facts(),
        }),
        field: "image".to_owned(),
        rule: None,
        parent: None,
    }];
    origin.ask = ask.into();
    origin.seed = u64::MAX;
    origin.external_id = Some("order-1".to_owned());
    origin.callback_url = Some("https://client.example/hook?a=1".to_owned());
    origin
}

pub(super) async fn a_birth_is_read_back_as_it_was_written(mut desk: Desk) {
    let tenant = desk.tenant(1, 2).await;
    let task = desk.accepted(full_order()).await;
    for _ in 0..2 {
        let store = desk.store();
        let read = store.task(tenant, id(1)).await.expect("read");
        assert_eq!(read.as_deref(), Some(&task));
        let read = store.any_task(id(1)).await.expect("read");
        assert_eq!(read.as_deref(), Some(&task));
        let read = store.task_by_external_id(tenant, "order-1").await.expect("read");
        assert_eq!(read.as_deref(), Some(&task));
        let lines = store.lines(id(1)).await.expect("read");
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].kind, LineKind::Hold);
        let balance = store.balance(tenant).await.expect("read").expect("a balance");
        assert_eq!(
            (balance.available, balance.held),
            (Micros(420_000), Micros(420_000))
        );
        let owed = store.outbox().deliveries_of(id(1)).await.expect("read");
        assert_eq!(owed.len(), 1);
        let born = birth(full_order()).change.webhook.clone();
        assert_eq!(Some(&owed[0].owed), born.as_ref());
        desk.reopen().await; // and once more, from the disk
    }
    desk.books_are_exact().await;
}

pub(super) async fn nothing_of_a_refused_birth_is_written(desk: Desk) {
    let tenant = desk.tenant(1, 0).await;
    let mut origin = full_order();
    origin.external_id = Some("poor".to_owned());
    let refused = repeatable(origin, "k", "hash");
    let scope = record("k", "").scope;
    let outcomes = desk.store().insert(vec![refused]).await.expect("commits");
    assert_eq!(outcomes, [Outcome::NoMoney]);
    assert_eq!(desk.store().any_task(id(1)).await, Ok(None));
    assert_eq!(desk.store().task_by_external_id(tenant, "poor").await, Ok(None));
    assert_eq!(desk.store().idempotent(&scope, "k").await, Ok(None));
    assert_eq!(desk.store().lines(id(1)).await, Ok(Vec::new()));
    let owed = desk.store().outbox().deliveries_of(id(1)).await;
    assert_eq!(owed, Ok(Vec::new()));
    let balance = desk
        .store()
        .balance(tenant)
        .await
        .expect("read")
        .expect("a balance");
    assert_eq!((balance.available, balance.held), (Micros(0), Micros(0)));
    desk.books_are_exact().await;
}

pub(super) async fn a_batch_answers_each_member_for_itself(desk: Desk) {
    desk.tenant(1, 3).await;
    let poor = desk.tenant(2, 0).await;
    let named = |n, name: &str| Origin {
        external_id: Some(name.to_owned()),
        ..order(n)
    };
    let batch = vec![
        birth(named(1, "a")),
        birth(order_of(poor, 2)),
        birth(named(3, "a")),
        repeatable(order(4), "k", "one"),
        repeatable(order(5), "k", "two"),
        birth(order(6)),
        birth(order(7)),
    ];
    let outcomes = desk.store().insert(batch).await.expect("commits");
    let repeat = Existing::Idempotent {
        body_hash: "one".to_owned(),
        answer: record("k", "one").answer,
        task: id(4),
    };
    let expected = [
        Outcome::Done,
        Outcome::NoMoney,
        Outcome::Duplicate(Existing::ExternalId(id(1))),
        Outcome::Done,
        Outcome::Duplicate(repeat),
        Outcome::Done,
        Outcome::NoMoney,
    ];
    assert_eq!(outcomes, expected);
    for (n, there) in [
        (1, true),
        (2, false),
        (3, false),
        (4, true),
        (5, false),
        (6, true),
        (7, false),
    ] {
        let read = desk.store().any_task(id(n)).await.expect("read");
        assert_eq!(read.is_some(), there, "task {n}");
    }
    desk.books_are_exact().await;
}

pub(super) async fn a_repeat_hears_the_first_answer(mut desk: Desk) {
    desk.tenant(1, 9).await;
    let first = repeatable(order(1), "k", "hash");
    let scope = record("k", "hash").scope;
    let outcomes = desk.store().insert(vec![first]).await.expect("commits");
    assert_eq!(outcomes, [Outcome::Done]);
    let kept = Existing::Idempotent {
        body_hash: "hash".to_owned(),
        answer: record("k", "hash").answer,
        task: id(1),
    };
    desk.reopen().await;
    assert_eq!(desk.store().idempotent(&scope, "k").await, Ok(Some(kept.clone())));
    assert_eq!(desk.store().idempotent(&scope, "other").await, Ok(None));
    assert_eq!(desk.store().idempotent("other scope", "k").await, Ok(None));
    for body_hash in ["hash", "another body"] {
        let again = repeatable(order(2), "k", body_hash);
        let outcomes = desk.store().insert(vec![again]).await.expect("commits");
        assert_eq!(outcomes, [Outcome::Duplicate(kept.clone())]);
    }
    assert_eq!(desk.store().any_task(id(2)).await, Ok(None));
}

/// A birth that says as the `tries`th how it may be a repeat; written down at `at`.
fn unnamed(n: u128, at: i64, tries: Try) -> Birth {
    let mut origin = order(n);
    origin.created_at = sample::at(at);
    Birth {
        idempotency: Some(Idempotency {
            tries,
            ..record("hash", "hash")
        }),
        ..birth(origin)
    }
}

async fn became(desk: &Desk, births: Vec<Birth>) -> Vec<Option<domain::TaskId>> {
    let outcomes = desk.store().insert(births).await.expect("commits");
    let task = |outcome| match outcome {
        Outcome::Done => None,
        Outcome::Duplicate(Existing::Idempotent { task, .. }) => Some(task),
        other => panic!("{other:?}"),
    };
    outcomes.into_iter().map(task).collect()
}

pub(super) async fn a_retry_without_a_name_is_the_equal_submit_of_a_moment_ago(mut desk: Desk) {
    desk.tenant(1, 1_000).await;
    let first = |at| Try::First {
        arrived_at: sample::at(at),
    };
    let again = |since| Try::Again {
        since: sample::at(since),
    };
    // Equal first tries are two wishes, also in one batch; a retry is the later one.
    let both = vec![unnamed(1, 10, first(10)), unnamed(2, 10, first(10))];
    assert_eq!(became(&desk, both).await, [None, None]);
    assert_eq!(became(&desk, vec![unnamed(3, 12, again(0))]).await, [Some(id(2))]);
    desk.reopen().await;
    assert_eq!(
        became(&desk, vec![unnamed(4, 70, again(10))]).await,
        [Some(id(2))]
    );
    // What was long ago is forgotten; a retry of it is a wish, and a retry of that is the same.
    assert_eq!(became(&desk, vec![unnamed(5, 71, again(11))]).await, [None]);
    assert_eq!(
        became(&desk, vec![unnamed(6, 73, again(13))]).await,
        [Some(id(5))]
    );
    // A first try that was overtaken by its retry is that one; a first try of later is another wish.
    assert_eq!(
        became(&desk, vec![unnamed(7, 74, first(70))]).await,
        [Some(id(5))]
    );
    assert_eq!(became(&desk, vec![unnamed(8, 75, first(72))]).await, [None]);
    // A named one is neither.
    assert_eq!(
        became(&desk, vec![repeatable(order(9), "hash", "hash")]).await,
        [None]
    );
    desk.books_are_exact().await;
}

pub(super) async fn an_idempotency_key_is_looked_at_before_an_external_id(desk: Desk) {
    desk.tenant(1, 1).await;
    let named = |n| Origin {
        external_id: Some("same".to_owned()),
        ..order(n)
    };
    let batch = vec![repeatable(named(1), "k", "h"), repeatable(named(2), "k", "h")];
    let outcomes = desk.store().insert(batch).await.expect("commits");
    assert_eq!(outcomes[0], Outcome::Done);
    // Neither the external id nor the empty purse is what a repeat hears of.
    let is_repeat = matches!(outcomes[1], Outcome::Duplicate(Existing::Idempotent { .. }));
    assert!(is_repeat, "{:?}", outcomes[1]);
}

pub(super) async fn external_ids_are_unique_for_a_tenant_and_not_across_tenants(desk: Desk) {
    let first = desk.tenant(1, 9).await;
    let second = desk.tenant(2, 9).await;
    let named = |tenant, n| Origin {
        external_id: Some("same".to_owned()),
        ..order_of(tenant, n)
    };
    let task = desk.accepted(named(first, 1)).await;
    desk.accepted(named(second, 2)).await;
    desk.step(&task, 1, EventKind::CancelRequested).await;
    let outcomes = desk
        .store()
        .insert(vec![birth(named(first, 3))])
        .await
        .expect("commits");
    assert_eq!(outcomes, [Outcome::Duplicate(Existing::ExternalId(id(1)))]);
    let found = desk
        .store()
        .task_by_external_id(second, "same")
        .await
        .expect("read");
    assert_eq!(found.map(|task| task.id()), Some(id(2)));
    // No name is no name to clash with.
    desk.accepted(order(4)).await;
    desk.accepted(order(5)).await;
}

pub(super) async fn an_id_that_is_taken_is_stale_and_an_unknown_tenant_has_no_money(desk: Desk) {
    desk.tenant(1, 9).await;
    desk.accepted(order(1)).await;
    let batch = vec![birth(order(1)), birth(order_of(sample::tenant(77), 2))];
    let outcomes = desk.store().insert(batch).await.expect("commits");
    assert_eq!(outcomes, [Outcome::Stale, Outcome::NoMoney]);
    assert_eq!(desk.store().balance(sample::tenant(77)).await, Ok(None));
    desk.books_are_exact().await;
}

pub(super) async fn an_id_that_is_taken_keeps_nobody_else_of_its_batch_out(desk: Desk) {
    let tenant = desk.tenant(1, 9).await;
    desk.accepted(order(1)).await;
    // After a batch that was born whole, and with nobody in it who must be looked up.
    for (taken, new) in [(1, 2), (2, 3)] {
        let batch = vec![birth(order(taken)), birth(order(new))];
        let outcomes = desk.store().insert(batch).await.expect("commits");
        assert_eq!(outcomes, [Outcome::Stale, Outcome::Done]);
    }
    let balance = desk.store().balance(tenant).await.expect("read");
    assert_eq!(balance.map(|balance| balance.held), Some(Micros(3 * 420_000)));
    desk.books_are_exact().await;
}

pub(super) async fn idempotency_records_are_forgotten_by_age_and_in_portions(desk: Desk) {
    desk.tenant(1, 9).await;
    for n in 1..=4_u8 {
        let mut origin = order(u128::from(n));
        origin.created_at = sample::at(i64::from(n) * 1_000);
        let record = repeatable(origin, &format!("k{n}"), "h");
        let outcomes = desk.store().insert(vec![record]).await.expect("commits");
        assert_eq!(outcomes, [Outcome::Done]);
    }
    let store = desk.store();
    let scope = record("k", "h").scope;
    assert_eq!(store.forget_idempotent(sample::at(4_000), 2).await, Ok(2));
    assert_eq!(store.idempotent(&scope, "k1").await, Ok(None));
    assert_eq!(store.idempotent(&scope, "k2").await, Ok(None));
    assert_eq!(store.forget_idempotent(sample::at(4_000), 2).await, Ok(1));
    assert_eq!(store.forget_idempotent(sample::at(4_000), 2).await, Ok(0));
    assert!(store.idempotent(&scope, "k4").await.expect("read").is_some());
    assert!(store.any_task(id(1)).await.expect("read").is_some());
}
