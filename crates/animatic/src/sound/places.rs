//! What people and their places sound like: a city, a room, a fire. No voices and no words.

use std::f32::consts::TAU;

use super::signal::{Drift, Filter, Level, Soft, Stereo, Tone, moments, white};
use crate::aac::RATE;
use crate::chance::Chance;
use crate::motion::smooth;

/// A city heard from some way off: a low hum that never rests.
pub(super) fn city(out: &mut Stereo, chance: &mut Chance) {
    let mut sway = [Drift::new(chance, 0.8, 2.4), Drift::new(chance, 0.8, 2.4)];
    let mut lows = [Filter::new(115.0, 0.8); 2];
    let mut mids = [Filter::new(340.0, 0.9); 2];
    let mut airs = [Soft::new(1_600.0); 2];
    let mut levels = [Level::new(0.7); 2];
    let mains = chance.between(58.0, 62.0);
    out.steps(|begin, left, right| {
        let aims = [0, 1].map(|side| 0.6 + 0.4 * sway[side].next());
        for at in 0..left.len() {
            let second = begin + at as f32 / RATE as f32;
            let hum = 0.010 * libm::sinf(TAU * mains * 2.0 * second);
            let noise = white(chance);
            let heard = [0, 1].map(|side| {
                let air = noise[side] * 0.8 + noise[1 - side] * 0.4;
                let body = lows[side].low(air) * 1.7 + mids[side].band(air) * 0.42;
                levels[side].next(aims[side]) * (body + airs[side].next(noise[side]) * 0.05) + hum
            });
            left[at] += heard[0];
            right[at] += heard[1];
        }
    });
}

/// Cars that pass, one now and then, from one side to the other; on a wet street they hiss.
pub(super) fn traffic(out: &mut Stereo, chance: &mut Chance, hiss: f32) {
    let mut begin = chance.between(-0.6, 0.4);
    while begin < out.seconds() {
        let lasts = chance.between(2.2, 3.6);
        let near = chance.between(0.35, 1.0);
        let way = if chance.likely(0.5) { 1.0 } else { -1.0 };
        let motor = chance.between(58.0, 96.0);
        let mut tyres = Filter::new(700.0, 0.8);
        let mut low = Filter::new(150.0, 0.9);
        let mut noise = Chance::new(chance.next(), "car");
        let mut turns = 0.0f32;
        let from = begin.max(0.0);
        let mut car = Stereo::silent((lasts * RATE as f32) as usize);
        car.stamp(0.0, -1.0, |second| {
            let at = (second + from - begin) / lasts;
            if at >= 1.0 {
                return None;
            }
            let side = at * 2.0 - 1.0;
            let distance = 1.0 + 14.0 * side * side;
            let [air, _] = white(&mut noise);
            // The pitch falls as it passes.
            turns += motor * (1.06 - 0.12 * smooth(at)) / RATE as f32;
            turns -= libm::floorf(turns);
            let engine = libm::sinf(TAU * turns) + 0.5 * libm::sinf(TAU * 2.0 * turns);
            let sound = tyres.band(air) * (0.5 + hiss) + low.low(air) * 1.2 + engine * 0.05;
            Some(sound * near / distance * smooth(at / 0.2) * smooth((1.0 - at) / 0.2))
        });
        let middle = (begin - from) + lasts / 2.0;
        out.pass(from, &car.left, |second| {
            (way * 2.4 * (second - middle) / lasts).clamp(-0.9, 0.9)
        });
        begin += lasts * chance.between(0.6, 1.5);
    }
}

/// A room in which nobody speaks: its air, a far hum, sometimes a clock.
pub(super) fn room(out: &mut Stereo, chance: &mut Chance) {
    let mut lows = [Filter::new(290.0, 0.7); 2];
    let mut airs = [Soft::new(2_300.0); 2];
    let mut sway = Drift::new(chance, 1.2, 3.0);
    let mut level = Level::new(0.8);
    out.steps(|_, left, right| {
        let aim = 0.8 + 0.2 * sway.next();
        for at in 0..left.len() {
            let noise = white(chance);
            let loud = level.next(aim);
            let heard = [0, 1].map(|side| {
                let air = noise[side] * 0.8 + noise[1 - side] * 0.4;
                loud * (lows[side].low(air) + airs[side].next(noise[side]) * 0.035)
            });
            left[at] += heard[0];
            right[at] += heard[1];
        }
    });
    if chance.likely(0.6) {
        clock(out, chance);
    }
}

/// A clock that ticks twice a second.
pub(super) fn clock(out: &mut Stereo, chance: &mut Chance) {
    let pan = chance.between(-0.7, 0.7);
    let pitches = [chance.between(1_900.0, 2_300.0), chance.between(1_500.0, 1_800.0)];
    let mut at = chance.between(0.1, 0.6);
    for beat in 0.. {
        if at >= out.seconds() {
            return;
        }
        let pitch = pitches[beat % 2];
        let tick = Tone {
            at,
            seconds: 0.03,
            pitch: (pitch, pitch * 0.9),
            rise: 0.05,
            tremble: (0.0, 0.0),
            octave: 0.5,
            level: 0.05,
            pan,
        };
        tick.sound(out);
        at += 0.5;
    }
}

/// A wood fire: a flutter of flames, a hiss, and crackling that comes in bursts.
pub(super) fn fire(out: &mut Stereo, chance: &mut Chance) {
    let mut flames = [Drift::new(chance, 0.05, 0.2), Drift::new(chance, 0.05, 0.2)];
    let mut lows = [Filter::new(170.0, 0.8); 2];
    let mut hisses = [Filter::new(2_600.0, 0.5); 2];
    let mut levels = [Level::new(0.5); 2];
    out.steps(|_, left, right| {
        let aims = [0, 1].map(|side| {
            let lick = flames[side].next();
            0.35 + 0.65 * lick * lick
        });
        for at in 0..left.len() {
            let noise = white(chance);
            let heard = [0, 1].map(|side| {
                let air = noise[side] * 0.85 + noise[1 - side] * 0.35;
                levels[side].next(aims[side]) * (lows[side].low(air) * 2.2 + hisses[side].band(air) * 0.05)
            });
            left[at] += heard[0];
            right[at] += heard[1];
        }
    });
    for begin in moments(chance, out.seconds(), 4.5) {
        let pan = chance.between(-0.6, 0.6);
        let mut at = begin;
        for _ in 0..1 + chance.below(6) {
            crackle(out, chance, at, pan);
            at += chance.between(0.004, 0.09);
        }
    }
}

fn crackle(out: &mut Stereo, chance: &mut Chance, at: f32, pan: f32) {
    let size = chance.unit();
    let fades = chance.between(140.0, 900.0);
    let level = 0.05 + 0.5 * size * size * size;
    let mut band = Filter::new(chance.between(1_200.0, 6_000.0), 1.2);
    let mut noise = Chance::new(chance.next(), "crackle");
    out.stamp(at, pan + chance.between(-0.2, 0.2), |second| {
        let strength = libm::expf(-second * fades);
        let [air, _] = white(&mut noise);
        let comes = (second * 4_000.0).min(1.0);
        (strength > 0.002).then(|| band.band(air) * strength * comes * level * 2.0)
    });
}
