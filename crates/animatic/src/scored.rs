//! A given clip with a new sound under it. The sound is made from words; nothing is drawn.

use crate::footage::{Projector, probe, sides_like};
use crate::h264::{Detail, Encoder};
use crate::mp4::{self, Label};
use crate::planes::Frame;
use crate::render::{Clip, RenderError, Watch, proceed, record};
use crate::sound::alone::{SoundWish, performed, written};
use crate::wish::{MAX_FPS, MAX_SHORT_SIDE, MAX_SIDE, MIN_FPS, Wish};

/// Makes a sound as long as a clip, and the clip with it: an MP4 of the clip's own size (within the renderer's
/// bounds) and rate, whose old sound is gone; beside it the sound as MP3 and as WAV. The frames are decoded and
/// encoded anew. The length of the wish plays no part. `watch` is told the percentage done.
///
/// # Errors
///
/// See [`RenderError`].
pub fn scored(
    clip: &[u8],
    wish: &SoundWish,
    watch: &mut dyn FnMut(u8) -> Watch,
) -> Result<Clip, RenderError> {
    let facts = probe(clip)?;
    let wish = SoundWish {
        duration_ms: facts.duration_ms,
        ..wish.clone()
    };
    wish.check()?;
    let sound = performed(&wish, &mut || proceed(watch, 0))?;
    let files = written(&sound, &mut |percent| watch(percent / 10))?;
    let track = record(&sound)?;
    let (mut width, mut height) = sides_like(&facts, MAX_SIDE);
    if width.min(height) > MAX_SHORT_SIDE {
        (width, height) = sides_like(&facts, MAX_SHORT_SIDE);
    }
    let fps = (libm::roundf(facts.fps) as u32).clamp(MIN_FPS, MAX_FPS);
    let mut projector = Projector::new("clip", clip, width, height)?;
    let mut encoder = Encoder::new(width, height, fps, Detail::Given)?;
    let mut frame = Frame::new(width as usize, height as usize);
    let frames = Wish::frames_in(facts.duration_ms, fps);
    for number in 0..frames {
        proceed(watch, 10 + (u64::from(number) * 88 / u64::from(frames)) as u8)?;
        // A little into the frame's time, so that rounding never shows the one before.
        let micros = (u64::from(number) * 4 + 1) * 250_000 / u64::from(fps);
        frame.copy_from(projector.at(micros)?);
        encoder.take(&frame)?;
    }
    let label = Label {
        width,
        height,
        fps,
        duration_ms: facts.duration_ms,
    };
    let bytes = mp4::write(label, &encoder.finish(), Some(&track))
        .ok_or_else(|| RenderError::Encoder("the clip exceeds 4 GiB".to_owned()))?;
    proceed(watch, 100)?;
    Ok(Clip {
        bytes,
        marked: None,
        beside: vec![files.mp3, files.wav],
        width,
        height,
        fps,
        duration_ms: facts.duration_ms,
        frames,
        sound: true,
    })
}
