//! The vocabulary: which words of a prompt name which place, hour, weather or subject.

use super::{Ground, Hour, Subject, Weather};

/// What a prompt says outright.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Known {
    pub(super) ground: Option<Ground>,
    pub(super) hour: Option<Hour>,
    pub(super) weather: Option<Weather>,
    pub(super) subject: Option<Subject>,
    /// The colour named first, as `0xrrggbb`; it becomes the subject's.
    pub(super) colour: Option<u32>,
}

impl Known {
    /// The earliest word of each kind wins; words of the negative prompt count for nothing.
    pub(super) fn read(prompt: &str, negative: &str) -> Self {
        let (prompt, negative) = (prompt.to_lowercase(), negative.to_lowercase());
        let struck: Vec<&str> = split(&negative).collect();
        let mut known = Self::default();
        for word in split(&prompt).filter(|word| !struck.contains(word)) {
            known.ground = known.ground.or_else(|| find(GROUNDS, word));
            known.hour = known.hour.or_else(|| find(HOURS, word));
            known.weather = known.weather.or_else(|| find(WEATHERS, word));
            known.subject = known.subject.or_else(|| find(SUBJECTS, word));
            known.colour = known.colour.or_else(|| find(COLOURS, word));
        }
        known
    }
}

fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
}

/// Looks a word up, also in its plural.
fn find<T: Copy>(table: &[(T, &[&str])], word: &str) -> Option<T> {
    let same = |entry: &&str| {
        let ending = word.strip_prefix(*entry);
        matches!(ending, Some("" | "s" | "es" | "y"))
    };
    table
        .iter()
        .find(|(_, entries)| entries.iter().any(same))
        .map(|(value, _)| *value)
}

const GROUNDS: &[(Ground, &[&str])] = &[
    (
        Ground::Sea,
        &[
            "sea",
            "ocean",
            "beach",
            "wave",
            "water",
            "lake",
            "coast",
            "shore",
            "harbor",
            "harbour",
            "island",
            "river",
            "bay",
            "underwater",
            "surf",
        ],
    ),
    (
        Ground::Forest,
        &[
            "forest",
            "wood",
            "tree",
            "jungle",
            "pine",
            "grove",
            "rainforest",
            "taiga",
        ],
    ),
    (
        Ground::City,
        &[
            "city",
            "street",
            "town",
            "skyline",
            "building",
            "downtown",
            "tokyo",
            "paris",
            "london",
            "skyscraper",
            "urban",
            "neon",
            "road",
            "cyberpunk",
            "rooftop",
            "traffic",
        ],
    ),
    (
        Ground::Desert,
        &["desert", "dune", "sand", "sahara", "canyon", "mars"],
    ),
    (
        Ground::Space,
        &[
            "space", "galaxy", "planet", "nebula", "cosmo", "cosmos", "cosmic", "orbit", "universe",
            "asteroid",
        ],
    ),
    (
        Ground::Mountains,
        &[
            "mountain", "alp", "peak", "hill", "valley", "cliff", "glacier", "himalaya", "volcano",
        ],
    ),
    (
        Ground::Meadow,
        &[
            "meadow",
            "garden",
            "field",
            "grass",
            "park",
            "flower",
            "farm",
            "lawn",
            "prairie",
            "savanna",
            "spring",
            "backyard",
            "countryside",
        ],
    ),
];

const HOURS: &[(Hour, &[&str])] = &[
    (Hour::Dawn, &["dawn", "sunrise", "morning", "daybreak"]),
    (
        Hour::Day,
        &[
            "day",
            "daylight",
            "noon",
            "sunny",
            "sunlit",
            "sunshine",
            "bright",
            "afternoon",
            "summer",
        ],
    ),
    (
        Hour::Sunset,
        &["sunset", "dusk", "evening", "golden", "twilight", "autumn"],
    ),
    (
        Hour::Night,
        &[
            "night",
            "midnight",
            "moon",
            "moonlight",
            "moonlit",
            "star",
            "starry",
            "dark",
            "neon",
            "aurora",
            "nocturnal",
        ],
    ),
];

const WEATHERS: &[(Weather, &[&str])] = &[
    (
        Weather::Rain,
        &[
            "rain", "rainy", "storm", "drizzle", "monsoon", "thunder", "downpour",
        ],
    ),
    (
        Weather::Snow,
        &[
            "snow",
            "snowfall",
            "winter",
            "blizzard",
            "frost",
            "ice",
            "icy",
            "christmas",
            "snowing",
        ],
    ),
    (Weather::Cloudy, &["cloud", "overcast", "fog", "mist", "haze"]),
    (Weather::Clear, &["clear", "sunny", "cloudless"]),
];

const SUBJECTS: &[(Subject, &[&str])] = &[
    (
        Subject::Cat,
        &[
            "cat", "kitten", "kitty", "tiger", "lion", "leopard", "panther", "fox",
        ],
    ),
    (
        Subject::Dog,
        &[
            "dog",
            "puppy",
            "puppie",
            "wolf",
            "wolve",
            "corgi",
            "retriever",
            "husky",
            "bear",
        ],
    ),
    (
        Subject::Horse,
        &[
            "horse", "deer", "pony", "unicorn", "camel", "cow", "zebra", "elephant", "stallion",
        ],
    ),
    (
        Subject::Walker,
        &[
            "man",
            "woman",
            "person",
            "people",
            "boy",
            "girl",
            "child",
            "children",
            "astronaut",
            "robot",
            "dancer",
            "hiker",
            "traveler",
            "traveller",
            "runner",
            "knight",
        ],
    ),
    (
        Subject::Birds,
        &[
            "bird", "eagle", "seagull", "gull", "crow", "crane", "goose", "geese", "swan", "dragon", "owl",
            "hawk",
        ],
    ),
    (
        Subject::Butterfly,
        &[
            "butterfl",
            "butterflies",
            "bee",
            "dragonfl",
            "fairy",
            "fairies",
            "moth",
        ],
    ),
    (
        Subject::Boat,
        &[
            "boat", "ship", "sailboat", "yacht", "sail", "canoe", "vessel", "sailing",
        ],
    ),
    (
        Subject::Balloon,
        &["balloon", "airship", "zeppelin", "lantern", "kite"],
    ),
    (
        Subject::Rocket,
        &[
            "rocket",
            "spaceship",
            "spacecraft",
            "shuttle",
            "starship",
            "satellite",
            "ufo",
        ],
    ),
    (
        Subject::Car,
        &[
            "car",
            "bus",
            "truck",
            "taxi",
            "train",
            "tram",
            "vehicle",
            "bike",
            "motorcycle",
        ],
    ),
    (
        Subject::Fish,
        &["fish", "whale", "dolphin", "shark", "turtle", "goldfish"],
    ),
    (
        Subject::Orb,
        &["orb", "abstract", "bubble", "sphere", "particle", "light"],
    ),
];

const COLOURS: &[(u32, &[&str])] = &[
    (0xd8_3030, &["red", "crimson", "scarlet"]),
    (0xf0_8a2a, &["orange", "ginger"]),
    (0xf4_cc30, &["yellow"]),
    (0x3a_a850, &["green", "emerald"]),
    (0x30_70d8, &["blue", "azure"]),
    (0x8a_48c0, &["purple", "violet"]),
    (0xf0_80b0, &["pink"]),
    (0x84_5430, &["brown", "chestnut"]),
    (0xf4_f2ec, &["white", "ivory"]),
    (0x34_3438, &["black"]),
    (0x90_9498, &["grey", "gray", "silver"]),
];
