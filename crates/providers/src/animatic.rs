//! The embedded renderer as a provider: jobs are renders in a pool of this process. It keeps nothing
//! over a restart, and says so: a job that it does not know is Lost, and cost nothing.

use std::sync::Arc;

use ::animatic::{Clip, Errand, Pool, Wish};
use async_trait::async_trait;
use bytes::Bytes;
use domain::blobs::ByteStream;
use domain::credentials::AccountFacts;
use domain::error::TaskErrorCode;
use domain::provider::{
    Account, Callback, Jam, Job, Look, Lookup, Manifest, MediaForm, Output, OutputSource, Outputs, Provider,
    Receipt, Reconciled, Stopped, Submitted, UpstreamError, Wire,
};
use domain::{Ask, MediaFacts, MediaKind, Operation, TaskError};

use self::wish::{CAMERA, FORMAT, wish};
use crate::{Entry, Setup};

mod avatar;
mod effects;
mod elements;
mod extend;
pub mod gallery;
mod given;
mod library;
mod lips;
mod masks;
mod motion;
mod omni;
mod pictures;
mod quick;
mod recognition;
mod sessions;
mod shots;
mod sounds;
mod speech;
mod tags;
mod wish;

/// The name that accounts call it by.
pub const NAME: &str = "animatic";
/// Bytes of a clip that are streamed at a time.
const CHUNK_BYTES: usize = 64 * 1024;
/// When to come back to a full pool, in milliseconds.
const FULL_RETRY_MS: u64 = 1_000;

