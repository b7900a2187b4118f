//! The state machine: every event, and what it makes of every state. Pure.

use crate::artifact::{Artifact, Staged};
use crate::clock::Millis;
use crate::error::{TaskError, TaskErrorCode};
use crate::findings::Findings;
use crate::money::{Line, Micros, Overflow};
use crate::provider::Receipt;
use crate::task::{Change, Offered, State, StateWord, Task, Usage, books, owed};

/// Something happened, at a moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// When.
    pub at: Millis,
    /// What.
    pub kind: EventKind,
}

/// What can happen to a task.
#[derive(Debug, Clone, PartialEq)]
pub enum EventKind {
    /// All outside media was fetched and kept; in the ask's order.
    Ingested {
        /// One for each input.
        media: Vec<Staged>,
    },
    /// Outside media could not be fetched or used.
    IngestFailed {
        /// Why.
        error: TaskError,
    },
    /// The task is about to be handed to an account.
    SubmitIntended {
        /// Which.
        account: String,
    },
    /// The upstream certainly has it.
    Accepted {
        /// Its name there.
        receipt: Receipt,
    },
    /// The upstream certainly does not have it; later, here or elsewhere.
    Busy {
        /// Not before this.
        not_before: Millis,
    },
    /// The upstream certainly does not have it and never will.
    Refused {
        /// Why.
        error: TaskError,
    },
    /// Bytes were sent and no trustworthy answer came; or the owner died meanwhile.
    Ambiguous,
    /// A look-up that can be believed says that the submit never arrived.
    Absent,
    /// A look-up found the task at the vendor, failed.
    VendorFailed {
        /// Why.
        error: TaskError,
    },
    /// The upstream says how far it is.
    Progressed {
        /// 0–100.
        percent: u8,
    },
    /// The provider proves that the job is gone and cost nothing.
    Lost,
    /// The upstream is done.
    Completed {
        /// Its name there, when the submit itself was answered with the result.
        receipt: Receipt,
        /// The files it offers.
        offered: Vec<Offered>,
        /// What it tells beside them.
        findings: Option<Box<Findings>>,
        /// The quantity that the vendor counted.
        quantity: Option<u64>,
        /// What the vendor takes.
        cost: Option<Micros>,
    },
    /// All offered files are kept.
    Kept {
        /// The kept files.
        artifacts: Vec<Artifact>,
        /// What was told beside them, with its items filled in.
        findings: Option<Box<Findings>>,
    },
    /// An offered file could not be had while its link lived.
    CustodyLost {
        /// Why.
        error: TaskError,
    },
    /// The client wants it stopped.
    CancelRequested,
    /// The provider proves that the job was stopped and cost nothing.
    Stopped,
    /// The deadline has passed.
    DeadlinePassed,
    /// A success came after the task had failed by its deadline.
    LateResult {
        /// The kept files.
        artifacts: Vec<Artifact>,
        /// What the vendor takes.
        cost: Option<Micros>,
    },
}

impl EventKind {
    /// The event's word in logs.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            EventKind::Ingested { .. } => "ingested",
            EventKind::IngestFailed { .. } => "ingest_failed",
            EventKind::SubmitIntended { .. } => "submit_intended",
            EventKind::Accepted { .. } => "accepted",
            EventKind::Busy { .. } => "busy",
            EventKind::Refused { .. } => "refused",
            EventKind::Ambiguous => "ambiguous",
            EventKind::Absent => "absent",
            EventKind::VendorFailed { .. } => "vendor_failed",
            EventKind::Progressed { .. } => "progressed",
            EventKind::Lost => "lost",
            EventKind::Completed { .. } => "completed",
            EventKind::Kept { .. } => "kept",
            EventKind::CustodyLost { .. } => "custody_lost",
            EventKind::CancelRequested => "cancel_requested",
            EventKind::Stopped => "stopped",
            EventKind::DeadlinePassed => "deadline_passed",
            EventKind::LateResult { .. } => "late_result",
        }
    }
}

