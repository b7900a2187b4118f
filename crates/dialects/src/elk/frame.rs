//! Size, ratio and mode of a unified wish: `width` and `height` are kept as asked, and stand for the
//! nearest ratio and the mode that Kling has for them.

use domain::Refusal;
use domain::ask::Size;
use serde_json::json;

use super::body::Body;
use crate::kling_models::{MODES, Model, Use, size_of};
use crate::kling_options::{Notes, RATIOS, word};
use crate::kling_sizes::{asked_size, check_size, implied_mode, nearest_ratio};

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
    /// Whether a picture decides its ratio.
    pub(super) follows_picture: bool,
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
    check_size(body.top, model, &mode, asked)?;
    let heard = ratio.as_deref().filter(|_| usage == Use::Text);
    let size = asked.unwrap_or_else(|| size_of(&mode, heard.unwrap_or("16:9")));
    Ok(Frame {
        size,
        follows_picture: asked.is_none() && usage != Use::Text,
        mode,
        mode_path,
    })
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
