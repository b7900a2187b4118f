//! Text taken apart into what a voice can sing: syllables with a rough onset, vowels and tone, and rests between.
//! Knows spelling only: English by groups of vowels, Chinese by its pinyin, other scripts by their letters.

use pinyin::ToPinyin;

use crate::chance::hash;

/// The language that digits are read in, and whose rhythm the voice keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Mandarin Chinese.
    #[default]
    Chinese,
    /// English.
    English,
}

/// A vowel by the place of its resonances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Vowel {
    A,
    E,
    I,
    O,
    U,
    /// Front and rounded, as in 女.
    Y,
    /// What unstressed vowels become.
    Neutral,
}

/// How a syllable begins or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Consonant {
    None,
    /// A stop; the middle of its burst in hertz, and whether the voice goes on below it.
    Stop(u16, Voicing),
    /// A hiss; its middle in hertz, and whether the voice goes on below it.
    Hiss(u16, Voicing),
    Nasal,
    L,
    R,
    W,
    J,
}

/// Whether the voice sounds with a consonant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Voicing {
    Voiced,
    Breathed,
}

/// How the pitch moves within one syllable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    /// By the sentence alone; stressed ones are higher.
    Plain,
    Stressed,
    High,
    Rising,
    Low,
    Falling,
}

/// One syllable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Syllable {
    pub(super) onset: Consonant,
    /// From one vowel to the next; never empty.
    pub(super) vowels: Vec<Vowel>,
    pub(super) coda: Consonant,
    pub(super) tone: Tone,
}

/// How long nothing is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rest {
    /// Between words.
    Word,
    /// At a comma.
    Comma,
    /// At the end of a sentence, and of a question.
    Full,
    Question,
}

/// A piece of speech.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Syllable(Syllable),
    Rest(Rest),
}

/// Reads a text. Rests that follow each other become the longest of them.
pub(super) fn read(text: &str, language: Language) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut word = String::new();
    for letter in text.chars() {
        let lower = letter.to_lowercase().next().unwrap_or(letter);
        if lower.is_ascii_alphabetic() || (lower == '\'' && !word.is_empty()) {
            word.push(lower);
            continue;
        }
        end_word(&mut pieces, &mut word);
        if let Some(digit) = lower.to_digit(10) {
            match language {
                Language::English => pieces.extend(english(DIGITS[digit as usize])),
                Language::Chinese => pieces.extend(chinese(NUMERALS[digit as usize])),
            }
        } else if let Some(syllable) = chinese(lower) {
            pieces.push(syllable);
        } else if lower.is_alphabetic() {
            pieces.push(other(lower));
        } else if let Some(rest) = rest(lower) {
            add_rest(&mut pieces, rest);
        }
    }
    end_word(&mut pieces, &mut word);
    pieces
}

const DIGITS: [&str; 10] = [
    "zero", "wun", "too", "three", "for", "five", "siks", "seven", "ate", "nine",
];
const NUMERALS: [char; 10] = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];

fn end_word(pieces: &mut Vec<Piece>, word: &mut String) {
    if !word.is_empty() {
        pieces.extend(english(word));
        word.clear();
    }
}

fn rest(mark: char) -> Option<Rest> {
    match mark {
        '.' | '!' | '。' | '！' | '…' | '\n' => Some(Rest::Full),
        '?' | '？' => Some(Rest::Question),
        ',' | ';' | ':' | '，' | '、' | '；' | '：' | '—' | '(' | ')' | '“' | '”' => {
            Some(Rest::Comma)
        }
        ' ' | '-' | '/' | '\t' => Some(Rest::Word),
        _ => None,
    }
}

fn add_rest(pieces: &mut Vec<Piece>, rest: Rest) {
    match pieces.last_mut() {
        None => {}
        Some(Piece::Rest(before)) => *before = rest.max(*before),
        Some(Piece::Syllable(_)) => pieces.push(Piece::Rest(rest)),
    }
}

/// Words that are said in passing.
const LIGHT: &[&str] = &[
    "a", "an", "the", "of", "to", "in", "on", "and", "or", "is", "it", "at", "by", "for", "as", "be", "was",
];

