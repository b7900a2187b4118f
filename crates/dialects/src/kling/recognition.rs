//! `image-recognize`: what a picture shows, as masks.
//!
//! Source: <https://kling.ai/document-api/>, image-recognize of the legacy API, checked 2026-11-21.

use domain::ask::Role;
use domain::dialect::{FieldRow, Submission};
use domain::{Call, Operation, Refusal};

use super::fields::IMAGE;
use super::wish::{Draft, picture_size};
use crate::kling_frames::picture;

/// The model that the price book knows the call by.
const MODEL: &str = "kling-image-recognize";

/// The fields that carry pictures.
pub(crate) const MEDIA: &[&str] = &["image"];

/// The rows.
pub(crate) const FIELDS: &[FieldRow] = &[IMAGE];

/// Reads a call.
///
/// # Errors
/// A refusal that names the field.
pub(super) fn read(call: &Call) -> Result<Submission, Refusal> {
    let mut draft = Draft::begin(call, Operation::ImageRecognition, MODEL, FIELDS);
    let image = picture(draft.top, "image", Role::Reference)?;
    draft
        .ask
        .inputs
        .push(image.ok_or_else(|| draft.top.wrong("image", "is required"))?);
    draft.ask.size = picture_size("1k", "1:1");
    draft.ask.follows_picture = true;
    Ok(draft.unnamed())
}
