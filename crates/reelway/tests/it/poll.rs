//! Poll: a look changes a task only by what the vendor says in words that we know.

use domain::{LineKind, StateWord};
use testkit::provider::OnLook;

use crate::rig::Rig;

#[tokio::test]
async fn a_look_that_changes_nothing_writes_nothing() {
    let rig = Rig::new().await;
    rig.provider.on_look([
        OnLook::Running(Some(41)),
        OnLook::Running(Some(42)),
        OnLook::Running(Some(43)),
    ]);
    let id = rig.submit().await;
    rig.crank().await;
    rig.crank_after(1_500).await;
    let version = rig.task(id).await.course.version;
    assert_eq!(rig.task(id).await.course.progress, 40);
    rig.crank_after(1_500).await;
    rig.crank_after(1_500).await;
    assert_eq!(rig.task(id).await.course.version, version);
    assert_eq!(rig.provider.look_count(), 3);
}

#[tokio::test]
async fn a_failed_look_never_fails_a_task() {
    let rig = Rig::new().await;
    rig.provider.on_look((0..30).map(|_| OnLook::Error));
    let id = rig.submit().await;
    rig.crank().await;
    for _ in 0..40 {
        rig.crank_after(80_000).await;
    }
    assert_eq!(rig.state(id).await, StateWord::Succeeded);
    rig.books().await;
}

#[tokio::test]
async fn an_unknown_word_keeps_the_state() {
    let rig = Rig::new().await;
    rig.provider
        .on_look([OnLook::Word("percolating"), OnLook::Word("percolating")]);
    let id = rig.submit().await;
    rig.crank().await;
    rig.crank_after(1_500).await;
    rig.crank_after(1_500).await;
    assert_eq!(rig.state(id).await, StateWord::Running);
    rig.crank_after(1_500).await;
    assert_eq!(rig.state(id).await, StateWord::Succeeded);
}

#[tokio::test]
async fn a_failure_in_the_vendors_words_releases_the_hold() {
    let rig = Rig::new().await;
    rig.provider.on_look([OnLook::Fail]);
    let id = rig.submit_with_callback().await;
    rig.crank().await;
    rig.crank_after(2_000).await;
    let task = rig.task(id).await;
    assert_eq!(task.error().and_then(|error| error.vendor_code), Some(1301));
    assert_eq!(
        rig.money(id).await,
        [(LineKind::Hold, 420_000), (LineKind::Release, 420_000)]
    );
    assert_eq!(rig.owed(id).await, ["task.queued", "task.running", "task.failed"]);
    rig.books().await;
}

#[tokio::test]
async fn a_job_that_is_provably_gone_is_made_again_with_its_hold_kept() {
    let rig = Rig::new().await;
    rig.provider.on_look([OnLook::Lose]);
    let id = rig.submit().await;
    rig.crank().await;
    rig.clock.advance_ms(1_500);
    rig.crank().await;
    let task = rig.task(id).await;
    assert_eq!((task.word(), task.course.attempts), (StateWord::Running, 2));
    assert_eq!(rig.money(id).await, [(LineKind::Hold, 420_000)]);
    rig.crank_after(1_500).await;
    assert_eq!(rig.state(id).await, StateWord::Succeeded);
    rig.books().await;
}

#[tokio::test]
async fn success_without_a_result_is_a_failure() {
    let rig = Rig::new().await;
    rig.provider.on_look([OnLook::Done(0)]);
    let id = rig.submit().await;
    rig.crank().await;
    rig.crank_after(1_500).await;
    let task = rig.task(id).await;
    assert_eq!(task.error().map(|error| error.code.word()), Some("no_artifact"));
    assert_eq!(
        rig.money(id).await,
        [(LineKind::Hold, 420_000), (LineKind::Release, 420_000)]
    );
    rig.books().await;
}

#[tokio::test]
async fn an_answer_that_leaves_a_task_out_keeps_it_and_shows_no_other_later() {
    let rig = Rig::new().await;
    rig.provider
        .on_look([OnLook::Miss, OnLook::Done(1), OnLook::Miss, OnLook::Done(1)]);
    let (first, second) = (rig.submit().await, rig.submit().await);
    rig.crank().await;
    rig.crank_after(1_500).await;
    let mut states = [rig.state(first).await, rig.state(second).await];
    states.sort();
    assert_eq!(states, [StateWord::Running, StateWord::Succeeded]);
    for _ in 0..4 {
        rig.crank_after(2_000).await;
    }
    assert_eq!(rig.state(first).await, StateWord::Succeeded);
    assert_eq!(rig.state(second).await, StateWord::Succeeded);
    rig.books().await;
}
