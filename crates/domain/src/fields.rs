//! A request's fields after `front` decoded them: a JSON-like tree in which large strings and files
//! are already staged as blobs. The lenient readers that every dialect uses live here too; how the tree
//! is read from JSON is in `fields/reading.rs`.

use serde_json::{Map, Number, Value};

use crate::artifact::Staged;
use crate::error::Refusal;

mod reading;

pub use reading::Object;

/// One decoded value.
#[derive(Debug, Clone, PartialEq)]
pub enum Field {
    /// Nothing.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A short string.
    Text(String),
    /// Media, or a string too long to hold, that lies in blobs.
    Staged(Staged),
    /// Several.
    List(Vec<Field>),
    /// Named ones, in the client's order.
    Map(Vec<(String, Field)>),
}

impl Field {
    /// Plain JSON for an ask's extras; staged media has no place there and becomes null.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match self {
            Field::Null | Field::Staged(_) => Value::Null,
            Field::Bool(bool) => Value::Bool(*bool),
            Field::Number(number) => Value::Number(number.clone()),
            Field::Text(text) => Value::String(text.clone()),
            Field::List(list) => Value::Array(list.iter().map(Field::to_json).collect()),
            Field::Map(map) => {
                let pairs = map.iter().map(|(name, field)| (name.clone(), field.to_json()));
                Value::Object(pairs.collect::<Map<_, _>>())
            }
        }
    }

    /// What people call this kind of value.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Field::Null => "null",
            Field::Bool(_) => "a boolean",
            Field::Number(_) => "a number",
            Field::Text(_) => "a string",
            Field::Staged(_) => "media",
            Field::List(_) => "a list",
            Field::Map(_) => "an object",
        }
    }
}

/// The fields of one object, with the path that leads to it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Fields {
    pairs: Vec<(String, Field)>,
    path: String,
}

impl Fields {
    /// The top of a body.
    #[must_use]
    pub fn new(pairs: Vec<(String, Field)>) -> Fields {
        Fields {
            pairs,
            path: String::new(),
        }
    }

    /// The names, in the client's order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.pairs.iter().map(|(name, _)| name.as_str())
    }

    /// The whole path of a name, as errors spell it: `metadata.mode`.
    #[must_use]
    pub fn path(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }

    /// A value that is there and not null. Of a repeated name, the last counts.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Field> {
        let found = self
            .pairs
            .iter()
            .rev()
            .find(|(known, _)| known == name)
            .map(|(_, field)| field);
        found.filter(|field| **field != Field::Null)
    }

    /// A string.
    ///
    /// # Errors
    /// A refusal naming the field when it is something else.
    pub fn text(&self, name: &str) -> Result<Option<&str>, Refusal> {
        match self.get(name) {
            None => Ok(None),
            Some(Field::Text(text)) => Ok(Some(text)),
            Some(Field::Staged(staged)) => Err(self.wrong(
                name,
                &format!("{} bytes is too long for a string here", staged.bytes),
            )),
            Some(other) => Err(self.wrong(name, &format!("must be a string, not {}", other.kind()))),
        }
    }

    /// A whole number; digits in a string are taken too.
    ///
    /// # Errors
    /// A refusal naming the field when it is something else.
    pub fn whole(&self, name: &str) -> Result<Option<i64>, Refusal> {
        match self.get(name) {
            None => Ok(None),
            Some(Field::Number(number)) => match (number.as_i64(), number.as_f64()) {
                (Some(whole), _) => Ok(Some(whole)),
                (None, Some(float)) if float.fract() == 0.0 && float.abs() < 9e15 =>
                {
                    #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and in range")]
                    Ok(Some(float as i64))
                }
                _ => Err(self.wrong(name, "must be a whole number")),
            },
            Some(Field::Text(text)) => match text.trim().parse() {
                Ok(whole) => Ok(Some(whole)),
                Err(_) => Err(self.wrong(name, "must be a whole number")),
            },
            Some(other) => Err(self.wrong(name, &format!("must be a whole number, not {}", other.kind()))),
        }
    }

    /// A number with a fraction; digits in a string are taken too.
    ///
    /// # Errors
    /// A refusal naming the field when it is something else.
    pub fn number(&self, name: &str) -> Result<Option<f64>, Refusal> {
        let number = match self.get(name) {
            None => return Ok(None),
            Some(Field::Number(number)) => number.as_f64(),
            Some(Field::Text(text)) => text.trim().parse().ok(),
            Some(_) => None,
        };
        match number {
            Some(number) if number.is_finite() => Ok(Some(number)),
            _ => Err(self.wrong(name, "must be a number")),
        }
    }

    /// Yes or no; the words `true`, `false`, `on`, `off` and the numbers 1 and 0 are taken too.
    ///
    /// # Errors
    /// A refusal naming the field when it is something else.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, Refusal> {
        match self.get(name) {
            None => Ok(None),
            Some(Field::Bool(flag)) => Ok(Some(*flag)),
            Some(Field::Number(number)) if number.as_i64() == Some(1) => Ok(Some(true)),
            Some(Field::Number(number)) if number.as_i64() == Some(0) => Ok(Some(false)),
            Some(Field::Text(text)) => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "on" | "1" => Ok(Some(true)),
                "false" | "off" | "0" => Ok(Some(false)),
                _ => Err(self
                    .wrong(name, "must be true or false")
                    .allowing(["true", "false"])),
            },
            Some(_) => Err(self
                .wrong(name, "must be true or false")
                .allowing(["true", "false"])),
        }
    }

    /// An object.
    ///
    /// # Errors
    /// A refusal naming the field when it is something else.
    pub fn object(&self, name: &str) -> Result<Option<Fields>, Refusal> {
        match self.get(name) {
            None => Ok(None),
            Some(Field::Map(pairs)) => Ok(Some(Fields {
                pairs: pairs.clone(),
                path: self.path(name),
            })),
            Some(other) => Err(self.wrong(name, &format!("must be an object, not {}", other.kind()))),
        }
    }

    /// A list.
    ///
    /// # Errors
    /// A refusal naming the field when it is something else.
    pub fn list(&self, name: &str) -> Result<Option<&[Field]>, Refusal> {
        match self.get(name) {
            None => Ok(None),
            Some(Field::List(list)) => Ok(Some(list)),
            Some(other) => Err(self.wrong(name, &format!("must be a list, not {}", other.kind()))),
        }
    }

    /// A refusal that names the field by its whole path.
    #[must_use]
    pub fn wrong(&self, name: &str, message: &str) -> Refusal {
        let path = self.path(name);
        Refusal::invalid(&path, format!("`{path}` {message}"))
    }
}
