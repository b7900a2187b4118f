//! Unfinished tasks: as many as there are places, and one more for each that is cancelled, wherever that is.

use domain::limits::Limit;

use super::cell::Cell;

/// Unfinished tasks at a time.
const MOST: i64 = 3;

/// Fills the places, frees one at the other process than the task came in at, and makes room for one more.
pub(super) async fn play(cell: &mut Cell) -> anyhow::Result<()> {
    let limit = Limit::ConcurrentTasks;
    cell.found(limit, MOST).await?;
    let first = cell.take(0).await?;
    let second = cell.take(1).await?;
    cell.take(0).await?;
    let full = cell.way(limit, MOST, 0);
    cell.refuse(&full).await?;
    for (task, process) in [(first, 0), (second, 1)] {
        cell.cancel(1 - process, &task).await?;
        cell.take(process).await?;
        cell.refuse(&full).await?;
    }
    let since = cell.set(0, limit, MOST + 1).await?;
    cell.until_taken(1, since, &full).await?;
    let full = cell.way(limit, MOST + 1, 0);
    cell.refuse(&full).await
}
