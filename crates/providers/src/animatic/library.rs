//! Voices and elements as the renderer has them: what was given is kept to be shown and named again. Nothing is
//! learnt of it, and the documentation says so.

use ::animatic::{Pool, sound_of};
use domain::blobs::BlobError;
use domain::provider::{Jam, Job, Output, OutputSource, Outputs, UpstreamError, Wire};
use domain::{Findings, MediaFacts, MediaKind, Role, Staged};
use serde_json::{Map, Value, json};

use super::given::Given;
use super::quick::{self, Piece, at_once};
use super::wish::refused;

/// How much of a sample a voice is tried by, in milliseconds.
const TRIAL_MAX_MS: u32 = 10_000;
/// How a voice is called.
pub(super) const VOICE_NAME: &str = "kling.voice_name";
/// What is said of an element, in the vendor's order.
pub(super) const ELEMENT: [&str; 4] = [
    "kling.element_name",
    "kling.element_description",
    "kling.reference_type",
    "kling.tag_list",
];

/// A voice out of a sample, whose beginning is what it is tried by.
///
/// # Errors
/// Refused without a sample or with one that the renderer cannot read, busy when it cannot be had now.
pub(super) async fn voice(job: &Job, wire: &Wire, pool: &Pool) -> Result<Outputs, UpstreamError> {
    let mut given = Given::read(job, wire).await?;
    let sample = given.take(Role::Audio).or_else(|| given.take(Role::SourceVideo));
    let sample =
        sample.ok_or_else(|| refused("`voice_url` is missing, and nothing can be made without it"))?;
    let trial = at_once(pool, &job.client_ref, move |watch| {
        sound_of(&sample, TRIAL_MAX_MS, watch)
    })
    .await?;
    let told = json!({ "voices": [{
        "voice_id": { "item": "text" },
        "voice_name": said(job, VOICE_NAME),
        "trial_url": { "file": 0 },
    }] });
    let memory = json!({ "sample": job.media.first().map(|media| media.staged.blob.as_str()) });
    let findings = Findings {
        told,
        memory,
        vendor_ref: None,
    };
    let piece = Piece {
        kind: MediaKind::Audio,
        facts: MediaFacts {
            duration_ms: Some(u64::from(trial.duration_ms)),
            ..MediaFacts::default()
        },
        bytes: trial.mp3,
    };
    Ok(quick::outputs(vec![piece], Some(findings)))
}

/// An element out of its pictures or its clip; wishes that name it get its first picture.
///
/// # Errors
/// Refused without any, busy when one cannot be had now.
pub(super) async fn element(job: &Job, wire: &Wire) -> Result<Outputs, UpstreamError> {
    if job.media.is_empty() {
        return Err(refused("an element needs a picture or a clip"));
    }
    let mut files = Vec::with_capacity(job.media.len());
    for media in &job.media {
        files.push(shown(&media.staged, wire).await?);
    }
    let is_clip = files.first().is_some_and(|file| file.kind == MediaKind::Video);
    let mut element = Map::new();
    element.insert("element_id".to_owned(), json!({ "item": "number" }));
    for name in ELEMENT {
        let plain = name.trim_start_matches("kling.").to_owned();
        element.insert(plain, said(job, name));
    }
    let (name, list) = match is_clip {
        true => (
            "element_video_list",
            json!({ "refer_videos": [{ "video_url": { "file": 0 } }] }),
        ),
        false => {
            let others: Vec<Value> = (1..files.len())
                .map(|n| json!({ "image_url": { "file": n } }))
                .collect();
            (
                "element_image_list",
                json!({ "frontal_image": { "file": 0 }, "refer_images": others }),
            )
        }
    };
    element.insert(name.to_owned(), list);
    element.insert("status".to_owned(), json!("succeed"));
    let pictures = job.media.iter().filter(|_| !is_clip);
    let pictures: Vec<&str> = pictures.map(|media| media.staged.blob.as_str()).collect();
    Ok(outputs(
        files,
        json!({ "elements": [element] }),
        json!({ "pictures": pictures }),
    ))
}

/// There is nothing of a voice or an element here that would have to go.
pub(super) fn deleted() -> Outputs {
    outputs(Vec::new(), Value::Null, Value::Null)
}

fn said(job: &Job, name: &str) -> Value {
    job.ask.extras.get(name).cloned().unwrap_or(Value::Null)
}

/// A given file as a result of its own.
async fn shown(staged: &Staged, wire: &Wire) -> Result<Output, UpstreamError> {
    let content = wire
        .blobs
        .get(&staged.blob, None)
        .await
        .map_err(|error| match error {
            BlobError::Absent => refused("an input file is not kept any more"),
            other => UpstreamError::Busy {
                jam: Jam::Here,
                reason: other.to_string(),
                retry_after_ms: None,
            },
        })?;
    let is = |begins: &str| {
        staged
            .content_type
            .as_deref()
            .is_some_and(|kind| kind.starts_with(begins))
    };
    let kind = match (is("audio/"), is("image/")) {
        (true, _) => MediaKind::Audio,
        (_, true) => MediaKind::Image,
        _ => MediaKind::Video,
    };
    Ok(Output {
        kind,
        source: OutputSource::Stream(content),
        facts: staged.facts,
        vendor_ref: None,
        marked_copy_of: None,
    })
}

fn outputs(files: Vec<Output>, told: Value, memory: Value) -> Outputs {
    let findings = Findings {
        told,
        memory,
        vendor_ref: None,
    };
    Outputs {
        files,
        findings: Some(Box::new(findings)),
        quantity: None,
        cost: None,
        ended_at: None,
    }
}
