//! `static_mask` and `dynamic_masks` of image-to-video: areas of the first frame that stand still or move.

use ::animatic::{Masks, Moving, Wish, Work};
use domain::Role;
use domain::provider::UpstreamError;
use serde_json::Value;

use super::given::Given;
use super::wish::refused;

/// The paths of the moving areas, for the last masks.
pub(super) const DYNAMIC_MASKS: &str = "kling.dynamic_masks";

/// Reads the masks of a wish, if it has any.
pub(super) fn read(given: &mut Given<'_>, wish: &mut Wish) -> Result<(), UpstreamError> {
    let mut masks = given.all(Role::Mask);
    if masks.is_empty() {
        return Ok(());
    }
    let paths = given.ask.extras.get(DYNAMIC_MASKS).and_then(Value::as_array);
    let paths = paths.map_or(&[][..], Vec::as_slice);
    if masks.len() > paths.len() + 1 || masks.len() < paths.len() {
        let (masks, paths) = (masks.len(), paths.len());
        return Err(refused(&format!("`{masks}` masks came for `{paths}` paths")));
    }
    let moving = masks.split_off(masks.len() - paths.len());
    let moving = moving
        .into_iter()
        .zip(paths)
        .enumerate()
        .map(|(at, (mask, path))| {
            Ok(Moving {
                mask,
                path: points(at, &path["trajectories"])?,
            })
        });
    wish.work = Work::Masks(Masks {
        moving: moving.collect::<Result<_, UpstreamError>>()?,
        still: masks.pop(),
    });
    Ok(())
}

fn points(at: usize, list: &Value) -> Result<Vec<(i32, i32)>, UpstreamError> {
    let number = |value: &Value| {
        value
            .as_f64()
            .filter(|at| at.abs() < 1e6)
            .map(|at| at.round() as i32)
    };
    let point = |point: &Value| Some((number(&point["x"])?, number(&point["y"])?));
    let points: Option<Vec<_>> = list.as_array().and_then(|list| list.iter().map(point).collect());
    points.ok_or_else(|| {
        refused(&format!(
            "`dynamic_masks.{at}.trajectories` is no list of points `x`, `y`"
        ))
    })
}
