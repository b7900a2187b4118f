//! Faces found in a clip, and lips moved to a sound, by the present call and by the old one.
//!
//! Source: <https://kling.ai/document-api/>, identify-face, advanced-lip-sync and lip-sync, checked 2026-11-21.

use domain::item::ItemKind;
use domain::{Ask, Role};
use serde_json::{Map, Value, json};

use super::items;
use super::legacy::{Body, take};
use super::media::{Material, Piece};

/// The body of a search for faces.
pub(super) fn write_faces(body: &mut Body<'_>, mut materials: Vec<Material>) {
    body.put_named_or("video_id", "video_url", take(&mut materials, Role::SourceVideo));
}

/// The body of the present call: the clip is the session's, the sound stands beside the face.
pub(super) fn write(body: &mut Body<'_>, ask: &Ask, mut materials: Vec<Material>) {
    if let Some(session) = items::session(ask, ItemKind::FaceSession) {
        body.put("session_id", json!(session));
    }
    let chosen = ask.extras.get("kling.face_choose").and_then(Value::as_array);
    let mut chosen = chosen.cloned().unwrap_or_default();
    if let Some(sound) = take(&mut materials, Role::Audio)
        && let Some(face) = chosen.first_mut().and_then(Value::as_object_mut)
    {
        let name = if sound.is_named() {
            "audio_id"
        } else {
            "sound_file"
        };
        face.insert(name.to_owned(), Value::String(sound.text()));
    }
    body.put("face_choose", Value::Array(chosen));
}

/// The body of the old call: everything in `input`. A sound is always sent as a file.
pub(super) fn write_old(body: &mut Body<'_>, ask: &Ask, mut materials: Vec<Material>) {
    let mut input = match ask.extras.get("kling.input") {
        Some(Value::Object(said)) => said.clone(),
        _ => Map::new(),
    };
    if let Some(clip) = take(&mut materials, Role::SourceVideo) {
        let name = if clip.is_named() { "video_id" } else { "video_url" };
        input.insert(name.to_owned(), Value::String(clip.text()));
    }
    if let Some(Material {
        piece: Piece::Base64(sound),
        ..
    }) = take(&mut materials, Role::Audio)
    {
        input.insert("audio_type".to_owned(), json!("file"));
        input.insert("audio_file".to_owned(), Value::String(sound));
    }
    body.put("input", Value::Object(input));
}
