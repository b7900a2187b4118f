//! From the command line to a submit: of a clip in the unified dialect, of a still in our own API, because the
//! unified one has none.

use std::path::Path;

use anyhow::{Context as _, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::cli::Misuse;
use crate::cli::generate::Generate;

/// Largest picture that is read from a file: what the gateway's own body limit lets through.
const IMAGE_MAX_BYTES: u64 = 50 * 1024 * 1024;

/// How a still is written, by the ending of its file; the first where no file is named.
const STILLS: [(&str, &str); 4] = [
    ("png", "png"),
    ("jpg", "jpeg"),
    ("jpeg", "jpeg"),
    ("webp", "webp"),
];

/// A submit as it is sent.
pub(super) struct Order {
    /// Where to.
    pub(super) path: &'static str,
    /// What is asked for.
    pub(super) body: Value,
    /// The field of the answer that holds the task's id.
    pub(super) id_field: &'static str,
    /// What the name of the file ends in where the command line names none.
    pub(super) ending: &'static str,
}

impl Generate {
    /// The submit that the command line asks for.
    pub(super) fn order(&self) -> anyhow::Result<Order> {
        if self.still {
            return self.still();
        }
        let from_words = self.image.is_empty() && self.image_tail.is_none();
        Ok(Order {
            path: if from_words {
                "/elk/kling/v1/videos/text2video"
            } else {
                "/elk/kling/v1/videos/image2video"
            },
            body: self.clip()?,
            id_field: "task_id",
            ending: "mp4",
        })
    }

    /// The submit of a still; the ending of its file says how it is written.
    fn still(&self) -> anyhow::Result<Order> {
        let (ending, format) = match &self.output {
            Some(output) => still_format(output)?,
            None => STILLS[0],
        };
        let mut body = Map::new();
        let wished = [
            ("operation", Some(json!("image_generation"))),
            ("format", Some(json!(format))),
            ("prompt", self.prompt.as_ref().map(|text| json!(text))),
            (
                "negative_prompt",
                self.negative_prompt.as_ref().map(|text| json!(text)),
            ),
            ("model", self.model.as_ref().map(|model| json!(model))),
            ("width", self.size.map(|(width, _)| json!(width))),
            ("height", self.size.map(|(_, height)| json!(height))),
            ("seed", self.seed.map(|seed| json!(seed))),
        ];
        for (name, value) in wished {
            if let Some(value) = value {
                body.insert(name.to_owned(), value);
            }
        }
        Ok(Order {
            path: "/api/v1/tasks",
            body: Value::Object(body),
            id_field: "id",
            ending,
        })
    }

    /// The body of a clip's submit.
    fn clip(&self) -> anyhow::Result<Value> {
        if self.image.len() > 1 {
            bail!(Misuse(
                "this version takes one --image; several need routes that come later".to_owned()
            ));
        }
        let mut body = Map::new();
        let mut metadata = Map::new();
        body.insert(
            "prompt".to_owned(),
            json!(self.prompt.as_deref().unwrap_or_default()),
        );
        let plain = [
            ("model", self.model.as_ref().map(|model| json!(model))),
            ("duration", self.duration.map(|seconds| json!(seconds))),
            ("width", self.size.map(|(width, _)| json!(width))),
            ("height", self.size.map(|(_, height)| json!(height))),
            ("fps", self.fps.map(|fps| json!(fps))),
            ("seed", self.seed.map(|seed| json!(seed))),
            (
                "image",
                self.image.first().map(|image| picture(image)).transpose()?,
            ),
        ];
        for (name, value) in plain {
            if let Some(value) = value {
                body.insert(name.to_owned(), value);
            }
        }
        let options = [
            (
                "negative_prompt",
                self.negative_prompt.as_ref().map(|text| json!(text)),
            ),
            ("image_tail", self.image_tail.as_deref().map(picture).transpose()?),
        ];
        for (name, value) in options {
            if let Some(value) = value {
                metadata.insert(name.to_owned(), value);
            }
        }
        if !metadata.is_empty() {
            body.insert("metadata".to_owned(), Value::Object(metadata));
        }
        Ok(Value::Object(body))
    }
}

/// The ending of a still's file and the format that it stands for.
fn still_format(output: &Path) -> anyhow::Result<(&'static str, &'static str)> {
    let ending = output.extension().unwrap_or_default().to_string_lossy();
    let row = STILLS
        .iter()
        .find(|(known, _)| ending.eq_ignore_ascii_case(known));
    row.copied().ok_or_else(|| {
        let known = STILLS.map(|(known, _)| format!("`.{known}`")).join(", ");
        let name = output.display();
        Misuse(format!(
            "a still's file cannot be `{name}`, only one that ends in {known}"
        ))
        .into()
    })
}

/// A link as it is, a file as Base64.
fn picture(named: &str) -> anyhow::Result<Value> {
    let lower = named.to_ascii_lowercase();
    if lower.starts_with("http://") || lower.starts_with("https://") {
        return Ok(json!(named));
    }
    let unreadable = || format!("the picture `{named}` cannot be read");
    let length = std::fs::metadata(named).with_context(unreadable)?.len();
    if length > IMAGE_MAX_BYTES {
        bail!(Misuse(format!("the picture `{named}` is larger than 50 MiB")));
    }
    let bytes = std::fs::read(named).with_context(unreadable)?;
    Ok(json!(STANDARD.encode(bytes)))
}

/// Reads `1280x720`.
pub(super) fn size(text: &str) -> Result<(u32, u32), String> {
    let cure = || "a size is written WIDTHxHEIGHT, such as 1280x720".to_owned();
    let (width, height) = text.split_once(['x', 'X', '×']).ok_or_else(cure)?;
    let side = |text: &str| text.trim().parse::<u32>().map_err(|_| cure());
    Ok((side(width)?, side(height)?))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{size, still_format};

    #[test]
    fn a_size_is_width_and_height_with_an_x_between() {
        assert_eq!(size("1280x720"), Ok((1280, 720)));
        assert!(size("1280").is_err());
        assert!(size("axb").is_err());
    }

    #[test]
    fn the_ending_of_a_file_says_how_a_still_is_written() {
        let cases = [
            ("a.png", "png"),
            ("a.b.jpg", "jpeg"),
            ("a.JPEG", "jpeg"),
            ("d.e/a.webp", "webp"),
        ];
        for (name, format) in cases {
            assert_eq!(
                still_format(Path::new(name)).ok().map(|(_, format)| format),
                Some(format)
            );
        }
        for name in ["a.mp4", "png", "d.png/a"] {
            let refused = still_format(Path::new(name)).expect_err("no still ends so");
            assert!(refused.to_string().contains("`.webp`"), "{refused}");
        }
    }
}
