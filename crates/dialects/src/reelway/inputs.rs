//! Reads the media of a wish to our own API, and what they make of it. Nothing is fetched here.

use domain::ask::Role;
use domain::fields::{Field, Fields};
use domain::{Input, Refusal};

use super::guide::FIELDS;
use crate::field_tables::names_under;
use crate::kling_frames::{check_link, entry, has_camera, moving_masks, picture};
use crate::kling_models::Use;
use crate::kling_options::{Notes, word};

/// The most entries of `inputs`.
const INPUTS_MAX: usize = 16;
/// The roles of media, in the order in which they are kept, and how many of each are taken.
const ROLES: [(&str, Role, usize); 4] = [
    ("first_frame", Role::FirstFrame, 1),
    ("last_frame", Role::LastFrame, 1),
    ("mask", Role::Mask, 1),
    ("reference", Role::Reference, 4),
];

/// The media in the order first, last, masks, references, and what they make of the wish.
///
/// # Errors
/// A refusal naming the entry at fault, or what does not go together.
pub(super) fn read(top: &Fields, extras: &Fields, notes: &mut Notes) -> Result<(Use, Vec<Input>), Refusal> {
    let count = top.list("inputs")?.map_or(0, <[Field]>::len);
    if count > INPUTS_MAX {
        let message = format!("has `{count}` entries, at most {INPUTS_MAX}");
        return Err(top.wrong("inputs", &message));
    }
    let mut inputs = Vec::new();
    for at in 0..count {
        inputs.push(input(&entry(top, "inputs", at)?, notes)?);
    }
    for (word, role, most) in ROLES {
        let count = inputs.iter().filter(|input: &&Input| input.role == role).count();
        if count > most {
            let message = format!("has `{count}` entries with role `{word}`, at most {most}");
            return Err(top.wrong("inputs", &message));
        }
    }
    inputs.extend(moving_masks(extras, notes)?);
    let rank = |input: &Input| ROLES.iter().position(|(_, role, _)| *role == input.role);
    inputs.sort_by_key(rank);
    let usage = usage(top, extras, &inputs)?;
    Ok((usage, inputs))
}

/// What media make of a wish, where they go together.
fn usage(top: &Fields, extras: &Fields, inputs: &[Input]) -> Result<Use, Refusal> {
    let any = |role| inputs.iter().any(|input| input.role == role);
    let (first, last, masks) = (any(Role::FirstFrame), any(Role::LastFrame), any(Role::Mask));
    let wrong = |message: &str| Err(top.wrong("inputs", message));
    if any(Role::Reference) {
        if first || last || masks {
            return wrong("has references beside frames or masks; give one kind of them");
        }
        return Ok(Use::References);
    }
    if last && masks {
        return wrong("has a last frame, which cannot be used together with masks; give one of them");
    }
    if masks && !first {
        return wrong("has no entry with role `first_frame`, which masks need");
    }
    if (last || masks) && has_camera(extras) {
        let beside = if last { "a last frame" } else { "masks" };
        let message = format!("cannot be used together with {beside}; give one of them");
        return Err(extras.wrong("camera_control", &message));
    }
    Ok(match (first, last) {
        (false, false) => Use::Text,
        (true, false) if masks => Use::Brush,
        (true, false) => Use::FirstFrame,
        (false, true) => Use::LastFrame,
        (true, true) => Use::BothFrames,
    })
}

/// One entry: a role, and one of a link and the file itself.
fn input(entry: &Fields, notes: &mut Notes) -> Result<Input, Refusal> {
    notes.unknown(entry, &names_under(&FIELDS, "inputs"));
    let roles = ROLES.map(|(word, ..)| word);
    let missing = || entry.wrong("role", "is required").allowing(roles);
    let said = word(entry, "role", &roles)?.ok_or_else(missing)?;
    let row = ROLES.iter().find(|(word, ..)| *word == said);
    let (_, role, _) = row.ok_or_else(missing)?;
    match (link(entry, *role)?, picture(entry, "data", *role)?) {
        (Some(input), None) | (None, Some(input)) => Ok(input),
        (None, None) => Err(entry.wrong("url", "is required, or `data`")),
        (Some(_), Some(_)) => Err(entry.wrong("url", "cannot be used together with `data`")),
    }
}

/// A link in `url`; an empty string counts as none.
fn link(entry: &Fields, role: Role) -> Result<Option<Input>, Refusal> {
    let name = "url";
    let Some(text) = entry.text(name)?.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    check_link(text).map_err(|wrong| entry.wrong(name, &wrong))?;
    picture(entry, name, role)
}