/// An English word by its groups of vowels: the last consonant before a group begins its syllable.
fn english(word: &str) -> Vec<Piece> {
    let letters: Vec<char> = word.chars().filter(char::is_ascii_alphabetic).collect();
    let vowel = |at: usize| match letters[at] {
        'a' | 'e' | 'i' | 'o' | 'u' => true,
        'y' => at > 0,
        _ => false,
    };
    let mut groups: Vec<(usize, usize)> = Vec::new();
    for at in 0..letters.len() {
        match groups.last_mut() {
            Some((_, end)) if *end == at && vowel(at) => *end = at + 1,
            _ if vowel(at) => groups.push((at, at + 1)),
            _ => {}
        }
    }
    let silent = letters.last() == Some(&'e') && !word.ends_with("le");
    let lengthened = silent && groups.len() > 1 && groups.last().is_some_and(|(from, to)| to - from == 1);
    if lengthened {
        groups.pop();
    }
    if groups.is_empty() && !letters.is_empty() {
        // Letters without a vowel are each said with a neutral one.
        let said = letters.iter().map(|letter| Syllable {
            onset: consonant(&[*letter]),
            vowels: vec![Vowel::E],
            coda: Consonant::None,
            tone: Tone::Plain,
        });
        return said.map(Piece::Syllable).collect();
    }
    let count = groups.len();
    let light = LIGHT.contains(&word);
    let mut pieces = Vec::with_capacity(count);
    for (number, (from, to)) in groups.iter().copied().enumerate() {
        let before = if number == 0 { 0 } else { groups[number - 1].1 };
        let last = number + 1 == count;
        let after = if last { letters.len() } else { groups[number + 1].0 };
        let onset = if number == 0 {
            &letters[before..from]
        } else {
            onset_of(&letters[before..from])
        };
        let coda = if last {
            &letters[to..after]
        } else {
            &letters[to..after.saturating_sub(1).max(to)]
        };
        let stressed = !light && (number == 0 || count > 3 && number == count - 3);
        let tone = if stressed { Tone::Stressed } else { Tone::Plain };
        let sung = vowels(&letters[from..to], lengthened && last, last);
        let neutral = !stressed && !last && sung.len() == 1;
        pieces.push(Piece::Syllable(Syllable {
            onset: consonant(onset),
            vowels: if neutral { vec![Vowel::Neutral] } else { sung },
            coda: consonant(coda),
            tone,
        }));
    }
    pieces
}

/// The end of a cluster that begins the next syllable: its last consonant, or two that are one sound.
fn onset_of(cluster: &[char]) -> &[char] {
    let two = cluster.len() >= 2 && cluster[cluster.len() - 1] == 'h';
    &cluster[cluster.len().saturating_sub(if two { 2 } else { 1 })..]
}

/// What a group of English vowel letters sounds like; `long` where a silent e follows, `last` at a word's end.
fn vowels(group: &[char], long: bool, last: bool) -> Vec<Vowel> {
    use Vowel::{A, E, I, Neutral, O, U};
    let word: String = group.iter().collect();
    match (word.as_str(), long) {
        ("ee" | "ea" | "ie" | "ei" | "ey", _) => vec![I],
        ("oo" | "ue" | "ui" | "ew" | "ou", _) => vec![U],
        ("ai" | "ay", _) | ("a", true) => vec![E, I],
        ("oi" | "oy", _) => vec![O, I],
        ("au", _) => vec![O],
        ("oa", _) | ("o", true) => vec![O, U],
        ("io" | "ia" | "iou", _) => vec![I, Neutral],
        ("i" | "y", true) => vec![A, I],
        ("u", true) => vec![I, U],
        ("a", false) => vec![A],
        ("e", _) => vec![E],
        ("y", false) if last => vec![I],
        ("i" | "y", false) => vec![I],
        ("o", false) if last => vec![O, U],
        ("o", false) => vec![O],
        ("u", false) => vec![Neutral],
        _ => vec![A, Neutral],
    }
}

