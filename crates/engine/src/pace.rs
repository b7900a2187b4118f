//! How fast: which tasks take which account's slots, how many calls an account gets, when it is left
//! alone for a while, and when a task is looked at again. Everything here is one process's memory and may
//! be lost; that an account never has more tasks in flight than slots is held by the store.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::provider::Jam;
use domain::{Clock, Ids, Millis, Task, TaskId};
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::Engine;
use crate::roster::Post;

mod breaker;
mod cadence;
mod gauge;
mod limit;
mod places;
mod rate;

pub use breaker::BreakerState;
pub use gauge::Standing;

use gauge::Gauge;
pub(crate) use places::Places;

/// Share of a pause by which it is shortened at most, in percent, so that looks spread.
const JITTER_PERCENT: u64 = 20;
/// Longest pause between tries, in milliseconds.
const MAX_BACKOFF_MS: u64 = 60_000;
/// First pause between tries, in milliseconds.
const FIRST_BACKOFF_MS: u64 = 500;
/// How long an account is left alone whose slots other processes have taken, in milliseconds.
const FULL_ELSEWHERE_MS: i64 = 500;

/// A kind of work at an account, of which only so much goes on side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Chore {
    /// Handing tasks over.
    Submit,
    /// Asking how far tasks are.
    Look,
    /// Everything else that a single task needs there.
    Visit,
    /// Fetching the input media of a task, which has no account yet.
    Fetch,
}

/// What became of a submit, as far as the account's pace is concerned.
pub(crate) enum Verdict<'a> {
    /// The upstream took the task.
    Taken,
    /// The upstream answered that it never will.
    Refused,
    /// It was not taken now.
    Jammed {
        jam: Jam,
        retry_after_ms: Option<u64>,
        why: &'a str,
    },
    /// Nobody knows.
    Doubtful(&'a str),
}

/// Gauges of accounts, and who takes which slot. Slots are counted in tasks that the vendor has or may have.
#[derive(Default)]
struct Panel {
    gauges: HashMap<Arc<str>, Gauge>,
    taken: HashMap<TaskId, Arc<str>>,
}

/// The pace of every account.
pub(crate) struct Pace {
    clock: Arc<dyn Clock>,
    /// When this process began, by both clocks.
    started: (Millis, u64),
    panel: Arc<Mutex<Panel>>,
    bell: Arc<Notify>,
    /// Whether submits ended that kept others from being handed over.
    reopened: Arc<AtomicBool>,
}

/// Leave for one piece of work at an account; dropping it makes room for the next.
pub(crate) struct Permit {
    panel: Arc<Mutex<Panel>>,
    bell: Arc<Notify>,
    reopened: Arc<AtomicBool>,
    account: Arc<str>,
    chore: Chore,
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(gauge) = self.panel.lock().gauges.get_mut(&self.account)
            && gauge.end(self.chore)
        {
            self.reopened.store(true, Ordering::Relaxed);
        }
        self.bell.notify_one();
    }
}

impl Panel {
    fn gauge(&mut self, account: &str) -> &mut Gauge {
        if !self.gauges.contains_key(account) {
            self.gauges.insert(Arc::from(account), Gauge::default());
        }
        self.gauges.get_mut(account).expect("it was just put there")
    }

    fn take(&mut self, task: TaskId, account: &str) {
        self.give_back(task);
        self.gauge(account).in_flight += 1;
        let name = self
            .gauges
            .get_key_value(account)
            .map(|(name, _)| Arc::clone(name));
        self.taken
            .insert(task, name.unwrap_or_else(|| Arc::from(account)));
    }

    fn give_back(&mut self, task: TaskId) -> bool {
        let Some(account) = self.taken.remove(&task) else {
            return false;
        };
        let gauge = self.gauge(&account);
        gauge.in_flight = gauge.in_flight.saturating_sub(1);
        gauge.breaker.let_go(task);
        true
    }
}

impl Pace {
    pub(crate) fn new(posts: &[Arc<Post>], clock: Arc<dyn Clock>, bell: Arc<Notify>) -> Pace {
        let pace = Pace {
            started: (clock.now(), clock.monotonic_ms()),
            clock,
            panel: Arc::default(),
            bell,
            reopened: Arc::default(),
        };
        pace.enlist(posts);
        pace
    }

