//! The real binary: what commands print, how they end, and that they find a running server.

use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::binary::{Serving, reelway};

mod accounts;
mod doctor;
mod ledger;
mod logins;
mod pairs;
mod prices;
mod tasks;
mod tenants;
mod usage;
mod webhooks;

/// A key that an operator brings.
const OWN_KEY: &str = "an-operators-own-key-of-many-letters";

fn run(directory: &Path, arguments: &[&str]) -> Output {
    reelway(directory)
        .args(arguments)
        .output()
        .expect("the binary runs")
}

fn said(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A failure with one plain sentence on stderr.
fn fails(output: &Output, status: i32, sentence: &[&str]) {
    let said = said(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{said}");
    for part in sentence {
        assert!(said.contains(part), "`{part}` is not in: {said}");
    }
}

#[test]
fn every_command_has_help_with_an_example() {
    let directory = tempfile::tempdir().expect("a directory");
    let commands: [&[&str]; 41] = [
        &[],
        &["serve"],
        &["generate"],
        &["accounts", "add"],
        &["accounts", "list"],
        &["accounts", "test"],
        &["accounts", "pause"],
        &["accounts", "resume"],
        &["accounts", "remove"],
        &["keys", "create"],
        &["keys", "list"],
        &["keys", "limits"],
        &["keys", "revoke"],
        &["keys", "rotate"],
        &["tenants", "create"],
        &["tenants", "credit"],
        &["tenants", "limits"],
        &["tenants", "list"],
        &["tenants", "resume"],
        &["tenants", "show"],
        &["tenants", "suspend"],
        &["audit"],
        &["import", "new-api"],
        &["ledger", "verify"],
        &["ledger", "recount"],
        &["usage"],
        &["prices", "show"],
        &["prices", "check"],
        &["prices", "load"],
        &["ledger", "statement"],
        &["ledger", "house"],
        &["ledger", "correct"],
        &["reconcile"],
        &["doctor"],
        &["tasks", "list"],
        &["tasks", "show"],
        &["tasks", "wait"],
        &["tasks", "cancel"],
        &["tasks", "explain"],
        &["config", "check"],
        &["config", "show"],
    ];
    for command in commands {
        let output = run(directory.path(), &[command, &["--help"]].concat());
        assert!(output.status.success());
        assert!(said(&output.stdout).contains("Example"), "{command:?}");
    }
}

#[test]
fn wrong_usage_ends_with_2_and_failure_with_1() {
    let directory = tempfile::tempdir().expect("a directory");
    fails(&run(directory.path(), &["dance"]), 2, &["dance"]);
    fails(
        &run(directory.path(), &["generate", "a", "--size", "wide"]),
        2,
        &["1280x720"],
    );
    fails(
        &run(
            directory.path(),
            &["generate", "a", "--image", "1.png", "--image", "2.png"],
        ),
        2,
        &["one --image"],
    );
    fails(
        &run(directory.path(), &["keys", "list"]),
        1,
        &["there is no database", "reelway serve"],
    );
    fails(
        &run(directory.path(), &["generate", "a", "--image", "none.png"]),
        1,
        &["none.png"],
    );
}

#[test]
fn an_unknown_key_is_refused_with_its_line_and_the_nearest_valid_one() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("reelway.toml");
    let cases = [
        (
            "[server]\nlisten = \"127.0.0.1:1\"\nlissten = \"x\"\n",
            ["line 3", "`server.listen`"],
        ),
        ("dta_dir = \"x\"\n", ["line 1", "`data_dir`"]),
        ("\n\n[links]\nlifetime = 30\n", ["line 4", "`links.lifetime`"]),
        ("[links]\nlifetime = \"soon\"\n", ["line 2", "`30d`"]),
        ("[server\n", ["line 1", "no TOML"]),
        (
            "[database]\nurl = \"mysql://x\"\n",
            ["line 2", "`postgres://USER"],
        ),
        ("[blobs]\nurl = \"s3://x\"\n", ["line 2", "file:PATH"]),
        ("[animatic]\nserve = \"often\"\n", ["line 2", "`when-alone`"]),
        (
            "[[account]]\nname = \"a\"\nprovider = \"animatic\"\n[[account]]\nname = \"b\"\nprovider = \"animatic\"\n",
            ["line 4", "one account"],
        ),
        ("[animatic]\nslots = 99999\n", ["line 2", "1024"]),
        (
            "[[account]]\nname = \"k\"\nproviderr = \"kling\"\n",
            ["line 3", "`account.provider`"],
        ),
    ];
    for (text, parts) in cases {
        std::fs::write(&file, text).expect("a file");
        fails(&run(directory.path(), &["config", "check"]), 1, &parts);
        fails(
            &run(directory.path(), &["serve", "--listen", "127.0.0.1:0"]),
            1,
            &parts,
        );
    }
    std::fs::write(&file, "[server]\nlisten = \"127.0.0.1:1\"\n").expect("a file");
    assert!(run(directory.path(), &["config", "check"]).status.success());
    fails(
        &run(directory.path(), &["config", "check", "--config", "none.toml"]),
        1,
        &["none.toml"],
    );
}

#[test]
fn the_environment_overrides_the_file_and_the_command_line_both() {
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::write(
        directory.path().join("reelway.toml"),
        "[links]\nlifetime = \"1h\"\n",
    )
    .expect("a file");
    let show = |variables: &[(&str, &str)]| {
        let mut command = reelway(directory.path());
        command
            .args(["config", "show", "--json", "--data-dir", "here"])
            .envs(variables.iter().copied());
        let output = command.output().expect("the binary runs");
        assert!(output.status.success(), "{}", said(&output.stderr));
        let shown: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        shown["keys"].clone()
    };
    let from_file = show(&[]);
    assert_eq!(from_file["links.lifetime"]["value"], "1h");
    assert_eq!(from_file["data_dir"]["value"], "here");
    assert_eq!(from_file["data_dir"]["from"], "--data-dir");
    let overridden = show(&[
        ("REELWAY_LINKS__LIFETIME", "2h"),
        ("REELWAY_ANIMATIC__SLOTS", "3"),
    ]);
    assert_eq!(overridden["links.lifetime"]["value"], "2h");
    assert_eq!(overridden["links.lifetime"]["from"], "REELWAY_LINKS__LIFETIME");
    assert_eq!(overridden["animatic.slots"]["value"], 3);
    let mut unknown = reelway(directory.path());
    unknown
        .args(["config", "check"])
        .env("REELWAY_LINKS__LIFETIM", "2h");
    let parts = ["REELWAY_LINKS__LIFETIM", "`links.lifetime`"];
    fails(&unknown.output().expect("the binary runs"), 1, &parts);
}

#[test]
fn secrets_in_the_file_are_not_shown() {
    let directory = tempfile::tempdir().expect("a directory");
    let account = "[[account]]\nname = \"k\"\nprovider = \"kling\"\n\
                   access_key = \"planted-secret\"\nsecret_key = \"env:NAME\"\n\
                   [database]\nurl = \"postgres://me:planted-secret@db/x?password=planted-secret\"\n";
    std::fs::write(directory.path().join("reelway.toml"), account).expect("a file");
    for arguments in [&["config", "show"][..], &["config", "show", "--json"]] {
        let output = run(directory.path(), arguments);
        let shown = said(&output.stdout);
        assert!(output.status.success(), "{}", said(&output.stderr));
        assert!(
            shown.contains("\"********\"")
                && shown.contains("env:NAME")
                && shown.contains("me:********@db/x"),
            "{shown}"
        );
        assert!(!shown.contains("planted-secret"));
    }
}

#[test]
fn a_first_start_prints_its_keys_once_and_commands_work_beside_the_server_and_after_it() {
    let directory = tempfile::tempdir().expect("a directory");
    let serving = Serving::start(directory.path(), &[]);
    let greeting = serving.greeting.join("\n");
    assert_eq!(greeting.matches("rw_key_").count(), 2, "{greeting}");
    let second = run(directory.path(), &["serve", "--listen", "127.0.0.1:0"]);
    fails(&second, 1, &["a gateway is running on this data directory"]);

    let made = run(
        directory.path(),
        &["keys", "create", "--name", "beside", "--json"],
    );
    let made: Value = serde_json::from_slice(&made.stdout).expect("JSON");
    let id = made["id"].as_str().expect("an id");
    assert!(made["key"].as_str().is_some_and(|key| key.starts_with("rw_key_")));
    assert!(said(&run(directory.path(), &["keys", "list"]).stdout).contains("beside"));
    assert!(run(directory.path(), &["keys", "revoke", id]).status.success());
    fails(
        &run(directory.path(), &["keys", "revoke", "key_x"]),
        1,
        &["an id is `key_` and 32 digits"],
    );
    let beside = run(directory.path(), &["ledger", "verify"]);
    assert!(
        said(&beside.stdout).contains("the books are exact"),
        "{}",
        said(&beside.stderr)
    );
    assert!(serving.end().success());

    let after = run(directory.path(), &["ledger", "verify", "--json"]);
    let report: Value = serde_json::from_slice(&after.stdout).expect("JSON");
    assert_eq!(report["sum_micros"], 0);
    assert!(
        run(
            directory.path(),
            &["keys", "create", "--name", "after", "--role", "admin"]
        )
        .status
        .success()
    );
    let listed = said(&run(directory.path(), &["keys", "list"]).stdout);
    assert!(listed.contains("after") && listed.contains("revoked"), "{listed}");
}

#[test]
fn keys_that_the_operator_brings_are_not_printed_and_open_the_house() {
    let directory = tempfile::tempdir().expect("a directory");
    let short = [("REELWAY_BOOTSTRAP_API_KEY", "short")];
    let mut refused = reelway(directory.path());
    refused.args(["serve", "--listen", "127.0.0.1:0"]).envs(short);
    fails(
        &refused.output().expect("the binary runs"),
        1,
        &["REELWAY_BOOTSTRAP_API_KEY", "24"],
    );

    let brought = [
        ("REELWAY_BOOTSTRAP_API_KEY", OWN_KEY),
        ("REELWAY_BOOTSTRAP_ADMIN_KEY", "another-key-of-the-operators-own"),
    ];
    let serving = Serving::start(directory.path(), &brought);
    let greeting = serving.greeting.join("\n");
    assert!(
        !greeting.contains("rw_key_") && !greeting.contains(OWN_KEY),
        "{greeting}"
    );
    let server = greeting.split_whitespace().nth(3).expect("an address").to_owned();
    let clip = directory.path().join("dot.mp4");
    let small = [
        "--model",
        "animatic",
        "--duration",
        "1",
        "--size",
        "64x64",
        "--fps",
        "5",
        "--seed",
        "1",
    ];
    let clip_name = clip.to_string_lossy();
    let made = [
        &[
            "generate",
            "a dot",
            "--server",
            &server,
            "--api-key",
            OWN_KEY,
            "-o",
            &clip_name,
        ],
        &small[..],
    ];
    let made = run(directory.path(), &made.concat());
    assert!(made.status.success(), "{}", said(&made.stderr));
    assert_eq!(&std::fs::read(&clip).expect("a clip")[4..8], b"ftyp");
    let wrong = [
        "generate",
        "a dot",
        "--server",
        &server,
        "--api-key",
        "not-the-key-that-is-needed-here",
    ];
    fails(&run(directory.path(), &wrong), 1, &["refused"]);
    assert!(serving.end().success());
}

#[test]
fn generate_makes_a_clip_of_its_own_and_leaves_only_the_clip() {
    let directory = tempfile::tempdir().expect("a directory");
    let arguments = [
        "generate",
        "a dot",
        "-o",
        "dot.mp4",
        "--json",
        "--model",
        "animatic",
        "--duration",
        "1",
    ];
    let small = ["--size", "64x64", "--fps", "5", "--seed", "1"];
    let output = run(directory.path(), &[&arguments[..], &small[..]].concat());
    assert!(output.status.success(), "{}", said(&output.stderr));
    let made: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(made["path"], "dot.mp4");
    assert_eq!(made["cost_micros"], 0);
    assert_eq!(made["duration_seconds"], 1.0);
    let names = std::fs::read_dir(directory.path()).expect("a directory");
    let names: Vec<_> = names.map(|entry| entry.expect("an entry").file_name()).collect();
    assert_eq!(names, ["dot.mp4"]);
}

#[test]
fn generate_makes_a_still_in_the_format_that_its_file_ends_in() {
    let directory = tempfile::tempdir().expect("a directory");
    for (name, format) in [
        ("dot.png", image::ImageFormat::Png),
        ("dot.jpg", image::ImageFormat::Jpeg),
    ] {
        let still = [
            "generate", "a dot", "--still", "--size", "97x65", "--seed", "1", "--json",
        ];
        let output = run(directory.path(), &[&still[..], &["-o", name]].concat());
        assert!(output.status.success(), "{}", said(&output.stderr));
        let made: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(
            (made["path"].as_str(), made["cost_micros"].as_i64()),
            (Some(name), Some(0))
        );
        assert_eq!(made["duration_seconds"], Value::Null);
        let bytes = std::fs::read(directory.path().join(name)).expect("a still");
        assert_eq!(image::guess_format(&bytes).expect("a picture"), format);
        let picture = image::load_from_memory(&bytes).expect("a whole picture");
        assert_eq!((picture.width(), picture.height()), (97, 65));
    }
    let still = ["generate", "a dot", "--still", "--size", "64x64"];
    let unnamed = run(directory.path(), &still);
    assert!(unnamed.status.success(), "{}", said(&unnamed.stderr));
    assert!(
        said(&unnamed.stdout).starts_with("task_"),
        "{}",
        said(&unnamed.stdout)
    );
    assert!(
        said(&unnamed.stdout).contains(".png: "),
        "{}",
        said(&unnamed.stdout)
    );
    for (wrong, sentence) in [
        (&["-o", "dot.mp4"][..], "`.webp`"),
        (&["--fps", "5"], "--fps"),
        (&["--image", "dot.png"], "--image"),
    ] {
        fails(
            &run(directory.path(), &[&still[..], wrong].concat()),
            2,
            &[sentence],
        );
    }
    let other = run(directory.path(), &[&still[..], &["--model", "kling-v3"]].concat());
    fails(&other, 1, &["kling-v3", "allowed: animatic"]);
}

#[tokio::test]
async fn a_log_on_a_full_disk_ends_nothing() {
    let directory = tempfile::tempdir().expect("a directory");
    let serving = Serving::logging(directory.path(), Path::new("/dev/full"));
    let ask = async |path: &'static str| {
        crate::house_under_test::send(&serving.address(), "GET", path, &[], bytes::Bytes::new()).await
    };
    for _ in 0..3 {
        assert_eq!(
            ask("/api/v1/tasks").await.status,
            401,
            "a failed request is logged"
        );
    }
    assert_eq!(ask("/healthz").await.status, 200);
    assert!(serving.end().success());
}
