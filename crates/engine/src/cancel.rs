//! Cancel: a waiting task ends at once; a running one is stopped where its provider can, else its
//! result is dropped when it comes and the bill settles as usual.

use std::sync::Arc;

use domain::{EventKind, Refusal, RefusalKind, Task, TenantId};

use crate::Engine;
use crate::advance::Halt;
use crate::submit::unavailable;

/// Most times that a wish to cancel is decided anew because the task had moved on.
const MAX_RACES: u32 = 4;

impl Engine {
    /// Cancels a task of a tenant and answers it as it is then.
    ///
    /// # Errors
    /// A refusal when there is no such task, or when it has ended already.
    pub async fn cancel(&self, tenant: TenantId, id: &str) -> Result<Arc<Task>, Refusal> {
        let mut task = self.find(tenant, id).await?;
        for _ in 0..MAX_RACES {
            if task.word().is_final() {
                let message = format!("the task is already `{}`", task.word());
                return Err(Refusal::new(RefusalKind::Conflict, message));
            }
            if task.course.cancel_requested {
                return Ok(task);
            }
            match self.advance(&task, EventKind::CancelRequested).await {
                Ok(task) => {
                    self.wheel.hurry(task.id(), self.timer());
                    self.bell.notify_one();
                    return Ok(task);
                }
                Err(Halt::Moved | Halt::Stuck | Halt::NoSlot(_)) => task = self.find(tenant, id).await?,
                Err(Halt::Store(error)) => return Err(unavailable(error)),
            }
        }
        Err(Refusal::new(
            RefusalKind::Unavailable,
            "the task is changing too fast; try again",
        ))
    }
}
