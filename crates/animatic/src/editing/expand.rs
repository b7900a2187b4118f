//! A picture made wider: it stands where it stood, and its edges go on as their own mirror image, ever softer, into
//! the colours of the scene that is asked for.

use image::{RgbImage, imageops};

use super::grade::Look;
use super::{bytes, check_sides, drawn, mixed, picture_of, read, sample};
use crate::chance::Chance;
use crate::motion::{smooth, wave};
use crate::picture::resized;
use crate::render::RenderError;
use crate::still::Picture;
use crate::wish::WishError;

/// The most that one side may grow, in thousandths of the picture's side.
pub const MAX_EXPANSION: u16 = 2_000;
/// The largest picture that may come of it, in times of the given one's pixels.
pub const MAX_EXPANDED_AREA: u64 = 3;
/// The longer side of the small picture that the blur is made from, and the blur itself, in pixels.
const SOFT: u32 = 72;
const BLUR: f32 = 2.2;
/// How much of the asked scene and of its colours is seen at the far end.
const SCENE: f32 = 0.6;
const COLOURS: f32 = 0.7;

/// A picture to be made wider. Equal wishes give equal pictures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExpandWish {
    /// The bytes of a JPEG, PNG or WebP file.
    pub picture: Vec<u8>,
    /// How much is added above, in thousandths of the picture's height; the other three likewise, of its own side.
    pub up: u16,
    /// How much is added below.
    pub down: u16,
    /// How much is added on the left.
    pub left: u16,
    /// How much is added on the right.
    pub right: u16,
    /// What the new parts shall show; empty means more of the same.
    pub prompt: String,
    /// Varies the new parts.
    pub seed: u64,
}

/// Makes a picture wider. The given one is in it unchanged.
///
/// # Errors
///
/// For bytes that are no picture within bounds, and for more than is allowed to be added.
pub fn expand(wish: &ExpandWish) -> Result<Picture, RenderError> {
    let sides = [
        ("up", wish.up),
        ("down", wish.down),
        ("left", wish.left),
        ("right", wish.right),
    ];
    for (field, value) in sides {
        if value > MAX_EXPANSION {
            let allowed = format!("from 0 to {MAX_EXPANSION} thousandths");
            return Err(WishError::new(field, value, allowed).into());
        }
    }
    let source = read("picture", &wish.picture)?;
    let (width, height) = source.dimensions();
    let more = |side: u32, share: u16| (u64::from(side) * u64::from(share) + 500) / 1_000;
    let (left, top) = (more(width, wish.left), more(height, wish.up));
    let across = u64::from(width) + left + more(width, wish.right);
    let down = u64::from(height) + top + more(height, wish.down);
    let most = u64::from(width) * u64::from(height) * MAX_EXPANDED_AREA;
    // Every added side may have been rounded up by half a pixel.
    if across * down > most + across + down {
        let allowed = format!("at most {MAX_EXPANDED_AREA} times the picture's {width}x{height} pixels");
        return Err(WishError::new("size", format!("{across}x{down}"), allowed).into());
    }
    let (across, down) = check_sides(across, down)?;
    let mut canvas = continued(&source, wish, (across, down), (left as u32, top as u32))?;
    imageops::replace(&mut canvas, &source, left as i64, top as i64);
    Ok(picture_of(canvas))
}

/// The whole canvas as if the picture went on; what lies under the picture is not worked out.
fn continued(
    source: &RgbImage,
    wish: &ExpandWish,
    (across, down): (u32, u32),
    (left, top): (u32, u32),
) -> Result<RgbImage, RenderError> {
    let (width, height) = source.dimensions();
    let soft = softened(source)?;
    let asked = if wish.prompt.trim().is_empty() {
        None
    } else {
        Some(drawn(&wish.prompt, None, (across, down), wish.seed)?)
    };
    let looks = asked.as_ref().map(|scene| (Look::of(source), Look::of(scene)));
    let mut chance = Chance::new(wish.seed, "expand");
    let (turn, rate) = (chance.unit(), chance.between(2.0, 4.5));
    let shares = (
        soft.width() as f32 / width as f32,
        soft.height() as f32 / height as f32,
    );
    // The far end is where the largest of the added sides ends.
    let reach = [left, top, across - width - left, down - height - top];
    let reach = reach.into_iter().max().unwrap_or(1).max(1) as f32;
    let mut canvas = RgbImage::new(across, down);
    for (x, y, pixel) in canvas.enumerate_pixels_mut() {
        let (from_x, out_x) = mirrored(x, left, width);
        let (from_y, out_y) = mirrored(y, top, height);
        let out = out_x.max(out_y) as f32;
        if out == 0.0 {
            continue;
        }
        let far = (out / reach).min(1.0);
        let sway = wave(turn + rate * (x as f32 / across as f32 + y as f32 / down as f32)) * far;
        let bend = sway * width.min(height) as f32 * 0.06;
        let (near_x, near_y) = (from_x + bend, from_y + bend * 0.6);
        let sharp = sample(source, near_x, near_y);
        let blurred = sample(&soft, near_x * shares.0, near_y * shares.1);
        let mut colour = mixed(sharp, blurred, smooth(far * 2.2));
        if let (Some(scene), Some((own, other))) = (&asked, &looks) {
            colour = own.carried(colour, other, COLOURS * smooth(far));
            let there = scene.get_pixel(x, y).0.map(f32::from);
            colour = mixed(colour, there, SCENE * smooth(far * 1.4 - 0.25));
        }
        pixel.0 = bytes(colour);
    }
    Ok(canvas)
}

/// Where a place of the canvas is taken from, in pixels of the picture, and how far it is beyond it.
fn mirrored(at: u32, before: u32, side: u32) -> (f32, u32) {
    let place = i64::from(at) - i64::from(before);
    let out = (-place).max(place - i64::from(side) + 1).max(0);
    let round = place.rem_euclid(i64::from(side) * 2);
    let from = if round < i64::from(side) {
        round
    } else {
        i64::from(side) * 2 - 1 - round
    };
    (from as f32 + 0.5, out as u32)
}

/// The picture, small and blurred.
fn softened(source: &RgbImage) -> Result<RgbImage, RenderError> {
    let (width, height) = source.dimensions();
    let side = |pixels: u32| {
        let near = u64::from(pixels) * u64::from(SOFT) / u64::from(width.max(height));
        (near as u32).max(4)
    };
    let small = resized(source, side(width), side(height)).map_err(RenderError::Encoder)?;
    Ok(imageops::fast_blur(&small, BLUR))
}
