//! A path of the house that belongs to no dialect: its handlers, and what is said of each method in the
//! description. The router mounts these and nothing else, so that no path is without a description.

use std::sync::Arc;

use axum::routing::MethodRouter;
use serde_json::{Map, Value, json};

use crate::reference::bodies;
use crate::reference::shape::{Field, Shape};
use crate::wiring::House;

/// A path with its methods.
pub struct Path {
    /// The path, below the place where its table is mounted.
    pub path: &'static str,
    /// Its handlers.
    pub mount: fn() -> MethodRouter<Arc<House>>,
    /// What each method does; one for each handler.
    pub calls: &'static [Call],
}

/// One method of a path.
#[derive(Clone, Copy)]
pub struct Call {
    /// The method, in lower case.
    pub method: &'static str,
    summary: &'static str,
    door: Door,
    query: &'static [Field],
    takes: Option<&'static Shape>,
    status: &'static str,
    told: Told,
}

/// Who is let in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Door {
    /// Everybody.
    Open,
    /// Who has a signed address, or a client's key.
    Link,
    /// Who has a client's key.
    Client,
    /// Who has an operator's key.
    Operator,
}

/// What is answered.
#[derive(Clone, Copy)]
enum Told {
    /// An object.
    Object(&'static Shape),
    /// All of something, as a list.
    All(&'static Shape),
    /// A part of something, as a list with a cursor.
    Part(&'static Shape),
    /// Anything of these media types.
    Media(&'static [&'static str]),
}

impl Call {
    const fn of(method: &'static str, summary: &'static str, door: Door) -> Call {
        Call {
            method,
            summary,
            door,
            query: &[],
            takes: None,
            status: "200",
            told: Told::Media(&[]),
        }
    }

    /// A call that everybody may make.
    #[must_use]
    pub const fn open(method: &'static str, summary: &'static str) -> Call {
        Call::of(method, summary, Door::Open)
    }

    /// A call by a signed address, or with a client's key.
    #[must_use]
    pub const fn link(method: &'static str, summary: &'static str) -> Call {
        Call::of(method, summary, Door::Link)
    }

    /// A call of clients.
    #[must_use]
    pub const fn client(method: &'static str, summary: &'static str) -> Call {
        Call::of(method, summary, Door::Client)
    }

    /// A call of operators.
    #[must_use]
    pub const fn operator(method: &'static str, summary: &'static str) -> Call {
        Call::of(method, summary, Door::Operator)
    }

    /// The same with parameters in the query.
    #[must_use]
    pub const fn asking(mut self, query: &'static [Field]) -> Call {
        self.query = query;
        self
    }

    /// The same with a body.
    #[must_use]
    pub const fn taking(mut self, shape: &'static Shape) -> Call {
        self.takes = Some(shape);
        self
    }

    /// The same with an object as its answer.
    #[must_use]
    pub const fn telling(mut self, shape: &'static Shape) -> Call {
        self.told = Told::Object(shape);
        self
    }

    /// The same with all of something as its answer.
    #[must_use]
    pub const fn listing(mut self, shape: &'static Shape) -> Call {
        self.told = Told::All(shape);
        self
    }

    /// The same with a part of something as its answer.
    #[must_use]
    pub const fn paging(mut self, shape: &'static Shape) -> Call {
        self.told = Told::Part(shape);
        self
    }

    /// The same with bytes of these media types as its answer.
    #[must_use]
    pub const fn handing(mut self, media: &'static [&'static str]) -> Call {
        self.told = Told::Media(media);
        self
    }

    /// The same, answered with the status of something new.
    #[must_use]
    pub const fn creating(mut self) -> Call {
        self.status = "201";
        self
    }

    /// Whether a call without a key is turned away.
    #[must_use]
    pub const fn needs_key(&self) -> bool {
        matches!(self.door, Door::Client | Door::Operator)
    }

    fn tag(&self) -> &'static str {
        match self.door {
            Door::Open => "house",
            Door::Link | Door::Client => "reelway",
            Door::Operator => "operators",
        }
    }

    fn security(&self) -> Value {
        match self.door {
            Door::Open => json!([]),
            Door::Link => json!([{}, { "key": [] }]),
            Door::Client => json!([{ "key": [] }]),
            Door::Operator => json!([{ "operator": [] }]),
        }
    }

    fn answer(&self) -> Value {
        let schema = match self.told {
            Told::Object(shape) => shape.named(),
            Told::All(shape) => list(shape, json!({})),
            Told::Part(shape) => list(
                shape,
                json!({ "next_cursor": {
                    "type": ["string", "null"],
                    "description": "What `after` must be for the next part.",
                } }),
            ),
            Told::Media(media) => {
                let binary = media
                    .iter()
                    .map(|kind| ((*kind).to_owned(), json!({ "schema": {} })));
                return Value::Object(binary.collect());
            }
        };
        json!({ "application/json": { "schema": schema } })
    }

    /// The call as OpenAPI has it; shapes go into the schemas.
    #[must_use]
    pub fn described(&self, path: &str, schemas: &mut Map<String, Value>) -> Value {
        let words = path.split(|char: char| !char.is_ascii_alphanumeric());
        let words = words.filter(|word| !word.is_empty());
        let name: Vec<&str> = std::iter::once(self.method).chain(words).collect();
        let names = path.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
        let in_path = names.map(|(name, _)| {
            json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string", "minLength": 1 } })
        });
        let in_query = self.query.iter().map(|field| {
            let mut schema = field.schema();
            let rule = schema
                .as_object_mut()
                .and_then(|schema| schema.shift_remove("description"));
            json!({ "name": field.name, "in": "query", "schema": schema, "description": rule })
        });
        let failed = json!({ "application/json": { "schema": bodies::ERROR.named() } });
        bodies::ERROR.describe(schemas);
        if let Told::Object(shape) | Told::All(shape) | Told::Part(shape) = self.told {
            shape.describe(schemas);
        }
        let mut responses = Map::new();
        let good = json!({ "description": "What was asked for", "content": self.answer() });
        responses.insert(self.status.to_owned(), good);
        let refused = json!({ "description": "The request was not taken", "content": failed });
        if self.needs_key() {
            responses.insert("401".to_owned(), refused.clone());
        }
        responses.insert("4XX".to_owned(), refused);
        responses.insert(
            "5XX".to_owned(),
            json!({ "description": "It cannot be done now", "content": failed }),
        );
        let mut described = json!({
            "tags": [self.tag()],
            "summary": self.summary,
            "operationId": name.join("_"),
            "security": self.security(),
            "parameters": in_path.chain(in_query).collect::<Vec<_>>(),
            "responses": responses,
        });
        if let Some(shape) = self.takes {
            shape.describe(schemas);
            let content = json!({ "application/json": { "schema": shape.named() } });
            described["requestBody"] = json!({ "required": true, "content": content });
        }
        described
    }
}

/// The schema of a list.
fn list(shape: &Shape, beside: Value) -> Value {
    let mut properties = json!({
        "object": { "type": "string", "const": "list" },
        "data": { "type": "array", "items": shape.named() },
        "has_more": { "type": "boolean", "description": "Whether there is a next part." },
    });
    if let (Some(all), Value::Object(beside)) = (properties.as_object_mut(), beside) {
        all.extend(beside);
    }
    json!({ "type": "object", "properties": properties, "required": ["object", "data"] })
}
