//! Sweep: what time takes away. Tasks past their deadline, staged media that no task came to use,
//! answers to repeats that nobody will send any more, webhooks that
//! nobody will replay.

use domain::store::StoreError;
use domain::{EventKind, State};

use crate::Engine;
use crate::advance::Halt;

/// Most rows of each kind in one sweep.
const SWEEP_LIMIT: usize = 256;
/// Most webhooks that one sweep forgets: there are several for each task.
const WEBHOOKS_LIMIT: usize = 4_096;
/// How long staged media waits for its task, in milliseconds.
const STAGED_LIFE_MS: i64 = 60 * 60 * 1_000;
/// How long an idempotency key is remembered, in milliseconds.
const IDEMPOTENCY_LIFE_MS: i64 = 24 * 60 * 60 * 1_000;

impl Engine {
    /// One sweep; the number of things that were taken away.
    pub(crate) async fn sweep(&self) -> Result<usize, StoreError> {
        let now = self.clock.now();
        let overdue = self.store.overdue(now, SWEEP_LIMIT).await?;
        let mut swept = overdue.len();
        for id in overdue {
            let Some(task) = self.store.any_task(id).await? else {
                continue;
            };
            if let State::Running { account, .. } = &task.course.state
                && let Some(post) = self.post(account)
            {
                // Best effort: what goes on all the same is the house's cost, not the tenant's.
                self.stop_at_vendor(&post, &task).await;
            }
            match self.advance(&task, EventKind::DeadlinePassed).await {
                Ok(_) | Err(Halt::Moved | Halt::Stuck | Halt::NoSlot(_)) => {}
                Err(Halt::Store(error)) => return Err(error),
            }
        }
        let before = now.plus(-IDEMPOTENCY_LIFE_MS);
        swept += usize::try_from(self.store.forget_idempotent(before, SWEEP_LIMIT).await?).unwrap_or(0);
        let forgotten = self.forget_webhooks(WEBHOOKS_LIMIT).await?;
        swept += usize::try_from(forgotten).unwrap_or(0);
        for blob in self
            .store
            .abandon_blobs(now.plus(-STAGED_LIFE_MS), SWEEP_LIMIT)
            .await?
        {
            swept += 1;
            if let Err(error) = self.blobs.delete(&blob).await {
                tracing::warn!(blob = blob.as_str(), %error, "a staged blob could not be taken away");
            }
        }
        Ok(swept)
    }
}
