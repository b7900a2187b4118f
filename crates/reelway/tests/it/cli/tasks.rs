//! `reelway tasks` with the real binary: beside a running gateway, and in the database without one.

use serde_json::Value;

use super::{OWN_KEY, fails, run, said};
use crate::binary::Serving;

fn json(output: &std::process::Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no JSON: {}", said(&output.stderr)))
}

#[test]
fn tasks_are_listed_shown_explained_and_waited_for() {
    let directory = tempfile::tempdir().expect("a directory");
    let here = directory.path();
    let serving = Serving::start(here, &[("REELWAY_BOOTSTRAP_API_KEY", OWN_KEY)]);
    let server = format!("http://{}", serving.address());
    let wish = "generate dot --model animatic --duration 1 --size 64x64 --fps 5 -o dot.mp4 --json";
    let mut wish: Vec<&str> = wish.split(' ').collect();
    wish.extend(["--server", &server, "--api-key", OWN_KEY]);
    let made = json(&run(here, &wish));
    let id = made["task"]["id"].as_str().expect("an id").to_owned();
    let listed = json(&run(
        here,
        &["tasks", "list", "--json", "--state", "succeeded", "--since", "1h"],
    ));
    assert_eq!(listed["data"][0]["id"], id.as_str());
    let table = said(&run(here, &["tasks", "list"]).stdout);
    assert!(
        table.starts_with("ID") && table.contains(&id) && table.contains("succeeded"),
        "{table}"
    );
    let shown = said(&run(here, &["tasks", "show", &id]).stdout);
    for part in ["state", "hold", "charge", "It succeeded at"] {
        assert!(shown.contains(part), "`{part}` is not in: {shown}");
    }
    let waited = run(here, &["tasks", "wait", &id]);
    assert!(waited.status.success(), "{}", said(&waited.stderr));
    let explained = said(&run(here, &["tasks", "explain", &id]).stdout);
    assert!(explained.contains(&format!("{id} is succeeded.")), "{explained}");
    fails(&run(here, &["tasks", "cancel", &id]), 1, &["already `succeeded`"]);
    fails(
        &run(here, &["tasks", "show", "task_none"]),
        1,
        &["no such task", "reelway tasks list"],
    );
    fails(
        &run(here, &["tasks", "show", "a/../b"]),
        1,
        &["there is no task `a/../b`"],
    );
    fails(
        &run(here, &["tasks", "list", "--state", "asleep"]),
        1,
        &["there is no state `asleep`", "queued"],
    );
    fails(
        &run(here, &["tasks", "wait", &id, "--timeout", "soon"]),
        2,
        &["90s"],
    );
    assert!(serving.end().success());
    let offline = json(&run(here, &["tasks", "list", "--json"]));
    assert_eq!(offline["data"][0]["id"], id.as_str());
    let offline = json(&run(here, &["tasks", "explain", &id, "--json"]));
    assert!(
        offline["explanation"]
            .as_str()
            .is_some_and(|text| text.contains("It succeeded at"))
    );
    for command in ["wait", "cancel"] {
        fails(
            &run(here, &["tasks", command, &id]),
            1,
            &["no gateway runs on", "reelway serve"],
        );
    }
}
