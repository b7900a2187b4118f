//! What an operator sees across all tenants: which tasks a list shows, who works on one, how long a queue
//! is, how all that is unfinished stands. Reads only; nothing here decides anything about a task.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::clock::Millis;
use crate::ids::{TaskId, TenantId};
use crate::task::{StateWord, Task};

/// Which tasks an operator's list shows, over all tenants.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Survey {
    /// Of this tenant; none: of all.
    pub tenant: Option<TenantId>,
    /// In these states; empty: all.
    pub states: Vec<StateWord>,
    /// For this model, as the client named it; none: any.
    pub model: Option<String>,
    /// That this account made or was last at; none: any, and tasks that no account had yet.
    pub account: Option<String>,
    /// Acknowledged at this moment or later; none: whenever.
    pub since: Option<Millis>,
}

/// Which part of an operator's list, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Portion {
    /// From behind this task; none: from the newest.
    pub after: Option<TaskId>,
    /// Most tasks that are shown.
    pub limit: usize,
    /// Most tasks that are looked at: a narrow survey of a long history must not read all of it at once.
    pub walk: usize,
}

/// A part of an operator's list.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Surveyed {
    /// The tasks, newest first; it may be none although more follow.
    pub tasks: Vec<Arc<Task>>,
    /// Behind which task the next part begins; none: this was the last.
    pub next: Option<TaskId>,
}

/// A node's right to work on a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// Whose it is.
    pub node: String,
    /// Until when it holds unless it is prolonged.
    pub until: Millis,
}

/// How many tasks wait in one lane for a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Ahead {
    /// All of them.
    pub tasks: u64,
    /// Those that were acknowledged before the one that was asked about. Tenants take turns, so that not
    /// all of them need to go first.
    pub before: u64,
}

/// Unfinished tasks of one state and lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The state.
    pub state: StateWord,
    /// The lane.
    pub lane: String,
    /// How many there are.
    pub tasks: u64,
    /// When the oldest of them was acknowledged, which is when its money was held.
    pub oldest_at: Millis,
    /// For tasks in doubt: since when the oldest of them is.
    pub in_doubt_since: Option<Millis>,
}

/// How everything that is unfinished stands, and what is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Overview {
    /// Unfinished tasks by state and lane, in no particular order.
    pub groups: Vec<Group>,
    /// Files that are kept: inputs and results.
    pub kept_files: u64,
    /// Their bytes.
    pub kept_bytes: u64,
}

/// What a database says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Condition {
    /// Its own clock; none: it goes by this machine's.
    pub now: Option<Millis>,
    /// Whether it takes writes, as far as it can tell.
    pub takes_writes: bool,
}
