//! The seeded simulation: the real engine with the real provider over a real database, with everything around
//! them failing as a seed says, on a clock that is moved by hand. A seed plays the same run again.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use parking_lot::Mutex;
use store::Lock;

mod clients;
mod clock;
mod laws;
mod outbox;
mod plan;
mod play;
mod process;
mod road;
mod sabotage;
mod shaky;
mod vendor;
mod warehouse;
mod wire;
mod world;

use plan::Plan;
use play::{Played, play};
use sabotage::Sabotage;

use crate::stopwatch::Stopwatch;

/// Bytes of rows that the read cache of a run may hold.
const CACHE_BYTES: u64 = 4 * 1024 * 1024;
/// Where databases lie, if it is there: in memory.
const MEMORY: &str = "/dev/shm";
/// Most failures that are shown.
const FAILURES_SHOWN: usize = 10;
/// Lines of a failed run's history that are shown, unless all are asked for.
const LINES_SHOWN: usize = 60;
/// Seeds between two lines of progress.
const PROGRESS_SEEDS: u64 = 500;

/// What `bench simulate` is asked for.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  bench simulate --seeds 300\n  bench simulate --seed 42 --history\n  bench simulate --seeds 1000 --sabotage believe-absent-at-once"
)]
pub(crate) struct Options {
    /// Seeds to play, one after the other.
    #[arg(long, default_value_t = 300)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// Play this seed alone, twice, and compare.
    #[arg(long)]
    seed: Option<u64>,
    /// Show the whole history of the seed, or of what failed.
    #[arg(long)]
    history: bool,
    /// Runs side by side, each on a thread of its own.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    threads: u16,
    /// Break a rule on purpose: then a run must fail, and the first seed that finds it ends all.
    #[arg(long, value_enum)]
    sabotage: Option<Sabotage>,
}

/// Sums over all runs.
#[derive(Default)]
struct Totals {
    runs: u64,
    tasks: u64,
    jobs: u64,
    steps: u64,
    slowest: Duration,
    failed: Vec<u64>,
}

