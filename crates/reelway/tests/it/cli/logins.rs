//! `reelway accounts`: beside a running server and without one, with secrets that never stand on a command
//! line.

use serde_json::Value;

use super::{fails, run, said};
use crate::binary::{Serving, reelway};
use crate::vendor::Vendor;

/// Adds an account at a vendor with a key from the environment.
fn add(directory: &std::path::Path, vendor: &Vendor, name: &str) -> std::process::Output {
    reelway(directory)
        .args([
            "accounts",
            "add",
            name,
            "--provider",
            "kling",
            "--api-key",
            "env:VENDOR_KEY",
        ])
        .args([
            "--base-url",
            &vendor.url(),
            "--model",
            "kling-v3",
            "--slots",
            "2",
            "--json",
        ])
        .env("VENDOR_KEY", "the-key-of-the-vendor")
        .output()
        .expect("the binary runs")
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_ruled_beside_the_server_and_after_it() {
    let vendor = Vendor::start().await;
    let directory = tempfile::tempdir().expect("a directory");
    let place = directory.path();
    let file = format!("[network]\nallow_hosts = [\"{}\"]\n", vendor.address);
    std::fs::write(place.join("reelway.toml"), file).expect("a file");
    fails(&run(place, &["accounts", "list"]), 1, &["there is no database"]);
    let serving = Serving::start(place, &[]);
    for (name, serving) in [("beside", Some(serving)), ("after", None)] {
        let added = add(place, &vendor, name);
        assert!(added.status.success(), "{}", said(&added.stderr));
        let added: Value = serde_json::from_slice(&added.stdout).expect("JSON");
        assert_eq!((&added["name"], &added["slots"]), (&name.into(), &2.into()));
        let listed = said(&run(place, &["accounts", "list"]).stdout);
        assert!(listed.contains(name) && listed.contains("kling-v3"), "{listed}");
        let works = run(place, &["accounts", "test", name]);
        assert!(
            said(&works.stdout).contains("the login works"),
            "{}",
            said(&works.stderr)
        );
        vendor.refuses(Some((401, 1002)));
        fails(
            &run(place, &["accounts", "test", name]),
            1,
            &["does not work", "code 1002"],
        );
        vendor.refuses(None);
        for (verb, says) in [
            ("pause", "is paused"),
            ("resume", "takes tasks"),
            ("remove", "is removed"),
        ] {
            let output = run(place, &["accounts", verb, name]);
            assert!(
                said(&output.stdout).contains(says),
                "{verb}: {}",
                said(&output.stderr)
            );
        }
        fails(&run(place, &["accounts", "pause", name]), 1, &["was removed"]);
        for verb in ["test", "pause", "resume", "remove"] {
            fails(
                &run(place, &["accounts", verb, "no one"]),
                1,
                &["there is no account `no one`"],
            );
        }
        if let Some(serving) = serving {
            assert!(serving.end().success());
        }
    }
    let bearers = vendor.bearers();
    assert_eq!(bearers, ["Bearer the-key-of-the-vendor"]);
}

#[test]
fn a_secret_is_not_taken_from_the_command_line() {
    let directory = tempfile::tempdir().expect("a directory");
    let place = directory.path();
    let add = ["accounts", "add", "main", "--provider", "kling", "--api-key"];
    let literal = run(place, &[&add[..], &["the-key-of-the-vendor"]].concat());
    fails(&literal, 2, &["--api-key", "env:NAME"]);
    assert!(!said(&literal.stderr).contains("the-key-of-the-vendor"));
    let unset = run(place, &[&add[..], &["env:VENDOR_KEY"]].concat());
    fails(&unset, 1, &["`VENDOR_KEY`, which is not set"]);
    let half = [
        "accounts",
        "add",
        "main",
        "--provider",
        "kling",
        "--access-key",
        "env:A",
    ];
    fails(&run(place, &half), 2, &["--secret-key"]);
}

#[test]
fn a_secret_is_read_from_the_standard_input() {
    use std::io::Write as _;
    let directory = tempfile::tempdir().expect("a directory");
    let place = directory.path();
    assert!(Serving::start(place, &[]).end().success());
    let mut child = reelway(place)
        .args(["accounts", "add", "pair", "--provider", "kling"])
        .args(["--access-key", "-", "--secret-key", "-"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin
        .write_all(b"AKTEST0001\nthe-secret-of-the-pair\n")
        .expect("written");
    drop(stdin);
    assert!(child.wait().expect("an end").success());
    let listed = run(place, &["accounts", "list", "--json"]);
    let listed: Value = serde_json::from_slice(&listed.stdout).expect("JSON");
    assert_eq!(listed[1]["login"], "pair", "{listed}");
    std::fs::remove_file(place.join("data/master.key")).expect("a key");
    fails(&run(place, &["accounts", "list"]), 1, &["there is no master key"]);
}
