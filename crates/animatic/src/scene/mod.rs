//! What a clip shows, as plain data read from the prompt and the seed. Draws nothing.

mod colours;
mod open;
mod palette;
mod vocabulary;
mod words;

pub(crate) use palette::Palette;

use crate::chance::{Chance, hash};
use colours::Colours;
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
    /// One bird of the night with broad wings.
    Owl,
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
                | S::Owl
                | S::Butterfly
                | S::Fish
                | S::Whale
                | S::Jellyfish
        )
    }
}

/// A thing that belongs to the place and is there only if it is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    Volcano,
    Waterfall,
    /// Running water, narrow enough to step over.
    Brook,
    Bamboo,
    /// Broad leaves all around.
    Jungle,
    /// Rings around a planet.
    Rings,
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
    /// How many of the subject there are, if the prompt says it.
    pub(crate) count: Option<usize>,
    /// What passes far away where there is no subject.
    pub(crate) company: Subject,
    pub(crate) sights: Vec<Sight>,
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
        let named = open::named(&reading);
        let ground = open::ground(&reading, named.and_then(|named| named.meaning.subject()));
        let season = reading.first(Meaning::season);
        let mood = reading.first(Meaning::mood).unwrap_or(Mood::Plain);
        let light = reading.first(Meaning::light).unwrap_or(Light::Plain);
        let hour = open::hour(&reading, ground, (mood, light), &mut chance);
        let weather = open::weather(&reading, ground, &mut chance);
        let asked = open::fitting(named.and_then(|named| named.meaning.subject()), ground);
        let subject = asked.unwrap_or_else(|| open::usual_subject(&reading, ground, &mut chance));
        let company = if subject == Subject::Nobody {
            open::company(&reading, (ground, hour, weather), &mut chance)
        } else {
            Subject::Nobody
        };
        let count = named.and_then(|named| open::count(named.number, subject, &mut chance));
        let tone = reading.first(Meaning::tone).unwrap_or(Tone::Plain);
        let pace = reading.first(Meaning::pace).unwrap_or(Pace::Usual);
        let air = open::air(&reading, (ground, hour, weather), season, (mood, light));
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
            count,
            company,
            sights: reading.all(Meaning::sight),
            palette: Palette::BLANK,
            drift,
            seed,
        };
        let colours = Colours::of(&reading, named.and_then(|named| named.meaning.subject()), ground);
        scene.palette = Palette::of(&scene, &colours, &mut chance);
        scene
    }

    /// Whether a thing of the place is to be seen.
    pub(crate) fn shows(&self, sight: Sight) -> bool {
        self.sights.contains(&sight)
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
    let sights = if scene.sights.is_empty() {
        "none".to_owned()
    } else {
        let names: Vec<String> = scene.sights.iter().map(|sight| format!("{sight:?}")).collect();
        names.join(",")
    };
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
        (
            "count",
            scene.count.map_or("usual".to_owned(), |count| count.to_string()),
        ),
        ("company", format!("{:?}", scene.company)),
        ("sights", sights),
    ];
    kinds.map(|(kind, value)| (kind, value.to_lowercase())).to_vec()
}
