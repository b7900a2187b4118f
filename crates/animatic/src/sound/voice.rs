//! A voice: pulses of a throat through the resonances of a mouth, and noise for what hisses. Knows no spelling.

use std::f32::consts::{PI, TAU};

use super::signal::{Filter, STEP, Soft, white};
use super::syllables::{Consonant, Tone, Voicing, Vowel};
use crate::aac::RATE;
use crate::chance::{Chance, hash};

/// How fast the mouth moves, and how fast voice and noise come and go, as corners of a low-pass in hertz.
const MOUTH: f32 = 9.0;
const LEVELS: f32 = 26.0;
/// The two upper resonances, which hardly move.
const UPPER: [f32; 2] = [3_500.0, 4_500.0];
/// Widths of the resonances in hertz.
const WIDTHS: [f32; 5] = [70.0, 95.0, 130.0, 220.0, 300.0];

/// What makes one voice differ from another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timbre {
    /// The middle of its pitch, in hertz.
    pitch: f32,
    /// How much shorter than a man's the throat is.
    small: f32,
    /// Share of breath.
    breath: f32,
    /// How hard the throat closes: the share of a turn in which it is open.
    open: f32,
}

/// Words in names of voices, with what they say: pitches in hertz and sizes, each from and to.
type Kind = (&'static [&'static str], (f32, f32), (f32, f32));

const KINDS: [Kind; 3] = [
    (
        &["child", "kid", "boy", "cartoon", "loli", "tiny"],
        (245.0, 300.0),
        (1.26, 1.38),
    ),
    (
        &[
            "female", "woman", "girl", "lady", "mother", "mom", "aunt", "queen", "grandma", "jie",
        ],
        (175.0, 235.0),
        (1.12, 1.2),
    ),
    (
        &[
            "male", "man", "uncle", "father", "dad", "grandpa", "king", "guy", "laoren",
        ],
        (92.0, 135.0),
        (0.94, 1.03),
    ),
];

impl Timbre {
    /// The voice of a name: the same name is always the same voice, and another name another.
    pub(super) fn of(name: &str) -> Self {
        let lower = name.to_lowercase();
        let mut chance = Chance::new(hash(lower.as_bytes()), "voice");
        let said = KINDS
            .iter()
            .find(|(words, _, _)| words.iter().any(|word| lower.contains(word)));
        let guessed = &KINDS[1 + chance.below(2)];
        let (_, pitch, small) = said.unwrap_or(guessed);
        Self {
            pitch: chance.between(pitch.0, pitch.1),
            small: chance.between(small.0, small.1),
            breath: chance.between(0.015, 0.06),
            open: chance.between(0.5, 0.68),
        }
    }
}

/// Where the voice stands for a moment.
#[derive(Clone, Copy, Debug)]
struct Pose {
    formants: [f32; 3],
    voiced: f32,
    noise: f32,
    /// Middle of the noise in hertz.
    hiss: f32,
}

/// A throat and a mouth that say one thing after the other.
pub(super) struct Speaker {
    timbre: Timbre,
    chance: Chance,
    turns: f32,
    formants: [Soft; 3],
    voiced: Soft,
    noise: Soft,
    pitch: Soft,
    resonances: [Resonance; 5],
    hisses: Filter,
    flutter: f32,
    last: Pose,
    pub(super) said: Vec<f32>,
}

impl Speaker {
    pub(super) fn new(timbre: Timbre, seed: u64) -> Self {
        Self {
            timbre,
            chance: Chance::new(seed, "speaker"),
            turns: 0.0,
            formants: [Soft::new(MOUTH * STEP as f32); 3],
            voiced: Soft::new(LEVELS),
            noise: Soft::new(LEVELS * 2.0),
            pitch: Soft::new(7.0 * STEP as f32),
            resonances: [Resonance::default(); 5],
            hisses: Filter::new(3_000.0, 0.9),
            flutter: 0.0,
            last: Pose {
                formants: vowel(Vowel::Neutral),
                voiced: 0.0,
                noise: 0.0,
                hiss: 3_000.0,
            },
            said: Vec::new(),
        }
    }

    /// Says nothing for a time.
    pub(super) fn rest(&mut self, seconds: f32) {
        let pose = Pose {
            voiced: 0.0,
            noise: 0.0,
            ..self.last
        };
        self.hold(pose, seconds, |_| 1.0);
    }

    /// Says a consonant on its way to `next`; `height` is the pitch beside the voice's own.
    pub(super) fn consonant(&mut self, sound: Consonant, next: Vowel, pace: f32, height: f32) {
        let ahead = vowel(next);
        let level = |formants: [f32; 3], voiced: f32| Pose {
            formants,
            voiced,
            noise: 0.0,
            hiss: 3_000.0,
        };
        match sound {
            Consonant::None => {}
            Consonant::Nasal => self.hold(level([270.0, 1_150.0, 2_250.0], 0.45), 0.065 * pace, |_| height),
            Consonant::L => self.hold(level([370.0, 1_150.0, 2_700.0], 0.6), 0.06 * pace, |_| height),
            Consonant::R => self.hold(level([360.0, 1_150.0, 1_650.0], 0.6), 0.065 * pace, |_| height),
            Consonant::W => self.hold(level([310.0, 680.0, 2_200.0], 0.6), 0.06 * pace, |_| height),
            Consonant::J => self.hold(level([280.0, 2_200.0, 2_950.0], 0.6), 0.055 * pace, |_| height),
            Consonant::Stop(hertz, voicing) => {
                let murmur = if voicing == Voicing::Voiced { 0.18 } else { 0.0 };
                self.hold(level(ahead, murmur), 0.045 * pace, |_| height);
                let burst = Pose {
                    noise: if voicing == Voicing::Voiced { 0.35 } else { 0.7 },
                    hiss: f32::from(hertz),
                    ..level(ahead, murmur)
                };
                self.hold(burst, 0.016 * pace, |_| height);
            }
            Consonant::Hiss(hertz, voicing) => {
                let pose = Pose {
                    noise: if hertz > 5_900 { 0.22 } else { 0.4 },
                    hiss: f32::from(hertz),
                    ..level(ahead, if voicing == Voicing::Voiced { 0.3 } else { 0.0 })
                };
                self.hold(pose, 0.085 * pace, |_| height);
            }
        }
    }

