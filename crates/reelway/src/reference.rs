//! The reference: every route as OpenAPI, and the page that shows it. Both are part of the binary; a reader needs
//! nothing from the internet. What dialects serve is described by a test of theirs, what else the house serves by
//! the tables that its router goes by, in `front/paths.rs` and `admin/paths.rs`.

use std::sync::LazyLock;

use axum::body::Bytes;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{Html, IntoResponse};
use serde_json::{Map, Value, json};

use crate::{admin, front};

pub mod bodies;
pub mod books;
pub mod call;
pub mod prices;
pub mod shape;
pub mod tenancy;

/// The description of the dialects' routes, as it is generated.
const DESCRIPTION: &str = include_str!("../../../docs/openapi.json");
/// The reader: RapiDoc 9.3.8 (npm `rapidoc`, MIT), unchanged.
const READER: &str = include_str!("../assets/rapidoc/rapidoc-min.js");
/// How long a browser may keep the reader, which changes with the binary only.
const READER_KEPT: &str = "public, max-age=86400";
/// The page runs our own script alone and asks nobody else for anything.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; connect-src 'self'; \
                      img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const PAGE: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Reelway: the APIs</title>
<script type="module" src="/docs/rapidoc.js"></script>
<rapi-doc spec-url="/openapi.json" load-fonts="false" render-style="read" sort-tags="true" show-header="false"
  schema-style="table" allow-spec-url-load="false" allow-spec-file-load="false" regular-font="sans-serif"
  mono-font="monospace" persist-auth="false"></rapi-doc>
<noscript>This page needs JavaScript; <a href="/openapi.json">the description itself</a> does not.</noscript>
</html>
"#;

/// The whole description, made when it is asked for the first time.
static WHOLE: LazyLock<Bytes> = LazyLock::new(|| Bytes::from(whole().to_string()));

/// Every path of the house that belongs to no dialect, as a client writes it, with its row.
pub fn own_paths() -> impl Iterator<Item = (String, &'static call::Path)> {
    let own = front::paths::ALL.iter().map(|row| (row.path.to_owned(), row));
    let below = |row: &'static call::Path| (format!("{}{}", admin::MOUNT, row.path), row);
    own.chain(admin::paths::ALL.iter().map(below))
}

/// The description of the dialects' routes with the house's own beside them.
#[must_use]
pub fn whole() -> Value {
    let mut description: Value =
        serde_json::from_str(DESCRIPTION).expect("a test compares it with what is generated");
    let (mut paths, mut schemas) = (Map::new(), Map::new());
    for (path, row) in own_paths() {
        let calls = row
            .calls
            .iter()
            .map(|call| (call.method.to_owned(), call.described(&path, &mut schemas)));
        let calls: Map<String, Value> = calls.collect();
        paths.insert(path, Value::Object(calls));
    }
    let places = [
        ("/paths", paths),
        ("/components/schemas", schemas),
        ("/components/securitySchemes", operators_key()),
    ];
    for (place, added) in places {
        if let Some(Value::Object(there)) = description.pointer_mut(place) {
            there.extend(added);
        }
    }
    if let Some(Value::Array(tags)) = description.pointer_mut("/tags") {
        tags.push(
            json!({ "name": "operators", "description": "The operator's API, for keys of operators." }),
        );
        tags.push(json!({ "name": "house", "description": "What anybody may ask." }));
    }
    description
}

fn operators_key() -> Map<String, Value> {
    let scheme = json!({ "type": "http", "scheme": "bearer", "description": "An operator's key." });
    Map::from_iter([("operator".to_owned(), scheme)])
}

/// `GET /openapi.json`.
pub async fn description() -> impl IntoResponse {
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-cache")];
    (headers, WHOLE.clone())
}

/// `GET /docs`.
pub async fn page() -> impl IntoResponse {
    ([(CONTENT_SECURITY_POLICY, POLICY)], Html(PAGE))
}

/// `GET /docs/rapidoc.js`.
pub async fn reader() -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (CACHE_CONTROL, READER_KEPT),
    ];
    (headers, READER)
}
