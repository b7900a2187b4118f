//! Work that goes on from earlier work at Kling: the client names things by our names, the vendor is told its own.

use reelway::config::Environment;
use serde_json::{Value, json};

use crate::accounts::until;
use crate::house_under_test::Gateway;
use crate::vendor::{Vendor, file_with};

/// The `data` of a call that is taken.
async fn asked(gateway: &Gateway, path: &str, body: &Value) -> Value {
    let answer = gateway.ask("POST", path, body.to_string()).await;
    let json = answer.json();
    assert_eq!(answer.status, 200, "{path}: {json}");
    json["data"].clone()
}

/// The `data` of a task that has succeeded.
async fn made(gateway: &Gateway, path: &str, task: &Value) -> Value {
    let path = format!("{path}/{}", task["task_id"].as_str().expect("an id"));
    until("the task succeeded", async || {
        let seen = gateway.ask("GET", &path, "").await.json();
        assert_ne!(seen["data"]["task_status"], "failed", "{seen}");
        seen["data"]["task_status"] == "succeed"
    })
    .await;
    gateway.ask("GET", &path, "").await.json()["data"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn lips_of_an_earlier_clip_are_moved_to_an_earlier_sound_by_the_vendors_own_names() {
    let vendor = Vendor::start().await;
    let key = "name = \"by-key\"\napi_key = \"env:VENDOR_KEY\"";
    let environment = Environment::of(&[("VENDOR_KEY", "the-key-of-the-vendor")]);
    let gateway = Gateway::with_file(&file_with(&vendor, &[key]), &environment).await;

    let clips = "/v1/videos/text2video";
    let wish = json!({ "model_name": "kling-v3", "prompt": "a woman speaks", "duration": "5" });
    let clip = asked(&gateway, clips, &wish).await;
    let clip = made(&gateway, clips, &clip).await;
    let clip = &clip["task_result"]["videos"][0]["id"];

    let words = json!({ "text": "hello", "voice_id": "oversea_male1", "voice_language": "en" });
    let speech = asked(&gateway, "/v1/audio/tts", &words).await;
    let sound = &speech["task_result"]["audios"][0];
    assert_eq!(
        (&speech["task_status"], &sound["duration"]),
        (&json!("succeed"), &json!("2.5"))
    );

    let faces = asked(&gateway, "/v1/videos/identify-face", &json!({ "video_id": clip })).await;
    assert_eq!(faces["face_data"][0]["face_id"], "0", "{faces}");
    assert_ne!(faces["session_id"], "s-9", "the vendor's name is not shown");

    let lips = "/v1/videos/advanced-lip-sync";
    let face = json!({
        "face_id": "0", "audio_id": sound["id"],
        "sound_start_time": 0, "sound_end_time": 2_000, "sound_insert_time": 0,
    });
    let wish = json!({ "session_id": faces["session_id"], "face_choose": [face] });
    let task = asked(&gateway, lips, &wish).await;
    let done = made(&gateway, lips, &task).await;
    assert!(done["task_result"]["videos"][0]["url"].is_string(), "{done}");

    let jobs = vendor.jobs();
    let body = |path: &str| {
        let job = jobs.iter().find(|job| job.path == path);
        job.expect("the vendor was asked").body.clone()
    };
    assert_eq!(body("/v1/videos/identify-face"), json!({ "video_id": "v-1" }));
    assert_eq!(body("/v1/audio/tts")["voice_id"], "oversea_male1");
    let sent = body(lips);
    assert_eq!(
        (&sent["session_id"], &sent["face_choose"][0]["audio_id"]),
        (&json!("s-9"), &json!("a-1"))
    );
    assert_eq!(jobs.len(), 4, "one call for each wish");
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clip_that_the_vendor_takes_as_a_link_is_refused_where_there_is_none_to_give() {
    let vendor = Vendor::start().await;
    let key = "name = \"by-key\"\napi_key = \"env:VENDOR_KEY\"";
    let environment = Environment::of(&[("VENDOR_KEY", "the-key-of-the-vendor")]);
    let clip = format!("{}/clips/1.mp4", vendor.url());
    let gateway = Gateway::with_file(&file_with(&vendor, &[key]), &environment).await;
    let wish = json!({ "video_url": clip, "sound_effect_prompt": "waves" });
    let task = asked(&gateway, "/v1/audio/video-to-audio", &wish).await;
    let path = format!(
        "/v1/audio/video-to-audio/{}",
        task["task_id"].as_str().expect("an id")
    );
    until("the task failed", async || {
        let seen = gateway.ask("GET", &path, "").await.json();
        let reason = seen["data"]["task_status_msg"].as_str().unwrap_or_default();
        seen["data"]["task_status"] == "failed" && !reason.is_empty()
    })
    .await;
    let seen = gateway.ask("GET", &path, "").await.json();
    let reason = seen["data"]["task_status_msg"].to_string();
    assert!(reason.contains("server.public_url"), "{reason}");
    assert!(vendor.jobs().is_empty(), "nothing was sent");
    gateway.stop().await;
}
