//! The `Blobs` port: where files are kept, by content. No knowledge of tasks.

use std::ops::Range;
use std::pin::Pin;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::Stream;
use serde::{Deserialize, Serialize};

/// A stream of bytes that may fail half-way.
pub type ByteStream = Pin<Box<dyn Stream<Item = std::io::Result<Bytes>> + Send>>;

/// Names a blob: the SHA-256 of its bytes, 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BlobKey(String);

impl BlobKey {
    /// Accepts 64 lower-case hexadecimal digits and nothing else, so that a key is a safe file name.
    #[must_use]
    pub fn new(text: &str) -> Option<BlobKey> {
        let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (text.len() == 64 && text.bytes().all(hex)).then(|| BlobKey(text.to_owned()))
    }

    /// The key from a SHA-256.
    #[must_use]
    pub fn from_sha256(hash: [u8; 32]) -> BlobKey {
        use std::fmt::Write as _;
        let mut text = String::with_capacity(64);
        for byte in hash {
            write!(text, "{byte:02x}").expect("writing to a string cannot fail");
        }
        BlobKey(text)
    }

    /// The 64 digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The name of the content.
    pub key: BlobKey,
    /// Its length.
    pub bytes: u64,
}

/// Why a blob could not be had or kept.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// There is no such blob.
    #[error("no such blob")]
    Absent,
    /// The stream was longer than the caller allowed.
    #[error("more than {limit_bytes} bytes")]
    TooLarge {
        /// The bound that was passed.
        limit_bytes: u64,
    },
    /// The asked range starts at the end of the blob or behind it.
    #[error("the range starts behind the last byte of the blob")]
    OutOfRange,
    /// The warehouse or the source failed.
    #[error("blob storage: {0}")]
    Io(#[from] std::io::Error),
}

/// Where files are kept. Content-addressed: the same bytes are kept once.
#[async_trait]
pub trait Blobs: Send + Sync {
    /// Keeps a stream of at most `limit_bytes`. When this returns, the bytes are durable; when it
    /// fails, nothing is visible under any key.
    ///
    /// # Errors
    /// [`BlobError::TooLarge`] past the limit, [`BlobError::Io`] when source or storage fail.
    async fn put(&self, content: ByteStream, limit_bytes: u64) -> Result<Kept, BlobError>;

    /// Opens a blob, or a range of its bytes (end exclusive, clipped to the length). A range that
    /// starts where no byte is, as any range of an empty blob does, is out of range.
    ///
    /// # Errors
    /// [`BlobError::Absent`], [`BlobError::OutOfRange`] or [`BlobError::Io`].
    async fn get(&self, key: &BlobKey, range: Option<Range<u64>>) -> Result<ByteStream, BlobError>;

    /// Removes a blob; removing one that is not there is no error.
    ///
    /// # Errors
    /// [`BlobError::Io`] when storage fails.
    async fn delete(&self, key: &BlobKey) -> Result<(), BlobError>;
}

/// A stream of bytes that are already in memory.
#[must_use]
pub fn stream_of(bytes: Bytes) -> ByteStream {
    Box::pin(futures_util::stream::once(async move { Ok(bytes) }))
}
