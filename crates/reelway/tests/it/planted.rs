//! Secrets planted in every field of a login appear nowhere: not in the log at its most talkative, in no
//! answer and on no page, in no printed word and in no file but sealed. The real binary goes through what a
//! login may go through.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};

use crate::binary::{Serving, reelway};
use crate::house_under_test::send;
use crate::site::{Act, Site};
use crate::vendor::Vendor;

/// What every planted secret begins with.
const PLANTED: &str = "planted7f3a";
/// Looks for something before the test gives it up; at 100 ms each, half a minute.
const LOOKS_MAX: u32 = 300;

/// All that was said, and by whom.
struct Ears {
    address: String,
    admin_key: String,
    client_key: String,
    said: Vec<(String, Vec<u8>)>,
}

impl Ears {
    async fn ask(&mut self, key: &str, method: &str, path: &str, body: &Value) -> Value {
        let bearer = format!("Bearer {key}");
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
        ];
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let answer = send(&self.address, method, path, &headers, Bytes::from(body)).await;
        let mut whole = format!("{:?}\n", answer.headers).into_bytes();
        whole.extend_from_slice(&answer.bytes);
        self.said.push((format!("{method} {path}"), whole));
        serde_json::from_slice(&answer.bytes).unwrap_or(Value::Null)
    }

    async fn rule(&mut self, method: &str, path: &str, body: &Value) -> Value {
        let key = self.admin_key.clone();
        self.ask(&key, method, path, body).await
    }

    async fn client(&mut self, method: &str, path: &str, body: &Value) -> Value {
        let key = self.client_key.clone();
        self.ask(&key, method, path, body).await
    }

    fn run(&mut self, directory: &Path, arguments: &[&str]) -> bool {
        let output = planted(reelway(directory).args(arguments)).output();
        let output = output.expect("the binary runs");
        let name = arguments.join(" ");
        self.said.push((format!("{name}, out"), output.stdout));
        self.said.push((format!("{name}, err"), output.stderr));
        output.status.success()
    }
}

/// Plants secrets in a command's environment.
fn planted(command: &mut std::process::Command) -> &mut std::process::Command {
    command
        .env("PLANTED_KEY", format!("{PLANTED}-env-key"))
        .env("PLANTED_SECRET", format!("{PLANTED}-env-secret"))
}

/// A file with an account for each kind of login, and one whose upstream speaks no TLS.
fn file(vendor: &Vendor, broken: &Site, place: &Path) -> String {
    let secret = place.join("secret.txt");
    std::fs::write(&secret, format!("{PLANTED}-file-secret\n")).expect("a file");
    let (url, hosts) = (vendor.url(), [vendor.address, broken.address]);
    format!(
        "[network]\nallow_hosts = [\"{}\", \"{}\"]\n\
         [server]\npublic_url = \"https://media.example.com\"\n\
         [[account]]\nname = \"by-key\"\nprovider = \"kling\"\nbase_url = \"{url}\"\n\
         api_key = \"env:PLANTED_KEY\"\ncallback_secret = \"{PLANTED}-callback\"\nmodels = [\"kling-v3\"]\n\
         [[account]]\nname = \"by-pair\"\nprovider = \"kling\"\nbase_url = \"{url}\"\n\
         access_key = \"{PLANTED}-access\"\nsecret_key = \"file:{}\"\nmodels = [\"kling-v2-6\"]\n\
         [[account]]\nname = \"broken\"\nprovider = \"kling\"\nbase_url = \"https://{}\"\n\
         api_key = \"{PLANTED}-broken\"\nmodels = [\"kling-v2-1\"]\n",
        hosts[0],
        hosts[1],
        secret.display(),
        broken.address,
    )
}

fn account(vendor: &Vendor, name: &str, secrets: Value) -> Value {
    let mut account = json!({
        "name": name, "provider": "kling", "base_url": vendor.url(), "models": ["kling-v1-6"],
    });
    for (field, value) in secrets.as_object().expect("an object") {
        account[field] = value.clone();
    }
    account
}

