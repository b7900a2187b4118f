//! The last touch on every frame: darker corners and a light film grain. Knows no scene.

use crate::chance::{Chance, mix};
use crate::planes::Frame;

/// Grain values kept ready; rows read them from ever new places.
const GRAIN: usize = 1 << 15;
/// Half the width of the grain in luma levels; added before and taken away after, to stay above zero.
const BIAS: u16 = 4;
/// How dark the corners get, in 1/256 of their light.
const CORNER: f32 = 58.0;

/// The vignette's weights and the grain.
pub(crate) struct Finish {
    weights: Vec<u8>,
    grain: Vec<u8>,
    seed: u64,
}

impl Finish {
    /// `corner` says how dark the corners get, by the usual.
    pub(crate) fn new(width: usize, height: usize, seed: u64, corner: f32) -> Self {
        let mut weights = Vec::with_capacity(width * height);
        let (middle_x, middle_y) = (width as f32 / 2.0, height as f32 / 2.0);
        for row in 0..height {
            let y = (row as f32 + 0.5 - middle_y) / middle_y;
            for column in 0..width {
                let x = (column as f32 + 0.5 - middle_x) / middle_x;
                let far = ((x * x + y * y) * 0.5).min(1.0);
                weights.push((255.0 - CORNER * corner * far * far) as u8);
            }
        }
        let mut chance = Chance::new(seed, "grain");
        let mut coarse = 0.0;
        let grain = (0..GRAIN + width)
            .map(|_| {
                // Neighbours resemble each other a little, as silver does, and cost fewer bits.
                coarse = coarse * 0.35 + (chance.unit() + chance.unit() + chance.unit() - 1.5) * 1.9;
                (coarse + f32::from(BIAS) + 0.5).clamp(0.0, f32::from(BIAS) * 2.0) as u8
            })
            .collect();
        Self { weights, grain, seed }
    }

    pub(crate) fn touch(&self, frame: &mut Frame, number: u32) {
        let width = frame.width;
        let lines = frame
            .y
            .chunks_exact_mut(width)
            .zip(self.weights.chunks_exact(width));
        for (row, (line, weights)) in lines.enumerate() {
            let start = mix(self.seed ^ (u64::from(number) << 32) ^ row as u64) as usize % GRAIN;
            let grain = &self.grain[start..][..width];
            for ((luma, weight), grain) in line.iter_mut().zip(weights).zip(grain) {
                let light = u16::from(luma.saturating_sub(16)) * (u16::from(*weight) + 1);
                let level = (light >> 8) + 16 + u16::from(*grain);
                *luma = (level.saturating_sub(BIAS)).clamp(16, 235) as u8;
            }
        }
    }
}
