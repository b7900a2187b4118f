//! The books by command: with a running server and without one it is the same.

use std::path::Path;

use rusqlite::Connection;
use serde_json::Value;

use super::{fails, run, said};
use crate::binary::Serving;

fn json(directory: &Path, arguments: &[&str]) -> Value {
    let output = run(directory, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", said(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// The statement of two entries, on the screen and in a file, and those that cannot be.
fn statements(directory: &Path) {
    let statement = run(directory, &["ledger", "statement", "default"]);
    let rows = said(&statement.stdout);
    assert_eq!(rows.lines().count(), 5, "{rows}");
    assert!(
        rows.contains(",-0.50,") && rows.contains("black clip,command line"),
        "{rows}"
    );
    let file = directory.join("acme.json");
    let path = file.to_str().expect("a path");
    let written = run(
        directory,
        &["ledger", "statement", "default", "--format", "json", "-o", path],
    );
    assert!(written.status.success() && written.stdout.is_empty());
    let whole: Value = serde_json::from_slice(&std::fs::read(&file).expect("a file")).expect("JSON");
    assert_eq!(
        (&whole["count"], &whole["closing"]["balance_micros"]),
        (&2.into(), &24_500_000.into())
    );
    fails(
        &run(directory, &["ledger", "statement", "nobody"]),
        1,
        &["there is no tenant `nobody`"],
    );
    fails(
        &run(directory, &["ledger", "statement", "default", "--from", "soon"]),
        1,
        &["`from` is `soon`"],
    );
}

/// A count that is spoiled by hand is told, put right, and proved.
fn counts(directory: &Path) {
    let right = run(directory, &["ledger", "recount"]);
    assert!(said(&right.stdout).contains("is counted right; 1 tenants were looked at"));
    let database = Connection::open(directory.join("data/reelway.db")).expect("the database");
    let spoil =
        "INSERT OR REPLACE INTO spending (holder, day, spent, open) SELECT id, -1, 250000, 3 FROM tenants";
    assert_eq!(database.execute(spoil, []).expect("spoiled"), 1);
    drop(database);
    fails(
        &run(directory, &["ledger", "verify"]),
        1,
        &["the books are wrong in 2 places"],
    );
    let dry = run(directory, &["ledger", "recount", "--dry-run"]);
    fails(
        &dry,
        1,
        &["1 counts are wrong; without --dry-run they are put right"],
    );
    let table = said(&dry.stdout);
    assert!(
        table.contains("nothing was changed: this was a dry run"),
        "{table}"
    );
    assert!(
        table.contains("default  all time  0.25 USD, 3 unfinished  0.00 USD, 0 unfinished"),
        "{table}"
    );
    let mended = json(directory, &["ledger", "recount", "--json"]);
    assert_eq!(
        (&mended["wrong"], &mended["data"][0]["kept"]["open"]),
        (&1.into(), &3.into())
    );
    assert!(run(directory, &["ledger", "verify"]).status.success());
    let acts = json(directory, &["audit", "--json"]);
    let last = acts["data"][0]["act"].as_str().expect("an act").to_lowercase();
    assert!(last.contains("ledger") && last.contains("recount"), "{last}");
}

/// What is done in every place: each entry is booked once, whoever repeats it.
fn books(directory: &Path) {
    let credit = [
        "tenants",
        "credit",
        "default",
        "25.00",
        "--reason",
        "invoice 7",
        "--id",
        "inv-7",
        "--json",
    ];
    assert_eq!(json(directory, &credit)["author"], "command line");
    assert_eq!(json(directory, &credit)["repeated"], true);
    let correct = [
        "ledger",
        "correct",
        "default",
        "-0.5",
        "--reason",
        "black clip",
        "--id",
        "c-1",
        "--json",
    ];
    assert_eq!(json(directory, &correct)["available_micros"], 24_500_000);
    let none = run(directory, &["tenants", "credit", "nobody", "1", "--reason", "a"]);
    fails(&none, 1, &["there is no tenant `nobody`"]);
    let house = json(directory, &["ledger", "house", "--json"]);
    assert_eq!(
        (&house["funding_micros"], &house["corrections_micros"]),
        (&25_000_000.into(), &(-500_000).into())
    );
    let plain = run(directory, &["ledger", "house", "--from", "2020-01-01"]);
    assert!(
        said(&plain.stdout).contains("funding        25.00 USD"),
        "{}",
        said(&plain.stdout)
    );
    statements(directory);
    counts(directory);
    let proof = json(directory, &["ledger", "verify", "--json"]);
    assert_eq!(
        (&proof["lines"], &proof["faults"]),
        (&2.into(), &Value::Array(Vec::new()))
    );
}

#[test]
fn entries_and_statements_are_the_same_with_and_without_a_server() {
    let directory = tempfile::tempdir().expect("a directory");
    let log = directory.path().join("log.txt");
    let serving = Serving::logging(directory.path(), &log);
    books(directory.path());
    // A key in a query is in no log, not even in the most talkative one.
    let key = serving
        .greeting
        .iter()
        .find_map(|line| line.split("client key").nth(1));
    let key = key.and_then(|rest| rest.split_whitespace().find(|word| word.starts_with("rw_key_")));
    let key = key.expect("a client key in the greeting").to_owned();
    let address = serving.address();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let status = runtime.block_on(async {
        let path = format!("/user/quota?key={key}");
        crate::house_under_test::send(&address, "GET", &path, &[], bytes::Bytes::new())
            .await
            .status
    });
    assert_eq!(status, 200);
    drop(serving);
    let talk = std::fs::read_to_string(&log).expect("a log");
    assert!(talk.contains("/user/quota"), "the visit is in the log");
    assert!(!talk.contains(&key), "the key is in the log");
    books(directory.path());
}
