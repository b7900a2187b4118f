//! Multi-elements editing: a session's clip with its picked areas changed.
//!
//! A selection session remembers `{"clip": blob, "fps": number, "picked": [{"frame_index", "points": [{"x", "y"}],
//! "mask": PNG in Base64}]}`: the clip, and what was picked in which frame. Without a mask the area is what lies
//! around the points.

use ::animatic::{AreaAt, Edit, Elements, MAX_AREAS, MAX_POINTS, Shape, Wish, Work};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::Role;
use domain::item::ItemKind;
use domain::provider::UpstreamError;
use serde_json::Value;

use super::extend::sized_like;
use super::given::Given;
use super::wish::{DEFAULT_FPS, refused};

/// What is done with the areas.
pub(super) const EDIT_MODE: &str = "kling.edit_mode";

/// Reads the session's clip and areas; the pictures are references.
pub(super) async fn read(given: &mut Given<'_>, wish: &mut Wish) -> Result<(), UpstreamError> {
    let memory = given.memory(ItemKind::SelectionSession).unwrap_or(&Value::Null);
    let clip = match given.take(Role::SourceVideo) {
        Some(clip) => clip,
        None => given.session_clip(memory).await?,
    };
    sized_like(&clip, given, wish)?;
    let mode = given.ask.extras.get(EDIT_MODE).and_then(Value::as_str);
    let edit = match mode {
        Some("addition") => Edit::Addition,
        Some("swap") => Edit::Swap,
        Some("removal") => Edit::Removal,
        other => {
            let other = other.unwrap_or("no word");
            return Err(refused(&format!(
                "`edit_mode` is `{other}`; allowed: `addition`, `swap`, `removal`"
            )));
        }
    };
    wish.work = Work::Elements(Elements {
        clip,
        edit,
        areas: areas(memory),
    });
    Ok(())
}

/// What was picked, in the order of its frames; what cannot be read was never picked.
fn areas(memory: &Value) -> Vec<AreaAt> {
    let fps = memory["fps"].as_f64().filter(|fps| (1.0..=240.0).contains(fps));
    let fps = fps.unwrap_or(f64::from(DEFAULT_FPS));
    let area = |picked: &Value| {
        let at_ms = picked["frame_index"].as_f64().unwrap_or(0.0).max(0.0) * 1000.0 / fps;
        Some(AreaAt {
            at_ms: at_ms.round() as u32,
            shape: shape(picked)?,
        })
    };
    let picked = memory["picked"].as_array().map_or(&[][..], Vec::as_slice);
    let mut areas: Vec<AreaAt> = picked.iter().filter_map(area).take(MAX_AREAS).collect();
    areas.sort_by_key(|area| area.at_ms);
    areas
}

fn shape(picked: &Value) -> Option<Shape> {
    if let Some(mask) = picked["mask"]
        .as_str()
        .and_then(|text| STANDARD.decode(text).ok())
    {
        return Some(Shape::Mask(mask));
    }
    let share = |value: &Value| {
        value
            .as_f64()
            .map(|share| (share.clamp(0.0, 1.0) * 1000.0).round() as u16)
    };
    let point = |point: &Value| Some((share(&point["x"])?, share(&point["y"])?));
    let points = picked["points"]
        .as_array()?
        .iter()
        .filter_map(point)
        .take(MAX_POINTS);
    let points: Vec<_> = points.collect();
    (!points.is_empty()).then_some(Shape::Points(points))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_picked_is_an_area_at_the_moment_of_its_frame() {
        let memory = json!({"fps": 25.0, "picked": [
            {"frame_index": 50, "points": [{"x": 0.5, "y": 0.25}, {"x": 2.0, "y": 1.0}]},
            {"frame_index": 0, "points": [], "mask": STANDARD.encode(b"a picture")},
            {"frame_index": 9, "points": []},
        ]});
        let expected = [
            AreaAt {
                at_ms: 0,
                shape: Shape::Mask(b"a picture".to_vec()),
            },
            AreaAt {
                at_ms: 2000,
                shape: Shape::Points(vec![(500, 250), (1000, 1000)]),
            },
        ];
        assert_eq!(areas(&memory), expected);
        assert_eq!(areas(&Value::Null), []);
    }
}
