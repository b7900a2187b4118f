//! Submit: what is acknowledged is written down, and what is refused leaves nothing behind.

use domain::dialect::Submission;
use domain::http::Reply;
use domain::store::{Filter, Page};
use domain::{Face, LineKind, Micros, Refusal, RefusalKind, StateWord, Task};
use engine::{IdempotencyAsk, Order, Taken};
use testkit::sample;

use crate::rig::{Rig, submission};

async fn count(rig: &Rig) -> usize {
    let page = Page::Offset { skip: 0, limit: 100 };
    let list = rig
        .engine
        .store()
        .list(rig.caller.tenant, &Filter::default(), page)
        .await;
    list.expect("the store answers").tasks.len()
}

async fn submit_once(rig: &Rig, key: &str, body_hash: &str) -> Result<Taken, Refusal> {
    let render = |task: &Task| Reply::json(200, &serde_json::json!({"task_id": task.id().prefixed()}));
    let idempotency = IdempotencyAsk {
        scope: "t/k/r".to_owned(),
        key: key.to_owned(),
        tries: domain::store::Try::Named,
        body_hash: body_hash.to_owned(),
    };
    let order = Order {
        caller: rig.caller,
        face: Face {
            dialect: "elk".to_owned(),
            mount: String::new(),
            version: 1,
        },
        base_url: String::new(),
        submission: Box::new(submission(sample::ask())),
        idempotency: Some(idempotency),
        render: &render,
    };
    rig.engine.submit(order).await
}

#[tokio::test]
async fn a_wish_is_queued_with_its_hold_before_it_is_acknowledged() {
    let rig = Rig::new().await;
    let id = rig.submit().await;
    assert_eq!(rig.state(id).await, StateWord::Queued);
    assert_eq!(rig.money(id).await, [(LineKind::Hold, 420_000)]);
    assert_eq!(rig.provider.jobs(), (0, 0), "no upstream is called by a submit");
    rig.books().await;
}

#[tokio::test]
async fn a_wish_that_the_balance_does_not_cover_leaves_nothing_behind() {
    let mut rig = Rig::new().await;
    rig.caller.tenant = sample::tenant(2);
    rig.credit(sample::tenant(2), Micros(419_999)).await;
    let refusal = rig
        .try_submit(submission(sample::ask()))
        .await
        .expect_err("one micro-dollar short");
    assert_eq!(refusal.kind, RefusalKind::NoMoney);
    assert!(refusal.message.contains("0.42"), "{}", refusal.message);
    assert_eq!(count(&rig).await, 0);
    rig.credit(sample::tenant(2), Micros(1)).await;
    rig.submit().await;
    rig.books().await;
}

#[tokio::test]
async fn an_unknown_model_is_refused_with_the_models_that_are_served() {
    let rig = Rig::new().await;
    let mut ask = sample::ask();
    ask.model = "kling-v99".to_owned();
    let refusal = rig
        .try_submit(submission(ask))
        .await
        .expect_err("nobody sells it");
    assert_eq!(refusal.kind, RefusalKind::Model);
    assert_eq!(refusal.field.as_deref(), Some("model"));
    assert!(refusal.allowed.contains(&"kling-v3".to_owned()));
    assert_eq!(count(&rig).await, 0);
}

#[tokio::test]
async fn an_external_id_that_no_database_keeps_is_refused() {
    let rig = Rig::new().await;
    let named = Submission {
        external_id: Some("ext\0".to_owned()),
        ..submission(sample::ask())
    };
    let refusal = rig.try_submit(named).await.expect_err("it cannot be kept");
    assert_eq!(refusal.field.as_deref(), Some("external_task_id"));
    assert!(refusal.message.contains("U+0000"), "{}", refusal.message);
    assert_eq!(count(&rig).await, 0);
}

#[tokio::test]
async fn an_external_id_names_one_task_of_a_tenant_and_is_free_for_another() {
    let mut rig = Rig::new().await;
    let named = || Submission {
        external_id: Some("ext-1".to_owned()),
        ..submission(sample::ask())
    };
    let first = rig.try_submit(named()).await.expect("a free name").task;
    let refusal = rig.try_submit(named()).await.expect_err("the name is taken");
    assert_eq!(refusal.kind, RefusalKind::DuplicateExternalId(first));
    let found = rig
        .engine
        .find(rig.caller.tenant, "ext-1")
        .await
        .expect("found by its own name");
    assert_eq!(found.id(), first);
    let foreign = rig
        .engine
        .find(sample::tenant(2), "ext-1")
        .await
        .expect_err("not theirs");
    assert_eq!(
        foreign,
        rig.engine
            .find(sample::tenant(2), "ext-none")
            .await
            .expect_err("nobody's")
    );
    rig.caller.tenant = sample::tenant(2);
    rig.credit(sample::tenant(2), Micros(1_000_000)).await;
    rig.try_submit(named())
        .await
        .expect("another tenant's names are its own");
}

#[tokio::test]
async fn a_repeat_with_the_same_key_and_body_is_answered_with_the_first_task() {
    let rig = Rig::new().await;
    let first = submit_once(&rig, "idem-1", "aa").await.expect("taken");
    let again = submit_once(&rig, "idem-1", "aa").await.expect("answered");
    assert_eq!((again.task, &again.reply), (first.task, &first.reply));
    assert!(again.replayed && !first.replayed);
    let other = submit_once(&rig, "idem-1", "bb").await.expect_err("another body");
    assert_eq!(other.kind, RefusalKind::IdempotencyConflict);
    assert_eq!(count(&rig).await, 1);
}

#[tokio::test]
async fn fifty_parallel_repeats_make_one_task() {
    let rig = Rig::new().await;
    let repeats = (0..50).map(|_| submit_once(&rig, "idem-2", "cc"));
    let taken: Vec<_> = futures_util::future::join_all(repeats).await;
    let tasks: std::collections::BTreeSet<_> = taken
        .into_iter()
        .map(|taken| taken.expect("answered").task)
        .collect();
    assert_eq!(tasks.len(), 1);
    assert_eq!(count(&rig).await, 1);
    rig.books().await;
}

#[tokio::test]
async fn parallel_wishes_at_a_balance_for_ten_are_taken_ten_times() {
    let mut rig = Rig::new().await;
    rig.caller.tenant = sample::tenant(2);
    rig.credit(sample::tenant(2), Micros(4_200_000)).await;
    let wishes = (0..60).map(|_| rig.try_submit(submission(sample::ask())));
    let answers = futures_util::future::join_all(wishes).await;
    let taken = answers.iter().filter(|answer| answer.is_ok()).count();
    assert_eq!(taken, 10);
    let balance = rig
        .engine
        .store()
        .balance(sample::tenant(2))
        .await
        .expect("the store answers");
    assert_eq!(balance.expect("a tenant has a balance").available, Micros::ZERO);
    rig.books().await;
}
