//! Areas of a frame as masks of one level a pixel: grown, softened, and filled with what is around them.

use crate::planes::Frame;

/// The level that lies under half of a mask.
const HALF: u8 = 128;

/// The mask with every place that has a part of it within `reach` pixels, measured along rows and columns.
pub(crate) fn grown(mask: &[u8], (width, height): (usize, usize), reach: usize) -> Vec<u8> {
    let mut across = vec![0_u8; mask.len()];
    for (line, out) in mask.chunks_exact(width).zip(across.chunks_exact_mut(width)) {
        spread(|at| line[at], |at, level| out[at] = level, width, reach);
    }
    let mut down = vec![0_u8; mask.len()];
    for column in 0..width {
        let level = |row: usize| across[row * width + column];
        spread(
            level,
            |row, level| down[row * width + column] = level,
            height,
            reach,
        );
    }
    down
}

/// The highest level within reach of every place of a line, for masks that are mostly 0 or 255.
fn spread(level: impl Fn(usize) -> u8, mut put: impl FnMut(usize, u8), count: usize, reach: usize) {
    // How far behind and ahead the nearest marked place is.
    let mut last = None;
    let mut next = (0..count).find(|at| level(*at) >= HALF);
    for at in 0..count {
        if level(at) >= HALF {
            last = Some(at);
        }
        if next.is_some_and(|next| next < at) {
            next = (at..count).find(|at| level(*at) >= HALF);
        }
        let near = last.is_some_and(|last| at - last <= reach) || next.is_some_and(|next| next - at <= reach);
        put(at, if near { 255 } else { level(at) });
    }
}

/// The mask with soft edges: the mean of a square of `reach` pixels to every side.
pub(crate) fn softened(mask: &[u8], (width, height): (usize, usize), reach: usize) -> Vec<u8> {
    let mut across = vec![0_u8; mask.len()];
    for (line, out) in mask.chunks_exact(width).zip(across.chunks_exact_mut(width)) {
        mean(|at| line[at], |at, level| out[at] = level, width, reach);
    }
    let mut down = vec![0_u8; mask.len()];
    for column in 0..width {
        let level = |row: usize| across[row * width + column];
        mean(
            level,
            |row, level| down[row * width + column] = level,
            height,
            reach,
        );
    }
    down
}

fn mean(level: impl Fn(usize) -> u8, mut put: impl FnMut(usize, u8), count: usize, reach: usize) {
    let mut sum: u32 = (0..reach.min(count)).map(|at| u32::from(level(at))).sum();
    let mut held = reach.min(count) as u32;
    for at in 0..count {
        if at + reach < count {
            sum += u32::from(level(at + reach));
            held += 1;
        }
        if at > reach {
            sum -= u32::from(level(at - reach - 1));
            held -= 1;
        }
        put(at, (sum / held.max(1)) as u8);
    }
}

/// The mask at half the size, for the chroma of a frame.
pub(crate) fn halved(mask: &[u8], (width, height): (usize, usize)) -> Vec<u8> {
    let mut half = Vec::with_capacity(mask.len() / 4);
    for row in 0..height / 2 {
        for column in 0..width / 2 {
            let at = row * 2 * width + column * 2;
            let sum: u32 = [at, at + 1, at + width, at + width + 1]
                .iter()
                .map(|at| u32::from(mask[*at]))
                .sum();
            half.push(((sum + 2) / 4) as u8);
        }
    }
    half
}

/// The frame with what lies under the mask replaced by its blurred surroundings.
pub(crate) fn filled(frame: &Frame, mask: &[u8]) -> Frame {
    let (width, height) = (frame.width, frame.height);
    let half = halved(mask, (width, height));
    Frame {
        width,
        height,
        y: plane(&frame.y, mask, (width, height)),
        u: plane(&frame.u, &half, (width / 2, height / 2)),
        v: plane(&frame.v, &half, (width / 2, height / 2)),
    }
}

fn plane(levels: &[u8], mask: &[u8], sides: (usize, usize)) -> Vec<u8> {
    let known: Vec<(f32, f32)> = levels
        .iter()
        .zip(mask)
        .map(|(level, mask)| (f32::from(*level), if *mask == 0 { 1.0 } else { 0.0 }))
        .collect();
    let around = surroundings(known, sides);
    let pairs = levels.iter().zip(mask).zip(around);
    pairs
        .map(|((level, mask), around)| {
            let share = f32::from(*mask) / 255.0;
            (f32::from(*level) * (1.0 - share) + around * share + 0.5) as u8
        })
        .collect()
}

/// Levels with their weights, of which those without weight are guessed from ever wider surroundings.
fn surroundings(known: Vec<(f32, f32)>, (width, height): (usize, usize)) -> Vec<f32> {
    if width <= 2 || height <= 2 || known.iter().all(|(_, weight)| *weight > 0.0) {
        let (sum, all) = known.iter().fold((0.0, 0.0), |(sum, all), (level, weight)| {
            (sum + level * weight, all + weight)
        });
        let mean = if all > 0.0 { sum / all } else { f32::from(HALF) };
        let level = |(level, weight): (f32, f32)| if weight > 0.0 { level } else { mean };
        return known.into_iter().map(level).collect();
    }
    let (across, down) = (width.div_ceil(2), height.div_ceil(2));
    let mut small = vec![(0.0, 0.0); across * down];
    for row in 0..height {
        for column in 0..width {
            let (level, weight) = known[row * width + column];
            let out: &mut (f32, f32) = &mut small[row / 2 * across + column / 2];
            *out = (out.0 + level * weight, out.1 + weight);
        }
    }
    for (level, weight) in &mut small {
        if *weight > 0.0 {
            (*level, *weight) = (*level / *weight, 1.0);
        }
    }
    let small = surroundings(small, (across, down));
    let between = |x: f32, y: f32| {
        let (x, y) = (x.clamp(0.0, (across - 1) as f32), y.clamp(0.0, (down - 1) as f32));
        let (left, top) = (x as usize, y as usize);
        let (right, bottom) = ((left + 1).min(across - 1), (top + 1).min(down - 1));
        let (x, y) = (x - left as f32, y - top as f32);
        let row = |row: usize| small[row * across + left] * (1.0 - x) + small[row * across + right] * x;
        row(top) * (1.0 - y) + row(bottom) * y
    };
    known
        .iter()
        .enumerate()
        .map(|(at, (level, weight))| {
            if *weight > 0.0 {
                *level
            } else {
                between((at % width) as f32 * 0.5 - 0.25, (at / width) as f32 * 0.5 - 0.25)
            }
        })
        .collect()
}
