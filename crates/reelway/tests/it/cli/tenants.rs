//! Tenants, limits of keys and the audit log by command, beside the server and after it.

use std::path::Path;

use serde_json::{Value, json};

use super::{fails, run, said};
use crate::binary::Serving;

/// Runs a command that must succeed; what it printed as JSON.
fn printed(directory: &Path, command: &str) -> Value {
    let arguments: Vec<&str> = command.split(' ').chain(["--json"]).collect();
    let output = run(directory, &arguments);
    assert!(output.status.success(), "{command}: {}", said(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// The last acts of the audit log and their outcomes, the newest first.
type LastActs = [(&'static str, &'static str); 3];

/// What is written down of the commands on a key when the server does them.
const ACTS_BESIDE_THE_SERVER: LastActs = [
    ("POST /keys/{id}/rotate", "201"),
    ("PATCH /keys/{id}", "200"),
    ("POST /keys", "201"),
];

/// What is written down of the same commands when there is no server.
const ACTS_WITHOUT_A_SERVER: LastActs = [
    ("keys rotate", "done"),
    ("keys limits", "done"),
    ("keys create", "done"),
];

/// Creates a tenant, changes its limits, suspends and resumes it and reads it back.
fn manage_tenant(directory: &Path, tenant: &str) {
    let made = printed(
        directory,
        &format!("tenants create {tenant} --credit 2.50 --rpm 60 --group labs"),
    );
    assert_eq!(made["balance"]["available_micros"], 2_500_000);
    let statement = said(&run(directory, &["ledger", "statement", tenant]).stdout);
    assert!(statement.contains("opening credit,command line"), "{statement}");
    let limits = format!("tenants limits {tenant} --rpm none --day-budget 5 --group none --unlimited true");
    let changed = printed(directory, &limits);
    assert_eq!(changed["limits"], json!({ "day_budget_micros": 5_000_000 }));
    assert_eq!(
        (&changed["group"], &changed["unlimited"]),
        (&Value::Null, &json!(true))
    );
    assert_eq!(
        printed(directory, &format!("tenants suspend {tenant}"))["suspended"],
        true
    );
    assert_eq!(
        printed(directory, &format!("tenants resume {tenant}"))["suspended"],
        false
    );
    assert_eq!(
        printed(directory, &format!("tenants show {tenant}"))["name"],
        tenant
    );
    let table = said(&run(directory, &["tenants", "list"]).stdout);
    assert!(
        table.contains(tenant) && table.contains("5.00 USD a day"),
        "{table}"
    );
}

/// Creates a key of a tenant, lifts some of its limits and rotates it.
fn manage_key(directory: &Path, tenant: &str) {
    let create = format!(
        "keys create --name shop --tenant {tenant} --budget 9 --concurrent 2 --model kling-v3 --operation \
         text_to_video --dialects elk,kling --from-network 10.0.0.0/8"
    );
    let key = printed(directory, &create);
    assert_eq!(
        key["limits"],
        json!({ "budget_micros": 9_000_000, "concurrent_tasks": 2 })
    );
    assert_eq!(key["scope"]["dialects"], json!(["elk", "kling"]));
    let id = key["id"].as_str().expect("an id");
    let change = format!("keys limits {id} --budget none --from-network none");
    let changed = printed(directory, &change);
    assert_eq!(
        (&changed["limits"]["budget_micros"], &changed["scope"]["networks"]),
        (&Value::Null, &Value::Null)
    );
    let rotated = printed(directory, &format!("keys rotate {id} --overlap 1h"));
    assert!(rotated["key"].is_string() && rotated["scope"] == changed["scope"]);
    let keys = printed(directory, &format!("keys list --tenant {tenant}"));
    assert_eq!(keys.as_array().map(Vec::len), Some(2));
}

/// The audit log holds `count` acts, and the last ones are `expected`.
fn last_acts_are(directory: &Path, expected: LastActs, count: usize) {
    let acts = printed(directory, "audit");
    let acts = acts["data"].as_array().expect("a list").iter();
    let acts: Vec<_> = acts
        .map(|act| (act["act"].as_str(), act["outcome"].as_str()))
        .collect();
    assert_eq!(
        acts[..3],
        expected.map(|(act, outcome)| (Some(act), Some(outcome)))
    );
    assert_eq!(acts.len(), count);
}

#[test]
fn tenants_and_keys_are_managed_beside_the_server_and_after_it_and_all_of_it_is_written_down() {
    let directory = tempfile::tempdir().expect("a directory");
    let directory = directory.path();
    let mut serving = Some(Serving::start(directory, &[]));
    for (place, acts, count) in [
        ("beside", ACTS_BESIDE_THE_SERVER, 7),
        ("after", ACTS_WITHOUT_A_SERVER, 14),
    ] {
        let studio = format!("studio-{place}");
        manage_tenant(directory, &studio);
        manage_key(directory, &studio);
        last_acts_are(directory, acts, count);
        if let Some(serving) = serving.take() {
            assert!(serving.end().success());
        }
    }
}

#[test]
fn what_a_tenant_cannot_be_is_said_by_the_command_and_a_failure_is_written_down() {
    let directory = tempfile::tempdir().expect("a directory");
    let directory = directory.path();
    assert!(Serving::start(directory, &[]).end().success());
    fails(
        &run(directory, &["tenants", "create", "two words"]),
        1,
        &["`name`", "letters"],
    );
    fails(
        &run(directory, &["tenants", "create", "default"]),
        1,
        &["there is a tenant `default`"],
    );
    fails(
        &run(directory, &["tenants", "show", "nobody"]),
        1,
        &["there is no tenant `nobody`"],
    );
    fails(
        &run(directory, &["tenants", "limits", "default", "--rpm", "many"]),
        2,
        &["--rpm", "`none`"],
    );
    fails(
        &run(directory, &["keys", "rotate", "key_1", "--overlap", "long"]),
        2,
        &["--overlap", "`24h`"],
    );
    let acts = printed(directory, "audit");
    let credit = printed(directory, "tenants credit default 5 --reason gift");
    assert_eq!(credit["amount_micros"], 5_000_000);
    let booked = printed(directory, "audit --limit 1");
    assert_eq!(
        (&booked["data"][0]["act"], &booked["data"][0]["about"]),
        (&json!("tenants credit"), &json!("default"))
    );
    let failed = &acts["data"][0];
    assert_eq!(
        (&failed["act"], &failed["outcome"]),
        (&json!("tenants create"), &json!("failed"))
    );
    assert_eq!(failed["who"], "command line");
}
