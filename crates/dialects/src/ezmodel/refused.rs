//! Refusals: `{code, message, data}` for what a request says, the gateway's own `error` object for keys,
//! paths and what is out of service. Where the vendor has a fixed text, `detail` says more.

use domain::http::Reply;
use domain::{Refusal, RefusalKind};
use serde_json::{Value, json};

/// The vendor's code and text for a task that is not there.
const NOT_FOUND: &str = "task_not_exist";
/// The vendor's text for money that does not suffice.
const NO_MONEY: &str = "user quota is not enough";
/// What the vendor says whenever there is too much at once: `the upstream load of this group is saturated,
/// try again later`.
const TOO_MUCH: &str = "当前分组上游负载已饱和，请稍后再试";
/// The `type` of everything that the gateway itself is the reason of.
const GATEWAY: &str = "new_api_error";
/// The `type` of a path that is not there.
const CLIENT: &str = "invalid_request_error";

/// How a refusal looks.
enum Shape {
    /// `{code, message, data}`, with our sentence.
    Task(u16, &'static str),
    /// The same with a text of the vendor's, and our sentence as `detail`.
    Fixed(u16, &'static str, &'static str),
    /// `{error: {message, type, code}}`.
    Gateway(u16, &'static str, &'static str),
}

/// A refusal.
pub(super) fn render(refusal: &Refusal, request_id: &str) -> Reply {
    let mut reply = match &refusal.documented {
        Some(vendor) => task(vendor.status, vendor.code, &refusal.message),
        None => own(refusal, request_id),
    };
    if reply.status == 401 {
        reply = reply.with("www-authenticate", "Bearer");
    }
    if let Some(seconds) = refusal.retry_after_seconds {
        reply = reply.with("retry-after", seconds.to_string());
    }
    if refusal.kind.is_vain() || refusal.documented.is_some() {
        reply = reply.with("x-should-retry", "false");
    }
    reply
}

fn own(refusal: &Refusal, request_id: &str) -> Reply {
    let sentence = refusal.sentence();
    match shape(&refusal.kind) {
        Shape::Task(status, code) => task(status, code, &sentence),
        Shape::Fixed(status, code, text) if *refusal == Refusal::not_found() => task(status, code, text),
        Shape::Fixed(status, code, text) => {
            let mut body = task_body(code, text);
            body["detail"] = json!(sentence);
            Reply::json(status, &body)
        }
        Shape::Gateway(status, kind, code) => {
            let named = if status == 401 { "Invalid token: " } else { "" };
            let message = format!("{named}{sentence} (request id: {request_id})");
            let error = json!({ "message": message, "type": kind, "code": code });
            Reply::json(status, &json!({ "error": error }))
        }
    }
}

fn task(status: u16, code: &str, message: &str) -> Reply {
    Reply::json(status, &task_body(code, message))
}

fn task_body(code: &str, message: &str) -> Value {
    json!({ "code": code, "message": message, "data": null })
}

fn shape(kind: &RefusalKind) -> Shape {
    match kind {
        RefusalKind::NoKey | RefusalKind::BadKey | RefusalKind::ExpiredKey | RefusalKind::EarlyKey => {
            Shape::Gateway(401, GATEWAY, "")
        }
        RefusalKind::Forbidden | RefusalKind::Network => Shape::Gateway(403, GATEWAY, "access_denied"),
        RefusalKind::Suspended => Shape::Gateway(403, GATEWAY, "user_suspended"),
        RefusalKind::NoMoney | RefusalKind::OverBudget => Shape::Fixed(403, "quota_not_enough", NO_MONEY),
        RefusalKind::Malformed
        | RefusalKind::Invalid
        | RefusalKind::Media
        | RefusalKind::Model
        | RefusalKind::DuplicateExternalId(_)
        | RefusalKind::IdempotencyConflict => Shape::Task(400, "invalid_request"),
        RefusalKind::TooLarge => Shape::Task(413, "invalid_request"),
        RefusalKind::NotFound => Shape::Fixed(400, NOT_FOUND, NOT_FOUND),
        RefusalKind::Conflict => Shape::Task(409, "invalid_request"),
        RefusalKind::IdempotencyBusy | RefusalKind::TooManyTasks | RefusalKind::TooFast => {
            Shape::Fixed(429, "too_many_requests", TOO_MUCH)
        }
        RefusalKind::NoRoute => Shape::Gateway(404, CLIENT, ""),
        RefusalKind::Method => Shape::Gateway(405, CLIENT, ""),
        RefusalKind::NoProvider => Shape::Gateway(503, GATEWAY, "no_available_channel"),
        RefusalKind::Unavailable => Shape::Gateway(503, GATEWAY, "service_unavailable"),
        RefusalKind::Ambiguous => Shape::Task(500, "do_request_failed"),
    }
}
