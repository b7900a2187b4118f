//! Whether a wish keeps within what its key and its tenant may use: pure judgements over what both have
//! used so far. The limits themselves are in `tenant.rs`; what was used is kept by the store, and requests
//! a minute are counted at the gate.

use crate::clock::Millis;
use crate::money::Micros;
use crate::tenant::Limits;

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// The day (UTC) of a moment, in days since the Unix epoch.
#[must_use]
pub fn day_of(at: Millis) -> i64 {
    at.0.div_euclid(DAY_MS)
}

/// Milliseconds from a moment to the next day (UTC).
#[must_use]
pub fn ms_to_next_day(at: Millis) -> i64 {
    DAY_MS - at.0.rem_euclid(DAY_MS)
}

/// Who has limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// One key.
    Key,
    /// A tenant, with all its keys together.
    Tenant,
}

impl Holder {
    /// The holder in one word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Holder::Key => "key",
            Holder::Tenant => "tenant",
        }
    }
}

/// Which limit it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// What one task may hold.
    TaskBudget,
    /// What tasks of one day may hold and cost.
    DayBudget,
    /// What all tasks may hold and cost.
    Budget,
    /// Unfinished tasks at a time.
    ConcurrentTasks,
    /// Requests a minute.
    RequestsPerMinute,
}

impl Limit {
    /// The limit's word, as in the terms.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Limit::TaskBudget => "task_budget_micros",
            Limit::DayBudget => "day_budget_micros",
            Limit::Budget => "budget_micros",
            Limit::ConcurrentTasks => "concurrent_tasks",
            Limit::RequestsPerMinute => "requests_per_minute",
        }
    }
}

/// A limit that stands in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// Whose it is.
    pub holder: Holder,
    /// Which.
    pub limit: Limit,
    /// How much it allows: micro-dollars, tasks or requests.
    pub most: i64,
    /// How much of that is left.
    pub left: i64,
}

impl Hit {
    /// What happened, in one plain sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let holder = self.holder.word();
        let (most, left) = (Micros(self.most).dollars(), Micros(self.left).dollars());
        match self.limit {
            Limit::TaskBudget => format!("one task of this {holder} may cost {most} USD at most"),
            Limit::DayBudget => {
                format!("the budget of this {holder} for today is {most} USD, of which {left} USD are left")
            }
            Limit::Budget => {
                format!("the budget of this {holder} is {most} USD, of which {left} USD are left")
            }
            Limit::ConcurrentTasks => {
                let most = self.most;
                format!("this {holder} may have {most} unfinished tasks at a time, and has them")
            }
            Limit::RequestsPerMinute => {
                let most = self.most;
                format!("this {holder} may send {most} requests a minute")
            }
        }
    }
}

/// What a holder has used: what was held and neither given back nor ended below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Used {
    /// Held and charged over all time, in micro-dollars.
    pub total_micros: i64,
    /// Held and charged for tasks of the day in question, in micro-dollars.
    pub day_micros: i64,
    /// Unfinished tasks.
    pub open: i64,
}

/// The limits that a birth is judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Guards {
    /// Those of the key that the task is submitted with.
    pub key: Limits,
    /// Those of its tenant.
    pub tenant: Limits,
}

impl Guards {
    /// Both holders with their limits, in the order in which they are asked.
    #[must_use]
    pub fn each(&self) -> [(Holder, &Limits); 2] {
        [(Holder::Key, &self.key), (Holder::Tenant, &self.tenant)]
    }
}

impl Limits {
    /// Whether what was used before decides anything: a store need not look otherwise.
    #[must_use]
    pub fn look_back(&self) -> bool {
        self.budget_micros.is_some() || self.day_budget_micros.is_some() || self.concurrent_tasks.is_some()
    }

    /// The limit that stands in the way of one more task that holds so much; money is looked at before
    /// places, as what ends by itself is told last.
    #[must_use]
    pub fn hit(&self, holder: Holder, hold: Micros, used: Used) -> Option<Hit> {
        let money = [
            (Limit::TaskBudget, self.task_budget_micros, 0),
            (Limit::Budget, self.budget_micros, used.total_micros),
            (Limit::DayBudget, self.day_budget_micros, used.day_micros),
        ];
        for (limit, most, used) in money {
            let Some(Micros(most)) = most else { continue };
            let left = most.saturating_sub(used).max(0);
            if hold.0 > left {
                return Some(Hit {
                    holder,
                    limit,
                    most,
                    left,
                });
            }
        }
        let most = i64::from(self.concurrent_tasks?);
        (used.open >= most).then_some(Hit {
            holder,
            limit: Limit::ConcurrentTasks,
            most,
            left: 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        Limits {
            budget_micros: Some(Micros(1_000)),
            day_budget_micros: Some(Micros(500)),
            task_budget_micros: Some(Micros(300)),
            requests_per_minute: None,
            concurrent_tasks: Some(2),
        }
    }

    #[test]
    fn what_reaches_a_limit_is_taken_and_one_more_is_not() {
        let used = |total_micros, day_micros, open| Used {
            total_micros,
            day_micros,
            open,
        };
        // What was used, what is to be held, what stands in the way, and what is left of it.
        let table = [
            (used(0, 0, 0), 300, None),
            (used(0, 0, 0), 301, Some((Limit::TaskBudget, 300))),
            (used(900, 0, 0), 100, None),
            (used(900, 0, 0), 101, Some((Limit::Budget, 100))),
            (used(0, 400, 0), 100, None),
            (used(0, 400, 0), 101, Some((Limit::DayBudget, 100))),
            (used(0, 0, 1), 0, None),
            (used(0, 0, 2), 0, Some((Limit::ConcurrentTasks, 0))),
            // An excess went beyond: what costs nothing is still taken, and nothing is left below zero.
            (used(2_000, 2_000, 0), 0, None),
            (used(2_000, 2_000, 0), 1, Some((Limit::Budget, 0))),
            // Money is told before places.
            (used(1_000, 0, 2), 1, Some((Limit::Budget, 0))),
        ];
        for (used, hold, expected) in table {
            let hit = limits().hit(Holder::Key, Micros(hold), used);
            let found = hit.map(|hit| (hit.limit, hit.left));
            assert_eq!(found, expected, "{used:?} and {hold}");
        }
    }

    #[test]
    fn nothing_is_limited_where_nothing_is_set() {
        let used = Used {
            total_micros: i64::MAX,
            day_micros: i64::MAX,
            open: i64::MAX,
        };
        assert!(!Limits::default().look_back());
        assert_eq!(
            Limits::default().hit(Holder::Tenant, Micros(i64::MAX), used),
            None
        );
    }

    #[test]
    fn a_day_ends_at_midnight_utc() {
        assert_eq!(day_of(Millis(86_399_999)), 0);
        assert_eq!(day_of(Millis(86_400_000)), 1);
        assert_eq!(day_of(Millis(-1)), -1);
        assert_eq!(ms_to_next_day(Millis(86_399_999)), 1);
        assert_eq!(ms_to_next_day(Millis(86_400_000)), DAY_MS);
    }
}
