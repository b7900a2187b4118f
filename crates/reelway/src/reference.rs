//! The reference: the description of all dialects' routes as OpenAPI, and the page that shows it. Both are part of
//! the binary; a reader needs nothing from the internet. The description is made by a test of `dialects`.

use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{Html, IntoResponse};

/// The description, as it is generated.
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

/// `GET /openapi.json`.
pub async fn description() -> impl IntoResponse {
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-cache")];
    (headers, DESCRIPTION)
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
