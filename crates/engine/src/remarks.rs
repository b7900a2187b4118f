//! Remarks: the last words that were heard about a task and that no row keeps, for whoever asks why it
//! does not move. In the memory of this process only, and bounded; losing them loses nothing.

use std::collections::{HashMap, VecDeque};

use domain::{Millis, TaskId};
use parking_lot::Mutex;

use crate::Engine;

/// Most tasks of which words are remembered; the longest unheard go first.
const TASKS_MAX: usize = 4_096;
/// Longest words that are remembered, in characters.
const WORDS_CHARS_MAX: usize = 300;

/// What the last words were about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// Fetching media that the wish names.
    Media,
    /// Handing the task over.
    Submit,
    /// Looking a doubtful submit up.
    LookUp,
    /// Looking how far it is.
    Look,
    /// Keeping the result.
    Result,
    /// Committing a step.
    Commit,
}

impl About {
    /// The word in answers.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            About::Media => "media",
            About::Submit => "submit",
            About::LookUp => "look_up",
            About::Look => "look",
            About::Result => "result",
            About::Commit => "commit",
        }
    }
}

/// The last words about a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// When they were heard.
    pub at: Millis,
    /// What they were about.
    pub about: About,
    /// The words, from the vendor or from the way there.
    pub words: String,
}

#[derive(Default)]
struct Kept {
    by_task: HashMap<TaskId, Remark>,
    /// Who was heard of first; names of forgotten tasks may stand among them.
    order: VecDeque<TaskId>,
}

/// The last words about tasks.
#[derive(Default)]
pub(crate) struct Remarks {
    kept: Mutex<Kept>,
}

impl Remarks {
    fn keep(&self, task: TaskId, remark: Remark) {
        let mut kept = self.kept.lock();
        if kept.by_task.insert(task, remark).is_none() {
            kept.order.push_back(task);
        }
        while kept.by_task.len() > TASKS_MAX {
            let Some(oldest) = kept.order.pop_front() else {
                break;
            };
            kept.by_task.remove(&oldest);
        }
        if kept.order.len() > 2 * TASKS_MAX {
            let Kept { by_task, order } = &mut *kept;
            order.retain(|task| by_task.contains_key(task));
        }
    }

    fn of(&self, task: TaskId) -> Option<Remark> {
        self.kept.lock().by_task.get(&task).cloned()
    }

    /// Forgets the words about a task that has ended.
    pub(crate) fn forget(&self, task: TaskId) {
        self.kept.lock().by_task.remove(&task);
    }
}

impl Engine {
    /// Remembers what was heard about a task.
    pub(crate) fn remark(&self, task: TaskId, about: About, words: &str) {
        let remark = Remark {
            at: self.clock.now(),
            about,
            words: words.chars().take(WORDS_CHARS_MAX).collect(),
        };
        self.remarks.keep(task, remark);
    }

    /// The last words about a task that this process heard and remembers.
    #[must_use]
    pub fn last_words(&self, task: TaskId) -> Option<Remark> {
        self.remarks.of(task)
    }
}

#[cfg(test)]
mod tests {
    use domain::{Id, Millis, TaskId};

    use super::{About, Remark, Remarks, TASKS_MAX};

    fn remark(words: &str) -> Remark {
        Remark {
            at: Millis(1),
            about: About::Look,
            words: words.to_owned(),
        }
    }

    #[test]
    fn the_last_words_count_and_an_ended_task_has_none() {
        let remarks = Remarks::default();
        let task = TaskId(Id(1));
        remarks.keep(task, remark("first"));
        remarks.keep(task, remark("second"));
        assert_eq!(remarks.of(task), Some(remark("second")));
        remarks.forget(task);
        assert_eq!(remarks.of(task), None);
    }

    #[test]
    fn however_much_is_said_no_more_is_remembered_than_the_bound() {
        let remarks = Remarks::default();
        for n in 0..4 * TASKS_MAX as u128 {
            remarks.keep(TaskId(Id(n)), remark("busy"));
            if n % 2 == 0 {
                remarks.forget(TaskId(Id(n)));
            }
        }
        let kept = remarks.kept.lock();
        assert!(kept.by_task.len() <= TASKS_MAX);
        assert!(kept.order.len() <= 2 * TASKS_MAX);
        drop(kept);
        let last = TaskId(Id(4 * TASKS_MAX as u128 - 1));
        assert_eq!(remarks.of(last), Some(remark("busy")));
    }
}
