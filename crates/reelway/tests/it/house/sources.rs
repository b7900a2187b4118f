//! The sources: how a file opens, how long it is, what it may be called and what may not stand in it.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::{File, assert_none, files, read};

const FILE_LINES_MAX: usize = 500;

/// Names that say nothing about what is inside.
const EMPTY_NAMES: &[&str] = &[
    "common", "core", "helper", "helpers", "misc", "model", "models", "types", "util", "utils",
];

/// Folders of one person's machine, which mean nothing on another.
const MACHINE_FOLDERS: &[&str] = &["home", "root", "work", "Users"];

/// Files that do not say what lives in them, or that are too long.
fn unreadable(files: &[File]) -> Vec<String> {
    let mut wrong = Vec::new();
    for file in files.iter().filter(|file| file.is_rust()) {
        if !file.text.starts_with("//! ") {
            wrong.push(format!("`{}` does not open with `//!`", file.path));
        }
        let lines = file.text.lines().count();
        if lines > FILE_LINES_MAX {
            wrong.push(format!(
                "`{}` has {lines} lines, more than {FILE_LINES_MAX}",
                file.path
            ));
        }
    }
    wrong
}

/// Files and folders with an empty name.
fn misnamed(files: &[File]) -> Vec<String> {
    let is_empty_name = |part: &str| EMPTY_NAMES.contains(&part.trim_end_matches(".rs"));
    files
        .iter()
        .filter(|file| file.is_rust() && file.path.split('/').any(is_empty_name))
        .map(|file| {
            format!(
                "`{}` has a name that says nothing about what is inside",
                file.path
            )
        })
        .collect()
}

/// Words in the code, comments and strings left out, that the house does not use.
fn misspoken(files: &[File]) -> Vec<String> {
    let mut wrong = Vec::new();
    for file in files.iter().filter(|file| file.is_rust()) {
        let Ok(tokens) = file.text.parse::<TokenStream>() else {
            wrong.push(format!("`{}` is not Rust", file.path));
            continue;
        };
        let parts: Vec<&str> = file.path.split('/').collect();
        let is_shipped = parts[0] == "crates" && parts[2] == "src";
        let is_test = parts.iter().any(|part| matches!(*part, "tests" | "tests.rs"));
        let mut words = Words {
            unwrap_is_wrong: is_shipped && !is_test,
            found: Vec::new(),
        };
        words.read(tokens);
        wrong.extend(
            words
                .found
                .iter()
                .map(|(line, what)| format!("`{}` line {line}: {what}", file.path)),
        );
    }
    wrong
}

struct Words {
    unwrap_is_wrong: bool,
    found: Vec<(usize, String)>,
}

impl Words {
    fn read(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            if let Some((attribute, width)) = attribute(&tokens[at..]) {
                self.read_attribute(&attribute, tokens[at].span().start().line);
                at += width;
                if spelled(&attribute) == "cfg(test)" {
                    // `#![cfg(test)]` covers the rest, `#[cfg(test)]` the next item.
                    at = if width == 3 {
                        tokens.len()
                    } else {
                        at + item(&tokens[at..])
                    };
                }
                continue;
            }
            self.read_words(&tokens[at..]);
            if let TokenTree::Group(group) = &tokens[at] {
                self.read(group.stream());
            }
            at += 1;
        }
    }

    fn read_attribute(&mut self, attribute: &TokenStream, line: usize) {
        let text = spelled(attribute);
        if text.starts_with("allow(") || (text.starts_with("cfg_attr(") && text.contains(",allow(")) {
            self.found.push((
                line,
                "`#[allow]`, where `#[expect(…, reason = \"…\")]` is the way".to_owned(),
            ));
        }
    }

    fn read_words(&mut self, tokens: &[TokenTree]) {
        let word = |index: usize| tokens.get(index).map(ToString::to_string).unwrap_or_default();
        let line = tokens[0].span().start().line;
        if self.unwrap_is_wrong && word(0) == "." && word(1) == "unwrap" && word(2) == "()" {
            self.found.push((
                line,
                "`.unwrap()`, where `expect(\"why it cannot fail\")` is the way".to_owned(),
            ));
        }
        if word(0) == "mod" && EMPTY_NAMES.contains(&word(1).as_str()) {
            self.found
                .push((line, format!("module `{}` has a name that says nothing", word(1))));
        }
    }
}

/// The inside of the attribute that the tokens begin with, and how many tokens it is wide.
fn attribute(tokens: &[TokenTree]) -> Option<(TokenStream, usize)> {
    let is_punct = |index: usize, mark: char| matches!(&tokens.get(index), Some(TokenTree::Punct(punct)) if punct.as_char() == mark);
    let width = match (is_punct(0, '#'), is_punct(1, '!')) {
        (true, true) => 3,
        (true, false) => 2,
        _ => return None,
    };
    match tokens.get(width - 1) {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Bracket => {
            Some((group.stream(), width))
        }
        _ => None,
    }
}

/// How many tokens the next item takes: up to its braces or its semicolon.
fn item(tokens: &[TokenTree]) -> usize {
    let is_end = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(punct) => punct.as_char() == ';',
        _ => false,
    };
    tokens.iter().position(is_end).map_or(tokens.len(), |end| end + 1)
}

fn spelled(tokens: &TokenStream) -> String {
    tokens.to_string().split_whitespace().collect()
}

/// Lines that name a folder of the machine they were written on.
fn homesick(files: &[File]) -> Vec<String> {
    let mut wrong = Vec::new();
    for file in files {
        for (index, line) in file.text.lines().enumerate() {
            for folder in MACHINE_FOLDERS.iter().filter(|folder| names_folder(line, folder)) {
                wrong.push(format!(
                    "`{}` line {} names the folder {folder} of one machine",
                    file.path,
                    index + 1
                ));
            }
        }
    }
    wrong
}

