//! The crowd: tasks as the store would have them after their submits were taken.

use std::sync::Arc;

use anyhow::ensure;
use domain::provider::Receipt;
use domain::store::{Birth, Claim, Outcome};
use domain::task::{Change, Event, Origin};
use domain::{Ask, Clock, EventKind, Id, Millis, StateWord, Store, Task};
use testkit::sample;

/// The account that has them all.
pub(super) const ACCOUNT: &str = "crowd";
/// Tasks in one batch.
const BATCH: usize = 64;
/// Rows that are claimed at once.
const CLAIM: usize = 1_024;
/// Life of a task, in milliseconds.
const LIFE_MS: i64 = 24 * 60 * 60 * 1_000;
/// A prompt as people write them.
const PROMPT: &str = "A paper lantern drifts over a quiet harbour at dusk; the camera follows it slowly past moored boats, \
    wet cobbles and the lit windows of a tavern, until it rises above the roofs and is lost among the first stars. \
    Soft light, shallow focus, no people, film grain.";

fn origin(n: usize, now: Millis) -> Origin {
    let id = Id((u128::from(now.0.unsigned_abs()) << 80) | (0x7 << 76) | n as u128);
    Origin {
        ask: Arc::new(Ask {
            prompt: PROMPT.to_owned(),
            ..sample::ask()
        }),
        lane: "kling-v3".to_owned(),
        created_at: now,
        deadline_at: now.plus(LIFE_MS),
        ..sample::origin(id)
    }
}

fn next(task: &Task, at: Millis, kind: EventKind) -> anyhow::Result<Change> {
    Ok(task.apply(&Event { at, kind })?)
}

/// Puts so many running tasks into an empty database.
///
/// # Errors
/// When the store does not take them.
pub(super) async fn running(store: &Arc<dyn Store>, clock: &dyn Clock, tasks: usize) -> anyhow::Result<()> {
    store
        .registry()
        .create_tenant(&sample::tenant_row(1, true))
        .await?;
    for first in (0..tasks).step_by(BATCH) {
        let now = clock.now();
        let (mut births, mut intents, mut receipts) = (Vec::new(), Vec::new(), Vec::new());
        for n in first..tasks.min(first + BATCH) {
            let birth = Task::born(origin(n, now));
            let account = ACCOUNT.to_owned();
            let intent = next(&birth.task, now, EventKind::SubmitIntended { account })?;
            let receipt = Receipt(format!("up-{n}"));
            receipts.push(next(&intent.task, now, EventKind::Accepted { receipt })?);
            intents.push(intent);
            births.push(Birth::from(birth));
        }
        let outcomes = [
            store.insert(births).await?,
            store.commit(intents).await?,
            store.commit(receipts).await?,
        ];
        let is_done = outcomes.iter().flatten().all(|outcome| *outcome == Outcome::Done);
        ensure!(is_done, "the store did not take a batch");
    }
    Ok(())
}

/// Has the store touch every row as the belts will, so that what it keeps for itself is not counted later.
///
/// # Errors
/// When the store does not answer.
pub(super) async fn warm(store: &Arc<dyn Store>, clock: &dyn Clock, tasks: usize) -> anyhow::Result<()> {
    let mut claimed = 0;
    while claimed < tasks {
        let now = clock.now();
        let found = store
            .claim(&Claim {
                node: "warm".to_owned(),
                now,
                lease_until: now.plus(600_000),
                states: vec![StateWord::Running],
                lanes: None,
                after: None,
                limit: CLAIM,
            })
            .await?;
        ensure!(!found.is_empty(), "running tasks are missing");
        let ids: Vec<_> = found.iter().map(|task| task.id()).collect();
        store.any_tasks(&ids).await?;
        claimed += found.len();
    }
    store.release("warm", None).await?;
    Ok(())
}
