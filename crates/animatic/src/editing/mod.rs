//! What is made of given pictures: compositions, wider ones, garments put on, other views, masks. Moves nothing and
//! knows no clip. `segment` finds what stands before its ground, `faces` finds skin, `mask` is what both answer with;
//! the others cut, place and grade.

pub(crate) mod compose;
pub(crate) mod expand;
mod faces;
mod grade;
pub(crate) mod mask;
pub(crate) mod recognise;
pub(crate) mod rle;
mod segment;
pub(crate) mod selection;
pub(crate) mod sizes;
pub(crate) mod try_on;
pub(crate) mod views;

use image::RgbImage;

use crate::picture;
use crate::planes::luma;
use crate::render::RenderError;
use crate::stage::Words;
use crate::still::{Picture, moment};
use crate::wish::{MAX_SHORT_SIDE, MAX_SIDE, MIN_SIDE, Wish, WishError};

/// The most pixels of a picture that is made here.
pub const MAX_EDITED_PIXELS: u64 = 64_000_000;
/// The longest side of a picture that is made here, in pixels.
pub const MAX_EDITED_SIDE: u32 = 16_384;

/// Checks and reads a given picture, turned the way its header says.
fn read(field: &str, bytes: &[u8]) -> Result<RgbImage, WishError> {
    picture::check(field, bytes)?;
    picture::read(field, bytes)
}

/// Refuses sides that no picture made here may have.
fn check_sides(width: u64, height: u64) -> Result<(u32, u32), WishError> {
    let most = u64::from(MAX_EDITED_SIDE);
    let least = 16;
    if width.max(height) > most || width.min(height) < least || width * height > MAX_EDITED_PIXELS {
        let allowed =
            format!("sides from {least} to {most} pixels, together at most {MAX_EDITED_PIXELS} pixels");
        return Err(WishError::new("size", format!("{width}x{height}"), allowed));
    }
    Ok((width as u32, height as u32))
}

/// The scene of a prompt at any size: what exceeds the frame of a clip is drawn smaller and scaled.
fn drawn(
    prompt: &str,
    negative: Option<&str>,
    (width, height): (u32, u32),
    seed: u64,
) -> Result<RgbImage, RenderError> {
    let (long, short) = (width.max(height) as f32, width.min(height) as f32);
    let most = (MAX_SIDE as f32 / long)
        .min(MAX_SHORT_SIDE as f32 / short)
        .min(1.0);
    let share = most.max((MIN_SIDE as f32 / short).min(MAX_SIDE as f32 / long));
    let side = |pixels: u32| {
        let near = libm::roundf(pixels as f32 * share) as u32;
        near.clamp(MIN_SIDE, MAX_SIDE)
    };
    let wish = Wish {
        prompt: prompt.to_owned(),
        negative_prompt: negative.map(str::to_owned),
        width: side(width),
        height: side(height),
        seed,
        still: Some(crate::still::Format::Png),
        ..Wish::default()
    };
    let picture = image_of(moment(&wish, Words::None)?);
    sized(picture, width, height)
}

/// The middle of a picture at a size.
fn sized(picture: RgbImage, width: u32, height: u32) -> Result<RgbImage, RenderError> {
    if picture.dimensions() == (width, height) {
        return Ok(picture);
    }
    picture::resized(&picture, width, height).map_err(RenderError::Encoder)
}

fn image_of(picture: Picture) -> RgbImage {
    RgbImage::from_raw(picture.width, picture.height, picture.rgb).expect("a picture has three bytes a pixel")
}

fn picture_of(image: RgbImage) -> Picture {
    Picture {
        width: image.width(),
        height: image.height(),
        rgb: image.into_raw(),
    }
}

/// How bright a pixel looks, from 0 to 255.
fn brightness(pixel: [u8; 3]) -> f32 {
    f32::from(luma(pixel.map(i32::from), 255))
}

/// A picture between its pixels: `x` and `y` in pixels, the middle of the first at 0.5; beyond its edges the edge.
fn sample(picture: &RgbImage, x: f32, y: f32) -> [f32; 3] {
    let (width, height) = picture.dimensions();
    let x = (x - 0.5).clamp(0.0, (width - 1) as f32);
    let y = (y - 0.5).clamp(0.0, (height - 1) as f32);
    let (left, top) = (x as u32, y as u32);
    let (right, bottom) = ((left + 1).min(width - 1), (top + 1).min(height - 1));
    let (x, y) = (x - left as f32, y - top as f32);
    let at = |x: u32, y: u32| picture.get_pixel(x, y).0.map(f32::from);
    let corners = [at(left, top), at(right, top), at(left, bottom), at(right, bottom)];
    [0, 1, 2].map(|part| {
        let upper = corners[0][part] * (1.0 - x) + corners[1][part] * x;
        let lower = corners[2][part] * (1.0 - x) + corners[3][part] * x;
        upper * (1.0 - y) + lower * y
    })
}

/// Goes from one colour (share 0) to another (share 1).
fn mixed(from: [f32; 3], to: [f32; 3], share: f32) -> [f32; 3] {
    [0, 1, 2].map(|part| from[part] + (to[part] - from[part]) * share)
}

fn bytes(colour: [f32; 3]) -> [u8; 3] {
    colour.map(|part| libm::roundf(part.clamp(0.0, 255.0)) as u8)
}