/// The folder counts at the root of a file system, not inside another path or an address.
fn names_folder(line: &str, folder: &str) -> bool {
    let needle = format!("/{folder}/");
    line.match_indices(&needle).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|mark| {
            !mark.is_alphanumeric() && !matches!(mark, '.' | '_' | '-' | '}' | ')' | '*' | '~')
        })
    })
}

/// The commands of a shell script, but for where it stands and how it fails.
fn commands(script: &str) -> Vec<&str> {
    let is_setting = |line: &&str| {
        let line = *line;
        line.is_empty()
            || line.starts_with('#')
            || line.starts_with("set -")
            || line == "cd \"$(dirname \"$0\")/..\""
    };
    script
        .lines()
        .map(str::trim)
        .filter(|line| !is_setting(line))
        .collect()
}

#[test]
fn every_source_file_says_what_lives_in_it_and_is_short() {
    assert_none(&unreadable(&files()));
}

#[test]
fn no_file_or_folder_has_an_empty_name() {
    assert_none(&misnamed(&files()));
}

#[test]
fn no_code_silences_a_lint_or_unwraps() {
    assert_none(&misspoken(&files()));
}

#[test]
fn no_file_names_a_folder_of_one_machine() {
    assert_none(&homesick(&files()));
}

#[test]
fn continuous_integration_calls_the_one_test_command_and_nothing_else() {
    assert_eq!(commands(&read(".ci/run")), ["exec ./test"]);
}

#[test]
fn a_file_without_an_opening_sentence_is_noticed() {
    let files = [
        File::new("crates/store/src/rows.rs", "use std::fmt;\n"),
        File::new("bench/src/main.rs", "//! Load.\n"),
    ];
    assert_eq!(
        unreadable(&files),
        ["`crates/store/src/rows.rs` does not open with `//!`"]
    );
}

#[test]
fn a_file_of_more_than_500_lines_is_noticed() {
    let just = format!("//! Long.\n{}", "\n".repeat(499));
    let over = format!("//! Long.\n{}", "\n".repeat(500));
    let files = [
        File::new("crates/store/src/just.rs", &just),
        File::new("crates/store/src/over.rs", &over),
    ];
    assert_eq!(
        unreadable(&files),
        ["`crates/store/src/over.rs` has 501 lines, more than 500"]
    );
}

#[test]
fn an_empty_name_is_noticed_in_files_folders_and_modules() {
    let files = [
        File::new("crates/store/src/utils.rs", ""),
        File::new("crates/store/src/common/rows.rs", ""),
        File::new("crates/store/src/lib.rs", "mod rows {}\npub mod types { }"),
        File::new("docs/models/README.md", ""),
    ];
    assert_eq!(misnamed(&files).len(), 2);
    assert_eq!(
        misspoken(&files),
        ["`crates/store/src/lib.rs` line 2: module `types` has a name that says nothing"]
    );
}

#[test]
fn a_silenced_lint_is_noticed_wherever_it_stands() {
    for text in [
        "#![allow(dead_code)]",
        "mod a { #[allow(dead_code)] fn b() {} }",
        "#[cfg_attr(unix, allow(x))] fn b() {}",
    ] {
        assert_eq!(
            misspoken(&[File::new("bench/src/main.rs", text)]).len(),
            1,
            "{text}"
        );
    }
    let words = "//! Never #[allow(x)].\n#[expect(dead_code, reason = \"soon\")] fn allow() { allow(\"#[allow(x)]\") }";
    assert_none(&misspoken(&[File::new("bench/src/main.rs", words)]));
}

#[test]
fn an_unwrap_is_noticed_outside_tests_only() {
    let path = "crates/store/src/rows.rs";
    for text in [
        "fn a() { b().unwrap(); }",
        "fn a() { assert!(b\n  .unwrap()) }",
        "#[cfg(test)] mod tests {} fn a() { b().unwrap() }",
    ] {
        assert_eq!(misspoken(&[File::new(path, text)]).len(), 1, "{text}");
    }
    for text in [
        "//! Never `.unwrap()`.\nfn a() { \".unwrap()\"; b().unwrap_or(1) }",
        "#[cfg(test)]\nmod tests { fn a() { b().unwrap() } }",
        "#[cfg(test)] #[derive(Debug)] struct A; fn c() {} #[cfg(test)] fn a() { b().unwrap() }",
        "#![cfg(test)] fn a() { b().unwrap() }",
    ] {
        assert_none(&misspoken(&[File::new(path, text)]));
    }
    assert_none(&misspoken(&[File::new(
        "crates/store/src/rows/tests.rs",
        "fn a() { b().unwrap() }",
    )]));
}

#[test]
fn a_folder_of_one_machine_is_noticed_but_not_an_address() {
    let [home, work] = ["home", "work"].map(|folder| format!("/{folder}/ada/clip.mp4"));
    for text in [
        home.clone(),
        format!("see `{work}`"),
        format!("file://{home}"),
        format!("path={work}"),
    ] {
        assert_eq!(homesick(&[File::new("README.md", &text)]).len(), 1, "{text}");
    }
    for text in [
        format!("https://example.com{home}"),
        format!("target{work}"),
        format!("~{work}"),
    ] {
        assert_none(&homesick(&[File::new("README.md", &text)]));
    }
}

#[test]
fn another_command_in_continuous_integration_is_noticed() {
    let script = "#!/bin/sh\nset -e\ncd \"$(dirname \"$0\")/..\"\napt-get update\nexec ./test\n";
    assert_eq!(commands(script), ["apt-get update", "exec ./test"]);
}
