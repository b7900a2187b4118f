//! How one picture became another: a coarse flow of blocks between the two, found once. Paints nothing.

use crate::planes::Frame;

/// The longer sides of the small pictures that are compared, in pixels: what the smaller ones tell, the larger
/// ones refine.
const SMALL: [usize; 3] = [40, 80, 160];
/// Vectors along the longer side.
const ACROSS: usize = 26;
/// How far, in pixels of the smallest pictures, the whole picture may have moved …
const WHOLE_REACH: i32 = 12;
/// … and how far, in pixels of each, a part may have moved otherwise.
const REACH: [i32; 3] = [5, 2, 2];
/// What is compared lies this far around a place, in pixels.
const AROUND: i32 = 5;
/// What a pixel away from what is already known costs, so that even parts stay with the rest.
const DISTANCE: f32 = 26.0;
/// How often the field is smoothed after each size.
const SMOOTHINGS: usize = 2;
/// The flow is followed when it leaves less than this share of the difference …
const EXPLAINED: f32 = 0.6;
/// … and at most this much of it, in levels.
const MAX_LEFT: f32 = 13.0;
/// Pictures that differ less than this, in levels, are alike whatever the flow says.
const ALIKE: f32 = 5.0;

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
        let longer = from.width.max(from.height);
        let nodes = |side: usize| (side * ACROSS).div_ceil(longer).max(2);
        let (columns, rows) = (nodes(from.width), nodes(from.height));
        let mut flow: Option<Self> = None;
        for (size, reach) in SMALL.into_iter().zip(REACH) {
            let pair = (&Small::of(from, size), &Small::of(to, size));
            let known = flow.unwrap_or_else(|| {
                let (x, y) = whole(pair);
                Self {
                    columns,
                    rows,
                    moves: vec![(x, y); columns * rows],
                }
            });
            flow = Some(known.refined(pair, reach));
        }
        let size = SMALL[1];
        let (small_from, small_to) = (Small::of(from, size), Small::of(to, size));
        flow.filter(|flow| flow.explains(&small_from, &small_to))
    }

    /// Seeks around every known movement for a better one.
    fn refined(&self, pair: (&Small, &Small), reach: i32) -> Self {
        let sides = (pair.0.width as f32, pair.0.height as f32);
        let mut moves: Vec<(f32, f32)> = (0..self.moves.len())
            .map(|at| {
                let share = |at: usize, count: usize| at as f32 / (count - 1) as f32;
                let x = share(at % self.columns, self.columns) * (sides.0 - 1.0);
                let y = share(at / self.columns, self.rows) * (sides.1 - 1.0);
                let known = (self.moves[at].0 * sides.0, self.moves[at].1 * sides.1);
                let (dx, dy) = seek(pair, (x as i32, y as i32), known, reach);
                (dx / sides.0, dy / sides.1)
            })
            .collect();
        moves = cleaned(&moves, self.columns, self.rows);
        for _ in 0..SMOOTHINGS {
            moves = smoothed(&moves, self.columns, self.rows);
        }
        Self {
            columns: self.columns,
            rows: self.rows,
            moves,
        }
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
    fn of(frame: &Frame, size: usize) -> Self {
        let longer = frame.width.max(frame.height);
        let side = |length: usize| (length * size / longer).max(2);
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

/// How the picture as a whole has moved, in shares of its sides.
fn whole((from, to): (&Small, &Small)) -> (f32, f32) {
    let mut best = (f32::INFINITY, (0, 0));
    for dy in -WHOLE_REACH..=WHOLE_REACH {
        for dx in -WHOLE_REACH..=WHOLE_REACH {
            let (mut sum, mut count) = (0, 0);
            for y in (0..from.height as i32).filter(|y| (0..to.height as i32).contains(&(y + dy))) {
                for x in (0..from.width as i32).filter(|x| (0..to.width as i32).contains(&(x + dx))) {
                    sum += from.apart(to, (x, y), (x + dx, y + dy));
                    count += 1;
                }
            }
            // What is less seen counts for less, and a picture most likely stayed where it was.
            let far = (dx.abs() + dy.abs()) as f32;
            let cost = sum as f32 / count.max(1) as f32 + far * 0.4;
            // A shift that leaves little of the picture says nothing.
            if count * 3 > from.pixels.len() as u32 && cost < best.0 {
                best = (cost, (dx, dy));
            }
        }
    }
    let (x, y) = best.1;
    (x as f32 / from.width as f32, y as f32 / from.height as f32)
}

/// The cheapest movement, in pixels, of the block around a place, near one that is known.
fn seek((from, to): (&Small, &Small), (x, y): (i32, i32), known: (f32, f32), reach: i32) -> (f32, f32) {
    let middle = (libm::roundf(known.0) as i32, libm::roundf(known.1) as i32);
    let cost = |dx: i32, dy: i32| {
        let mut sum = 0;
        for line in (-AROUND..=AROUND).step_by(2) {
            for column in (-AROUND..=AROUND).step_by(2) {
                let (x, y) = (x + column, y + line);
                sum += from.apart(to, (x, y), (x + dx, y + dy));
            }
        }
        let away = (dx as f32 - known.0).abs() + (dy as f32 - known.1).abs();
        sum as f32 + away * DISTANCE
    };
    let mut best = (f32::INFINITY, middle);
    for dy in middle.1 - reach..=middle.1 + reach {
        for dx in middle.0 - reach..=middle.0 + reach {
            let cost = cost(dx, dy);
            if cost < best.0 {
                best = (cost, (dx, dy));
            }
        }
    }
    let (least, (dx, dy)) = best;
    // Between pixels: the lowest point of the parabola through the neighbours.
    let within = |before: f32, after: f32| {
        let bend = before + after - 2.0 * least;
        if bend < 1.0 {
            0.0
        } else {
            ((before - after) / (2.0 * bend)).clamp(-0.5, 0.5)
        }
    };
    (
        dx as f32 + within(cost(dx - 1, dy), cost(dx + 1, dy)),
        dy as f32 + within(cost(dx, dy - 1), cost(dx, dy + 1)),
    )
}

/// The cells around one, itself among them.
fn beside(at: usize, columns: usize, rows: usize) -> impl Iterator<Item = usize> {
    let (column, row) = (at % columns, at / columns);
    let span = |at: usize, count: usize| at.saturating_sub(1)..(at + 2).min(count);
    span(row, rows).flat_map(move |row| span(column, columns).map(move |column| row * columns + column))
}

/// Every movement replaced by the median of those around it.
fn cleaned(moves: &[(f32, f32)], columns: usize, rows: usize) -> Vec<(f32, f32)> {
    let median = |at: usize, part: fn(&(f32, f32)) -> f32| {
        let mut values: Vec<f32> = beside(at, columns, rows).map(|at| part(&moves[at])).collect();
        values.sort_unstable_by(f32::total_cmp);
        values[values.len() / 2]
    };
    (0..moves.len())
        .map(|at| (median(at, |pair| pair.0), median(at, |pair| pair.1)))
        .collect()
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
