//! From the command line to the body of a unified submit.

use anyhow::{Context as _, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::cli::Misuse;
use crate::cli::generate::Generate;

/// Largest picture that is read from a file: what the gateway's own body limit lets through.
const IMAGE_MAX_BYTES: u64 = 50 * 1024 * 1024;

impl Generate {
    /// The product of the unified dialect that is asked for.
    pub(super) fn product(&self) -> &'static str {
        if self.image.is_empty() && self.image_tail.is_none() {
            "text2video"
        } else {
            "image2video"
        }
    }

    /// The body of the submit.
    pub(super) fn order(&self) -> anyhow::Result<Value> {
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
    use super::size;

    #[test]
    fn a_size_is_width_and_height_with_an_x_between() {
        assert_eq!(size("1280x720"), Ok((1280, 720)));
        assert!(size("1280").is_err());
        assert!(size("axb").is_err());
    }
}
