//! Our own API's view of tasks: one task as an object, and its cancel. Files are in `content.rs`, the
//! operator's part in `admin`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse as _, Response};
use domain::dialect::Links as _;
use domain::{Artifact, MediaKind, Millis, Refusal, Status, Task};
use serde_json::{Map, Value, json};

use crate::front::{base_url, request_id};
use crate::problem;
use crate::wiring::House;

/// One task of the caller's.
pub async fn show(State(house): State<Arc<House>>, Path(id): Path<String>, request: Request) -> Response {
    let task = match house.gate.admit(request.headers()).await {
        Ok(caller) => house.engine.find(caller.tenant, &id).await,
        Err(refusal) => Err(refusal),
    };
    answer(&house, task, &request)
}

/// Stops a task of the caller's, or says that it goes on.
pub async fn cancel(State(house): State<Arc<House>>, Path(id): Path<String>, request: Request) -> Response {
    let task = match house.gate.admit(request.headers()).await {
        Ok(caller) => house.engine.cancel(caller.tenant, &id).await,
        Err(refusal) => Err(refusal),
    };
    answer(&house, task, &request)
}

fn answer(house: &House, task: Result<Arc<Task>, Refusal>, request: &Request) -> Response {
    match task {
        Ok(task) => {
            let base = base_url(house, request.uri(), request.headers());
            Json(object(house, &task, &base)).into_response()
        }
        Err(refusal) => problem::answer(&refusal, &request_id(request.extensions())),
    }
}

/// The task object.
#[must_use]
pub fn object(house: &House, task: &Task, base_url: &str) -> Value {
    let origin = &task.origin;
    let course = &task.course;
    let links = house.links.at(base_url);
    let artifacts = course.artifacts.iter().enumerate();
    let artifacts: Vec<Value> = artifacts
        .map(|(n, file)| artifact(file, links.content(task, n, file)))
        .collect();
    let mut object = json!({
        "id": task.id().prefixed(),
        "object": "task",
        "operation": origin.ask.operation.word(),
        "model": origin.ask.model,
        "status": word(task.status()),
        "progress": course.progress,
        "created_at": time(origin.created_at),
        "updated_at": time(course.updated_at),
        "artifacts": artifacts,
        "price": price(task),
        "dialect": origin.face.dialect,
        "seed": origin.seed,
    });
    let provider = course
        .account
        .as_ref()
        .and_then(|account| house.providers.get(account));
    let optional = [
        (
            "finished_at",
            course.finished_at.map(|at| Value::String(time(at))),
        ),
        ("error", error(task)),
        ("provider", provider.map(|name| Value::String(name.clone()))),
        ("external_id", origin.external_id.clone().map(Value::String)),
        (
            "cancel_requested",
            course.cancel_requested.then_some(Value::Bool(true)),
        ),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            object[name] = value;
        }
    }
    object
}

fn artifact(file: &Artifact, url: String) -> Value {
    let kind = match file.kind {
        MediaKind::Video => "video",
        MediaKind::Image => "image",
        MediaKind::Audio => "audio",
    };
    let mut object = Map::new();
    let known = [
        ("id", json!(format!("artifact_{}", file.id.0.hex()))),
        ("kind", json!(kind)),
        ("url", json!(url)),
        ("content_type", json!(file.content_type)),
        ("bytes", json!(file.bytes)),
        ("sha256", json!(file.blob.as_str())),
        ("width", json!(file.facts.width)),
        ("height", json!(file.facts.height)),
        ("duration_seconds", json!(file.facts.duration_ms.map(seconds))),
        ("fps", json!(file.facts.fps)),
    ];
    for (name, value) in known {
        if !value.is_null() {
            object.insert(name.to_owned(), value);
        }
    }
    Value::Object(object)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "lengths of clips are far below 2^52 milliseconds"
)]
fn seconds(milliseconds: u64) -> f64 {
    milliseconds as f64 / 1_000.0
}

fn price(task: &Task) -> Value {
    let mut price = json!({ "hold_micros": task.origin.quote.hold_micros, "currency": "USD" });
    if let Some(charge) = task.course.charge_micros {
        price["charge_micros"] = json!(charge);
    }
    price
}

fn error(task: &Task) -> Option<Value> {
    let error = task.error()?;
    Some(json!({
        "code": error.code.word(),
        "message": error.message,
        "retryable": error.retryable(),
    }))
}

/// The status's word in our own API.
#[must_use]
pub fn word(status: Status) -> &'static str {
    match status {
        Status::Queued => "queued",
        Status::Running => "running",
        Status::Succeeded => "succeeded",
        Status::Failed => "failed",
        Status::Cancelled => "cancelled",
    }
}

/// A moment as RFC 3339.
#[must_use]
pub fn time(at: Millis) -> String {
    let moment = jiff::Timestamp::from_millisecond(at.0);
    moment.map_or_else(|_| at.0.to_string(), |moment| moment.to_string())
}
