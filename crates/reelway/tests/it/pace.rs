//! Pace: who gets a free slot, how many tasks an account has in flight, and when an upstream is asked.

use std::sync::Arc;
use std::time::Duration;

use domain::provider::{Account, Jam};
use domain::{Micros, Provider, StateWord, TaskId};
use engine::{BreakerState, Standing};
use testkit::postgres::cluster;
use testkit::provider::{OnLook, OnSubmit, Scripted};
use testkit::sample;
use tokio_util::sync::CancellationToken;

use crate::rig::Rig;

/// The account of a rig.
const MAIN: &str = "scripted-main";
const SPARE: &str = "spare";

/// How many of these tasks have left the queue.
async fn begun(rig: &Rig, tasks: &[TaskId]) -> usize {
    tasks.len() - count(rig, tasks, StateWord::Queued).await
}

async fn count(rig: &Rig, tasks: &[TaskId], state: StateWord) -> usize {
    let mut found = 0;
    for task in tasks {
        found += usize::from(rig.state(*task).await == state);
    }
    found
}

async fn submit(rig: &Rig, wishes: usize) -> Vec<TaskId> {
    let mut tasks = Vec::new();
    for _ in 0..wishes {
        tasks.push(rig.submit().await);
    }
    tasks
}

fn standing(rig: &Rig, account: &str) -> Standing {
    rig.engine.standing(account).expect("the account is known")
}

/// Gives the rig's account other terms.
fn on_terms(rig: &Rig, account: Account) {
    let provider: Arc<dyn Provider> = Arc::clone(&rig.provider) as _;
    rig.engine.enlist(vec![(account, provider)]);
}

/// Plugs a second account in, which is asked only where the first has no room.
fn with_spare(rig: &Rig, slots: u32) -> Arc<Scripted> {
    let spare = Arc::new(Scripted::new());
    let first = Account {
        priority: 1,
        ..Scripted::account(slots)
    };
    let second = Account {
        name: SPARE.to_owned(),
        ..Scripted::account(slots)
    };
    let accounts: Vec<(Account, Arc<dyn Provider>)> = vec![
        (first, Arc::clone(&rig.provider) as _),
        (second, Arc::clone(&spare) as _),
    ];
    rig.engine.enlist(accounts);
    spare
}

#[tokio::test]
async fn a_tenant_with_a_long_queue_keeps_nobody_waiting() {
    let mut rig = Rig::with(Scripted::new(), 2).await;
    rig.provider.on_look((0..2).map(|_| OnLook::Running(None)));
    let many = submit(&rig, 40).await;
    rig.crank().await;
    rig.credit(sample::tenant(2), Micros(1_000_000_000)).await;
    rig.caller.tenant = sample::tenant(2);
    let few = submit(&rig, 4).await;
    // Each turn of the clock ends the tasks in flight, whose slots are given on.
    while begun(&rig, &few).await < few.len() {
        rig.crank_after(1_500).await;
    }
    let served = begun(&rig, &many).await;
    assert!(served <= 8, "{served} tasks of the long queue came before");
    rig.books().await;
}

#[tokio::test]
async fn two_processes_never_take_more_slots_than_an_account_has() {
    let rig = Rig::over(Scripted::new(), 3, Some(cluster().database())).await;
    let twin = rig.twin().await;
    rig.provider.on_look((0..60).map(|_| OnLook::Running(None)));
    let tasks = submit(&rig, 12).await;
    for _ in 0..60 {
        rig.crank().await;
        twin.crank().await.expect("the belts turn");
        let running = count(&rig, &tasks, StateWord::Running).await;
        assert!(running <= 3, "{running} tasks on three slots");
        rig.clock.advance_ms(600);
    }
    assert_eq!(count(&rig, &tasks, StateWord::Succeeded).await, tasks.len());
    assert_eq!(rig.provider.jobs(), (12, 1));
    rig.books().await;
}

#[tokio::test]
async fn slots_that_a_restart_has_not_found_again_are_not_given_twice() {
    let rig = Rig::with(Scripted::new(), 2).await;
    rig.provider.on_look((0..20).map(|_| OnLook::Running(None)));
    let tasks = submit(&rig, 2).await;
    rig.crank().await;
    let rig = rig.restart().await;
    // This process knows of no task in flight; the rows do.
    let store = Arc::clone(rig.engine.store());
    let claim = domain::store::Claim {
        node: "another".to_owned(),
        now: sample::at(0),
        lease_until: sample::at(60_000),
        states: vec![StateWord::Running],
        lanes: None,
        after: None,
        limit: 9,
    };
    assert_eq!(store.claim(&claim).await.expect("a claim").len(), 2);
    let more = submit(&rig, 2).await;
    rig.crank().await;
    assert_eq!(count(&rig, &more, StateWord::Queued).await, 2);
    assert_eq!(rig.provider.jobs(), (2, 1));
    // Once the other's leases are over, all are done.
    for _ in 0..80 {
        rig.crank_after(2_000).await;
    }
    let all = [tasks, more].concat();
    assert_eq!(count(&rig, &all, StateWord::Succeeded).await, 4);
}

