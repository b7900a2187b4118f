//! Multi-elements: areas picked in a clip, call by call (`…-selection`), and then exchanged
//! (`multi-elements`).
//!
//! Source: <https://kling.ai/document-api/>, multi-elements of the legacy API, checked 2026-11-21.

use domain::ask::Role;
use domain::dialect::{FieldRow, Submission};
use domain::fields::Field;
use domain::item::ItemKind;
use domain::{Call, MediaRule, Operation, Refusal};
use serde_json::json;

use super::cited;
use super::fields::{EXTERNAL_ID, NEGATIVE_PROMPT, PROMPT_REQUIRED, SESSION, STD_PRO, VIDEO_ID, VIDEO_URL};
use super::wish::{Draft, entries, needed_word, number_within};
use crate::field_tables::{NONE, REQUIRED, names_under, row};
use crate::kling_fields::{CALLBACK_URL, WATERMARK};
use crate::kling_frames::{entry, picture};
use crate::kling_media::{CLIP_SLACK_MS, clip_rule, source_clip};
use crate::kling_options::{PROMPT_CHARS_MAX, plain};

/// The only model.
const MODEL: &str = "kling-v1-6";
/// The model that the price book knows the selections by.
const SELECTION_MODEL: &str = "kling-area-selection";
const CLIP_MEGABYTES: u64 = 200;
/// Clips, in milliseconds: from 2 to 5 seconds, or from 7 to 10.
const CLIP_MS: std::ops::RangeInclusive<u64> = 2_000..=10_000 + CLIP_SLACK_MS;
const CLIP_MS_GAP: (u64, u64) = (5_000 + CLIP_SLACK_MS, 7_000);
/// Their sides, in pixels, and their frames a second.
const SIDES: std::ops::RangeInclusive<u32> = 720..=2_160;
const CLIP_RATES: [u32; 3] = [24, 30, 60];
const POINTS: std::ops::RangeInclusive<usize> = 1..=10;
const EDIT_MODES: [&str; 3] = ["addition", "swap", "removal"];
/// Pictures by what is done.
const PICTURES: [(&str, std::ops::RangeInclusive<usize>); 3] =
    [("addition", 1..=2), ("swap", 1..=1), ("removal", 0..=0)];

/// The fields that carry pictures.
pub(crate) const MEDIA: &[&str] = &["image_list.image"];

/// The rows of `init-selection`.
pub(crate) const INIT: &[FieldRow] = &[VIDEO_ID, VIDEO_URL];

/// The rows of `add-selection` and `delete-selection`.
pub(crate) const POINTED: &[FieldRow] = &[
    SESSION,
    row("frame_index", "whole number", REQUIRED, "the frame, from 0"),
    row(
        "points",
        "list of objects",
        REQUIRED,
        "1 to 10 points of the frame; to take some away, the same that were added",
    ),
    row("points.x", "number", REQUIRED, "0 to 1, from the left"),
    row("points.y", "number", REQUIRED, "0 to 1, from the top"),
];

/// The rows of `clear-selection` and `preview-selection`.
pub(crate) const WHOLE: &[FieldRow] = &[SESSION];

/// The rows of `multi-elements`.
pub(crate) const FIELDS: &[FieldRow] = &[
    row("model_name", "string", "`kling-v1-6`", "`kling-v1-6`"),
    SESSION,
    row("edit_mode", "string", REQUIRED, "`addition`, `swap`, `removal`"),
    row(
        "image_list",
        "list of objects",
        NONE,
        "`addition` 1 or 2 pictures, `swap` exactly 1, `removal` none",
    ),
    row(
        "image_list.image",
        "string",
        REQUIRED,
        "an `http` or `https` link, or Base64 of a PNG or JPEG",
    ),
    PROMPT_REQUIRED,
    NEGATIVE_PROMPT,
    STD_PRO,
    row(
        "duration",
        "string or whole number",
        "`\"5\"`",
        "`5` (of a clip of 2 to 5 seconds), `10` (of 7 to 10)",
    ),
    EXTERNAL_ID,
    CALLBACK_URL,
    WATERMARK[0],
    WATERMARK[1],
];

/// Reads `init-selection`.
///
/// # Errors
/// A refusal that names the field and the allowed values.
pub(super) fn init(call: &Call) -> Result<Submission, Refusal> {
    let mut draft = selection(call, "init", INIT);
    let rule = MediaRule {
        duration_ms_gap: Some(CLIP_MS_GAP),
        fps_among: CLIP_RATES.to_vec(),
        ..clip_rule(CLIP_MEGABYTES, &CLIP_MS).sides(&SIDES)
    };
    let clip = source_clip(draft.top, &rule)?;
    draft.ask.inputs.push(clip);
    Ok(draft.unnamed())
}

