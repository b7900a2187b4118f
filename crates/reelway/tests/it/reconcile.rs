//! Our books beside the vendor's: one gateway is the vendor of another, and every task that is not the same on
//! both sides is named, and no other.

use std::path::Path;
use std::process::Output;

use reelway::client::Client;
use reelway::config::Environment;
use serde_json::{Value, json};

use crate::accounts::until;
use crate::binary::reelway;
use crate::house_under_test::Gateway;

const CLIPS: &str = "/v1/videos/text2video";

/// A gateway whose vendor is another gateway.
async fn client_of(vendor: &Gateway) -> Gateway {
    let file = format!(
        "[network]\nallow_hosts = [\"{0}\"]\n[[account]]\nname = \"upstream\"\nprovider = \"kling\"\n\
         base_url = \"http://{0}/kling-native\"\napi_key = \"env:VENDOR_KEY\"\n",
        vendor.address()
    );
    let environment = Environment::of(&[("VENDOR_KEY", vendor.client_key.as_str())]);
    Gateway::with_file(&file, &environment).await
}

/// Makes a clip of three silent seconds; its id.
async fn clip(gateway: &Gateway, name: &str) -> String {
    let wish = json!({ "model_name": "kling-v3", "prompt": name, "duration": "3", "external_task_id": name });
    let taken = gateway.ask("POST", CLIPS, wish.to_string()).await;
    assert_eq!(taken.status, 200, "{:?}", taken.bytes);
    let path = format!("{CLIPS}/{name}");
    until("the clip is made", async || {
        let seen = gateway.ask("GET", &path, "").await.json();
        assert_ne!(seen["data"]["task_status"], "failed", "{seen}");
        seen["data"]["task_status"] == "succeed"
    })
    .await;
    let seen = gateway.ask("GET", &path, "").await.json();
    let id = domain::TaskId::parse(seen["data"]["task_id"].as_str().expect("an id"));
    id.expect("our own spelling").prefixed()
}

async fn compared(gateway: &Gateway, query: &str) -> Value {
    let path = format!("/api/v1/admin/ledger/reconcile?{query}");
    let answer = gateway.rule("GET", &path, &Value::Null).await;
    assert_eq!(answer.status, 200, "{:?}", answer.bytes);
    answer.json()["accounts"][0].clone()
}

fn row<'a>(account: &'a Value, task: &str) -> &'a Value {
    let tasks = account["tasks"].as_array().expect("tasks");
    tasks
        .iter()
        .find(|row| row["task"] == task)
        .expect("the task is compared")
}

/// Runs `reelway reconcile` beside the gateway of this directory.
async fn reconcile(directory: &Path, arguments: &[&str]) -> Output {
    let mut command = reelway(directory);
    command
        .env("REELWAY_DATA_DIR", directory)
        .arg("reconcile")
        .args(arguments);
    let running = tokio::task::spawn_blocking(move || command.output().expect("the binary runs"));
    running.await.expect("ends")
}

/// Writes a cost down that is 7,000 micro-dollars too low.
fn lower_cost(directory: &Path, task: &str) {
    let books = rusqlite::Connection::open(directory.join("reelway.db")).expect("the database opens");
    let wrong = "UPDATE lines SET amount = amount - 7000 WHERE kind = 'cost' AND hex(task) = ?1";
    let digits = task.trim_start_matches("task_").to_uppercase();
    assert_eq!(books.execute(wrong, [digits]).expect("written"), 1);
}

/// Makes the vendor know nothing any more of a compared task.
fn forget_at_vendor(vendor: &Gateway, compared: &Value) {
    let receipt = compared["vendor_task"].as_str().expect("a receipt");
    let receipt = domain::TaskId::parse(receipt).expect("an id of the vendor");
    let rows = rusqlite::Connection::open(vendor.data_dir().join("reelway.db")).expect("the database opens");
    let gone = rows.execute("DELETE FROM tasks WHERE lower(hex(id)) = ?1", [receipt.0.hex()]);
    assert_eq!(gone.expect("written"), 1);
}

