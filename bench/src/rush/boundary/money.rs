//! Budgets: what reaches one exactly is taken, and one micro-dollar less refuses it.

use domain::limits::Limit;

use super::cell::Cell;
use crate::rush::dialects::COST;

/// Wishes that a budget is for.
const WISHES: i64 = 3;

/// A budget that is used up: one micro-dollar short of the last wish, then enough for it.
pub(super) async fn budget(cell: &mut Cell, limit: Limit) -> anyhow::Result<()> {
    let enough = WISHES * COST;
    cell.found(limit, enough - 1).await?;
    for process in [0, 1] {
        cell.take(process).await?;
    }
    let short = cell.way(limit, enough - 1, COST - 1);
    cell.refuse(&short).await?;
    let since = cell.set(0, limit, enough).await?;
    cell.until_taken(1, since, &short).await?;
    let spent = cell.way(limit, enough, 0);
    cell.refuse(&spent).await
}

/// A budget for each task, which nothing uses up: one micro-dollar short, enough, and short again.
pub(super) async fn task_budget(cell: &mut Cell) -> anyhow::Result<()> {
    let limit = Limit::TaskBudget;
    cell.found(limit, COST - 1).await?;
    let short = cell.way(limit, COST - 1, COST - 1);
    cell.refuse(&short).await?;
    let since = cell.set(0, limit, COST).await?;
    cell.until_taken(1, since, &short).await?;
    for process in [0, 1] {
        cell.take(process).await?;
    }
    let since = cell.set(0, limit, COST - 1).await?;
    cell.until_refused(1, since, &short).await?;
    cell.refuse(&short).await
}
