//! What a success shows: `task_result` by the kept files, or as the work told it.

use domain::dialect::Links;
use domain::findings::{self, Place};
use domain::item::ItemKind;
use domain::{Artifact, MediaKind, Operation, Task};
use serde_json::{Map, Value, json};

/// What the vendor calls pictures that belong together.
const SERIES: &str = "series";

/// What the work told, with links and ids in their places; else its clips, sounds and pictures. A work that
/// told all of `data` is shown by the `task_result` in it.
pub(super) fn result(task: &Task, links: &dyn Links) -> Value {
    let operation = task.origin.ask.operation;
    // What was taken away is told by the state of the task alone.
    if operation == Operation::ItemDeletion {
        return json!({});
    }
    let told = task.course.findings.as_ref().map(|found| &found.told);
    if let Some(told) = told.filter(|told| !told.is_null()) {
        let inner = told.get("task_result").unwrap_or(told);
        return owned(shown(inner, task, links), task);
    }
    let has = |kind| task.course.results().any(|(_, artifact)| artifact.kind == kind);
    let mut result = Map::new();
    let is_sound = has(MediaKind::Audio);
    if has(MediaKind::Image) && !has(MediaKind::Video) && !is_sound {
        let kind = task.origin.ask.extras.get("kling.result_type");
        let name = if kind == Some(&json!(SERIES)) {
            "series_images"
        } else {
            "images"
        };
        if let Some(kind) = kind {
            result.insert("result_type".to_owned(), kind.clone());
        }
        result.insert(name.to_owned(), Value::Array(images(task, links)));
        return Value::Object(result);
    }
    if !is_sound || has(MediaKind::Video) {
        result.insert("videos".to_owned(), Value::Array(videos(task, links)));
    }
    if is_sound {
        let sounds = match operation {
            Operation::TextToAudio | Operation::VideoToAudio => pairs(task, links),
            _ => sounds(task, links),
        };
        result.insert("audios".to_owned(), Value::Array(sounds));
    }
    if operation == Operation::MultiElements
        && let Some(session) = session(task)
    {
        result.insert("session_id".to_owned(), json!(session));
    }
    Value::Object(result)
}

/// Voices and elements say whose they are: the tenant's, as the vendor's belong to whoever had them made there.
fn owned(mut result: Value, task: &Task) -> Value {
    for name in ["voices", "elements"] {
        let entries = result.get_mut(name).and_then(Value::as_array_mut);
        for entry in entries.into_iter().flatten().filter_map(Value::as_object_mut) {
            let owner = || json!(task.origin.tenant.0.hex());
            entry.entry("owned_by").or_insert_with(owner);
        }
    }
    result
}

/// Findings with links and ids in their places; what was not kept is left empty.
fn shown(told: &Value, task: &Task, links: &dyn Links) -> Value {
    let kept = task.course.kept();
    findings::filled(told, &|place| match place {
        Place::File(n) => {
            let link = kept.get(n).map(|file| links.content(task, n, file));
            Some(json!(link.unwrap_or_default()))
        }
        Place::Artifact(n) => {
            let id = kept.get(n).map(|file| file.id.0.hyphenated());
            Some(json!(id.unwrap_or_default()))
        }
        Place::ItemNumber | Place::ItemText => None,
    })
}

/// The session that a wish went by, as the client named it.
fn session(task: &Task) -> Option<&str> {
    let mentions = &task.origin.ask.mentions;
    let session = mentions
        .iter()
        .find(|mention| mention.kind == ItemKind::SelectionSession);
    session.map(|mention| mention.name.as_str())
}

/// The stills, counted from 0, each with its marked copy where there is one.
fn images(task: &Task, links: &dyn Links) -> Vec<Value> {
    let images = of_kind(task, MediaKind::Image)
        .enumerate()
        .map(|(index, (n, artifact))| {
            let mut image = Map::new();
            image.insert("index".to_owned(), json!(index));
            image.insert("url".to_owned(), json!(links.content(task, n, artifact)));
            mark(&mut image, task, n, links);
            Value::Object(image)
        });
    images.collect()
}

/// The clips, each with its marked copy where there is one; the length of one that does not tell it is what
/// was asked for.
fn videos(task: &Task, links: &dyn Links) -> Vec<Value> {
    let videos = of_kind(task, MediaKind::Video).map(|(n, artifact)| {
        let mut video = Map::new();
        video.insert("id".to_owned(), json!(artifact.id.0.hyphenated()));
        video.insert("url".to_owned(), json!(links.content(task, n, artifact)));
        mark(&mut video, task, n, links);
        video.insert("duration".to_owned(), json!(length(task, artifact)));
        Value::Object(video)
    });
    videos.collect()
}

/// Sounds with one file each.
fn sounds(task: &Task, links: &dyn Links) -> Vec<Value> {
    let sounds = of_kind(task, MediaKind::Audio).map(|(n, artifact)| {
        json!({
            "id": artifact.id.0.hyphenated(),
            "url": links.content(task, n, artifact),
            "duration": length(task, artifact),
        })
    });
    sounds.collect()
}

/// Sounds with two files each, a small one and a WAV; the id is the small one's.
fn pairs(task: &Task, links: &dyn Links) -> Vec<Value> {
    let is_wav = |artifact: &Artifact| artifact.content_type.contains("wav");
    let files = || of_kind(task, MediaKind::Audio);
    let mut small = files().filter(|(_, artifact)| !is_wav(artifact));
    let mut wavs = files().filter(|(_, artifact)| is_wav(artifact));
    let mut sounds = Vec::new();
    loop {
        let (first, second) = (small.next(), wavs.next());
        let Some((_, named)) = first.or(second) else {
            return sounds;
        };
        let mut sound = Map::new();
        sound.insert("id".to_owned(), json!(named.id.0.hyphenated()));
        for (found, ending) in [(first, "mp3"), (second, "wav")] {
            if let Some((n, artifact)) = found {
                sound.insert(format!("url_{ending}"), json!(links.content(task, n, artifact)));
                sound.insert(format!("duration_{ending}"), json!(length(task, artifact)));
            }
        }
        sounds.push(Value::Object(sound));
    }
}

fn of_kind(task: &Task, kind: MediaKind) -> impl Iterator<Item = (usize, &Artifact)> {
    let results = task.course.results();
    results.filter(move |(_, artifact)| artifact.kind == kind)
}

/// The copy with the maker's mark.
fn mark(file: &mut Map<String, Value>, task: &Task, n: usize, links: &dyn Links) {
    if let Some((place, copy)) = task.course.marked_copy(n) {
        let link = links.content(task, place, copy);
        file.insert("watermark_url".to_owned(), json!(link));
    }
}

fn length(task: &Task, artifact: &Artifact) -> String {
    seconds(artifact.facts.duration_ms.unwrap_or(task.origin.ask.duration_ms))
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
