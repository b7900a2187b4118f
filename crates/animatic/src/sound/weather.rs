//! What the sky is heard by: wind, leaves in it, rain with drops, thunder. Decides nothing about when.

use super::signal::{Drift, Filter, Level, Soft, Stereo, Tone, moments, white};
use crate::chance::Chance;
use crate::motion::smooth;

/// How a wind blows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wind {
    /// Hertz of its voice when it is calm and when it blows hardest.
    pub(super) voice: (f32, f32),
    /// From 0, even, to 1, in gusts.
    pub(super) gusts: f32,
}

/// Air that moves: a dull body and a voice that rises with the gusts.
pub(super) fn wind(out: &mut Stereo, chance: &mut Chance, wind: Wind) {
    let mut gust = Drift::new(chance, 0.9, 2.6);
    let mut sides = [Drift::new(chance, 0.7, 1.9), Drift::new(chance, 0.7, 1.9)];
    let mut voices = [Filter::new(wind.voice.0, 1.3); 2];
    let mut whistles = [Filter::new(wind.voice.1, 7.0); 2];
    let mut bodies = [Soft::new(160.0); 2];
    let mut levels = [Level::new(0.3); 2];
    out.steps(|_, left, right| {
        let blow = gust.next();
        let aims = [0, 1].map(|side| {
            let own = 0.72 * blow + 0.28 * sides[side].next();
            let pitch = wind.voice.0 + (wind.voice.1 - wind.voice.0) * own;
            voices[side].tune(pitch * if side == 0 { 0.96 } else { 1.05 });
            whistles[side].tune(pitch * 1.9);
            (1.0 - wind.gusts) * 0.6 + wind.gusts * own * own
        });
        for at in 0..left.len() {
            let noise = white(chance);
            let mut heard = [0.0; 2];
            for side in 0..2 {
                // Both ears hear a part of the same air.
                let air = noise[side] * 0.85 + noise[1 - side] * 0.35;
                let voice = voices[side].band(air) + whistles[side].band(air) * 0.22;
                heard[side] = levels[side].next(aims[side]) * (voice + bodies[side].next(air) * 1.5);
            }
            left[at] += heard[0];
            right[at] += heard[1];
        }
    });
}

/// Leaves or grass that the wind moves, the brighter the higher `hertz`.
pub(super) fn leaves(out: &mut Stereo, chance: &mut Chance, hertz: f32) {
    let mut gust = Drift::new(chance, 0.6, 2.0);
    let mut flutters = [Drift::new(chance, 0.05, 0.22), Drift::new(chance, 0.05, 0.22)];
    let mut bands = [Filter::new(hertz, 0.7); 2];
    let mut levels = [Level::new(0.3); 2];
    out.steps(|_, left, right| {
        let blow = gust.next();
        let aims = [0, 1].map(|side| (0.25 + 0.75 * blow * blow) * (0.55 + 0.45 * flutters[side].next()));
        for at in 0..left.len() {
            let noise = white(chance);
            let heard = [0, 1].map(|side| levels[side].next(aims[side]) * bands[side].band(noise[side]));
            left[at] += heard[0];
            right[at] += heard[1];
        }
    });
}

/// The even hiss of rain that falls far and wide.
pub(super) fn rain(out: &mut Stereo, chance: &mut Chance) {
    let mut gust = Drift::new(chance, 0.8, 2.2);
    let mut highs = [Filter::new(650.0, 0.7); 2];
    let mut lows = [Soft::new(5_200.0); 2];
    let mut levels = [Level::new(0.8); 2];
    out.steps(|_, left, right| {
        let aim = 0.75 + 0.25 * gust.next();
        for at in 0..left.len() {
            let noise = white(chance);
            let heard = [0, 1].map(|side| {
                let air = noise[side] * 0.9 + noise[1 - side] * 0.25;
                levels[side].next(aim) * lows[side].next(highs[side].high(air))
            });
            left[at] += heard[0];
            right[at] += heard[1];
        }
    });
}

/// Single drops near the ear: on leaves, on stone, into puddles.
pub(super) fn drops(out: &mut Stereo, chance: &mut Chance, a_second: f32) {
    for at in moments(chance, out.seconds(), a_second) {
        let near = chance.unit();
        let into_water = chance.likely(0.22);
        let pitch = if into_water {
            chance.between(650.0, 1_500.0)
        } else {
            chance.between(1_600.0, 5_200.0)
        };
        let (seconds, bend) = if into_water {
            (chance.between(0.035, 0.08), 1.5)
        } else {
            (chance.between(0.006, 0.02), 0.8)
        };
        let drop = Tone {
            at,
            seconds,
            pitch: (pitch, pitch * bend),
            rise: 0.04,
            tremble: (0.0, 0.0),
            octave: 0.2,
            level: 0.08 + 0.92 * near * near * near,
            pan: chance.between(-1.0, 1.0),
        };
        drop.sound(out);
    }
}

/// Thunder far away, once or twice: a low roll that comes in waves.
pub(super) fn thunder(out: &mut Stereo, chance: &mut Chance) {
    let whole = out.seconds();
    let mut begin = whole * chance.between(0.08, 0.25);
    while begin < whole - 1.0 {
        let lasts = chance.between(3.0, 4.6);
        let waves = [0, 1, 2, 3].map(|_| (chance.between(0.0, 0.6) * lasts, chance.between(0.35, 1.0)));
        let mut low = Filter::new(chance.between(110.0, 170.0), 0.8);
        let mut lower = Soft::new(420.0);
        let mut noise = chance.clone();
        let pan = chance.between(-0.5, 0.5);
        out.stamp(begin, pan, |second| {
            if second >= lasts {
                return None;
            }
            let tail = smooth((lasts - second) / (lasts * 0.7));
            let roll: f32 = waves
                .iter()
                .map(|(start, strength)| {
                    let since = (second - start).max(0.0);
                    strength * smooth(since / 0.12) * libm::expf(-since * 1.7)
                })
                .sum();
            let [air, _] = white(&mut noise);
            Some(low.low(lower.next(air) * 4.0) * (0.15 * smooth(second / 0.3) + roll) * tail)
        });
        chance.next();
        begin += lasts + chance.between(2.5, 7.0);
    }
}
