//! Transformations of one or two pictures by the name of a scene. The table of names is in `effects/names.rs`, what
//! bends a picture in `effects/bends.rs`, what flies over it in `effects/sparks.rs`, two pictures in
//! `effects/pairs.rs`.

mod bends;
mod names;
mod pairs;
mod sparks;

use names::{Family, family};
use sparks::Sparks;

use super::{Plan, Proceed, Reel, ambience, read};
use crate::RenderError;
use crate::colour::Grade;
use crate::h264::Detail;
use crate::motion::wave;
use crate::picture;
use crate::planes::Frame;
use crate::stage::Overlay;
use crate::warp::{Lens, Mesh};
use crate::wish::Wish;

/// An old film's colours.
const FILM: Grade = Grade {
    saturation: 0.12,
    warmth: 0.55,
    lift: 0.06,
    gain: 0.95,
    corner: 1.0,
};
/// How many times a second an old film flickers, and how much.
const FLICKER: (f32, f32) = (7.3, 0.07);

/// One picture, bent and flown over.
struct Changed {
    family: Family,
    picture: Frame,
    lens: Lens,
    mesh: Mesh,
    sparks: Option<Sparks>,
    caption: Overlay,
    frames: u32,
    fps: f32,
}

pub(super) fn plan<'a>(wish: &'a Wish, name: &str, proceed: Proceed<'_>) -> Result<Plan<'a>, RenderError> {
    let sound = ambience(wish, &read(wish), proceed)?;
    let family = family(name, wish.references.len());
    let reel: Box<dyn Reel + 'a> = match family {
        Family::Together | Family::Swap => Box::new(pairs::Pair::new(wish, family)?),
        _ => Box::new(Changed::new(wish, family)?),
    };
    Ok(Plan {
        reel,
        sound,
        duration_ms: wish.duration_ms,
        detail: Detail::Given,
    })
}

impl Changed {
    fn new(wish: &Wish, family: Family) -> Result<Self, RenderError> {
        let bytes = wish.references.first().map_or(&[][..], Vec::as_slice);
        let mut picture = picture::fit("references[0]", bytes, wish.width, wish.height)?.frame;
        if family == Family::Film {
            picture.grade(&FILM);
        }
        Ok(Self {
            family,
            lens: Lens::new(&picture),
            picture,
            mesh: Mesh::new(wish.width as usize, wish.height as usize),
            sparks: Sparks::of(family, wish),
            caption: Overlay::caption(wish, wish.duration_ms),
            frames: wish.frames(),
            fps: wish.fps as f32,
        })
    }
}

impl Reel for Changed {
    fn paint(&mut self, number: u32, frame: &mut Frame) -> Result<(), RenderError> {
        let through = number as f32 / self.frames.saturating_sub(1).max(1) as f32;
        let seconds = number as f32 / self.fps;
        let sides = (frame.width as f32, frame.height as f32);
        let family = self.family;
        self.mesh.bend((self.picture.width, self.picture.height), |x, y| {
            let (x, y) = (x / sides.0, y / sides.1);
            let (x, y) = bends::place(family, (x, y), sides.0 / sides.1, through, seconds);
            (x * sides.0, y * sides.1)
        });
        self.mesh.paint(&self.lens, frame);
        match family {
            Family::Pixels => bends::blocks(frame, through),
            Family::Film => flicker(frame, seconds),
            _ => {}
        }
        if let Some(sparks) = &mut self.sparks {
            sparks.paint(frame, seconds, through);
        }
        self.caption.paint(number, frame);
        Ok(())
    }
}

fn flicker(frame: &mut Frame, seconds: f32) {
    let gain = 1.0 - FLICKER.1 * (0.5 + 0.5 * wave(seconds * FLICKER.0)) * (0.5 + 0.5 * wave(seconds * 3.1));
    let by = (gain * 256.0) as u32;
    for level in &mut frame.y {
        let light = u32::from(level.saturating_sub(16)) * by;
        *level = ((light >> 8) + 16) as u8;
    }
}
