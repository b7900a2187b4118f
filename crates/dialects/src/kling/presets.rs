//! Voices that come with the house, and how lists of presets are answered. There are no preset elements.

use domain::store::Page;
use serde_json::{Value, json};

/// Preset voices: id and name. Items of tenants have other ids.
const VOICES: [(&str, &str); 6] = [
    ("810000001", "Calm woman"),
    ("810000002", "Calm man"),
    ("810000003", "Bright girl"),
    ("810000004", "Bright boy"),
    ("810000005", "Old woman"),
    ("810000006", "Old man"),
];
/// Whose presets are.
const OWNER: &str = "kling";
/// When the presets were made: the first of January 2026.
const MADE_AT_MS: i64 = 1_767_225_600_000;

/// Whether an id is a preset voice's.
pub(super) fn is_voice(id: &str) -> bool {
    VOICES.iter().any(|(known, _)| *known == id)
}

/// A part of the presets at a path.
pub(super) fn list(path: &str, page: &Page) -> Value {
    let voices: &[(&str, &str)] = if path.ends_with("presets-voices") {
        &VOICES
    } else {
        &[]
    };
    let (skip, limit) = match page {
        Page::Offset { skip, limit } => (*skip, *limit),
        Page::Cursor { limit, .. } => (0, *limit),
    };
    voices.iter().skip(skip).take(limit).map(voice).collect()
}

/// A preset voice, as the task that would have made it.
fn voice((id, name): &(&str, &str)) -> Value {
    json!({
        "task_id": id,
        "task_status": "succeed",
        "task_status_msg": "",
        "created_at": MADE_AT_MS,
        "updated_at": MADE_AT_MS,
        "task_result": {
            "voices": [{ "voice_id": id, "voice_name": name, "trial_url": "", "owned_by": OWNER }],
        },
    })
}
