//! Which sounds a scene is made of, how loud each is beside the others, and how much hall it stands in. Makes none.

use super::heard::Heard;
use super::music::{self, Harmony, Mood};
use super::signal::Stereo;
use super::tune::Tune;
use super::weather::{self, Wind};
use super::{creatures, places, things, water};
use crate::chance::Chance;
use crate::scene::{Ground, Hour, Scene, Subject, Weather};

/// One sound of the mix.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source {
    Applause,
    Barking,
    Beat,
    Bell,
    Birds(usize),
    City,
    Clock,
    Crickets(usize),
    Drone,
    Drops,
    Engine,
    Fire,
    Footsteps,
    Grasshoppers,
    Heartbeat,
    Knocking,
    Lapping,
    /// Leaves or grass; the band that rustles, in hertz.
    Leaves(f32),
    Mewing,
    Notes,
    Owl,
    Pad,
    Rain,
    Room,
    Sea,
    Siren,
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

/// A chord far behind whatever else is heard.
const PAD: Part = part(Source::Pad, -10.0, 0.45);

impl Score {
    /// Chooses the sounds of a scene. Weather, place, hour and subject each add theirs; the words may add more.
    pub(super) fn of(scene: &Scene, heard: &[Heard]) -> Self {
        let mut chance = Chance::new(scene.seed, "score");
        let harmony = Harmony::new(mood(scene.hour, scene.weather), &mut chance);
        let inside =
            heard.contains(&Heard::Room) || matches!(scene.ground, Ground::Interior | Ground::Studio);
        let under = heard.contains(&Heard::Underwater) || scene.ground == Ground::Underwater;
        let ground = match (under, inside) {
            (true, _) => Ground::Underwater,
            (false, true) => Ground::Interior,
            (false, false) => scene.ground,
        };
        let mut parts = place(ground, scene);
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

/// How much louder what is named stands in a sound without a clip, and how much softer its place, in LU.
const NAMED_ALONE: f32 = 4.0;
const PLACE_ALONE: f32 = -6.0;

impl Score {
    /// The sounds of a scene that nobody sees: what the words name stands before its place, and the place's own
    /// music is left out. `tune` adds the music that is asked for.
    pub(super) fn alone(scene: &Scene, heard: &[Heard], tune: Option<Tune>) -> Self {
        let mut score = Self::of(scene, &[]);
        let named: Vec<Part> = heard.iter().flat_map(|word| named(*word, scene)).collect();
        let music = |part: &Part| matches!(part.source, Source::Pad | Source::Notes | Source::Drone);
        if !named.is_empty() || score.parts.iter().any(|part| !music(part)) {
            score.parts.retain(|part| !music(part));
        }
        if !named.is_empty() {
            for part in &mut score.parts {
                part.loud += PLACE_ALONE;
            }
        }
        score.parts.extend(named.into_iter().map(|part| Part {
            loud: part.loud + NAMED_ALONE,
            ..part
        }));
        if let Some(tune) = tune {
            score.add(tune, scene.seed);
        }
        score
    }

    /// Music and nothing else.
    pub(super) fn music(scene: &Scene, tune: Tune) -> Self {
        let mut score = Self::of(scene, &[]);
        score.parts.clear();
        score.add(tune, scene.seed);
        score
    }

    fn add(&mut self, tune: Tune, seed: u64) {
        self.harmony = Harmony::new(tune.mood, &mut Chance::new(seed, "tune"));
        self.parts
            .extend([part(Source::Pad, -3.0, 0.5), part(Source::Notes, -2.0, 0.5)]);
        if tune.beat {
            self.parts.push(part(Source::Beat, -1.0, 0.1));
        }
    }

    /// Everything close to the ear: no space around it, and nothing far away.
    pub(super) fn near(&mut self) {
        let far = |part: &Part| matches!(part.source, Source::City | Source::Pad | Source::Thunder);
        if self.parts.iter().any(|part| !far(part)) {
            self.parts.retain(|part| !far(part));
        }
        for part in &mut self.parts {
            part.hall = 0.0;
        }
    }
}

const fn part(source: Source, loud: f32, hall: f32) -> Part {
    Part { source, loud, hall }
}

fn mood(hour: Hour, weather: Weather) -> Mood {
    match (hour, weather) {
        (_, Weather::Snow) => Mood::Still,
        (_, Weather::Rain | Weather::Storm) | (Hour::Night, _) => Mood::Dark,
        (Hour::Day, Weather::Clear | Weather::Cloudy | Weather::Wind | Weather::Fog) => Mood::Bright,
        (
            Hour::Dawn | Hour::Sunset | Hour::Dusk,
            Weather::Clear | Weather::Cloudy | Weather::Wind | Weather::Fog,
        ) => Mood::Warm,
    }
}

/// What a place sounds like: always, and what is alive there by day and by night.
struct Bed {
    always: &'static [Part],
    day: &'static [Part],
    night: &'static [Part],
}

const SEA: Bed = Bed {
    always: &[PAD, part(Source::Sea, 0.0, 0.0)],
    day: &[],
    night: &[],
};
const LAKE: Bed = Bed {
    always: &[
        PAD,
        part(Source::Lapping, 0.0, 0.1),
        part(Source::Leaves(3_800.0), -8.0, 0.1),
    ],
    day: &[part(Source::Birds(2), -6.0, 0.5)],
    night: &[part(Source::Crickets(3), -7.0, 0.3)],
};
const FOREST: Bed = Bed {
    always: &[
        PAD,
        part(Source::Leaves(3_200.0), -4.0, 0.1),
        part(Source::Wind(BREEZE), -6.0, 0.0),
    ],
    day: &[
        part(Source::Birds(4), -3.0, 0.5),
        part(Source::Birds(2), -9.0, 0.9),
    ],
    night: &[part(Source::Crickets(4), -7.0, 0.3), part(Source::Owl, -6.0, 0.9)],
};
const CITY: Bed = Bed {
    always: &[PAD, part(Source::City, 0.0, 0.1)],
    day: &[],
    night: &[],
};
const DESERT: Bed = Bed {
    always: &[PAD, part(Source::Wind(DUNES), 0.0, 0.0)],
    day: &[part(Source::Leaves(5_200.0), -12.0, 0.0)],
    night: &[part(Source::Crickets(2), -12.0, 0.2)],
};
const MOUNTAINS: Bed = Bed {
    always: &[PAD, part(Source::Wind(RIDGE), 0.0, 0.1)],
    day: &[part(Source::Birds(1), -9.0, 1.0)],
    night: &[part(Source::Owl, -10.0, 1.0)],
};
const MEADOW: Bed = Bed {
    always: &[
        PAD,
        part(Source::Leaves(4_600.0), -6.0, 0.0),
        part(Source::Wind(BREEZE), -7.0, 0.0),
    ],
    day: &[
        part(Source::Birds(3), -3.0, 0.3),
        part(Source::Grasshoppers, -11.0, 0.0),
    ],
    night: &[part(Source::Crickets(5), -3.0, 0.2)],
};
const SNOWFIELD: Bed = Bed {
    always: &[PAD, part(Source::Wind(HUSH), 0.0, 0.0)],
    day: &[],
    night: &[],
};
const VILLAGE: Bed = Bed {
    always: &[
        PAD,
        part(Source::Wind(BREEZE), -6.0, 0.0),
        part(Source::Leaves(4_200.0), -8.0, 0.0),
    ],
    day: &[part(Source::Birds(3), -4.0, 0.4)],
    night: &[part(Source::Crickets(4), -4.0, 0.2)],
};
const SPACE: Bed = Bed {
    always: &[part(Source::Drone, 0.0, 0.6), part(Source::Notes, -9.0, 0.9)],
    day: &[],
    night: &[],
};
const RIBBONS: Bed = Bed {
    always: &[
        part(Source::Pad, 0.0, 0.6),
        part(Source::Notes, -3.0, 0.7),
        part(Source::Drone, -8.0, 0.3),
    ],
    day: &[],
    night: &[],
};
const UNDERWATER: Bed = Bed {
    always: &[part(Source::Underwater, 0.0, 0.0), part(Source::Pad, -9.0, 0.4)],
    day: &[],
    night: &[],
};
const ROOM: Bed = Bed {
    always: &[
        part(Source::Room, 0.0, 0.1),
        part(Source::Pad, -5.0, 0.4),
        part(Source::Notes, -5.0, 0.4),
    ],
    day: &[],
    night: &[],
};

/// The one place where every ground has its sounds.
fn bed(ground: Ground) -> Bed {
    match ground {
        Ground::Sea => SEA,
        Ground::Lake => LAKE,
        Ground::Forest => FOREST,
        Ground::City => CITY,
        Ground::Desert => DESERT,
        Ground::Mountains => MOUNTAINS,
        Ground::Meadow => MEADOW,
        Ground::Snowfield => SNOWFIELD,
        Ground::Village => VILLAGE,
        Ground::Space => SPACE,
        Ground::Ribbons => RIBBONS,
        Ground::Underwater => UNDERWATER,
        Ground::Interior | Ground::Studio => ROOM,
    }
}

/// The sounds of a scene's place; nothing alive is heard through rain and snow.
fn place(ground: Ground, scene: &Scene) -> Vec<Part> {
    let hushed = matches!(scene.weather, Weather::Rain | Weather::Storm | Weather::Snow);
    let bed = bed(ground);
    let alive = match (hushed, scene.hour == Hour::Night) {
        (true, _) => &[],
        (false, true) => bed.night,
        (false, false) => bed.day,
    };
    let mut parts = [bed.always, alive].concat();
    if ground == Ground::City {
        let wet = if hushed { 1.0 } else { 0.2 };
        parts.push(part(Source::Traffic(wet), -4.0, 0.25));
    }
    parts
}

/// The one place where every weather has its sounds.
fn sky(weather: Weather) -> Vec<Part> {
    match weather {
        Weather::Clear | Weather::Cloudy | Weather::Fog => Vec::new(),
        Weather::Wind => vec![part(Source::Wind(RIDGE), 0.0, 0.0)],
        Weather::Storm => vec![
            part(Source::Rain, 1.0, 0.0),
            part(Source::Drops, -5.0, 0.1),
            part(Source::Thunder, 0.0, 0.2),
        ],
        Weather::Rain => vec![part(Source::Rain, 1.0, 0.0), part(Source::Drops, -4.0, 0.1)],
        Weather::Snow => vec![part(Source::Wind(HUSH), -3.0, 0.0)],
    }
}

/// Subjects that are heard; the others pass in silence.
fn passing(subject: Subject, ground: Ground) -> Option<Part> {
    match subject {
        Subject::Boat | Subject::Fish | Subject::Whale => Some(part(Source::Lapping, -7.0, 0.1)),
        Subject::Car | Subject::Train if ground != Ground::City => {
            Some(part(Source::Traffic(0.4), -4.0, 0.1))
        }
        Subject::Birds if ground == Ground::Sea => Some(part(Source::Birds(1), -9.0, 0.4)),
        Subject::Lantern => Some(part(Source::Fire, -12.0, 0.1)),
        _ => None,
    }
}

/// What a word adds, unless the scene has it already.
fn named(word: Heard, scene: &Scene) -> Vec<Part> {
    match word {
        Heard::Room | Heard::Underwater => Vec::new(),
        Heard::Applause => vec![part(Source::Applause, -1.0, 0.3)],
        Heard::Barking => vec![part(Source::Barking, 0.0, 0.3)],
        Heard::Bell => vec![part(Source::Bell, 0.0, 0.6)],
        Heard::Birds => vec![part(Source::Birds(3), -3.0, 0.4)],
        Heard::Clock => vec![part(Source::Clock, -4.0, 0.2)],
        Heard::Engine => vec![part(Source::Engine, -1.0, 0.1)],
        Heard::Fire => vec![part(Source::Fire, 0.0, 0.1)],
        Heard::Footsteps => vec![part(Source::Footsteps, -2.0, 0.25)],
        Heard::Heartbeat => vec![part(Source::Heartbeat, 0.0, 0.0)],
        Heard::Knocking => vec![part(Source::Knocking, -1.0, 0.3)],
        Heard::Mewing => vec![part(Source::Mewing, -2.0, 0.2)],
        Heard::Siren => vec![part(Source::Siren, -3.0, 0.4)],
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
            Self::Applause => "applause",
            Self::Barking => "barking",
            Self::Beat => "beat",
            Self::Bell => "bell",
            Self::Birds(_) => "birds",
            Self::City => "city",
            Self::Clock => "clock",
            Self::Crickets(_) => "crickets",
            Self::Drone => "drone",
            Self::Drops => "drops",
            Self::Engine => "engine",
            Self::Fire => "fire",
            Self::Footsteps => "footsteps",
            Self::Grasshoppers => "grasshoppers",
            Self::Heartbeat => "heartbeat",
            Self::Knocking => "knocking",
            Self::Lapping => "lapping",
            Self::Leaves(_) => "leaves",
            Self::Mewing => "mewing",
            Self::Notes => "notes",
            Self::Owl => "owl",
            Self::Pad => "pad",
            Self::Rain => "rain",
            Self::Room => "room",
            Self::Sea => "sea",
            Self::Siren => "siren",
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
            Self::Applause => things::applause(out, chance),
            Self::Barking => things::barking(out, chance),
            Self::Beat => music::beat(out, chance, harmony),
            Self::Bell => things::bell(out, chance),
            Self::Birds(count) => creatures::birds(out, chance, count),
            Self::City => places::city(out, chance),
            Self::Clock => places::clock(out, chance),
            Self::Crickets(count) => creatures::crickets(out, chance, count),
            Self::Drone => music::drone(out, chance),
            Self::Drops => weather::drops(out, chance, 55.0),
            Self::Engine => things::engine(out, chance),
            Self::Fire => places::fire(out, chance),
            Self::Footsteps => things::footsteps(out, chance),
            Self::Grasshoppers => creatures::grasshoppers(out, chance),
            Self::Heartbeat => things::heartbeat(out, chance),
            Self::Knocking => things::knocking(out, chance),
            Self::Lapping => water::lapping(out, chance),
            Self::Leaves(hertz) => weather::leaves(out, chance, hertz),
            Self::Mewing => things::mewing(out, chance),
            Self::Notes => music::notes(out, chance, harmony),
            Self::Owl => creatures::owl(out, chance),
            Self::Pad => music::pad(out, chance, harmony),
            Self::Rain => weather::rain(out, chance),
            Self::Room => places::room(out, chance),
            Self::Sea => water::sea(out, chance),
            Self::Siren => things::siren(out, chance),
            Self::Stream(blips) => water::stream(out, chance, blips),
            Self::Thunder => weather::thunder(out, chance),
            Self::Traffic(hiss) => places::traffic(out, chance, hiss),
            Self::Underwater => water::underwater(out, chance),
            Self::Wind(wind) => weather::wind(out, chance, wind),
        }
    }
}
