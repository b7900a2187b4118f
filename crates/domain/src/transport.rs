//! The `Transport` port: the only way out of the house. Time-outs, the address guard, redaction and
//! recording are its business, so that nobody else can forget them.

use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;

use crate::blobs::ByteStream;

/// A request to the outside.
#[derive(Clone)]
pub struct OutRequest {
    /// `GET`, `POST`, …
    pub method: String,
    /// The whole address.
    pub url: String,
    /// Headers; values are secret until the transport says otherwise.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
    /// Longest time from the first byte of the request to the last byte of the reply.
    pub timeout_ms: u64,
    /// Longest reply body.
    pub limit_bytes: u64,
}

impl fmt::Debug for OutRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} with {} body bytes", self.method, self.body.len())
    }
}

/// What the outside answered.
pub struct OutReply {
    /// HTTP status.
    pub status: u16,
    /// Headers; names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, capped at the request's limit.
    pub body: ByteStream,
}

/// Why there is no reply. Told apart by whether the request may have arrived.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// The address is not one that we go to; nothing was sent.
    #[error("address refused: {0}")]
    Refused(String),
    /// Nothing was sent: no route, connection refused, TLS failed.
    #[error("not reached: {0}")]
    NotSent(String),
    /// Bytes were sent and no trustworthy reply came: time-out, reset, cut off.
    #[error("no trustworthy reply: {0}")]
    Ambiguous(String),
}

/// The only way out of the house.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends one request and returns the head of the reply with its body as a stream.
    ///
    /// # Errors
    /// [`TransportError`], which says whether the request may have arrived.
    async fn send(&self, request: OutRequest) -> Result<OutReply, TransportError>;
}
