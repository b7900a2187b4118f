//! Wishes as the new standard takes them: the model in the path, `contents`, `settings` and `options`.
//! What it has no word for is not sent this way. What all kinds of work share is here, and clips from words and
//! pictures; the other kinds are in files of their own.
//!
//! Source: <https://kling.ai/document-api/>, text-to-video and image-to-video of the new standard, checked
//! 2026-11-21.

use domain::{Ask, Operation, Role};
use serde_json::{Map, Value, json};

use super::catalogue::Standard;
use super::media::Material;
use super::{Terms, has_own_shots, is_multi_shot, items, motion, omni, ratio};

/// Our quality words and the vendor's. Another word travels as it is, for the vendor to judge.
const RESOLUTIONS: [(&str, &str); 3] = [("std", "720p"), ("pro", "1080p"), ("4k", "4k")];
/// The most things of one sort that a prompt can name: no name may be a part of another.
const NAMED_MAX: usize = 9;
/// What a reference to something that came with the wish stands between, in the words of the legacy calls.
const REFERENCE: (&str, &str) = ("<<<", ">>>");

/// The path of a create. `None`: there is no such call.
pub(super) fn path(operation: Operation, model: &Standard<'_>) -> Option<String> {
    let capability = match operation {
        Operation::TextToVideo => "text-to-video",
        Operation::ImageToVideo => "image-to-video",
        Operation::OmniVideo => "omni-video",
        Operation::MotionControl => "motion-control",
        _ => return None,
    };
    Some(format!("/{capability}/{}", model.segment))
}

