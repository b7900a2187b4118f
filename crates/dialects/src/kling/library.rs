//! Elements of the caller's own, of both generations of the call: made from pictures or a clip, and taken
//! away.
//!
//! Source: <https://kling.ai/document-api/>, elements of the legacy API, checked 2026-11-21.

use domain::ask::Role;
use domain::dialect::{FieldRow, Submission};
use domain::fields::{Field, Fields};
use domain::item::ItemKind;
use domain::{Call, MediaRule, Operation, Refusal};
use serde_json::json;

use super::cited;
use super::fields::EXTERNAL_ID;
use super::voices::DELETION_MODEL;
use super::wish::{Draft, entries, needed, needed_word};
use crate::field_tables::{NONE, REQUIRED, names_under, row};
use crate::kling_fields::CALLBACK_URL;
use crate::kling_frames::{entry, picture};
use crate::kling_media::{clip, clip_rule};

/// The model that the price book knows the call by.
const MODEL: &str = "kling-custom-element";
const NAME_CHARS_MAX: usize = 20;
const DESCRIPTION_CHARS_MAX: usize = 100;
const REFERENCE_TYPES: [&str; 2] = ["image_refer", "video_refer"];
/// Pictures beside the one from the front.
const VIEWS: std::ops::RangeInclusive<usize> = 1..=3;
const CLIP_MEGABYTES: u64 = 200;
/// Clips, in milliseconds.
const CLIP_MS: std::ops::RangeInclusive<u64> = 3_000..=8_000;
/// Sides of clips, in pixels, and the long side in tenths of the short one: 1080p, 16:9 or 9:16.
const SIDES: std::ops::RangeInclusive<u32> = 1_080..=1_920;
const RATIO_TENTHS: std::ops::RangeInclusive<u32> = 17..=18;
const TAGS_MAX: usize = 8;
/// The tags that the vendor has: `o_101` to `o_108`.
const TAGS: [&str; 8] = [
    "o_101", "o_102", "o_103", "o_104", "o_105", "o_106", "o_107", "o_108",
];

/// The fields that carry pictures.
pub(crate) const MEDIA: &[&str] = &[
    "element_image_list.frontal_image",
    "element_image_list.refer_images.image_url",
];
/// The same of the previous generation.
pub(crate) const PREVIOUS_MEDIA: &[&str] = &["element_frontal_image", "element_refer_list.image_url"];

const NAME: FieldRow = row("element_name", "string", REQUIRED, "at most 20 characters");
const DESCRIPTION: FieldRow = row(
    "element_description",
    "string",
    REQUIRED,
    "at most 100 characters",
);
const TAG_LIST: FieldRow = row("tag_list", "list of objects", NONE, "at most 8 tags");
const TAG: FieldRow = row("tag_list.tag_id", "string", REQUIRED, "`o_101` to `o_108`");

/// The rows of `advanced-custom-elements`.
pub(crate) const FIELDS: &[FieldRow] = &[
    NAME,
    DESCRIPTION,
    row(
        "reference_type",
        "string",
        REQUIRED,
        "`image_refer`, `video_refer`",
    ),
    row(
        "element_image_list",
        "object",
        "required with `image_refer`",
        "the element from several sides",
    ),
    row(
        "element_image_list.frontal_image",
        "string",
        REQUIRED,
        "an `http` or `https` link, or Base64 of a PNG or JPEG",
    ),
    row(
        "element_image_list.refer_images",
        "list of objects",
        REQUIRED,
        "1 to 3 more pictures",
    ),
    row(
        "element_image_list.refer_images.image_url",
        "string",
        REQUIRED,
        "as the one from the front",
    ),
    row(
        "element_video_list",
        "object",
        "required with `video_refer`",
        "the element in a clip",
    ),
    row(
        "element_video_list.refer_videos",
        "list of objects",
        REQUIRED,
        "exactly 1",
    ),
    row(
        "element_video_list.refer_videos.video_url",
        "string",
        REQUIRED,
        "an `http` or `https` link to an MP4 or MOV of at most 200 MB, 3 to 8 seconds, in 1080p, 16:9 or 9:16",
    ),
    row(
        "element_voice_id",
        "string",
        NONE,
        "the `voice_id` of a voice; only with `video_refer`",
    ),
    TAG_LIST,
    TAG,
    EXTERNAL_ID,
    CALLBACK_URL,
];

/// The rows of `custom-elements`.
pub(super) const PREVIOUS: &[FieldRow] = &[
    NAME,
    DESCRIPTION,
    row(
        "element_frontal_image",
        "string",
        REQUIRED,
        "an `http` or `https` link, or Base64 of a PNG or JPEG",
    ),
    row(
        "element_refer_list",
        "list of objects",
        REQUIRED,
        "1 to 3 more pictures",
    ),
    row(
        "element_refer_list.image_url",
        "string",
        REQUIRED,
        "as the one from the front",
    ),
    TAG_LIST,
    TAG,
    EXTERNAL_ID,
    CALLBACK_URL,
];

