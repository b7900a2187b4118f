//! What every sound is made from: two channels, noise, filters, slow wandering and short tones. Knows no scene.

use std::f32::consts::{PI, TAU};

use crate::aac::RATE;
use crate::chance::Chance;
use crate::motion::smooth;

/// Samples after which slow movements are looked at again.
pub(super) const STEP: usize = 64;
/// How far a level moves towards its aim with every sample, so that no step of it is heard.
const GLIDE: f32 = 0.004;

/// Two channels of equal length.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stereo {
    pub(crate) left: Vec<f32>,
    pub(crate) right: Vec<f32>,
}

impl Stereo {
    pub(crate) fn silent(samples: usize) -> Self {
        Self {
            left: vec![0.0; samples],
            right: vec![0.0; samples],
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.left.len()
    }

    pub(super) fn seconds(&self) -> f32 {
        self.len() as f32 / RATE as f32
    }

    pub(super) fn clear(&mut self) {
        self.left.fill(0.0);
        self.right.fill(0.0);
    }

    pub(super) fn add(&mut self, other: &Self, level: f32) {
        for (ours, theirs) in [(&mut self.left, &other.left), (&mut self.right, &other.right)] {
            for (our, their) in ours.iter_mut().zip(theirs) {
                *our += their * level;
            }
        }
    }

    /// Hands out both channels in short steps, each with the second at which it begins.
    pub(super) fn steps(&mut self, mut fill: impl FnMut(f32, &mut [f32], &mut [f32])) {
        let pairs = self.left.chunks_mut(STEP).zip(self.right.chunks_mut(STEP));
        for (at, (left, right)) in pairs.enumerate() {
            fill((at * STEP) as f32 / RATE as f32, left, right);
        }
    }

    /// Adds a short sound that begins at a second; `voice` answers the sample at its own second, `None` at its end.
    pub(super) fn stamp(&mut self, at: f32, pan: f32, mut voice: impl FnMut(f32) -> Option<f32>) {
        let first = (at.max(0.0) * RATE as f32) as usize;
        let angle = (pan.clamp(-1.0, 1.0) + 1.0) * PI / 4.0;
        let (left, right) = (libm::cosf(angle), libm::sinf(angle));
        for at in first..self.len() {
            let Some(value) = voice((at - first) as f32 / RATE as f32) else {
                return;
            };
            self.left[at] += value * left;
            self.right[at] += value * right;
        }
    }

    /// Adds one channel of sound that moves from side to side: `pan` answers where it is at its own second.
    pub(super) fn pass(&mut self, at: f32, sound: &[f32], pan: impl Fn(f32) -> f32) {
        let first = ((at.max(0.0) * RATE as f32) as usize).min(self.len());
        let lefts = self.left[first..].chunks_mut(STEP);
        let rights = self.right[first..].chunks_mut(STEP);
        for (step, ((left, right), sound)) in lefts.zip(rights).zip(sound.chunks(STEP)).enumerate() {
            let place = |step: usize| {
                let angle = (pan((step * STEP) as f32 / RATE as f32).clamp(-1.0, 1.0) + 1.0) * PI / 4.0;
                [libm::cosf(angle), libm::sinf(angle)]
            };
            let (from, to) = (place(step), place(step + 1));
            for (at, ((left, right), value)) in left.iter_mut().zip(right).zip(sound).enumerate() {
                let share = at as f32 / STEP as f32;
                *left += value * (from[0] + (to[0] - from[0]) * share);
                *right += value * (from[1] + (to[1] - from[1]) * share);
            }
        }
    }
}

/// White noise, one value for each side.
pub(super) fn white(chance: &mut Chance) -> [f32; 2] {
    let draw = chance.next();
    [draw as u32, (draw >> 32) as u32].map(|half| half as i32 as f32 / 2_147_483_648.0)
}

/// A gentle low-pass of 6 dB an octave.
#[derive(Clone, Copy, Debug)]
pub(super) struct Soft {
    share: f32,
    state: f32,
}

impl Soft {
    pub(super) fn new(hertz: f32) -> Self {
        Self {
            share: 1.0 - libm::expf(-TAU * hertz / RATE as f32),
            state: 0.0,
        }
    }

    pub(super) fn next(&mut self, value: f32) -> f32 {
        self.state += (value - self.state) * self.share;
        self.state
    }
}

/// A state-variable filter of 12 dB an octave that may be tuned while it sounds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Filter {
    damping: f32,
    first: f32,
    second: f32,
    third: f32,
    state: [f32; 2],
}

