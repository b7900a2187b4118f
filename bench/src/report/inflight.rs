//! In flight: many running tasks parked on one node, over a real database and a scripted upstream in this process. What a
//! parked task costs, how late its looks come, whether a look that changes nothing writes anything, and how soon tasks are
//! seen that all end at one moment.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use clap::Args;
use domain::price::Multipliers;
use domain::provider::Account;
use domain::{Clock, PriceBook};
use engine::tally::Reading;
use engine::{Engine, Parts, ServeRule, Settings};
use reelway::wiring::{chance::SystemIds, clock::SystemClock};
use rusqlite::Connection;
use testkit::scribe::PlainScribe;
use testkit::transport::ScriptedTransport;
use tokio_util::sync::CancellationToken;

use super::page::{Page, Target};
use crate::scratch::Scratch;
use crate::stopwatch::{Stopwatch, cpu_time};

mod crowd;
mod upstream;

use upstream::{Manner, Upstream};

/// Parked tasks, looks a second, and how long they are watched.
const PARKED: usize = 100_000;
const PARKED_INTERVAL_MS: u64 = 10_000;
const WATCHED: Duration = Duration::from_secs(30);
/// Longest time to take all of them up.
const ADOPTION_LIMIT: Duration = Duration::from_secs(120);
/// Bytes of tasks that the store keeps in memory: so few that a parked task is not among them.
const CACHE_BYTES: u64 = 1024 * 1024;
/// Tasks that end at one moment.
const TOGETHER: usize = 1_000;
const TOGETHER_INTERVAL_MS: u64 = 5_000;
/// When they end, after the belts begin to turn.
const TOGETHER_END: Duration = Duration::from_secs(12);
/// Longest time for all of them to be kept.
const TOGETHER_LIMIT: Duration = Duration::from_secs(60);
/// Pause between two looks at how far the belts are.
const PAUSE: Duration = Duration::from_millis(100);

const TARGET_BYTES: f64 = 1_024.0;
const TARGET_LOOKS: f64 = 10_000.0;
const TARGET_LATE_MS: f64 = 250.0;
const TARGET_DETECTED_MS: f64 = 5_250.0;

/// What `bench inflight` is asked for.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  bench inflight\n  bench inflight --tasks 10000")]
pub(crate) struct Options {
    /// Park so many tasks.
    #[arg(long, default_value_t = PARKED)]
    tasks: usize,
    /// Put the databases here, and keep them.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

/// Measures and prints.
///
/// # Errors
/// When something cannot be measured.
pub(crate) async fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let scratch = Scratch::open(options.keep.as_deref())?;
    let mut page = Page::default();
    measure(&mut page, options.tasks, scratch.path()).await?;
    println!("{}", page.markdown());
    Ok(ExitCode::SUCCESS)
}

/// Parks tasks, watches them, and lets others end at one moment.
///
/// # Errors
/// When something cannot be measured.
pub(crate) async fn measure(page: &mut Page, tasks: usize, scratch: &Path) -> anyhow::Result<()> {
    page.section("In flight");
    parked(page, tasks, scratch).await.context("parked tasks")?;
    together(page, scratch).await.context("tasks that end together")
}

/// A house with nothing but belts, at one account of the scripted upstream.
struct Belts {
    engine: Arc<Engine>,
    upstream: Arc<Upstream>,
    database: PathBuf,
    slots: usize,
}

