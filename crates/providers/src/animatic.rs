//! The embedded renderer as a provider: jobs are renders in a pool of this process. It keeps nothing
//! over a restart, and says so: a job that it does not know is Lost, and cost nothing.

use std::sync::Arc;

use ::animatic::{Clip, MAX_PICTURE_BYTES, Pool, Wish};
use async_trait::async_trait;
use bytes::Bytes;
use domain::ask::Size;
use domain::blobs::{BlobError, ByteStream};
use domain::credentials::AccountFacts;
use domain::error::TaskErrorCode;
use domain::provider::{
    Account, Callback, Job, Look, Lookup, Manifest, MediaForm, Output, OutputSource, Outputs, Provider,
    Receipt, Reconciled, Stopped, Submitted, UpstreamError, Wire,
};
use domain::{MediaFacts, MediaKind, Operation, Role, TaskError};
use futures_util::StreamExt;

use crate::{Entry, Setup};

/// The name that accounts call it by.
pub const NAME: &str = "animatic";
/// Frames a second where nobody names them.
const DEFAULT_FPS: u32 = 30;
/// Bytes of a clip that are streamed at a time.
const CHUNK_BYTES: usize = 64 * 1024;
/// The longest ratio of a frame that follows its picture, which is the longest that vendors take.
const LONGEST_RATIO: (u64, u64) = (5, 2);
/// When to come back to a full pool, in milliseconds.
const FULL_RETRY_MS: u64 = 1_000;

static MANIFEST: Manifest = Manifest {
    name: NAME,
    about: "the embedded renderer: a storyboard preview as a real MP4, with no account at all",
    documentation: "",
    models: &[],
    operations: &[
        Operation::TextToVideo,
        Operation::ImageToVideo,
        Operation::MultiImageToVideo,
    ],
    extras: &[],
    media: MediaForm::Bytes,
    // What this process does not know was never rendered, or died with the process that did.
    lookup: Lookup::Authoritative {
        absence_bound_ms: Some(0),
    },
    can_cancel: true,
    poll_batch: 64,
    poll_interval_ms: 200,
    submit_timeout_ms: 30_000,
    deadline_ms: None,
};

/// Its line in the list.
pub static ENTRY: Entry = Entry { name: NAME, build };

/// Makes the provider ready, with its own threads.
fn build(setup: Setup) -> Arc<dyn Provider> {
    Arc::new(Animatic {
        pool: Arc::new(Pool::new(setup.threads)),
        threads: setup.threads,
    })
}

/// The embedded renderer.
struct Animatic {
    pool: Arc<Pool>,
    threads: usize,
}

#[async_trait]
impl Provider for Animatic {
    fn manifest(&self) -> &Manifest {
        &MANIFEST
    }

    async fn submit(&self, job: &Job, wire: &Wire) -> Result<Submitted, UpstreamError> {
        let wish = wish(job, wire).await?;
        for (n, name) in names(job).into_iter().enumerate() {
            let mut wish = wish.clone();
            wish.seed = job.seed.wrapping_add(n as u64);
            if let Err(full) = self.pool.start(&name, wish) {
                self.forget(job);
                return Err(UpstreamError::Busy {
                    reason: full.to_string(),
                    retry_after_ms: Some(FULL_RETRY_MS),
                });
            }
        }
        Ok(Submitted::Accepted(Receipt(job.client_ref.clone())))
    }

    async fn poll(&self, jobs: &[Job], _wire: &Wire) -> Result<Vec<Look>, UpstreamError> {
        Ok(jobs.iter().map(|job| self.look(job)).collect())
    }

    async fn cancel(&self, job: &Job, _wire: &Wire) -> Result<Stopped, UpstreamError> {
        self.forget(job);
        Ok(Stopped::Stopped)
    }

    async fn reconcile(&self, job: &Job, _wire: &Wire) -> Result<Reconciled, UpstreamError> {
        let absent = names(job)
            .iter()
            .any(|name| matches!(self.pool.look(name), ::animatic::Look::Absent));
        if absent {
            self.forget(job);
            return Ok(Reconciled::Absent);
        }
        Ok(Reconciled::Found(Receipt(job.client_ref.clone())))
    }

    fn hint(&self, _callback: &Callback<'_>, _account: &Account) -> Option<Receipt> {
        None
    }

    async fn check(&self, _wire: &Wire) -> Result<AccountFacts, UpstreamError> {
        Ok(AccountFacts {
            note: format!("renders in this process, `{}` clips at a time", self.threads),
            packs: Vec::new(),
        })
    }
}

impl Animatic {
    fn look(&self, job: &Job) -> Look {
        let names = names(job);
        let mut clips = Vec::with_capacity(names.len());
        let mut percents = 0;
        for name in &names {
            match self.pool.look(name) {
                ::animatic::Look::Absent => {
                    self.forget(job);
                    return Look::Lost;
                }
                ::animatic::Look::Failed(why) => {
                    self.forget(job);
                    return Look::Failed(TaskError::new(TaskErrorCode::ProviderFailed, why));
                }
                ::animatic::Look::Waiting => {}
                ::animatic::Look::Rendering(percent) => percents += u32::from(percent),
                ::animatic::Look::Done(clip) => {
                    percents += 100;
                    clips.push((name.clone(), clip));
                }
            }
        }
        if clips.len() < names.len() {
            let mean = percents / u32::try_from(names.len()).unwrap_or(1).max(1);
            return Look::Running(u8::try_from(mean).ok());
        }
        let files = clips
            .into_iter()
            .map(|(name, clip)| self.output(name, &clip))
            .collect();
        Look::Done(Outputs {
            files,
            quantity: None,
            cost: None,
        })
    }

