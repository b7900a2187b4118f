//! Other views of one thing: what stands in a picture is taken for a round body and turned to the left, to the right
//! and to its back, before a plain wall. Nothing that the picture does not show is known.

use std::f32::consts::PI;

use image::{RgbImage, imageops};

use super::grade::Look;
use super::mask::Mask;
use super::segment::cut;
use super::{bytes, mixed, picture_of, read, sample};
use crate::chance::Chance;
use crate::motion::smooth;
use crate::picture::resized;
use crate::render::RenderError;
use crate::still::Picture;

/// Sides of every view, in pixels.
pub const VIEW_SIDE: u32 = 1_024;
/// How many sets there are, and how many views each has.
pub const SETS: usize = 3;
/// How far each set turns to the sides, in degrees.
const TURNS: [f32; SETS] = [32.0, 46.0, 60.0];
/// How much of the view the thing fills.
const FILLED: f32 = 0.8;
/// Size and blur of the picture that a back is painted from: no face is seen from behind.
const BACK: (u32, f32) = (56, 1.6);

/// Makes three sets of three views: turned to the left, to the right, and from behind.
///
/// # Errors
///
/// For bytes that are no picture within bounds.
pub fn views(front: &[u8], seed: u64) -> Result<[[Picture; 3]; SETS], RenderError> {
    let front = read("front", front)?;
    let thing = Thing::of(&front)?;
    let look = Look::of(&front);
    let mut chance = Chance::new(seed, "views");
    let start = chance.below(SETS);
    Ok([0, 1, 2].map(|set| {
        let wall = wall((set + start) % SETS, look.colour());
        let turn = TURNS[set] + chance.between(-3.0, 3.0);
        [Side::Turned(-turn), Side::Turned(turn), Side::Back].map(|side| picture_of(thing.seen(side, wall)))
    }))
}

/// From where a thing is seen.
#[derive(Clone, Copy)]
enum Side {
    /// Turned by so many degrees; to the left where below 0.
    Turned(f32),
    Back,
}

/// The upper and the lower colour of the wall behind a set.
fn wall(number: usize, mean: [f32; 3]) -> ([f32; 3], [f32; 3]) {
    match number {
        0 => ([236.0, 236.0, 238.0], [206.0, 206.0, 210.0]),
        1 => (mixed(mean, [250.0; 3], 0.7), mixed(mean, [190.0; 3], 0.6)),
        _ => ([74.0, 76.0, 82.0], [44.0, 45.0, 50.0]),
    }
}

/// A small picture whose ground has the colours of the thing before it, so that a blur mixes none of it in.
fn spread(mut picture: RgbImage, mask: &Mask) -> RgbImage {
    let (width, height) = picture.dimensions();
    let share = |at: u32, side: u32| (at as f32 + 0.5) / side as f32;
    let mut known = Mask::where_is(width, height, |x, y| {
        mask.at(share(x, width), share(y, height)) > 0.5
    });
    for _ in 0..width.max(height) {
        let (before, source) = (known.clone(), picture.clone());
        for y in 0..height {
            for x in 0..width {
                if before.is_within(x, y) {
                    continue;
                }
                let around = [
                    (x.wrapping_sub(1), y),
                    (x + 1, y),
                    (x, y.wrapping_sub(1)),
                    (x, y + 1),
                ];
                let near = around.into_iter().find(|(x, y)| before.is_within(*x, *y));
                if let Some((from_x, from_y)) = near {
                    picture.put_pixel(x, y, *source.get_pixel(from_x, from_y));
                    known.levels[(y * width + x) as usize] = 255;
                }
            }
        }
        if known == before {
            break;
        }
    }
    picture
}

/// What stands in the picture.
struct Thing {
    picture: RgbImage,
    soft: RgbImage,
    mask: Mask,
    /// Place in the picture, in shares of its sides: left, top, width, height.
    place: (f32, f32, f32, f32),
    /// Width by height, in pixels.
    shape: f32,
}

impl Thing {
    fn of(front: &RgbImage) -> Result<Self, RenderError> {
        let (width, height) = front.dimensions();
        let cut = cut(front);
        let share = |at: u32, side: u32| at as f32 / side as f32;
        let area = cut.area;
        let side = |pixels: u32| {
            let near = u64::from(pixels) * u64::from(BACK.0) / u64::from(width.max(height));
            (near as u32).max(4)
        };
        let small = resized(front, side(width), side(height)).map_err(RenderError::Encoder)?;
        Ok(Self {
            picture: front.clone(),
            soft: imageops::fast_blur(&spread(small, &cut.mask), BACK.1),
            mask: cut.mask,
            place: (
                share(area.left, width),
                share(area.top, height),
                share(area.width, width),
                share(area.height, height),
            ),
            shape: area.width as f32 / area.height as f32,
        })
    }

