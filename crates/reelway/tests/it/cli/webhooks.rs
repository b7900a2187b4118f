//! `reelway webhooks` and `reelway tasks replay-webhook` with the real binary.

use std::path::Path;

use serde_json::{Value, json};

use super::{OWN_KEY, fails, run, said};
use crate::binary::Serving;
use crate::house_under_test::send;

/// Looks before the test gives up; at [`LOOK_MS`] each, a minute.
const LOOKS_MAX: u32 = 300;
const LOOK_MS: u64 = 200;

fn json(output: &std::process::Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no JSON: {}", said(&output.stderr)))
}

/// The newest webhook, once it is about the end and was tried.
async fn tried(here: &Path) -> Value {
    for _ in 0..LOOKS_MAX {
        let last = json(&run(here, &["webhooks", "list", "--json"]))["data"][0].take();
        if last["event"] == "task.succeeded" && last["tries"].as_u64() > Some(0) {
            return last;
        }
        tokio::time::sleep(std::time::Duration::from_millis(LOOK_MS)).await;
    }
    panic!("the end was not tried");
}

/// Submits the smallest clip there is, to be called back where nobody listens; its id.
async fn submitted(address: &str) -> String {
    let wish = json!({
        "model": "animatic", "prompt": "a dot", "duration_seconds": 1, "width": 64, "height": 64, "fps": 5,
        "callback_url": "http://127.0.0.1:9/hook",
    });
    let bearer = format!("Bearer {OWN_KEY}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    let taken = send(
        address,
        "POST",
        "/api/v1/tasks",
        &headers,
        wish.to_string().into(),
    )
    .await;
    assert_eq!(taken.status, 202, "{:?}", taken.bytes);
    taken.json()["id"].as_str().expect("an id").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_are_listed_and_replayed_and_their_secret_is_shown_once() {
    let directory = tempfile::tempdir().expect("a directory");
    let here = directory.path();
    let serving = Serving::start(here, &[("REELWAY_BOOTSTRAP_API_KEY", OWN_KEY)]);
    let task = submitted(&serving.address()).await;
    let last = tried(here).await;
    assert_eq!(last["task"], task.as_str());
    let webhook = last["id"].as_str().expect("an id");
    let table = said(&run(here, &["webhooks", "list", "--state", "pending"]).stdout);
    assert!(
        table.starts_with("ID") && table.contains(webhook) && table.contains("no answer"),
        "{table}"
    );
    for id in [webhook, &task] {
        let replayed = run(here, &["tasks", "replay-webhook", id]);
        let text = said(&replayed.stdout);
        assert!(
            text.contains(webhook) && text.contains("again"),
            "{text}{}",
            said(&replayed.stderr)
        );
    }
    let unknown = "wh_00000000000000000000000000000000_1";
    fails(
        &run(here, &["webhooks", "replay", unknown]),
        1,
        &["no such webhook", "webhooks list"],
    );
    fails(
        &run(here, &["webhooks", "list", "--state", "lost"]),
        1,
        &["`lost`", "pending", "dead"],
    );

    a_secret_is_shown_once(here);
    assert!(serving.end().success());
    let offline = json(&run(here, &["webhooks", "list", "--json"]));
    assert_eq!(offline["data"][0]["id"], webhook);
    fails(
        &run(here, &["webhooks", "replay", webhook]),
        1,
        &["no gateway runs on", "reelway serve"],
    );
}

fn a_secret_is_shown_once(here: &Path) {
    let first = json(&run(here, &["webhooks", "secret", "--json"]));
    assert!(
        first["secret"]
            .as_str()
            .is_some_and(|text| text.starts_with("whsec_")),
        "{first}"
    );
    let again = said(&run(here, &["webhooks", "secret"]).stdout);
    assert!(
        again.contains("shown before") && !again.contains("whsec_"),
        "{again}"
    );
    let rotated = said(&run(here, &["webhooks", "secret", "--rotate"]).stdout);
    assert!(
        rotated.contains("whsec_") && rotated.contains("goes on signing until"),
        "{rotated}"
    );
    let nobody = run(here, &["webhooks", "secret", "--tenant", "nobody"]);
    fails(&nobody, 1, &["there is no tenant `nobody`", "default"]);
}
