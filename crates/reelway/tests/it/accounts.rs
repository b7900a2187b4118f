//! Accounts from the file to the vendor: declared, opened with what they refer to, given tasks, and the
//! embedded renderer beside them.

use reelway::config::Environment;
use serde_json::{Value, json};

use crate::house_under_test::Gateway;
use crate::vendor::{CLIP, Vendor, file_with};

/// Looks at a task before a test gives it up; at [`LOOK_MS`] each, a minute.
const LOOKS_MAX: u32 = 600;
/// Pause between two looks.
const LOOK_MS: u64 = 100;

/// A wish of a model by the unified dialect.
pub(crate) fn wish(model: &str) -> Value {
    json!({ "model": model, "prompt": "a tram on a bridge", "duration": 5 })
}

/// The id of a wish that is taken.
pub(crate) async fn submitted(gateway: &Gateway, wish: &Value) -> String {
    let taken = gateway.submit(wish).await;
    assert_eq!(taken.status, 200, "{:?}", taken.bytes);
    taken.json()["task_id"].as_str().expect("an id").to_owned()
}

/// The task as our own API shows it.
pub(crate) async fn task(gateway: &Gateway, id: &str) -> Value {
    gateway
        .ask("GET", &format!("/api/v1/tasks/{id}"), "")
        .await
        .json()
}

/// Waits until something is so.
pub(crate) async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    for _ in 0..LOOKS_MAX {
        if is_so().await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(LOOK_MS)).await;
    }
    panic!("it did not come about in time that {what}");
}