/// Reads `add-selection`.
///
/// # Errors
/// A refusal that names the field and the allowed values.
pub(super) fn add(call: &Call) -> Result<Submission, Refusal> {
    pointed(selection(call, "add", POINTED))
}

/// Reads `delete-selection`.
///
/// # Errors
/// A refusal that names the field and the allowed values.
pub(super) fn delete(call: &Call) -> Result<Submission, Refusal> {
    pointed(selection(call, "delete", POINTED))
}

/// Reads `clear-selection`.
///
/// # Errors
/// A refusal that names the field.
pub(super) fn clear(call: &Call) -> Result<Submission, Refusal> {
    whole(selection(call, "clear", WHOLE))
}

/// Reads `preview-selection`.
///
/// # Errors
/// A refusal that names the field.
pub(super) fn preview(call: &Call) -> Result<Submission, Refusal> {
    whole(selection(call, "preview", WHOLE))
}

/// Reads `multi-elements`.
///
/// # Errors
/// A refusal that names the field and the allowed values.
pub(super) fn read(call: &Call) -> Result<Submission, Refusal> {
    let mut draft = Draft::begin(call, Operation::MultiElements, MODEL, FIELDS);
    draft.read_model_of(&[MODEL])?;
    cited::item(&mut draft, "session_id", ItemKind::SelectionSession)?;
    let edit = needed_word(draft.top, "edit_mode", &EDIT_MODES)?;
    read_pictures(&mut draft, &edit)?;
    draft.keep("edit_mode", edit);
    draft.read_prompts()?;
    draft.read_needed_prompt(PROMPT_CHARS_MAX)?;
    cited::check_references_of_one_clip(draft.top, &draft.ask.prompt)?;
    draft.read_std_pro()?;
    draft.read_five_or_ten(draft.top)?;
    draft.ask.follows_picture = true;
    draft.marked()
}

fn read_pictures(draft: &mut Draft<'_>, edit: &str) -> Result<(), Refusal> {
    let (top, name) = (draft.top, "image_list");
    let count = top.list(name)?.map_or(0, <[Field]>::len);
    let row = PICTURES.iter().find(|(known, _)| *known == edit);
    if let Some((_, counts)) = row.filter(|(_, counts)| !counts.contains(&count)) {
        let message = format!("has `{count}` images, which `{edit}` does not take");
        let allowed = if counts.start() == counts.end() {
            format!("exactly {}", counts.end())
        } else {
            format!("{} to {}", counts.start(), counts.end())
        };
        return Err(top.wrong(name, &message).allowing([allowed]));
    }
    for at in 0..count {
        let entry = entry(top, name, at)?;
        draft.notes.unknown(&entry, &names_under(FIELDS, name));
        let image = picture(&entry, "image", Role::Reference)?;
        draft
            .ask
            .inputs
            .push(image.ok_or_else(|| entry.wrong("image", "is required"))?);
    }
    Ok(())
}

fn selection<'a>(call: &'a Call, step: &str, rows: &[FieldRow]) -> Draft<'a> {
    let mut draft = Draft::begin(call, Operation::AreaSelection, SELECTION_MODEL, rows);
    draft.keep("selection", step);
    draft
}

fn whole(mut draft: Draft<'_>) -> Result<Submission, Refusal> {
    cited::item(&mut draft, "session_id", ItemKind::SelectionSession)?;
    Ok(draft.unnamed())
}

fn pointed(mut draft: Draft<'_>) -> Result<Submission, Refusal> {
    let top = draft.top;
    let frame = top.whole("frame_index")?;
    let frame = frame.ok_or_else(|| top.wrong("frame_index", "is required"))?;
    if frame < 0 {
        let message = format!("cannot be `{frame}`, frames count from 0");
        return Err(top.wrong("frame_index", &message));
    }
    let count = entries(top, "points", &POINTS)?;
    let mut points = Vec::new();
    for at in 0..count {
        let point = entry(top, "points", at)?;
        draft.notes.unknown(&point, &names_under(POINTED, "points"));
        let axis = |name| -> Result<_, Refusal> {
            let share = number_within(&point, name, &(0.0..=1.0))?;
            share.map(plain).ok_or_else(|| point.wrong(name, "is required"))
        };
        points.push(json!({ "x": axis("x")?, "y": axis("y")? }));
    }
    draft.keep("frame_index", frame);
    draft.keep("points", points);
    whole(draft)
}
