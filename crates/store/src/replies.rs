//! Answers that are kept for repeats of a submit: their head as JSON, their body beside it.

use std::borrow::Cow;

use domain::http::Reply;
use domain::store::StoreError;
use serde::{Deserialize, Serialize};

/// The parts of a [`Reply`] that are not its body.
#[derive(Serialize, Deserialize)]
struct ReplyHead {
    status: u16,
    content_type: Cow<'static, str>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    headers: Vec<(Cow<'static, str>, String)>,
}

/// The head of an answer as JSON. The body lies beside it as it is: as JSON it would be four times
/// its size.
pub(crate) fn reply_head(reply: &Reply) -> Result<String, StoreError> {
    let head = ReplyHead {
        status: reply.status,
        content_type: reply.content_type.clone(),
        headers: reply.headers.clone(),
    };
    serde_json::to_string(&head).map_err(|error| StoreError::Corrupt(format!("an answer: {error}")))
}

/// An answer back from its columns.
pub(crate) fn reply_of(head: &str, body: Vec<u8>) -> Result<Reply, StoreError> {
    let head: ReplyHead = serde_json::from_str(head)
        .map_err(|error| StoreError::Corrupt(format!("an answer kept for repeats: {error}")))?;
    Ok(Reply {
        status: head.status,
        headers: head.headers,
        content_type: head.content_type,
        body: body.into(),
    })
}
