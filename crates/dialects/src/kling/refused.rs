//! Refusals: the HTTP status and number of the vendor's error table, and a message that names the field
//! and the allowed values. There is no `data`.
//!
//! The vendor's number 1303 (too many tasks at once) has no counterpart: more work than there are slots
//! waits in line.

use domain::http::Reply;
use domain::{Refusal, RefusalKind};
use serde_json::json;

/// The vendor's text for a task that is not there.
const NOT_FOUND: &str = "Task not found by id/external id";
/// The vendor's text for money that does not suffice.
const NO_MONEY: &str = "Account balance not enough";

/// A refusal.
pub(super) fn render(refusal: &Refusal, request_id: &str) -> Reply {
    let (status, code) = shape(&refusal.kind);
    let body = json!({ "code": code, "message": message(refusal), "request_id": request_id });
    let mut reply = Reply::json(status, &body);
    if status == 401 {
        reply = reply.with("www-authenticate", "Bearer");
    }
    if let Some(seconds) = refusal.retry_after_seconds {
        reply = reply.with("retry-after", seconds.to_string());
    }
    if matches!(refusal.kind, RefusalKind::Ambiguous | RefusalKind::Conflict) {
        reply = reply.with("x-should-retry", "false");
    }
    reply
}

/// Our sentence, behind the vendor's text where it has one; that text alone where ours says no more.
fn message(refusal: &Refusal) -> String {
    let sentence = refusal.sentence();
    match refusal.kind {
        RefusalKind::NotFound if *refusal == Refusal::not_found() => NOT_FOUND.to_owned(),
        RefusalKind::NotFound => format!("{NOT_FOUND}: {sentence}"),
        RefusalKind::NoMoney => format!("{NO_MONEY}: {sentence}"),
        _ => sentence,
    }
}

fn shape(kind: &RefusalKind) -> (u16, u32) {
    match kind {
        RefusalKind::NoKey => (401, 1001),
        RefusalKind::BadKey => (401, 1002),
        RefusalKind::EarlyKey => (401, 1003),
        RefusalKind::ExpiredKey => (401, 1004),
        RefusalKind::Forbidden => (403, 1103),
        RefusalKind::NoMoney => (429, 1102),
        RefusalKind::Malformed
        | RefusalKind::Invalid
        | RefusalKind::Media
        | RefusalKind::TooLarge
        | RefusalKind::NotFound
        | RefusalKind::Conflict
        | RefusalKind::DuplicateExternalId(_)
        | RefusalKind::IdempotencyConflict => (400, 1201),
        RefusalKind::NoRoute | RefusalKind::Method => (404, 1202),
        RefusalKind::Model => (404, 1203),
        RefusalKind::IdempotencyBusy => (429, 1302),
        RefusalKind::Ambiguous => (500, 5000),
        RefusalKind::NoProvider | RefusalKind::Unavailable => (503, 5001),
    }
}
