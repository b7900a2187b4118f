//! Hint: an upstream says "look again". Which of this process's tasks it may mean is kept in memory; what
//! it says beyond that is never believed. A task that another process has, or that is not running yet,
//! waits for its next look.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;

use domain::provider::{Callback, Receipt};
use domain::{Millis, State, Task, TaskId};
use parking_lot::Mutex;

use crate::Engine;

/// Least time between two looks at one task that hints ask for, in milliseconds: whoever can send hints
/// cannot make looks as fast as that.
const HINT_PAUSE_MS: i64 = 1_000;

/// A running task, and when a hint may hurry it again.
#[derive(Clone, Copy)]
struct Hinted {
    task: TaskId,
    not_before: Millis,
}

/// Running tasks by their account and receipt. Only a number of both is kept, for there are many: two tasks
/// of one number cost a look that nobody needed.
#[derive(Default)]
pub(crate) struct Hints {
    numbers: RandomState,
    tasks: Mutex<HashMap<u64, Hinted>>,
}

/// What became of a callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// There is no account of this name.
    NoAccount,
    /// It names no running task of this process, or is not signed as it should be.
    Nothing,
    /// A task is looked at as soon as may be.
    Hint(TaskId),
}

impl Hints {
    /// Follows a task that this process has.
    pub(crate) fn note(&self, task: &Task) {
        let (Some(account), Some(receipt)) = (&task.course.account, &task.course.receipt) else {
            return;
        };
        let number = self.number(account, receipt);
        let mut tasks = self.tasks.lock();
        if matches!(task.course.state, State::Running { .. }) {
            tasks.entry(number).or_insert(Hinted {
                task: task.id(),
                not_before: Millis(0),
            });
        } else {
            tasks.remove(&number);
        }
    }

    /// Forgets all tasks.
    pub(crate) fn clear(&self) {
        self.tasks.lock().clear();
    }

    /// The task that is meant, and when it may be looked at.
    fn take(&self, account: &str, receipt: &Receipt, now: Millis) -> Option<(TaskId, Millis)> {
        let number = self.number(account, receipt);
        let mut tasks = self.tasks.lock();
        let hinted = tasks.get_mut(&number)?;
        let at = hinted.not_before.max(now);
        hinted.not_before = at.plus(HINT_PAUSE_MS);
        Some((hinted.task, at))
    }

    fn number(&self, account: &str, receipt: &Receipt) -> u64 {
        self.numbers.hash_one((account, receipt))
    }
}

impl Engine {
    /// Hears a callback that came for an account.
    pub fn hear(&self, account: &str, callback: &Callback<'_>) -> Heard {
        let Some(post) = self.post(account) else {
            return Heard::NoAccount;
        };
        let receipt = post.provider.hint(callback, &post.account);
        let found = receipt.and_then(|receipt| self.hints.take(account, &receipt, self.timer()));
        let Some((task, at)) = found else {
            return Heard::Nothing;
        };
        self.wheel.hurry(task, at);
        self.bell.notify_one();
        Heard::Hint(task)
    }
}
