//! Poll: how far is it? Looks are batched by account; a look that changes nothing writes nothing, and
//! a failed look never fails a task.

use std::sync::Arc;
use std::time::Duration;

use domain::provider::{Job, Look, OutputSource, Outputs, Receipt, Stopped};
use domain::task::Offered;
use domain::{EventKind, Millis, State, StateWord, Task};

use crate::Engine;
use crate::advance::Halt;
use crate::pace::{backoff, jittered};
use crate::remarks::About;
use crate::roster::Post;
use crate::tally::{Call, Heard};

/// Progress is written down in steps of so many percent.
const PROGRESS_STEP: u8 = 5;
/// Longest time for one look, in milliseconds.
const POLL_TIMEOUT_MS: u64 = 30_000;
/// Longest time for one stop request, in milliseconds.
const CANCEL_TIMEOUT_MS: u64 = 15_000;

/// A running task that is due for a look, with its looks in a row that saw nothing, and when the last
/// one was.
pub(crate) struct Due {
    pub(crate) task: Arc<Task>,
    pub(crate) tries: u32,
    pub(crate) since: Millis,
}

impl Engine {
    /// Looks at running tasks of one account, at most as many as the vendor takes in one call.
    pub(crate) async fn look(&self, post: &Post, due: Vec<Due>) {
        let due = self.stop_unwanted(post, due).await;
        if due.is_empty() {
            return;
        }
        let jobs: Vec<Job> = due.iter().map(|due| self.job(&due.task)).collect();
        let limit = Duration::from_millis(POLL_TIMEOUT_MS);
        let seen = tokio::time::timeout(limit, post.provider.poll(&jobs, &post.wire)).await;
        self.tally
            .called(&post.account.name, Call::Look, &Heard::of(&seen));
        match seen {
            Ok(Ok(looks)) if looks.len() == due.len() => {
                for (due, look) in due.into_iter().zip(looks) {
                    if let Look::Unseen(why) = &look {
                        self.saw_nothing(vec![due], why);
                        continue;
                    }
                    let task = due.task.id();
                    self.note_end(&look, due.since);
                    let result = self.see(post, &due.task, look).await;
                    self.handle(task, result);
                }
            }
            Ok(Ok(looks)) => self.saw_nothing(due, &format!("{} looks for {} jobs", looks.len(), jobs.len())),
            Ok(Err(error)) => self.saw_nothing(due, &error.to_string()),
            Err(_) => self.saw_nothing(due, "no answer within the time-out"),
        }
    }

    /// Notes how long a job that is seen to be done has been so.
    fn note_end(&self, look: &Look, last_look: Millis) {
        let Look::Done(outputs) = look else { return };
        let now = self.clock.now();
        let most_ms = now.since(last_look);
        // A vendor whose clock is off would say that it was yesterday, or tomorrow.
        let told = outputs.ended_at.map(|ended| now.since(ended));
        let told = told.filter(|lag_ms| (0..=most_ms).contains(lag_ms));
        self.tally.detected(told.unwrap_or(most_ms));
    }

    fn saw_nothing(&self, due: Vec<Due>, why: &str) {
        tracing::warn!(tasks = due.len(), why, "a look saw nothing");
        for due in due {
            let tries = due.tries.saturating_add(1);
            self.remark(due.task.id(), About::Look, why);
            self.park(&due.task, backoff(tries, &*self.ids), tries);
        }
    }

    async fn see(&self, post: &Post, task: &Arc<Task>, look: Look) -> Result<(), Halt> {
        let interval = jittered(post.provider.manifest().poll_interval_ms, &*self.ids);
        match look {
            Look::Running(percent) => {
                let percent = percent.unwrap_or(0).min(99) / PROGRESS_STEP * PROGRESS_STEP;
                let task = if percent > task.course.progress {
                    self.advance(task, EventKind::Progressed { percent }).await?
                } else {
                    Arc::clone(task)
                };
                self.park(&task, interval, 0);
            }
            Look::UnknownWord(word) => {
                tracing::warn!(task = %task.id().prefixed(), account = %post.account.name, %word, "unknown upstream word; the state is kept");
                self.remark(
                    task.id(),
                    About::Look,
                    &format!("the vendor says `{word}`, which is no word that we know"),
                );
                self.park(task, interval, 0);
            }
            // Sifted out by the caller, who knows how often nothing was seen in a row.
            Look::Unseen(_) => self.park(task, interval, 0),
            Look::Failed(error) => {
                self.advance(task, EventKind::VendorFailed { error }).await?;
            }
            Look::Lost => {
                self.advance(task, EventKind::Lost).await?;
            }
            Look::Done(outputs) => {
                let Some(receipt) = task.course.receipt.clone() else {
                    return Err(Halt::Moved);
                };
                let completed = self.completed(receipt, &outputs);
                let task = self.advance(task, completed).await?;
                if task.word() == StateWord::Settling {
                    return self.settle(&task, Some(outputs), 0).await;
                }
            }
        }
        Ok(())
    }

    /// Outputs as an event: what is written down of them.
    pub(crate) fn completed(&self, receipt: Receipt, outputs: &Outputs) -> EventKind {
        let offered = outputs.files.iter().map(|file| Offered {
            kind: file.kind,
            link: match &file.source {
                OutputSource::Link(url) => Some(url.clone()),
                OutputSource::Stream(_) => None,
            },
            facts: file.facts,
            vendor_ref: file.vendor_ref.clone(),
            marked_copy_of: file.marked_copy_of,
        });
        EventKind::Completed {
            receipt,
            offered: offered.collect(),
            quantity: outputs.quantity,
            cost: outputs.cost,
        }
    }

    /// Asks the vendor to stop what the client does not want any more; what could not be stopped is
    /// looked at as before.
    async fn stop_unwanted(&self, post: &Post, due: Vec<Due>) -> Vec<Due> {
        let mut wanted = Vec::with_capacity(due.len());
        for due in due {
            if !due.task.course.cancel_requested || !self.stop_at_vendor(post, &due.task).await {
                wanted.push(due);
                continue;
            }
            let task = due.task.id();
            let result = self.advance(&due.task, EventKind::Stopped).await.map(drop);
            self.handle(task, result);
        }
        wanted
    }

    /// Whether the vendor proves that the job is gone and cost nothing.
    pub(crate) async fn stop_at_vendor(&self, post: &Post, task: &Task) -> bool {
        if !post.provider.manifest().can_cancel || !matches!(task.course.state, State::Running { .. }) {
            return false;
        }
        let job = self.job(task);
        let limit = Duration::from_millis(CANCEL_TIMEOUT_MS);
        let answer = tokio::time::timeout(limit, post.provider.cancel(&job, &post.wire)).await;
        self.tally
            .called(&post.account.name, Call::Stop, &Heard::of(&answer));
        matches!(answer, Ok(Ok(Stopped::Stopped)))
    }
}
