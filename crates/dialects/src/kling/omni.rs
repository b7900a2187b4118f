//! `omni-video`: a clip from words, pictures, elements and another clip.
//!
//! Source: <https://kling.ai/document-api/>, omni-video of the legacy API, checked 2026-11-21.

use domain::ask::Role;
use domain::dialect::{FieldRow, Submission};
use domain::fields::{Field, Fields};
use domain::{Call, MediaRule, Operation, Refusal};
use serde_json::{Value, json};

use super::cited::{self, check_references};
use super::fields::{EXTERNAL_ID, NEGATIVE_PROMPT};
use super::wish::Draft;
use crate::field_tables::{NONE, REQUIRED, names_under, row};
use crate::kling_fields::{CALLBACK_URL, SHOTS, WATERMARK};
use crate::kling_frames::{entry, picture};
use crate::kling_media::{clip, first_omni_rule, omni_rule};
use crate::kling_models::{self, MODES, Use, Variant, size_of};
use crate::kling_options::{self as options, PROMPT_CHARS_MAX, RATIOS, line, word};

/// The model where none is named.
const DEFAULT_MODEL: &str = "kling-video-o1";
/// A model with rules of its own for frames.
const FIRST_OMNI: &str = "kling-video-o1";
/// The mode where none is said, unlike in every other call.
const DEFAULT_MODE: &str = "pro";
/// Pictures and elements together; fewer beside a clip.
const REFERENCES_MAX: usize = 7;
const REFERENCES_BESIDE_CLIP_MAX: usize = 4;
/// Elements beside a first frame.
const ELEMENTS_BESIDE_FRAME_MAX: usize = 3;
/// From so many pictures on the first omni model takes no frames.
const FIRST_OMNI_FRAMES_MAX: usize = 2;
const IMAGE_TYPES: [&str; 2] = ["first_frame", "end_frame"];
const REFER_TYPES: [&str; 2] = ["base", "feature"];
const YES_NO: [&str; 2] = ["yes", "no"];

/// The fields that carry pictures.
pub(crate) const MEDIA: &[&str] = &["image_list.image_url"];

/// The rows.
pub(crate) const FIELDS: &[FieldRow] = &[
    row(
        "model_name",
        "string",
        "`kling-video-o1`",
        "at most 128 characters; see [Models](#models)",
    ),
    row(
        "prompt",
        "string",
        REQUIRED,
        "at most 2500 characters; `<<<image_1>>>`, `<<<element_1>>>` and `<<<video_1>>>` name entries of the \
         lists, from 1; with shots that have prompts of their own it may be left out",
    ),
    NEGATIVE_PROMPT,
    SHOTS[0],
    SHOTS[1],
    SHOTS[2],
    SHOTS[3],
    SHOTS[4],
    SHOTS[5],
    row(
        "image_list",
        "list of objects",
        NONE,
        "pictures; with elements at most 7 together, beside a clip at most 4",
    ),
    row(
        "image_list.image_url",
        "string",
        REQUIRED,
        "an `http` or `https` link, or Base64 of a PNG or JPEG",
    ),
    row(
        "image_list.type",
        "string",
        "a picture to look like",
        "`first_frame`, `end_frame`; each once, the second only beside the first, neither beside a clip with \
         `refer_type` `base`",
    ),
    row(
        "element_list",
        "list of objects",
        NONE,
        "elements of the caller's own; beside a first frame at most 3, of `kling-video-o1` none beside a first \
         and an end frame",
    ),
    row(
        "element_list.element_id",
        "whole number or string",
        REQUIRED,
        "the `element_id` of an element",
    ),
    row("video_list", "list of objects", NONE, "at most 1 clip"),
    row(
        "video_list.video_url",
        "string",
        REQUIRED,
        "an `http` or `https` link to an MP4 or MOV of at most 200 MB, 3 to 15 seconds, of `kling-video-o1` 10; sides of \
         700 to 4553 pixels, of `kling-video-o1` 2160; 24 to 60 frames a second",
    ),
    row(
        "video_list.refer_type",
        "string",
        "`base`",
        "`base` (the clip is edited), `feature` (it lends its motion and looks)",
    ),
    row("video_list.keep_original_sound", "string", "`yes`", "`yes`, `no`"),
    row(
        "sound",
        "string",
        "`off`",
        "`on`, `off`; only `off` beside a clip",
    ),
    row(
        "mode",
        "string",
        "`pro`",
        "`std`, `pro`, `4k`, as far as the model has them",
    ),
    row(
        "aspect_ratio",
        "string",
        "required without a first frame or a clip with `refer_type` `base`",
        "`16:9`, `9:16`, `1:1`",
    ),
    row(
        "duration",
        "string or whole number",
        "`\"5\"`",
        "whole seconds, as far as the model has them; ignored where a clip is edited, which keeps its length",
    ),
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
    let mut draft = Draft::begin(call, Operation::OmniVideo, DEFAULT_MODEL, FIELDS);
    draft.read_model()?;
    let top = draft.top;
    let model = kling_models::find(&draft.ask.model);
    let seconds = options::seconds(top, model)?;
    let pictures = Pictures::read(&mut draft)?;
    let clip = Clip::read(&mut draft)?;
    let elements = cited::elements(&mut draft, REFERENCES_MAX)?;
    check_lists(&draft, &pictures, clip.as_ref(), elements)?;
    let sound = options::sound(top)?.unwrap_or(false);
    if sound && clip.is_some() {
        return Err(
            Refusal::invalid("sound", "sound on is not supported with video input").allowing(["off"]),
        );
    }
    let shots = options::shots(top, seconds, &mut draft.notes)?;
    let usage = match &clip {
        Some(_) => Use::OmniClip,
        None if elements > 0 || pictures.has_more_than_first() => Use::OmniReferences,
        None => Use::Omni,
    };
    if shots.is_some() {
        options::check_shots(top, model, usage)?;
        check_shots(top, &pictures, clip.as_ref())?;
    }
    read_prompt(&mut draft, shots)?;
    read_frame(&mut draft, &pictures, clip.as_ref())?;
    let edited = clip.as_ref().filter(|clip| clip.is_base);
    let mode = draft.ask.mode.clone().unwrap_or_default();
    let variant = Variant {
        usage,
        mode: &mode,
        seconds: if edited.is_some() { 5 } else { seconds },
        sound,
    };
    let checked = kling_models::check(&draft.ask.model, &variant);
    checked.map_err(|refusal| match refusal.field.as_deref() {
        Some("model") | None => refusal.at("model_name"),
        Some(_) => refusal,
    })?;
    draft.ask.sound = Some(sound);
    draft.ask.fps = Some(24);
    draft.ask.duration_ms = seconds * 1_000;
    if let Some(clip) = edited {
        draft.ask.lasts_like = Some(Role::SourceVideo);
        draft.ask.duration_ms = clip.longest_ms / 1_000 * 1_000;
        if top.get("duration").is_some() {
            draft.notes.ignore("duration".to_owned());
        }
    }
    draft.marked()
}

