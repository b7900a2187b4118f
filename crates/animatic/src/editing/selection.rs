//! Selections: from points on a frame to the region that they stand on, and a frame that shows it. Follows nothing
//! over time.

use super::grade::apart;
use super::mask::Mask;
use super::segment::Small;
use super::{bytes, image_of, mixed, picture_of};
use crate::still::Picture;
use crate::wish::WishError;

/// The most points of one selection.
pub const MAX_PICKED_POINTS: usize = 10;
/// The longer side of the small frame in which regions grow, in pixels.
const LONG: u32 = 384;
/// How far a region's colours may be from its point's, and from their neighbours'.
const REACH: f32 = 52.0;
const STEP: f32 = 17.0;
/// Around every point so many pixels always belong to the region.
const HEART: u32 = 3;
/// The colour of what is selected, and how much of it is seen.
const TINT: ([f32; 3], f32) = ([40.0, 150.0, 255.0], 0.5);

/// The region that points stand on. Points are shares of the frame's sides, from the upper left; the mask has the
/// frame's size. Regions of several points are joined.
///
/// # Errors
///
/// For no point, too many, or one outside the frame.
pub fn select(frame: &Picture, points: &[(f32, f32)]) -> Result<Mask, WishError> {
    if points.is_empty() || points.len() > MAX_PICKED_POINTS {
        return Err(WishError::new(
            "points",
            points.len(),
            format!("from 1 to {MAX_PICKED_POINTS} points"),
        ));
    }
    for (number, point) in points.iter().enumerate() {
        if !(0.0..=1.0).contains(&point.0) || !(0.0..=1.0).contains(&point.1) {
            let value = format!("{}, {}", point.0, point.1);
            return Err(WishError::new(
                format!("points[{number}]"),
                value,
                "both from 0 to 1",
            ));
        }
    }
    let image = image_of(frame.clone());
    let small = Small::of(&image, LONG);
    let colours: Vec<[f32; 3]> = small.pixels.iter().map(|pixel| apart(*pixel)).collect();
    let mut region = Mask::empty(small.width, small.height);
    for point in points {
        region.join(&grown(&small, &colours, *point));
    }
    Ok(region.filled().sized(frame.width, frame.height))
}

/// What is connected with a point and has its colour, as far as no edge lies between.
fn grown(small: &Small, colours: &[[f32; 3]], point: (f32, f32)) -> Mask {
    let (width, height) = (small.width, small.height);
    let place = |share: f32, side: u32| ((share * side as f32) as u32).min(side - 1);
    let (x, y) = (place(point.0, width), place(point.1, height));
    let heart = |other_x: u32, other_y: u32| other_x.abs_diff(x) < HEART && other_y.abs_diff(y) < HEART;
    let mut mask = Mask::where_is(width, height, heart);
    let (mut sum, mut count) = ([0.0f32; 3], 0.0f32);
    for (colour, level) in colours.iter().zip(&mask.levels) {
        if *level > 0 {
            sum = [0, 1, 2].map(|part| sum[part] + colour[part]);
            count += 1.0;
        }
    }
    let own = sum.map(|sum| sum / count.max(1.0));
    let mut stack: Vec<usize> = (0..colours.len()).filter(|at| mask.levels[*at] > 0).collect();
    let (across, down) = (width as usize, height as usize);
    while let Some(at) = stack.pop() {
        let (x, y) = (at % across, at / across);
        let around = [
            (x > 0).then(|| at - 1),
            (x + 1 < across).then(|| at + 1),
            (y > 0).then(|| at - across),
            (y + 1 < down).then(|| at + across),
        ];
        for next in around.into_iter().flatten() {
            let near = off(colours[at], colours[next]) < STEP && off(own, colours[next]) < REACH;
            if mask.levels[next] == 0 && near {
                mask.levels[next] = 255;
                stack.push(next);
            }
        }
    }
    // Rounding takes hairs off; a region that is nothing else stays as it is.
    let rounded = mask.rounded(1);
    if rounded.share() > 0.0 { rounded } else { mask }
}

/// How far two colours are apart; brightness counts for less than colour.
fn off(one: [f32; 3], other: [f32; 3]) -> f32 {
    let [bright, red, blue] = [0, 1, 2].map(|part| (one[part] - other[part]) * (one[part] - other[part]));
    libm::sqrtf(bright * 0.5 + red + blue)
}

/// A frame with what a mask of its size selects tinted.
///
/// # Errors
///
/// For a mask of another size.
pub fn preview(frame: &Picture, mask: &Mask) -> Result<Picture, WishError> {
    if (frame.width, frame.height) != (mask.width, mask.height) {
        let allowed = format!("{}x{}, the frame's size", frame.width, frame.height);
        return Err(WishError::new(
            "mask",
            format!("{}x{}", mask.width, mask.height),
            allowed,
        ));
    }
    let mut image = image_of(frame.clone());
    for (pixel, level) in image.pixels_mut().zip(&mask.levels) {
        let share = f32::from(*level) / 255.0 * TINT.1;
        pixel.0 = bytes(mixed(pixel.0.map(f32::from), TINT.0, share));
    }
    Ok(picture_of(image))
}
