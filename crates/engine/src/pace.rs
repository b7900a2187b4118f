//! How fast: which tasks take which account's slots, and when a task is looked at again.

use std::collections::HashMap;
use std::sync::Arc;

use domain::{Ids, Task, TaskId};
use parking_lot::{Mutex, RwLock};

use crate::roster::Post;

/// Share of an interval by which a look comes earlier or later, in percent.
const JITTER_PERCENT: u64 = 25;
/// Longest pause between tries, in milliseconds.
const MAX_BACKOFF_MS: u64 = 60_000;
/// First pause between tries, in milliseconds.
const FIRST_BACKOFF_MS: u64 = 500;

/// Who takes which slot. Slots are counted in tasks that the vendor has or may have.
pub(crate) struct Pace {
    slots: RwLock<HashMap<String, usize>>,
    taken: Mutex<HashMap<TaskId, String>>,
}

impl Pace {
    pub(crate) fn new(posts: &[Arc<Post>]) -> Pace {
        Pace {
            slots: RwLock::new(slots(posts)),
            taken: Mutex::new(HashMap::new()),
        }
    }

    /// Counts the slots of other accounts from now on; what tasks take stays taken.
    pub(crate) fn enlist(&self, posts: &[Arc<Post>]) {
        *self.slots.write() = slots(posts);
    }

    /// Slots of an account that nobody takes now.
    pub(crate) fn free(&self, account: &str) -> usize {
        let taken = self
            .taken
            .lock()
            .values()
            .filter(|taken| *taken == account)
            .count();
        self.slots_of(account).saturating_sub(taken)
    }

    /// Slots of an account that are taken now.
    pub(crate) fn taken(&self, account: &str) -> usize {
        let taken = self.taken.lock();
        taken.values().filter(|taken| *taken == account).count()
    }

    /// Takes a slot for a task that is about to be submitted; false when none is free.
    pub(crate) fn reserve(&self, task: TaskId, account: &str) -> bool {
        let mut taken = self.taken.lock();
        let used = taken
            .iter()
            .filter(|(id, by)| **id != task && *by == account)
            .count();
        if used >= self.slots_of(account) {
            return false;
        }
        taken.insert(task, account.to_owned());
        true
    }

    fn slots_of(&self, account: &str) -> usize {
        self.slots.read().get(account).copied().unwrap_or(0)
    }

    /// Writes down what a task takes after a change; true when a slot came free.
    pub(crate) fn note(&self, task: &Task) -> bool {
        match task.occupies() {
            Some(account) => {
                self.taken.lock().insert(task.id(), account.to_owned());
                false
            }
            None => self.taken.lock().remove(&task.id()).is_some(),
        }
    }

    /// Forgets all tasks: none of them is known to be this node's.
    pub(crate) fn clear(&self) {
        self.taken.lock().clear();
    }

    /// Forgets a task that this node does not have any more.
    pub(crate) fn forget(&self, task: TaskId) {
        self.taken.lock().remove(&task);
    }
}

fn slots(posts: &[Arc<Post>]) -> HashMap<String, usize> {
    let slots = posts.iter().map(|post| {
        let slots = usize::try_from(post.account.slots).unwrap_or(usize::MAX);
        (post.account.name.clone(), slots)
    });
    slots.collect()
}

/// An interval with jitter, so that looks spread.
pub(crate) fn jittered(interval_ms: u64, ids: &dyn Ids) -> i64 {
    let spread = interval_ms.saturating_mul(JITTER_PERCENT) / 100;
    let offset = if spread == 0 {
        0
    } else {
        ids.chance() % (2 * spread + 1)
    };
    i64::try_from(interval_ms.saturating_sub(spread).saturating_add(offset)).unwrap_or(i64::MAX)
}

/// The pause before the `n`th try (from one), doubling, with jitter.
pub(crate) fn backoff(tries: u32, ids: &dyn Ids) -> i64 {
    let doubled = FIRST_BACKOFF_MS.saturating_mul(1 << tries.saturating_sub(1).min(16));
    jittered(doubled.min(MAX_BACKOFF_MS), ids)
}
