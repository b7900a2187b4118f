//! The musical part: slow chords, single soft notes, and a drone. Keeps in tune and takes its time.

use std::f32::consts::TAU;

use super::signal::{Drift, Filter, Level, STEP, Soft, Stereo, white};
use crate::aac::RATE;
use crate::chance::Chance;
use crate::motion::smooth;

/// A chord lasts this long, in seconds.
const CHORD_SECONDS: f32 = 4.6;
/// Chords melt into each other over this time, in seconds.
const MELT_SECONDS: f32 = 1.8;
/// Voices of one chord, each doubled a little out of tune.
const VOICES: usize = 4;

type Chord = [i32; VOICES];

/// What the music feels like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mood {
    Bright,
    Warm,
    Dark,
    Still,
}

/// Chords as steps of the scale above the root, in half tones.
fn progressions(mood: Mood) -> &'static [&'static [Chord]] {
    match mood {
        Mood::Bright => &[
            &[[0, 7, 16, 23], [5, 12, 16, 21], [-3, 7, 12, 16]],
            &[[0, 7, 14, 16], [-5, 7, 11, 14], [5, 9, 12, 16]],
        ],
        Mood::Warm => &[
            &[[0, 7, 14, 16], [-4, 8, 12, 15], [-2, 5, 14, 17]],
            &[[0, 4, 11, 14], [-3, 7, 12, 16], [5, 9, 12, 19]],
        ],
        Mood::Dark => &[
            &[[0, 7, 15, 22], [-4, 8, 12, 19], [-2, 5, 14, 17]],
            &[[0, 7, 14, 15], [5, 12, 15, 20], [-5, 7, 10, 14]],
        ],
        Mood::Still => &[
            &[[0, 7, 14, 19], [-2, 7, 12, 17]],
            &[[0, 7, 12, 17], [3, 10, 14, 19]],
        ],
    }
}

/// The key and the chords of one clip.
#[derive(Clone, Copy, Debug)]
pub(super) struct Harmony {
    root: f32,
    chords: &'static [Chord],
}

impl Harmony {
    pub(super) fn new(mood: Mood, chance: &mut Chance) -> Self {
        let root = 110.0 * libm::exp2f((chance.below(9) as f32 - 4.0) / 12.0);
        Self {
            root,
            chords: chance.pick(progressions(mood)),
        }
    }

    fn pitch(&self, steps: i32) -> f32 {
        self.root * libm::exp2f(steps as f32 / 12.0)
    }

    fn chord_at(&self, second: f32) -> &Chord {
        &self.chords[(second / CHORD_SECONDS) as usize % self.chords.len()]
    }
}

/// A sine that turns by one small rotation a sample, so that no sine is ever computed twice.
#[derive(Clone, Copy)]
struct Voice {
    x: f32,
    y: f32,
    turn_x: f32,
    turn_y: f32,
}

impl Voice {
    fn new(pitch: f32, chance: &mut Chance) -> Self {
        let phase = chance.unit() * TAU;
        let angle = TAU * pitch / RATE as f32;
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
        self.y
    }
}

/// Slow chords that melt into each other.
pub(super) fn pad(out: &mut Stereo, chance: &mut Chance, harmony: Harmony) {
    let whole = out.seconds();
    let mut begin = 0.0;
    let mut number = 0;
    while begin < whole {
        let chord = harmony.chords[number % harmony.chords.len()];
        let first = number == 0;
        let lasts = CHORD_SECONDS + MELT_SECONDS;
        let mut voices: Vec<(Voice, Voice, f32)> = Vec::new();
        for (voice, steps) in chord.into_iter().enumerate() {
            let pitch = harmony.pitch(steps);
            let loud = 1.0 - 0.17 * voice as f32;
            let apart = chance.between(0.0008, 0.002);
            let pair = (
                Voice::new(pitch * (1.0 - apart), chance),
                Voice::new(pitch * (1.0 + apart), chance),
            );
            voices.push((pair.0, pair.1, loud));
        }
        let from = (begin * RATE as f32) as usize;
        let to = (from + (lasts * RATE as f32) as usize).min(out.len());
        let (left, right) = (&mut out.left[from..to], &mut out.right[from..to]);
        for (step, (left, right)) in left.chunks_mut(STEP).zip(right.chunks_mut(STEP)).enumerate() {
            let envelope = |second: f32| {
                let rise = if first { 1.0 } else { smooth(second / MELT_SECONDS) };
                rise * smooth((lasts - second) / MELT_SECONDS)
            };
            let here = (step * STEP) as f32 / RATE as f32;
            let (low, high) = (envelope(here), envelope(here + STEP as f32 / RATE as f32));
            for at in 0..left.len() {
                let strength = low + (high - low) * at as f32 / STEP as f32;
                let mut sum = [0.0; 2];
                for (one, other, loud) in &mut voices {
                    let (one, other) = (warm(one.next()), warm(other.next()));
                    sum[0] += (one + other * 0.4) * *loud;
                    sum[1] += (other + one * 0.4) * *loud;
                }
                left[at] += sum[0] * strength * 0.1;
                right[at] += sum[1] * strength * 0.1;
            }
        }
        begin += CHORD_SECONDS;
        number += 1;
    }
}

/// A little of the third power warms a sine.
fn warm(value: f32) -> f32 {
    value * (0.8 + 0.2 * value * value)
}

