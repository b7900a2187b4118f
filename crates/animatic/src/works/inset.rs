//! Pictures as cards over a clip: small, rounded, in a row along the upper edge. They come in one after the other.

use crate::motion::smooth;
use crate::picture;
use crate::planes::{Brush, Frame, PIXEL, Place, SOLID, Sprite};
use crate::plaster;
use crate::wish::{Wish, WishError};

/// The height of a card, its distance to the edges and its white rim, in shares of the frame's shorter side.
const TALL: f32 = 0.24;
const GAP: f32 = 0.03;
const RIM: f32 = 0.006;
/// A card comes in over so many seconds, and the next one so many later.
const COMES: f32 = 0.5;
const LATER: f32 = 0.2;

/// The cards of a wish's reference pictures.
pub(super) struct Cards {
    cards: Vec<(Sprite, (f32, f32))>,
    brush: Brush,
}

impl Cards {
    /// Reads the reference pictures of a wish; those that find no room in the row are left out.
    pub(super) fn new(wish: &Wish) -> Result<Self, WishError> {
        let shorter = wish.width.min(wish.height) as f32;
        let (gap, tall) = (shorter * GAP, even(shorter * TALL));
        let mut cards = Vec::new();
        let mut x = gap;
        for (at, bytes) in wish.references.iter().enumerate() {
            let (across, down) = picture::shown_size(bytes).unwrap_or((1, 1));
            let shape = (across as f32 / down.max(1) as f32).clamp(0.5, 1.8);
            let wide = even(tall as f32 * shape);
            if x + wide as f32 > wish.width as f32 {
                break;
            }
            let inner = picture::cover(&format!("references[{at}]"), bytes, wide, tall)?;
            cards.push((card(inner, (shorter * RIM).max(1.0) as usize), (x, gap)));
            x += wide as f32 + gap;
        }
        Ok(Self {
            cards,
            brush: Brush::default(),
        })
    }

    /// Puts the cards over a frame at a second of the clip.
    pub(super) fn paint(&mut self, seconds: f32, frame: &mut Frame) {
        for (at, (sprite, (x, y))) in self.cards.iter().enumerate() {
            let come = smooth((seconds - at as f32 * LATER) / COMES);
            let fixed = |at: f32| libm::floorf(at * PIXEL as f32) as i32;
            let place = Place {
                x: fixed(*x),
                y: fixed(*y - (1.0 - come) * (*y + sprite.height() as f32)),
                strength: SOLID,
                bottom: frame.height,
            };
            self.brush.blend(frame, sprite, place);
        }
    }
}

fn even(side: f32) -> u32 {
    (side as u32 / 2 * 2).max(8)
}

/// A picture with a white rim and rounded corners.
fn card(mut picture: Frame, rim: usize) -> Sprite {
    const WHITE: u8 = 230;
    let (width, height) = (picture.width, picture.height);
    for row in 0..height {
        for column in 0..width {
            let edge = row.min(height - 1 - row).min(column).min(width - 1 - column);
            if edge < rim {
                picture.y[row * width + column] = WHITE;
                let half = row / 2 * (width / 2) + column / 2;
                (picture.u[half], picture.v[half]) = (128, 128);
            }
        }
    }
    let round = (rim * 3) as f32;
    let level = |at: usize| {
        let out = |at: usize, side: usize| {
            let edge = at.min(side - 1 - at) as f32 + 0.5;
            (round - edge).max(0.0)
        };
        let far = libm::hypotf(out(at % width, width), out(at / width, height));
        if far > round { 0 } else { 255 }
    };
    let mask: Vec<u8> = (0..width * height).map(level).collect();
    Sprite::masked(&picture, &plaster::softened(&mask, (width, height), 1))
}
