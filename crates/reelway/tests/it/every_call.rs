//! Every call of Kling's native API over a socket, from the submit to the file that comes of it, by the embedded
//! renderer; and the same through a gateway whose only account is another gateway. What the calls are is a table
//! in `every_call/table.rs`; files are judged by ffprobe.

use std::panic::AssertUnwindSafe;
use std::process::Command;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use futures_util::FutureExt as _;
use reelway::config::Environment;
use serde_json::{Value, json};

use crate::house_under_test::Gateway;

mod table;

use table::{CALLS, Kind, Row};

/// Looks at a task before it is given up; each waits up to half a minute.
const LOOKS_MAX: u32 = 6;
/// Lets a gateway of a test fetch from this machine.
const OPEN: &str = "[network]\nallow_private = true\n";

/// What rows of the table may name: made once, by the calls themselves.
struct Props {
    /// A picture, as Base64.
    image: String,
    /// Another, as Base64.
    other_image: String,
    /// A sound, as Base64.
    sound: String,
    /// The signed link of a clip, and its name.
    video_url: String,
    video_id: String,
    /// The signed link of a sound, and its name.
    sound_url: String,
    audio_id: String,
}

async fn post(gateway: &Gateway, path: &str, body: &Value) -> Value {
    let answer = gateway.ask("POST", path, body.to_string()).await;
    let said = answer.json();
    assert_eq!(
        (answer.status.as_u16(), &said["code"]),
        (200, &json!(0)),
        "{path}: {said}"
    );
    said["data"].clone()
}

/// A task's data when it has ended.
async fn ended(gateway: &Gateway, path: &str, id: &str) -> Value {
    let mut data = Value::Null;
    for _ in 0..LOOKS_MAX {
        let read = gateway
            .ask("GET", &format!("{path}/{id}?wait=30"), "")
            .await
            .json();
        data = read["data"].clone();
        if ["succeed", "failed"].contains(&data["task_status"].as_str().unwrap_or_default()) {
            break;
        }
    }
    assert_eq!(data["task_status"], "succeed", "{path}: {data}");
    data
}

/// Makes something by an asynchronous call.
async fn made(gateway: &Gateway, path: &str, body: &Value) -> Value {
    let data = post(gateway, path, body).await;
    let id = data["task_id"].as_str().expect("a task's id").to_owned();
    ended(gateway, path, &id).await["task_result"].clone()
}

async fn download(gateway: &Gateway, link: &str) -> Vec<u8> {
    let path = link
        .split_once("/api/v1/")
        .map(|(_, rest)| format!("/api/v1/{rest}"));
    let path = path.unwrap_or_else(|| panic!("no link of ours: {link}"));
    let answer = gateway.send("GET", &path, &[], "").await;
    assert_eq!(answer.status, 200, "{link}");
    answer.bytes.to_vec()
}

async fn props(gateway: &Gateway) -> Props {
    let picture =
        |prompt: &str| json!({ "model_name": "kling-v3", "prompt": prompt, "aspect_ratio": "16:9" });
    let mut pictures = Vec::new();
    for prompt in ["a red fox on a meadow", "a lighthouse at dusk"] {
        let result = made(gateway, "/v1/images/generations", &picture(prompt)).await;
        let link = result["images"][0]["url"].as_str().expect("a link");
        pictures.push(BASE64_STANDARD.encode(download(gateway, link).await));
    }
    let clip = json!({ "model_name": "kling-v1-6", "prompt": "a red fox on a meadow", "duration": "5" });
    let clip = made(gateway, "/v1/videos/text2video", &clip).await["videos"][0].clone();
    let speech = json!({ "text": "the fox goes over the hill and far away, and in the evening it comes home again through the rain and the wind", "voice_id": "oversea_male1", "voice_language": "en" });
    let speech = post(gateway, "/v1/audio/tts", &speech).await["task_result"]["audios"][0].clone();
    let sound = download(gateway, speech["url"].as_str().expect("a link")).await;
    let [image, other_image] = pictures.try_into().expect("two pictures");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    Props {
        image,
        other_image,
        sound: BASE64_STANDARD.encode(sound),
        video_url: text(&clip["url"]),
        video_id: text(&clip["id"]),
        sound_url: text(&speech["url"]),
        audio_id: text(&speech["id"]),
    }
}

/// The body of a row, with its props in place.
fn filled(body: &Value, props: &Props) -> Value {
    match body {
        Value::String(text) => json!(match text.as_str() {
            "{image}" => &props.image,
            "{other_image}" => &props.other_image,
            "{sound}" => &props.sound,
            "{video_url}" => &props.video_url,
            "{video_id}" => &props.video_id,
            "{sound_url}" => &props.sound_url,
            "{audio_id}" => &props.audio_id,
            plain => plain,
        }),
        Value::Array(list) => list.iter().map(|value| filled(value, props)).collect(),
        Value::Object(map) => {
            let pairs = map
                .iter()
                .map(|(name, value)| (name.clone(), filled(value, props)));
            Value::Object(pairs.collect())
        }
        plain => plain.clone(),
    }
}

