//! The doors: which dialect answers at the paths that several share, whose key decides, and that a task
//! which came in at one door can be read at every other.

use serde_json::{Value, json};

use crate::house_under_test::{Answer, Gateway};

const TEXT: &str = "/kling/v1/videos/text2video";
const IMAGE: &str = "/kling/v1/videos/image2video";

/// The voice in which an answer speaks.
fn voice(answer: &Answer) -> &'static str {
    let body = answer.json();
    match (&body["code"], &body["object"], &body["status"]) {
        (Value::Number(_), ..) => "kling",
        (_, Value::String(object), _) if object == "task" => "reelway",
        (_, _, Value::String(_)) => "elk",
        _ if body["error"]["type"].is_string() => "elk",
        _ => "unknown",
    }
}

async fn post(gateway: &Gateway, path: &str, body: Value) -> Answer {
    gateway.ask("POST", path, body.to_string()).await
}

fn id_of(answer: &Answer) -> String {
    answer.header("reelway-task-id").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_with_model_name_is_native_and_any_other_unified() {
    let gateway = Gateway::start().await;
    let native = post(&gateway, TEXT, json!({ "model_name": "kling-v3", "prompt": "a" })).await;
    assert_eq!(
        (native.status.as_u16(), voice(&native)),
        (200, "kling"),
        "{:?}",
        native.bytes
    );
    let unified = post(&gateway, TEXT, json!({ "model": "kling-v3", "prompt": "a" })).await;
    assert_eq!((unified.status.as_u16(), voice(&unified)), (200, "elk"));
    assert_eq!(unified.json()["status"], "queued");
    let bare = post(&gateway, TEXT, json!({ "prompt": "a" })).await;
    assert_eq!(voice(&bare), "elk");
    for path in [TEXT, IMAGE] {
        let read = gateway
            .ask("GET", &format!("{path}/{}", id_of(&native)), "")
            .await;
        assert_eq!((read.status.as_u16(), voice(&read)), (200, "kling"), "{path}");
        let read = gateway
            .ask("GET", &format!("{path}/{}", id_of(&unified)), "")
            .await;
        assert_eq!((read.status.as_u16(), voice(&read)), (200, "elk"), "{path}");
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_of_a_third_dialect_is_read_unified_at_the_shared_path() {
    let gateway = Gateway::start().await;
    let own = post(&gateway, "/api/v1/tasks", json!({ "prompt": "a" })).await;
    assert_eq!(own.status, 202, "{:?}", own.bytes);
    let read = gateway.ask("GET", &format!("{TEXT}/{}", id_of(&own)), "").await;
    assert_eq!(voice(&read), "elk");
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn native_refusals_at_a_shared_path_are_native_and_all_others_unified() {
    let gateway = Gateway::start().await;
    let native = post(&gateway, TEXT, json!({ "model_name": "kling-v3" })).await;
    assert_eq!(
        (native.status.as_u16(), &native.json()["code"]),
        (400, &json!(1201))
    );
    assert_eq!(native.json()["message"], "prompt is required");
    let unified = post(&gateway, TEXT, json!({ "model": "kling-v3" })).await;
    assert_eq!((unified.status.as_u16(), voice(&unified)), (400, "elk"));
    let broken = gateway.ask("POST", TEXT, "{\"model_name\": ").await;
    assert_eq!((broken.status.as_u16(), voice(&broken)), (400, "elk"));
    let no_key = gateway
        .send("POST", TEXT, &[], "{\"model_name\":\"kling-v3\"}")
        .await;
    assert_eq!((no_key.status.as_u16(), voice(&no_key)), (401, "elk"));
    let no_key = gateway.send("GET", &format!("{IMAGE}/1"), &[], "").await;
    assert_eq!((no_key.status.as_u16(), voice(&no_key)), (401, "elk"));
    for path in ["/v1/videos/text2video", "/kling/v1/videos/multi-image2video"] {
        let no_key = gateway.send("POST", path, &[], "{}").await;
        assert_eq!(
            (no_key.status.as_u16(), &no_key.json()["code"]),
            (401, &json!(1001)),
            "{path}"
        );
    }
    let unknown = gateway.ask("GET", &format!("{TEXT}/nobody"), "").await;
    assert_eq!((unknown.status.as_u16(), voice(&unknown)), (404, "elk"));
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mount_always_answers_in_its_own_dialect() {
    let gateway = Gateway::start().await;
    let native = post(
        &gateway,
        &format!("/elk{TEXT}"),
        json!({ "model_name": "kling-v3", "prompt": "a" }),
    )
    .await;
    assert_eq!(voice(&native), "elk", "the mount decides, not the body");
    let id = id_of(&native);
    let read = gateway
        .ask("GET", &format!("/kling-native/v1/videos/image2video/{id}"), "")
        .await;
    assert_eq!(voice(&read), "kling");
    let read = gateway.ask("GET", &format!("/api/v1/tasks/{id}"), "").await;
    assert_eq!(voice(&read), "reelway");
    assert_eq!(read.json()["dialect"], "elk");
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_native_paths_are_served_at_the_root_and_behind_kling_too() {
    let gateway = Gateway::start().await;
    for path in ["/v1/videos/text2video", "/kling-native/v1/videos/text2video"] {
        let taken = post(&gateway, path, json!({ "model_name": "kling-v3", "prompt": "a" })).await;
        assert_eq!(voice(&taken), "kling", "{path}");
    }
    let list = gateway
        .ask("GET", "/kling/v1/videos/text2video?pageSize=1", "")
        .await;
    assert_eq!(list.status, 200);
    assert_eq!(list.json()["data"].as_array().map(Vec::len), Some(1));
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_speaks_one_dialect_is_answered_in_it_wherever_the_dialect_has_the_path() {
    let gateway = Gateway::start().await;
    let either = [
        json!({ "model": "kling-v3", "prompt": "a" }),
        json!({ "model_name": "kling-v3", "prompt": "a" }),
    ];
    for speaks in ["elk", "kling"] {
        let bearer = format!("Bearer {}", gateway.key_that_speaks(speaks).await);
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
        ];
        for body in &either {
            let taken = gateway.send("POST", TEXT, &headers, body.to_string()).await;
            assert_eq!(
                (taken.status.as_u16(), voice(&taken)),
                (200, speaks),
                "{speaks}: {body}"
            );
            let read = format!("{IMAGE}/{}", id_of(&taken));
            let answer = gateway.send("GET", &read, &headers, "").await;
            assert_eq!(voice(&answer), speaks, "{speaks}: {body}");
        }
        // A mount, and a path that only another dialect has, answer as ever.
        let other = if speaks == "elk" { "kling" } else { "elk" };
        let mount = if speaks == "elk" {
            "/kling-native/v1/videos/text2video"
        } else {
            "/elk/kling/v1/videos/text2video"
        };
        let taken = gateway.send("POST", mount, &headers, either[0].to_string()).await;
        assert_eq!(voice(&taken), other, "{mount}");
        let own = gateway
            .send("POST", "/api/v1/tasks", &headers, r#"{"prompt":"a"}"#)
            .await;
        assert_eq!(voice(&own), "reelway", "{speaks}");
    }
    gateway.stop().await;
}
