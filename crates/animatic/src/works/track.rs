//! How a clip moves from frame to frame: its shift, its growth, what stirs in its middle, and where it cuts. Found
//! by blocks in small frames. Paints nothing.

use super::micros;
use crate::footage::Projector;
use crate::planes::Frame;
use crate::wish::WishError;

/// The longer side of the small frames, in pixels: where all of a frame is followed, and where a part of it is.
const SMALL: u32 = 128;
const CLOSE: u32 = 256;
/// The side of a block, how far apart blocks lie, and how far one may move in a frame, in pixels.
const BLOCK: usize = 12;
const APART: usize = 14;
const REACH: i32 = 9;
/// A block whose levels differ by less than this, on average from their mean, shows no movement.
const FLAT: f32 = 2.5;
/// What a pixel of movement costs, so that even blocks stay where they are.
const DISTANCE: f32 = 24.0;
/// Blocks that move this much otherwise than most, in pixels, say nothing of the camera.
const ASTRAY: f32 = 3.0;
/// A cut is where frames differ by so many levels more than the last ones did, and by so many times as much.
const CUT_LEVELS: f32 = 9.0;
const CUT_TIMES: f32 = 3.0;
/// How much of the usual difference comes from the frames before.
const LASTING: f32 = 0.8;

/// From one frame to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Step {
    /// How far what is seen moved to the right and down, in shares of the sides.
    pub(super) x: f32,
    pub(super) y: f32,
    /// By what factor it grew.
    pub(super) grown: f32,
    /// How far its middle moved otherwise, in shares of the sides.
    pub(super) stir: (f32, f32),
    /// Whether something else is seen from here on.
    pub(super) cut: bool,
}

impl Step {
    const REST: Self = Self {
        x: 0.0,
        y: 0.0,
        grown: 1.0,
        stir: (0.0, 0.0),
        cut: false,
    };
}

/// A clip's frames in the size they are compared in.
pub(super) struct Scout<'a> {
    projector: Projector<'a>,
    fps: u32,
    before: Option<Frame>,
}

/// A part of the small frame, in shares of its sides: left, top, right, bottom.
pub(super) type Part = (f32, f32, f32, f32);
/// All of it.
pub(super) const WHOLE: Part = (0.0, 0.0, 1.0, 1.0);

impl<'a> Scout<'a> {
    /// For parts of a clip.
    pub(super) fn new(field: &str, bytes: &'a [u8], fps: u32) -> Result<Self, WishError> {
        Self::sized(field, bytes, fps, CLOSE)
    }

    fn sized(field: &str, bytes: &'a [u8], fps: u32, longest: u32) -> Result<Self, WishError> {
        let facts = crate::footage::probe(bytes)?;
        let longer = facts.width.max(facts.height).max(1);
        let side = |side: u32| (side * longest / longer / 2 * 2).max(BLOCK as u32 * 2);
        Ok(Self {
            projector: Projector::new(field, bytes, side(facts.width), side(facts.height))?,
            fps,
            before: None,
        })
    }

    /// How the blocks of a part moved to this frame from the last one asked for.
    fn moves(&mut self, number: u32, part: Part) -> Result<Option<(Vec<Move>, Frame)>, WishError> {
        let now = self.projector.at(micros(number, self.fps))?.clone();
        let before = self.before.replace(now.clone());
        Ok(before.map(|before| (moves(&before, &now, part), before)))
    }

    /// How far a part moved to this frame, in shares of the sides.
    pub(super) fn shift(&mut self, number: u32, part: Part) -> Result<(f32, f32), WishError> {
        let found = self.moves(number, part)?;
        Ok(found.map_or((0.0, 0.0), |(moves, frame)| {
            let (x, y) = shift(&moves);
            (x / frame.width as f32, y / frame.height as f32)
        }))
    }
}

/// Every step of a clip at so many frames a second; the first one rests.
pub(super) fn follow(field: &str, bytes: &[u8], fps: u32, frames: u32) -> Result<Vec<Step>, WishError> {
    let mut scout = Scout::sized(field, bytes, fps, SMALL)?;
    let mut steps = Vec::with_capacity(frames as usize);
    let mut usual = None;
    for number in 0..frames {
        let Some((moves, before)) = scout.moves(number, WHOLE)? else {
            steps.push(Step::REST);
            continue;
        };
        let now = scout.before.as_ref().unwrap_or(&before);
        let mut step = step(&moves, &before);
        let round = |share: f32, side: usize| libm::roundf(share * side as f32) as i32;
        let moved = (round(step.x, now.width), round(step.y, now.height));
        let apart = apart(&before, now, moved);
        let expected = usual.unwrap_or(apart);
        if apart > expected * CUT_TIMES && apart > expected + CUT_LEVELS {
            step = Step {
                cut: true,
                ..Step::REST
            };
        } else {
            usual = Some(expected * LASTING + apart * (1.0 - LASTING));
        }
        steps.push(step);
    }
    Ok(steps)
}

