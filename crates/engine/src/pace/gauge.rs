//! The gauge of one account: what it has in flight, how much of each kind of work goes on there, and what
//! keeps it from more.

use domain::provider::{Account, Jam};
use domain::{Millis, TaskId};

use super::breaker::{Breaker, BreakerState};
use super::cadence::Cadence;
use super::limit::Limit;
use super::rate::Rate;
use super::{Chore, Verdict, doubled};

/// Most submits of one account under way at once: one that hangs takes a place until its time-out.
const SUBMITS_AT_ONCE: usize = 64;
/// Most look calls of one account under way at once.
const LOOKS_AT_ONCE: usize = 64;
/// Most other steps of one account under way at once.
const VISITS_AT_ONCE: usize = 64;
/// Longest time for which an upstream may have itself left alone, in milliseconds.
const LONGEST_HOLD_MS: u64 = 3_600_000;
/// Most bytes of an upstream's words that are kept to be shown.
const REASON_BYTES: usize = 300;

/// How an account stands, for its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The account's name.
    pub account: String,
    /// Slots, as its owner says.
    pub slots: usize,
    /// Slots that the vendor is known to give; fewer than `slots` after it refused one more.
    pub learned_limit: usize,
    /// Tasks of this process that the vendor has or may have.
    pub in_flight: usize,
    /// Whether new tasks are handed over.
    pub breaker: BreakerState,
    /// When new tasks are handed over again, where time alone keeps them.
    pub reopens_at: Option<Millis>,
    /// Submits and looks of this process in the last second.
    pub requests_last_second: usize,
    /// What went wrong last, and when. The upstream's words, without secrets.
    pub last_error: Option<(Millis, String)>,
}

/// The gauge.
#[derive(Default)]
pub(super) struct Gauge {
    pub(super) slots: usize,
    pub(super) in_flight: usize,
    pub(super) breaker: Breaker,
    pub(super) cadence: Cadence,
    limit: Limit,
    rate: Rate,
    is_enlisted: bool,
    /// Nothing is handed over before.
    held_until: Millis,
    /// Nobody looks before.
    unseen_until: Millis,
    /// Times in a row that a submit met with a jam.
    jams: u32,
    submits: usize,
    looks: usize,
    visits: usize,
    last_error: Option<(Millis, String)>,
}

impl Gauge {
    pub(super) fn enlist(&mut self, account: &Account) {
        self.is_enlisted = true;
        self.slots = usize::try_from(account.slots).unwrap_or(usize::MAX);
        self.rate.allow(account.requests_per_second);
    }

    pub(super) fn retire(&mut self) {
        self.is_enlisted = false;
        self.slots = 0;
    }

    pub(super) fn is_idle(&self) -> bool {
        let under_way = self.submits + self.looks + self.visits;
        !self.is_enlisted && self.in_flight == 0 && under_way == 0
    }

    pub(super) fn usable(&self) -> usize {
        self.limit.of(self.slots)
    }

    /// Tasks that could be handed over now.
    pub(super) fn free(&self, now: Millis) -> usize {
        if now < self.held_until {
            return 0;
        }
        let slots = self.usable().saturating_sub(self.in_flight);
        let places = SUBMITS_AT_ONCE.saturating_sub(self.submits);
        let most = slots.min(places).min(self.rate.left(now));
        self.breaker.lets_through(now, most)
    }

    /// Lets a task through, if there is room for it.
    pub(super) fn admit(&mut self, now: Millis, task: TaskId) -> bool {
        if self.free(now) == 0 {
            return false;
        }
        self.rate.count(now);
        self.breaker.hand_over(now, task);
        true
    }

    /// When time lets new tasks through that it keeps now; none where it keeps none.
    pub(super) fn reopens_at(&self, now: Millis) -> Option<Millis> {
        let held = (now < self.held_until).then_some(self.held_until);
        let waits = [held, self.breaker.opens_at(now), self.rate.opens_at(now)];
        waits.into_iter().flatten().max()
    }

    pub(super) fn hold(&mut self, until: Millis) {
        self.held_until = self.held_until.max(until);
    }

