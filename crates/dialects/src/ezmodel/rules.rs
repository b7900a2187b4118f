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
/// The model of an omni clip where none is named.
const OMNI_MODEL: &str = "kling-video-o1";
/// How the names of the third generation begin.
const THIRD: &str = "kling-v3";
/// The longest clip of the third generation beside another clip, in seconds.
const THIRD_BESIDE_CLIP_MAX: i64 = 10;
const ORIENTATIONS: [&str; 2] = ["image", "video"];
const TEXT_CHARS_MAX: usize = 1_000;
const SPEEDS: std::ops::RangeInclusive<f64> = 0.8..=2.0;
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
    let named = |usual| model.unwrap_or(usual);
    let mut ruling = Ruling {
        shots_seconds: None,
        is_master: false,
    };
    match operation {
        Operation::TextToVideo | Operation::ImageToVideo => {
            legacy_length(top)?;
            ruling.shots_seconds = shots(top)?;
            ruling.is_master = mode(top, named(default_model(Use::Text)))?;
        }
        Operation::MultiImageToVideo => {
            ruling.is_master = mode(top, named(default_model(Use::References)))?;
            count_images(top)?;
        }
        Operation::OmniVideo => {
            let model = named(OMNI_MODEL);
            check_edit(top, model)?;
            ruling.shots_seconds = shots(top)?;
            if ruling.shots_seconds.is_none() {
                omni_length(top, model)?;
            }
            ruling.is_master = mode(top, model)?;
        }
        Operation::MotionControl => motion(top)?,
        Operation::LipSync => face(top)?,
        Operation::Speech => speech(top)?,
        Operation::Avatar if !has(top, "audio_id") && !has(top, "sound_file") => {
            let text = "either audio_id or sound_file is required for avatar image2video";
            return Err(refused("audio_id", text.to_owned(), NOT_BUILT));
        }
        _ => {}
    }
    Ok(ruling)
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

fn has(top: &Fields, name: &str) -> bool {
    top.get(name).is_some()
}

/// The length of calls that are about one clip.
fn legacy_length(top: &Fields) -> Result<(), Refusal> {
    if let Some(seconds) = top.whole("duration")?
        && !SECONDS.contains(&seconds)
    {
        let text = format!("legacy endpoint only supports duration 5 or 10, got: {seconds}");
        return Err(refused("duration", text, NO_PRICE));
    }
    Ok(())
}

/// Whether the model edits clips.
fn check_edit(top: &Fields, model: &str) -> Result<(), Refusal> {
    if top.list("video_list")?.is_none_or(<[Field]>::is_empty) || model.starts_with(THIRD) {
        return Ok(());
    }
    let clip = entry(top, "video_list", 0)?;
    let kind = clip.text("refer_type")?.map_or("base", str::trim);
    if kind != "base" {
        return Ok(());
    }
    let text = "video editing mode (refer_type=base) is only supported by kling-v3";
    Err(refused("video_list", text.to_owned(), NO_PRICE))
}

/// The length of an omni clip without shots.
fn omni_length(top: &Fields, model: &str) -> Result<(), Refusal> {
    let Some(seconds) = top.whole("duration")? else {
        return Ok(());
    };
    let is_empty = |name| top.list(name).map(|list| list.is_none_or(<[Field]>::is_empty));
    let has_clip = !is_empty("video_list")?;
    let is_plain = !has_clip && is_empty("image_list")? && is_empty("element_list")?;
    if model.starts_with(THIRD) {
        let most = if has_clip {
            THIRD_BESIDE_CLIP_MAX
        } else {
            *SHOTS_SECONDS.end()
        };
        if !(SHOT_SECONDS_MIN..=most).contains(&seconds) {
            let text = format!("kling-v3 supports duration 3-{most} for this workflow, got: {seconds}");
            return Err(refused("duration", text, NO_PRICE));
        }
    } else if is_plain && !SECONDS.contains(&seconds) {
        let text = format!("text2video only supports duration 5 or 10, got: {seconds}");
        return Err(refused("duration", text, NO_PRICE));
    }
    Ok(())
}

fn motion(top: &Fields) -> Result<(), Refusal> {
    if !has(top, "image_url") {
        let text = "image_url is required for motion-control";
        return Err(refused("image_url", text.to_owned(), NOT_BUILT));
    }
    if let Some(word) = line(top, "character_orientation", MODE_CHARS_MAX)?
        && !ORIENTATIONS.contains(&word.as_str())
    {
        let text = format!("character_orientation must be 'image' or 'video', got: {word}");
        return Err(refused("character_orientation", text, NOT_BUILT));
    }
    Ok(())
}

fn face(top: &Fields) -> Result<(), Refusal> {
    let count = top.list("face_choose")?.map_or(0, <[Field]>::len);
    for at in 0..count {
        let face = entry(top, "face_choose", at)?;
        if has(&face, "audio_id") && has(&face, "sound_file") {
            let field = format!("face_choose[{at}]");
            let text = format!("{field}: audio_id and sound_file cannot be both provided");
            return Err(refused(&field, text, NOT_BUILT));
        }
    }
    Ok(())
}

fn speech(top: &Fields) -> Result<(), Refusal> {
    let characters = top.text("text")?.map_or(0, |text| text.trim().chars().count());
    if characters > TEXT_CHARS_MAX {
        let text = format!("text length exceeds maximum {TEXT_CHARS_MAX} characters, got: {characters}");
        return Err(refused("text", text, NOT_BUILT));
    }
    if let Some(speed) = top.number("voice_speed")?
        && !SPEEDS.contains(&speed)
    {
        let text = format!("voice_speed must be between 0.8 and 2.0, got: {speed}");
        return Err(refused("voice_speed", text, NOT_BUILT));
    }
    Ok(())
}

/// The length of all shots together. A list of shots counts without `multi_shot`, unless that says `false`.
fn shots(top: &Fields) -> Result<Option<i64>, Refusal> {
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