#[tokio::test]
async fn what_a_vendor_refuses_lowers_the_limit_and_what_it_takes_raises_it_again() {
    let rig = Rig::new().await;
    let full = (0..3).map(|_| OnSubmit::Accept);
    rig.provider
        .on_submit(full.chain((0..5).map(|_| OnSubmit::Busy(None))));
    let tasks = submit(&rig, 40).await;
    rig.crank().await;
    let now = standing(&rig, MAIN);
    assert_eq!((now.slots, now.learned_limit, now.in_flight), (8, 3, 3));
    let reason = now.last_error.map(|(_, reason)| reason);
    assert_eq!(reason.as_deref(), Some("too many parallel tasks"));
    let mut highest = 0;
    for _ in 0..120 {
        rig.crank_after(1_500).await;
        let limit = standing(&rig, MAIN).learned_limit;
        assert!(limit <= highest.max(3) + 1, "one at a time");
        highest = highest.max(limit);
    }
    assert_eq!(count(&rig, &tasks, StateWord::Succeeded).await, 40);
    assert!(highest > 3, "the limit never rose");
    rig.books().await;
}

#[tokio::test]
async fn a_busy_answer_waits_for_the_longer_of_the_back_off_and_what_was_asked() {
    let rig = Rig::new().await;
    rig.provider.on_submit([OnSubmit::Busy(Some(1))]);
    let id = rig.submit().await;
    rig.crank().await;
    rig.crank_after(300).await;
    assert_eq!(rig.state(id).await, StateWord::Queued, "the back-off is longer");
    rig.crank_after(300).await;
    assert_eq!(rig.state(id).await, StateWord::Running);
}

#[tokio::test]
async fn calls_a_second_are_never_exceeded() {
    let rig = Rig::new().await;
    on_terms(
        &rig,
        Account {
            requests_per_second: Some(3),
            ..Scripted::account(8)
        },
    );
    rig.provider.on_look((0..30).map(|_| OnLook::Running(None)));
    let tasks = submit(&rig, 12).await;
    let mut calls = vec![0];
    for _ in 0..160 {
        rig.crank().await;
        calls.push(rig.provider.calls());
        rig.clock.advance_ms(250);
    }
    for second in calls.windows(5) {
        assert!(second[4] - second[0] <= 3, "{calls:?}");
    }
    assert_eq!(count(&rig, &tasks, StateWord::Succeeded).await, 12);
    let most = calls.windows(5).map(|second| second[4] - second[0]).max();
    assert_eq!(most, Some(3), "what is allowed is used");
}

#[tokio::test]
async fn a_newcomer_is_handed_over_as_soon_as_calls_are_allowed_again() {
    let rig = Rig::new().await;
    let terms = Account {
        requests_per_second: Some(2),
        ..Scripted::account(8)
    };
    on_terms(&rig, terms);
    // From its first look on the upstream wants to be left alone: looks would take calls, too.
    rig.provider.on_look([OnLook::Later(60_000)]);
    rig.submit().await;
    for _ in 0..20 {
        rig.crank_after(500).await;
    }
    assert_eq!(rig.provider.look_count(), 1);
    let first = rig.submit().await;
    rig.crank().await;
    rig.clock.advance_ms(550);
    let second = rig.submit().await;
    rig.crank().await;
    assert_eq!(begun(&rig, &[first, second]).await, 2);
    // Both calls of this second are made, and the queue has been looked at.
    rig.clock.advance_ms(50);
    let newcomer = rig.submit().await;
    rig.crank().await;
    rig.crank_after(350).await;
    assert_eq!(rig.state(newcomer).await, StateWord::Queued, "50 ms too early");
    rig.crank_after(50).await;
    assert_eq!(begun(&rig, &[newcomer]).await, 1);
}

