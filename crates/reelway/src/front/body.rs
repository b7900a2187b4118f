//! Reading bodies: a limit for each route, a time for each chunk and the whole, and a budget for all
//! large bodies together, so that many of them are answered in turn instead of filling the memory.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use domain::{Refusal, RefusalKind};
use futures_util::StreamExt as _;
use http::{HeaderMap, header};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bodies up to this length are read without asking the budget: they are most, and small.
pub const SMALL_BODY_BYTES: u64 = 256 * 1024;
/// Memory for large bodies that are being read and decoded at once.
const BUDGET_BYTES: u64 = 256 * 1024 * 1024;
/// What one byte of a body takes at most while it is decoded: its text, then the parsed copy beside
/// the decoded media.
const WEIGHT: u64 = 2;
/// The budget is counted in pieces of this many bytes, because permits are 32-bit numbers.
const PIECE_BYTES: u64 = 4 * 1024;
/// Longest pause between two chunks of a body.
const CHUNK_TIMEOUT: Duration = Duration::from_secs(15);
/// Longest time for a whole body: 32 MiB over a slow line of 2 Mbit/s.
const BODY_TIMEOUT: Duration = Duration::from_secs(140);
/// Most bytes of a refused body that are read and thrown away, so that the client gets to read why: a
/// third more than the longest limit of any route.
const DRAIN_BYTES: u64 = 128 * 1024 * 1024;
/// Longest time for that.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// A body in memory with its share of the budget, which is given back when this is dropped.
pub struct Read {
    /// The bytes.
    pub bytes: Bytes,
    /// The share of the budget; small bodies have none.
    pub share: Option<OwnedSemaphorePermit>,
}

/// The memory that large bodies share, and the threads that decode them.
pub struct Intake {
    budget: Arc<Semaphore>,
    decoders: Semaphore,
}

impl Intake {
    /// A budget of its full size and one decoder for each core.
    #[must_use]
    pub fn new() -> Intake {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let pieces = usize::try_from(BUDGET_BYTES / PIECE_BYTES).unwrap_or(usize::MAX);
        Intake {
            budget: Arc::new(Semaphore::new(pieces)),
            decoders: Semaphore::new(cores),
        }
    }

    /// Reads a body of at most `limit_bytes`.
    ///
    /// # Errors
    /// A refusal when the body is longer, too slow, or breaks off.
    pub async fn read(
        &self,
        headers: &HeaderMap,
        body: &mut Body,
        limit_bytes: u64,
    ) -> Result<Read, Refusal> {
        let announced = announced(headers);
        if announced.is_some_and(|length| length > limit_bytes) {
            return Err(too_large(limit_bytes));
        }
        let expected = announced.unwrap_or(0);
        let mut share = None;
        if expected > SMALL_BODY_BYTES {
            share = Some(self.share(expected).await?);
        }
        let mut bytes = BytesMut::with_capacity(usize::try_from(expected).unwrap_or(0));
        let reading = async {
            loop {
                let chunk = tokio::time::timeout(CHUNK_TIMEOUT, next(body)).await;
                let Some(chunk) = chunk.map_err(|_| too_slow())?? else {
                    return Ok(());
                };
                let length = (bytes.len() + chunk.len()) as u64;
                if length > limit_bytes {
                    return Err(too_large(limit_bytes));
                }
                if length > SMALL_BODY_BYTES && share.is_none() {
                    // The length was not announced: the longest is assumed.
                    share = Some(self.share(limit_bytes).await?);
                }
                bytes.extend_from_slice(&chunk);
            }
        };
        tokio::time::timeout(BODY_TIMEOUT, reading)
            .await
            .map_err(|_| too_slow())??;
        Ok(Read {
            bytes: bytes.freeze(),
            share,
        })
    }

    /// Does heavy work on a thread of its own, as many at once as there are cores.
    ///
    /// # Errors
    /// A refusal when the work panicked.
    pub async fn decode<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        let broken = || Refusal::new(RefusalKind::Unavailable, "the body could not be decoded");
        let _permit = self.decoders.acquire().await.map_err(|_| broken())?;
        tokio::task::spawn_blocking(work).await.map_err(|_| broken())
    }

    async fn share(&self, length: u64) -> Result<OwnedSemaphorePermit, Refusal> {
        let bytes = length.saturating_mul(WEIGHT).min(BUDGET_BYTES);
        let pieces = u32::try_from(bytes.div_ceil(PIECE_BYTES)).unwrap_or(u32::MAX);
        let share = Arc::clone(&self.budget).acquire_many_owned(pieces).await;
        share.map_err(|_| Refusal::new(RefusalKind::Unavailable, "the service is going down"))
    }
}

impl Default for Intake {
    fn default() -> Intake {
        Intake::new()
    }
}

/// Throws the rest of a refused body away, so that the answer is not lost in a broken connection. A
/// client that waits for leave to send has sent nothing.
pub async fn drain(headers: &HeaderMap, body: &mut Body) {
    if headers.contains_key(header::EXPECT) {
        return;
    }
    let reading = async {
        let mut left = DRAIN_BYTES;
        while let Ok(Some(chunk)) = next(body).await {
            left = left.saturating_sub(chunk.len() as u64);
            if left == 0 {
                return;
            }
        }
    };
    drop(tokio::time::timeout(DRAIN_TIMEOUT, reading).await);
}

async fn next(body: &mut Body) -> Result<Option<Bytes>, Refusal> {
    let mut stream = http_body_util::BodyDataStream::new(body);
    let broke_off = |_| Refusal::new(RefusalKind::Malformed, "the body broke off");
    stream.next().await.transpose().map_err(broke_off)
}

fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn too_large(limit_bytes: u64) -> Refusal {
    let limit = bytesize::ByteSize(limit_bytes);
    Refusal::new(RefusalKind::TooLarge, format!("the body is longer than {limit}"))
}

fn too_slow() -> Refusal {
    Refusal::new(RefusalKind::Malformed, "the body did not arrive in time")
}
