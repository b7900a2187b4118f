//! Cancel and deadlines: what ends a task from outside, and what it costs then.

use domain::{LineKind, RefusalKind, StateWord};
use testkit::provider::{OnLook, OnSubmit};
use testkit::sample;

use crate::rig::Rig;

const NEVER_CHARGED: [(LineKind, i64); 2] = [(LineKind::Hold, 420_000), (LineKind::Release, 420_000)];

#[tokio::test]
async fn a_waiting_task_is_cancelled_at_once_and_costs_nothing() {
    let rig = Rig::new().await;
    let id = rig.submit().await;
    let task = rig
        .engine
        .cancel(rig.caller.tenant, &id.prefixed())
        .await
        .expect("it waits");
    assert_eq!(task.word(), StateWord::Cancelled);
    rig.crank_after(5_000).await;
    assert_eq!(rig.provider.jobs(), (0, 0));
    assert_eq!(rig.money(id).await, NEVER_CHARGED);
    rig.books().await;
}

#[tokio::test]
async fn a_running_task_is_stopped_where_the_vendor_can() {
    let rig = Rig::new().await;
    rig.provider.stops(true);
    rig.provider.on_look([OnLook::Running(Some(10))]);
    let id = rig.submit().await;
    rig.crank().await;
    let task = rig
        .engine
        .cancel(rig.caller.tenant, &id.prefixed())
        .await
        .expect("it runs");
    assert_eq!(
        (task.word(), task.course.cancel_requested),
        (StateWord::Running, true)
    );
    rig.crank().await;
    assert_eq!(rig.state(id).await, StateWord::Cancelled);
    assert_eq!(rig.money(id).await, NEVER_CHARGED);
    rig.books().await;
}

#[tokio::test]
async fn a_running_task_that_cannot_be_stopped_is_billed_and_its_result_dropped() {
    let rig = Rig::new().await;
    rig.provider.on_look([OnLook::Running(Some(10)), OnLook::Done(1)]);
    let id = rig.submit_with_callback().await;
    rig.crank().await;
    rig.engine
        .cancel(rig.caller.tenant, &id.prefixed())
        .await
        .expect("it runs");
    rig.crank().await;
    assert_eq!(rig.state(id).await, StateWord::Running, "tracking goes on");
    rig.crank_after(1_500).await;
    let task = rig.task(id).await;
    assert_eq!(task.word(), StateWord::Cancelled);
    assert!(task.course.artifacts.is_empty());
    assert_eq!(
        rig.money(id).await,
        [(LineKind::Hold, 420_000), (LineKind::Charge, 420_000)]
    );
    assert_eq!(
        rig.owed(id).await,
        ["task.queued", "task.running", "task.cancelled"]
    );
    rig.books().await;
}

#[tokio::test]
async fn a_finished_task_cannot_be_cancelled_nor_can_anothers() {
    let rig = Rig::new().await;
    let id = rig.submit().await;
    let foreign = rig
        .engine
        .cancel(sample::tenant(2), &id.prefixed())
        .await
        .expect_err("not theirs");
    assert_eq!(foreign.kind, RefusalKind::NotFound);
    rig.crank().await;
    rig.crank_after(1_500).await;
    let late = rig
        .engine
        .cancel(rig.caller.tenant, &id.prefixed())
        .await
        .expect_err("too late");
    assert_eq!(late.kind, RefusalKind::Conflict);
    assert_eq!(rig.state(id).await, StateWord::Succeeded);
}

#[tokio::test]
async fn a_busy_answer_to_an_unwanted_task_ends_it() {
    let rig = Rig::new().await;
    rig.provider.on_submit([OnSubmit::AcceptAndLoseReply]);
    let id = rig.submit().await;
    rig.crank().await;
    rig.engine
        .cancel(rig.caller.tenant, &id.prefixed())
        .await
        .expect("in doubt, not ended");
    rig.provider.forget_jobs();
    for _ in 0..10 {
        rig.crank_after(10_000).await;
    }
    assert_eq!(rig.state(id).await, StateWord::Cancelled);
    assert_eq!(rig.money(id).await, NEVER_CHARGED);
    rig.books().await;
}

#[tokio::test]
async fn a_task_that_is_not_done_by_its_deadline_fails_and_frees_its_slot() {
    let rig = Rig::with(testkit::provider::Scripted::new(), 1).await;
    rig.provider.stops(true);
    rig.provider.on_look((0..30_000).map(|_| OnLook::Running(None)));
    let id = rig.submit().await;
    let next = rig.submit().await;
    rig.crank().await;
    rig.crank_after(23 * 60 * 60 * 1_000).await;
    assert_eq!(rig.state(id).await, StateWord::Running);
    assert_eq!(rig.state(next).await, StateWord::Queued);
    rig.crank_after(61 * 60 * 1_000).await;
    let task = rig.task(id).await;
    assert_eq!(
        task.error().map(|error| error.code.word()),
        Some("deadline_passed")
    );
    assert_eq!(rig.money(id).await, NEVER_CHARGED);
    assert_eq!(
        rig.state(next).await,
        StateWord::Failed,
        "the one behind it has the same deadline"
    );
    let fresh = rig.submit().await;
    rig.crank().await;
    assert_eq!(
        rig.state(fresh).await,
        StateWord::Running,
        "the slot is free again"
    );
    rig.books().await;
}

#[tokio::test]
async fn staged_media_that_no_task_uses_is_swept_and_a_tasks_media_is_not() {
    let rig = Rig::new().await;
    let stage = |bytes: &'static [u8]| {
        let content = domain::blobs::stream_of(bytes::Bytes::from_static(bytes));
        rig.engine.stage(content, 1_000)
    };
    let orphan = stage(b"nobody wants me").await.expect("staged");
    let id = rig.submit().await;
    rig.crank().await;
    rig.crank_after(1_500).await;
    let kept = rig.task(id).await.course.artifacts[0].blob.clone();
    rig.crank_after(30 * 60 * 1_000).await;
    assert!(
        rig.engine.blobs().get(&orphan.key, None).await.is_ok(),
        "too young to go"
    );
    rig.crank_after(2 * 60 * 60 * 1_000).await;
    assert!(
        rig.engine.blobs().get(&orphan.key, None).await.is_err(),
        "nobody used it"
    );
    assert!(
        rig.engine.blobs().get(&kept, None).await.is_ok(),
        "a result stays"
    );
}
