//! A scribe that writes plain bodies and signs nothing, for belts without a roof.

use async_trait::async_trait;
use domain::ids::TenantId;
use domain::webhook::Scribe;
use domain::{Millis, Task};

/// Writes the event, the task and how far it is.
pub struct PlainScribe;

#[async_trait]
impl Scribe for PlainScribe {
    fn body(&self, task: &Task, event: &str) -> Vec<u8> {
        let body = serde_json::json!({
            "event": event,
            "task": task.id().prefixed(),
            "progress": task.course.progress,
        });
        body.to_string().into_bytes()
    }

    async fn headers(
        &self,
        _tenant: TenantId,
        id: &str,
        at: Millis,
        _body: &[u8],
    ) -> Result<Vec<(String, String)>, String> {
        Ok(vec![
            ("webhook-id".to_owned(), id.to_owned()),
            ("webhook-timestamp".to_owned(), at.seconds().to_string()),
        ])
    }
}
