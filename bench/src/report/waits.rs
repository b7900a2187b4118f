//! Waiting clients, as rows of the report: what one that waits for a change costs beside one that is only connected.

use std::path::Path;

use super::effort::Effort;
use super::page::{Page, Target};
use crate::gateway::Binary;
use crate::waiting;

/// A client that waits may cost so many times what its connection costs.
const TARGET_MEMORY: f64 = 2.0;
/// All of them are answered within so long after the change.
const TARGET_ANSWERED_MS: f64 = 1_000.0;

/// Lets clients wait for one task.
///
/// # Errors
/// When one of them is not answered.
pub(crate) async fn measure(
    page: &mut Page,
    effort: &Effort,
    binary: &Binary,
    scratch: &Path,
) -> anyhow::Result<()> {
    let figures = waiting::measure(binary, &scratch.join("waiting"), effort.waiting).await?;
    page.section("Waiting clients");
    page.line(format!(
        "{} clients read one task with `?wait`, each over a connection of its own; then the task is cancelled",
        figures.clients
    ));
    for line in figures.lines() {
        page.line(line);
    }
    page.result(
        "memory of a waiting client",
        (figures.waiting_kb() / figures.connected_kb(), "×"),
        format!("{:.1} kB of an idle connection", figures.connected_kb()),
        Target::AtMost(TARGET_MEMORY),
    );
    page.result(
        format!("{} waiting clients answered after", figures.clients),
        (figures.answered.as_secs_f64() * 1_000.0, "ms"),
        "– (from the change to the last answer)",
        Target::AtMost(TARGET_ANSWERED_MS),
    );
    Ok(())
}
