//! Pace: who gets a free slot, how many tasks an account has in flight, and when an upstream is asked.

use domain::{Micros, StateWord, TaskId};
use testkit::provider::{OnLook, Scripted};
use testkit::sample;

use crate::rig::Rig;

/// How many of these tasks have left the queue.
async fn begun(rig: &Rig, tasks: &[TaskId]) -> usize {
    let mut begun = 0;
    for task in tasks {
        begun += usize::from(rig.state(*task).await != StateWord::Queued);
    }
    begun
}

#[tokio::test]
async fn a_tenant_with_a_long_queue_keeps_nobody_waiting() {
    let mut rig = Rig::with(Scripted::new(), 2).await;
    rig.provider.on_look((0..2).map(|_| OnLook::Running(None)));
    let mut many = Vec::new();
    for _ in 0..40 {
        many.push(rig.submit().await);
    }
    rig.crank().await;
    rig.credit(sample::tenant(2), Micros(1_000_000_000)).await;
    rig.caller.tenant = sample::tenant(2);
    let mut few = Vec::new();
    for _ in 0..4 {
        few.push(rig.submit().await);
    }
    // Each turn of the clock ends the tasks in flight, whose slots are given on.
    while begun(&rig, &few).await < few.len() {
        rig.crank_after(1_500).await;
    }
    let served = begun(&rig, &many).await;
    assert!(served <= 8, "{served} tasks of the long queue came before");
    rig.books().await;
}