thread_local! {
    /// Panics on this thread: a step that panics is caught by the engine, and is a broken promise all the same.
    static PANICS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Plays seeds. The exit status is 1 when any promise was broken, or when sabotage was not found.
///
/// # Errors
/// When the simulation itself cannot work.
pub(crate) fn run(options: &Options) -> anyhow::Result<ExitCode> {
    std::panic::set_hook(Box::new(|panic| {
        PANICS.with_borrow_mut(|panics| panics.push(panic.to_string()));
    }));
    let scratch = scratch()?;
    let template = scratch.path().join("template.db");
    migrate(&template)?;
    if let Some(seed) = options.seed {
        return alone(seed, options, scratch.path());
    }
    let began = Stopwatch::start();
    let (next, totals) = (AtomicU64::new(0), Mutex::new(Totals::default()));
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..options.threads)
            .map(|number| {
                let (next, totals, folder) = (&next, &totals, scratch.path());
                scope.spawn(move || work(options, folder, number, next, totals, began))
            })
            .collect();
        let done = workers.into_iter().map(|worker| {
            let joined = worker.join();
            joined.map_err(|_| anyhow::anyhow!("a thread of the simulation panicked"))?
        });
        done.collect::<anyhow::Result<Vec<()>>>()
    })?;
    let totals = totals.into_inner();
    println!(
        "{} seeds in {:.1} s: {} tasks, {} jobs at the vendor, {} steps; slowest seed {} ms; {} failed",
        totals.runs,
        began.elapsed().as_secs_f64(),
        totals.tasks,
        totals.jobs,
        totals.steps,
        totals.slowest.as_millis(),
        totals.failed.len(),
    );
    let is_good = totals.failed.is_empty() == options.sabotage.is_none();
    Ok(if is_good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn work(
    options: &Options,
    folder: &Path,
    number: u16,
    next: &AtomicU64,
    totals: &Mutex<Totals>,
    began: Stopwatch,
) -> anyhow::Result<()> {
    loop {
        let at = next.fetch_add(1, Ordering::SeqCst);
        if at >= options.seeds {
            return Ok(());
        }
        let seed = options.from.wrapping_add(at);
        let played = one(seed, options.sabotage, folder, &format!("run-{number}"))?;
        let mut totals = totals.lock();
        totals.runs += 1;
        totals.tasks += played.tasks as u64;
        totals.jobs += played.jobs as u64;
        totals.steps += u64::from(played.steps);
        totals.slowest = totals.slowest.max(played.took);
        if !played.breaches.is_empty() {
            totals.failed.push(seed);
            if totals.failed.len() <= FAILURES_SHOWN {
                show(seed, &played, options);
            }
            if options.sabotage.is_some() {
                println!("found by seed {seed}, the {}. of this run", totals.runs);
                next.store(options.seeds, Ordering::SeqCst);
            }
        }
        if totals.runs.is_multiple_of(PROGRESS_SEEDS) {
            println!("{} seeds, {:.0} s", totals.runs, began.elapsed().as_secs_f64());
        }
    }
}

/// One seed, with all that it does; played twice, to see that it plays the same.
fn alone(seed: u64, options: &Options, folder: &Path) -> anyhow::Result<ExitCode> {
    let first = one(seed, options.sabotage, folder, "first")?;
    let second = one(seed, options.sabotage, folder, "second")?;
    if options.history || !first.breaches.is_empty() {
        show(seed, &first, options);
    }
    println!(
        "seed {seed}: {} tasks, {} steps, {} ms",
        first.tasks,
        first.steps,
        first.took.as_millis()
    );
    if let Some(at) = first
        .history
        .iter()
        .zip(&second.history)
        .position(|(one, other)| one != other)
    {
        println!(
            "the second run went another way:\n  {}\n  {}",
            first.history[at], second.history[at]
        );
        return Ok(ExitCode::FAILURE);
    }
    let is_good = first.breaches.is_empty() == options.sabotage.is_none();
    Ok(if is_good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn show(seed: u64, played: &Played, options: &Options) {
    let skipped = match options.history {
        true => 0,
        false => played.history.len().saturating_sub(LINES_SHOWN),
    };
    println!("seed {seed}: {:?}", Plan::draw(seed));
    if skipped > 0 {
        println!("  … {skipped} lines before; --history shows them");
    }
    for line in &played.history[skipped..] {
        println!("  {line}");
    }
    for breach in &played.breaches {
        println!("BROKEN: {breach}");
    }
    let sabotage = options
        .sabotage
        .map_or_else(String::new, |sabotage| format!(" --sabotage {}", word(sabotage)));
    println!("again: cargo run --release -p bench -- simulate --seed {seed}{sabotage} --history");
}

fn word(sabotage: Sabotage) -> String {
    use clap::ValueEnum as _;
    let value = sabotage.to_possible_value();
    value.map_or_else(String::new, |value| value.get_name().to_owned())
}

/// Plays one seed over a fresh copy of the empty database.
fn one(seed: u64, sabotage: Option<Sabotage>, folder: &Path, name: &str) -> anyhow::Result<Played> {
    let path = folder.join(format!("{name}.db"));
    std::fs::copy(folder.join("template.db"), &path).context("the empty database cannot be copied")?;
    PANICS.with_borrow_mut(Vec::clear);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    let mut played = runtime.block_on(async {
        let store = store::open(options(&path)).await?;
        anyhow::Ok(play(Plan::draw(seed), sabotage, store).await)
    })?;
    drop(runtime);
    let panics = PANICS.with_borrow_mut(std::mem::take);
    played.breaches.extend(panics);
    for suffix in ["", "-wal", "-shm", ".lock"] {
        drop(std::fs::remove_file(folder.join(format!("{name}.db{suffix}"))));
    }
    Ok(played)
}

fn options(path: &Path) -> store::Options {
    store::Options {
        url: format!("sqlite:{}", path.display()),
        cache_bytes: CACHE_BYTES,
        lock: Lock::Exclusive,
    }
}

/// Makes the empty database that every run begins with.
fn migrate(path: &Path) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let opened = runtime.block_on(store::open(options(path)));
    drop(opened.context("the empty database cannot be made")?);
    Ok(())
}

fn scratch() -> anyhow::Result<tempfile::TempDir> {
    let memory = PathBuf::from(MEMORY);
    let made = match memory.is_dir() {
        true => tempfile::tempdir_in(memory),
        false => tempfile::tempdir(),
    };
    made.context("there is no place for the databases")
}
