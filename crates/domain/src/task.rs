//! The task: an ask and how far it got. `Task::apply` is the only place where a state is decided; it
//! is pure and reads no clock. What the decision costs is in `task/books.rs`.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::artifact::{Artifact, MediaFacts, MediaKind, Staged};
use crate::ask::{Ask, Source};
use crate::clock::Millis;
use crate::dialect::Face;
use crate::error::{TaskError, TaskErrorCode};
use crate::findings::Findings;
use crate::ids::{KeyId, TaskId, TenantId};
use crate::money::Micros;
use crate::price::Quote;
use crate::provider::{JobMedia, Receipt};

mod apply;
mod books;
mod change;

pub use apply::{Event, EventKind, Illegal};
use change::owed;
pub use change::{Change, Owed, PASSING_EVENTS, Usage};

/// How long after its end a task that awaits a late result is looked at first, in milliseconds.
pub const FIRST_LATE_LOOK_MS: i64 = 60_000;

/// What was ordered: the part of a task that never changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    /// The task's id.
    pub id: TaskId,
    /// Whose it is.
    pub tenant: TenantId,
    /// The key that it was submitted with.
    pub key: KeyId,
    /// The first key of that key's line, in whose name it is counted; none: the key itself. Stores look here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<KeyId>,
    /// The door that it came through.
    pub face: Face,
    /// The wish.
    pub ask: Arc<Ask>,
    /// The seed in force: the client's, else one drawn at submit.
    pub seed: u64,
    /// The price snapshot.
    pub quote: Quote,
    /// Which queue the task waits in: `animatic`, or the model's name for upstream accounts. Decided
    /// at submit, so that a preview never becomes a paid job nor the reverse.
    pub lane: String,
    /// The only account that may take it: an earlier result or an item that the wish names is kept there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned: Option<String>,
    /// Our reference, made once a task and sent as the vendor's external id where it has one.
    pub client_ref: String,
    /// The client's own name for the task, unique per tenant.
    pub external_id: Option<String>,
    /// Where the client wants to be called back.
    pub callback_url: Option<String>,
    /// The base of links in webhooks: the host that the submit came to.
    pub base_url: String,
    /// When it was acknowledged.
    pub created_at: Millis,
    /// When an unfinished task fails.
    pub deadline_at: Millis,
}

/// A result file that an upstream offers and that is not kept yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offered {
    /// What it is.
    pub kind: MediaKind,
    /// The vendor's link; none when the provider streams it and must be asked again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// What the upstream says of it.
    pub facts: MediaFacts,
    /// The vendor's own name for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor_ref: Option<String>,
    /// For a copy with the maker's mark: the place of the file that it is a copy of. Such a copy is no
    /// further result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marked_copy_of: Option<u32>,
}

/// How far a task is. What belongs to a state lives in its variant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// Outside media is being fetched.
    Ingesting,
    /// Waiting for an account.
    Queued {
        /// Not to be handed over before this.
        not_before: Millis,
        /// The only account that may take it, after a submit there was proven absent.
        pinned: Option<String>,
    },
    /// The intent is committed; the call to the upstream may be on its way.
    Submitting {
        /// The account in use.
        account: String,
        /// Whether an earlier submit there was proven absent: a twin of it may still sleep, so that
        /// no other account may take the task.
        #[serde(default)]
        pinned: bool,
    },
    /// Bytes were sent and no trustworthy answer came. Only reconciliation leads out.
    Unknown {
        /// The account in use; its slot stays taken.
        account: String,
        /// Since when.
        since: Millis,
    },
    /// The upstream gave a receipt and works.
    Running {
        /// The account in use.
        account: String,
        /// The upstream's name for the task.
        receipt: Receipt,
    },
    /// The upstream is done; its files are being kept.
    Settling {
        /// The account in use.
        account: String,
        /// The upstream's name for the task.
        receipt: Receipt,
        /// What it offers.
        offered: Vec<Offered>,
        /// What it tells beside that.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        findings: Option<Box<Findings>>,
        /// The quantity that the vendor counted, in the quote's unit.
        quantity: Option<u64>,
        /// What the vendor takes.
        cost: Option<Micros>,
    },
    /// Done, kept and charged.
    Succeeded,
    /// Not done; nothing charged.
    Failed {
        /// Why.
        error: TaskError,
    },
    /// Stopped at the client's wish.
    Cancelled,
}

