//! The timer wheel: when each parked task is looked at next. In memory only; a restart rebuilds it
//! from the rows that the node claims. Ordered by due time, so that a turn touches only what is due.

use std::collections::{BTreeSet, HashMap};

use domain::{Millis, TaskId};
use parking_lot::Mutex;

/// A task that waits for its next look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parked {
    /// Since when.
    pub(crate) since: Millis,
    /// When.
    pub(crate) due: Millis,
    /// Looks in a row that saw nothing.
    pub(crate) tries: u32,
}

#[derive(Default)]
struct Spokes {
    by_due: BTreeSet<(Millis, TaskId)>,
    by_task: HashMap<TaskId, Parked>,
}

/// Parked tasks by due time.
#[derive(Default)]
pub(crate) struct Wheel {
    spokes: Mutex<Spokes>,
}

impl Wheel {
    /// Parks a task, or parks it anew.
    pub(crate) fn park(&self, task: TaskId, parked: Parked) {
        let mut spokes = self.spokes.lock();
        if let Some(before) = spokes.by_task.insert(task, parked) {
            spokes.by_due.remove(&(before.due, task));
        }
        spokes.by_due.insert((parked.due, task));
    }

    /// Makes a parked task due now; nothing happens to one that is not parked.
    pub(crate) fn hurry(&self, task: TaskId, now: Millis) {
        let mut spokes = self.spokes.lock();
        if let Some(parked) = spokes.by_task.get(&task).copied()
            && parked.due > now
        {
            spokes.by_due.remove(&(parked.due, task));
            spokes.by_due.insert((now, task));
            spokes.by_task.insert(task, Parked { due: now, ..parked });
        }
    }

    /// A task as it is parked.
    pub(crate) fn peek(&self, task: TaskId) -> Option<Parked> {
        self.spokes.lock().by_task.get(&task).copied()
    }

    /// Takes a task out.
    pub(crate) fn forget(&self, task: TaskId) {
        let mut spokes = self.spokes.lock();
        if let Some(parked) = spokes.by_task.remove(&task) {
            spokes.by_due.remove(&(parked.due, task));
        }
    }

    /// Takes everything out.
    pub(crate) fn clear(&self) {
        *self.spokes.lock() = Spokes::default();
    }

    /// Takes out what is due, oldest first.
    pub(crate) fn due(&self, now: Millis, limit: usize) -> Vec<(TaskId, Parked)> {
        let mut spokes = self.spokes.lock();
        let mut due = Vec::new();
        while due.len() < limit {
            let Some((at, task)) = spokes.by_due.first().copied() else {
                break;
            };
            if at > now {
                break;
            }
            spokes.by_due.pop_first();
            if let Some(parked) = spokes.by_task.remove(&task) {
                due.push((task, parked));
            }
        }
        due
    }

    /// When the next task is due.
    pub(crate) fn next(&self) -> Option<Millis> {
        self.spokes.lock().by_due.first().map(|(at, _)| *at)
    }
}
