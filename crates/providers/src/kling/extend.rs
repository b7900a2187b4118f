//! More seconds for an earlier clip.
//!
//! Source: <https://kling.ai/document-api/>, video-extend, checked 2026-11-21.

use domain::Role;

use super::legacy::{Body, take};
use super::media::Material;

/// The rest of the body. Model and quality are the earlier clip's.
pub(super) fn write(body: &mut Body<'_>, mut materials: Vec<Material>) {
    body.put_prompt();
    body.put_negative_prompt();
    body.put_said(&["cfg_scale"]);
    body.put_material("video_id", take(&mut materials, Role::SourceVideo));
}
