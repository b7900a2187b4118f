//! What a clip shows, as plain data read from the prompt and the seed. Draws nothing.

mod palette;
mod vocabulary;
mod words;

pub(crate) use palette::Palette;

use crate::chance::{Chance, hash};
use crate::colour::Colour;
use vocabulary::Meaning;
use words::Reading;

/// The land the scene stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ground {
    Sea,
    Lake,
    Underwater,
    Forest,
    City,
    Desert,
    Space,
    Mountains,
    Meadow,
    Snowfield,
    Village,
    Interior,
    /// A table before a plain wall, for things that are shown for themselves.
    Studio,
    /// Flowing bands of light, for everything the vocabulary does not know.
    Ribbons,
}

/// The time of day, which decides the light.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hour {
    Dawn,
    Day,
    Sunset,
    /// The blue hour.
    Dusk,
    Night,
}

/// What the sky does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weather {
    Clear,
    Cloudy,
    Wind,
    Fog,
    Rain,
    Storm,
    Snow,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Season {
    Spring,
    Summer,
    Autumn,
    Winter,
}

/// A light of its own, besides that of the hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Light {
    Plain,
    Neon,
    /// Candles, lamps, a fire.
    Warm,
    /// Shafts of light through the air.
    Rays,
    /// Everything near is dark before a bright sky.
    Backlit,
    Aurora,
}

/// How the colours are graded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Vivid,
    Pastel,
    Warm,
    Cold,
    Sepia,
    Grey,
    /// Pale washes, as ink on paper.
    Ink,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    Plain,
    Calm,
    Joyful,
    Tender,
    Mystic,
    Epic,
    Sad,
    Dark,
}

/// How fast the subject goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    Still,
    Slow,
    Usual,
    Fast,
}

/// What floats in the air besides rain and snow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Air {
    Empty,
    Dust,
    Fireflies,
    Embers,
    Leaves,
    Petals,
    Bubbles,
}

/// Who or what moves through the scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    Cat,
    Dog,
    Fox,
    Lion,
    Tiger,
    Horse,
    Deer,
    Elephant,
    Bear,
    Panda,
    Rabbit,
    Walker,
    Child,
    Couple,
    Dancer,
    Astronaut,
    Robot,
    Birds,
    Butterfly,
    Dragon,
    Plane,
    Rocket,
    Balloon,
    Lantern,
    Boat,
    Car,
    Train,
    Bicycle,
    Fish,
    Whale,
    Jellyfish,
    Lighthouse,
    /// A campfire.
    Fire,
    House,
    Tree,
    Flower,
    /// A thing on a pedestal.
    Product,
    /// A cup or a bowl with steam over it.
    Cup,
    Orb,
    /// The place alone.
    Nobody,
}

impl Subject {
    pub(crate) fn is_animal(self) -> bool {
        use Subject as S;
        matches!(
            self,
            S::Cat
                | S::Dog
                | S::Fox
                | S::Lion
                | S::Tiger
                | S::Horse
                | S::Deer
                | S::Elephant
                | S::Bear
                | S::Panda
                | S::Rabbit
                | S::Birds
                | S::Butterfly
                | S::Fish
                | S::Whale
                | S::Jellyfish
        )
    }
}

/// A scene, complete but not yet drawn.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    pub(crate) ground: Ground,
    pub(crate) hour: Hour,
    pub(crate) weather: Weather,
    pub(crate) season: Option<Season>,
    pub(crate) light: Light,
    pub(crate) tone: Tone,
    pub(crate) mood: Mood,
    pub(crate) pace: Pace,
    pub(crate) air: Air,
    pub(crate) subject: Subject,
    pub(crate) palette: Palette,
    /// Which way the camera drifts: 1 to the right, -1 to the left.
    pub(crate) drift: f32,
    /// Source of every further choice.
    pub(crate) seed: u64,
}

