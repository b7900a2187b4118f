//! Wishes as the new standard takes them: the model in the path, `contents`, `settings` and `options`.
//! What it has no word for is not sent this way.
//!
//! Source: <https://kling.ai/document-api/>, text-to-video and image-to-video of the new standard, checked
//! 2026-11-21.

use domain::{Ask, Operation, Role};
use serde_json::{Map, Value, json};

use super::catalogue::Standard;
use super::{Picture, Terms, has_own_shots, is_multi_shot, ratio};

/// The largest picture, in bytes.
pub(super) const PICTURE_BYTES_MAX: u64 = 50 * 1024 * 1024;

/// Our quality words and the vendor's. Another word travels as it is, for the vendor to judge.
const RESOLUTIONS: [(&str, &str); 3] = [("std", "720p"), ("pro", "1080p"), ("4k", "4k")];

/// The path of a create. `None`: there is no such call.
pub(super) fn path(operation: Operation, model: &Standard<'_>) -> Option<String> {
    let capability = match operation {
        Operation::TextToVideo => "text-to-video",
        Operation::ImageToVideo => "image-to-video",
        _ => return None,
    };
    Some(format!("/{capability}/{}", model.segment))
}

/// The body of a create.
pub(super) fn body(ask: &Ask, model: &Standard<'_>, pictures: Vec<Picture>, terms: &Terms<'_>) -> Value {
    let prompt = prompt(ask);
    let mut body = Map::new();
    if ask.operation == Operation::ImageToVideo {
        let mut contents = Vec::new();
        if !prompt.is_empty() {
            contents.push(json!({ "type": "prompt", "text": prompt }));
        }
        for Picture { role, base64 } in pictures {
            let kind = match role {
                Role::LastFrame => "last_frame",
                _ => "first_frame",
            };
            contents.push(json!({ "type": kind, "url": base64 }));
        }
        body.insert("contents".to_owned(), Value::Array(contents));
    } else {
        body.insert("prompt".to_owned(), json!(prompt));
    }
    body.insert("settings".to_owned(), settings(ask, model));
    let mut options = json!({ "external_task_id": terms.external_id });
    if let Some(url) = terms.callback_url {
        options["callback_url"] = json!(url);
    }
    if ask.marked_copy {
        options["watermark_info"] = json!({ "enabled": true });
    }
    body.insert("options".to_owned(), options);
    Value::Object(body)
}

/// Shots in the grammar of prompts: `shot 1, 2, words; shot 2, 3, words;`. `None` where it cannot say
/// them: a semicolon ends a shot.
pub(super) fn shot_prompt(shots: &Value) -> Option<String> {
    let shots = shots.as_array()?.iter().map(|shot| {
        let index = shot.get("index")?.as_u64()?;
        let seconds: u64 = shot.get("duration")?.as_str()?.parse().ok()?;
        let words = shot.get("prompt")?.as_str()?;
        let fits = !words.contains([';', '；']);
        fits.then(|| format!("shot {index}, {seconds}, {words};"))
    });
    Some(shots.collect::<Option<Vec<_>>>()?.join(" "))
}

fn prompt(ask: &Ask) -> String {
    let shots = ask
        .extras
        .get("kling.multi_prompt")
        .filter(|_| has_own_shots(ask));
    shots.and_then(shot_prompt).unwrap_or_else(|| ask.prompt.clone())
}

fn settings(ask: &Ask, model: &Standard<'_>) -> Value {
    let mut settings = Map::new();
    let mut put = |name: &str, value: Value| settings.insert(name.to_owned(), value);
    if let Some(mode) = ask.mode.as_deref() {
        let row = RESOLUTIONS.iter().find(|(word, _)| *word == mode);
        put(
            "resolution",
            json!(row.map_or(mode, |(_, resolution)| resolution)),
        );
    }
    put("duration", json!(ask.seconds()));
    if ask.operation == Operation::TextToVideo {
        put("aspect_ratio", json!(ratio(ask)));
    }
    if model.has_audio {
        let word = if ask.sound == Some(true) { "native" } else { "off" };
        put("audio", json!(word));
    }
    if model.has_multi_shot {
        put("multi_shot", json!(is_multi_shot(ask)));
    }
    Value::Object(settings)
}
