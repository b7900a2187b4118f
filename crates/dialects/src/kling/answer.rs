//! Answers in the native envelope: the receipt of a submit, how far a task is, the outcome of a call that
//! answers with its result, a list, and the body of a callback, which has no envelope. What a success shows
//! is in `result.rs`.

use domain::ask::Role;
use domain::dialect::Links;
use domain::error::TaskErrorCode;
use domain::http::Reply;
use domain::ids::ArtifactId;
use domain::store::Listing;
use domain::{Input, Micros, Operation, Parent, Source, Status, Task, TaskError};
use serde_json::{Map, Value, json};

use super::result::{result, seconds};

/// Calls whose tasks show the clip that they worked on.
const WITH_PARENT: [Operation; 3] = [
    Operation::VideoExtend,
    Operation::LipSync,
    Operation::VideoToAudio,
];
/// Calls whose results have no copy with the maker's mark, so that nothing is said about one.
const UNMARKED: [Operation; 10] = [
    Operation::TextToAudio,
    Operation::VideoToAudio,
    Operation::Speech,
    Operation::CustomVoice,
    Operation::CustomElement,
    Operation::ItemDeletion,
    Operation::MultiShotViews,
    Operation::ImageRecognition,
    Operation::FaceIdentification,
    Operation::AreaSelection,
];
/// The most files of one task among which an earlier result is looked for.
const FILES_MAX: usize = 64;

/// The text of everything that is no refusal, a failed task too.
pub(crate) const SUCCESS: &str = "SUCCEED";

/// Why a task that its owner stopped has no result.
const CANCELLED: &str = "the task was cancelled";

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
    info(&mut data, task, None);
    data.insert("created_at".to_owned(), json!(created_at));
    data.insert("updated_at".to_owned(), json!(created_at));
    Value::Object(data)
}

/// How far a task is.
pub(crate) fn status(task: &Task, links: &dyn Links) -> Value {
    let watermark = task.origin.ask.extras.get("kling.watermark_info");
    let enabled = watermark.and_then(|info| info.get("enabled")?.as_bool());
    let mut data = progress(task, links);
    if !UNMARKED.contains(&task.origin.ask.operation) {
        data.insert(
            "watermark_info".to_owned(),
            json!({ "enabled": enabled.unwrap_or(false) }),
        );
    }
    Value::Object(data)
}

/// What a call that answers with its result answers: what was found, or the task with its result.
///
/// # Errors
/// Why there is none.
pub(crate) fn outcome(task: &Task, links: &dyn Links) -> Result<Value, TaskError> {
    match (task.status(), task.error()) {
        (_, Some(error)) => return Err(error.clone()),
        (Status::Cancelled, None) => {
            return Err(TaskError::new(TaskErrorCode::Refused, CANCELLED));
        }
        _ => {}
    }
    let mut data = match task.origin.ask.operation {
        Operation::FaceIdentification | Operation::AreaSelection => match result(task, links) {
            Value::Object(found) => found,
            _ => progress(task, links),
        },
        _ => progress(task, links),
    };
    deduction(&mut data, task);
    Ok(Value::Object(data))
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
    info(&mut data, task, Some(links));
    data.insert("created_at".to_owned(), json!(task.origin.created_at.0));
    data.insert("updated_at".to_owned(), json!(task.course.updated_at.0));
    if task.status() == Status::Succeeded {
        data.insert("task_result".to_owned(), result(task, links));
    }
    deduction(&mut data, task);
    data
}

/// The vendor's units that a task took, once it has ended.
fn deduction(data: &mut Map<String, Value>, task: &Task) {
    let charged = match task.status() {
        Status::Queued | Status::Running => return,
        Status::Succeeded => task.course.charge_micros.unwrap_or(Micros::ZERO),
        Status::Failed | Status::Cancelled => Micros::ZERO,
    };
    let units_milli = match task.status() {
        Status::Succeeded => task.origin.quote.charged_units_milli(charged),
        _ => task.origin.quote.units_milli.map(|_| 0),
    };
    if let Some(units_milli) = units_milli {
        let units = decimal(units_milli);
        data.insert("final_unit_deduction".to_owned(), json!(units));
    }
}

/// Thousandths as a decimal without needless digits: `5`, `0.05`.
fn decimal(milli: u64) -> String {
    let text = format!("{}.{:03}", milli / 1_000, milli % 1_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// `task_info` is there only when it says something.
fn info(data: &mut Map<String, Value>, task: &Task, links: Option<&dyn Links>) {
    let mut info = Map::new();
    let ask = &task.origin.ask;
    let worked_on = ask.inputs.iter().find(|input| input.role == Role::SourceVideo);
    if let (Some(links), Some(input)) = (links, worked_on)
        && WITH_PARENT.contains(&ask.operation)
        && let Some(parent) = &input.parent
    {
        info.insert("parent_video".to_owned(), parent_video(input, parent, links));
    }
    if let Some(external_id) = &task.origin.external_id {
        info.insert("external_task_id".to_owned(), json!(external_id));
    }
    if !info.is_empty() {
        data.insert("task_info".to_owned(), Value::Object(info));
    }
}

/// The clip that was worked on. Its address asks for the caller's key: it outlives signed links.
fn parent_video(input: &Input, parent: &Parent, links: &dyn Links) -> Value {
    let place = (0..FILES_MAX).find(|n| ArtifactId::of(parent.task, *n) == parent.artifact);
    let path = format!(
        "/api/v1/tasks/{}/content/{}",
        parent.task.prefixed(),
        place.unwrap_or(0)
    );
    let duration_ms = match &input.source {
        Source::Staged(staged) => staged.facts.duration_ms,
        _ => None,
    };
    let mut video = Map::new();
    video.insert("id".to_owned(), json!(parent.artifact.0.hyphenated()));
    video.insert("url".to_owned(), json!(links.page(&path)));
    if let Some(duration_ms) = duration_ms {
        video.insert("duration".to_owned(), json!(seconds(duration_ms)));
    }
    Value::Object(video)
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
        (Status::Cancelled, None) => CANCELLED,
        _ => "",
    }
}
