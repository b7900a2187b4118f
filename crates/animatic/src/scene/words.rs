//! Reads a prompt by the vocabulary: what it names, and what it names only to keep it out. Holds no words itself.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::vocabulary::{
    ALL, BREAKS, Entry, LINKS, Meaning, NEGATIONS, NUMBERS, Rank, SIMPLIFIED, STOPS, TRADITIONAL,
};

/// A phrase has at most this many words.
const MAX_PHRASE: usize = 4;
/// A Chinese word has at most this many characters.
const MAX_CHARACTERS: usize = 5;
/// A negation reaches this far over what means nothing: a word is 2 long, a Chinese character 1.
const REACH: usize = 6;

/// How many of a thing there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Number {
    /// Nothing is said of it.
    Open,
    Of(u8),
    /// More than one.
    Several,
}

/// One meaning of a word, and where the word stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Named {
    pub(super) meaning: Meaning,
    pub(super) rank: Rank,
    pub(super) number: Number,
    pub(super) place: Place,
}

/// Where a word stands: its beginning and end, counted as in [`REACH`]; colours and what links them take no room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) from: usize,
    pub(super) to: usize,
    /// Words between two prepositions have the same number …
    pub(super) phrase: usize,
    /// … and so have those between two stops.
    pub(super) thought: usize,
}

/// What a text names, in its order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Reading {
    /// What shall be seen.
    pub(super) named: Vec<Named>,
    /// What shall not be seen.
    pub(super) struck: Vec<Meaning>,
}

impl Reading {
    /// Reads both prompts. Whatever the negative one names is struck, negated there or not.
    pub(super) fn of(prompt: &str, negative: &str) -> Self {
        let mut reading = read(prompt, 0);
        reading.struck.extend(read(negative, usize::MAX).struck);
        let struck = reading.struck.clone();
        reading.named.retain(|named| !struck.contains(&named.meaning));
        reading
    }

    /// The first meaning of a kind; plain words go before those that only hint at it.
    pub(super) fn first<T>(&self, kind: fn(Meaning) -> Option<T>) -> Option<T> {
        self.first_named(kind).and_then(|named| kind(named.meaning))
    }

    /// The word of [`Reading::first`].
    pub(super) fn first_named<T>(&self, kind: fn(Meaning) -> Option<T>) -> Option<Named> {
        let of = |rank: Rank| {
            let mut named = self.named.iter().filter(move |named| named.rank == rank);
            named.find(|named| kind(named.meaning).is_some()).copied()
        };
        of(Rank::Plain).or_else(|| of(Rank::Hint))
    }

    /// All meanings of a kind, each once.
    pub(super) fn all<T: PartialEq>(&self, kind: fn(Meaning) -> Option<T>) -> Vec<T> {
        let mut all = Vec::new();
        for one in self.named.iter().filter_map(|named| kind(named.meaning)) {
            if !all.contains(&one) {
                all.push(one);
            }
        }
        all
    }

