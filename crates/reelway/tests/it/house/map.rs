//! The map: ARCHITECTURE.md names what exists and nothing that is gone, links lead somewhere, decisions are listed.

use super::{File, assert_none, files};

const MAP: &str = "ARCHITECTURE.md";
const INDEX: &str = "docs/decisions/README.md";

/// The words that a document sets in backticks, blocks of code left out.
fn ticked(document: &str) -> Vec<&str> {
    let mut in_block = false;
    let mut words = Vec::new();
    for line in document.lines() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
        } else if !in_block {
            words.extend(line.split('`').skip(1).step_by(2));
        }
    }
    words
}

/// A word is a path if it has a slash or ends like a file. Routes (`/api/v1`) and patterns are none.
fn is_path(word: &str) -> bool {
    let ends_like_file = [".rs", ".md", ".toml", ".sql", ".json"]
        .iter()
        .any(|end| word.ends_with(end));
    let starts_like_path = word.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '.');
    let is_plain = word
        .chars()
        .all(|mark| mark.is_ascii_alphanumeric() || "/._-".contains(mark));
    is_plain && starts_like_path && (word.contains('/') || ends_like_file)
}

/// Where a path may lead: from the root, or from a crate, with or without its `src`.
fn places(path: &str) -> Vec<String> {
    let path = path.trim_start_matches("./");
    let mut places = vec![path.to_owned()];
    if let Some((room, rest)) = path.split_once('/') {
        places.push(format!("crates/{room}/src/{rest}"));
        places.push(format!("crates/{room}/{rest}"));
    }
    places
}

fn leads_to(place: &str, files: &[File]) -> bool {
    let folder = format!("{}/", place.trim_end_matches('/'));
    files
        .iter()
        .any(|file| file.path == place || file.path.starts_with(&folder))
}

/// Paths that the map names and that are gone.
fn gone(map: &str, files: &[File]) -> Vec<String> {
    let mut words = ticked(map);
    words.sort_unstable();
    words.dedup();
    words
        .into_iter()
        .filter(|word| is_path(word) && !places(word).iter().any(|place| leads_to(place, files)))
        .map(|word| format!("{MAP} names `{word}`, which does not exist"))
        .collect()
}

/// Crates, and verbs of the engine, that the map does not name.
fn unnamed(map: &str, files: &[File]) -> Vec<String> {
    let words = ticked(map);
    let room = |path: &str| {
        path.strip_prefix("crates/")?
            .split_once('/')
            .map(|(room, _)| room.to_owned())
    };
    let mut rooms: Vec<String> = files.iter().filter_map(|file| room(&file.path)).collect();
    rooms.dedup();
    let unnamed_rooms = rooms
        .into_iter()
        .filter(|room| !words.contains(&room.as_str()))
        .map(|room| format!("{MAP} does not name the crate `{room}`"));

    let named: Vec<String> = words
        .iter()
        .filter(|word| is_path(word))
        .flat_map(|word| places(word))
        .collect();
    let verb = |path: &str| {
        path.strip_prefix("crates/engine/src/")?
            .split('/')
            .next()
            .map(ToOwned::to_owned)
    };
    let mut verbs: Vec<String> = files.iter().filter_map(|file| verb(&file.path)).collect();
    verbs.dedup();
    let unnamed_verbs = verbs
        .into_iter()
        .filter(|verb| verb != "lib.rs")
        .filter(|verb| {
            !named
                .iter()
                .any(|place| place.trim_end_matches('/') == format!("crates/engine/src/{verb}"))
        })
        .map(|verb| format!("{MAP} does not name the verb `engine/{verb}`"));
    unnamed_rooms.chain(unnamed_verbs).collect()
}

/// Targets of the document's links to other files, blocks of code left out.
fn links(document: &str) -> Vec<&str> {
    let mut in_block = false;
    let mut targets = Vec::new();
    for line in document.lines() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
        } else if !in_block {
            targets.extend(line.split("](").skip(1).filter_map(|rest| rest.split(')').next()));
        }
    }
    targets.retain(|target| !target.starts_with('#') && !target.contains(':'));
    targets
}

