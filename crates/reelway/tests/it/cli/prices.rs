//! `reelway prices` with the real binary.

use serde_json::Value;

use super::{OWN_KEY, fails, run, said};
use crate::binary::Serving;

const EXAMPLE: &str = include_str!("../../../../../docs/examples/prices.pixazo.toml");

fn json(output: &std::process::Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no JSON: {}", said(&output.stderr)))
}

#[test]
fn the_built_in_book_is_shown_where_nothing_ever_ran_and_a_book_is_checked() {
    let directory = tempfile::tempdir().expect("a directory");
    let here = directory.path();
    let shown = run(here, &["prices", "show", "--model", "kling-v1"]);
    let text = said(&shown.stdout);
    assert!(shown.status.success() && text.contains("built-in"), "{text}");
    assert!(
        text.contains("text_to_video") && text.contains("without sound, 5 s"),
        "{text}"
    );
    assert!(text.contains("0.14") && !text.contains("kling-v3"), "{text}");
    fails(&run(here, &["prices", "show", "--model", "x"]), 1, &["`x`"]);
    fails(
        &run(here, &["prices", "show", "--at", "soon"]),
        1,
        &["2027-01-01T00:00:00Z"],
    );

    std::fs::write(here.join("good.toml"), EXAMPLE).expect("a file");
    let good = run(here, &["prices", "check", "good.toml"]);
    assert!(
        said(&good.stdout).contains("is in order"),
        "{}",
        said(&good.stderr)
    );
    std::fs::write(
        here.join("bad.toml"),
        EXAMPLE.replace("unit = \"image\"", "unti = \"image\""),
    )
    .expect("a file");
    fails(
        &run(here, &["prices", "check", "bad.toml"]),
        1,
        &["`bad.toml` is not in order", "line 9", "did you mean `unit`?"],
    );
    fails(&run(here, &["prices", "load", "bad.toml"]), 1, &["line 9"]);
    fails(
        &run(here, &["prices", "load", "good.toml"]),
        1,
        &["there is no database"],
    );
    fails(&run(here, &["prices", "check", "none.toml"]), 1, &["none.toml"]);
}

#[test]
fn a_book_is_loaded_with_and_without_a_running_server() {
    let directory = tempfile::tempdir().expect("a directory");
    let here = directory.path();
    std::fs::write(here.join("a.toml"), EXAMPLE).expect("a file");
    std::fs::write(here.join("b.toml"), EXAMPLE.replace("pixazo-2026-04-15", "b")).expect("a file");
    let serving = Serving::start(here, &[("REELWAY_BOOTSTRAP_API_KEY", OWN_KEY)]);
    let loaded = run(here, &["prices", "load", "a.toml", "--json"]);
    assert_eq!(json(&loaded)["state"], "in_force", "{}", said(&loaded.stderr));
    assert_eq!(json(&loaded)["loaded_by"], "command line");
    fails(
        &run(here, &["prices", "load", "a.toml"]),
        1,
        &["`pixazo-2026-04-15`", "another `version`"],
    );
    let shown = run(here, &["prices", "show", "--tenant", "default"]);
    assert!(
        said(&shown.stdout).contains("edition `pixazo-2026-04-15` (in force"),
        "{}",
        said(&shown.stderr)
    );
    drop(serving);
    let later = [
        "prices",
        "load",
        "b.toml",
        "--effective-at",
        "2999-01-01T00:00:00Z",
    ];
    let loaded = run(here, &later);
    let text = said(&loaded.stdout);
    assert!(
        text.contains("from 2999-01-01T00:00:00Z on"),
        "{text}{}",
        said(&loaded.stderr)
    );
    let shown = json(&run(here, &["prices", "show", "--json"]));
    assert_eq!(shown["edition"]["version"], "pixazo-2026-04-15");
    let coming = json(&run(here, &["prices", "show", "--edition", "b", "--json"]));
    assert_eq!(coming["edition"]["state"], "coming");
    let then = json(&run(
        here,
        &["prices", "show", "--at", "2999-01-02T00:00:00Z", "--json"],
    ));
    assert_eq!(then["edition"]["version"], "b");
}