    /// Where the piece of the thing around a place begins and ends in its row, in shares of the picture's width.
    fn run(&self, x: f32, y: f32) -> Option<(f32, f32)> {
        let (across, down) = (self.mask.width, self.mask.height);
        let row = ((y * down as f32) as u32).min(down - 1);
        let place = ((x * across as f32) as u32).min(across - 1);
        let within = |x: u32| self.mask.is_within(x, row);
        // At an edge the place itself may lie just outside.
        let near = [place, place.saturating_sub(1), (place + 1).min(across - 1)];
        let from = near.into_iter().find(|x| within(*x))?;
        let first = (0..from).rev().take_while(|x| within(*x)).last().unwrap_or(from);
        let last = (from..across).take_while(|x| within(*x)).last().unwrap_or(from);
        Some((first as f32 / across as f32, (last + 1) as f32 / across as f32))
    }

    fn seen(&self, side: Side, (upper, lower): ([f32; 3], [f32; 3])) -> RgbImage {
        let whole = VIEW_SIDE as f32;
        let tall = (whole * FILLED).min(whole * FILLED / self.shape);
        let wide = tall * self.shape;
        let (left, top) = ((whole - wide) / 2.0, (whole - tall) / 2.0);
        let mut view = RgbImage::new(VIEW_SIDE, VIEW_SIDE);
        for y in 0..VIEW_SIDE {
            let height = (y as f32 + 0.5) / whole;
            let down = (y as f32 + 0.5 - top) / tall;
            let from_y = self.place.1 + down * self.place.3;
            for x in 0..VIEW_SIDE {
                let mut colour = mixed(upper, lower, smooth(height));
                // A soft shadow on the floor keeps the thing from floating.
                let (off_x, off_y) = (
                    (x as f32 + 0.5 - whole / 2.0) / (wide * 0.55),
                    (y as f32 + 0.5 - top - tall) / (tall * 0.045),
                );
                colour = colour.map(|part| part * (1.0 - 0.35 * smooth(1.2 - off_x * off_x - off_y * off_y)));
                let across = (x as f32 + 0.5 - left) / wide;
                if (0.0..1.0).contains(&across)
                    && (0.0..1.0).contains(&down)
                    && let Some((thing, alpha)) = self.turned(side, across, from_y)
                {
                    colour = mixed(colour, thing, alpha);
                }
                view.put_pixel(x, y, image::Rgb(bytes(colour)));
            }
        }
        view
    }

    /// Colour and presence of the thing at a place: `across` its box, at a row of the picture.
    fn turned(&self, side: Side, across: f32, y: f32) -> Option<([f32; 3], f32)> {
        let (degrees, narrow) = match side {
            Side::Turned(degrees) => (degrees, 1.0 - 0.22 * (degrees.abs() / 60.0)),
            Side::Back => (0.0, 1.0),
        };
        // The outline stays the picture's own, narrower the farther it is turned, and mirrored from behind.
        let outline = match side {
            Side::Turned(_) => (across - 0.5) / narrow + 0.5,
            Side::Back => 1.0 - across,
        };
        if !(0.0..1.0).contains(&outline) {
            return None;
        }
        let x = self.place.0 + outline * self.place.2;
        let (begin, end) = self.run(x, y)?;
        let alpha = self.mask.at(x, y);
        // Every piece of a row is a round body of its own width.
        let middle = (begin + end) / 2.0;
        let half = ((end - begin) / 2.0).max(0.001);
        let place = ((x - middle) / half).clamp(-1.0, 1.0);
        let angle = libm::asinf(place);
        let (picture, from, light) = match side {
            Side::Turned(_) => {
                let turn = degrees * PI / 180.0;
                (
                    &self.picture,
                    libm::sinf(angle + turn),
                    0.8 + 0.2 * libm::cosf(angle + turn * 0.6),
                )
            }
            Side::Back => (&self.soft, place, 0.72 + 0.2 * libm::cosf(angle)),
        };
        // A little inside the outline, so that no ground comes with it.
        let from_x = middle + from * half * 0.94;
        let colour = sample(
            picture,
            from_x * picture.width() as f32,
            y * picture.height() as f32,
        );
        Some((colour.map(|part| part * light), alpha))
    }
}
