//! Webhooks as clients get them: each body in the language of the dialect that the task was submitted in,
//! signed with the secrets of its tenant (Standard Webhooks). When they are sent is the engine's business;
//! how they are listed and replayed is in `webhooks/api.rs`, their secrets are in `webhooks/secrets.rs`.

use std::sync::Arc;

use async_trait::async_trait;
use domain::ids::TenantId;
use domain::webhook::Scribe;
use domain::{Dialect, Millis, Task};
use secrecy::ExposeSecret as _;
use standardwebhooks::{HEADER_WEBHOOK_ID, HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP, Webhook};

use crate::links::{Providers, Signer};
use crate::problem::VOICE;
use crate::webhooks::secrets::Secrets;

pub mod api;
pub mod secrets;

/// The event of a success that comes after its task has failed.
const LATE_RESULT: &str = "task.late_result";

/// Writes bodies and signs them.
pub struct Writer {
    /// What they are signed with.
    pub secrets: Arc<Secrets>,
    /// Links to results in them.
    pub links: Arc<Signer>,
    /// The provider of each account.
    pub providers: Arc<Providers>,
}

#[async_trait]
impl Scribe for Writer {
    fn body(&self, task: &Task, event: &str) -> Vec<u8> {
        let name = task.origin.face.dialect.as_str();
        let spoken = dialects::ALL.iter().find(|dialect| dialect.name() == name);
        let links = self.links.at(&task.origin.base_url, self.providers.now());
        let mut told = task.clone();
        if event != LATE_RESULT {
            // The failure is told as it was, also when it is told after the success.
            told.course.late.clear();
        }
        let own = spoken.and_then(|dialect| dialect.webhook(&told, &links));
        own.or_else(|| VOICE.webhook(&told, &links)).unwrap_or_default()
    }

    async fn headers(
        &self,
        tenant: TenantId,
        id: &str,
        at: Millis,
        body: &[u8],
    ) -> Result<Vec<(String, String)>, String> {
        let mut signatures = Vec::new();
        for secret in self.secrets.of(tenant, at).await? {
            signatures.push(sign(secret.expose_secret(), id, at, body)?);
        }
        let headers = [
            (HEADER_WEBHOOK_ID, id.to_owned()),
            (HEADER_WEBHOOK_TIMESTAMP, at.seconds().to_string()),
            (HEADER_WEBHOOK_SIGNATURE, signatures.join(" ")),
        ];
        Ok(headers.map(|(name, value)| (name.to_owned(), value)).into())
    }
}

/// One signature: `v1,` and Base64.
fn sign(secret: &str, id: &str, at: Millis, body: &[u8]) -> Result<String, String> {
    let signer = Webhook::new(secret).map_err(|_| "a signing secret cannot be read".to_owned())?;
    let signed = signer.sign(id, at.seconds(), body);
    signed.map_err(|error| format!("the webhook cannot be signed: {error}"))
}

#[cfg(test)]
mod tests {
    use domain::Millis;

    use super::sign;

    /// The vectors of Kling's callback documentation, and one of ours.
    #[test]
    fn signatures_are_those_of_the_documented_vectors() {
        let vectors = [
            (
                "whsec_dGVzdHNlY3JldHRlc3RzZWNyZXR0ZXN0c2VjcmV0MTI=",
                "9876543210",
                1_781_080_794,
                r#"{"id":"1234567890","status":"succeeded","message":"","create_time":1781080778802,"update_time":1781080794151}"#,
                "v1,UsKlJP00XoQyOn410NM9xv34sP+Gl0jnOO9Lcpr7NJ4=",
            ),
            (
                "whsec_bG9jYWwtY29uZm9ybWFuY2Utc2VjcmV0LTAxMjM0NTY=",
                "msg-0001",
                1_795_000_000,
                r#"{"id":"900100200300400501","status":"submitted","message":"","create_time":1795000000000,"update_time":1795000000000}"#,
                "v1,JZPwhZ5BCi0BeiBWwIku4FXq/ydSDVEfNZZeZd3vP5o=",
            ),
        ];
        for (secret, id, seconds, body, expected) in vectors {
            let signature = sign(secret, id, Millis(seconds * 1_000 + 999), body.as_bytes());
            assert_eq!(signature.as_deref(), Ok(expected));
        }
    }
}
