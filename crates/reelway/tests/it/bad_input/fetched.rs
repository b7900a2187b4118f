//! Bad input that is seen only when it is fetched: a task that was taken fails, in the words of its dialect.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reelway::config::Environment;
use serde_json::json;

use super::named::{OPEN, ended, named};
use crate::house_under_test::{Gateway, picture};

/// A link is looked at after the acknowledgement: the task fails, in the words of its dialect, and costs nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_linked_clip_that_is_too_short_fails_its_task_in_every_dialect_and_costs_nothing() {
    let gateway = Gateway::with_file(OPEN, &Environment::default()).await;
    let named = named(&gateway).await;
    let image = STANDARD.encode(picture(320, 320));
    let why = "lasts `1` seconds, from 3 to 10.5";

    let native = ended(&gateway, "/v1/videos/motion-control", &named.failed).await;
    assert_eq!(native["task_status"], "failed");
    assert_eq!(native["task_status_msg"], format!("`video_url` {why}"));

    let wish = json!({
        "contents": [{ "type": "image", "url": image }, { "type": "video", "url": named.link }],
        "settings": { "character_orientation": "image" },
    });
    let taken = gateway
        .ask("POST", "/kling-native/motion-control/kling-3.0", wish.to_string())
        .await;
    let standard = taken.json()["data"]["id"].as_str().expect("an id").to_owned();
    ended(&gateway, "/v1/videos/motion-control", &standard).await;
    let tasks = gateway
        .ask("GET", &format!("/tasks?task_ids={standard}"), "")
        .await
        .json();
    assert_eq!(tasks["data"][0]["status"], "failed", "{tasks}");
    assert_eq!(tasks["data"][0]["message"], format!("`contents.1.url` {why}"));

    let wish = json!({
        "model": "kling-v2-6", "image_url": image, "video_url": named.link,
        "character_orientation": "image", "mode": "std",
    });
    let path = "/ezmodel/kling/v1/videos/motion-control";
    let taken = gateway.ask("POST", path, wish.to_string()).await;
    let envelope = taken.json()["id"].as_str().expect("an id").to_owned();
    ended(&gateway, "/v1/videos/motion-control", &envelope).await;
    let read = gateway.ask("GET", &format!("{path}/{envelope}"), "").await.json();
    assert_eq!(read["data"]["status"], "FAILURE", "{read}");
    assert_eq!(read["data"]["fail_reason"], format!("`video_url` {why}"));

    let dub =
        json!({ "input": { "video_url": named.link, "mode": "text2video", "text": "a", "voice_id": "v" } });
    let path = "/elk/kling/v1/videos/lip-sync";
    let taken = gateway.ask("POST", path, dub.to_string()).await;
    let page = taken.json()["data"]["task_id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let read = ended(&gateway, path, &page).await;
    assert_eq!(read["task_status"], "failed", "{read}");
    assert_eq!(
        read["task_status_msg"],
        "`input.video_url` lasts `1` seconds, from 2 to 10.5"
    );

    for id in [&named.failed, &standard, &envelope, &page] {
        let task = gateway.row(id).await;
        let charged = task.course.charge_micros.map_or(0, |charge| charge.0);
        assert_eq!((charged, task.course.account.clone()), (0, None), "{id}");
    }
    let books = gateway
        .house
        .engine
        .store()
        .verify_ledger()
        .await
        .expect("a report");
    assert_eq!((books.open_tasks, books.faults), (0, Vec::new()));
    gateway.stop().await;
}
