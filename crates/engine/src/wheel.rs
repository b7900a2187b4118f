//! The timer wheel: when each parked task is looked at next. In memory only; a restart rebuilds it
//! from the rows that the node claims. Each account has its own spokes, ordered by due time, so that a
//! turn touches only what is due and what waits for one account stands in no other's way.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use domain::{Millis, TaskId};
use parking_lot::Mutex;

use crate::pace::Chore;

/// A task that waits for its next look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parked {
    /// When.
    pub(crate) due: Millis,
    /// Looks in a row that saw nothing.
    pub(crate) tries: u32,
    /// When the upstream took it, where this node knows.
    pub(crate) since: Option<Millis>,
}

/// One kind of work at one account.
struct Spoke {
    account: Arc<str>,
    chore: Chore,
    by_due: BTreeSet<(Millis, TaskId)>,
}

#[derive(Default)]
struct Rim {
    spokes: Vec<Spoke>,
    /// The place of its spoke, and the rest.
    by_task: HashMap<TaskId, (u32, Parked)>,
}

impl Rim {
    /// The place of a spoke. There are few: two for each account that ever was.
    fn place(&mut self, account: &str, chore: Chore) -> usize {
        let known = self.find(account, chore);
        known.unwrap_or_else(|| {
            self.spokes.push(Spoke {
                account: Arc::from(account),
                chore,
                by_due: BTreeSet::new(),
            });
            self.spokes.len() - 1
        })
    }

    fn find(&self, account: &str, chore: Chore) -> Option<usize> {
        let mut spokes = self.spokes.iter();
        spokes.position(|spoke| spoke.chore == chore && &*spoke.account == account)
    }

    fn spoke(&mut self, place: u32) -> Option<&mut Spoke> {
        self.spokes.get_mut(usize::try_from(place).ok()?)
    }

    fn forget(&mut self, task: TaskId) -> Option<(u32, Parked)> {
        let (place, parked) = self.by_task.remove(&task)?;
        if let Some(spoke) = self.spoke(place) {
            spoke.by_due.remove(&(parked.due, task));
        }
        Some((place, parked))
    }
}

/// Parked tasks by due time.
#[derive(Default)]
pub(crate) struct Wheel {
    rim: Mutex<Rim>,
}

impl Wheel {
    /// Parks a task at a spoke, or parks it anew.
    pub(crate) fn park(&self, task: TaskId, account: &str, chore: Chore, parked: Parked) {
        let mut rim = self.rim.lock();
        rim.forget(task);
        let place = rim.place(account, chore);
        if let (Some(spoke), Ok(place)) = (rim.spokes.get_mut(place), u32::try_from(place)) {
            spoke.by_due.insert((parked.due, task));
            rim.by_task.insert(task, (place, parked));
        }
    }

    /// Makes a parked task due now; nothing happens to one that is not parked.
    pub(crate) fn hurry(&self, task: TaskId, now: Millis) {
        let mut rim = self.rim.lock();
        let Some((place, parked)) = rim.forget(task) else {
            return;
        };
        let due = parked.due.min(now);
        if let Some(spoke) = rim.spoke(place) {
            spoke.by_due.insert((due, task));
            rim.by_task.insert(task, (place, Parked { due, ..parked }));
        }
    }

    /// Takes a task out.
    pub(crate) fn forget(&self, task: TaskId) {
        self.rim.lock().forget(task);
    }

    /// Takes everything out.
    pub(crate) fn clear(&self) {
        *self.rim.lock() = Rim::default();
    }

    /// Takes out what is due at a spoke, oldest first.
    pub(crate) fn due(
        &self,
        account: &str,
        chore: Chore,
        now: Millis,
        limit: usize,
    ) -> Vec<(TaskId, Parked)> {
        let mut rim = self.rim.lock();
        let mut due = Vec::new();
        let Some(place) = rim.find(account, chore) else {
            return due;
        };
        while due.len() < limit {
            let Some((at, task)) = rim.spokes[place].by_due.first().copied() else {
                break;
            };
            if at > now {
                break;
            }
            if let Some((_, parked)) = rim.forget(task) {
                due.push((task, parked));
            }
        }
        due
    }

    /// When the first task of each spoke is due; spokes without tasks are left out.
    pub(crate) fn firsts(&self) -> Vec<(Arc<str>, Chore, Millis)> {
        let rim = self.rim.lock();
        let firsts = rim.spokes.iter().filter_map(|spoke| {
            let (due, _) = spoke.by_due.first()?;
            Some((Arc::clone(&spoke.account), spoke.chore, *due))
        });
        firsts.collect()
    }
}
