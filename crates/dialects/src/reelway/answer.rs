//! Answers of our own API: the task object, lists of it, and quotes.

use domain::dialect::Links;
use domain::store::Listing;
use domain::{Artifact, Ask, MediaKind, Millis, Quote, Status, Task};
use serde_json::{Map, Value, json};

/// The status of a submit that nobody can look up: it is with its vendor, or it is not.
const INDETERMINATE: &str = "indeterminate";

/// The task object.
pub(super) fn object(task: &Task, links: &dyn Links) -> Value {
    let (origin, course) = (&task.origin, &task.course);
    let artifacts: Vec<Value> = course
        .results()
        .map(|(n, file)| {
            let mut object = artifact(file, links.content(task, n, file));
            if let Some((place, copy)) = course.marked_copy(n) {
                object["watermark_url"] = json!(links.content(task, place, copy));
            }
            object
        })
        .collect();
    let mut object = json!({
        "id": task.id().prefixed(),
        "object": "task",
        "operation": origin.ask.operation.word(),
        "model": origin.ask.model,
        "status": if links.is_indeterminate(task) { INDETERMINATE } else { word(task.status()) },
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
        .as_deref()
        .and_then(|account| links.provider(account));
    let optional = [
        ("finished_at", course.finished_at.map(time)),
        ("provider", provider.map(str::to_owned)),
        ("external_id", origin.external_id.clone()),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            object[name] = Value::String(value);
        }
    }
    if let Some(place) = links.place(task) {
        object["queue"] = json!({ "position": place.position });
        if let Some(seconds) = place.eta_seconds {
            object["queue"]["eta_seconds"] = json!(seconds);
        }
    }
    if let Some(error) = error(task) {
        object["error"] = error;
    }
    if course.cancel_requested {
        object["cancel_requested"] = Value::Bool(true);
    }
    object
}

/// What a webhook says.
pub(super) fn event(event: &str, task: &Task, links: &dyn Links) -> Value {
    json!({ "type": event, "timestamp": time(task.course.updated_at), "data": object(task, links) })
}

/// A part of a list, newest first; `next_cursor` is there as long as more follow.
pub(super) fn listing(listing: &Listing, links: &dyn Links) -> Value {
    let tasks = listing.tasks.iter();
    let last = listing.tasks.last().filter(|_| listing.has_more);
    json!({
        "object": "list",
        "data": tasks.map(|task| object(task, links)).collect::<Vec<_>>(),
        "next_cursor": last.map(|task| task.id().prefixed()),
        "has_more": listing.has_more,
    })
}

/// What a wish costs.
pub(super) fn quote(ask: &Ask, quote: &Quote) -> Value {
    json!({
        "object": "quote",
        "operation": ask.operation.word(),
        "model": ask.model,
        "price": {
            "hold_micros": quote.hold_micros,
            "currency": "USD",
            "unit": quote.unit,
            "unit_price_micros": quote.price_micros,
            "quantity": quote.quantity,
            "book": quote.book,
        },
        "duration_seconds": seconds(ask.duration_ms),
        "width": ask.size.width,
        "height": ask.size.height,
        "fps": ask.fps,
        "count": ask.count,
        "sound": ask.sound,
        "mode": ask.mode,
    })
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
fn word(status: Status) -> &'static str {
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
