//! How near the parts of a given picture seem: a smooth guess from its gradients and the usual build of pictures.
//! Moves nothing.

use crate::picture::Fitted;
use crate::planes::Frame;

/// Columns and rows of the map; coarse, because nearness must change slowly for a picture to bend unseen.
const COLUMNS: usize = 48;
const ROWS: usize = 32;
/// How often and how far, in cells, the map is blurred.
const BLURS: usize = 3;
const BLUR: usize = 3;
/// How near the blurred surround of a picture of another shape is.
const SURROUND: f32 = 0.25;

/// How near every part of a picture is, from 0 to 1, and where the eye goes first.
#[derive(Debug)]
pub(crate) struct Depth {
    near: Vec<f32>,
    /// The point the eye goes to, in shares of the picture's sides.
    pub(crate) focus: (f32, f32),
}

impl Depth {
    pub(crate) fn of(fitted: &Fitted) -> Self {
        let mut detail = gradients(&fitted.frame);
        for _ in 0..BLURS {
            blur(&mut detail);
        }
        level(&mut detail);
        let focus = focus(&detail);
        let mut near: Vec<f32> = detail
            .iter()
            .enumerate()
            .map(|(at, detail)| {
                let (x, y) = middle(at);
                let side = (x - 0.5) * 2.0;
                let centre = (1.0 - side * side) * y.min(0.75);
                0.42 * detail + 0.40 * y * y + 0.28 * centre
            })
            .collect();
        for _ in 0..BLURS {
            blur(&mut near);
        }
        level(&mut near);
        if let Some((left, top, right, bottom)) = fitted.inside {
            // The picture stays one stiff sheet over its surround; only the soft surround bends.
            for (at, near) in near.iter_mut().enumerate() {
                let (x, y) = middle(at);
                let (wide, tall) = (1.0 / COLUMNS as f32, 1.0 / ROWS as f32);
                let within = x > left - wide && x < right + wide && y > top - tall && y < bottom + tall;
                *near = if within { 1.0 } else { SURROUND };
            }
        }
        Self { near, focus }
    }

    /// How near the picture is at a place given in shares of its sides.
    pub(crate) fn at(&self, x: f32, y: f32) -> f32 {
        let x = (x * COLUMNS as f32 - 0.5).clamp(0.0, (COLUMNS - 1) as f32);
        let y = (y * ROWS as f32 - 0.5).clamp(0.0, (ROWS - 1) as f32);
        let (left, top) = (x as usize, y as usize);
        let (right, bottom) = ((left + 1).min(COLUMNS - 1), (top + 1).min(ROWS - 1));
        let (x, y) = (x - left as f32, y - top as f32);
        let row = |row: usize| {
            let (from, to) = (self.near[row * COLUMNS + left], self.near[row * COLUMNS + right]);
            from + (to - from) * x
        };
        let (upper, lower) = (row(top), row(bottom));
        upper + (lower - upper) * y
    }
}

/// The middle of a cell in shares of the sides.
fn middle(at: usize) -> (f32, f32) {
    let (x, y) = ((at % COLUMNS) as f32 + 0.5, (at / COLUMNS) as f32 + 0.5);
    (x / COLUMNS as f32, y / ROWS as f32)
}

/// How much the levels change inside every cell.
fn gradients(frame: &Frame) -> Vec<f32> {
    let step = (frame.width.min(frame.height) / 180).max(1);
    let (mut sums, mut counts) = (vec![0.0; COLUMNS * ROWS], vec![0.0; COLUMNS * ROWS]);
    for row in (step..frame.height).step_by(step) {
        for column in (step..frame.width).step_by(step) {
            let at = row * frame.width + column;
            let own = frame.y[at];
            let change = own
                .abs_diff(frame.y[at - step])
                .max(own.abs_diff(frame.y[at - step * frame.width]));
            let cell = row * ROWS / frame.height * COLUMNS + column * COLUMNS / frame.width;
            // Beyond a point a stronger edge says nothing more.
            sums[cell] += f32::from(change.min(48));
            counts[cell] += 1.0;
        }
    }
    sums.iter()
        .zip(counts)
        .map(|(sum, count): (&f32, f32)| sum / count.max(1.0))
        .collect()
}

/// The mean of a square around every cell.
fn blur(map: &mut [f32]) {
    let blur_line = |map: &mut [f32], from: usize, stride: usize, count: usize| {
        let line: Vec<f32> = (0..count).map(|at| map[from + at * stride]).collect();
        for at in 0..count {
            let part = &line[at.saturating_sub(BLUR)..(at + BLUR + 1).min(count)];
            map[from + at * stride] = part.iter().sum::<f32>() / part.len() as f32;
        }
    };
    for row in 0..ROWS {
        blur_line(map, row * COLUMNS, 1, COLUMNS);
    }
    for column in 0..COLUMNS {
        blur_line(map, column, COLUMNS, ROWS);
    }
}

/// Stretches a map to reach from 0 to 1; an even one becomes 0.
fn level(map: &mut [f32]) {
    let low = map.iter().copied().fold(f32::INFINITY, f32::min);
    let high = map.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let span = (high - low).max(0.01);
    for value in map {
        *value = (*value - low) / span;
    }
}

/// The middle of what is rich in detail, kept well inside the picture.
fn focus(detail: &[f32]) -> (f32, f32) {
    let (mut x, mut y, mut total) = (0.05, 0.05, 0.1);
    for (at, detail) in detail.iter().enumerate() {
        let weight = detail * detail * detail;
        let place = middle(at);
        (x, y, total) = (x + weight * place.0, y + weight * place.1, total + weight);
    }
    ((x / total).clamp(0.28, 0.72), (y / total).clamp(0.28, 0.68))
}
