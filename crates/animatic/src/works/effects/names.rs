//! Which scene of the vendor's is drawn as which family of transformations: a table, and a rule for all others.

use crate::chance::hash;

/// A kind of transformation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// The picture is pressed flat and springs back, again and again.
    Squish,
    /// Its middle swells like a balloon.
    Inflate,
    /// It trembles like jelly and grows soft.
    Jelly,
    /// The camera rushes in and bounces back.
    Burst,
    /// It turns, ever faster, and comes to rest.
    Spin,
    /// It runs down like wax.
    Melt,
    /// It falls into blocks and comes back.
    Pixels,
    /// Hearts rise before it.
    Hearts,
    /// Fireworks go up before it.
    Fireworks,
    /// Snow falls before it.
    Snow,
    /// It flickers like an old film.
    Film,
    /// Two pictures come together.
    Together,
    /// One picture gives way to the other.
    Swap,
}

/// Families of one picture, for scenes the table does not know.
const ONE: [Family; 11] = [
    Family::Squish,
    Family::Inflate,
    Family::Jelly,
    Family::Burst,
    Family::Spin,
    Family::Melt,
    Family::Pixels,
    Family::Hearts,
    Family::Fireworks,
    Family::Snow,
    Family::Film,
];
/// Families of two pictures, for scenes the table does not know.
const TWO: [Family; 2] = [Family::Together, Family::Swap];

/// Scenes by a part of their names; the first that is found counts.
const PARTS: [(&str, Family); 58] = [
    ("snow_night_kiss", Family::Together),
    ("eternal_kiss", Family::Together),
    ("kiss", Family::Together),
    ("hug", Family::Together),
    ("heart_gesture", Family::Together),
    ("fight", Family::Together),
    ("cheers", Family::Together),
    ("pet_skateboard", Family::Together),
    ("daily_ootd", Family::Swap),
    ("toss_run", Family::Swap),
    ("switch_to_silk", Family::Swap),
    ("studio_look", Family::Swap),
    ("french_elegance", Family::Swap),
    ("finger_swipe", Family::Swap),
    ("smooth_transition", Family::Swap),
    ("fuzzyfuzzy", Family::Jelly),
    ("jelly", Family::Jelly),
    ("wobble", Family::Jelly),
    ("plush", Family::Jelly),
    ("squish", Family::Squish),
    ("squeeze", Family::Squish),
    ("press", Family::Squish),
    ("bounce", Family::Squish),
    ("expansion", Family::Inflate),
    ("inflate", Family::Inflate),
    ("balloon", Family::Inflate),
    ("bubble", Family::Inflate),
    ("giant", Family::Inflate),
    ("zoom", Family::Burst),
    ("rocket", Family::Burst),
    ("jump", Family::Burst),
    ("fly", Family::Burst),
    ("run", Family::Burst),
    ("spin", Family::Spin),
    ("rotate", Family::Spin),
    ("turn", Family::Spin),
    ("dance", Family::Spin),
    ("whirl", Family::Spin),
    ("melt", Family::Melt),
    ("liquid", Family::Melt),
    ("dissolve", Family::Melt),
    ("ice_cream", Family::Melt),
    ("pixel", Family::Pixels),
    ("brick", Family::Pixels),
    ("game", Family::Pixels),
    ("heart", Family::Hearts),
    ("love", Family::Hearts),
    ("rose", Family::Hearts),
    ("firework", Family::Fireworks),
    ("new_year", Family::Fireworks),
    ("birthday", Family::Fireworks),
    ("party", Family::Fireworks),
    ("snow", Family::Snow),
    ("christmas", Family::Snow),
    ("winter", Family::Snow),
    ("film", Family::Film),
    ("retro", Family::Film),
    ("vintage", Family::Film),
];

/// The family of a scene for so many pictures. What the table does not know is decided by its name alone, so that
/// it is the same every time.
pub(super) fn family(scene: &str, pictures: usize) -> Family {
    let scene = scene.to_lowercase();
    let known = PARTS
        .iter()
        .find(|(part, _)| scene.contains(part))
        .map(|(_, family)| *family);
    let of_two = |family: &Family| TWO.contains(family);
    let others: &[Family] = if pictures > 1 { &TWO } else { &ONE };
    match known {
        Some(family) if of_two(&family) == (pictures > 1) => family,
        // Two people with one picture of both of them: hearts say it.
        Some(Family::Together) => Family::Hearts,
        _ => others[(hash(scene.as_bytes()) % others.len() as u64) as usize],
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Family, ONE, PARTS, TWO, family};

    #[test]
    fn every_scene_of_the_table_finds_its_family_and_every_family_has_a_scene() {
        for (part, wanted) in PARTS {
            let pictures = if TWO.contains(&wanted) { 2 } else { 1 };
            assert_eq!(family(part, pictures), wanted, "{part}");
        }
        for wanted in ONE.iter().chain(&TWO) {
            assert!(PARTS.iter().any(|(_, family)| family == wanted), "{wanted:?}");
        }
    }

    #[test]
    fn unknown_scenes_are_spread_over_the_families_and_stay_where_they_are() {
        let names = (0..200).map(|number| format!("scene number {number}"));
        let found: BTreeSet<String> = names.map(|name| format!("{:?}", family(&name, 1))).collect();
        assert_eq!(found.len(), ONE.len());
        assert_eq!(family("quite unheard of", 1), family("Quite Unheard Of", 1));
        assert!(matches!(
            family("quite unheard of", 2),
            Family::Together | Family::Swap
        ));
    }
}
