//! Voices of the caller's own: made from a sample (`custom-voices`) and taken away (`delete-voices`).
//!
//! Source: <https://kling.ai/document-api/>, voices of the legacy API, checked 2026-11-21.

use domain::ask::Role;
use domain::dialect::{FieldRow, Submission};
use domain::item::ItemKind;
use domain::{Call, MediaRule, Operation, Refusal};

use super::cited;
use super::fields::EXTERNAL_ID;
use super::wish::{Draft, needed};
use crate::field_tables::{REQUIRED, row};
use crate::kling_fields::CALLBACK_URL;
use crate::kling_frames::media;
use crate::kling_media::{clip_rule, earlier, one_of, sample_rule};

/// The models that the price book knows the calls by.
const MODEL: &str = "kling-custom-voice";
pub(super) const DELETION_MODEL: &str = "kling-item-deletion";
const NAME_CHARS_MAX: usize = 20;
const SAMPLE_MEGABYTES: u64 = 100;
/// Samples, in milliseconds.
const SAMPLE_MS: std::ops::RangeInclusive<u64> = 5_000..=30_000;

/// The work whose clips may have someone speak in them.
const SPOKEN: [Operation; 4] = [
    Operation::TextToVideo,
    Operation::ImageToVideo,
    Operation::LipSync,
    Operation::Avatar,
];

/// The fields that carry sounds.
pub(crate) const MEDIA: &[&str] = &["voice_url"];

/// The rows of `custom-voices`.
pub(crate) const FIELDS: &[FieldRow] = &[
    row("voice_name", "string", REQUIRED, "at most 20 characters"),
    row(
        "voice_url",
        "string",
        "required, or `video_id`",
        "an `http` or `https` link to an MP3, WAV, MP4 or MOV with one clear voice, 5 to 30 seconds",
    ),
    row(
        "video_id",
        "string",
        "required, or `voice_url`",
        "the `id` of an earlier clip of text2video, image2video, lip-sync or avatar in which someone speaks, or of its \
         task, 5 to 30 seconds",
    ),
    EXTERNAL_ID,
    CALLBACK_URL,
];

/// The rows of `delete-voices`.
pub(crate) const DELETION: &[FieldRow] = &[row(
    "voice_id",
    "string",
    REQUIRED,
    "the `voice_id` of a voice of the caller's own",
)];

/// Reads `custom-voices`.
///
/// # Errors
/// A refusal that names the field and the allowed values.
pub(super) fn read(call: &Call) -> Result<Submission, Refusal> {
    let mut draft = Draft::begin(call, Operation::CustomVoice, MODEL, FIELDS);
    let top = draft.top;
    draft.keep("voice_name", needed(top, "voice_name", NAME_CHARS_MAX)?);
    let sample = media(
        top,
        "voice_url",
        Role::Audio,
        sample_rule(SAMPLE_MEGABYTES, &SAMPLE_MS),
    )?;
    let clip = MediaRule {
        made_by: SPOKEN.to_vec(),
        ..clip_rule(SAMPLE_MEGABYTES, &SAMPLE_MS)
    };
    let known = earlier(top, "video_id", Role::SourceVideo, clip)?;
    draft
        .ask
        .inputs
        .push(one_of(top, ["voice_url", "video_id"], [sample, known])?);
    draft.named()
}

/// Reads `delete-voices`.
///
/// # Errors
/// A refusal that names the field.
pub(super) fn delete(call: &Call) -> Result<Submission, Refusal> {
    let mut draft = Draft::begin(call, Operation::ItemDeletion, DELETION_MODEL, DELETION);
    cited::item(&mut draft, "voice_id", ItemKind::Voice)?;
    Ok(draft.unnamed())
}
