//! `video-extend`: some seconds more for an earlier clip. Model, quality and frame are that clip's; they are
//! taken over once it is found.
//!
//! Source: <https://kling.ai/document-api/>, video-extend of the legacy API, checked 2026-11-21.

use domain::ask::Role;
use domain::dialect::{FieldRow, Submission};
use domain::{Call, MediaRule, Operation, Refusal};

use super::fields::{EXTERNAL_ID, NEGATIVE_PROMPT, PROMPT};
use super::wish::{Draft, number_within};
use crate::field_tables::{NONE, REQUIRED, row};
use crate::kling_fields::{CALLBACK_URL, WATERMARK};
use crate::kling_media::{clip_rule, earlier};
use crate::kling_options::plain;

/// The model that stands there until the clip is found.
const UNTIL_FOUND: &str = "kling-v1-6";
/// The longest clip that can be made longer, in milliseconds: three minutes without what is added.
const CLIP_MS: std::ops::RangeInclusive<u64> = 0..=175_000;
/// The work whose clips can be made longer.
const EXTENDABLE: [Operation; 3] = [
    Operation::TextToVideo,
    Operation::ImageToVideo,
    Operation::VideoExtend,
];
/// The largest clip, in megabytes.
const CLIP_MEGABYTES: u64 = 1_024;

/// The rows.
pub(crate) const FIELDS: &[FieldRow] = &[
    row(
        "video_id",
        "string",
        REQUIRED,
        "the `id` of an earlier clip of text2video, image2video or video-extend, or of its task, of at most 175 \
         seconds; model, mode and frame are that clip's",
    ),
    PROMPT,
    NEGATIVE_PROMPT,
    row("cfg_scale", "number", NONE, "0 to 1"),
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
    let mut draft = Draft::begin(call, Operation::VideoExtend, UNTIL_FOUND, FIELDS);
    draft.read_prompts()?;
    let rule = MediaRule {
        made_by: EXTENDABLE.to_vec(),
        ..clip_rule(CLIP_MEGABYTES, &CLIP_MS)
    };
    let parent = earlier(draft.top, "video_id", Role::SourceVideo, rule)?;
    draft
        .ask
        .inputs
        .push(parent.ok_or_else(|| draft.top.wrong("video_id", "is required"))?);
    if let Some(scale) = number_within(draft.top, "cfg_scale", &(0.0..=1.0))? {
        draft.keep("cfg_scale", plain(scale));
    }
    draft.set_mode("std".to_owned(), "16:9");
    draft.ask.duration_ms = 5_000;
    draft.ask.follows_picture = true;
    draft.marked()
}
