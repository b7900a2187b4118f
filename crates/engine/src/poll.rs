//! Poll: how far is it? Looks are batched by account; a look that changes nothing writes nothing, and
//! a failed look never fails a task.

use std::sync::Arc;
use std::time::Duration;

use domain::findings::{self, FINDINGS_BYTES_MAX};
use domain::provider::{Job, Look, OutputSource, Outputs, Receipt, Stopped, UpstreamError};
use domain::task::Offered;
use domain::{EventKind, Findings, Millis, State, StateWord, Task};
use futures_util::future::join_all;

use crate::Engine;
use crate::advance::Halt;
use crate::pace::{Permit, backoff, jittered};
use crate::remarks::About;
use crate::roster::Post;
use crate::tally::{Call, Heard};
use crate::wheel::Parked;

/// Progress is written down in steps of so many percent.
const PROGRESS_STEP: u8 = 5;

/// A parked task that is due.
#[derive(Clone)]
pub(crate) struct Due {
    pub(crate) task: Arc<Task>,
    pub(crate) parked: Parked,
}

impl Engine {
    /// Looks at running tasks of one account, at most as many as the vendor takes in one call. The call
    /// ends before what follows from it: a download that is slow keeps nobody else from being looked at.
    pub(crate) async fn look(&self, post: &Post, due: Vec<Due>, permit: Permit) {
        let due = self.stop_unwanted(post, due).await;
        if due.is_empty() {
            return;
        }
        let jobs: Vec<Job> = due.iter().map(|due| self.job(&due.task, post)).collect();
        let limit = Duration::from_millis(self.settings.upstream_timeout_ms);
        let seen = tokio::time::timeout(limit, post.provider.poll(&jobs, &post.wire)).await;
        self.tally
            .called(&post.account.name, Call::Look, &Heard::of(&seen));
        drop(permit);
        match seen {
            Ok(Ok(looks)) if looks.len() == due.len() => {
                let seen = due.into_iter().zip(looks).map(|(due, look)| async move {
                    if let Look::Unseen(why) = &look {
                        self.saw_nothing(post, vec![due], None, why);
                        return;
                    }
                    let task = due.task.id();
                    self.note_end(&look, due.parked.at);
                    let result = self.see(post, &due, look).await;
                    self.handle(task, result);
                });
                join_all(seen).await;
            }
            Ok(Ok(looks)) => {
                let why = format!("{} looks for {} jobs", looks.len(), jobs.len());
                self.saw_nothing(post, due, None, &why);
            }
            Ok(Err(error)) => {
                let asked = match &error {
                    UpstreamError::Busy { retry_after_ms, .. } => *retry_after_ms,
                    UpstreamError::Refused(_) | UpstreamError::Unknown(_) => None,
                };
                self.saw_nothing(post, due, asked, &error.to_string());
            }
            Err(_) => self.saw_nothing(post, due, None, "no answer within the time-out"),
        }
    }

    /// Notes how long a job that is seen to be done has been so.
    fn note_end(&self, look: &Look, last_look: Millis) {
        let Look::Done(outputs) = look else { return };
        let most_ms = self.timer().since(last_look);
        // A vendor whose clock is off would say that it was yesterday, or tomorrow.
        let told = outputs.ended_at.map(|ended| self.clock.now().since(ended));
        let told = told.filter(|lag_ms| (0..=most_ms).contains(lag_ms));
        self.tally.detected(told.unwrap_or(most_ms));
    }

    /// The next look comes later each time, never earlier than a look that sees something would, and not
    /// before the upstream said.
    fn saw_nothing(&self, post: &Post, due: Vec<Due>, retry_after_ms: Option<u64>, why: &str) {
        tracing::warn!(tasks = due.len(), why, "a look saw nothing");
        self.pace.look_failed(&post.account.name, retry_after_ms, why);
        let asked = i64::try_from(retry_after_ms.unwrap_or(0)).unwrap_or(i64::MAX);
        for due in due {
            let tries = due.parked.tries.saturating_add(1);
            self.remark(due.task.id(), About::Look, why);
            let interval = jittered(post.provider.manifest().poll_interval_ms, &*self.ids);
            let pause = backoff(tries, &*self.ids).max(interval).max(asked);
            self.park_since(&due.task, pause, tries, due.parked.since);
        }
    }

    fn park_again(&self, post: &Post, due: &Due, task: &Task) {
        let pause = self.pace.until_look(post, task, due.parked.since, &*self.ids);
        self.park_since(task, pause, 0, due.parked.since);
    }

    async fn see(&self, post: &Post, due: &Due, look: Look) -> Result<(), Halt> {
        let task = &due.task;
        match look {
            Look::Running(percent) => {
                let percent = percent.unwrap_or(0).min(99) / PROGRESS_STEP * PROGRESS_STEP;
                if percent > task.course.progress {
                    let task = self.advance(task, EventKind::Progressed { percent }).await?;
                    self.park_again(post, due, &task);
                } else {
                    self.park_again(post, due, task);
                }
            }
            Look::UnknownWord(word) => {
                tracing::warn!(task = %task.id().prefixed(), account = %post.account.name, %word, "unknown upstream word; the state is kept");
                self.remark(
                    task.id(),
                    About::Look,
                    &format!("the vendor says `{word}`, which is no word that we know"),
                );
                self.park_again(post, due, task);
            }
            // Sifted out by the caller, who knows how often nothing was seen in a row.
            Look::Unseen(_) => self.park_again(post, due, task),
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
                if let Some(since) = due.parked.since {
                    let took = self.timer().since(since);
                    self.pace.observe(&post.account.name, task, took);
                }
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
        let is_bounded = |found: &&Findings| findings::bytes(found) <= FINDINGS_BYTES_MAX;
        let findings = outputs.findings.as_deref().filter(is_bounded);
        EventKind::Completed {
            receipt,
            offered: offered.collect(),
            findings: findings.cloned().map(Box::new),
            quantity: outputs.quantity,
            cost: outputs.cost,
        }
    }

    /// Asks the vendor to stop what the client does not want any more, all at once; what could not be
    /// stopped is looked at as before.
    async fn stop_unwanted(&self, post: &Post, due: Vec<Due>) -> Vec<Due> {
        let asked = due.into_iter().map(|due| async move {
            let stopped = due.task.course.cancel_requested && self.stop_at_vendor(post, &due.task).await;
            if !stopped {
                return Some(due);
            }
            let task = due.task.id();
            let result = self.advance(&due.task, EventKind::Stopped).await.map(drop);
            self.handle(task, result);
            None
        });
        join_all(asked).await.into_iter().flatten().collect()
    }

    /// Whether the vendor proves that the job is gone and cost nothing.
    pub(crate) async fn stop_at_vendor(&self, post: &Post, task: &Task) -> bool {
        if !post.provider.manifest().can_cancel || !matches!(task.course.state, State::Running { .. }) {
            return false;
        }
        let job = self.job(task, post);
        let limit = Duration::from_millis(self.settings.upstream_timeout_ms);
        let answer = tokio::time::timeout(limit, post.provider.cancel(&job, &post.wire)).await;
        self.tally
            .called(&post.account.name, Call::Stop, &Heard::of(&answer));
        matches!(answer, Ok(Ok(Stopped::Stopped)))
    }
}
