//! Kling's own option fields (camera, shots, sound, watermark …): read from the object in which a
//! dialect carries them, checked, and put into the vendor's spelling. Shared by every dialect that
//! speaks of Kling's models.
//!
//! Source: <https://kling.ai/document-api/>, text2video and image2video, checked 2026-11-21.

use domain::Refusal;
use domain::fields::{Field, Fields};
use serde_json::{Map, Value, json};

use crate::field_tables::names_under;
use crate::kling_fields::{CAMERA, SHOTS, WATERMARK};
use crate::kling_frames::entry;
use crate::kling_models::{MODELS, Model, Use, Variant};

/// The longest prompt and negative prompt, in characters.
pub(crate) const PROMPT_CHARS_MAX: usize = 2_500;
/// The frame ratios that the vendor makes.
pub(crate) const RATIOS: [&str; 3] = ["16:9", "9:16", "1:1"];

/// The length where none is said, in seconds.
const DEFAULT_SECONDS: u64 = 5;
/// Lengths of models that the capability map does not know, in seconds.
const SECONDS: std::ops::RangeInclusive<u64> = 1..=60;
const CAMERA_TYPES: [&str; 5] = [
    "simple",
    "down_back",
    "forward_up",
    "right_turn_forward",
    "left_turn_forward",
];
const CAMERA_REACH: f64 = 10.0;
const SHOT_TYPES: [&str; 2] = ["customize", "intelligence"];
const SHOTS_MAX: usize = 6;
const SHOT_PROMPT_CHARS_MAX: usize = 512;
/// The longest external id, in characters.
pub(crate) const EXTERNAL_ID_CHARS_MAX: usize = 256;

/// What a reader leaves beside the nouns: vendor fields, and fields without effect.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    /// Vendor fields, by name with their namespace.
    pub(crate) extras: Map<String, Value>,
    /// Whether a copy with the vendor's mark is wanted too.
    pub(crate) marked_copy: bool,
    /// Fields without effect, by path.
    pub(crate) ignored: Vec<String>,
}

impl Notes {
    /// Keeps a vendor field.
    pub(crate) fn extra(&mut self, name: &str, value: Value) {
        self.extras.insert(["kling.", name].concat(), value);
    }

    /// Reports a field without effect, once.
    pub(crate) fn ignore(&mut self, path: String) {
        if !self.ignored.contains(&path) {
            self.ignored.push(path);
        }
    }

    /// Reports every field of an object that is not among the known names.
    pub(crate) fn unknown(&mut self, fields: &Fields, known: &[&str]) {
        let unknown = fields.names().filter(|name| !known.contains(name));
        for name in unknown {
            self.ignore(fields.path(name));
        }
    }
}

/// Several shots in one clip.
#[derive(Debug)]
pub(crate) struct Shots {
    /// The prompts of all shots, where each has its own; they stand for the prompt.
    pub(crate) prompt: Option<String>,
}

/// Reads one word out of a closed list.
///
/// # Errors
/// A refusal naming the list.
pub(crate) fn word(fields: &Fields, name: &str, allowed: &[&str]) -> Result<Option<String>, Refusal> {
    let Some(text) = fields.text(name)?.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    if allowed.contains(&text) {
        return Ok(Some(text.to_owned()));
    }
    Err(fields
        .wrong(name, &format!("cannot be `{}`", excerpt(text)))
        .allowing(allowed))
}

/// Reads a string of bounded length; a number is taken as its digits, an empty string counts as none.
///
/// # Errors
/// A refusal naming the bound.
pub(crate) fn line(fields: &Fields, name: &str, chars_max: usize) -> Result<Option<String>, Refusal> {
    let text = match fields.get(name) {
        Some(Field::Number(number)) => number.to_string(),
        _ => fields.text(name)?.unwrap_or("").trim().to_owned(),
    };
    let chars = text.chars().count();
    if chars > chars_max {
        let message = format!("has `{chars}` characters, at most {chars_max}");
        return Err(fields.wrong(name, &message));
    }
    Ok((!text.is_empty()).then_some(text))
}

/// Reads a whole number within a range.
///
/// # Errors
/// A refusal naming the range.
pub(crate) fn within(
    top: &Fields,
    name: &str,
    range: &std::ops::RangeInclusive<i64>,
) -> Result<Option<i64>, Refusal> {
    match top.whole(name)? {
        Some(whole) if !range.contains(&whole) => {
            let message = format!("cannot be `{whole}`");
            let allowed = format!("{} to {}", range.start(), range.end());
            Err(top.wrong(name, &message).allowing([allowed]))
        }
        whole => Ok(whole),
    }
}

/// Reads the client's own name for a task.
///
/// # Errors
/// A refusal when it is no short string.
pub(crate) fn external_id(home: &Fields) -> Result<Option<String>, Refusal> {
    line(home, "external_task_id", EXTERNAL_ID_CHARS_MAX)
}

