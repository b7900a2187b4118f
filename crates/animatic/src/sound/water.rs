//! Water near and far: surf, lapping, a brook, and what is heard under the surface. Rain is weather.

use std::f32::consts::TAU;

use super::signal::{Drift, Filter, Level, Soft, Stereo, Tone, moments, white};
use crate::chance::Chance;
use crate::motion::{smooth, wrap};

/// Share of a wave's time in which it comes up; then it breaks and runs out.
const COMES_UP: f32 = 0.38;

/// One row of waves.
struct Train {
    period: f32,
    phase: f32,
    strength: f32,
    pan: f32,
}

impl Train {
    /// How much of a wave is heard at a second, from 0 to about 1.
    fn swell(&self, second: f32) -> f32 {
        let at = wrap(second / self.period + self.phase, 1.0);
        if at < COMES_UP {
            let up = at / COMES_UP;
            return self.strength * (0.05 + 0.95 * up * up * smooth(up));
        }
        let down = (at - COMES_UP) / (1.0 - COMES_UP);
        self.strength * (0.05 + 0.95 * libm::expf(-3.2 * down) * (1.0 - smooth(down)))
    }
}

/// Surf on a shore: waves that come up, break bright and run out, over a far roar.
pub(super) fn sea(out: &mut Stereo, chance: &mut Chance) {
    let mut trains = Vec::new();
    for (at, strength) in [1.0, 0.6, 0.4].into_iter().enumerate() {
        let period = chance.between(5.2, 7.8);
        // The first wave breaks early, so that a short clip has one.
        let breaks = chance.between(0.9, 1.7) + at as f32 * chance.between(1.4, 2.4);
        trains.push(Train {
            period,
            phase: COMES_UP - breaks / period,
            strength,
            pan: chance.between(-0.7, 0.7),
        });
    }
    let mut lows = [[Filter::new(400.0, 0.7); 2]; 3];
    let mut levels = [[Level::new(0.0); 2]; 3];
    let mut roars = [Soft::new(170.0); 2];
    let mut foam = [Filter::new(4_200.0, 0.6); 2];
    out.steps(|second, left, right| {
        let swells = [0, 1, 2].map(|at| trains[at].swell(second));
        for (low, swell) in lows.iter_mut().zip(&swells) {
            for side in low {
                side.tune(260.0 + 2_900.0 * swell);
            }
        }
        let total: f32 = swells.iter().sum();
        for at in 0..left.len() {
            let noise = white(chance);
            let mut heard = [0, 1].map(|side| {
                let mist = foam[side].band(noise[side]) * 0.16 * total * total;
                roars[side].next(noise[side] * 0.8 + noise[1 - side] * 0.4) * 0.9 + mist
            });
            for (which, train) in trains.iter().enumerate() {
                for side in 0..2 {
                    let lean = 1.0 + train.pan * if side == 0 { -0.6 } else { 0.6 };
                    let level = levels[which][side].next(swells[which]);
                    heard[side] += lows[which][side].low(noise[side]) * level * lean;
                }
            }
            left[at] += heard[0];
            right[at] += heard[1];
        }
    });
}

/// Small water against a hull, a pier or a bank.
pub(super) fn lapping(out: &mut Stereo, chance: &mut Chance) {
    for begin in moments(chance, out.seconds(), 2.2) {
        let lasts = chance.between(0.25, 0.7);
        let mut band = Filter::new(chance.between(380.0, 900.0), 1.6);
        let level = chance.between(0.25, 1.0);
        let pan = chance.between(-0.8, 0.8);
        let mut noise = Chance::new(chance.next(), "lap");
        out.stamp(begin, pan, |second| {
            let at = second / lasts;
            let [air, _] = white(&mut noise);
            let strength = smooth(at / 0.3) * (1.0 - smooth(at));
            (at < 1.0).then(|| band.band(air) * strength * level)
        });
    }
}

/// Running water: `blips` a second over a bed of noise; without blips it is a fall.
pub(super) fn stream(out: &mut Stereo, chance: &mut Chance, blips: f32) {
    let mut bands = [Filter::new(1_100.0, 0.6); 2];
    let mut bodies = [Soft::new(500.0); 2];
    let mut flow = Drift::new(chance, 0.3, 1.1);
    let mut levels = [Level::new(0.8); 2];
    out.steps(|_, left, right| {
        let aim = 0.75 + 0.25 * flow.next();
        for at in 0..left.len() {
            let noise = white(chance);
            let heard = [0, 1].map(|side| {
                let air = noise[side];
                levels[side].next(aim) * (bands[side].band(air) * 0.5 + bodies[side].next(air) * 0.35)
            });
            left[at] += heard[0];
            right[at] += heard[1];
        }
    });
    if blips > 0.0 {
        bubbles(out, chance, blips, (480.0, 1_700.0), 0.22);
    }
}

/// Bubbles: short tones that rise.
fn bubbles(out: &mut Stereo, chance: &mut Chance, a_second: f32, pitches: (f32, f32), level: f32) {
    for at in moments(chance, out.seconds(), a_second) {
        let pitch = pitches.0 * libm::powf(pitches.1 / pitches.0, chance.unit());
        let size = chance.unit();
        let bubble = Tone {
            at,
            seconds: chance.between(12.0, 30.0) / pitch,
            pitch: (pitch, pitch * chance.between(1.15, 1.7)),
            rise: 0.12,
            tremble: (0.0, 0.0),
            octave: 0.05,
            level: level * (0.1 + 0.9 * size * size),
            pan: chance.between(-0.9, 0.9),
        };
        bubble.sound(out);
    }
}

/// Under the surface: a dull murmur that breathes, and bubbles that pass.
pub(super) fn underwater(out: &mut Stereo, chance: &mut Chance) {
    let mut breath = Drift::new(chance, 1.0, 2.8);
    let mut lows = [Filter::new(260.0, 1.1); 2];
    let mut browns = [Soft::new(90.0); 2];
    let mut levels = [Level::new(0.6); 2];
    let turn = chance.between(0.06, 0.11);
    out.steps(|second, left, right| {
        let open = breath.next();
        for low in &mut lows {
            low.tune(170.0 + 260.0 * open);
        }
        let sway = 0.25 * libm::sinf(TAU * turn * second);
        for at in 0..left.len() {
            let noise = white(chance);
            let heard = [0, 1].map(|side| {
                let air = browns[side].next(noise[side] * 0.8 + noise[1 - side] * 0.5) * 9.0;
                let aim = 0.6 + 0.4 * open + if side == 0 { sway } else { -sway };
                levels[side].next(aim) * lows[side].low(air)
            });
            left[at] += heard[0];
            right[at] += heard[1];
        }
    });
    for begin in moments(chance, out.seconds(), 0.7) {
        let (mut at, pan) = (begin, chance.between(-0.7, 0.7));
        for _ in 0..3 + chance.below(7) {
            let pitch = chance.between(240.0, 760.0);
            let bubble = Tone {
                at,
                seconds: chance.between(0.03, 0.075),
                pitch: (pitch, pitch * 1.5),
                rise: 0.2,
                tremble: (0.0, 0.0),
                octave: 0.0,
                level: chance.between(0.05, 0.3),
                pan: pan + chance.between(-0.2, 0.2),
            };
            bubble.sound(out);
            at += chance.between(0.04, 0.16);
        }
    }
}
