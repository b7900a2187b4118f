//! Answers in the native envelope: the receipt of a submit, how far a task is, a list, and the body of a
//! callback, which has no envelope.

use domain::dialect::Links;
use domain::http::Reply;
use domain::store::Listing;
use domain::{MediaKind, Status, Task};
use serde_json::{Map, Value, json};

/// The text of everything that is no refusal, a failed task too.
pub(crate) const SUCCESS: &str = "SUCCEED";

/// An answer around its data.
pub(super) fn envelope(data: Value, request_id: &str) -> Reply {
    Reply::json(200, &enveloped(data, SUCCESS, request_id))
}

/// The envelope of everything that is no refusal.
pub(crate) fn enveloped(data: Value, message: &str, request_id: &str) -> Value {
    let mut body = Map::new();
    body.insert("code".to_owned(), json!(0));
    body.insert("message".to_owned(), json!(message));
    body.insert("request_id".to_owned(), json!(request_id));
    body.insert("data".to_owned(), data);
    Value::Object(body)
}

/// The answer to a submit: the task as it was born.
pub(super) fn receipt(task: &Task) -> Value {
    let created_at = task.origin.created_at.0;
    let mut data = Map::new();
    data.insert("task_id".to_owned(), json!(task.id().0.decimal()));
    data.insert("task_status".to_owned(), json!(word(Status::Queued)));
    info(&mut data, task);
    data.insert("created_at".to_owned(), json!(created_at));
    data.insert("updated_at".to_owned(), json!(created_at));
    Value::Object(data)
}

/// How far a task is.
pub(crate) fn status(task: &Task, links: &dyn Links) -> Value {
    let watermark = task.origin.ask.extras.get("kling.watermark_info");
    let enabled = watermark.and_then(|info| info.get("enabled")?.as_bool());
    let mut data = progress(task, links);
    data.insert(
        "watermark_info".to_owned(),
        json!({ "enabled": enabled.unwrap_or(false) }),
    );
    Value::Object(data)
}

/// Several tasks, each as [`status`] writes it.
pub(super) fn listing(listing: &Listing, links: &dyn Links) -> Value {
    listing.tasks.iter().map(|task| status(task, links)).collect()
}

/// The body of a callback.
pub(crate) fn callback(task: &Task, links: &dyn Links) -> Value {
    Value::Object(progress(task, links))
}

/// What reads and callbacks share: `task_result` only when it is done.
pub(crate) fn progress(task: &Task, links: &dyn Links) -> Map<String, Value> {
    let mut data = Map::new();
    data.insert("task_id".to_owned(), json!(task.id().0.decimal()));
    data.insert("task_status".to_owned(), json!(word(task.status())));
    data.insert("task_status_msg".to_owned(), json!(reason(task)));
    info(&mut data, task);
    data.insert("created_at".to_owned(), json!(task.origin.created_at.0));
    data.insert("updated_at".to_owned(), json!(task.course.updated_at.0));
    if task.status() == Status::Succeeded {
        data.insert("task_result".to_owned(), result(task, links));
    }
    data
}

/// `task_info` is there only when it says something.
fn info(data: &mut Map<String, Value>, task: &Task) {
    if let Some(external_id) = &task.origin.external_id {
        data.insert("task_info".to_owned(), json!({ "external_task_id": external_id }));
    }
}

/// The dialect has no word for a task that its owner stopped: it is `failed`.
fn word(status: Status) -> &'static str {
    match status {
        Status::Queued => "submitted",
        Status::Running => "processing",
        Status::Succeeded => "succeed",
        Status::Failed | Status::Cancelled => "failed",
    }
}

/// Why there is no result; empty where nothing is wrong.
fn reason(task: &Task) -> &str {
    match (task.status(), task.error()) {
        (_, Some(error)) => &error.message,
        (Status::Cancelled, None) => "the task was cancelled",
        _ => "",
    }
}

/// The clips, or the stills of a task that has nothing else.
fn result(task: &Task, links: &dyn Links) -> Value {
    let has = |kind| task.course.results().any(|(_, artifact)| artifact.kind == kind);
    if has(MediaKind::Image) && !has(MediaKind::Video) {
        return json!({ "images": images(task, links) });
    }
    json!({ "videos": videos(task, links) })
}

/// The stills, counted from 0.
fn images(task: &Task, links: &dyn Links) -> Vec<Value> {
    let results = task.course.results();
    let stills = results.filter(|(_, artifact)| artifact.kind == MediaKind::Image);
    let images = stills
        .enumerate()
        .map(|(index, (n, artifact))| json!({ "index": index, "url": links.content(task, n, artifact) }));
    images.collect()
}

/// The clips, each with its marked copy where there is one; the length of one that does not tell it is what
/// was asked for.
fn videos(task: &Task, links: &dyn Links) -> Vec<Value> {
    let results = task.course.results();
    let clips = results.filter(|(_, artifact)| artifact.kind == MediaKind::Video);
    let videos = clips.map(|(n, artifact)| {
        let duration_ms = artifact.facts.duration_ms;
        let mut video = Map::new();
        video.insert("id".to_owned(), json!(artifact.id.0.hyphenated()));
        video.insert("url".to_owned(), json!(links.content(task, n, artifact)));
        if let Some((place, copy)) = task.course.marked_copy(n) {
            video.insert(
                "watermark_url".to_owned(),
                json!(links.content(task, place, copy)),
            );
        }
        let duration = seconds(duration_ms.unwrap_or(task.origin.ask.duration_ms));
        video.insert("duration".to_owned(), json!(duration));
        Value::Object(video)
    });
    videos.collect()
}

/// Milliseconds as decimal seconds with one to three digits behind the point: `5.0`, `5.041`.
pub(super) fn seconds(duration_ms: u64) -> String {
    let text = format!("{}.{:03}", duration_ms / 1_000, duration_ms % 1_000);
    let short = text.trim_end_matches('0');
    if short.ends_with('.') {
        format!("{short}0")
    } else {
        short.to_owned()
    }
}
