//! One render from wish to clip or still: who is called in which order, and when it stops. Draws and encodes nothing itself.

use crate::aac::{Recorder, Track};
use crate::h264::Encoder;
use crate::mp4::{self, Label};
use crate::planes::Frame;
use crate::sound::Stereo;
use crate::stage::Overlay;
use crate::still::{Format, still};
use crate::wish::{Wish, WishError};
use crate::works;

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
    /// Length in milliseconds: as wished, or that of the clip or sound it follows; 0 for a still.
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
    let mut plan = works::plan(wish, &mut || proceed(watch, 0))?;
    let track = plan.sound.take().map(|sound| record(&sound)).transpose()?;
    proceed(watch, 0)?;
    let new = || Encoder::new(wish.width, wish.height, wish.fps, plan.detail);
    let mut encoder = new()?;
    let mut marked = match wish.marked_copy {
        true => Some((new()?, Overlay::mark(wish, plan.duration_ms))),
        false => None,
    };
    let mut frame = Frame::new(wish.width as usize, wish.height as usize);
    let frames = Wish::frames_in(plan.duration_ms, wish.fps);
    for number in 0..frames {
        proceed(watch, 1 + (u64::from(number) * 98 / u64::from(frames)) as u8)?;
        plan.reel.paint(number, &mut frame)?;
        encoder.take(&frame)?;
        if let Some((second, mark)) = &mut marked {
            mark.paint(number, &mut frame);
            second.take(&frame)?;
        }
    }
    let label = Label {
        width: wish.width,
        height: wish.height,
        fps: wish.fps,
        duration_ms: plan.duration_ms,
    };
    let file = |encoder: Encoder| {
        mp4::write(label, &encoder.finish(), track.as_ref())
            .ok_or_else(|| RenderError::Encoder("the clip exceeds 4 GiB".to_owned()))
    };
    let bytes = file(encoder)?;
    let marked = marked.map(|(second, _)| file(second)).transpose()?;
    proceed(watch, 100)?;
    Ok(Clip {
        bytes,
        marked,
        beside: Vec::new(),
        width: wish.width,
        height: wish.height,
        fps: wish.fps,
        duration_ms: plan.duration_ms,
        frames,
        sound: track.is_some(),
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

pub(crate) fn proceed(watch: &mut dyn FnMut(u8) -> Watch, percent: u8) -> Result<(), RenderError> {
    match watch(percent) {
        Watch::Continue => Ok(()),
        Watch::Stop => Err(RenderError::Stopped),
    }
}

pub(crate) fn record(sound: &Stereo) -> Result<Track, RenderError> {
    let mut recorder = Recorder::new()?;
    for (left, right) in sound.left.chunks(BLOCK).zip(sound.right.chunks(BLOCK)) {
        recorder.take(left, right)?;
    }
    recorder.finish()
}
