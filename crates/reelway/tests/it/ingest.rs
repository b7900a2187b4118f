//! Ingest: a picture that a client names by its address is fetched by the real way out and the clip is
//! made; what cannot be fetched or used fails the task and gives the hold back.

use std::time::Duration;

use domain::blobs::BlobError;
use domain::{BlobKey, Input, LineKind, MediaKind, MediaRule, Role, Source, StateWord, TaskId};
use reelway::config::Environment;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use testkit::sample;

use crate::house_under_test::{Gateway, picture};
use crate::rig::{Rig, submission};
use crate::site::{Act, Site, answer, endless};

/// Looks at a task before a test gives it up; at [`LOOK_MS`] each, a minute.
const LOOKS_MAX: u32 = 600;
/// Pause between two looks.
const LOOK_MS: u64 = 100;

/// The time of a fetch where a test waits for its end, and a pause within it.
const HASTY: &str = "1s";
const DRIP_MS: u64 = 200;
/// Tries of a fetch before its task fails.
const TRIES: usize = 4;
/// Longer than staged media waits for its task.
const STAGED_LIFE_MS: i64 = 61 * 60 * 1_000;

async fn house(site: Option<&Site>) -> Gateway {
    let hosts = site.map_or_else(String::new, |site| site.address.to_string());
    Gateway::in_environment(&Environment::of(&[("REELWAY_NETWORK__ALLOW_HOSTS", &hosts)])).await
}

/// A house that does not wait long.
async fn hasty_house(site: &Site) -> Gateway {
    let hosts = site.address.to_string();
    Gateway::in_environment(&Environment::of(&[
        ("REELWAY_NETWORK__ALLOW_HOSTS", &hosts),
        ("REELWAY_NETWORK__FETCH_TIMEOUT", HASTY),
    ]))
    .await
}

/// Asks for the smallest clip of a picture; the finished task as its client sees it, with its id.
async fn made_of(gateway: &Gateway, image: &str) -> (Value, TaskId) {
    let wish = json!({
        "model": "animatic", "prompt": "a dot", "image": image,
        "duration": 1, "width": 64, "height": 64, "fps": 5, "seed": 1,
    });
    let taken = gateway
        .ask("POST", "/kling/v1/videos/image2video", wish.to_string())
        .await;
    assert_eq!(taken.status, 200, "{:?}", taken.bytes);
    let text = taken.json()["task_id"].as_str().expect("an id").to_owned();
    let id = TaskId::parse(&text).expect("an id");
    for _ in 0..LOOKS_MAX {
        let task = gateway
            .ask("GET", &format!("/api/v1/tasks/{text}"), "")
            .await
            .json();
        if matches!(task["status"].as_str(), Some("succeeded" | "failed")) {
            return (task, id);
        }
        tokio::time::sleep(Duration::from_millis(LOOK_MS)).await;
    }
    panic!("the task did not end");
}

/// The task failed, says why in these words and in none of those, and its hold came back.
async fn is_failure(gateway: &Gateway, (task, id): (Value, TaskId), says: &str, hides: &str) {
    let shown = task.to_string();
    assert_eq!(task["status"], "failed", "{shown}");
    assert!(
        shown.contains("`image` could not be fetched") && shown.contains(says),
        "{shown}"
    );
    assert!(!shown.contains(hides), "{shown}");
    gave_back(gateway, id).await;
}

/// The hold came back.
async fn gave_back(gateway: &Gateway, id: TaskId) {
    let store = gateway.house.engine.store();
    let lines = store.lines(id).await.expect("the store answers");
    let kinds: Vec<LineKind> = lines.iter().map(|line| line.kind).collect();
    assert_eq!(kinds, [LineKind::Hold, LineKind::Release]);
}

/// The task failed because of what was fetched, in these words; its hold came back.
async fn is_rejected(gateway: &Gateway, (task, id): (Value, TaskId), says: &str) {
    let shown = task.to_string();
    assert_eq!(task["status"], "failed", "{shown}");
    assert_eq!(task["error"]["code"], "input_rejected", "{shown}");
    let message = task["error"]["message"].as_str().expect("a message");
    assert!(message.contains(says), "{message} does not say {says}");
    assert!(!shown.contains("secret"), "{shown}");
    gave_back(gateway, id).await;
}

