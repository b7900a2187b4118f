//! Bringing a new-api database over by command: what comes, what is left out and why, that a second run
//! changes nothing, and that an old client goes on with its old token and its old balance.

use std::path::{Path, PathBuf};
use std::process::Output;

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::binary::{Serving, reelway};
use crate::house_under_test::send;

/// A database of new-api, as a script.
const SCRIPT: &str = include_str!("../fixtures/new_api.sql");
/// The text that a client of it sends.
const TOKEN: &str = "sk-AliceAliceAliceAliceAliceAliceAliceAliceAlice001";

/// A directory with a database of new-api, and a gateway that was started once.
fn ground() -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("one-api.db");
    let database = Connection::open(&file).expect("a database");
    database.execute_batch(SCRIPT).expect("the script runs");
    assert!(Serving::start(directory.path(), &[]).end().success());
    (directory, file)
}

fn run(directory: &Path, arguments: &[&str]) -> Output {
    let output = reelway(directory).args(arguments).output();
    output.expect("the binary runs")
}

fn said(output: &Output) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn printed(directory: &Path, command: &str) -> Value {
    let arguments: Vec<&str> = command.split(' ').chain(["--json"]).collect();
    serde_json::from_str(&said(&run(directory, &arguments))).expect("JSON")
}

fn by<'a>(list: &'a Value, field: &str, value: &str) -> &'a Value {
    let mut rows = list.as_array().expect("a list").iter();
    let found = rows.find(|row| row[field] == value);
    found.unwrap_or_else(|| panic!("no `{value}` in {list}"))
}

#[test]
fn a_dry_run_shows_the_plan_and_does_nothing() {
    let (directory, _) = ground();
    let directory = directory.path();
    let before = printed(directory, "tenants list");
    let plan = said(&run(directory, &["import", "new-api", "one-api.db", "--dry-run"]));
    for part in [
        "to bring over: 4 tenants with 102.50 USD, 5 keys, 3 accounts, 2 prices",
        "tenant alice: 2.50 USD, 3 keys",
        "nothing was done",
    ] {
        assert!(plan.contains(part), "`{part}` is not in: {plan}");
    }
    assert_eq!(printed(directory, "tenants list"), before);
    assert!(!directory.join("new-api-prices.toml").exists());
    assert_eq!(printed(directory, "audit")["data"], json!([]));
}

/// What the import says of each thing that does not come over as it is.
const REMARKS: [&str; 15] = [
    "user 8: is called `bob-smith` here",
    "user 8: owes 1.00 USD there",
    "user 10: is called `default-10` here",
    "token 1: `not-an-ip` is no address",
    "token 3: its group `svip` is left out",
    "token 4: its user 9 is not brought over",
    "token 5: its text cannot be a key here",
    "token 6: its quota is spent",
    "token 7: no network is left; its key is revoked here",
    "channel 1: not served here: gpt-5",
    "channel 3 (type 1): nobody here speaks to its vendor",
    "channel 4: none of its models is served here",
    "price of `dall-e-3`: the model is not served here",
    "price of `kling-v1`: it is sold by tokens there",
    "1 tasks that are not at their end",
];

fn what_is_left_out_is_named(done: &Value) {
    let remarks = done["remarks"].as_array().expect("remarks");
    for part in REMARKS {
        let is_told = remarks
            .iter()
            .any(|remark| remark.as_str().is_some_and(|text| text.contains(part)));
        assert!(is_told, "`{part}` is not in {remarks:?}");
    }
}

fn tenants_came_over(directory: &Path) {
    let tenants = printed(directory, "tenants list");
    let alice = by(&tenants, "name", "alice");
    assert_eq!(
        (&alice["balance"]["available_micros"], &alice["group"]),
        (&json!(2_500_000), &json!("studios"))
    );
    assert_eq!(
        by(&tenants, "name", "root")["balance"]["available_micros"],
        100_000_000
    );
    let statement = run(directory, &["ledger", "statement", "alice", "--format", "json"]);
    let statement: Value = serde_json::from_str(&said(&statement)).expect("JSON");
    let credit = &statement["lines"][0];
    assert_eq!(
        (&credit["amount_micros"], &credit["author"]),
        (&json!(2_500_000), &json!("command line"))
    );
    let reason = credit["reason"].as_str().expect("a reason");
    assert!(
        reason.starts_with("import ") && reason.contains(" user "),
        "{reason}"
    );
    let bob = by(&tenants, "name", "bob-smith");
    assert_eq!(
        (&bob["suspended"], &bob["balance"]["available_micros"]),
        (&json!(true), &json!(0))
    );
}