/// Every link in a value.
fn links(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(text) if text.starts_with("http") => into.push(text.clone()),
        Value::Array(list) => list.iter().for_each(|value| links(value, into)),
        Value::Object(map) => map.values().for_each(|value| links(value, into)),
        _ => {}
    }
}

/// What ffprobe says of a file: the kinds of its streams, and its length in milliseconds.
fn probed(bytes: &[u8]) -> (Vec<String>, u64) {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), bytes).expect("written");
    let output = Command::new("ffprobe")
        .args([
            "-v",
            "error",
            "-show_entries",
            "stream=codec_type:format=duration",
            "-of",
            "json",
        ])
        .arg(file.path())
        .output()
        .expect("ffprobe runs");
    assert!(
        output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let said: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let streams = said["streams"].as_array().expect("streams");
    let kinds = streams
        .iter()
        .map(|stream| stream["codec_type"].as_str().expect("a kind").to_owned());
    let seconds: f64 = said["format"]["duration"]
        .as_str()
        .unwrap_or("0")
        .parse()
        .unwrap_or(0.0);
    (kinds.collect(), (seconds * 1_000.0).round() as u64)
}

/// Downloads what a row made and judges each file.
async fn judge(gateway: &Gateway, row: &Row, result: &Value) {
    let mut all = Vec::new();
    links(result, &mut all);
    assert!(
        all.len() >= row.files,
        "{}: {} files: {result}",
        row.path,
        all.len()
    );
    for link in &all {
        let (streams, length_ms) = probed(&download(gateway, link).await);
        let has = |kind: &str| streams.iter().any(|stream| stream == kind);
        match row.kind {
            Kind::Clip { from_ms, to_ms } => {
                assert!(has("video"), "{}: {streams:?}", row.path);
                assert!(
                    (from_ms..=to_ms).contains(&length_ms),
                    "{}: {length_ms} ms",
                    row.path
                );
            }
            Kind::Sound { from_ms, to_ms } => {
                assert!(has("audio"), "{}: {streams:?}", row.path);
                assert!(
                    (from_ms..=to_ms).contains(&length_ms),
                    "{}: {length_ms} ms",
                    row.path
                );
            }
            Kind::Still => assert!(has("video"), "{}: {streams:?}", row.path),
            Kind::Any => assert!(!streams.is_empty(), "{}", row.path),
        }
    }
}

/// Plays a row to its end.
async fn play(gateway: &Gateway, row: &Row, props: &Props) {
    let body = filled(&(row.body)(), props);
    let result = match row.at_once {
        true => post(gateway, row.path, &body).await,
        false => made(gateway, row.path, &body).await,
    };
    for field in row.fields {
        assert!(
            !result.pointer(field).is_none_or(Value::is_null),
            "{}: no {field}: {result}",
            row.path
        );
    }
    judge(gateway, row, &result).await;
}

/// A port of this machine that was free a moment ago.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}

/// A gateway whose only account is another gateway, with a pair of that one's keys.
async fn in_front_of(upstream: &Gateway) -> Gateway {
    let wish = json!({ "name": "front", "kind": "pair" });
    let pair = upstream.rule("POST", "/api/v1/admin/keys", &wish).await.json();
    let text = |name: &str| pair[name].as_str().expect("a text");
    let listen = format!("127.0.0.1:{}", free_port());
    let file = format!(
        "[server]\npublic_url = \"http://{listen}\"\n{OPEN}[[account]]\nname = \"behind\"\nprovider = \"kling\"\n\
         base_url = \"http://{}/kling-native\"\naccess_key = \"{}\"\nsecret_key = \"{}\"\n",
        upstream.address(),
        text("access_key"),
        text("secret_key")
    );
    Gateway::with_file_at(&listen, &file).await
}

/// Plays every row, so that one that fails hides no other.
async fn play_all(gateway: &Gateway, props: &Props) {
    let mut failed = Vec::new();
    for row in CALLS {
        let played = AssertUnwindSafe(play(gateway, row, props)).catch_unwind().await;
        failed.extend(played.is_err().then_some(row.path));
    }
    assert_eq!(failed, Vec::<&str>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_ends_in_files_that_decode() {
    let gateway = Gateway::with_file(OPEN, &Environment::default()).await;
    let props = props(&gateway).await;
    play_all(&gateway, &props).await;
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_goes_through_a_gateway_to_another_and_ends_in_files_that_decode() {
    let upstream = Gateway::with_file(OPEN, &Environment::default()).await;
    let gateway = in_front_of(&upstream).await;
    let props = props(&gateway).await;
    play_all(&gateway, &props).await;
    gateway.stop().await;
    upstream.stop().await;
}
