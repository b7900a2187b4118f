//! Reads a prompt by the vocabulary: what it names, and what it names only to keep it out. Holds no words itself.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::vocabulary::{ALL, Entry, LINKS, Meaning, NEGATIONS, Rank, SIMPLIFIED, STOPS, TRADITIONAL};

/// A phrase has at most this many words.
const MAX_PHRASE: usize = 4;
/// A Chinese word has at most this many characters.
const MAX_CHARACTERS: usize = 5;
/// A negation reaches this far over what means nothing: a word is 2 long, a Chinese character 1.
const REACH: usize = 6;

/// What a text names, in its order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Reading {
    /// What shall be seen.
    pub(super) named: Vec<(Meaning, Rank)>,
    /// What shall not be seen.
    pub(super) struck: Vec<Meaning>,
}

impl Reading {
    /// Reads both prompts. Whatever the negative one names is struck, negated there or not.
    pub(super) fn of(prompt: &str, negative: &str) -> Self {
        let mut reading = read(prompt, 0);
        reading.struck.extend(read(negative, usize::MAX).struck);
        let struck = reading.struck.clone();
        reading.named.retain(|(meaning, _)| !struck.contains(meaning));
        reading
    }

    /// The first meaning of a kind; plain words go before those that only hint at it.
    pub(super) fn first<T>(&self, kind: fn(Meaning) -> Option<T>) -> Option<T> {
        let of = |rank: Rank| {
            let mut named = self.named.iter().filter(move |(_, own)| *own == rank);
            named.find_map(|(meaning, _)| kind(*meaning))
        };
        of(Rank::Plain).or_else(|| of(Rank::Hint))
    }

    /// Whether a thing is kept out of the scene.
    pub(super) fn strikes(&self, meaning: Meaning) -> bool {
        self.struck.contains(&meaning) || (meaning.is_animal() && self.struck.contains(&Meaning::Animals))
    }
}

type Meanings = Vec<(Meaning, Rank)>;

/// The vocabulary in the order of its words, made once a process.
fn index() -> &'static BTreeMap<&'static str, Meanings> {
    static INDEX: OnceLock<BTreeMap<&'static str, Meanings>> = OnceLock::new();
    INDEX.get_or_init(|| {
        let mut index: BTreeMap<&'static str, Meanings> = BTreeMap::new();
        for Entry {
            means,
            rank,
            english,
            chinese,
        } in ALL.iter().copied().flatten()
        {
            let words = english.split(", ").chain(chinese.split(' '));
            for word in words.filter(|word| !word.is_empty()) {
                index.entry(word).or_default().push((*means, *rank));
            }
        }
        index
    })
}

/// A piece of a text.
#[derive(Clone, Debug, PartialEq)]
enum Piece {
    /// A word in letters, in lower case.
    Word(String),
    /// One character of a script without spaces.
    Character(char),
    /// The end of a thought.
    Stop,
}

/// What a denied word keeps out: what it names, or else what it hints at, but not the place that goes with a thing.
fn struck_by(meanings: &Meanings) -> impl Iterator<Item = Meaning> {
    let plain = meanings.iter().any(|(_, rank)| *rank == Rank::Plain);
    let subject = meanings.iter().any(|(meaning, _)| meaning.subject().is_some());
    let kept_out = move |(meaning, rank): &&(Meaning, Rank)| {
        *rank == Rank::Plain || !(plain || subject && meaning.ground().is_some())
    };
    meanings.iter().filter(kept_out).map(|(meaning, _)| *meaning)
}