/// The path from the root that a link in a document leads to.
fn target(document: &str, link: &str) -> String {
    let link = link.split('#').next().unwrap_or(link);
    let mut parts: Vec<&str> = document.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "" | "." => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Links that lead nowhere.
fn dead(files: &[File]) -> Vec<String> {
    let mut wrong = Vec::new();
    for document in files.iter().filter(|file| file.path.ends_with(".md")) {
        for link in links(&document.text) {
            if !leads_to(&target(&document.path, link), files) {
                wrong.push(format!(
                    "`{}` links to `{link}`, which does not exist",
                    document.path
                ));
            }
        }
    }
    wrong
}

/// Decisions that the index does not link, and decisions that share a number.
fn unindexed(files: &[File]) -> Vec<String> {
    let index = files
        .iter()
        .find(|file| file.path == INDEX)
        .map_or("", |file| &file.text);
    let pages: Vec<&str> = files
        .iter()
        .filter_map(|file| file.path.strip_prefix("docs/decisions/"))
        .filter(|page| *page != "README.md")
        .collect();
    let number = |page: &str| page.split('-').next().unwrap_or(page).to_owned();
    let twice = pages
        .windows(2)
        .filter(|pair| number(pair[0]) == number(pair[1]))
        .map(|pair| format!("decisions `{}` and `{}` share a number", pair[0], pair[1]));
    let linked = links(index);
    let missing = pages
        .iter()
        .filter(|page| !linked.contains(page))
        .map(|page| format!("{INDEX} does not link `{page}`"));
    missing.chain(twice).collect()
}

#[test]
fn the_map_names_nothing_that_is_gone() {
    let files = files();
    let map = files
        .iter()
        .find(|file| file.path == MAP)
        .expect("there is a map");
    assert_none(&gone(&map.text, &files));
}

#[test]
fn the_map_names_every_crate_and_every_verb() {
    let files = files();
    let map = files
        .iter()
        .find(|file| file.path == MAP)
        .expect("there is a map");
    assert_none(&unnamed(&map.text, &files));
}

#[test]
fn every_link_in_a_document_leads_to_a_file() {
    assert_none(&dead(&files()));
}

#[test]
fn every_decision_stands_in_the_index_under_its_own_number() {
    assert_none(&unindexed(&files()));
}

#[test]
fn a_path_that_is_gone_is_noticed() {
    let files = [
        File::new("crates/engine/src/submit.rs", ""),
        File::new(".ci/run", ""),
    ];
    let map = "`engine/submit.rs` `engine/` `.ci/run` `./.ci/run` `/api/v1` `docs/*` `Task::apply`\n```\n`a/b.rs`\n```";
    assert_none(&gone(map, &files));
    assert_eq!(
        gone("see `engine/deliver.rs`", &files),
        ["ARCHITECTURE.md names `engine/deliver.rs`, which does not exist"]
    );
    assert_eq!(gone("`submit.rs` `store/`", &files).len(), 2);
}

#[test]
fn a_crate_or_verb_that_the_map_leaves_out_is_noticed() {
    let files = [
        File::new("crates/blobs/src/lib.rs", ""),
        File::new("crates/engine/src/lib.rs", ""),
        File::new("crates/engine/src/poll.rs", ""),
        File::new("crates/engine/src/quote/rounding.rs", ""),
    ];
    assert_none(&unnamed(
        "`blobs` `engine` `engine/poll.rs` `engine/quote/`",
        &files,
    ));
    assert_eq!(
        unnamed("`engine` and blobs; `engine/quote.rs`", &files),
        [
            "ARCHITECTURE.md does not name the crate `blobs`",
            "ARCHITECTURE.md does not name the verb `engine/poll.rs`",
            "ARCHITECTURE.md does not name the verb `engine/quote`",
        ]
    );
}

#[test]
fn a_dead_link_is_noticed() {
    let files = [
        File::new(
            "README.md",
            "[a](docs/a.md#part) [b](https://example.com/b) [c](#c)\n```\n[x](gone)\n```",
        ),
        File::new("docs/a.md", "[up](../README.md) [gone](../CHANGES.md)"),
    ];
    assert_eq!(
        dead(&files),
        ["`docs/a.md` links to `../CHANGES.md`, which does not exist"]
    );
}

#[test]
fn a_decision_that_is_not_listed_or_shares_a_number_is_noticed() {
    let files = [
        File::new("docs/decisions/0010-one.md", ""),
        File::new("docs/decisions/0010-two.md", ""),
        File::new(INDEX, "[one](0010-one.md)"),
    ];
    assert_eq!(
        unindexed(&files),
        [
            "docs/decisions/README.md does not link `0010-two.md`",
            "decisions `0010-one.md` and `0010-two.md` share a number",
        ]
    );
}
