//! One render from wish to clip or still: who is called in which order, and when it stops. Draws and encodes nothing itself.

use crate::aac::{RATE, Recorder, Track};
use crate::h264::{Detail, Encoder};
use crate::mp4::{self, Label};
use crate::planes::Frame;
use crate::scene::Scene;
use crate::sound;
use crate::stage::{Stage, Words};
use crate::still::{Format, still};
use crate::wish::{Wish, WishError};

/// Samples that are handed to the encoder at a time.
const BLOCK: usize = 16 * 1024;

/// A finished clip, or what was made instead: a still, or the files of other work.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clip {
    /// The MP4 file: H.264 in 4:2:0 and, if wished, AAC-LC; its index stands before the media. For a still, its
    /// file.
    pub bytes: Vec<u8>,
    /// The same file with the mark in a corner of every frame, if wished.
    pub marked: Option<Vec<u8>>,
    /// Further files of the same size and length, of work that makes several.
    pub beside: Vec<Vec<u8>>,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Frames per second; 0 for a still.
    pub fps: u32,
    /// Length in milliseconds, as wished; 0 for a still.
    pub duration_ms: u32,
    /// Number of frames; the last one may be shown for less than its full time.
    pub frames: u32,
    /// Whether there is a sound track.
    pub sound: bool,
}

/// What the caller answers when it is told of progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watch {
    /// Go on.
    Continue,
    /// Stop at once; the render ends with [`RenderError::Stopped`].
    Stop,
}

/// Why there is no clip.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// The wish is out of bounds, or one of its pictures cannot be read. Asking again changes nothing.
    #[error(transparent)]
    Wish(#[from] WishError),
    /// The caller said stop.
    #[error("the render was stopped")]
    Stopped,
    /// An encoder gave up, which no wish within bounds is known to cause.
    #[error("the encoder failed: {0}")]
    Encoder(String),
}

/// Renders a wish on the calling thread. Equal wishes give equal bytes, in every process.
///
/// `watch` is told the percentage done before every frame and is asked whether to go on.
///
/// # Errors
///
/// See [`RenderError`].
pub fn render(wish: &Wish, watch: &mut dyn FnMut(u8) -> Watch) -> Result<Clip, RenderError> {
    if let Some(format) = wish.still {
        return single(wish, format, watch);
    }
    wish.check()?;
    proceed(watch, 0)?;
    let scene = Scene::read(
        &wish.prompt,
        wish.negative_prompt.as_deref().unwrap_or_default(),
        wish.seed,
    );
    let track = if wish.sound {
        Some(record(wish, &scene, watch)?)
    } else {
        None
    };
    let mut stage = Stage::new(wish, &scene, Words::Caption)?;
    let detail = if wish.pictures().next().is_some() {
        Detail::Given
    } else {
        Detail::Drawn
    };
    let mut encoder = Encoder::new(wish.width, wish.height, wish.fps, detail)?;
    let mut second = if wish.marked_copy {
        Some(Encoder::new(wish.width, wish.height, wish.fps, detail)?)
    } else {
        None
    };
    let mut frame = Frame::new(wish.width as usize, wish.height as usize);
    let frames = wish.frames();
    for number in 0..frames {
        proceed(watch, 1 + (u64::from(number) * 98 / u64::from(frames)) as u8)?;
        stage.paint(number, &mut frame);
        encoder.take(&frame)?;
        if let Some(second) = &mut second {
            stage.stamp(number, &mut frame);
            second.take(&frame)?;
        }
    }
    let label = Label {
        width: wish.width,
        height: wish.height,
        fps: wish.fps,
        duration_ms: wish.duration_ms,
    };
    let file = |encoder: Encoder| {
        mp4::write(label, &encoder.finish(), track.as_ref())
            .ok_or_else(|| RenderError::Encoder("the clip exceeds 4 GiB".to_owned()))
    };
    let bytes = file(encoder)?;
    let marked = second.map(file).transpose()?;
    proceed(watch, 100)?;
    Ok(Clip {
        bytes,
        marked,
        beside: Vec::new(),
        width: wish.width,
        height: wish.height,
        fps: wish.fps,
        duration_ms: wish.duration_ms,
        frames,
        sound: wish.sound,
    })
}

/// A still in the shape of a clip, so that the pool needs to know of nothing else.
fn single(wish: &Wish, format: Format, watch: &mut dyn FnMut(u8) -> Watch) -> Result<Clip, RenderError> {
    wish.check()?;
    proceed(watch, 0)?;
    let still = still(wish, format)?;
    proceed(watch, 100)?;
    Ok(Clip {
        bytes: still.bytes,
        marked: None,
        beside: Vec::new(),
        width: still.width,
        height: still.height,
        fps: 0,
        duration_ms: 0,
        frames: 1,
        sound: false,
    })
}

fn proceed(watch: &mut dyn FnMut(u8) -> Watch, percent: u8) -> Result<(), RenderError> {
    match watch(percent) {
        Watch::Continue => Ok(()),
        Watch::Stop => Err(RenderError::Stopped),
    }
}

fn record(wish: &Wish, scene: &Scene, watch: &mut dyn FnMut(u8) -> Watch) -> Result<Track, RenderError> {
    let samples = u64::from(wish.duration_ms) * u64::from(RATE) / 1000;
    let ambience = sound::ambience(wish, scene, samples as usize, || proceed(watch, 0))?;
    let mut recorder = Recorder::new()?;
    for (left, right) in ambience.left.chunks(BLOCK).zip(ambience.right.chunks(BLOCK)) {
        recorder.take(left, right)?;
    }
    recorder.finish()
}