/// The name of a state without what belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StateWord {
    /// See [`State::Ingesting`].
    Ingesting,
    /// See [`State::Queued`].
    Queued,
    /// See [`State::Submitting`].
    Submitting,
    /// See [`State::Unknown`].
    Unknown,
    /// See [`State::Running`].
    Running,
    /// See [`State::Settling`].
    Settling,
    /// See [`State::Succeeded`].
    Succeeded,
    /// See [`State::Failed`].
    Failed,
    /// See [`State::Cancelled`].
    Cancelled,
}

impl StateWord {
    /// Every state, in the order of a task's life.
    pub const ALL: [StateWord; 9] = [
        StateWord::Ingesting,
        StateWord::Queued,
        StateWord::Submitting,
        StateWord::Unknown,
        StateWord::Running,
        StateWord::Settling,
        StateWord::Succeeded,
        StateWord::Failed,
        StateWord::Cancelled,
    ];

    /// The word in SQL and logs.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            StateWord::Ingesting => "ingesting",
            StateWord::Queued => "queued",
            StateWord::Submitting => "submitting",
            StateWord::Unknown => "unknown",
            StateWord::Running => "running",
            StateWord::Settling => "settling",
            StateWord::Succeeded => "succeeded",
            StateWord::Failed => "failed",
            StateWord::Cancelled => "cancelled",
        }
    }

    /// Reads a state's name back from its word.
    #[must_use]
    pub fn parse(word: &str) -> Option<StateWord> {
        StateWord::ALL.into_iter().find(|state| state.word() == word)
    }

    /// Whether nothing more happens to the state.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(
            self,
            StateWord::Succeeded | StateWord::Failed | StateWord::Cancelled
        )
    }

    /// What clients see of it.
    #[must_use]
    pub fn status(self) -> Status {
        match self {
            StateWord::Ingesting | StateWord::Queued | StateWord::Submitting | StateWord::Unknown => {
                Status::Queued
            }
            StateWord::Running | StateWord::Settling => Status::Running,
            StateWord::Succeeded => Status::Succeeded,
            StateWord::Failed => Status::Failed,
            StateWord::Cancelled => Status::Cancelled,
        }
    }
}

impl fmt::Display for StateWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What clients see of a state; each dialect has its own word for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Accepted, not yet in work.
    Queued,
    /// In work.
    Running,
    /// Done.
    Succeeded,
    /// Not done.
    Failed,
    /// Stopped.
    Cancelled,
}

/// How far a task got: the part that changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Course {
    /// Counts changes, from 1; a change commits only on the version that it was decided on.
    pub version: u64,
    /// The state.
    pub state: State,
    /// 0–100; never falls.
    pub progress: u8,
    /// How often a submit was intended. Survives a requeue.
    pub attempts: u32,
    /// Whether the client asked to stop it when it could no longer be stopped at once.
    #[serde(default)]
    pub cancel_requested: bool,
    /// Input media in the ask's order, once ingested.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<Staged>,
    /// Result files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub artifacts: Vec<Artifact>,
    /// What the success told beside its files, with its items filled in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub findings: Option<Box<Findings>>,
    /// Files of a success that came after the task had failed; kept, never charged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub late: Vec<Artifact>,
    /// The account that made it or was last at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The upstream's name for the task, also after the end: a late result is looked for by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Receipt>,
    /// What was charged, once that is settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charge_micros: Option<Micros>,
    /// When it last changed.
    pub updated_at: Millis,
    /// When it became final.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Millis>,
    /// When its owner took it away: from then on it is shown to nobody but operators, and says nothing of
    /// what was wished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erased_at: Option<Millis>,
}

impl Course {
    /// The kept files: those of the success, else those that came after the task had failed.
    #[must_use]
    pub fn kept(&self) -> &[Artifact] {
        if self.artifacts.is_empty() {
            return &self.late;
        }
        &self.artifacts
    }

    /// The results, each with its place among the kept files: what was asked for, without marked copies.
    pub fn results(&self) -> impl Iterator<Item = (usize, &Artifact)> + Clone {
        let files = self.kept().iter().enumerate();
        files.filter(|(_, file)| file.marked_copy_of.is_none())
    }

    /// The copy with the maker's mark of the file at a place, with its own place.
    #[must_use]
    pub fn marked_copy(&self, of: usize) -> Option<(usize, &Artifact)> {
        let mut files = self.kept().iter().enumerate();
        files.find(|(_, file)| {
            file.marked_copy_of
                .is_some_and(|place| usize::try_from(place) == Ok(of))
        })
    }
}

