//! Pixazo's older profile over the wire: a clip from its wish to its file by polls with the id in the body
//! and by the queue's status, and that any task is found at every dialect's door.

use domain::dialect::Method;
use domain::{Dialect, Intent, TaskId};
use serde_json::{Value, json};

use crate::house_under_test::{Answer, Gateway};

const SUBMIT: &str = "/kling-ai-video/v1/generateVideoTask";
const POLL: &str = "/kling-ai-polling/v1/getTextToVideoStatus";
/// Looks at a task before the test gives it up; at 100 ms each, a minute.
const LOOKS_MAX: u32 = 600;

/// Sends a request as the vendor's clients do, with its own key header.
async fn send(gateway: &Gateway, path: &str, body: &Value) -> Answer {
    let headers = [
        ("ocp-apim-subscription-key", gateway.client_key.as_str()),
        ("content-type", "application/json"),
    ];
    gateway.send("POST", path, &headers, body.to_string()).await
}

async fn wait(gateway: &Gateway, path: &str, body: &Value) -> Value {
    for _ in 0..LOOKS_MAX {
        let answer = send(gateway, path, body).await.json();
        match answer["data"]["task_status"].as_str() {
            Some("submitted" | "processing") => {}
            _ => return answer,
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("`{body}` was not done in time");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_becomes_a_clip_by_polls() {
    let gateway = Gateway::start().await;
    for mount in ["", "/pixazo"] {
        let wish = json!({ "prompt": "a forest in the rain", "duration": "5" });
        let taken = send(&gateway, &format!("{mount}{SUBMIT}"), &wish).await;
        assert_eq!(taken.status, 200, "{:?}", taken.bytes);
        let taken = taken.json();
        assert_eq!(
            (&taken["code"], &taken["message"], &taken["status"]),
            (&json!(0), &json!("SUCCEED"), &json!("QUEUED"))
        );
        let id = taken["request_id"].as_str().expect("an id");
        assert_eq!(taken["data"]["task_id"], id);
        assert!(id.starts_with("klingai-video_"), "{id}");
        let poll = format!("{mount}{POLL}");
        let done = wait(&gateway, &poll, &json!({ "task_id": id })).await;
        assert_eq!(
            (
                &done["message"],
                &done["data"]["task_status"],
                &done["data"]["task_info"]
            ),
            (&json!("SUCCEED"), &json!("succeed"), &json!({}))
        );
        let url = done["data"]["task_result"]["videos"][0]["url"]
            .as_str()
            .expect("a link");
        let link = url.split_once(gateway.address()).expect("a link to this house").1;
        let file = gateway.send("GET", link, &[], "").await;
        assert_eq!(&file.bytes[4..8], b"ftyp");
        // The address that the submit named says the same in the queue's words.
        let polling = taken["polling_url"].as_str().expect("an address");
        let polling = polling
            .split_once(gateway.address())
            .expect("an address of this house")
            .1;
        assert!(
            polling.starts_with(&format!("{mount}/v2/requests/status/")),
            "{polling}"
        );
        let status = gateway.ask("GET", polling, "").await.json();
        assert_eq!(
            (&status["status"], &status["output"]["media_url"][0]),
            (&json!("COMPLETED"), &json!(url))
        );
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_have_the_vendors_texts_and_say_what_is_wrong() {
    let gateway = Gateway::start().await;
    let before = gateway.holdings().await;
    let nobody = gateway.send("POST", POLL, &[], r#"{"task_id":"x"}"#).await;
    assert_eq!(
        (nobody.status.as_u16(), &nobody.json()["error"]),
        (401, &json!("Invalid or missing authentication"))
    );
    let wrong = "Invalid request parameters";
    let cases = [
        (POLL, json!({}), 400, wrong, "task_id"),
        (SUBMIT, json!({}), 400, wrong, "prompt"),
        (
            SUBMIT,
            json!({ "prompt": "a", "duration": 7 }),
            400,
            wrong,
            "allowed: 5, 10",
        ),
        (POLL, json!({ "task_id": "x" }), 404, "Request not found", "task"),
        (
            "/kling-ai-video/v1/nothing",
            json!({}),
            404,
            "Endpoint not found",
            "path",
        ),
    ];
    for (path, body, status, error, said) in cases {
        let answer = send(&gateway, path, &body).await;
        let found = answer.json();
        assert_eq!(
            (answer.status.as_u16(), &found["error"]),
            (status, &json!(error)),
            "{path}"
        );
        let message = found["message"].as_str().expect("a message");
        assert!(message.contains(said), "{path}: {message}");
        assert_eq!(found["request_id"], answer.header("x-request-id"));
    }
    assert_eq!(gateway.holdings().await, before);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_of_the_queue_is_taken_with_202_and_read_by_status_and_by_result() {
    let gateway = Gateway::start().await;
    let product = "kling-3-0-text-to-video-standard";
    let path = format!("/{product}/v1/{product}-request");
    let wish = json!({ "prompt": "a dot", "duration": "3", "aspect_ratio": "16:9" });
    let headers = [
        ("ocp-apim-subscription-key", gateway.client_key.as_str()),
        ("content-type", "application/json"),
        ("x-webhook-url", "https://hooks.example/q"),
    ];
    let taken = gateway.send("POST", &path, &headers, wish.to_string()).await;
    assert_eq!(taken.status, 202, "{:?}", taken.bytes);
    let task = gateway.row(taken.header("reelway-task-id")).await;
    let called = task.origin.callback_url.as_deref();
    assert_eq!(called, Some("https://hooks.example/q"));
    let taken = taken.json();
    let id = taken["request_id"].as_str().expect("an id").to_owned();
    assert!(id.starts_with(&format!("{product}_")), "{id}");
    let polling = taken["polling_url"].as_str().expect("a link");
    let polling = polling
        .split_once(gateway.address())
        .expect("a link to this house")
        .1;
    let early = send(&gateway, &format!("{path}-result"), &json!({ "request_id": id })).await;
    assert!([200, 202].contains(&early.status.as_u16()), "{:?}", early.bytes);
    let mut looks = 0;
    let done = loop {
        let found = gateway.ask("GET", polling, "").await.json();
        if !["QUEUED", "PROCESSING"].contains(&found["status"].as_str().unwrap_or_default()) {
            break found;
        }
        looks += 1;
        assert!(looks < 600, "not done in time");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    };
    assert_eq!(done["status"], "COMPLETED", "{done}");
    let result = send(&gateway, &format!("{path}-result"), &json!({ "request_id": id })).await;
    let result = result.json();
    assert_eq!(result["video"]["file_name"], "output.mp4");
    let url = result["video"]["url"].as_str().expect("a link");
    let link = url.split_once(gateway.address()).expect("a link to this house").1;
    let file = gateway.send("GET", link, &[], "").await;
    assert_eq!(result["video"]["file_size"], file.bytes.len());
    assert_eq!(&file.bytes[4..8], b"ftyp");
    gateway.stop().await;
}

/// One wish in each dialect: its path under its mount, its body, and where its answer has the id.
fn wishes() -> Vec<(&'static str, &'static str, Value, &'static str)> {
    let plain = json!({ "prompt": "a" });
    let text = "/kling/v1/videos/text2video";
    vec![
        ("elk", text, plain.clone(), "/task_id"),
        ("ezmodel", text, plain.clone(), "/id"),
        ("kling", "/v1/videos/text2video", plain.clone(), "/data/task_id"),
        ("kling2", "/text-to-video/kling-3.0", plain.clone(), "/data/id"),
        ("openai", "/v1/videos", plain.clone(), "/id"),
        ("openaiwrapped", "/v1/videos", plain.clone(), "/id"),
        ("pixazo", SUBMIT, plain.clone(), "/request_id"),
        ("reelway", "/tasks", plain, "/id"),
    ]
}

/// What an answer about a task is at a dialect's door: what tells the shape, its value (null: any text),
/// and where the id is.
fn shape(dialect: &str, route: &domain::Route) -> (&'static str, Value, &'static str) {
    let is_result = route.path.ends_with("-result") || route.path.contains("/result/");
    match (dialect, route.method) {
        ("openai" | "openaiwrapped", _) if route.path.starts_with("/v1/videos/") => {
            ("/object", json!("video"), "/id")
        }
        ("pixazo", _) if is_result => ("/request_id", Value::Null, "/request_id"),
        // Elk's native pages answer natively.
        ("elk", _) if !has_unified(route.path) => ("/message", json!("SUCCEED"), "/data/task_id"),
        ("elk" | "openai", _) => ("/status", Value::Null, "/task_id"),
        // EZModel hands these through as the vendor answers them.
        ("ezmodel", _) if route.path.contains("/general/") => ("/message", json!("SUCCEED"), "/data/task_id"),
        ("ezmodel" | "openaiwrapped", _) => ("/code", json!("success"), "/data/task_id"),
        ("kling", _) => ("/message", json!("SUCCEED"), "/data/task_id"),
        ("pixazo", Method::Post) => ("/code", json!(0), "/request_id"),
        ("pixazo", _) => ("/model_id", Value::Null, "/request_id"),
        ("reelway", _) => ("/object", json!("task"), "/id"),
        _ => panic!("`{dialect}` is not in the matrix"),
    }
}

/// Whether a path of Elk's is one of its two unified calls.
fn has_unified(path: &str) -> bool {
    ["/text2video/{id}", "/image2video/{id}"]
        .iter()
        .any(|end| path.ends_with(&format!("/kling/v1/videos{end}")))
}

async fn read(gateway: &Gateway, dialect: &dyn Dialect, route: &domain::Route, id: &str) -> Answer {
    let path = format!("{}{}", dialect.mount(), route.path);
    match route.method {
        Method::Post => send(gateway, &path, &json!({ "task_id": id })).await,
        _ => gateway.ask("GET", &path.replace("{id}", id), "").await,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_of_every_dialect_is_found_at_every_door_in_that_doors_shape() {
    let gateway = Gateway::start().await;
    let wishes = wishes();
    let names: Vec<&str> = wishes.iter().map(|(name, ..)| *name).collect();
    let all: Vec<&str> = dialects::ALL.iter().map(|dialect| dialect.name()).collect();
    assert_eq!(names, all, "every dialect submits");
    let mut reads = 0;
    for (name, path, body, at) in wishes {
        let from = dialects::ALL.iter().find(|dialect| dialect.name() == name);
        let mount = from.expect("a dialect").mount();
        let taken = gateway
            .ask("POST", &format!("{mount}{path}"), body.to_string())
            .await;
        assert!(taken.status.is_success(), "{name}: {:?}", taken.bytes);
        let taken = taken.json();
        let id = taken.pointer(at).and_then(Value::as_str).expect("an id");
        let task = TaskId::parse(id).expect("a spelling of ours");
        for dialect in dialects::ALL {
            let status = |route: &&domain::Route| route.intent == Intent::Status;
            for route in dialect.routes().iter().filter(status) {
                let place = format!("{name} at {}{}", dialect.mount(), route.path);
                let answer = read(&gateway, *dialect, route, id).await;
                assert!(answer.status.is_success(), "{place}: {:?}", answer.bytes);
                assert_eq!(answer.header("reelway-task-id"), task.prefixed(), "{place}");
                let answer = answer.json();
                let (sign, expected, at) = shape(dialect.name(), route);
                let found = answer.pointer(sign);
                let is_told = match &expected {
                    Value::Null => found.is_some_and(Value::is_string),
                    expected => found == Some(expected),
                };
                assert!(is_told, "{place}: {answer}");
                let named = answer.pointer(at).and_then(Value::as_str);
                assert_eq!(named.and_then(TaskId::parse), Some(task), "{place}: {answer}");
                reads += 1;
            }
        }
    }
    assert!(reads >= 5 * 13, "only {reads} reads");
    gateway.stop().await;
}
