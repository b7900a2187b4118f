//! Pictures from words, pictures and elements: `generations`, `omni-image`, `multi-image2image`. Those that
//! are made larger or put on are in `kling/edits.rs`.
//!
//! Source: <https://kling.ai/document-api/>, the image pages, checked 2026-11-21.

use domain::ask::Role;
use domain::dialect::{FieldRow, Submission};
use domain::fields::{Field, Fields};
use domain::{Call, Operation, Refusal};
use serde_json::json;

use super::cited::{self, check_references};
use super::fields::{EXTERNAL_ID, NEGATIVE_PROMPT, PROMPT};
use super::wish::{Draft, entries, number_or, picture_size};
use crate::field_tables::{NONE, REQUIRED, names_under, row};
use crate::kling_fields::{CALLBACK_URL, WATERMARK};
use crate::kling_frames::{entry, picture};
use crate::kling_options::{PROMPT_CHARS_MAX, within, word};

/// The models of each call, the usual one first.
const MODELS: [&str; 6] = [
    "kling-v3",
    "kling-v2-1",
    "kling-v2-new",
    "kling-v2",
    "kling-v1-5",
    "kling-v1",
];
const OMNI_MODELS: [&str; 2] = ["kling-image-o1", "kling-v3-omni"];
const SEVERAL_MODELS: [&str; 2] = ["kling-v2-1", "kling-v2"];
/// Models that read `image_reference`, and the one that needs it.
const REFERENCE_MODELS: [&str; 2] = ["kling-v1-5", "kling-v2-1"];
const REFERENCE_NEEDED: &str = "kling-v1-5";
const RATIOS: [&str; 8] = ["16:9", "9:16", "1:1", "4:3", "3:4", "3:2", "2:3", "21:9"];
/// The ratio that the model chooses.
const AUTO: &str = "auto";
const RESOLUTIONS: [&str; 2] = ["1k", "2k"];
const OMNI_RESOLUTIONS: [&str; 3] = ["1k", "2k", "4k"];
/// Pictures and elements together.
const REFERENCES_MAX: usize = 10;
const SUBJECTS: std::ops::RangeInclusive<usize> = 1..=4;
const SHARES: std::ops::RangeInclusive<f64> = 0.0..=1.0;
/// Pictures of a series, and how many where it is not said.
const SERIES: std::ops::RangeInclusive<i64> = 2..=9;
const SERIES_USUAL: i64 = 4;
const SERIES_MAX: u32 = 9;
/// The fields that carry pictures.
pub(crate) const MEDIA: &[&str] = &["image"];
pub(crate) const OMNI_MEDIA: &[&str] = &["image_list.image"];
pub(crate) const SEVERAL_MEDIA: &[&str] = &["subject_image_list.subject_image", "scene_image", "style_image"];

/// How many pictures.
pub(super) const N: FieldRow = row("n", "whole number", "`1`", "1 to 9");
const ASPECT_RATIO: FieldRow = row(
    "aspect_ratio",
    "string",
    "`16:9`",
    "`16:9`, `9:16`, `1:1`, `4:3`, `3:4`, `3:2`, `2:3`, `21:9`",
);
const ELEMENTS: [FieldRow; 2] = [
    row(
        "element_list",
        "list of objects",
        NONE,
        "elements of the caller's own; with pictures at most 10 together",
    ),
    row(
        "element_list.element_id",
        "whole number or string",
        REQUIRED,
        "the `element_id` of an element",
    ),
];

/// The rows of `generations`.
pub(crate) const FIELDS: &[FieldRow] = &[
    row(
        "model_name",
        "string",
        "`kling-v3`",
        "`kling-v3`, `kling-v2-1`, `kling-v2-new`, `kling-v2`, `kling-v1-5`, `kling-v1`",
    ),
    row(
        "prompt",
        "string",
        REQUIRED,
        "at most 2500 characters; `<<<object_1>>>` names an entry of `element_list`, from 1",
    ),
    row(
        "negative_prompt",
        "string",
        NONE,
        "at most 2500 characters; not together with `image`",
    ),
    row(
        "image",
        "string",
        NONE,
        "a picture to go by: an `http` or `https` link, or Base64 of a PNG or JPEG",
    ),
    row(
        "image_reference",
        "string",
        "required with `image` of `kling-v1-5`",
        "`subject`, `face`; of `kling-v1-5` and `kling-v2-1`, with `image`",
    ),
    row("image_fidelity", "number", "`0.5`", "0 to 1, with `image`"),
    row("human_fidelity", "number", "`0.45`", "0 to 1, with `image`"),
    ELEMENTS[0],
    ELEMENTS[1],
    row("resolution", "string", "`1k`", "`1k`, `2k`"),
    N,
    ASPECT_RATIO,
    EXTERNAL_ID,
    CALLBACK_URL,
    WATERMARK[0],
    WATERMARK[1],
];

