//! Reads a create, a remix, a list's query and which variant of a file is wanted.

use domain::ask::{Role, Size};
use domain::dialect::{Remake, Submission};
use domain::fields::{Field, Fields};
use domain::store::{Filter, Page};
use domain::{Ask, Call, Input, MediaKind, Operation, Refusal, TaskId};
use serde_json::json;

use super::guide;
use crate::field_tables::names;
use crate::kling_frames::picture;
use crate::kling_models::{self, Model, Use, Variant, size_of};
use crate::kling_options::{Notes, PROMPT_CHARS_MAX, excerpt, line, seconds_at};
use crate::kling_sizes::{check_size, implied_mode, nearest_ratio};

/// The model where none is named.
const DEFAULT_MODEL: &str = "kling-v3";
/// The longest name of a model, in characters.
const MODEL_CHARS_MAX: usize = 128;
/// The length where none is said, of a model that has it; else its own default.
const DEFAULT_SECONDS: u64 = 4;
/// The frame where none is said.
const DEFAULT_SIZE: Size = Size {
    width: 720,
    height: 1280,
};
/// Each side of a frame, in pixels; even numbers only.
const SIDES: std::ops::RangeInclusive<u32> = 64..=3840;
/// The rate of a model that the capability map does not know.
const DEFAULT_FPS: u32 = 24;
/// Tasks on a page.
const LIMITS: std::ops::RangeInclusive<usize> = 1..=100;
/// Tasks on a page where it is not said.
const DEFAULT_LIMIT: usize = 20;
/// The orders of a list.
const ORDERS: [&str; 2] = ["desc", "asc"];
/// The variants of a content that are known.
const VARIANTS: [(&str, MediaKind); 3] = [
    ("video", MediaKind::Video),
    ("thumbnail", MediaKind::Image),
    ("spritesheet", MediaKind::Image),
];
/// The work whose tasks a list shows.
const CLIPS: [Operation; 10] = [
    Operation::TextToVideo,
    Operation::ImageToVideo,
    Operation::MultiImageToVideo,
    Operation::OmniVideo,
    Operation::MotionControl,
    Operation::VideoExtend,
    Operation::LipSync,
    Operation::Avatar,
    Operation::VideoEffects,
    Operation::MultiElements,
];

/// Reads a create.
///
/// # Errors
/// A refusal that names the field and the allowed values.
pub(super) fn read(call: &Call) -> Result<Submission, Refusal> {
    let top = &call.fields;
    let mut notes = Notes::default();
    let mut known = names(guide::CREATE);
    known.push(REFERENCE_URL);
    notes.unknown(top, &known);
    let name = line(top, "model", MODEL_CHARS_MAX)?.unwrap_or_else(|| DEFAULT_MODEL.to_owned());
    let model = kling_models::find(&name);
    let prompt = prompt(top)?;
    let reference = reference(top, &mut notes)?;
    let usage = if reference.is_some() {
        Use::FirstFrame
    } else {
        Use::Text
    };
    let seconds = seconds(top, model)?;
    let asked = size(top)?;
    let follows_picture = asked.is_none() && reference.is_some();
    let size = asked.or((usage == Use::Text).then_some(DEFAULT_SIZE));
    let mode = implied_mode(model, usage, size);
    let at_size = |refusal: Refusal| refusal.at("size");
    check_size(top, model, &mode, size).map_err(at_size)?;
    let variant = Variant {
        usage,
        mode: &mode,
        seconds,
        sound: false,
    };
    kling_models::check(&name, &variant).map_err(as_spelled)?;
    if let (Use::Text, Some(size)) = (usage, size) {
        notes.extra("aspect_ratio", json!(nearest_ratio(size)));
    }
    let ask = Ask {
        operation: usage.operation(),
        model: name,
        prompt,
        negative_prompt: None,
        inputs: reference.into_iter().collect(),
        mentions: Vec::new(),
        duration_ms: seconds * 1_000,
        lasts_like: None,
        size: size.unwrap_or_else(|| size_of(&mode, "16:9")),
        follows_picture,
        fps: Some(model.map_or(DEFAULT_FPS, |model| model.fps)),
        seed: None,
        count: 1,
        sound: None,
        mode: Some(mode),
        preview: call.preview,
        marked_copy: false,
        extras: notes.extras,
    };
    Ok(Submission {
        ask,
        external_id: None,
        callback_url: None,
        ignored: notes.ignored,
        dry_run: false,
        deadline_at: None,
    })
}

/// Reads a remix.
///
/// # Errors
/// A refusal when there is no prompt.
pub(super) fn remix(id: String, top: &Fields) -> Result<Remake, Refusal> {
    let mut notes = Notes::default();
    notes.unknown(top, &names(guide::REMIX));
    Ok(Remake {
        id,
        prompt: prompt(top)?,
        ignored: notes.ignored,
    })
}

