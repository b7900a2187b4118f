//! What came back: headers within bounds, and a body that ends at its limit or its deadline.

use std::io;
use std::pin::Pin;

use bytes::Bytes;
use domain::blobs::ByteStream;
use domain::transport::{OutReply, TransportError};
use futures_util::{Stream, StreamExt as _};
use reqwest::Response;
use tokio::time::Sleep;

use crate::transport::HEADERS_MAX_BYTES;

/// A body on its way: what is left of its limit and of its time.
struct Body {
    chunks: Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + Send>>,
    left: u64,
    limit: u64,
    deadline: Pin<Box<Sleep>>,
}

/// The reply of a response. The deadline goes on with the body.
pub(super) fn of(
    response: Response,
    limit_bytes: u64,
    deadline: Pin<Box<Sleep>>,
) -> Result<OutReply, TransportError> {
    let headers = response.headers();
    let length: usize = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    if length > usize::try_from(HEADERS_MAX_BYTES).unwrap_or(usize::MAX) {
        let reason = format!("the reply's headers are longer than `{HEADERS_MAX_BYTES}` bytes");
        return Err(TransportError::Ambiguous(reason));
    }
    let headers = headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str().to_owned(), value)
    });
    let headers = headers.collect();
    let status = response.status().as_u16();
    let announced = response.content_length();
    let body: ByteStream = if announced.is_some_and(|length| length > limit_bytes) {
        Box::pin(futures_util::stream::iter([Err(too_large(limit_bytes))]))
    } else {
        let body = Body {
            chunks: Box::pin(response.bytes_stream()),
            left: limit_bytes,
            limit: limit_bytes,
            deadline,
        };
        Box::pin(futures_util::stream::unfold(Some(body), step))
    };
    Ok(OutReply {
        status,
        headers,
        body,
    })
}

/// The next chunk, and the rest of the body unless it ended or failed.
async fn step(body: Option<Body>) -> Option<(io::Result<Bytes>, Option<Body>)> {
    let mut body = body?;
    let chunk = tokio::select! {
        chunk = body.chunks.next() => chunk?,
        () = &mut body.deadline => {
            let error = io::Error::new(io::ErrorKind::TimedOut, "the reply took too long");
            return Some((Err(error), None));
        }
    };
    let Ok(chunk) = chunk else {
        let error = io::Error::new(io::ErrorKind::UnexpectedEof, "the reply was cut off");
        return Some((Err(error), None));
    };
    let length = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
    match body.left.checked_sub(length) {
        Some(left) => {
            body.left = left;
            Some((Ok(chunk), Some(body)))
        }
        None => Some((Err(too_large(body.limit)), None)),
    }
}

fn too_large(limit: u64) -> io::Error {
    let message = format!("the reply is longer than `{limit}` bytes");
    io::Error::new(io::ErrorKind::FileTooLarge, message)
}
