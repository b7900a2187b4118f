//! Repeats: equal submits with one idempotency key are one task, in every dialect, at once and after a
//! crash of the real binary.

use std::collections::BTreeSet;

use bytes::Bytes;
use domain::Intent;
use serde_json::{Value, json};

use crate::binary::{Serving, reelway};
use crate::house_under_test::{Answer, Gateway, picture, send};
use crate::videos::python;

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

/// A submit as an official kit sends it for the `count`th time after the first.
async fn tried(gateway: &Gateway, prompt: &str, count: u32) -> (String, bool) {
    let bearer = format!("Bearer {}", gateway.client_key);
    let count = count.to_string();
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
        ("x-stainless-retry-count", count.as_str()),
    ];
    let body = json!({ "model": "kling-v3", "prompt": prompt, "seconds": "3" }).to_string();
    let answer = send(
        gateway.address(),
        "POST",
        "/v1/videos",
        &headers,
        Bytes::from(body),
    )
    .await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.json());
    let replayed = answer.headers.contains_key("idempotency-replayed");
    let id = answer.json()["id"].as_str().expect("an id").to_owned();
    (id, replayed)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_without_a_key_is_answered_with_the_first_task_and_an_equal_wish_is_another() {
    let gateway = Gateway::start().await;
    let (first, replayed) = tried(&gateway, "a tram", 0).await;
    assert!(!replayed);
    assert_eq!(tried(&gateway, "a tram", 1).await, (first.clone(), true));
    assert_eq!(tried(&gateway, "a tram", 2).await, (first.clone(), true));
    let (other, replayed) = tried(&gateway, "a ship", 1).await;
    assert!(other != first && !replayed, "another body is another wish");
    let (equal, replayed) = tried(&gateway, "a tram", 0).await;
    assert!(equal != first && !replayed, "a first try is a wish of its own");
    gateway.stop().await;
}

/// Hands everything on, but loses the first answer: its connection ends when the gateway has answered.
async fn forgetful(upstream: String) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    tokio::spawn(async move {
        let mut is_first = true;
        while let Ok((mut client, _)) = listener.accept().await {
            let mut server = tokio::net::TcpStream::connect(&upstream)
                .await
                .expect("the gateway");
            if std::mem::take(&mut is_first) {
                let (mut from, mut to) = client.split();
                let (mut answer, mut request) = server.split();
                let mut byte = [0; 1];
                tokio::select! {
                    _ = tokio::io::copy(&mut from, &mut request) => {}
                    _ = tokio::io::AsyncReadExt::read(&mut answer, &mut byte) => {}
                }
                let _ = tokio::io::AsyncWriteExt::shutdown(&mut to).await;
            } else {
                tokio::spawn(async move {
                    let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
                });
            }
        }
    });
    address
}

/// What OpenAI's client does when an answer is lost: it asks again by itself.
const RETRY: &str = r#"
import os, sys, warnings
import openai

warnings.simplefilter("ignore")
client = openai.OpenAI(base_url=os.environ["BASE"], api_key=os.environ["KEY"], max_retries=2)
asked = dict(model="kling-v3", prompt="a tram on a bridge", seconds="3", size="320x180")
if len(sys.argv) > 1:
    with open(sys.argv[1], "rb") as picture:
        print(client.videos.create(input_reference=picture, **asked).id)
else:
    print(client.videos.create(**asked).id)
"#;

#[tokio::test(flavor = "multi_thread")]
async fn the_official_client_that_lost_an_answer_gets_the_task_that_was_made() {
    let gateway = Gateway::start().await;
    let python = tokio::task::spawn_blocking(python).await.expect("a Python");
    let directory = tempfile::tempdir().expect("a directory");
    let image = directory.path().join("a.png");
    std::fs::write(&image, picture(640, 360)).expect("the picture is written");
    for (made, argument) in [(1, None), (2, Some(&image))] {
        let proxy = forgetful(gateway.address().to_owned()).await;
        let mut command = tokio::process::Command::new(&python);
        command.args(["-c", RETRY]).args(argument);
        command
            .env("BASE", format!("http://{proxy}/v1"))
            .env("KEY", &gateway.client_key);
        let output = command.output().await.expect("the client runs");
        let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let list = gateway.ask("GET", "/v1/videos?limit=100", "").await.json();
        let tasks = list["data"].as_array().expect("a list");
        assert_eq!(tasks.len(), made, "one task a wish: {list}");
        assert_eq!(tasks[0]["id"], json!(said));
    }
    gateway.stop().await;
}