/// Reads one text; `always` is how far a negation reaches that stands before all of it.
fn read(text: &str, always: usize) -> Reading {
    let pieces = pieces(text);
    let mut reading = Reading::default();
    // How far a negation still reaches.
    let mut denied = always;
    let mut at = 0;
    while let Some(piece) = pieces.get(at) {
        if let Some((length, meanings)) = known(&pieces[at..]) {
            if denied > 0 {
                reading.struck.extend(struck_by(meanings));
            } else {
                reading.named.extend(meanings);
            }
            at += length;
            let links = listed(&pieces[at..], LINKS);
            denied = if denied > 0 && links > 0 {
                REACH.max(always)
            } else {
                always
            };
            at += links;
            continue;
        }
        let negation = listed(&pieces[at..], NEGATIONS);
        denied = match piece {
            _ if negation > 0 => REACH.max(always),
            Piece::Stop => always,
            Piece::Word(_) => denied.saturating_sub(2).max(always),
            Piece::Character(_) => denied.saturating_sub(1).max(always),
        };
        at += negation.max(1);
    }
    reading
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut word = String::new();
    for letter in text.chars().flat_map(char::to_lowercase).map(simplified) {
        let spaceless = matches!(letter, '、' | '\u{3040}'..='\u{9fff}' | '\u{f900}'..='\u{faff}');
        let apostrophe = matches!(letter, '\'' | '’') && !word.is_empty();
        if apostrophe || (!spaceless && letter.is_alphanumeric()) {
            word.push(if apostrophe { '\'' } else { letter });
            continue;
        }
        if !word.is_empty() {
            pieces.push(Piece::Word(std::mem::take(&mut word)));
        }
        if spaceless {
            pieces.push(Piece::Character(letter));
        } else if STOPS.contains(letter) {
            pieces.push(Piece::Stop);
        }
    }
    if !word.is_empty() {
        pieces.push(Piece::Word(word));
    }
    pieces
}

/// The simplified form of the commonest traditional characters.
fn simplified(letter: char) -> char {
    if !('\u{4e00}'..='\u{9fff}').contains(&letter) {
        return letter;
    }
    let mut pairs = TRADITIONAL.chars().zip(SIMPLIFIED.chars());
    pairs
        .find(|(old, _)| *old == letter)
        .map_or(letter, |(_, new)| new)
}

/// The longest known word or phrase that the pieces begin with: how many pieces it takes, and what it means.
fn known(pieces: &[Piece]) -> Option<(usize, &'static Meanings)> {
    let index = index();
    match pieces.first()? {
        Piece::Stop => None,
        Piece::Character(_) => (1..=MAX_CHARACTERS.min(pieces.len())).rev().find_map(|length| {
            let word = characters(&pieces[..length])?;
            Some((length, index.get(word.as_str())?))
        }),
        Piece::Word(_) => (1..=MAX_PHRASE.min(pieces.len())).rev().find_map(|length| {
            let phrase = phrase(&pieces[..length])?;
            let meanings = stems(&phrase).iter().find_map(|stem| index.get(stem.as_str()))?;
            Some((length, meanings))
        }),
    }
}

fn characters(pieces: &[Piece]) -> Option<String> {
    let each = pieces.iter().map(|piece| match piece {
        Piece::Character(letter) => Some(*letter),
        Piece::Word(_) | Piece::Stop => None,
    });
    each.collect()
}

fn phrase(pieces: &[Piece]) -> Option<String> {
    let each: Option<Vec<&str>> = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Word(word) => Some(word.as_str()),
            Piece::Character(_) | Piece::Stop => None,
        })
        .collect();
    Some(each?.join(" "))
}

/// The word itself and what it may be the plural or the possessive of.
fn stems(word: &str) -> Vec<String> {
    let word = word.strip_suffix("'s").unwrap_or(word).trim_end_matches('\'');
    let mut stems = vec![word.to_owned()];
    let endings = [("ies", "y"), ("ves", "f"), ("ves", "fe"), ("es", ""), ("s", "")];
    for (plural, singular) in endings {
        if let Some(stem) = word.strip_suffix(plural).filter(|stem| stem.len() > 1) {
            stems.push(format!("{stem}{singular}"));
        }
    }
    stems
}

/// How many pieces the longest word of a list takes that stands here; 0 if none does.
fn listed(pieces: &[Piece], list: &[&str]) -> usize {
    let longest = MAX_CHARACTERS.min(pieces.len());
    let found = (1..=longest).rev().find(|length| {
        let here = &pieces[..*length];
        let text = characters(here).or_else(|| phrase(here));
        text.is_some_and(|text| list.contains(&text.as_str()))
    });
    found.unwrap_or(0)
}
