//! Reads the body of a unified submit (`VideoRequest`) into a wish.

use domain::ask::Role;
use domain::dialect::Submission;
use domain::fields::Fields;
use domain::{Ask, Call, Input, Operation, Refusal};

use super::body::Body;
use super::frame::{self, Frame};
use crate::kling_frames::{exclusive, moving_masks, picture};
use crate::kling_models::{self, Use, Variant};
use crate::kling_options::{self as options, Notes, PROMPT_CHARS_MAX, Shots, excerpt, line, within};

/// The model where none is named.
const DEFAULT_MODEL: &str = "kling-v3";
/// The longest name of a model, in characters.
const MODEL_CHARS_MAX: usize = 128;
/// The rate where none is said.
const DEFAULT_FPS: u32 = 30;
/// Rates that can be asked for.
const FPS: std::ops::RangeInclusive<i64> = 1..=60;
/// Seeds that survive a JSON number.
const SEEDS: std::ops::RangeInclusive<i64> = 0..=(1 << 53);
/// Results of one submit. The vendor's page names no bound; every result is a whole clip.
const COUNTS: std::ops::RangeInclusive<i64> = 1..=4;
/// The longest `style`, in characters.
const STYLE_CHARS_MAX: usize = 200;
/// Values of `response_format`; both are answered with a link in JSON.
const RESPONSE_FORMATS: [&str; 2] = ["url", "json"];

/// Reads a submit. The path only says what is missed when there is no picture: a picture makes every
/// submit an image-to-video.
///
/// # Errors
/// A refusal that names the field and the allowed values.
pub(super) fn read(path_operation: Operation, call: &Call) -> Result<Submission, Refusal> {
    let body = Body::open(&call.fields)?;
    let mut notes = Notes::default();
    body.survey(&mut notes)?;
    let model_name = model_name(body.top, &mut notes)?;
    let model = kling_models::find(&model_name);
    let (usage, inputs) = pictures(path_operation, &body, &mut notes)?;
    let seconds = options::seconds(body.home_at_top("duration"), model)?;
    let frame = frame::read(&body, model, usage, &mut notes)?;
    let sound = options::sound(body.home("sound"))?;
    let shots = options::shots(body.home("multi_shot"), seconds, &mut notes)?;
    let prompt = prompt(&body, usage, shots.as_ref(), &mut notes)?;
    let negative_prompt = line(body.home("negative_prompt"), "negative_prompt", PROMPT_CHARS_MAX)?;
    let variant = Variant {
        usage,
        mode: &frame.mode,
        seconds,
        sound: sound == Some(true),
    };
    check_model(&body, &model_name, &variant, &frame)?;
    if shots.is_some() {
        options::check_shots(body.home("multi_shot"), model, usage)?;
    }
    options::camera(body.home("camera_control"), model, &variant, &mut notes)?;
    options::cfg_scale(body.home("cfg_scale"), model, &mut notes)?;
    options::watermark(body.home("watermark_info"), &mut notes)?;
    let numbers = Numbers::read(body.top)?;
    let ask = Ask {
        operation: usage.operation(),
        model: model_name,
        prompt,
        negative_prompt,
        inputs,
        mentions: Vec::new(),
        duration_ms: seconds * 1_000,
        lasts_like: None,
        size: frame.size,
        follows_picture: frame.follows_picture,
        fps: Some(numbers.fps),
        seed: numbers.seed,
        count: numbers.count,
        sound,
        mode: Some(frame.mode),
        preview: call.preview,
        marked_copy: notes.marked_copy,
        extras: notes.extras,
    };
    Ok(Submission {
        ask,
        external_id: options::external_id(body.home("external_task_id"))?,
        callback_url: options::callback_url(body.home("callback_url"))?,
        ignored: notes.ignored,
        dry_run: false,
        deadline_at: None,
    })
}

/// `model_name` is taken in the place of `model`, and before it.
fn model_name(top: &Fields, notes: &mut Notes) -> Result<String, Refusal> {
    let native = line(top, "model_name", MODEL_CHARS_MAX)?;
    let unified = line(top, "model", MODEL_CHARS_MAX)?;
    if native.is_some() && unified.is_some() && native != unified {
        notes.ignore(top.path("model"));
    }
    let name = native.or(unified);
    Ok(name.unwrap_or_else(|| DEFAULT_MODEL.to_owned()))
}

