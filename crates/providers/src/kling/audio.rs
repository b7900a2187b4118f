//! Sounds: from words, for a clip, and speech.
//!
//! Source: <https://kling.ai/document-api/>, text-to-audio, video-to-audio and tts, checked 2026-11-21.

use domain::{Ask, Role};
use serde_json::{Number, Value, json};

use super::legacy::{Body, take};
use super::media::Material;

/// A tenth of a second, in which lengths of sounds are counted, in milliseconds.
const TENTH_MS: u64 = 100;

/// The rest of the body of a sound from words.
pub(super) fn write_from_words(body: &mut Body<'_>, ask: &Ask) {
    body.put_prompt();
    let tenths = ask.duration_ms.div_ceil(TENTH_MS);
    let text = format!("{}.{}", tenths / 10, tenths % 10);
    let seconds = text.parse().ok().and_then(Number::from_f64);
    body.put("duration", seconds.map_or(Value::Null, Value::Number));
}

/// The rest of the body of a sound for a clip.
pub(super) fn write_for_clip(body: &mut Body<'_>, mut materials: Vec<Material>) {
    body.put_named_or("video_id", "video_url", take(&mut materials, Role::SourceVideo));
    body.put_said(&["sound_effect_prompt", "bgm_prompt", "asmr_mode"]);
}

/// The body of speech.
pub(super) fn write_speech(body: &mut Body<'_>, ask: &Ask) {
    body.put("text", json!(ask.prompt));
    body.put_said(&["voice_id", "voice_language", "voice_speed"]);
}
