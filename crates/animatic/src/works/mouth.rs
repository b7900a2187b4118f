//! A mouth that opens as a sound is loud: how far at every frame, and its drawing. Hears no words.

use crate::aac::RATE;
use crate::colour::Colour;
use crate::drawing::{clear, ellipse, fill, plain};
use crate::planes::{Brush, Frame, PIXEL, Place, SOLID, Sprite};
use crate::sound::Stereo;

/// Drawings of the mouth, from nearly shut to wide open.
const POSES: usize = 10;
/// What is this much quieter than the loud parts of a sound leaves the mouth shut.
const QUIET: f32 = 0.1;
/// How much of the last frame's opening is left at most, so that a mouth does not flicker.
const LASTING: f32 = 0.45;

/// How far the mouth is open at every frame of a sound, from 0 to 1.
pub(super) fn openings(sound: &Stereo, fps: u32, frames: u32) -> Vec<f32> {
    let at = |number: u32| (u64::from(number) * u64::from(RATE) / u64::from(fps)) as usize;
    let loud = |number: u32| {
        let (from, to) = (at(number).min(sound.len()), at(number + 1).min(sound.len()));
        let pairs = sound.left[from..to].iter().zip(&sound.right[from..to]);
        let sum: f32 = pairs
            .map(|(left, right)| (left + right) * (left + right) * 0.25)
            .sum();
        libm::sqrtf(sum / (to - from).max(1) as f32)
    };
    let levels: Vec<f32> = (0..frames).map(loud).collect();
    let mut sorted: Vec<f32> = levels.iter().copied().filter(|level| *level > 1e-4).collect();
    sorted.sort_unstable_by(f32::total_cmp);
    let full = sorted.get(sorted.len() * 9 / 10).copied().unwrap_or(1.0);
    let mut before = 0.0_f32;
    let open = |level: &f32| {
        let now = ((level / full - QUIET) / (1.0 - QUIET)).clamp(0.0, 1.0);
        before = libm::sqrtf(now).max(before * LASTING);
        before
    };
    levels.iter().map(open).collect()
}

/// The drawn mouth and where it is.
pub(super) struct Mouth {
    poses: Vec<Sprite>,
    /// The middle in pixels of the frame.
    middle: (f32, f32),
    brush: Brush,
}

impl Mouth {
    /// A mouth of a width in pixels around a point of the frame.
    pub(super) fn new(middle: (f32, f32), width: f32) -> Self {
        let width = width.max(6.0);
        let poses = (0..POSES)
            .map(|pose| {
                let open = (pose + 1) as f32 / POSES as f32;
                let (across, down) = (width * (0.5 - 0.08 * open), width * (0.05 + 0.33 * open));
                let mut pixmap = clear(width + 8.0, width + 8.0);
                let (x, y) = (width * 0.5 + 4.0, width * 0.5 + 4.0);
                let mut put = |colour: u32, alpha: f32, across: f32, down: f32, y: f32| {
                    let path = ellipse(x, y, across, down);
                    fill(&mut pixmap, path, &plain(Colour::hex(colour), alpha));
                };
                put(0x8f_4a48, 0.75, across, down, y);
                put(0x3a_1216, 1.0, across * 0.9, down * 0.84, y);
                put(0xf1_ebe2, 0.9, across * 0.62, down * 0.2, y - down * 0.56);
                put(0xa8_4650, 0.9, across * 0.5, down * 0.26, y + down * 0.5);
                Sprite::from_pixmap(&pixmap)
            })
            .collect();
        Self {
            poses,
            middle,
            brush: Brush::default(),
        }
    }

    /// Draws the mouth, open from 0 to 1; shut it is not seen.
    pub(super) fn paint(&mut self, frame: &mut Frame, open: f32) {
        let Some(pose) = ((open * POSES as f32) as usize).min(POSES).checked_sub(1) else {
            return;
        };
        let sprite = &self.poses[pose];
        let fixed = |middle: f32, side: usize| ((middle - side as f32 * 0.5) * PIXEL as f32) as i32;
        let place = Place {
            x: fixed(self.middle.0, sprite.width()),
            y: fixed(self.middle.1, sprite.height()),
            strength: SOLID,
            bottom: frame.height,
        };
        self.brush.blend(frame, sprite, place);
    }
}
