//! Wishes as the legacy calls take them: one path for each kind of work, flat bodies, lengths as strings. What
//! every kind of work shares is here, and clips from words and pictures; the other kinds are in files of their
//! own.
//!
//! Source: <https://kling.ai/document-api/>, common fields, text2video, image2video and multi-image2video,
//! checked 2026-11-21.

use domain::{Ask, Operation, Role};
use serde_json::{Map, Value, json};

use super::calls::{Answers, Row};
use super::catalogue::Legacy;
use super::media::Material;
use super::{Terms, has_own_shots, is_multi_shot, items, ratio};

/// Vendor fields of clips that travel word for word.
const VERBATIM: [&str; 2] = ["cfg_scale", "camera_control"];
/// Vendor fields that have an effect in several shots only.
const OF_SHOTS: [&str; 3] = ["multi_shot", "shot_type", "multi_prompt"];

/// A body that is being written.
pub(super) struct Body<'a> {
    ask: &'a Ask,
    fields: Map<String, Value>,
}

impl<'a> Body<'a> {
    /// A body with the model, where the call takes one.
    pub(super) fn new(ask: &'a Ask, call: &Row, model: &Legacy<'_>) -> Body<'a> {
        let mut body = Body {
            ask,
            fields: Map::new(),
        };
        if call.names_model {
            body.put("model_name", json!(model.name));
        }
        body
    }

    pub(super) fn put(&mut self, name: &str, value: Value) {
        self.fields.insert(name.to_owned(), value);
    }

    /// Vendor fields that travel word for word, where they were said.
    pub(super) fn put_said(&mut self, names: &[&str]) {
        for name in names {
            let said = self.ask.extras.get(&format!("kling.{name}"));
            if let Some(value) = said.filter(|value| !value.is_null()) {
                self.put(name, value.clone());
            }
        }
    }

    /// The prompt, where there is one.
    pub(super) fn put_prompt(&mut self) {
        if !self.ask.prompt.is_empty() {
            self.put("prompt", json!(self.ask.prompt));
        }
    }

    /// What should not be seen, where it was said.
    pub(super) fn put_negative_prompt(&mut self) {
        if let Some(negative) = &self.ask.negative_prompt {
            self.put("negative_prompt", json!(negative));
        }
    }

    /// The quality, where it was said or is the default.
    pub(super) fn put_mode(&mut self) {
        if let Some(mode) = &self.ask.mode {
            self.put("mode", json!(mode));
        }
    }

    /// The fields of several shots, where there are several.
    pub(super) fn put_shots(&mut self) {
        if is_multi_shot(self.ask) {
            self.put_said(&OF_SHOTS);
        }
    }

    /// Sound on or off.
    pub(super) fn put_sound(&mut self) {
        let word = if self.ask.sound == Some(true) { "on" } else { "off" };
        self.put("sound", json!(word));
    }

    /// Elements and voices by the vendor's names.
    pub(super) fn put_items(&mut self) {
        let elements: Vec<Value> = items::elements(self.ask)
            .map(|name| json!({ "element_id": items::number(name) }))
            .collect();
        if !elements.is_empty() {
            self.put("element_list", Value::Array(elements));
        }
        let voices: Vec<Value> = items::voices(self.ask)
            .map(|name| json!({ "voice_id": name }))
            .collect();
        if !voices.is_empty() {
            self.put("voice_list", Value::Array(voices));
        }
    }

    /// An input in a field, where there is one.
    pub(super) fn put_material(&mut self, name: &str, material: Option<Material>) {
        if let Some(material) = material {
            self.put(name, Value::String(material.text()));
        }
    }

    /// A clip or sound by the vendor's name in one field, else in the other.
    pub(super) fn put_named_or(&mut self, by_name: &str, else_in: &str, material: Option<Material>) {
        let name = match &material {
            Some(material) if material.is_named() => by_name,
            _ => else_in,
        };
        self.put_material(name, material);
    }

    /// A list of objects that have one input each.
    pub(super) fn put_list(&mut self, name: &str, key: &str, materials: Vec<Material>) {
        if materials.is_empty() {
            return;
        }
        let list = materials
            .into_iter()
            .map(|material| json!({ key: material.text() }));
        let list = list.collect();
        self.put(name, list);
    }

    /// The body with what every call takes.
    pub(super) fn finish(mut self, call: &Row, terms: &Terms<'_>) -> Value {
        if call.answers != Answers::Later {
            return Value::Object(self.fields);
        }
        if self.ask.marked_copy && call.has_mark {
            self.put("watermark_info", json!({ "enabled": true }));
        }
        self.put("external_task_id", json!(terms.external_id));
        if let Some(url) = terms.callback_url {
            self.put("callback_url", json!(url));
        }
        Value::Object(self.fields)
    }
}

/// Takes the first input of a role out of a list.
pub(super) fn take(materials: &mut Vec<Material>, role: Role) -> Option<Material> {
    let at = materials.iter().position(|material| material.role == role)?;
    Some(materials.remove(at))
}

/// A clip from words or pictures.
pub(super) fn write(body: &mut Body<'_>, ask: &Ask, model: &Legacy<'_>, pictures: Vec<Material>) {
    if !has_own_shots(ask) {
        body.put_prompt();
    }
    body.put_negative_prompt();
    if model.has_mode {
        body.put_mode();
    }
    body.put("duration", json!(ask.seconds().to_string()));
    if ask.operation != Operation::ImageToVideo {
        body.put("aspect_ratio", json!(ratio(ask)));
    }
    if ask.operation != Operation::MultiImageToVideo && model.has_sound {
        body.put_sound();
    }
    body.put_said(&VERBATIM);
    body.put_shots();
    body.put_items();
    put_pictures(body, ask, pictures);
}

/// Pictures by their roles. Of the masks the last ones move, as many as there are paths.
fn put_pictures(body: &mut Body<'_>, ask: &Ask, pictures: Vec<Material>) {
    let paths = ask.extras.get("kling.dynamic_masks").and_then(Value::as_array);
    let paths = paths.map_or(&[][..], Vec::as_slice);
    let masks = pictures
        .iter()
        .filter(|picture| picture.role == Role::Mask)
        .count();
    let standing = masks.saturating_sub(paths.len());
    let (mut references, mut moving, mut seen) = (Vec::new(), Vec::new(), 0);
    for picture in pictures {
        match picture.role {
            Role::FirstFrame => body.put_material("image", Some(picture)),
            Role::LastFrame => body.put_material("image_tail", Some(picture)),
            Role::Mask if seen < standing => {
                seen += 1;
                body.put_material("static_mask", Some(picture));
            }
            Role::Mask => {
                let path = paths
                    .get(seen - standing)
                    .and_then(|path| path.get("trajectories"));
                seen += 1;
                moving.push(json!({ "mask": picture.text(), "trajectories": path }));
            }
            _ => references.push(picture),
        }
    }
    body.put_list("image_list", "image", references);
    if !moving.is_empty() {
        body.put("dynamic_masks", Value::Array(moving));
    }
}