/// The sound of a cluster of consonant letters, by the one that is heard most.
fn consonant(cluster: &[char]) -> Consonant {
    use Voicing::{Breathed, Voiced};
    let word: String = cluster.iter().collect();
    match word.as_str() {
        "" | "gh" => return Consonant::None,
        "th" => return Consonant::Hiss(6_200, Breathed),
        "wh" => return Consonant::W,
        "ng" | "nk" => return Consonant::Nasal,
        _ => {}
    }
    if word.starts_with("sh") || word.starts_with("ch") || word.starts_with("tch") {
        return Consonant::Hiss(2_700, Breathed);
    }
    match cluster[0] {
        'm' | 'n' => Consonant::Nasal,
        'l' => Consonant::L,
        'r' => Consonant::R,
        'w' => Consonant::W,
        'y' => Consonant::J,
        's' | 'c' if word != "c" => Consonant::Hiss(5_600, Breathed),
        'z' => Consonant::Hiss(5_200, Voiced),
        'f' => Consonant::Hiss(7_000, Breathed),
        'p' if word.starts_with("ph") => Consonant::Hiss(7_000, Breathed),
        'v' => Consonant::Hiss(6_000, Voiced),
        'h' => Consonant::Hiss(1_500, Breathed),
        'j' => Consonant::Hiss(2_600, Voiced),
        'p' => Consonant::Stop(900, Breathed),
        'b' => Consonant::Stop(700, Voiced),
        't' | 'x' => Consonant::Stop(4_200, Breathed),
        'd' => Consonant::Stop(3_400, Voiced),
        'g' => Consonant::Stop(1_700, Voiced),
        _ => Consonant::Stop(1_900, Breathed),
    }
}

/// Initials of pinyin, longest first, with their sound.
const INITIALS: [(&str, Consonant); 23] = {
    use Voicing::{Breathed, Voiced};
    [
        ("zh", Consonant::Hiss(2_600, Voiced)),
        ("ch", Consonant::Hiss(2_800, Breathed)),
        ("sh", Consonant::Hiss(2_900, Breathed)),
        ("b", Consonant::Stop(700, Voiced)),
        ("p", Consonant::Stop(900, Breathed)),
        ("m", Consonant::Nasal),
        ("f", Consonant::Hiss(7_000, Breathed)),
        ("d", Consonant::Stop(3_400, Voiced)),
        ("t", Consonant::Stop(4_200, Breathed)),
        ("n", Consonant::Nasal),
        ("l", Consonant::L),
        ("g", Consonant::Stop(1_700, Voiced)),
        ("k", Consonant::Stop(1_900, Breathed)),
        ("h", Consonant::Hiss(1_500, Breathed)),
        ("j", Consonant::Hiss(3_400, Voiced)),
        ("q", Consonant::Hiss(3_700, Breathed)),
        ("x", Consonant::Hiss(4_300, Breathed)),
        ("r", Consonant::R),
        ("z", Consonant::Hiss(5_000, Voiced)),
        ("c", Consonant::Hiss(5_600, Breathed)),
        ("s", Consonant::Hiss(5_800, Breathed)),
        ("w", Consonant::W),
        ("y", Consonant::J),
    ]
};

