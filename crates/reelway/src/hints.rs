//! Callbacks of upstreams: anybody may send them, so they are heard as hints and nothing else. A hint makes
//! a look earlier; what it says is never believed.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse as _, Response};
use domain::provider::Callback;
use domain::{Refusal, RefusalKind};
use engine::Heard;
use serde_json::json;

use crate::front::request_id;
use crate::problem;
use crate::wiring::House;

/// Longest callback, in bytes: a task with all its links takes a few thousand.
const BODY_MAX_BYTES: usize = 256 * 1024;

/// `POST /callbacks/{account}`. The answer is the same whether anything was hinted at or not.
pub async fn hear(
    State(house): State<Arc<House>>,
    Path(account): Path<String>,
    request: Request,
) -> Response {
    let id = request_id(request.extensions());
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, BODY_MAX_BYTES).await else {
        let message = format!("the callback is longer than {BODY_MAX_BYTES} bytes, or broke off");
        return problem::answer(&Refusal::new(RefusalKind::TooLarge, message), &id);
    };
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = parts.headers.iter();
    let headers: Vec<_> = headers
        .map(|(name, value)| (name.as_str().to_owned(), text(value)))
        .collect();
    let callback = Callback {
        headers: &headers,
        body: &body,
    };
    match house.engine.hear(&account, &callback) {
        Heard::NoAccount => problem::answer(&Refusal::no_route(), &id),
        Heard::Nothing => Json(json!({})).into_response(),
        Heard::Hint(task) => {
            tracing::debug!(%account, task = %task.prefixed(), "account.hinted: the upstream says look again");
            Json(json!({})).into_response()
        }
    }
}
