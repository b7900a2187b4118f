//! Wishes as the legacy calls take them: one path for each kind of work, flat bodies, lengths as strings.
//!
//! Source: <https://kling.ai/document-api/>, text2video, image2video and multi-image2video, checked
//! 2026-11-21.

use domain::{Ask, Operation, Role};
use serde_json::{Map, Value, json};

use super::catalogue::Legacy;
use super::{Picture, Terms, has_own_shots, is_multi_shot, ratio};

/// The largest picture, in bytes.
pub(super) const PICTURE_BYTES_MAX: u64 = 10 * 1024 * 1024;

/// Vendor fields that travel word for word.
const VERBATIM: [&str; 2] = ["cfg_scale", "camera_control"];
/// Vendor fields that have an effect in several shots only.
const OF_SHOTS: [&str; 3] = ["multi_shot", "shot_type", "multi_prompt"];

/// The path of a kind of work: creates go there, and looks below it. `None`: there is no such call.
pub(super) fn path(operation: Operation) -> Option<&'static str> {
    match operation {
        Operation::TextToVideo => Some("/v1/videos/text2video"),
        Operation::ImageToVideo => Some("/v1/videos/image2video"),
        Operation::MultiImageToVideo => Some("/v1/videos/multi-image2video"),
        _ => None,
    }
}

/// The body of a create.
pub(super) fn body(ask: &Ask, model: &Legacy<'_>, pictures: Vec<Picture>, terms: &Terms<'_>) -> Value {
    let mut body = Map::new();
    let mut put = |name: &str, value: Value| body.insert(name.to_owned(), value);
    put("model_name", json!(model.name));
    if !ask.prompt.is_empty() && !has_own_shots(ask) {
        put("prompt", json!(ask.prompt));
    }
    if let Some(negative) = &ask.negative_prompt {
        put("negative_prompt", json!(negative));
    }
    if model.has_mode
        && let Some(mode) = &ask.mode
    {
        put("mode", json!(mode));
    }
    put("duration", json!(ask.seconds().to_string()));
    if ask.operation != Operation::ImageToVideo {
        put("aspect_ratio", json!(ratio(ask)));
    }
    if ask.operation != Operation::MultiImageToVideo && model.has_sound {
        let word = if ask.sound == Some(true) { "on" } else { "off" };
        put("sound", json!(word));
    }
    let shots = if is_multi_shot(ask) { &OF_SHOTS[..] } else { &[] };
    for name in VERBATIM.iter().chain(shots) {
        if let Some(value) = ask.extras.get(&format!("kling.{name}")) {
            put(name, value.clone());
        }
    }
    if ask.marked_copy {
        put("watermark_info", json!({ "enabled": true }));
    }
    put("external_task_id", json!(terms.external_id));
    if let Some(url) = terms.callback_url {
        put("callback_url", json!(url));
    }
    put_pictures(&mut body, ask, pictures);
    Value::Object(body)
}

/// Pictures by their roles. Of the masks the last ones move, as many as there are paths.
fn put_pictures(body: &mut Map<String, Value>, ask: &Ask, pictures: Vec<Picture>) {
    let paths = ask.extras.get("kling.dynamic_masks").and_then(Value::as_array);
    let paths = paths.map_or(&[][..], Vec::as_slice);
    let masks = pictures
        .iter()
        .filter(|picture| picture.role == Role::Mask)
        .count();
    let standing = masks.saturating_sub(paths.len());
    let (mut references, mut moving, mut seen) = (Vec::new(), Vec::new(), 0);
    for Picture { role, base64 } in pictures {
        match role {
            Role::FirstFrame => drop(body.insert("image".to_owned(), Value::String(base64))),
            Role::LastFrame => drop(body.insert("image_tail".to_owned(), Value::String(base64))),
            Role::Mask if seen < standing => {
                seen += 1;
                body.insert("static_mask".to_owned(), Value::String(base64));
            }
            Role::Mask => {
                let path = paths
                    .get(seen - standing)
                    .and_then(|path| path.get("trajectories"));
                seen += 1;
                moving.push(json!({ "mask": base64, "trajectories": path }));
            }
            _ => references.push(json!({ "image": base64 })),
        }
    }
    if !references.is_empty() {
        body.insert("image_list".to_owned(), Value::Array(references));
    }
    if !moving.is_empty() {
        body.insert("dynamic_masks".to_owned(), Value::Array(moving));
    }
}
