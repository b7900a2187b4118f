//! Ready-made effects on one picture or two. Which scenes there are is the vendor's business.
//!
//! Source: <https://kling.ai/document-api/>, video effects, checked 2026-11-21.

use domain::Ask;
use serde_json::{Map, Value, json};

use super::legacy::Body;
use super::media::Material;

/// The rest of the body. Where a model was said, the wish is in the words of the contract of 2025, which has
/// quality and length beside the pictures.
pub(super) fn write(body: &mut Body<'_>, ask: &Ask, materials: Vec<Material>) {
    body.put_said(&["effect_scene"]);
    let mut input = Map::new();
    if let Some(model) = ask.extras.get("kling.model_name") {
        input.insert("model_name".to_owned(), model.clone());
        if let Some(mode) = &ask.mode {
            input.insert("mode".to_owned(), json!(mode));
        }
        input.insert("duration".to_owned(), json!(ask.seconds().to_string()));
    }
    let mut pictures: Vec<Value> = materials
        .into_iter()
        .map(|material| Value::String(material.text()))
        .collect();
    match pictures.len() {
        1 => input.insert("image".to_owned(), pictures.remove(0)),
        _ => input.insert("images".to_owned(), Value::Array(pictures)),
    };
    body.put("input", Value::Object(input));
}
