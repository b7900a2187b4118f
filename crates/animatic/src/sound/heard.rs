//! What a prompt's words say of sound alone: a fire, a brook, a room. What is seen is the scene's business.

/// Something to be heard that the scene does not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    Applause,
    Barking,
    Bell,
    Birds,
    Clock,
    Engine,
    Fire,
    Footsteps,
    Heartbeat,
    Knocking,
    Mewing,
    Room,
    Siren,
    Stream,
    Thunder,
    Traffic,
    Underwater,
    Waterfall,
    Wind,
}

/// Words of languages with spaces between them, and pieces of those without.
const WORDS: &[(Heard, &[&str], &[&str])] = &[
    (
        Heard::Applause,
        &["applause", "applauding", "clapping", "ovation"],
        &["掌声", "鼓掌"],
    ),
    (
        Heard::Barking,
        &["bark", "barks", "barking", "woof"],
        &["狗叫", "犬吠"],
    ),
    (
        Heard::Bell,
        &[
            "bell", "bells", "chime", "chimes", "gong", "carillon", "toll", "tolling",
        ],
        &["钟声", "铃", "铜锣", "鐘聲"],
    ),
    (
        Heard::Birds,
        &[
            "birdsong",
            "songbird",
            "songbirds",
            "chirping",
            "nightingale",
            "sparrow",
            "sparrows",
        ],
        &["鸟鸣", "鸟语", "鳥鳴"],
    ),
    (
        Heard::Clock,
        &["clock", "clocks", "ticking", "tick", "metronome"],
        &["时钟", "滴答", "钟表"],
    ),
    (
        Heard::Engine,
        &[
            "engine",
            "engines",
            "motor",
            "motorcycle",
            "motorbike",
            "tractor",
            "truck",
        ],
        &["引擎", "发动机", "马达", "摩托"],
    ),
    (
        Heard::Fire,
        &[
            "fire",
            "campfire",
            "bonfire",
            "fireplace",
            "hearth",
            "flame",
            "flames",
            "burning",
            "torch",
            "torches",
            "candle",
            "candles",
            "lava",
        ],
        &["篝火", "火焰", "壁炉", "燃烧", "营火", "蜡烛"],
    ),
    (
        Heard::Footsteps,
        &["footstep", "footsteps", "steps", "heels"],
        &["脚步", "步声"],
    ),
    (Heard::Heartbeat, &["heartbeat", "heartbeats", "pulse"], &["心跳"]),
    (
        Heard::Knocking,
        &["knock", "knocks", "knocking", "hammering"],
        &["敲门", "敲击"],
    ),
    (
        Heard::Mewing,
        &["meow", "meows", "meowing", "mewing", "purring"],
        &["猫叫", "喵"],
    ),
    (
        Heard::Room,
        &[
            "room",
            "interior",
            "indoors",
            "kitchen",
            "bedroom",
            "office",
            "library",
            "studio",
            "cafe",
            "café",
            "museum",
            "hallway",
            "classroom",
            "attic",
            "livingroom",
            "table",
            "desk",
        ],
        &[
            "房间",
            "室内",
            "厨房",
            "卧室",
            "办公室",
            "图书馆",
            "咖啡馆",
            "客厅",
            "书房",
        ],
    ),
    (
        Heard::Siren,
        &["siren", "sirens", "alarm", "ambulance"],
        &["警笛", "警报", "救护车"],
    ),
    (
        Heard::Stream,
        &["stream", "brook", "creek", "river", "fountain", "rivulet"],
        &["小溪", "溪流", "河流", "小河", "喷泉"],
    ),
    (
        Heard::Thunder,
        &["thunder", "lightning"],
        &["雷", "闪电", "暴风雨"],
    ),
    (
        Heard::Traffic,
        &["traffic", "highway", "motorway", "rush", "cars", "racing"],
        &["车流", "高速公路", "马路"],
    ),
    (
        Heard::Underwater,
        &[
            "underwater",
            "seabed",
            "reef",
            "coral",
            "deepsea",
            "submarine",
            "aquarium",
            "jellyfish",
        ],
        &["水下", "海底", "珊瑚", "水母", "深海"],
    ),
    (
        Heard::Waterfall,
        &["waterfall", "waterfalls", "cascade", "rapids"],
        &["瀑布"],
    ),
    (
        Heard::Wind,
        &[
            "wind",
            "windy",
            "breeze",
            "gale",
            "blizzard",
            "gust",
            "gusts",
            "sandstorm",
        ],
        &["风吹", "大风", "微风", "寒风", "沙尘暴"],
    ),
];

/// Everything that is heard by its word, in the order of the table; words of the negative prompt count for nothing.
pub(super) fn read(prompt: &str, negative: &str) -> Vec<Heard> {
    let (prompt, negative) = (prompt.to_lowercase(), negative.to_lowercase());
    WORDS
        .iter()
        .filter(|row| named(&prompt, row) && !named(&negative, row))
        .map(|(heard, _, _)| *heard)
        .collect()
}

fn named(text: &str, (_, words, pieces): &(Heard, &[&str], &[&str])) -> bool {
    let mut said = text.split(|letter: char| !letter.is_alphanumeric());
    said.any(|word| words.contains(&word)) || pieces.iter().any(|piece| text.contains(piece))
}

#[cfg(test)]
mod tests {
    use super::{Heard, read};

    #[test]
    fn words_are_heard_in_both_languages_and_struck_by_the_negative_prompt() {
        assert_eq!(read("A Campfire by a brook", ""), [Heard::Fire, Heard::Stream]);
        assert_eq!(read("夜晚的篝火", ""), [Heard::Fire]);
        assert_eq!(read("a campfire by a brook", "no fire please"), [Heard::Stream]);
        assert_eq!(read("a ceasefire", ""), []);
    }
}
