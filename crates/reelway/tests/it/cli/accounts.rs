//! `[[account]]` tables: what is refused, with the line and the cure.

use super::{fails, run};
use crate::binary::reelway;

/// An account's keys and what is said of them; the table begins in line 1, `name` and `provider` follow.
const FAULTS: &[(&str, [&str; 2])] = &[
    (
        "",
        [
            "line 1",
            "needs an `access_key` with a `secret_key` or an `api_key`",
        ],
    ),
    (
        "api_key = \"env:NOT_THERE\"",
        ["line 4", "`NOT_THERE`, which is not set; set it"],
    ),
    (
        "api_key = \"file:not-there\"",
        ["line 4", "`not-there`, which cannot be read"],
    ),
    ("api_key = \"short\"", ["line 4", "6 to 4096 printable"]),
    ("api_key = \"two words\"", ["line 4", "without spaces"]),
    ("api_key = 7", ["line 4", "must be a string"]),
    (
        "access_key = \"AKTEST0001\"",
        ["line 4", "needs its `secret_key`"],
    ),
    (
        "secret_key = \"AKTEST0001\"",
        ["line 4", "needs its `access_key`"],
    ),
    (
        "api_key = \"the-key\"\naccess_key = \"AKTEST0001\"\nsecret_key = \"the-secret\"",
        ["line 4", "not both"],
    ),
    (
        "api_key = \"the-key\"\nbase_url = \"http://api.example.com\"",
        ["line 5", "https://"],
    ),
    (
        "api_key = \"the-key\"\nbase_url = \"https://10.0.0.7\"",
        ["line 5", "network.allow_hosts"],
    ),
    (
        "api_key = \"the-key\"\nbase_url = \"https://x:planted@example.com\"",
        ["line 5", "user name"],
    ),
    (
        "api_key = \"the-key\"\nbase_url = \"https://example.com/?a=planted\"",
        ["line 5", "query"],
    ),
    ("api_key = \"the-key\"\nslots = 0", ["line 5", "from 1 to 1024"]),
    ("api_key = \"the-key\"\nslots = \"5\"", ["line 5", "whole number"]),
    ("api_key = \"the-key\"\nweight = 101", ["line 5", "from 1 to 100"]),
    (
        "api_key = \"the-key\"\npriority = -1001",
        ["line 5", "from -1000 to 1000"],
    ),
    (
        "api_key = \"the-key\"\nrequests_per_second = 0",
        ["line 5", "from 1 to 1000"],
    ),
    (
        "api_key = \"the-key\"\nmodels = [\"a\", \"a\"]",
        ["line 5", "twice"],
    ),
    ("api_key = \"the-key\"\nmodels = [\"a b\"]", ["line 5", "letters"]),
    (
        "api_key = \"the-key\"\nmodels = \"a\"",
        ["line 5", "list of strings"],
    ),
    ("api_key = \"the-key\"\nslotts = 5", ["line 5", "`account.slots`"]),
];

/// Tables as a whole.
const TABLES: &[(&str, [&str; 2])] = &[
    (
        "[[account]]\nprovider = \"kling\"\n",
        ["line 1", "needs a `name`"],
    ),
    ("[[account]]\nname = \"a\"\n", ["line 1", "needs a `provider`"]),
    (
        "[[account]]\nname = \"a b\"\nprovider = \"kling\"\n",
        ["line 2", "letters"],
    ),
    (
        "[[account]]\nname = \"a\"\nprovider = \"klingon\"\n",
        ["line 3", "`animatic`, `kling`"],
    ),
    (
        "[[account]]\nname = \"animatic\"\nprovider = \"kling\"\n",
        ["line 2", "own name"],
    ),
    (
        "[[account]]\nname = \"a\"\nprovider = \"animatic\"\napi_key = \"planted\"\n",
        ["line 4", "no login"],
    ),
    (
        "[[account]]\nname = \"a\"\nprovider = \"kling\"\napi_key = \"the-key\"\n\
         [[account]]\nname = \"a\"\nprovider = \"kling\"\napi_key = \"the-key\"\n",
        ["line 6", "two accounts"],
    ),
];

#[test]
fn an_account_that_cannot_be_is_refused_with_its_line_and_the_cure() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("reelway.toml");
    let whole = TABLES.iter().map(|(text, parts)| ((*text).to_owned(), *parts));
    let parts = FAULTS.iter().map(|(keys, parts)| {
        (
            format!("[[account]]\nname = \"k\"\nprovider = \"kling\"\n{keys}\n"),
            *parts,
        )
    });
    for (text, parts) in whole.chain(parts) {
        std::fs::write(&file, &text).expect("a file");
        let output = run(directory.path(), &["config", "check"]);
        fails(&output, 1, &parts);
        let said = String::from_utf8_lossy(&output.stderr);
        for secret in ["planted", "the-key", "the-secret", "two words"] {
            assert!(!said.contains(secret), "`{secret}` is in: {said}");
        }
    }
}

#[test]
fn a_secret_is_read_from_the_environment_or_from_a_file() {
    let directory = tempfile::tempdir().expect("a directory");
    let account = "[[account]]\nname = \"k\"\nprovider = \"kling\"\n\
                   access_key = \"env:VENDOR_ACCESS\"\nsecret_key = \"file:secret.txt\"\n";
    std::fs::write(directory.path().join("reelway.toml"), account).expect("a file");
    std::fs::write(directory.path().join("secret.txt"), "the-secret-of-the-pair\r\n").expect("a file");
    let mut check = reelway(directory.path());
    check.args(["config", "check"]).env("VENDOR_ACCESS", "AKTEST0001");
    let output = check.output().expect("the binary runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    // Commands that need no login work without.
    assert!(run(directory.path(), &["config", "show"]).status.success());
    std::fs::write(directory.path().join("secret.txt"), vec![b'x'; 10_000]).expect("a file");
    let output = check.output().expect("the binary runs");
    fails(&output, 1, &["line 5", "4096"]);
}
