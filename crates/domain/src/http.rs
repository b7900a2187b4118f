//! HTTP as data: what the house answers with. No server, no client, no parsing.

use std::borrow::Cow;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// Room for most bodies, so that they are written without moving.
const USUAL_BYTES: usize = 512;

/// An answer: status, headers, body. Stored as it is with an idempotency record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Headers beyond the usual ones; names in lower case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(Cow<'static, str>, String)>,
    /// The media type of the body.
    pub content_type: Cow<'static, str>,
    /// The body.
    pub body: Bytes,
}

impl Reply {
    /// A JSON body.
    ///
    /// # Panics
    /// When the body cannot be JSON: a map of it has keys that are no texts. Answers are not of that kind.
    #[must_use]
    pub fn json(status: u16, body: &impl Serialize) -> Reply {
        let mut bytes = Vec::with_capacity(USUAL_BYTES);
        serde_json::to_writer(&mut bytes, body).expect("answers are made to be JSON");
        Reply {
            status,
            headers: Vec::new(),
            content_type: Cow::Borrowed("application/json"),
            body: Bytes::from(bytes),
        }
    }

    /// No body.
    #[must_use]
    pub fn empty(status: u16) -> Reply {
        Reply {
            status,
            headers: Vec::new(),
            content_type: Cow::default(),
            body: Bytes::new(),
        }
    }

    /// Adds a header; the name in lower case.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Reply {
        self.headers.push((Cow::Borrowed(name), value.into()));
        self
    }
}
