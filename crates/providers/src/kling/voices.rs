//! Voices made from a sample, and taken away.
//!
//! Source: <https://kling.ai/document-api/>, custom-voices and delete-voices, checked 2026-11-21.

use domain::Ask;
use serde_json::json;

use super::items;
use super::legacy::Body;
use super::media::Material;

/// The rest of the body of a new voice. Its sample is a sound, or a clip in which somebody speaks.
pub(super) fn write(body: &mut Body<'_>, materials: Vec<Material>) {
    body.put_said(&["voice_name"]);
    body.put_named_or("video_id", "voice_url", materials.into_iter().next());
}

/// The body of a deletion.
pub(super) fn write_deletion(body: &mut Body<'_>, ask: &Ask) {
    if let Some(voice) = items::voices(ask).next() {
        body.put("voice_id", json!(voice));
    }
}
