//! Waiting within one request, and reads that cost nothing when nothing changed.

use std::time::Duration;

use serde_json::{Value, json};

use crate::house_under_test::Gateway;

const TEXT: &str = "/kling/v1/videos/text2video";
/// Longer than any clip of these tests takes, shorter than a test may.
const LONG: &str = "60";

fn small() -> Value {
    json!({ "model": "animatic", "prompt": "a dot", "duration": 1, "width": 64, "height": 64, "fps": 5, "seed": 1 })
}

/// A clip that renders for some seconds.
fn slow() -> Value {
    json!({ "model": "animatic", "prompt": "a storm at sea", "duration": 60, "width": 1920, "height": 1080, "fps": 30 })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_submit_that_prefers_to_wait_is_answered_with_the_finished_task() {
    let gateway = Gateway::start().await;
    let bearer = format!("Bearer {}", gateway.client_key);
    let headers = [("authorization", bearer.as_str()), ("prefer", "wait=60")];
    let done = gateway.send("POST", TEXT, &headers, small().to_string()).await;
    assert_eq!(done.status, 200, "{:?}", done.bytes);
    assert_eq!(done.json()["status"], "completed");
    assert_eq!(done.header("preference-applied"), "wait=60");
    assert!(done.header("reelway-task-id").starts_with("task_"));
    let url = done.json()["url"].as_str().expect("a link").to_owned();
    let path = &url[url.find("/api/").expect("our own link")..];
    assert_eq!(gateway.send("GET", path, &[], "").await.status, 200);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_submit_that_waits_too_short_is_answered_as_any_submit() {
    let gateway = Gateway::start().await;
    let bearer = format!("Bearer {}", gateway.client_key);
    let headers = [("authorization", bearer.as_str()), ("prefer", "wait=0")];
    let taken = gateway.send("POST", TEXT, &headers, slow().to_string()).await;
    assert_eq!(taken.json()["status"], "queued");
    assert_eq!(taken.json().as_object().map(serde_json::Map::len), Some(2));
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_waits_returns_at_each_next_word_and_at_once_when_final() {
    let gateway = Gateway::start().await;
    let taken = gateway.submit(&small()).await;
    let id = taken.json()["task_id"].as_str().expect("an id").to_owned();
    let mut words = Vec::new();
    for _ in 0..3 {
        let answer = gateway.ask("GET", &format!("{TEXT}/{id}?wait={LONG}"), "").await;
        assert_eq!(answer.status, 200, "{:?}", answer.bytes);
        words.push(answer.json()["status"].as_str().expect("a word").to_owned());
        if words.last().is_some_and(|word| word == "completed") {
            break;
        }
    }
    assert_eq!(words.last().map(String::as_str), Some("completed"), "{words:?}");
    let start = gateway.house.clock.monotonic_ms();
    let again = gateway
        .ask("GET", &format!("/api/v1/tasks/{id}?wait={LONG}"), "")
        .await;
    assert_eq!(again.json()["status"], "succeeded");
    assert!(
        gateway.house.clock.monotonic_ms() < start + 10_000,
        "a final task is not waited for"
    );
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_ends_when_its_time_is_up_and_when_the_house_closes() {
    let gateway = Gateway::start().await;
    let taken = gateway.submit(&slow()).await;
    let id = taken.json()["task_id"].as_str().expect("an id").to_owned();
    // Behind the first, so that it stays queued or runs long.
    let path = format!("{TEXT}/{id}?wait=1");
    let before = gateway.ask("GET", &format!("{TEXT}/{id}"), "").await.json();
    let after = gateway.ask("GET", &path, "").await;
    assert_eq!(after.status, 200);
    assert_ne!(after.json()["status"], "completed", "before {before}");
    let start = gateway.house.clock.monotonic_ms();
    let path = format!("{TEXT}/{id}?wait=300");
    let (answer, ()) = tokio::join!(gateway.ask("GET", &path, ""), async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        gateway.house.closing.cancel();
    });
    assert_eq!(answer.status, 200);
    assert!(
        gateway.house.clock.monotonic_ms() < start + 100_000,
        "the house closed long before"
    );
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_out_of_range_is_refused_in_every_dialect() {
    let gateway = Gateway::start().await;
    let taken = gateway.submit(&small()).await;
    let id = taken.json()["task_id"].as_str().expect("an id").to_owned();
    for path in [
        format!("/elk{TEXT}/{id}"),
        format!("/kling-native/v1/videos/text2video/{id}"),
        format!("/api/v1/tasks/{id}"),
    ] {
        for wait in ["301", "-1", "soon"] {
            let answer = gateway.ask("GET", &format!("{path}?wait={wait}"), "").await;
            assert_eq!(answer.status, 400, "{path}");
            let text = String::from_utf8_lossy(&answer.bytes).into_owned();
            assert!(text.contains("0 to 300") && text.contains("wait"), "{text}");
        }
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_of_what_the_client_has_already_is_304_in_every_dialect() {
    let gateway = Gateway::start().await;
    let id = gateway.clip().await;
    let bearer = format!("Bearer {}", gateway.client_key);
    for path in [
        format!("/elk{TEXT}/{id}"),
        format!("{TEXT}/{id}"),
        format!("/kling-native/v1/videos/text2video/{id}"),
        format!("/api/v1/tasks/{id}"),
    ] {
        let first = gateway.ask("GET", &path, "").await;
        let etag = first.header("etag").to_owned();
        assert!(etag.starts_with("W/\""), "{path}: `{etag}`");
        let headers = [
            ("authorization", bearer.as_str()),
            ("if-none-match", etag.as_str()),
        ];
        let same = gateway.send("GET", &path, &headers, "").await;
        assert_eq!(same.status, 304, "{path}");
        assert!(same.bytes.is_empty());
        assert_eq!(same.header("etag"), etag);
        assert_ne!(same.header("reelway-task-id"), "");
        let headers = [
            ("authorization", bearer.as_str()),
            ("if-none-match", "W/\"other\""),
        ];
        assert_eq!(
            gateway.send("GET", &path, &headers, "").await.status,
            200,
            "{path}"
        );
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_etag_changes_with_the_task() {
    let gateway = Gateway::start().await;
    let taken = gateway.submit(&small()).await;
    let id = taken.json()["task_id"].as_str().expect("an id").to_owned();
    let path = format!("{TEXT}/{id}");
    let first = gateway.ask("GET", &path, "").await;
    let mut last = gateway.ask("GET", &format!("{path}?wait={LONG}"), "").await;
    while last.json()["status"] != "completed" {
        last = gateway.ask("GET", &format!("{path}?wait={LONG}"), "").await;
    }
    if first.json()["status"] != "completed" {
        assert_ne!(first.header("etag"), last.header("etag"));
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_hundred_waiting_clients_are_all_answered_by_one_change() {
    const CLIENTS: usize = 300;
    let gateway = Gateway::start().await;
    let taken = gateway.submit(&small()).await;
    let id = taken.json()["task_id"].as_str().expect("an id").to_owned();
    let path = format!("/api/v1/tasks/{id}?wait={LONG}");
    let waits = (0..CLIENTS).map(|_| gateway.ask("GET", &path, ""));
    let answers = futures_util::future::join_all(waits).await;
    for answer in &answers {
        assert_eq!(answer.status, 200, "{:?}", answer.bytes);
    }
    gateway.stop().await;
}
