//! Answers in the task envelope: the flat receipt of a submit, and how far a task is, with the native
//! answer inside.

use domain::dialect::Links;
use domain::{Operation, State, Status, Task};
use serde_json::{Value, json};

use crate::kling;

/// What the vendor calls each kind of work.
const ACTIONS: [(Operation, &str); 8] = [
    (Operation::TextToVideo, "textGenerate"),
    (Operation::OmniVideo, "omniVideo"),
    (Operation::MotionControl, "motionControl"),
    (Operation::MultiImageToVideo, "multiImage2Video"),
    (Operation::LipSync, "advancedLipSync"),
    (Operation::VideoExtend, "videoExtend"),
    (Operation::MultiElements, "multiElementsCreate"),
    (Operation::Avatar, "avatarImage2Video"),
];
/// What it calls a clip from a picture, and all other work here.
const DEFAULT_ACTION: &str = "generate";

/// The answer to a submit. The status is empty, as the vendor's is.
pub(crate) fn receipt(task: &Task) -> Value {
    let id = task.id().0.decimal();
    json!({
        "id": id,
        "task_id": id,
        "object": "video",
        "model": task.origin.ask.model,
        "status": "",
        "progress": 0,
        "created_at": task.origin.created_at.seconds(),
    })
}

/// How far a task is; times in seconds, 0 where something has not happened.
pub(super) fn status(task: &Task, request_id: &str, links: &dyn Links) -> Value {
    let native = kling::answer::status(task, links);
    let (word, progress) = word(task.status());
    let submit_time = task.origin.created_at.seconds();
    let finish_time = task.course.finished_at.map_or(0, |at| at.seconds());
    // The moment of the start is not kept: from then on the submit's stands for it.
    let start_time = if has_started(task) { submit_time } else { 0 };
    let data = json!({
        "task_id": task.id().0.decimal(),
        "action": action(task.origin.ask.operation),
        "status": word,
        "fail_reason": fail_reason(task.status(), &native),
        "submit_time": submit_time,
        "start_time": start_time,
        "finish_time": finish_time,
        "progress": progress,
        "data": kling::answer::enveloped(native, kling::answer::SUCCESS, request_id),
    });
    json!({ "code": "success", "message": "", "data": data })
}

fn action(operation: Operation) -> &'static str {
    let row = ACTIONS.iter().find(|(known, _)| *known == operation);
    row.map_or(DEFAULT_ACTION, |(_, action)| action)
}

/// The word and the progress, which the vendor derives from the native word and nothing else. It has no
/// word for a task that its owner stopped: it is a failure.
fn word(status: Status) -> (&'static str, &'static str) {
    match status {
        Status::Queued => ("SUBMITTED", "10%"),
        Status::Running => ("IN_PROGRESS", "30%"),
        Status::Succeeded => ("SUCCESS", "100%"),
        Status::Failed | Status::Cancelled => ("FAILURE", "100%"),
    }
}

fn has_started(task: &Task) -> bool {
    match task.course.state {
        State::Running { .. } | State::Settling { .. } | State::Succeeded => true,
        State::Failed { .. } | State::Cancelled => task.course.receipt.is_some(),
        State::Ingesting | State::Queued { .. } | State::Submitting { .. } | State::Unknown { .. } => false,
    }
}

/// The link of a success, the reason of a failure; the same as in the native answer.
fn fail_reason(status: Status, native: &Value) -> &str {
    let reason = match status {
        Status::Queued | Status::Running => None,
        Status::Succeeded => native
            .pointer("/task_result/videos/0/url")
            .or_else(|| native.pointer("/task_result/images/0/url")),
        Status::Failed | Status::Cancelled => native.get("task_status_msg"),
    };
    reason.and_then(Value::as_str).unwrap_or("")
}
