//! The breaker: an account whose upstream cannot be reached, breaks down or lets nobody in is left alone,
//! longer each time, and then tried with one task. Looks never ask it and never move it.

use domain::{Millis, TaskId};

/// Failures in a row that open it.
const FAILURES: u32 = 5;
/// How long it is open the first time, in milliseconds; twice as long each further time.
const FIRST_OPEN_MS: i64 = 10_000;
/// How long it is open at most, in milliseconds.
const LONGEST_OPEN_MS: i64 = 300_000;
/// After so many doublings the longest is reached.
const DOUBLINGS_MOST: u32 = 5;

/// Whether new tasks are handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerState {
    /// They are.
    Closed,
    /// They are not, for a while.
    Open,
    /// One is, to see.
    HalfOpen,
}

impl BreakerState {
    /// The state's word in answers, metrics and logs.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            BreakerState::Closed => "closed",
            BreakerState::Open => "open",
            BreakerState::HalfOpen => "half_open",
        }
    }
}

/// The breaker of one account.
#[derive(Default)]
pub(super) struct Breaker {
    failures: u32,
    /// How often in a row it was opened.
    opened: u32,
    until: Millis,
    probe: Option<TaskId>,
}

impl Breaker {
    pub(super) fn state(&self, now: Millis) -> BreakerState {
        match self.opened {
            0 => BreakerState::Closed,
            _ if now < self.until => BreakerState::Open,
            _ => BreakerState::HalfOpen,
        }
    }

    /// How many tasks may be handed over, of so many.
    pub(super) fn lets_through(&self, now: Millis, most: usize) -> usize {
        match self.state(now) {
            BreakerState::Closed => most,
            BreakerState::Open => 0,
            BreakerState::HalfOpen => most.min(usize::from(self.probe.is_none())),
        }
    }

    /// When it is half open, while it is open.
    pub(super) fn opens_at(&self, now: Millis) -> Option<Millis> {
        (self.state(now) == BreakerState::Open).then_some(self.until)
    }

    /// A task is being handed over.
    pub(super) fn hand_over(&mut self, now: Millis, task: TaskId) {
        if self.state(now) == BreakerState::HalfOpen {
            self.probe = Some(task);
        }
    }

    /// A task takes no slot any more: it was the probe, and nothing came of it.
    pub(super) fn let_go(&mut self, task: TaskId) {
        if self.probe == Some(task) {
            self.probe = None;
        }
    }

    /// The upstream answered.
    pub(super) fn close(&mut self) {
        *self = Breaker::default();
    }

    /// The upstream was not reached, broke down or let nobody in. True when that opens it.
    pub(super) fn fail(&mut self, now: Millis) -> bool {
        self.failures = self.failures.saturating_add(1);
        let state = self.state(now);
        if state == BreakerState::Open || (state == BreakerState::Closed && self.failures < FAILURES) {
            return false;
        }
        let open_ms = FIRST_OPEN_MS << self.opened.min(DOUBLINGS_MOST);
        self.until = now.plus(open_ms.min(LONGEST_OPEN_MS));
        self.opened = self.opened.saturating_add(1);
        self.probe = None;
        true
    }
}
