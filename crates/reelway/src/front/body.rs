//! Taking bodies in: a limit for each route and a time for each chunk and the whole. Short bodies stay in
//! memory; long ones go to the spool, and are decoded by as many threads as there are cores, so that any
//! number of them is answered in turn instead of filling memory or disk.

use std::io;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use axum::body::Body;
use base16ct::lower;
use bytes::{Bytes, BytesMut};
use domain::fields::Fields;
use domain::{Refusal, RefusalKind};
use engine::Engine;
use futures_util::{StreamExt as _, poll};
use http::{HeaderMap, header};
use sha2::{Digest as _, Sha256};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;
use tokio::time::Instant;

use crate::front::decode::Decoding;
use crate::front::form;
use crate::front::kind::Kind;
use crate::front::media::{Pending, broken};
use crate::front::spool::{HANDFUL_BYTES, Spool, Spooled, Writing};

/// Bodies up to this length stay in memory: they are most, and small.
pub const SMALL_BODY_BYTES: u64 = 256 * 1024;
/// What one byte of a long body takes of the disk at most: itself, and the media that was in it.
const WEIGHT: u64 = 2;
/// The budget is counted in pieces of this many bytes, because permits are 32-bit numbers.
const PIECE_BYTES: u64 = 4 * 1024;
/// Requests whose media is moved from the spool to the warehouse at once; each waits for a sync.
const KEEPERS: usize = 8;
/// When a client whose turn did not come may try again, in seconds.
const RETRY_SECONDS: u64 = 30;
/// Most bytes of a refused body that are read and thrown away, so that the client gets to read why: a
/// third more than the longest limit of any route.
const DRAIN_BYTES: u64 = 128 * 1024 * 1024;
/// Longest time for that.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// How much is taken in at once, and how long it may take.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Disk for long bodies, and the media in them, that are not answered yet.
    pub spool_bytes: u64,
    /// Longest pause between two chunks of a body; one that waited for its turn may pause as long as it waited.
    pub chunk_timeout: Duration,
    /// Longest time for a whole body.
    pub body_timeout: Duration,
    /// Longest wait of a long body for its turn, during which nothing of it is read.
    pub turn_timeout: Duration,
}

impl Default for Bounds {
    /// 2 GiB, which are 80 pictures of 10 MB at once; 15 s, and 140 s, which are 32 MiB over a slow line
    /// of 2 Mbit/s; ten minutes for a turn, as nobody waits longer for an answer.
    fn default() -> Bounds {
        Bounds {
            spool_bytes: 2 * 1024 * 1024 * 1024,
            chunk_timeout: Duration::from_secs(15),
            body_timeout: Duration::from_secs(140),
            turn_timeout: Duration::from_secs(600),
        }
    }
}

/// A body that was taken in.
pub struct Taken {
    /// Its fields; media and long strings are shown as staged.
    pub fields: Fields,
    /// What is staged: to be kept once the request is taken, and gone when this is dropped.
    pub pending: Vec<Pending>,
    /// What it is known by when it is sent again.
    pub fingerprint: Fingerprint,
}

/// What a body is known by: the SHA-256 of what was sent, in hexadecimal. Of the body as it came, or of a form's
/// parts, between which clients put other words each time they send them.
pub enum Fingerprint {
    /// Taken while the body was read.
    Taken(String),
    /// To be taken of a short body. Most submits do not ask whether they came before.
    Of(Bytes),
}

impl Fingerprint {
    /// The hash.
    #[must_use]
    pub fn hash(&self) -> String {
        match self {
            Fingerprint::Taken(hash) => hash.clone(),
            Fingerprint::Of(body) => lower::encode_string(&Sha256::digest(body)),
        }
    }
}

/// The spool that long bodies share, and the threads that write and decode them.
pub struct Intake {
    spool: Spool,
    bounds: Bounds,
    budget: Arc<Semaphore>,
    writers: Arc<Semaphore>,
    decoders: Arc<Semaphore>,
    keepers: Arc<Semaphore>,
}