/// An event that cannot happen in this state: somebody else was there first, or a caller is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Illegal {
    /// The state does not know the event.
    #[error("`{event}` cannot happen to a task that is `{state}`")]
    Transition {
        /// The state's name.
        state: StateWord,
        /// The event's name.
        event: &'static str,
    },
    /// The money of the change cannot be held in 64 bits.
    #[error(transparent)]
    Overflow(#[from] Overflow),
}

/// A decision before it is written down.
struct Draft {
    task: Task,
    lines: Vec<Line>,
    quantity: u64,
    event: Option<&'static str>,
}

impl Task {
    /// Decides what an event makes of the task. Pure: nothing is changed but the answer.
    ///
    /// # Errors
    /// [`Illegal`] when the event cannot happen in this state. Final states change by no event but
    /// a late result, which leaves the state as it is.
    pub fn apply(&self, event: &Event) -> Result<Change, Illegal> {
        let mut task = self.clone();
        task.course.version += 1;
        task.course.updated_at = event.at;
        let draft = Draft {
            task,
            lines: Vec::new(),
            quantity: 0,
            event: None,
        };
        let draft = self.decide(draft, event)?;
        Ok(self.write_down(draft, event.at))
    }

    fn decide(&self, draft: Draft, event: &Event) -> Result<Draft, Illegal> {
        let at = event.at;
        match (&self.course.state, &event.kind) {
            (State::Ingesting, EventKind::Ingested { media }) => Ok(draft.ingested(media, at)),
            (State::Ingesting, EventKind::IngestFailed { error }) => Ok(draft.failed(error, at)),
            (State::Queued { pinned, .. }, EventKind::SubmitIntended { account })
                if pinned.as_ref().is_none_or(|pinned| pinned == account) =>
            {
                Ok(draft.submitting(account, pinned.is_some()))
            }
            (State::Submitting { account, pinned }, EventKind::Busy { not_before }) => {
                Ok(draft.requeued(*not_before, pinned.then(|| account.clone()), at))
            }
            (State::Submitting { .. }, EventKind::Refused { error }) => Ok(draft.failed(error, at)),
            (State::Submitting { account, .. }, EventKind::Ambiguous) => {
                let state = State::Unknown {
                    account: account.clone(),
                    since: at,
                };
                Ok(draft.becomes(state))
            }
            (
                State::Submitting { account, .. } | State::Unknown { account, .. },
                EventKind::Accepted { receipt },
            ) => Ok(draft.running(account, receipt)),
            (State::Unknown { account, .. }, EventKind::Absent) => {
                Ok(draft.requeued(at, Some(account.clone()), at))
            }
            (State::Unknown { .. } | State::Running { .. }, EventKind::VendorFailed { error }) => {
                Ok(draft.ended_by_vendor(error, at))
            }
            (State::Running { .. }, EventKind::Progressed { percent }) => Ok(draft.progressed(*percent)),
            (State::Running { .. } | State::Settling { .. }, EventKind::Lost) => {
                Ok(draft.requeued(at, None, at))
            }
            (
                State::Submitting { account, .. } | State::Running { account, .. },
                EventKind::Completed {
                    receipt,
                    offered,
                    findings,
                    quantity,
                    cost,
                },
            ) => {
                let result = (offered.as_slice(), findings.as_deref());
                draft.completed((account, receipt), result, (*quantity, *cost), at)
            }
            (State::Settling { quantity, cost, .. }, EventKind::Kept { artifacts, findings }) => {
                draft.kept((artifacts, findings.as_deref()), (*quantity, *cost), at)
            }
            (State::Settling { cost, .. }, EventKind::CustodyLost { error }) => {
                Ok(draft.custody_lost(error, *cost, at))
            }
            _ => self.decide_end(draft, event),
        }
    }

