//! What a change carries besides its state: accounts, receipts, pins, media, files and reasons.

use domain::ask::{Input, Role};
use domain::error::TaskErrorCode;
use domain::provider::Receipt;
use domain::task::Origin;
use domain::{EventKind, Id, Source, State, StateWord, Status, Task};
use testkit::sample;

use crate::walk::{self, ACCOUNT, OTHER};

fn submitting() -> Vec<EventKind> {
    vec![walk::intended(ACCOUNT)]
}

fn unknown() -> Vec<EventKind> {
    vec![walk::intended(ACCOUNT), EventKind::Ambiguous]
}

fn running() -> Vec<EventKind> {
    vec![walk::intended(ACCOUNT), walk::accepted()]
}

fn after(mut path: Vec<EventKind>, more: impl IntoIterator<Item = EventKind>) -> Task {
    path.extend(more);
    walk::walk(&path)
}

#[test]
fn a_birth_is_the_first_version_and_tells_the_client() {
    let change = Task::born(walk::origin());
    assert_eq!(change.expects_version(), 0);
    assert_eq!(change.task.course.version, 1);
    assert_eq!(change.task.course.updated_at, change.task.origin.created_at);
    assert_eq!(
        change.webhook.map(|owed| owed.event),
        Some("task.queued".to_owned())
    );
    assert_eq!(change.usage, None);
    assert_eq!(
        Task::born(sample::origin(Id(7))).webhook,
        None,
        "no callback, no webhook"
    );
}

#[test]
fn only_outside_media_makes_a_task_ingest_first() {
    assert_eq!(Task::born(walk::origin()).task.word(), StateWord::Queued);
    assert_eq!(
        Task::born(walk::origin_with_link()).task.word(),
        StateWord::Ingesting
    );
    let mut ask = sample::ask();
    ask.inputs.push(Input {
        role: Role::LastFrame,
        source: Source::Staged(walk::staged()),
        field: "image_tail".to_owned(),
        rule: None,
        parent: None,
    });
    let origin = Origin {
        ask: ask.into(),
        ..walk::origin()
    };
    let task = Task::born(origin).task;
    assert_eq!(task.word(), StateWord::Queued);
    assert_eq!(task.course.media, vec![walk::staged()]);
    assert_eq!(task.job_media()[0].role, Role::LastFrame);
}

#[test]
fn ingested_media_is_kept_and_the_task_may_be_taken_at_once() {
    let born = Task::born(walk::origin_with_link()).task;
    let task = walk::step(&born, &walk::ingested()).unwrap().task;
    assert_eq!(task.course.media, vec![walk::staged()]);
    assert_eq!(task.due_at(), walk::next(&born));
    assert_eq!(task.job_media().len(), 1);
}

#[test]
fn an_accepted_task_bears_its_account_and_receipt() {
    for path in [submitting(), unknown()] {
        let task = after(path, [walk::accepted()]);
        let expected = State::Running {
            account: ACCOUNT.to_owned(),
            receipt: walk::receipt(),
        };
        assert_eq!(task.course.state, expected);
        assert_eq!(task.course.account.as_deref(), Some(ACCOUNT));
        assert_eq!(task.course.receipt, Some(walk::receipt()));
    }
}

#[test]
fn a_busy_vendor_sends_the_task_back_for_any_account_and_not_too_soon() {
    let task = after(submitting(), [walk::busy()]);
    let expected = State::Queued {
        not_before: sample::at(90_000),
        pinned: None,
    };
    assert_eq!(task.course.state, expected);
    assert_eq!(task.due_at(), sample::at(90_000));
    assert_eq!((task.course.account, task.course.attempts), (None, 1));
}

#[test]
fn an_absent_submit_is_repeated_at_the_same_account_only() {
    let task = after(unknown(), [EventKind::Absent]);
    let expected = State::Queued {
        not_before: task.course.updated_at,
        pinned: Some(ACCOUNT.to_owned()),
    };
    assert_eq!(task.course.state, expected);
    assert!(walk::step(&task, &walk::intended(OTHER)).is_err());
    assert_eq!(
        walk::step(&task, &walk::intended(ACCOUNT))
            .unwrap()
            .task
            .course
            .attempts,
        2
    );
}

/// A twin of the first submit may still sleep at the account; another account would double it.
#[test]
fn a_pin_outlives_a_busy_answer_and_a_second_doubt() {
    let absent = [EventKind::Absent, walk::intended(ACCOUNT)];
    let busy = after(unknown(), absent.iter().cloned().chain([walk::busy()]));
    assert!(
        walk::step(&busy, &walk::intended(OTHER)).is_err(),
        "a twin may sleep there"
    );
    let task = walk::step(&busy, &walk::intended(ACCOUNT)).unwrap().task;
    let busy_again = walk::step(&task, &walk::busy()).unwrap().task;
    assert!(walk::step(&busy_again, &walk::intended(OTHER)).is_err());
    let doubt = absent
        .iter()
        .cloned()
        .chain([EventKind::Ambiguous, EventKind::Absent]);
    assert!(walk::step(&after(unknown(), doubt), &walk::intended(OTHER)).is_err());
}

#[test]
fn a_lost_job_is_anybodys_again_and_loses_its_receipt() {
    for more in [vec![], vec![walk::completed()]] {
        let task = after(running(), more.into_iter().chain([EventKind::Lost]));
        assert_eq!(task.course.receipt, None);
        assert_eq!(task.course.account, None);
        assert!(walk::step(&task, &walk::intended(OTHER)).is_ok());
    }
}