    /// The moment by which this process's own timers go: as the clock on the wall said at the start, and
    /// steady since. A clock that is set back must not put looks off for as long.
    pub(crate) fn now(&self) -> Millis {
        let elapsed = self.clock.monotonic_ms().saturating_sub(self.started.1);
        self.started.0.plus(i64::try_from(elapsed).unwrap_or(i64::MAX))
    }

    /// Forgets all tasks: none of them is known to be this node's. What was learned stays.
    pub(crate) fn clear(&self) {
        let mut panel = self.panel.lock();
        let tasks: Vec<TaskId> = panel.taken.keys().copied().collect();
        for task in tasks {
            panel.give_back(task);
        }
    }

    /// Paces other accounts from now on. What tasks take stays taken, and what was learned of an account
    /// stays learned as long as it is enlisted or has tasks in flight.
    pub(crate) fn enlist(&self, posts: &[Arc<Post>]) {
        let mut panel = self.panel.lock();
        for gauge in panel.gauges.values_mut() {
            gauge.retire();
        }
        for post in posts {
            panel.gauge(&post.account.name).enlist(&post.account);
        }
        panel.gauges.retain(|_, gauge| !gauge.is_idle());
    }

    /// Tasks that an account could be handed now.
    pub(crate) fn free(&self, account: &str) -> usize {
        let now = self.now();
        let panel = self.panel.lock();
        panel.gauges.get(account).map_or(0, |gauge| gauge.free(now))
    }

    /// Takes a slot, and a call, for a task that is about to be submitted; false when there is none.
    pub(crate) fn reserve(&self, task: TaskId, account: &str) -> bool {
        let now = self.now();
        let mut panel = self.panel.lock();
        if !panel.gauge(account).admit(now, task) {
            return false;
        }
        panel.take(task, account);
        true
    }

    /// Writes down what a task takes after a change; true when a slot came free.
    pub(crate) fn note(&self, task: &Task) -> bool {
        let mut panel = self.panel.lock();
        let Some(account) = task.occupies() else {
            return panel.give_back(task.id());
        };
        if panel.taken.get(&task.id()).is_none_or(|by| &**by != account) {
            panel.take(task.id(), account);
        }
        false
    }

    /// Forgets a task that this node does not have any more.
    pub(crate) fn forget(&self, task: TaskId) {
        self.panel.lock().give_back(task);
    }

    /// The most tasks that an account may have in flight, for the store to hold.
    pub(crate) fn slots(&self, account: &str) -> u32 {
        let panel = self.panel.lock();
        let slots = panel.gauges.get(account).map_or(0, |gauge| gauge.slots);
        u32::try_from(slots).unwrap_or(u32::MAX)
    }

    /// Writes down that all slots are taken, by other processes too.
    pub(crate) fn full_elsewhere(&self, account: &str) {
        let until = self.now().plus(FULL_ELSEWHERE_MS);
        self.panel.lock().gauge(account).hold(until);
    }

    /// Learns from what became of a submit.
    pub(crate) fn learn(&self, account: &str, verdict: &Verdict<'_>) {
        let now = self.now();
        self.panel.lock().gauge(account).learn(now, verdict);
    }

    /// Learns how long a task took from its submit to its end.
    pub(crate) fn observe(&self, account: &str, task: &Task, took_ms: i64) {
        let operation = task.origin.ask.operation.word();
        let mut panel = self.panel.lock();
        panel
            .gauge(account)
            .cadence
            .observe(&task.origin.lane, operation, took_ms);
    }

    /// The pause until the next look at a running task, by how long such tasks take there.
    pub(crate) fn until_look(&self, post: &Post, task: &Task, since: Option<Millis>, ids: &dyn Ids) -> i64 {
        let floor = post.provider.manifest().poll_interval_ms;
        let age = since.map(|since| self.now().since(since));
        let operation = task.origin.ask.operation.word();
        let panel = self.panel.lock();
        let pause = panel.gauges.get(&*post.account.name).map_or(floor, |gauge| {
            gauge.cadence.until_look(&task.origin.lane, operation, age, floor)
        });
        jittered(pause, ids)
    }