impl Intake {
    /// An intake with an empty spool in this folder.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn open(folder: &Path, bounds: Bounds) -> io::Result<Intake> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let pieces = usize::try_from(bounds.spool_bytes / PIECE_BYTES).unwrap_or(usize::MAX);
        Ok(Intake {
            spool: Spool::open(folder)?,
            bounds,
            budget: Arc::new(Semaphore::new(pieces.min(Semaphore::MAX_PERMITS))),
            writers: Arc::new(Semaphore::new(2 * cores)),
            decoders: Arc::new(Semaphore::new(cores)),
            keepers: Arc::new(Semaphore::new(KEEPERS)),
        })
    }

    /// Reads and decodes a body of at most `limit_bytes`. `media` are dotted paths of fields that carry
    /// media. Long bodies wait for their turn in the order in which they came.
    ///
    /// # Errors
    /// A refusal when the body is longer, too slow, breaks off, or is of no kind that is read.
    pub async fn take(
        &self,
        headers: &HeaderMap,
        body: &mut Body,
        limit_bytes: u64,
        media: Vec<&'static str>,
    ) -> Result<Taken, Refusal> {
        let kind = Kind::of(headers)?;
        let announced = announced(headers);
        if announced.is_some_and(|length| length > limit_bytes) {
            return Err(too_large(limit_bytes));
        }
        let is_form = matches!(kind, Kind::Form { .. });
        let of_form = |fields: &Fields| is_form.then(|| Fingerprint::Taken(form::fingerprint(fields)));
        let mut head = Vec::new();
        if announced.is_none_or(|length| length <= SMALL_BODY_BYTES) {
            match self.short(body, announced.unwrap_or(0), limit_bytes).await? {
                Start::Ended(bytes) => {
                    let decoding = Decoding::of_memory(bytes.clone(), kind, media);
                    let (fields, pending) = if decoding.is_quick() {
                        decoding.run()?
                    } else {
                        self.decode_apart(decoding).await?
                    };
                    return Ok(Taken {
                        fingerprint: of_form(&fields).unwrap_or(Fingerprint::Of(bytes)),
                        fields,
                        pending,
                    });
                }
                Start::Long(chunks) => head = chunks,
            }
        }
        let asked_at = Instant::now();
        let share = self.share(announced.unwrap_or(limit_bytes)).await?;
        let patience = self.patience_after(asked_at.elapsed());
        let spooled = self.spool(body, head, limit_bytes, patience).await?;
        let share = shrunk(share, spooled.bytes * WEIGHT);
        let hash = spooled.hash.clone();
        let depot = self.spool.file().map_err(|error| broken(&error))?;
        let decoding = Decoding::of_files(spooled, depot, share, kind, media);
        let (fields, pending) = self.decode_apart(decoding).await?;
        Ok(Taken {
            fingerprint: of_form(&fields).unwrap_or(Fingerprint::Taken(hash)),
            fields,
            pending,
        })
    }

    /// Keeps the media of a request that was taken.
    ///
    /// # Errors
    /// A refusal when the warehouse cannot keep it.
    pub async fn keep(&self, engine: &Engine, pending: Vec<Pending>) -> Result<(), Refusal> {
        if pending.is_empty() {
            return Ok(());
        }
        let _keeper = turn(&self.keepers).await?;
        for media in pending {
            let failed = match engine.stage(media.stream(), media.bytes).await {
                Ok(kept) if kept.key == media.key => continue,
                Ok(_) => "a blob was kept under another name than its hash".to_owned(),
                Err(error) => error.to_string(),
            };
            tracing::error!(
                error = failed,
                "front.stage_failed: media of a request could not be kept"
            );
            return Err(Refusal::new(
                RefusalKind::Unavailable,
                "media cannot be kept right now",
            ));
        }
        Ok(())
    }

    /// The longest pause between two chunks of a body that waited so long for its turn. Its sender was stopped by
    /// a closed window and asks ever less often whether it may go on; it is given as long as it was kept.
    fn patience_after(&self, waited: Duration) -> Duration {
        self.bounds
            .chunk_timeout
            .max(waited.min(self.bounds.body_timeout))
    }

    /// Reads a body that is expected to be short.
    async fn short(&self, body: &mut Body, expected: u64, limit_bytes: u64) -> Result<Start, Refusal> {
        let reading = async {
            let mut bytes = BytesMut::with_capacity(usize::try_from(expected).unwrap_or(0));
            while let Some(chunk) = in_time(body, self.bounds.chunk_timeout).await? {
                let length = (bytes.len() + chunk.len()) as u64;
                if length > limit_bytes {
                    return Err(too_large(limit_bytes));
                }
                if length > SMALL_BODY_BYTES {
                    return Ok(Start::Long(vec![bytes.freeze(), chunk]));
                }
                bytes.extend_from_slice(&chunk);
            }
            Ok(Start::Ended(bytes.freeze()))
        };
        let reading = tokio::time::timeout(self.bounds.body_timeout, reading).await;
        reading.map_err(|_| too_slow())?
    }

    /// Writes a long body to the spool.
    async fn spool(
        &self,
        body: &mut Body,
        head: Vec<Bytes>,
        limit_bytes: u64,
        patience: Duration,
    ) -> Result<Spooled, Refusal> {
        let mut writing = Writing::start(&self.spool).map_err(|error| broken(&error))?;
        let reading = async {
            let mut read_bytes: u64 = head.iter().map(|chunk| chunk.len() as u64).sum();
            let mut chunks = head;
            loop {
                let mut gathered: usize = chunks.iter().map(Bytes::len).sum();
                let mut ended = false;
                while gathered < HANDFUL_BYTES && !ended {
                    let Some(chunk) = in_time(body, patience).await? else {
                        ended = true;
                        break;
                    };
                    gathered += chunk.len();
                    read_bytes += chunk.len() as u64;
                    if read_bytes > limit_bytes {
                        return Err(too_large(limit_bytes));
                    }
                    chunks.push(chunk);
                }
                let handful = std::mem::take(&mut chunks);
                let writer = turn(&self.writers).await?;
                let written = spawn_blocking(move || {
                    let written = writing.write(&handful).map(|()| writing);
                    drop(writer);
                    written
                });
                let written = written.await;
                writing = written
                    .unwrap_or_else(|error| Err(io::Error::other(error)))
                    .map_err(|error| broken(&error))?;
                if ended {
                    return Ok(writing.end());
                }
            }
        };
        let reading = tokio::time::timeout(self.bounds.body_timeout, reading).await;
        reading.map_err(|_| too_slow())?
    }

    /// Decodes a body on a thread of its own, as many at once as there are cores.
    async fn decode_apart(&self, decoding: Decoding) -> Result<(Fields, Vec<Pending>), Refusal> {
        let decoder = turn(&self.decoders).await?;
        // The place is the thread's and not the request's: a client that goes away does not end the work.
        let decoded = spawn_blocking(move || {
            let decoded = decoding.run();
            drop(decoder);
            decoded
        });
        let decoded = decoded.await;
        decoded.unwrap_or_else(|error| Err(broken(&io::Error::other(error))))
    }

    /// Waits for a share of the spool, in the order in which bodies came.
    async fn share(&self, length: u64) -> Result<OwnedSemaphorePermit, Refusal> {
        let bytes = length.saturating_mul(WEIGHT).min(self.bounds.spool_bytes);
        let waiting = Arc::clone(&self.budget).acquire_many_owned(pieces(bytes));
        let waiting = tokio::time::timeout(self.bounds.turn_timeout, waiting).await;
        let Ok(share) = waiting else {
            let mut refusal = Refusal::new(
                RefusalKind::Unavailable,
                "too many long bodies are being taken in; nothing was accepted",
            );
            refusal.retry_after_seconds = Some(RETRY_SECONDS);
            return Err(refusal);
        };
        share.map_err(|_| going_down())
    }
}