#[test]
fn a_doubtful_submit_knows_its_account_and_since_when() {
    let task = after(unknown(), []);
    let expected = State::Unknown {
        account: ACCOUNT.to_owned(),
        since: task.course.updated_at,
    };
    assert_eq!(task.course.state, expected);
}

#[test]
fn progress_is_at_most_99_before_success_and_does_not_fall() {
    let mut task = after(running(), []);
    for (said, shown) in [(30, 30), (10, 30), (99, 99), (100, 99), (255, 99), (0, 99)] {
        task = walk::step(&task, &walk::progressed(said)).unwrap().task;
        assert_eq!(task.course.progress, shown, "after {said}");
    }
    let requeued = walk::step(&task, &EventKind::Lost).unwrap().task;
    assert_eq!(requeued.course.progress, 99);
}

#[test]
fn a_finished_job_offers_its_files_under_the_last_receipt() {
    for path in [submitting(), running()] {
        let mut event = walk::completed_with(Some(4), Some(9));
        if let EventKind::Completed { receipt, .. } = &mut event {
            *receipt = Receipt("vendor-2".to_owned());
        }
        let task = after(path, [event]);
        let State::Settling {
            account,
            receipt,
            offered,
            findings: _,
            quantity,
            cost,
        } = &task.course.state
        else {
            panic!("the task is {}", task.word());
        };
        assert_eq!((account.as_str(), receipt.0.as_str()), (ACCOUNT, "vendor-2"));
        assert_eq!(offered, &[sample::offered()]);
        assert_eq!((*quantity, cost.map(|cost| cost.0)), (Some(4), Some(9)));
        assert_eq!(task.course.receipt.as_ref(), Some(receipt));
        assert_eq!(task.status(), Status::Running);
    }
}

#[test]
fn a_success_has_its_files() {
    let task = after(running(), [walk::completed(), walk::kept()]);
    assert_eq!(task.course.artifacts, vec![sample::artifact(Id(0xa1))]);
    assert_eq!(task.course.progress, 100);
}

/// A vendor's success without a file is a failure, whether nothing was offered or nothing was kept.
#[test]
fn a_success_without_a_file_is_a_failure() {
    let nothing_kept = [walk::completed(), walk::kept_without_files()];
    for more in [vec![walk::completed_without_files(None)], nothing_kept.to_vec()] {
        let task = after(running(), more);
        let code = task.error().map(|error| error.code);
        assert_eq!(code, Some(TaskErrorCode::NoArtifact));
    }
}

#[test]
fn a_failure_tells_its_reason_in_the_words_that_were_given() {
    let failures = [
        (submitting(), walk::refused(), TaskErrorCode::Refused),
        (running(), walk::vendor_failed(), TaskErrorCode::ProviderFailed),
        (unknown(), walk::vendor_failed(), TaskErrorCode::ProviderFailed),
    ];
    for (path, event, code) in failures {
        assert_eq!(after(path, [event]).error(), Some(&walk::error(code)));
    }
    let task = after(running(), [walk::completed(), walk::custody_lost()]);
    assert_eq!(task.error(), Some(&walk::error(TaskErrorCode::CustodyLost)));
    let late = after(running(), [EventKind::DeadlinePassed]);
    assert_eq!(
        late.error().map(|error| error.code),
        Some(TaskErrorCode::DeadlinePassed)
    );
}

#[test]
fn a_dropped_result_leaves_no_files() {
    for more in [
        vec![EventKind::CancelRequested, walk::completed()],
        vec![EventKind::CancelRequested, walk::completed_without_files(None)],
        vec![walk::completed(), EventKind::CancelRequested, walk::kept()],
    ] {
        let task = after(running(), more);
        assert_eq!(task.word(), StateWord::Cancelled);
        assert!(task.course.artifacts.is_empty());
    }
}

#[test]
fn a_late_result_is_awaited_only_where_an_upstream_had_the_task_at_its_deadline() {
    let deadline = || [EventKind::DeadlinePassed];
    for path in [submitting(), unknown(), running()] {
        assert!(after(path, deadline()).awaits_late_result());
    }
    let busy = after(submitting(), [walk::busy(), EventKind::DeadlinePassed]);
    let never = [
        after(vec![], deadline()),
        busy,
        after(running(), [walk::vendor_failed()]),
        after(running(), [EventKind::Lost, EventKind::DeadlinePassed]),
        after(running(), [EventKind::CancelRequested, EventKind::DeadlinePassed]),
        after(running(), [EventKind::DeadlinePassed, walk::late_result(None)]),
        after(running(), [walk::completed(), walk::kept()]),
    ];
    for task in never {
        assert!(!task.awaits_late_result(), "{:?}", task.course);
    }
}

#[test]
fn a_late_result_is_kept_beside_the_failure() {
    let before = after(running(), [EventKind::DeadlinePassed]);
    let change = walk::step(&before, &walk::late_result(Some(9))).unwrap();
    assert_eq!(change.task.course.late, vec![sample::artifact(Id(0xa2))]);
    assert_eq!(change.task.course.state, before.course.state);
    assert_eq!(
        change.webhook.map(|owed| owed.event),
        Some("task.late_result".to_owned())
    );
    assert!(
        walk::step(&change.task, &walk::late_result(Some(9))).is_err(),
        "once only"
    );
}

/// Without a file it would be booked again and again, since nothing marks the task as answered.
#[test]
fn a_late_result_without_a_file_is_none() {
    let before = after(running(), [EventKind::DeadlinePassed]);
    assert!(walk::step(&before, &walk::late_result_without_files()).is_err());
}