/// Single soft notes of the chord that sounds, as of a felt piano, with time between them.
pub(super) fn notes(out: &mut Stereo, chance: &mut Chance, harmony: Harmony) {
    let beat = chance.between(0.52, 0.74);
    let mut at = beat * chance.between(0.4, 1.0);
    let mut last = usize::MAX;
    while at < out.seconds() {
        let chord = harmony.chord_at(at);
        let mut voice = chance.below(VOICES);
        if voice == last {
            voice = (voice + 1) % VOICES;
        }
        last = voice;
        let octave = if chance.likely(0.3) { 24 } else { 12 };
        let pitch = harmony.pitch(chord[voice] + octave);
        let level = chance.between(0.5, 1.0) * 0.16;
        let fades = chance.between(1.7, 2.6);
        let (mut body, mut bell) = (Voice::new(pitch, chance), Voice::new(pitch * 3.003, chance));
        let mut over = Voice::new(pitch * 2.001, chance);
        out.stamp(at, chance.between(-0.55, 0.55), |second| {
            let strength = libm::expf(-second * fades) * smooth(second / 0.012);
            let ring = body.next()
                + over.next() * 0.28 * libm::expf(-second * 4.0)
                + bell.next() * 0.10 * libm::expf(-second * 9.0);
            (second < 2.6).then(|| ring * strength * smooth((2.6 - second) / 0.4) * level)
        });
        at += beat * [1.0, 1.0, 2.0, 1.5][chance.below(4)];
    }
}

/// A deep chord that hardly moves, its overtones coming and going, and a breath over it.
pub(super) fn drone(out: &mut Stereo, chance: &mut Chance) {
    let root = 55.0 * libm::exp2f((chance.below(8) as f32 - 2.0) / 12.0);
    let third = chance.pick(&[1.2, 1.25, 1.333, 1.5]);
    let ratios = [1.0, 1.5, 2.0, 2.0 * third, 3.0, 4.0, 4.0 * third, 6.0];
    let mut partials: Vec<(Voice, Voice, Drift, [Level; 2], f32)> = Vec::new();
    for (at, ratio) in ratios.into_iter().enumerate() {
        let pitch = root * ratio;
        let apart = chance.between(0.0010, 0.0030);
        let loud = 0.26 / (1.0 + at as f32 * 0.7);
        partials.push((
            Voice::new(pitch * (1.0 - apart), chance),
            Voice::new(pitch * (1.0 + apart), chance),
            Drift::new(chance, 1.0, 2.8),
            [Level::new(0.5); 2],
            loud,
        ));
    }
    let mut sweep = Drift::new(chance, 1.5, 3.5);
    let mut breaths = [Filter::new(500.0, 3.2); 2];
    let mut dulls = [Soft::new(1_200.0); 2];
    out.steps(|_, left, right| {
        let open = sweep.next();
        breaths[0].tune(300.0 + 700.0 * open);
        breaths[1].tune(340.0 + 820.0 * open);
        let sways: Vec<f32> = partials
            .iter_mut()
            .map(|(_, _, sway, _, _)| sway.next())
            .collect();
        for at in 0..left.len() {
            let noise = white(chance);
            let mut sum = [0, 1].map(|side| dulls[side].next(breaths[side].band(noise[side])) * 0.09);
            for ((one, other, _, levels, loud), sway) in partials.iter_mut().zip(&sways) {
                let one = one.next() * levels[0].next(0.3 + 0.7 * sway) * *loud;
                let other = other.next() * levels[1].next(1.0 - 0.7 * sway) * *loud;
                sum[0] += one + other * 0.45;
                sum[1] += other + one * 0.45;
            }
            left[at] += sum[0];
            right[at] += sum[1];
        }
    });
}

/// A soft beat: a low drum on every other beat, a brush between, and the chord's root below.
pub(super) fn beat(out: &mut Stereo, chance: &mut Chance, harmony: Harmony) {
    let lasts = chance.between(0.27, 0.34);
    let mut at = 0.05;
    for count in 0usize.. {
        if at >= out.seconds() {
            return;
        }
        if count.is_multiple_of(4) || count % 16 == 10 {
            let mut turns = 0.0f32;
            out.stamp(at, 0.0, |second| {
                turns += 48.0 * (1.0 + 1.6 * libm::expf(-second * 40.0)) / RATE as f32;
                let strength = libm::expf(-second * 11.0) * smooth(second / 0.003);
                (second < 0.5).then(|| libm::sinf(TAU * turns) * strength * 0.55)
            });
        }
        if count.is_multiple_of(8) {
            let root = harmony.chord_at(at)[0];
            let mut low = Voice::new(harmony.pitch(root) / 2.0, chance);
            let long = lasts * 7.0;
            out.stamp(at, 0.0, |second| {
                let strength = smooth(second / 0.02) * smooth((long - second) / 0.3);
                (second < long).then(|| warm(low.next()) * strength * 0.2)
            });
        }
        let (fades, level) = if count % 8 == 4 {
            (18.0, 0.16)
        } else {
            (60.0, 0.05)
        };
        let mut brush = Filter::new(if count % 8 == 4 { 1_900.0 } else { 7_000.0 }, 0.7);
        let mut noise = Chance::new(chance.next(), "brush");
        out.stamp(at, chance.between(-0.3, 0.3), |second| {
            let strength = libm::expf(-second * fades);
            let [air, _] = white(&mut noise);
            (strength > 0.003).then(|| brush.high(air) * strength * level)
        });
        at += lasts;
    }
}
