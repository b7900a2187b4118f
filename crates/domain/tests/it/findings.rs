//! What a success tells beside its files, the names of files, and results that are as long as an input.

use std::collections::HashSet;

use domain::ask::Role;
use domain::findings::{Place, filled};
use domain::ids::{ARTIFACTS_MAX, ArtifactId};
use domain::task::{Change, Origin};
use domain::{Artifact, Ask, EventKind, Findings, Id, Micros, State, StateWord, TaskId};
use serde_json::json;
use testkit::sample;

use crate::walk::{self, ACCOUNT};

fn findings() -> Box<Findings> {
    Box::new(Findings {
        told: json!({"voices": [{"voice_id": {"item": "text"}}]}),
        ..Findings::default()
    })
}

fn completed(findings: Option<Box<Findings>>) -> EventKind {
    let EventKind::Completed { receipt, .. } = walk::completed() else {
        panic!("a success");
    };
    EventKind::Completed {
        receipt,
        offered: Vec::new(),
        findings,
        quantity: None,
        cost: None,
    }
}

fn run(origin: Origin, end: &[EventKind]) -> Change {
    let start = [walk::intended(ACCOUNT), walk::accepted()];
    walk::live(origin, &[&start[..], end].concat()).0
}

#[test]
fn a_success_of_findings_alone_is_charged_and_keeps_them() {
    let kept = EventKind::Kept {
        artifacts: Vec::new(),
        findings: Some(findings()),
    };
    let task = run(walk::origin(), &[completed(Some(findings())), kept]).task;
    assert_eq!(task.word(), StateWord::Succeeded);
    assert_eq!(task.course.charge_micros, Some(Micros(420_000)));
    assert_eq!(task.course.findings, Some(findings()));
}

#[test]
fn a_success_of_nothing_is_a_failure() {
    let task = run(walk::origin(), &[completed(None)]).task;
    assert_eq!(task.word(), StateWord::Failed);
}

#[test]
fn places_are_filled_wherever_they_stand_and_nothing_else_is() {
    let value = json!({
        "a": {"file": 0},
        "b": [{"artifact": 1}, {"item": "number"}, {"item": "text"}],
        "c": {"file": 0, "more": 1},
        "d": {"item": "word"},
        "e": {"file": "x"},
    });
    let fill = |place| match place {
        Place::File(n) => Some(json!(format!("link {n}"))),
        Place::Artifact(_) => None,
        Place::ItemNumber => Some(json!(82)),
        Place::ItemText => Some(json!("82")),
    };
    let expected = json!({
        "a": "link 0",
        "b": [{"artifact": 1}, 82, "82"],
        "c": {"file": 0, "more": 1},
        "d": {"item": "word"},
        "e": {"file": "x"},
    });
    assert_eq!(filled(&value, &fill), expected);
}

#[test]
fn a_task_is_found_by_the_names_of_its_files_and_no_two_files_share_one() {
    let task = TaskId(Id(0x0192_0000_0000_7000_8000_0000_0000_0001));
    let names: HashSet<ArtifactId> = (0..ARTIFACTS_MAX)
        .map(|place| ArtifactId::of(task, place))
        .collect();
    assert_eq!(names.len(), ARTIFACTS_MAX);
    assert!(!names.contains(&ArtifactId(task.0)));
    for name in names {
        assert_eq!(name.0.0 >> 62, task.0.0 >> 62, "birth and version stay");
        assert_eq!(name.tasks().filter(|found| *found == task).count(), 1);
    }
}

fn as_long_as_its_sound(held_seconds: u64, made_ms: u64) -> Change {
    let quote = domain::Quote {
        quantity: held_seconds,
        hold_micros: Micros(1_000 * i64::try_from(held_seconds).expect("few")),
        price_micros: Micros(1_000),
        ..sample::quote()
    };
    let ask = Ask {
        lasts_like: Some(Role::Audio),
        ..sample::ask()
    };
    let origin = Origin {
        ask: ask.into(),
        quote,
        ..walk::origin()
    };
    let mut file: Artifact = sample::artifact(Id(9));
    file.facts.duration_ms = Some(made_ms);
    let kept = EventKind::Kept {
        artifacts: vec![file],
        findings: None,
    };
    run(origin, &[walk::completed(), kept])
}

#[test]
fn what_is_as_long_as_an_input_is_charged_by_its_length_and_never_above_the_hold() {
    for (made_ms, seconds) in [(7_001, 8), (60_000, 60), (90_000, 60), (u64::MAX, 60)] {
        let change = as_long_as_its_sound(60, made_ms);
        assert_eq!(change.task.course.charge_micros, Some(Micros(1_000 * seconds)));
    }
}

#[test]
fn a_pinned_wish_waits_for_its_account_alone_whatever_befalls_it() {
    let pinned = Origin {
        pinned: Some(ACCOUNT.to_owned()),
        ..walk::origin()
    };
    let born = walk::live(pinned, &[]).0.task;
    let pin = |task: &domain::Task| match &task.course.state {
        State::Queued { pinned, .. } => pinned.clone(),
        _ => None,
    };
    assert_eq!(pin(&born), Some(ACCOUNT.to_owned()));
    assert!(walk::step(&born, &walk::intended(walk::OTHER)).is_err());
    let mut task = born;
    for kind in [walk::intended(ACCOUNT), walk::accepted(), EventKind::Lost] {
        task = walk::step(&task, &kind).expect("legal").task;
    }
    assert_eq!(pin(&task), Some(ACCOUNT.to_owned()));
}