/// The pictures of a wish by what they are.
struct Pictures {
    count: usize,
    has_first: bool,
    has_end: bool,
}

impl Pictures {
    fn read(draft: &mut Draft<'_>) -> Result<Pictures, Refusal> {
        let (top, name) = (draft.top, "image_list");
        let count = top.list(name)?.map_or(0, <[Field]>::len);
        if count > REFERENCES_MAX {
            let message = format!("has `{count}` images, at most {REFERENCES_MAX}");
            return Err(top.wrong(name, &message));
        }
        let (mut kinds, mut has_first, mut has_end) = (Vec::new(), false, false);
        for at in 0..count {
            let entry = entry(top, name, at)?;
            draft.notes.unknown(&entry, &names_under(FIELDS, name));
            let kind = word(&entry, "type", &IMAGE_TYPES)?;
            let (role, seen) = match kind.as_deref() {
                Some("first_frame") => (Role::FirstFrame, Some(&mut has_first)),
                Some(_) => (Role::LastFrame, Some(&mut has_end)),
                None => (Role::Reference, None),
            };
            if let Some(seen) = seen
                && std::mem::replace(seen, true)
            {
                return Err(entry.wrong("type", "is there twice; each frame may be given once"));
            }
            let input = picture(&entry, "image_url", role)?;
            draft
                .ask
                .inputs
                .push(input.ok_or_else(|| entry.wrong("image_url", "is required"))?);
            kinds.push(kind.map_or(Value::Null, Value::String));
        }
        if has_end && !has_first {
            let message = "has an image of type `end_frame`, which needs one of type `first_frame`";
            return Err(top.wrong(name, message));
        }
        if count > 0 {
            draft.keep("image_types", kinds);
        }
        Ok(Pictures {
            count,
            has_first,
            has_end,
        })
    }

    fn has_more_than_first(&self) -> bool {
        self.has_end || self.count > usize::from(self.has_first)
    }
}

/// The clip that a wish goes by.
struct Clip {
    is_base: bool,
    /// The longest that is taken, in milliseconds.
    longest_ms: u64,
}

impl Clip {
    fn read(draft: &mut Draft<'_>) -> Result<Option<Clip>, Refusal> {
        let (top, name) = (draft.top, "video_list");
        let count = top.list(name)?.map_or(0, <[Field]>::len);
        if count == 0 {
            return Ok(None);
        }
        if count > 1 {
            return Err(top.wrong(name, &format!("has `{count}` videos, at most 1")));
        }
        let entry = entry(top, name, 0)?;
        draft.notes.unknown(&entry, &names_under(FIELDS, name));
        let kind = word(&entry, "refer_type", &REFER_TYPES)?.unwrap_or_else(|| REFER_TYPES[0].to_owned());
        let is_base = kind == REFER_TYPES[0];
        let role = if is_base {
            Role::SourceVideo
        } else {
            Role::MotionVideo
        };
        let rule = base_clip(&draft.ask.model);
        let longest_ms = rule.duration_ms_max.unwrap_or(0);
        let input = clip(&entry, "video_url", role, rule)?;
        draft
            .ask
            .inputs
            .push(input.ok_or_else(|| entry.wrong("video_url", "is required"))?);
        let keep = word(&entry, "keep_original_sound", &YES_NO)?;
        draft.keep("refer_type", kind);
        draft.keep(
            "keep_original_sound",
            keep.unwrap_or_else(|| YES_NO[0].to_owned()),
        );
        Ok(Some(Clip { is_base, longest_ms }))
    }
}

