//! The ambience: slow chords and soft noise chosen by the scene. Makes samples and encodes none.

use crate::aac::RATE;
use crate::chance::Chance;
use crate::motion::{smooth, wave};
use crate::scene::{Ground, Hour, Scene, Weather};

/// Samples made at a time.
pub(crate) const BLOCK: usize = 1024;
/// A chord lasts this long, in seconds.
const CHORD_SECONDS: f32 = 5.0;
/// Chords melt into each other over this time, in seconds.
const MELT_SECONDS: f32 = 2.0;
/// The clip fades in and out over these times, in seconds, or a quarter of itself if that is shorter.
const FADES: (f32, f32) = (0.5, 0.9);
/// Voices of one chord, each doubled a little out of tune.
const VOICES: usize = 4;
/// Loudness of everything together; the sum stays below 1 by a soft knee.
const LEVEL: f32 = 0.62;

/// One clip's sound, block after block.
pub(crate) struct Ambience {
    samples: u64,
    at: u64,
    chords: Vec<Chord>,
    noise: Noise,
    pad: f32,
}

struct Chord {
    voices: [[Voice; 2]; VOICES],
}

/// A sine that turns by one small rotation a sample, so that no sine is ever computed twice.
#[derive(Clone, Copy)]
struct Voice {
    x: f32,
    y: f32,
    turn_x: f32,
    turn_y: f32,
}

struct Noise {
    chance: Chance,
    low: [f32; 2],
    lower: [f32; 2],
    bright: f32,
    level: f32,
    /// Swells a second, and how deep they are.
    swell: (f32, f32),
}

impl Ambience {
    /// The sound of a scene for `samples` samples a channel.
    pub(crate) fn new(scene: &Scene, samples: u64) -> Self {
        let mut chance = Chance::new(scene.seed, "sound");
        let root = 110.0 * libm::exp2f((chance.below(8) as f32 - 4.0) / 12.0);
        let chords = progression(scene, &mut chance)
            .iter()
            .map(|steps| Chord::new(root, *steps, &mut chance))
            .collect();
        let (bright, level, swell) = match (scene.ground, scene.weather) {
            (_, Weather::Rain) => (0.42, 0.34, (0.09, 0.15)),
            (Ground::Sea, _) => (0.12, 0.9, (0.14, 0.75)),
            (Ground::Space | Ground::Ribbons, _) => (0.02, 0.5, (0.07, 0.5)),
            (Ground::City, _) => (0.03, 0.8, (0.1, 0.3)),
            (_, _) => (0.05, 0.8, (0.12, 0.55)),
        };
        let noise = Noise {
            chance: chance.clone(),
            low: [0.0; 2],
            lower: [0.0; 2],
            bright,
            level,
            swell,
        };
        Self {
            samples,
            at: 0,
            chords,
            noise,
            pad: 0.085,
        }
    }

    /// Fills the next block; says how many samples of it are sound.
    pub(crate) fn next(&mut self, left: &mut [f32; BLOCK], right: &mut [f32; BLOCK]) -> usize {
        let count = (self.samples - self.at).min(BLOCK as u64) as usize;
        let seconds = self.at as f32 / RATE as f32;
        let length = self.samples as f32 / RATE as f32;
        let (fade_in, fade_out) = (FADES.0.min(length / 4.0), FADES.1.min(length / 4.0));
        let (rate, pulse) = self.noise.swell;
        let breath = self.noise.level * (1.0 - pulse * (0.5 + 0.5 * wave(seconds * rate)));
        let weights: Vec<f32> = (0..self.chords.len())
            .map(|at| self.weight(at, seconds))
            .collect();
        for at in 0..count {
            let here = seconds + at as f32 / RATE as f32;
            let fade = smooth(here / fade_in) * smooth((length - here) / fade_out);
            let mut sum = self.noise.next().map(|value| value * breath);
            for (chord, weight) in self
                .chords
                .iter_mut()
                .zip(&weights)
                .filter(|(_, weight)| **weight > 0.0)
            {
                let tones = chord.next();
                sum = [
                    sum[0] + tones[0] * weight * self.pad,
                    sum[1] + tones[1] * weight * self.pad,
                ];
            }
            let out = sum.map(|value| soften(value * LEVEL) * fade);
            (left[at], right[at]) = (out[0], out[1]);
        }
        self.at += count as u64;
        count
    }

