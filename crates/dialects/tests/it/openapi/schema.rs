//! Schemas: of fields by the words of their tables, and of answers by what is really answered.

use std::collections::BTreeMap;

use domain::dialect::FieldRow;
use serde_json::{Map, Value, json};

/// The schema of a kind of value, as the tables call it.
pub(super) fn of_kind(kind: &str) -> Value {
    let types: Vec<&str> = kind
        .split(" or ")
        .flat_map(|part| part.split(','))
        .filter_map(|part| match part.trim() {
            "string" | "a string that holds one in JSON" => Some("string"),
            "whole number" => Some("integer"),
            "number" => Some("number"),
            "boolean" => Some("boolean"),
            "null" => Some("null"),
            "object" | "task object" => Some("object"),
            list if list.starts_with("list") => Some("array"),
            _ => None,
        })
        .collect();
    let mut schema = match types.as_slice() {
        [] => json!({}),
        [one] => json!({ "type": one }),
        many => json!({ "type": many }),
    };
    if kind.contains("list of objects") {
        schema["items"] = json!({ "type": "object" });
    } else if kind.contains("list of strings") {
        schema["items"] = json!({ "type": "string" });
    }
    schema
}

/// Adds the rows of a table to the schema of an object; `a.b` goes into the object, or the entries of the list, `a`.
pub(super) fn add_rows(schema: &mut Value, rows: &[FieldRow]) {
    for row in rows {
        let mut object = &mut *schema;
        let mut names = row.name.split('.').peekable();
        while let Some(name) = names.next() {
            if names.peek().is_none() {
                let mut field = of_kind(row.kind);
                field["description"] = json!(row.rule);
                object["properties"][name] = field;
                if row.default == "required" {
                    let required = object["required"].take();
                    let mut required = required.as_array().cloned().unwrap_or_default();
                    required.push(json!(name));
                    object["required"] = Value::Array(required);
                }
                break;
            }
            let inner = &mut object["properties"][name];
            let is_list = inner["type"] == json!("array");
            object = if is_list { &mut inner["items"] } else { inner };
        }
    }
}

/// The schema that all of these values fit: what all have is required, what differs in type may be any of the types.
pub(super) fn learned(values: &[Value]) -> Value {
    let mut types: Vec<&str> = values.iter().map(type_of).collect();
    types.sort_unstable();
    types.dedup();
    let mut schema = match types.as_slice() {
        [one] => json!({ "type": one }),
        many => json!({ "type": many }),
    };
    let objects: Vec<&Map<String, Value>> = values.iter().filter_map(Value::as_object).collect();
    if !objects.is_empty() {
        let mut properties = Map::new();
        for name in objects.iter().flat_map(|object| object.keys()) {
            if !properties.contains_key(name) {
                let there = objects.iter().filter_map(|object| object.get(name)).cloned();
                properties.insert(name.clone(), learned(&there.collect::<Vec<_>>()));
            }
        }
        let in_all = |name: &&String| objects.iter().all(|object| object.contains_key(*name));
        let required: Vec<&String> = properties.keys().filter(in_all).collect();
        if !required.is_empty() {
            schema["required"] = json!(required);
        }
        schema["properties"] = Value::Object(properties);
    }
    let entries: Vec<Value> = values
        .iter()
        .filter_map(Value::as_array)
        .flatten()
        .cloned()
        .collect();
    if !entries.is_empty() {
        schema["items"] = learned(&entries);
    }
    schema
}

/// Leaves of a learned schema only what holds for every answer: below the top, what the samples have may be missing
/// elsewhere, and what is null in all of them is something else elsewhere.
pub(super) fn loosened(mut schema: Value) -> Value {
    loosen(&mut schema, true);
    schema
}

fn loosen(schema: &mut Value, is_top: bool) {
    let Some(map) = schema.as_object_mut() else { return };
    if !is_top {
        map.shift_remove("required");
    }
    if map.get("type") == Some(&json!("null")) {
        map.shift_remove("type");
    }
    if let Some(Value::Object(properties)) = map.get_mut("properties") {
        properties.values_mut().for_each(|inner| loosen(inner, false));
    }
    if let Some(items) = map.get_mut("items") {
        loosen(items, false);
    }
}

/// Schemas that stand at one place each and are named wherever they are meant.
#[derive(Default)]
pub(super) struct Catalogue {
    names: BTreeMap<String, String>,
    schemas: Map<String, Value>,
}

impl Catalogue {
    /// A reference to a schema, under a name that begins like this.
    pub(super) fn named(&mut self, begins: &str, schema: Value) -> Value {
        let text = schema.to_string();
        let name = match self.names.get(&text) {
            Some(name) => name.clone(),
            None => {
                let numbered = (1..).map(|n| format!("{begins}_{n}"));
                let name = numbered.into_iter().find(|name| !self.schemas.contains_key(name));
                let name = name.expect("there is always another number");
                self.names.insert(text, name.clone());
                self.schemas.insert(name.clone(), schema);
                name
            }
        };
        json!({ "$ref": format!("#/components/schemas/{name}") })
    }

    /// All of them by name.
    pub(super) fn schemas(self) -> Value {
        Value::Object(self.schemas)
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// One operation for a method at a path that several routes share: any of their bodies, any of their answers.
pub(super) fn shared(operations: &[Value]) -> Value {
    let [first, others @ ..] = operations else {
        return Value::Null;
    };
    let mut operation = first.clone();
    for other in others {
        join(&mut operation["tags"], &other["tags"]);
        for (status, response) in other["responses"].as_object().into_iter().flatten() {
            let there = &mut operation["responses"][status];
            if there.is_null() {
                *there = response.clone();
            } else {
                let place = "/content/application~1json/schema";
                either(there, response, place);
            }
        }
        let place = "/requestBody/content/application~1json/schema";
        if other.pointer(place).is_some() {
            either(&mut operation, other, place);
        }
    }
    operation
}

fn join(into: &mut Value, from: &Value) {
    if let (Some(into), Some(from)) = (into.as_array_mut(), from.as_array()) {
        for tag in from {
            if !into.contains(tag) {
                into.push(tag.clone());
            }
        }
    }
}

/// Makes the schema at a place take what the other's takes too.
fn either(into: &mut Value, from: &Value, place: &str) {
    let (Some(there), Some(other)) = (into.pointer_mut(place), from.pointer(place)) else {
        return;
    };
    if there == other {
        return;
    }
    let mut any = match there["anyOf"].take() {
        Value::Array(any) => any,
        _ => vec![there.clone()],
    };
    if let Some(first) = any.first_mut().and_then(Value::as_object_mut) {
        first.remove("anyOf");
    }
    if !any.contains(other) {
        any.push(other.clone());
    }
    *there = json!({ "anyOf": any });
}
