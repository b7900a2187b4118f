//! Reads submits and polls of the older profile, and the queue's header. What the fields of a clip may say is the
//! native reader's business.

use domain::dialect::{Submission, is_id};
use domain::fields::{Field, Fields};
use domain::{Ask, Call, Operation, Refusal, Role};

use super::queue::{bare, mark, still_size, taken};
use super::{answer, guide};
use crate::field_tables::names;
use crate::kling;
use crate::kling_frames::{check_link, picture};
use crate::kling_options::{Notes, PROMPT_CHARS_MAX, callback_url, line, within, word};
use crate::kling_resale::{Sifted, sift};

/// The model behind both calls of clips.
const MODEL: &str = "kling-v1-6";
/// The model behind try-ons.
const TRY_ON_MODEL: &str = "kolors-virtual-try-on-v1";
/// The model behind stills; the vendor names none.
const STILL_MODEL: &str = "kling-v2-1";
/// Pixels on the longer side of a still.
const STILL_LONG: u32 = 1_024;
/// What a picture may be.
const PICTURES: [&str; 2] = ["an http or https URL", "Base64 of an image"];
/// The ratios of stills.
const STILL_RATIOS: [&str; 8] = ["16:9", "9:16", "1:1", "4:3", "3:4", "3:2", "2:3", "21:9"];
/// The fields that name a task in a poll; the first counts.
const ID_FIELDS: [&str; 2] = ["task_id", "request_id"];

/// Reads a submit.
///
/// # Errors
/// A refusal that names the field and the allowed values.
pub(super) fn read(operation: Operation, call: &Call) -> Result<Submission, Refusal> {
    match operation {
        Operation::VirtualTryOn => try_on(call),
        Operation::ImageGeneration => still(call),
        _ => clip(operation, call),
    }
}

/// Takes the address over that came in a header. Who sends it hears once, in the queue's own form.
///
/// # Errors
/// A refusal when it is no link.
pub(super) fn header(submission: &mut Submission, call: &Call) -> Result<(), Refusal> {
    let Some(url) = &call.webhook_url else {
        return Ok(());
    };
    let name = "X-Webhook-URL";
    check_link(url).map_err(|wrong| Refusal::invalid(name, format!("`{name}` {wrong}")))?;
    submission.callback_url = Some(url.clone());
    let extras = &mut submission.ask.extras;
    extras.insert(super::QUEUE_WEBHOOK.to_owned(), true.into());
    Ok(())
}

/// A garment put on a person. The garment has two names.
fn try_on(call: &Call) -> Result<Submission, Refusal> {
    let top = &call.fields;
    let mut notes = Notes::default();
    notes.unknown(top, &names(guide::TRY_ON));
    let person = picture(top, "human_image", Role::Person)?;
    let person = person.ok_or_else(|| top.wrong("human_image", "is required").allowing(PICTURES))?;
    let garment = match picture(top, "cloth_image", Role::Garment)? {
        Some(garment) => Some(garment),
        None => picture(top, "image_tail", Role::Garment)?,
    };
    let garment = garment.ok_or_else(|| top.wrong("cloth_image", "is required").allowing(PICTURES))?;
    let ask = Ask {
        inputs: vec![person, garment],
        follows_picture: true,
        ..bare(Operation::VirtualTryOn, TRY_ON_MODEL, call)
    };
    let mut submission = taken(ask, notes);
    submission.callback_url = callback_url(top)?;
    mark(&mut submission, answer::TRY_ON);
    Ok(submission)
}

/// A still from words, or from words and a picture.
fn still(call: &Call) -> Result<Submission, Refusal> {
    let top = &call.fields;
    let mut notes = Notes::default();
    notes.unknown(top, &names(guide::STILL));
    let prompt = line(top, "prompt", PROMPT_CHARS_MAX)?;
    let prompt = prompt.ok_or_else(|| top.wrong("prompt", "is required"))?;
    let image = picture(top, "image", Role::Reference)?;
    let ratio = word(top, "aspect_ratio", &STILL_RATIOS)?;
    if let Some(ratio) = &ratio {
        notes.extra("aspect_ratio", ratio.as_str().into());
    }
    notes.extra("resolution", "1k".into());
    let count = within(top, "n", &(1..=9))?.unwrap_or(1);
    let ask = Ask {
        prompt,
        negative_prompt: line(top, "negative_prompt", PROMPT_CHARS_MAX)?,
        inputs: image.into_iter().collect(),
        size: still_size(ratio.as_deref().unwrap_or("16:9"), STILL_LONG),
        count: u32::try_from(count).unwrap_or(1),
        mode: Some("1k".to_owned()),
        ..bare(Operation::ImageGeneration, STILL_MODEL, call)
    };
    let mut submission = taken(ask, notes);
    submission.callback_url = callback_url(top)?;
    mark(&mut submission, answer::IMAGE);
    Ok(submission)
}

/// A clip of Kling 1.6.
fn clip(operation: Operation, call: &Call) -> Result<Submission, Refusal> {
    let top = &call.fields;
    let is_image = operation == Operation::ImageToVideo;
    if is_image && picture(top, "image", Role::FirstFrame)?.is_none() {
        return Err(top.wrong("image", "is required").allowing(PICTURES));
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
