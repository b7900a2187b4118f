//! Kept files over HTTP: who gets them, and which part of them.

use bytes::Bytes;
use domain::blobs::stream_of;
use domain::provider::Publish as _;
use domain::{MediaFacts, Staged};
use reelway::config::Environment;
use serde_json::Value;

use crate::house_under_test::{Answer, Gateway};

async fn get(gateway: &Gateway, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    gateway.send(method, path, headers, "").await
}

/// A clip, its path and the header that opens it.
async fn clip(gateway: &Gateway) -> (String, String, String) {
    let id = gateway.clip().await;
    let path = format!("/api/v1/tasks/{id}/content");
    (id, path, format!("Bearer {}", gateway.client_key))
}

/// The signed link of a clip, as the unified dialect shows it, without its base.
async fn link(gateway: &Gateway, id: &str) -> String {
    let status: Value = gateway
        .ask("GET", &format!("/kling/v1/videos/text2video/{id}"), "")
        .await
        .json();
    let url = status["url"].as_str().expect("a link").to_owned();
    let base = format!("http://{}", gateway.address());
    url.strip_prefix(&base)
        .expect("a link to the host that was asked")
        .to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_comes_whole_or_in_part_and_head_says_the_same() {
    let gateway = Gateway::start().await;
    let (id, path, bearer) = clip(&gateway).await;
    let key = ("authorization", bearer.as_str());
    let whole = get(&gateway, "GET", &path, &[key]).await;
    assert_eq!(whole.status, 200);
    assert_eq!(&whole.bytes[4..8], b"ftyp");
    assert_eq!(whole.header("content-type"), "video/mp4");
    assert_eq!(whole.header("accept-ranges"), "bytes");
    assert!(whole.header("content-disposition").contains(&id));
    assert!(whole.header("cache-control").starts_with("private"));
    let length = whole.bytes.len();
    let head = get(&gateway, "HEAD", &path, &[key]).await;
    assert_eq!((head.status.as_u16(), head.bytes.len()), (200, 0));
    assert_eq!(head.header("content-length"), length.to_string());

    let parts = [
        ("bytes=0-3".to_owned(), 0..4),
        ("bytes=4-".to_owned(), 4..length),
        ("bytes=-10".to_owned(), length - 10..length),
        (format!("bytes=5-{}", length * 2), 5..length),
    ];
    for (range, expected) in parts {
        let part = get(&gateway, "GET", &path, &[key, ("range", &range)]).await;
        assert_eq!(part.status, 206, "{range}");
        assert_eq!(part.bytes, whole.bytes[expected.clone()], "{range}");
        let content_range = format!("bytes {}-{}/{length}", expected.start, expected.end - 1);
        assert_eq!(part.header("content-range"), content_range);
    }
    let beyond = get(
        &gateway,
        "GET",
        &path,
        &[key, ("range", &format!("bytes={length}-"))],
    )
    .await;
    assert_eq!(beyond.status, 416);
    assert_eq!(beyond.header("content-range"), format!("bytes */{length}"));
    let several = get(&gateway, "GET", &path, &[key, ("range", "bytes=0-1,4-5")]).await;
    assert_eq!((several.status.as_u16(), several.bytes.len()), (200, length));
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_version_is_not_sent_again_and_a_range_of_another_version_gets_the_whole() {
    let gateway = Gateway::start().await;
    let (_, path, bearer) = clip(&gateway).await;
    let key = ("authorization", bearer.as_str());
    let whole = get(&gateway, "GET", &path, &[key]).await;
    let etag = whole.header("etag").to_owned();
    let known = get(&gateway, "GET", &path, &[key, ("if-none-match", &etag)]).await;
    assert_eq!((known.status.as_u16(), known.bytes.len()), (304, 0));
    assert_eq!(known.header("etag"), etag);
    let same = get(
        &gateway,
        "GET",
        &path,
        &[key, ("range", "bytes=0-3"), ("if-range", &etag)],
    )
    .await;
    assert_eq!(same.status, 206);
    let other = get(
        &gateway,
        "GET",
        &path,
        &[key, ("range", "bytes=0-3"), ("if-range", "\"x\"")],
    )
    .await;
    assert_eq!(
        (other.status.as_u16(), other.bytes.len()),
        (200, whole.bytes.len())
    );
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_link_opens_its_own_file_without_a_key_and_a_changed_one_opens_nothing() {
    let gateway = Gateway::start().await;
    let (id, path, _) = clip(&gateway).await;
    let link = link(&gateway, &id).await;
    assert_eq!(get(&gateway, "GET", &link, &[]).await.status, 200);
    assert_eq!(get(&gateway, "HEAD", &link, &[]).await.status, 200);
    let changed = [
        link.replace("/content/0", "/content/1"),
        link.replace("expires=", "expires=9"),
        link.replace("signature=", "signature=00"),
        link.replace(&id, "task_00000000000000000000000000000001"),
    ];
    for link in changed {
        let answer = get(&gateway, "GET", &link, &[]).await;
        assert_eq!(answer.status, 403, "{link}");
        assert_eq!(answer.json()["error"]["code"], "forbidden");
    }
    assert_eq!(get(&gateway, "GET", &path, &[]).await.status, 401);
    let half = link.split("&signature=").next().expect("a query").to_owned();
    assert_eq!(get(&gateway, "GET", &half, &[]).await.status, 401);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_not_there_is_not_found() {
    let gateway = Gateway::start().await;
    let (_, path, bearer) = clip(&gateway).await;
    for n in ["1", "99999999999999999999", "x"] {
        let answer = get(
            &gateway,
            "GET",
            &format!("{path}/{n}"),
            &[("authorization", &bearer)],
        )
        .await;
        assert_eq!(answer.status, 404, "{n}");
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_task_object_describes_the_clip() {
    let gateway = Gateway::start().await;
    let id = gateway.clip().await;
    let task = gateway
        .ask("GET", &format!("/api/v1/tasks/{id}"), "")
        .await
        .json();
    assert_eq!(task["object"], "task");
    assert_eq!(task["status"], "succeeded");
    assert_eq!(task["progress"], 100);
    assert_eq!(task["provider"], "animatic");
    assert_eq!(task["price"]["charge_micros"], 0);
    let file = &task["artifacts"][0];
    assert_eq!(
        (file["width"].as_u64(), file["height"].as_u64()),
        (Some(64), Some(64))
    );
    assert_eq!(file["sha256"].as_str().map(str::len), Some(64));
    assert!(task["created_at"].as_str().is_some_and(|at| at.ends_with('Z')));
    let cancelled = gateway
        .ask("POST", &format!("/api/v1/tasks/{id}/cancel"), "")
        .await;
    assert_eq!(cancelled.status, 409);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lent_media_opens_at_its_address_alone_and_only_where_there_is_a_base() {
    let file = "[server]\npublic_url = \"https://media.example.com\"\n";
    let gateway = Gateway::with_file(file, &Environment::default()).await;
    let blobs = gateway.house.engine.blobs();
    let kept = blobs.put(stream_of(Bytes::from_static(b"a clip")), 100).await;
    let kept = kept.expect("it is kept");
    let media = Staged {
        blob: kept.key,
        bytes: kept.bytes,
        content_type: Some("video/mp4".to_owned()),
        facts: MediaFacts::default(),
    };
    let lender = gateway.house.lender.as_ref().expect("there is a base");
    let address = lender.address(&media);
    let path = address
        .strip_prefix("https://media.example.com")
        .expect("below the base");
    let whole = get(&gateway, "GET", path, &[]).await;
    assert_eq!(
        (whole.status.as_u16(), whole.header("content-type")),
        (200, "video/mp4")
    );
    assert_eq!(&whole.bytes[..], b"a clip");
    let part = get(&gateway, "GET", path, &[("range", "bytes=2-3")]).await;
    assert_eq!((part.status.as_u16(), &part.bytes[..]), (206, &b"cl"[..]));
    for forged in [path.replace("bytes=6", "bytes=7"), path.replace(".mp4", ".png")] {
        assert_eq!(get(&gateway, "GET", &forged, &[]).await.status, 403, "{forged}");
    }
    gateway.stop().await;
    let bare = Gateway::start().await;
    assert_eq!(get(&bare, "GET", path, &[]).await.status, 403);
    bare.stop().await;
}
