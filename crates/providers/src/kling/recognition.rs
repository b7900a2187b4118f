//! What a picture shows, as masks.
//!
//! Source: <https://kling.ai/document-api/>, image-recognize, checked 2026-11-21.

use super::legacy::Body;
use super::media::Material;

/// The body.
pub(super) fn write(body: &mut Body<'_>, materials: Vec<Material>) {
    body.put_material("image", materials.into_iter().next());
}
