//! Answers: the receipt of a submit in both of the vendor's forms at once, the native envelope of a poll
//! with its own words, and the status object of the queue.

use domain::dialect::Links;
use domain::{MediaKind, Status, Task};
use serde_json::{Value, json};

use crate::kling::{self, answer::SUCCESS};
use crate::reelway::time;

/// What stands before the id.
const PREFIX: &str = "klingai-video_";
/// The dialect's name in faces.
const NAME: &str = "pixazo";

/// The answer to a submit.
pub(super) fn receipt(task: &Task, links: &dyn Links) -> Value {
    let id = id(task);
    let face = &task.origin.face;
    let mount = if face.dialect == NAME {
        face.mount.as_str()
    } else {
        ""
    };
    let created_at = task.origin.created_at.0;
    let data = json!({
        "task_id": id,
        "task_status": "submitted",
        "created_at": created_at,
        "updated_at": created_at,
    });
    let mut body = kling::answer::enveloped(data, SUCCESS, &id);
    body["status"] = json!("QUEUED");
    body["polling_url"] = json!(links.page(&format!("{mount}/v2/requests/status/{id}")));
    body
}

/// The answer to a poll: the native one, where a running task has words of the vendor's.
pub(super) fn poll(task: &Task, links: &dyn Links) -> Value {
    let id = id(task);
    let mut data = kling::answer::progress(task, links);
    data.insert("task_id".to_owned(), json!(id));
    let message = match task.status() {
        Status::Running => {
            data.insert("task_status_msg".to_owned(), json!("Processing"));
            "IN_PROGRESS"
        }
        Status::Succeeded => {
            data.entry("task_info").or_insert_with(|| json!({}));
            SUCCESS
        }
        Status::Queued | Status::Failed | Status::Cancelled => SUCCESS,
    };
    kling::answer::enveloped(Value::Object(data), message, &id)
}

/// The status object of the queue; times as ISO 8601.
pub(super) fn status(task: &Task, links: &dyn Links) -> Value {
    let word = match task.status() {
        Status::Queued => "QUEUED",
        Status::Running => "PROCESSING",
        Status::Succeeded => "COMPLETED",
        Status::Failed | Status::Cancelled => "FAILED",
    };
    let error = match (task.status(), task.error()) {
        (_, Some(error)) => Some(error.message.as_str()),
        (Status::Cancelled, None) => Some("the task was cancelled"),
        _ => None,
    };
    json!({
        "request_id": id(task),
        "status": word,
        "model_id": task.origin.ask.model,
        "error": error,
        "output": output(task, links),
        "created_at": time(task.origin.created_at),
        "completed_at": task.course.finished_at.map(time),
    })
}

/// The files of a task that is done; of a clip with sound or stills beside it, its clips.
fn output(task: &Task, links: &dyn Links) -> Option<Value> {
    let mut results = task.course.results();
    let has_clip = results.any(|(_, file)| file.kind == MediaKind::Video);
    let files = task
        .course
        .results()
        .filter(|(_, file)| !has_clip || file.kind == MediaKind::Video);
    let first = files.clone().next().map(|(_, file)| &file.content_type)?;
    let urls: Vec<String> = files.map(|(n, file)| links.content(task, n, file)).collect();
    let is_done = task.status() == Status::Succeeded;
    is_done.then(|| json!({ "media_url": urls, "media_type": first }))
}

fn id(task: &Task) -> String {
    format!("{PREFIX}{}", task.id().0.hyphenated())
}
