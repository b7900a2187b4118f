//! Reads the body of a submit to our own API into a wish. Vendor fields beyond our nouns stand in
//! `extras`, by vendor: `{"kling": {"camera_control": {…}}}`. Its media are read in `inputs.rs`.

use domain::ask::Size;
use domain::dialect::Submission;
use domain::fields::Fields;
use domain::{Ask, Call, Millis, Operation, Refusal};
use serde_json::json;

use super::guide::{EXTRAS, FIELDS};
use super::{inputs, still};
use crate::field_tables::names;
use crate::kling_models::{self, MODES, Model, Use, Variant, size_of};
use crate::kling_options::{
    self as options, Notes, PROMPT_CHARS_MAX, RATIOS, Shots, excerpt, line, within, word,
};
use crate::kling_sizes::{asked_size, check_size, implied_mode, nearest_ratio};

/// The model where none is named.
const DEFAULT_MODEL: &str = "kling-v3";
/// The model for several pictures where none is named.
const DEFAULT_REFERENCES_MODEL: &str = "kling-v1-6";
/// The longest name of a model, in characters.
pub(super) const MODEL_CHARS_MAX: usize = 128;
/// The rate of a model that the capability map does not know.
const DEFAULT_FPS: u32 = 24;
/// Rates that can be asked for.
const FPS: std::ops::RangeInclusive<i64> = 1..=60;
/// Seeds that survive a JSON number.
pub(super) const SEEDS: std::ops::RangeInclusive<i64> = 0..=(1 << 53);
/// Results of one submit; every result is a whole clip or still.
pub(super) const COUNTS: std::ops::RangeInclusive<i64> = 1..=4;
/// The operations that are served.
const OPERATIONS: [Operation; 4] = [
    Operation::TextToVideo,
    Operation::ImageToVideo,
    Operation::MultiImageToVideo,
    Operation::ImageGeneration,
];
/// How a clip is written.
const FORMAT: &str = "mp4";

/// Reads a submit.
///
/// # Errors
/// A refusal that names the field and the allowed values.
pub(super) fn read(call: &Call) -> Result<Submission, Refusal> {
    let top = &call.fields;
    if still::is_asked(top)? {
        return still::read(call);
    }
    check_format(top)?;
    let mut notes = Notes::default();
    notes.unknown(top, &names(&FIELDS));
    let extras = extras(top, &mut notes)?;
    let (usage, inputs) = inputs::read(top, &extras, &mut notes)?;
    let operation = operation(top, usage)?;
    let name = line(top, "model", MODEL_CHARS_MAX)?.unwrap_or_else(|| default_model(usage).to_owned());
    let model = kling_models::find(&name);
    let seconds = options::seconds_at(top, "duration_seconds", model)?;
    let Frame {
        mode,
        size,
        follows_picture,
    } = frame(top, model, usage, &mut notes)?;
    let sound = top.flag("sound")?;
    let shots = options::shots(&extras, seconds, &mut notes)?;
    let variant = Variant {
        usage,
        mode: &mode,
        seconds,
        sound: sound == Some(true),
    };
    check_model(&name, &variant)?;
    if shots.is_some() {
        check_shots(&extras, model, usage)?;
    }
    options::camera(&extras, model, &variant, &mut notes)?;
    match usage {
        // The vendor's call for several pictures has no such field.
        Use::References if extras.get("cfg_scale").is_some() => notes.ignore(extras.path("cfg_scale")),
        _ => options::cfg_scale(&extras, model, &mut notes)?,
    }
    options::watermark(&extras, &mut notes)?;
    let fps = within(top, "fps", &FPS)?.and_then(|fps| u32::try_from(fps).ok());
    let seed = within(top, "seed", &SEEDS)?.and_then(|seed| u64::try_from(seed).ok());
    let count = within(top, "count", &COUNTS)?.and_then(|count| u32::try_from(count).ok());
    let ask = Ask {
        operation,
        prompt: prompt(top, usage, shots.as_ref(), &mut notes)?,
        negative_prompt: line(top, "negative_prompt", PROMPT_CHARS_MAX)?,
        model: name,
        inputs,
        mentions: Vec::new(),
        duration_ms: seconds * 1_000,
        lasts_like: None,
        size,
        follows_picture,
        fps: Some(fps.unwrap_or_else(|| model.map_or(DEFAULT_FPS, |model| model.fps))),
        seed,
        count: count.unwrap_or(1),
        sound,
        mode: Some(mode),
        preview: top.flag("preview")?.unwrap_or(false) || call.preview,
        marked_copy: notes.marked_copy,
        extras: notes.extras,
    };
    Ok(Submission {
        ask,
        external_id: line(top, "external_id", options::EXTERNAL_ID_CHARS_MAX)?,
        callback_url: options::callback_url(top)?,
        ignored: notes.ignored,
        dry_run: is_dry_run(call)?,
        deadline_at: deadline(top)?,
    })
}

fn extras(top: &Fields, notes: &mut Notes) -> Result<Fields, Refusal> {
    let extras = top.object("extras")?.unwrap_or_default();
    notes.unknown(&extras, &["kling"]);
    let kling = extras.object("kling")?.unwrap_or_default();
    notes.unknown(&kling, &names(&EXTRAS));
    Ok(kling)
}