    /// Ends that do not come from the work itself: the client's wish, the deadline, a late result.
    fn decide_end(&self, draft: Draft, event: &Event) -> Result<Draft, Illegal> {
        let at = event.at;
        let illegal = Illegal::Transition {
            state: self.word(),
            event: event.kind.word(),
        };
        match (self.word(), &event.kind) {
            (StateWord::Ingesting | StateWord::Queued, EventKind::CancelRequested) => Ok(draft.cancelled(at)),
            (word, EventKind::CancelRequested) if !word.is_final() => Ok(draft.cancel_requested()),
            (StateWord::Unknown | StateWord::Running, EventKind::Stopped) if self.course.cancel_requested => {
                Ok(draft.cancelled(at))
            }
            (word, EventKind::DeadlinePassed) if !word.is_final() && word != StateWord::Settling => {
                Ok(draft.deadline_passed(at))
            }
            (StateWord::Failed, EventKind::LateResult { artifacts, cost })
                if self.awaits_late_result() && !artifacts.is_empty() =>
            {
                Ok(draft.late_result(artifacts, *cost, at))
            }
            _ => Err(illegal),
        }
    }

    fn write_down(&self, draft: Draft, at: Millis) -> Change {
        let Draft {
            mut task,
            lines,
            quantity,
            event,
        } = draft;
        let became_final = task.word().is_final() && !self.word().is_final();
        if became_final {
            task.course.finished_at = Some(at);
        }
        let usage = became_final.then(|| Usage {
            task: task.id(),
            tenant: task.origin.tenant,
            key: task.origin.key,
            model: task.origin.ask.model.clone(),
            operation: task.origin.ask.operation.word().to_owned(),
            outcome: task.word(),
            quantity,
            charge_micros: task.course.charge_micros.unwrap_or(Micros::ZERO),
            at,
        });
        let event = event.or_else(|| news(self.word(), task.word()));
        let webhook = event.and_then(|event| owed(&task, event));
        Change {
            task,
            lines,
            webhook,
            usage,
            slots: None,
            frees: Vec::new(),
        }
    }
}

/// The webhook event of a change of state, where clients can see a change at all.
fn news(before: StateWord, after: StateWord) -> Option<&'static str> {
    if before.status() == after.status() {
        return None;
    }
    Some(match after {
        StateWord::Succeeded => "task.succeeded",
        StateWord::Failed => "task.failed",
        StateWord::Cancelled => "task.cancelled",
        StateWord::Running | StateWord::Settling => "task.running",
        StateWord::Ingesting | StateWord::Queued | StateWord::Submitting | StateWord::Unknown => {
            "task.queued"
        }
    })
}

impl Draft {
    fn becomes(mut self, state: State) -> Draft {
        self.task.course.state = state;
        self
    }

    fn ingested(mut self, media: &[Staged], at: Millis) -> Draft {
        media.clone_into(&mut self.task.course.media);
        let pinned = self.task.origin.pinned.clone();
        self.becomes(State::Queued {
            not_before: at,
            pinned,
        })
    }

    fn submitting(mut self, account: &str, pinned: bool) -> Draft {
        self.task.course.attempts += 1;
        self.task.course.account = Some(account.to_owned());
        self.becomes(State::Submitting {
            account: account.to_owned(),
            pinned,
        })
    }

    fn running(mut self, account: &str, receipt: &Receipt) -> Draft {
        self.task.course.receipt = Some(receipt.clone());
        self.becomes(State::Running {
            account: account.to_owned(),
            receipt: receipt.clone(),
        })
    }

    fn progressed(mut self, percent: u8) -> Draft {
        let course = &mut self.task.course;
        course.progress = course.progress.max(percent.min(99));
        self
    }

    /// Back to the queue with the hold kept; a task that the client wants stopped ends instead.
    fn requeued(mut self, not_before: Millis, pinned: Option<String>, at: Millis) -> Draft {
        if self.task.course.cancel_requested {
            return self.cancelled(at);
        }
        self.task.course.receipt = None;
        let pinned = pinned.or_else(|| self.task.origin.pinned.clone());
        if pinned.is_none() {
            self.task.course.account = None;
        }
        self.becomes(State::Queued { not_before, pinned })
    }

