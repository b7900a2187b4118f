//! `avatar/image2video`: a portrait speaks.
//!
//! Source: <https://kling.ai/document-api/>, avatar of the legacy API, checked 2026-11-21.

use domain::ask::Role;
use domain::dialect::{FieldRow, Submission};
use domain::{Call, Operation, Refusal};

use super::fields::{AUDIO_ID, EXTERNAL_ID, IMAGE, PROMPT, SOUND_FILE, STD_PRO};
use super::wish::Draft;
use crate::kling_fields::{CALLBACK_URL, WATERMARK};
use crate::kling_frames::picture;
use crate::kling_media::{sound_of, sound_rule};

/// The model that the price book knows the call by.
const MODEL: &str = "kling-avatar";
const SOUND_MEGABYTES: u64 = 5;
/// Sounds, in milliseconds.
const SOUND_MS: std::ops::RangeInclusive<u64> = 2_000..=300_000;

/// The fields that carry media.
pub(crate) const MEDIA: &[&str] = &["image", "sound_file"];

/// The rows.
pub(crate) const FIELDS: &[FieldRow] = &[
    IMAGE,
    AUDIO_ID,
    SOUND_FILE,
    PROMPT,
    STD_PRO,
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
    let mut draft = Draft::begin(call, Operation::Avatar, MODEL, FIELDS);
    draft.read_prompt()?;
    let portrait = picture(draft.top, "image", Role::FirstFrame)?;
    draft
        .ask
        .inputs
        .push(portrait.ok_or_else(|| draft.top.wrong("image", "is required"))?);
    let sound = sound_of(draft.top, &sound_rule(SOUND_MEGABYTES, &SOUND_MS))?;
    draft.ask.inputs.push(sound);
    draft.read_std_pro()?;
    draft.ask.duration_ms = *SOUND_MS.end();
    draft.ask.lasts_like = Some(Role::Audio);
    draft.ask.follows_picture = true;
    draft.marked()
}
