//! Erase: a finished task is taken away from its owner. Its state and its money stay for the books; what was
//! wished, told and sent is forgotten in the same commit, and files that no other task uses are swept.

use std::sync::Arc;

use domain::store::Outcome;
use domain::{Refusal, RefusalKind, Task, TenantId};

use crate::Engine;
use crate::submit::unavailable;

/// Most times that an erasure is decided anew because the row had moved.
const MAX_RACES: u32 = 4;

impl Engine {
    /// Takes a finished task of a tenant away, and answers it as it was.
    ///
    /// # Errors
    /// A refusal when there is no such task, or when it has not ended yet.
    pub async fn erase(&self, tenant: TenantId, id: &str) -> Result<Arc<Task>, Refusal> {
        for _ in 0..MAX_RACES {
            let task = self.find(tenant, id).await?;
            let Some(change) = task.erased(self.clock.now()) else {
                let message = format!(
                    "the task is `{}`: only one that has ended is taken away",
                    task.word()
                );
                return Err(Refusal::new(RefusalKind::Conflict, message));
            };
            if self.committer.commit(change).await.map_err(unavailable)? == Outcome::Done {
                self.tell(&task, "erased");
                return Ok(task);
            }
        }
        Err(Refusal::new(
            RefusalKind::Unavailable,
            "the task is changing too fast; try again",
        ))
    }
}

/// A task as its owner sees it: none when it was taken away.
pub(crate) fn seen(task: Option<Arc<Task>>) -> Option<Arc<Task>> {
    task.filter(|task| task.course.erased_at.is_none())
}