/// The rows of `delete-elements`.
pub(crate) const DELETION: &[FieldRow] = &[row(
    "element_id",
    "string or whole number",
    REQUIRED,
    "the `element_id` of an element of the caller's own",
)];

/// Reads `advanced-custom-elements`.
///
/// # Errors
/// A refusal that names the field and the allowed values.
pub(super) fn read(call: &Call) -> Result<Submission, Refusal> {
    let mut draft = begin(call, FIELDS, "advanced")?;
    let top = draft.top;
    let kind = needed_word(top, "reference_type", &REFERENCE_TYPES)?;
    let is_clip = kind == REFERENCE_TYPES[1];
    if is_clip {
        read_clip(&mut draft)?;
    } else {
        let name = "element_image_list";
        let list = top.object(name)?;
        let list = list.ok_or_else(|| top.wrong(name, "is required with `image_refer`"))?;
        draft.notes.unknown(&list, &names_under(FIELDS, name));
        read_views(&mut draft, &list, "frontal_image", "refer_images")?;
    }
    if cited::one_voice(&mut draft, "element_voice_id")? && !is_clip {
        let message = "is for elements of `video_refer` only";
        return Err(top.wrong("element_voice_id", message));
    }
    draft.keep("reference_type", kind);
    draft.named()
}

/// Reads `custom-elements`.
///
/// # Errors
/// A refusal that names the field and the allowed values.
pub(super) fn previous(call: &Call) -> Result<Submission, Refusal> {
    let mut draft = begin(call, PREVIOUS, "previous")?;
    let top = draft.top;
    read_views(&mut draft, top, "element_frontal_image", "element_refer_list")?;
    draft.keep("reference_type", REFERENCE_TYPES[0]);
    draft.named()
}

/// Reads `delete-elements`.
///
/// # Errors
/// A refusal that names the field.
pub(super) fn delete(call: &Call) -> Result<Submission, Refusal> {
    let mut draft = Draft::begin(call, Operation::ItemDeletion, DELETION_MODEL, DELETION);
    cited::item(&mut draft, "element_id", ItemKind::Element)?;
    Ok(draft.unnamed())
}

/// What both generations have.
fn begin<'a>(call: &'a Call, rows: &[FieldRow], generation: &str) -> Result<Draft<'a>, Refusal> {
    let mut draft = Draft::begin(call, Operation::CustomElement, MODEL, rows);
    let top = draft.top;
    draft.keep("generation", generation);
    draft.keep("element_name", needed(top, "element_name", NAME_CHARS_MAX)?);
    let description = needed(top, "element_description", DESCRIPTION_CHARS_MAX)?;
    draft.keep("element_description", description);
    let count = top.list("tag_list")?.map_or(0, <[Field]>::len);
    if count > TAGS_MAX {
        let message = format!("has `{count}` entries, at most {TAGS_MAX}");
        return Err(top.wrong("tag_list", &message));
    }
    let mut tags = Vec::new();
    for at in 0..count {
        let tag = entry(top, "tag_list", at)?;
        draft.notes.unknown(&tag, &["tag_id"]);
        tags.push(json!({ "tag_id": needed_word(&tag, "tag_id", &TAGS)? }));
    }
    if !tags.is_empty() {
        draft.keep("tag_list", tags);
    }
    Ok(draft)
}

/// The picture from the front and those from elsewhere.
fn read_views(draft: &mut Draft<'_>, home: &Fields, front: &str, others: &str) -> Result<(), Refusal> {
    let frontal = picture(home, front, Role::Reference)?;
    draft
        .ask
        .inputs
        .push(frontal.ok_or_else(|| home.wrong(front, "is required"))?);
    let count = entries(home, others, &VIEWS)?;
    for at in 0..count {
        let view = entry(home, others, at)?;
        draft.notes.unknown(&view, &["image_url"]);
        let image = picture(&view, "image_url", Role::Reference)?;
        draft
            .ask
            .inputs
            .push(image.ok_or_else(|| view.wrong("image_url", "is required"))?);
    }
    Ok(())
}

fn read_clip(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let (top, name, inner) = (draft.top, "element_video_list", "refer_videos");
    let list = top.object(name)?;
    let list = list.ok_or_else(|| top.wrong(name, "is required with `video_refer`"))?;
    draft.notes.unknown(&list, &names_under(FIELDS, name));
    entries(&list, inner, &(1..=1))?;
    let video = entry(&list, inner, 0)?;
    draft.notes.unknown(&video, &["video_url"]);
    let rule = MediaRule {
        ratio_min_tenths: Some(*RATIO_TENTHS.start()),
        ratio_max_tenths: Some(*RATIO_TENTHS.end()),
        ..clip_rule(CLIP_MEGABYTES, &CLIP_MS).sides(&SIDES)
    };
    let input = clip(&video, "video_url", Role::SourceVideo, rule)?;
    draft
        .ask
        .inputs
        .push(input.ok_or_else(|| video.wrong("video_url", "is required"))?);
    Ok(())
}
