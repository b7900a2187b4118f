//! The floors: which crate may name which, read from `cargo metadata`.

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

use super::{assert_none, root};

/// Every crate of the house and the crates that it may name.
const FLOORS: &[(&str, &[&str])] = &[
    ("animatic", &[]),
    ("blobs", &["domain"]),
    ("dialects", &["domain"]),
    ("domain", &[]),
    ("engine", &["domain"]),
    ("providers", &["animatic", "domain"]),
    (
        "reelway",
        &["blobs", "dialects", "domain", "engine", "providers", "store"],
    ),
    ("store", &["domain"]),
    ("testkit", &["domain"]),
];

/// What any crate may name for its tests, beside what it may name anyway.
const FOR_TESTS: &str = "testkit";

/// Crates of the workspace that stand outside the house: they may name anyone, and nobody names them.
const OUTSIDE: &[&str] = &["bench"];

struct Arrow {
    from: String,
    to: String,
    for_tests: bool,
}

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .expect("cargo describes the workspace")
}

fn crates(metadata: &Metadata) -> Vec<String> {
    metadata
        .workspace_packages()
        .iter()
        .map(|package| package.name.to_string())
        .collect()
}

fn arrows(metadata: &Metadata) -> Vec<Arrow> {
    let names = crates(metadata);
    let mut arrows = Vec::new();
    for package in metadata.workspace_packages() {
        for dependency in package
            .dependencies
            .iter()
            .filter(|dependency| names.contains(&dependency.name))
        {
            arrows.push(Arrow {
                from: package.name.to_string(),
                to: dependency.name.clone(),
                for_tests: dependency.kind == DependencyKind::Development,
            });
        }
    }
    arrows
}

/// Crates without a floor, and floors without a crate.
fn misplaced(crates: &[String]) -> Vec<String> {
    let known = |name: &str| OUTSIDE.contains(&name) || FLOORS.iter().any(|(room, _)| *room == name);
    let strangers = crates.iter().filter(|name| !known(name)).map(|name| {
        format!(
            "crate `{name}` has no floor: a new crate needs a page in docs/decisions and a line in FLOORS"
        )
    });
    let gone = FLOORS
        .iter()
        .filter(|(room, _)| !crates.iter().any(|name| name == room))
        .map(|(room, _)| format!("FLOORS names `{room}`, which is no crate of the workspace"));
    strangers.chain(gone).collect()
}

/// Arrows that no floor permits.
fn forbidden(arrows: &[Arrow]) -> Vec<String> {
    let permitted = |arrow: &Arrow| {
        let below = FLOORS
            .iter()
            .find(|(room, _)| *room == arrow.from)
            .map_or(&[][..], |(_, below)| below);
        let inside = below.contains(&arrow.to.as_str()) || (arrow.for_tests && arrow.to == FOR_TESTS);
        let from_outside = OUTSIDE.contains(&arrow.from.as_str()) && !OUTSIDE.contains(&arrow.to.as_str());
        inside || from_outside
    };
    arrows
        .iter()
        .filter(|arrow| !permitted(arrow))
        .map(|arrow| {
            let kind = if arrow.for_tests { "for its tests " } else { "" };
            format!(
                "crate `{}` {kind}names `{}`, which the floors do not permit",
                arrow.from, arrow.to
            )
        })
        .collect()
}

/// Packages that are not private, or whose folder is not called like the crate.
fn strays(metadata: &Metadata) -> Vec<String> {
    let mut wrong = Vec::new();
    for package in metadata.workspace_packages() {
        let folder = package
            .manifest_path
            .parent()
            .and_then(|parent| parent.file_name());
        if folder != Some(package.name.as_str()) {
            wrong.push(format!(
                "crate `{}` lives in a folder of another name",
                package.name
            ));
        }
        if package.publish.as_deref() != Some(&[]) {
            wrong.push(format!(
                "crate `{}` lacks `publish.workspace = true`",
                package.name
            ));
        }
    }
    wrong
}

fn arrow(from: &str, to: &str, for_tests: bool) -> Arrow {
    Arrow {
        from: from.to_owned(),
        to: to.to_owned(),
        for_tests,
    }
}

#[test]
fn every_crate_has_a_floor_and_every_floor_a_crate() {
    assert_none(&misplaced(&crates(&metadata())));
}

#[test]
fn arrows_point_down_and_never_sideways() {
    assert_none(&forbidden(&arrows(&metadata())));
}

#[test]
fn crates_are_private_and_named_like_their_folders() {
    assert_none(&strays(&metadata()));
}

#[test]
fn a_new_crate_is_noticed() {
    let mut crates: Vec<String> = FLOORS.iter().map(|(room, _)| (*room).to_owned()).collect();
    crates.push("bench".to_owned());
    assert_none(&misplaced(&crates));
    crates.push("cellar".to_owned());
    assert_eq!(misplaced(&crates).len(), 1);
}

#[test]
fn a_crate_that_went_away_is_noticed() {
    let crates: Vec<String> = FLOORS
        .iter()
        .skip(1)
        .map(|(room, _)| (*room).to_owned())
        .collect();
    assert_eq!(
        misplaced(&crates),
        ["FLOORS names `animatic`, which is no crate of the workspace"]
    );
}

#[test]
fn an_arrow_up_sideways_or_to_the_bench_is_noticed() {
    for (from, to) in [
        ("domain", "engine"),
        ("domain", "animatic"),
        ("animatic", "domain"),
        ("engine", "store"),
        ("store", "blobs"),
        ("dialects", "providers"),
        ("dialects", "animatic"),
        ("reelway", "animatic"),
        ("reelway", "testkit"),
        ("testkit", "engine"),
        ("reelway", "bench"),
    ] {
        assert_eq!(
            forbidden(&[arrow(from, to, false)]).len(),
            1,
            "{from} → {to} was let through"
        );
    }
}

#[test]
fn stand_ins_are_for_tests_only() {
    assert_none(&forbidden(&[
        arrow("engine", "testkit", true),
        arrow("bench", "testkit", false),
    ]));
    assert_eq!(forbidden(&[arrow("engine", "testkit", false)]).len(), 1);
    assert_eq!(forbidden(&[arrow("engine", "store", true)]).len(), 1);
}
