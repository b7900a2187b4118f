//! A given clip with a voice put into it: its frames stay as they are but for a mouth that moves with the voice.

use super::mouth::{Mouth, openings};
use super::{Area, LipSync, Plan, Reel, micros, mixing};
use crate::RenderError;
use crate::footage::{self, Projector};
use crate::h264::Detail;
use crate::planes::Frame;
use crate::sound::Stereo;
use crate::wish::{Wish, WishError};

/// Where the face is taken to be without a word of it, in thousandths of the frame.
const MIDDLE: Area = Area {
    left: 350,
    top: 200,
    width: 300,
    height: 560,
};
/// Where in a face the mouth is, and how wide, in shares of the face.
const MOUTH_DOWN: f32 = 0.76;
const MOUTH_WIDE: f32 = 0.34;

struct Spoken<'a> {
    projector: Projector<'a>,
    mouth: Mouth,
    open: Vec<f32>,
    fps: u32,
}

pub(super) fn plan<'a>(wish: &'a Wish, sync: &'a LipSync) -> Result<Plan<'a>, RenderError> {
    let projector = Projector::new("clip", &sync.clip, wish.width, wish.height)?;
    let duration_ms = projector.facts().duration_ms;
    let voice = footage::of_file("voice", &sync.voice)?;
    let to_ms = sync.to_ms.unwrap_or(u32::MAX).min(mixing::length_ms(&voice));
    if sync.from_ms >= to_ms {
        let allowed = format!("a moment of the sound, which ends at `{to_ms}` milliseconds");
        return Err(WishError::new("from_ms", sync.from_ms, allowed).into());
    }
    let voice = mixing::part(&voice, sync.from_ms, to_ms);
    let samples = mixing::samples(duration_ms);
    let own = footage::of_clip("clip", &sync.clip)?.unwrap_or_default();
    let own = mixing::sized(own, samples);
    let silence = Stereo::silent(samples);
    let alone = mixing::laid(silence, 0, &voice, 100, sync.at_ms);
    let sound = mixing::laid(own, sync.original_volume, &voice, sync.volume, sync.at_ms);
    let frames = Wish::frames_in(duration_ms, wish.fps);
    Ok(Plan {
        reel: Box::new(Spoken {
            projector,
            mouth: mouth(wish, sync.face.unwrap_or(MIDDLE)),
            open: openings(&alone, wish.fps, frames),
            fps: wish.fps,
        }),
        sound: Some(sound),
        duration_ms,
        detail: Detail::Given,
    })
}

/// The mouth of a face.
pub(super) fn mouth(wish: &Wish, face: Area) -> Mouth {
    let pixels = |thousandths: u16, side: u32| f32::from(thousandths) * side as f32 / 1000.0;
    let (wide, tall) = (pixels(face.width, wish.width), pixels(face.height, wish.height));
    let middle = (
        pixels(face.left, wish.width) + wide * 0.5,
        pixels(face.top, wish.height) + tall * MOUTH_DOWN,
    );
    Mouth::new(middle, wide.min(tall) * MOUTH_WIDE)
}

impl Reel for Spoken<'_> {
    fn paint(&mut self, number: u32, frame: &mut Frame) -> Result<(), RenderError> {
        frame.copy_from(self.projector.at(micros(number, self.fps))?);
        let open = self.open.get(number as usize).copied().unwrap_or(0.0);
        self.mouth.paint(frame, open);
        Ok(())
    }
}
