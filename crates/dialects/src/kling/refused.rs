//! Refusals: the HTTP status and number of the vendor's error table, and a message that names the field
//! and the allowed values. There is no `data`.
//!
//! The vendor's number 1303 (too many tasks at once) is said where a key or a tenant has as many unfinished
//! tasks as the operator lets it have: more work than there are slots waits in line.

use domain::error::TaskErrorCode;
use domain::http::Reply;
use domain::{Refusal, RefusalKind, TaskError};
use serde_json::json;

/// The vendor's text for a task that is not there.
const NOT_FOUND: &str = "Task not found by id/external id";
/// The vendor's text for money that does not suffice.
const NO_MONEY: &str = "Account balance not enough";
/// The vendor's text for too many tasks at a time.
const NO_PLACE: &str = "parallel task over resource pack limit";

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
    if refusal.kind.is_vain() {
        reply = reply.with("x-should-retry", "false");
    }
    reply
}

/// Numbers of the vendor's table that a failure may bear by itself, with their status.
const NUMBERS: [(i64, u16); 10] = [
    (1200, 400),
    (1201, 400),
    (1203, 404),
    (1300, 400),
    (1301, 400),
    (1302, 429),
    (1303, 429),
    (5000, 500),
    (5001, 503),
    (5002, 504),
];

/// The failure of a call that answers with its result.
pub(crate) fn failed(error: &TaskError, request_id: &str) -> Reply {
    let (status, code) = failure(error);
    let body = json!({ "code": code, "message": error.message, "request_id": request_id });
    Reply::json(status, &body)
}

/// Status and number of a failure: the vendor's own where it gave one.
fn failure(error: &TaskError) -> (u16, i64) {
    let row = NUMBERS
        .iter()
        .find(|(number, _)| Some(*number) == error.vendor_code);
    if let Some((number, status)) = row {
        return (*status, *number);
    }
    match error.code {
        TaskErrorCode::InputUnavailable | TaskErrorCode::InputRejected | TaskErrorCode::Refused => {
            (400, 1201)
        }
        TaskErrorCode::Policy => (400, 1301),
        TaskErrorCode::ProviderFailed | TaskErrorCode::NoArtifact | TaskErrorCode::CustodyLost => (500, 5000),
        TaskErrorCode::NoProvider => (503, 5001),
        TaskErrorCode::DeadlinePassed => (504, 5002),
    }
}

/// Our sentence, behind the vendor's text where it has one; that text alone where ours says no more.
fn message(refusal: &Refusal) -> String {
    let sentence = refusal.sentence();
    match refusal.kind {
        RefusalKind::NotFound if *refusal == Refusal::not_found() => NOT_FOUND.to_owned(),
        RefusalKind::NotFound => format!("{NOT_FOUND}: {sentence}"),
        RefusalKind::NoMoney | RefusalKind::OverBudget => format!("{NO_MONEY}: {sentence}"),
        RefusalKind::TooManyTasks => format!("{NO_PLACE}: {sentence}"),
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
        RefusalKind::Network => (429, 1304),
        RefusalKind::Suspended => (429, 1100),
        RefusalKind::NoMoney | RefusalKind::OverBudget => (429, 1102),
        RefusalKind::TooManyTasks => (429, 1303),
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
        RefusalKind::IdempotencyBusy | RefusalKind::TooFast => (429, 1302),
        RefusalKind::Ambiguous => (500, 5000),
        RefusalKind::NoProvider | RefusalKind::Unavailable => (503, 5001),
    }
}
