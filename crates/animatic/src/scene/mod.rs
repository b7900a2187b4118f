//! What a clip shows, as plain data read from the prompt and the seed. Draws nothing.

mod palette;
mod words;

pub(crate) use palette::Palette;

use crate::chance::{Chance, hash};
use crate::colour::Colour;

/// The land the scene stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ground {
    Sea,
    Forest,
    City,
    Desert,
    Space,
    Mountains,
    Meadow,
    /// Flowing bands of light, for everything the vocabulary does not know.
    Ribbons,
}

/// The time of day, which decides the light.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hour {
    Dawn,
    Day,
    Sunset,
    Night,
}

/// What falls or floats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weather {
    Clear,
    Cloudy,
    Rain,
    Snow,
}

/// Who or what moves through the scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    Cat,
    Dog,
    Horse,
    Walker,
    Birds,
    Butterfly,
    Boat,
    Balloon,
    Rocket,
    Car,
    Fish,
    Orb,
}

/// A scene, complete but not yet drawn.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    pub(crate) ground: Ground,
    pub(crate) hour: Hour,
    pub(crate) weather: Weather,
    pub(crate) subject: Subject,
    pub(crate) palette: Palette,
    /// Which way the camera drifts: 1 to the right, -1 to the left.
    pub(crate) drift: f32,
    /// Source of every further choice.
    pub(crate) seed: u64,
}

impl Scene {
    /// Reads a scene from the prompt's words; what they leave open the seed decides.
    pub(crate) fn read(prompt: &str, negative: &str, seed: u64) -> Self {
        let known = words::Known::read(prompt, negative);
        let seed = seed ^ hash(prompt.as_bytes()) ^ hash(negative.as_bytes()).rotate_left(17);
        let mut chance = Chance::new(seed, "scene");
        let ground = known
            .ground
            .unwrap_or_else(|| stands_on(known.subject, known.weather, known.hour));
        let drawn = chance.pick(&[
            Hour::Day,
            Hour::Day,
            Hour::Sunset,
            Hour::Sunset,
            Hour::Sunset,
            Hour::Dawn,
            Hour::Night,
        ]);
        let hour = if ground == Ground::Space {
            Hour::Night
        } else {
            known.hour.unwrap_or(drawn)
        };
        let drawn = chance.pick(&[Weather::Clear, Weather::Cloudy]);
        let weather = known.weather.unwrap_or(drawn);
        let drawn = chance.pick(usual_subjects(ground));
        let subject = known.subject.unwrap_or(drawn);
        let drift = if chance.likely(0.5) { 1.0 } else { -1.0 };
        let mut palette = Palette::of(ground, hour, weather, subject, &mut chance);
        if let Some(colour) = known.colour {
            palette.subject = Colour::hex(colour);
        }
        Self {
            ground,
            hour,
            weather,
            subject,
            palette,
            drift,
            seed,
        }
    }
}

/// Where a scene without a named place happens.
fn stands_on(subject: Option<Subject>, weather: Option<Weather>, hour: Option<Hour>) -> Ground {
    match subject {
        Some(Subject::Cat | Subject::Dog | Subject::Horse | Subject::Butterfly | Subject::Walker) => {
            Ground::Meadow
        }
        Some(Subject::Boat | Subject::Fish) => Ground::Sea,
        Some(Subject::Balloon | Subject::Birds) => Ground::Mountains,
        Some(Subject::Rocket) => Ground::Space,
        Some(Subject::Car) => Ground::City,
        Some(Subject::Orb) => Ground::Ribbons,
        None if weather == Some(Weather::Snow) => Ground::Forest,
        None if weather.is_some() || hour.is_some() => Ground::Meadow,
        None => Ground::Ribbons,
    }
}

fn usual_subjects(ground: Ground) -> &'static [Subject] {
    match ground {
        Ground::Sea => &[Subject::Boat, Subject::Boat, Subject::Birds],
        Ground::Forest => &[Subject::Birds, Subject::Horse, Subject::Walker],
        Ground::City => &[Subject::Car, Subject::Walker, Subject::Balloon],
        Ground::Desert => &[Subject::Walker, Subject::Horse, Subject::Balloon],
        Ground::Space => &[Subject::Rocket],
        Ground::Mountains => &[Subject::Birds, Subject::Balloon],
        Ground::Meadow => &[Subject::Butterfly, Subject::Horse, Subject::Birds],
        Ground::Ribbons => &[Subject::Orb],
    }
}