impl Scene {
    /// Reads a scene from the prompt's words; what they leave open the seed decides, but never by what was struck.
    pub(crate) fn read(prompt: &str, negative: &str, seed: u64) -> Self {
        let reading = Reading::of(prompt, negative);
        let seed = seed ^ hash(prompt.as_bytes()) ^ hash(negative.as_bytes()).rotate_left(17);
        let mut chance = Chance::new(seed, "scene");
        let named = reading.first(Meaning::subject);
        let ground = ground(&reading, named);
        let season = reading.first(Meaning::season);
        let mood = reading.first(Meaning::mood).unwrap_or(Mood::Plain);
        let light = reading.first(Meaning::light).unwrap_or(Light::Plain);
        let hour = hour(&reading, ground, (mood, light), &mut chance);
        let weather = weather(&reading, ground, &mut chance);
        let subject = fitting(named, ground).unwrap_or_else(|| {
            let usual = allowed(usual_subjects(ground), Meaning::Subject, &reading);
            if usual.is_empty() {
                Subject::Nobody
            } else {
                chance.pick(&usual)
            }
        });
        let tone = reading.first(Meaning::tone).unwrap_or(Tone::Plain);
        let pace = reading.first(Meaning::pace).unwrap_or(Pace::Usual);
        let air = air(&reading, (ground, hour, weather), season, (mood, light));
        let drift = if chance.likely(0.5) { 1.0 } else { -1.0 };
        let mut scene = Self {
            ground,
            hour,
            weather,
            season,
            light,
            tone,
            mood,
            pace,
            air,
            subject,
            palette: Palette::BLANK,
            drift,
            seed,
        };
        // A colour belongs to what is named; where chance chose the subject, it was said of something else.
        let owned = named.is_some() || matches!(ground, Ground::Ribbons | Ground::Studio);
        let colour = reading.first(Meaning::colour).filter(|_| owned);
        scene.palette = Palette::of(&scene, colour.map(Colour::hex), &mut chance);
        scene
    }
}

/// What a prompt would show, in words: each kind with its value, both in lower case, such as `("place", "sea")`.
///
/// What the prompt leaves open is chosen by the seed, as in a clip of the same seed.
pub fn outline(prompt: &str, negative: &str, seed: u64) -> Vec<(&'static str, String)> {
    let scene = Scene::read(prompt, negative, seed);
    let season = scene
        .season
        .map_or("none".to_owned(), |season| format!("{season:?}"));
    let kinds = [
        ("place", format!("{:?}", scene.ground)),
        ("hour", format!("{:?}", scene.hour)),
        ("weather", format!("{:?}", scene.weather)),
        ("season", season),
        ("light", format!("{:?}", scene.light)),
        ("tone", format!("{:?}", scene.tone)),
        ("mood", format!("{:?}", scene.mood)),
        ("pace", format!("{:?}", scene.pace)),
        ("air", format!("{:?}", scene.air)),
        ("subject", format!("{:?}", scene.subject)),
    ];
    kinds.map(|(kind, value)| (kind, value.to_lowercase())).to_vec()
}

/// The choices that nothing strikes.
fn allowed<T: Copy>(from: &[T], meaning: fn(T) -> Meaning, reading: &Reading) -> Vec<T> {
    from.iter()
        .copied()
        .filter(|one| !reading.strikes(meaning(*one)))
        .collect()
}

fn ground(reading: &Reading, subject: Option<Subject>) -> Ground {
    let plain = reading.first(Meaning::ground);
    let season = reading.first(Meaning::season);
    let sky = reading.first(Meaning::weather).is_some() || reading.first(Meaning::hour).is_some();
    let usual = subject.map_or(&[] as &[Ground], home);
    let open: &[Ground] = match season {
        Some(Season::Winter) => &[Ground::Snowfield, Ground::Forest],
        Some(Season::Autumn) => &[Ground::Forest, Ground::Meadow],
        Some(Season::Spring | Season::Summer) => &[Ground::Meadow, Ground::Lake],
        None if reading.first(Meaning::weather) == Some(Weather::Snow) => {
            &[Ground::Forest, Ground::Snowfield]
        }
        None if sky => &[Ground::Meadow, Ground::Mountains],
        None => &[],
    };
    let last = [Ground::Ribbons, Ground::Meadow, Ground::Sea];
    let choices: Vec<Ground> = plain.into_iter().chain([usual, open, &last].concat()).collect();
    let found = allowed(&choices, Meaning::Ground, reading);
    found.first().copied().unwrap_or(Ground::Ribbons)
}