impl Belts {
    /// Over a database in which so many tasks run.
    async fn with_running(folder: &Path, tasks: usize, manner: Manner) -> anyhow::Result<Belts> {
        std::fs::create_dir_all(folder)?;
        let database = folder.join("reelway.db");
        let store = store::open(store::Options {
            url: format!("sqlite:{}", database.display()),
            cache_bytes: CACHE_BYTES,
            lock: store::Lock::Exclusive,
        });
        let store = store.await?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        crowd::running(&store, &*clock, tasks).await?;
        crowd::warm(&store, &*clock, tasks).await?;
        let upstream = Arc::new(Upstream::new(manner));
        let account = Account {
            name: crowd::ACCOUNT.to_owned(),
            provider: "scripted".to_owned(),
            slots: u32::try_from(tasks)?,
            ..Account::default()
        };
        let blobs = blobs::open(&format!("file:{}", folder.join("blobs").display())).await?;
        let engine = Engine::new(Parts {
            store,
            blobs,
            transport: Arc::new(ScriptedTransport::default()),
            scribe: Arc::new(PlainScribe),
            clock,
            ids: Arc::new(SystemIds),
            publish: None,
            accounts: vec![(account, Arc::clone(&upstream) as _)],
            book: PriceBook {
                version: "none".to_owned(),
                multipliers: Multipliers::default(),
                rows: Vec::new(),
            },
            settings: Settings {
                animatic_serve: ServeRule::Never,
                ..Settings::default()
            },
        });
        Ok(Belts {
            engine,
            upstream,
            database,
            slots: tasks,
        })
    }

    /// How late looks came so far.
    fn lateness(&self) -> Reading {
        self.engine.tally().look_lateness_ms.read()
    }

    /// Waits until every task is parked.
    async fn all_taken_up(&self) -> anyhow::Result<Duration> {
        let watch = Stopwatch::start();
        while self
            .engine
            .standing(crowd::ACCOUNT)
            .is_none_or(|standing| standing.in_flight < self.slots)
        {
            ensure!(watch.elapsed() < ADOPTION_LIMIT, "not all tasks were taken up");
            tokio::time::sleep(PAUSE).await;
        }
        Ok(watch.elapsed())
    }

    /// How often rows of tasks have been written, all together.
    fn writes(&self) -> anyhow::Result<i64> {
        let conn = Connection::open(&self.database)?;
        Ok(conn.query_row("SELECT sum(version) FROM tasks", [], |row| row.get(0))?)
    }
}

async fn parked(page: &mut Page, tasks: usize, scratch: &Path) -> anyhow::Result<()> {
    let manner = Manner {
        interval_ms: PARKED_INTERVAL_MS,
        ends_after: None,
    };
    let belts = Belts::with_running(&scratch.join("parked"), tasks, manner).await?;
    let before = resident_bytes()?;
    let stop = CancellationToken::new();
    let turning = tokio::spawn(Arc::clone(&belts.engine).run(stop.clone()));
    let taken_up = belts.all_taken_up().await?;
    // A whole round of looks, so that everything that a look needs has been needed once.
    tokio::time::sleep(Duration::from_millis(PARKED_INTERVAL_MS)).await;
    let after = resident_bytes()?;
    let (writes, lateness) = (belts.writes()?, belts.lateness());
    let (counts, cpu, watch) = (belts.upstream.counts(), cpu_time(), Stopwatch::start());
    tokio::time::sleep(WATCHED).await;
    let seconds = watch.elapsed().as_secs_f64();
    let cpu = (cpu_time() - cpu).as_secs_f64();
    let looks = belts.upstream.counts().since(counts);
    let late = percentile_99(&lateness, &belts.lateness());
    let writes = belts.writes()? - writes;
    stop.cancel();
    turning.await?;

    let a_second = looks.jobs as f64 / seconds;
    let bytes = (after - before) as f64 / tasks as f64;
    page.line(format!(
        "{tasks} running tasks on one node, SQLite, looked at every {PARKED_INTERVAL_MS} ms by batches of up to {}; \
         each call takes {} ms; taken up in {:.1} s after the start",
        upstream::BATCH,
        upstream::CALL_MS,
        taken_up.as_secs_f64()
    ));
    page.line(format!(
        "watched for {seconds:.0} s: {} looks in {} calls ({:.1} a call), {:.2} cores busy; {writes} rows written",
        looks.jobs,
        looks.calls,
        looks.jobs as f64 / looks.calls.max(1) as f64,
        cpu / seconds
    ));
    let what = |what: &str| format!("{what}, {tasks} tasks parked");
    page.result(
        what("memory a parked task"),
        (bytes, "B"),
        "–",
        Target::AtMost(TARGET_BYTES),
    );
    let target = TARGET_LOOKS * tasks as f64 / PARKED as f64;
    page.result(
        what("looks a second"),
        (a_second, ""),
        "–",
        Target::AtLeast(target),
    );
    page.result(
        what("lateness of looks p99"),
        (late, "ms"),
        "–",
        Target::AtMost(TARGET_LATE_MS),
    );
    page.result(
        what("rows written by looks that saw no change"),
        (writes as f64, ""),
        "–",
        Target::AtMost(0.0),
    );
    Ok(())
}

