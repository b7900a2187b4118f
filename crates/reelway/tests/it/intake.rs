//! Intake: long bodies and forms come in piece by piece, mean the same as short ones, and leave nothing
//! behind when they are refused.

use std::time::Duration;

use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use domain::fields::Field;
use domain::{Refusal, RefusalKind};
use futures_util::StreamExt as _;
use http::HeaderMap;
use reelway::front::body::{Bounds, Intake, Taken};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::house_under_test::{Gateway, picture};

mod same;

const IMAGE: &str = "/kling/v1/videos/image2video";
const MIB: u64 = 1024 * 1024;
const MEDIA: &[&str] = &["image", "images", "masks.mask"];

/// An intake on an empty folder, which lives as long as what is returned beside it.
fn intake(bounds: Bounds) -> (Intake, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let intake = Intake::open(&folder.path().join("spool"), bounds).expect("an empty spool");
    (intake, folder)
}

/// Headers of these names and values.
fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let pairs = pairs
        .iter()
        .map(|(name, value)| ((*name).parse().expect("a name"), value.parse().expect("a value")));
    pairs.collect()
}

/// Takes a body whose length is not announced.
async fn take(intake: &Intake, content_type: &str, body: impl Into<Body>) -> Result<Taken, Refusal> {
    let headers = headers(&[("content-type", content_type)]);
    intake
        .take(&headers, &mut body.into(), 8 * MIB, MEDIA.to_vec())
        .await
}

fn refused(taken: Result<Taken, Refusal>) -> Refusal {
    match taken {
        Ok(taken) => panic!("this is no body to take: {:?}", taken.fields),
        Err(refusal) => refusal,
    }
}

/// Bytes that no other call of the test gives, and that do not compress.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 56) as u8
    };
    (0..length).map(|_| next()).collect()
}

/// A picture with so many bytes behind its end.
fn large_picture(seed: u64, length: usize) -> Vec<u8> {
    let mut bytes = picture(320, 320);
    bytes.extend(noise(seed, length));
    bytes
}

/// What a stream of chunks brings that never ends.
fn endless(first: &'static str) -> Body {
    let first = futures_util::stream::iter([Ok::<_, std::io::Error>(Bytes::from(first))]);
    Body::from_stream(first.chain(futures_util::stream::pending()))
}

/// The blob of these bytes, as it lies in the house's folder.
fn kept(gateway: &Gateway, bytes: &[u8]) -> Option<Vec<u8>> {
    let key = base16ct::lower::encode_string(&Sha256::digest(bytes));
    let shelf = gateway.data_dir().join("blobs").join(&key[..2]);
    std::fs::read(shelf.join(key)).ok()
}

