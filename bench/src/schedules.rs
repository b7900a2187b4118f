//! Random schedules of everything that moves money, one step at a time, with every law of the books checked after
//! every step: the ledger's own proof, and a second set of books that is kept here and knows nothing of the
//! first. The moments inside a step are `simulate`'s.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;

mod books;
pub(crate) mod house;
mod moods;
mod operator;
mod play;
mod sums;

use play::{Played, play};

use crate::stopwatch::Stopwatch;

/// Where databases lie, if it is there: in memory.
const MEMORY: &str = "/dev/shm";
/// Steps of one schedule: each is checked against all that happened before it in the same schedule.
const STEPS_A_SCHEDULE: u32 = 250;
/// Lines of a failed schedule's history that are shown.
const LINES_SHOWN: usize = 40;
/// Schedules between two lines of progress.
const PROGRESS: u64 = 40;

/// What `bench schedules` is asked for.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  bench schedules --steps 100000\n  bench schedules --seed 42\n  bench schedules --steps 5000 --from 1000"
)]
pub(crate) struct Options {
    /// Steps to make in all, over as many schedules as that takes.
    #[arg(long, default_value_t = 100_000)]
    steps: u64,
    /// The seed of the first schedule; each next one has the next.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// Play the schedule of this seed alone, and show its history.
    #[arg(long)]
    seed: Option<u64>,
}

/// Plays schedules. The exit status is 1 when any law was broken.
///
/// # Errors
/// When the schedules cannot be played at all.
pub(crate) fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let scratch = scratch()?;
    if let Some(seed) = options.seed {
        let played = one(seed, scratch.path())?;
        show(seed, &played, usize::MAX);
        return Ok(status(played.breaches.is_empty()));
    }
    let began = Stopwatch::start();
    let (mut steps, mut schedules, mut seed) = (0, 0, options.from);
    let mut sums = sums::Sums::default();
    let mut failed = Vec::new();
    while steps < options.steps {
        let played = one(seed, scratch.path())?;
        steps += u64::from(played.steps);
        schedules += 1;
        sums.add(&played.sums);
        if !played.breaches.is_empty() {
            show(seed, &played, LINES_SHOWN);
            failed.push(seed);
        }
        if schedules % PROGRESS == 0 {
            println!("{steps} steps, {:.0} s", began.elapsed().as_secs_f64());
        }
        seed = seed.wrapping_add(1);
    }
    println!(
        "{steps} steps in {schedules} schedules, {:.1} s; {sums}; {} failed",
        began.elapsed().as_secs_f64(),
        failed.len()
    );
    Ok(status(failed.is_empty()))
}

fn status(is_good: bool) -> ExitCode {
    if is_good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn show(seed: u64, played: &Played, most: usize) {
    let skipped = played.history.len().saturating_sub(most);
    println!("seed {seed}, {} steps, {}", played.steps, played.sums);
    if skipped > 0 {
        println!("  … {skipped} lines before");
    }
    for line in &played.history[skipped..] {
        println!("  {line}");
    }
    for breach in &played.breaches {
        println!("BROKEN: {breach}");
    }
    println!("again: cargo run --release -p bench -- schedules --seed {seed}");
}

/// Plays one schedule in a folder of its own.
fn one(seed: u64, folder: &Path) -> anyhow::Result<Played> {
    let place = tempfile::tempdir_in(folder).context("there is no place for a schedule")?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    runtime.block_on(play(seed, place.path(), STEPS_A_SCHEDULE))
}

fn scratch() -> anyhow::Result<tempfile::TempDir> {
    let memory = PathBuf::from(MEMORY);
    let made = match memory.is_dir() {
        true => tempfile::tempdir_in(memory),
        false => tempfile::tempdir(),
    };
    made.context("there is no place for the databases")
}
