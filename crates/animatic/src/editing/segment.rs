//! What stands before its ground: a mask of the picture's subject, from the colours of its border and of its middle.
//! Knows no kinds of things.

use image::RgbImage;

use super::grade::apart;
use super::mask::{Mask, PixelBox};
use crate::picture::resized;

/// The longer side of the small picture that is looked at, in pixels.
const LONG: u32 = 192;
/// Share of the sides that counts as border.
const BORDER: f32 = 0.06;
/// Kinds of colour the ground may have, and rounds in which they are found.
const GROUNDS: usize = 5;
const ROUNDS: usize = 6;
/// A kind of colour on less of the border than this is the subject's, where it reaches the edge.
const RARE: f32 = 0.05;
/// Steps of each part of a colour in the tables of colours.
const STEPS: usize = 12;
/// Rounds in which the mask and the tables of colours correct each other.
const CORRECTIONS: usize = 3;
/// A subject covers at least and at most these shares of the picture.
const COVERED: (f32, f32) = (0.012, 0.92);
/// Another part belongs to the subject when it is at least this share of the largest.
const PART: f32 = 0.2;

/// A picture small enough to be looked at.
pub(super) struct Small {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) pixels: Vec<[f32; 3]>,
}

impl Small {
    pub(super) fn of(picture: &RgbImage, long: u32) -> Self {
        let (width, height) = picture.dimensions();
        let most = width.max(height);
        let side = |pixels: u32| {
            let near = u64::from(pixels) * u64::from(long.min(most)) / u64::from(most);
            (near as u32).max(4)
        };
        let small = resized(picture, side(width), side(height));
        let small = small.unwrap_or_else(|_| RgbImage::new(side(width), side(height)));
        Self {
            width: small.width(),
            height: small.height(),
            pixels: small.pixels().map(|pixel| pixel.0.map(f32::from)).collect(),
        }
    }
}

/// A picture's subject, cut out.
pub(super) struct Cut {
    /// Where it stands in the picture, in pixels.
    pub(super) area: PixelBox,
    /// The mask of the whole picture, small.
    pub(super) mask: Mask,
}

/// Finds the subject; a picture without one is taken as a whole, with soft edges.
pub(super) fn cut(picture: &RgbImage) -> Cut {
    let mask = subject(picture).map_or_else(|| card(picture), |mask| mask.tightened());
    let small = (mask.width, mask.height);
    let area = mask.area().unwrap_or(PixelBox {
        left: 0,
        top: 0,
        width: small.0,
        height: small.1,
    });
    Cut {
        area: area.scaled(small, picture.dimensions()),
        mask,
    }
}

/// All of a picture but a narrow edge.
fn card(picture: &RgbImage) -> Mask {
    let small = Small::of(picture, LONG);
    let (width, height) = (small.width, small.height);
    Mask::where_is(width, height, |x, y| {
        x > 1 && y > 1 && x + 2 < width && y + 2 < height
    })
}

/// The mask of the subject, at the size of the small picture; `None` where nothing stands out.
pub(super) fn subject(picture: &RgbImage) -> Option<Mask> {
    let small = Small::of(picture, LONG);
    let colours: Vec<[f32; 3]> = small.pixels.iter().map(|pixel| apart(*pixel)).collect();
    let grounds = grounds(&small, &colours);
    let scores: Vec<f32> = colours
        .iter()
        .enumerate()
        .map(|(at, colour)| {
            let off = grounds
                .iter()
                .map(|ground| ground.off(*colour))
                .fold(f32::INFINITY, f32::min);
            (1.0 - libm::expf(-off / 3.0)) * middle(&small, at)
        })
        .collect();
    let least = parting(&scores)?;
    let mut within: Vec<bool> = scores.iter().map(|score| *score > least).collect();
    for _ in 0..CORRECTIONS {
        within = corrected(&small, &within);
    }
    let mask = Mask::where_is(small.width, small.height, |x, y| {
        within[(y * small.width + x) as usize]
    });
    let mask = mask.rounded(1);
    let parts = mask.parts();
    let (_, largest) = parts.first()?;
    let mut kept = Mask::empty(small.width, small.height);
    for (part, count) in &parts {
        if *count as f32 >= *largest as f32 * PART {
            kept.join(part);
        }
    }
    let kept = kept.filled();
    (COVERED.0..=COVERED.1).contains(&kept.share()).then_some(kept)
}

/// One kind of colour that the ground has.
#[derive(Clone, Copy)]
struct Ground {
    mean: [f32; 3],
    spread: f32,
}

impl Ground {
    fn off(&self, colour: [f32; 3]) -> f32 {
        libm::sqrtf(distance(self.mean, colour)) / (self.spread + 6.0)
    }
}

/// Squared; brightness counts for less than colour, because light falls unevenly.
fn distance(one: [f32; 3], other: [f32; 3]) -> f32 {
    let [bright, red, blue] = [0, 1, 2].map(|part| (one[part] - other[part]) * (one[part] - other[part]));
    bright * 0.4 + red + blue
}

