//! Pairs by command: what is printed, and that a secret key is printed once and left nowhere.

use std::path::Path;
use std::process::Output;

use jsonwebtoken::{EncodingKey, Header, encode};
use reelway::wiring::Nature;
use serde_json::{Value, json};

use super::{fails, run, said};
use crate::binary::Serving;

/// A pair as `reelway keys create --pair --json` printed it.
struct Pair {
    id: String,
    access: String,
    secret: String,
}

impl Pair {
    fn printed(output: &Output) -> Pair {
        let made: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let text = |name: &str| made[name].as_str().expect("a text").to_owned();
        Pair {
            id: text("id"),
            access: text("access_key"),
            secret: text("secret_key"),
        }
    }

    /// A token for a minute, signed with a secret.
    fn token(&self, secret: &str) -> String {
        let end = Nature::of_machine().clock.now().seconds() + 60;
        let claims = json!({ "iss": self.access, "exp": end });
        let key = EncodingKey::from_secret(secret.as_bytes());
        encode(&Header::default(), &claims, &key).expect("a token")
    }
}

fn create(directory: &Path, arguments: &[&str]) -> Output {
    let start = ["keys", "create", "--name", "sdk", "--pair"];
    run(directory, &[&start, arguments].concat())
}

/// Makes the smallest clip at a gateway, with a token for a key.
fn generate(directory: &Path, server: &str, token: &str) -> Output {
    let wish = "generate dot --model animatic --duration 1 --size 64x64 --fps 5 -o dot.mp4";
    let wish: Vec<&str> = wish.split(' ').collect();
    run(
        directory,
        &[&wish[..], &["--server", server, "--api-key", token]].concat(),
    )
}

/// Everything that a directory holds below it.
fn contents(directory: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            bytes.extend(contents(&path));
        } else if path.is_file() {
            bytes.extend(std::fs::read(&path).expect("a file"));
        }
    }
    bytes
}

#[test]
fn a_pair_is_made_and_listed_beside_the_server_and_after_it() {
    let directory = tempfile::tempdir().expect("a directory");
    let directory = directory.path();
    let mut serving = Some(Serving::start(directory, &[]));
    for _ in ["beside", "after"] {
        let made = create(
            directory,
            &["--dialect", "kling", "--expires-in-days", "9", "--json"],
        );
        let pair = Pair::printed(&made);
        let shown = said(&run(directory, &["keys", "list"]).stdout);
        let row = shown.lines().find(|line| line.contains(&pair.id));
        for part in ["pair", "kling", &pair.access, "until"] {
            assert!(
                row.is_some_and(|row| row.contains(part)),
                "`{part}` is not in: {row:?}"
            );
        }
        let unknown = create(directory, &["--dialect", "klingon"]);
        fails(&unknown, 1, &["`klingon`", "allowed", "elk", "kling"]);
        let printed = said(&create(directory, &[]).stdout);
        for part in ["access key: rw_access_", "shown only now: rw_secret_"] {
            assert!(printed.contains(part), "`{part}` is not in: {printed}");
        }
        if let Some(serving) = serving.take() {
            assert!(serving.end().success());
        }
    }
}

#[test]
fn a_secret_key_is_printed_once_and_is_in_nothing_else_that_a_run_leaves() {
    let directory = tempfile::tempdir().expect("a directory");
    let directory = directory.path();
    let serving = Serving::logging(directory, &directory.join("log"));
    let greeting = serving.greeting.join("\n");
    let server = format!("http://{}", serving.address());
    let pair = Pair::printed(&create(directory, &["--json"]));
    let (good, wrong) = (pair.token(&pair.secret), pair.token("wrong"));

    let made = generate(directory, &server, &good);
    assert!(made.status.success(), "{}", said(&made.stderr));
    let refused = generate(directory, &server, &wrong);
    fails(&refused, 1, &["the token is not valid"]);
    let shown = generate(directory, &server, &pair.secret);
    fails(&shown, 1, &["is not sent"]);
    let listed = run(directory, &["keys", "list"]);
    let revoked = run(directory, &["keys", "revoke", &pair.id]);
    assert!(revoked.status.success(), "{}", said(&revoked.stderr));
    let late = generate(directory, &server, &good);
    fails(&late, 1, &["the token is not valid"]);
    assert!(serving.end().success());
    let after = Pair::printed(&create(directory, &["--json"]));
    let as_json = run(directory, &["keys", "list", "--json"]);

    let runs = [made, refused, shown, listed, revoked, late, as_json];
    let printed = runs.map(|run| [run.stdout, run.stderr].concat()).concat();
    let left = [greeting.into_bytes(), printed, contents(directory)].concat();
    let left = String::from_utf8_lossy(&left);
    assert!(
        left.contains(&pair.access) && left.contains("http.answered"),
        "nothing was searched"
    );
    for secret in [&pair.secret, &after.secret, &good, &wrong] {
        assert!(!left.contains(secret.as_str()), "`{secret}` was left behind");
    }
}
