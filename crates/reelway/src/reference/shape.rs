//! How a body of the house's own paths is described: a name and its fields, which become a schema. What the
//! bodies are is in `reference/bodies.rs`.

use serde_json::{Map, Value, json};

/// A body, or an object inside one, that is described once and named where it is meant.
pub struct Shape {
    /// Its name among the schemas.
    pub name: &'static str,
    /// The shape that it has all fields of too, if there is one.
    pub more_than: Option<&'static Shape>,
    /// Its own fields, in the order in which they are written.
    pub fields: &'static [Field],
}

/// One field, or one parameter of a query.
#[derive(Clone, Copy)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// What it means, and what it may be.
    pub rule: &'static str,
    /// Whether it may be null instead.
    pub is_nullable: bool,
    /// Whether a request has to name it.
    pub is_required: bool,
}

/// What a field holds.
#[derive(Clone, Copy)]
pub enum Kind {
    /// A text.
    Text,
    /// A whole number.
    Whole,
    /// True or false.
    Flag,
    /// Several texts.
    Texts,
    /// Something of a shape.
    One(&'static Shape),
    /// Several things of a shape.
    Many(&'static Shape),
    /// An object that is not described any further.
    Object,
}

impl Field {
    const fn of(name: &'static str, kind: Kind, rule: &'static str) -> Field {
        Field {
            name,
            kind,
            rule,
            is_nullable: false,
            is_required: false,
        }
    }

    /// A text.
    #[must_use]
    pub const fn text(name: &'static str, rule: &'static str) -> Field {
        Field::of(name, Kind::Text, rule)
    }

    /// A whole number.
    #[must_use]
    pub const fn whole(name: &'static str, rule: &'static str) -> Field {
        Field::of(name, Kind::Whole, rule)
    }

    /// True or false.
    #[must_use]
    pub const fn flag(name: &'static str, rule: &'static str) -> Field {
        Field::of(name, Kind::Flag, rule)
    }

    /// Several texts.
    #[must_use]
    pub const fn texts(name: &'static str, rule: &'static str) -> Field {
        Field::of(name, Kind::Texts, rule)
    }

    /// An object of a shape.
    #[must_use]
    pub const fn one(name: &'static str, shape: &'static Shape, rule: &'static str) -> Field {
        Field::of(name, Kind::One(shape), rule)
    }

    /// Several objects of a shape.
    #[must_use]
    pub const fn many(name: &'static str, shape: &'static Shape, rule: &'static str) -> Field {
        Field::of(name, Kind::Many(shape), rule)
    }

    /// An object that is not described any further.
    #[must_use]
    pub const fn object(name: &'static str, rule: &'static str) -> Field {
        Field::of(name, Kind::Object, rule)
    }

    /// The same, which may be null.
    #[must_use]
    pub const fn or_null(mut self) -> Field {
        self.is_nullable = true;
        self
    }

    /// The same, which a request has to name.
    #[must_use]
    pub const fn required(mut self) -> Field {
        self.is_required = true;
        self
    }

    /// Its schema.
    #[must_use]
    pub fn schema(&self) -> Value {
        let mut schema = match self.kind {
            Kind::Text => json!({ "type": "string" }),
            Kind::Whole => json!({ "type": "integer" }),
            Kind::Flag => json!({ "type": "boolean" }),
            Kind::Texts => json!({ "type": "array", "items": { "type": "string" } }),
            Kind::One(shape) => shape.named(),
            Kind::Many(shape) => json!({ "type": "array", "items": shape.named() }),
            Kind::Object => json!({ "type": "object" }),
        };
        if self.is_nullable {
            schema = match schema["type"].as_str() {
                Some(word) => json!({ "type": [word, "null"] }),
                None => json!({ "anyOf": [schema, { "type": "null" }] }),
            };
        }
        schema["description"] = json!(self.rule);
        schema
    }
}

impl Shape {
    /// Where its schema is.
    #[must_use]
    pub fn named(&self) -> Value {
        json!({ "$ref": format!("#/components/schemas/{}", self.name) })
    }

    /// Puts its schema, and those of the shapes inside of it, where they are named.
    pub fn describe(&self, schemas: &mut Map<String, Value>) {
        let properties: Map<String, Value> = self
            .fields
            .iter()
            .map(|field| (field.name.to_owned(), field.schema()))
            .collect();
        let required: Vec<&str> = self
            .fields
            .iter()
            .filter(|field| field.is_required)
            .map(|field| field.name)
            .collect();
        let mut schema = json!({ "type": "object", "properties": properties });
        if !required.is_empty() {
            schema["required"] = json!(required);
        }
        if let Some(shape) = self.more_than {
            shape.describe(schemas);
            schema["allOf"] = json!([shape.named()]);
        }
        schemas.insert(self.name.to_owned(), schema);
        for field in self.fields {
            if let Kind::One(shape) | Kind::Many(shape) = field.kind {
                shape.describe(schemas);
            }
        }
    }
}
