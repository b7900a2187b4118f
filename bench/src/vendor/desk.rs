//! The vendor's desk: what a call means, and what it is answered in which mood.
//!
//! Source of the shapes: <https://kling.ai/document-api/>, both generations, checked 2026-11-21.

use std::time::Duration;

use bytes::Bytes;
use fastrand::Rng;
use http::{HeaderMap, Method, Uri, header};
use serde_json::{Value, json};

use super::Shared;
use super::books::{Job, Wish};

/// How long a job takes, in milliseconds.
const JOB_MS: (u64, u64) = (50, 1_200);
/// How long look-ups by reference may not show a job that was taken, in milliseconds: below every absence bound.
const HIDDEN_MS: (u64, u64) = (1, 600);
/// How long a slow answer takes, in milliseconds.
const SLOW_MS: (u64, u64) = (200, 1_500);

/// What is asked.
pub(super) enum Call {
    /// To make something.
    Create(Wish),
    /// For tasks by their names; the new standard.
    Tasks(Vec<String>),
    /// For tasks by our references; the new standard.
    References(Vec<String>),
    /// For one task by either; legacy.
    Task(String),
    /// For a result.
    File(String),
    /// By somebody without the key.
    Stranger,
    /// For nothing that there is.
    Strange(String),
}

impl Call {
    /// Reads a call.
    pub(super) fn read(method: &Method, uri: &Uri, headers: &HeaderMap, body: &Bytes, key: &str) -> Call {
        let path = uri.path();
        if let Some(name) = path.strip_prefix("/files/") {
            return Call::File(name.trim_end_matches(".mp4").to_owned());
        }
        let shown = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        if shown != Some(&format!("Bearer {key}")) {
            return Call::Stranger;
        }
        let names = |prefix: &str| {
            let query = uri.query()?.strip_prefix(prefix)?;
            Some(query.split(',').map(str::to_owned).collect())
        };
        let task = path.strip_prefix("/v1/videos/text2video/").map(str::to_owned);
        match (method.as_str(), path, task) {
            ("POST", "/v1/videos/text2video", _) => wish(body, false),
            ("POST", path, _) if path.starts_with("/text-to-video/") => wish(body, true),
            ("GET", "/tasks", _) => names("task_ids=")
                .map(Call::Tasks)
                .or_else(|| names("external_task_ids=").map(Call::References))
                .unwrap_or_else(|| Call::Strange(uri.to_string())),
            ("GET", _, Some(name)) => Call::Task(name),
            _ => Call::Strange(uri.to_string()),
        }
    }
}

fn wish(body: &Bytes, is_standard: bool) -> Call {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let terms = if is_standard { &body["options"] } else { &body };
    let text = |value: &Value| value.as_str().map(str::to_owned);
    match (text(&terms["external_task_id"]), text(&body["prompt"])) {
        (Some(reference), Some(prompt)) => Call::Create(Wish {
            reference,
            prompt,
            callback_url: text(&terms["callback_url"]),
            is_standard,
        }),
        _ => Call::Strange(body.to_string()),
    }
}

/// What is answered.
pub(super) enum Answer {
    /// A status and JSON.
    Said(u16, Value),
    /// A 200 that is no JSON.
    Rubbish,
    /// The line drops.
    Nothing,
    /// A file.
    File(Bytes),
    /// The beginning of a file; then the line drops.
    HalfFile(Bytes),
}

/// How the vendor is when something is to be made. Each row: how often in a hundred calls.
#[derive(Clone, Copy)]
enum Mood {
    Well,
    Slow,
    TooManyTasks,
    TooManyCalls,
    DropsBefore,
    DropsAfter,
    FailsBefore,
    FailsAfter,
    RubbishAfter,
}

const MOODS: [(u32, Mood); 9] = [
    (66, Mood::Well),
    (5, Mood::Slow),
    (6, Mood::TooManyTasks),
    (4, Mood::TooManyCalls),
    (3, Mood::DropsBefore),
    (7, Mood::DropsAfter),
    (2, Mood::FailsBefore),
    (4, Mood::FailsAfter),
    (3, Mood::RubbishAfter),
];

/// In a hundred reads so many go wrong, in one of four ways.
const BAD_READS: u32 = 8;

/// What comes of a call.
pub(super) struct Reaction {
    /// What is answered.
    pub(super) answer: Answer,
    /// How long that takes.
    pub(super) pause: Duration,
    /// The job that was taken, whatever is answered.
    pub(super) taken: Option<Job>,
}

impl From<Answer> for Reaction {
    fn from(answer: Answer) -> Reaction {
        Reaction {
            answer,
            pause: Duration::ZERO,
            taken: None,
        }
    }
}

/// What comes of a call.
pub(super) fn answer(call: &Call, shared: &Shared, chance: &mut Rng) -> Reaction {
    match call {
        Call::Create(wish) => create(wish, shared, chance),
        Call::File(id) => file(id, shared, chance).into(),
        Call::Stranger => refusal(401, 1002, "access key not found").into(),
        Call::Strange(what) => refusal(404, 1202, &format!("no such call: {what}")).into(),
        _ if chance.u32(..100) < BAD_READS => bad_read(chance),
        read => look(read, shared).into(),
    }
}

