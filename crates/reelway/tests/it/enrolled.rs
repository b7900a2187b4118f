//! Accounts that come and go while the house is open: by the admin API, in one process and in two.

use domain::account::Duty;
use domain::{Clock as _, StateWord};
use reelway::config::Environment;
use serde_json::{Value, json};
use testkit::clock::ManualClock;
use testkit::postgres::cluster;

use crate::accounts::{ended, submitted, task, until, wish};
use crate::house_under_test::Gateway;
use crate::vendor::Vendor;

const ACCOUNTS: &str = "/api/v1/admin/accounts";
const SECRET: &str = "the-key-of-the-vendor";

/// A house that may go to the vendor.
async fn gateway(vendor: &Vendor) -> Gateway {
    let hosts = vendor.address.to_string();
    let variables = [("REELWAY_NETWORK__ALLOW_HOSTS", hosts.as_str())];
    Gateway::in_environment(&Environment::of(&variables)).await
}

/// An account at the vendor.
fn account(vendor: &Vendor, name: &str) -> Value {
    json!({ "name": name, "provider": "kling", "base_url": vendor.url(), "api_key": SECRET })
}

async fn enrol(gateway: &Gateway, account: &Value) {
    let answer = gateway.rule("POST", ACCOUNTS, account).await;
    assert_eq!(answer.status, 201, "{:?}", answer.bytes);
    assert!(!String::from_utf8_lossy(&answer.bytes).contains(SECRET));
}

async fn listed(gateway: &Gateway) -> Vec<(String, String, String)> {
    let all = gateway.rule("GET", ACCOUNTS, &Value::Null).await;
    assert!(!String::from_utf8_lossy(&all.bytes).contains(SECRET));
    let all = all.json()["data"].as_array().expect("a list").clone();
    let text = |account: &Value, field: &str| account[field].as_str().expect("a text").to_owned();
    let rows = all.iter().map(|account| {
        (
            text(account, "name"),
            text(account, "source"),
            text(account, "duty"),
        )
    });
    rows.collect()
}

