//! Report: what the engine says of itself to an operator. Who takes which slots, when a parked task is
//! looked at next, what was counted. Reads only.

use domain::account::Duty;
use domain::provider::Lookup;
use domain::{Millis, State, Task, TaskId};

use crate::pace::{BreakerState, Standing};
use crate::roster::Post;
use crate::tally::Tally;
use crate::{Engine, Settings};

/// An account as it stands in this process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Station {
    /// Its name.
    pub account: String,
    /// The provider's name.
    pub provider: String,
    /// Tasks that it has in flight, as this process knows.
    pub taken: usize,
    /// Most that it may have.
    pub allowed: usize,
    /// Most that its vendor is known to take; fewer than `allowed` after it refused one more.
    pub learned: usize,
    /// Why it is handed nothing now; none: it is, as far as it has slots.
    pub closed: Option<String>,
    /// How long an absent look-up is not believed, in milliseconds; none: its vendor has no look-up.
    pub absence_bound_ms: Option<u64>,
    /// Whether its vendor can stop a running task.
    pub can_cancel: bool,
}

/// A task that waits in this process for its next visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rest {
    /// Since when: the last look, or visit, was then.
    pub since: Millis,
    /// When it is due.
    pub due: Millis,
    /// Visits in a row that learnt nothing.
    pub tries: u32,
    /// When the upstream took it, where this process knows.
    pub running_since: Option<Millis>,
}

/// Why an account is handed nothing now.
fn closed(post: &Post, standing: Option<&Standing>) -> Option<String> {
    match post.account.duty {
        Duty::Paused => return Some("it is paused".to_owned()),
        Duty::Retired | Duty::Removed => return Some("it is removed and only ends what it has".to_owned()),
        Duty::Working => {}
    }
    let standing = standing?;
    let words = standing
        .last_error
        .as_ref()
        .map(|(_, words)| format!(": \"{words}\""));
    let words = words.unwrap_or_default();
    if standing.breaker != BreakerState::Closed {
        return Some(format!(
            "it failed several times in a row and is left alone for a while{words}"
        ));
    }
    standing
        .reopens_at
        .map(|_| format!("it asked to be left alone for a while{words}"))
}

impl Engine {
    /// Every account that is plugged in.
    #[must_use]
    pub fn stations(&self) -> Vec<Station> {
        let posts = self.roster.posts();
        posts.iter().map(|post| self.station(post)).collect()
    }

    /// The accounts that serve a lane.
    #[must_use]
    pub fn stations_of(&self, lane: &str) -> Vec<Station> {
        let posts = self.roster.posts();
        let serving = posts.iter().filter(|post| post.serves(lane));
        serving.map(|post| self.station(post)).collect()
    }

    fn station(&self, post: &Post) -> Station {
        let name = &post.account.name;
        let (manifest, bound) = (post.provider.manifest(), self.settings.absence_bound_ms);
        let allowed = usize::try_from(post.account.slots).unwrap_or(usize::MAX);
        let standing = self.standing(name);
        Station {
            account: name.clone(),
            provider: post.account.provider.clone(),
            taken: standing.as_ref().map_or(0, |standing| standing.in_flight),
            allowed,
            learned: standing
                .as_ref()
                .map_or(allowed, |standing| standing.learned_limit.min(allowed)),
            closed: closed(post, standing.as_ref()),
            absence_bound_ms: match manifest.lookup {
                Lookup::None => None,
                Lookup::Authoritative { absence_bound_ms } => Some(absence_bound_ms.unwrap_or(bound)),
            },
            can_cancel: manifest.can_cancel,
        }
    }

    /// When this process visits a task next; none when it is not parked here.
    #[must_use]
    pub fn rest(&self, task: TaskId) -> Option<Rest> {
        // Timers run on a clock of their own, which people do not read.
        let left_ms = |moment: Millis| moment.since(self.timer());
        self.wheel.peek(task).map(|parked| Rest {
            since: self.clock.now().plus(left_ms(parked.at)),
            due: self.clock.now().plus(left_ms(parked.due)),
            running_since: parked.since.map(|since| self.clock.now().plus(left_ms(since))),
            tries: parked.tries,
        })
    }

    /// Whether nobody can find out what became of a submit: it is in doubt, and its vendor has no look-up.
    /// An account that is not plugged in here may have one.
    #[must_use]
    pub fn is_indeterminate(&self, task: &Task) -> bool {
        let State::Unknown { account, .. } = &task.course.state else {
            return false;
        };
        let post = self.post(account);
        post.is_some_and(|post| post.provider.manifest().lookup == Lookup::None)
    }

    /// What was counted since the start.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// What the operator decided.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }
}