async fn together(page: &mut Page, scratch: &Path) -> anyhow::Result<()> {
    let manner = Manner {
        interval_ms: TOGETHER_INTERVAL_MS,
        ends_after: Some(TOGETHER_END),
    };
    let belts = Belts::with_running(&scratch.join("together"), TOGETHER, manner).await?;
    belts.upstream.begin();
    let stop = CancellationToken::new();
    let turning = tokio::spawn(Arc::clone(&belts.engine).run(stop.clone()));
    let watch = Stopwatch::start();
    while belts
        .engine
        .store()
        .census()
        .await?
        .iter()
        .any(|(_, waiting)| *waiting > 0)
    {
        let limit = TOGETHER_END + TOGETHER_LIMIT;
        ensure!(watch.elapsed() < limit, "not all tasks were kept");
        tokio::time::sleep(PAUSE).await;
    }
    let kept = watch.elapsed().saturating_sub(TOGETHER_END);
    stop.cancel();
    turning.await?;
    let seen = belts.upstream.seen_after();
    let worst = seen.last().context("no task was seen to its end")?.as_secs_f64() * 1_000.0;
    page.line(format!(
        "{TOGETHER} tasks on one account, looked at every {TOGETHER_INTERVAL_MS} ms, all end at one moment: seen after \
         {:.0} ms (p50) to {worst:.0} ms (the last); all kept and charged after {:.1} s",
        seen[seen.len() / 2].as_secs_f64() * 1_000.0,
        kept.as_secs_f64()
    ));
    page.result(
        format!("the last of {TOGETHER} tasks that end at one moment is seen after"),
        (worst, "ms"),
        "–",
        Target::AtMost(TARGET_DETECTED_MS),
    );
    Ok(())
}

/// The bound below which 99 of 100 of the looks between two readings came late; no number where there was no look.
fn percentile_99(before: &Reading, after: &Reading) -> f64 {
    let counts = after.counts.iter().zip(&before.counts);
    let counts: Vec<u64> = counts.map(|(after, before)| after - before).collect();
    let all: u64 = counts.iter().sum();
    if all == 0 {
        return f64::NAN;
    }
    let mut sum = 0;
    for (count, bound) in counts.iter().zip(after.bounds) {
        sum += count;
        if sum * 100 >= all * 99 {
            return *bound as f64;
        }
    }
    f64::INFINITY
}

/// Memory of this process that is in use.
fn resident_bytes() -> anyhow::Result<i64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.context("the kernel does not tell the memory")?;
    let kibibytes: i64 = kibibytes.trim().trim_end_matches(" kB").parse()?;
    Ok(kibibytes * 1_024)
}

#[cfg(test)]
mod tests {
    use engine::tally::Reading;

    use super::percentile_99;

    fn reading(counts: [u64; 3]) -> Reading {
        Reading {
            bounds: &[5, 250],
            counts: counts.to_vec(),
            sum: 0,
        }
    }

    #[test]
    fn the_percentile_is_a_bound_and_without_looks_there_is_none() {
        let none = reading([7, 0, 0]);
        assert!(percentile_99(&none, &none).is_nan());
        assert_eq!(percentile_99(&none, &reading([106, 1, 0])), 5.0);
        assert_eq!(percentile_99(&none, &reading([105, 2, 0])), 250.0);
        assert_eq!(percentile_99(&none, &reading([7, 98, 2])), f64::INFINITY);
    }
}
