//! Dispatch and reconciliation: one wish, one upstream job, whatever the wire does.

use domain::provider::Lookup;
use domain::{LineKind, StateWord};
use testkit::provider::{OnLook, OnSubmit, Scripted};

use crate::rig::Rig;

#[tokio::test]
async fn a_queued_task_is_handed_over_once_and_comes_out_as_a_clip() {
    let rig = Rig::new().await;
    let id = rig.submit().await;
    rig.crank().await;
    assert_eq!(rig.state(id).await, StateWord::Running);
    rig.crank_after(2_000).await;
    let task = rig.task(id).await;
    assert_eq!(task.word(), StateWord::Succeeded);
    assert_eq!((task.course.progress, task.course.attempts), (100, 1));
    assert_eq!(
        rig.money(id).await,
        [(LineKind::Hold, 420_000), (LineKind::Charge, 420_000)]
    );
    assert_eq!(rig.provider.jobs(), (1, 1));
    rig.books().await;
}

#[tokio::test]
async fn a_busy_upstream_gets_the_task_again_when_it_said_and_not_before() {
    let rig = Rig::new().await;
    rig.provider.on_submit([OnSubmit::Busy(Some(30_000))]);
    let id = rig.submit().await;
    rig.crank().await;
    assert_eq!(rig.state(id).await, StateWord::Queued);
    rig.crank_after(29_000).await;
    assert_eq!(rig.provider.jobs(), (0, 0), "too early");
    rig.crank_after(1_500).await;
    assert_eq!(rig.provider.jobs(), (1, 1));
    rig.crank_after(2_000).await;
    let task = rig.task(id).await;
    assert_eq!(
        (task.word(), task.course.attempts),
        (StateWord::Succeeded, 2),
        "attempts survive a requeue"
    );
    rig.books().await;
}

#[tokio::test]
async fn a_refused_wish_fails_with_the_vendors_number_and_costs_nothing() {
    let rig = Rig::new().await;
    rig.provider.on_submit([OnSubmit::Refuse]);
    let id = rig.submit().await;
    rig.crank().await;
    let task = rig.task(id).await;
    assert_eq!(task.word(), StateWord::Failed);
    assert_eq!(task.error().and_then(|error| error.vendor_code), Some(1201));
    assert_eq!(
        rig.money(id).await,
        [(LineKind::Hold, 420_000), (LineKind::Release, 420_000)]
    );
    rig.books().await;
}

#[tokio::test]
async fn a_lost_reply_is_found_by_reference_and_never_sent_again() {
    let rig = Rig::new().await;
    rig.provider.on_submit([OnSubmit::AcceptAndLoseReply]);
    let id = rig.submit().await;
    rig.crank().await;
    assert_eq!(rig.state(id).await, StateWord::Unknown);
    rig.crank_after(2_000).await;
    rig.crank_after(2_000).await;
    assert_eq!(rig.state(id).await, StateWord::Succeeded);
    assert_eq!(rig.provider.jobs(), (1, 1), "one wish, one upstream job");
    assert_eq!(rig.provider.lookup_count(), 1);
    rig.books().await;
}

#[tokio::test]
async fn a_submit_that_hangs_is_in_doubt_after_its_time_out() {
    let rig = Rig::new().await;
    rig.provider.on_submit([OnSubmit::Hang]);
    let id = rig.submit().await;
    rig.crank().await;
    assert_eq!(rig.state(id).await, StateWord::Unknown);
    rig.crank_after(2_000).await;
    assert_eq!(rig.state(id).await, StateWord::Running);
    assert_eq!(rig.provider.jobs(), (1, 1));
}

#[tokio::test]
async fn an_absent_submit_is_believed_only_after_the_bound_and_goes_to_the_same_account() {
    let rig = Rig::new().await;
    rig.provider.on_submit([OnSubmit::LoseRequest]);
    let id = rig.submit().await;
    rig.crank().await;
    for _ in 0..8 {
        rig.crank_after(10_000).await;
        assert_eq!(rig.state(id).await, StateWord::Unknown, "not believed yet");
    }
    assert_eq!(rig.provider.jobs(), (0, 0));
    rig.crank_after(10_500).await;
    assert_eq!(rig.state(id).await, StateWord::Running);
    let task = rig.task(id).await;
    assert_eq!(task.course.account.as_deref(), Some("scripted-main"));
    assert_eq!(rig.provider.jobs(), (1, 1));
    rig.crank_after(2_000).await;
    assert_eq!(rig.state(id).await, StateWord::Succeeded);
    rig.books().await;
}

