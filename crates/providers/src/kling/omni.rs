//! Clips from words, pictures, clips and elements, by both generations.
//!
//! Source: <https://kling.ai/document-api/>, omni-video of the legacy calls and of the new standard, checked
//! 2026-11-21.

use domain::{Ask, Role};
use serde_json::{Value, json};

use super::legacy::Body;
use super::media::Material;
use super::{has_own_shots, ratio};

/// Inputs that are counted as pictures.
pub(super) const PICTURES: [Role; 3] = [Role::FirstFrame, Role::LastFrame, Role::Reference];
/// Inputs that are counted as clips: the one that is changed, and the one that is looked at.
pub(super) const CLIPS: [Role; 2] = [Role::SourceVideo, Role::MotionVideo];

/// Whether a clip came with the wish.
pub(super) fn has_clip(ask: &Ask) -> bool {
    ask.inputs.iter().any(|input| CLIPS.contains(&input.role))
}

/// Whether the frame's ratio is said: a first picture and a clip that is changed have one of their own.
pub(super) fn has_ratio(ask: &Ask) -> bool {
    let has = |role: Role| ask.inputs.iter().any(|input| input.role == role);
    ask.extras.contains_key("kling.aspect_ratio") || !(has(Role::FirstFrame) || has(Role::SourceVideo))
}

/// The rest of a legacy body.
pub(super) fn write(body: &mut Body<'_>, ask: &Ask, materials: Vec<Material>) {
    if !has_own_shots(ask) {
        body.put_prompt();
    }
    body.put_shots();
    body.put_mode();
    if ask.lasts_like.is_none() {
        body.put("duration", json!(ask.seconds().to_string()));
    }
    if has_ratio(ask) {
        body.put("aspect_ratio", json!(ratio(ask)));
    }
    body.put_sound();
    body.put_items();
    let (mut pictures, mut clips) = (Vec::new(), Vec::new());
    for material in materials {
        let kind = match material.role {
            Role::FirstFrame => Some("first_frame"),
            Role::LastFrame => Some("end_frame"),
            Role::SourceVideo => Some("base"),
            Role::MotionVideo => Some("feature"),
            _ => None,
        };
        if CLIPS.contains(&material.role) {
            let mut clip = json!({ "video_url": material.text(), "refer_type": kind });
            if let Some(said) = ask.extras.get("kling.keep_original_sound") {
                clip["keep_original_sound"] = said.clone();
            }
            clips.push(clip);
        } else {
            let mut picture = json!({ "image_url": material.text() });
            if let Some(kind) = kind {
                picture["type"] = json!(kind);
            }
            pictures.push(picture);
        }
    }
    for (name, list) in [("image_list", pictures), ("video_list", clips)] {
        if !list.is_empty() {
            body.put(name, Value::Array(list));
        }
    }
}

/// Pictures and clips for the new standard, each with the name that the prompt has for it.
pub(super) fn put_contents(contents: &mut Vec<Value>, materials: Vec<Material>) {
    let (mut pictures, mut clips) = (0, 0);
    for material in materials {
        let kind = match material.role {
            Role::FirstFrame => "first_frame",
            Role::LastFrame => "last_frame",
            Role::SourceVideo => "base_video",
            Role::MotionVideo => "feature_video",
            _ => "refer_image",
        };
        let name = if CLIPS.contains(&material.role) {
            clips += 1;
            format!("video_{clips}")
        } else {
            pictures += 1;
            format!("image_{pictures}")
        };
        contents.push(json!({ "type": kind, "url": material.text(), "id": name }));
    }
}