    /// Whether a thing is named.
    pub(super) fn names(&self, meaning: Meaning) -> bool {
        self.named.iter().any(|named| named.meaning == meaning)
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

/// A number that was read and the room behind it.
type Counted = Option<(u8, usize)>;

/// Reads one text; `always` is how far a negation reaches that stands before all of it.
fn read(text: &str, always: usize) -> Reading {
    let pieces = pieces(text);
    let mut reading = Reading::default();
    // How far a negation still reaches.
    let mut denied = always;
    let mut at = 0;
    let mut place = Place::default();
    let mut counted: Counted = None;
    while let Some(piece) = pieces.get(at) {
        let number = numbered(&pieces[at..]);
        if let Some(known) = known(&pieces[at..]) {
            let wide = room(&pieces[at..at + known.length]);
            place.from = place.to;
            let colour = known
                .meanings
                .iter()
                .all(|(meaning, _)| meaning.colour().is_some());
            place.to += if colour { 0 } else { wide };
            let own = number.filter(|(length, _)| *length == known.length);
            let before = counted
                .filter(|(_, end)| place.from <= end + REACH)
                .map(|(number, _)| number);
            let of = Named {
                meaning: Meaning::Nothing,
                rank: Rank::Plain,
                number: known.number(own.map(|(_, number)| number).or(before)),
                place,
            };
            if denied > 0 {
                reading.struck.extend(struck_by(known.meanings));
            } else {
                let each = known.meanings.iter().map(|(meaning, rank)| Named {
                    meaning: *meaning,
                    rank: *rank,
                    ..of
                });
                reading.named.extend(each);
            }
            if known.is_thing() {
                counted = None;
            }
            at += known.length;
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
        let length = number.map_or(1, |(length, _)| length).max(negation).max(1);
        place.to += room(&pieces[at..at + length]);
        if let Some((_, number)) = number {
            counted = Some((number, place.to));
        }
        if *piece == Piece::Stop {
            (place.thought, place.phrase, counted) = (place.thought + 1, place.phrase + 1, None);
        } else if listed(&pieces[at..], BREAKS) > 0 {
            place.phrase += 1;
        }
        at += length;
    }
    reading
}

/// The room that pieces take, counted as in [`REACH`].
fn room(pieces: &[Piece]) -> usize {
    let each = pieces.iter().map(|piece| match piece {
        Piece::Word(_) => 2,
        Piece::Character(_) => 1,
        Piece::Stop => 0,
    });
    each.sum()
}

/// A number word that stands here: how many pieces it takes, and the number.
fn numbered(pieces: &[Piece]) -> Option<(usize, u8)> {
    let found = NUMBERS.iter().filter_map(|(number, words)| {
        let length = listed(pieces, words);
        (length > 0).then_some((length, *number))
    });
    found.max_by_key(|(length, _)| *length)
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

/// A known word or phrase.
struct Known {
    /// How many pieces it takes.
    length: usize,
    meanings: &'static Meanings,
    form: Form,
}

/// Whether a word stands as the vocabulary has it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Own,
    Plural,
}

impl Known {
    /// Whether it is something that can be counted, or the place of it.
    fn is_thing(&self) -> bool {
        let mut meanings = self.meanings.iter();
        meanings.any(|(meaning, _)| meaning.subject().is_some() || meaning.ground().is_some())
    }

    /// How many there are, if `said` is the number before the word.
    fn number(&self, said: Option<u8>) -> Number {
        match (said, self.form) {
            (Some(number), Form::Own) => Number::Of(number),
            (Some(number), Form::Plural) if number > 1 => Number::Of(number),
            (_, Form::Plural) => Number::Several,
            (None, Form::Own) => Number::Open,
        }
    }
}

/// The longest known word or phrase that the pieces begin with.
fn known(pieces: &[Piece]) -> Option<Known> {
    let index = index();
    match pieces.first()? {
        Piece::Stop => None,
        Piece::Character(_) => (1..=MAX_CHARACTERS.min(pieces.len())).rev().find_map(|length| {
            let word = characters(&pieces[..length])?;
            Some(Known {
                length,
                meanings: index.get(word.as_str())?,
                form: Form::Own,
            })
        }),
        Piece::Word(_) => (1..=MAX_PHRASE.min(pieces.len())).rev().find_map(|length| {
            let phrase = phrase(&pieces[..length])?;
            let found = |(stem, form): &(String, Form)| Some((index.get(stem.as_str())?, *form));
            let (meanings, form) = stems(&phrase).iter().find_map(found)?;
            Some(Known {
                length,
                meanings,
                form,
            })
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
fn stems(word: &str) -> Vec<(String, Form)> {
    let word = word.strip_suffix("'s").unwrap_or(word).trim_end_matches('\'');
    let mut stems = vec![(word.to_owned(), Form::Own)];
    let endings = [("ies", "y"), ("ves", "f"), ("ves", "fe"), ("es", ""), ("s", "")];
    for (plural, singular) in endings {
        if let Some(stem) = word.strip_suffix(plural).filter(|stem| stem.len() > 1) {
            stems.push((format!("{stem}{singular}"), Form::Plural));
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
