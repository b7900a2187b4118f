//! Stills over the wire: asked for, made by the real renderer, kept, and served as pictures.

use image::ImageFormat;
use serde_json::{Value, json};

use crate::house_under_test::Gateway;

const TASKS: &str = "/api/v1/tasks";
/// Reads of a task before a test gives it up: it has three words on its way, and any of them may last.
const READS_MAX: u32 = 5;

/// Submits a still and waits for it; the task object.
async fn still(gateway: &Gateway, wish: &Value) -> Value {
    let taken = gateway.ask("POST", TASKS, wish.to_string()).await;
    assert_eq!(taken.status, 202, "{:?}", taken.bytes);
    let id = taken.json()["id"].as_str().expect("an id").to_owned();
    // Each read waits for the next status.
    for _ in 0..READS_MAX {
        let task = gateway
            .ask("GET", &format!("{TASKS}/{id}?wait=60"), "")
            .await
            .json();
        match task["status"].as_str() {
            Some("succeeded") => return task,
            Some("queued" | "running") => {}
            _ => panic!("the still was not made: {task}"),
        }
    }
    panic!("the still was not made in time");
}

fn id(task: &Value) -> &str {
    task["id"].as_str().expect("an id")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_still_of_each_format_is_kept_and_served_as_the_picture_that_it_says() {
    let gateway = Gateway::start().await;
    let formats = [
        ("png", "png", ImageFormat::Png),
        ("jpeg", "jpg", ImageFormat::Jpeg),
        ("webp", "webp", ImageFormat::WebP),
    ];
    for (format, ending, expected) in formats {
        let wish = json!({
            "operation": "image_generation", "prompt": "a boat at sea", "width": 97, "height": 65, "seed": 3,
            "format": format, "count": 2,
        });
        let task = still(&gateway, &wish).await;
        let price = json!({ "hold_micros": 0, "charge_micros": 0, "currency": "USD" });
        assert_eq!((&task["model"], &task["price"]), (&json!("animatic"), &price));
        let files = task["artifacts"].as_array().expect("files");
        assert_eq!(files.len(), 2);
        assert_ne!(
            files[0]["sha256"], files[1]["sha256"],
            "each has a seed of its own"
        );
        for (n, file) in files.iter().enumerate() {
            let said = (
                &file["kind"],
                &file["content_type"],
                &file["width"],
                &file["height"],
            );
            let content_type = format!("image/{format}");
            assert_eq!(
                said,
                (&json!("image"), &json!(content_type), &json!(97), &json!(65))
            );
            assert_eq!((file.get("duration_seconds"), file.get("fps")), (None, None));
            let url = file["url"].as_str().expect("a link");
            let (_, link) = url.split_once(gateway.address()).expect("a link to this house");
            let by_link = gateway.send("GET", link, &[], "").await;
            let by_key = gateway
                .ask("GET", &format!("{TASKS}/{}/content/{n}", id(&task)), "")
                .await;
            assert_eq!(by_link.header("content-type"), content_type);
            assert_eq!(by_link.bytes, by_key.bytes);
            let name = format!("{}-{n}.{ending}", id(&task));
            assert!(by_link.header("content-disposition").contains(&name));
            assert_eq!(image::guess_format(&by_link.bytes).expect("a picture"), expected);
            let picture = image::load_from_memory(&by_link.bytes).expect("a whole picture");
            assert_eq!((picture.width(), picture.height()), (97, 65));
        }
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_dialect_reads_a_still_and_answers_its_link() {
    let gateway = Gateway::start().await;
    let wish = json!({ "operation": "image_generation", "prompt": "a dot", "width": 64, "height": 64 });
    let task = still(&gateway, &wish).await;
    let content = format!("{TASKS}/{}/content/0?", id(&task));
    for (path, place) in [
        ("/elk/kling/v1/videos/text2video", "/url"),
        (
            "/kling-native/v1/videos/text2video",
            "/data/task_result/images/0/url",
        ),
        ("/ezmodel/kling/v1/videos/text2video", "/data/fail_reason"),
        ("/pixazo/v2/requests/status", "/output/media_url/0"),
    ] {
        let answer = gateway.ask("GET", &format!("{path}/{}", id(&task)), "").await;
        assert_eq!(answer.status, 200, "{path}: {:?}", answer.bytes);
        let body = answer.json();
        let link = body.pointer(place).and_then(Value::as_str).unwrap_or_default();
        assert!(link.contains(&content), "{path}: {body}");
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_of_a_still_costs_nothing_and_takes_nothing() {
    let gateway = Gateway::start().await;
    let wish = json!({ "operation": "image_generation", "prompt": "a dot", "count": 3, "dry_run": true });
    let quote = gateway.ask("POST", TASKS, wish.to_string()).await;
    assert_eq!(quote.status, 200, "{:?}", quote.bytes);
    let quote = quote.json();
    let price = (
        &quote["price"]["unit"],
        &quote["price"]["quantity"],
        &quote["price"]["hold_micros"],
    );
    assert_eq!(price, (&json!("image"), &json!(3), &json!(0)));
    let listed = gateway.ask("GET", TASKS, "").await.json();
    assert_eq!(listed["data"], json!([]));
    gateway.stop().await;
}
