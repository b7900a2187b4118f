//! A decision as it commits: the new row with the money, the webhook and the usage that go with it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Map;

use crate::artifact::Artifact;
use crate::ask::Ask;
use crate::blobs::BlobKey;
use crate::clock::Millis;
use crate::ids::{KeyId, TaskId, TenantId};
use crate::money::{Line, Micros};
use crate::task::{Origin, State, StateWord, Task, staged};

/// A webhook that is owed to a client: one row in the outbox. Its body is rendered by delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owed {
    /// Constant over all tries: `wh_<task>_<version>`.
    pub id: String,
    /// The task.
    pub task: TaskId,
    /// Whose it is.
    pub tenant: TenantId,
    /// The version of the task that it speaks of; later ones supersede earlier ones.
    pub version: u64,
    /// `task.queued`, `task.running`, `task.succeeded`, `task.failed`, `task.cancelled`,
    /// `task.late_result`.
    pub event: String,
    /// Where it goes.
    pub url: String,
    /// When it came to be owed.
    pub at: Millis,
}

/// Longest receiver's name that is told apart, in bytes; a host's name and its port are shorter.
const RECEIVER_BYTES_MAX: usize = 300;

/// Why a task failed, once it was taken away.
const ERASED_MESSAGE: &str = "the task was taken away";

/// Events of a state that another one follows.
pub const PASSING_EVENTS: [&str; 2] = ["task.queued", "task.running"];

impl Owed {
    /// Who receives it: host and port of its address, in lower case. Of each, so many are tried at once.
    #[must_use]
    pub fn receiver(&self) -> String {
        let (_, rest) = self.url.split_once("://").unwrap_or(("", &self.url));
        let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
        let mut receiver = authority.to_lowercase();
        while receiver.len() > RECEIVER_BYTES_MAX {
            receiver.pop();
        }
        receiver
    }

    /// Whether it speaks of a state that another one follows, so that a later one makes it needless.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        PASSING_EVENTS.contains(&self.event.as_str())
    }
}

/// What a finished task used: one row for statements and usage reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// The task.
    pub task: TaskId,
    /// Whose it is.
    pub tenant: TenantId,
    /// The key that it was submitted with.
    pub key: KeyId,
    /// The model that was asked for.
    pub model: String,
    /// The operation's word.
    pub operation: String,
    /// The final state.
    pub outcome: StateWord,
    /// Settled quantity in the quote's unit; zero where nothing was charged.
    pub quantity: u64,
    /// What was charged, excess included.
    pub charge_micros: Micros,
    /// When it finished.
    pub at: Millis,
}

/// One decision: the new row, the ledger lines, the webhook owed and the usage row. They commit in
/// one transaction, on the version before, or not at all.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The task after the decision.
    pub task: Task,
    /// Money that moves with it.
    pub lines: Vec<Line>,
    /// What is owed to the client for it.
    pub webhook: Option<Owed>,
    /// Set when the task became final.
    pub usage: Option<Usage>,
    /// Most tasks that the account may have in flight once this is committed, this one among them; none:
    /// it is not asked. Only a change that takes a slot needs it.
    pub slots: Option<u32>,
    /// Blobs that the task does not use any more.
    pub frees: Vec<BlobKey>,
}

impl Change {
    /// The version that must be in the store for this change to commit; 0 at birth.
    #[must_use]
    pub fn expects_version(&self) -> u64 {
        self.task.course.version.saturating_sub(1)
    }
}

impl Task {
    /// Takes a finished task away from its owner: its words, its media, its files and what was told beside
    /// them are forgotten, in the wish too. Its state and its money stay as they are. What an item that the
    /// task made is made of stays in use, for the item lives on. None where the task is not finished, or is
    /// away already.
    #[must_use]
    pub fn erased(&self, at: Millis) -> Option<Change> {
        if !self.word().is_final() || self.course.erased_at.is_some() {
            return None;
        }
        let mut task = self.clone();
        task.origin = Arc::new(without_words(&self.origin));
        let course = &mut task.course;
        course.version += 1;
        course.updated_at = at;
        course.erased_at = Some(at);
        if let State::Failed { error } = &mut course.state {
            // A vendor may have cited the wish.
            ERASED_MESSAGE.clone_into(&mut error.message);
        }
        let files = std::mem::take(&mut course.artifacts).into_iter();
        let files = files.chain(std::mem::take(&mut course.late));
        let mut frees: Vec<BlobKey> = files.map(|Artifact { blob, .. }| blob).collect();
        let media = std::mem::take(&mut course.media).into_iter();
        if self.origin.ask.operation.makes().is_none() {
            frees.extend(media.chain(staged(&self.origin.ask)).map(|staged| staged.blob));
        }
        course.findings = None;
        Some(Change {
            task,
            lines: Vec::new(),
            webhook: None,
            usage: None,
            slots: None,
            frees,
        })
    }
}

impl Origin {
    /// The key in whose name it is counted: the first of the line of its own key.
    #[must_use]
    pub fn holder(&self) -> KeyId {
        self.holder.unwrap_or(self.key)
    }
}

/// What an order was, without anything that its owner wrote or sent. The client's own name for the task stays
/// taken.
fn without_words(origin: &Origin) -> Origin {
    let ask = Ask {
        prompt: String::new(),
        negative_prompt: None,
        inputs: Vec::new(),
        mentions: Vec::new(),
        extras: Map::new(),
        ..Ask::clone(&origin.ask)
    };
    Origin {
        ask: Arc::new(ask),
        callback_url: None,
        ..origin.clone()
    }
}

pub(super) fn owed(task: &Task, event: &str) -> Option<Owed> {
    let url = task.origin.callback_url.clone()?;
    Some(Owed {
        id: format!("wh_{}_{}", task.id().0.hex(), task.course.version),
        task: task.id(),
        tenant: task.origin.tenant,
        version: task.course.version,
        event: event.to_owned(),
        url,
        at: task.course.updated_at,
    })
}
