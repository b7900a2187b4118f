//! What the head of a request says, as far as it is neither the key's nor the dialect's: the id in the path,
//! the query, our own headers.

use axum::extract::Query;
use domain::{Refusal, RefusalKind};
use http::HeaderName;
use http::request::Parts;
use matchit::Params;
use percent_encoding::percent_decode_str;

/// Most bytes of a query string that are looked at.
const QUERY_MAX_BYTES: usize = 8 * 1024;

/// Asks for a preview by the embedded renderer.
pub(super) static PREVIEW: HeaderName = HeaderName::from_static("reelway-preview");
/// Asks for the price alone.
pub(super) static DRY_RUN: HeaderName = HeaderName::from_static("reelway-dry-run");
/// Where the task is to be reported, as Pixazo has it.
pub(super) static WEBHOOK_URL: HeaderName = HeaderName::from_static("x-webhook-url");
/// The client's name for a submit and its repeats.
pub(super) static IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// How often official kits sent a request before.
pub(super) static RETRY_COUNT: HeaderName = HeaderName::from_static("x-stainless-retry-count");
/// How long a client would wait (RFC 7240).
pub(super) static PREFER: HeaderName = HeaderName::from_static("prefer");

/// The id, or the model, that stands in the path.
pub(super) fn named(params: &Params<'_, '_>) -> Result<Option<String>, Refusal> {
    let Some(name) = params.get("id").or_else(|| params.get("model")) else {
        return Ok(None);
    };
    let name = percent_decode_str(name).decode_utf8();
    name.map(|name| Some(name.into_owned()))
        .map_err(|_| Refusal::not_found())
}

/// The pairs of the query.
pub(super) fn query(parts: &Parts) -> Result<Vec<(String, String)>, Refusal> {
    let Some(text) = parts.uri.query() else {
        return Ok(Vec::new());
    };
    let unreadable = || Refusal::new(RefusalKind::Malformed, "the query cannot be read");
    if text.len() > QUERY_MAX_BYTES {
        return Err(unreadable());
    }
    let query = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
    query.map(|Query(pairs)| pairs).map_err(|_| unreadable())
}

/// Whether a header says `true`.
pub(super) fn flag(parts: &Parts, name: &HeaderName) -> bool {
    text(parts, name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

/// A header as text; none where it is not there, or is empty or unreadable.
pub(super) fn text(parts: &Parts, name: &HeaderName) -> Option<String> {
    let value = parts.headers.get(name).and_then(|value| value.to_str().ok());
    let value = value.map(str::trim).filter(|value| !value.is_empty());
    value.map(str::to_owned)
}
