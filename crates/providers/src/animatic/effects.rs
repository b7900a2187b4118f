//! Video effects: a transformation by the name of its scene.

use ::animatic::{Wish, Work};
use domain::provider::UpstreamError;
use serde_json::Value;

use super::given::Given;
use super::wish::refused;

/// The name of the scene.
pub(super) const SCENE: &str = "kling.effect_scene";

/// Reads the scene; the pictures are references.
pub(super) fn read(given: &Given<'_>, wish: &mut Wish) -> Result<(), UpstreamError> {
    let scene = given.ask.extras.get(SCENE).and_then(Value::as_str);
    let scene =
        scene.ok_or_else(|| refused("`effect_scene` is missing, and nothing can be made without it"))?;
    wish.work = Work::Effect(scene.to_owned());
    Ok(())
}
