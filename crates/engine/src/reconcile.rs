//! Reconcile: was a doubtful submit accepted? Only a look-up by our reference at the same account
//! leads out of Unknown; nothing is ever sent again blindly.

use std::sync::Arc;
use std::time::Duration;

use domain::provider::{Lookup, Reconciled};
use domain::{EventKind, State, Task};

use crate::Engine;
use crate::advance::Halt;
use crate::pace::backoff;
use crate::roster::Post;

/// Pause between visits to a task whose vendor has no look-up, in milliseconds: it waits for the
/// operator or its deadline.
const NO_LOOKUP_PAUSE_MS: i64 = 60_000;

impl Engine {
    /// Looks one doubtful submit up.
    pub(crate) async fn reconcile(&self, post: &Post, task: &Arc<Task>, tries: u32) -> Result<(), Halt> {
        let State::Unknown { since, .. } = &task.course.state else {
            return Err(Halt::Moved);
        };
        let Lookup::Authoritative { absence_bound_ms } = post.provider.manifest().lookup else {
            self.park(task, NO_LOOKUP_PAUSE_MS, tries);
            return Ok(());
        };
        let job = self.job(task);
        let limit = Duration::from_millis(self.settings.upstream_timeout_ms);
        let found = tokio::time::timeout(limit, post.provider.reconcile(&job, &post.wire)).await;
        let tries = tries.saturating_add(1);
        match found {
            Ok(Ok(Reconciled::Found(receipt))) => {
                let task = self.advance(task, EventKind::Accepted { receipt }).await?;
                self.park_running(&task, post);
            }
            Ok(Ok(Reconciled::Absent)) => {
                let bound = absence_bound_ms.unwrap_or(self.settings.absence_bound_ms);
                let believed_at = since.plus(i64::try_from(bound).unwrap_or(i64::MAX));
                let left = believed_at.since(self.clock.now());
                if left <= 0 {
                    self.advance(task, EventKind::Absent).await?;
                } else {
                    self.park(task, backoff(tries, &*self.ids).min(left), tries);
                }
            }
            Ok(Ok(Reconciled::NoLookup)) => self.park(task, NO_LOOKUP_PAUSE_MS, tries),
            Ok(Err(error)) => {
                tracing::warn!(task = %task.id().prefixed(), account = %post.account.name, %error, "a look-up learnt nothing");
                self.park(task, backoff(tries, &*self.ids), tries);
            }
            Err(_) => self.park(task, backoff(tries, &*self.ids), tries),
        }
        Ok(())
    }
}
