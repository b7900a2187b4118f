//! What commands print on stdout: lines, tables, JSON. A reader that goes away early is no failure.

use std::io::{ErrorKind, Write as _};

use anyhow::Context as _;
use serde::Serialize;

/// Prints one line.
pub(super) fn line(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error).context("nothing can be printed"),
        _ => Ok(()),
    }
}

/// Prints a record as JSON.
pub(super) fn json(record: &impl Serialize) -> anyhow::Result<()> {
    let text = serde_json::to_string_pretty(record).context("the record cannot be printed")?;
    line(&text)
}

/// Prints rows under headings, in columns as wide as they need to be.
pub(super) fn table<const N: usize>(headings: [&str; N], rows: &[[String; N]]) -> anyhow::Result<()> {
    let mut widths = headings.map(|heading| heading.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let write = |cells: &[String; N]| {
        let padded = cells
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:width$}"));
        line(padded.collect::<Vec<_>>().join("  ").trim_end())
    };
    write(&headings.map(str::to_owned))?;
    rows.iter().try_for_each(write)
}