/// One block: where it was, counted from the middle, and how far it went, in pixels.
struct Move {
    x: f32,
    y: f32,
    across: f32,
    down: f32,
}

fn moves(before: &Frame, now: &Frame, part: Part) -> Vec<Move> {
    let (width, height) = (before.width, before.height);
    let span = |from: f32, to: f32, side: usize| {
        let (from, to) = ((from * side as f32) as usize, (to * side as f32) as usize);
        // A small part is looked at with one block around it.
        let last = side - BLOCK;
        let from = from.min(last);
        (from..to.saturating_sub(BLOCK).clamp(from, last) + 1).step_by(APART)
    };
    let mut moves = Vec::new();
    for top in span(part.1, part.3, height) {
        for left in span(part.0, part.2, width) {
            if flat(before, left, top) {
                continue;
            }
            let (across, down) = seek(before, now, left, top);
            let middle = BLOCK as f32 * 0.5;
            moves.push(Move {
                x: left as f32 + middle - width as f32 * 0.5,
                y: top as f32 + middle - height as f32 * 0.5,
                across,
                down,
            });
        }
    }
    moves
}

fn flat(frame: &Frame, left: usize, top: usize) -> bool {
    let rows = (top..top + BLOCK).map(|row| &frame.y[row * frame.width + left..][..BLOCK]);
    let all: Vec<u8> = rows.flatten().copied().collect();
    let mean = all.iter().map(|level| f32::from(*level)).sum::<f32>() / all.len() as f32;
    let apart = all
        .iter()
        .map(|level| (f32::from(*level) - mean).abs())
        .sum::<f32>();
    apart / (all.len() as f32) < FLAT
}

/// How far a block went, to parts of a pixel.
fn seek(before: &Frame, now: &Frame, left: usize, top: usize) -> (f32, f32) {
    let cost = |dx: i32, dy: i32| -> f32 {
        let (x, y) = (left as i32 + dx, top as i32 + dy);
        let (right, bottom) = (x + BLOCK as i32, y + BLOCK as i32);
        if x < 0 || y < 0 || right > now.width as i32 || bottom > now.height as i32 {
            return f32::INFINITY;
        }
        let mut sum = 0_u32;
        for row in 0..BLOCK {
            let from = &before.y[(top + row) * before.width + left..][..BLOCK];
            let to = &now.y[(y as usize + row) * now.width + x as usize..][..BLOCK];
            sum += from
                .iter()
                .zip(to)
                .map(|(a, b)| u32::from(a.abs_diff(*b)))
                .sum::<u32>();
        }
        sum as f32 + (dx.abs() + dy.abs()) as f32 * DISTANCE
    };
    let mut best = (f32::INFINITY, (0, 0));
    for dy in -REACH..=REACH {
        for dx in -REACH..=REACH {
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
        if !bend.is_finite() || bend < 1.0 {
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

/// What most blocks do.
fn shift(moves: &[Move]) -> (f32, f32) {
    let median = |part: fn(&Move) -> f32| {
        let mut values: Vec<f32> = moves.iter().map(part).collect();
        values.sort_unstable_by(f32::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(0.0)
    };
    (median(|one| one.across), median(|one| one.down))
}

fn step(moves: &[Move], frame: &Frame) -> Step {
    let (x, y) = shift(moves);
    let (width, height) = (frame.width as f32, frame.height as f32);
    let (mut along, mut far) = (0.0, 1.0);
    let (mut stir, mut inner) = ((0.0, 0.0), 0.0);
    for one in moves {
        let (across, down) = (one.across - x, one.down - y);
        if across.abs().max(down.abs()) <= ASTRAY {
            along += one.x * across + one.y * down;
            far += one.x * one.x + one.y * one.y;
        }
        if one.x.abs() < width * 0.22 && one.y.abs() < height * 0.3 {
            stir = (stir.0 + across, stir.1 + down);
            inner += 1.0;
        }
    }
    let inner = f32::max(inner, 1.0);
    Step {
        x: x / width,
        y: y / height,
        grown: (1.0 + along / far).clamp(0.9, 1.1),
        stir: (stir.0 / inner / width, stir.1 / inner / height),
        cut: false,
    }
}

/// The mean difference of two frames of which the one moved.
fn apart(before: &Frame, now: &Frame, (dx, dy): (i32, i32)) -> f32 {
    let (mut sum, mut count) = (0_u32, 0_u32);
    for y in 0..now.height as i32 {
        for x in 0..now.width as i32 {
            let (from_x, from_y) = (x - dx, y - dy);
            if (0..before.width as i32).contains(&from_x) && (0..before.height as i32).contains(&from_y) {
                let from = before.y[from_y as usize * before.width + from_x as usize];
                let to = now.y[y as usize * now.width + x as usize];
                (sum, count) = (sum + u32::from(from.abs_diff(to)), count + 1);
            }
        }
    }
    sum as f32 / count.max(1) as f32
}
