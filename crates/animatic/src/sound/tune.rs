//! What words say of music: whether any is asked for, what it feels like, and whether it has a beat. Plays none.

use super::music::Mood;

/// Music that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tune {
    pub(super) mood: Mood,
    pub(super) beat: bool,
}

const MUSIC: &[&str] = &[
    "music",
    "melody",
    "song",
    "tune",
    "piano",
    "guitar",
    "violin",
    "strings",
    "orchestra",
    "orchestral",
    "harp",
    "flute",
    "jazz",
    "lofi",
    "lo-fi",
    "soundtrack",
    "音乐",
    "旋律",
    "钢琴",
    "吉他",
    "小提琴",
    "配乐",
    "歌曲",
];
const BEATS: &[&str] = &[
    "drum",
    "beat",
    "rhythm",
    "dance",
    "electronic",
    "techno",
    "rock",
    "pop",
    "hip hop",
    "hip-hop",
    "jazz",
    "funk",
    "upbeat",
    "energetic",
    "lofi",
    "lo-fi",
    "鼓",
    "节奏",
    "摇滚",
    "电子",
    "动感",
    "爵士",
];
const BRIGHT: &[&str] = &[
    "happy",
    "joy",
    "upbeat",
    "cheerful",
    "bright",
    "playful",
    "energetic",
    "欢快",
    "快乐",
    "活泼",
    "轻快",
];
const DARK: &[&str] = &[
    "sad",
    "dark",
    "tense",
    "suspense",
    "melanchol",
    "horror",
    "epic",
    "dramatic",
    "悲伤",
    "忧郁",
    "紧张",
    "恐怖",
    "史诗",
];
const STILL: &[&str] = &[
    "calm", "ambient", "quiet", "still", "meditat", "soft", "sleep", "平静", "安静", "冥想", "宁静",
];

impl Tune {
    /// The music that a description of music asks for; every word of it may say how.
    pub(super) fn read(words: &str) -> Option<Self> {
        if words.trim().is_empty() {
            return None;
        }
        let words = words.to_lowercase();
        let says = |list: &[&str]| list.iter().any(|word| words.contains(word));
        let mood = if says(DARK) {
            Mood::Dark
        } else if says(BRIGHT) {
            Mood::Bright
        } else if says(STILL) {
            Mood::Still
        } else {
            Mood::Warm
        };
        Some(Self {
            mood,
            beat: says(BEATS),
        })
    }

    /// The music that a description of sounds names among them.
    pub(super) fn named(words: &str) -> Option<Self> {
        let lower = words.to_lowercase();
        let named = MUSIC
            .iter()
            .chain(&["drum", "techno"])
            .any(|word| lower.contains(word));
        if named { Self::read(words) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::{Mood, Tune};

    #[test]
    fn music_is_read_where_it_is_named_and_has_the_mood_of_its_words() {
        assert_eq!(Tune::named("rain on a tin roof"), None);
        assert_eq!(Tune::read("  "), None);
        let cases = [
            ("soft piano music", Mood::Still, false),
            ("an upbeat electronic song", Mood::Bright, true),
            ("紧张的音乐", Mood::Dark, false),
            ("a melody", Mood::Warm, false),
        ];
        for (words, mood, beat) in cases {
            assert_eq!(Tune::named(words), Some(Tune { mood, beat }), "{words}");
        }
    }
}
