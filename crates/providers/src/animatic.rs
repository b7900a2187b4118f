//! The embedded renderer as a provider: jobs are renders in a pool of this process. It keeps nothing
//! over a restart, and says so: a job that it does not know is Lost, and cost nothing.

use std::sync::Arc;

use ::animatic::{CameraAxes, CameraControl, Clip, Format, MAX_CAMERA_TENTHS, MAX_PICTURE_BYTES, Pool, Wish};
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
use domain::{Ask, MediaFacts, MediaKind, Operation, Role, TaskError};
use futures_util::StreamExt;
use serde_json::Value;

use crate::{Entry, Setup};

pub mod gallery;

/// The name that accounts call it by.
pub const NAME: &str = "animatic";
/// Frames a second where nobody names them.
const DEFAULT_FPS: u32 = 30;
/// Bytes of a clip that are streamed at a time.
const CHUNK_BYTES: usize = 64 * 1024;
/// The longest ratio of a frame that follows its picture, which is the longest that vendors take.
const LONGEST_RATIO: (u64, u64) = (5, 2);
/// Where the movement of the camera stands among an ask's extras.
const CAMERA: &str = "kling.camera_control";
/// Where the format of a still stands among them.
const FORMAT: &str = "animatic.format";
/// When to come back to a full pool, in milliseconds.
const FULL_RETRY_MS: u64 = 1_000;

