//! The lints that hold the laws: they are configured, and every crate has them on.

use toml::Table;

use super::{File, assert_none, files, read};

/// Clippy lints that the laws rest on; none of them may be switched off for the workspace.
const NEEDED: &[&str] = &[
    "all",
    "allow_attributes",
    "allow_attributes_without_reason",
    "disallowed_methods",
    "too_many_lines",
    "unwrap_used",
    "wildcard_imports",
];

const FUNCTION_LINES_MAX: i64 = 70;

fn parse(text: &str) -> Table {
    text.parse().expect("the file is TOML")
}

/// A lint is written as its level, or as a table with a level.
fn is_on(lint: Option<&toml::Value>) -> bool {
    let level = lint.and_then(|lint| lint.as_str().or_else(|| lint.get("level")?.as_str()));
    matches!(level, Some("warn" | "deny" | "forbid"))
}

/// Lints that the workspace's manifest lacks, and a missing or too high limit on a function's lines.
fn slack(manifest: &str, clippy: &str) -> Vec<String> {
    let manifest = parse(manifest);
    let lints = manifest
        .get("workspace")
        .and_then(|workspace| workspace.get("lints")?.get("clippy"));
    let off = |name: &&&str| !is_on(lints.and_then(|lints| lints.get(**name)));
    let mut wrong: Vec<String> = NEEDED
        .iter()
        .filter(off)
        .map(|name| format!("the lint clippy::{name} is not on in Cargo.toml"))
        .collect();
    let threshold = parse(clippy)
        .get("too-many-lines-threshold")
        .and_then(toml::Value::as_integer);
    if threshold.is_none_or(|lines| lines > FUNCTION_LINES_MAX) {
        wrong.push(format!(
            "clippy.toml does not hold functions to {FUNCTION_LINES_MAX} lines"
        ));
    }
    wrong
}

/// Manifests of crates that do not take the workspace's lints.
fn unruly(manifests: &[File]) -> Vec<String> {
    manifests
        .iter()
        .filter(|manifest| manifest.path != "Cargo.toml" && manifest.path.ends_with("/Cargo.toml"))
        .filter(|manifest| {
            let table = parse(&manifest.text);
            table
                .get("lints")
                .and_then(|lints| lints.get("workspace")?.as_bool())
                != Some(true)
        })
        .map(|manifest| format!("`{}` lacks `[lints] workspace = true`", manifest.path))
        .collect()
}

/// Bans in clippy.toml that give no reason.
fn unreasoned(clippy: &str) -> Vec<String> {
    let clippy = parse(clippy);
    let bans = clippy.get("disallowed-methods").and_then(toml::Value::as_array);
    bans.into_iter()
        .flatten()
        .filter(|ban| {
            ban.get("reason")
                .and_then(toml::Value::as_str)
                .is_none_or(str::is_empty)
        })
        .map(|ban| format!("clippy.toml bans {ban} without a reason"))
        .collect()
}

#[test]
fn the_lints_of_the_house_are_on() {
    assert_none(&slack(&read("Cargo.toml"), &read("clippy.toml")));
}

#[test]
fn every_crate_takes_the_lints_of_the_workspace() {
    assert_none(&unruly(&files()));
}

#[test]
fn every_ban_gives_its_reason() {
    assert_none(&unreasoned(&read("clippy.toml")));
}

#[test]
fn a_lint_that_was_switched_off_is_noticed() {
    let manifest = read("Cargo.toml");
    let weakened = manifest.replace("unwrap_used = \"warn\"", "unwrap_used = \"allow\"");
    assert_ne!(manifest, weakened);
    assert_eq!(
        slack(&weakened, &read("clippy.toml")),
        ["the lint clippy::unwrap_used is not on in Cargo.toml"]
    );
}

#[test]
fn a_higher_or_missing_limit_on_functions_is_noticed() {
    for clippy in ["", "too-many-lines-threshold = 71"] {
        assert_eq!(
            slack(&read("Cargo.toml"), clippy),
            ["clippy.toml does not hold functions to 70 lines"]
        );
    }
}

#[test]
fn a_crate_without_the_lints_is_noticed() {
    let good = File::new("crates/store/Cargo.toml", "[lints]\nworkspace = true\n");
    let bad = File::new("crates/engine/Cargo.toml", "[package]\nname = \"engine\"\n");
    assert_eq!(
        unruly(&[good, bad]),
        ["`crates/engine/Cargo.toml` lacks `[lints] workspace = true`"]
    );
}

#[test]
fn a_ban_without_a_reason_is_noticed() {
    assert_eq!(
        unreasoned("disallowed-methods = [{ path = \"std::process::exit\" }]").len(),
        1
    );
}