    fn completed(
        mut self,
        (account, receipt): (&str, &Receipt),
        (offered, findings): (&[Offered], Option<&Findings>),
        (quantity, cost): (Option<u64>, Option<Micros>),
        at: Millis,
    ) -> Result<Draft, Illegal> {
        self.task.course.receipt = Some(receipt.clone());
        if offered.is_empty() && findings.is_none() {
            return Ok(self.without_artifact(cost, at));
        }
        if self.task.course.cancel_requested {
            return self.dropped(quantity, cost, at);
        }
        // A settling task has no deadline, so a quantity that cannot be billed must not become one.
        books::charge(&self.task, quantity, at)?;
        let state = State::Settling {
            account: account.to_owned(),
            receipt: receipt.clone(),
            offered: offered.to_vec(),
            findings: findings.cloned().map(Box::new),
            quantity,
            cost,
        };
        Ok(self.becomes(state))
    }

    /// A success without a file or a finding is a failure; what the vendor takes for it is the house's loss.
    fn without_artifact(self, cost: Option<Micros>, at: Millis) -> Draft {
        let error = TaskError::new(
            TaskErrorCode::NoArtifact,
            "the provider reported success without a result",
        );
        self.custody_lost(&error, cost, at)
    }

    /// The client did not want the result any more, but the work was done: the usual bill, no files.
    fn dropped(mut self, quantity: Option<u64>, cost: Option<Micros>, at: Millis) -> Result<Draft, Illegal> {
        self.bill(quantity, cost, at)?;
        Ok(self.becomes(State::Cancelled))
    }

    fn kept(
        mut self,
        (artifacts, findings): (&[Artifact], Option<&Findings>),
        (quantity, cost): (Option<u64>, Option<Micros>),
        at: Millis,
    ) -> Result<Draft, Illegal> {
        if self.task.course.cancel_requested {
            return self.dropped(quantity, cost, at);
        }
        if artifacts.is_empty() && findings.is_none() {
            return Ok(self.without_artifact(cost, at));
        }
        let quantity = quantity.or_else(|| books::measured(&self.task, artifacts));
        self.bill(quantity, cost, at)?;
        artifacts.clone_into(&mut self.task.course.artifacts);
        self.task.course.findings = findings.cloned().map(Box::new);
        self.task.course.progress = 100;
        Ok(self.becomes(State::Succeeded))
    }

    fn bill(&mut self, quantity: Option<u64>, cost: Option<Micros>, at: Millis) -> Result<(), Illegal> {
        let bill = books::charge(&self.task, quantity, at)?;
        self.lines.extend(bill.lines);
        self.lines.extend(books::cost(&self.task, cost, at));
        self.quantity = bill.quantity;
        self.task.course.charge_micros = Some(bill.charged);
        Ok(())
    }

    fn released(mut self, at: Millis) -> Draft {
        self.lines.extend(books::release(&self.task, at));
        self.task.course.charge_micros = Some(Micros::ZERO);
        self
    }

    fn failed(self, error: &TaskError, at: Millis) -> Draft {
        self.released(at).becomes(State::Failed { error: error.clone() })
    }

    fn cancelled(self, at: Millis) -> Draft {
        self.released(at).becomes(State::Cancelled)
    }

    fn ended_by_vendor(self, error: &TaskError, at: Millis) -> Draft {
        if self.task.course.cancel_requested {
            self.cancelled(at)
        } else {
            self.failed(error, at)
        }
    }

    fn custody_lost(mut self, error: &TaskError, cost: Option<Micros>, at: Millis) -> Draft {
        self.lines.extend(books::correction_cost(&self.task, cost, at));
        self.ended_by_vendor(error, at)
    }

    fn cancel_requested(mut self) -> Draft {
        self.task.course.cancel_requested = true;
        self
    }

    fn deadline_passed(self, at: Millis) -> Draft {
        if self.task.course.cancel_requested {
            return self.cancelled(at);
        }
        let error = TaskError::new(
            TaskErrorCode::DeadlinePassed,
            "the task was not done by its deadline; nothing was charged",
        );
        self.failed(&error, at)
    }

    fn late_result(mut self, artifacts: &[Artifact], cost: Option<Micros>, at: Millis) -> Draft {
        self.lines.extend(books::correction_cost(&self.task, cost, at));
        artifacts.clone_into(&mut self.task.course.late);
        self.event = Some("task.late_result");
        self
    }
}