impl Filter {
    pub(super) fn new(hertz: f32, quality: f32) -> Self {
        let mut filter = Self {
            damping: 1.0 / quality,
            first: 0.0,
            second: 0.0,
            third: 0.0,
            state: [0.0; 2],
        };
        filter.tune(hertz);
        filter
    }

    pub(super) fn tune(&mut self, hertz: f32) {
        let turn = libm::tanf(PI * hertz.clamp(10.0, 20_000.0) / RATE as f32);
        self.first = 1.0 / (1.0 + turn * (turn + self.damping));
        self.second = turn * self.first;
        self.third = turn * self.second;
    }

    /// The low, the band and the high part of a value.
    pub(super) fn next(&mut self, value: f32) -> [f32; 3] {
        let [one, two] = self.state;
        let rest = value - two;
        let band = self.first * one + self.second * rest;
        let low = two + self.second * one + self.third * rest;
        self.state = [2.0 * band - one, 2.0 * low - two];
        [low, band, value - self.damping * band - low]
    }

    pub(super) fn low(&mut self, value: f32) -> f32 {
        self.next(value)[0]
    }

    /// The band, as loud at its middle as what went in.
    pub(super) fn band(&mut self, value: f32) -> f32 {
        self.next(value)[1] * self.damping
    }

    pub(super) fn high(&mut self, value: f32) -> f32 {
        self.next(value)[2]
    }
}

/// A level that follows its aim without a step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Level {
    now: f32,
}

impl Level {
    pub(super) fn new(now: f32) -> Self {
        Self { now }
    }

    pub(super) fn next(&mut self, aim: f32) -> f32 {
        self.now += (aim - self.now) * GLIDE;
        self.now
    }
}

/// Wanders between 0 and 1 from one chance value to the next.
#[derive(Clone, Debug)]
pub(super) struct Drift {
    chance: Chance,
    legs: (f32, f32),
    from: f32,
    to: f32,
    at: f32,
    leg: f32,
}

impl Drift {
    /// Each leg of the way lasts between the given seconds.
    pub(super) fn new(chance: &mut Chance, shortest: f32, longest: f32) -> Self {
        let mut chance = Chance::new(chance.next(), "drift");
        let (from, to, leg) = (chance.unit(), chance.unit(), chance.between(shortest, longest));
        let at = chance.unit() * leg;
        Self {
            chance,
            legs: (shortest, longest),
            from,
            to,
            at,
            leg,
        }
    }

    /// Where it is, one [`STEP`] after it was last asked.
    pub(super) fn next(&mut self) -> f32 {
        self.at += STEP as f32 / RATE as f32;
        if self.at >= self.leg {
            self.at -= self.leg;
            self.from = self.to;
            self.to = self.chance.unit();
            self.leg = self.chance.between(self.legs.0, self.legs.1);
        }
        self.from + (self.to - self.from) * smooth(self.at / self.leg)
    }
}

/// A short tone that slides and dies away.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tone {
    /// Second at which it begins.
    pub(super) at: f32,
    pub(super) seconds: f32,
    /// Hertz at the start and at the end.
    pub(super) pitch: (f32, f32),
    /// Share of its time in which it comes up.
    pub(super) rise: f32,
    /// Trembling of the pitch: times a second, and share of the pitch.
    pub(super) tremble: (f32, f32),
    /// Share of the octave above.
    pub(super) octave: f32,
    pub(super) level: f32,
    /// From -1, left, to 1, right.
    pub(super) pan: f32,
}

impl Tone {
    pub(super) fn sound(self, out: &mut Stereo) {
        let mut turns = 0.0f32;
        out.stamp(self.at, self.pan, |second| {
            let at = second / self.seconds;
            if at >= 1.0 {
                return None;
            }
            let (rate, depth) = self.tremble;
            let bend = 1.0 + depth * libm::sinf(TAU * rate * second);
            turns += (self.pitch.0 + (self.pitch.1 - self.pitch.0) * at) * bend / RATE as f32;
            turns -= libm::floorf(turns);
            let fall = (1.0 - at) / (1.0 - self.rise).max(0.01);
            let strength = if at < self.rise {
                smooth(at / self.rise)
            } else {
                fall * fall
            };
            let wave = libm::sinf(TAU * turns) + self.octave * libm::sinf(TAU * 2.0 * turns);
            Some(wave * strength * self.level)
        });
    }
}

/// The seconds at which something happens by chance, so many times a second on average.
pub(super) fn moments(chance: &mut Chance, seconds: f32, a_second: f32) -> Vec<f32> {
    let mut at = 0.0;
    let mut moments = Vec::new();
    loop {
        at -= libm::logf(1.0 - chance.unit() * 0.9999) / a_second.max(0.01);
        if at >= seconds {
            return moments;
        }
        moments.push(at);
    }
}