/// Reads a list's query.
///
/// # Errors
/// A refusal that names the parameter and its values.
pub(super) fn list(call: &Call) -> Result<(Filter, Page), Refusal> {
    let filter = Filter {
        operations: CLIPS.map(|operation| operation.word().to_owned()).to_vec(),
        ..Filter::default()
    };
    let limit = match said(call, "limit") {
        None => DEFAULT_LIMIT,
        Some(text) => {
            let limit = text.parse().ok().filter(|limit| LIMITS.contains(limit));
            let range = format!("{} to {}", LIMITS.start(), LIMITS.end());
            limit.ok_or_else(|| wrong("limit", text, [range]))?
        }
    };
    let after = match said(call, "after") {
        None => None,
        Some(text) => {
            let id = TaskId::parse(text);
            Some(id.ok_or_else(|| wrong("after", text, ["the `last_id` of the page before"]))?)
        }
    };
    let page = match said(call, "order") {
        None | Some("desc") => Page::Cursor { after, limit },
        Some("asc") => Page::Rising { after, limit },
        Some(text) => return Err(wrong("order", text, ORDERS)),
    };
    Ok((filter, page))
}

/// Reads which variant of a content is wanted.
///
/// # Errors
/// A refusal that names the variants.
pub(super) fn variant(call: &Call) -> Result<MediaKind, Refusal> {
    let Some(text) = said(call, "variant") else {
        return Ok(MediaKind::Video);
    };
    let row = VARIANTS.iter().find(|(word, _)| *word == text);
    let words = VARIANTS.map(|(word, _)| word);
    row.map(|(_, kind)| *kind)
        .ok_or_else(|| wrong("variant", text, words))
}

/// How a form spells the link inside `input_reference`.
const REFERENCE_URL: &str = "input_reference[image_url]";

/// The picture that the clip starts on: a file, a link, or an object with a link in it.
fn reference(top: &Fields, notes: &mut Notes) -> Result<Option<Input>, Refusal> {
    let name = "input_reference";
    if let Some(Field::Map(_)) = top.get(name) {
        let inner = top.object(name)?.unwrap_or_default();
        notes.unknown(&inner, &["image_url", "file_id"]);
        if inner.get("file_id").is_some() {
            return Err(inner.wrong("file_id", "is not served; send the file itself or `image_url`"));
        }
        return picture(&inner, "image_url", Role::FirstFrame);
    }
    let named = if top.get(name).is_none() {
        REFERENCE_URL
    } else {
        name
    };
    picture(top, named, Role::FirstFrame)
}

fn prompt(top: &Fields) -> Result<String, Refusal> {
    let prompt = line(top, "prompt", PROMPT_CHARS_MAX)?;
    prompt.ok_or_else(|| top.wrong("prompt", "is required: what should be seen"))
}

fn seconds(top: &Fields, model: Option<&Model>) -> Result<u64, Refusal> {
    let has_default = model.is_none_or(|model| model.lengths().contains(&DEFAULT_SECONDS));
    if has_default && top.get("seconds").is_none() {
        return Ok(DEFAULT_SECONDS);
    }
    seconds_at(top, "seconds", model)
}

/// `1280x720`.
fn size(top: &Fields) -> Result<Option<Size>, Refusal> {
    let name = "size";
    let Some(text) = top.text(name)?.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let side = |text: &str| {
        let pixels = text.parse().ok();
        pixels.filter(|pixels: &u32| SIDES.contains(pixels) && pixels.is_multiple_of(2))
    };
    let sides = text
        .split_once('x')
        .and_then(|(width, height)| Some((side(width)?, side(height)?)));
    let Some((width, height)) = sides else {
        let (least, most) = (SIDES.start(), SIDES.end());
        let allowed = format!("`1280x720`: two even numbers from {least} to {most}");
        let message = format!("cannot be `{}`", excerpt(text));
        return Err(top.wrong(name, &message).allowing([allowed]));
    };
    Ok(Some(Size { width, height }))
}

/// What the capability map says, at the fields of this shape.
fn as_spelled(refusal: Refusal) -> Refusal {
    match refusal.field.as_deref() {
        Some("mode") => refusal.at("size"),
        Some("duration") => refusal.at("seconds"),
        Some("image") => refusal.at("input_reference"),
        _ => refusal.at("model"),
    }
}

/// Of a repeated parameter the last counts; an empty one counts as none.
fn said<'a>(call: &'a Call, name: &str) -> Option<&'a str> {
    let said = call.query.iter().rev().find(|(known, _)| known == name);
    said.map(|(_, text)| text.trim()).filter(|text| !text.is_empty())
}

fn wrong<T: ToString>(name: &str, text: &str, allowed: impl IntoIterator<Item = T>) -> Refusal {
    Refusal::invalid(name, format!("`{name}` cannot be `{}`", excerpt(text))).allowing(allowed)
}
