//! Callbacks of upstreams: they make looks earlier, and nothing that they say is believed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::StateWord;
use hmac::{Hmac, KeyInit as _, Mac as _};
use reelway::config::Environment;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::accounts::{ended, submitted, until, wish};
use crate::house_under_test::{Answer, Gateway};
use crate::vendor::{Vendor, file_with};

const SECRET: &str = "bG9jYWwtY29uZm9ybWFuY2Utc2VjcmV0LTAxMjM0NTY=";
/// Shorter than the pause between two looks of the provider.
const SOON: std::time::Duration = std::time::Duration::from_millis(2_500);

/// A house with an account that signs its callbacks and one that does not, and a running task at each.
async fn running(vendor: &Vendor) -> (Gateway, [String; 2]) {
    vendor.holds(true);
    let plain = "name = \"plain\"\napi_key = \"the-key-of-the-vendor\"\nmodels = [\"kling-v3\"]";
    let signed = format!(
        "name = \"signed\"\napi_key = \"the-other-key\"\nmodels = [\"kling-v2-6\"]\ncallback_secret = \"whsec_{SECRET}\""
    );
    let file = file_with(vendor, &[plain, &signed]);
    let public = [("REELWAY_SERVER__PUBLIC_URL", "https://media.example.com")];
    let gateway = Gateway::with_file(&file, &Environment::of(&public)).await;
    let mut ids = Vec::new();
    for model in ["kling-v3", "kling-v2-6"] {
        let id = submitted(&gateway, &wish(model)).await;
        until("it runs", async || {
            gateway.row(&id).await.word() == StateWord::Running
        })
        .await;
        ids.push(id);
    }
    (gateway, ids.try_into().expect("two tasks"))
}

async fn receipt(gateway: &Gateway, id: &str) -> String {
    gateway.row(id).await.course.receipt.clone().expect("a receipt").0
}

fn callback(receipt: &str) -> Value {
    json!({ "id": receipt, "status": "succeeded", "message": "" })
}

/// Sends a callback, signed when a moment is given.
async fn call(gateway: &Gateway, account: &str, body: &Value, signed_at: Option<i64>) -> Answer {
    let (path, body) = (format!("/callbacks/{account}"), body.to_string());
    let mut headers = Vec::new();
    if let Some(at) = signed_at {
        let key = STANDARD.decode(SECRET).expect("Base64");
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("a key");
        mac.update(format!("msg-1.{at}.{body}").as_bytes());
        let signature = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        headers.push(("webhook-id", "msg-1".to_owned()));
        headers.push(("webhook-timestamp", at.to_string()));
        headers.push(("webhook-signature", signature));
    }
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    gateway.send("POST", &path, &headers, body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_makes_the_next_look_earlier() {
    let vendor = Vendor::start().await;
    let (gateway, [plain, signed]) = running(&vendor).await;
    let job = &vendor.jobs()[0];
    assert_eq!(
        job.body["options"]["callback_url"],
        "https://media.example.com/callbacks/plain"
    );
    let now = gateway.house.clock.now().seconds();
    vendor.holds(false);
    for (account, id, signed_at) in [("plain", &plain, None), ("signed", &signed, Some(now))] {
        let body = callback(&receipt(&gateway, id).await);
        let answer = call(&gateway, account, &body, signed_at).await;
        assert_eq!((answer.status.as_u16(), answer.json()), (200, json!({})));
        let task = tokio::time::timeout(SOON, ended(&gateway, id)).await;
        assert_eq!(task.expect(account)["status"], "succeeded");
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_is_never_believed_and_a_wrong_one_is_answered_alike() {
    let vendor = Vendor::start().await;
    let (gateway, [plain, signed]) = running(&vendor).await;
    let lie = callback(&receipt(&gateway, &plain).await);
    let looks = vendor.looks();
    let heard = call(&gateway, "plain", &lie, None).await;
    assert_eq!(heard.status, 200);
    until("somebody looked", async || vendor.looks() > looks).await;
    assert_eq!(gateway.row(&plain).await.word(), StateWord::Running);

    let own = callback(&receipt(&gateway, &signed).await);
    let now = gateway.house.clock.now().seconds();
    let long_ago = Some(now - 301);
    let cases = [
        ("signed", own.clone(), None, "it is not signed"),
        ("signed", own.clone(), long_ago, "its signature is too old"),
        ("plain", own, None, "the task is another account's"),
        ("plain", callback("404"), None, "there is no such task"),
        ("plain", json!([1]), None, "it is no callback"),
        ("animatic", callback("1"), None, "the renderer calls nobody"),
    ];
    for (account, body, signed_at, why) in cases {
        let answer = call(&gateway, account, &body, signed_at).await;
        assert_eq!((answer.status.as_u16(), answer.json()), (200, json!({})), "{why}");
        assert_eq!(answer.bytes, heard.bytes, "{why}");
    }
    let unknown = call(&gateway, "nobody", &lie, None).await;
    assert_eq!(unknown.status, 404);
    let long = gateway
        .send("POST", "/callbacks/plain", &[], vec![b'x'; 300_000])
        .await;
    assert_eq!(long.status, 413);
    let read = gateway.send("GET", "/callbacks/plain", &[], "").await;
    assert_eq!(read.status, 405);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hints_cannot_make_looks_as_fast_as_they_come() {
    let vendor = Vendor::start().await;
    let (gateway, [plain, _]) = running(&vendor).await;
    let body = callback(&receipt(&gateway, &plain).await);
    let looks = vendor.looks();
    for _ in 0..200 {
        call(&gateway, "plain", &body, None).await;
    }
    assert!(vendor.looks() - looks < 10, "{} looks", vendor.looks() - looks);
    gateway.stop().await;
}
