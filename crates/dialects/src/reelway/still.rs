//! Reads the wish for a still, `operation: "image_generation"`, which only the embedded renderer makes so far.
//! Clips are read in `submit.rs`.

use domain::ask::Size;
use domain::dialect::Submission;
use domain::fields::{Field, Fields};
use domain::{Ask, Call, Operation, Refusal, RefusalKind};
use serde_json::json;

use super::guide::FIELDS;
use super::submit::{COUNTS, MODEL_CHARS_MAX, SEEDS, deadline, is_dry_run};
use crate::field_tables::names;
use crate::kling_options::{self as options, Notes, PROMPT_CHARS_MAX, excerpt, line, within, word};
use crate::kling_sizes::{asked_still_size, check_size};

/// The one maker of stills.
const MODEL: &str = "animatic";
/// How a still may be written; the first where none is named.
pub(super) const FORMATS: [&str; 3] = ["png", "jpeg", "webp"];
/// The ratios of a still with the sizes that they stand for, of 720 lines on the shorter side; the first where
/// none is named.
const RATIOS: [(&str, u32, u32); 8] = [
    ("16:9", 1280, 720),
    ("9:16", 720, 1280),
    ("1:1", 720, 720),
    ("4:3", 960, 720),
    ("3:4", 720, 960),
    ("3:2", 1080, 720),
    ("2:3", 720, 1080),
    ("21:9", 1680, 720),
];
/// The mode that bounds the size: the largest, because a still has none of its own.
const LARGEST_MODE: &str = "4k";
/// Fields that mean nothing for a still.
const OF_CLIPS: [&str; 5] = ["duration_seconds", "fps", "sound", "mode", "extras"];

/// Whether the call asks for a still.
///
/// # Errors
/// A refusal when the operation is no word.
pub(super) fn is_asked(top: &Fields) -> Result<bool, Refusal> {
    let said = top.text("operation")?.map(str::trim);
    Ok(said == Some(Operation::ImageGeneration.word()))
}

/// Reads the submit of a still.
///
/// # Errors
/// A refusal that names the field and the allowed values.
pub(super) fn read(call: &Call) -> Result<Submission, Refusal> {
    let top = &call.fields;
    let mut notes = Notes::default();
    notes.unknown(top, &names(&FIELDS));
    for name in OF_CLIPS.into_iter().filter(|name| top.get(name).is_some()) {
        notes.ignore(top.path(name));
    }
    let model = model(top)?;
    let inputs = top.list("inputs")?.map_or(0, <[Field]>::len);
    if inputs > 0 {
        let message = format!("has `{inputs}` entries, but a still is made from words alone");
        return Err(top.wrong("inputs", &message));
    }
    let size = size(top)?;
    let format = word(top, "format", &FORMATS)?.unwrap_or_else(|| FORMATS[0].to_owned());
    notes.extras.insert("animatic.format".to_owned(), json!(format));
    let prompt = line(top, "prompt", PROMPT_CHARS_MAX)?;
    let seed = within(top, "seed", &SEEDS)?.and_then(|seed| u64::try_from(seed).ok());
    let count = within(top, "count", &COUNTS)?.and_then(|count| u32::try_from(count).ok());
    let ask = Ask {
        operation: Operation::ImageGeneration,
        model,
        prompt: prompt.ok_or_else(|| top.wrong("prompt", "is required: what should be seen"))?,
        negative_prompt: line(top, "negative_prompt", PROMPT_CHARS_MAX)?,
        inputs: Vec::new(),
        mentions: Vec::new(),
        duration_ms: 0,
        lasts_like: None,
        size,
        follows_picture: false,
        fps: None,
        seed,
        count: count.unwrap_or(1),
        sound: None,
        mode: None,
        preview: top.flag("preview")?.unwrap_or(false) || call.preview,
        marked_copy: false,
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

/// The model, which need not be named.
fn model(top: &Fields) -> Result<String, Refusal> {
    let said = line(top, "model", MODEL_CHARS_MAX)?;
    match said {
        Some(other) if other != MODEL => {
            let message = format!("model `{}` makes no stills here", excerpt(&other));
            Err(Refusal::new(RefusalKind::Model, message)
                .at("model")
                .allowing([MODEL]))
        }
        _ => Ok(MODEL.to_owned()),
    }
}

/// The size: in pixels, else by ratio.
fn size(top: &Fields) -> Result<Size, Refusal> {
    let asked = asked_still_size(top)?;
    let ratio = word(top, "aspect_ratio", &RATIOS.map(|(ratio, ..)| ratio))?;
    if asked.is_some() && ratio.is_some() {
        let message = "cannot be used together with `width` and `height`";
        return Err(top.wrong("aspect_ratio", message));
    }
    check_size(top, None, LARGEST_MODE, asked)?;
    let row = RATIOS.iter().find(|(known, ..)| Some(*known) == ratio.as_deref());
    let (_, width, height) = *row.unwrap_or(&RATIOS[0]);
    Ok(asked.unwrap_or(Size { width, height }))
}
