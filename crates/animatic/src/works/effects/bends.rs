//! Where a bent picture is looked at, family by family; and the blocks that one family falls into.

use super::Family;
use crate::motion::{smooth, wave};
use crate::planes::Frame;

/// The place in the picture that is seen at a place of the frame: both in shares of the sides from the upper left
/// corner. `wide` is the frame's width by its height.
pub(super) fn place(family: Family, (x, y): (f32, f32), wide: f32, through: f32, seconds: f32) -> (f32, f32) {
    let (across, down) = (x - 0.5, y - 0.5);
    match family {
        Family::Squish => {
            // Pressed from above towards its foot, and wider for it.
            let press = 0.5 - 0.5 * wave(seconds * 0.8 + 0.25);
            let press = smooth(press) * 0.42;
            (
                0.5 + across / (1.0 + press * 0.6),
                1.0 - (1.0 - y) / (1.0 - press),
            )
        }
        Family::Inflate => {
            let strength = 0.72 * smooth(through * 1.25);
            let far = libm::hypotf(across * wide, down) * 1.6;
            let pull = 1.0 - strength * (1.0 - (far * far).min(1.0));
            (0.5 + across * pull, 0.5 + down * pull)
        }
        Family::Jelly => {
            let strength = 0.022 * smooth(seconds * 1.5) * smooth((1.0 - through) * 6.0);
            (
                x + strength * wave(y * 3.0 + seconds * 2.1),
                y + strength * 0.8 * wave(x * 2.6 + seconds * 1.7 + 0.2),
            )
        }
        Family::Burst => {
            // In at once, back with two bounces.
            let at = (seconds * 0.9) % 1.0;
            let fall = libm::expf(-3.2 * at) * (0.75 + 0.25 * wave(at * 2.0 + 0.25));
            let near = 1.0 - 0.52 * fall.clamp(0.0, 1.0) * smooth(seconds * 3.0);
            (0.5 + across * near, 0.5 + down * near)
        }
        Family::Spin => {
            let turn = 2.0 * smooth(through);
            // Small enough in the middle of the turn that no corner is missed.
            let near = 1.0 - 0.25 * wave(through * 0.5);
            let (sine, cosine) = (wave(turn), wave(turn + 0.25));
            let (u, v) = (across * wide * near, down * near);
            (0.5 + (u * cosine - v * sine) / wide, 0.5 + u * sine + v * cosine)
        }
        Family::Melt => {
            let heat = smooth(through * 1.1);
            let drop = 0.5 + 0.5 * wave(x * 3.7 + 0.3 * wave(x * 2.3));
            let run = heat * (0.12 + 0.5 * drop) * (0.25 + y);
            (x + 0.015 * heat * wave(y * 4.0 + seconds * 0.4), y - run)
        }
        Family::Pixels
        | Family::Hearts
        | Family::Fireworks
        | Family::Snow
        | Family::Film
        | Family::Together
        | Family::Swap => {
            // A slow push, as over any picture.
            let near = 1.0 - 0.06 * smooth(through);
            let tremble = if family == Family::Film {
                0.002 * wave(seconds * 8.0)
            } else {
                0.0
            };
            (0.5 + across * near, 0.5 + down * near + tremble)
        }
    }
}

/// Lets a frame fall into ever larger blocks in the middle of its time and come back.
pub(super) fn blocks(frame: &mut Frame, through: f32) {
    let coarse = smooth((1.0 - (2.0 * through - 1.0).abs()) * 1.4);
    let shorter = frame.width.min(frame.height);
    let side = ((shorter as f32 * 0.09 * coarse) as usize / 2 * 2).max(2);
    if side <= 2 {
        return;
    }
    let (width, height) = (frame.width, frame.height);
    mosaic(&mut frame.y, (width, height), side);
    mosaic(&mut frame.u, (width / 2, height / 2), side / 2);
    mosaic(&mut frame.v, (width / 2, height / 2), side / 2);
}

fn mosaic(plane: &mut [u8], (width, height): (usize, usize), side: usize) {
    for top in (0..height).step_by(side) {
        for left in (0..width).step_by(side) {
            let (right, bottom) = ((left + side).min(width), (top + side).min(height));
            let rows = || (top..bottom).map(|row| row * width + left..row * width + right);
            let sum: usize = rows().flatten().map(|at| usize::from(plane[at])).sum();
            let mean = (sum / ((right - left) * (bottom - top))) as u8;
            for row in rows() {
                plane[row].fill(mean);
            }
        }
    }
}
