//! What delivery needs to know of a webhook beyond its row: the body in the client's own language, and the
//! headers that sign it. Sending and trying again are the engine's business, the words are the dialects'.

use async_trait::async_trait;

use crate::clock::Millis;
use crate::ids::TenantId;
use crate::task::Task;

/// Writes and signs webhooks.
#[async_trait]
pub trait Scribe: Send + Sync {
    /// The body about an event of a task: what the dialect calls it that the task was submitted in.
    fn body(&self, task: &Task, event: &str) -> Vec<u8>;

    /// The headers beside a body, names in lower case: its id, the moment of this try and the signatures of
    /// both.
    ///
    /// # Errors
    /// Why it cannot be signed now, in one sentence.
    async fn headers(
        &self,
        tenant: TenantId,
        id: &str,
        at: Millis,
        body: &[u8],
    ) -> Result<Vec<(String, String)>, String>;
}