static MANIFEST: Manifest = Manifest {
    name: NAME,
    about: "the embedded renderer: a storyboard preview as a real MP4, or a still of it, with no account at all",
    documentation: "",
    logins: &[],
    slots: 1,
    calls_back: false,
    models: &[],
    operations: &[
        Operation::TextToVideo,
        Operation::ImageToVideo,
        Operation::MultiImageToVideo,
        Operation::OmniVideo,
        Operation::MotionControl,
        Operation::VideoExtend,
        Operation::LipSync,
        Operation::Avatar,
        Operation::VideoEffects,
        Operation::MultiElements,
        Operation::ImageGeneration,
        Operation::OmniImage,
        Operation::MultiImageToImage,
        Operation::ImageExpand,
        Operation::VirtualTryOn,
        Operation::MultiShotViews,
        Operation::ImageRecognition,
        Operation::FaceIdentification,
        Operation::AreaSelection,
        Operation::TextToAudio,
        Operation::VideoToAudio,
        Operation::Speech,
        Operation::CustomVoice,
        Operation::CustomElement,
        Operation::ItemDeletion,
    ],
    extras: &[
        CAMERA,
        FORMAT,
        shots::MULTI_SHOT,
        shots::SHOT_TYPE,
        shots::MULTI_PROMPT,
        masks::DYNAMIC_MASKS,
        omni::KEEPS_SOUND,
        omni::REFER_TYPE,
        library::VOICE_NAME,
        library::ELEMENT[0],
        library::ELEMENT[1],
        library::ELEMENT[2],
        library::ELEMENT[3],
        lips::FACE_CHOOSE,
        lips::INPUT,
        effects::SCENE,
        elements::EDIT_MODE,
        pictures::FIDELITY,
        pictures::HUMAN_FIDELITY,
        pictures::RESULT_TYPE,
        pictures::SERIES_AMOUNT,
        pictures::EXPANSIONS[0],
        pictures::EXPANSIONS[1],
        pictures::EXPANSIONS[2],
        pictures::EXPANSIONS[3],
        sessions::SELECTION,
        sessions::FRAME,
        sessions::POINTS,
        sounds::EFFECTS,
        sounds::MUSIC,
        sounds::ASMR,
        speech::VOICE,
        speech::LANGUAGE,
        speech::SPEED,
    ],
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
pub static ENTRY: Entry = Entry {
    name: NAME,
    manifest: &MANIFEST,
    build,
};

/// Makes the provider ready, with its own threads.
fn build(setup: Setup) -> Arc<dyn Provider> {
    Arc::new(Animatic {
        pool: Arc::new(Pool::new(setup.threads)),
        quick: Pool::new(1),
        threads: setup.threads,
    })
}

/// The embedded renderer.
struct Animatic {
    pool: Arc<Pool>,
    /// Does what is answered at once, so that it never waits for a clip.
    quick: Pool,
    threads: usize,
}

#[async_trait]
impl Provider for Animatic {
    fn manifest(&self) -> &Manifest {
        &MANIFEST
    }

    async fn submit(&self, job: &Job, wire: &Wire) -> Result<Submitted, UpstreamError> {
        let receipt = Receipt(job.client_ref.clone());
        let quick = match job.ask.operation {
            Operation::Speech => Some(speech::said(job, &self.quick).await?),
            Operation::ImageRecognition => Some(recognition::recognised(job, wire, &self.quick).await?),
            Operation::FaceIdentification => Some(sessions::faces(job, wire, &self.quick).await?),
            Operation::AreaSelection => Some(sessions::areas(job, wire, &self.quick).await?),
            Operation::CustomVoice => Some(library::voice(job, wire).await?),
            Operation::CustomElement => Some(library::element(job, wire).await?),
            Operation::ItemDeletion => Some(library::deleted()),
            _ => None,
        };
        if let Some(outputs) = quick {
            return Ok(Submitted::Done(receipt, outputs));
        }
        let spoken = match lips::words(job) {
            Some(words) => Some(speech::spoken(&job.client_ref, words?, &self.quick).await?),
            None => None,
        };
        for (name, order) in names(job).into_iter().zip(orders(job, wire, spoken).await?) {
            let started = match order {
                Order::Clip(wish) => self.pool.start(&name, *wish),
                Order::Errand(work) => self.pool.start_errand(&name, work),
            };
            if let Err(full) = started {
                self.forget(job);
                return Err(UpstreamError::Busy {
                    // A task of several clips may be too many where a task of one is not.
                    jam: Jam::Here,
                    reason: full.to_string(),
                    retry_after_ms: Some(FULL_RETRY_MS),
                });
            }
        }
        Ok(Submitted::Accepted(receipt))
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
                    clips.push(clip);
                }
            }
        }
        if clips.len() < names.len() {
            let mean = percents / u32::try_from(names.len()).unwrap_or(1).max(1);
            return Look::Running(u8::try_from(mean).ok());
        }
        Look::Done(Outputs {
            files: self.files(&clips, &names, kind(&job.ask)),
            findings: pictures::findings(&job.ask).map(Box::new),
            quantity: pictures::free(&job.ask).then(|| u64::from(pictures::count(&job.ask))),
            cost: None,
            ended_at: None,
        })
    }

    /// The clips, each with what stands beside it, then their marked copies, so that the places of the clips are
    /// the same with and without. The pool lets go of all of them when the last byte of the last file has been
    /// read, which is when they are kept elsewhere.
    fn files(&self, clips: &[Arc<Clip>], names: &[String], kind: MediaKind) -> Vec<Output> {
        // Beside a clip that was given a sound stands the sound.
        let kind = |clip: &Clip, part: Part| match (kind, part) {
            (MediaKind::Audio, Part::Clip) if clip.frames > 0 => MediaKind::Video,
            _ => kind,
        };
        let plain = clips.iter().flat_map(|clip| {
            let beside = (0..clip.beside.len()).map(Part::Beside);
            std::iter::once(Part::Clip)
                .chain(beside)
                .map(move |part| (clip, None, part))
        });
        let copies = (0..).zip(clips).filter(|(_, clip)| clip.marked.is_some());
        let copies = copies.map(|(n, clip)| (clip, Some(n), Part::MarkedCopy));
        let files: Vec<_> = plain.chain(copies).collect();
        let last = files.len().saturating_sub(1);
        let output = |(place, (clip, of, part)): (usize, (&Arc<Clip>, Option<u32>, Part))| {
            let kept = if place == last { names.to_vec() } else { Vec::new() };
            let kind = kind(clip, part);
            Output {
                kind,
                source: OutputSource::Stream(streamed(Arc::clone(&self.pool), kept, Arc::clone(clip), part)),
                facts: facts(clip, kind),
                vendor_ref: None,
                marked_copy_of: of,
            }
        };
        files.into_iter().enumerate().map(output).collect()
    }

    fn forget(&self, job: &Job) {
        for name in names(job) {
            self.pool.forget(&name);
        }
    }
}

