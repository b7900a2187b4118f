//! What a native body names of the caller's own: elements, voices and sessions. Whether they are there is
//! found out later; presets of the house are known here.

use domain::fields::{Field, Fields};
use domain::item::ItemKind;
use domain::{Mention, Refusal};
use serde_json::Value;

use super::presets;
use super::wish::{Draft, needed};
use crate::kling_frames::entry;

/// The longest id of an item, in characters.
const ID_CHARS_MAX: usize = 64;
/// The most voices of one clip.
const VOICES_MAX: usize = 2;
/// The kinds of references in prompts, each with the list that it counts in.
const REFERENCES: [(&str, &str); 5] = [
    ("image", "image_list"),
    ("video", "video_list"),
    ("element", "element_list"),
    ("object", "element_list"),
    ("voice", "voice_list"),
];

/// Reads `element_list`; says how many elements there are.
///
/// # Errors
/// A refusal of the list, or of the entry at fault.
pub(super) fn elements(draft: &mut Draft<'_>, most: usize) -> Result<usize, Refusal> {
    let named = named(draft, "element_list", "element_id", most)?;
    let count = named.len();
    for (field, name) in named {
        draft.ask.mentions.push(mention(ItemKind::Element, field, name));
    }
    if count > 0 {
        draft.keep("element_ids", vec![Value::Null; count]);
    }
    Ok(count)
}

/// Reads `voice_list`; says how many voices there are.
///
/// # Errors
/// As [`elements`].
pub(super) fn voices(draft: &mut Draft<'_>) -> Result<usize, Refusal> {
    let named = named(draft, "voice_list", "voice_id", VOICES_MAX)?;
    let count = named.len();
    let mut ids = Vec::new();
    for (field, name) in named {
        ids.push(voice(draft, field, name));
    }
    if count > 0 {
        draft.keep("voice_ids", ids);
    }
    Ok(count)
}

/// Reads one field that names a voice.
///
/// # Errors
/// A refusal when it is no short text.
pub(super) fn one_voice(draft: &mut Draft<'_>, name: &str) -> Result<bool, Refusal> {
    let Some(said) = crate::kling_options::line(draft.top, name, ID_CHARS_MAX)? else {
        return Ok(false);
    };
    let id = voice(draft, draft.top.path(name), said);
    draft.keep("voice_ids", vec![id]);
    Ok(true)
}

/// Reads one field that names an item which must be there.
///
/// # Errors
/// A refusal when it is missing or no short text.
pub(super) fn item(draft: &mut Draft<'_>, name: &str, kind: ItemKind) -> Result<(), Refusal> {
    let said = needed(draft.top, name, ID_CHARS_MAX)?;
    let mention = mention(kind, draft.top.path(name), said);
    draft.ask.mentions.push(mention);
    Ok(())
}

/// Holds the references of a prompt, such as `<<<image_1>>>`, against the lists that they count in.
///
/// # Errors
/// A refusal of the prompt, naming the reference and its list.
pub(super) fn check_references(top: &Fields, prompt: &str) -> Result<(), Refusal> {
    let count = |list: &str| top.list(list).map(|entries| entries.map_or(0, <[Field]>::len));
    hold(top, prompt, &count)
}

/// The same in a call that is about one clip, which stands in no list.
///
/// # Errors
/// As [`check_references`].
pub(super) fn check_references_of_one_clip(top: &Fields, prompt: &str) -> Result<(), Refusal> {
    let count = |list: &str| match list {
        "video_list" => Ok(1),
        _ => top.list(list).map(|entries| entries.map_or(0, <[Field]>::len)),
    };
    hold(top, prompt, &count)
}

fn hold(top: &Fields, prompt: &str, count: &dyn Fn(&str) -> Result<usize, Refusal>) -> Result<(), Refusal> {
    for part in prompt.split("<<<").skip(1) {
        let Some((reference, _)) = part.split_once(">>>") else {
            continue;
        };
        let Some((kind, number)) = reference.split_once('_') else {
            continue;
        };
        let (Some((_, list)), Ok(number)) = (
            REFERENCES.iter().find(|(known, _)| *known == kind),
            number.parse::<usize>(),
        ) else {
            continue;
        };
        let count = count(list)?;
        if number == 0 || number > count {
            let message = format!("names `<<<{reference}>>>`, but `{list}` has `{count}` entries");
            return Err(top.wrong("prompt", &message));
        }
    }
    Ok(())
}

/// The ids in a list of objects, each with its field.
fn named(draft: &mut Draft<'_>, list: &str, id: &str, most: usize) -> Result<Vec<(String, String)>, Refusal> {
    let count = draft.top.list(list)?.map_or(0, <[Field]>::len);
    if count > most {
        let message = format!("has `{count}` entries, at most {most}");
        return Err(draft.top.wrong(list, &message));
    }
    let mut named = Vec::new();
    for at in 0..count {
        let entry = entry(draft.top, list, at)?;
        draft.notes.unknown(&entry, &[id]);
        named.push((entry.path(id), needed(&entry, id, ID_CHARS_MAX)?));
    }
    Ok(named)
}

/// A voice in the list of ids: a preset's by itself, one of the caller's own as a mention.
fn voice(draft: &mut Draft<'_>, field: String, name: String) -> Value {
    if presets::is_voice(&name) {
        return Value::String(name);
    }
    draft.ask.mentions.push(mention(ItemKind::Voice, field, name));
    Value::Null
}

fn mention(kind: ItemKind, field: String, name: String) -> Mention {
    Mention {
        kind,
        name,
        field,
        item: None,
    }
}
