//! What each work must have and may not exceed, looked at before anything is drawn. Decodes nothing.

use super::{Elements, Extend, LipSync, MAX_AREAS, MAX_MOVING, MAX_POINTS, MAX_SHOTS, MAX_VOLUME, Masks};
use super::{PlannedShot, Shape, Work, first_frame};
use crate::footage::{self, Facts, MAX_CLIP_MS};
use crate::picture;
use crate::wish::{MAX_DURATION_MS, MIN_DURATION_MS, Wish, WishError, length, within};

/// Checks the work of a wish.
pub(crate) fn check(wish: &Wish) -> Result<(), WishError> {
    match &wish.work {
        Work::Scene => Ok(()),
        Work::Shots(shots) => self::shots(wish, shots),
        Work::Masks(masks) => self::masks(wish, masks),
        Work::Extend(extend) => self::extend(extend),
        Work::MotionControl(control) => {
            first_frame(wish)?;
            clip(&control.clip).map(drop)
        }
        Work::LipSync(sync) => lips(sync),
        Work::Avatar(_) => first_frame(wish).map(drop),
        Work::Effect(name) => {
            length("effect", name)?;
            pictures(wish, 1)
        }
        Work::Elements(elements) => self::elements(wish, elements),
        Work::Omni(omni) => clip(&omni.clip).map(drop),
    }
}

/// Reads the index of a clip, which must be long enough to be a clip of ours.
fn clip(bytes: &[u8]) -> Result<Facts, WishError> {
    let facts = footage::probe(bytes)?;
    if facts.duration_ms < MIN_DURATION_MS {
        let value = format!("{} milliseconds", facts.duration_ms);
        return Err(WishError::new(
            "clip",
            value,
            format!("at least {MIN_DURATION_MS} milliseconds"),
        ));
    }
    Ok(facts)
}

fn shots(wish: &Wish, shots: &[PlannedShot]) -> Result<(), WishError> {
    if !(1..=MAX_SHOTS).contains(&shots.len()) {
        return Err(WishError::new(
            "shots",
            shots.len(),
            format!("from 1 to {MAX_SHOTS} shots"),
        ));
    }
    for (at, shot) in shots.iter().enumerate() {
        length(&format!("shots[{at}].prompt"), &shot.prompt)?;
        let field = format!("shots[{at}].duration_ms");
        within(
            &field,
            shot.duration_ms,
            MIN_DURATION_MS,
            MAX_DURATION_MS,
            "milliseconds",
        )?;
    }
    let all: u64 = shots.iter().map(|shot| u64::from(shot.duration_ms)).sum();
    if all != u64::from(wish.duration_ms) {
        let allowed = format!(
            "`{}` milliseconds together, the length of the clip",
            wish.duration_ms
        );
        return Err(WishError::new(
            "shots",
            format!("{all} milliseconds together"),
            allowed,
        ));
    }
    Ok(())
}

fn masks(wish: &Wish, masks: &Masks) -> Result<(), WishError> {
    first_frame(wish)?;
    if masks.moving.len() > MAX_MOVING {
        return Err(WishError::new(
            "masks",
            masks.moving.len(),
            format!("at most {MAX_MOVING}"),
        ));
    }
    for (at, moving) in masks.moving.iter().enumerate() {
        picture::check(&format!("masks[{at}]"), &moving.mask)?;
        if !(2..=MAX_POINTS).contains(&moving.path.len()) {
            let field = format!("masks[{at}].path");
            let allowed = format!("from 2 to {MAX_POINTS} points");
            return Err(WishError::new(
                field,
                format!("{} points", moving.path.len()),
                allowed,
            ));
        }
    }
    masks
        .still
        .as_ref()
        .map_or(Ok(()), |mask| picture::check("static_mask", mask))
}

fn extend(extend: &Extend) -> Result<(), WishError> {
    within(
        "added_ms",
        extend.added_ms,
        MIN_DURATION_MS,
        MAX_DURATION_MS,
        "milliseconds",
    )?;
    let whole = clip(&extend.clip)?.duration_ms + extend.added_ms;
    if whole > MAX_CLIP_MS {
        let value = format!("a clip of {whole} milliseconds with its continuation");
        return Err(WishError::new(
            "clip",
            value,
            format!("at most {MAX_CLIP_MS} milliseconds"),
        ));
    }
    Ok(())
}

fn lips(sync: &LipSync) -> Result<(), WishError> {
    for (field, volume) in [("volume", sync.volume), ("original_volume", sync.original_volume)] {
        within(field, u32::from(volume), 0, u32::from(MAX_VOLUME), "percent")?;
    }
    let facts = clip(&sync.clip)?;
    if sync.at_ms >= facts.duration_ms {
        let allowed = format!(
            "a moment of the clip, which lasts `{}` milliseconds",
            facts.duration_ms
        );
        return Err(WishError::new("at_ms", sync.at_ms, allowed));
    }
    if sync.to_ms.is_some_and(|to| to <= sync.from_ms) {
        let to = sync.to_ms.unwrap_or_default();
        return Err(WishError::new(
            "to_ms",
            to,
            format!("more than from_ms, `{}`", sync.from_ms),
        ));
    }
    if let Some(face) = sync.face
        && (face.width == 0
            || face.height == 0
            || face.left.saturating_add(face.width) > 1000
            || face.top.saturating_add(face.height) > 1000)
    {
        let value = format!("{},{} {}x{}", face.left, face.top, face.width, face.height);
        return Err(WishError::new(
            "face",
            value,
            "a part of the frame, in thousandths of its sides",
        ));
    }
    Ok(())
}

fn elements(wish: &Wish, elements: &Elements) -> Result<(), WishError> {
    clip(&elements.clip)?;
    if elements.areas.len() > MAX_AREAS {
        return Err(WishError::new(
            "areas",
            elements.areas.len(),
            format!("at most {MAX_AREAS}"),
        ));
    }
    for (at, area) in elements.areas.iter().enumerate() {
        match &area.shape {
            Shape::Mask(mask) => picture::check(&format!("areas[{at}]"), mask)?,
            Shape::Points(points) if points.is_empty() || points.len() > MAX_POINTS => {
                let value = format!("{} points", points.len());
                let allowed = format!("from 1 to {MAX_POINTS} points");
                return Err(WishError::new(format!("areas[{at}]"), value, allowed));
            }
            Shape::Points(_) => {}
        }
    }
    if !elements.areas.is_sorted_by_key(|area| area.at_ms) {
        return Err(WishError::new(
            "areas",
            "out of order",
            "areas in the order of their moments",
        ));
    }
    match elements.edit {
        super::Edit::Removal => Ok(()),
        super::Edit::Addition | super::Edit::Swap => pictures(wish, 1),
    }
}

/// Whether there are so many reference pictures.
fn pictures(wish: &Wish, least: usize) -> Result<(), WishError> {
    if wish.references.len() >= least {
        return Ok(());
    }
    let allowed = format!("at least {least} JPEG, PNG or WebP pictures");
    Err(WishError::new("references", wish.references.len(), allowed))
}