    fn output(&self, name: String, clip: &Arc<Clip>) -> Output {
        Output {
            kind: MediaKind::Video,
            source: OutputSource::Stream(streamed(Arc::clone(&self.pool), name, Arc::clone(clip))),
            facts: MediaFacts {
                width: Some(clip.width),
                height: Some(clip.height),
                duration_ms: Some(u64::from(clip.duration_ms)),
                fps: Some(clip.fps),
            },
            vendor_ref: None,
        }
    }

    fn forget(&self, job: &Job) {
        for name in names(job) {
            self.pool.forget(&name);
        }
    }
}

/// One name in the pool for each clip.
fn names(job: &Job) -> Vec<String> {
    (0..job.ask.count)
        .map(|n| format!("{}-{n}", job.client_ref))
        .collect()
}

/// A clip in chunks. The pool lets go of it when the last byte has been read, which is when it is
/// kept elsewhere.
fn streamed(pool: Arc<Pool>, name: String, clip: Arc<Clip>) -> ByteStream {
    let state = (pool, name, clip, 0_usize);
    Box::pin(futures_util::stream::unfold(
        state,
        |(pool, name, clip, from)| async move {
            if from >= clip.bytes.len() {
                pool.forget(&name);
                return None;
            }
            let to = (from + CHUNK_BYTES).min(clip.bytes.len());
            let chunk = Bytes::copy_from_slice(&clip.bytes[from..to]);
            Some((Ok(chunk), (pool, name, clip, to)))
        },
    ))
}

async fn wish(job: &Job, wire: &Wire) -> Result<Wish, UpstreamError> {
    let ask = &job.ask;
    let mut wish = Wish {
        prompt: ask.prompt.clone(),
        negative_prompt: ask.negative_prompt.clone(),
        width: ask.size.width,
        height: ask.size.height,
        fps: ask.fps.unwrap_or(DEFAULT_FPS),
        duration_ms: u32::try_from(ask.duration_ms).unwrap_or(u32::MAX),
        seed: job.seed,
        sound: ask.sound.unwrap_or(true),
        mark: true,
        first_frame: None,
        last_frame: None,
        references: Vec::new(),
    };
    for media in &job.media {
        let picture = picture(media.staged.blob.clone(), wire).await?;
        match media.role {
            Role::FirstFrame => wish.first_frame = Some(picture),
            Role::LastFrame => wish.last_frame = Some(picture),
            Role::Reference => wish.references.push(picture),
            _ => {}
        }
    }
    if ask.follows_picture
        && let Some(picture) = wish.first_frame.as_ref().or(wish.last_frame.as_ref())
        && let Some(shown) = ::animatic::shown_size(picture)
    {
        (wish.width, wish.height) = framed(ask.size, shown);
    }
    wish.check().map_err(|error| refused(&error.to_string()))?;
    Ok(wish)
}

/// The largest frame in the ratio of a picture that fits into `size`, either way up. A very long picture gets the
/// longest ratio there is.
fn framed(size: Size, shown: (u32, u32)) -> (u32, u32) {
    let (across, down) = (u64::from(shown.0.max(1)), u64::from(shown.1.max(1)));
    let (mut more, mut less) = (across.max(down), across.min(down));
    if more * LONGEST_RATIO.1 > less * LONGEST_RATIO.0 {
        (more, less) = LONGEST_RATIO;
    }
    let (most, lines) = (size.width.max(size.height), size.width.min(size.height));
    let long = u64::from(most).min(u64::from(lines) * more / less);
    let even = |pixels: u64| u32::try_from(pixels & !1).unwrap_or(most);
    let (long, short) = (even(long), even(long * less / more));
    if across > down {
        (long, short)
    } else {
        (short, long)
    }
}

async fn picture(blob: domain::BlobKey, wire: &Wire) -> Result<Vec<u8>, UpstreamError> {
    let busy = |reason: String| UpstreamError::Busy {
        reason,
        retry_after_ms: None,
    };
    let mut content = match wire.blobs.get(&blob, None).await {
        Ok(content) => content,
        Err(BlobError::Absent) => return Err(refused("an input picture is not kept any more")),
        Err(error) => return Err(busy(error.to_string())),
    };
    let mut bytes = Vec::new();
    while let Some(chunk) = content.next().await {
        bytes.extend_from_slice(&chunk.map_err(|error| busy(error.to_string()))?);
        if bytes.len() > MAX_PICTURE_BYTES {
            return Err(refused("an input picture is too large"));
        }
    }
    Ok(bytes)
}

fn refused(why: &str) -> UpstreamError {
    UpstreamError::Refused(TaskError::new(TaskErrorCode::InputRejected, why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_that_follows_its_picture_has_its_ratio_and_no_more_pixels_than_were_paid_for() {
        let std = Size {
            width: 1280,
            height: 720,
        };
        let cases = [
            ((1920, 1080), (1280, 720)),
            ((1080, 1920), (720, 1280)),
            ((500, 500), (720, 720)),
            ((4000, 3000), (960, 720)),
            ((2000, 1000), (1280, 640)),
            ((9000, 300), (1280, 512)),
            ((300, 9000), (512, 1280)),
            ((333, 500), (718, 1080)),
        ];
        for (shown, expected) in cases {
            assert_eq!(framed(std, shown), expected, "{shown:?}");
        }
    }
}
