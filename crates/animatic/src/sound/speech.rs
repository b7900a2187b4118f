//! Speech: a text said by a voice, syllable after syllable, as files. The voice is no model and no recording: who
//! listens hears rhythm, melody and rough vowels, not words.

use super::alone::{Sounds, asked, written};
use super::signal::Stereo;
use super::syllables::{self, Language, Piece, Rest, Syllable, Tone, Vowel};
use super::voice::{Speaker, Timbre};
use super::{AIM, CEILING, hall, loudness};
use crate::aac::RATE;
use crate::chance::hash;
use crate::render::{RenderError, Watch};
use crate::wish::WishError;

/// The longest allowed text, in characters.
pub const MAX_SPEECH_CHARACTERS: usize = 1_000;
/// The longest allowed name of a voice, in bytes.
pub const MAX_VOICE_BYTES: usize = 256;
/// The lowest and the highest allowed speed, in hundredths of the usual one.
pub const SPEEDS: (u16, u16) = (80, 200);
/// Silence before the first and after the last sound, in seconds.
const ENDS: (f32, f32) = (0.08, 0.3);
/// The shortest speech, in milliseconds; the rest of it is silence.
const SHORTEST_MS: u64 = 500;
/// Share of the room that the voice stands in, and how long that lasts.
const ROOM: (f32, f32) = (0.09, 0.45);

/// A text to be said. Equal wishes give equal bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpeechWish {
    /// What is said.
    pub text: String,
    /// The name of the voice. Any name is one; words such as "female" and "uncle" in it are heeded.
    pub voice: String,
    /// The language whose digits and rhythm are used.
    pub language: Language,
    /// Speed in hundredths of the usual one.
    pub speed: u16,
}

/// Says a text. `watch` is told the percentage done and is asked whether to go on.
///
/// # Errors
///
/// See [`RenderError`]; a text without a letter or digit is refused.
pub fn speech(wish: &SpeechWish, watch: &mut dyn FnMut(u8) -> Watch) -> Result<Sounds, RenderError> {
    wish.check()?;
    let pieces = syllables::read(&wish.text, wish.language);
    if !pieces.iter().any(|piece| matches!(piece, Piece::Syllable(_))) {
        return Err(WishError::new("text", "without a letter or a digit", "at least one to be said").into());
    }
    asked(watch, 0)?;
    let mut speaker = Speaker::new(Timbre::of(&wish.voice), hash(wish.text.as_bytes()));
    say(&mut speaker, &pieces, wish, &mut || asked(watch, 10))?;
    let mut said = speaker.said;
    let whole = (said.len() as u64 * 1000)
        .div_ceil(u64::from(RATE))
        .max(SHORTEST_MS);
    said.resize((whole * u64::from(RATE) / 1000) as usize, 0.0);
    let mut sound = Stereo {
        left: said.clone(),
        right: said,
    };
    hall::answer(&mut sound, ROOM.0, ROOM.1);
    loudness::bring(&mut sound, AIM, loudness::factor(CEILING));
    written(&sound, watch)
}

/// Says every piece; `proceed` is asked between sentences' parts whether to go on.
fn say(
    speaker: &mut Speaker,
    pieces: &[Piece],
    wish: &SpeechWish,
    proceed: &mut dyn FnMut() -> Result<(), RenderError>,
) -> Result<(), RenderError> {
    let pace = 100.0 / f32::from(wish.speed);
    speaker.rest(ENDS.0);
    let mut rest = pieces;
    while !rest.is_empty() {
        proceed()?;
        // A sentence reaches to its full stop or question mark.
        let ends = |piece: &Piece| matches!(piece, Piece::Rest(Rest::Full | Rest::Question));
        let length = rest.iter().position(ends).map_or(rest.len(), |at| at + 1);
        let (sentence, others) = rest.split_at(length);
        let asks = sentence.last() == Some(&Piece::Rest(Rest::Question));
        for (number, piece) in sentence.iter().enumerate() {
            let at = number as f32 / length as f32;
            match piece {
                Piece::Rest(kind) => speaker.rest(silence(*kind, wish.language) * pace),
                Piece::Syllable(syllable) => {
                    // Sentences fall; questions rise again at their end.
                    let last = if asks && number + 3 >= length { 0.28 } else { 0.0 };
                    let height = 1.1 - 0.2 * at + last;
                    pronounce(speaker, syllable, wish.language, pace, height);
                }
            }
        }
        rest = others;
    }
    speaker.rest(ENDS.1);
    Ok(())
}

fn silence(rest: Rest, language: Language) -> f32 {
    match rest {
        Rest::Word if language == Language::English => 0.035,
        Rest::Word => 0.05,
        Rest::Comma => 0.2,
        Rest::Full | Rest::Question => 0.4,
    }
}

fn pronounce(speaker: &mut Speaker, said: &Syllable, language: Language, pace: f32, height: f32) {
    let first = said.vowels.first().copied().unwrap_or(Vowel::Neutral);
    let last = said.vowels.last().copied().unwrap_or(Vowel::Neutral);
    let long = match (language, said.tone) {
        (_, Tone::Stressed) => 0.15,
        (Language::English, Tone::Plain) => 0.095,
        (Language::Chinese, Tone::Plain) => 0.12,
        (_, Tone::Low | Tone::Rising) => 0.19,
        (_, Tone::High | Tone::Falling) => 0.165,
    };
    let more = 1.0 + 0.22 * (said.vowels.len() - 1) as f32;
    speaker.consonant(said.onset, first, pace, height);
    speaker.vowels(&said.vowels, long * more * pace, height, said.tone);
    speaker.consonant(said.coda, last, pace * 0.8, height * 0.97);
}

impl SpeechWish {
    /// Checks every field against the bounds of this module.
    ///
    /// # Errors
    ///
    /// The first field outside its bounds.
    pub fn check(&self) -> Result<(), WishError> {
        let length = self.text.chars().count();
        if length > MAX_SPEECH_CHARACTERS {
            let allowed = format!("at most {MAX_SPEECH_CHARACTERS} characters");
            return Err(WishError::new("text", format!("{length} characters"), allowed));
        }
        if self.voice.len() > MAX_VOICE_BYTES {
            let allowed = format!("at most {MAX_VOICE_BYTES} bytes");
            return Err(WishError::new(
                "voice",
                format!("{} bytes", self.voice.len()),
                allowed,
            ));
        }
        if (SPEEDS.0..=SPEEDS.1).contains(&self.speed) {
            return Ok(());
        }
        let allowed = format!("from {} to {} hundredths", SPEEDS.0, SPEEDS.1);
        Err(WishError::new("speed", self.speed, allowed))
    }
}
