//! Elements of a clip exchanged, and the areas that are picked for it.
//!
//! Source: <https://kling.ai/document-api/>, multi-elements and its selections, checked 2026-11-21.

use domain::item::ItemKind;
use domain::{Ask, Role};
use serde_json::json;

use super::items;
use super::legacy::{Body, take};
use super::media::Material;

/// The body of a call about a selection.
pub(super) fn write_selection(body: &mut Body<'_>, ask: &Ask, mut materials: Vec<Material>) {
    put_session(body, ask);
    body.put_named_or("video_id", "video_url", take(&mut materials, Role::SourceVideo));
    body.put_said(&["frame_index", "points"]);
}

/// The rest of the body of an exchange.
pub(super) fn write(body: &mut Body<'_>, ask: &Ask, materials: Vec<Material>) {
    put_session(body, ask);
    body.put_said(&["edit_mode"]);
    body.put_prompt();
    body.put_negative_prompt();
    body.put_mode();
    body.put("duration", json!(ask.seconds().to_string()));
    body.put_list("image_list", "image", materials);
}

fn put_session(body: &mut Body<'_>, ask: &Ask) {
    if let Some(session) = items::session(ask, ItemKind::SelectionSession) {
        body.put("session_id", json!(session));
    }
}