/// Reads the address that is called back.
///
/// # Errors
/// A refusal when it is no link.
pub(crate) fn callback_url(home: &Fields) -> Result<Option<String>, Refusal> {
    let name = "callback_url";
    let Some(url) = home.text(name)?.map(str::trim).filter(|url| !url.is_empty()) else {
        return Ok(None);
    };
    crate::kling_frames::check_link(url).map_err(|wrong| home.wrong(name, &wrong))?;
    Ok(Some(url.to_owned()))
}

/// Reads `sound`: the vendor's `on` and `off`, or a boolean.
///
/// # Errors
/// A refusal naming both words.
pub(crate) fn sound(home: &Fields) -> Result<Option<bool>, Refusal> {
    let wrong = |_| {
        home.wrong("sound", "must be `on` or `off`")
            .allowing(["on", "off"])
    };
    home.flag("sound").map_err(wrong)
}

/// Reads `duration`; whether the model has that length is the capability map's business.
///
/// # Errors
/// A refusal naming the lengths that there are.
pub(crate) fn seconds(home: &Fields, model: Option<&Model>) -> Result<u64, Refusal> {
    seconds_at(home, "duration", model)
}

/// Reads a length as [`seconds`] does, in a dialect that has another name for it.
///
/// # Errors
/// As [`seconds`].
pub(crate) fn seconds_at(home: &Fields, name: &str, model: Option<&Model>) -> Result<u64, Refusal> {
    let Some(whole) = home.whole(name)? else {
        return Ok(DEFAULT_SECONDS);
    };
    let seconds = u64::try_from(whole)
        .ok()
        .filter(|seconds| SECONDS.contains(seconds));
    seconds.ok_or_else(|| {
        let allowed = match model {
            Some(model) => model.lengths().iter().map(u64::to_string).collect(),
            None => vec![format!("{} to {} whole seconds", SECONDS.start(), SECONDS.end())],
        };
        home.wrong(name, &format!("cannot be `{whole}`"))
            .allowing(allowed)
    })
}

/// Reads `cfg_scale`.
///
/// # Errors
/// A refusal naming the range, or that the model does not hear it.
pub(crate) fn cfg_scale(home: &Fields, model: Option<&Model>, notes: &mut Notes) -> Result<(), Refusal> {
    let name = "cfg_scale";
    let Some(scale) = home.number(name)? else {
        return Ok(());
    };
    if !(0.0..=1.0).contains(&scale) {
        return Err(home.wrong(name, &format!("cannot be `{scale}`, only 0 to 1")));
    }
    if let Some(model) = model.filter(|model| !model.cfg_scale) {
        let message = format!("is not served by model `{}`", model.name);
        return Err(home.wrong(name, &message));
    }
    notes.extra(name, plain(scale));
    Ok(())
}

/// Reads `watermark_info`.
///
/// # Errors
/// A refusal when it is no object with a flag.
pub(crate) fn watermark(home: &Fields, notes: &mut Notes) -> Result<(), Refusal> {
    let name = "watermark_info";
    if let Some(info) = home.object(name)? {
        notes.unknown(&info, &names_under(WATERMARK, name));
        let enabled = info.flag("enabled")?.unwrap_or(false);
        notes.marked_copy = enabled;
        notes.extra(name, json!({ "enabled": enabled }));
    }
    Ok(())
}

/// Reads `camera_control`: a preset alone, or `simple` with exactly one movement.
///
/// # Errors
/// A refusal naming the part at fault, or what the model's camera does.
pub(crate) fn camera(
    home: &Fields,
    model: Option<&Model>,
    variant: &Variant<'_>,
    notes: &mut Notes,
) -> Result<(), Refusal> {
    let name = "camera_control";
    let Some(control) = home
        .object(name)?
        .filter(|control| control.names().next().is_some())
    else {
        return Ok(());
    };
    notes.unknown(&control, &names_under(CAMERA, name));
    let kind = word(&control, "type", &CAMERA_TYPES)?;
    let kind = kind.ok_or_else(|| control.wrong("type", "is required").allowing(CAMERA_TYPES))?;
    let config = control.object("config")?;
    let value = match (kind.as_str(), config) {
        ("simple", Some(config)) => {
            json!({ "type": "simple", "config": movement(&control, &config, notes)? })
        }
        ("simple", None) => {
            let message = "is required with type `simple`: exactly one movement that is not 0";
            return Err(control.wrong("config", message).allowing(camera_axes()));
        }
        (preset, None) => json!({ "type": preset }),
        (preset, Some(_)) => {
            let message = format!("is not allowed with type `{preset}`, only with `simple`");
            return Err(control.wrong("config", &message));
        }
    };
    if let Some(model) = model {
        let check = model.check_camera(variant, &kind);
        check.map_err(|refusal| refusal.at(&home.path(name)))?;
    }
    notes.extra(name, value);
    Ok(())
}

fn camera_axes() -> Vec<&'static str> {
    names_under(CAMERA, "camera_control.config")
}