/// What of a share covers so many bytes; the rest is given back.
pub(super) fn shrunk(mut share: OwnedSemaphorePermit, bytes: u64) -> OwnedSemaphorePermit {
    let wanted = usize::try_from(pieces(bytes)).unwrap_or(usize::MAX);
    let covered = share.split(wanted);
    covered.unwrap_or(share)
}

fn pieces(bytes: u64) -> u32 {
    u32::try_from(bytes.div_ceil(PIECE_BYTES)).unwrap_or(u32::MAX)
}

async fn turn(places: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Refusal> {
    let place = Arc::clone(places).acquire_owned().await;
    place.map_err(|_| going_down())
}

/// How a body began.
enum Start {
    /// It is short, and this is all of it.
    Ended(Bytes),
    /// It is long, and this is what was read of it.
    Long(Vec<Bytes>),
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

/// The next chunk, if it comes in time; none at the end.
async fn in_time(body: &mut Body, longest: Duration) -> Result<Option<Bytes>, Refusal> {
    let mut chunk = pin!(next(body));
    // What is there already needs no clock.
    if let Poll::Ready(chunk) = poll!(&mut chunk) {
        return chunk;
    }
    let chunk = tokio::time::timeout(longest, chunk).await;
    chunk.map_err(|_| too_slow())?
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

fn going_down() -> Refusal {
    Refusal::new(RefusalKind::Unavailable, "the service is going down")
}
