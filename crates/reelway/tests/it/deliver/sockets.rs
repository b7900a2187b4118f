//! Webhooks over real sockets, from the whole house: what a client's receiver sees, and what the API says.

use std::time::Duration;

use reelway::config::Environment;
use serde_json::{Value, json};
use testkit::postgres::cluster;

use super::receiver::{Got, LOOK_MS, LOOKS_MAX, Manner, Receiver};
use crate::house_under_test::Gateway;

/// Longest time until a receiver that answers has a webhook, with a machine that is busy, in milliseconds:
/// less than one try at a receiver that does not.
const SOON_MS: u64 = 10_000;

async fn house(receivers: &[&Receiver]) -> Gateway {
    let hosts: Vec<&str> = receivers
        .iter()
        .map(|receiver| receiver.address.as_str())
        .collect();
    Gateway::in_environment(&Environment::of(&[(
        "REELWAY_NETWORK__ALLOW_HOSTS",
        &hosts.join(","),
    )]))
    .await
}

/// Submits the smallest clip in Kling's own words; its id.
async fn kling(gateway: &Gateway, callback: &str, external: &str) -> String {
    let wish = json!({
        "model_name": "animatic", "prompt": "a dot", "duration": "5", "mode": "std",
        "callback_url": callback, "external_task_id": external,
    });
    let taken = gateway
        .ask("POST", "/kling-native/v1/videos/text2video", wish.to_string())
        .await;
    assert_eq!(taken.status, 200, "{:?}", taken.bytes);
    taken.json()["data"]["task_id"]
        .as_str()
        .expect("an id")
        .to_owned()
}

/// Submits the smallest clip there is; its id.
async fn small(gateway: &Gateway, callback: &str) -> String {
    let wish = json!({
        "model": "animatic", "prompt": "a dot", "duration_seconds": 1, "width": 64, "height": 64, "fps": 5,
        "seed": 1, "operation": "text_to_video", "callback_url": callback,
    });
    let taken = gateway.ask("POST", "/api/v1/tasks", wish.to_string()).await;
    assert_eq!(taken.status, 202, "{:?}", taken.bytes);
    taken.json()["id"].as_str().expect("an id").to_owned()
}

fn status(got: &Got) -> String {
    got.json()["task_status"].as_str().expect("a status").to_owned()
}

fn kind(got: &Got) -> String {
    got.json()["type"].as_str().expect("a type").to_owned()
}

fn is_end(got: &Got) -> bool {
    kind(got) == "task.succeeded"
}

/// What a read answers once `enough` is true of it.
async fn until(gateway: &Gateway, path: &str, enough: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..LOOKS_MAX {
        let answer = gateway.ask("GET", path, "").await.json();
        if enough(&answer) {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(LOOK_MS)).await;
    }
    panic!("{path} does not come to say so");
}

