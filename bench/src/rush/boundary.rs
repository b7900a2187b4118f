//! Every limit in every dialect, met exactly: a holder is brought to its limit by wishes that alternate between two
//! processes, the next one must be refused at each of them as it is documented, and a change that is made at one must
//! be in force at the other within a second. One process is asked twice where there is only one. How each limit is
//! played is below; what a dialect says is in `dialects.rs`.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use domain::Millis;
use domain::limits::{Holder, Limit, ms_to_next_day};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use self::cell::{Cell, Tally};
use super::counted;
use super::dialects::{self, Dialect, Way};
use super::stalls::Stalls;
use crate::stopwatch::{Stopwatch, now_ms};

mod cell;
mod money;
mod pace;
mod places;
mod standing;

/// A change is in force at every process within this time.
const SEEN_WITHIN: Duration = Duration::from_secs(1);
/// How many holders are played at the same time: two limits in every dialect.
const AT_ONCE: usize = 14;
/// Faults of one limit that are shown.
const SHOWN: usize = 5;
/// So near to midnight (UTC) the limits wait for the next day: a budget a day begins anew then.
const NEAR_MIDNIGHT: Duration = Duration::from_secs(60);

/// What stands in the way.
#[derive(Clone, Copy)]
enum Play {
    /// A budget that is used up: over all time or of a day.
    Budget(Limit),
    TaskBudget,
    Places,
    Pace,
    /// A term that wishes meet or do not.
    Standing(Way),
}

/// Every limit, and whose it is.
const LIMITS: [(&str, Holder, Play); 14] = [
    ("budget", Holder::Key, Play::Budget(Limit::Budget)),
    ("budget", Holder::Tenant, Play::Budget(Limit::Budget)),
    ("budget a day", Holder::Key, Play::Budget(Limit::DayBudget)),
    ("budget a day", Holder::Tenant, Play::Budget(Limit::DayBudget)),
    ("budget a task", Holder::Key, Play::TaskBudget),
    ("budget a task", Holder::Tenant, Play::TaskBudget),
    ("concurrent tasks", Holder::Key, Play::Places),
    ("concurrent tasks", Holder::Tenant, Play::Places),
    ("requests a minute", Holder::Key, Play::Pace),
    ("requests a minute", Holder::Tenant, Play::Pace),
    ("models", Holder::Key, Play::Standing(Way::Scope)),
    ("networks", Holder::Key, Play::Standing(Way::Network)),
    ("suspension", Holder::Tenant, Play::Standing(Way::Suspended)),
    ("revocation", Holder::Key, Play::Standing(Way::Revoked)),
];

/// Plays every limit in every dialect at two addresses, which may be the same; how much was wrong.
///
/// # Errors
/// When a gateway does not answer.
pub(super) async fn all(at: [SocketAddr; 2], folder: &Path) -> anyhow::Result<usize> {
    past_midnight().await;
    let stalls = Stalls::watch(folder.join("beat"))?;
    let began = Stopwatch::start();
    let count = dialects::ALL.len();
    let plays = (0..LIMITS.len() * count).map(|number| {
        let (limit, dialect) = (number / count, &dialects::ALL[number % count]);
        play(limit, dialect, at, &stalls)
    });
    let tallies: Vec<Tally> = stream::iter(plays).buffered(AT_ONCE).try_collect().await?;
    let where_at = counted(if at[0] == at[1] { 1 } else { 2 });
    let mut sum = Tally::default();
    for ((name, holder, _), tallies) in LIMITS.iter().zip(tallies.chunks(count)) {
        let mut tally = Tally::default();
        tallies.iter().for_each(|one| tally.add(one));
        println!("{where_at}, {name} of a {}: {tally}", holder.word());
        for fault in tally.faults.iter().take(SHOWN) {
            println!("  {fault}");
        }
        sum.add(&tally);
    }
    println!(
        "{where_at}, {} limits in {count} dialects in {:.1} s: {sum}; the machine stood still for {} ms at most",
        LIMITS.len(),
        began.elapsed().as_secs_f64(),
        stalls.longest_since(began).as_millis()
    );
    Ok(sum.faults.len())
}

async fn play(
    limit: usize,
    dialect: &'static Dialect,
    at: [SocketAddr; 2],
    stalls: &Stalls,
) -> anyhow::Result<Tally> {
    let (_, holder, play) = LIMITS[limit];
    let name = format!("limit-{limit}-{}", dialect.name);
    let mut cell = Cell::new(dialect, at, (name, holder));
    match play {
        Play::Budget(limit) => money::budget(&mut cell, limit).await?,
        Play::TaskBudget => money::task_budget(&mut cell).await?,
        Play::Places => places::play(&mut cell).await?,
        Play::Pace => pace::play(&mut cell, stalls).await?,
        Play::Standing(way) => standing::play(&mut cell, way).await?,
    }
    Ok(cell.tally)
}

/// Waits until midnight has passed, where it is near.
async fn past_midnight() {
    let left_ms = u64::try_from(ms_to_next_day(Millis(now_ms()))).unwrap_or(u64::MAX);
    let left = Duration::from_millis(left_ms);
    if left < NEAR_MIDNIGHT {
        println!("the limits wait {} s for midnight to pass", left.as_secs());
        tokio::time::sleep(left).await;
    }
}