static MANIFEST: Manifest = Manifest {
    name: NAME,
    about: "the embedded renderer: a storyboard preview as a real MP4, or a still of it, with no account at all",
    documentation: "",
    models: &[],
    operations: &[
        Operation::TextToVideo,
        Operation::ImageToVideo,
        Operation::MultiImageToVideo,
        Operation::ImageGeneration,
    ],
    extras: &[CAMERA, FORMAT],
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
            quantity: None,
            cost: None,
        })
    }

    /// The clips, then their marked copies, so that the places of the clips are the same with and without.
    /// The pool lets go of all of them when the last byte of the last file has been read, which is when they
    /// are kept elsewhere.
    fn files(&self, clips: &[Arc<Clip>], names: &[String], kind: MediaKind) -> Vec<Output> {
        let plain = clips.iter().map(|clip| (clip, None, Part::Clip));
        let copies = (0..).zip(clips).filter(|(_, clip)| clip.marked.is_some());
        let copies = copies.map(|(n, clip)| (clip, Some(n), Part::MarkedCopy));
        let files: Vec<_> = plain.chain(copies).collect();
        let last = files.len().saturating_sub(1);
        let moves = kind == MediaKind::Video;
        let output = |(place, (clip, of, part)): (usize, (&Arc<Clip>, Option<u32>, Part))| {
            let kept = if place == last { names.to_vec() } else { Vec::new() };
            Output {
                kind,
                source: OutputSource::Stream(streamed(Arc::clone(&self.pool), kept, Arc::clone(clip), part)),
                facts: MediaFacts {
                    width: Some(clip.width),
                    height: Some(clip.height),
                    duration_ms: moves.then_some(u64::from(clip.duration_ms)),
                    fps: moves.then_some(clip.fps),
                },
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

/// What is made of a wish.
fn kind(ask: &Ask) -> MediaKind {
    match ask.operation {
        Operation::ImageGeneration => MediaKind::Image,
        _ => MediaKind::Video,
    }
}

/// One name in the pool for each clip.
fn names(job: &Job) -> Vec<String> {
    (0..job.ask.count)
        .map(|n| format!("{}-{n}", job.client_ref))
        .collect()
}

/// Which file of a clip.
#[derive(Clone, Copy)]
enum Part {
    Clip,
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
        camera: camera(ask.extras.get(CAMERA))?,
        sound: ask.sound.unwrap_or(true),
        marked_copy: ask.marked_copy,
        still: still(ask)?,
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

/// How a still is written, PNG where nobody says; none for a clip.
fn still(ask: &Ask) -> Result<Option<Format>, UpstreamError> {
    if kind(ask) != MediaKind::Image {
        return Ok(None);
    }
    let said = ask.extras.get(FORMAT);
    match said.map_or(Some("png"), Value::as_str) {
        Some("png") => Ok(Some(Format::Png)),
        Some("jpeg") => Ok(Some(Format::Jpeg)),
        Some("webp") => Ok(Some(Format::WebP)),
        other => {
            let other = other.unwrap_or("no word");
            Err(refused(&format!(
                "`format` is `{other}`; allowed: `png`, `jpeg`, `webp`"
            )))
        }
    }
}

/// Reads the movement of the camera as the dialects hand it on: a preset, or `simple` with its axes.
fn camera(control: Option<&Value>) -> Result<Option<CameraControl>, UpstreamError> {
    let Some(control) = control else {
        return Ok(None);
    };
    let axis = |name: &str| tenths(name, &control["config"][name]);
    let moves = match control["type"].as_str() {
        Some("simple") => CameraControl::Simple(CameraAxes {
            horizontal: axis("horizontal")?,
            vertical: axis("vertical")?,
            pan: axis("pan")?,
            tilt: axis("tilt")?,
            roll: axis("roll")?,
            zoom: axis("zoom")?,
        }),
        Some("down_back") => CameraControl::DownBack,
        Some("forward_up") => CameraControl::ForwardUp,
        Some("right_turn_forward") => CameraControl::RightTurnForward,
        Some("left_turn_forward") => CameraControl::LeftTurnForward,
        _ => {
            let allowed = "`simple`, `down_back`, `forward_up`, `right_turn_forward`, `left_turn_forward`";
            let kind = &control["type"];
            return Err(refused(&format!(
                "`camera_control.type` is `{kind}`; allowed: {allowed}"
            )));
        }
    };
    Ok(Some(moves))
}

/// An axis in whole tenths; what is not 0 stays so, however small.
fn tenths(name: &str, value: &Value) -> Result<i16, UpstreamError> {
    if value.is_null() {
        return Ok(0);
    }
    let reach = f64::from(MAX_CAMERA_TENTHS) / 10.0;
    let number = value.as_f64().filter(|number| number.abs() <= reach);
    let Some(number) = number else {
        let field = format!("camera_control.config.{name}");
        return Err(refused(&format!(
            "`{field}` is `{value}`; allowed: from -{reach} to {reach}"
        )));
    };
    let tenths = (number * 10.0).round() as i16;
    if tenths == 0 && number != 0.0 {
        return Ok(if number < 0.0 { -1 } else { 1 });
    }
    Ok(tenths)
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
    use serde_json::json;

    use super::*;

    fn read(control: Value) -> Option<CameraControl> {
        camera(Some(&control)).ok().flatten()
    }

    #[test]
    fn every_axis_and_preset_of_the_camera_is_read_with_its_sign() {
        let read_axis = |name: &str, value: f64| {
            let Some(CameraControl::Simple(axes)) = read(json!({"type": "simple", "config": {name: value}}))
            else {
                panic!("`{name}` is not read");
            };
            axes
        };
        let none = CameraAxes::default();
        let cases = [
            (
                "horizontal",
                CameraAxes {
                    horizontal: -50,
                    ..none
                },
            ),
            (
                "vertical",
                CameraAxes {
                    vertical: -50,
                    ..none
                },
            ),
            ("pan", CameraAxes { pan: -50, ..none }),
            ("tilt", CameraAxes { tilt: -50, ..none }),
            ("roll", CameraAxes { roll: -50, ..none }),
            ("zoom", CameraAxes { zoom: -50, ..none }),
        ];
        for (name, axes) in cases {
            assert_eq!(read_axis(name, -5.0), axes);
        }
        assert_eq!(read_axis("zoom", 9.96).zoom, 100);
        assert_eq!(read_axis("zoom", 0.01).zoom, 1);
        assert_eq!(read_axis("zoom", -0.01).zoom, -1);
        for (word, preset) in [
            ("down_back", CameraControl::DownBack),
            ("forward_up", CameraControl::ForwardUp),
            ("right_turn_forward", CameraControl::RightTurnForward),
            ("left_turn_forward", CameraControl::LeftTurnForward),
        ] {
            assert_eq!(read(json!({"type": word})), Some(preset));
        }
        assert!(matches!(camera(None), Ok(None)));
    }

    #[test]
    fn a_still_is_png_unless_it_is_said_and_a_clip_is_none() {
        let asked = |operation, format: Value| {
            let extras = [(FORMAT.to_owned(), format)];
            still(&Ask {
                operation,
                extras: extras
                    .into_iter()
                    .filter(|(_, format)| !format.is_null())
                    .collect(),
                ..testkit::sample::ask()
            })
        };
        let words = [
            ("png", Format::Png),
            ("jpeg", Format::Jpeg),
            ("webp", Format::WebP),
        ];
        let words = words.map(|(word, format)| (json!(word), format));
        for (said, format) in words.into_iter().chain([(Value::Null, Format::Png)]) {
            let read = asked(Operation::ImageGeneration, said).ok().flatten();
            assert_eq!(read, Some(format));
        }
        assert!(matches!(asked(Operation::TextToVideo, json!("webp")), Ok(None)));
        for format in [json!("gif"), json!(7)] {
            let read = asked(Operation::ImageGeneration, format);
            assert!(matches!(read, Err(UpstreamError::Refused(_))));
        }
    }

    #[test]
    fn a_camera_beyond_its_reach_or_of_an_unknown_kind_is_refused() {
        for control in [
            json!({"type": "simple", "config": {"pan": 10.1}}),
            json!({"type": "simple", "config": {"pan": "left"}}),
            json!({"type": "sideways"}),
            json!({}),
        ] {
            assert!(matches!(camera(Some(&control)), Err(UpstreamError::Refused(_))));
        }
    }

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
