//! Answers: the task object, which is the body of callbacks too, and the two ways of showing several. It is made
//! out of the legacy answer, field by field, so that both generations tell the same of a task.

use std::sync::Arc;

use domain::dialect::Links;
use domain::store::{Filter, Listing};
use domain::{Operation, Status, Task};
use serde_json::{Map, Value, json};

use super::cursor;
use super::list::{STATUSES, product};
use crate::kling;

/// A field of a result: its legacy name, and its name here.
type Renamed = (&'static str, &'static str);

/// Results of the legacy answer: where they are, what type they are here, and what their fields are called.
const OUTPUTS: [(&str, &str, &[Renamed]); 5] = [
    (
        "videos",
        "video",
        &[
            ("id", "id"),
            ("url", "url"),
            ("watermark_url", "watermark_url"),
            ("duration", "duration"),
        ],
    ),
    (
        "images",
        "image",
        &[("url", "url"), ("watermark_url", "watermark_url")],
    ),
    (
        "audios",
        "audio",
        &[
            ("id", "id"),
            ("url_mp3", "mp3_url"),
            ("url_wav", "wav_url"),
            ("duration_mp3", "mp3_duration"),
            ("duration_wav", "wav_duration"),
        ],
    ),
    (
        "voices",
        "voice",
        &[
            ("voice_id", "id"),
            ("voice_name", "name"),
            ("trial_url", "url"),
            ("owned_by", "owned_by"),
        ],
    ),
    (
        "elements",
        "element",
        &[
            ("element_id", "id"),
            ("element_name", "name"),
            ("element_description", "description"),
            ("owned_by", "owned_by"),
            ("tag_list", "tags"),
        ],
    ),
];

/// The answer to a submit: the task as it was born.
pub(super) fn receipt(task: &Task) -> Value {
    let created_at = task.origin.created_at.0;
    let mut data = json!({
        "id": task.id().0.decimal(),
        "status": word(Status::Queued),
        "create_time": created_at,
        "update_time": created_at,
    });
    name(&mut data, task);
    data
}

/// How far a task is: `outputs` only when it is done.
pub(super) fn object(task: &Task, links: &dyn Links) -> Value {
    let mut legacy = kling::answer::progress(task, links);
    let mut data = json!({
        "id": task.id().0.decimal(),
        "status": word(task.status()),
        "message": legacy.remove("task_status_msg").unwrap_or_default(),
        "create_time": task.origin.created_at.0,
        "update_time": task.course.updated_at.0,
    });
    name(&mut data, task);
    let result = legacy.remove("task_result");
    if let Some(Value::Object(result)) = &result {
        data["outputs"] = outputs(result);
    }
    let units = legacy.get("final_unit_deduction").and_then(Value::as_str);
    data["billing"] = billing(task, units);
    data
}

/// Several tasks, each as [`object`] writes it.
pub(super) fn all(listing: &Listing, links: &dyn Links) -> Value {
    let tasks = listing.tasks.iter();
    tasks.map(|task: &Arc<Task>| object(task, links)).collect()
}

/// A page of a list.
pub(super) fn page(listing: &Listing, filter: &Filter, links: &dyn Links) -> Value {
    let last = listing.tasks.last().filter(|_| listing.has_more);
    json!({
        "result": all(listing, links),
        "count": listing.tasks.len(),
        "next_cursor": last.map_or_else(String::new, |task| cursor::written(task.id(), filter)),
        "has_more": listing.has_more,
    })
}

/// The owner's own name for a task, where it has one.
fn name(data: &mut Value, task: &Task) {
    if let Some(external_id) = &task.origin.external_id {
        data["external_id"] = json!(external_id);
    }
}

/// The dialect has no word for a task that its owner stopped: it is `failed`.
fn word(status: Status) -> &'static str {
    let row = STATUSES.iter().find(|(_, statuses)| statuses.contains(&status));
    row.map_or("failed", |(word, _)| word)
}

fn outputs(result: &Map<String, Value>) -> Value {
    let mut outputs = Vec::new();
    for (place, kind, fields) in OUTPUTS {
        for item in result.get(place).and_then(Value::as_array).into_iter().flatten() {
            let mut output = json!({ "type": kind });
            for (legacy, name) in fields {
                if let Some(value) = item.get(*legacy) {
                    output[*name] = value.clone();
                }
            }
            outputs.push(output);
        }
    }
    Value::Array(outputs)
}

/// What was charged: in units where the price has them, else in money; nothing for what is not done.
fn billing(task: &Task, units: Option<&str>) -> Value {
    if task.status() != Status::Succeeded {
        return json!([]);
    }
    if let Some(units) = units {
        return json!([{ "charge_type": "unit", "amount": units, "package_type": package(task) }]);
    }
    let charged = task.course.charge_micros.unwrap_or(domain::Micros::ZERO);
    json!([{
        "charge_type": "cash",
        "cash_type": "balance",
        "amount": charged.dollars(),
        "currency": "USD",
        "list_price": charged.dollars(),
    }])
}

/// Out of which kind of package.
fn package(task: &Task) -> &'static str {
    let operation = task.origin.ask.operation;
    match (product(operation), operation) {
        (Some("image" | "try_on"), _) => "image",
        (
            None,
            Operation::TextToAudio | Operation::VideoToAudio | Operation::Speech | Operation::CustomVoice,
        ) => "audio",
        _ => "video",
    }
}
