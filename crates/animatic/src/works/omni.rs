//! A given clip that words and pictures refer to. As a base it is edited: its colours take on the words' light, the
//! pictures lie over it. As a feature its motion leads over the first picture, or over the words' own scene.

use super::inset::Cards;
use super::steered::{Steered, kept};
use super::{Omni, Plan, Proceed, Reel, Refer, bare, micros, read, track};
use crate::RenderError;
use crate::colour::{Colour, Grade};
use crate::footage::Projector;
use crate::h264::Detail;
use crate::planes::{Frame, chroma_u, chroma_v};
use crate::scene::Scene;
use crate::stage::Overlay;
use crate::still::{Format, still};
use crate::wish::Wish;

/// How strongly the words' colour lies over the clip, in 1/256.
const TINT: i32 = 88;
/// How dark the darkest words make the clip.
const DARK: f32 = 0.55;

struct Edited<'a> {
    projector: Projector<'a>,
    grade: Grade,
    /// What is added to the two chroma planes.
    tint: (i32, i32),
    cards: Cards,
    fps: u32,
}

/// The motion of a clip over a picture, with the other pictures as cards.
struct Led {
    steered: Steered,
    cards: Cards,
    caption: Overlay,
    fps: u32,
}

pub(super) fn plan<'a>(
    wish: &'a Wish,
    omni: &'a Omni,
    proceed: Proceed<'_>,
) -> Result<Plan<'a>, RenderError> {
    match omni.refer {
        Refer::Base => edited(wish, omni),
        Refer::Feature => led(wish, omni, proceed),
    }
}

fn edited<'a>(wish: &'a Wish, omni: &'a Omni) -> Result<Plan<'a>, RenderError> {
    let projector = Projector::new("clip", &omni.clip, wish.width, wish.height)?;
    let duration_ms = projector.facts().duration_ms;
    let (grade, tint) = light(&read(wish));
    Ok(Plan {
        reel: Box::new(Edited {
            projector,
            grade,
            tint,
            cards: Cards::new(wish)?,
            fps: wish.fps,
        }),
        sound: kept(omni.keeps_sound, &omni.clip, duration_ms)?,
        duration_ms,
        detail: Detail::Given,
    })
}

/// The light of a scene as a grade, and the tint of its leading colour.
fn light(scene: &Scene) -> (Grade, (i32, i32)) {
    let palette = &scene.palette;
    let own = palette.grade;
    let bright = palette.sky_middle.mix(palette.land, 0.4).level();
    let grade = Grade {
        gain: own.gain * (DARK + (1.0 - DARK) * (bright * 2.2).min(1.0)),
        ..own
    };
    let Colour { red, green, blue } = palette
        .named
        .unwrap_or(palette.light.mix(palette.sky_middle, 0.6));
    let rgb = [red, green, blue].map(|part| (part * 255.0) as i32);
    let lean = |level: u8| (i32::from(level) - 128) * TINT / 256;
    (grade, (lean(chroma_u(rgb, 255, 1)), lean(chroma_v(rgb, 255, 1))))
}

impl Reel for Edited<'_> {
    fn paint(&mut self, number: u32, frame: &mut Frame) -> Result<(), RenderError> {
        frame.copy_from(self.projector.at(micros(number, self.fps))?);
        frame.grade(&self.grade);
        let shift = |plane: &mut [u8], by: i32| {
            for level in plane {
                *level = (i32::from(*level) + by).clamp(16, 240) as u8;
            }
        };
        shift(&mut frame.u, self.tint.0);
        shift(&mut frame.v, self.tint.1);
        self.cards.paint(number as f32 / self.fps as f32, frame);
        Ok(())
    }
}

fn led<'a>(wish: &'a Wish, omni: &'a Omni, proceed: Proceed<'_>) -> Result<Plan<'a>, RenderError> {
    let frames = wish.frames();
    let steps = track::follow("clip", &omni.clip, wish.fps, frames)?;
    proceed()?;
    let drawn;
    let mut rest = wish.references.as_slice();
    let (field, picture) = match (&wish.first_frame, wish.references.split_first()) {
        (Some(first), _) => ("first_frame", first.as_slice()),
        (None, Some((first, others))) => {
            rest = others;
            ("references[0]", first.as_slice())
        }
        (None, None) => {
            drawn = still(&bare(wish, wish.duration_ms), Format::Png)?.bytes;
            ("prompt", drawn.as_slice())
        }
    };
    let own = Wish {
        references: rest.to_vec(),
        ..bare(wish, wish.duration_ms)
    };
    Ok(Plan {
        reel: Box::new(Led {
            steered: Steered::new(wish, (field, picture), &steps)?,
            cards: Cards::new(&own)?,
            caption: Overlay::caption(wish, wish.duration_ms),
            fps: wish.fps,
        }),
        sound: kept(omni.keeps_sound, &omni.clip, wish.duration_ms)?,
        duration_ms: wish.duration_ms,
        detail: Detail::Given,
    })
}

impl Reel for Led {
    fn paint(&mut self, number: u32, frame: &mut Frame) -> Result<(), RenderError> {
        self.steered.paint(number, frame)?;
        self.cards.paint(number as f32 / self.fps as f32, frame);
        self.caption.paint(number, frame);
        Ok(())
    }
}
