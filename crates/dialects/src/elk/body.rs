//! The two objects of a unified body in which an option may stand, and what is known of both.

use std::sync::LazyLock;

use domain::Refusal;
use domain::fields::{Field, Fields};

use super::guide::{BODY, OPTIONS};
use crate::field_tables::names;
use crate::kling_fields::NOT_SERVED;
use crate::kling_options::Notes;

/// The fields of the body itself, and the options.
static KNOWN: LazyLock<Vec<&str>> = LazyLock::new(|| [names(BODY), names(&OPTIONS)].concat());
/// What may stand in the body and in `metadata`.
static OPTION_NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| names(&OPTIONS));
/// Options that are refused.
static REFUSED: LazyLock<Vec<&str>> = LazyLock::new(|| names(NOT_SERVED));

/// A body: its own fields, and those of `metadata`.
pub(super) struct Body<'a> {
    /// The body's own fields.
    pub(super) top: &'a Fields,
    metadata: Fields,
}

impl<'a> Body<'a> {
    /// Opens a body; `metadata` is an object, or a string that holds one in JSON.
    ///
    /// # Errors
    /// A refusal when `metadata` is something else.
    pub(super) fn open(top: &'a Fields) -> Result<Body<'a>, Refusal> {
        let metadata = match top.get("metadata") {
            Some(Field::Text(text)) if text.trim().is_empty() => Fields::default(),
            Some(Field::Text(text)) => {
                let parsed = serde_json::from_str(text).ok();
                let parsed = parsed.filter(|field| matches!(field, Field::Map(_)));
                let parsed = parsed.ok_or_else(|| {
                    top.wrong(
                        "metadata",
                        "must be an object, or a string that holds one in JSON",
                    )
                })?;
                let wrapped = Fields::new(vec![("metadata".to_owned(), parsed)]);
                wrapped.object("metadata")?.unwrap_or_default()
            }
            _ => top.object("metadata")?.unwrap_or_default(),
        };
        Ok(Body { top, metadata })
    }

    /// The object that an option stands in: `metadata` before the body itself.
    pub(super) fn home(&self, name: &str) -> &Fields {
        let at_top = self.metadata.get(name).is_none() && self.top.get(name).is_some();
        if at_top { self.top } else { &self.metadata }
    }

    /// The object that a documented field stands in: the body itself where it is nowhere.
    pub(super) fn home_at_top(&self, name: &str) -> &Fields {
        if self.metadata.get(name).is_none() {
            return self.top;
        }
        &self.metadata
    }

    /// Reports what is not known, refuses what is not served and what is said twice in two ways.
    ///
    /// # Errors
    /// A refusal naming the option.
    pub(super) fn survey(&self, notes: &mut Notes) -> Result<(), Refusal> {
        notes.unknown(self.top, &KNOWN);
        notes.unknown(&self.metadata, &OPTION_NAMES);
        let twice = self.metadata.names().filter(|name| OPTION_NAMES.contains(name));
        for name in twice {
            if let (Some(inner), Some(outer)) = (self.metadata.get(name), self.top.get(name))
                && spelled(inner) != spelled(outer)
            {
                let message = format!("says something else than `{name}`; give one of the two");
                return Err(self.metadata.wrong(name, &message));
            }
        }
        for name in REFUSED.iter() {
            if self
                .home(name)
                .get(name)
                .is_some_and(|field| *field != Field::List(Vec::new()))
            {
                return Err(self.home(name).wrong(name, "is not served yet; leave it out"));
            }
        }
        Ok(())
    }
}

/// A value in one spelling, so that `5` and `"5"` are the same.
fn spelled(field: &Field) -> Result<String, &Field> {
    match field {
        Field::Text(text) => Ok(text.trim().to_owned()),
        Field::Number(_) | Field::Bool(_) => Ok(field.to_json().to_string()),
        other => Err(other),
    }
}
