//! What the report was measured on: cores, memory, kernel, disk, compiler, and what else the machine was doing.

use std::path::Path;

use super::effort::Effort;
use super::page::Page;
use crate::stopwatch;

/// Says what machine this is and how much is measured.
///
/// # Errors
/// When the machine does not tell.
pub(crate) fn describe(page: &mut Page, scratch: &Path, effort: &Effort) -> anyhow::Result<()> {
    let cores = std::thread::available_parallelism()?;
    let processor = value_of("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".to_owned());
    let memory = value_of("/proc/meminfo", "MemTotal").unwrap_or_else(|| "unknown".to_owned());
    page.machine(format!(
        "{} run of {}; gateway, load and everything else share the cores",
        effort.name,
        stopwatch::today()
    ));
    page.machine(format!("{cores} cores ({processor}), memory {memory}"));
    page.machine(format!(
        "Linux {}, file system of the databases: {}",
        first_words("/proc/sys/kernel/osrelease", 1),
        file_system(scratch).unwrap_or_else(|| "unknown".to_owned())
    ));
    let profile = if cfg!(debug_assertions) {
        "debug: the figures mean nothing"
    } else {
        "release"
    };
    page.machine(format!(
        "{}, {profile}; nasm when it was built: {}",
        env!("BENCH_RUSTC"),
        env!("BENCH_NASM")
    ));
    page.machine(format!("load average before: {}", load()));
    Ok(())
}

/// Says what the machine was doing at the end.
///
/// # Errors
/// When the machine does not tell.
pub(crate) fn load_after(page: &mut Page) -> anyhow::Result<()> {
    page.machine(format!("load average after: {}", load()));
    Ok(())
}

fn load() -> String {
    first_words("/proc/loadavg", 3)
}

fn first_words(file: &str, count: usize) -> String {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let words: Vec<&str> = text.split_whitespace().take(count).collect();
    if words.is_empty() {
        "unknown".to_owned()
    } else {
        words.join(" ")
    }
}

/// The first value under a name, in a file of `name: value` lines.
pub(crate) fn value_of(file: &str, name: &str) -> Option<String> {
    let text = std::fs::read_to_string(file).ok()?;
    let mut pairs = text.lines().filter_map(|line| line.split_once(':'));
    let (_, value) = pairs.find(|(known, _)| known.trim() == name)?;
    Some(value.trim().to_owned())
}

/// The kind of file system that a folder is on: the mount whose path is the longest part of its own.
fn file_system(folder: &Path) -> Option<String> {
    let folder = folder.canonicalize().ok()?;
    let mounts = std::fs::read_to_string("/proc/self/mounts").ok()?;
    let mounts = mounts.lines().filter_map(|line| {
        let mut words = line.split_whitespace().skip(1);
        Some((words.next()?.to_owned(), words.next()?.to_owned()))
    });
    let over = mounts.filter(|(point, _)| folder.starts_with(point));
    over.max_by_key(|(point, _)| point.len()).map(|(_, kind)| kind)
}
