//! Two pictures: side by side until they come together, or one that gives way to the other.

use super::Family;
use super::sparks::Sparks;
use crate::RenderError;
use crate::motion::{smooth, wave};
use crate::picture;
use crate::planes::{Brush, Frame, PIXEL, Place, SOLID, Sprite};
use crate::shots::slide;
use crate::stage::Overlay;
use crate::wish::Wish;
use crate::works::Reel;

/// The pictures touch after this part of the clip, and how far they overlap in the end, in shares of the frame.
const MEET: f32 = 0.6;
const OVERLAP: f32 = 0.16;
/// One picture gives way to the other between these parts of the clip.
const GIVES_WAY: (f32, f32) = (0.35, 0.65);

/// The two pictures of a wish; one given alone is both.
pub(super) struct Pair {
    family: Family,
    /// Each at the full size for a swap, at half of it to come together.
    left: Frame,
    right: Frame,
    sprites: [Sprite; 2],
    hearts: Option<Sparks>,
    caption: Overlay,
    brush: Brush,
    frames: u32,
    fps: f32,
}

impl Pair {
    pub(super) fn new(wish: &Wish, family: Family) -> Result<Self, RenderError> {
        let width = match family {
            Family::Together => (f64::from(wish.width) * 0.6) as u32 / 2 * 2,
            _ => wish.width,
        };
        let read = |at: usize| {
            let at = at.min(wish.references.len().saturating_sub(1));
            let bytes = wish.references.get(at).map_or(&[][..], Vec::as_slice);
            picture::cover(&format!("references[{at}]"), bytes, width, wish.height)
        };
        let (left, right) = (read(0)?, read(1)?);
        Ok(Self {
            family,
            sprites: [Sprite::opaque(&left), Sprite::opaque(&right)],
            left,
            right,
            hearts: Sparks::of(Family::Hearts, wish).filter(|_| family == Family::Together),
            caption: Overlay::caption(wish, wish.duration_ms),
            brush: Brush::default(),
            frames: wish.frames(),
            fps: wish.fps as f32,
        })
    }

    fn together(&mut self, frame: &mut Frame, through: f32, seconds: f32) {
        let dark = [(&mut frame.y, 16), (&mut frame.u, 128), (&mut frame.v, 128)];
        for (plane, level) in dark {
            plane.fill(level);
        }
        let (width, wide) = (frame.width as f32, self.left.width as f32);
        let near = smooth(through / MEET);
        // From a gap between them to an overlap, in which they rock a little.
        let apart = 0.06 - (0.06 + OVERLAP) * near;
        let rock = 0.01 * wave(seconds * 0.9) * near;
        let left = width * (0.5 - apart * 0.5 + rock) - wide;
        let right = width * (0.5 + apart * 0.5 + rock);
        for (sprite, x) in self.sprites.iter().zip([left, right]) {
            let place = Place {
                x: libm::floorf(x * PIXEL as f32) as i32,
                y: 0,
                strength: SOLID,
                bottom: frame.height,
            };
            self.brush.blend(frame, sprite, place);
        }
        if let Some(hearts) = &mut self.hearts
            && through > MEET
        {
            hearts.paint(frame, seconds - MEET * self.frames as f32 / self.fps, through);
        }
    }
}

impl Reel for Pair {
    fn paint(&mut self, number: u32, frame: &mut Frame) -> Result<(), RenderError> {
        let through = number as f32 / self.frames.saturating_sub(1).max(1) as f32;
        let seconds = number as f32 / self.fps;
        if self.family == Family::Together {
            self.together(frame, through, seconds);
        } else {
            let share = (through - GIVES_WAY.0) / (GIVES_WAY.1 - GIVES_WAY.0);
            frame.copy_from(if share < 1.0 { &self.left } else { &self.right });
            if (0.0..1.0).contains(&share) {
                slide(frame, &self.right, 1.0, share);
            }
        }
        self.caption.paint(number, frame);
        Ok(())
    }
}