#[tokio::test]
async fn an_account_that_lets_nobody_in_is_left_alone_while_another_serves() {
    let rig = Rig::new().await;
    let early = rig.submit().await;
    rig.provider
        .on_look([OnLook::Running(None), OnLook::Running(None)]);
    rig.crank().await;
    let spare = with_spare(&rig, 8);
    // Seven come at once, for one slot is taken; the last one is for the probe.
    rig.provider.on_submit((0..8).map(|_| OnSubmit::Jam(Jam::Login)));
    let tasks = submit(&rig, 8).await;
    for _ in 0..12 {
        rig.crank_after(500).await;
    }
    assert_eq!(
        count(&rig, &tasks, StateWord::Queued).await,
        0,
        "nobody waits for it"
    );
    assert_eq!(spare.jobs(), (8, 1));
    assert_eq!(standing(&rig, MAIN).breaker, BreakerState::Open);
    assert_eq!(rig.state(early).await, StateWord::Succeeded, "looks go on");
    // After a while one task is tried; it fails, and the account is left alone for longer.
    let before = rig.provider.calls();
    rig.crank_after(60_000).await;
    let probe = submit(&rig, 4).await;
    rig.crank().await;
    assert_eq!(rig.provider.calls() - before, 1, "one probe");
    assert_eq!(standing(&rig, MAIN).breaker, BreakerState::Open);
    // The next one is taken: the account is back.
    rig.crank_after(60_000).await;
    let back = submit(&rig, 3).await;
    rig.crank().await;
    rig.crank().await;
    assert_eq!(standing(&rig, MAIN).breaker, BreakerState::Closed);
    for _ in 0..8 {
        rig.crank_after(2_000).await;
    }
    let all = [tasks, probe, back].concat();
    assert_eq!(count(&rig, &all, StateWord::Succeeded).await, all.len());
    rig.books().await;
}

#[tokio::test]
async fn what_is_wrong_with_one_task_is_not_held_against_the_account() {
    let rig = Rig::new().await;
    rig.provider.on_submit((0..7).map(|_| OnSubmit::Jam(Jam::Here)));
    let tasks = submit(&rig, 8).await;
    rig.crank().await;
    assert_eq!(count(&rig, &tasks, StateWord::Running).await, 1);
    assert_eq!(standing(&rig, MAIN).breaker, BreakerState::Closed);
    assert_eq!(standing(&rig, MAIN).learned_limit, 8);
}

#[tokio::test]
async fn looks_are_rare_until_a_task_is_expected_to_end_and_dense_then() {
    let rig = Rig::new().await;
    for _ in 0..5 {
        rig.provider.on_look((0..64).map(|_| OnLook::Running(None)));
        let id = rig.submit().await;
        while rig.state(id).await != StateWord::Succeeded {
            rig.crank_after(500).await;
        }
    }
    // Each of them took about a minute.
    rig.provider.on_look((0..500).map(|_| OnLook::Running(None)));
    rig.submit().await;
    rig.crank().await;
    let looks = |before: u64| rig.provider.look_count() - before;
    let mut before = rig.provider.look_count();
    for _ in 0..90 {
        rig.crank_after(500).await;
    }
    assert!(
        (1..=6).contains(&looks(before)),
        "{} looks in 45 s",
        looks(before)
    );
    for _ in 0..20 {
        rig.crank_after(500).await;
    }
    before = rig.provider.look_count();
    for _ in 0..10 {
        rig.crank_after(500).await;
    }
    assert!(looks(before) >= 4, "{} looks in 5 s", looks(before));
    // Long after the expected end they become rare again, but never rarer than the ceiling.
    for _ in 0..1_000 {
        rig.crank_after(500).await;
    }
    before = rig.provider.look_count();
    for _ in 0..128 {
        rig.crank_after(500).await;
    }
    assert!(
        (2..=4).contains(&looks(before)),
        "{} looks in 64 s",
        looks(before)
    );
}

#[tokio::test]
async fn nobody_is_looked_at_before_the_upstream_said() {
    let rig = Rig::new().await;
    rig.provider.on_look([OnLook::Later(20_000)]);
    let first = rig.submit().await;
    rig.crank().await;
    rig.clock.advance_ms(600);
    let second = rig.submit().await;
    rig.crank().await;
    rig.crank_after(400).await;
    let asked = rig.provider.look_count();
    for _ in 0..18 {
        rig.crank_after(1_000).await;
    }
    assert_eq!(rig.provider.look_count(), asked, "all tasks of the account wait");
    rig.crank_after(2_000).await;
    rig.crank_after(20_000).await;
    for task in [first, second] {
        assert_eq!(rig.state(task).await, StateWord::Succeeded);
    }
}

#[tokio::test]
async fn a_look_that_hangs_ends_and_keeps_the_task() {
    let rig = Rig::new().await;
    rig.provider.on_look([OnLook::Hang]);
    let id = rig.submit().await;
    rig.crank().await;
    rig.crank_after(1_500).await;
    assert_eq!(rig.state(id).await, StateWord::Running);
    let said = standing(&rig, MAIN).last_error.map(|(_, reason)| reason);
    assert_eq!(said.as_deref(), Some("no answer within the time-out"));
    rig.crank_after(1_500).await;
    assert_eq!(rig.state(id).await, StateWord::Succeeded);
}

