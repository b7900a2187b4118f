//! Ingest: a picture that a client names by its address is fetched by the real way out and the clip is
//! made; what cannot be fetched fails the task and gives the hold back.

use domain::{LineKind, TaskId};
use reelway::config::Environment;
use serde_json::{Value, json};

use crate::house_under_test::{Gateway, picture};
use crate::site::{Act, Site, answer, endless};

/// Looks at a task before a test gives it up; at [`LOOK_MS`] each, a minute.
const LOOKS_MAX: u32 = 600;
/// Pause between two looks.
const LOOK_MS: u64 = 100;

async fn house(site: Option<&Site>) -> Gateway {
    let hosts = site.map_or_else(String::new, |site| site.address.to_string());
    Gateway::in_environment(&Environment::of(&[("REELWAY_NETWORK__ALLOW_HOSTS", &hosts)])).await
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
        tokio::time::sleep(std::time::Duration::from_millis(LOOK_MS)).await;
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

/// A small PNG whose header, with a good checksum, announces many pixels.
fn bomb() -> Vec<u8> {
    let mut bytes = picture(64, 64);
    bytes[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    let checksum = crc32fast::hash(&bytes[12..29]).to_be_bytes();
    bytes[29..33].copy_from_slice(&checksum);
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clip_is_made_of_a_picture_at_an_opened_host() {
    let site = Site::start(|_| answer(200, "image/png", &picture(64, 64))).await;
    let gateway = house(Some(&site)).await;
    let (task, _) = made_of(&gateway, &site.url("/a.png")).await;
    assert_eq!(task["status"], "succeeded", "{task}");
    assert_eq!(site.heads().len(), 1);
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
async fn a_picture_that_is_announced_too_large_fails_the_task_at_once() {
    let head = b"HTTP/1.1 200 x\r\ncontent-length: 999999999999\r\n\r\n";
    let site = Site::start(move |_| Act::Hang(head.to_vec())).await;
    let gateway = house(Some(&site)).await;
    let large = made_of(&gateway, &site.url("/a.png")).await;
    is_failure(&gateway, large, "longer than", "999999999999").await;
    assert_eq!(site.heads().len(), 1);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_or_a_bomb_instead_of_a_picture_fails_the_task() {
    let site = Site::start(|path| match path {
        "/page.png" => answer(200, "text/html", b"<html>inner secret</html>"),
        _ => answer(200, "image/png", &bomb()),
    })
    .await;
    let gateway = house(Some(&site)).await;
    for (path, says) in [("/page.png", "picture"), ("/bomb.png", "60000x60000")] {
        let (task, id) = made_of(&gateway, &site.url(path)).await;
        let shown = task.to_string();
        assert_eq!(task["status"], "failed", "{shown}");
        assert!(shown.contains(says) && !shown.contains("inner secret"), "{shown}");
        gave_back(&gateway, id).await;
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endless_body_ends_at_the_limit_and_fails_the_task() {
    let site = Site::start(|_| endless()).await;
    let gateway = house(Some(&site)).await;
    let endless = made_of(&gateway, &site.url("/a.png")).await;
    is_failure(&gateway, endless, "longer than", "inner").await;
    assert_eq!(site.heads().len(), 1);
    gateway.stop().await;
}
