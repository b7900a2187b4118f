//! Reads the body of a submit to our own API into a wish. Vendor fields beyond our nouns stand in
//! `extras`, by vendor: `{"kling": {"camera_control": {…}}}`.

use domain::ask::{Role, Size};
use domain::dialect::Submission;
use domain::fields::{Field, Fields};
use domain::{Ask, Call, Input, Millis, Operation, Refusal};
use serde_json::json;

use crate::kling_frames::{entry, exclusive, moving_masks, picture};
use crate::kling_models::{self, MODES, Model, Use, Variant, size_of};
use crate::kling_options::{self as options, Notes, PROMPT_CHARS_MAX, RATIOS, Shots, line, within, word};
use crate::kling_sizes::{asked_size, implied_mode, nearest_ratio};

/// The model where none is named.
const DEFAULT_MODEL: &str = "kling-v3";
/// The model for several pictures where none is named.
const DEFAULT_REFERENCES_MODEL: &str = "kling-v1-6";
/// The longest name of a model, in characters.
const MODEL_CHARS_MAX: usize = 128;
/// The length where none is said, in seconds.
const DEFAULT_SECONDS: u64 = 5;
/// Lengths, in seconds; whether the model has one is the capability map's business.
const SECONDS: std::ops::RangeInclusive<i64> = 1..=60;
/// The rate of a model that the capability map does not know.
const DEFAULT_FPS: u32 = 24;
/// Rates that can be asked for.
const FPS: std::ops::RangeInclusive<i64> = 1..=60;
/// Seeds that survive a JSON number.
const SEEDS: std::ops::RangeInclusive<i64> = 0..=(1 << 53);
/// Results of one submit; every result is a whole clip.
const COUNTS: std::ops::RangeInclusive<i64> = 1..=4;
/// The most entries of `inputs`.
const INPUTS_MAX: usize = 16;
/// The most reference pictures.
const REFERENCES_MAX: usize = 4;
/// The operations that are served.
const OPERATIONS: [Operation; 3] = [
    Operation::TextToVideo,
    Operation::ImageToVideo,
    Operation::MultiImageToVideo,
];
/// The roles of media in them.
const ROLES: [(&str, Role); 4] = [
    ("first_frame", Role::FirstFrame),
    ("last_frame", Role::LastFrame),
    ("reference", Role::Reference),
    ("mask", Role::Mask),
];
/// The fields of the body.
const FIELDS: [&str; 20] = [
    "operation",
    "model",
    "prompt",
    "negative_prompt",
    "inputs",
    "duration_seconds",
    "width",
    "height",
    "aspect_ratio",
    "mode",
    "fps",
    "seed",
    "count",
    "sound",
    "preview",
    "callback_url",
    "external_id",
    "deadline",
    "dry_run",
    "extras",
];
/// Fields of `extras.kling`.
const EXTRAS: [&str; 7] = [
    "camera_control",
    "cfg_scale",
    "dynamic_masks",
    "multi_prompt",
    "multi_shot",
    "shot_type",
    "watermark_info",
];

/// Reads a submit.
///
/// # Errors
/// A refusal that names the field and the allowed values.
pub(super) fn read(call: &Call) -> Result<Submission, Refusal> {
    let top = &call.fields;
    let mut notes = Notes::default();
    notes.unknown(top, &FIELDS);
    let extras = extras(top, &mut notes)?;
    let (usage, inputs) = inputs(top, &extras, &mut notes)?;
    let operation = operation(top, usage)?;
    let name = line(top, "model", MODEL_CHARS_MAX)?.unwrap_or_else(|| default_model(usage).to_owned());
    let model = kling_models::find(&name);
    let seconds = within(top, "duration_seconds", &SECONDS)?;
    let seconds = seconds
        .and_then(|seconds| u64::try_from(seconds).ok())
        .unwrap_or(DEFAULT_SECONDS);
    let (mode, size) = frame(top, model, usage, &mut notes)?;
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
        options::check_shots(&extras, model, usage)?;
    }
    options::camera(&extras, model, &variant, &mut notes)?;
    options::cfg_scale(&extras, model, &mut notes)?;
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
        duration_ms: seconds * 1_000,
        size,
        fps: Some(fps.unwrap_or_else(|| model.map_or(DEFAULT_FPS, |model| model.fps))),
        seed,
        count: count.unwrap_or(1),
        sound,
        mode: Some(mode),
        preview: top.flag("preview")?.unwrap_or(false) || call.preview,
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
    notes.unknown(&kling, &EXTRAS);
    Ok(kling)
}