fn left_in(folder: &tempfile::TempDir) -> usize {
    let spool = folder.path().join("spool");
    std::fs::read_dir(spool).expect("the spool").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_body_is_answered_and_its_picture_is_kept_as_it_came() {
    let gateway = Gateway::start().await;
    let bytes = large_picture(1, 3_000_000);
    let inline = STANDARD.encode(&bytes);
    let wish = json!({ "prompt": "a", "image": format!("data:image/png;base64,{inline}"), "seed": 7 });
    let taken = gateway.ask("POST", IMAGE, wish.to_string()).await;
    assert_eq!(taken.status, 200, "{:?}", taken.bytes);
    assert_eq!(kept(&gateway, &bytes), Some(bytes));
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_body_with_one_key_is_done_once() {
    let gateway = Gateway::start().await;
    let bearer = format!("Bearer {}", gateway.client_key);
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", "long")];
    let wish =
        |seed| json!({ "prompt": "a", "image": STANDARD.encode(large_picture(seed, 400_000)) }).to_string();
    let first = gateway.send("POST", IMAGE, &headers, wish(1)).await;
    let again = gateway.send("POST", IMAGE, &headers, wish(1)).await;
    assert_eq!(first.status, 200, "{:?}", first.bytes);
    assert_eq!(first.bytes, again.bytes);
    assert_eq!(again.header("idempotency-replayed"), "true");
    let other = gateway.send("POST", IMAGE, &headers, wish(2)).await;
    assert_eq!(other.status, 422, "{:?}", other.bytes);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_body_that_is_refused_leaves_nothing_behind() {
    let gateway = Gateway::start().await;
    let before = gateway.holdings().await;
    let good = STANDARD.encode(large_picture(1, 400_000));
    let broken = format!("{}!{}", &good[..300_000], &good[300_000..]);
    let text = "a".repeat(400_000);
    let noise = STANDARD.encode(noise(1, 400_000));
    for (wish, field) in [
        (
            json!({ "prompt": "a", "duration": 99, "image": good }),
            "duration",
        ),
        (json!({ "prompt": text, "image": good }), "prompt"),
        (json!({ "prompt": "a", "image": broken }), "image"),
        (json!({ "prompt": "a", "image": noise }), "image"),
        (
            json!({ "prompt": "a", "image": format!("https://a.example/{text}") }),
            "image",
        ),
        (
            json!({ "prompt": "a", "image": good, "metadata": { "image_tail": broken } }),
            "metadata.image_tail",
        ),
    ] {
        let answer = gateway.ask("POST", IMAGE, wish.to_string()).await;
        let error = answer.json();
        assert_eq!(
            (answer.status.as_u16(), error["error"]["param"].as_str()),
            (400, Some(field)),
            "{error}"
        );
    }
    let truncated = json!({ "prompt": "a", "image": good }).to_string();
    let answer = gateway
        .ask("POST", IMAGE, truncated[..truncated.len() - 5].to_owned())
        .await;
    assert_eq!(answer.status, 400);
    assert_eq!(gateway.holdings().await, before);
    let spool = std::fs::read_dir(gateway.data_dir().join("spool")).expect("the spool");
    assert_eq!(spool.count(), 0);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_with_a_file_is_a_wish_like_any_other() {
    let gateway = Gateway::start().await;
    let bearer = format!("Bearer {}", gateway.client_key);
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "multipart/form-data; boundary=XX"),
    ];
    for length in [0, 600_000] {
        let bytes = large_picture(length as u64, length);
        let body = form(&[
            ("name=\"prompt\"", b"a dot"),
            ("name=\"duration\"", b"5"),
            (
                "name=\"image\"; filename=\"a.bin\"\r\nContent-Type: application/octet-stream",
                &bytes,
            ),
        ]);
        let taken = gateway.send("POST", IMAGE, &headers, body).await;
        assert_eq!(taken.status, 200, "{:?}", taken.bytes);
        assert_eq!(kept(&gateway, &bytes), Some(bytes));
    }
    gateway.stop().await;
}

/// A form of parts with these disposition parameters, boundary `XX`.
fn form(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (disposition, content) in parts {
        body.extend(format!("--XX\r\nContent-Disposition: form-data; {disposition}\r\n\r\n").bytes());
        body.extend(*content);
        body.extend(b"\r\n");
    }
    body.extend(b"--XX--\r\n");
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_of_a_form_become_strings_lists_and_media() {
    let (intake, _folder) = intake(Bounds::default());
    let plain = picture(8, 8);
    let inline = STANDARD.encode(&plain);
    let long = "é".repeat(20_000);
    for padding in [0, 400_000] {
        let body = form(&[
            ("name=\"prompt\"", "größe".as_bytes()),
            ("name=\"list[]\"", b"one"),
            ("name=\"again\"", b"1"),
            ("name=\"again\"", b"2"),
            ("name=\"sub[name]\"", b"x"),
            ("name=\"image\"\r\nContent-Type: text/plain", inline.as_bytes()),
            ("name=\"images[]\"; filename=\"a.png\"", &plain),
            ("name=\"images[]\"", b"https://a.example/b.png"),
            (
                "name=\"none\"; filename=\"\"\r\nContent-Type: application/octet-stream",
                b"",
            ),
            ("name=\"long\"", long.as_bytes()),
            ("name=\"padding\"; filename=\"x\"", &vec![b'-'; padding]),
        ]);
        let taken = take(&intake, "multipart/form-data; boundary=\"XX\"", body).await;
        let taken = taken.unwrap_or_else(|refusal| panic!("{refusal:?}"));
        let text = |text: &str| Field::Text(text.to_owned());
        let fields = &taken.fields;
        assert_eq!(fields.get("prompt"), Some(&text("größe")));
        assert_eq!(fields.get("list"), Some(&Field::List(vec![text("one")])));
        assert_eq!(
            fields.get("again"),
            Some(&Field::List(vec![text("1"), text("2")]))
        );
        assert_eq!(fields.get("sub[name]"), Some(&text("x")));
        assert_eq!(fields.get("none"), None);
        let Some(Field::Staged(image)) = fields.get("image") else {
            panic!("{fields:?}");
        };
        assert_eq!(image.content_type.as_deref(), Some("image/png"));
        assert_eq!(
            fields.get("images"),
            Some(&Field::List(vec![
                Field::Staged(image.clone()),
                text("https://a.example/b.png")
            ]))
        );
        let Some(Field::Staged(long)) = fields.get("long") else {
            panic!("{fields:?}");
        };
        assert_eq!((long.bytes, long.content_type.as_deref()), (40_000, None));
        let lengths: Vec<u64> = taken.pending.iter().map(|media| media.bytes).collect();
        assert_eq!(lengths, [image.bytes, 40_000, padding as u64]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_badly_formed_or_boundless_is_refused() {
    let (intake, _folder) = intake(Bounds::default());
    let kind = "multipart/form-data; boundary=XX";
    let whole = form(&[("name=\"prompt\"", b"a")]);
    let many = |count: usize| form(&vec![("name=\"x\"", b"y".as_slice()); count]);
    let headers = format!("name=\"x\"\r\nX-Long: {}", "x".repeat(200_000));
    let bodies = [
        whole[..whole.len() - 6].to_vec(),
        b"no boundary at all".to_vec(),
        vec![b'-'; 500_000],
        form(&[("filename=\"no name\"", b"a")]),
        form(&[("name=\"x\"", b"\xff\xfe")]),
        form(&[(headers.as_str(), b"a")]),
        many(257),
        form(&vec![("name=\"x\"; filename=\"x\"", b"y".as_slice()); 65]),
    ];
    for body in bodies {
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        let refusal = refused(take(&intake, kind, body).await);
        let expected = matches!(refusal.kind, RefusalKind::Malformed | RefusalKind::TooLarge);
        assert!(expected, "{shown}: {refusal:?}");
    }
    assert!(take(&intake, kind, many(256)).await.is_ok());
    let refusal = refused(take(&intake, "multipart/form-data", whole).await);
    assert!(refusal.message.contains("boundary"), "{refusal:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_under_another_name_are_taken_when_they_are_json() {
    let (intake, _folder) = intake(Bounds::default());
    let long = format!("  {{\"a\": 1}}{}", " ".repeat(300_000));
    for body in ["{\"a\": 1}".to_owned(), long] {
        for kind in ["application/x-www-form-urlencoded", "text/plain", "a/b+json"] {
            let taken = take(&intake, kind, body.clone()).await;
            assert!(taken.is_ok_and(|taken| taken.fields.get("a").is_some()), "{kind}");
        }
    }
    for body in ["a=1".to_owned(), "x".repeat(300_000)] {
        let refusal = refused(take(&intake, "application/x-www-form-urlencoded", body.clone()).await);
        assert_eq!(refusal.kind, RefusalKind::Malformed);
        assert_eq!(refusal.allowed, ["application/json", "multipart/form-data"]);
        let refusal = refused(take(&intake, "image/png", body).await);
        assert!(refusal.message.contains("`image/png`"), "{refusal:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_long_too_slow_or_cut_off_is_refused() {
    let bounds = Bounds {
        chunk_timeout: Duration::from_millis(20),
        ..Bounds::default()
    };
    let (intake, folder) = intake(bounds);
    let long = vec![b' '; 9 * MIB as usize];
    let announced = headers(&[("content-length", "9437184")]);
    let refusal = refused(
        intake
            .take(&announced, &mut long.clone().into(), 8 * MIB, MEDIA.to_vec())
            .await,
    );
    assert_eq!(refusal.kind, RefusalKind::TooLarge);
    let refusal = refused(take(&intake, "application/json", long).await);
    assert_eq!(refusal.kind, RefusalKind::TooLarge);
    for length in ["1000", "1000000"] {
        let announced = headers(&[("content-length", length)]);
        let mut body = endless("{\"prompt\":");
        let refusal = refused(intake.take(&announced, &mut body, 8 * MIB, MEDIA.to_vec()).await);
        assert!(refusal.message.contains("in time"), "{refusal:?}");
        let chunks = [
            Ok(Bytes::from(vec![b' '; 300_000])),
            Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset)),
        ];
        let mut body = Body::from_stream(futures_util::stream::iter(chunks));
        let refusal = refused(intake.take(&announced, &mut body, 8 * MIB, MEDIA.to_vec()).await);
        assert!(refusal.message.contains("broke off"), "{refusal:?}");
    }
    assert_eq!(left_in(&folder), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_body_waits_unread_until_the_spool_has_room() {
    let bounds = Bounds {
        spool_bytes: MIB,
        turn_timeout: Duration::from_millis(50),
        ..Bounds::default()
    };
    let (intake, _folder) = intake(bounds);
    let image = STANDARD.encode(large_picture(1, 600_000));
    let body = json!({ "image": image }).to_string();
    let announced = headers(&[("content-length", &body.len().to_string())]);
    let take = |body: Body| {
        let (intake, announced) = (&intake, &announced);
        async move {
            let mut body = body;
            intake.take(announced, &mut body, 8 * MIB, MEDIA.to_vec()).await
        }
    };
    let held = take(body.clone().into()).await;
    assert!(held.is_ok());
    let unread = futures_util::stream::poll_fn(|_| -> std::task::Poll<Option<std::io::Result<Bytes>>> {
        panic!("nobody reads before there is room")
    });
    let refusal = refused(take(Body::from_stream(unread)).await);
    assert_eq!(refusal.kind, RefusalKind::Unavailable);
    assert!(refusal.retry_after_seconds.is_some());
    drop(held);
    assert!(take(body.into()).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_was_kept_waiting_may_come_as_late_as_it_waited() {
    let bounds = Bounds {
        spool_bytes: MIB,
        chunk_timeout: Duration::from_millis(40),
        ..Bounds::default()
    };
    let (intake, _folder) = intake(bounds);
    let body = json!({ "image": STANDARD.encode(large_picture(1, 600_000)) }).to_string();
    let announced = headers(&[("content-length", &body.len().to_string())]);
    let late = || {
        let bytes = Bytes::from(body.clone());
        Body::from_stream(futures_util::stream::once(async move {
            tokio::time::sleep(Duration::from_millis(150)).await;
            Ok::<_, std::io::Error>(bytes)
        }))
    };
    let first = intake
        .take(&announced, &mut body.clone().into(), 8 * MIB, MEDIA.to_vec())
        .await;
    let (mut waits, mut does_not) = (late(), late());
    let waiting = intake.take(&announced, &mut waits, 8 * MIB, MEDIA.to_vec());
    let leaving = async {
        tokio::time::sleep(Duration::from_millis(1_000)).await;
        drop(first.expect("a body that comes at once"));
    };
    let (waited, ()) = tokio::join!(waiting, leaving);
    assert!(waited.is_ok(), "{:?}", waited.err());
    drop(waited);
    let refusal = refused(
        intake
            .take(&announced, &mut does_not, 8 * MIB, MEDIA.to_vec())
            .await,
    );
    assert!(refusal.message.contains("in time"), "{refusal:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_body_has_bounds_on_what_is_kept_of_it() {
    let (intake, _folder) = intake(Bounds::default());
    let name = "n".repeat(300_000);
    let digits = "1".repeat(300_000);
    for (body, part) in [
        (format!("{{\"a\":[{}1]}}", "1,".repeat(150_000)), "values"),
        (format!("{{\"{name}\":1}}"), "name"),
        (format!("{{\"a\":{digits}}}"), "number"),
        (
            format!(
                "{{\"a\":[{}]}}",
                vec![format!("\"{}\"", "x".repeat(40_000)); 65].join(",")
            ),
            "65",
        ),
    ] {
        let refusal = refused(take(&intake, "application/json", body).await);
        let expected = matches!(refusal.kind, RefusalKind::Malformed | RefusalKind::TooLarge);
        assert!(expected, "{refusal:?}");
        let part = if part == "65" { "64 files" } else { part };
        assert!(refusal.message.contains(part), "{refusal:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spool_is_emptied_when_it_is_opened() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let spool = folder.path().join("spool");
    std::fs::create_dir_all(spool.join("old")).expect("a folder");
    std::fs::write(spool.join("old/left"), b"x").expect("a file");
    std::fs::write(spool.join("left"), b"x").expect("a file");
    drop(Intake::open(&spool, Bounds::default()).expect("a spool"));
    assert_eq!(left_in(&folder), 0);
}