#[tokio::test(flavor = "multi_thread")]
async fn planted_secrets_appear_nowhere() {
    let vendor = Vendor::start().await;
    let broken = Site::start(|_| Act::Say(b"HTTP/1.1 400 no TLS here\r\n\r\n".to_vec())).await;
    let directory = tempfile::tempdir().expect("a directory");
    let place = directory.path();
    std::fs::write(place.join("reelway.toml"), file(&vendor, &broken, place)).expect("a file");
    let log = place.join("log");
    let keys = [
        "an-operators-own-key-for-clients",
        "an-operators-own-key-for-admins",
    ];
    let serving = Serving::speaking(place, &log, |command| {
        planted(command)
            .env("REELWAY_BOOTSTRAP_API_KEY", keys[0])
            .env("REELWAY_BOOTSTRAP_ADMIN_KEY", keys[1]);
    });
    let mut ears = Ears {
        address: serving.listening(&log),
        admin_key: keys[1].to_owned(),
        client_key: keys[0].to_owned(),
        said: vec![("greeting".to_owned(), serving.greeting.join("\n").into_bytes())],
    };
    go_through(&mut ears, &vendor, place).await;
    assert!(serving.end().success());
    ears.said
        .push(("log".to_owned(), std::fs::read(&log).expect("a log")));
    for name in ["reelway.db", "reelway.db-wal"] {
        let bytes = std::fs::read(place.join("data").join(name)).unwrap_or_default();
        ears.said.push((name.to_owned(), bytes));
    }
    let said = vendor.bearers().join(" ");
    assert!(said.contains(PLANTED), "the vendor was opened with them");
    let spellings = [
        PLANTED.to_owned(),
        STANDARD.encode(PLANTED)[..12].to_owned(),
        base16ct::lower::encode_string(PLANTED.as_bytes()),
    ];
    for (who, bytes) in &ears.said {
        let text = String::from_utf8_lossy(bytes);
        for spelling in &spellings {
            assert!(
                !text.contains(spelling.as_str()),
                "`{spelling}` was said by {who}: {text}"
            );
        }
    }
    let log = std::fs::read_to_string(&log).expect("text");
    assert!(
        log.contains("broken") && log.contains("by-key"),
        "the log speaks of them"
    );
}

/// Accept, refuse, wrong keys, broken TLS, callbacks, tests, pauses, removal, and every command beside.
async fn go_through(ears: &mut Ears, vendor: &Vendor, place: &Path) {
    let accounts = "/api/v1/admin/accounts";
    let key = json!({ "api_key": format!("{PLANTED}-api"), "callback_secret": format!("{PLANTED}-api-cb") });
    let pair = json!({ "access_key": format!("{PLANTED}-a"), "secret_key": format!("{PLANTED}-s") });
    let made = ears
        .rule("POST", accounts, &account(vendor, "enrolled", key.clone()))
        .await;
    assert_eq!(made["name"], "enrolled", "{made}");
    ears.rule("POST", accounts, &account(vendor, "enrolled-pair", pair))
        .await;
    for flawed in [
        json!({ "api_key": format!("{PLANTED} with spaces") }),
        json!({ "api_key": format!("env:{PLANTED}") , "slots": 0 }),
        json!({ "api_key": [format!("{PLANTED}-list")] }),
        json!({ "api_key": format!("{PLANTED}-x"), "base_url": format!("https://u:{PLANTED}@example.com") }),
        json!({ "api_key": format!("{PLANTED}-x"), "base_url": format!("https://example.com/?k={PLANTED}") }),
        json!({ "api_key": format!("{PLANTED}-x"), "slots": format!("{PLANTED}-y") }),
    ] {
        let refused = ears
            .rule("POST", accounts, &account(vendor, "flawed", flawed))
            .await;
        assert!(refused["error"].is_object(), "{refused}");
    }
    let ids = submit_all(ears).await;
    for id in &ids[..3] {
        ended(ears, id).await;
    }
    refuse_all(ears, vendor, accounts).await;
    vendor.refuses(None);
    let callback = json!({ "id": "1", "status": "succeeded" });
    ears.client("POST", "/callbacks/by-key", &callback).await;
    for path in ["/metrics", "/healthz", "/readyz", "/api/v1/tasks", accounts] {
        ears.rule("GET", path, &Value::Null).await;
    }
    for id in &ids {
        ears.client("GET", &format!("/api/v1/tasks/{id}"), &Value::Null)
            .await;
    }
    ears.rule("POST", &format!("{accounts}/enrolled/pause"), &Value::Null)
        .await;
    ears.rule("DELETE", &format!("{accounts}/enrolled-pair"), &Value::Null)
        .await;
    command_all(ears, place);
}