fn row(name: &str, duty: &str) -> (String, String, String) {
    (name.to_owned(), "command".to_owned(), duty.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_takes_tasks_from_the_moment_that_it_is_plugged_in_until_it_is_paused() {
    let vendor = Vendor::start().await;
    let gateway = gateway(&vendor).await;
    let built_in = ("animatic".to_owned(), "built-in".to_owned(), "working".to_owned());
    assert_eq!(listed(&gateway).await, std::slice::from_ref(&built_in));
    enrol(&gateway, &account(&vendor, "main")).await;
    let first = submitted(&gateway, &wish("kling-v3")).await;
    let first = ended(&gateway, &first).await;
    assert_eq!(
        (&first["status"], &first["provider"]),
        (&json!("succeeded"), &json!("kling"))
    );

    let main = format!("{ACCOUNTS}/main");
    let paused = gateway.rule("POST", &format!("{main}/pause"), &Value::Null).await;
    assert_eq!(paused.json()["duty"], "paused");
    let waits = submitted(&gateway, &wish("kling-v3")).await;
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let row_of = gateway.row(&waits).await;
    assert_eq!(
        (row_of.word(), row_of.origin.lane.as_str()),
        (StateWord::Queued, "kling-v3"),
        "a paused account counts as an account"
    );
    assert_eq!(vendor.jobs().len(), 1);

    let resumed = gateway
        .rule("POST", &format!("{main}/resume"), &Value::Null)
        .await;
    assert_eq!(resumed.json()["duty"], "working");
    assert_eq!(ended(&gateway, &waits).await["status"], "succeeded");
    assert_eq!(vendor.jobs().len(), 2);
    assert_eq!(listed(&gateway).await, [built_in, row("main", "working")]);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_removed_keeps_its_login_until_its_last_task_has_ended() {
    let vendor = Vendor::start().await;
    let gateway = gateway(&vendor).await;
    vendor.holds(true);
    enrol(&gateway, &account(&vendor, "main")).await;
    enrol(&gateway, &account(&vendor, "other")).await;
    let other = format!("{ACCOUNTS}/other/pause");
    gateway.rule("POST", &other, &Value::Null).await;
    let id = submitted(&gateway, &wish("kling-v3")).await;
    until("it runs", async || {
        gateway.row(&id).await.word() == StateWord::Running
    })
    .await;

    let main = format!("{ACCOUNTS}/main");
    let removed = gateway.rule("DELETE", &main, &Value::Null).await;
    assert_eq!(removed.json()["duty"], "retired");
    let waits = submitted(&gateway, &wish("kling-v3")).await;
    let house = &gateway.house;
    let later = ManualClock::new();
    later.advance_ms(house.clock.now().since(later.now()).max(0) + 3_600_000);
    let farewell = async || {
        later.advance_ms(60_000);
        let done = house.office.bid_farewell(&**house.engine.store(), &later).await;
        done.expect("the store answers");
        house
            .office
            .refresh(&house.engine, &house.providers)
            .await
            .expect("read");
    };
    farewell().await;
    let looks = vendor.looks();
    until("somebody looks", async || vendor.looks() > looks).await;
    assert!(listed(&gateway).await.contains(&row("main", "retired")));
    let again = gateway.rule("POST", ACCOUNTS, &account(&vendor, "main")).await;
    assert_eq!(again.status, 409, "{:?}", again.bytes);
    for verb in ["pause", "resume"] {
        let answer = gateway
            .rule("POST", &format!("{main}/{verb}"), &Value::Null)
            .await;
        assert_eq!(answer.status, 409, "{:?}", answer.bytes);
    }
    assert_eq!(
        gateway.row(&waits).await.word(),
        StateWord::Queued,
        "no new submits"
    );

    vendor.holds(false);
    let task = ended(&gateway, &id).await;
    assert_eq!(task["status"], "succeeded", "{task}");
    farewell().await;
    assert!(!listed(&gateway).await.iter().any(|(name, ..)| name == "main"));
    let rows = house.engine.store().enrolled().await.expect("read");
    let main_row = rows
        .iter()
        .find(|row| row.name == "main")
        .expect("its name is kept");
    assert_eq!((main_row.duty, &main_row.sealed), (Duty::Removed, &None));
    let shown = crate::accounts::task(&gateway, &id).await;
    assert_eq!(shown["provider"], "kling", "its tasks still say who made them");
    assert_eq!(vendor.jobs().len(), 1);

    enrol(&gateway, &account(&vendor, "main")).await;
    assert_eq!(ended(&gateway, &waits).await["status"], "succeeded");
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn queued_storyboards_stay_storyboards_when_the_first_account_appears() {
    let vendor = Vendor::start().await;
    let hosts = vendor.address.to_string();
    let variables = [
        ("REELWAY_NETWORK__ALLOW_HOSTS", hosts.as_str()),
        ("REELWAY_ANIMATIC__SLOTS", "1"),
    ];
    let gateway = Gateway::in_environment(&Environment::of(&variables)).await;
    let mut small = wish("kling-v3");
    for (field, value) in [("width", 320), ("height", 180), ("fps", 10)] {
        small[field] = json!(value);
    }
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(submitted(&gateway, &small).await);
    }
    enrol(&gateway, &account(&vendor, "main")).await;
    let after = submitted(&gateway, &wish("kling-v3")).await;
    for id in ids {
        let task = ended(&gateway, &id).await;
        let shown = (&task["status"], &task["provider"]);
        assert_eq!(shown, (&json!("succeeded"), &json!("animatic")));
    }
    assert_eq!(ended(&gateway, &after).await["provider"], "kling");
    assert_eq!(vendor.jobs().len(), 1);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_asks_the_vendor_and_makes_nothing() {
    let vendor = Vendor::start().await;
    let gateway = gateway(&vendor).await;
    enrol(&gateway, &account(&vendor, "main")).await;
    let test = format!("{ACCOUNTS}/main/test");
    let works = gateway.rule("POST", &test, &Value::Null).await.json();
    assert_eq!(
        (&works["works"], &works["name"]),
        (&json!(true), &json!("main")),
        "{works}"
    );
    for (status, code, retryable) in [
        (401, 1002, false),
        (429, 1102, false),
        (429, 1302, true),
        (503, 5001, true),
    ] {
        vendor.refuses(Some((status, code)));
        let fails = gateway.rule("POST", &test, &Value::Null).await.json();
        let shown = (&fails["works"], &fails["retryable"]);
        assert_eq!(shown, (&json!(false), &json!(retryable)), "{code}: {fails}");
    }
    let unknown = gateway
        .rule("POST", &format!("{ACCOUNTS}/none/test"), &Value::Null)
        .await;
    assert_eq!(unknown.status, 404);
    assert_eq!((vendor.jobs().len(), vendor.checks()), (0, 1));
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_an_account_is_refused_by_field() {
    let vendor = Vendor::start().await;
    let gateway = gateway(&vendor).await;
    let with = |field: &str, value: Value| {
        let mut account = account(&vendor, "main");
        account[field] = value;
        account
    };
    let cases = [
        (with("name", json!("a b")), 400, "name"),
        (with("name", json!("animatic")), 400, "name"),
        (with("provider", json!("klingon")), 400, "provider"),
        (with("provider", json!("animatic")), 400, "base_url"),
        (with("base_url", json!("http://127.0.0.1:1")), 400, "base_url"),
        (
            with("base_url", json!("https://planted-user@example.com")),
            400,
            "base_url",
        ),
        (with("api_key", json!("env:HOME")), 400, "api_key"),
        (with("api_key", json!("two words")), 400, "api_key"),
        (with("secret_key", json!("the-secret")), 400, "api_key"),
        (with("slots", json!(0)), 400, "slots"),
        (with("weight", json!(0)), 400, "weight"),
        (with("models", json!([""])), 400, "models"),
    ];
    for (body, status, field) in cases {
        let answer = gateway.rule("POST", ACCOUNTS, &body).await;
        let shown = answer.json();
        assert_eq!(answer.status.as_u16(), status, "{shown}");
        assert_eq!(shown["error"]["field"], field, "{shown}");
        let text = String::from_utf8_lossy(&answer.bytes).into_owned();
        for secret in [SECRET, "planted", "two words", "the-secret"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
    for body in [
        with("slots", json!("planted-slots")),
        with("api_key", json!(["planted-key"])),
        with("api_kei", json!("planted-key")),
        json!("planted-body"),
    ] {
        let answer = gateway.rule("POST", ACCOUNTS, &body).await;
        let text = String::from_utf8_lossy(&answer.bytes).into_owned();
        assert_eq!(answer.status, 400, "{text}");
        assert!(!text.contains("planted"), "{text}");
    }
    let client = gateway.ask("GET", ACCOUNTS, "").await;
    assert_eq!(client.status, 403, "a client key is not for this");
    assert_eq!(listed(&gateway).await.len(), 1);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_of_the_file_are_read_only_here() {
    let vendor = Vendor::start().await;
    let file = crate::vendor::file_with(&vendor, &["name = \"main\"\napi_key = \"the-key-of-the-vendor\""]);
    let gateway = Gateway::with_file(&file, &Environment::default()).await;
    let main = format!("{ACCOUNTS}/main");
    for (method, path) in [
        ("DELETE", main.clone()),
        ("POST", format!("{main}/pause")),
        ("POST", format!("{main}/resume")),
        ("DELETE", format!("{ACCOUNTS}/animatic")),
    ] {
        let answer = gateway.rule(method, &path, &Value::Null).await;
        assert_eq!(answer.status, 409, "{path}: {:?}", answer.bytes);
    }
    let taken = gateway.rule("POST", ACCOUNTS, &account(&vendor, "main")).await;
    assert_eq!(taken.status, 409);
    let unknown = gateway
        .rule("DELETE", &format!("{ACCOUNTS}/none"), &Value::Null)
        .await;
    assert_eq!(unknown.status, 404);
    let works = gateway.rule("POST", &format!("{main}/test"), &Value::Null).await;
    assert_eq!(works.json()["works"], true, "{:?}", works.bytes);
    let (_, source, _) = &listed(&gateway).await[1];
    assert_eq!(source, "file");
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_enrolled_account_is_there_after_a_restart_and_never_opened_by_another_master_key() {
    let vendor = Vendor::start().await;
    let gateway = gateway(&vendor).await;
    enrol(&gateway, &account(&vendor, "main")).await;
    let hosts = vendor.address.to_string();
    let variables = [("REELWAY_NETWORK__ALLOW_HOSTS", hosts.as_str())];
    let environment = Environment::of(&variables);
    let gateway = gateway.reopen("", &environment).await.expect("the same again");
    let id = submitted(&gateway, &wish("kling-v3")).await;
    assert_eq!(ended(&gateway, &id).await["provider"], "kling");
    let master = gateway.house.config.master_key();
    std::fs::write(&master, [7; 32]).expect("another key");
    let gateway = gateway
        .reopen("", &environment)
        .await
        .expect("another master key");
    let all = gateway.rule("GET", ACCOUNTS, &Value::Null).await.json();
    let fault = all["data"][1]["fault"].as_str().expect("a fault");
    assert!(fault.contains("restore the key"), "{fault}");
    let id = submitted(&gateway, &wish("kling-v3")).await;
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    assert_eq!(
        task(&gateway, &id).await["status"],
        "queued",
        "it waits for its account"
    );
    assert_eq!(vendor.jobs().len(), 1);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_process_on_one_database_takes_a_change_within_two_seconds() {
    let vendor = Vendor::start().await;
    let url = cluster().database();
    let hosts = vendor.address.to_string();
    let files = tempfile::tempdir().expect("a folder for both");
    let files = format!("file:{}", files.path().display());
    let environment = Environment::of(&[
        ("REELWAY_DATABASE__URL", url.as_str()),
        ("REELWAY_BLOBS__URL", files.as_str()),
        ("REELWAY_NETWORK__ALLOW_HOSTS", hosts.as_str()),
    ]);
    let one = Gateway::in_environment(&environment).await;
    let other = one.twin(&environment).await;
    let duty = |gateway: &Gateway| {
        let accounts = gateway.house.engine.accounts();
        let mut accounts = accounts.iter();
        let main = accounts.find(|(account, _)| account.name == "main");
        main.map(|(account, _)| account.duty)
    };
    let follows = async |expected: Option<Duty>| {
        let there = async {
            while duty(&other) != expected {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        };
        let waited = tokio::time::timeout(std::time::Duration::from_secs(2), there).await;
        assert!(waited.is_ok(), "{expected:?} is not there");
    };
    enrol(&one, &account(&vendor, "main")).await;
    assert_eq!(duty(&one), Some(Duty::Working));
    follows(Some(Duty::Working)).await;
    let main = format!("{ACCOUNTS}/main");
    one.rule("POST", &format!("{main}/pause"), &Value::Null).await;
    follows(Some(Duty::Paused)).await;
    let waits = submitted(&other, &wish("kling-v3")).await;
    one.rule("POST", &format!("{main}/resume"), &Value::Null).await;
    follows(Some(Duty::Working)).await;
    assert_eq!(ended(&other, &waits).await["status"], "succeeded");
    one.rule("DELETE", &main, &Value::Null).await;
    follows(Some(Duty::Retired)).await;
    assert_eq!(vendor.jobs().len(), 1);
    one.stop().await;
    other.stop().await;
}
