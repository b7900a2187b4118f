//! Size, ratio and mode of a unified wish: `width` and `height` are kept as asked, and stand for the
//! nearest ratio and the mode that Kling has for them.

use domain::Refusal;
use domain::ask::Size;
use domain::fields::Fields;
use serde_json::json;

use super::body::Body;
use crate::kling_models::{DEFAULT_MODE, MODES, Model, Use, size_of};
use crate::kling_options::{Notes, RATIOS, word};

/// Each side of a frame, in pixels.
const SIDES: std::ops::RangeInclusive<i64> = 64..=4096;
/// What `quality_level` means.
const QUALITY_LEVELS: [(&str, &str); 6] = [
    ("standard", "std"),
    ("std", "std"),
    ("high", "pro"),
    ("hd", "pro"),
    ("pro", "pro"),
    ("4k", "4k"),
];

/// The frame and the quality word of a clip.
pub(super) struct Frame {
    /// Its size.
    pub(super) size: Size,
    /// The quality word.
    pub(super) mode: String,
    /// The field that the quality word comes from, for refusals.
    pub(super) mode_path: String,
}

/// Reads size, ratio and mode.
///
/// # Errors
/// A refusal naming the field and its range.
pub(super) fn read(
    body: &Body<'_>,
    model: Option<&Model>,
    usage: Use,
    notes: &mut Notes,
) -> Result<Frame, Refusal> {
    let asked = asked_size(body.top)?;
    let ratio = word(body.home("aspect_ratio"), "aspect_ratio", &RATIOS)?;
    let (mode, mode_path) = match said_mode(body, notes)? {
        Some(said) => said,
        None => (implied_mode(model, usage, asked), body.home("mode").path("mode")),
    };
    if usage == Use::Text {
        let ratio = ratio.clone().or(asked.map(nearest_ratio));
        if let Some(ratio) = ratio {
            notes.extra("aspect_ratio", json!(ratio));
        }
    } else if ratio.is_some() {
        notes.ignore(body.home("aspect_ratio").path("aspect_ratio"));
    }
    let mode = match model.and_then(|model| model.fixed_mode) {
        Some(fixed) if fixed != mode => {
            notes.ignore(mode_path.clone());
            fixed.to_owned()
        }
        _ => mode,
    };
    let size = asked.unwrap_or_else(|| size_of(&mode, ratio.as_deref().unwrap_or("16:9")));
    Ok(Frame {
        size,
        mode,
        mode_path,
    })
}

fn asked_size(top: &Fields) -> Result<Option<Size>, Refusal> {
    let side = |name: &str| -> Result<Option<u32>, Refusal> {
        let Some(pixels) = top.whole(name)? else {
            return Ok(None);
        };
        let (least, most) = (SIDES.start(), SIDES.end());
        if !SIDES.contains(&pixels) || pixels % 2 != 0 {
            let message = format!("cannot be `{pixels}`, only an even number from {least} to {most}");
            return Err(top.wrong(name, &message));
        }
        Ok(u32::try_from(pixels).ok())
    };
    match (side("width")?, side("height")?) {
        (Some(width), Some(height)) => Ok(Some(Size { width, height })),
        (None, None) => Ok(None),
        (Some(_), None) => Err(top.wrong("height", "is required with `width`")),
        (None, Some(_)) => Err(top.wrong("width", "is required with `height`")),
    }
}

/// `mode`, else what `quality_level` means; a level that means nothing or is overruled is reported.
fn said_mode(body: &Body<'_>, notes: &mut Notes) -> Result<Option<(String, String)>, Refusal> {
    let home = body.home("quality_level");
    let level = home
        .text("quality_level")?
        .map(|level| level.trim().to_ascii_lowercase());
    let level = level.filter(|level| !level.is_empty());
    let meant = level.as_ref().and_then(|level| {
        let row = QUALITY_LEVELS.iter().find(|(known, _)| known == level);
        row.map(|(_, mode)| *mode)
    });
    let path = home.path("quality_level");
    let words = MODES.map(|(word, _)| word);
    let said = word(body.home("mode"), "mode", &words)?;
    match (said, meant) {
        (Some(mode), meant) => {
            if level.is_some() && meant != Some(mode.as_str()) {
                notes.ignore(path);
            }
            Ok(Some((mode, body.home("mode").path("mode"))))
        }
        (None, Some(meant)) => Ok(Some((meant.to_owned(), path))),
        (None, None) => {
            if level.is_some() {
                notes.ignore(path);
            }
            Ok(None)
        }
    }
}

/// The mode that a size stands for, where the map knows the model; else the default.
fn implied_mode(model: Option<&Model>, usage: Use, asked: Option<Size>) -> String {
    let mode = match (model, asked) {
        (Some(model), Some(size)) => model.mode_for_lines(usage, size.width.min(size.height)),
        (Some(model), None) => model.fixed_mode.unwrap_or(DEFAULT_MODE),
        (None, _) => DEFAULT_MODE,
    };
    mode.to_owned()
}

/// The vendor's ratio that is nearest; the borders lie in the geometric middle of two ratios.
fn nearest_ratio(size: Size) -> String {
    let (width, height) = (u64::from(size.width), u64::from(size.height));
    let ratio = if width * 3 >= height * 4 {
        "16:9"
    } else if height * 3 >= width * 4 {
        "9:16"
    } else {
        "1:1"
    };
    ratio.to_owned()
}
