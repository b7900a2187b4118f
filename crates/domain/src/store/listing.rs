//! Lists of one tenant's tasks: which are shown, which part, and the part itself. What an operator lists
//! across tenants is in `overview.rs`.

use std::sync::Arc;

use crate::clock::Millis;
use crate::ids::TaskId;
use crate::task::{StateWord, Task};

/// Which tasks a list shows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Filter {
    /// In these states; empty: all.
    pub states: Vec<StateWord>,
    /// Of these operations' words; empty: all.
    pub operations: Vec<String>,
    /// Submitted through this dialect; none: any.
    pub dialect: Option<String>,
    /// Born at this moment or later; none: any.
    pub born_from: Option<Millis>,
    /// Born at this moment or before; none: any.
    pub born_until: Option<Millis>,
    /// Born within so many milliseconds of the end of the time, where its beginning is not said; a store is
    /// asked only once [`Filter::as_of`] has made a moment of it.
    pub born_within_ms: Option<i64>,
    /// Whether tasks that their owner took away are among them: for the books alone.
    pub with_erased: bool,
}

impl Filter {
    /// The same with a moment in the place of a length of time.
    #[must_use]
    pub fn as_of(mut self, now: Millis) -> Filter {
        if let Some(within) = self.born_within_ms.take() {
            let end = self.born_until.unwrap_or(now);
            self.born_from = self.born_from.or(Some(end.plus(-within)));
        }
        self
    }
}

/// Which part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// Newest first, from behind this task.
    Cursor {
        /// The last task of the page before; none: from the newest.
        after: Option<TaskId>,
        /// Most rows.
        limit: usize,
    },
    /// Oldest first, from behind this task.
    Rising {
        /// The last task of the page before; none: from the oldest.
        after: Option<TaskId>,
        /// Most rows.
        limit: usize,
    },
    /// Newest first, skipping so many.
    Offset {
        /// Rows to skip.
        skip: usize,
        /// Most rows.
        limit: usize,
    },
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Listing {
    /// The tasks, in the page's order.
    pub tasks: Vec<Arc<Task>>,
    /// Whether more follow.
    pub has_more: bool,
}
