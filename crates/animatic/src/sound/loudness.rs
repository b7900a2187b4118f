//! How loud a sound is (ITU-R BS.1770: K-weighting, gated blocks, true peak), and bringing it to a wanted loudness.

use std::f64::consts::PI;

use super::signal::Stereo;
use crate::aac::RATE;

/// Blocks of 400 ms are measured every 100 ms.
const PART: usize = RATE as usize / 10;
const PARTS: usize = 4;
/// Blocks below this count for nothing, in LUFS.
const SILENCE: f64 = -70.0;
/// Blocks so far below the mean of the others count for nothing, in LU.
const GATE: f64 = -10.0;
/// The scale's offset, which makes a sine of 997 Hz at full level in one channel -3.01.
const OFFSET: f64 = -0.691;
/// Taps of one phase of the filter that finds peaks between samples.
const TAPS: usize = 12;

/// The two filters of the K-weighting at 48 kHz, as the recommendation lists them: `b0 b1 b2 a1 a2`.
const SHELF: [f64; 5] = [
    1.535_124_859_586_97,
    -2.691_696_189_406_38,
    1.198_392_810_852_85,
    -1.690_659_293_182_41,
    0.732_480_774_215_85,
];
const HIGH_PASS: [f64; 5] = [1.0, -2.0, 1.0, -1.990_047_454_833_98, 0.990_072_250_366_21];

#[derive(Clone, Copy, Default)]
struct Biquad {
    one: f64,
    two: f64,
}

impl Biquad {
    fn next(&mut self, by: &[f64; 5], value: f64) -> f64 {
        let out = by[0] * value + self.one;
        self.one = by[1] * value - by[3] * out + self.two;
        self.two = by[2] * value - by[4] * out;
        out
    }
}

/// The integrated loudness in LUFS. `None` for silence, and for what is shorter than one block it is the mean.
pub(super) fn measure(sound: &Stereo) -> Option<f64> {
    let mut parts = vec![0.0f64; sound.len().div_ceil(PART)];
    for channel in [&sound.left, &sound.right] {
        let (mut shelf, mut high) = (Biquad::default(), Biquad::default());
        for (part, samples) in parts.iter_mut().zip(channel.chunks(PART)) {
            let mut sum = 0.0;
            for sample in samples {
                let weighted = high.next(&HIGH_PASS, shelf.next(&SHELF, f64::from(*sample)));
                sum += weighted * weighted;
            }
            *part += sum / samples.len() as f64;
        }
    }
    // A last part that is cut short would count as a whole one.
    if !sound.len().is_multiple_of(PART) && parts.len() > 1 {
        parts.pop();
    }
    let blocks: Vec<f64> = if parts.len() < PARTS {
        vec![mean(&parts)?]
    } else {
        parts.windows(PARTS).filter_map(mean).collect()
    };
    let loud: Vec<f64> = blocks
        .into_iter()
        .filter(|block| level(*block) > SILENCE)
        .collect();
    let gate = level(mean(&loud)?) + GATE;
    let kept: Vec<f64> = loud.into_iter().filter(|block| level(*block) > gate).collect();
    mean(&kept).map(level)
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn level(power: f64) -> f64 {
    OFFSET + 10.0 * libm::log10(power.max(1e-12))
}

/// Decibels as a factor of the amplitude.
pub(super) fn factor(decibels: f64) -> f32 {
    libm::pow(10.0, decibels / 20.0) as f32
}

/// The highest peak, between samples too, as an amplitude.
pub(super) fn true_peak(sound: &Stereo) -> f32 {
    let phases = phases();
    let mut peak = 0.0f32;
    for channel in [&sound.left, &sound.right] {
        for around in channel.windows(TAPS) {
            // A quiet stretch cannot hold the peak: no sum of its taps exceeds twice its largest sample.
            let largest = around.iter().fold(0.0f32, |most, sample| most.max(sample.abs()));
            if largest * 2.0 <= peak {
                continue;
            }
            for phase in &phases {
                let sum: f32 = around.iter().zip(phase).map(|(sample, tap)| sample * tap).sum();
                peak = peak.max(sum.abs());
            }
        }
    }
    peak
}

/// Four windowed sines, each a quarter of a sample further.
fn phases() -> [[f32; TAPS]; 4] {
    let mut phases = [[0.0; TAPS]; 4];
    for (number, phase) in phases.iter_mut().enumerate() {
        for (tap, out) in phase.iter_mut().enumerate() {
            let x = tap as f64 - (TAPS / 2 - 1) as f64 - number as f64 / 4.0;
            let window = 0.5 + 0.5 * libm::cos(PI * x / (TAPS / 2) as f64);
            let sine = if x.abs() < 1e-9 {
                1.0
            } else {
                libm::sin(PI * x) / (PI * x)
            };
            *out = (sine * window) as f32;
        }
    }
    phases
}

/// Brings a sound to `aim` LUFS; what would rise above `ceiling` (an amplitude) is bent down to it.
pub(super) fn bring(sound: &mut Stereo, aim: f64, ceiling: f32) {
    // The bend takes a little loudness from sounds with strong peaks; the second round gives it back.
    for _ in 0..2 {
        let Some(loud) = measure(sound) else {
            return;
        };
        let gain = factor(aim - loud);
        for sample in sound.left.iter_mut().chain(&mut sound.right) {
            *sample = bend(*sample * gain, ceiling);
        }
    }
    let peak = true_peak(sound);
    if peak > ceiling {
        let gain = ceiling / peak;
        for sample in sound.left.iter_mut().chain(&mut sound.right) {
            *sample *= gain;
        }
    }
}

/// Leaves everything below half the ceiling alone and bends the rest towards it.
fn bend(value: f32, ceiling: f32) -> f32 {
    let knee = ceiling * 0.5;
    let over = value.abs() - knee;
    if over <= 0.0 {
        return value;
    }
    let room = ceiling - knee;
    let bent = knee + room * over / libm::sqrtf(room * room + over * over);
    bent * value.signum()
}
