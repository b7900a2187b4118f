//! The description of every dialect's routes as OpenAPI 3.1: made of the route tables, the guides and of answers as
//! they are really written, and compared with `docs/openapi.json`, which the gateway serves.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use domain::dialect::{FieldRow, Method};
use domain::{Dialect, Intent, Route};
use serde_json::{Map, Value, json};

use crate::pages::answers;

mod schema;

use schema::{Catalogue, learned, loosened, of_kind};

/// How the file is brought up to date.
const HINT: &str = "run `BLESS=1 cargo test -p dialects openapi` and read the diff";

/// Levels of objects whose entries have lines of their own: methods of paths, and schemas.
const LINED_LEVELS: usize = 3;

/// JSON that is short and whose changes can be read: one line an entry, down to a level.
fn lined(value: &Value, levels: usize) -> String {
    let Some(map) = value.as_object().filter(|map| levels > 0 && !map.is_empty()) else {
        return value.to_string();
    };
    let entries = map
        .iter()
        .map(|(name, value)| format!("{}: {}", json!(name), lined(value, levels - 1)));
    format!("{{\n{}\n}}", entries.collect::<Vec<_>>().join(",\n"))
}

#[test]
fn the_description_is_as_it_is_generated() {
    let file = file();
    let mut text = lined(&description(), LINED_LEVELS);
    text.push('\n');
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&file, &text).expect("the file can be written");
    }
    let there = std::fs::read_to_string(&file).unwrap_or_default();
    let line = there.lines().zip(text.lines()).position(|(a, b)| a != b);
    assert!(
        there == text,
        "docs/openapi.json differs from line {line:?} on: {HINT}"
    );
}

#[test]
fn every_route_of_every_dialect_is_described_at_each_of_its_paths() {
    let described = description();
    for dialect in dialects::ALL {
        for route in dialect.routes() {
            for path in paths(*dialect, route) {
                let place = &described["paths"][&path][method(route.method)];
                assert!(
                    place.is_object(),
                    "{path} of `{}` is not described",
                    dialect.name()
                );
                assert!(
                    place["responses"]["401"].is_object(),
                    "{path}: nobody is turned away"
                );
            }
        }
    }
}

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json")
}

/// The whole description.
fn description() -> Value {
    let mut catalogue = Catalogue::default();
    let mut paths_of_all: BTreeMap<String, BTreeMap<&'static str, Vec<Value>>> = BTreeMap::new();
    for dialect in dialects::ALL {
        for route in dialect.routes() {
            let operation = operation(*dialect, route, &mut catalogue);
            for path in paths(*dialect, route) {
                let methods = paths_of_all.entry(path).or_default();
                methods
                    .entry(method(route.method))
                    .or_default()
                    .push(operation.clone());
            }
        }
    }
    let described = paths_of_all.into_iter().map(|(path, methods)| {
        let methods = methods.into_iter().map(|(method, operations)| {
            let mut operation = schema::shared(&operations);
            operation["operationId"] = json!(operation_id(method, &path));
            operation["parameters"] = parameters(&path, method);
            (method.to_owned(), operation)
        });
        let methods: Map<String, Value> = methods.collect();
        (path, Value::Object(methods))
    });
    let tags = dialects::ALL.iter().map(|dialect| {
        let guide = dialect.guide();
        json!({ "name": dialect.name(), "description": format!("{}\n\n{}", guide.title, guide.introduction) })
    });
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Reelway",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "One gateway for generative media, in the APIs that clients already speak. Every path is described in the words of its own dialect; at a path that several dialects share, any of the bodies may come.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "tags": tags.collect::<Vec<_>>(),
        "security": [{ "key": [] }, { "subscription": [] }],
        "paths": described.collect::<Map<_, _>>(),
        "components": { "schemas": catalogue.schemas(), "securitySchemes": {
            "key": { "type": "http", "scheme": "bearer", "description": "A client key, or a token signed with an access and secret pair." },
            "subscription": { "type": "apiKey", "in": "header", "name": "Ocp-Apim-Subscription-Key" },
        } },
    })
}

/// The paths at which a route is served, each once.
fn paths(dialect: &dyn Dialect, route: &Route) -> Vec<String> {
    let mount = format!("{}{}", dialect.mount(), route.path);
    let mut paths = vec![mount];
    for root in route.roots {
        if !paths.iter().any(|path| path == root) {
            paths.push((*root).to_owned());
        }
    }
    paths
}

fn method(method: Method) -> &'static str {
    match method {
        Method::Get => "get",
        Method::Post => "post",
        Method::Delete => "delete",
    }
}