    /// How long tasks of a lane take, by everything that was observed of it, in milliseconds.
    pub(crate) fn usual_ms(&self, lane: &str) -> Option<u64> {
        let panel = self.panel.lock();
        let usual = panel
            .gauges
            .values()
            .filter_map(|gauge| gauge.cadence.usual_ms(lane));
        let (count, sum) = usual.fold((0_u64, 0_u64), |(count, sum), usual| {
            (count + 1, sum.saturating_add(usual))
        });
        sum.checked_div(count)
    }

    /// Slots of an account, as far as it is known to have them: the vendor may have shown that there are
    /// fewer than its owner says.
    pub(crate) fn usable(&self, account: &str) -> usize {
        let panel = self.panel.lock();
        panel.gauges.get(account).map_or(0, Gauge::usable)
    }

    /// How many pieces of work of a kind may begin at an account now.
    pub(crate) fn room(&self, account: &str, chore: Chore) -> usize {
        let now = self.now();
        self.panel.lock().gauge(account).room(now, chore)
    }

    /// When work of a kind may begin at an account again; none: when some of it ends.
    pub(crate) fn opens_at(&self, account: &str, chore: Chore) -> Option<Millis> {
        let now = self.now();
        self.panel.lock().gauge(account).opens_at(now, chore)
    }

    /// When accounts that time alone keeps from new tasks take some again.
    pub(crate) fn next_opening(&self) -> Option<Millis> {
        let now = self.now();
        let panel = self.panel.lock();
        let openings = panel.gauges.values().filter_map(|gauge| gauge.reopens_at(now));
        openings.min()
    }

    /// Whether submits have ended that kept others from being handed over; asked once.
    pub(crate) fn has_reopened(&self) -> bool {
        self.reopened.swap(false, Ordering::Relaxed)
    }

    /// Begins a piece of work, which takes a call where it is a look.
    pub(crate) fn begin(&self, account: &str, chore: Chore) -> Permit {
        let now = self.now();
        let mut panel = self.panel.lock();
        panel.gauge(account).begin(now, chore);
        let name = panel
            .gauges
            .get_key_value(account)
            .map(|(name, _)| Arc::clone(name));
        Permit {
            panel: Arc::clone(&self.panel),
            bell: Arc::clone(&self.bell),
            reopened: Arc::clone(&self.reopened),
            account: name.unwrap_or_else(|| Arc::from(account)),
            chore,
        }
    }

    /// Learns from a look that failed: where the upstream said so, nobody looks before that.
    pub(crate) fn look_failed(&self, account: &str, retry_after_ms: Option<u64>, why: &str) {
        let now = self.now();
        self.panel
            .lock()
            .gauge(account)
            .look_failed(now, retry_after_ms, why);
    }
}

impl Engine {
    /// How an account stands: what it has in flight, what was learned of it, and what went wrong last.
    /// None for a name that nobody here has heard.
    #[must_use]
    pub fn standing(&self, account: &str) -> Option<Standing> {
        let now = self.timer();
        let panel = self.pace.panel.lock();
        panel
            .gauges
            .get(account)
            .map(|gauge| gauge.standing(account, now))
    }
}

/// A pause with jitter: up to a fifth shorter, never longer.
pub(crate) fn jittered(pause_ms: u64, ids: &dyn Ids) -> i64 {
    let spread = pause_ms.saturating_mul(JITTER_PERCENT) / 100;
    let off = ids.chance() % (spread + 1);
    i64::try_from(pause_ms - off).unwrap_or(i64::MAX)
}

/// The pause before the `n`th try (from one), doubling, with jitter.
pub(crate) fn backoff(tries: u32, ids: &dyn Ids) -> i64 {
    jittered(doubled(tries), ids)
}

/// The pause before the `n`th try (from one), in milliseconds.
fn doubled(tries: u32) -> u64 {
    let doubled = FIRST_BACKOFF_MS.saturating_mul(1 << tries.saturating_sub(1).min(16));
    doubled.min(MAX_BACKOFF_MS)
}
