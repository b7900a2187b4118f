//! Usage by command: with a running server and without one it is the same.

use std::path::Path;

use rusqlite::Connection;
use serde_json::{Value, json};

use super::{fails, run, said};
use crate::binary::Serving;

/// Two tasks of today, of which one failed, and one of days ago, all with the first client key.
const TASKS: &str = "PRAGMA foreign_keys = OFF;
  INSERT INTO usage (task, tenant, key, model, operation, outcome, quantity, charge_micros, at)
    SELECT randomblob(16), t.id, k.id, u.model, 'text_to_video', u.outcome, 3, u.charge,
      (unixepoch() - u.days * 86400) * 1000
    FROM tenants t, keys k, (SELECT 'kling-v3' AS model, 'succeeded' AS outcome, 252000 AS charge, 0 AS days
      UNION ALL SELECT 'kling-v3', 'failed', 0, 0
      UNION ALL SELECT 'kling-v1-6', 'succeeded', 280000, 3) u
    WHERE k.role = 'client'";

fn usage(directory: &Path, arguments: &[&str]) -> Value {
    let output = run(directory, &[&["usage"], arguments, &["--json"]].concat());
    assert!(output.status.success(), "{}", said(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// The first two cells of every row of a table.
fn rows(directory: &Path, arguments: &[&str]) -> Vec<(String, String)> {
    let table = said(&run(directory, &[&["usage"], arguments].concat()).stdout);
    let rows = table.lines().filter(|line| line.contains("  "));
    let cells = rows.map(|row| {
        let mut cells = row.split("  ").map(str::trim).filter(|cell| !cell.is_empty());
        let mut cell = || cells.next().unwrap_or_default().to_owned();
        (cell(), cell())
    });
    cells.collect()
}

fn is_summed(directory: &Path) {
    let by_day = usage(directory, &[]);
    assert_eq!(
        (&by_day["object"], &by_day["group_by"]),
        (&json!("usage"), &json!("day"))
    );
    let tasks: Vec<_> = by_day["data"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|day| &day["tasks"])
        .collect();
    assert_eq!(tasks, [&json!(2), &json!(1)], "the newest day first");
    let by_model = usage(directory, &["--by", "model", "--tenant", "default"]);
    assert_eq!(
        by_model["data"],
        json!([
            { "model": "kling-v1-6", "tasks": 1, "succeeded": 1, "charge_micros": 280_000 },
            { "model": "kling-v3", "tasks": 2, "succeeded": 1, "charge_micros": 252_000 },
        ])
    );
    let today = by_day["data"][0]["day"].as_str().expect("a day");
    let of_today = usage(directory, &["--by", "model", "--from", today, "--to", today]);
    assert_eq!(of_today["data"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        usage(directory, &["--from", "2020-01-01", "--to", "2020-01-31"])["data"],
        json!([])
    );
    let table = said(&run(directory, &["usage", "--by", "key"]).stdout);
    assert!(table.contains("first client key (key_"), "{table}");
    assert!(table.contains("3      2          0.532 USD"), "{table}");
    assert!(
        table.ends_with("3 tasks ended, 2 succeeded, 0.532 USD were charged\n"),
        "{table}"
    );
    let cell = |one: &str, other: &str| (one.to_owned(), other.to_owned());
    assert_eq!(
        rows(directory, &["--by", "model"]),
        [
            cell("MODEL", "TASKS"),
            cell("kling-v1-6", "1"),
            cell("kling-v3", "2")
        ]
    );
    fails(
        &run(directory, &["usage", "--by", "hour"]),
        2,
        &["day, model, key"],
    );
    fails(
        &run(directory, &["usage", "--tenant", "nobody"]),
        1,
        &["there is no tenant `nobody`"],
    );
    fails(
        &run(directory, &["usage", "--from", "soon"]),
        1,
        &["`from` is `soon`"],
    );
}

#[test]
fn usage_is_summed_the_same_with_and_without_a_server() {
    let directory = tempfile::tempdir().expect("a directory");
    let directory = directory.path();
    let serving = Serving::start(directory, &[]);
    let database = Connection::open(directory.join("data/reelway.db")).expect("the database");
    database.execute_batch(TASKS).expect("three tasks");
    drop(database);
    is_summed(directory);
    assert!(serving.end().success());
    is_summed(directory);
}
