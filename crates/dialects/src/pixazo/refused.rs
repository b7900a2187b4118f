//! Refusals: the vendor's fixed text as `error`, our sentence as `message`, and the request's id.

use domain::http::Reply;
use domain::{Refusal, RefusalKind};
use serde_json::json;

const WRONG: &str = "Invalid request parameters";
const NO_KEY: &str = "Invalid or missing authentication";
const NO_MONEY: &str = "Insufficient balance";
const DENIED: &str = "Access denied for this operation";
const NO_PATH: &str = "Endpoint not found";
const NO_TASK: &str = "Request not found";
const TOO_MUCH: &str = "Rate limit exceeded, please retry later";
const BROKEN: &str = "An unexpected error occurred, please try again later";

/// A refusal.
pub(super) fn render(refusal: &Refusal, request_id: &str) -> Reply {
    let (status, error) = shape(&refusal.kind);
    let body = json!({ "error": error, "message": refusal.sentence(), "request_id": request_id });
    let mut reply = Reply::json(status, &body);
    if status == 401 {
        reply = reply.with("www-authenticate", "Bearer");
    }
    if let Some(seconds) = refusal.retry_after_seconds {
        reply = reply.with("retry-after", seconds.to_string());
    }
    if refusal.kind.is_vain() {
        reply = reply.with("x-should-retry", "false");
    }
    reply
}

fn shape(kind: &RefusalKind) -> (u16, &'static str) {
    match kind {
        RefusalKind::NoKey | RefusalKind::BadKey | RefusalKind::ExpiredKey | RefusalKind::EarlyKey => {
            (401, NO_KEY)
        }
        RefusalKind::NoMoney | RefusalKind::OverBudget => (402, NO_MONEY),
        RefusalKind::Forbidden | RefusalKind::Network | RefusalKind::Suspended => (403, DENIED),
        RefusalKind::Malformed
        | RefusalKind::Invalid
        | RefusalKind::Media
        | RefusalKind::Model
        | RefusalKind::TooLarge
        | RefusalKind::Conflict
        | RefusalKind::DuplicateExternalId(_)
        | RefusalKind::IdempotencyConflict => (400, WRONG),
        RefusalKind::NotFound => (404, NO_TASK),
        RefusalKind::NoRoute | RefusalKind::Method => (404, NO_PATH),
        RefusalKind::IdempotencyBusy | RefusalKind::TooManyTasks | RefusalKind::TooFast => (429, TOO_MUCH),
        RefusalKind::Ambiguous => (500, BROKEN),
        RefusalKind::NoProvider | RefusalKind::Unavailable => (503, BROKEN),
    }
}