/// An ask and how far it got.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// What was ordered.
    pub origin: Arc<Origin>,
    /// How far it is.
    pub course: Course,
}

impl Task {
    /// A task at its birth, with the hold that pays for it. Outside media makes it Ingesting.
    #[must_use]
    pub fn born(origin: Origin) -> Change {
        let at = origin.created_at;
        let ingesting = origin.ask.names_outside_media();
        let state = if ingesting {
            State::Ingesting
        } else {
            State::Queued {
                not_before: at,
                pinned: origin.pinned.clone(),
            }
        };
        let media = if ingesting {
            Vec::new()
        } else {
            staged(&origin.ask)
        };
        let course = Course {
            version: 1,
            state,
            progress: 0,
            attempts: 0,
            cancel_requested: false,
            media,
            artifacts: Vec::new(),
            findings: None,
            late: Vec::new(),
            account: None,
            receipt: None,
            charge_micros: None,
            updated_at: at,
            finished_at: None,
            erased_at: None,
        };
        let task = Task {
            origin: Arc::new(origin),
            course,
        };
        let lines = vec![books::hold(&task)];
        let webhook = owed(&task, "task.queued");
        Change {
            task,
            lines,
            webhook,
            usage: None,
            slots: None,
            frees: Vec::new(),
        }
    }

    /// The task's id.
    #[must_use]
    pub fn id(&self) -> TaskId {
        self.origin.id
    }

    /// The name of the state.
    #[must_use]
    pub fn word(&self) -> StateWord {
        match self.course.state {
            State::Ingesting => StateWord::Ingesting,
            State::Queued { .. } => StateWord::Queued,
            State::Submitting { .. } => StateWord::Submitting,
            State::Unknown { .. } => StateWord::Unknown,
            State::Running { .. } => StateWord::Running,
            State::Settling { .. } => StateWord::Settling,
            State::Succeeded => StateWord::Succeeded,
            State::Failed { .. } => StateWord::Failed,
            State::Cancelled => StateWord::Cancelled,
        }
    }

    /// What clients see of the state.
    #[must_use]
    pub fn status(&self) -> Status {
        self.word().status()
    }

    /// Why it failed, if it did.
    #[must_use]
    pub fn error(&self) -> Option<&TaskError> {
        match &self.course.state {
            State::Failed { error } => Some(error),
            _ => None,
        }
    }

    /// The account whose slot the task takes, in the states in which it takes one.
    #[must_use]
    pub fn occupies(&self) -> Option<&str> {
        match &self.course.state {
            State::Submitting { account, .. }
            | State::Unknown { account, .. }
            | State::Running { account, .. } => Some(account),
            _ => None,
        }
    }

    /// When an unowned task wants work: a queued one not before its time, one that awaits a late result
    /// for the first time a while after its end, any other at once.
    #[must_use]
    pub fn due_at(&self) -> Millis {
        match self.course.state {
            State::Queued { not_before, .. } => not_before,
            State::Failed { .. } if self.awaits_late_result() => {
                let ended = self.course.finished_at.unwrap_or(self.course.updated_at);
                ended.plus(FIRST_LATE_LOOK_MS)
            }
            _ => Millis(0),
        }
    }

    /// Whether a node keeps its lease on the task in this state.
    #[must_use]
    pub fn is_owned(&self) -> bool {
        !self.word().is_final() && self.word() != StateWord::Queued
    }

    /// Input media with roles, ready for a provider.
    #[must_use]
    pub fn job_media(&self) -> Vec<JobMedia> {
        let inputs = self.origin.ask.inputs.iter();
        let media = self.course.media.iter().cloned();
        inputs
            .zip(media)
            .map(|(input, staged)| JobMedia {
                role: input.role,
                staged,
                parent: input.parent.clone(),
            })
            .collect()
    }

    /// Whether a success after the failure would still be news: only where the task failed by its
    /// deadline while an upstream had it.
    #[must_use]
    pub fn awaits_late_result(&self) -> bool {
        let by_deadline = self
            .error()
            .is_some_and(|error| error.code == TaskErrorCode::DeadlinePassed);
        let is_open = self.course.late.is_empty() && self.course.erased_at.is_none();
        by_deadline && self.course.account.is_some() && is_open
    }
}

fn staged(ask: &Ask) -> Vec<Staged> {
    let inputs = ask.inputs.iter();
    let staged = inputs.filter_map(|input| match &input.source {
        Source::Staged(staged) => Some(staged.clone()),
        Source::Link(_) | Source::Earlier(_) => None,
    });
    staged.collect()
}
