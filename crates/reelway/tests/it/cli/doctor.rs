//! `reelway doctor`: a sound installation passes, and each kind of broken one is told with its cure.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::Value;

use super::{run, said};
use crate::binary::{Serving, reelway};

/// The finding of a part.
fn finding(directory: &Path, part: &str, variables: &[(&str, &str)]) -> (String, String, i32) {
    let output = reelway(directory)
        .args(["doctor", "--json"])
        .envs(variables.iter().copied())
        .output()
        .expect("the binary runs");
    let findings: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("no JSON: {} {}", said(&output.stdout), said(&output.stderr)));
    let findings = findings.as_array().expect("a list").clone();
    let found = findings.iter().find(|finding| finding["part"] == part);
    let found = found.unwrap_or_else(|| panic!("no `{part}` in {findings:?}"));
    let says = format!("{} {}", found["says"], found["cure"]);
    let verdict = found["verdict"].as_str().expect("a verdict").to_owned();
    (verdict, says, output.status.code().expect("an end"))
}

fn expect(directory: &Path, part: &str, variables: &[(&str, &str)], verdict: &str, words: &str) {
    let (found, says, status) = finding(directory, part, variables);
    assert_eq!(found, verdict, "{part}: {says}");
    assert!(says.contains(words), "`{words}` is not in: {says}");
    if verdict == "fail" {
        assert_eq!(status, 1, "a failure ends with 1");
    }
}

#[test]
fn a_sound_installation_passes_beside_its_gateway_and_without_it() {
    let directory = tempfile::tempdir().expect("a directory");
    let serving = Serving::start(directory.path(), &[]);
    let output = run(directory.path(), &["doctor"]);
    let text = said(&output.stdout);
    assert!(output.status.success(), "{text}{}", said(&output.stderr));
    assert!(text.contains("it runs and is ready"), "{text}");
    assert!(text.contains("the running gateway has its lock"), "{text}");
    assert!(
        text.lines()
            .all(|line| line.starts_with("ok") || line.starts_with("warn")),
        "{text}"
    );
    assert!(serving.end().success());
    let output = run(directory.path(), &["doctor"]);
    let text = said(&output.stdout);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("none runs on this data directory"), "{text}");
}

#[test]
fn before_the_first_start_nothing_has_failed() {
    let directory = tempfile::tempdir().expect("a directory");
    let output = run(directory.path(), &["doctor"]);
    assert!(output.status.success(), "{}", said(&output.stdout));
    expect(directory.path(), "data_dir", &[], "warn", "is not there");
    expect(
        directory.path(),
        "database",
        &[],
        "warn",
        "start `reelway serve` once",
    );
    expect(
        directory.path(),
        "master_key",
        &[],
        "ok",
        "the first start makes it",
    );
    assert!(
        !directory.path().join("data").exists(),
        "a doctor changes nothing"
    );
}

#[test]
fn each_kind_of_damage_is_told_with_its_cure() {
    let directory = tempfile::tempdir().expect("a directory");
    let here = directory.path();
    assert!(Serving::start(here, &[]).end().success());
    let data = here.join("data");
    let mode = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("rights are set");
    };
    expect(
        here,
        "config",
        &[("REELWAY_SERVER__LISTEN", "nowhere")],
        "fail",
        "server.listen",
    );
    mode(&data, 0o755);
    expect(here, "data_dir", &[], "warn", "chmod 700");
    mode(&data, 0o700);
    let key = data.join("master.key");
    let bytes = std::fs::read(&key).expect("a key");
    mode(&key, 0o644);
    expect(here, "master_key", &[], "warn", "chmod 600");
    std::fs::write(&key, b"short").expect("written");
    expect(here, "master_key", &[], "fail", "5 bytes instead of 32");
    std::fs::remove_file(&key).expect("removed");
    expect(here, "master_key", &[], "fail", "restore it from your backup");
    std::fs::write(&key, bytes).expect("written");
    let plain = here.join("plain");
    std::fs::write(&plain, b"").expect("a file");
    let plain = format!("file:{}", plain.display());
    expect(
        here,
        "blobs",
        &[("REELWAY_BLOBS__URL", &plain)],
        "fail",
        "cannot be written",
    );
    let nowhere = [(
        "REELWAY_DATABASE__URL",
        "postgres://u:planted-password@127.0.0.1:1/d",
    )];
    expect(here, "database", &nowhere, "fail", "see that it runs");
    assert!(!finding(here, "database", &nowhere).1.contains("planted-password"));
    expect(here, "clock", &nowhere, "warn", "mend the database first");
    // What SQLite keeps beside the file would stand in for its first pages.
    for beside in ["reelway.db-wal", "reelway.db-shm"] {
        drop(std::fs::remove_file(data.join(beside)));
    }
    std::fs::write(
        data.join("reelway.db"),
        b"this is no database at all, whatever its name says",
    )
    .expect("written");
    expect(here, "database", &[], "fail", "restore it from your backup");
}

#[test]
fn links_that_lead_nowhere_or_in_the_open_are_warned_of() {
    let directory = tempfile::tempdir().expect("a directory");
    let here = directory.path();
    let open = ("REELWAY_SERVER__LISTEN", "0.0.0.0:8787");
    let url = |url: &'static str| ("REELWAY_SERVER__PUBLIC_URL", url);
    expect(here, "links", &[], "ok", "only this machine can ask");
    expect(here, "links", &[open], "warn", "set `server.public_url`");
    expect(
        here,
        "links",
        &[open, url("http://127.0.0.1:8787")],
        "warn",
        "this machine for nobody else",
    );
    expect(
        here,
        "links",
        &[url("http://media.example.com")],
        "warn",
        "unencrypted",
    );
    expect(
        here,
        "links",
        &[open, url("https://media.example.com")],
        "ok",
        "https://media.example.com",
    );
}

#[test]
fn an_account_that_cannot_be_reached_fails_and_no_secret_is_shown() {
    let directory = tempfile::tempdir().expect("a directory");
    let here = directory.path();
    expect(here, "account", &[], "ok", "skipped");
    let file = "[network]\nallow_hosts = [\"127.0.0.1:1\"]\n[[account]]\nname = \"kling-main\"\nprovider = \"kling\"\n\
                base_url = \"http://127.0.0.1:1\"\napi_key = \"env:PLANTED\"\n";
    std::fs::write(here.join("reelway.toml"), file).expect("a file");
    expect(here, "account", &[], "fail", "PLANTED");
    let planted = [("PLANTED", "a-planted-secret-of-many-letters")];
    let (verdict, says, status) = finding(here, "account", &planted);
    assert_eq!((verdict.as_str(), status), ("fail", 1), "{says}");
    assert!(
        says.contains("`kling-main`") && says.contains("base_url"),
        "{says}"
    );
    assert!(!says.contains(planted[0].1), "{says}");
}
