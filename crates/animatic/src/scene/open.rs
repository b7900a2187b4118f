//! What a prompt leaves open: the place, hour, weather, air and company that go with what it names. Reads no word.

use super::vocabulary::Meaning;
use super::words::{Named, Number, Reading};
use super::{Air, Ground, Hour, Light, Mood, Season, Sight, Subject, Tone, Weather};
use crate::chance::Chance;

/// The fewest and the most that "some" are.
const FEWEST: usize = 3;
const MOST: usize = 5;
/// What is seen by day, unless the prompt says otherwise.
const FRESH: [Sight; 4] = [Sight::Bamboo, Sight::Brook, Sight::Jungle, Sight::Waterfall];

/// The choices that nothing strikes.
fn allowed<T: Copy>(from: &[T], meaning: fn(T) -> Meaning, reading: &Reading) -> Vec<T> {
    from.iter()
        .copied()
        .filter(|one| !reading.strikes(meaning(*one)))
        .collect()
}

pub(super) fn ground(reading: &Reading, subject: Option<Subject>) -> Ground {
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
    let swims = matches!(subject, Some(Subject::Fish | Subject::Jellyfish));
    // What lives in the sea is seen below its surface.
    let plain = if swims && plain == Some(Ground::Sea) {
        Some(Ground::Underwater)
    } else {
        plain
    };
    let last = [Ground::Ribbons, Ground::Meadow, Ground::Sea];
    let choices: Vec<Ground> = plain.into_iter().chain([usual, open, &last].concat()).collect();
    let found = allowed(&choices, Meaning::Ground, reading);
    found.first().copied().unwrap_or(Ground::Ribbons)
}

pub(super) fn hour(
    reading: &Reading,
    ground: Ground,
    (mood, light): (Mood, Light),
    chance: &mut Chance,
) -> Hour {
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
        // Water and green leaves want light.
        _ if FRESH.iter().any(|sight| reading.names(Meaning::Sight(*sight))) && mood == Mood::Plain => {
            &[Hour::Day, Hour::Day, Hour::Dawn]
        }
        // What glows is seen in the dark.
        _ if reading.names(Meaning::Sight(Sight::Volcano)) => &[Hour::Dusk, Hour::Night, Hour::Sunset],
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

pub(super) fn weather(reading: &Reading, ground: Ground, chance: &mut Chance) -> Weather {
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
pub(super) fn air(
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
        S::Fox | S::Deer | S::Bear | S::Panda | S::Tiger | S::Owl => {
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
pub(super) fn fitting(subject: Option<Subject>, ground: Ground) -> Option<Subject> {
    use Subject as S;
    subject.map(|subject| match (ground, subject) {
        (Ground::Space, S::Walker | S::Child | S::Couple | S::Dancer) => S::Astronaut,
        (Ground::Space, S::Plane) => S::Rocket,
        (Ground::Underwater, S::Birds | S::Butterfly | S::Owl) => S::Fish,
        _ => subject,
    })
}

/// The subject that is named, unless it only says once more what the place is made of, as the trees of a forest.
pub(super) fn named(reading: &Reading) -> Option<Named> {
    let named = reading.first_named(Meaning::subject)?;
    let place = reading.first(Meaning::ground);
    let part = matches!(
        (named.meaning.subject(), place),
        (Some(Subject::Tree), Some(Ground::Forest))
            | (Some(Subject::House), Some(Ground::Village | Ground::City))
    );
    (!(part && named.number != Number::Of(1))).then_some(named)
}

/// Who plays where nobody is asked for: only in places that would show nothing else.
pub(super) fn usual_subject(reading: &Reading, ground: Ground, chance: &mut Chance) -> Subject {
    let usual: &[Subject] = match ground {
        Ground::Studio => &[Subject::Product, Subject::Cup],
        Ground::Ribbons => &[Subject::Orb],
        _ => &[],
    };
    one_of(usual, reading, chance)
}

/// What passes small and far away where nobody is asked for.
pub(super) fn company(
    reading: &Reading,
    (ground, hour, weather): (Ground, Hour, Weather),
    chance: &mut Chance,
) -> Subject {
    use Subject as S;
    let rough = matches!(weather, Weather::Rain | Weather::Storm | Weather::Snow);
    let birds_fly = hour != Hour::Night && !rough && weather != Weather::Fog;
    let usual: &[Subject] = match ground {
        Ground::Sea if weather == Weather::Storm => &[],
        Ground::Sea if birds_fly => &[S::Boat, S::Boat, S::Birds],
        Ground::Sea => &[S::Boat],
        Ground::Lake if birds_fly => &[S::Birds, S::Boat],
        Ground::City => &[S::Car],
        Ground::Underwater | Ground::Space | Ground::Interior | Ground::Studio | Ground::Ribbons => &[],
        _ if birds_fly => &[S::Birds],
        _ => &[],
    };
    one_of(usual, reading, chance)
}

fn one_of(usual: &[Subject], reading: &Reading, chance: &mut Chance) -> Subject {
    let choices = allowed(usual, Meaning::Subject, reading);
    if choices.is_empty() {
        Subject::Nobody
    } else {
        chance.pick(&choices)
    }
}

/// How many of the subject there are; `None` leaves it to what is usual for it.
pub(super) fn count(number: Number, subject: Subject, chance: &mut Chance) -> Option<usize> {
    let some = FEWEST + chance.below(MOST - FEWEST + 1);
    // These come in a flock of their own size.
    let flocks = matches!(
        subject,
        Subject::Birds | Subject::Fish | Subject::Lantern | Subject::Jellyfish
    );
    match number {
        Number::Open => None,
        Number::Several if flocks => None,
        Number::Of(count) if flocks && count > 1 => Some(usize::from(count).max(FEWEST)),
        Number::Of(count) => Some(usize::from(count).clamp(1, MOST)),
        Number::Several => Some(some),
    }
}
