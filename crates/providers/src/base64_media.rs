//! Kept media as Base64 text, for vendors that take it inside JSON. The bytes are encoded as they come,
//! so that a picture is in memory once.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::blobs::BlobError;
use domain::error::TaskErrorCode;
use domain::provider::{Jam, UpstreamError, Wire};
use domain::{Staged, TaskError};
use futures_util::StreamExt as _;

/// Bytes that become Base64 without padding.
const GROUP_BYTES: usize = 3;

/// Reads kept media of at most `bytes_max` bytes as plain Base64, without a `data:` prefix.
///
/// # Errors
/// Refused when the media is gone or too long, Busy when the warehouse fails: nothing was sent.
pub(crate) async fn read(staged: &Staged, bytes_max: u64, wire: &Wire) -> Result<String, UpstreamError> {
    if staged.bytes > bytes_max {
        return Err(too_long(bytes_max));
    }
    let mut content = match wire.blobs.get(&staged.blob, None).await {
        Ok(content) => content,
        Err(BlobError::Absent) => return Err(rejected("an input file is not kept any more".to_owned())),
        Err(error) => return Err(busy(&error.to_string())),
    };
    let most = usize::try_from(bytes_max).unwrap_or(usize::MAX);
    let expected = usize::try_from(staged.bytes).unwrap_or(0);
    let mut text = String::with_capacity(expected.div_ceil(GROUP_BYTES) * 4);
    let (mut rest, mut read): (Vec<u8>, usize) = (Vec::new(), 0);
    while let Some(chunk) = content.next().await {
        let chunk = chunk.map_err(|error| busy(&error.to_string()))?;
        read = read.saturating_add(chunk.len());
        if read > most {
            return Err(too_long(bytes_max));
        }
        rest.extend_from_slice(&chunk);
        let whole = rest.len() - rest.len() % GROUP_BYTES;
        STANDARD.encode_string(&rest[..whole], &mut text);
        rest.drain(..whole);
    }
    STANDARD.encode_string(&rest, &mut text);
    Ok(text)
}

fn too_long(bytes_max: u64) -> UpstreamError {
    rejected(format!(
        "an input file is longer than the `{bytes_max}` bytes that the upstream takes"
    ))
}

fn rejected(message: String) -> UpstreamError {
    UpstreamError::Refused(TaskError::new(TaskErrorCode::InputRejected, message))
}

fn busy(reason: &str) -> UpstreamError {
    UpstreamError::Busy {
        jam: Jam::Here,
        reason: format!("an input file cannot be read: {reason}"),
        retry_after_ms: None,
    }
}
