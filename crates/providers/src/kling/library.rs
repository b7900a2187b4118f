//! Elements made from pictures or a clip, taken away, and pictures of a thing from several sides.
//!
//! Source: <https://kling.ai/document-api/>, advanced-custom-elements, custom-elements, delete-elements and
//! ai-multi-shot, checked 2026-11-21.

use domain::{Ask, Role};
use serde_json::{Map, Value, json};

use super::items;
use super::legacy::{Body, take};
use super::media::Material;

/// The rest of the body of a new element. The first picture is the one from the front.
pub(super) fn write(body: &mut Body<'_>, ask: &Ask, mut materials: Vec<Material>) {
    put_names(body);
    body.put_said(&["reference_type"]);
    if let Some(voice) = items::voices(ask).next() {
        body.put("element_voice_id", json!(voice));
    }
    if let Some(clip) = take(&mut materials, Role::SourceVideo) {
        let clips = json!([{ "video_url": clip.text() }]);
        body.put("element_video_list", json!({ "refer_videos": clips }));
    }
    if materials.is_empty() {
        return;
    }
    let mut pictures = Map::new();
    pictures.insert(
        "frontal_image".to_owned(),
        Value::String(materials.remove(0).text()),
    );
    pictures.insert("refer_images".to_owned(), views(materials));
    body.put("element_image_list", Value::Object(pictures));
}

/// The rest of the body of a new element in the library before, which is made of pictures only.
pub(super) fn write_previous(body: &mut Body<'_>, materials: Vec<Material>) {
    put_names(body);
    let mut materials = materials.into_iter();
    body.put_material("element_frontal_image", materials.next());
    body.put("element_refer_list", views(materials));
}

fn put_names(body: &mut Body<'_>) {
    body.put_said(&["element_name", "element_description", "tag_list"]);
}

/// Pictures from elsewhere than the front.
fn views(pictures: impl IntoIterator<Item = Material>) -> Value {
    let pictures = pictures.into_iter();
    pictures
        .map(|picture| json!({ "image_url": picture.text() }))
        .collect()
}

/// The body of a deletion. Here the vendor takes the number as a text.
pub(super) fn write_deletion(body: &mut Body<'_>, ask: &Ask) {
    if let Some(element) = items::elements(ask).next() {
        body.put("element_id", json!(element));
    }
}

/// The rest of the body of views from several sides.
pub(super) fn write_views(body: &mut Body<'_>, materials: Vec<Material>) {
    body.put_material("element_frontal_image", materials.into_iter().next());
}