/// The body of a create.
pub(super) fn body(ask: &Ask, model: &Standard<'_>, materials: Vec<Material>, terms: &Terms<'_>) -> Value {
    let prompt = words(ask).unwrap_or_else(|| ask.prompt.clone());
    let mut body = Map::new();
    if ask.operation == Operation::TextToVideo {
        body.insert("prompt".to_owned(), json!(prompt));
    } else {
        let mut contents = Vec::new();
        if !prompt.is_empty() {
            contents.push(json!({ "type": "prompt", "text": prompt }));
        }
        match ask.operation {
            Operation::OmniVideo => omni::put_contents(&mut contents, materials),
            Operation::MotionControl => motion::put_contents(&mut contents, materials),
            _ => put_frames(&mut contents, materials),
        }
        contents.extend(
            (1..).zip(items::elements(ask)).map(
                |(n, name)| json!({ "type": "element", "element_id": name, "id": format!("element_{n}") }),
            ),
        );
        contents.extend(
            (1..)
                .zip(items::voices(ask))
                .map(|(n, name)| json!({ "type": "voice", "voice_id": name, "id": format!("voice_{n}") })),
        );
        body.insert("contents".to_owned(), Value::Array(contents));
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

/// What should be seen, with things that came with the wish as the new standard names them: `@image_1`. `None`
/// where it cannot be said.
pub(super) fn words(ask: &Ask) -> Option<String> {
    let shots = ask
        .extras
        .get("kling.multi_prompt")
        .filter(|_| has_own_shots(ask));
    let prompt = shots.and_then(shot_prompt).unwrap_or_else(|| ask.prompt.clone());
    let names = names(ask)?;
    if names.is_empty() {
        return Some(prompt);
    }
    let has_name = |text: &str| names.iter().any(|name| text.contains(name.as_str()));
    let mut said = String::with_capacity(prompt.len());
    let mut rest = prompt.as_str();
    while let Some((before, behind)) = rest.split_once(REFERENCE.0) {
        let Some((name, behind)) = behind.split_once(REFERENCE.1) else {
            break;
        };
        if has_name(before) || !names.iter().any(|known| known == name) {
            return None;
        }
        said += before;
        if said.ends_with(|char: char| char.is_ascii_alphanumeric()) {
            said.push(' ');
        }
        said.push('@');
        said += name;
        if behind.starts_with(|char: char| char.is_ascii_alphanumeric() || char == '_') {
            said.push(' ');
        }
        rest = behind;
    }
    (!has_name(rest)).then(|| said + rest)
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

/// The quality as the new standard says it.
pub(super) fn resolution(mode: &str) -> &str {
    let row = RESOLUTIONS.iter().find(|(word, _)| *word == mode);
    row.map_or(mode, |(_, resolution)| resolution)
}

/// The names of what came with a wish. `None` where there is too much of one sort.
fn names(ask: &Ask) -> Option<Vec<String>> {
    let count = |roles: &[Role]| {
        let inputs = ask.inputs.iter();
        inputs.filter(|input| roles.contains(&input.role)).count()
    };
    let (images, videos) = match ask.operation {
        Operation::OmniVideo => (count(&omni::PICTURES), count(&omni::CLIPS)),
        _ => (0, 0),
    };
    let sorts = [
        ("image", images),
        ("video", videos),
        ("element", items::elements(ask).count()),
        ("voice", items::voices(ask).count()),
    ];
    let mut names = Vec::new();
    for (sort, count) in sorts {
        if count > NAMED_MAX {
            return None;
        }
        names.extend((1..=count).map(|n| format!("{sort}_{n}")));
    }
    Some(names)
}

fn put_frames(contents: &mut Vec<Value>, materials: Vec<Material>) {
    for material in materials {
        let kind = match material.role {
            Role::LastFrame => "last_frame",
            _ => "first_frame",
        };
        contents.push(json!({ "type": kind, "url": material.text() }));
    }
}

fn settings(ask: &Ask, model: &Standard<'_>) -> Value {
    let mut settings = Map::new();
    let mut put = |name: &str, value: Value| settings.insert(name.to_owned(), value);
    if let Some(mode) = ask.mode.as_deref() {
        put("resolution", json!(resolution(mode)));
    }
    // What is as long as a clip takes its length from it.
    if ask.lasts_like.is_none() && ask.operation != Operation::MotionControl {
        put("duration", json!(ask.seconds()));
    }
    let has_ratio = match ask.operation {
        Operation::TextToVideo => true,
        Operation::OmniVideo => omni::has_ratio(ask),
        _ => false,
    };
    if has_ratio {
        put("aspect_ratio", json!(ratio(ask)));
    }
    match ask.operation {
        Operation::MotionControl => {
            put("audio", json!(original_sound(ask)));
            for name in ["character_orientation"] {
                if let Some(said) = ask.extras.get(&format!("kling.{name}")) {
                    put(name, said.clone());
                }
            }
        }
        Operation::OmniVideo if omni::has_clip(ask) => drop(put("audio", json!(original_sound(ask)))),
        _ if ask.sound == Some(true) && model.has_audio => drop(put("audio", json!("native"))),
        Operation::OmniVideo => drop(put("audio", json!("off"))),
        _ if model.has_audio => drop(put("audio", json!("off"))),
        _ => {}
    }
    if model.has_multi_shot && ask.operation != Operation::MotionControl {
        put("multi_shot", json!(is_multi_shot(ask)));
    }
    Value::Object(settings)
}

/// Whether the sound of a clip that came with the wish is kept, as a word.
fn original_sound(ask: &Ask) -> &'static str {
    match ask
        .extras
        .get("kling.keep_original_sound")
        .and_then(Value::as_str)
    {
        Some("yes") => "original",
        _ => "off",
    }
}

#[cfg(test)]
mod tests {
    use domain::ask::{Input, Source};
    use domain::{Ask, Operation, Role};
    use serde_json::json;

    use super::words;

    fn said(prompt: &str, images: usize) -> Option<String> {
        let picture = Input {
            role: Role::Reference,
            source: Source::Earlier(String::new()),
            field: String::new(),
            rule: None,
            parent: None,
        };
        let ask = json!({
            "operation": "omni_video", "model": "kling-v3-omni", "prompt": prompt, "duration_ms": 5000,
            "size": { "width": 16, "height": 9 }, "count": 1,
        });
        let ask: Ask = serde_json::from_value(ask).expect("an ask");
        assert_eq!(ask.operation, Operation::OmniVideo);
        words(&Ask {
            inputs: vec![picture; images],
            ..ask
        })
    }

    #[test]
    fn references_are_named_as_the_new_standard_does_or_not_at_all() {
        let cases = [
            ("a kite", 1, Some("a kite")),
            ("<<<image_1>>> waves", 1, Some("@image_1 waves")),
            (
                "<<<image_1>>> by<<<image_2>>>0",
                2,
                Some("@image_1 by @image_2 0"),
            ),
            ("<<<image_2>>> waves", 1, None),
            ("image_1 <<<image_1>>>", 1, None),
            ("<<<image_1>>> in image_1", 1, None),
            ("<<<image_1>>> and <<<", 1, Some("@image_1 and <<<")),
            ("<<<image_1>>>", 0, Some("<<<image_1>>>")),
            ("<<<image_1>>>", 10, None),
        ];
        for (prompt, images, expected) in cases {
            assert_eq!(
                said(prompt, images).as_deref(),
                expected,
                "{prompt} with {images}"
            );
        }
    }
}
