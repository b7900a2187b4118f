//! `ai-multi-shot`: a thing or person from several sides.
//!
//! Source: <https://kling.ai/document-api/>, ai-multi-shot of the legacy API, checked 2026-11-21.

use domain::ask::Role;
use domain::dialect::{FieldRow, Submission};
use domain::{Call, Operation, Refusal};

use super::fields::EXTERNAL_ID;
use super::wish::{Draft, picture_size};
use crate::field_tables::{REQUIRED, row};
use crate::kling_fields::CALLBACK_URL;
use crate::kling_frames::picture;

/// The model that the price book knows the call by.
const MODEL: &str = "kling-ai-multi-shot";

/// The fields that carry pictures.
pub(crate) const MEDIA: &[&str] = &["element_frontal_image"];

/// The rows.
pub(crate) const FIELDS: &[FieldRow] = &[
    row(
        "element_frontal_image",
        "string",
        REQUIRED,
        "an `http` or `https` link, or Base64 of a PNG or JPEG",
    ),
    EXTERNAL_ID,
    CALLBACK_URL,
];

/// Reads a submit.
///
/// # Errors
/// A refusal that names the field.
pub(super) fn read(call: &Call) -> Result<Submission, Refusal> {
    let mut draft = Draft::begin(call, Operation::MultiShotViews, MODEL, FIELDS);
    let name = "element_frontal_image";
    let front = picture(draft.top, name, Role::Reference)?;
    draft
        .ask
        .inputs
        .push(front.ok_or_else(|| draft.top.wrong(name, "is required"))?);
    draft.ask.size = picture_size("1k", "1:1");
    draft.ask.follows_picture = true;
    draft.named()
}