/// The task once it has ended.
pub(crate) async fn ended(gateway: &Gateway, id: &str) -> Value {
    until("the task ended", async || {
        let status = task(gateway, id).await["status"].clone();
        !["queued", "running"].contains(&status.as_str().expect("a status"))
    })
    .await;
    task(gateway, id).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_goes_to_kling_in_either_generation_and_its_file_is_kept() {
    let vendor = Vendor::start().await;
    let key = "name = \"by-key\"\napi_key = \"env:VENDOR_KEY\"\nmodels = [\"kling-v3\", \"kling-v1-6\"]";
    let pair = "name = \"by-pair\"\naccess_key = \"env:VENDOR_ACCESS\"\nsecret_key = \"env:VENDOR_SECRET\"\n\
                models = [\"kling-v2-6\"]";
    let environment = Environment::of(&[
        ("VENDOR_KEY", "the-key-of-the-vendor"),
        ("VENDOR_ACCESS", "AKTEST0001"),
        ("VENDOR_SECRET", "the-secret-of-the-pair"),
    ]);
    let gateway = Gateway::with_file(&file_with(&vendor, &[key, pair]), &environment).await;
    let models = [
        ("kling-v3", "by-key", "/text-to-video/kling-3.0", 4),
        ("kling-v1-6", "by-key", "/v1/videos/text2video", 4),
        ("kling-v2-6", "by-pair", "/v1/videos/text2video", 5),
    ];
    let mut ids = Vec::new();
    for (model, ..) in models {
        ids.push(submitted(&gateway, &wish(model)).await);
    }
    for (id, (model, _, path, units)) in ids.iter().zip(models) {
        let task = ended(&gateway, id).await;
        assert_eq!(task["status"], "succeeded", "{task}");
        assert_eq!(task["provider"], "kling", "{model}");
        let file = gateway
            .ask("GET", &format!("/api/v1/tasks/{id}/content"), "")
            .await;
        assert_eq!(file.bytes, CLIP, "{model}");
        let task = gateway.row(id).await;
        let job = vendor
            .jobs()
            .into_iter()
            .find(|job| job.external() == task.origin.client_ref);
        let job = job.expect("the vendor has the task by our reference");
        assert_eq!(job.path, path, "{model}");
        let lines = gateway.house.engine.store().lines(task.id()).await;
        let cost = lines.expect("the store answers");
        let cost = cost.iter().find(|line| line.kind == domain::LineKind::Cost);
        assert_eq!(
            cost.expect("the vendor's bill").amount.0,
            units * 140_000,
            "{model}"
        );
    }
    assert_eq!(vendor.jobs().len(), 3, "one job for each wish");
    let signed = vendor.bearers();
    assert!(signed.contains(&"Bearer the-key-of-the-vendor".to_owned()));
    assert!(signed.iter().any(|bearer| bearer.starts_with("Bearer eyJ")));
    let held = gateway.holdings().await;
    assert_eq!(held.tasks(), 0);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn beside_an_account_the_renderer_serves_its_own_name_and_previews_only() {
    let vendor = Vendor::start().await;
    let file = file_with(
        &vendor,
        &["name = \"main\"\napi_key = \"the-key-of-the-vendor\"\nmodels = [\"kling-v3\"]"],
    );
    let gateway = Gateway::with_file(&file, &Environment::default()).await;
    let small = |model: &str| {
        json!({
            "operation": "text_to_video", "model": model, "prompt": "a dot", "duration_seconds": 5,
            "width": 64, "height": 64, "fps": 5,
        })
    };
    let ask = async |wish: Value| gateway.ask("POST", "/api/v1/tasks", wish.to_string()).await;
    let by_name = ask(small("animatic")).await.json();
    let mut preview = small("kling-v1-6");
    preview["preview"] = json!(true);
    let preview = ask(preview).await.json();
    for taken in [by_name, preview] {
        let id = taken["id"].as_str().unwrap_or_else(|| panic!("an id: {taken}"));
        let task = ended(&gateway, id).await;
        assert_eq!(
            (&task["status"], &task["provider"]),
            (&json!("succeeded"), &json!("animatic"))
        );
    }
    let refused = gateway.submit(&wish("kling-v1-6")).await;
    assert_eq!(refused.status, 503, "{:?}", refused.bytes);
    assert!(String::from_utf8_lossy(&refused.bytes).contains("no account serves model `kling-v1-6`"));
    assert_eq!(vendor.jobs().len(), 0);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_may_go_from_a_pair_to_a_key_and_never_back() {
    let vendor = Vendor::start().await;
    let pair = file_with(
        &vendor,
        &["name = \"main\"\naccess_key = \"AKTEST0001\"\nsecret_key = \"the-secret-of-the-pair\""],
    );
    let key = file_with(&vendor, &["name = \"main\"\napi_key = \"the-key-of-the-vendor\""]);
    let nothing = Environment::default();
    let gateway = Gateway::with_file(&pair, &nothing).await;
    let gateway = gateway.reopen(&pair, &nothing).await.expect("the same again");
    let gateway = gateway.reopen(&key, &nothing).await.expect("a key after a pair");
    let Err(refused) = gateway.reopen(&pair, &nothing).await else {
        panic!("a pair after a key is refused");
    };
    assert!(
        refused.contains("was opened with an `api_key` before") && refused.contains("line 6"),
        "{refused}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_of_an_account_that_is_gone_from_the_file_wait_until_it_is_back() {
    let vendor = Vendor::start().await;
    vendor.holds(true);
    let file = file_with(&vendor, &["name = \"main\"\napi_key = \"the-key-of-the-vendor\""]);
    let nothing = Environment::default();
    let gateway = Gateway::with_file(&file, &nothing).await;
    let id = submitted(&gateway, &wish("kling-v3")).await;
    until("the vendor has it", async || {
        task(&gateway, &id).await["status"] == "running"
    })
    .await;
    let gateway = gateway
        .reopen("", &nothing)
        .await
        .expect("a house without the account");
    let looks = vendor.looks();
    vendor.holds(false);
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    assert_eq!(task(&gateway, &id).await["status"], "running");
    assert_eq!(vendor.looks(), looks, "nobody can look");
    let gateway = gateway
        .reopen(&file, &nothing)
        .await
        .expect("a house with the account");
    let task = ended(&gateway, &id).await;
    assert_eq!(task["status"], "succeeded", "{task}");
    assert_eq!(vendor.jobs().len(), 1);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_waits_while_its_account_cannot_open_the_door() {
    let vendor = Vendor::start().await;
    vendor.refuses(Some((401, 1002)));
    let file = file_with(&vendor, &["name = \"main\"\napi_key = \"the-key-of-the-vendor\""]);
    let gateway = Gateway::with_file(&file, &Environment::default()).await;
    let id = submitted(&gateway, &wish("kling-v3")).await;
    until("it was tried", async || !vendor.bearers().is_empty()).await;
    until("it waits again", async || {
        let row = gateway.row(&id).await;
        row.word() == domain::StateWord::Queued && row.course.attempts == 1
    })
    .await;
    assert_eq!(task(&gateway, &id).await["status"], "queued");
    vendor.refuses(None);
    assert_eq!(vendor.jobs().len(), 0);
    gateway.stop().await;
}

#[test]
fn every_model_that_a_provider_lists_has_a_price() {
    let book = include_str!("../../src/prices.default.toml");
    let book: domain::PriceBook = toml::from_str(book).expect("the built-in book is readable");
    let sold = book.models();
    for entry in providers::ALL {
        for model in entry.manifest.models {
            assert!(sold.contains(model), "`{model}` of `{}` has no price", entry.name);
        }
    }
}
