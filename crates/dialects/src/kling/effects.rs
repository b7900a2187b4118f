//! `effects`: ready-made scenes for one or two pictures. The scenes are data, in `kling/effects/scenes.rs`.
//!
//! Source: <https://kling.ai/document-api/>, video effects of the legacy API, checked 2026-11-21.

use domain::ask::Role;
use domain::dialect::{FieldRow, Submission};
use domain::fields::Fields;
use domain::{Call, Input, Operation, Refusal};

use super::fields::EXTERNAL_ID;
use super::wish::{Draft, entries, needed};
use crate::field_tables::{NONE, REQUIRED, names_under, row};
use crate::kling_fields::{CALLBACK_URL, WATERMARK};
use crate::kling_frames::picture;
use crate::kling_options::{excerpt, word};

mod scenes;

use scenes::{Pictures, SCENES};

/// The model that the price book knows the call by.
const MODEL: &str = "kling-effects";
/// The models that the older form of the call names.
const MODELS: [&str; 3] = ["kling-v1", "kling-v1-5", "kling-v1-6"];
const SCENE_CHARS_MAX: usize = 128;

/// The fields that carry pictures.
pub(crate) const MEDIA: &[&str] = &["input.image", "input.images"];

/// The rows.
pub(crate) const FIELDS: &[FieldRow] = &[
    row("effect_scene", "string", REQUIRED, "the name of a scene"),
    row("input", "object", REQUIRED, "what the scene is made of"),
    row(
        "input.image",
        "string",
        "required with scenes for one picture",
        "an `http` or `https` link, or Base64 of a PNG or JPEG",
    ),
    row(
        "input.images",
        "list of strings",
        "required with scenes for two pictures",
        "exactly 2, left and right, each as `input.image`",
    ),
    row(
        "input.model_name",
        "string",
        NONE,
        "`kling-v1`, `kling-v1-5`, `kling-v1-6`; the older form of the call has it",
    ),
    row("input.mode", "string", "`std`", "`std` (720 lines), `pro` (1080)"),
    row("input.duration", "string or whole number", "`\"5\"`", "`5`, `10`"),
    EXTERNAL_ID,
    CALLBACK_URL,
    WATERMARK[0],
    WATERMARK[1],
];

/// Reads a submit.
///
/// # Errors
/// A refusal that names the field and the allowed values.
pub(super) fn read(call: &Call) -> Result<Submission, Refusal> {
    let mut draft = Draft::begin(call, Operation::VideoEffects, MODEL, FIELDS);
    let scene = needed(draft.top, "effect_scene", SCENE_CHARS_MAX)?;
    let pictures = pictures_of(draft.top, &scene)?;
    let input = draft.top.object("input")?;
    let input = input.ok_or_else(|| draft.top.wrong("input", "is required"))?;
    draft.notes.unknown(&input, &names_under(FIELDS, "input"));
    draft.ask.inputs = match pictures {
        Pictures::One => vec![one(&input, &scene)?],
        Pictures::Two => two(&input)?,
    };
    let unheard = match pictures {
        Pictures::One => "images",
        Pictures::Two => "image",
    };
    if input.get(unheard).is_some() {
        draft.notes.ignore(input.path(unheard));
    }
    draft.keep("effect_scene", scene);
    if let Some(model) = word(&input, "model_name", &MODELS)? {
        draft.keep("model_name", model);
    }
    let mode = word(&input, "mode", &["std", "pro"])?;
    draft.set_mode(mode.unwrap_or_else(|| "std".to_owned()), "16:9");
    draft.read_five_or_ten(&input)?;
    draft.ask.follows_picture = true;
    draft.marked()
}

/// How many pictures a scene takes.
fn pictures_of(top: &Fields, scene: &str) -> Result<Pictures, Refusal> {
    let name = "effect_scene";
    if let Some((_, when)) = scenes::RETIRED.iter().find(|(known, _)| *known == scene) {
        let message = format!("cannot be `{scene}`, which the vendor retired on {when}");
        return Err(top.wrong(name, &message).allowing(SCENES.map(|(scene, _)| scene)));
    }
    let row = SCENES.iter().find(|(known, _)| *known == scene);
    let (_, pictures) = row.ok_or_else(|| {
        let message = format!("cannot be `{}`", excerpt(scene));
        top.wrong(name, &message).allowing(SCENES.map(|(scene, _)| scene))
    })?;
    Ok(*pictures)
}

fn one(input: &Fields, scene: &str) -> Result<Input, Refusal> {
    let image = picture(input, "image", Role::Reference)?;
    image.ok_or_else(|| {
        let message = format!("is required: scene `{scene}` is made of one picture");
        input.wrong("image", &message)
    })
}

fn two(input: &Fields) -> Result<Vec<Input>, Refusal> {
    let name = "images";
    entries(input, name, &(2..=2))?;
    let mut inputs = Vec::new();
    for at in 0..2 {
        inputs.push(listed(input, name, at)?);
    }
    Ok(inputs)
}

/// One picture of a list of strings.
fn listed(input: &Fields, name: &str, at: usize) -> Result<Input, Refusal> {
    let field = input.list(name)?.and_then(|list| list.get(at)).cloned();
    let path = format!("{}.{at}", input.path(name));
    let alone = Fields::new(field.map(|field| (path.clone(), field)).into_iter().collect());
    let image = picture(&alone, &path, Role::Reference)?;
    image.ok_or_else(|| alone.wrong(&path, "is required"))
}