fn keys_came_over(directory: &Path) {
    let keys = printed(directory, "keys list");
    let site = by(&keys, "name", "site");
    assert_eq!(
        site["scope"],
        json!({ "models": ["kling-v3", "gpt-5"], "networks": ["127.0.0.1"] })
    );
    assert_eq!((&site["limits"], &site["revoked_at"]), (&json!({}), &Value::Null));
    let batch = by(&keys, "name", "batch");
    assert_eq!(batch["limits"], json!({ "budget_micros": 500_000 }));
    assert_eq!(batch["expires_at"], "2100-01-01T00:00:00Z");
    assert_eq!(
        by(&keys, "name", "spent")["limits"],
        json!({ "budget_micros": 0 })
    );
    for revoked in ["old", "nets"] {
        assert!(by(&keys, "name", revoked)["revoked_at"].is_string(), "{revoked}");
    }
}

fn accounts_came_over(directory: &Path) {
    let accounts = printed(directory, "accounts list");
    let main = by(&accounts, "name", "kling-main-1");
    assert_eq!(
        (&main["login"], &main["duty"], &main["fault"]),
        (&json!("pair"), &json!("working"), &Value::Null)
    );
    assert_eq!(main["models"], json!(["kling-v3", "kling-v2-6"]));
    assert_eq!(
        (&main["aliases"], &main["weight"], &main["priority"]),
        (&json!(["kling-v3=kling-v3-0"]), &json!(1), &json!(3))
    );
    let spare = by(&accounts, "name", "spare-2-2");
    assert_eq!(
        (&spare["duty"], &spare["weight"]),
        (&json!("paused"), &json!(100))
    );
}

fn prices_came_over(directory: &Path) {
    let book = std::fs::read_to_string(directory.join("new-api-prices.toml")).expect("a price book");
    let checked = said(&run(directory, &["prices", "check", "new-api-prices.toml"]));
    assert!(
        checked.contains("is in order: edition `new-api`, 3 rows"),
        "{checked}"
    );
    let book: toml::Value = toml::from_str(&book).expect("TOML");
    let kept: domain::PriceBook = book.clone().try_into().expect("a price book that is read");
    assert_eq!(kept.models(), ["kling-v2-6", "kling-v3", "animatic"]);
    assert_eq!(kept.rows[1].price_micros.0, 400_000);
    assert_eq!(book["multipliers"]["groups"]["studios"].as_str(), Some("0.8"));
}

#[test]
fn what_a_database_holds_comes_over_and_what_is_left_out_is_named() {
    let (directory, _) = ground();
    let directory = directory.path();
    let done = printed(directory, "import new-api one-api.db --group-map vip=studios");
    assert_eq!(
        (
            &done["tenants"],
            &done["keys"],
            &done["accounts"],
            &done["prices"]
        ),
        (&json!(4), &json!(5), &json!(3), &json!(2))
    );
    what_is_left_out_is_named(&done);
    tenants_came_over(directory);
    keys_came_over(directory);
    accounts_came_over(directory);
    prices_came_over(directory);
    let acts = printed(directory, "audit");
    assert_eq!(
        (&acts["data"][0]["act"], &acts["data"][0]["outcome"]),
        (&json!("import new-api"), &json!("done"))
    );
}

