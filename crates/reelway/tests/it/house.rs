//! The house as a whole: floors, sources, lists, lints and the map. What the rooms do is tested elsewhere.
//!
//! Every check is a function from what it read to the list of what is wrong, so that a test beside it
//! can hand it something broken and see it fail.

mod floors;
mod lints;
mod listings;
mod map;
mod sources;

use std::path::{Path, PathBuf};
use std::process::Command;

/// A file of the repository.
struct File {
    /// Path from the root of the repository, with forward slashes.
    path: String,
    text: String,
}

impl File {
    fn new(path: &str, text: &str) -> Self {
        File {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    fn is_rust(&self) -> bool {
        self.path.ends_with(".rs") && (self.path.starts_with("crates/") || self.path.starts_with("bench/"))
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("the crate lies two folders deep")
        .to_owned()
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path))
        .unwrap_or_else(|error| panic!("`{path}` is not readable: {error}"))
}

/// Every file that git tracks, or would track if it were added now.
fn files() -> Vec<File> {
    let listing = Command::new("git")
        .args([
            "-c",
            "safe.directory=*",
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .current_dir(root())
        .output()
        .expect("git is installed");
    assert!(
        listing.status.success(),
        "git lists no files: {}",
        String::from_utf8_lossy(&listing.stderr)
    );
    let names = String::from_utf8(listing.stdout).expect("file names are UTF-8");
    let mut found: Vec<File> = names.split_terminator('\0').filter_map(file).collect();
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found.dedup_by(|one, other| one.path == other.path);
    found
}

/// A file that was deleted but is still tracked is none.
fn file(path: &str) -> Option<File> {
    let bytes = std::fs::read(root().join(path)).ok()?;
    Some(File {
        path: path.to_owned(),
        text: String::from_utf8_lossy(&bytes).into_owned(),
    })
}

fn assert_none(wrong: &[String]) {
    assert!(
        wrong.is_empty(),
        "{} wrong:\n  {}",
        wrong.len(),
        wrong.join("\n  ")
    );
}