fn hour(reading: &Reading, ground: Ground, (mood, light): (Mood, Light), chance: &mut Chance) -> Hour {
    let drawn: &[Hour] = match mood {
        Mood::Dark => &[Hour::Night, Hour::Dusk],
        Mood::Mystic => &[Hour::Dusk, Hour::Dawn, Hour::Night],
        Mood::Epic | Mood::Tender => &[Hour::Sunset, Hour::Dawn, Hour::Sunset],
        Mood::Sad => &[Hour::Dusk, Hour::Dawn],
        Mood::Joyful => &[Hour::Day, Hour::Day, Hour::Sunset],
        Mood::Plain | Mood::Calm => &[
            Hour::Day,
            Hour::Day,
            Hour::Sunset,
            Hour::Sunset,
            Hour::Dawn,
            Hour::Dusk,
        ],
    };
    let drawn: &[Hour] = match ground {
        _ if light == Light::Rays => &[Hour::Dawn, Hour::Day, Hour::Sunset],
        _ if light == Light::Aurora => &[Hour::Night],
        // Washes of ink need paper to stand on.
        _ if reading.first(Meaning::tone) == Some(Tone::Ink) => &[Hour::Dawn, Hour::Day],
        Ground::Interior | Ground::Underwater | Ground::Studio if mood == Mood::Plain => {
            &[Hour::Day, Hour::Day, Hour::Sunset]
        }
        _ => drawn,
    };
    let mut choices = allowed(drawn, Meaning::Hour, reading);
    if choices.is_empty() {
        choices = allowed(
            &[Hour::Day, Hour::Sunset, Hour::Dusk, Hour::Night],
            Meaning::Hour,
            reading,
        );
    }
    let drawn = if choices.is_empty() {
        Hour::Day
    } else {
        chance.pick(&choices)
    };
    if ground == Ground::Space {
        return Hour::Night;
    }
    reading.first(Meaning::hour).unwrap_or(drawn)
}

fn weather(reading: &Reading, ground: Ground, chance: &mut Chance) -> Weather {
    let choices = allowed(&[Weather::Clear, Weather::Cloudy], Meaning::Weather, reading);
    let drawn = if choices.is_empty() {
        Weather::Wind
    } else {
        chance.pick(&choices)
    };
    match ground {
        Ground::Space | Ground::Underwater | Ground::Studio | Ground::Ribbons => Weather::Clear,
        _ => reading.first(Meaning::weather).unwrap_or(drawn),
    }
}

/// What floats: what is named, else what goes with the place, the hour and the mood.
fn air(
    reading: &Reading,
    (ground, hour, weather): (Ground, Hour, Weather),
    season: Option<Season>,
    (mood, light): (Mood, Light),
) -> Air {
    let usual = match (ground, season) {
        (Ground::Underwater, _) => Air::Bubbles,
        (Ground::Space | Ground::Studio, _) => Air::Empty,
        (Ground::Interior, _) => Air::Dust,
        (Ground::Ribbons, _) => Air::Fireflies,
        _ if matches!(weather, Weather::Rain | Weather::Storm | Weather::Snow) => Air::Empty,
        (_, Some(Season::Autumn)) => Air::Leaves,
        (_, Some(Season::Spring)) => Air::Petals,
        (_, Some(Season::Winter)) => Air::Empty,
        (Ground::Forest | Ground::Meadow | Ground::Village | Ground::Lake, _)
            if matches!(hour, Hour::Night | Hour::Dusk) =>
        {
            Air::Fireflies
        }
        _ if mood == Mood::Mystic => Air::Fireflies,
        (Ground::Meadow | Ground::Forest, _) if weather == Weather::Wind => Air::Leaves,
        (Ground::Meadow | Ground::Forest | Ground::Desert, _) => Air::Dust,
        _ if light == Light::Rays => Air::Dust,
        _ => Air::Empty,
    };
    let named = reading.first(Meaning::air).filter(|_| ground != Ground::Space);
    let air = named.unwrap_or(usual);
    if reading.strikes(Meaning::Air(air)) {
        Air::Empty
    } else {
        air
    }
}

