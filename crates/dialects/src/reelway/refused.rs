//! Refusals of our own API: their codes, statuses and body, from one table.

use domain::http::Reply;
use domain::{Refusal, RefusalKind};
use serde_json::{Value, json};

/// One code: its word, its HTTP status, whether trying again may help, and what it means.
pub struct ErrorRow {
    /// Its word.
    pub code: &'static str,
    /// Its HTTP status.
    pub status: u16,
    /// Whether trying again may help.
    pub retryable: bool,
    /// What it means.
    pub meaning: &'static str,
}

const fn row(code: &'static str, status: u16, retryable: bool, meaning: &'static str) -> ErrorRow {
    ErrorRow {
        code,
        status,
        retryable,
        meaning,
    }
}

const NO_KEY: ErrorRow = row("no_key", 401, false, "No API key came with the request.");
const BAD_KEY: ErrorRow = row(
    "bad_key",
    401,
    false,
    "The API key is unknown, mistyped or revoked.",
);
const EXPIRED_KEY: ErrorRow = row("expired_key", 401, false, "The API key has expired.");
const EARLY_KEY: ErrorRow = row("early_key", 401, false, "The signed token is not valid yet.");
const FORBIDDEN: ErrorRow = row(
    "forbidden",
    403,
    false,
    "The key or link is good, but not for this.",
);
const NETWORK: ErrorRow = row(
    "wrong_network",
    403,
    false,
    "The key is good, but not from this address.",
);
const SUSPENDED: ErrorRow = row(
    "suspended",
    403,
    false,
    "The tenant is suspended: it may read what it has, and submit nothing.",
);
const MALFORMED: ErrorRow = row(
    "malformed",
    400,
    false,
    "The body is no JSON object that can be read.",
);
const TOO_LARGE: ErrorRow = row(
    "too_large",
    413,
    false,
    "The body or a part of it is over its limit.",
);
const INVALID: ErrorRow = row(
    "invalid",
    400,
    false,
    "A field is missing or has a value that is not allowed.",
);
const MEDIA: ErrorRow = row("media", 400, false, "Media that cannot be used.");
const MODEL: ErrorRow = row("model", 400, false, "The model is not served.");
const NO_MONEY: ErrorRow = row("no_money", 402, false, "The balance does not cover the hold.");
const OVER_BUDGET: ErrorRow = row(
    "budget_exceeded",
    402,
    false,
    "The budget of the key or the tenant does not cover the hold.",
);
const TOO_MANY_TASKS: ErrorRow = row(
    "too_many_tasks",
    429,
    true,
    "The key or the tenant has as many unfinished tasks as it may.",
);
const RATE_LIMITED: ErrorRow = row(
    "rate_limited",
    429,
    true,
    "The key or the tenant sends more requests a minute than it may.",
);
const DUPLICATE: ErrorRow = row(
    "duplicate_external_id",
    409,
    false,
    "Another task has this external id.",
);
const IDEMPOTENCY: ErrorRow = row(
    "idempotency_conflict",
    422,
    false,
    "The idempotency key was used with another body.",
);
const BUSY: ErrorRow = row(
    "idempotency_busy",
    409,
    true,
    "The idempotency key is in use right now.",
);
const NOT_FOUND: ErrorRow = row(
    "not_found",
    404,
    false,
    "There is nothing of this name for this caller.",
);
const CONFLICT: ErrorRow = row(
    "conflict",
    409,
    false,
    "The task cannot do this in its present state.",
);
const NO_PROVIDER: ErrorRow = row(
    "no_provider",
    503,
    false,
    "Nobody who could do this work is plugged in.",
);
const NO_ROUTE: ErrorRow = row("no_route", 404, false, "There is no such path.");
const METHOD: ErrorRow = row("method", 405, false, "The path exists, with other methods.");
const UNAVAILABLE: ErrorRow = row(
    "unavailable",
    503,
    true,
    "Something broke on our side before anything was accepted.",
);
const AMBIGUOUS: ErrorRow = row(
    "ambiguous",
    500,
    false,
    "Something broke and the request may have been accepted: look before sending it again.",
);

/// Every code.
pub(super) static ERRORS: &[ErrorRow] = &[
    NO_KEY,
    BAD_KEY,
    EXPIRED_KEY,
    EARLY_KEY,
    FORBIDDEN,
    NETWORK,
    SUSPENDED,
    MALFORMED,
    TOO_LARGE,
    INVALID,
    MEDIA,
    MODEL,
    NO_MONEY,
    OVER_BUDGET,
    TOO_MANY_TASKS,
    RATE_LIMITED,
    DUPLICATE,
    IDEMPOTENCY,
    BUSY,
    NOT_FOUND,
    CONFLICT,
    NO_PROVIDER,
    NO_ROUTE,
    METHOD,
    UNAVAILABLE,
    AMBIGUOUS,
];

fn row_of(kind: &RefusalKind) -> &'static ErrorRow {
    match kind {
        RefusalKind::NoKey => &NO_KEY,
        RefusalKind::BadKey => &BAD_KEY,
        RefusalKind::ExpiredKey => &EXPIRED_KEY,
        RefusalKind::EarlyKey => &EARLY_KEY,
        RefusalKind::Forbidden => &FORBIDDEN,
        RefusalKind::Network => &NETWORK,
        RefusalKind::Suspended => &SUSPENDED,
        RefusalKind::Malformed => &MALFORMED,
        RefusalKind::TooLarge => &TOO_LARGE,
        RefusalKind::Invalid => &INVALID,
        RefusalKind::Media => &MEDIA,
        RefusalKind::Model => &MODEL,
        RefusalKind::NoMoney => &NO_MONEY,
        RefusalKind::OverBudget => &OVER_BUDGET,
        RefusalKind::TooManyTasks => &TOO_MANY_TASKS,
        RefusalKind::TooFast => &RATE_LIMITED,
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

/// A refusal.
pub(super) fn render(refusal: &Refusal, request_id: &str) -> Reply {
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
    if let Some(hit) = &refusal.hit {
        error["limit"] = json!({
            "holder": hit.holder.word(),
            "name": hit.limit.word(),
            "most": hit.most,
            "left": hit.left,
        });
    }
    let mut reply = Reply::json(row.status, &json!({ "error": error }));
    if let Some(seconds) = refusal.retry_after_seconds {
        reply = reply.with("retry-after", seconds.to_string());
    }
    if row.status == 401 {
        reply = reply.with("www-authenticate", "Bearer");
    }
    if refusal.kind.is_vain() || matches!(refusal.kind, RefusalKind::DuplicateExternalId(_)) {
        reply = reply.with("x-should-retry", "false");
    }
    reply
}