fn all_three_are_the_same(same: &Value, task: &str) {
    assert_eq!(
        (&same["same"], &same["different"], &same["fault"]),
        (&json!(3), &json!(0), &Value::Null),
        "{same}"
    );
    // Three silent seconds of kling-v3 in 720p: 0.6 units of 0.14 dollars each.
    let plain = row(same, task);
    assert_eq!(
        (
            &plain["cost_micros"],
            &plain["vendor_micros"],
            &plain["vendor_units_milli"],
            &plain["units_milli"]
        ),
        (&json!(252_000), &json!(252_000), &json!(1_800), &json!(1_800))
    );
}

/// The one job that only the vendor knows is `foreign`.
fn is_only_at_vendor(differs: &Value, foreign: &str) {
    let foreign = domain::TaskId::parse(foreign).expect("an id").0.decimal();
    let tasks = differs["tasks"].as_array().expect("tasks");
    let theirs = tasks
        .iter()
        .find(|row| row["verdict"] == "only_at_vendor")
        .expect("a foreign job");
    assert_eq!(
        (&theirs["vendor_task"], &theirs["task"]),
        (&json!(foreign), &Value::Null)
    );
}

/// The command ends with 1, names what is different and leaves out what is the same.
async fn command_lists_what_differs(directory: &Path, same: &str, different: &str) {
    let plain = reconcile(directory, &[]).await;
    let printed = String::from_utf8_lossy(&plain.stdout).into_owned();
    assert_eq!(plain.status.code(), Some(1), "{printed}");
    assert!(
        printed.contains("1 tasks are the same, 3 are not") && printed.contains(different),
        "{printed}"
    );
    assert!(
        !printed.contains(same),
        "what is the same is not listed: {printed}"
    );
    let csv = reconcile(directory, &["--csv"]).await;
    assert_eq!(String::from_utf8_lossy(&csv.stdout).lines().count(), 5);
}

async fn wrong_queries_are_refused(gateway: &Gateway) {
    for (query, status) in [
        ("account=nobody", 404),
        ("account=upstream&tolerance=x", 400),
        ("tenant=a", 400),
    ] {
        let path = format!("/api/v1/admin/ledger/reconcile?{query}");
        assert_eq!(
            gateway.rule("GET", &path, &Value::Null).await.status,
            status,
            "{query}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_vendor_deducted_is_compared_task_by_task() {
    let vendor = Gateway::start().await;
    let gateway = client_of(&vendor).await;
    let (kite, gull, crab) = (
        clip(&gateway, "kite").await,
        clip(&gateway, "gull").await,
        clip(&gateway, "crab").await,
    );
    let same = compared(&gateway, "").await;
    all_three_are_the_same(&same, &kite);
    let client = Client::of_running(&gateway.house.config.socket()).await;
    assert!(client.is_some(), "a command finds the gateway");
    let directory = gateway.data_dir();
    let ended = reconcile(&directory, &["--account", "upstream"]).await;
    assert_eq!(ended.status.code(), Some(0));

    // A job that the vendor made for somebody else, a cost that was written down wrongly, and a deduction that
    // the vendor does not tell.
    let foreign = clip(&vendor, "foreign").await;
    lower_cost(&directory, &gull);
    forget_at_vendor(&vendor, row(&same, &crab));

    let differs = compared(&gateway, "account=upstream&tolerance=0.0069").await;
    assert_eq!(
        (&differs["same"], &differs["different"]),
        (&json!(1), &json!(3)),
        "{differs}"
    );
    let said = |task: &str| {
        (
            row(&differs, task)["verdict"].clone(),
            row(&differs, task)["difference_micros"].clone(),
        )
    };
    assert_eq!(said(&kite), (json!("same"), json!(0)));
    assert_eq!(said(&gull), (json!("differs"), json!(7_000)));
    assert_eq!(said(&crab), (json!("only_here"), json!(-252_000)));
    is_only_at_vendor(&differs, &foreign);
    assert_eq!(
        (&differs["vendor_micros"], &differs["cost_micros"]),
        (&json!(756_000), &json!(749_000))
    );
    assert_eq!(
        compared(&gateway, "account=upstream&tolerance=0.007").await["same"],
        2
    );
    assert_eq!(
        compared(&gateway, "account=upstream&to=2020-01-01").await["tasks"],
        json!([])
    );

    command_lists_what_differs(&directory, &kite, &gull).await;
    wrong_queries_are_refused(&gateway).await;
    gateway.stop().await;
    vendor.stop().await;
}
