//! Answers in the unified shape: the receipt of a submit, how far a task is, and refusals.

use domain::dialect::Links;
use domain::error::TaskErrorCode;
use domain::http::Reply;
use domain::{Artifact, MediaKind, Refusal, RefusalKind, Status, Task, TaskError};
use serde::Serialize;
use serde_json::{Value, json};

use crate::kling_options::plain;

/// The shape has no word for a task that its owner stopped: it is `failed`, with this number.
const CANCELLED_CODE: i64 = 499;

/// The answer to a submit: exactly two keys. Written straight into bytes, as is how far a task is.
#[derive(Serialize)]
pub(super) struct Receipt {
    task_id: String,
    status: &'static str,
}

/// The answer to a submit: the task waits.
pub(super) fn receipt(task: &Task) -> Receipt {
    Receipt {
        task_id: task.id().prefixed(),
        status: word(Status::Queued),
    }
}

/// How far a task is. Written straight into bytes: clients read it more often than anything else.
#[derive(Serialize)]
pub(super) struct Standing<'a> {
    task_id: String,
    status: &'static str,
    /// What there is when it is done, and only then.
    #[serde(flatten)]
    done: Option<Done<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Failure<'a>>,
}

/// The first file, and facts of it; what is not known of it is what was asked for.
#[derive(Serialize)]
struct Done<'a> {
    url: String,
    format: &'a str,
    metadata: Metadata,
}

/// A still has neither length nor rate.
#[derive(Serialize)]
struct Metadata {
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fps: Option<u32>,
    width: u32,
    height: u32,
    seed: u64,
    /// Every file, where more than one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    urls: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    watermark_url: Option<String>,
}

/// Why it failed.
#[derive(Serialize)]
struct Failure<'a> {
    code: i64,
    message: &'a str,
}

/// How far a task is: `url`, `format` and `metadata` only when it is done, `error` only when it failed.
pub(super) fn status<'a>(task: &'a Task, links: &dyn Links) -> Standing<'a> {
    let (mut finished, mut failure) = (None, None);
    match task.status() {
        Status::Queued | Status::Running => {}
        Status::Succeeded => finished = Some(done(task, links)),
        Status::Failed | Status::Cancelled => {
            let (code, message) = match task.error() {
                Some(error) => (code(error), error.message.as_str()),
                None => (CANCELLED_CODE, "the task was cancelled"),
            };
            failure = Some(Failure { code, message });
        }
    }
    Standing {
        task_id: task.id().prefixed(),
        status: word(task.status()),
        done: finished,
        error: failure,
    }
}

/// A refusal: the message names the field and the allowed values.
pub(super) fn refused(refusal: &Refusal, request_id: &str) -> Reply {
    let shape = shape(&refusal.kind);
    let mut message = refusal.sentence();
    if shape.kind == GATEWAY {
        message = format!("{message} (request id: {request_id})");
    }
    let body = json!({
        "error": {
            "message": message,
            "type": shape.kind,
            "param": refusal.field,
            "code": shape.code,
        }
    });
    let mut reply = Reply::json(shape.status, &body);
    if shape.status == 401 {
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

fn word(status: Status) -> &'static str {
    match status {
        Status::Queued => "queued",
        Status::Running => "in_progress",
        Status::Succeeded => "completed",
        Status::Failed | Status::Cancelled => "failed",
    }
}

fn done<'a>(task: &'a Task, links: &dyn Links) -> Done<'a> {
    let ask = &task.origin.ask;
    let results = task.course.results();
    let link = |(n, artifact)| links.content(task, n, artifact);
    let first = results.clone().next();
    let copy = results.clone().find_map(|(n, _)| task.course.marked_copy(n));
    let file = first.map(|(_, artifact)| artifact);
    let facts = file.map(|artifact| artifact.facts).unwrap_or_default();
    let is_still = file.is_some_and(|artifact| artifact.kind == MediaKind::Image);
    let duration_ms = facts.duration_ms.unwrap_or(ask.duration_ms);
    Done {
        url: first.map(link).unwrap_or_default(),
        format: file.map_or("mp4", format),
        metadata: Metadata {
            duration: (!is_still).then(|| seconds(duration_ms)),
            fps: facts.fps.or(ask.fps).filter(|_| !is_still),
            width: facts.width.unwrap_or(ask.size.width),
            height: facts.height.unwrap_or(ask.size.height),
            seed: task.origin.seed,
            urls: (ask.count > 1).then(|| results.map(link).collect()),
            watermark_url: copy.map(link),
        },
    }
}