fn create(wish: &Wish, shared: &Shared, chance: &mut Rng) -> Reaction {
    let mood = mood(chance);
    let full = || refusal(429, 1303, "parallel task over resource pack limit");
    match mood {
        Mood::DropsBefore => return Answer::Nothing.into(),
        Mood::FailsBefore => return refusal(503, 5001, "maintenance").into(),
        Mood::TooManyCalls => return refusal(429, 1302, "too many requests").into(),
        Mood::TooManyTasks => return full().into(),
        _ => {}
    }
    let mut books = shared.books.lock();
    if books.again(&wish.reference) {
        return refusal(400, 1201, "external_task_id already exists").into();
    }
    if books.live() >= shared.slots {
        books.over_limit += 1;
        return full().into();
    }
    let lasts = moment(chance, JOB_MS);
    let hidden = moment(chance, HIDDEN_MS);
    let job = books.take(wish, lasts, hidden).clone();
    let answer = match mood {
        Mood::DropsAfter => Answer::Nothing,
        Mood::FailsAfter => refusal(500, 5000, "internal error"),
        Mood::RubbishAfter => Answer::Rubbish,
        _ => Answer::Said(200, envelope(row(&job, shared))),
    };
    let pause = match mood {
        Mood::Slow => moment(chance, SLOW_MS),
        _ => Duration::ZERO,
    };
    Reaction {
        answer,
        pause,
        taken: Some(job),
    }
}

/// A moment between two bounds.
fn moment(chance: &mut Rng, (from_ms, to_ms): (u64, u64)) -> Duration {
    Duration::from_millis(chance.u64(from_ms..to_ms))
}

fn mood(chance: &mut Rng) -> Mood {
    let mut drawn = chance.u32(..MOODS.iter().map(|(often, _)| often).sum::<u32>());
    for (often, mood) in MOODS {
        if drawn < often {
            return mood;
        }
        drawn -= often;
    }
    Mood::Well
}

fn bad_read(chance: &mut Rng) -> Reaction {
    match chance.u32(..4) {
        0 => Answer::Nothing.into(),
        1 => Answer::Rubbish.into(),
        2 => refusal(500, 5000, "internal error").into(),
        _ => Reaction {
            pause: moment(chance, SLOW_MS),
            ..refusal(429, 1302, "too many requests").into()
        },
    }
}

fn look(read: &Call, shared: &Shared) -> Answer {
    let books = shared.books.lock();
    let rows = |jobs: Vec<&Job>| {
        let rows: Vec<Value> = jobs.into_iter().map(|job| row(job, shared)).collect();
        Answer::Said(200, envelope(Value::Array(rows)))
    };
    match read {
        Call::Tasks(ids) => rows(ids.iter().filter_map(|id| books.by_id(id)).collect()),
        Call::References(names) => rows(names.iter().filter_map(|name| books.by_reference(name)).collect()),
        Call::Task(name) => match books.by_id(name).or_else(|| books.by_reference(name)) {
            Some(job) => Answer::Said(200, envelope(legacy_row(job, shared))),
            None => refusal(400, 1201, "Task not found by id/external id"),
        },
        _ => refusal(404, 1202, "no such call"),
    }
}

fn file(id: &str, shared: &Shared, chance: &mut Rng) -> Answer {
    if shared.books.lock().by_id(id).is_none_or(Job::is_live) {
        return refusal(404, 1203, "no such file");
    }
    let whole = labelled(&shared.clip, id);
    match chance.u32(..100) {
        0..4 => Answer::Nothing,
        4..8 => Answer::HalfFile(whole),
        8..11 => refusal(503, 5001, "maintenance"),
        _ => Answer::File(whole),
    }
}

/// The clip with a box of its own behind it, so that every job's file is another.
fn labelled(clip: &Bytes, id: &str) -> Bytes {
    let size = u32::try_from(id.len() + 8).unwrap_or(u32::MAX);
    let label = [&size.to_be_bytes()[..], b"free", id.as_bytes()].concat();
    Bytes::from([&clip[..], &label].concat())
}

fn refusal(status: u16, code: i64, message: &str) -> Answer {
    let body = json!({ "code": code, "message": message, "request_id": "bench" });
    Answer::Said(status, body)
}

fn envelope(data: Value) -> Value {
    json!({ "code": 0, "message": "SUCCEED", "request_id": "bench", "data": data })
}

fn link(job: &Job, shared: &Shared) -> String {
    format!("http://{}/files/{}.mp4", shared.address, job.id)
}

/// A task as it is told: a job that came by a legacy call has a legacy row wherever it is asked alone.
pub(super) fn row(job: &Job, shared: &Shared) -> Value {
    if !job.is_standard {
        return legacy_row(job, shared);
    }
    let mut row =
        json!({ "id": job.id, "external_id": job.reference, "status": "processing", "message": "" });
    if !job.is_live() {
        row["status"] = json!("succeeded");
        row["outputs"] =
            json!([{ "type": "video", "id": job.id, "url": link(job, shared), "duration": "3.0" }]);
    }
    row
}

fn legacy_row(job: &Job, shared: &Shared) -> Value {
    let mut row = json!({
        "task_id": job.id, "task_status": "processing", "task_status_msg": "",
        "task_info": { "external_task_id": job.reference },
    });
    if !job.is_live() {
        row["task_status"] = json!("succeed");
        row["task_result"] =
            json!({ "videos": [{ "id": job.id, "url": link(job, shared), "duration": "3.0" }] });
    }
    row
}
