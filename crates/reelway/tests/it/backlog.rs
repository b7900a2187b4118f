//! More wishes than the machine can make at once: reads go on, every wish is granted, a stop is quick.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::StateWord;
use serde_json::{Value, json};

use crate::house_under_test::Gateway;

/// Wishes in the backlog.
const BACKLOG: u64 = 100;
/// Looks at a backlog before it is given up; at [`PAUSE`] each, two minutes.
const LOOKS_MAX: u32 = 1_200;
const PAUSE: Duration = Duration::from_millis(100);
/// The longest that a stop may take.
const STOP: Duration = Duration::from_secs(10);

fn wish(seed: u64) -> Value {
    json!({
        "model": "kling-v3", "prompt": "a lantern on the water", "duration": 3,
        "width": 64, "height": 64, "fps": 4, "seed": seed,
    })
}

async fn submit(gateway: &Gateway, seed: u64) -> String {
    let taken = gateway.submit(&wish(seed)).await;
    assert_eq!(taken.status, 200, "{:?}", taken.bytes);
    taken.json()["task_id"].as_str().expect("an id").to_owned()
}

async fn task(gateway: &Gateway, id: &str) -> Value {
    let answer = gateway.ask("GET", &format!("/api/v1/tasks/{id}"), "").await;
    assert_eq!(answer.status, 200, "every acknowledged id is known");
    answer.json()
}

/// The place in the queue of the last of these tasks, once it has been counted.
async fn place_of_last(gateway: &Gateway, ids: &[String]) -> u64 {
    let last = ids.last().expect("a backlog");
    for _ in 0..LOOKS_MAX {
        let shown = task(gateway, last).await;
        if let Some(position) = shown["queue"]["position"].as_u64() {
            return position;
        }
        assert_eq!(shown["status"], "queued", "its turn came before it had a place");
        tokio::time::sleep(PAUSE).await;
    }
    panic!("the queue was not counted in time");
}

/// Looks at tasks until all have succeeded.
async fn wait_for_all(gateway: &Gateway, ids: &[String]) {
    let mut open: BTreeSet<&String> = ids.iter().collect();
    for _ in 0..LOOKS_MAX {
        let mut done = Vec::new();
        for id in &open {
            match task(gateway, id).await["status"].as_str() {
                Some("succeeded") => done.push(*id),
                Some("queued" | "running") => {}
                other => panic!("task {id} is {other:?}"),
            }
        }
        for id in done {
            open.remove(id);
        }
        if open.is_empty() {
            return;
        }
        tokio::time::sleep(PAUSE).await;
    }
    panic!("{} tasks were not done in time", open.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backlog_of_a_hundred_is_worked_off_while_reads_are_answered() {
    let gateway = Gateway::start().await;
    let mut ids = Vec::new();
    for seed in 0..BACKLOG {
        ids.push(submit(&gateway, seed).await);
    }
    let census = gateway.house.engine.store().census().await.expect("a census");
    let waiting = census.iter().find(|(state, _)| *state == StateWord::Queued);
    assert!(
        waiting.is_some_and(|(_, count)| *count > BACKLOG / 2),
        "{census:?}"
    );
    let place = place_of_last(&gateway, &ids).await;
    assert!(
        (2..=BACKLOG).contains(&place),
        "the last of {BACKLOG} is at {place}"
    );
    wait_for_all(&gateway, &ids).await;
    let holdings = gateway.holdings().await;
    let ledger = gateway
        .house
        .engine
        .store()
        .verify_ledger()
        .await
        .expect("a report");
    assert_eq!(ledger.faults, Vec::<String>::new());
    assert_eq!((ledger.finished_tasks, ledger.open_tasks), (BACKLOG, 0));
    assert_eq!(holdings.tasks(), 0, "nothing is unfinished");
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_wishes_give_equal_files_and_another_seed_gives_another() {
    let gateway = Gateway::start().await;
    let ids = [
        submit(&gateway, 7).await,
        submit(&gateway, 7).await,
        submit(&gateway, 8).await,
    ];
    wait_for_all(&gateway, &ids).await;
    let mut hashes = Vec::new();
    for id in &ids {
        let artifact = task(&gateway, id).await["artifacts"][0].clone();
        hashes.push(artifact["sha256"].as_str().expect("a hash").to_owned());
    }
    assert_eq!(hashes[0], hashes[1]);
    assert_ne!(hashes[0], hashes[2]);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_with_a_backlog_is_quick_and_leaves_exact_books() {
    let gateway = Gateway::start().await;
    for seed in 0..30 {
        submit(&gateway, seed).await;
    }
    let store = std::sync::Arc::clone(gateway.house.engine.store());
    tokio::time::timeout(STOP, gateway.stop())
        .await
        .expect("a stop within ten seconds");
    let ledger = store.verify_ledger().await.expect("a report");
    assert_eq!(ledger.faults, Vec::<String>::new());
    assert_eq!(ledger.finished_tasks + ledger.open_tasks, 30);
}