/// The word for how a file is written.
fn format(file: &Artifact) -> &str {
    match file.kind {
        MediaKind::Image => file.content_type.trim_start_matches("image/"),
        MediaKind::Video | MediaKind::Audio => "mp4",
    }
}

/// Milliseconds as a number of seconds; whole where it is whole.
fn seconds(duration_ms: u64) -> Value {
    let milliseconds = u32::try_from(duration_ms).unwrap_or(u32::MAX);
    plain(f64::from(milliseconds) / 1_000.0)
}

/// The vendor's number, else the number that Kling has for such a failure.
fn code(error: &TaskError) -> i64 {
    error.vendor_code.unwrap_or(match error.code {
        TaskErrorCode::Refused => 1200,
        TaskErrorCode::InputUnavailable | TaskErrorCode::InputRejected => 1201,
        TaskErrorCode::Policy => 1301,
        TaskErrorCode::ProviderFailed | TaskErrorCode::NoArtifact | TaskErrorCode::CustodyLost => 5000,
        TaskErrorCode::NoProvider => 5001,
        TaskErrorCode::DeadlinePassed => 5002,
    })
}

/// The `type` of everything that the gateway itself is the reason of; its messages end on the request.
const GATEWAY: &str = "new_api_error";
/// The `type` of everything that the client can mend.
const CLIENT: &str = "invalid_request_error";

struct Shape {
    status: u16,
    kind: &'static str,
    code: &'static str,
}

fn shape(kind: &RefusalKind) -> Shape {
    let (status, kind, code) = match kind {
        RefusalKind::NoKey | RefusalKind::BadKey | RefusalKind::ExpiredKey | RefusalKind::EarlyKey => {
            (401, GATEWAY, "invalid_token")
        }
        RefusalKind::Forbidden | RefusalKind::Network => (403, GATEWAY, "access_denied"),
        RefusalKind::Suspended => (403, GATEWAY, "user_suspended"),
        RefusalKind::NoMoney | RefusalKind::OverBudget => (403, GATEWAY, "quota_not_enough"),
        RefusalKind::Malformed | RefusalKind::Invalid => (400, CLIENT, "invalid_request"),
        RefusalKind::Media => (400, CLIENT, "invalid_media"),
        RefusalKind::Model => (400, CLIENT, "model_not_found"),
        RefusalKind::DuplicateExternalId(_) => (400, CLIENT, "duplicate_external_task_id"),
        RefusalKind::TooLarge => (413, CLIENT, "request_too_large"),
        RefusalKind::NotFound => (404, CLIENT, "task_not_exist"),
        RefusalKind::NoRoute => (404, CLIENT, "no_such_path"),
        RefusalKind::Method => (405, CLIENT, "method_not_allowed"),
        RefusalKind::Conflict => (409, CLIENT, "conflict"),
        RefusalKind::IdempotencyBusy => (409, CLIENT, "idempotency_key_in_use"),
        RefusalKind::TooManyTasks => (429, GATEWAY, "too_many_tasks"),
        RefusalKind::TooFast => (429, GATEWAY, "rate_limit_exceeded"),
        RefusalKind::IdempotencyConflict => (422, CLIENT, "idempotency_key_reused"),
        RefusalKind::NoProvider => (503, GATEWAY, "no_available_channel"),
        RefusalKind::Unavailable => (503, GATEWAY, "service_unavailable"),
        RefusalKind::Ambiguous => (500, GATEWAY, "outcome_unknown"),
    };
    Shape { status, kind, code }
}
