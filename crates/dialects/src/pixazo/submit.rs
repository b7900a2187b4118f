//! Reads submits and polls. The model is always Kling 1.6; what the fields may say is the native
//! reader's business.

use domain::dialect::{Submission, is_id};
use domain::fields::{Field, Fields};
use domain::{Call, Operation, Refusal};

use super::guide;
use crate::kling;
use crate::kling_frames::picture;
use crate::kling_options::{PROMPT_CHARS_MAX, line};
use crate::kling_resale::{Sifted, sift};

/// The model behind both calls.
const MODEL: &str = "kling-v1-6";
/// The fields that name a task in a poll; the first counts.
const ID_FIELDS: [&str; 2] = ["task_id", "request_id"];

/// Reads a submit.
///
/// # Errors
/// A refusal that names the field and the allowed values.
pub(super) fn read(operation: Operation, call: &Call) -> Result<Submission, Refusal> {
    let top = &call.fields;
    let is_image = operation == Operation::ImageToVideo;
    if is_image && picture(top, "image", domain::Role::FirstFrame)?.is_none() {
        let allowed = ["an http or https URL", "Base64 of an image"];
        return Err(top.wrong("image", "is required").allowing(allowed));
    }
    if line(top, "prompt", PROMPT_CHARS_MAX)?.is_none() {
        return Err(top.wrong("prompt", "is required"));
    }
    let Sifted { mut known, ignored } = sift(top, guide::fields_of(operation));
    known.push(("model_name".to_owned(), Field::Text(MODEL.to_owned())));
    let native = Call {
        fields: Fields::new(known),
        preview: call.preview,
        ..Call::default()
    };
    let submission = kling::submit::read(operation, &native)?;
    let ignored = ignored.into_iter().chain(submission.ignored).collect();
    Ok(Submission {
        ignored,
        ..submission
    })
}

/// The task that a poll is about.
///
/// # Errors
/// A refusal naming the field when there is none, else that there is no such task.
pub(super) fn polled(top: &Fields) -> Result<String, Refusal> {
    for name in ID_FIELDS {
        let id = match top.get(name) {
            Some(Field::Number(number)) => number.to_string(),
            _ => top.text(name)?.unwrap_or("").trim().to_owned(),
        };
        if !id.is_empty() {
            return named(Some(&id));
        }
    }
    Err(top.wrong(ID_FIELDS[0], "is required"))
}

/// The task that a path names.
///
/// # Errors
/// A refusal when it cannot be one.
pub(super) fn named(id: Option<&str>) -> Result<String, Refusal> {
    let id = id.filter(|id| is_id(id));
    id.map(str::to_owned).ok_or_else(Refusal::not_found)
}
