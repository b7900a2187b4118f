//! Reading a tree of fields from JSON: values as they come, and objects in which a name is repeated. What a field
//! means is its dialect's business.

use std::collections::HashMap;
use std::fmt;

use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Number;

use super::Field;

/// Up to so many names are compared one by one, which is quicker than to hash them.
const FEW_NAMES: usize = 16;

/// The pairs of an object while it is read. Of a repeated name the last value counts, at the first one's place.
#[derive(Debug, Default)]
pub struct Object {
    pairs: Vec<(String, Field)>,
    /// Where each name stands, once there are many.
    places: HashMap<String, usize>,
}

impl Object {
    /// Takes a pair.
    pub fn put(&mut self, name: String, field: Field) {
        let place = if self.pairs.len() > FEW_NAMES {
            self.places.get(&name).copied()
        } else {
            self.pairs.iter().position(|(known, _)| *known == name)
        };
        if let Some(place) = place {
            self.pairs[place].1 = field;
            return;
        }
        self.pairs.push((name, field));
        if self.pairs.len() > FEW_NAMES {
            // All that is not noted yet: the first time each of the few, then the new one.
            for place in self.places.len()..self.pairs.len() {
                self.places.insert(self.pairs[place].0.clone(), place);
            }
        }
    }

    /// The pairs, in the order in which each name came first.
    #[must_use]
    pub fn end(self) -> Vec<(String, Field)> {
        self.pairs
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Field, D::Error> {
        deserializer.deserialize_any(Tree)
    }
}

/// Makes fields of whatever comes.
struct Tree;

impl<'de> Visitor<'de> for Tree {
    type Value = Field;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Field, E> {
        Ok(Field::Null)
    }

    fn visit_bool<E: Error>(self, bool: bool) -> Result<Field, E> {
        Ok(Field::Bool(bool))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Field, E> {
        Ok(Field::Number(number.into()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Field, E> {
        Ok(Field::Number(number.into()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Field, E> {
        Ok(Number::from_f64(number).map_or(Field::Null, Field::Number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Field, E> {
        Ok(Field::Text(text.to_owned()))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Field, E> {
        Ok(Field::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Field, A::Error> {
        let mut list = Vec::new();
        while let Some(field) = values.next_element()? {
            list.push(field);
        }
        Ok(Field::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut pairs: A) -> Result<Field, A::Error> {
        let mut object = Object::default();
        while let Some((name, field)) = pairs.next_entry()? {
            object.put(name, field);
        }
        Ok(Field::Map(object.end()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_tree_says_what_the_json_said() {
        let text = r#"{"a":null,"b":[true,-3,18446744073709551615,0.5,1e300,"\u00e9\n"],"c":{"d":{},"e":[]},"f":5.0}"#;
        let field: Field = serde_json::from_str(text).unwrap();
        let value: Value = serde_json::from_str(text).unwrap();
        assert_eq!(field.to_json(), value);
        for wrong in ["", "{", "[1,]", "{\"a\"}", "nul", "{\"a\":1}x"] {
            assert!(serde_json::from_str::<Field>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn of_a_repeated_name_the_last_value_counts_at_the_first_place() {
        for others in [0, FEW_NAMES - 2, FEW_NAMES - 1, FEW_NAMES, FEW_NAMES + 1, 100] {
            let mut object = Object::default();
            object.put("again".to_owned(), Field::Bool(false));
            for n in 0..others {
                object.put(format!("n{n}"), Field::Null);
            }
            object.put("last".to_owned(), Field::Null);
            object.put("again".to_owned(), Field::Bool(true));
            object.put("last".to_owned(), Field::Bool(true));
            let pairs = object.end();
            assert_eq!(pairs.len(), others + 2);
            assert_eq!(pairs[0], ("again".to_owned(), Field::Bool(true)));
            assert_eq!(pairs[others + 1], ("last".to_owned(), Field::Bool(true)));
        }
    }

    #[test]
    fn nesting_has_an_end() {
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        let error = serde_json::from_str::<Field>(&deep).unwrap_err();
        assert!(error.to_string().contains("recursion limit"), "{error}");
    }
}
