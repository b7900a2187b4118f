//! Items that a wish names, by the vendor's own names: elements, voices, sessions. What comes with the house
//! is not there at the vendor.

use domain::error::TaskErrorCode;
use domain::item::ItemKind;
use domain::{Ask, TaskError};
use serde_json::{Value, json};

/// Whether everything that a wish names is there at the vendor. Items that are not looked up yet are left to
/// the next time.
///
/// # Errors
/// What is not there.
pub(super) fn check(ask: &Ask) -> Result<(), TaskError> {
    for (name, field) in [
        ("kling.element_ids", "element_list"),
        ("kling.voice_ids", "voice_list"),
    ] {
        let list = ask.extras.get(name).and_then(Value::as_array);
        let preset = list.into_iter().flatten().find_map(Value::as_str);
        if let Some(preset) = preset {
            let message =
                format!("`{field}` names `{preset}`, which comes with the gateway and is not known upstream");
            return Err(TaskError::new(TaskErrorCode::Refused, message));
        }
    }
    for mention in &ask.mentions {
        let item = mention.item.as_ref();
        if item.is_some_and(|item| item.vendor_ref.is_none()) {
            let message = format!("what `{}` names is not known upstream", mention.field);
            return Err(TaskError::new(TaskErrorCode::Refused, message));
        }
    }
    Ok(())
}

/// The vendor's names of the elements of a wish, in order.
pub(super) fn elements(ask: &Ask) -> impl Iterator<Item = &str> {
    of_kind(ask, ItemKind::Element)
}

/// The vendor's names of the voices of a wish, in order.
pub(super) fn voices(ask: &Ask) -> impl Iterator<Item = &str> {
    of_kind(ask, ItemKind::Voice)
}

/// The vendor's name of the session of a wish.
pub(super) fn session(ask: &Ask, kind: ItemKind) -> Option<&str> {
    of_kind(ask, kind).next()
}

/// A name as the vendor counts elements: as a number where it is one.
pub(super) fn number(name: &str) -> Value {
    name.parse::<i64>().map_or_else(|_| json!(name), Value::from)
}

fn of_kind(ask: &Ask, kind: ItemKind) -> impl Iterator<Item = &str> {
    let mentions = ask.mentions.iter().filter(move |mention| mention.kind == kind);
    mentions.filter_map(|mention| mention.item.as_ref()?.vendor_ref.as_deref())
}