/// The longest clip that a model takes, in milliseconds.
pub(crate) fn longest_ms(model: &str) -> u64 {
    base_clip(model).duration_ms_max.unwrap_or(0)
}

/// What a clip must be that a model goes by.
pub(crate) fn base_clip(model: &str) -> MediaRule {
    if model == FIRST_OMNI {
        return first_omni_rule();
    }
    omni_rule()
}

/// How many pictures and elements go together, and with what.
fn check_lists(
    draft: &Draft<'_>,
    pictures: &Pictures,
    clip: Option<&Clip>,
    elements: usize,
) -> Result<(), Refusal> {
    let top = draft.top;
    let most = if clip.is_some() {
        REFERENCES_BESIDE_CLIP_MAX
    } else {
        REFERENCES_MAX
    };
    let together = pictures.count + elements;
    if together > most {
        let beside = if clip.is_some() { " beside a video" } else { "" };
        let message =
            format!("and `element_list` have `{together}` entries together, at most {most}{beside}");
        return Err(top.wrong("image_list", &message));
    }
    if clip.is_some_and(|clip| clip.is_base) && pictures.has_first {
        let message = "has a frame, which cannot be used together with a video of `refer_type` `base`";
        return Err(top.wrong("image_list", message));
    }
    let is_first_omni = draft.ask.model == FIRST_OMNI;
    if is_first_omni && pictures.has_first && pictures.count > FIRST_OMNI_FRAMES_MAX {
        let message = format!(
            "has `{}` images with a frame among them, model `{FIRST_OMNI}` takes frames among at most \
             {FIRST_OMNI_FRAMES_MAX} only",
            pictures.count
        );
        return Err(top.wrong("image_list", &message));
    }
    let beside_frames = match (pictures.has_first, pictures.has_end) {
        (true, true) if is_first_omni => 0,
        (true, _) => ELEMENTS_BESIDE_FRAME_MAX,
        (false, _) => REFERENCES_MAX,
    };
    if elements > beside_frames {
        let message = format!("has `{elements}` elements, at most {beside_frames} beside such frames");
        return Err(top.wrong("element_list", &message));
    }
    Ok(())
}

/// Several shots start freely, and beside a clip that lends its motion the model must find them.
fn check_shots(top: &Fields, pictures: &Pictures, clip: Option<&Clip>) -> Result<(), Refusal> {
    if pictures.has_first {
        let message = "cannot be used together with a first or an end frame";
        return Err(top.wrong("multi_shot", message));
    }
    let is_found = top.text("shot_type")?.map(str::trim) == Some("intelligence");
    if clip.is_some() && !is_found {
        let message = "must be `intelligence` beside a video";
        return Err(top.wrong("shot_type", message).allowing(["intelligence"]));
    }
    Ok(())
}

/// The prompt, for which shots with prompts of their own stand.
fn read_prompt(draft: &mut Draft<'_>, shots: Option<options::Shots>) -> Result<(), Refusal> {
    draft.ask.negative_prompt = line(draft.top, "negative_prompt", PROMPT_CHARS_MAX)?;
    if let Some(prompt) = shots.and_then(|shots| shots.prompt) {
        if line(draft.top, "prompt", PROMPT_CHARS_MAX)?.is_some() {
            draft.notes.ignore("prompt".to_owned());
        }
        check_references(draft.top, &prompt)?;
        draft.ask.prompt = prompt;
        return Ok(());
    }
    draft.read_needed_prompt(PROMPT_CHARS_MAX)?;
    check_references(draft.top, &draft.ask.prompt)
}

/// Mode, ratio and size.
fn read_frame(draft: &mut Draft<'_>, pictures: &Pictures, clip: Option<&Clip>) -> Result<(), Refusal> {
    let top = draft.top;
    let mode = word(top, "mode", &MODES.map(|(word, _)| word))?;
    let mode = mode.unwrap_or_else(|| DEFAULT_MODE.to_owned());
    let follows = pictures.has_first || clip.is_some_and(|clip| clip.is_base);
    let ratio = word(top, "aspect_ratio", &RATIOS)?;
    if let Some(ratio) = ratio.as_ref().filter(|_| !follows) {
        draft.keep("aspect_ratio", json!(ratio));
    }
    if follows && ratio.is_some() {
        draft.notes.ignore("aspect_ratio".to_owned());
    }
    if !follows && ratio.is_none() {
        let message = "is required unless there is a first frame or a video is edited";
        return Err(top.wrong("aspect_ratio", message).allowing(RATIOS));
    }
    draft.ask.follows_picture = follows;
    draft.ask.size = size_of(&mode, ratio.as_deref().filter(|_| !follows).unwrap_or(RATIOS[0]));
    draft.ask.mode = Some(mode);
    Ok(())
}