/// A Chinese character by its most usual reading; `None` for what is none.
fn chinese(letter: char) -> Option<Piece> {
    let said = letter.to_pinyin()?.with_tone_num_end();
    let tone = match said.chars().last() {
        Some('1') => Tone::High,
        Some('2') => Tone::Rising,
        Some('3') => Tone::Low,
        Some('4') => Tone::Falling,
        _ => Tone::Plain,
    };
    let said = said.trim_end_matches(|mark: char| mark.is_ascii_digit());
    let initial = INITIALS.iter().find(|(initial, _)| said.starts_with(initial));
    let (name, onset) = initial.map_or(("", Consonant::None), |(name, sound)| (*name, *sound));
    let end = &said[name.len()..];
    let rounded = matches!(name, "j" | "q" | "x" | "y");
    // After the hissing initials the written i is no more than the voice under the hiss.
    let dull = matches!(name, "zh" | "ch" | "sh" | "r" | "z" | "c" | "s") && end == "i";
    let mut vowels: Vec<Vowel> = Vec::new();
    for letter in end.chars() {
        match letter {
            'a' => vowels.push(Vowel::A),
            'e' if end == "e" || end == "en" || end == "eng" => vowels.push(Vowel::Neutral),
            'e' => vowels.push(Vowel::E),
            'i' if dull => vowels.push(Vowel::Neutral),
            'i' => vowels.push(Vowel::I),
            'o' => vowels.push(Vowel::O),
            'u' if rounded => vowels.push(Vowel::Y),
            'u' => vowels.push(Vowel::U),
            'ü' | 'v' => vowels.push(Vowel::Y),
            _ => {}
        }
    }
    if vowels.is_empty() {
        vowels.push(Vowel::Neutral);
    }
    let coda = if end.ends_with('n') || end.ends_with('g') {
        Consonant::Nasal
    } else {
        Consonant::None
    };
    Some(Piece::Syllable(Syllable {
        onset,
        vowels,
        coda,
        tone,
    }))
}

/// A letter of any other script: a syllable of its own, whose sound hangs on the letter alone.
fn other(letter: char) -> Piece {
    const ONSETS: [Consonant; 8] = [
        Consonant::None,
        Consonant::Nasal,
        Consonant::L,
        Consonant::R,
        Consonant::W,
        Consonant::J,
        Consonant::Stop(1_900, Voicing::Breathed),
        Consonant::Hiss(5_000, Voicing::Breathed),
    ];
    const VOWELS: [Vowel; 5] = [Vowel::A, Vowel::E, Vowel::I, Vowel::O, Vowel::U];
    let draw = hash(letter.to_string().as_bytes());
    Piece::Syllable(Syllable {
        onset: ONSETS[(draw % 8) as usize],
        vowels: vec![VOWELS[(draw / 8 % 5) as usize]],
        coda: Consonant::None,
        tone: Tone::Plain,
    })
}

#[cfg(test)]
mod tests {
    use super::{Consonant, Language, Piece, Rest, Tone, Vowel, read};

    fn count(text: &str) -> usize {
        let pieces = read(text, Language::English);
        pieces
            .iter()
            .filter(|piece| matches!(piece, Piece::Syllable(_)))
            .count()
    }

    #[test]
    fn words_have_as_many_syllables_as_are_said() {
        let cases = [
            ("cat", 1),
            ("make", 1),
            ("little", 2),
            ("water", 2),
            ("banana", 3),
            ("the quick brown fox", 4),
            ("42", 2),
            ("hmm", 3),
            ("", 0),
            ("... ?!", 0),
            ("你好，世界", 4),
            ("こんにちは", 5),
        ];
        for (text, syllables) in cases {
            assert_eq!(count(text), syllables, "{text}");
        }
    }

    #[test]
    fn a_chinese_character_has_the_tone_and_the_vowels_of_its_pinyin() {
        let pieces = read("妈麻马骂", Language::Chinese);
        let tones: Vec<Tone> = pieces
            .iter()
            .filter_map(|piece| match piece {
                Piece::Syllable(syllable) => Some(syllable.tone),
                Piece::Rest(_) => None,
            })
            .collect();
        assert_eq!(tones, [Tone::High, Tone::Rising, Tone::Low, Tone::Falling]);
        let Some(Piece::Syllable(said)) = read("好", Language::Chinese).pop() else {
            panic!("a syllable");
        };
        assert_eq!(said.vowels, [Vowel::A, Vowel::O]);
        assert!(matches!(said.onset, Consonant::Hiss(1_500, _)));
    }

    #[test]
    fn rests_that_meet_become_the_longest_of_them() {
        let pieces = read("one, two.  (three)", Language::English);
        let rests: Vec<Rest> = pieces
            .iter()
            .filter_map(|piece| match piece {
                Piece::Rest(rest) => Some(*rest),
                Piece::Syllable(_) => None,
            })
            .collect();
        assert_eq!(rests, [Rest::Comma, Rest::Full, Rest::Comma]);
    }
}