fn movement(control: &Fields, config: &Fields, notes: &mut Notes) -> Result<Map<String, Value>, Refusal> {
    let known = camera_axes();
    notes.unknown(config, &known);
    let mut axes = Map::new();
    let mut moving = 0;
    for axis in known {
        let Some(reach) = config.number(axis)? else {
            continue;
        };
        if reach.abs() > CAMERA_REACH {
            let message = format!("cannot be `{reach}`, only -{CAMERA_REACH} to {CAMERA_REACH}");
            return Err(config.wrong(axis, &message));
        }
        moving += usize::from(reach != 0.0);
        axes.insert(axis.to_owned(), plain(reach));
    }
    if moving == 1 {
        return Ok(axes);
    }
    let message = format!("has `{moving}` movements that are not 0, exactly one is allowed");
    Err(control.wrong("config", &message).allowing(camera_axes()))
}

/// Reads `multi_shot` with `shot_type` and `multi_prompt`, which have no effect without it.
///
/// # Errors
/// A refusal naming the shot at fault.
pub(crate) fn shots(home: &Fields, seconds: u64, notes: &mut Notes) -> Result<Option<Shots>, Refusal> {
    if home.flag("multi_shot")? != Some(true) {
        for name in ["shot_type", "multi_prompt"] {
            if home.get(name).is_some() {
                notes.ignore(home.path(name));
            }
        }
        return Ok(None);
    }
    let kind = word(home, "shot_type", &SHOT_TYPES)?;
    let kind = kind.ok_or_else(|| {
        home.wrong("shot_type", "is required with `multi_shot`")
            .allowing(SHOT_TYPES)
    })?;
    notes.extra("multi_shot", json!(true));
    notes.extra("shot_type", json!(kind));
    if kind == "intelligence" {
        return Ok(Some(Shots { prompt: None }));
    }
    let (value, prompt) = shot_list(home, seconds, notes)?;
    notes.extra("multi_prompt", value);
    Ok(Some(Shots { prompt: Some(prompt) }))
}

/// Whether a model makes several shots, and for this use.
///
/// # Errors
/// A refusal naming the models that do.
pub(crate) fn check_shots(home: &Fields, model: Option<&Model>, usage: Use) -> Result<(), Refusal> {
    if let Some(model) = model.filter(|model| !model.multi_shot) {
        let makes = |model: &&Model| model.multi_shot && !model.offers(usage).is_empty();
        let able = MODELS.iter().filter(makes);
        let message = format!("is not served by model `{}`", model.name);
        return Err(home
            .wrong("multi_shot", &message)
            .allowing(able.map(|model| format!("model {}", model.name))));
    }
    if matches!(usage, Use::BothFrames | Use::LastFrame) {
        return Err(home.wrong("multi_shot", "cannot be used together with `image_tail`"));
    }
    Ok(())
}

fn shot_list(home: &Fields, seconds: u64, notes: &mut Notes) -> Result<(Value, String), Refusal> {
    let name = "multi_prompt";
    let count = home.list(name)?.map_or(0, <[Field]>::len);
    if count == 0 || count > SHOTS_MAX {
        let message = format!("has `{count}` shots, from 1 to {SHOTS_MAX} with `multi_shot`");
        return Err(home.wrong(name, &message));
    }
    let (mut total, mut shots, mut prompts) = (0_u64, Vec::new(), Vec::new());
    for at in 0..count {
        let shot = entry(home, name, at)?;
        notes.unknown(&shot, &names_under(SHOTS, name));
        let index = shot.whole("index")?;
        let index = index.ok_or_else(|| shot.wrong("index", "is required"))?;
        let prompt = line(&shot, "prompt", SHOT_PROMPT_CHARS_MAX)?;
        let prompt = prompt.ok_or_else(|| shot.wrong("prompt", "is required"))?;
        let length = shot
            .whole("duration")?
            .and_then(|whole| u64::try_from(whole).ok());
        let length = length.filter(|length| (1..=seconds).contains(length));
        let length = length.ok_or_else(|| {
            shot.wrong(
                "duration",
                &format!("must be a whole number of seconds from 1 to {seconds}"),
            )
        })?;
        total += length;
        shots.push(json!({ "index": index, "prompt": prompt, "duration": length.to_string() }));
        prompts.push(prompt);
    }
    if total != seconds {
        let message = format!("has shots of `{total}` seconds together, the clip has `{seconds}`");
        return Err(home.wrong(name, &message));
    }
    Ok((Value::Array(shots), prompts.join("\n")))
}

/// A number without a needless `.0`.
pub(crate) fn plain(number: f64) -> Value {
    #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and in range")]
    if number.fract() == 0.0 && number.abs() < 9e15 {
        return json!(number as i64);
    }
    json!(number)
}

/// A client's word for an error message, cut where it is long.
pub(crate) fn excerpt(text: &str) -> String {
    const CHARS_MAX: usize = 64;
    if text.chars().count() <= CHARS_MAX {
        return text.to_owned();
    }
    text.chars().take(CHARS_MAX).chain("…".chars()).collect()
}
