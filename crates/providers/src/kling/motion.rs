//! A person moved like in another clip, by both generations.
//!
//! Source: <https://kling.ai/document-api/>, motion-control of the legacy calls and of the new standard,
//! checked 2026-11-21.

use domain::Role;
use serde_json::{Value, json};

use super::legacy::{Body, take};
use super::media::Material;

/// The rest of a legacy body.
pub(super) fn write(body: &mut Body<'_>, mut materials: Vec<Material>) {
    body.put_prompt();
    body.put_mode();
    body.put_said(&["keep_original_sound", "character_orientation"]);
    body.put_items();
    body.put_material("video_url", take(&mut materials, Role::MotionVideo));
    body.put_material("image_url", materials.into_iter().next());
}

/// The person and the clip for the new standard.
pub(super) fn put_contents(contents: &mut Vec<Value>, materials: Vec<Material>) {
    for material in materials {
        let kind = match material.role {
            Role::MotionVideo => "video",
            _ => "image",
        };
        contents.push(json!({ "type": kind, "url": material.text() }));
    }
}