    pub(super) fn learn(&mut self, now: Millis, verdict: &Verdict<'_>) {
        match verdict {
            Verdict::Taken => {
                self.limit.rise(self.slots, now);
                self.answered();
            }
            Verdict::Refused => self.answered(),
            Verdict::Doubtful(why) => {
                self.breaker.fail(now);
                self.went_wrong(now, why);
            }
            Verdict::Jammed {
                jam,
                retry_after_ms,
                why,
            } => {
                self.jammed(now, *jam, *retry_after_ms);
                self.went_wrong(now, why);
            }
        }
    }

    fn answered(&mut self) {
        self.jams = 0;
        self.breaker.close();
    }

    fn jammed(&mut self, now: Millis, jam: Jam, retry_after_ms: Option<u64>) {
        if jam == Jam::Here {
            return;
        }
        self.jams = self.jams.saturating_add(1);
        let pause = doubled(self.jams).max(retry_after_ms.unwrap_or(0));
        let until = now.plus(i64::try_from(pause.min(LONGEST_HOLD_MS)).unwrap_or(i64::MAX));
        match jam {
            Jam::Slots => {
                let carried = self.in_flight.saturating_sub(1);
                self.limit.fall(carried, self.slots, now);
                self.breaker.close();
                // Somebody else uses the login too: there is no end of a task of ours to wait for.
                if carried == 0 {
                    self.hold(until);
                }
            }
            Jam::Rate => {
                self.breaker.close();
                self.hold(until);
                self.unseen_until = self.unseen_until.max(until);
            }
            Jam::Login | Jam::Upstream => {
                self.breaker.fail(now);
                self.hold(until);
            }
            Jam::Here => {}
        }
    }

    pub(super) fn look_failed(&mut self, now: Millis, retry_after_ms: Option<u64>, why: &str) {
        if let Some(pause) = retry_after_ms {
            let until = now.plus(i64::try_from(pause.min(LONGEST_HOLD_MS)).unwrap_or(i64::MAX));
            self.unseen_until = self.unseen_until.max(until);
        }
        self.went_wrong(now, why);
    }

    fn went_wrong(&mut self, now: Millis, why: &str) {
        let end = why.floor_char_boundary(REASON_BYTES);
        self.last_error = Some((now, why[..end].to_owned()));
    }

    /// Pieces of work that may begin now.
    pub(super) fn room(&self, now: Millis, chore: Chore) -> usize {
        match chore {
            Chore::Submit => self.free(now),
            Chore::Visit => VISITS_AT_ONCE.saturating_sub(self.visits),
            Chore::Look if now < self.unseen_until => 0,
            Chore::Look => LOOKS_AT_ONCE.saturating_sub(self.looks).min(self.rate.left(now)),
        }
    }

    /// When work of a kind may begin; none: when some of it ends.
    pub(super) fn opens_at(&self, now: Millis, chore: Chore) -> Option<Millis> {
        match chore {
            Chore::Submit => self.reopens_at(now),
            Chore::Visit => (self.visits < VISITS_AT_ONCE).then_some(now),
            Chore::Look if self.looks >= LOOKS_AT_ONCE => None,
            Chore::Look => Some(
                self.rate
                    .opens_at(now)
                    .map_or(now, |at| at.max(now))
                    .max(self.unseen_until),
            ),
        }
    }

    pub(super) fn begin(&mut self, now: Millis, chore: Chore) {
        match chore {
            Chore::Submit => self.submits += 1,
            Chore::Visit => self.visits += 1,
            Chore::Look => {
                self.rate.count(now);
                self.looks += 1;
            }
        }
    }

    /// Ends a piece of work. True where many submits kept others waiting, and half of them are done.
    pub(super) fn end(&mut self, chore: Chore) -> bool {
        let under_way = match chore {
            Chore::Submit => &mut self.submits,
            Chore::Visit => &mut self.visits,
            Chore::Look => &mut self.looks,
        };
        *under_way = under_way.saturating_sub(1);
        chore == Chore::Submit && self.submits == SUBMITS_AT_ONCE / 2
    }

    pub(super) fn standing(&self, account: &str, now: Millis) -> Standing {
        Standing {
            account: account.to_owned(),
            slots: self.slots,
            learned_limit: self.usable(),
            in_flight: self.in_flight,
            breaker: self.breaker.state(now),
            reopens_at: self.reopens_at(now),
            requests_last_second: self.rate.last_second(now),
            last_error: self.last_error.clone(),
        }
    }
}
