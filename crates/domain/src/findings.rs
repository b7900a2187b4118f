//! Findings: what a success tells beside its files, such as faces, areas, voices. They are in the words of
//! Kling's legacy API, with places where our own links and ids go; who fills which place in is told here.
//!
//! A finding is JSON in which an object with one of these keys alone stands for a value:
//!
//! | place | becomes | filled in by |
//! |---|---|---|
//! | `{"file": n}` | the signed link of the `n`th file of the task, from 0 | the dialect |
//! | `{"artifact": n}` | the id of the `n`th file, as the dialect spells ids | the dialect |
//! | `{"item": "number"}`, `{"item": "text"}` | the wire id of the item that the work made or changed | the engine |

use serde_json::{Map, Value};

/// The longest findings of one task, in bytes of JSON.
pub const FINDINGS_BYTES_MAX: usize = 512 * 1024;

/// What a success tells beside its files.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize)]
pub struct Findings {
    /// What is answered to the client: `task_result` of an asynchronous legacy call, `data` of one that answers
    /// at once.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub told: Value,
    /// What the item that the work made or changed remembers for later work; never shown.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub memory: Value,
    /// The vendor's own name for the item that the work made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor_ref: Option<String>,
}

/// A place in findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The link of a file.
    File(usize),
    /// The id of a file.
    Artifact(usize),
    /// The wire id of the item, as a number.
    ItemNumber,
    /// The wire id of the item, as text.
    ItemText,
}

impl Place {
    fn read(map: &Map<String, Value>) -> Option<Place> {
        let (name, value) = map.iter().next().filter(|_| map.len() == 1)?;
        let index = || value.as_u64().and_then(|index| usize::try_from(index).ok());
        match (name.as_str(), value.as_str()) {
            ("file", _) => index().map(Place::File),
            ("artifact", _) => index().map(Place::Artifact),
            ("item", Some("number")) => Some(Place::ItemNumber),
            ("item", Some("text")) => Some(Place::ItemText),
            _ => None,
        }
    }
}

/// The same JSON with places filled in; a place for which `fill` has nothing stays as it is.
#[must_use]
pub fn filled(value: &Value, fill: &dyn Fn(Place) -> Option<Value>) -> Value {
    match value {
        Value::Array(list) => list.iter().map(|value| filled(value, fill)).collect(),
        Value::Object(map) => match Place::read(map) {
            Some(place) => fill(place).unwrap_or_else(|| value.clone()),
            None => {
                let pairs = map
                    .iter()
                    .map(|(name, value)| (name.clone(), filled(value, fill)));
                Value::Object(pairs.collect())
            }
        },
        plain => plain.clone(),
    }
}

/// How many bytes findings take as JSON.
#[must_use]
pub fn bytes(findings: &Findings) -> usize {
    findings.told.to_string().len() + findings.memory.to_string().len()
}
