//! Which sounds a scene is made of, how loud each is beside the others, and how much hall it stands in. Makes none.

use super::heard::Heard;
use super::music::{self, Harmony, Mood};
use super::signal::Stereo;
use super::weather::{self, Wind};
use super::{creatures, places, water};
use crate::chance::Chance;
use crate::scene::{Ground, Hour, Scene, Subject, Weather};

/// One sound of the mix.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source {
    Birds(usize),
    City,
    Crickets(usize),
    Drone,
    Drops,
    Fire,
    Grasshoppers,
    Lapping,
    /// Leaves or grass; the band that rustles, in hertz.
    Leaves(f32),
    Notes,
    Owl,
    Pad,
    Rain,
    Room,
    Sea,
    /// Running water, with so many blips a second.
    Stream(f32),
    Thunder,
    /// Cars; how much their tyres hiss.
    Traffic(f32),
    Underwater,
    Wind(Wind),
}

/// A source with its loudness beside the others, in LU, and its share of hall.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) source: Source,
    pub(super) loud: f32,
    pub(super) hall: f32,
}

/// All of one clip.
#[derive(Clone, Debug)]
pub(super) struct Score {
    pub(super) parts: Vec<Part>,
    pub(super) harmony: Harmony,
    /// How much of a round of the hall is left after the next one.
    pub(super) lasting: f32,
}

const BREEZE: Wind = Wind {
    voice: (210.0, 520.0),
    gusts: 0.6,
};
const RIDGE: Wind = Wind {
    voice: (230.0, 720.0),
    gusts: 0.85,
};
const DUNES: Wind = Wind {
    voice: (330.0, 960.0),
    gusts: 0.9,
};
const HUSH: Wind = Wind {
    voice: (160.0, 380.0),
    gusts: 0.5,
};

impl Score {
    /// Chooses the sounds of a scene. Weather, place, hour and subject each add theirs; the words may add more.
    pub(super) fn of(scene: &Scene, heard: &[Heard]) -> Self {
        let mut chance = Chance::new(scene.seed, "score");
        let harmony = Harmony::new(mood(scene.hour, scene.weather), &mut chance);
        let inside = heard.contains(&Heard::Room);
        let under = heard.contains(&Heard::Underwater);
        let mut parts = if under {
            vec![part(Source::Underwater, 0.0, 0.0), part(Source::Pad, -9.0, 0.4)]
        } else if inside {
            vec![
                part(Source::Room, 0.0, 0.1),
                part(Source::Pad, -5.0, 0.4),
                part(Source::Notes, -5.0, 0.4),
            ]
        } else {
            place(scene)
        };
        if !under && !inside {
            parts.extend(sky(scene.weather));
            parts.extend(passing(scene.subject, scene.ground));
        }
        parts.extend(heard.iter().flat_map(|word| named(*word, scene)));
        Self {
            parts,
            harmony,
            lasting: if scene.ground == Ground::Space { 0.86 } else { 0.7 },
        }
    }
}

fn part(source: Source, loud: f32, hall: f32) -> Part {
    Part { source, loud, hall }
}

fn mood(hour: Hour, weather: Weather) -> Mood {
    match (hour, weather) {
        (Hour::Night, Weather::Snow) => Mood::Still,
        (Hour::Night, Weather::Clear | Weather::Cloudy | Weather::Rain) => Mood::Dark,
        (_, Weather::Rain) => Mood::Dark,
        (_, Weather::Snow) => Mood::Still,
        (Hour::Day, Weather::Clear | Weather::Cloudy) => Mood::Bright,
        (Hour::Dawn | Hour::Sunset, Weather::Clear | Weather::Cloudy) => Mood::Warm,
    }
}

/// The one place where every ground has its sounds.
fn place(scene: &Scene) -> Vec<Part> {
    let night = scene.hour == Hour::Night;
    let hushed = matches!(scene.weather, Weather::Rain | Weather::Snow);
    let alive = |by_day: Part, by_night: Part| match (hushed, night) {
        (true, _) => None,
        (false, true) => Some(by_night),
        (false, false) => Some(by_day),
    };
    let mut parts = vec![part(Source::Pad, -10.0, 0.45)];
    match scene.ground {
        Ground::Sea => parts.push(part(Source::Sea, 0.0, 0.0)),
        Ground::Forest => {
            parts.push(part(Source::Leaves(3_200.0), -4.0, 0.1));
            parts.push(part(Source::Wind(BREEZE), -6.0, 0.0));
            parts.extend(alive(
                part(Source::Birds(4), -3.0, 0.5),
                part(Source::Crickets(4), -7.0, 0.3),
            ));
            parts.extend(alive(
                part(Source::Birds(2), -9.0, 0.9),
                part(Source::Owl, -6.0, 0.9),
            ));
        }
        Ground::City => {
            parts.push(part(Source::City, 0.0, 0.1));
            let wet = if hushed { 1.0 } else { 0.2 };
            parts.push(part(Source::Traffic(wet), -4.0, 0.25));
        }
        Ground::Desert => {
            parts.push(part(Source::Wind(DUNES), 0.0, 0.0));
            parts.extend(alive(
                part(Source::Leaves(5_200.0), -12.0, 0.0),
                part(Source::Crickets(2), -12.0, 0.2),
            ));
        }
        Ground::Space => {
            parts.clear();
            parts.push(part(Source::Drone, 0.0, 0.6));
            parts.push(part(Source::Notes, -9.0, 0.9));
        }
        Ground::Mountains => {
            parts.push(part(Source::Wind(RIDGE), 0.0, 0.1));
            parts.extend(alive(
                part(Source::Birds(1), -9.0, 1.0),
                part(Source::Owl, -10.0, 1.0),
            ));
        }
        Ground::Meadow => {
            parts.push(part(Source::Leaves(4_600.0), -6.0, 0.0));
            parts.push(part(Source::Wind(BREEZE), -7.0, 0.0));
            parts.extend(alive(
                part(Source::Birds(3), -3.0, 0.3),
                part(Source::Crickets(5), -3.0, 0.2),
            ));
            parts.extend((!hushed && !night).then(|| part(Source::Grasshoppers, -11.0, 0.0)));
        }
        Ground::Ribbons => {
            parts.clear();
            parts.push(part(Source::Pad, 0.0, 0.6));
            parts.push(part(Source::Notes, -3.0, 0.7));
            parts.push(part(Source::Drone, -8.0, 0.3));
        }
    }
    parts
}