/// A name of its own for a method at a path: letters, digits and single underscores.
fn operation_id(method: &str, path: &str) -> String {
    let words = path.split(|char: char| !char.is_ascii_alphanumeric());
    let words = words.filter(|word| !word.is_empty());
    std::iter::once(method).chain(words).collect::<Vec<_>>().join("_")
}

fn parameters(path: &str, method: &str) -> Value {
    let names = path.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
    let mut parameters: Vec<Value> = names
        .map(|(name, _)| {
            json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string", "minLength": 1 } })
        })
        .collect();
    if method == "get" && path.ends_with("{id}") {
        parameters.push(json!({
            "name": "wait", "in": "query", "schema": { "type": "integer", "minimum": 0, "maximum": 300 },
            "description": "Answer when the status changes, or after so many seconds.",
        }));
    }
    if method == "post" {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header",
            "schema": { "type": "string", "minLength": 1, "maxLength": 256, "pattern": "^[!-~]+$" },
            "description": "A repeat under the same key is answered with the first answer.",
        }));
    }
    Value::Array(parameters)
}

/// One route of one dialect.
fn operation(dialect: &dyn Dialect, route: &Route, catalogue: &mut Catalogue) -> Value {
    let mut operation = json!({
        "tags": [dialect.name()],
        "summary": summary(route),
        "responses": responses(dialect, route, catalogue),
    });
    if route.limit_bytes > 0 {
        let schema = catalogue.named(&format!("{}_request", dialect.name()), body(dialect, route));
        let body = json!({ "application/json": { "schema": schema } });
        operation["requestBody"] = json!({ "required": true, "content": body });
    }
    operation
}

fn summary(route: &Route) -> String {
    let work = route
        .operation
        .map(|operation| operation.word().replace('_', " "));
    let work = work.unwrap_or_else(|| "any work".to_owned());
    match route.intent {
        Intent::Submit => format!("Submits a task: {work}"),
        Intent::Run => format!("Makes something and answers with it: {work}"),
        Intent::Status => format!("Reads a task: {work}"),
        Intent::List => format!("Lists tasks: {work}"),
        Intent::Cancel => format!("Stops a task: {work}"),
        Intent::Balance => "Reads the caller's money".to_owned(),
        Intent::Bill => "Reads what finished tasks cost".to_owned(),
        Intent::Presets => format!("Lists presets: {work}"),
        Intent::Lookup => "Reads several tasks".to_owned(),
        Intent::Content => "Hands out a file of a task".to_owned(),
        Intent::Remake => "Submits the wish of a task with another prompt".to_owned(),
        Intent::Erase => "Takes a task away".to_owned(),
    }
}

/// What is answered, by status: every refusal that there is, and every answer to what the route is for.
fn responses(dialect: &dyn Dialect, route: &Route, catalogue: &mut Catalogue) -> Value {
    let mut bodies: BTreeMap<u16, Vec<Value>> = BTreeMap::new();
    for (status, body) in answers::of_route(dialect, route) {
        bodies.entry(status).or_default().push(body);
    }
    let responses = bodies.into_iter().map(|(status, bodies)| {
        let description = match status {
            200..=299 => "What was asked for",
            400..=499 => "The request was not taken",
            _ => "Nothing was taken, or nobody knows: see the body",
        };
        let schema = match status {
            200..=299 => loosened(learned(&bodies)),
            _ => learned(&bodies),
        };
        let schema = catalogue.named(&format!("{}_{status}", dialect.name()), schema);
        let content = json!({ "application/json": { "schema": schema } });
        (
            status.to_string(),
            json!({ "description": description, "content": content }),
        )
    });
    Value::Object(responses.collect())
}

/// The body of a request, by the tables of the guide that are about it.
fn body(dialect: &dyn Dialect, route: &Route) -> Value {
    let mut schema = of_kind("object");
    for table in dialect.guide().requests {
        let named = table.title.split([' ', '`']).any(|word| word == route.path);
        if table.title.contains("POST ") && named {
            schema::add_rows(&mut schema, table.fields);
        }
    }
    for table in dialect.guide().requests {
        let inside = table
            .title
            .split_once("inside `")
            .and_then(|(_, rest)| rest.split_once('`'));
        if let Some((object, _)) = inside {
            let rows: Vec<FieldRow> = table.fields.to_vec();
            if let Some(inner) = schema.pointer_mut(&format!("/properties/{object}")) {
                schema::add_rows(inner, &rows);
            }
        }
    }
    schema
}
