//! How one picture became another: a coarse flow of blocks between the two, found once. Paints nothing.

use crate::planes::Frame;

/// The longer side of the small pictures that are compared, in pixels.
const SMALL: usize = 96;
/// A vector is sought for every so many pixels of the small pictures …
const PITCH: usize = 4;
/// … by comparing what lies this far around it …
const AROUND: i32 = 5;
/// … with everything up to this far away.
const REACH: i32 = 16;
/// What a pixel of distance costs, so that even parts stay where they are.
const DISTANCE: u32 = 34;
/// How often the field is cleaned of strays and smoothed.
const SMOOTHINGS: usize = 3;
/// The flow is followed when it leaves less than this share of the difference …
const EXPLAINED: f32 = 0.62;
/// … and at most this much of it, in levels.
const MAX_LEFT: f32 = 15.0;
/// Pictures that differ less than this, in levels, are alike whatever the flow says.
const ALIKE: f32 = 7.0;

/// A field of movements from one picture to another.
#[derive(Debug)]
pub(crate) struct Flow {
    columns: usize,
    rows: usize,
    /// Movements in shares of the pictures' sides.
    moves: Vec<(f32, f32)>,
}

impl Flow {
    /// Finds how `from` became `to`; `None` where no movement explains the difference well.
    pub(crate) fn between(from: &Frame, to: &Frame) -> Option<Self> {
        let (from, to) = (Small::of(from), Small::of(to));
        let (columns, rows) = (from.width / PITCH + 1, from.height / PITCH + 1);
        let mut found: Vec<(i32, i32)> = (0..columns * rows)
            .map(|at| {
                let (x, y) = ((at % columns * PITCH) as i32, (at / columns * PITCH) as i32);
                seek(&from, &to, x, y)
            })
            .collect();
        clean(&mut found, columns, rows);
        let mut moves: Vec<(f32, f32)> = found
            .iter()
            .map(|(x, y)| (*x as f32 / from.width as f32, *y as f32 / from.height as f32))
            .collect();
        for _ in 0..SMOOTHINGS {
            moves = smoothed(&moves, columns, rows);
        }
        let flow = Self { columns, rows, moves };
        flow.explains(&from, &to).then_some(flow)
    }

    /// The movement at a place given in shares of the sides.
    pub(crate) fn at(&self, x: f32, y: f32) -> (f32, f32) {
        let place = |share: f32, count: usize| {
            let at = (share * (count - 1) as f32).clamp(0.0, (count - 1) as f32);
            let first = (at as usize).min(count - 2);
            (first, at - first as f32)
        };
        let ((column, right), (row, lower)) = (place(x, self.columns), place(y, self.rows));
        let node = |row: usize, column: usize| self.moves[row * self.columns + column];
        let mix = |from: (f32, f32), to: (f32, f32), share: f32| {
            (from.0 + (to.0 - from.0) * share, from.1 + (to.1 - from.1) * share)
        };
        let upper = mix(node(row, column), node(row, column + 1), right);
        mix(
            upper,
            mix(node(row + 1, column), node(row + 1, column + 1), right),
            lower,
        )
    }

    fn explains(&self, from: &Small, to: &Small) -> bool {
        let (mut plain, mut left) = (0.0, 0.0);
        for y in 0..from.height {
            for x in 0..from.width {
                let (dx, dy) = self.at(x as f32 / from.width as f32, y as f32 / from.height as f32);
                let round = |share: f32, side: usize| libm::roundf(share * side as f32) as i32;
                let (x, y) = (x as i32, y as i32);
                plain += from.apart(to, (x, y), (x, y)) as f32;
                let moved = (x + round(dx, from.width), y + round(dy, from.height));
                left += from.apart(to, (x, y), moved) as f32;
            }
        }
        // Three planes were compared.
        let count = (from.width * from.height * 3) as f32;
        let (plain, left) = (plain / count, left / count);
        plain < ALIKE || (left < plain * EXPLAINED && left < MAX_LEFT)
    }
}

/// A picture made small: luma and both chroma planes at the same size.
struct Small {
    width: usize,
    height: usize,
    pixels: Vec<[u8; 3]>,
}