/// The one place where every weather has its sounds.
fn sky(weather: Weather) -> Vec<Part> {
    match weather {
        Weather::Clear | Weather::Cloudy => Vec::new(),
        Weather::Rain => vec![part(Source::Rain, 1.0, 0.0), part(Source::Drops, -4.0, 0.1)],
        Weather::Snow => vec![part(Source::Wind(HUSH), -3.0, 0.0)],
    }
}

/// The one place where every subject has its sounds; most make none.
fn passing(subject: Subject, ground: Ground) -> Option<Part> {
    match subject {
        Subject::Boat | Subject::Fish => Some(part(Source::Lapping, -7.0, 0.1)),
        Subject::Car if ground != Ground::City => Some(part(Source::Traffic(0.4), -4.0, 0.1)),
        Subject::Birds if ground == Ground::Sea => Some(part(Source::Birds(1), -9.0, 0.4)),
        Subject::Car
        | Subject::Birds
        | Subject::Cat
        | Subject::Dog
        | Subject::Horse
        | Subject::Walker
        | Subject::Butterfly
        | Subject::Balloon
        | Subject::Rocket
        | Subject::Orb => None,
    }
}

/// What a word adds, unless the scene has it already.
fn named(word: Heard, scene: &Scene) -> Vec<Part> {
    match word {
        Heard::Room | Heard::Underwater => Vec::new(),
        Heard::Birds => vec![part(Source::Birds(3), -3.0, 0.4)],
        Heard::Fire => vec![part(Source::Fire, 0.0, 0.1)],
        Heard::Stream => vec![part(Source::Stream(45.0), -1.0, 0.1)],
        Heard::Thunder => vec![part(Source::Thunder, 1.0, 0.4)],
        Heard::Traffic if scene.ground == Ground::City => Vec::new(),
        Heard::Traffic => vec![part(Source::Traffic(0.4), -2.0, 0.1)],
        Heard::Waterfall => vec![part(Source::Stream(0.0), 1.0, 0.2)],
        Heard::Wind => vec![part(Source::Wind(RIDGE), -1.0, 0.0)],
    }
}

impl Source {
    /// The stream of chance that it draws from: one more sound in a scene changes no other.
    pub(super) fn label(&self) -> &'static str {
        match self {
            Self::Birds(_) => "birds",
            Self::City => "city",
            Self::Crickets(_) => "crickets",
            Self::Drone => "drone",
            Self::Drops => "drops",
            Self::Fire => "fire",
            Self::Grasshoppers => "grasshoppers",
            Self::Lapping => "lapping",
            Self::Leaves(_) => "leaves",
            Self::Notes => "notes",
            Self::Owl => "owl",
            Self::Pad => "pad",
            Self::Rain => "rain",
            Self::Room => "room",
            Self::Sea => "sea",
            Self::Stream(_) => "stream",
            Self::Thunder => "thunder",
            Self::Traffic(_) => "traffic",
            Self::Underwater => "underwater",
            Self::Wind(_) => "wind",
        }
    }

    /// Adds the sound to two silent channels, at whatever loudness it has by itself.
    pub(super) fn play(self, out: &mut Stereo, chance: &mut Chance, harmony: Harmony) {
        match self {
            Self::Birds(count) => creatures::birds(out, chance, count),
            Self::City => places::city(out, chance),
            Self::Crickets(count) => creatures::crickets(out, chance, count),
            Self::Drone => music::drone(out, chance),
            Self::Drops => weather::drops(out, chance, 55.0),
            Self::Fire => places::fire(out, chance),
            Self::Grasshoppers => creatures::grasshoppers(out, chance),
            Self::Lapping => water::lapping(out, chance),
            Self::Leaves(hertz) => weather::leaves(out, chance, hertz),
            Self::Notes => music::notes(out, chance, harmony),
            Self::Owl => creatures::owl(out, chance),
            Self::Pad => music::pad(out, chance, harmony),
            Self::Rain => weather::rain(out, chance),
            Self::Room => places::room(out, chance),
            Self::Sea => water::sea(out, chance),
            Self::Stream(blips) => water::stream(out, chance, blips),
            Self::Thunder => weather::thunder(out, chance),
            Self::Traffic(hiss) => places::traffic(out, chance, hiss),
            Self::Underwater => water::underwater(out, chance),
            Self::Wind(wind) => weather::wind(out, chance, wind),
        }
    }
}
