//! Stills: from words and pictures, made larger at their edges, and garments put on.
//!
//! Source: <https://kling.ai/document-api/>, the image pages, checked 2026-11-21.

use domain::{Ask, Operation, Role};
use serde_json::{Value, json};

use super::legacy::{Body, take};
use super::media::Material;

/// Edges that are moved out.
const EDGES: [&str; 4] = [
    "up_expansion_ratio",
    "down_expansion_ratio",
    "left_expansion_ratio",
    "right_expansion_ratio",
];

/// Resolutions with the longest side that they are the nearest for, in pixels.
const RESOLUTIONS: [(&str, u32); 2] = [("1k", 1_536), ("2k", 2_944)];
/// Ratios of stills.
const RATIOS: [(&str, u64, u64); 8] = [
    ("16:9", 16, 9),
    ("9:16", 9, 16),
    ("1:1", 1, 1),
    ("4:3", 4, 3),
    ("3:4", 3, 4),
    ("3:2", 3, 2),
    ("2:3", 2, 3),
    ("21:9", 21, 9),
];

/// The rest of the body of any kind of still.
pub(super) fn write(body: &mut Body<'_>, ask: &Ask, mut materials: Vec<Material>) {
    match ask.operation {
        Operation::ImageGeneration => {
            body.put_negative_prompt();
            body.put_said(&["image_reference", "image_fidelity", "human_fidelity"]);
            body.put_items();
            put_frame(body, ask);
            body.put_material("image", materials.into_iter().next());
        }
        Operation::OmniImage => {
            put_frame(body, ask);
            body.put_items();
            body.put_list("image_list", "image", materials);
        }
        Operation::MultiImageToImage => {
            put_frame(body, ask);
            body.put_material("scene_image", take(&mut materials, Role::Setting));
            body.put_material("style_image", take(&mut materials, Role::Style));
            body.put_list("subject_image_list", "subject_image", materials);
        }
        Operation::ImageExpand => {
            body.put_said(&EDGES);
            body.put_material("image", materials.into_iter().next());
        }
        _ => {
            body.put_material("human_image", take(&mut materials, Role::Person));
            body.put_material("cloth_image", take(&mut materials, Role::Garment));
            return;
        }
    }
    body.put_prompt();
    put_count(body, ask);
}

/// Resolution and ratio. Where the client's language has words for neither, those nearest to the size.
fn put_frame(body: &mut Body<'_>, ask: &Ask) {
    body.put_said(&["resolution", "aspect_ratio"]);
    let has_resolution = ask.operation != Operation::MultiImageToImage;
    if has_resolution && !ask.extras.contains_key("kling.resolution") {
        body.put("resolution", json!(resolution(ask)));
    }
    if !ask.follows_picture && !ask.extras.contains_key("kling.aspect_ratio") {
        body.put("aspect_ratio", json!(nearest_ratio(ask)));
    }
}

fn resolution(ask: &Ask) -> &str {
    let said = ask.mode.as_deref().filter(|mode| mode.ends_with('k'));
    let side = ask.size.width.max(ask.size.height);
    let by_size = RESOLUTIONS.iter().find(|(_, most)| side <= *most);
    said.unwrap_or(by_size.map_or("4k", |(word, _)| word))
}

fn nearest_ratio(ask: &Ask) -> &'static str {
    let (width, height) = (
        u64::from(ask.size.width.max(1)),
        u64::from(ask.size.height.max(1)),
    );
    // How far a ratio is off, as the larger quotient of the two ratios, in thousandths.
    let off = |(_, across, down): &(&str, u64, u64)| {
        let (one, other) = (width * down, height * across);
        one.max(other) * 1_000 / one.min(other)
    };
    let nearest = RATIOS.iter().min_by_key(|ratio| off(ratio));
    nearest.map_or("16:9", |(word, ..)| word)
}

/// How many: of a series as many as the vendor likes, where it is open.
fn put_count(body: &mut Body<'_>, ask: &Ask) {
    body.put_said(&["result_type", "series_amount"]);
    let is_series = ask.extras.get("kling.result_type").and_then(Value::as_str) == Some("series");
    if !is_series {
        body.put("n", json!(ask.count));
    }
}
