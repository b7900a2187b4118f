//! What single things sound like when their word is heard: a bell, an engine, steps, a dog. No places and no weather.

use std::f32::consts::TAU;

use super::signal::{Drift, Filter, Level, Soft, Stereo, Tone, moments, white};
use crate::aac::RATE;
use crate::chance::Chance;
use crate::motion::smooth;

/// Partials of a cast bell: pitch beside the strike tone, strength, and how fast it dies away.
const BELL: [(f32, f32, f32); 7] = [
    (0.5, 0.55, 0.5),
    (1.0, 1.0, 0.9),
    (1.19, 0.55, 1.2),
    (1.5, 0.35, 1.7),
    (2.0, 0.6, 1.6),
    (2.51, 0.22, 2.9),
    (3.01, 0.18, 3.6),
];

/// A bell that is struck again and again.
pub(super) fn bell(out: &mut Stereo, chance: &mut Chance) {
    let pitch = chance.between(330.0, 620.0);
    let between = chance.between(1.5, 2.3);
    let pan = chance.between(-0.4, 0.4);
    let mut at = 0.15;
    while at < out.seconds() {
        let strength = chance.between(0.8, 1.0);
        out.stamp(at, pan, |second| {
            let ring: f32 = BELL
                .iter()
                .map(|(ratio, level, fades)| {
                    level * libm::expf(-second * fades * 1.4) * libm::sinf(TAU * pitch * ratio * second)
                })
                .sum();
            (second < 4.0)
                .then(|| ring * strength * smooth(second / 0.003) * smooth((4.0 - second) / 0.6) * 0.2)
        });
        at += between;
    }
}

/// A motor that idles and is given a little more now and then.
pub(super) fn engine(out: &mut Stereo, chance: &mut Chance) {
    let idle = chance.between(24.0, 33.0);
    let mut throttle = Drift::new(chance, 1.0, 2.6);
    let mut level = Level::new(0.8);
    let mut body = Filter::new(240.0, 0.9);
    let mut airs = [Filter::new(900.0, 0.7); 2];
    let mut turns = 0.0f32;
    out.steps(|_, left, right| {
        let given = throttle.next();
        let pitch = idle * (1.0 + 0.9 * given * given);
        for at in 0..left.len() {
            turns += pitch / RATE as f32;
            turns -= libm::floorf(turns);
            // Every turn is one push: a pulse that falls, and a smaller one half a turn later.
            let push = libm::expf(-turns * 7.0) + 0.6 * libm::expf(-(turns - 0.5).rem_euclid(1.0) * 9.0);
            let noise = white(chance);
            let loud = level.next(0.6 + 0.4 * given);
            let low = body.low(push - 0.23);
            let heard = [0, 1].map(|side| loud * (low * 0.7 + airs[side].band(noise[side]) * push * 0.10));
            left[at] += heard[0];
            right[at] += heard[1];
        }
    });
}

/// Steps of one who walks past at an even pace.
pub(super) fn footsteps(out: &mut Stereo, chance: &mut Chance) {
    let pace = chance.between(0.48, 0.6);
    let whole = out.seconds();
    let way = if chance.likely(0.5) { 0.6 } else { -0.6 };
    let mut at = 0.12;
    let mut foot = 1.0;
    while at < whole {
        let pan = way * (2.0 * at / whole - 1.0) + 0.08 * foot;
        thump(out, at, pan, 95.0, 0.5);
        grit(out, chance, at + 0.01, pan, (700.0, 32.0), 0.35);
        grit(out, chance, at + 0.07, pan, (1_500.0, 45.0), 0.16);
        at += pace * chance.between(0.97, 1.03);
        foot = -foot;
    }
}

/// A heart: two dull beats, then a rest.
pub(super) fn heartbeat(out: &mut Stereo, chance: &mut Chance) {
    let between = chance.between(0.82, 1.0);
    let mut at = 0.1;
    while at < out.seconds() {
        thump(out, at, -0.05, 62.0, 0.9);
        thump(out, at + 0.26, 0.05, 74.0, 0.6);
        at += between;
    }
}

/// Three or four knocks on wood, and again after a while.
pub(super) fn knocking(out: &mut Stereo, chance: &mut Chance) {
    let pitch = chance.between(150.0, 230.0);
    let mut begin = 0.2;
    while begin < out.seconds() {
        for knock in 0..3 + chance.below(2) {
            let at = begin + 0.19 * knock as f32;
            thump(out, at, 0.1, pitch, 0.7);
            grit(out, chance, at, 0.1, (1_900.0, 120.0), 0.3);
        }
        begin += chance.between(1.7, 2.4);
    }
}

