//! Leases: what a process may do that slept over its own, and who does its work meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use domain::{Clock, Millis, StateWord};
use testkit::clock::ManualClock;
use testkit::provider::{OnLook, OnSubmit};

use crate::rig::Rig;

/// Longer than a lease, in milliseconds.
const SLEEP_MS: i64 = 20_000;

/// A clock of a process that may fall asleep before it next looks at its lease.
struct Drowsy {
    clock: Arc<ManualClock>,
    nap_ms: AtomicI64,
}

impl Drowsy {
    fn of(rig: &Rig) -> Arc<Drowsy> {
        Arc::new(Drowsy {
            clock: Arc::clone(&rig.clock),
            nap_ms: AtomicI64::new(0),
        })
    }
}

impl Clock for Drowsy {
    fn now(&self) -> Millis {
        self.clock.now()
    }

    fn monotonic_ms(&self) -> u64 {
        self.clock.advance_ms(self.nap_ms.swap(0, Ordering::SeqCst));
        self.clock.monotonic_ms()
    }
}

#[tokio::test]
async fn a_node_that_slept_over_its_lease_sends_nothing_and_claims_anew() {
    let rig = Rig::new().await;
    let clock = Drowsy::of(&rig);
    let sleepy = rig.beside("sleepy", Arc::clone(&clock) as _);
    let id = rig.submit().await;
    let steps = sleepy.hand_out().await.expect("a turn");
    // Between the intent and the look at the lease.
    clock.nap_ms.store(SLEEP_MS, Ordering::SeqCst);
    for step in steps {
        step.await;
    }
    assert_eq!(rig.state(id).await, StateWord::Submitting, "the intent is there");
    assert_eq!(rig.provider.jobs(), (0, 0), "and nothing was sent");
    sleepy.crank().await.expect("the belts turn");
    assert_eq!(
        rig.state(id).await,
        StateWord::Unknown,
        "claimed anew, and only the vendor knows"
    );
    for _ in 0..3 {
        rig.clock.advance_ms(60_000);
        sleepy.crank().await.expect("the belts turn");
    }
    assert_eq!(rig.state(id).await, StateWord::Succeeded);
    assert_eq!(rig.provider.jobs(), (1, 1));
    rig.books().await;
}

#[tokio::test]
async fn a_step_from_before_the_sleep_sends_nothing_once_the_node_has_new_leases() {
    let rig = Rig::new().await;
    let sleepy = rig.beside("sleepy", Arc::clone(&rig.clock) as _);
    let id = rig.submit().await;
    let late = sleepy.hand_out().await.expect("a turn");
    rig.clock.advance_ms(SLEEP_MS);
    let fresh = sleepy.hand_out().await.expect("a turn with new leases");
    for step in late.into_iter().chain(fresh) {
        step.await;
    }
    assert_eq!(
        rig.provider.jobs(),
        (1, 1),
        "the claim of the new leases is the one that counts"
    );
    assert_eq!(rig.task(id).await.course.attempts, 1);
    rig.books().await;
}

#[tokio::test]
async fn a_node_that_slept_over_its_lease_looks_at_nothing_that_another_has_now() {
    let rig = Rig::new().await;
    rig.provider.on_look((0..9).map(|_| OnLook::Running(None)));
    let sleepy = rig.beside("sleepy", Arc::clone(&rig.clock) as _);
    let awake = rig.beside("awake", Arc::clone(&rig.clock) as _);
    let id = rig.submit().await;
    sleepy.crank().await.expect("the belts turn");
    assert_eq!(rig.state(id).await, StateWord::Running);
    rig.clock.advance_ms(SLEEP_MS);
    awake.crank().await.expect("the belts turn");
    let looks = rig.provider.look_count();
    assert!(looks > 0, "the other one looks");
    for _ in 0..3 {
        rig.clock.advance_ms(2_000);
        sleepy.crank().await.expect("the belts turn");
    }
    assert_eq!(rig.provider.look_count(), looks, "and the sleeper does not");
    awake.crank().await.expect("the belts turn");
    assert_eq!(rig.provider.look_count(), looks + 1);
}

#[tokio::test]
async fn a_task_that_another_nodes_late_answer_moved_is_not_forgotten() {
    let rig = Rig::new().await;
    rig.provider.on_submit([OnSubmit::Hang]);
    let late = rig.beside("late", Arc::clone(&rig.clock) as _);
    let owner = rig.beside("owner", Arc::clone(&rig.clock) as _);
    let id = rig.submit().await;
    let submit = late.hand_out().await.expect("a turn");
    let submit = tokio::spawn(async move {
        for step in submit {
            step.await;
        }
    });
    while rig.provider.jobs() == (0, 0) {
        tokio::task::yield_now().await;
    }
    rig.clock.advance_ms(SLEEP_MS);
    // The owner takes the row up; before it writes that the submit is in doubt, the late one does.
    let adopted = owner.hand_out().await.expect("a turn");
    submit.await.expect("the submit times out");
    for step in adopted {
        step.await;
    }
    assert_eq!(rig.state(id).await, StateWord::Unknown);
    drop(late);
    for _ in 0..3 {
        rig.clock.advance_ms(4_000);
        owner.crank().await.expect("the belts turn");
    }
    assert_eq!(rig.state(id).await, StateWord::Succeeded);
    assert_eq!(rig.provider.jobs(), (1, 1));
    rig.books().await;
}

#[tokio::test]
async fn a_clock_that_is_set_back_puts_no_look_off() {
    /// A day, in milliseconds.
    const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
    struct SetBack(Arc<ManualClock>, AtomicI64);
    impl Clock for SetBack {
        fn now(&self) -> Millis {
            self.0.now().plus(self.1.load(Ordering::SeqCst))
        }
        fn monotonic_ms(&self) -> u64 {
            self.0.monotonic_ms()
        }
    }
    let rig = Rig::new().await;
    let clock = Arc::new(SetBack(Arc::clone(&rig.clock), AtomicI64::new(0)));
    let engine = rig.beside("one", Arc::clone(&clock) as _);
    let id = rig.submit().await;
    engine.crank().await.expect("the belts turn");
    clock.1.store(-DAY_MS, Ordering::SeqCst);
    rig.clock.advance_ms(2_000);
    engine.crank().await.expect("the belts turn");
    assert_eq!(rig.state(id).await, StateWord::Succeeded);
}
