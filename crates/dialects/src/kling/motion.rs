//! `motion-control`: a person in a picture moves like one in a clip.
//!
//! Source: <https://kling.ai/document-api/>, motion-control of the legacy API, checked 2026-11-21.

use domain::ask::Role;
use domain::dialect::{FieldRow, Submission};
use domain::{Call, Operation, Refusal};

use super::cited;
use super::fields::{EXTERNAL_ID, PROMPT};
use super::submit::unable;
use super::wish::{Draft, needed_word};
use crate::field_tables::{NONE, REQUIRED, row};
use crate::kling_fields::{CALLBACK_URL, WATERMARK};
use crate::kling_frames::mover;
use crate::kling_media::{clip, motion_rule};
use crate::kling_models::{self, Use, Variant};
use crate::kling_options::word;

/// The model where none is named.
const DEFAULT_MODEL: &str = "kling-v2-6";
/// Frames a second, as of the same work by the new standard.
const FPS: u32 = 24;
/// The longest clip in seconds, by whom the person faces like.
const ORIENTATIONS: [(&str, u64); 2] = [("image", 10), ("video", 30)];
/// What an element asks for.
const OF_VIDEO: &str = "video";
const YES_NO: [&str; 2] = ["yes", "no"];

/// The fields that carry pictures.
pub(crate) const MEDIA: &[&str] = &["image_url"];

/// The rows.
pub(crate) const FIELDS: &[FieldRow] = &[
    row(
        "model_name",
        "string",
        "`kling-v2-6`",
        "at most 128 characters; see [Models](#models)",
    ),
    PROMPT,
    row(
        "image_url",
        "string",
        REQUIRED,
        "who moves: an `http` or `https` link, or Base64 of a PNG or JPEG",
    ),
    row(
        "video_url",
        "string",
        REQUIRED,
        "whose motion it is: an `http` or `https` link to an MP4 or MOV of at most 100 MB and at least 3 seconds, sides of \
         340 to 3850 pixels",
    ),
    row(
        "element_list",
        "list of objects",
        NONE,
        "at most 1 element of the caller's own, only with `character_orientation` `video`",
    ),
    row(
        "element_list.element_id",
        "whole number or string",
        REQUIRED,
        "the `element_id` of an element",
    ),
    row("keep_original_sound", "string", "`yes`", "`yes`, `no`"),
    row(
        "character_orientation",
        "string",
        REQUIRED,
        "`image` (as in the picture, the clip at most 10 seconds), `video` (as in the clip, at most 30)",
    ),
    row("mode", "string", REQUIRED, "`std` (720 lines), `pro` (1080)"),
    EXTERNAL_ID,
    CALLBACK_URL,
    WATERMARK[0],
    WATERMARK[1],
];

/// Reads a submit.
///
/// # Errors
/// A refusal that names the field and the allowed values.
pub(super) fn read(call: &Call) -> Result<Submission, Refusal> {
    let mut draft = Draft::begin(call, Operation::MotionControl, DEFAULT_MODEL, FIELDS);
    draft.read_model()?;
    draft.read_prompt()?;
    let top = draft.top;
    let person = mover(top, "image_url")?;
    draft
        .ask
        .inputs
        .push(person.ok_or_else(|| top.wrong("image_url", "is required"))?);
    let orientation = needed_word(top, "character_orientation", &ORIENTATIONS.map(|(word, _)| word))?;
    let row = ORIENTATIONS.iter().find(|(word, _)| *word == orientation);
    let longest_ms = row.map_or(0, |(_, seconds)| seconds * 1_000);
    let motion = clip(
        top,
        "video_url",
        Role::MotionVideo,
        motion_rule(longest_ms / 1_000),
    )?;
    draft
        .ask
        .inputs
        .push(motion.ok_or_else(|| top.wrong("video_url", "is required"))?);
    let elements = cited::elements(&mut draft, 1)?;
    if elements > 0 && orientation != OF_VIDEO {
        let message = format!("must be `{OF_VIDEO}` with an element");
        return Err(top.wrong("character_orientation", &message).allowing([OF_VIDEO]));
    }
    let keep = word(top, "keep_original_sound", &YES_NO)?;
    draft.keep(
        "keep_original_sound",
        keep.unwrap_or_else(|| YES_NO[0].to_owned()),
    );
    draft.keep("character_orientation", orientation);
    let mode = needed_word(top, "mode", &["std", "pro"])?;
    let variant = Variant {
        usage: Use::Motion,
        mode: &mode,
        seconds: longest_ms / 1_000,
        sound: false,
    };
    kling_models::check(&draft.ask.model, &variant).map_err(|refusal| match refusal.field.as_deref() {
        Some("model") | None => refusal.at("model_name"),
        Some(_) => refusal,
    })?;
    let model = kling_models::find(&draft.ask.model);
    if let Some(model) = model.filter(|model| elements > 0 && !model.elements) {
        return Err(unable(top, "element_list", model, |model| model.elements));
    }
    draft.set_mode(mode, "16:9");
    draft.ask.duration_ms = longest_ms;
    draft.ask.fps = Some(FPS);
    draft.ask.lasts_like = Some(Role::MotionVideo);
    draft.ask.follows_picture = true;
    draft.marked()
}
