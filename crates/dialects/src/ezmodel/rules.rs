//! The rules that EZModel puts before Kling's own, in the vendor's order and words. It answers them with
//! 500, although they are the client's fault.

use domain::fields::{Field, Fields};
use domain::{Operation, Refusal};

use crate::kling::submit::default_model;
use crate::kling_frames::entry;
use crate::kling_models::{self, Use};
use crate::kling_options::{excerpt, line};

/// The code of a wish that has no price.
const NO_PRICE: &str = "get_price_scale_failed";
/// The code of a wish that cannot be handed on.
const NOT_BUILT: &str = "build_request_failed";
/// The status of both.
const STATUS: u16 = 500;

/// The lengths of the calls that are about one clip, in seconds.
const SECONDS: [i64; 2] = [5, 10];
/// The shortest shot, in seconds.
const SHOT_SECONDS_MIN: i64 = 3;
/// The length of all shots together, in seconds.
const SHOTS_SECONDS: std::ops::RangeInclusive<i64> = 3..=15;
/// The quality words that the vendor knows; `4k` is Kling's newest.
const MODES: [&str; 4] = ["std", "pro", "master", "4k"];
/// The word for the quality of a model that has only one.
const MASTER: &str = "master";
/// The longest quality word that is looked at, in characters.
const MODE_CHARS_MAX: usize = 64;
/// The most pictures of a multi-image2video.
const IMAGES_MAX: usize = 4;

/// What the rules found, for the native reader.
pub(super) struct Ruling {
    /// The length of all shots together, where there are shots.
    shots_seconds: Option<i64>,
    /// Whether the quality word is the one of a model that has only one.
    is_master: bool,
}

/// Judges a body by the vendor's own rules.
///
/// # Errors
/// A refusal with the vendor's status, code and text, or one of our own where a value is of another type.
pub(super) fn judge(operation: Operation, top: &Fields, model: Option<&str>) -> Result<Ruling, Refusal> {
    let is_references = operation == Operation::MultiImageToVideo;
    let shots_seconds = if is_references { None } else { lengths(top)? };
    let usage = if is_references { Use::References } else { Use::Text };
    let is_master = mode(top, model.unwrap_or(default_model(usage)))?;
    if is_references {
        count_images(top)?;
    }
    Ok(Ruling {
        shots_seconds,
        is_master,
    })
}

impl Ruling {
    /// Says in Kling's fields what the vendor leaves unsaid there.
    pub(super) fn translate(&self, fields: &mut Vec<(String, Field)>) {
        if self.is_master {
            fields.retain(|(name, _)| name != "mode");
        }
        let Some(seconds) = self.shots_seconds else { return };
        let implied = [
            ("multi_shot", Field::Bool(true)),
            ("shot_type", Field::Text("customize".to_owned())),
            ("duration", Field::Number(seconds.into())),
        ];
        for (name, field) in implied {
            if !fields.iter().any(|(known, _)| known == name) {
                fields.push((name.to_owned(), field));
            }
        }
    }
}

/// The lengths of the clip and of its shots. A list of shots counts without `multi_shot`, unless that
/// says `false`.
fn lengths(top: &Fields) -> Result<Option<i64>, Refusal> {
    if let Some(seconds) = top.whole("duration")?
        && !SECONDS.contains(&seconds)
    {
        let text = format!("legacy endpoint only supports duration 5 or 10, got: {seconds}");
        return Err(refused("duration", text, NO_PRICE));
    }
    let count = top.list("multi_prompt")?.map_or(0, <[Field]>::len);
    if count == 0 || top.flag("multi_shot")? == Some(false) {
        return Ok(None);
    }
    let mut total = 0_i64;
    for at in 0..count {
        let shot = entry(top, "multi_prompt", at)?;
        let seconds = shot.whole("duration")?;
        let seconds = seconds.ok_or_else(|| shot.wrong("duration", "is required"))?;
        if seconds < SHOT_SECONDS_MIN {
            let field = format!("multi_prompt[{at}].duration");
            let text = format!("{field} must be at least {SHOT_SECONDS_MIN}, got: {seconds}");
            return Err(refused(&field, text, NO_PRICE));
        }
        total = total.saturating_add(seconds);
    }
    if !SHOTS_SECONDS.contains(&total) {
        let text = format!("multi-shot total duration must be between 3-15, got: {total}");
        return Err(refused("multi_prompt", text, NO_PRICE));
    }
    Ok(Some(total))
}

/// The quality word against the model; whether it is the word of a model that has only one.
fn mode(top: &Fields, model: &str) -> Result<bool, Refusal> {
    let Some(mode) = line(top, "mode", MODE_CHARS_MAX)? else {
        return Ok(false);
    };
    if !MODES.contains(&mode.as_str()) {
        let text = format!("unsupported mode: {}", excerpt(&mode));
        return Err(refused("mode", text, NO_PRICE));
    }
    let is_master = mode == MASTER;
    let has = match kling_models::find(model) {
        Some(known) if known.fixed_mode.is_some() => is_master,
        Some(known) => Use::ALL
            .into_iter()
            .flat_map(|usage| known.offers(usage))
            .any(|offer| offer.modes.contains(&mode.as_str())),
        None => !is_master,
    };
    if !has {
        let text = format!("model {} does not support {mode} mode", excerpt(model));
        return Err(refused("mode", text, NO_PRICE));
    }
    Ok(is_master)
}

fn count_images(top: &Fields) -> Result<(), Refusal> {
    let count = top.list("image_list")?.map_or(0, <[Field]>::len);
    if count > IMAGES_MAX {
        let text = format!("image_list supports up to {IMAGES_MAX} images, got: {count}");
        return Err(refused("image_list", text, NOT_BUILT));
    }
    Ok(())
}

fn refused(field: &str, text: String, code: &'static str) -> Refusal {
    Refusal::invalid(field, text).documented(STATUS, code)
}
