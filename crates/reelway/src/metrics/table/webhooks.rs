//! Where the numbers about webhooks come from.

use domain::store::Outstanding;

use super::{Sample, Scene, Unit, Value, one};

pub(super) fn first_tries(scene: &Scene<'_>) -> Vec<Sample> {
    let waits = scene.house.engine.tally().webhook_wait_ms.read();
    one(Value::Spread(waits, Unit::Seconds))
}

pub(super) fn tries(scene: &Scene<'_>) -> Vec<Sample> {
    let outcomes = scene.house.engine.tally().webhooks().into_iter();
    let samples = outcomes.map(|(outcome, count)| Sample {
        labels: vec![("outcome", outcome.to_owned())],
        value: Value::Whole(count),
    });
    samples.collect()
}

pub(super) fn owed(scene: &Scene<'_>) -> Vec<Sample> {
    outstanding(scene, |webhooks| Value::Whole(webhooks.pending))
}

pub(super) fn dead(scene: &Scene<'_>) -> Vec<Sample> {
    outstanding(scene, |webhooks| Value::Whole(webhooks.dead))
}

pub(super) fn oldest(scene: &Scene<'_>) -> Vec<Sample> {
    outstanding(scene, |webhooks| {
        let age_ms = webhooks.oldest.map_or(0, |at| scene.now.since(at));
        Value::Seconds(u64::try_from(age_ms).unwrap_or(0))
    })
}

/// A number that the database counts; none when it did not.
fn outstanding(scene: &Scene<'_>, read: impl Fn(Outstanding) -> Value) -> Vec<Sample> {
    scene
        .webhooks
        .map_or_else(Vec::new, |webhooks| one(read(webhooks)))
}
