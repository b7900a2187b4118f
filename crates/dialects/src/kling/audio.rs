//! Sounds: from words (`text-to-audio`), for a clip (`video-to-audio`), and speech (`tts`).
//!
//! Source: <https://kling.ai/document-api/>, audio of the legacy API, checked 2026-11-21.

use domain::ask::Role;
use domain::dialect::{FieldRow, Submission};
use domain::{Call, Operation, Refusal};
use serde_json::json;

use super::fields::{EXTERNAL_ID, VIDEO_ID, VIDEO_URL};
use super::wish::{Draft, flag_or, needed, number_within};
use crate::field_tables::{NONE, REQUIRED, row};
use crate::kling_fields::CALLBACK_URL;
use crate::kling_media::{clip_rule, source_clip};
use crate::kling_options::{line, plain, word};

/// The models that the price book knows the calls by.
const WORDS_MODEL: &str = "kling-text-to-audio";
const CLIP_MODEL: &str = "kling-video-to-audio";
const SPEECH_MODEL: &str = "kling-tts";
const SOUND_CHARS_MAX: usize = 200;
const SECONDS: std::ops::RangeInclusive<f64> = 3.0..=10.0;
const CLIP_MEGABYTES: u64 = 100;
/// Clips, in milliseconds.
const CLIP_MS: std::ops::RangeInclusive<u64> = 3_000..=20_000;
const TEXT_CHARS_MAX: usize = 1_000;
const VOICE_CHARS_MAX: usize = 128;
const LANGUAGES: [&str; 2] = ["zh", "en"];
const SPEEDS: std::ops::RangeInclusive<f64> = 0.8..=2.0;
/// How long a character of speech is held to last at most, in milliseconds, until it is spoken.
const CHARACTER_MS: u64 = 600;

/// The rows of `text-to-audio`.
pub(super) const WORDS: &[FieldRow] = &[
    row(
        "prompt",
        "string",
        REQUIRED,
        "what is heard, at most 200 characters",
    ),
    row(
        "duration",
        "number",
        REQUIRED,
        "3 to 10 seconds, with one digit behind the point",
    ),
    EXTERNAL_ID,
    CALLBACK_URL,
];

/// The rows of `video-to-audio`.
pub(super) const CLIP: &[FieldRow] = &[
    VIDEO_ID,
    VIDEO_URL,
    row("sound_effect_prompt", "string", NONE, "at most 200 characters"),
    row("bgm_prompt", "string", NONE, "at most 200 characters"),
    row("asmr_mode", "boolean", "`false`", "small sounds come close"),
    EXTERNAL_ID,
    CALLBACK_URL,
];

/// The rows of `tts`.
pub(crate) const SPEECH: &[FieldRow] = &[
    row(
        "text",
        "string",
        REQUIRED,
        "what is said, at most 1000 characters",
    ),
    row(
        "voice_id",
        "string",
        REQUIRED,
        "a voice of the vendor's speech catalogue, such as `oversea_male1`",
    ),
    row("voice_language", "string", "`zh`", "`zh`, `en`"),
    row(
        "voice_speed",
        "number",
        "`1`",
        "0.8 to 2, rounded to one digit behind the point",
    ),
];

/// Reads `text-to-audio`.
///
/// # Errors
/// A refusal that names the field and the allowed values.
pub(super) fn from_words(call: &Call) -> Result<Submission, Refusal> {
    let mut draft = Draft::begin(call, Operation::TextToAudio, WORDS_MODEL, WORDS);
    draft.read_needed_prompt(SOUND_CHARS_MAX)?;
    let seconds = number_within(draft.top, "duration", &SECONDS)?;
    let seconds = seconds.ok_or_else(|| {
        let allowed = format!("{} to {} seconds", SECONDS.start(), SECONDS.end());
        draft.top.wrong("duration", "is required").allowing([allowed])
    })?;
    draft.ask.duration_ms = tenths(seconds) * 100;
    draft.named()
}

/// Reads `video-to-audio`.
///
/// # Errors
/// A refusal that names the field and the allowed values.
pub(super) fn from_clip(call: &Call) -> Result<Submission, Refusal> {
    let mut draft = Draft::begin(call, Operation::VideoToAudio, CLIP_MODEL, CLIP);
    let clip = source_clip(draft.top, &clip_rule(CLIP_MEGABYTES, &CLIP_MS))?;
    draft.ask.inputs.push(clip);
    for name in ["sound_effect_prompt", "bgm_prompt"] {
        if let Some(prompt) = line(draft.top, name, SOUND_CHARS_MAX)? {
            draft.keep(name, prompt);
        }
    }
    let asmr = flag_or(draft.top, "asmr_mode", false)?;
    draft.keep("asmr_mode", asmr);
    draft.ask.duration_ms = *CLIP_MS.end();
    draft.ask.lasts_like = Some(Role::SourceVideo);
    draft.named()
}

/// Reads `tts`.
///
/// # Errors
/// A refusal that names the field and the allowed values.
pub(super) fn speech(call: &Call) -> Result<Submission, Refusal> {
    let mut draft = Draft::begin(call, Operation::Speech, SPEECH_MODEL, SPEECH);
    let top = draft.top;
    draft.ask.prompt = needed(top, "text", TEXT_CHARS_MAX)?;
    draft.keep("voice_id", needed(top, "voice_id", VOICE_CHARS_MAX)?);
    let language = word(top, "voice_language", &LANGUAGES)?;
    draft.keep(
        "voice_language",
        language.unwrap_or_else(|| LANGUAGES[0].to_owned()),
    );
    let speed = number_within(top, "voice_speed", &SPEEDS)?.unwrap_or(1.0);
    draft.keep("voice_speed", json!(plain((speed * 10.0).round() / 10.0)));
    let characters = u64::try_from(draft.ask.prompt.chars().count()).unwrap_or(u64::MAX);
    draft.ask.duration_ms = characters.saturating_mul(CHARACTER_MS).max(1_000);
    Ok(draft.unnamed())
}

/// A length that was checked to be short, in tenths of a second.
fn tenths(seconds: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be from 3 to 10"
    )]
    let tenths = (seconds * 10.0).round() as u64;
    tenths
}