/// Wishes for every account; their tasks.
async fn submit_all(ears: &mut Ears) -> Vec<String> {
    let mut ids = Vec::new();
    for model in ["kling-v3", "kling-v2-6", "kling-v1-6", "kling-v2-1"] {
        let mut wish = json!({ "model": model, "prompt": "a tram", "duration": 5 });
        let path = match model {
            "kling-v2-1" => {
                wish["image"] = json!(STANDARD.encode(crate::house_under_test::picture(300, 300)));
                "/kling/v1/videos/image2video"
            }
            _ => "/kling/v1/videos/text2video",
        };
        let taken = ears.client("POST", path, &wish).await;
        ids.push(
            taken["task_id"]
                .as_str()
                .unwrap_or_else(|| panic!("{taken}"))
                .to_owned(),
        );
    }
    ids
}

/// The vendor says no in its own words, which may repeat what it was sent, to submits and to tests.
async fn refuse_all(ears: &mut Ears, vendor: &Vendor, accounts: &str) {
    for (status, code) in [(401, 1002), (429, 1102), (503, 5001)] {
        vendor.refuses_aloud(status, code);
        ears.client(
            "POST",
            "/kling/v1/videos/text2video",
            &json!({ "model": "kling-v3", "prompt": "x" }),
        )
        .await;
        for name in ["by-key", "by-pair", "enrolled", "enrolled-pair"] {
            let tested = ears
                .rule("POST", &format!("{accounts}/{name}/test"), &Value::Null)
                .await;
            assert_eq!(tested["works"], false, "{tested}");
        }
    }
    let tested = ears
        .rule("POST", &format!("{accounts}/broken/test"), &Value::Null)
        .await;
    assert_eq!(tested["works"], false, "{tested}");
}

/// Every command beside the gateway.
fn command_all(ears: &mut Ears, place: &Path) {
    let kept = [
        &["config", "show"][..],
        &["config", "show", "--json"],
        &["config", "check"],
        &["accounts", "list"],
        &["accounts", "list", "--json"],
        &["accounts", "test", "by-pair"],
        &["accounts", "remove", "enrolled"],
        &["ledger", "verify"],
    ];
    for arguments in kept {
        assert!(ears.run(place, arguments), "{arguments:?}");
    }
    let secret = format!("{PLANTED}-argv");
    assert!(!ears.run(
        place,
        &[
            "accounts",
            "add",
            "x",
            "--provider",
            "kling",
            "--api-key",
            &secret
        ]
    ));
}

async fn ended(ears: &mut Ears, id: &str) {
    for _ in 0..LOOKS_MAX {
        let task = ears
            .client("GET", &format!("/api/v1/tasks/{id}"), &Value::Null)
            .await;
        match task["status"].as_str() {
            Some("queued" | "running") => {}
            Some("succeeded") => return,
            _ => panic!("{task}"),
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("`{id}` did not end in time");
}
