//! Bad input: each kind gets the dialect's own error, which names the field, and leaves the house as
//! it was.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reelway::config::Environment;
use serde_json::{Value, json};

use crate::house_under_test::{Answer, Gateway, picture};

mod fetched;
mod named;

const TEXT: &str = "/kling/v1/videos/text2video";
const IMAGE: &str = "/kling/v1/videos/image2video";

/// The unified error: status and field as expected, a message for people, nothing else in the body.
fn is_refusal(answer: &Answer, status: u16, field: Option<&str>) {
    let shown = String::from_utf8_lossy(&answer.bytes);
    assert_eq!(answer.status, status, "{shown}");
    let body = answer.json();
    assert_eq!(body.as_object().map(serde_json::Map::len), Some(1), "{shown}");
    let error = &body["error"];
    assert_eq!(error["param"].as_str(), field, "{shown}");
    let message = error["message"].as_str().expect("a message");
    assert!(!message.is_empty(), "{shown}");
    assert!(field.is_none_or(|field| message.contains(field)), "{shown}");
    assert!(!answer.header("x-request-id").is_empty());
}

/// Each body is refused with this status, naming this field, under both mounts, and nothing changes.
async fn refused(bodies: &[(Value, u16, &str)]) {
    let gateway = Gateway::start().await;
    let before = gateway.holdings().await;
    for (body, status, field) in bodies {
        for path in [TEXT.to_owned(), format!("/elk{TEXT}")] {
            let answer = gateway.ask("POST", &path, body.to_string()).await;
            is_refusal(&answer, *status, Some(field));
        }
    }
    assert_eq!(gateway.holdings().await, before);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_or_wrong_key_is_refused_before_the_body_is_read() {
    let gateway = Gateway::start().await;
    let before = gateway.holdings().await;
    let typo = gateway.client_key.replace("rw_key_0", "rw_key_1");
    let wrong = [
        "Bearer nobody-knows-this-key-at-all",
        "Basic abc",
        &format!("Bearer {typo}"),
    ];
    let broken = "{ not even json";
    for path in [TEXT.to_owned(), format!("/elk{IMAGE}")] {
        is_refusal(&gateway.send("POST", &path, &[], broken).await, 401, None);
        for value in wrong {
            is_refusal(
                &gateway
                    .send("POST", &path, &[("authorization", value)], broken)
                    .await,
                401,
                None,
            );
        }
    }
    let status = format!("{TEXT}/task_00000000000000000000000000000001");
    is_refusal(&gateway.send("GET", &status, &[], "").await, 401, None);
    assert_eq!(gateway.holdings().await, before);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_taken_from_the_headers_of_every_dialect() {
    let gateway = Gateway::start().await;
    let unknown = format!("{TEXT}/nothing");
    for name in ["ocp-apim-subscription-key", "x-api-key"] {
        let answer = gateway
            .send("GET", &unknown, &[(name, &gateway.client_key)], "")
            .await;
        is_refusal(&answer, 404, None);
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_prompt_is_refused() {
    refused(&[
        (json!({ "prompt": "" }), 400, "prompt"),
        (json!({ "prompt": "  \n" }), 400, "prompt"),
        (json!({ "prompt": null }), 400, "prompt"),
        (json!({}), 400, "prompt"),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_types_are_refused() {
    refused(&[
        (json!({ "prompt": ["a"] }), 400, "prompt"),
        (json!({ "prompt": { "text": "a" } }), 400, "prompt"),
        (json!({ "prompt": "a", "duration": "soon" }), 400, "duration"),
        (json!({ "prompt": "a", "duration": {} }), 400, "duration"),
        (
            json!({ "prompt": "a", "width": "wide", "height": 720 }),
            400,
            "width",
        ),
        (json!({ "prompt": "a", "n": [] }), 400, "n"),
        (json!({ "prompt": "a", "seed": "x" }), 400, "seed"),
        (json!({ "prompt": "a", "model": 7.5 }), 400, "model"),
        (json!({ "prompt": "a", "metadata": "none" }), 400, "metadata"),
        (json!({ "prompt": "a", "image": 5 }), 400, "image"),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn durations_sizes_and_counts_out_of_range_are_refused() {
    refused(&[
        (json!({ "prompt": "a", "duration": 0 }), 400, "duration"),
        (json!({ "prompt": "a", "duration": -5 }), 400, "duration"),
        (json!({ "prompt": "a", "duration": 99 }), 400, "duration"),
        (json!({ "prompt": "a", "duration": 1e300 }), 400, "duration"),
        (json!({ "prompt": "a", "width": 0, "height": 720 }), 400, "width"),
        (
            json!({ "prompt": "a", "width": 1280, "height": 1_000_000 }),
            400,
            "height",
        ),
        (json!({ "prompt": "a", "fps": 0 }), 400, "fps"),
        (json!({ "prompt": "a", "fps": 1_000 }), 400, "fps"),
        (json!({ "prompt": "a", "n": 0 }), 400, "n"),
        (json!({ "prompt": "a", "n": 1_000_000 }), 400, "n"),
        (json!({ "prompt": "a", "seed": -1 }), 400, "seed"),
        (json!({ "prompt": "a".repeat(100_000) }), 400, "prompt"),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_model_is_refused() {
    refused(&[(json!({ "prompt": "a", "model": "no-such-model" }), 400, "model")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_json_is_refused() {
    let gateway = Gateway::start().await;
    let before = gateway.holdings().await;
    let bodies: [&[u8]; 9] = [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\"prompt\"",
        b"{\"prompt\": \"a\",}",
        b"{\"prompt\": \"\xff\"}",
        b"{\"prompt\": \"a\", \"seed\": 1e999}",
        b"{\"prompt\": \"a\"} trailing",
    ];
    for body in bodies {
        is_refusal(&gateway.ask("POST", TEXT, body).await, 400, None);
    }
    assert_eq!(gateway.holdings().await, before);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn json_nested_20_000_deep_is_refused() {
    let gateway = Gateway::start().await;
    let before = gateway.holdings().await;
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let inner = if open == "[" { "" } else { "1" };
        let deep = format!("{}{inner}{}", open.repeat(20_000), close.repeat(20_000));
        for body in [
            deep.clone(),
            format!("{{\"prompt\":\"a\",\"metadata\":{deep}}}"),
            open.repeat(20_000),
        ] {
            is_refusal(&gateway.ask("POST", TEXT, body).await, 400, None);
        }
    }
    assert_eq!(gateway.holdings().await, before);
    assert_eq!(gateway.ask("GET", "/healthz", "").await.status, 200);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_over_the_limit_is_refused_whether_or_not_its_length_is_announced() {
    let gateway = Gateway::start().await;
    let before = gateway.holdings().await;
    let body = vec![b' '; 97 * 1024 * 1024];
    is_refusal(&gateway.ask("POST", TEXT, body).await, 413, None);
    let answer = chunked(&gateway, 97).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert_eq!(gateway.holdings().await, before);
    gateway.stop().await;
}

/// Sends a body of so many chunks of one MiB, without announcing its length; the answer's first bytes.
async fn chunked(gateway: &Gateway, mebibytes: usize) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let stream = tokio::net::TcpStream::connect(gateway.address())
        .await
        .expect("the house listens");
    let (mut from, mut to) = stream.into_split();
    let head = format!(
        "POST {TEXT} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\ntransfer-encoding: chunked\r\n\r\n",
        gateway.address(),
        gateway.client_key
    );
    let sending = tokio::spawn(async move {
        let chunk = [b"100000\r\n".as_slice(), &vec![b' '; 1024 * 1024], b"\r\n"].concat();
        to.write_all(head.as_bytes()).await?;
        for _ in 0..mebibytes {
            to.write_all(&chunk).await?;
        }
        to.write_all(b"0\r\n\r\n").await?;
        std::io::Result::Ok(to)
    });
    let mut answer = vec![0; 1024];
    let length = from.read(&mut answer).await.expect("an answer");
    drop(sending.await);
    String::from_utf8_lossy(&answer[..length]).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_that_is_no_image_is_refused() {
    let text = STANDARD.encode("this is no picture, whatever its field says");
    let cut_off = STANDARD.encode(&picture(320, 320)[..20]);
    let clip = STANDARD.encode(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom");
    refused(&[
        (json!({ "prompt": "a", "image": text }), 400, "image"),
        (
            json!({ "prompt": "a", "image": format!("data:image/png;base64,{text}") }),
            400,
            "image",
        ),
        (json!({ "prompt": "a", "image": cut_off }), 400, "image"),
        (json!({ "prompt": "a", "image": clip }), 400, "image"),
        (
            json!({ "prompt": "a", "image": "!!! not base64 !!!" }),
            400,
            "image",
        ),
        (
            json!({ "prompt": "a", "metadata": { "image_tail": text } }),
            400,
            "metadata.image_tail",
        ),
    ])
    .await;
}

/// The start of a PNG of 20,000 × 20,000 pixels with all that a reader of headers asks for.
fn bomb() -> Vec<u8> {
    let mut bytes = picture(8, 8);
    bytes[16..20].copy_from_slice(&20_000_u32.to_be_bytes());
    bytes[20..24].copy_from_slice(&20_000_u32.to_be_bytes());
    let check = crc32fast::hash(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&check.to_be_bytes());
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_bomb_is_refused_by_its_header() {
    let bomb = STANDARD.encode(bomb());
    refused(&[
        (json!({ "prompt": "a", "image": bomb }), 400, "image"),
        (
            json!({ "prompt": "a", "metadata": { "image_tail": bomb } }),
            400,
            "metadata.image_tail",
        ),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_id_is_refused_in_every_spelling() {
    let gateway = Gateway::start().await;
    for id in [
        "task_00000000000000000000000000000001",
        "123456789",
        "my-own-name",
        "00000000-0000-0000-0000-000000000001",
        "%2e%2e%2f%2e%2e%2fetc",
        &"x".repeat(5_000),
    ] {
        for path in [format!("{TEXT}/{id}"), format!("/elk{IMAGE}/{id}")] {
            is_refusal(&gateway.ask("GET", &path, "").await, 404, None);
        }
        let own = gateway.ask("GET", &format!("/api/v1/tasks/{id}"), "").await;
        assert_eq!(own.status, 404);
        assert_eq!(own.json()["error"]["code"], "not_found");
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_path_or_method_is_answered_in_the_voice_of_its_realm() {
    let gateway = Gateway::start().await;
    for path in ["/elk/nothing/here", "/elk"] {
        is_refusal(&gateway.ask("GET", path, "").await, 404, None);
    }
    for path in ["/kling-native/nothing", "/kling/v1/nothing", "/v1/images/nothing"] {
        let answer = gateway.ask("GET", path, "").await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["code"]),
            (404, &json!(1202)),
            "{path}"
        );
    }
    let deleted = gateway.ask("DELETE", TEXT, "").await;
    is_refusal(&deleted, 405, None);
    assert_eq!(deleted.header("allow"), "GET, HEAD, POST");
    for path in ["/nothing", "/api/v1/nothing", "/api/v1/admin/nothing"] {
        let answer = gateway.ask("GET", path, "").await;
        let code = answer.json()["error"]["code"]
            .as_str()
            .expect("a code")
            .to_owned();
        assert!(
            matches!(code.as_str(), "no_route" | "forbidden"),
            "{path}: {code}"
        );
    }
    let wrong = gateway.ask("PUT", "/api/v1/tasks/x", "").await;
    assert_eq!(
        (wrong.status.as_u16(), wrong.json()["error"]["code"].as_str()),
        (405, Some("method"))
    );
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_inside_the_body_is_kept_once_the_wish_is_taken() {
    let gateway = Gateway::start().await;
    let before = gateway.holdings().await;
    let inline = STANDARD.encode(picture(320, 320));
    let wish = json!({ "prompt": "a", "image": format!("data:image/png;base64,{inline}") });
    let taken = gateway.ask("POST", IMAGE, wish.to_string()).await;
    assert_eq!(taken.status, 200, "{:?}", taken.bytes);
    assert!(taken.header("reelway-task-id").starts_with("task_"));
    assert_ne!(taken.header("reelway-cost"), "");
    assert_ne!(gateway.holdings().await, before);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_is_answered_with_the_first_task_and_another_body_is_refused() {
    let gateway = Gateway::start().await;
    let bearer = format!("Bearer {}", gateway.client_key);
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", "k1")];
    let first = gateway.send("POST", TEXT, &headers, r#"{"prompt":"a"}"#).await;
    let again = gateway.send("POST", TEXT, &headers, r#"{"prompt":"a"}"#).await;
    assert_eq!(first.status, 200);
    assert_eq!(first.bytes, again.bytes);
    assert_eq!(first.header("reelway-task-id"), again.header("reelway-task-id"));
    assert_eq!(again.header("idempotency-replayed"), "true");
    let other = gateway.send("POST", TEXT, &headers, r#"{"prompt":"b"}"#).await;
    is_refusal(&other, 422, Some("Idempotency-Key"));
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_without_effect_are_named_in_a_header() {
    let gateway = Gateway::start().await;
    let taken = gateway.submit(&json!({ "prompt": "a", "mood": "good" })).await;
    assert_eq!(taken.status, 200);
    assert!(taken.header("reelway-ignored-fields").contains("mood"));
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn field_names_that_no_header_can_carry_break_nothing() {
    let gateway = Gateway::start().await;
    let long = "x".repeat(5_000);
    let taken = gateway
        .submit(&json!({ "prompt": "a", "größe\r\n": 1, "mood": 1, long: 1 }))
        .await;
    assert_eq!(taken.status, 200);
    let ignored = taken.header("reelway-ignored-fields");
    assert!(ignored.contains("mood") && ignored.len() <= 1_024, "{ignored}");
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credit_of_the_first_start_is_all_that_can_be_spent() {
    let credit = Environment::of(&[("REELWAY_BOOTSTRAP_CREDIT", "500000")]);
    let gateway = Gateway::in_environment(&credit).await;
    let first = gateway.submit(&json!({ "prompt": "a" })).await;
    assert_eq!(
        (first.status.as_u16(), first.header("reelway-cost")),
        (200, "0.42")
    );
    let second = gateway.submit(&json!({ "prompt": "a" })).await;
    assert_eq!(second.status, 403);
    assert_eq!(second.json()["error"]["code"], "quota_not_enough");
    assert_eq!(gateway.holdings().await.tasks(), 1);
    gateway.stop().await;
}
