//! Calls a second: never more than allowed in any second, and how many there were in the last one. Own
//! code instead of a crate's leaky bucket: a bucket of `n` lets twice `n` through in its first second.

use std::collections::VecDeque;

use domain::Millis;

/// The window, in milliseconds.
const SECOND_MS: i64 = 1_000;
/// Most calls a second that are told apart: more than one account ever gets.
const CALLS_MOST: usize = 10_000;

/// The calls of the last second.
#[derive(Default)]
pub(super) struct Rate {
    most: Option<usize>,
    calls: VecDeque<Millis>,
}

impl Rate {
    /// Allows so many calls a second; none: as many as there is work for.
    pub(super) fn allow(&mut self, calls_a_second: Option<u32>) {
        let most = calls_a_second.map(|calls| usize::try_from(calls).unwrap_or(usize::MAX));
        self.most = most.map(|most| most.clamp(1, CALLS_MOST));
    }

    /// Calls that may be made now.
    pub(super) fn left(&self, now: Millis) -> usize {
        match self.most {
            Some(most) => most.saturating_sub(self.last_second(now)),
            None => usize::MAX,
        }
    }

    /// Counts a call.
    pub(super) fn count(&mut self, now: Millis) {
        while self.calls.front().is_some_and(|call| is_over(*call, now)) || self.calls.len() >= CALLS_MOST {
            self.calls.pop_front();
        }
        self.calls.push_back(now);
    }

    /// When the next call may be made, where none may now.
    pub(super) fn opens_at(&self, now: Millis) -> Option<Millis> {
        if self.left(now) > 0 {
            return None;
        }
        let oldest = self.calls.iter().find(|call| !is_over(**call, now));
        oldest.map(|call| call.plus(SECOND_MS))
    }

    /// Calls of the last second.
    pub(super) fn last_second(&self, now: Millis) -> usize {
        self.calls
            .iter()
            .rev()
            .take_while(|call| !is_over(**call, now))
            .count()
    }
}

/// Whether a call is no longer of the last second. One from the future, after a clock was set back, is.
fn is_over(call: Millis, now: Millis) -> bool {
    !(0..SECOND_MS).contains(&now.since(call))
}