/// The media in the order first, last, masks, references, and what they make of the wish.
fn inputs(top: &Fields, extras: &Fields, notes: &mut Notes) -> Result<(Use, Vec<Input>), Refusal> {
    let count = top.list("inputs")?.map_or(0, <[Field]>::len);
    if count > INPUTS_MAX {
        let message = format!("has `{count}` entries, at most {INPUTS_MAX}");
        return Err(top.wrong("inputs", &message));
    }
    let mut inputs = Vec::new();
    for at in 0..count {
        inputs.push(input(&entry(top, "inputs", at)?, notes)?);
    }
    inputs.extend(moving_masks(extras, notes)?);
    let of = |role| inputs.iter().filter(|input| input.role == role).count();
    let (first, last, masks) = (of(Role::FirstFrame), of(Role::LastFrame), of(Role::Mask));
    let references = of(Role::Reference);
    if first > 1 || last > 1 || references > REFERENCES_MAX {
        let message = format!(
            "has `{first}` first frames, `{last}` last frames and `{references}` references; at most 1, 1 and \
             {REFERENCES_MAX} are taken"
        );
        return Err(top.wrong("inputs", &message));
    }
    if references > 0 && first + last + masks > 0 {
        return Err(top.wrong(
            "inputs",
            "has references beside frames or masks; give one kind of them",
        ));
    }
    exclusive(top, extras, last > 0, masks > 0)?;
    let usage = match (first, last) {
        (0, 0) if references > 0 => Use::References,
        (0, _) if masks > 0 => {
            let message = "has masks without a picture that they belong to";
            return Err(top
                .wrong("inputs", message)
                .allowing(["an entry with role `first_frame`"]));
        }
        (0, 0) => Use::Text,
        (0, _) => Use::LastFrame,
        (_, 0) if masks > 0 => Use::Brush,
        (_, 0) => Use::FirstFrame,
        (_, _) => Use::BothFrames,
    };
    let rank = |input: &Input| ROLES.iter().position(|(_, role)| *role == input.role);
    inputs.sort_by_key(rank);
    Ok((usage, inputs))
}

/// One entry: a role, and one of a link and the file itself.
fn input(entry: &Fields, notes: &mut Notes) -> Result<Input, Refusal> {
    notes.unknown(entry, &["role", "url", "data"]);
    let roles = ROLES.map(|(word, _)| word);
    let said = word(entry, "role", &roles)?;
    let said = said.ok_or_else(|| entry.wrong("role", "is required").allowing(roles))?;
    let row = ROLES.iter().find(|(word, _)| *word == said);
    let role = row.map_or(Role::FirstFrame, |(_, role)| *role);
    let (link, data) = (picture(entry, "url", role)?, picture(entry, "data", role)?);
    match (link, data) {
        (Some(input), None) | (None, Some(input)) => Ok(input),
        (None, None) => Err(entry.wrong("url", "is required, or `data`")),
        (Some(_), Some(_)) => Err(entry.wrong("url", "cannot be used together with `data`")),
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

/// The quality word, and the size: in pixels, else by ratio.
fn frame(
    top: &Fields,
    model: Option<&Model>,
    usage: Use,
    notes: &mut Notes,
) -> Result<(String, Size), Refusal> {
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
    let size = asked.unwrap_or_else(|| size_of(&mode, ratio.as_deref().unwrap_or("16:9")));
    Ok((mode, size))
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
        _ => refusal,
    })
}

fn is_dry_run(call: &Call) -> Result<bool, Refusal> {
    let said = call.query.iter().rev().find(|(name, _)| name == "dry_run");
    match said.map(|(_, text)| text.trim()) {
        None => Ok(call.fields.flag("dry_run")?.unwrap_or(false)),
        Some("" | "true" | "1") => Ok(true),
        Some("false" | "0") => Ok(false),
        Some(_) => Err(Refusal::invalid("dry_run", "`dry_run` must be a flag").allowing(["true", "false"])),
    }
}

/// When the client gives the task up, as RFC 3339.
fn deadline(top: &Fields) -> Result<Option<Millis>, Refusal> {
    let name = "deadline";
    let Some(text) = top.text(name)?.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let moment: Result<jiff::Timestamp, _> = text.parse();
    let moment = moment.map_err(|_| {
        top.wrong(name, "must be a moment as RFC 3339")
            .allowing(["2026-11-21T18:00:00Z"])
    })?;
    Ok(Some(Millis(moment.as_millisecond())))
}
