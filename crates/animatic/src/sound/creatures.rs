//! Birds, crickets, grasshoppers and an owl, made of short tones. Decides nothing about where they live.

use std::f32::consts::TAU;

use super::signal::{Drift, Filter, Level, Stereo, Tone, white};
use crate::chance::Chance;

/// The ways a bird may sing.
#[derive(Clone, Copy, Debug)]
enum Song {
    /// A few slow whistles.
    Whistles,
    /// One note, many times.
    Trill,
    /// Quick falls.
    Chirps,
    /// Two notes, the second lower.
    Call,
}

/// A few birds, each with a song, a place and a pause of its own.
pub(super) fn birds(out: &mut Stereo, chance: &mut Chance, count: usize) {
    for bird in 0..count {
        let song = chance.pick(&[
            Song::Whistles,
            Song::Whistles,
            Song::Trill,
            Song::Chirps,
            Song::Chirps,
            Song::Call,
        ]);
        let pan = chance.between(-0.95, 0.95);
        let near = if bird == 0 { 1.0 } else { chance.between(0.25, 0.8) };
        let pitch = match song {
            Song::Whistles => chance.between(2_100.0, 3_300.0),
            Song::Trill => chance.between(4_000.0, 5_600.0),
            Song::Chirps => chance.between(3_200.0, 4_800.0),
            Song::Call => chance.between(950.0, 1_500.0),
        };
        let motif: Vec<f32> = (0..4).map(|_| chance.between(0.84, 1.19)).collect();
        let mut at = chance.between(0.15, 0.7) + bird as f32 * chance.between(0.2, 0.9);
        while at < out.seconds() {
            let lasts = sing(out, chance, (song, pitch, &motif), (at, near, pan));
            at += lasts + chance.between(0.7, 2.4);
        }
    }
}

/// One phrase; answers how long it takes.
fn sing(
    out: &mut Stereo,
    chance: &mut Chance,
    (song, pitch, motif): (Song, f32, &[f32]),
    (begin, near, pan): (f32, f32, f32),
) -> f32 {
    let (notes, length, pause, slide) = match song {
        Song::Whistles => (2 + chance.below(3), 0.19, 0.07, (0.97, 1.06)),
        Song::Trill => (7 + chance.below(8), 0.034, 0.024, (1.05, 0.95)),
        Song::Chirps => (1 + chance.below(4), 0.07, 0.11, (1.28, 0.82)),
        Song::Call => (2, 0.24, 0.10, (1.0, 0.98)),
    };
    let mut at = begin;
    for note in 0..notes {
        let own = match song {
            Song::Trill | Song::Chirps => 1.0,
            Song::Whistles => motif[note % motif.len()],
            Song::Call => [1.0, 0.8][note % 2],
        };
        let seconds = length * chance.between(0.85, 1.2);
        let tone = Tone {
            at,
            seconds,
            pitch: (pitch * own * slide.0, pitch * own * slide.1),
            rise: 0.3,
            tremble: (chance.between(18.0, 32.0), 0.012),
            octave: 0.08,
            level: near * chance.between(0.7, 1.0) * 0.3,
            pan,
        };
        tone.sound(out);
        at += seconds + pause * chance.between(0.8, 1.3);
    }
    at - begin
}

/// Crickets: each rubs a few times, rests, and keeps its own pace.
pub(super) fn crickets(out: &mut Stereo, chance: &mut Chance, count: usize) {
    for cricket in 0..count {
        let pitch = chance.between(3_600.0, 5_000.0);
        let (rubs, rub) = (3 + chance.below(2), chance.between(0.022, 0.03));
        let pause = chance.between(0.26, 0.62);
        let near = if cricket == 0 {
            1.0
        } else {
            chance.between(0.2, 0.75)
        };
        let pan = chance.between(-0.95, 0.95);
        let mut at = chance.between(0.0, 0.5);
        while at < out.seconds() {
            for _ in 0..rubs {
                let tone = Tone {
                    at,
                    seconds: rub * 0.8,
                    pitch: (pitch, pitch * 1.012),
                    rise: 0.45,
                    tremble: (0.0, 0.0),
                    octave: 0.06,
                    level: near * 0.2,
                    pan,
                };
                tone.sound(out);
                at += rub;
            }
            at += pause * chance.between(0.92, 1.1);
        }
    }
}

/// Grasshoppers on a warm day: a dry, even rasp that comes and goes.
pub(super) fn grasshoppers(out: &mut Stereo, chance: &mut Chance) {
    let mut calls = [Drift::new(chance, 0.4, 1.4), Drift::new(chance, 0.4, 1.4)];
    let mut bands = [Filter::new(6_300.0, 2.6), Filter::new(7_100.0, 2.6)];
    let mut levels = [Level::new(0.0); 2];
    let rates = [chance.between(27.0, 34.0), chance.between(36.0, 43.0)];
    out.steps(|begin, left, right| {
        let aims = [0, 1].map(|side| {
            let call = calls[side].next();
            let rasp = 0.5 + 0.5 * libm::sinf(TAU * rates[side] * begin);
            call * call * rasp
        });
        for at in 0..left.len() {
            let noise = white(chance);
            let heard = [0, 1].map(|side| levels[side].next(aims[side]) * bands[side].band(noise[side]));
            left[at] += heard[0] * 0.85 + heard[1] * 0.3;
            right[at] += heard[1] * 0.85 + heard[0] * 0.3;
        }
    });
}

/// An owl some way off, once in a while.
pub(super) fn owl(out: &mut Stereo, chance: &mut Chance) {
    let pitch = chance.between(330.0, 420.0);
    let pan = chance.between(-0.8, 0.8);
    let mut at = chance.between(0.5, 1.6);
    while at < out.seconds() {
        for (since, seconds) in [(0.0, 0.34), (0.62, 0.16), (0.86, 0.6)] {
            let tone = Tone {
                at: at + since,
                seconds,
                pitch: (pitch * 1.02, pitch * 0.95),
                rise: 0.3,
                tremble: (5.5, 0.01),
                octave: 0.1,
                level: 0.3,
                pan,
            };
            tone.sound(out);
        }
        at += chance.between(4.5, 8.0);
    }
}