/// No task is unfinished, nothing is held, and the books are even.
async fn nothing_is_held(gateway: &Gateway) {
    let store = gateway.house.engine.store();
    let census = store.census().await.expect("a census");
    assert!(census.iter().all(|(_, count)| *count == 0), "{census:?}");
    let report = store.verify_ledger().await.expect("a report");
    assert_eq!((report.faults, report.sum_micros), (Vec::new(), 0));
}

/// A small PNG whose header, with a good checksum, announces these sides.
fn announcing(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = picture(64, 64);
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let checksum = crc32fast::hash(&bytes[12..29]).to_be_bytes();
    bytes[29..33].copy_from_slice(&checksum);
    bytes
}

/// A good JPEG whose size stands behind 300 KB of what an editor wrote.
fn deep() -> Vec<u8> {
    let mut plain = std::io::Cursor::new(Vec::new());
    let picture = image::RgbImage::from_pixel(320, 320, image::Rgb([200, 120, 40]));
    let written = picture.write_to(&mut plain, image::ImageFormat::Jpeg);
    written.expect("a JPEG");
    let plain = plain.into_inner();
    let segment = [&[0xff, 0xe1, 0xff, 0xff][..], &[0x20; 65_533]].concat();
    [&plain[..2], &segment.repeat(5), &plain[2..]].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clip_is_made_of_a_picture_at_an_opened_host() {
    let site = Site::start(|path| match path {
        "/a.png" => answer(200, "image/png", &picture(320, 320)),
        _ => answer(200, "text/plain", &deep()),
    })
    .await;
    let gateway = house(Some(&site)).await;
    for (path, content_type) in [("/a.png", "image/png"), ("/deep", "image/jpeg")] {
        let (task, id) = made_of(&gateway, &site.url(path)).await;
        assert_eq!(task["status"], "succeeded", "{task}");
        let row = gateway.house.engine.store().any_task(id).await;
        let row = row.expect("the store answers").expect("a task");
        let facts = row.course.media[0].facts;
        assert_eq!((facts.width, facts.height), (Some(320), Some(320)));
        assert_eq!(row.course.media[0].content_type.as_deref(), Some(content_type));
    }
    assert_eq!(site.heads().len(), 2);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_address_fails_the_task_and_is_never_asked() {
    let site = Site::start(|_| answer(200, "text/plain", b"inner secret")).await;
    let gateway = house(None).await;
    let plain = made_of(&gateway, &site.url("/a.png")).await;
    is_failure(&gateway, plain, "https://", "inner secret").await;
    let tls = site.url("/a.png").replace("http:", "https:");
    let tls = made_of(&gateway, &tls).await;
    is_failure(&gateway, tls, "public network", "inner secret").await;
    assert_eq!(site.heads().len(), 0);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_picture_fails_the_task() {
    let site = Site::start(|_| answer(404, "text/plain", b"inner secret")).await;
    let gateway = house(Some(&site)).await;
    let missing = made_of(&gateway, &site.url("/a.png")).await;
    is_failure(&gateway, missing, "the link answered 404", "inner secret").await;
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_picture_of_its_rule_fails_the_task() {
    let site = Site::start(|path| {
        let body = match path {
            "/page" => b"<html>inner secret</html>".to_vec(),
            "/svg" => b"<svg width=\"320\" height=\"320\"/>".to_vec(),
            "/gif" => b"GIF89a\x40\x01\x40\x01\x80\0\0".to_vec(),
            "/text" => b"inner secret".to_vec(),
            "/empty" => Vec::new(),
            "/cut" => picture(320, 320)[..20].to_vec(),
            "/small" => picture(320, 299),
            "/wide" => picture(801, 320),
            "/bomb" => announcing(60_000, 60_000),
            _ => announcing(9_000, 9_000),
        };
        answer(200, "image/png", &body)
    })
    .await;
    let gateway = house(Some(&site)).await;
    let cases = [
        ("/page", "`image` is `text/html`; allowed: image/png, image/jpeg"),
        (
            "/svg",
            "`image` is `image/svg+xml`; allowed: image/png, image/jpeg",
        ),
        ("/gif", "`image` is `image/gif`; allowed: image/png, image/jpeg"),
        (
            "/text",
            "`image` is not an image that is known; allowed: image/png, image/jpeg",
        ),
        (
            "/empty",
            "`image` is not an image that is known; allowed: image/png, image/jpeg",
        ),
        ("/cut", "`image` is an image whose size cannot be read"),
        ("/small", "`image` is `320x299` pixels, at least 300 on each side"),
        (
            "/wide",
            "`image` is `801x320` pixels, its sides must be within 1:2.5 and 2.5:1",
        ),
        (
            "/bomb",
            "`image` is a picture of 60000×60000 pixels, more than 100 megapixels",
        ),
        ("/flat", "which decodes to more than 5000 times its length"),
    ];
    for (path, says) in cases {
        is_rejected(&gateway, made_of(&gateway, &site.url(path)).await, says).await;
    }
    assert_eq!(site.heads().len(), cases.len());
    nothing_is_held(&gateway).await;
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_ends_at_the_length_of_its_rule_whether_it_was_announced_or_not() {
    let site = Site::start(|path| match path {
        "/announced" => Act::Hang(b"HTTP/1.1 200 x\r\ncontent-length: 52428801\r\n\r\n".to_vec()),
        _ => endless(),
    })
    .await;
    let gateway = house(Some(&site)).await;
    for path in ["/announced", "/endless"] {
        let made = made_of(&gateway, &site.url(path)).await;
        is_rejected(&gateway, made, "`image` is longer than `52428800` bytes").await;
    }
    assert_eq!(site.heads().len(), 2);
    nothing_is_held(&gateway).await;
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_hangs_or_drips_fails_the_task_in_time() {
    let head = "HTTP/1.1 200 x\r\ncontent-type: image/png\r\ncontent-length: 9000\r\n\r\n";
    let site = Site::start(move |path| match path {
        "/silent" => Act::Hang(Vec::new()),
        "/hang" => Act::Hang(head.into()),
        _ => Act::Drip(head.into(), Duration::from_millis(DRIP_MS)),
    })
    .await;
    let gateway = hasty_house(&site).await;
    let urls = ["/silent", "/hang", "/drip"].map(|path| site.url(path));
    let (silent, hang, drip) = tokio::join!(
        made_of(&gateway, &urls[0]),
        made_of(&gateway, &urls[1]),
        made_of(&gateway, &urls[2]),
    );
    is_failure(&gateway, silent, "no answer within `1000` ms", "secret").await;
    for made in [hang, drip] {
        is_failure(&gateway, made, "not all of it came within `1000` ms", "secret").await;
    }
    assert_eq!(site.heads().len(), 3 * TRIES);
    nothing_is_held(&gateway).await;
    gateway.stop().await;
}

#[tokio::test]
async fn what_was_fetched_and_cannot_be_used_is_swept() {
    let rig = Rig::new().await;
    let (url, page) = ("https://media.example/a.png", b"<html>inner secret</html>");
    rig.transport.serve(url, 200, page);
    let mut ask = sample::ask();
    ask.inputs.push(Input {
        role: Role::FirstFrame,
        source: Source::Link(url.to_owned()),
        field: "image".to_owned(),
        parent: None,
        rule: Some(MediaRule::of(MediaKind::Image, &["image/png"], 1_000)),
    });
    let id = rig.try_submit(submission(ask)).await.expect("taken").task;
    rig.crank().await;
    assert_eq!(rig.state(id).await, StateWord::Failed);
    let blob = BlobKey::from_sha256(Sha256::digest(page).into());
    assert!(rig.engine.blobs().get(&blob, None).await.is_ok());
    rig.crank_after(STAGED_LIFE_MS).await;
    let gone = rig.engine.blobs().get(&blob, None).await;
    assert!(matches!(gone, Err(BlobError::Absent)));
    rig.books().await;
}
