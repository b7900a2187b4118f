//! Tasks as fixtures describe them, reached by events alone.

use std::sync::Arc;

use domain::artifact::MediaFacts;
use domain::error::TaskErrorCode;
use domain::ids::ArtifactId;
use domain::item::ItemKind;
use domain::provider::Receipt;
use domain::{
    Artifact, BlobKey, Event, EventKind, Face, Findings, Id, Input, MediaKind, Mention, Operation, Parent,
    Role, Source, Staged, Task, TaskError, TaskId,
};
use serde_json::Value;
use testkit::sample;

/// The id of every task in a fixture.
const ID: Id = Id(0x0192_aaaa_bbbb_7ccc_8ddd_eeee_ffff_0001);

/// The task whose second result a fixture's task may go by.
const PARENT: TaskId = TaskId(Id(0x0192_aaaa_bbbb_7ccc_8ddd_eeee_ffff_0002));

/// A task from `{state, operation, clips, still, files, marked, facts, error, external_id, extras, face, told, parent,
/// session, model, units_milli}`; the face is a dialect and its mount, `marked` says that every clip has a marked copy,
/// `still` makes every clip a picture of that content type, `files` are the content types of all files, `told` is what
/// the work told, `parent` gives it an earlier clip to work on, `session` the session that it went by, `units_milli`
/// the vendor's units of its price.
pub(crate) fn from_spec(spec: &Value, place: &str) -> Task {
    let known = [
        "state",
        "operation",
        "clips",
        "still",
        "marked",
        "facts",
        "error",
        "external_id",
        "extras",
        "face",
        "files",
        "told",
        "parent",
        "session",
        "model",
        "units_milli",
    ];
    for name in spec.as_object().expect("a task is an object").keys() {
        assert!(
            known.contains(&name.as_str()),
            "{place}: nobody reads `task.{name}`"
        );
    }
    let clips = spec["clips"].as_u64().unwrap_or(1);
    let mut origin = sample::origin(ID);
    let mut ask = (*origin.ask).clone();
    ask.count = u32::try_from(clips).expect("few clips");
    if let Some(extras) = spec.get("extras") {
        ask.extras = extras.as_object().expect("extras are an object").clone();
    }
    if let Some(word) = spec["operation"].as_str() {
        ask.operation = Operation::parse(word).unwrap_or_else(|| panic!("{place}: no such operation"));
    }
    if let Some([dialect, mount]) = spec["face"].as_array().map(Vec::as_slice) {
        origin.face = Face {
            dialect: dialect.as_str().expect("a dialect's name").to_owned(),
            mount: mount.as_str().expect("a mount").to_owned(),
            version: 1,
        };
    }
    if let Some(model) = spec["model"].as_str() {
        model.clone_into(&mut ask.model);
    }
    if spec["parent"].as_bool() == Some(true) {
        ask.inputs.push(earlier_clip());
    }
    if let Some(name) = spec["session"].as_str() {
        ask.mentions.push(Mention {
            kind: ItemKind::SelectionSession,
            name: name.to_owned(),
            field: "session_id".to_owned(),
            item: None,
        });
    }
    origin.quote.units_milli = spec["units_milli"].as_u64();
    origin.ask = Arc::new(ask);
    origin.external_id = spec["external_id"].as_str().map(str::to_owned);
    let mut task = Task::born(origin).task;
    for (n, kind) in life(spec, clips, place).into_iter().enumerate() {
        let at = sample::at(1_000 * i64::try_from(n + 1).expect("a life is short"));
        task = task.apply(&Event { at, kind }).expect("the life is legal").task;
    }
    let state = spec["state"].as_str().expect("a task has a state");
    assert_eq!(task.word().word(), state, "{place}");
    task
}

/// A clip of 5.041 seconds that an earlier task made.
fn earlier_clip() -> Input {
    Input {
        role: Role::SourceVideo,
        source: Source::Staged(Staged {
            blob: BlobKey::from_sha256([9; 32]),
            bytes: 1_000,
            content_type: Some("video/mp4".to_owned()),
            facts: MediaFacts {
                duration_ms: Some(5_041),
                ..MediaFacts::default()
            },
        }),
        field: "video_id".to_owned(),
        rule: None,
        parent: Some(Parent {
            task: PARENT,
            artifact: ArtifactId::of(PARENT, 1),
            account: Some("main".to_owned()),
            vendor_ref: Some("vendor-video-1".to_owned()),
        }),
    }
}

fn life(spec: &Value, clips: u64, place: &str) -> Vec<EventKind> {
    let receipt = || Receipt("upstream-1".to_owned());
    let intended = EventKind::SubmitIntended {
        account: "main".to_owned(),
    };
    let accepted = EventKind::Accepted { receipt: receipt() };
    let completed = EventKind::Completed {
        receipt: receipt(),
        offered: vec![sample::offered()],
        quantity: None,
        cost: None,
        findings: None,
    };
    let types = spec["files"].as_array().map(Vec::as_slice).unwrap_or_default();
    let clips = clips.max(u64::try_from(types.len()).expect("few files"));
    let files = (0..clips).map(|n| sample::artifact(Id(0xa7 + u128::from(n))));
    let mut artifacts: Vec<Artifact> = files.collect();
    if let Some(content_type) = spec["still"].as_str() {
        for artifact in &mut artifacts {
            artifact.kind = MediaKind::Image;
            content_type.clone_into(&mut artifact.content_type);
        }
    }
    for (artifact, content_type) in artifacts.iter_mut().zip(types) {
        let content_type = content_type.as_str().expect("a content type");
        artifact.kind = match content_type.split('/').next() {
            Some("image") => MediaKind::Image,
            Some("audio") => MediaKind::Audio,
            _ => MediaKind::Video,
        };
        content_type.clone_into(&mut artifact.content_type);
    }
    if spec["marked"].as_bool() == Some(true) {
        let copy = |n: u64| sample::marked_copy(Id(0xb7 + u128::from(n)), u32::try_from(n).expect("few"));
        artifacts.extend((0..clips).map(copy));
    }
    if let Some(facts) = spec.get("facts") {
        for artifact in &mut artifacts {
            artifact.facts = serde_json::from_value::<MediaFacts>(facts.clone()).expect("facts");
        }
    }
    let kept = EventKind::Kept {
        artifacts,
        findings: spec.get("told").map(|told| {
            Box::new(Findings {
                told: told.clone(),
                ..Findings::default()
            })
        }),
    };
    match spec["state"].as_str() {
        Some("queued") => vec![],
        Some("submitting") => vec![intended],
        Some("unknown") => vec![intended, EventKind::Ambiguous],
        Some("running") => vec![intended, accepted],
        Some("settling") => vec![intended, accepted, completed],
        Some("succeeded") => vec![intended, accepted, completed, kept],
        Some("failed") => vec![intended, accepted, EventKind::VendorFailed { error: error(spec) }],
        Some("cancelled") => vec![EventKind::CancelRequested],
        _ => panic!("{place}: no such state"),
    }
}

fn error(spec: &Value) -> TaskError {
    let code = serde_json::from_value::<TaskErrorCode>(spec["error"]["code"].clone());
    TaskError {
        code: code.expect("a code of a task's error"),
        message: spec["error"]["message"].as_str().expect("a message").to_owned(),
        vendor_code: spec["error"]["vendor_code"].as_i64(),
    }
}