/// A clip has one format; who names one of a still is told what is missing.
fn check_format(top: &Fields) -> Result<(), Refusal> {
    let formats = [&[FORMAT], &still::FORMATS[..]].concat();
    match word(top, "format", &formats)? {
        Some(said) if said != FORMAT => {
            let still = Operation::ImageGeneration.word();
            let message = format!("cannot be `{said}` without `operation` `{still}`");
            Err(top.wrong("format", &message).allowing([FORMAT]))
        }
        _ => Ok(()),
    }
}

/// What is said must be what the media make of it.
fn operation(top: &Fields, usage: Use) -> Result<Operation, Refusal> {
    let words = OPERATIONS.map(Operation::word);
    let meant = usage.operation();
    match word(top, "operation", &words)? {
        Some(said) if said != meant.word() => {
            let message = format!("is `{said}`, but the inputs are those of `{}`", meant.word());
            Err(top.wrong("operation", &message))
        }
        _ => Ok(meant),
    }
}

fn default_model(usage: Use) -> &'static str {
    match usage {
        Use::References => DEFAULT_REFERENCES_MODEL,
        _ => DEFAULT_MODEL,
    }
}

/// The frame of a clip.
struct Frame {
    /// The quality word.
    mode: String,
    size: Size,
    /// Whether a picture decides the ratio.
    follows_picture: bool,
}

/// The quality word, and the size: in pixels, else by ratio, else as the picture has it.
fn frame(top: &Fields, model: Option<&Model>, usage: Use, notes: &mut Notes) -> Result<Frame, Refusal> {
    let asked = asked_size(top)?;
    let ratio = word(top, "aspect_ratio", &RATIOS)?;
    if asked.is_some() && ratio.is_some() {
        return Err(top.wrong(
            "aspect_ratio",
            "cannot be used together with `width` and `height`",
        ));
    }
    let said = word(top, "mode", &MODES.map(|(word, _)| word))?;
    let fixed = model.and_then(|model| model.fixed_mode);
    if said.is_some() && fixed.is_some() && said.as_deref() != fixed {
        notes.ignore(top.path("mode"));
    }
    let mode = fixed.map(str::to_owned).or(said);
    let mode = mode.unwrap_or_else(|| implied_mode(model, usage, asked));
    if matches!(usage, Use::Text | Use::References)
        && let Some(ratio) = ratio.clone().or_else(|| asked.map(nearest_ratio))
    {
        notes.extra("aspect_ratio", json!(ratio));
    }
    check_size(top, model, &mode, asked)?;
    let size = asked.unwrap_or_else(|| size_of(&mode, ratio.as_deref().unwrap_or("16:9")));
    let is_said = asked.is_some() || ratio.is_some();
    Ok(Frame {
        mode,
        size,
        follows_picture: !is_said && !matches!(usage, Use::Text | Use::References),
    })
}

/// The prompt. Shots with prompts of their own stand for it; beside frames it may be left out.
fn prompt(top: &Fields, usage: Use, shots: Option<&Shots>, notes: &mut Notes) -> Result<String, Refusal> {
    let said = line(top, "prompt", PROMPT_CHARS_MAX)?;
    if let Some(shots) = shots.and_then(|shots| shots.prompt.clone()) {
        if said.is_some() {
            notes.ignore(top.path("prompt"));
        }
        return Ok(shots);
    }
    let is_required = shots.is_some() || matches!(usage, Use::Text | Use::References);
    match said {
        None if is_required => Err(top.wrong("prompt", "is required: what should be seen")),
        said => Ok(said.unwrap_or_default()),
    }
}

/// What the capability map says, at our own fields.
fn check_model(name: &str, variant: &Variant<'_>) -> Result<(), Refusal> {
    kling_models::check(name, variant).map_err(|refusal| match refusal.field.as_deref() {
        Some("image" | "image_tail" | "static_mask") => refusal.at("inputs"),
        Some("duration") => refusal.at("duration_seconds"),
        Some("sound") => refusal.allowing(["false"]),
        _ => refusal,
    })
}

/// Shots beside a last frame are refused in our own words, everything else in the vendor's.
fn check_shots(extras: &Fields, model: Option<&Model>, usage: Use) -> Result<(), Refusal> {
    options::check_shots(extras, model, Use::Text)?;
    if matches!(usage, Use::BothFrames | Use::LastFrame) {
        return Err(extras.wrong("multi_shot", "cannot be used together with a last frame"));
    }
    Ok(())
}

/// The query's word counts before the body's.
pub(super) fn is_dry_run(call: &Call) -> Result<bool, Refusal> {
    let said = call.query.iter().rev().find(|(name, _)| name == "dry_run");
    match said.map(|(_, text)| text.trim()) {
        None => Ok(call.fields.flag("dry_run")?.unwrap_or(false)),
        Some("" | "true" | "1") => Ok(true),
        Some("false" | "0") => Ok(false),
        Some(text) => {
            let message = format!("`dry_run` cannot be `{}`", excerpt(text));
            Err(Refusal::invalid("dry_run", message).allowing(["true", "false"]))
        }
    }
}

/// When the client gives the task up, as RFC 3339.
pub(super) fn deadline(top: &Fields) -> Result<Option<Millis>, Refusal> {
    let name = "deadline";
    let Some(text) = top.text(name)?.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let moment: Result<jiff::Timestamp, _> = text.parse();
    let moment = moment.map_err(|_| {
        let message = format!(
            "cannot be `{}`, only a moment as RFC 3339: `2026-11-21T18:00:00Z`",
            excerpt(text)
        );
        top.wrong(name, &message)
    })?;
    Ok(Some(Millis(moment.as_millisecond())))
}
