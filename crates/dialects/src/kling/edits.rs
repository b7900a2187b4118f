//! Pictures that are made larger (`editing/expand`) or put on (`kolors-virtual-try-on`).
//!
//! Source: <https://kling.ai/document-api/>, the image pages, checked 2026-11-21.

use domain::ask::Role;
use domain::dialect::{FieldRow, Submission};
use domain::{Call, Operation, Refusal};

use super::fields::{EXTERNAL_ID, IMAGE, PROMPT};
use super::images::N;
use super::wish::{Draft, number_within, picture_size};
use crate::field_tables::{REQUIRED, row};
use crate::kling_fields::{CALLBACK_URL, WATERMARK};
use crate::kling_frames::picture;
use crate::kling_options::plain;

const TRY_ON_MODELS: [&str; 2] = ["kolors-virtual-try-on-v1", "kolors-virtual-try-on-v1-5"];
/// The model that the price book knows `editing/expand` by.
const EXPAND_MODEL: &str = "kling-image-expand";
const EXPANSIONS: [&str; 4] = [
    "up_expansion_ratio",
    "down_expansion_ratio",
    "left_expansion_ratio",
    "right_expansion_ratio",
];
const EXPANSION: std::ops::RangeInclusive<f64> = 0.0..=2.0;
/// How many times as large as the picture the result may be.
const AREA_MAX: f64 = 3.0;
/// What rounding adds to an area that is just as large as it may be.
const AREA_SLACK: f64 = 1e-9;

/// The fields that carry pictures.
pub(crate) const MEDIA: &[&str] = &["image"];
pub(crate) const TRY_ON_MEDIA: &[&str] = &["human_image", "cloth_image"];

/// The rows of `editing/expand`.
pub(crate) const EXPAND: &[FieldRow] = &[
    IMAGE,
    row(
        "up_expansion_ratio",
        "number",
        REQUIRED,
        "0 to 2, times the picture's height",
    ),
    row(
        "down_expansion_ratio",
        "number",
        REQUIRED,
        "0 to 2, times the picture's height",
    ),
    row(
        "left_expansion_ratio",
        "number",
        REQUIRED,
        "0 to 2, times the picture's width",
    ),
    row(
        "right_expansion_ratio",
        "number",
        REQUIRED,
        "0 to 2, times the picture's width",
    ),
    PROMPT,
    N,
    EXTERNAL_ID,
    CALLBACK_URL,
    WATERMARK[0],
    WATERMARK[1],
];

/// The rows of `kolors-virtual-try-on`.
pub(crate) const TRY_ON: &[FieldRow] = &[
    row(
        "model_name",
        "string",
        "`kolors-virtual-try-on-v1`",
        "`kolors-virtual-try-on-v1`, `kolors-virtual-try-on-v1-5`",
    ),
    row(
        "human_image",
        "string",
        REQUIRED,
        "who wears it: an `http` or `https` link, or Base64 of a PNG or JPEG",
    ),
    row(
        "cloth_image",
        "string",
        REQUIRED,
        "what is worn, as `human_image`",
    ),
    EXTERNAL_ID,
    CALLBACK_URL,
    WATERMARK[0],
    WATERMARK[1],
];

/// Reads `editing/expand`.
///
/// # Errors
/// A refusal that names the field and the allowed values.
pub(super) fn expand(call: &Call) -> Result<Submission, Refusal> {
    let mut draft = Draft::begin(call, Operation::ImageExpand, EXPAND_MODEL, EXPAND);
    draft.read_prompt()?;
    let top = draft.top;
    let image = picture(top, "image", Role::Reference)?;
    draft
        .ask
        .inputs
        .push(image.ok_or_else(|| top.wrong("image", "is required"))?);
    let mut ratios = [0.0; 4];
    for (ratio, name) in ratios.iter_mut().zip(EXPANSIONS) {
        let said = number_within(top, name, &EXPANSION)?;
        let allowed = format!("{} to {}", EXPANSION.start(), EXPANSION.end());
        *ratio = said.ok_or_else(|| top.wrong(name, "is required").allowing([allowed]))?;
        draft.keep(name, plain(*ratio));
    }
    let [up, down, left, right] = ratios;
    let area = (1.0 + up + down) * (1.0 + left + right);
    if area > AREA_MAX + AREA_SLACK {
        let message = format!(
            "makes the picture `{area:.2}` times as large with the other three, at most {AREA_MAX} times"
        );
        return Err(top.wrong(EXPANSIONS[0], &message));
    }
    draft.read_count()?;
    draft.ask.size = picture_size("1k", "1:1");
    draft.ask.follows_picture = true;
    draft.marked()
}

/// Reads `kolors-virtual-try-on`.
///
/// # Errors
/// A refusal that names the field and the allowed values.
pub(super) fn try_on(call: &Call) -> Result<Submission, Refusal> {
    let mut draft = Draft::begin(call, Operation::VirtualTryOn, TRY_ON_MODELS[0], TRY_ON);
    draft.read_model_of(&TRY_ON_MODELS)?;
    for (name, role) in [("human_image", Role::Person), ("cloth_image", Role::Garment)] {
        let image = picture(draft.top, name, role)?;
        draft
            .ask
            .inputs
            .push(image.ok_or_else(|| draft.top.wrong(name, "is required"))?);
    }
    draft.ask.size = picture_size("1k", "3:4");
    draft.ask.follows_picture = true;
    draft.marked()
}
