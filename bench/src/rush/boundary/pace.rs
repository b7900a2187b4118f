//! Requests a minute: what two processes let through together, once they have heard of each other.

use std::time::Duration;

use domain::limits::Limit;

use super::cell::{Cell, Look, task_of};
use super::{SEEN_WITHIN, Stalls};
use crate::rush::dialects::Way;
use crate::stopwatch::Stopwatch;
use crate::wire::Reply;

/// Requests a minute.
const MOST: u64 = 6;
/// How long it takes until a request comes back.
const ONE_BACK_EVERY: Duration = Duration::from_secs(60 / MOST);
/// What the limit is changed to.
const CHANGED: i64 = 60;
/// The limit that is in force, as every answer says it.
const IN_FORCE: &str = "x-ratelimit-limit-requests";

/// What a holder was let through.
struct Count {
    since: Stopwatch,
    through: u64,
}

impl Count {
    /// The most that may have been let through by now: what a minute has, and what came back since the first.
    fn most(&self) -> u64 {
        MOST + self.since.elapsed().as_secs() / ONE_BACK_EVERY.as_secs()
    }
}

/// Uses some at each process and waits a second: then one lets through what is left and the other nothing, but for
/// what came back. Then the limit changes.
pub(super) async fn play(cell: &mut Cell, stalls: &Stalls) -> anyhow::Result<()> {
    let limit = Limit::RequestsPerMinute;
    let most = i64::try_from(MOST)?;
    cell.found(limit, most).await?;
    let way = cell.way(limit, most, 0);
    let since = Stopwatch::start();
    for process in [0, 0, 0, 1] {
        cell.take(process).await?;
    }
    let mut count = Count { since, through: 4 };
    heard(stalls).await;
    use_up(cell, (1, &way), &mut count).await?;
    if count.through < MOST {
        let what = format!("{} of {MOST} requests let through", count.through);
        cell.wrong(1, &what);
    }
    // One after the other, so that what came back is not let through by both.
    for process in [0, 1] {
        heard(stalls).await;
        use_up(cell, (process, &way), &mut count).await?;
    }
    let since = cell.set(0, limit, CHANGED).await?;
    cell.until(1, since, &seen).await?;
    cell.took();
    Ok(())
}

/// Waits until every process has heard of the others: a second, and longer where the machine stood still.
async fn heard(stalls: &Stalls) {
    let since = Stopwatch::start();
    loop {
        let stalled = stalls.longest_since(since);
        let enough = SEEN_WITHIN + stalled * 2;
        let left = enough.saturating_sub(since.elapsed());
        if left.is_zero() {
            return;
        }
        tokio::time::sleep(left).await;
    }
}

/// Submits at a process until it refuses; more than there is must not be let through meanwhile.
async fn use_up(cell: &mut Cell, (process, way): (usize, &Way), count: &mut Count) -> anyhow::Result<()> {
    loop {
        let reply = cell.submit(process).await?;
        if task_of(&reply).is_none() {
            cell.judge(process, way, &reply);
            return Ok(());
        }
        cell.took();
        count.through += 1;
        let (through, most) = (count.through, count.most());
        if through > most {
            let seconds = count.since.elapsed().as_secs_f64();
            let what = format!("{through} requests let through in {seconds:.1} s, where {most} may be");
            cell.wrong(process, &what);
            return Ok(());
        }
    }
}

fn seen(reply: &Reply) -> Look {
    let said = reply.headers.get(IN_FORCE).and_then(|value| value.to_str().ok());
    match said.and_then(|said| said.parse().ok()) {
        Some(CHANGED) if task_of(reply).is_some() => Look::New,
        Some(said) if said == i64::try_from(MOST).unwrap_or(0) => Look::Old,
        _ => Look::Wrong(format!("`{IN_FORCE}` is {said:?}: {}", reply.excerpt())),
    }
}