/// The pictures in the order first, last, masks, and what they make of the wish.
fn pictures(
    path_operation: Operation,
    body: &Body<'_>,
    notes: &mut Notes,
) -> Result<(Use, Vec<Input>), Refusal> {
    let first = picture(body.home_at_top("image"), "image", Role::FirstFrame)?;
    let last = picture(body.home("image_tail"), "image_tail", Role::LastFrame)?;
    let mut masks: Vec<Input> = Vec::new();
    masks.extend(picture(body.home("static_mask"), "static_mask", Role::Mask)?);
    masks.extend(moving_masks(body.home("dynamic_masks"), notes)?);
    let usage = match (&first, &last) {
        (None, None) if path_operation == Operation::ImageToVideo => {
            return Err(Refusal::invalid("image", "`image` is required")
                .allowing(["an http or https URL", "Base64 of an image"]));
        }
        (None, _) if !masks.is_empty() => {
            return Err(Refusal::invalid("image", "`image` is required with masks"));
        }
        (None, None) => Use::Text,
        (Some(_), None) if !masks.is_empty() => Use::Brush,
        (Some(_), None) => Use::FirstFrame,
        (Some(_), Some(_)) => Use::BothFrames,
        (None, Some(_)) => Use::LastFrame,
    };
    let (tail, camera) = (body.home("image_tail"), body.home("camera_control"));
    exclusive(tail, camera, last.is_some(), !masks.is_empty())?;
    let inputs = first.into_iter().chain(last).chain(masks);
    Ok((usage, inputs.collect()))
}

/// The prompt with the style at its end. Shots with prompts of their own stand for it.
fn prompt(body: &Body<'_>, usage: Use, shots: Option<&Shots>, notes: &mut Notes) -> Result<String, Refusal> {
    let said = line(body.top, "prompt", PROMPT_CHARS_MAX)?;
    let style = line(body.home("style"), "style", STYLE_CHARS_MAX)?;
    if let Some(shots) = shots.and_then(|shots| shots.prompt.clone()) {
        let unheard = [(said, body.top, "prompt"), (style, body.home("style"), "style")];
        for (_, fields, name) in unheard.into_iter().filter(|(text, ..)| text.is_some()) {
            notes.ignore(fields.path(name));
        }
        return Ok(shots);
    }
    if said.is_none() && usage == Use::Text {
        return Err(body.top.wrong("prompt", "is required: what should be seen"));
    }
    let folded = match (said, style) {
        (Some(prompt), Some(style)) => format!("{prompt}, {style} style"),
        (None, Some(style)) => format!("{style} style"),
        (prompt, None) => prompt.unwrap_or_default(),
    };
    if folded.chars().count() > PROMPT_CHARS_MAX {
        let message = format!("makes the prompt longer than {PROMPT_CHARS_MAX} characters");
        return Err(body.home("style").wrong("style", &message));
    }
    Ok(folded)
}

/// What the capability map says; the fields at fault are spelled as the client spelled them.
fn check_model(body: &Body<'_>, name: &str, variant: &Variant<'_>, frame: &Frame) -> Result<(), Refusal> {
    kling_models::check(name, variant).map_err(|refusal| {
        let path = match refusal.field.as_deref() {
            Some("mode") => frame.mode_path.clone(),
            Some("model") | None => "model".to_owned(),
            Some(field @ ("image" | "duration")) => body.home_at_top(field).path(field),
            Some(field) => body.home(field).path(field),
        };
        refusal.at(&path)
    })
}

/// The plain numbers of the body.
struct Numbers {
    fps: u32,
    seed: Option<u64>,
    count: u32,
}

impl Numbers {
    fn read(top: &Fields) -> Result<Numbers, Refusal> {
        if let Some(format) = top.text("response_format")?.map(str::trim)
            && !format.is_empty()
            && !RESPONSE_FORMATS.contains(&format)
        {
            let message = format!("cannot be `{}`", excerpt(format));
            return Err(top.wrong("response_format", &message).allowing(RESPONSE_FORMATS));
        }
        let fps = within(top, "fps", &FPS)?.and_then(|fps| u32::try_from(fps).ok());
        let count = within(top, "n", &COUNTS)?.and_then(|count| u32::try_from(count).ok());
        let seed = within(top, "seed", &SEEDS)?;
        Ok(Numbers {
            fps: fps.unwrap_or(DEFAULT_FPS),
            seed: seed.and_then(|seed| u64::try_from(seed).ok()),
            count: count.unwrap_or(1),
        })
    }
}
