//! Who appears in the dialect exam: a task in each state and a refusal of each kind.

use std::collections::BTreeSet;

use domain::error::TaskErrorCode;
use domain::limits::{Hit, Holder, Limit};
use domain::provider::Receipt;
use domain::{EventKind, Id, Refusal, RefusalKind, StateWord, Task, TaskError, TaskId};

use crate::sample;

/// A task in each state of its life, reached by events alone.
///
/// # Panics
/// Never, unless the state machine has changed under it.
#[must_use]
pub fn a_task_in_every_state() -> Vec<Task> {
    let account = || "main".to_owned();
    let receipt = || Receipt("upstream-1".to_owned());
    let intended = || EventKind::SubmitIntended { account: account() };
    let accepted = || EventKind::Accepted { receipt: receipt() };
    let completed = || EventKind::Completed {
        receipt: receipt(),
        offered: vec![sample::offered()],
        quantity: None,
        cost: None,
        findings: None,
    };
    let kept = || EventKind::Kept {
        artifacts: vec![sample::artifact(Id(0xa7)), sample::marked_copy(Id(0xb7), 0)],
        findings: None,
    };
    let refused = || EventKind::Refused {
        error: TaskError::new(TaskErrorCode::Policy, "the prompt was refused"),
    };
    let mut origin = sample::origin(Id(0x0192_0000_0000_7000_8000_0000_0000_0001));
    let mut ask = (*origin.ask).clone();
    ask.inputs = vec![domain::Input {
        role: domain::Role::FirstFrame,
        source: domain::Source::Link("https://media.example/a.png".to_owned()),
        field: "image".to_owned(),
        rule: None,
        parent: None,
    }];
    origin.ask = std::sync::Arc::new(ask);
    let ingesting = Task::born(origin).task;
    let lives = [
        vec![],
        vec![intended()],
        vec![intended(), EventKind::Ambiguous],
        vec![intended(), accepted()],
        vec![intended(), accepted(), completed()],
        vec![intended(), accepted(), completed(), kept()],
        vec![intended(), refused()],
        vec![EventKind::CancelRequested],
    ];
    let tasks = lives
        .into_iter()
        .map(|life| live(life, Id(0x0192_0000_0000_7000_8000_0000_0000_0002)));
    let tasks: Vec<Task> = [ingesting].into_iter().chain(tasks).collect();
    let words: BTreeSet<StateWord> = tasks.iter().map(Task::word).collect();
    assert_eq!(words.len(), StateWord::ALL.len(), "a state is missing");
    tasks
}

fn live(life: Vec<EventKind>, id: Id) -> Task {
    let mut task = sample::birth(id).task;
    for (n, kind) in life.into_iter().enumerate() {
        let at = sample::at(1_000 * i64::try_from(n + 1).expect("a life is short"));
        let change = task.apply(&domain::Event { at, kind });
        task = change.expect("the life is legal").task;
    }
    task
}

/// A refusal of each kind.
#[must_use]
pub fn a_refusal_of_every_kind() -> Vec<Refusal> {
    let kinds = [
        RefusalKind::NoKey,
        RefusalKind::BadKey,
        RefusalKind::ExpiredKey,
        RefusalKind::EarlyKey,
        RefusalKind::Forbidden,
        RefusalKind::Network,
        RefusalKind::Suspended,
        RefusalKind::Malformed,
        RefusalKind::TooLarge,
        RefusalKind::Invalid,
        RefusalKind::Media,
        RefusalKind::Model,
        RefusalKind::NoMoney,
        RefusalKind::OverBudget,
        RefusalKind::TooManyTasks,
        RefusalKind::TooFast,
        RefusalKind::DuplicateExternalId(TaskId(Id(7))),
        RefusalKind::IdempotencyConflict,
        RefusalKind::IdempotencyBusy,
        RefusalKind::NotFound,
        RefusalKind::Conflict,
        RefusalKind::NoProvider,
        RefusalKind::NoRoute,
        RefusalKind::Method,
        RefusalKind::Unavailable,
        RefusalKind::Ambiguous,
    ];
    let refusal = |kind| Refusal::new(kind, "the \"lamp\" is out").allowing(["lit-low", "lit-high"]);
    let mut refusals: Vec<Refusal> = kinds.into_iter().map(refusal).collect();
    for refusal in &mut refusals {
        refusal.hit = limit_of(&refusal.kind);
    }
    refusals
}

/// The limit that such a refusal is about.
fn limit_of(kind: &RefusalKind) -> Option<Hit> {
    let limit = match kind {
        RefusalKind::OverBudget => Limit::Budget,
        RefusalKind::TooManyTasks => Limit::ConcurrentTasks,
        RefusalKind::TooFast => Limit::RequestsPerMinute,
        _ => return None,
    };
    Some(Hit {
        holder: Holder::Tenant,
        limit,
        most: 7,
        left: 0,
    })
}
