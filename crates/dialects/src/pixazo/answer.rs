//! Answers: the receipt of a submit in both of the vendor's forms at once, the native envelope of a poll
//! with its own words, and the receipt, the status object and the results of the queue.

use domain::dialect::Links;
use domain::http::Reply;
use domain::{Artifact, MediaKind, Operation, Status, Task};
use serde_json::{Value, json};

use super::PRODUCT;
use crate::kling::{self, answer::SUCCESS};
use crate::reelway::time;

/// What stands before ids of tasks that were submitted elsewhere.
const VIDEO: &str = "klingai-video";
/// What stands before ids of try-ons.
pub(super) const TRY_ON: &str = "kling-virtual-try-on";
/// What stands before ids of stills of the older profile.
pub(super) const IMAGE: &str = "klingai-image";
/// The dialect's name in faces.
const NAME: &str = "pixazo";

/// The answer to a submit of the queue.
pub(super) fn queued(task: &Task, links: &dyn Links) -> Value {
    let id = id(task);
    let face = &task.origin.face;
    let mount = if face.dialect == NAME {
        face.mount.as_str()
    } else {
        ""
    };
    json!({
        "request_id": id,
        "status": "QUEUED",
        "polling_url": links.page(&format!("{mount}/v2/requests/status/{id}")),
    })
}

/// The answer to a submit of the older profile, with what the queue would say beside it.
pub(super) fn receipt(task: &Task, links: &dyn Links) -> Value {
    let id = id(task);
    let created_at = task.origin.created_at.0;
    let data = json!({
        "task_id": id,
        "task_status": "submitted",
        "created_at": created_at,
        "updated_at": created_at,
    });
    let mut body = kling::answer::enveloped(data, SUCCESS, &id);
    if let (Value::Object(body), Value::Object(queued)) = (&mut body, queued(task, links)) {
        body.extend(queued);
    }
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

/// The files of a task that is done, in the form of results; else how far it is, with 202 as long as it may come.
pub(super) fn result(task: &Task, links: &dyn Links) -> Reply {
    match task.status() {
        Status::Queued | Status::Running => return Reply::json(202, &status(task, links)),
        Status::Failed | Status::Cancelled => return Reply::json(200, &status(task, links)),
        Status::Succeeded => {}
    }
    let of_kind = |kind: MediaKind| -> Vec<Value> {
        let files = task.course.results().filter(|(_, file)| file.kind == kind);
        files.map(|(n, file)| told(task, n, file, links)).collect()
    };
    let (clips, stills) = (of_kind(MediaKind::Video), of_kind(MediaKind::Image));
    let body = match clips.into_iter().next() {
        Some(clip) => json!({ "request_id": id(task), "video": clip }),
        None => json!({ "request_id": id(task), "images": stills }),
    };
    Reply::json(200, &body)
}

fn told(task: &Task, n: usize, file: &Artifact, links: &dyn Links) -> Value {
    let (_, ending) = file.content_type.split_once('/').unwrap_or(("", "bin"));
    json!({
        "url": links.content(task, n, file),
        "content_type": file.content_type,
        "file_name": format!("output.{}", ending.replace("jpeg", "jpg")),
        "file_size": file.bytes,
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
    let operation = task.origin.ask.operation;
    let product = task.origin.ask.extras.get(PRODUCT).and_then(Value::as_str);
    let usual = match operation {
        Operation::VirtualTryOn => TRY_ON,
        _ => VIDEO,
    };
    let prefix = product.unwrap_or(usual);
    format!("{prefix}_{}", task.id().0.hyphenated())
}
