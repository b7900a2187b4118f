//! Every product of Pixazo over a socket, from its wish to its files, by the embedded renderer: read by the queue's
//! status, by its result or by the older polls, and called back. Refusals over the wire are in `polling.rs`.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::{Dialect as _, Intent};
use reelway::config::Environment;
use serde_json::{Value, json};

use crate::deliver::receiver::{Manner, Receiver};
use crate::house_under_test::{Answer, Gateway, picture};

/// Looks at a task before it is given up; each waits up to half a minute.
const LOOKS_MAX: u32 = 10;
/// Lets the gateway fetch from this machine, and call back there.
const OPEN: &str = "[network]\nallow_private = true\n";

/// How a product is read when it is done.
#[derive(Clone, Copy)]
enum Read {
    /// By the poll of its kind, with the id in the body: where, and what of the result has the files.
    Poll(&'static str, &'static str),
    /// By its result: a clip or pictures.
    Clip,
    Stills,
}

/// One product: where it is submitted, its body, and how it is read. `{…}` in a body is a prop.
type Row = (&'static str, fn() -> Value, Read);

const POLLS: &str = "/kling-ai-polling/v1";

/// Every product, with the shortest thing that it makes.
static PRODUCTS: &[Row] = &[
    (
        "/kling-ai-video/v1/generateVideoTask",
        || json!({ "prompt": "a dot" }),
        Read::Poll("getTextToVideoStatus", "videos"),
    ),
    (
        "/kling-ai-video/v1/getImageToVideoTask",
        || json!({ "prompt": "wind", "image": "{image}" }),
        Read::Poll("getImageToVideoStatus", "videos"),
    ),
    (
        "/kling-ai-vton/v1/getVirtualTryOnTask",
        || json!({ "human_image": "{image}", "cloth_image": "{image}" }),
        Read::Poll("getVirtualTryOnStatus", "images"),
    ),
    (
        "/kling-ai-image/v1/getImageTask",
        || json!({ "prompt": "a dot", "n": 2 }),
        Read::Poll("getImageStatus", "images"),
    ),
    (
        "/kling-3-0-text-to-video-standard/v1/kling-3-0-text-to-video-standard-request",
        words,
        Read::Clip,
    ),
    (
        "/kling-3-0-image-to-video-standard/v1/kling-3-0-image-to-video-standard-request",
        frames,
        Read::Clip,
    ),
    (
        "/kling-video-v3-turbo-pro-text-to-video/v1/kling-video-v3-turbo-pro-text-to-video-request",
        words,
        Read::Clip,
    ),
    (
        "/kling-video-v3-turbo-pro-image-to-video/v1/kling-video-v3-turbo-pro-image-to-video-request",
        start,
        Read::Clip,
    ),
    (
        "/kling-video-o3-4k-text-to-video/v1/kling-video-o3-4k-text-to-video-request",
        words,
        Read::Clip,
    ),
    (
        "/kling-video-o3-4k-image-to-video/v1/kling-video-o3-4k-image-to-video-request",
        start,
        Read::Clip,
    ),
    (
        "/kling-video-o3-4k-reference-to-video/v1/kling-video-o3-4k-reference-to-video-request",
        references,
        Read::Clip,
    ),
    (
        "/kling-video-v3-standard-motion-control/v1/kling-video-v3-standard-motion-control-request",
        motion,
        Read::Clip,
    ),
    (
        "/kling-video-v3-pro-motion-control/v1/kling-video-v3-pro-motion-control-request",
        motion,
        Read::Clip,
    ),
    (
        "/kling-video-v2-6-standard-motion-control/v1/kling-video-v2-6-standard-motion-control-request",
        motion,
        Read::Clip,
    ),
    (
        "/kling-o1-edit-video-video-to-video-634/v1/kling-o1-edit-video-video-to-video-request",
        || json!({ "prompt": "@Video1 at night", "video_url": "{video}" }),
        Read::Clip,
    ),
    (
        "/kling-o1-first-frame-last-frame-to-video-857/v1/kling-o1-first-frame-last-frame-to-video-request",
        || json!({ "prompt": "a day", "start_image_url": "{image}", "end_image_url": "{image}", "duration": "5" }),
        Read::Clip,
    ),
    (
        "/kling-o1-reference-image-to-video-382/v1/kling-o1-reference-image-to-video-request",
        references,
        Read::Clip,
    ),
    (
        "/kling-o1-reference-video-to-video-315/v1/kling-o1-reference-video-to-video-request",
        || json!({ "prompt": "like @Video1", "video_url": "{video}", "aspect_ratio": "16:9", "duration": "3" }),
        Read::Clip,
    ),
    (
        "/kling-o1-image-208/v1/kling-o1-image-request",
        || json!({ "prompt": "like @Image1", "image_urls": ["{image}"] }),
        Read::Stills,
    ),
    (
        "/kling-image/v1/kling-image-request",
        || json!({ "prompt": "a dot", "num_images": 2 }),
        Read::Stills,
    ),
    (
        "/kling-image-o3-i2i/v1/kling-image-o3-i2i-request",
        || json!({ "prompt": "like @Image1", "image_urls": ["{image}"] }),
        Read::Stills,
    ),
    (
        "/kling-image-t2i/v1/kling-image-t2i-request",
        || json!({ "prompt": "a dot" }),
        Read::Stills,
    ),
    (
        "/kling-ai-avatar-v2-pro-789/v1/kling-ai-avatar-v2-pro-request",
        || json!({ "image_url": "{image}", "audio_url": "{sound}" }),
        Read::Clip,
    ),
    (
        "/kling-lipsync-text-to-video/v1/text-to-video/lip-sync",
        || json!({ "video_url": "{video}", "text": "hello", "voice_id": "oversea_male1", "voice_language": "en" }),
        Read::Clip,
    ),
];

fn words() -> Value {
    json!({ "prompt": "a dot", "duration": "3" })
}

fn start() -> Value {
    json!({ "prompt": "wind", "start_image_url": "{image}", "duration": "3" })
}

fn frames() -> Value {
    json!({ "prompt": "wind", "start_image_url": "{image}", "end_image_url": "{image}", "duration": "3" })
}

fn references() -> Value {
    json!({ "prompt": "@Image1 at sea", "image_urls": ["{image}"], "duration": "3", "aspect_ratio": "16:9" })
}

fn motion() -> Value {
    json!({ "image_url": "{image}", "video_url": "{video}", "character_orientation": "image" })
}

/// What bodies name.
struct Props {
    image: String,
    video: String,
    sound: String,
}

impl Props {
    async fn make(gateway: &Gateway) -> Props {
        let clip = json!({ "model_name": "kling-v3", "prompt": "a red fox on a meadow", "duration": "3" });
        let clip = native(gateway, "/v1/videos/text2video", &clip).await;
        let sound = json!({ "prompt": "rain on a roof", "duration": 3.0 });
        let sound = native(gateway, "/v1/audio/text-to-audio", &sound).await;
        let link = |value: &Value| value.as_str().expect("a link").to_owned();
        Props {
            image: BASE64_STANDARD.encode(picture(640, 480)),
            video: link(&clip["videos"][0]["url"]),
            sound: link(&sound["audios"][0]["url_mp3"]),
        }
    }

    fn fill(&self, body: &Value) -> Value {
        let text = body.to_string();
        let props = [
            ("{image}", &self.image),
            ("{video}", &self.video),
            ("{sound}", &self.sound),
        ];
        let filled = props
            .iter()
            .fold(text, |text, (name, prop)| text.replace(name, prop));
        serde_json::from_str(&filled).expect("JSON")
    }
}

/// The result of a native call.
async fn native(gateway: &Gateway, path: &str, body: &Value) -> Value {
    let taken = gateway.ask("POST", path, body.to_string()).await.json();
    let id = taken["data"]["task_id"]
        .as_str()
        .unwrap_or_else(|| panic!("{path}: {taken}"));
    for _ in 0..LOOKS_MAX {
        let read = gateway
            .ask("GET", &format!("{path}/{id}?wait=30"), "")
            .await
            .json();
        if read["data"]["task_status"] == "succeed" {
            return read["data"]["task_result"].clone();
        }
    }
    panic!("{path} is not done in time");
}

async fn send(gateway: &Gateway, method: &str, path: &str, hook: &str, body: &str) -> Answer {
    let headers = [
        ("ocp-apim-subscription-key", gateway.client_key.as_str()),
        ("content-type", "application/json"),
        ("x-webhook-url", hook),
    ];
    gateway.send(method, path, &headers, body.to_owned()).await
}

/// Where this gateway serves a link of its own.
fn below(gateway: &Gateway, link: &Value) -> String {
    let link = link.as_str().unwrap_or_else(|| panic!("no link: {link}"));
    let (_, path) = link.split_once(gateway.address()).expect("a link to this house");
    path.to_owned()
}

/// The task of a product once it is done, by the queue's status.
async fn done(gateway: &Gateway, polling: &str) -> Value {
    let mut status = Value::Null;
    for _ in 0..LOOKS_MAX {
        status = gateway.ask("GET", &format!("{polling}?wait=30"), "").await.json();
        if !["QUEUED", "PROCESSING"].contains(&status["status"].as_str().unwrap_or_default()) {
            break;
        }
    }
    assert_eq!(status["status"], "COMPLETED", "{polling}: {status}");
    status
}

/// Whether a link opens a file of a kind, by its first bytes.
async fn opens(gateway: &Gateway, link: &Value, is_clip: bool) {
    let file = gateway.send("GET", &below(gateway, link), &[], "").await;
    assert_eq!(file.status, 200, "{link}");
    let found = match is_clip {
        true => &file.bytes[4..8] == b"ftyp",
        false => file.bytes.starts_with(b"\x89PNG") || file.bytes.starts_with(b"\xff\xd8"),
    };
    assert!(found, "{link}: {:?}", &file.bytes[..12]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_product_ends_in_files_and_calls_back() {
    let listed: BTreeSet<&str> = PRODUCTS.iter().map(|(path, ..)| *path).collect();
    let routes = dialects::pixazo::Pixazo.routes().iter();
    let submits = routes.filter(|route| route.intent == Intent::Submit);
    let served: BTreeSet<&str> = submits.map(|route| route.path).collect();
    assert_eq!(listed, served, "every product is here");

    let gateway = Gateway::with_file(OPEN, &Environment::default()).await;
    let receiver = Receiver::start(Manner::Sound).await;
    let props = Props::make(&gateway).await;
    let mut taken = Vec::new();
    for (at, (path, body, read)) in PRODUCTS.iter().enumerate() {
        let body = props.fill(&body()).to_string();
        let hook = receiver.url(&format!("/{at}"));
        let answer = send(&gateway, "POST", path, &hook, &body).await;
        let status = if matches!(read, Read::Poll(..)) { 200 } else { 202 };
        assert_eq!(answer.status, status, "{path}: {:?}", answer.bytes);
        taken.push((*path, *read, answer.json()));
    }
    for (path, read, taken) in &taken {
        let id = taken["request_id"].as_str().expect("an id");
        let status = done(&gateway, &below(&gateway, &taken["polling_url"])).await;
        let is_clip = status["output"]["media_type"] == "video/mp4";
        for link in status["output"]["media_url"].as_array().expect("links") {
            opens(&gateway, link, is_clip).await;
        }
        let named = json!({ "request_id": id, "task_id": id }).to_string();
        match read {
            Read::Poll(poll, kind) => {
                let polled = send(&gateway, "POST", &format!("{POLLS}/{poll}"), "", &named)
                    .await
                    .json();
                assert_eq!(polled["message"], "SUCCEED", "{path}: {polled}");
                let first = &polled["data"]["task_result"][kind][0];
                opens(&gateway, &first["url"], *kind == "videos").await;
            }
            Read::Clip | Read::Stills => {
                let result = match path.strip_suffix("/lip-sync") {
                    Some(stem) => gateway.ask("GET", &format!("{stem}/result/{id}"), "").await,
                    None => send(&gateway, "POST", &format!("{path}-result"), "", &named).await,
                };
                assert_eq!(result.status, 200, "{path}: {:?}", result.bytes);
                let result = result.json();
                let is_clip = matches!(read, Read::Clip);
                let file = if is_clip {
                    &result["video"]
                } else {
                    &result["images"][0]
                };
                opens(&gateway, &file["url"], is_clip).await;
            }
        }
    }
    let ends = |path: String| {
        let receiver = &receiver;
        async move {
            let is_end = |body: &Value| body["status"] == "COMPLETED" || body["task_status"] == "succeed";
            let is_told = |got: &crate::deliver::receiver::Got| got.path == path && is_end(&got.json());
            receiver.once(|all| all.iter().any(&is_told)).await
        }
    };
    for at in 0..PRODUCTS.len() {
        ends(format!("/{at}")).await;
    }
    gateway.stop().await;
}