/// Many hands that clap, nobody in time.
pub(super) fn applause(out: &mut Stereo, chance: &mut Chance) {
    for at in moments(chance, out.seconds(), 90.0) {
        let pan = chance.between(-0.9, 0.9);
        let hertz = chance.between(900.0, 2_300.0);
        let level = chance.between(0.05, 0.3);
        grit(out, chance, at, pan, (hertz, 90.0), level);
    }
}

/// A siren that rises and falls.
pub(super) fn siren(out: &mut Stereo, chance: &mut Chance) {
    let (low, high) = (chance.between(480.0, 600.0), chance.between(1_050.0, 1_300.0));
    let lasts = chance.between(2.4, 3.4);
    let mut dull = Soft::new(2_600.0);
    let mut turns = 0.0f32;
    let whole = out.seconds();
    out.stamp(0.0, -0.15, |second| {
        let swing = 0.5 - 0.5 * libm::cosf(TAU * second / lasts);
        turns += (low + (high - low) * swing) / RATE as f32;
        turns -= libm::floorf(turns);
        let wave = libm::sinf(TAU * turns) + 0.35 * libm::sinf(TAU * 3.0 * turns);
        (second < whole).then(|| dull.next(wave) * 0.2)
    });
}

/// A dog that barks, in twos and threes.
pub(super) fn barking(out: &mut Stereo, chance: &mut Chance) {
    let pitch = chance.between(260.0, 420.0);
    let pan = chance.between(-0.5, 0.5);
    let mut begin = 0.2;
    while begin < out.seconds() {
        for bark in 0..2 + chance.below(2) {
            let at = begin + 0.36 * bark as f32;
            for (ratio, level) in [(1.0, 0.3), (2.4, 0.2), (3.7, 0.08)] {
                let voice = Tone {
                    at,
                    seconds: 0.2,
                    pitch: (pitch * ratio * 1.25, pitch * ratio * 0.8),
                    rise: 0.15,
                    tremble: (70.0, 0.12),
                    octave: 0.6,
                    level,
                    pan,
                };
                voice.sound(out);
            }
            grit(out, chance, at, pan, (1_100.0, 22.0), 0.25);
        }
        begin += chance.between(1.6, 2.6);
    }
}

/// A cat that asks for something.
pub(super) fn mewing(out: &mut Stereo, chance: &mut Chance) {
    let pan = chance.between(-0.4, 0.4);
    let mut at = 0.3;
    while at < out.seconds() {
        let pitch = chance.between(520.0, 680.0);
        for (ratio, level) in [(1.0, 0.2), (2.0, 0.16), (3.0, 0.07)] {
            let rise = Tone {
                at,
                seconds: 0.75,
                pitch: (pitch * ratio * 1.12, pitch * ratio * 0.82),
                rise: 0.35,
                tremble: (6.0, 0.012),
                octave: 0.3,
                level,
                pan,
            };
            rise.sound(out);
        }
        at += chance.between(1.5, 2.6);
    }
}

/// A dull blow whose pitch falls.
fn thump(out: &mut Stereo, at: f32, pan: f32, pitch: f32, level: f32) {
    let mut turns = 0.0f32;
    out.stamp(at, pan, |second| {
        turns += pitch * (1.0 + 0.8 * libm::expf(-second * 60.0)) / RATE as f32;
        let strength = libm::expf(-second * 22.0);
        (strength > 0.002).then(|| libm::sinf(TAU * turns) * strength * smooth(second / 0.004) * level)
    });
}

/// A short burst of noise around a pitch; `band` holds that and how fast the burst dies away.
fn grit(out: &mut Stereo, chance: &mut Chance, at: f32, pan: f32, band: (f32, f32), level: f32) {
    let mut filter = Filter::new(band.0, 1.1);
    let mut noise = Chance::new(chance.next(), "grit");
    out.stamp(at, pan, |second| {
        let strength = libm::expf(-second * band.1);
        let [air, _] = white(&mut noise);
        let comes = (second * 900.0).min(1.0);
        (strength > 0.003).then(|| filter.band(air) * strength * comes * level)
    });
}
