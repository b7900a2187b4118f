//! Reads the body of a native submit into a wish.

use domain::ask::Role;
use domain::dialect::{FieldRow, Submission};
use domain::fields::{Field, Fields};
use domain::{Ask, Call, Input, Operation, Refusal};
use serde_json::{Map, json};

use super::cited::{self, check_references};
use super::guide;
use super::wish::Draft;
use crate::field_tables::{names, names_under};
use crate::kling_frames::{entry, exclusive, moving_masks, picture};
use crate::kling_models::{self, DEFAULT_MODE, MODELS, MODES, Model, Use, Variant, size_of};
use crate::kling_options::{self as options, Notes, PROMPT_CHARS_MAX, RATIOS, Shots, line, word};

/// The model where none is named; the vendor's documented default is retired.
const DEFAULT_MODEL: &str = "kling-v3";
/// The model for several pictures where none is named.
const DEFAULT_REFERENCES_MODEL: &str = "kling-v1-6";
/// The longest name of a model, in characters.
const MODEL_CHARS_MAX: usize = 128;
/// The rate of a model that the capability map does not know.
const DEFAULT_FPS: u32 = 24;
/// The ratio where none is said.
const DEFAULT_RATIO: &str = "16:9";
/// The most pictures of a multi-image2video.
const REFERENCES_MAX: usize = 4;
/// The most elements of one clip.
const ELEMENTS_MAX: usize = 3;
/// What a picture may be.
const PICTURES: [&str; 2] = ["an http or https URL", "Base64 of an image"];

/// Reads a submit.
///
/// # Errors
/// A refusal that names the field and the allowed values.
pub(crate) fn read(operation: Operation, call: &Call) -> Result<Submission, Refusal> {
    let top = &call.fields;
    let mut notes = Notes::default();
    let (usage, inputs) = pictures(operation, top, &mut notes)?;
    survey(top, usage, &mut notes);
    let name = line(top, "model_name", MODEL_CHARS_MAX)?;
    let name = name.unwrap_or_else(|| default_model(usage).to_owned());
    let model = kling_models::find(&name);
    let seconds = options::seconds(top, model)?;
    let mode = mode(top, model, &mut notes)?;
    let ratio = ratio(top, usage, &mut notes)?;
    let motion = Motion::read(top, usage, seconds, &mut notes)?;
    let prompt = prompt(top, usage, motion.shots.as_ref(), &mut notes)?;
    let negative_prompt = line(top, "negative_prompt", PROMPT_CHARS_MAX)?;
    let variant = Variant {
        usage,
        mode: &mode,
        seconds,
        sound: motion.sound,
    };
    check_model(&name, &variant)?;
    motion.check(top, model, &variant, &mut notes)?;
    let ask = Ask {
        operation,
        model: name,
        prompt,
        negative_prompt,
        inputs,
        mentions: Vec::new(),
        duration_ms: seconds * 1_000,
        lasts_like: None,
        size: size_of(&mode, &ratio),
        follows_picture: operation == Operation::ImageToVideo,
        fps: Some(model.map_or(DEFAULT_FPS, |model| model.fps)),
        seed: None,
        count: 1,
        sound: Some(motion.sound),
        mode: Some(mode),
        preview: call.preview,
        marked_copy: false,
        extras: Map::new(),
    };
    let mut draft = Draft { top, notes, ask };
    if usage != Use::References {
        cite(&mut draft, model)?;
    }
    draft.marked()
}

/// Elements and voices, where the model has them.
fn cite(draft: &mut Draft<'_>, model: Option<&Model>) -> Result<(), Refusal> {
    let top = draft.top;
    let elements = cited::elements(draft, ELEMENTS_MAX)?;
    let voices = cited::voices(draft)?;
    if elements > 0 && voices > 0 {
        let message = "cannot be used together with `element_list`; give one of them";
        return Err(top.wrong("voice_list", message));
    }
    if let Some(model) = model.filter(|model| elements > 0 && !model.elements) {
        return Err(unable(top, "element_list", model, |model| model.elements));
    }
    if let Some(model) = model.filter(|model| voices > 0 && !model.voices) {
        return Err(unable(top, "voice_list", model, |model| model.voices));
    }
    if voices > 0 && draft.ask.sound != Some(true) {
        let message = "needs `sound` to be `on`";
        return Err(top.wrong("voice_list", message).allowing(["sound on"]));
    }
    check_references(top, &draft.ask.prompt)
}

/// A refusal of what a model has not, with the models of these calls that have it.
pub(super) fn unable(top: &Fields, name: &str, model: &Model, has: fn(&Model) -> bool) -> Refusal {
    let able = MODELS.iter().filter(|model| has(model) && !model.text.is_empty());
    let message = format!("is not served by model `{}`", model.name);
    top.wrong(name, &message)
        .allowing(able.map(|model| format!("model {}", model.name)))
}

/// The pictures, and what they make of the wish.
fn pictures(operation: Operation, top: &Fields, notes: &mut Notes) -> Result<(Use, Vec<Input>), Refusal> {
    match operation {
        Operation::ImageToVideo => frames(top, notes),
        Operation::MultiImageToVideo => Ok((Use::References, references(top, notes)?)),
        _ => Ok((Use::Text, Vec::new())),
    }
}

