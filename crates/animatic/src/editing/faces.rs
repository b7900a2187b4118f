//! Where skin is and which of it has the build of a face: by colour and shape alone. Knows nobody.

use super::grade::apart;
use super::mask::{Mask, PixelBox};
use super::segment::Small;

/// A face covers at least and at most these shares of the picture.
const COVERED: (f32, f32) = (0.002, 0.55);
/// Height by width of a face, at least and at most; what is longer has its neck with it.
const SHAPE: (f32, f32) = (0.75, 2.4);
/// Height by width of a face without its neck, and how narrow a neck is beside it.
const UPRIGHT: f32 = 1.5;
const NECK: f32 = 0.55;
/// How much of its box a face fills at least.
const FILLED: f32 = 0.5;
/// How much the brightness of a face varies at least: it has eyes and a mouth.
const VARIED: f32 = 5.0;
/// Eyes and brows: how much darker than the face they are, and which share of its upper half they cover, at least
/// and at most. A sun or a balloon has none.
const EYES: (f32, (f32, f32)) = (0.66, (0.008, 0.4));
/// The most faces that are told.
const MOST: usize = 10;

/// Everything that has a colour of skin, light or dark.
pub(super) fn skin(small: &Small) -> Mask {
    Mask::where_is(small.width, small.height, |x, y| {
        let pixel = small.pixels[(y * small.width + x) as usize];
        let [red, green, blue] = pixel;
        let [bright, redder, bluer] = apart(pixel);
        // As shares of the brightness, so that shade and lamp matter less.
        let (redder, bluer) = (redder / bright.max(20.0), bluer / bright.max(20.0));
        bright > 50.0
            && red > green + 8.0
            && green + 6.0 > blue
            && (0.08..0.62).contains(&redder)
            && (-0.62..-0.06).contains(&bluer)
    })
}

/// Boxes and masks of what is built like a face, the largest first.
pub(super) fn faces(small: &Small) -> Vec<(PixelBox, Mask)> {
    let parts = skin(small).rounded(1).parts();
    let mut found = Vec::new();
    for (part, _) in parts.into_iter().take(MOST * 2) {
        let whole = part.filled();
        let Some(area) = whole.area() else { continue };
        let Some(face) = without_neck(&whole, area) else {
            continue;
        };
        let Some(area) = face.area() else { continue };
        let count = face.levels.iter().filter(|level| **level > 0).count() as f32;
        let shape = area.height as f32 / area.width as f32;
        let filled = count / (area.width * area.height) as f32;
        let fits = (COVERED.0..=COVERED.1).contains(&face.share())
            && (SHAPE.0..=SHAPE.1).contains(&shape)
            && filled >= FILLED
            && varied(small, &face) >= VARIED
            && looks(small, &face, area);
        if fits {
            found.push((area, face));
        }
    }
    found.truncate(MOST);
    found
}

/// What lies below the chin belongs to the neck and what follows: where rows grow narrow, or deeper than any face.
fn without_neck(part: &Mask, area: PixelBox) -> Option<Mask> {
    let wide = |y: u32| {
        (area.left..area.right())
            .filter(|x| part.is_within(*x, y))
            .count() as f32
    };
    // The widest row of the upper part, as far down as the box is wide.
    let reach = area.top + area.height.min(area.width);
    let (mut width, mut widest) = (0.0, area.top);
    for y in area.top..reach {
        if wide(y) > width {
            (width, widest) = (wide(y), y);
        }
    }
    if width < 3.0 {
        return None;
    }
    let narrow = (widest..area.bottom()).find(|y| wide(*y) < width * NECK);
    let chin = narrow
        .unwrap_or(area.bottom())
        .min(area.top + (width * UPRIGHT) as u32);
    Some(Mask::where_is(part.width, part.height, |x, y| {
        y < chin && part.is_within(x, y)
    }))
}

/// Whether the inside of a face's upper half has dark places in it.
fn looks(small: &Small, face: &Mask, area: PixelBox) -> bool {
    let bright = |x: u32, y: u32| apart(small.pixels[(y * small.width + x) as usize])[0];
    let inside =
        |from: u32, size: u32, low: u32, high: u32| from + size * low / 100..from + size * high / 100;
    let (mut levels, mut dark) = (Vec::new(), 0);
    for y in inside(area.top, area.height, 15, 65) {
        let across = inside(area.left, area.width, 12, 88);
        levels.extend(across.filter(|x| face.is_within(*x, y)).map(|x| bright(x, y)));
    }
    let mean = levels.iter().sum::<f32>() / levels.len().max(1) as f32;
    for level in &levels {
        dark += usize::from(*level < mean * EYES.0);
    }
    let (least, most) = EYES.1;
    (least..=most).contains(&(dark as f32 / levels.len().max(1) as f32))
}

fn varied(small: &Small, face: &Mask) -> f32 {
    let (mut sum, mut squares, mut count) = (0.0f32, 0.0f32, 0.0f32);
    for (pixel, level) in small.pixels.iter().zip(&face.levels) {
        if *level > 0 {
            let [bright, _, _] = apart(*pixel);
            (sum, squares, count) = (sum + bright, squares + bright * bright, count + 1.0);
        }
    }
    let mean = sum / count.max(1.0);
    libm::sqrtf((squares / count.max(1.0) - mean * mean).max(0.0))
}
