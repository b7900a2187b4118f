//! When to look: how long the last tasks took, by lane and operation, and so when the next look is worth
//! its call. Far from the expected end looks are rare, around it they come as often as the vendor allows.

use std::collections::{HashMap, VecDeque};

/// Tasks that are remembered of each kind.
const REMEMBERED: usize = 32;
/// Tasks that must have been seen before anything is learned from them.
const ENOUGH: usize = 5;
/// Kinds of tasks that are told apart at one account.
const KINDS_MOST: usize = 256;
/// Longest pause between two looks, in milliseconds: no task is seen later than that, whatever was
/// learned. A manifest that asks for longer ones gets them.
const CEILING_MS: u64 = 30_000;
/// One of so many at either end is an odd one, by which nobody goes.
const ODD_ONES_SHARE: usize = 10;
/// How much earlier than the shortest of the remembered ends looks become dense, in percent.
const AHEAD_PERCENT: u64 = 10;
/// Beyond the longest of the remembered ends a pause is this part of the time since.
const BEYOND_SHARE: u64 = 4;

/// How long tasks of one kind took, in milliseconds.
#[derive(Default)]
struct Ends {
    recent: VecDeque<u64>,
}

impl Ends {
    fn spread(&self) -> Option<(u64, u64)> {
        if self.recent.len() < ENOUGH {
            return None;
        }
        let mut recent: Vec<u64> = self.recent.iter().copied().collect();
        recent.sort_unstable();
        let first = recent.get(recent.len() / ODD_ONES_SHARE)?;
        let last = recent.get(recent.len() - 1 - recent.len() / ODD_ONES_SHARE)?;
        Some((first - first * AHEAD_PERCENT / 100, *last))
    }

    fn mean(&self) -> Option<u64> {
        let sum: u64 = self.recent.iter().fold(0, |sum, took| sum.saturating_add(*took));
        sum.checked_div(self.recent.len() as u64)
    }
}

/// The ends of all kinds of tasks at one account.
#[derive(Default)]
pub(super) struct Cadence {
    ends: HashMap<String, HashMap<&'static str, Ends>>,
}

impl Cadence {
    /// Remembers how long a task took.
    pub(super) fn observe(&mut self, lane: &str, operation: &'static str, took_ms: i64) {
        let Ok(took_ms) = u64::try_from(took_ms) else {
            return;
        };
        if !self.ends.contains_key(lane) {
            if self.ends.len() >= KINDS_MOST {
                return;
            }
            self.ends.insert(lane.to_owned(), HashMap::new());
        }
        let Some(ends) = self.ends.get_mut(lane) else {
            return;
        };
        let ends = ends.entry(operation).or_default();
        if ends.recent.len() == REMEMBERED {
            ends.recent.pop_front();
        }
        ends.recent.push_back(took_ms);
    }

    /// How long tasks of a lane take, whatever their operation, in milliseconds.
    pub(super) fn usual_ms(&self, lane: &str) -> Option<u64> {
        let means = self.ends.get(lane)?.values().filter_map(Ends::mean);
        means.max()
    }

    /// The pause until the next look at a task of this age, at least `floor_ms`.
    pub(super) fn until_look(
        &self,
        lane: &str,
        operation: &'static str,
        age_ms: Option<i64>,
        floor_ms: u64,
    ) -> u64 {
        let ends = self.ends.get(lane).and_then(|ends| ends.get(operation));
        let age = age_ms.and_then(|age| u64::try_from(age).ok());
        let (Some((first, last)), Some(age)) = (ends.and_then(Ends::spread), age) else {
            return floor_ms;
        };
        // Before the window each look goes half of the way to it; behind it patience grows with the wait.
        let pause = if age < first {
            (first - age) / 2
        } else {
            age.saturating_sub(last) / BEYOND_SHARE
        };
        pause.min(CEILING_MS).max(floor_ms)
    }
}