    /// How loud a chord is: the chords take turns and melt into each other.
    fn weight(&self, chord: usize, seconds: f32) -> f32 {
        let count = self.chords.len() as f32;
        let round = seconds / CHORD_SECONDS / count;
        let begin = chord as f32 * CHORD_SECONDS;
        let within = (round - libm::floorf(round)) * count * CHORD_SECONDS - begin;
        let wrapped = if within < -CHORD_SECONDS * (count - 1.0) + MELT_SECONDS {
            within + count * CHORD_SECONDS
        } else {
            within
        };
        let first = seconds < CHORD_SECONDS && chord == 0;
        let rise = if first {
            1.0
        } else {
            smooth(wrapped / MELT_SECONDS)
        };
        rise * smooth((CHORD_SECONDS + MELT_SECONDS - wrapped) / MELT_SECONDS)
    }
}

/// Chords as steps of the scale above the root, in half tones.
fn progression(scene: &Scene, chance: &mut Chance) -> &'static [[i32; VOICES]] {
    const BRIGHT: &[&[[i32; VOICES]]] = &[
        &[[0, 7, 16, 23], [5, 12, 16, 21], [-3, 7, 12, 16]],
        &[[0, 7, 14, 16], [-4, 8, 12, 15], [-2, 5, 14, 17]],
    ];
    const DARK: &[&[[i32; VOICES]]] = &[
        &[[0, 7, 15, 22], [-4, 8, 12, 19], [-2, 5, 14, 17]],
        &[[0, 7, 14, 15], [5, 12, 15, 20], [-5, 7, 10, 14]],
    ];
    let dark = scene.hour == Hour::Night || matches!(scene.weather, Weather::Rain);
    chance.pick(if dark { DARK } else { BRIGHT })
}

impl Chord {
    fn new(root: f32, steps: [i32; VOICES], chance: &mut Chance) -> Self {
        let voices = steps.map(|step| {
            let pitch = root * libm::exp2f(step as f32 / 12.0);
            [
                Voice::new(pitch * 0.9985, chance),
                Voice::new(pitch * 1.0015, chance),
            ]
        });
        Self { voices }
    }

    fn next(&mut self) -> [f32; 2] {
        let mut sum = [0.0; 2];
        let mut weight = 1.0;
        for pair in &mut self.voices {
            let (one, other) = (pair[0].next(), pair[1].next());
            sum[0] += (one + other * 0.6) * weight;
            sum[1] += (other + one * 0.6) * weight;
            weight *= 0.82;
        }
        sum
    }
}

impl Voice {
    fn new(pitch: f32, chance: &mut Chance) -> Self {
        let phase = chance.unit() * std::f32::consts::TAU;
        let angle = std::f32::consts::TAU * pitch / RATE as f32;
        Self {
            x: libm::cosf(phase),
            y: libm::sinf(phase),
            turn_x: libm::cosf(angle),
            turn_y: libm::sinf(angle),
        }
    }

    fn next(&mut self) -> f32 {
        let (x, y) = (
            self.x * self.turn_x - self.y * self.turn_y,
            self.x * self.turn_y + self.y * self.turn_x,
        );
        // One step of Newton's square root keeps the length at 1.
        let trim = 1.5 - 0.5 * (x * x + y * y);
        (self.x, self.y) = (x * trim, y * trim);
        // A little of the third power warms the tone.
        self.y * (0.82 + 0.18 * self.y * self.y)
    }
}

impl Noise {
    fn next(&mut self) -> [f32; 2] {
        let mut out = [0.0; 2];
        let draw = self.chance.next();
        for (side, half) in [draw as u32, (draw >> 32) as u32].into_iter().enumerate() {
            let white = half as i32 as f32 / 2_147_483_648.0;
            self.low[side] += (white - self.low[side]) * self.bright;
            self.lower[side] += (self.low[side] - self.lower[side]) * (self.bright * 1.6).min(0.9);
            out[side] = self.lower[side];
        }
        out
    }
}

/// Bends everything loud towards, but never to, 1.
fn soften(value: f32) -> f32 {
    value / libm::sqrtf(1.0 + value * value)
}