/// The colours of the border above and at both sides; below, the subject may leave the picture.
fn grounds(small: &Small, colours: &[[f32; 3]]) -> Vec<Ground> {
    let (across, down) = (small.width as f32 * BORDER, small.height as f32 * BORDER);
    let mut border: Vec<[f32; 3]> = Vec::new();
    for (at, colour) in colours.iter().enumerate() {
        let (x, y) = ((at as u32 % small.width) as f32, (at as u32 / small.width) as f32);
        let side = x < across.max(1.0) || x + 1.0 > small.width as f32 - across.max(1.0);
        if y < down.max(1.0) || (side && y < small.height as f32 * 0.9) {
            border.push(*colour);
        }
    }
    border.sort_by(|one, other| one[0].total_cmp(&other[0]));
    let start = |number: usize| border[(number * 2 + 1) * border.len() / (GROUNDS * 2)];
    let mut means: Vec<[f32; 3]> = (0..GROUNDS).map(start).collect();
    let mut spreads = [0.0; GROUNDS];
    let mut counts = [0.0; GROUNDS];
    for _ in 0..ROUNDS {
        let mut sums = vec![([0.0f32; 3], 0.0f32, 0.0f32); GROUNDS];
        for colour in &border {
            let off = |mean: &[f32; 3]| distance(*mean, *colour);
            let nearest = (0..GROUNDS).min_by(|one, other| off(&means[*one]).total_cmp(&off(&means[*other])));
            let nearest = nearest.unwrap_or(0);
            let (sum, squares, count) = &mut sums[nearest];
            *squares += off(&means[nearest]);
            *count += 1.0;
            *sum = [0, 1, 2].map(|part| sum[part] + colour[part]);
        }
        for (number, (sum, squares, count)) in sums.into_iter().enumerate() {
            counts[number] = count;
            if count > 0.0 {
                means[number] = sum.map(|sum| sum / count);
                spreads[number] = libm::sqrtf(squares / count);
            }
        }
    }
    let usual = |number: &usize| counts[*number] >= border.len() as f32 * RARE;
    let kinds = (0..GROUNDS).filter(usual);
    kinds
        .map(|number| Ground {
            mean: means[number],
            spread: spreads[number],
        })
        .collect()
}

/// How much the middle of the picture is favoured.
fn middle(small: &Small, at: usize) -> f32 {
    let x = ((at as u32 % small.width) as f32 + 0.5) / small.width as f32 - 0.5;
    let y = ((at as u32 / small.width) as f32 + 0.5) / small.height as f32 - 0.54;
    0.3 + 0.7 * libm::expf(-(x * x / 0.12 + y * y / 0.22))
}

/// The value that best parts low from high scores (Otsu); `None` where they are all alike.
fn parting(scores: &[f32]) -> Option<f32> {
    const BINS: usize = 64;
    let mut counts = [0.0f32; BINS];
    for score in scores {
        counts[((score * BINS as f32) as usize).min(BINS - 1)] += 1.0;
    }
    let whole: f32 = counts.iter().sum();
    let sum: f32 = counts
        .iter()
        .enumerate()
        .map(|(at, count)| at as f32 * count)
        .sum();
    let (mut below, mut below_sum, mut best) = (0.0, 0.0, (0.0, None));
    for (at, count) in counts.iter().enumerate() {
        below += count;
        below_sum += at as f32 * count;
        let above = whole - below;
        if below <= 0.0 || above <= 0.0 {
            continue;
        }
        let apart = below_sum / below - (sum - below_sum) / above;
        let value = below * above * apart * apart;
        if value > best.0 {
            best = (value, Some((at + 1) as f32 / BINS as f32));
        }
    }
    // Less than this and the two sides differ by nothing that would be seen.
    best.1.filter(|least| *least > 2.0 / BINS as f32)
}

/// One round: what has the colours of the inside is inside, and so are its neighbours.
fn corrected(small: &Small, within: &[bool]) -> Vec<bool> {
    let bin = |pixel: &[f32; 3]| {
        let step = |part: f32| ((part / 256.0 * STEPS as f32) as usize).min(STEPS - 1);
        (step(pixel[0]) * STEPS + step(pixel[1])) * STEPS + step(pixel[2])
    };
    let (mut inside, mut outside) = (
        vec![0.3f32; STEPS * STEPS * STEPS],
        vec![0.3f32; STEPS * STEPS * STEPS],
    );
    for (pixel, within) in small.pixels.iter().zip(within) {
        let table = if *within { &mut inside } else { &mut outside };
        table[bin(pixel)] += 1.0;
    }
    let all = |table: &[f32]| table.iter().sum::<f32>();
    let (all_in, all_out) = (all(&inside), all(&outside));
    let likely = Mask {
        width: small.width,
        height: small.height,
        levels: small
            .pixels
            .iter()
            .enumerate()
            .map(|(at, pixel)| {
                let (one, other) = (inside[bin(pixel)] / all_in, outside[bin(pixel)] / all_out);
                let colour = one / (one + other);
                let place = middle(small, at);
                let was = if within[at] { 1.0 } else { 0.0 };
                ((0.55 * colour + 0.2 * place + 0.25 * was) * 255.0) as u8
            })
            .collect(),
    };
    let smooth = likely.blurred(2);
    smooth.levels.iter().map(|level| *level > 132).collect()
}