/// The rows of `omni-image`.
pub(super) const OMNI: &[FieldRow] = &[
    row(
        "model_name",
        "string",
        "`kling-image-o1`",
        "`kling-image-o1`, `kling-v3-omni`",
    ),
    row(
        "prompt",
        "string",
        REQUIRED,
        "at most 2500 characters; `<<<image_1>>>` and `<<<element_1>>>` name entries of the lists, from 1",
    ),
    row(
        "image_list",
        "list of objects",
        NONE,
        "pictures; with elements at most 10 together",
    ),
    row(
        "image_list.image",
        "string",
        REQUIRED,
        "an `http` or `https` link, or Base64 of a PNG or JPEG",
    ),
    ELEMENTS[0],
    ELEMENTS[1],
    row(
        "resolution",
        "string",
        "`1k`",
        "`1k`, `2k`, of `kling-v3-omni` `4k` too",
    ),
    row("result_type", "string", "`single`", "`single`, `series`"),
    row(
        "n",
        "whole number",
        "`1`",
        "1 to 9; of a series it is ignored and reported",
    ),
    row(
        "series_amount",
        "whole number or string",
        "`4`",
        "2 to 9 or `auto`, of a series; else it is ignored and reported",
    ),
    row(
        "aspect_ratio",
        "string",
        "`auto`",
        "`auto`, `16:9`, `9:16`, `1:1`, `4:3`, `3:4`, `3:2`, `2:3`, `21:9`",
    ),
    EXTERNAL_ID,
    CALLBACK_URL,
    WATERMARK[0],
    WATERMARK[1],
];

/// The rows of `multi-image2image`.
pub(super) const SEVERAL: &[FieldRow] = &[
    row("model_name", "string", "`kling-v2-1`", "`kling-v2-1`, `kling-v2`"),
    row(
        "subject_image_list",
        "list of objects",
        REQUIRED,
        "1 to 4 pictures",
    ),
    row(
        "subject_image_list.subject_image",
        "string",
        REQUIRED,
        "an `http` or `https` link, or Base64 of a PNG or JPEG",
    ),
    row(
        "scene_image",
        "string",
        NONE,
        "where it takes place, as a subject",
    ),
    row("style_image", "string", NONE, "how it is painted, as a subject"),
    PROMPT,
    NEGATIVE_PROMPT,
    N,
    ASPECT_RATIO,
    EXTERNAL_ID,
    CALLBACK_URL,
    WATERMARK[0],
    WATERMARK[1],
];

/// Reads `generations`.
///
/// # Errors
/// A refusal that names the field and the allowed values.
pub(super) fn read(call: &Call) -> Result<Submission, Refusal> {
    let mut draft = Draft::begin(call, Operation::ImageGeneration, MODELS[0], FIELDS);
    draft.read_model_of(&MODELS)?;
    draft.read_prompts()?;
    draft.read_needed_prompt(PROMPT_CHARS_MAX)?;
    let top = draft.top;
    check_references(top, &draft.ask.prompt)?;
    let image = picture(top, "image", Role::Reference)?;
    read_reference(&mut draft, image.is_some())?;
    let elements = cited::elements(&mut draft, REFERENCES_MAX)?;
    together(top, "element_list", usize::from(image.is_some()), elements)?;
    draft.ask.inputs.extend(image);
    read_resolution(&mut draft, &RESOLUTIONS, &RATIOS)?;
    draft.read_count()?;
    draft.marked()
}

/// What is said about the picture.
fn read_reference(draft: &mut Draft<'_>, has_image: bool) -> Result<(), Refusal> {
    let top = draft.top;
    let model = draft.ask.model.as_str();
    if has_image && draft.ask.negative_prompt.is_some() {
        let message = "cannot be used together with `image`; give one of them";
        return Err(top.wrong("negative_prompt", message));
    }
    let said = word(top, "image_reference", &["subject", "face"])?;
    let fits = REFERENCE_MODELS.contains(&model);
    if said.is_some() && !fits {
        let message = format!("is not served by model `{model}`");
        let models = REFERENCE_MODELS.map(|model| format!("model {model}"));
        return Err(top.wrong("image_reference", &message).allowing(models));
    }
    if said.is_some() && !has_image {
        return Err(top.wrong("image", "is required with `image_reference`"));
    }
    if said.is_none() && has_image && model == REFERENCE_NEEDED {
        let message = format!("is required with `image` of model `{model}`");
        return Err(top
            .wrong("image_reference", &message)
            .allowing(["subject", "face"]));
    }
    for (name, usual) in [("image_fidelity", 0.5), ("human_fidelity", 0.45)] {
        let share = number_or(top, name, &SHARES, usual)?;
        if has_image {
            draft.keep(name, share);
        } else if top.get(name).is_some() {
            draft.notes.ignore(name.to_owned());
        }
    }
    if let Some(said) = said {
        draft.keep("image_reference", said);
    }
    Ok(())
}