#[test]
fn a_second_run_changes_nothing_and_what_came_later_is_added() {
    let (directory, file) = ground();
    let directory = directory.path();
    printed(directory, "import new-api one-api.db");
    let (tenants, keys) = (
        printed(directory, "tenants list"),
        printed(directory, "keys list"),
    );
    let again = said(&run(directory, &["import", "new-api", "one-api.db"]));
    assert!(again.contains("nothing is new: nothing was changed"), "{again}");
    assert!(
        again.contains("here already: 4 tenants, 5 keys, 3 accounts"),
        "{again}"
    );
    assert_eq!(printed(directory, "tenants list"), tenants);
    assert_eq!(printed(directory, "keys list"), keys);

    let later = "UPDATE users SET quota = 9000000 WHERE id = 7;
        UPDATE users SET username = 'carol' WHERE id = 10;
        INSERT INTO tokens (user_id, `key`, name, unlimited_quota)
          VALUES (7, 'AliceAliceAliceAliceAliceAliceAliceAliceAlice009', 'new', 1),
                 (10, 'CarolCarolCarolCarolCarolCarolCarolCarolCaro010', 'other', 1)";
    Connection::open(file)
        .expect("a database")
        .execute_batch(later)
        .expect("it runs");
    let done = printed(directory, "import new-api one-api.db");
    assert_eq!(
        (&done["tenants"], &done["keys"], &done["accounts"]),
        (&json!(0), &json!(1), &json!(0))
    );
    assert!(
        done["remarks"]
            .to_string()
            .contains("user 10: is tenant `default-10` here"),
        "{done}"
    );
    assert_eq!(
        printed(directory, "tenants list"),
        tenants,
        "no money is brought over twice"
    );
    let books = said(&run(directory, &["ledger", "verify"]));
    assert!(books.contains("the books are exact"), "{books}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_client_goes_on_with_its_old_token_and_its_old_balance_and_no_secret_is_left_open() {
    let (directory, _) = ground();
    let directory = directory.path();
    printed(directory, "import new-api one-api.db");
    let serving = Serving::start(directory, &[("REELWAY_NETWORK__ALLOW_PRIVATE", "false")]);
    let refused = run(directory, &["import", "new-api", "one-api.db"]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("the gateway is running"));
    let bearer = format!("Bearer {TOKEN}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
        ("reelway-preview", "true"),
    ];
    let wish = json!({ "model": "kling-v3", "prompt": "a kite", "duration": 3 }).to_string();
    let address = serving.address();
    let path = "/kling/v1/videos/text2video";
    let taken = send(&address, "POST", path, &headers, wish.clone().into()).await;
    assert_eq!(taken.status, 200, "{:?}", taken.bytes);
    let alice = printed(directory, "tenants show alice");
    let balance = &alice["balance"];
    let (available, held) = (&balance["available_micros"], &balance["held_micros"]);
    let sum = available.as_i64().expect("an amount") + held.as_i64().expect("an amount");
    assert!(*available != 2_500_000 && sum <= 2_500_000, "{balance}");
    let old = "Bearer sk-AliceAliceAliceAliceAliceAliceAliceAliceAlice002";
    let headers = [("authorization", old), ("content-type", "application/json")];
    let refused = send(&address, "POST", path, &headers, wish.into()).await;
    assert_eq!(refused.status, 401, "a token that was disabled opens nothing");
    assert!(serving.end().success());
    let books = said(&run(directory, &["ledger", "verify"]));
    assert!(books.contains("the books are exact"), "{books}");
    for entry in std::fs::read_dir(directory.join("data")).expect("a directory") {
        let path = entry.expect("an entry").path();
        let bytes = std::fs::read(&path).unwrap_or_default();
        for secret in ["AliceAlice", "planted-"] {
            let is_open = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!is_open, "{} holds `{secret}`", path.display());
        }
    }
}

#[test]
fn what_is_no_database_of_new_api_is_said_with_the_cure() {
    let (directory, _) = ground();
    let directory = directory.path();
    Connection::open(directory.join("other.db"))
        .and_then(|other| other.execute_batch("CREATE TABLE things (id INTEGER)"))
        .expect("a database");
    std::fs::write(directory.join("text.db"), "no database").expect("a file");
    for (file, part) in [
        ("none.db", "there is no database at"),
        ("other.db", "there is no table `users`"),
        ("text.db", "is not read as a database of new-api"),
    ] {
        let output = run(directory, &["import", "new-api", file]);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.code() == Some(1) && stderr.contains(part),
            "{file}: {stderr}"
        );
    }
    let wrong = run(
        directory,
        &["import", "new-api", "one-api.db", "--group-map", "vip"],
    );
    assert_eq!(wrong.status.code(), Some(2));
}
