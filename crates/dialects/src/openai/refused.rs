//! Refusals: `{error: {message, type, param, code}}` with the statuses that OpenAI's clients know.

use domain::http::Reply;
use domain::{Refusal, RefusalKind};
use serde_json::json;

/// The `type` of everything that the client can mend.
const CLIENT: &str = "invalid_request_error";
/// The `type` of everything that the house is the reason of.
const SERVER: &str = "server_error";

/// A refusal.
pub(super) fn render(refusal: &Refusal) -> Reply {
    let Shape { status, kind, code } = shape(&refusal.kind);
    let body = json!({
        "error": {
            "message": refusal.sentence(),
            "type": kind,
            "param": refusal.field,
            "code": code,
        }
    });
    let mut reply = Reply::json(status, &body);
    if status == 401 {
        reply = reply.with("www-authenticate", "Bearer");
    }
    if let Some(seconds) = refusal.retry_after_seconds {
        reply = reply.with("retry-after", seconds.to_string());
    }
    // The clients send again by themselves on 409, 429 and 5xx unless they are told not to.
    if refusal.kind.is_vain() {
        reply = reply.with("x-should-retry", "false");
    }
    reply
}

struct Shape {
    status: u16,
    kind: &'static str,
    code: &'static str,
}

fn shape(kind: &RefusalKind) -> Shape {
    let (status, kind, code) = match kind {
        RefusalKind::NoKey | RefusalKind::BadKey | RefusalKind::ExpiredKey | RefusalKind::EarlyKey => {
            (401, CLIENT, "invalid_api_key")
        }
        RefusalKind::Forbidden => (403, CLIENT, "access_denied"),
        RefusalKind::Network => (403, CLIENT, "ip_not_authorized"),
        RefusalKind::Suspended => (403, CLIENT, "account_suspended"),
        RefusalKind::NoMoney | RefusalKind::OverBudget => (429, "insufficient_quota", "insufficient_quota"),
        RefusalKind::TooManyTasks => (429, "tasks", "rate_limit_exceeded"),
        RefusalKind::TooFast => (429, "requests", "rate_limit_exceeded"),
        RefusalKind::Malformed => (400, CLIENT, "invalid_body"),
        RefusalKind::Invalid => (400, CLIENT, "invalid_value"),
        RefusalKind::Media => (400, CLIENT, "invalid_image"),
        RefusalKind::Model => (404, CLIENT, "model_not_found"),
        RefusalKind::DuplicateExternalId(_) => (400, CLIENT, "duplicate_external_task_id"),
        RefusalKind::TooLarge => (413, CLIENT, "request_too_large"),
        RefusalKind::NotFound => (404, CLIENT, "not_found"),
        RefusalKind::NoRoute => (404, CLIENT, "unknown_url"),
        RefusalKind::Method => (405, CLIENT, "method_not_allowed"),
        RefusalKind::Conflict => (409, CLIENT, "conflict"),
        RefusalKind::IdempotencyBusy => (409, CLIENT, "idempotency_key_in_use"),
        RefusalKind::IdempotencyConflict => (422, CLIENT, "idempotency_key_reused"),
        RefusalKind::NoProvider | RefusalKind::Unavailable => (503, SERVER, "service_unavailable"),
        RefusalKind::Ambiguous => (500, SERVER, "outcome_unknown"),
    };
    Shape { status, kind, code }
}