#[tokio::test]
async fn without_a_look_up_a_doubtful_submit_waits_for_its_deadline_and_is_released() {
    let rig = Rig::with(Scripted::with_lookup(Lookup::None), 1).await;
    rig.provider.on_submit([OnSubmit::AcceptAndLoseReply]);
    let id = rig.submit().await;
    rig.crank().await;
    rig.crank_after(60 * 60 * 1_000).await;
    assert_eq!(rig.state(id).await, StateWord::Unknown);
    let next = rig.submit().await;
    rig.crank().await;
    assert_eq!(
        rig.state(next).await,
        StateWord::Queued,
        "an unknown task keeps its slot"
    );
    rig.crank_after(24 * 60 * 60 * 1_000).await;
    assert_eq!(rig.state(id).await, StateWord::Failed);
    assert_eq!(
        rig.money(id).await,
        [(LineKind::Hold, 420_000), (LineKind::Release, 420_000)]
    );
    assert_eq!(rig.provider.jobs().1, 1, "never sent again");
    rig.books().await;
}

#[tokio::test]
async fn slots_are_never_exceeded_and_every_task_gets_its_turn() {
    let rig = Rig::with(Scripted::new(), 2).await;
    rig.provider.on_look((0..40).map(|_| OnLook::Running(None)));
    let mut ids = Vec::new();
    for _ in 0..6 {
        ids.push(rig.submit().await);
    }
    rig.crank().await;
    assert_eq!(rig.provider.jobs().0, 2);
    for _ in 0..80 {
        rig.crank_after(1_500).await;
        let mut running = 0;
        for id in &ids {
            running += u32::from(rig.state(*id).await == StateWord::Running);
        }
        assert!(running <= 2, "{running} tasks on two slots");
    }
    for id in ids {
        assert_eq!(rig.state(id).await, StateWord::Succeeded);
    }
    rig.books().await;
}

#[tokio::test]
async fn a_crash_between_intent_and_answer_is_looked_up_and_never_doubled() {
    let rig = Rig::new().await;
    rig.provider.on_submit([OnSubmit::AcceptAndLoseReply]);
    let id = rig.submit().await;
    rig.crank().await;
    let rig = rig.restart().await;
    rig.crank().await;
    rig.crank_after(2_000).await;
    rig.crank_after(2_000).await;
    assert_eq!(rig.state(id).await, StateWord::Succeeded);
    assert_eq!(rig.provider.jobs(), (1, 1));
    rig.books().await;
}

#[tokio::test]
async fn after_a_restart_slots_of_running_tasks_are_taken_before_the_queue_is_served() {
    let rig = Rig::with(Scripted::new(), 2).await;
    rig.provider
        .on_look([OnLook::Running(Some(40)), OnLook::Running(Some(40))]);
    let ids = [rig.submit().await, rig.submit().await, rig.submit().await];
    rig.crank().await;
    let rig = rig.restart().await;
    // The first turn finds both, the running ones and the one that waits.
    rig.crank().await;
    assert_eq!(rig.state(ids[2]).await, StateWord::Queued);
    assert_eq!(rig.provider.jobs().0, 2);
    rig.crank_after(2_000).await;
    rig.crank_after(2_000).await;
    rig.crank_after(2_000).await;
    assert_eq!(rig.state(ids[2]).await, StateWord::Succeeded);
    rig.books().await;
}

#[tokio::test]
async fn a_restart_takes_up_running_tasks_where_they_were() {
    let rig = Rig::new().await;
    rig.provider.on_look([OnLook::Running(Some(40))]);
    let ids = [rig.submit().await, rig.submit().await, rig.submit().await];
    rig.crank().await;
    rig.crank_after(1_500).await;
    let rig = rig.restart().await;
    rig.crank_after(2_000).await;
    for id in ids {
        assert_eq!(rig.state(id).await, StateWord::Succeeded);
    }
    assert_eq!(rig.provider.jobs(), (3, 1));
    rig.books().await;
}