/// Reads `omni-image`.
///
/// # Errors
/// A refusal that names the field and the allowed values.
pub(super) fn omni(call: &Call) -> Result<Submission, Refusal> {
    let mut draft = Draft::begin(call, Operation::OmniImage, OMNI_MODELS[0], OMNI);
    draft.read_model_of(&OMNI_MODELS)?;
    draft.read_needed_prompt(PROMPT_CHARS_MAX)?;
    let (top, name) = (draft.top, "image_list");
    check_references(top, &draft.ask.prompt)?;
    let count = top.list(name)?.map_or(0, <[Field]>::len);
    together(top, name, count, 0)?;
    for at in 0..count {
        let entry = entry(top, name, at)?;
        draft.notes.unknown(&entry, &names_under(OMNI, name));
        let image = picture(&entry, "image", Role::Reference)?;
        draft
            .ask
            .inputs
            .push(image.ok_or_else(|| entry.wrong("image", "is required"))?);
    }
    let elements = cited::elements(&mut draft, REFERENCES_MAX)?;
    together(top, name, count, elements)?;
    let is_largest = draft.ask.model == OMNI_MODELS[1];
    let resolutions = if is_largest {
        &OMNI_RESOLUTIONS[..]
    } else {
        &RESOLUTIONS
    };
    let ratios: Vec<&str> = [AUTO].into_iter().chain(RATIOS).collect();
    read_resolution(&mut draft, resolutions, &ratios)?;
    read_series(&mut draft)?;
    draft.marked()
}

/// One picture or several that belong together, and how many.
fn read_series(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let top = draft.top;
    let kind = word(top, "result_type", &["single", "series"])?.unwrap_or_else(|| "single".to_owned());
    if kind == "single" {
        draft.read_count()?;
        if top.get("series_amount").is_some() {
            draft.notes.ignore("series_amount".to_owned());
        }
    } else {
        if top.get("n").is_some() {
            draft.notes.ignore("n".to_owned());
        }
        let name = "series_amount";
        let is_auto = matches!(top.get(name), Some(Field::Text(text)) if text.trim() == AUTO);
        if is_auto {
            draft.ask.count = SERIES_MAX;
            draft.keep(name, AUTO);
        } else {
            let amount = within(top, name, &SERIES).map_err(|refusal| {
                let allowed = format!("{} to {}", SERIES.start(), SERIES.end());
                refusal.allowing([allowed, AUTO.to_owned()])
            })?;
            let amount = amount.unwrap_or(SERIES_USUAL);
            draft.ask.count = u32::try_from(amount).unwrap_or(SERIES_MAX);
            draft.keep(name, amount);
        }
    }
    draft.keep("result_type", kind);
    Ok(())
}

/// Reads `multi-image2image`.
///
/// # Errors
/// A refusal that names the field and the allowed values.
pub(super) fn several(call: &Call) -> Result<Submission, Refusal> {
    let mut draft = Draft::begin(call, Operation::MultiImageToImage, SEVERAL_MODELS[0], SEVERAL);
    draft.read_model_of(&SEVERAL_MODELS)?;
    draft.read_prompts()?;
    let (top, name) = (draft.top, "subject_image_list");
    let count = entries(top, name, &SUBJECTS)?;
    for at in 0..count {
        let entry = entry(top, name, at)?;
        draft.notes.unknown(&entry, &names_under(SEVERAL, name));
        let image = picture(&entry, "subject_image", Role::Reference)?;
        draft
            .ask
            .inputs
            .push(image.ok_or_else(|| entry.wrong("subject_image", "is required"))?);
    }
    draft
        .ask
        .inputs
        .extend(picture(top, "scene_image", Role::Setting)?);
    draft.ask.inputs.extend(picture(top, "style_image", Role::Style)?);
    read_ratio(&mut draft, "1k", &RATIOS)?;
    draft.read_count()?;
    draft.marked()
}

/// Whether so many pictures and elements go together.
fn together(top: &Fields, name: &str, pictures: usize, elements: usize) -> Result<(), Refusal> {
    let all = pictures + elements;
    if all <= REFERENCES_MAX {
        return Ok(());
    }
    let message = format!("makes `{all}` pictures and elements together, at most {REFERENCES_MAX}");
    Err(top.wrong(name, &message))
}

/// Reads `resolution` and `aspect_ratio`.
fn read_resolution(draft: &mut Draft<'_>, resolutions: &[&str], ratios: &[&str]) -> Result<(), Refusal> {
    let said = word(draft.top, "resolution", resolutions)?;
    let resolution = said.unwrap_or_else(|| resolutions[0].to_owned());
    draft.keep("resolution", json!(resolution));
    draft.ask.mode = Some(resolution.clone());
    read_ratio(draft, &resolution, ratios)
}

/// Reads `aspect_ratio`; the first of the list where none is said.
fn read_ratio(draft: &mut Draft<'_>, resolution: &str, ratios: &[&str]) -> Result<(), Refusal> {
    let said = word(draft.top, "aspect_ratio", ratios)?;
    let ratio = said.unwrap_or_else(|| ratios[0].to_owned());
    draft.ask.size = picture_size(resolution, &ratio);
    draft.ask.follows_picture = ratio == AUTO && !draft.ask.inputs.is_empty();
    draft.keep("aspect_ratio", ratio);
    Ok(())
}
