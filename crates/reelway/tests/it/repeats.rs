//! Repeats: equal submits with one idempotency key are one task, in every dialect, at once and after a
//! crash of the real binary.

use std::collections::BTreeSet;

use bytes::Bytes;
use domain::Intent;
use serde_json::{Value, json};

use crate::binary::{Serving, reelway};
use crate::house_under_test::{Answer, send};

const KEY: &str = "a-client-key-that-a-test-brings-along";
const ADMIN: &str = "an-admin-key-that-a-test-brings-along";
/// Equal submits at once.
const EQUAL: usize = 50;

const VARIABLES: [(&str, &str); 2] = [
    ("REELWAY_BOOTSTRAP_API_KEY", KEY),
    ("REELWAY_BOOTSTRAP_ADMIN_KEY", ADMIN),
];

/// One submit path of each dialect.
fn paths() -> Vec<String> {
    let first = |dialect: &&dyn domain::Dialect| {
        let mut routes = dialect.routes().iter();
        let route = routes
            .find(|route| route.intent == Intent::Submit)
            .expect("a dialect with submits");
        let path = route.path.replace("{model}", "kling-3.0");
        format!("{}{path}", dialect.mount())
    };
    dialects::ALL.iter().map(first).collect()
}

async fn submit(address: &str, path: &str, body: &Value) -> Answer {
    let bearer = format!("Bearer {KEY}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
        ("idempotency-key", "the-one-key"),
    ];
    send(address, "POST", path, &headers, Bytes::from(body.to_string())).await
}

/// Equal submits at once at each path: the one body that all of them got, by path.
async fn storm(address: &str, paths: &[String]) -> Vec<Bytes> {
    let body = json!({ "prompt": "a lantern over a quiet harbour" });
    let mut answers = Vec::new();
    for path in paths {
        let equal = (0..EQUAL).map(|_| submit(address, path, &body));
        let equal = futures_util::future::join_all(equal).await;
        let statuses: BTreeSet<u16> = equal.iter().map(|answer| answer.status.as_u16()).collect();
        assert!(
            statuses.iter().all(|status| (200..300).contains(status)),
            "{path}: {statuses:?}"
        );
        let bodies: BTreeSet<Bytes> = equal.into_iter().map(|answer| answer.bytes).collect();
        assert_eq!(bodies.len(), 1, "{path}: {bodies:?}");
        answers.extend(bodies);
        let other = submit(address, path, &json!({ "prompt": "something else" })).await;
        assert!(
            matches!(other.status.as_u16(), 400 | 409 | 422),
            "{path}: {}",
            other.status
        );
    }
    answers
}

/// How many tasks the tenant has, and what its books say.
async fn books(address: &str, directory: &std::path::Path) -> (usize, Value) {
    let bearer = format!("Bearer {KEY}");
    let headers = [("authorization", bearer.as_str())];
    let list = send(address, "GET", "/api/v1/tasks?limit=100", &headers, Bytes::new()).await;
    let tasks = list.json()["data"].as_array().expect("a list").len();
    let verified = reelway(directory).args(["ledger", "verify", "--json"]).output();
    let verified = verified.expect("the binary runs");
    (tasks, serde_json::from_slice(&verified.stdout).expect("a report"))
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_equal_submits_are_one_task_and_one_hold_in_every_dialect_also_after_a_kill() {
    let directory = tempfile::tempdir().expect("a directory");
    let paths = paths();
    let serving = Serving::start(directory.path(), &VARIABLES);
    let before = storm(&serving.address(), &paths).await;
    let (tasks, report) = books(&serving.address(), directory.path()).await;
    assert_eq!(tasks, paths.len(), "one task a path");
    assert_eq!(report["faults"], json!([]), "{report}");
    serving.kill();

    let serving = Serving::start(directory.path(), &VARIABLES);
    let after = storm(&serving.address(), &paths).await;
    assert_eq!(before, after, "the answers outlive a crash byte for byte");
    let (tasks, report) = books(&serving.address(), directory.path()).await;
    assert_eq!(tasks, paths.len(), "no repeat made a task");
    let known = ["open_tasks", "finished_tasks"].map(|name| report[name].as_u64().unwrap_or(0));
    assert_eq!(known.iter().sum::<u64>(), paths.len() as u64, "{report}");
    assert_eq!(
        (&report["faults"], &report["sum_micros"]),
        (&json!([]), &json!(0))
    );
    serving.end();
}