#[tokio::test]
async fn a_stop_that_hangs_ends_and_the_task_goes_on() {
    let rig = Rig::new().await;
    rig.provider.on_look([OnLook::Running(None)]);
    let id = rig.submit().await;
    rig.crank().await;
    rig.provider.hangs(true);
    let cancelled = rig.engine.cancel(rig.caller.tenant, &id.prefixed()).await;
    cancelled.expect("a running task takes the wish");
    rig.crank().await;
    assert_eq!(rig.state(id).await, StateWord::Running);
    rig.crank_after(1_500).await;
    assert_eq!(rig.state(id).await, StateWord::Cancelled);
    rig.books().await;
}

#[tokio::test]
async fn a_look_up_that_hangs_ends_and_is_made_again() {
    let rig = Rig::new().await;
    rig.provider.on_submit([OnSubmit::AcceptAndLoseReply]);
    rig.provider.hangs(true);
    let id = rig.submit().await;
    rig.crank().await;
    rig.crank_after(1_000).await;
    assert_eq!(rig.state(id).await, StateWord::Unknown);
    assert_eq!(rig.provider.lookup_count(), 1);
    rig.provider.hangs(false);
    rig.crank_after(5_000).await;
    rig.crank_after(2_000).await;
    assert_eq!(rig.state(id).await, StateWord::Succeeded);
    assert_eq!(rig.provider.jobs(), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_whose_calls_hang_delays_only_itself() {
    let rig = Rig::new().await;
    // More than may be under way at once: without bounds of its own it would take every place.
    on_terms(&rig, Scripted::account(2_000));
    rig.provider.on_submit((0..400).map(|_| OnSubmit::Hang));
    submit(&rig, 400).await;
    let stop = CancellationToken::new();
    let belts = tokio::spawn(Arc::clone(&rig.engine).run(stop.clone()));
    while rig.provider.calls() < 64 {
        tokio::task::yield_now().await;
    }
    let spare = Arc::new(Scripted::new());
    let main = Scripted::account(0);
    let second = Account {
        name: SPARE.to_owned(),
        ..Scripted::account(8)
    };
    let accounts: Vec<(Account, Arc<dyn Provider>)> = vec![
        (main, Arc::clone(&rig.provider) as _),
        (second, Arc::clone(&spare) as _),
    ];
    rig.engine.enlist(accounts);
    let served = async {
        while spare.jobs().0 == 0 {
            tokio::task::yield_now().await;
        }
    };
    let served = tokio::time::timeout(Duration::from_secs(20), served).await;
    served.expect("the other account serves while the first one hangs");
    stop.cancel();
    belts.await.expect("the belts end");
}

#[tokio::test]
async fn a_place_in_the_queue_follows_the_turns_and_what_tasks_took() {
    let mut rig = Rig::with(Scripted::new(), 1).await;
    rig.provider.on_look((0..8).map(|_| OnLook::Running(None)));
    let first = submit(&rig, 1).await;
    while rig.state(first[0]).await != StateWord::Succeeded {
        rig.crank_after(500).await;
    }
    rig.provider.on_look((0..400).map(|_| OnLook::Running(None)));
    let many = submit(&rig, 21).await;
    rig.crank().await;
    rig.credit(sample::tenant(2), Micros(1_000_000_000)).await;
    rig.caller.tenant = sample::tenant(2);
    rig.clock.advance_ms(10);
    let few = submit(&rig, 2).await;
    let place = async |id: TaskId| rig.engine.place(&*rig.task(id).await);
    assert_eq!(place(few[0]).await, None, "nobody has counted yet");
    rig.crank_after(2_100).await;
    let place = async |id: TaskId| place(id).await.expect("a place by now");
    let (next, second) = (place(few[0]).await, place(few[1]).await);
    assert!(next.position <= 3, "{next:?}");
    assert!(second.position <= 5, "{second:?}");
    let last = place(many[20]).await;
    assert!((15..=22).contains(&last.position), "{last:?}");
    let waits = [next, second, last].map(|place| place.eta_seconds.expect("one task was seen"));
    assert!(waits[0] <= waits[1] && waits[1] < waits[2], "{waits:?}");
    assert!(
        (5..=40).contains(&waits[0]),
        "a task takes about eight seconds: {waits:?}"
    );
    assert_eq!(rig.engine.place(&*rig.task(first[0]).await), None);
    // What nobody asks for is not counted, and an old count is not told.
    rig.clock.advance_ms(20_000);
    assert_eq!(rig.engine.place(&*rig.task(few[0]).await), None);
}
