//! Dispatch: the dangerous moment. A queued task is handed to an account: intent committed, lease
//! checked, one call, outcome committed. No transaction is open around the call.

use std::sync::Arc;
use std::time::Duration;

use domain::provider::{Job, Submitted, UpstreamError};
use domain::store::StoreError;
use domain::{EventKind, StateWord, Task};

use crate::Engine;
use crate::advance::Halt;
use crate::pace::{Verdict, backoff};
use crate::roster::Post;

impl Engine {
    /// Hands a queued task, claimed in an epoch, to an account whose slot it has.
    pub(crate) async fn dispatch(&self, task: Arc<Task>, post: &Post, epoch: u64) -> Result<(), Halt> {
        let intent = EventKind::SubmitIntended {
            account: post.account.name.clone(),
        };
        let task = self.advance_claimed(&task, &intent).await?;
        if !self.ownership.covers(epoch, self.clock.monotonic_ms()) {
            // The lease may be another node's by now. Nothing was sent, but whoever takes the row up
            // finds the intent and asks the vendor; if it is still ours, it is given back for that.
            return Err(Halt::Store(StoreError::Unavailable(
                "the lease is too old to submit".to_owned(),
            )));
        }
        let job = self.job(&task);
        let limit = Duration::from_millis(post.provider.manifest().submit_timeout_ms);
        let answer = tokio::time::timeout(limit, post.provider.submit(&job, &post.wire)).await;
        let answer = answer
            .unwrap_or_else(|_| Err(UpstreamError::Unknown("no answer within the time-out".to_owned())));
        self.take_answer(&task, post, answer).await
    }

    async fn take_answer(
        &self,
        task: &Arc<Task>,
        post: &Post,
        answer: Result<Submitted, UpstreamError>,
    ) -> Result<(), Halt> {
        self.pace.learn(&post.account.name, &verdict(&answer));
        match answer {
            Ok(Submitted::Accepted(receipt)) => {
                let task = self.advance(task, EventKind::Accepted { receipt }).await?;
                self.park_running(&task, post);
            }
            Ok(Submitted::Done(receipt, outputs)) => {
                let completed = self.completed(receipt, &outputs);
                let task = self.advance(task, completed).await?;
                if task.word() == StateWord::Settling {
                    return self.settle(&task, Some(outputs), 0).await;
                }
            }
            Err(UpstreamError::Busy {
                reason,
                retry_after_ms,
                ..
            }) => {
                let asked = i64::try_from(retry_after_ms.unwrap_or(0)).unwrap_or(i64::MAX);
                let wait = backoff(task.course.attempts, &*self.ids).max(asked);
                tracing::info!(task = %task.id().prefixed(), account = %post.account.name, %reason, "upstream is busy");
                let not_before = self.clock.now().plus(wait);
                self.advance(task, EventKind::Busy { not_before }).await?;
            }
            Err(UpstreamError::Refused(error)) => {
                self.advance(task, EventKind::Refused { error }).await?;
            }
            Err(UpstreamError::Unknown(why)) => {
                tracing::warn!(task = %task.id().prefixed(), account = %post.account.name, %why, "submit is in doubt");
                let task = self.advance(task, EventKind::Ambiguous).await?;
                self.park(&task, backoff(1, &*self.ids), 1);
            }
        }
        Ok(())
    }

    /// Parks a task that the upstream has just been found to have.
    pub(crate) fn park_running(&self, task: &Task, post: &Post) {
        let since = Some(self.timer());
        let pause = self.pace.until_look(post, task, since, &*self.ids);
        self.park_since(task, pause, 0, since);
    }

    /// A task as its provider sees it.
    pub(crate) fn job(&self, task: &Task) -> Job {
        Job {
            task: task.id(),
            client_ref: task.origin.client_ref.clone(),
            ask: Arc::clone(&task.origin.ask),
            seed: task.origin.seed,
            media: task.job_media(),
            receipt: task.course.receipt.clone(),
        }
    }
}

/// What an answer says of the account.
fn verdict(answer: &Result<Submitted, UpstreamError>) -> Verdict<'_> {
    match answer {
        Ok(_) => Verdict::Taken,
        Err(UpstreamError::Refused(_)) => Verdict::Refused,
        Err(UpstreamError::Unknown(why)) => Verdict::Doubtful(why),
        Err(UpstreamError::Busy {
            jam,
            reason,
            retry_after_ms,
        }) => Verdict::Jammed {
            jam: *jam,
            retry_after_ms: *retry_after_ms,
            why: reason,
        },
    }
}
