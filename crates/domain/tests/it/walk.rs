//! Tasks on their way: sample events and the steps that lead to each state. No questions are asked
//! here.

use domain::ask::{Input, Role};
use domain::error::TaskErrorCode;
use domain::provider::Receipt;
use domain::task::{Change, Illegal, Origin};
use domain::{BlobKey, Event, EventKind, Id, Micros, Millis, Source, Task, TaskError};
use domain::{artifact::Staged, money::Line};
use testkit::sample;

/// The account that takes the samples.
pub(crate) const ACCOUNT: &str = "kling-one";
/// Another account.
pub(crate) const OTHER: &str = "kling-two";
/// Milliseconds between two steps.
pub(crate) const STEP_MS: i64 = 1_000;

/// An order with a callback.
pub(crate) fn origin() -> Origin {
    Origin {
        callback_url: Some("https://client.example/hook".to_owned()),
        ..sample::origin(Id(7))
    }
}

/// An order that names media outside.
pub(crate) fn origin_with_link() -> Origin {
    let mut ask = sample::ask();
    ask.inputs.push(Input {
        role: Role::FirstFrame,
        source: Source::Link("https://media.example/a.png".to_owned()),
        field: "image".to_owned(),
        rule: None,
        parent: None,
    });
    Origin {
        ask: ask.into(),
        ..origin()
    }
}

/// Applies an event one step after the last.
pub(crate) fn step(task: &Task, kind: &EventKind) -> Result<Change, Illegal> {
    task.apply(&Event {
        at: next(task),
        kind: kind.clone(),
    })
}

/// The moment of the next step.
pub(crate) fn next(task: &Task) -> Millis {
    task.course.updated_at.plus(STEP_MS)
}

/// Leads a task from its birth through events that are all legal, and gathers its lines.
pub(crate) fn live(origin: Origin, kinds: &[EventKind]) -> (Change, Vec<Line>) {
    let mut change = Task::born(origin);
    let mut lines = change.lines.clone();
    for kind in kinds {
        let word = change.task.word();
        change = step(&change.task, kind)
            .unwrap_or_else(|illegal| panic!("{} to a task that is {word}: {illegal}", kind.word()));
        lines.extend(change.lines.iter().cloned());
    }
    (change, lines)
}

/// The task at the end of [`live`], ordered plainly.
pub(crate) fn walk(kinds: &[EventKind]) -> Task {
    live(origin(), kinds).0.task
}

pub(crate) fn error(code: TaskErrorCode) -> TaskError {
    TaskError::new(code, "the sample went wrong")
}

pub(crate) fn receipt() -> Receipt {
    Receipt("vendor-1".to_owned())
}

pub(crate) fn staged() -> Staged {
    Staged {
        blob: BlobKey::from_sha256([9; 32]),
        bytes: 77,
        content_type: Some("image/png".to_owned()),
        facts: sample::facts(),
    }
}

pub(crate) fn ingested() -> EventKind {
    EventKind::Ingested {
        media: vec![staged()],
    }
}

pub(crate) fn ingest_failed() -> EventKind {
    EventKind::IngestFailed {
        error: error(TaskErrorCode::InputUnavailable),
    }
}

pub(crate) fn intended(account: &str) -> EventKind {
    EventKind::SubmitIntended {
        account: account.to_owned(),
    }
}

pub(crate) fn accepted() -> EventKind {
    EventKind::Accepted { receipt: receipt() }
}

pub(crate) fn busy() -> EventKind {
    EventKind::Busy {
        not_before: sample::at(90_000),
    }
}

pub(crate) fn refused() -> EventKind {
    EventKind::Refused {
        error: error(TaskErrorCode::Refused),
    }
}

pub(crate) fn vendor_failed() -> EventKind {
    EventKind::VendorFailed {
        error: error(TaskErrorCode::ProviderFailed),
    }
}

pub(crate) fn progressed(percent: u8) -> EventKind {
    EventKind::Progressed { percent }
}

pub(crate) fn completed() -> EventKind {
    completed_with(None, None)
}

pub(crate) fn completed_with(quantity: Option<u64>, cost: Option<i64>) -> EventKind {
    EventKind::Completed {
        receipt: receipt(),
        offered: vec![sample::offered()],
        quantity,
        cost: cost.map(Micros),
        findings: None,
    }
}

pub(crate) fn completed_without_files(cost: Option<i64>) -> EventKind {
    EventKind::Completed {
        receipt: receipt(),
        offered: Vec::new(),
        quantity: Some(5),
        cost: cost.map(Micros),
        findings: None,
    }
}

pub(crate) fn kept() -> EventKind {
    EventKind::Kept {
        artifacts: vec![sample::artifact(Id(0xa1))],
        findings: None,
    }
}

pub(crate) fn kept_without_files() -> EventKind {
    EventKind::Kept {
        artifacts: Vec::new(),
        findings: None,
    }
}

pub(crate) fn custody_lost() -> EventKind {
    EventKind::CustodyLost {
        error: error(TaskErrorCode::CustodyLost),
    }
}

pub(crate) fn late_result(cost: Option<i64>) -> EventKind {
    EventKind::LateResult {
        artifacts: vec![sample::artifact(Id(0xa2))],
        cost: cost.map(Micros),
    }
}

pub(crate) fn late_result_without_files() -> EventKind {
    EventKind::LateResult {
        artifacts: Vec::new(),
        cost: Some(Micros(5)),
    }
}
