//! A wish in order for every path that takes one, with no more in it than it needs.

use domain::Operation;
use serde_json::{Value, json};

const PICTURE: &str = "https://media.example/a.png";
const CLIP: &str = "https://media.example/a.mp4";

/// The fields of the smallest wish at a path, whoever sells it.
///
/// # Panics
/// When the table below holds something else than objects.
#[must_use]
pub fn at(path: &str) -> Vec<(String, Value)> {
    let vendor = path.strip_prefix("/kling").unwrap_or(path);
    let wish = match vendor.strip_prefix("/v1/") {
        Some(call) => native(call),
        None => None,
    };
    let wish = wish.unwrap_or_else(|| {
        json!({
            "prompt": "a kite over a beach",
            "image": PICTURE,
            "image_url": PICTURE,
            "image_list": [{ "image": PICTURE }],
        })
    });
    let wish = match wish {
        Value::Object(pairs) => pairs,
        other => panic!("`{path}`: {other} is no wish"),
    };
    wish.into_iter().collect()
}

/// The fields of the smallest wish of the new standard.
#[must_use]
pub fn standard(operation: Option<Operation>) -> Vec<(String, Value)> {
    let wish = match operation {
        Some(Operation::ImageToVideo | Operation::OmniVideo) => json!({
            "contents": [{ "type": "prompt", "text": "a kite" }, { "type": "first_frame", "url": PICTURE }],
        }),
        Some(Operation::MotionControl) => json!({
            "contents": [{ "type": "image", "url": PICTURE }, { "type": "video", "url": CLIP }],
            "settings": { "character_orientation": "image" },
        }),
        _ => json!({ "prompt": "a kite" }),
    };
    let pairs = wish.as_object().cloned().unwrap_or_default();
    pairs.into_iter().collect()
}

fn native(call: &str) -> Option<Value> {
    let earlier = json!({ "video_id": "1" });
    let session = json!({ "session_id": "1" });
    let pointed = json!({ "session_id": "1", "frame_index": 0, "points": [{ "x": 0.5, "y": 1 }] });
    Some(match call {
        "videos/text2video" => json!({ "prompt": "a kite" }),
        "videos/image2video" => json!({ "prompt": "a kite", "image": PICTURE }),
        "videos/multi-image2video" => json!({ "prompt": "a kite", "image_list": [{ "image": PICTURE }] }),
        "videos/omni-video" => json!({ "prompt": "a kite", "aspect_ratio": "16:9" }),
        "videos/motion-control" => json!({
            "image_url": PICTURE, "video_url": CLIP, "character_orientation": "image", "mode": "std",
        }),
        "videos/video-extend"
        | "videos/identify-face"
        | "videos/multi-elements/init-selection"
        | "audio/video-to-audio" => earlier,
        "videos/advanced-lip-sync" => json!({
            "session_id": "1",
            "face_choose": [{
                "face_id": "0", "audio_id": "1", "sound_start_time": 0, "sound_end_time": 3000,
                "sound_insert_time": 0,
            }],
        }),
        "videos/lip-sync" => json!({
            "input": { "video_id": "1", "mode": "text2video", "text": "hello", "voice_id": "oversea_male1" },
        }),
        "videos/avatar/image2video" => json!({ "image": PICTURE, "audio_id": "1" }),
        "videos/effects" => json!({ "effect_scene": "squish", "input": { "image": PICTURE } }),
        "videos/multi-elements/add-selection" | "videos/multi-elements/delete-selection" => pointed,
        "videos/multi-elements/clear-selection" | "videos/multi-elements/preview-selection" => session,
        "videos/multi-elements" => json!({ "session_id": "1", "edit_mode": "removal", "prompt": "no hat" }),
        "audio/text-to-audio" => json!({ "prompt": "rain", "duration": 5 }),
        "audio/tts" | "tts" => json!({ "text": "hello", "voice_id": "oversea_male1" }),
        "general/custom-voices" => json!({ "voice_name": "Ada", "video_id": "1" }),
        "general/delete-voices" => json!({ "voice_id": "1" }),
        "general/advanced-custom-elements" => json!({
            "element_name": "hat", "element_description": "a red hat", "reference_type": "image_refer",
            "element_image_list": { "frontal_image": PICTURE, "refer_images": [{ "image_url": PICTURE }] },
        }),
        "general/custom-elements" => json!({
            "element_name": "hat", "element_description": "a red hat", "element_frontal_image": PICTURE,
            "element_refer_list": [{ "image_url": PICTURE }],
        }),
        "general/delete-elements" | "general/delete-advanced-elements" => json!({ "element_id": 1 }),
        "general/ai-multi-shot" => json!({ "element_frontal_image": PICTURE }),
        "images/generations" | "images/omni-image" => json!({ "prompt": "a kite" }),
        "images/multi-image2image" => json!({ "subject_image_list": [{ "subject_image": PICTURE }] }),
        "images/editing/expand" => json!({
            "image": PICTURE, "up_expansion_ratio": 0.1, "down_expansion_ratio": 0, "left_expansion_ratio": 0,
            "right_expansion_ratio": 0,
        }),
        "images/kolors-virtual-try-on" => json!({ "human_image": PICTURE, "cloth_image": PICTURE }),
        "videos/image-recognize" => json!({ "image": PICTURE }),
        _ => return None,
    })
}
