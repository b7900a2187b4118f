//! Our own API's errors: their codes, statuses and body, from one table. Dialects write their own.

use axum::response::{Html, IntoResponse, Response};
use domain::{Refusal, RefusalKind};
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};

/// One code: its word, its HTTP status, whether trying again may help, and what it means.
struct Row {
    code: &'static str,
    status: StatusCode,
    retryable: bool,
    meaning: &'static str,
}

const fn row(code: &'static str, status: StatusCode, retryable: bool, meaning: &'static str) -> Row {
    Row {
        code,
        status,
        retryable,
        meaning,
    }
}

const NO_KEY: Row = row(
    "no_key",
    StatusCode::UNAUTHORIZED,
    false,
    "No API key came with the request.",
);
const BAD_KEY: Row = row(
    "bad_key",
    StatusCode::UNAUTHORIZED,
    false,
    "The API key is unknown, mistyped or revoked.",
);
const EXPIRED_KEY: Row = row(
    "expired_key",
    StatusCode::UNAUTHORIZED,
    false,
    "The API key has expired.",
);
const FORBIDDEN: Row = row(
    "forbidden",
    StatusCode::FORBIDDEN,
    false,
    "The key or link is good, but not for this.",
);
const MALFORMED: Row = row(
    "malformed",
    StatusCode::BAD_REQUEST,
    false,
    "The body is no JSON object that can be read.",
);
const TOO_LARGE: Row = row(
    "too_large",
    StatusCode::PAYLOAD_TOO_LARGE,
    false,
    "The body or a part of it is over its limit.",
);
const INVALID: Row = row(
    "invalid",
    StatusCode::BAD_REQUEST,
    false,
    "A field is missing or has a value that is not allowed.",
);
const MEDIA: Row = row(
    "media",
    StatusCode::BAD_REQUEST,
    false,
    "Media that cannot be used.",
);
const MODEL: Row = row(
    "model",
    StatusCode::BAD_REQUEST,
    false,
    "The model is not served.",
);
const NO_MONEY: Row = row(
    "no_money",
    StatusCode::PAYMENT_REQUIRED,
    false,
    "The balance does not cover the hold.",
);
const DUPLICATE: Row = row(
    "duplicate_external_id",
    StatusCode::CONFLICT,
    false,
    "Another task has this external id.",
);
const IDEMPOTENCY: Row = row(
    "idempotency_conflict",
    StatusCode::UNPROCESSABLE_ENTITY,
    false,
    "The idempotency key was used with another body.",
);
const BUSY: Row = row(
    "idempotency_busy",
    StatusCode::CONFLICT,
    true,
    "The idempotency key is in use right now.",
);
const NOT_FOUND: Row = row(
    "not_found",
    StatusCode::NOT_FOUND,
    false,
    "There is nothing of this name for this caller.",
);
const CONFLICT: Row = row(
    "conflict",
    StatusCode::CONFLICT,
    false,
    "The task cannot do this in its present state.",
);
const NO_PROVIDER: Row = row(
    "no_provider",
    StatusCode::SERVICE_UNAVAILABLE,
    false,
    "Nobody who could do this work is plugged in.",
);
const NO_ROUTE: Row = row("no_route", StatusCode::NOT_FOUND, false, "There is no such path.");
const METHOD: Row = row(
    "method",
    StatusCode::METHOD_NOT_ALLOWED,
    false,
    "The path exists, with other methods.",
);
const UNAVAILABLE: Row = row(
    "unavailable",
    StatusCode::SERVICE_UNAVAILABLE,
    true,
    "Something broke on our side before anything was accepted.",
);
const AMBIGUOUS: Row = row(
    "ambiguous",
    StatusCode::INTERNAL_SERVER_ERROR,
    false,
    "Something broke and the request may have been accepted: look before sending it again.",
);

const ALL: [&Row; 20] = [
    &NO_KEY,
    &BAD_KEY,
    &EXPIRED_KEY,
    &FORBIDDEN,
    &MALFORMED,
    &TOO_LARGE,
    &INVALID,
    &MEDIA,
    &MODEL,
    &NO_MONEY,
    &DUPLICATE,
    &IDEMPOTENCY,
    &BUSY,
    &NOT_FOUND,
    &CONFLICT,
    &NO_PROVIDER,
    &NO_ROUTE,
    &METHOD,
    &UNAVAILABLE,
    &AMBIGUOUS,
];

fn row_of(kind: &RefusalKind) -> &'static Row {
    match kind {
        RefusalKind::NoKey => &NO_KEY,
        RefusalKind::BadKey => &BAD_KEY,
        RefusalKind::ExpiredKey => &EXPIRED_KEY,
        RefusalKind::Forbidden => &FORBIDDEN,
        RefusalKind::Malformed => &MALFORMED,
        RefusalKind::TooLarge => &TOO_LARGE,
        RefusalKind::Invalid => &INVALID,
        RefusalKind::Media => &MEDIA,
        RefusalKind::Model => &MODEL,
        RefusalKind::NoMoney => &NO_MONEY,
        RefusalKind::DuplicateExternalId(_) => &DUPLICATE,
        RefusalKind::IdempotencyConflict => &IDEMPOTENCY,
        RefusalKind::IdempotencyBusy => &BUSY,
        RefusalKind::NotFound => &NOT_FOUND,
        RefusalKind::Conflict => &CONFLICT,
        RefusalKind::NoProvider => &NO_PROVIDER,
        RefusalKind::NoRoute => &NO_ROUTE,
        RefusalKind::Method => &METHOD,
        RefusalKind::Unavailable => &UNAVAILABLE,
        RefusalKind::Ambiguous => &AMBIGUOUS,
    }
}

/// The body and status of a refusal in our own API.
#[must_use]
pub fn answer(refusal: &Refusal, request_id: &str) -> Response {
    let row = row_of(&refusal.kind);
    let mut error = json!({
        "code": row.code,
        "message": refusal.message,
        "retryable": row.retryable,
        "request_id": request_id,
        "docs": format!("/docs/errors#{}", row.code),
    });
    if let Some(field) = &refusal.field {
        error["field"] = Value::String(field.clone());
    }
    if !refusal.allowed.is_empty() {
        error["allowed"] = json!(refusal.allowed);
    }
    let mut response = (row.status, axum::Json(json!({ "error": error }))).into_response();
    if let Some(seconds) = refusal.retry_after_seconds {
        response
            .headers_mut()
            .insert(http::header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if row.status == StatusCode::UNAUTHORIZED {
        let bearer = HeaderValue::from_static("Bearer");
        response
            .headers_mut()
            .insert(http::header::WWW_AUTHENTICATE, bearer);
    }
    response
}

/// The page that `docs` in every error points to.
pub async fn page() -> Html<String> {
    let rows = ALL.map(|row| {
        let again = if row.retryable { "yes" } else { "no" };
        format!(
            "<tr id=\"{0}\"><td><code>{0}</code></td><td>{1}</td><td>{again}</td><td>{2}</td></tr>",
            row.code,
            row.status.as_u16(),
            row.meaning
        )
    });
    Html(format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Reelway: errors</title>\
         <h1>Errors of /api/v1</h1><table><tr><th>code</th><th>status</th><th>again?</th><th>meaning</th></tr>{}</table></html>",
        rows.concat()
    ))
}
