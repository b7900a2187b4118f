//! Answers: the `video` object, which is the answer to a create too, and the list of them.

use domain::ask::REMADE_FROM;
use domain::http::Reply;
use domain::store::Listing;
use domain::{Status, Task, TaskId};
use serde_json::{Value, json};

/// How long a client may wait before it asks again, in milliseconds.
const POLL_AFTER_MS: u64 = 1_000;

/// The object of one task.
pub(super) fn video(task: &Task) -> Reply {
    let reply = Reply::json(200, &object(task));
    match task.word().is_final() {
        true => reply,
        false => reply.with("openai-poll-after-ms", POLL_AFTER_MS.to_string()),
    }
}

/// What is said of a task that was taken away.
pub(super) fn deleted(task: &Task) -> Reply {
    let body = json!({ "id": id(task.id()), "object": "video.deleted", "deleted": true });
    Reply::json(200, &body)
}

/// The objects of several tasks.
pub(super) fn list(listing: &Listing) -> Reply {
    let id_of = |task: Option<&std::sync::Arc<Task>>| task.map(|task| id(task.id()));
    let videos: Vec<Value> = listing.tasks.iter().map(|task| object(task)).collect();
    let body = json!({
        "object": "list",
        "data": videos,
        "first_id": id_of(listing.tasks.first()),
        "last_id": id_of(listing.tasks.last()),
        "has_more": listing.has_more,
    });
    Reply::json(200, &body)
}

fn object(task: &Task) -> Value {
    let ask = &task.origin.ask;
    let first = task.course.results().next().map(|(_, file)| file.facts);
    let facts = first.unwrap_or_default();
    let width = facts.width.unwrap_or(ask.size.width);
    let height = facts.height.unwrap_or(ask.size.height);
    let finished_at = task.course.finished_at.map(|moment| seconds(moment.0));
    json!({
        "id": id(task.id()),
        "object": "video",
        "model": ask.model,
        "status": word(task.status()),
        "progress": task.course.progress,
        "created_at": seconds(task.origin.created_at.0),
        "completed_at": finished_at.filter(|_| task.status() == Status::Succeeded),
        "expires_at": null,
        "prompt": ask.prompt,
        "seconds": ask.seconds().to_string(),
        "size": format!("{width}x{height}"),
        "remixed_from_video_id": remade_from(task),
        "error": error(task),
    })
}

/// The shape has no word for a task that its owner stopped: it is `failed`.
fn word(status: Status) -> &'static str {
    match status {
        Status::Queued => "queued",
        Status::Running => "in_progress",
        Status::Succeeded => "completed",
        Status::Failed | Status::Cancelled => "failed",
    }
}

fn error(task: &Task) -> Value {
    match (task.status(), task.error()) {
        (_, Some(error)) => json!({ "code": error.code, "message": error.message }),
        (Status::Cancelled, None) => json!({ "code": "cancelled", "message": "the task was cancelled" }),
        _ => Value::Null,
    }
}

fn remade_from(task: &Task) -> Option<String> {
    let name = task.origin.ask.extras.get(REMADE_FROM)?.as_str()?;
    TaskId::parse(name).map(id)
}

fn id(task: TaskId) -> String {
    format!("video_{}", task.0.hex())
}

/// Milliseconds as whole seconds.
fn seconds(milliseconds: i64) -> i64 {
    milliseconds.div_euclid(1_000)
}