async fn secret(gateway: &Gateway, verb: &str) -> Value {
    let path = format!("/api/v1/admin/webhooks/secret{verb}");
    let answer = gateway.rule("POST", &path, &Value::Null).await;
    assert_eq!(answer.status, 200, "{:?}", answer.bytes);
    answer.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn kling_calls_back_in_its_own_words_signed_and_with_a_link_that_opens() {
    let receiver = Receiver::start(Manner::Sound).await;
    let gateway = house(&[&receiver]).await;
    let shown = secret(&gateway, "").await;
    let key = shown["secret"]
        .as_str()
        .expect("it is shown the first time")
        .to_owned();
    assert!(key.starts_with("whsec_"));
    assert!(secret(&gateway, "").await["secret"].is_null(), "and then no more");
    let id = kling(&gateway, &receiver.url("/hook?a=1"), "ext-l1").await;
    let got = receiver
        .once(|got| got.iter().any(|got| status(got) == "succeed"))
        .await;
    let words: Vec<String> = got.iter().map(status).collect();
    let mut order = words.clone();
    order.sort_by_key(|word| {
        ["submitted", "processing", "succeed"]
            .iter()
            .position(|known| known == word)
    });
    assert_eq!(words, order, "a later state is never followed by an earlier one");
    let end = got.last().expect("an end");
    let body = end.json();
    assert_eq!(
        (body["task_id"].as_str(), body["task_status_msg"].as_str()),
        (Some(id.as_str()), Some(""))
    );
    assert_eq!(body["task_info"]["external_task_id"], "ext-l1");
    let video = &body["task_result"]["videos"][0];
    assert!(video["id"].is_string() && video["duration"].is_string(), "{body}");
    for got in &got {
        assert!(got.is_signed_by(&key), "{:?}", got.headers);
        assert!(!got.is_signed_by("whsec_c29tZWJvZHkgZWxzZSdzIHNlY3JldCEhISEh"));
        assert_eq!(
            (got.path.as_str(), got.header("content-type")),
            ("/hook", "application/json")
        );
    }
    let mut ids: Vec<_> = got.iter().map(|got| got.header("webhook-id")).collect();
    ids.dedup();
    assert_eq!(ids.len(), got.len(), "each state has an id of its own");
    let link = video["url"].as_str().expect("a link");
    let path = link
        .split_once("/api/")
        .map(|(_, path)| format!("/api/{path}"))
        .expect("our own link");
    let clip = gateway.send("GET", &path, &[], "").await;
    assert_eq!(clip.status, 200, "without a key");
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_secrets_sign_for_a_while_after_a_rotation() {
    let receiver = Receiver::start(Manner::Sound).await;
    let gateway = house(&[&receiver]).await;
    let text = |view: &Value| view["secret"].as_str().expect("shown").to_owned();
    let first = text(&secret(&gateway, "").await);
    let rotated = secret(&gateway, "/rotate").await;
    let second = text(&rotated);
    assert!(rotated["previous_until"].is_string(), "{rotated}");
    small(&gateway, &receiver.url("/")).await;
    let got = receiver.once(|got| got.iter().any(is_end)).await;
    for got in &got {
        assert!(got.is_signed_by(&first) && got.is_signed_by(&second));
        assert_eq!(got.header("webhook-signature").split(' ').count(), 2);
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn receivers_that_do_not_answer_slow_no_other() {
    let (silent, sound) = (
        Receiver::start(Manner::Silent).await,
        Receiver::start(Manner::Sound).await,
    );
    let closed = Receiver::start(Manner::Sound).await;
    let down = closed.url("/");
    let gateway = house(&[&silent, &sound, &closed]).await;
    drop(closed);
    for n in 0..12 {
        small(&gateway, &silent.url(&format!("/{n}"))).await;
        small(&gateway, &down).await;
    }
    silent.once(|got| got.len() >= 4).await;
    let began_ms = gateway.house.clock.monotonic_ms();
    small(&gateway, &sound.url("/")).await;
    let got = sound.once(|got| !got.is_empty()).await;
    let took_ms = gateway.house.clock.monotonic_ms() - began_ms;
    assert!(took_ms < SOON_MS, "the first webhook came after {took_ms} ms");
    assert!(kind(&got[0]).starts_with("task."));
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_fails_once_gets_the_same_again_and_a_replay_is_the_same_still() {
    let receiver = Receiver::start(Manner::Forgetful).await;
    let gateway = house(&[&receiver]).await;
    let id = small(&gateway, &receiver.url("/")).await;
    let got = receiver
        .once(|got| got.iter().filter(|got| is_end(got)).count() >= 2)
        .await;
    let ends: Vec<_> = got.iter().filter(|got| is_end(got)).collect();
    assert_eq!(ends[0].header("webhook-id"), ends[1].header("webhook-id"));
    assert_eq!(ends[0].body, ends[1].body);
    let webhook = ends[0].header("webhook-id").to_owned();
    let path = format!("/api/v1/webhooks/{webhook}");
    let shown = until(&gateway, &path, |shown| shown["state"] == "delivered").await;
    assert_eq!(
        (&shown["tries"], &shown["task"], &shown["last_status"]),
        (&json!(2), &json!(id), &json!(200))
    );
    let replayed = gateway.ask("POST", &format!("{path}/replay"), "").await;
    assert_eq!(replayed.status, 200, "{:?}", replayed.bytes);
    let again = receiver
        .once(|got| got.iter().filter(|got| is_end(got)).count() >= 3)
        .await;
    let again = again.last().expect("the replay");
    assert_eq!(
        (again.header("webhook-id"), &again.body),
        (webhook.as_str(), &ends[0].body)
    );
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_inside_is_never_reached_unless_the_operator_says_so() {
    let receiver = Receiver::start(Manner::Sound).await;
    let gateway = Gateway::start().await;
    let id = small(&gateway, &receiver.url("/")).await;
    let is_tried = |list: &Value| {
        let last = &list["data"][0];
        last["event"] == "task.succeeded" && last["tries"] == 1
    };
    let list = until(&gateway, "/api/v1/webhooks", is_tried).await;
    let shown = &list["data"][0];
    assert_eq!((&shown["state"], &shown["task"]), (&json!("pending"), &json!(id)));
    let why = shown["last_error"].as_str().expect("a reason");
    assert!(why.starts_with("address refused"), "{why}");
    assert!(receiver.got().is_empty());
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_are_listed_for_their_owner_and_for_the_operator() {
    let receiver = Receiver::start(Manner::Sound).await;
    let gateway = house(&[&receiver]).await;
    let id = small(&gateway, &receiver.url("/")).await;
    let got = receiver.once(|got| got.iter().any(is_end)).await;
    let webhook = got.last().expect("an end").header("webhook-id").to_owned();
    let mine = gateway.ask("GET", "/api/v1/webhooks?limit=1", "").await.json();
    assert_eq!(
        (mine["data"][0]["id"].as_str(), &mine["has_more"]),
        (Some(webhook.as_str()), &json!(true))
    );
    assert_eq!(mine["data"][0]["tenant"], Value::Null);
    let next = mine["next_cursor"].as_str().expect("more");
    let rest = gateway
        .ask("GET", &format!("/api/v1/webhooks?after={next}"), "")
        .await
        .json();
    assert_eq!(
        (rest["data"].as_array().map(Vec::len), &rest["has_more"]),
        (Some(2), &json!(false))
    );
    another_sees_nothing(&gateway, &webhook).await;
    for (query, field) in [
        ("state=lost", "state"),
        ("limit=0", "limit"),
        ("after=x", "after"),
        ("tenant=default", "tenant"),
    ] {
        let refused = gateway.ask("GET", &format!("/api/v1/webhooks?{query}"), "").await;
        assert_eq!(
            (refused.status.as_u16(), refused.json()["error"]["field"].as_str()),
            (400, Some(field))
        );
    }
    let all = gateway
        .rule(
            "GET",
            "/api/v1/admin/deliveries?tenant=default&state=delivered",
            &Value::Null,
        )
        .await
        .json();
    assert_eq!(
        (&all["data"][0]["tenant"], &all["data"][0]["task"]),
        (&json!("default"), &json!(id))
    );
    let path = format!("/api/v1/admin/tasks/{id}/replay-webhook");
    let replayed = gateway.rule("POST", &path, &Value::Null).await;
    assert_eq!(
        (replayed.status.as_u16(), &replayed.json()["id"]),
        (200, &json!(webhook))
    );
    let client = gateway.ask("GET", "/api/v1/admin/deliveries", "").await;
    assert_eq!(client.status, 403, "an admin key is asked for");
    gateway.stop().await;
}

/// Another tenant's webhook is answered like one that never was; nobody is answered nothing.
async fn another_sees_nothing(gateway: &Gateway, webhook: &str) {
    let stranger = format!("Bearer {}", gateway.stranger().await);
    let headers = [("authorization", stranger.as_str())];
    let theirs = gateway.send("GET", "/api/v1/webhooks", &headers, "").await.json();
    assert_eq!(theirs["data"], json!([]));
    for (method, path) in [
        ("GET", format!("/api/v1/webhooks/{webhook}")),
        ("POST", format!("/api/v1/webhooks/{webhook}/replay")),
    ] {
        let foreign = gateway.send(method, &path, &headers, "").await;
        let unknown = path.replace(webhook, "wh_00000000000000000000000000000000_1");
        let unknown = gateway.send(method, &unknown, &headers, "").await;
        assert_eq!(
            (foreign.status, unknown.status),
            (http::StatusCode::NOT_FOUND, http::StatusCode::NOT_FOUND)
        );
        assert_eq!(
            foreign.json()["error"]["message"],
            unknown.json()["error"]["message"]
        );
        let nobody = gateway.send(method, &path, &[], "").await;
        assert_eq!(nobody.status, 401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_on_one_database_send_each_webhook_once() {
    let receiver = Receiver::start(Manner::Sound).await;
    let (url, files) = (
        cluster().database(),
        tempfile::tempdir().expect("a folder for both"),
    );
    let files = format!("file:{}", files.path().display());
    let environment = Environment::of(&[
        ("REELWAY_DATABASE__URL", url.as_str()),
        ("REELWAY_BLOBS__URL", files.as_str()),
        ("REELWAY_NETWORK__ALLOW_HOSTS", receiver.address.as_str()),
    ]);
    let one = Gateway::in_environment(&environment).await;
    let other = one.twin(&environment).await;
    for n in 0..8 {
        let gateway = if n % 2 == 0 { &one } else { &other };
        small(gateway, &receiver.url("/")).await;
    }
    let ended = |got: &[Got]| got.iter().filter(|got| is_end(got)).count() >= 8;
    receiver.once(ended).await;
    // Whatever would come twice had time to.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let got = receiver.got();
    let mut ids: Vec<_> = got
        .iter()
        .map(|got| got.header("webhook-id").to_owned())
        .collect();
    ids.sort();
    let count = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), count, "no webhook came twice");
    let key = secret(&one, "").await["secret"]
        .as_str()
        .expect("shown")
        .to_owned();
    assert!(
        got.iter().all(|got| got.is_signed_by(&key)),
        "both sign with the same secret"
    );
    one.stop().await;
    other.stop().await;
}
