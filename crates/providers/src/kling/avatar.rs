//! A talking portrait.
//!
//! Source: <https://kling.ai/document-api/>, avatar, checked 2026-11-21.

use domain::Role;

use super::legacy::{Body, take};
use super::media::Material;

/// The rest of the body.
pub(super) fn write(body: &mut Body<'_>, mut materials: Vec<Material>) {
    body.put_prompt();
    body.put_mode();
    body.put_named_or("audio_id", "sound_file", take(&mut materials, Role::Audio));
    body.put_material("image", materials.into_iter().next());
}