impl Small {
    fn of(frame: &Frame) -> Self {
        let longer = frame.width.max(frame.height);
        let side = |length: usize| (length * SMALL / longer).max(PITCH * 2);
        let (width, height) = (side(frame.width), side(frame.height));
        let mean = |plane: &[u8], across: usize, down: usize, x: usize, y: usize| -> u8 {
            let span = |at: usize, count: usize, side: usize| {
                let from = at * side / count;
                from..((at + 1) * side / count).max(from + 1)
            };
            let (columns, rows) = (span(x, width, across), span(y, height, down));
            let count = columns.len() * rows.len();
            let sum: usize = rows
                .map(|row| {
                    let line = &plane[row * across..][columns.clone()];
                    line.iter().map(|level| usize::from(*level)).sum::<usize>()
                })
                .sum();
            (sum / count) as u8
        };
        let (across, down) = (frame.width, frame.height);
        let pixels = (0..width * height)
            .map(|at| {
                let (x, y) = (at % width, at / width);
                [
                    mean(&frame.y, across, down, x, y),
                    mean(&frame.u, across / 2, down / 2, x, y),
                    mean(&frame.v, across / 2, down / 2, x, y),
                ]
            })
            .collect();
        Self {
            width,
            height,
            pixels,
        }
    }

    fn pixel(&self, x: i32, y: i32) -> [u8; 3] {
        let x = x.clamp(0, self.width as i32 - 1) as usize;
        let y = y.clamp(0, self.height as i32 - 1) as usize;
        self.pixels[y * self.width + x]
    }

    /// How far two pixels are apart, in levels of all three planes.
    fn apart(&self, other: &Self, own: (i32, i32), their: (i32, i32)) -> u32 {
        let (own, their) = (self.pixel(own.0, own.1), other.pixel(their.0, their.1));
        own.iter().zip(their).map(|(a, b)| u32::from(a.abs_diff(b))).sum()
    }
}

/// The cheapest movement of the block around a place.
fn seek(from: &Small, to: &Small, x: i32, y: i32) -> (i32, i32) {
    let mut best = (u32::MAX, (0, 0));
    for dy in -REACH..=REACH {
        for dx in -REACH..=REACH {
            let mut cost = (dx.unsigned_abs() + dy.unsigned_abs()) * DISTANCE;
            for line in (-AROUND..=AROUND).step_by(2) {
                for column in (-AROUND..=AROUND).step_by(2) {
                    let (x, y) = (x + column, y + line);
                    cost += from.apart(to, (x, y), (x + dx, y + dy));
                }
                if cost >= best.0 {
                    break;
                }
            }
            if cost < best.0 {
                best = (cost, (dx, dy));
            }
        }
    }
    best.1
}

/// The cells around one, itself among them.
fn beside(at: usize, columns: usize, rows: usize) -> impl Iterator<Item = usize> {
    let (column, row) = (at % columns, at / columns);
    let span = |at: usize, count: usize| at.saturating_sub(1)..(at + 2).min(count);
    span(row, rows).flat_map(move |row| span(column, columns).map(move |column| row * columns + column))
}

/// Replaces every movement by the median of those around it, twice.
fn clean(found: &mut Vec<(i32, i32)>, columns: usize, rows: usize) {
    for _ in 0..2 {
        *found = (0..found.len())
            .map(|at| {
                let median = |part: fn(&(i32, i32)) -> i32| {
                    let mut values: Vec<i32> = beside(at, columns, rows).map(|at| part(&found[at])).collect();
                    values.sort_unstable();
                    values[values.len() / 2]
                };
                (median(|pair| pair.0), median(|pair| pair.1))
            })
            .collect();
    }
}

fn smoothed(moves: &[(f32, f32)], columns: usize, rows: usize) -> Vec<(f32, f32)> {
    (0..moves.len())
        .map(|at| {
            let (mut x, mut y, mut count) = (0.0, 0.0, 0.0);
            for at in beside(at, columns, rows) {
                (x, y, count) = (x + moves[at].0, y + moves[at].1, count + 1.0);
            }
            (x / count, y / count)
        })
        .collect()
}
