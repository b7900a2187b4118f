//! One call to a JSON API within bounds, told apart by what is certain after it: whether it was sent,
//! and whether the reply can be read. What a status or a code means is each vendor's business.

use std::fmt;

use bytes::Bytes;
use domain::Transport;
use domain::transport::{OutReply, OutRequest, TransportError};
use futures_util::StreamExt as _;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

/// The longest `retry-after` that is believed, in seconds.
const RETRY_AFTER_SECONDS_MAX: u64 = 3_600;

/// What is asked.
pub(crate) struct JsonCall {
    /// `GET` or `POST`.
    pub(crate) method: &'static str,
    /// The whole address.
    pub(crate) url: String,
    /// What is sent as `Authorization: Bearer`.
    pub(crate) bearer: SecretString,
    /// The JSON body, where there is one.
    pub(crate) body: Option<Bytes>,
    /// Longest time from the first byte of the request to the last byte of the reply.
    pub(crate) timeout_ms: u64,
    /// Longest reply.
    pub(crate) limit_bytes: u64,
}

/// What came back.
pub(crate) struct JsonReply {
    /// HTTP status.
    pub(crate) status: u16,
    /// When to come back, in milliseconds, where the reply says so.
    pub(crate) retry_after_ms: Option<u64>,
    /// The body, or why it cannot be read.
    pub(crate) body: Result<Value, Unreadable>,
}

/// Why a body cannot be read. It never quotes the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unreadable(String);

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why there is no reply at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NoReply {
    /// Nothing was sent.
    NotSent(String),
    /// Something was sent and nothing came back.
    InDoubt(String),
}

/// Makes one call. It follows nothing and repeats nothing.
///
/// # Errors
/// [`NoReply`], which says whether the request may have arrived.
pub(crate) async fn send(transport: &dyn Transport, call: JsonCall) -> Result<JsonReply, NoReply> {
    let mut headers = vec![
        ("accept".to_owned(), "application/json".to_owned()),
        (
            "authorization".to_owned(),
            format!("Bearer {}", call.bearer.expose_secret()),
        ),
    ];
    if call.body.is_some() {
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
    }
    let request = OutRequest {
        method: call.method.to_owned(),
        url: call.url,
        headers,
        body: call.body.unwrap_or_default(),
        timeout_ms: call.timeout_ms,
        limit_bytes: call.limit_bytes,
    };
    let reply = transport.send(request).await.map_err(|error| match error {
        TransportError::Refused(_) | TransportError::NotSent(_) => NoReply::NotSent(error.to_string()),
        TransportError::Ambiguous(_) => NoReply::InDoubt(error.to_string()),
    })?;
    Ok(JsonReply {
        status: reply.status,
        retry_after_ms: retry_after_ms(&reply),
        body: read(reply, call.limit_bytes).await,
    })
}

/// `retry-after` in seconds; its other form, a date, would need a clock and is left out.
fn retry_after_ms(reply: &OutReply) -> Option<u64> {
    let header = reply.headers.iter().find(|(name, _)| name == "retry-after");
    let seconds: u64 = header?.1.trim().parse().ok()?;
    Some(seconds.min(RETRY_AFTER_SECONDS_MAX) * 1_000)
}

/// The parser goes 128 levels deep and no deeper.
async fn read(reply: OutReply, limit_bytes: u64) -> Result<Value, Unreadable> {
    let most = usize::try_from(limit_bytes).unwrap_or(usize::MAX);
    let mut body = reply.body;
    let mut bytes = Vec::new();
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|error| Unreadable(format!("the reply broke off: {error}")))?;
        if bytes.len() + chunk.len() > most {
            return Err(Unreadable(format!("the reply is longer than `{most}` bytes")));
        }
        bytes.extend_from_slice(&chunk);
    }
    if bytes.is_empty() {
        return Err(Unreadable("the reply is empty".to_owned()));
    }
    serde_json::from_slice(&bytes)
        .map_err(|error| Unreadable(format!("the reply is no JSON that can be read: {error}")))
}