/// What a thread is asked for.
enum Order {
    Clip(Box<Wish>),
    Errand(Errand),
}

/// What the threads are asked for, one order for each name; `spoken` is the sound of words that the wish has instead
/// of one.
async fn orders(job: &Job, wire: &Wire, spoken: Option<Vec<u8>>) -> Result<Vec<Order>, UpstreamError> {
    let works = match kind(&job.ask) {
        MediaKind::Audio => Some(vec![sounds::work(job, wire).await?]),
        MediaKind::Image => pictures::works(job, wire).await?,
        MediaKind::Video => None,
    };
    if let Some(works) = works {
        return Ok(works.into_iter().map(Order::Errand).collect());
    }
    let wish = wish(job, wire, spoken).await?;
    let order = |n: u64| {
        Order::Clip(Box::new(Wish {
            seed: job.seed.wrapping_add(n),
            ..wish.clone()
        }))
    };
    Ok((0..u64::from(job.ask.count)).map(order).collect())
}

/// What is known of a file.
fn facts(clip: &Clip, kind: MediaKind) -> MediaFacts {
    let (moves, seen) = (kind == MediaKind::Video, kind != MediaKind::Audio);
    MediaFacts {
        width: seen.then_some(clip.width),
        height: seen.then_some(clip.height),
        duration_ms: (kind != MediaKind::Image).then_some(u64::from(clip.duration_ms)),
        fps: moves.then_some(clip.fps),
    }
}

/// What is made of a wish.
fn kind(ask: &Ask) -> MediaKind {
    match ask.operation {
        Operation::ImageGeneration
        | Operation::OmniImage
        | Operation::MultiImageToImage
        | Operation::ImageExpand
        | Operation::VirtualTryOn
        | Operation::MultiShotViews
        | Operation::ImageRecognition => MediaKind::Image,
        Operation::TextToAudio | Operation::VideoToAudio | Operation::Speech => MediaKind::Audio,
        _ => MediaKind::Video,
    }
}

/// One name in the pool for each clip, sound or still.
fn names(job: &Job) -> Vec<String> {
    let count = match kind(&job.ask) {
        MediaKind::Audio => 1,
        MediaKind::Image => pictures::count(&job.ask),
        MediaKind::Video => job.ask.count,
    };
    (0..count).map(|n| format!("{}-{n}", job.client_ref)).collect()
}

/// Which file of a clip.
#[derive(Clone, Copy)]
enum Part {
    Clip,
    /// By its place among those beside the clip.
    Beside(usize),
    MarkedCopy,
}

/// A file in chunks. When its last byte has been read, the pool lets go of the names.
fn streamed(pool: Arc<Pool>, names: Vec<String>, clip: Arc<Clip>, part: Part) -> ByteStream {
    let state = (pool, names, clip, 0_usize);
    Box::pin(futures_util::stream::unfold(
        state,
        move |(pool, names, clip, from)| async move {
            let bytes = match part {
                Part::Clip => clip.bytes.as_slice(),
                Part::Beside(n) => clip.beside.get(n).map(Vec::as_slice).unwrap_or_default(),
                Part::MarkedCopy => clip.marked.as_deref().unwrap_or_default(),
            };
            if from >= bytes.len() {
                for name in &names {
                    pool.forget(name);
                }
                return None;
            }
            let to = (from + CHUNK_BYTES).min(bytes.len());
            let chunk = Bytes::copy_from_slice(&bytes[from..to]);
            Some((Ok(chunk), (pool, names, clip, to)))
        },
    ))
}
