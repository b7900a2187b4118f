//! Pictures and masks of a wish in Kling's fields: what is taken as a link, what as a file, and which
//! pictures the vendor reads. Nothing is fetched here.
//!
//! Source: <https://kling.ai/document-api/>, the input limits of image2video, checked 2026-11-21.

use domain::ask::Role;
use domain::fields::{Field, Fields};
use domain::{Input, MediaKind, MediaRule, Misfit, Refusal, RefusalKind, Source, Staged};

use crate::field_tables::names_under;
use crate::kling_fields::DYNAMIC_MASKS;
use crate::kling_options::Notes;

/// The longest link, in bytes.
const LINK_BYTES_MAX: usize = 2_048;
/// The largest picture, in bytes.
const IMAGE_BYTES_MAX: u64 = 50 * 1024 * 1024;
/// The shortest side of a picture, in pixels.
const SIDE_MIN: u32 = 300;
/// The longest side of a picture in motion control, in pixels.
const MOVER_SIDE_MAX: u32 = 65_536;
/// How many times as long as the short side of a picture the long one may be, in tenths: within 1:2.5
/// and 2.5:1.
const RATIO_MAX_TENTHS: u32 = 25;
/// The picture types that the vendor reads.
const IMAGE_TYPES: [&str; 2] = ["image/png", "image/jpeg"];
/// The most moving areas.
const MASKS_MAX: usize = 6;
/// The points of a path that an area moves along.
const POINTS: std::ops::RangeInclusive<usize> = 2..=77;

/// Whether a text is a link with a scheme that we follow and a host. Where it leads is judged elsewhere.
///
/// # Errors
/// A sentence for the client.
pub(crate) fn check_link(text: &str) -> Result<(), String> {
    let Some(rest) = after_scheme(text) else {
        return Err("is no link: it must start with `https://` or `http://`".to_owned());
    };
    if text.len() > LINK_BYTES_MAX {
        return Err(format!("is a link of more than {LINK_BYTES_MAX} bytes"));
    }
    if rest.is_empty() || rest.starts_with(['/', '?', '#', ':', '@']) {
        return Err("is a link without a host".to_owned());
    }
    if text.chars().any(|char| char.is_whitespace() || char.is_control()) {
        return Err("is a link with white space in it".to_owned());
    }
    Ok(())
}

/// A picture in a field; an empty string counts as none.
///
/// # Errors
/// A refusal when it is neither a link nor a picture that the vendor reads.
pub(crate) fn picture(home: &Fields, name: &str, role: Role) -> Result<Option<Input>, Refusal> {
    match home.get(name) {
        // As in most wishes: then the rule need not be made.
        None => Ok(None),
        Some(_) => media(home, name, role, picture_rule()),
    }
}

/// The picture of someone who is moved like a clip, which may be larger than the others but not without end.
///
/// # Errors
/// As [`picture`].
pub(crate) fn mover(home: &Fields, name: &str) -> Result<Option<Input>, Refusal> {
    let rule = MediaRule {
        side_max: Some(MOVER_SIDE_MAX),
        ..picture_rule()
    };
    media(home, name, Role::Reference, rule)
}

/// Media of some rule in a field, as a link or as Base64; an empty string counts as none.
///
/// # Errors
/// A refusal when it is neither a link nor media that the rule takes.
pub(crate) fn media(
    home: &Fields,
    name: &str,
    role: Role,
    rule: MediaRule,
) -> Result<Option<Input>, Refusal> {
    match home.get(name) {
        None => Ok(None),
        Some(Field::Text(text)) if text.trim().is_empty() => Ok(None),
        Some(field) => source(field, &home.path(name), role, rule).map(Some),
    }
}

/// The masks of the motion brush: the pictures become inputs, the paths stay as vendor fields.
///
/// # Errors
/// A refusal naming the entry at fault.
pub(crate) fn moving_masks(home: &Fields, notes: &mut Notes) -> Result<Vec<Input>, Refusal> {
    let name = "dynamic_masks";
    let Some(list) = home.list(name)?.filter(|list| !list.is_empty()) else {
        return Ok(Vec::new());
    };
    if list.len() > MASKS_MAX {
        return Err(home.wrong(
            name,
            &format!("has `{}` entries, at most {MASKS_MAX}", list.len()),
        ));
    }
    let mut inputs = Vec::new();
    let mut paths = Vec::new();
    for at in 0..list.len() {
        let entry = entry(home, name, at)?;
        notes.unknown(&entry, &names_under(DYNAMIC_MASKS, name));
        let mask = picture(&entry, "mask", Role::Mask)?;
        inputs.push(mask.ok_or_else(|| entry.wrong("mask", "is required"))?);
        let points = entry.list("trajectories")?.map_or(0, <[Field]>::len);
        if !POINTS.contains(&points) {
            let message = format!(
                "has `{points}` points, from {} to {}",
                POINTS.start(),
                POINTS.end()
            );
            return Err(entry.wrong("trajectories", &message));
        }
        let mut path = Vec::new();
        for point in 0..points {
            let point = self::entry(&entry, "trajectories", point)?;
            notes.unknown(&point, &names_under(DYNAMIC_MASKS, "dynamic_masks.trajectories"));
            path.push(serde_json::json!({ "x": pixel(&point, "x")?, "y": pixel(&point, "y")? }));
        }
        paths.push(serde_json::json!({ "trajectories": path }));
    }
    notes.extra(name, serde_json::Value::Array(paths));
    Ok(inputs)
}