    /// Sings from vowel to vowel; `tone` moves the pitch around `height`.
    pub(super) fn vowels(&mut self, through: &[Vowel], seconds: f32, height: f32, tone: Tone) {
        let each = seconds / through.len().max(1) as f32;
        for (number, sung) in through.iter().enumerate() {
            let pose = Pose {
                formants: vowel(*sung),
                voiced: 1.0,
                noise: 0.0,
                hiss: 3_000.0,
            };
            let (from, share) = (number as f32 / through.len() as f32, 1.0 / through.len() as f32);
            self.hold(pose, each, |at| height * contour(tone, from + at * share));
        }
    }

    /// Moves towards a pose for a time; `height` answers the pitch beside the voice's own at its share of it.
    fn hold(&mut self, pose: Pose, seconds: f32, height: impl Fn(f32) -> f32) {
        self.last = pose;
        let samples = (seconds * RATE as f32) as usize;
        for step in (0..samples).step_by(STEP) {
            let at = step as f32 / samples.max(1) as f32;
            self.flutter += 5.3 * STEP as f32 / RATE as f32;
            let trembling = 1.0 + 0.006 * libm::sinf(TAU * self.flutter) + 0.012 * (self.chance.unit() - 0.5);
            let pitch = self.pitch.next(self.timbre.pitch * height(at)) * trembling;
            for place in 0..5 {
                let hertz = match place {
                    0..3 => self.formants[place].next(pose.formants[place]),
                    _ => UPPER[place - 3],
                };
                self.resonances[place].tune(hertz * self.timbre.small, WIDTHS[place]);
            }
            self.hisses.tune(pose.hiss * (0.9 + 0.1 * self.timbre.small));
            for _ in 0..STEP.min(samples - step) {
                self.sample(pitch, pose);
            }
        }
    }

    fn sample(&mut self, pitch: f32, pose: Pose) {
        self.turns += pitch / RATE as f32;
        self.turns -= libm::floorf(self.turns);
        let [air, second] = white(&mut self.chance);
        let (voiced, noise) = (self.voiced.next(pose.voiced), self.noise.next(pose.noise));
        // The throat opens slowly and closes at once; its slope is what the mouth hears.
        let open = self.turns / self.timbre.open;
        let pulse = if open < 1.0 {
            libm::sinf(PI * open) - 2.2 * open * open * open + 0.1
        } else {
            0.0
        };
        let breath = air * self.timbre.breath * if open < 1.0 { 1.0 } else { 0.4 };
        let mut heard = (pulse + breath) * voiced;
        for resonance in &mut self.resonances {
            heard = resonance.next(heard);
        }
        self.said
            .push(heard * 0.25 + self.hisses.band(second) * noise * 0.5);
    }
}

/// How a tone moves the pitch over a syllable.
fn contour(tone: Tone, at: f32) -> f32 {
    match tone {
        Tone::Plain => 0.97,
        Tone::Stressed => 1.11 - 0.06 * at,
        Tone::High => 1.2,
        Tone::Rising => 0.92 + 0.3 * at * at,
        Tone::Low => 0.92 - 0.5 * at * (1.0 - at) - 0.02 * at,
        Tone::Falling => 1.28 - 0.48 * at,
    }
}

/// The first three resonances of a man's mouth, in hertz.
fn vowel(sung: Vowel) -> [f32; 3] {
    match sung {
        Vowel::A => [740.0, 1_230.0, 2_550.0],
        Vowel::E => [530.0, 1_820.0, 2_500.0],
        Vowel::I => [290.0, 2_230.0, 2_980.0],
        Vowel::O => [490.0, 900.0, 2_420.0],
        Vowel::U => [320.0, 820.0, 2_280.0],
        Vowel::Y => [285.0, 1_880.0, 2_350.0],
        Vowel::Neutral => [500.0, 1_450.0, 2_450.0],
    }
}

/// One resonance of the mouth: lets everything below it through and lifts what is near it.
#[derive(Clone, Copy, Debug, Default)]
struct Resonance {
    gain: f32,
    one: f32,
    two: f32,
    state: [f32; 2],
}

impl Resonance {
    fn tune(&mut self, hertz: f32, width: f32) {
        let radius = libm::expf(-PI * width / RATE as f32);
        self.two = -radius * radius;
        self.one = 2.0 * radius * libm::cosf(TAU * hertz / RATE as f32);
        self.gain = 1.0 - self.one - self.two;
    }

    fn next(&mut self, value: f32) -> f32 {
        let out = self.gain * value + self.one * self.state[0] + self.two * self.state[1];
        self.state = [out, self.state[0]];
        out
    }
}