/// Where a subject is at home, if the prompt names no place.
fn home(subject: Subject) -> &'static [Ground] {
    use Subject as S;
    match subject {
        S::Cat
        | S::Dog
        | S::Horse
        | S::Rabbit
        | S::Butterfly
        | S::Child
        | S::Flower
        | S::Tree
        | S::Fire
        | S::Couple => &[Ground::Meadow, Ground::Village, Ground::Forest],
        S::Walker | S::Bicycle | S::House => &[Ground::Village, Ground::Meadow, Ground::City],
        S::Fox | S::Deer | S::Bear | S::Panda | S::Tiger => {
            &[Ground::Forest, Ground::Meadow, Ground::Mountains]
        }
        S::Lion | S::Elephant => &[Ground::Desert, Ground::Meadow],
        S::Boat | S::Lighthouse => &[Ground::Sea, Ground::Lake],
        S::Fish | S::Whale | S::Jellyfish => &[Ground::Underwater, Ground::Sea],
        S::Balloon | S::Birds | S::Dragon | S::Plane => &[Ground::Mountains, Ground::Sea, Ground::Meadow],
        S::Lantern => &[Ground::Lake, Ground::Village],
        S::Rocket | S::Astronaut => &[Ground::Space, Ground::Desert],
        S::Car | S::Robot => &[Ground::City, Ground::Desert],
        S::Train => &[Ground::Mountains, Ground::Meadow],
        S::Dancer | S::Product | S::Cup => &[Ground::Studio, Ground::Interior],
        S::Orb | S::Nobody => &[Ground::Ribbons],
    }
}

/// The subject, unless it cannot be where the prompt says.
fn fitting(subject: Option<Subject>, ground: Ground) -> Option<Subject> {
    use Subject as S;
    subject.map(|subject| match (ground, subject) {
        (Ground::Space, S::Walker | S::Child | S::Couple | S::Dancer) => S::Astronaut,
        (Ground::Space, S::Plane) => S::Rocket,
        (Ground::Underwater, S::Birds | S::Butterfly) => S::Fish,
        _ => subject,
    })
}

fn usual_subjects(ground: Ground) -> &'static [Subject] {
    use Subject as S;
    match ground {
        Ground::Sea => &[S::Boat, S::Boat, S::Birds, S::Lighthouse],
        Ground::Lake => &[S::Boat, S::Birds, S::Boat],
        Ground::Underwater => &[S::Fish, S::Fish, S::Whale, S::Jellyfish],
        Ground::Forest => &[S::Deer, S::Birds, S::Fox, S::Nobody],
        Ground::City => &[S::Car, S::Walker, S::Bicycle],
        Ground::Desert => &[S::Walker, S::Horse, S::Nobody],
        Ground::Space => &[S::Rocket, S::Astronaut],
        Ground::Mountains => &[S::Birds, S::Balloon, S::Nobody],
        Ground::Meadow => &[S::Butterfly, S::Horse, S::Birds, S::Tree],
        Ground::Snowfield => &[S::Fox, S::Deer, S::Bear],
        Ground::Village => &[S::Bicycle, S::Walker, S::Birds],
        Ground::Interior => &[S::Cat, S::Cup, S::Nobody],
        Ground::Studio => &[S::Product, S::Cup],
        Ground::Ribbons => &[S::Orb],
    }
}