/// A place in a picture along one of its sides, from the corner at the bottom left.
fn pixel(point: &Fields, axis: &str) -> Result<i64, Refusal> {
    let pixel = point
        .whole(axis)?
        .ok_or_else(|| point.wrong(axis, "is required"))?;
    if pixel < 0 {
        let message = format!("cannot be `{pixel}`, pixels count from 0");
        return Err(point.wrong(axis, &message));
    }
    Ok(pixel)
}

/// Of a last picture, masks and a moving camera only one is allowed. `tail` holds `image_tail`, `camera`
/// holds `camera_control`.
///
/// # Errors
/// A refusal naming both.
pub(crate) fn exclusive(
    tail: &Fields,
    camera: &Fields,
    has_last: bool,
    has_masks: bool,
) -> Result<(), Refusal> {
    let has_camera = has_camera(camera);
    let masks = "`static_mask` and `dynamic_masks`";
    let (fields, name, with) = match (has_last, has_masks, has_camera) {
        (true, true, _) => (tail, "image_tail", masks),
        (true, _, true) => (camera, "camera_control", "`image_tail`"),
        (_, true, true) => (camera, "camera_control", masks),
        _ => return Ok(()),
    };
    let message = format!("cannot be used together with {with}; give one of them");
    Err(fields.wrong(name, &message))
}

/// Whether a moving camera is asked for; an empty object counts as none.
pub(crate) fn has_camera(home: &Fields) -> bool {
    matches!(home.get("camera_control"), Some(Field::Map(pairs)) if !pairs.is_empty())
}

/// One object of a list, with a path such as `metadata.multi_prompt.0`.
///
/// # Errors
/// A refusal when the entry is no object.
pub(crate) fn entry(home: &Fields, name: &str, at: usize) -> Result<Fields, Refusal> {
    let path = home.path(name);
    let field = home.list(name)?.and_then(|list| list.get(at)).cloned();
    let outer = Fields::new(vec![(format!("{path}.{at}"), field.unwrap_or(Field::Null))]);
    let only = format!("{path}.{at}");
    let object = outer.object(&only)?;
    object.ok_or_else(|| outer.wrong(&only, "must be an object, not null"))
}

/// What every picture must be, whether it came inside the request or is fetched later.
fn picture_rule() -> MediaRule {
    MediaRule {
        side_min: Some(SIDE_MIN),
        ratio_max_tenths: Some(RATIO_MAX_TENTHS),
        ..MediaRule::of(MediaKind::Image, &IMAGE_TYPES, IMAGE_BYTES_MAX)
    }
}

fn source(field: &Field, path: &str, role: Role, rule: MediaRule) -> Result<Input, Refusal> {
    let source = match field {
        Field::Text(text) => Source::Link(link(text.trim(), path, rule.kind)?),
        Field::Staged(staged) => {
            check_staged(staged, &rule, path)?;
            Source::Staged(staged.clone())
        }
        other => {
            let message = format!("`{path}` must be a URL or Base64, not {}", other.kind());
            return Err(Refusal::invalid(path, message));
        }
    };
    Ok(Input {
        role,
        source,
        field: path.to_owned(),
        rule: Some(rule),
        parent: None,
    })
}

fn link(text: &str, path: &str, kind: MediaKind) -> Result<String, Refusal> {
    if after_scheme(text).is_none() {
        return Err(no_media(path, kind));
    }
    check_link(text).map_err(|wrong| Refusal::invalid(path, format!("`{path}` {wrong}")))?;
    Ok(text.to_owned())
}

/// What follows `https://` or `http://`, in any case.
fn after_scheme(text: &str) -> Option<&str> {
    let schemes = ["https://", "http://"];
    schemes.into_iter().find_map(|scheme| {
        let (start, rest) = text.split_at_checked(scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then_some(rest)
    })
}

fn check_staged(staged: &Staged, rule: &MediaRule, path: &str) -> Result<(), Refusal> {
    if staged.content_type.is_none() {
        return Err(no_media(path, rule.kind));
    }
    let Err(misfit) = rule.check(staged) else {
        return Ok(());
    };
    let wrong = |message: &str| Refusal::media(path, format!("`{path}` {message}"));
    Err(match misfit {
        Misfit::Type {
            found: Some(found),
            allowed,
            ..
        } => wrong(&format!("is `{found}`")).allowing(allowed),
        Misfit::Bytes { .. } => Refusal {
            kind: RefusalKind::TooLarge,
            ..wrong(&misfit.to_string())
        },
        other => wrong(&other.to_string()),
    })
}

fn no_media(path: &str, kind: MediaKind) -> Refusal {
    let noun = match kind {
        MediaKind::Image => "an image",
        MediaKind::Audio => "a sound",
        MediaKind::Video => "a video",
    };
    let message = format!("`{path}` is neither a URL nor Base64 of {noun}");
    Refusal::media(path, message).allowing(["an http or https URL".to_owned(), format!("Base64 of {noun}")])
}
