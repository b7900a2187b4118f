//! Kling's native calls over the wire: create, query by either id, list, and the way to a clip.

use reelway::config::Environment;
use serde_json::{Value, json};

use crate::accounts::until;
use crate::house_under_test::{Gateway, picture};
use crate::vendor::{Vendor, file_with};

/// Looks at a task before the test gives it up; at 100 ms each, a minute.
const LOOKS_MAX: u32 = 600;

async fn wait(gateway: &Gateway, path: &str) -> Value {
    for _ in 0..LOOKS_MAX {
        let answer = gateway.ask("GET", path, "").await.json();
        match answer["data"]["task_status"].as_str() {
            Some("submitted" | "processing") => {}
            _ => return answer,
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("`{path}` was not done in time");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_native_wish_is_answered_natively_and_found_by_either_id() {
    let gateway = Gateway::start().await;
    for mount in ["", "/kling-native"] {
        let path = format!("{mount}/v1/videos/text2video");
        let external = format!("ext{}", mount.len());
        let wish = json!({
            "model_name": "kling-v3", "prompt": "a tram on a bridge", "duration": "3",
            "external_task_id": external,
        });
        let taken = gateway.ask("POST", &path, wish.to_string()).await;
        assert_eq!(taken.status, 200, "{:?}", taken.bytes);
        let taken = taken.json();
        assert_eq!(
            (&taken["code"], &taken["message"]),
            (&json!(0), &json!("SUCCEED"))
        );
        let id = taken["data"]["task_id"].as_str().expect("an id");
        assert!(id.bytes().all(|byte| byte.is_ascii_digit()), "{id}");
        let again = gateway.ask("POST", &path, wish.to_string()).await;
        assert_eq!(
            (again.status.as_u16(), &again.json()["code"]),
            (400, &json!(1201))
        );
        let done = wait(&gateway, &format!("{path}/{external}")).await;
        assert_eq!(done["data"]["task_id"], id);
        assert_eq!(done["data"]["task_status"], "succeed");
        let video = &done["data"]["task_result"]["videos"][0];
        assert_eq!(video["duration"], "3.0");
        let url = video["url"].as_str().expect("a link");
        let link = url.split_once(gateway.address()).expect("a link to this house").1;
        let file = gateway.send("GET", link, &[], "").await;
        assert_eq!(&file.bytes[4..8], b"ftyp");
        // The same task in another voice.
        let unified = gateway
            .ask("GET", &format!("/elk/kling/v1/videos/text2video/{id}"), "")
            .await;
        assert_eq!(unified.json()["status"], "completed");
    }
    let list = gateway
        .ask("GET", "/v1/videos/text2video?pageNum=1&pageSize=1", "")
        .await
        .json();
    assert_eq!(list["data"].as_array().map(Vec::len), Some(1));
    let bad = gateway.ask("GET", "/v1/videos/text2video?pageSize=501", "").await;
    assert_eq!((bad.status.as_u16(), &bad.json()["code"]), (400, &json!(1201)));
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_marked_copy_is_made_when_it_is_asked_for_and_is_no_second_clip() {
    let gateway = Gateway::start().await;
    let path = "/v1/videos/text2video";
    let mut costs = Vec::new();
    for enabled in [false, true] {
        let wish = json!({
            "model_name": "kling-v3", "prompt": "a dot", "duration": "3", "watermark_info": {"enabled": enabled},
        });
        let taken = gateway.ask("POST", path, wish.to_string()).await;
        assert_eq!(taken.status, 200, "{:?}", taken.bytes);
        costs.push(taken.header("reelway-cost").to_owned());
        let id = taken.json()["data"]["task_id"]
            .as_str()
            .expect("an id")
            .to_owned();
        let done = wait(&gateway, &format!("{path}/{id}")).await;
        assert_eq!(done["data"]["watermark_info"]["enabled"], enabled);
        let videos = done["data"]["task_result"]["videos"].as_array().expect("clips");
        assert_eq!(videos.len(), 1, "{done}");
        let own = gateway
            .ask("GET", &format!("/api/v1/tasks/{id}"), "")
            .await
            .json();
        let unified = format!("/elk/kling/v1/videos/text2video/{id}");
        let unified = gateway.ask("GET", &unified, "").await.json();
        assert_eq!(own["artifacts"].as_array().map(Vec::len), Some(1), "{own}");
        assert_eq!(unified["metadata"].get("urls"), None, "{unified}");
        let copies = [
            &videos[0]["watermark_url"],
            &own["artifacts"][0]["watermark_url"],
            &unified["metadata"]["watermark_url"],
        ];
        for copy in copies {
            let Some(copy) = copy.as_str() else {
                assert!(!enabled, "no copy: {own}");
                continue;
            };
            assert!(enabled, "a copy that nobody asked for: {own}");
            let mut files = Vec::new();
            for url in [videos[0]["url"].as_str().expect("a link"), copy] {
                let link = url.split_once(gateway.address()).expect("a link to this house").1;
                let file = gateway.send("GET", link, &[], "").await;
                assert_eq!(file.header("content-type"), "video/mp4");
                assert_eq!(&file.bytes[4..8], b"ftyp");
                files.push(file.bytes);
            }
            assert_ne!(files[0], files[1], "the copy bears no mark");
        }
    }
    assert_eq!(costs[0], costs[1], "the copy is charged for");
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_pictures_become_one_clip() {
    use base64::Engine as _;
    let gateway = Gateway::start().await;
    let image = |side| base64::engine::general_purpose::STANDARD.encode(picture(side, side));
    let wish = json!({
        "model_name": "kling-v1-6", "prompt": "two friends meet", "duration": "5",
        "image_list": [{"image": image(300)}, {"image": image(320)}],
    });
    let path = "/v1/videos/multi-image2video";
    let taken = gateway.ask("POST", path, wish.to_string()).await;
    assert_eq!(taken.status, 200, "{:?}", taken.bytes);
    assert_eq!(taken.header("reelway-cost"), "0.28");
    let id = taken.json()["data"]["task_id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let done = wait(&gateway, &format!("{path}/{id}")).await;
    assert_eq!(done["data"]["task_status"], "succeed", "{done}");
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_work_than_there_are_slots_waits_in_line_and_is_not_refused_with_1303() {
    let vendor = Vendor::start().await;
    vendor.holds(true);
    let account = "name = \"narrow\"\napi_key = \"the-key-of-the-vendor\"\nslots = 1";
    let gateway = Gateway::with_file(&file_with(&vendor, &[account]), &Environment::default()).await;
    let path = "/v1/videos/text2video";
    let wish = json!({ "model_name": "kling-v3", "prompt": "a tram", "duration": "5" });
    let mut ids = Vec::new();
    for _ in 0..3 {
        let taken = gateway.ask("POST", path, wish.to_string()).await.json();
        assert_eq!(taken["code"], 0, "{taken}");
        ids.push(taken["data"]["task_id"].as_str().expect("an id").to_owned());
    }
    until("the first is looked at", async || vendor.looks() > 0).await;
    assert_eq!(vendor.jobs().len(), 1, "the vendor is given one at a time");
    let mut words = Vec::new();
    for id in &ids {
        let read = gateway.ask("GET", &format!("{path}/{id}"), "").await.json();
        words.push(read["data"]["task_status"].clone());
    }
    words.sort_by_key(Value::to_string);
    assert_eq!(words, ["processing", "submitted", "submitted"]);
    vendor.holds(false);
    until("the next had its turn", async || vendor.jobs().len() > 1).await;
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn native_refusals_have_the_vendors_numbers() {
    let gateway = Gateway::start().await;
    let path = "/v1/videos/text2video";
    let before = gateway.holdings().await;
    let nobody = gateway.send("POST", path, &[], "{}").await;
    assert_eq!(
        (nobody.status.as_u16(), &nobody.json()["code"]),
        (401, &json!(1001))
    );
    let cases = [
        (json!({"model_name": "kling-v3"}), 400, 1201),
        (json!({"prompt": "x", "duration": "99"}), 400, 1201),
        (json!({"prompt": "x", "model_name": "kling-v9"}), 404, 1203),
    ];
    for (body, status, code) in cases {
        let answer = gateway.ask("POST", path, body.to_string()).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["code"]),
            (status, &json!(code)),
            "{body}"
        );
        assert!(answer.json().get("data").is_none());
    }
    let unknown = gateway.ask("GET", "/v1/videos/text2video/000", "").await;
    assert_eq!(unknown.json()["message"], "Task not found by id/external id");
    assert_eq!(
        gateway.holdings().await,
        before,
        "a refusal leaves nothing behind"
    );
    gateway.stop().await;
}

/// A WAV of so many seconds, as Base64.
fn wav(seconds: u32) -> String {
    use base64::Engine as _;
    let samples = 8_000 * seconds;
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36 + samples).to_le_bytes());
    bytes.extend(b"WAVEfmt ");
    bytes.extend(16_u32.to_le_bytes());
    bytes.extend([1, 0, 1, 0]);
    bytes.extend(8_000_u32.to_le_bytes());
    bytes.extend(8_000_u32.to_le_bytes());
    bytes.extend([1, 0, 8, 0]);
    bytes.extend(b"data");
    bytes.extend(samples.to_le_bytes());
    bytes.extend(std::iter::repeat_n(128, usize::try_from(samples).expect("few")));
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_call_names_must_be_the_callers_own() {
    let gateway = Gateway::start().await;
    let face = json!({
        "face_id": "0", "sound_file": wav(3), "sound_start_time": 0, "sound_end_time": 2500, "sound_insert_time": 0,
    });
    let cases = [
        (
            "/v1/videos/video-extend",
            json!({"video_id": "nothing"}),
            "video_id",
        ),
        (
            "/v1/videos/identify-face",
            json!({"video_id": "nothing"}),
            "video_id",
        ),
        (
            "/v1/videos/advanced-lip-sync",
            json!({"session_id": "1", "face_choose": [face]}),
            "session_id",
        ),
        (
            "/v1/videos/multi-elements/clear-selection",
            json!({"session_id": "1"}),
            "session_id",
        ),
        ("/v1/general/delete-voices", json!({"voice_id": "1"}), "voice_id"),
        (
            "/v1/general/delete-elements",
            json!({"element_id": 1}),
            "element_id",
        ),
    ];
    for (path, wish, field) in cases {
        for path in [path.to_owned(), format!("/kling{path}")] {
            let answer = gateway.ask("POST", &path, wish.to_string()).await;
            let body = answer.json();
            assert_eq!(
                (answer.status.as_u16(), &body["code"]),
                (400, &json!(1201)),
                "{path}: {body}"
            );
            let message = body["message"].as_str().expect("a message");
            assert!(message.contains(&format!("`{field}`")), "{path}: {message}");
            assert_eq!(body.get("data"), None, "{path}");
        }
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_in_a_list_of_strings_come_in_as_files() {
    use base64::Engine as _;
    let gateway = Gateway::start().await;
    let image = |side| base64::engine::general_purpose::STANDARD.encode(picture(side, side));
    let path = "/v1/videos/effects";
    let wish = json!({"effect_scene": "hug_pro", "input": {"images": [image(300), image(320)]}});
    let answer = gateway.ask("POST", path, wish.to_string()).await;
    assert_ne!(answer.status.as_u16(), 400, "{:?}", answer.bytes);
    let wish = json!({"effect_scene": "hug_pro", "input": {"images": [image(300), image(200)]}});
    let answer = gateway.ask("POST", path, wish.to_string()).await;
    let body = answer.json();
    assert_eq!(
        (answer.status.as_u16(), &body["code"]),
        (400, &json!(1201)),
        "{body}"
    );
    let message = body["message"].as_str().expect("a message");
    assert!(
        message.contains("`input.images.1` is `200x200` pixels"),
        "{message}"
    );
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn presets_and_empty_lists_are_answered_at_once() {
    let gateway = Gateway::start().await;
    let presets = gateway
        .ask("GET", "/v1/general/presets-voices?pageSize=1000", "")
        .await
        .json();
    let voices = presets["data"].as_array().expect("a list");
    assert!(!voices.is_empty());
    for voice in voices {
        let voice = &voice["task_result"]["voices"][0];
        assert_eq!(voice["owned_by"], "kling");
        let wish = json!({
            "model_name": "kling-v2-6", "mode": "pro", "sound": "on", "prompt": "<<<voice_1>>> hello",
            "voice_list": [{"voice_id": voice["voice_id"]}],
        });
        let path = "/v1/videos/text2video";
        let key = format!("Bearer {}", gateway.client_key);
        let headers = [
            ("reelway-dry-run", "true"),
            ("authorization", key.as_str()),
            ("content-type", "application/json"),
        ];
        let quote = gateway.send("POST", path, &headers, wish.to_string()).await;
        assert_eq!(quote.header("reelway-cost"), "0.84", "{:?}", quote.bytes);
    }
    for path in [
        "/v1/general/custom-voices",
        "/v1/videos/omni-video",
        "/kling/v1/images/generations",
    ] {
        let list = gateway.ask("GET", path, "").await;
        assert_eq!(
            (list.status.as_u16(), &list.json()["data"]),
            (200, &json!([])),
            "{path}"
        );
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_documented_500_may_not_be_sent_again() {
    let gateway = Gateway::start().await;
    let wish = json!({"text": "hello", "voice_id": "v", "voice_speed": 3});
    let answer = gateway
        .ask("POST", "/ezmodel/kling/v1/audio/tts", wish.to_string())
        .await;
    assert_eq!(answer.status.as_u16(), 500);
    assert_eq!(answer.header("x-should-retry"), "false");
    assert_eq!(answer.json()["code"], "build_request_failed");
    let unknown = json!({"task_id": "CkTaskParent01", "video_id": "0b1c2d3e-1111-4222-8333-444455556666"});
    let answer = gateway
        .ask("POST", "/elk/kling/v1/videos/video-extend", unknown.to_string())
        .await;
    assert_eq!(
        (answer.status.as_u16(), &answer.json()["code"]),
        (400, &json!(1201))
    );
    let without_key = gateway
        .send(
            "POST",
            "/elk/kling/v1/videos/video-extend",
            &[],
            unknown.to_string(),
        )
        .await;
    assert_eq!(without_key.status.as_u16(), 401);
    assert_eq!(without_key.json()["error"]["code"], "invalid_token");
    gateway.stop().await;
}