/// The pictures of an image2video in the order first, last, masks.
fn frames(top: &Fields, notes: &mut Notes) -> Result<(Use, Vec<Input>), Refusal> {
    let first = picture(top, "image", Role::FirstFrame)?;
    let last = picture(top, "image_tail", Role::LastFrame)?;
    let mut masks: Vec<Input> = Vec::new();
    masks.extend(picture(top, "static_mask", Role::Mask)?);
    masks.extend(moving_masks(top, notes)?);
    exclusive(top, top, last.is_some(), !masks.is_empty())?;
    let usage = match (&first, &last) {
        (None, _) if !masks.is_empty() => {
            return Err(top.wrong("image", "is required with masks").allowing(PICTURES));
        }
        (None, None) => {
            let message = "is required, or `image_tail`";
            return Err(top.wrong("image", message).allowing(PICTURES));
        }
        (Some(_), None) if !masks.is_empty() => Use::Brush,
        (Some(_), None) => Use::FirstFrame,
        (Some(_), Some(_)) => Use::BothFrames,
        (None, Some(_)) => Use::LastFrame,
    };
    let inputs = first.into_iter().chain(last).chain(masks);
    Ok((usage, inputs.collect()))
}

/// The pictures of a multi-image2video.
fn references(top: &Fields, notes: &mut Notes) -> Result<Vec<Input>, Refusal> {
    let name = "image_list";
    let count = top.list(name)?.map_or(0, <[Field]>::len);
    if count == 0 || count > REFERENCES_MAX {
        let message =
            format!("has `{count}` images, from 1 to {REFERENCES_MAX} entries `{{image}}` are taken");
        return Err(top.wrong(name, &message));
    }
    let mut inputs = Vec::new();
    for at in 0..count {
        let entry = entry(top, name, at)?;
        notes.unknown(&entry, &names_under(&guide::REFERENCES, name));
        let image = picture(&entry, "image", Role::Reference)?;
        inputs.push(image.ok_or_else(|| entry.wrong("image", "is required").allowing(PICTURES))?);
    }
    Ok(inputs)
}

/// Reports what is not known.
fn survey(top: &Fields, usage: Use, notes: &mut Notes) {
    let rows: &[FieldRow] = match usage {
        Use::FirstFrame | Use::BothFrames | Use::LastFrame | Use::Brush => &guide::IMAGE,
        Use::References => &guide::REFERENCES,
        _ => &guide::TEXT,
    };
    notes.unknown(top, &names(rows));
}

/// The model of a wish that names none.
pub(crate) fn default_model(usage: Use) -> &'static str {
    match usage {
        Use::References => DEFAULT_REFERENCES_MODEL,
        _ => DEFAULT_MODEL,
    }
}

/// The quality word; of a model that has only one it is reported where it says another.
fn mode(top: &Fields, model: Option<&Model>, notes: &mut Notes) -> Result<String, Refusal> {
    let said = word(top, "mode", &MODES.map(|(word, _)| word))?;
    let fixed = model.and_then(|model| model.fixed_mode);
    if said.is_some() && fixed.is_some() && said.as_deref() != fixed {
        notes.ignore(top.path("mode"));
    }
    let mode = fixed.map(str::to_owned).or(said);
    Ok(mode.unwrap_or_else(|| DEFAULT_MODE.to_owned()))
}

/// The frame's ratio; beside frames of a clip there is no such field.
fn ratio(top: &Fields, usage: Use, notes: &mut Notes) -> Result<String, Refusal> {
    let name = "aspect_ratio";
    let said = match usage {
        Use::Text | Use::References => word(top, name, &RATIOS)?,
        _ => None,
    };
    if let Some(ratio) = &said {
        notes.extra(name, json!(ratio));
    }
    Ok(said.unwrap_or_else(|| DEFAULT_RATIO.to_owned()))
}

/// The prompt. Shots with prompts of their own stand for it; beside frames it may be left out, unless the
/// model is to find shots in it.
fn prompt(top: &Fields, usage: Use, shots: Option<&Shots>, notes: &mut Notes) -> Result<String, Refusal> {
    let said = line(top, "prompt", PROMPT_CHARS_MAX)?;
    if let Some(shots) = shots.and_then(|shots| shots.prompt.clone()) {
        if said.is_some() {
            notes.ignore(top.path("prompt"));
        }
        return Ok(shots);
    }
    let is_required = shots.is_some() || matches!(usage, Use::Text | Use::References);
    match said {
        // The vendor's own text.
        None if is_required => Err(Refusal::invalid("prompt", "prompt is required")),
        said => Ok(said.unwrap_or_default()),
    }
}

/// What the capability map says of the model, at the native fields.
fn check_model(name: &str, variant: &Variant<'_>) -> Result<(), Refusal> {
    kling_models::check(name, variant).map_err(|refusal| match refusal.field.as_deref() {
        Some("model") | None => refusal.at("model_name"),
        Some(_) => refusal,
    })
}

/// The options of text2video and image2video; a multi-image2video has none of them.
struct Motion {
    sound: bool,
    shots: Option<Shots>,
}

impl Motion {
    fn read(top: &Fields, usage: Use, seconds: u64, notes: &mut Notes) -> Result<Motion, Refusal> {
        if usage == Use::References {
            return Ok(Motion {
                sound: false,
                shots: None,
            });
        }
        Ok(Motion {
            sound: options::sound(top)?.unwrap_or(false),
            shots: options::shots(top, seconds, notes)?,
        })
    }

    fn check(
        &self,
        top: &Fields,
        model: Option<&Model>,
        variant: &Variant<'_>,
        notes: &mut Notes,
    ) -> Result<(), Refusal> {
        if variant.usage == Use::References {
            return Ok(());
        }
        if self.shots.is_some() {
            options::check_shots(top, model, variant.usage)?;
        }
        options::camera(top, model, variant, notes)?;
        options::cfg_scale(top, model, notes)
    }
}
