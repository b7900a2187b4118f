//! The crash harness: rounds of submits under `kill -9`, one line each, and a total. What a round does is in
//! `crash/plan.rs`, where it is played in `crash/place.rs` and how in `crash/round.rs`; what is right and wrong is in
//! `crash/history.rs`.

use std::fmt;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;

use crate::gateway::Binary;
use crate::scratch::Scratch;

pub(crate) mod fleet;
pub(crate) mod history;
mod journal;
mod place;
mod plan;
mod round;
mod trouble;

use history::{Breach, Verdict, check};
use journal::{Heading, Journal, Record};
use place::{Ground, Place};
pub(crate) use plan::Database;
use plan::Plan;

/// Most broken promises that are shown of one round.
const FAULTS_SHOWN: usize = 20;

/// What `bench crash` is asked for.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  bench crash --rounds 300 --state rounds.jsonl\n  bench crash --rounds 300 --database postgres\n  bench crash --rounds 1 --seed 42 --keep kept"
)]
pub(crate) struct Options {
    /// Rounds to play; with --state, those that are missing.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rounds: u32,
    /// Where tasks are kept. The server of `postgres` is the bench's own, and is killed in a third of the rounds.
    #[arg(long, value_enum, default_value_t = Database::Sqlite)]
    database: Database,
    /// Clips that are asked for at once in a round.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=500))]
    tasks: u32,
    /// Kills a round; drawn from the seed when not given.
    #[arg(long, value_parser = clap::value_parser!(u32).range(0..=20))]
    kills: Option<u32>,
    /// Seed of the first round; each further round has the next. Drawn when not given, and printed.
    #[arg(long)]
    seed: Option<u64>,
    /// Play all rounds on one database, instead of a fresh one each.
    #[arg(long)]
    same_data_dir: bool,
    /// Keep databases and logs of all rounds here. Those of a round that fails are kept in any case.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Remember finished rounds in this file, so that a long run can go on after an interruption.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Use this gateway, instead of the one that cargo builds.
    #[arg(long, value_name = "PATH")]
    binary: Option<PathBuf>,
}

/// Plays the rounds. The exit status is 1 when any promise was broken.
///
/// # Errors
/// When the harness itself cannot work.
pub(crate) async fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let mut journal = open_journal(options)?;
    let binary = Binary::find(options.binary.as_deref()).await?;
    let heading = journal.heading.clone();
    println!(
        "{} rounds of {} clips on {}, first seed {}",
        options.rounds, heading.tasks, heading.database, heading.seed
    );
    let ground = Ground::prepare(binary, heading.database == Database::Postgres).await?;
    let scratch = Scratch::open(options.keep.as_deref())?;
    let mut tasks_before = 0;
    for number in journal.missing(options.rounds) {
        let seed = heading.seed.wrapping_add(u64::from(number - 1));
        let plan = Plan::draw(seed, heading.tasks, heading.kills, heading.database);
        let folder = match options.same_data_dir {
            true => scratch.path().join("rounds"),
            false => scratch.path().join(format!("round-{number}-seed-{seed}")),
        };
        let place = ground.place(&folder, seed).await?;
        let seen = round::play(&plan, &place, tasks_before).await;
        let record = Record {
            round: number,
            seed,
            kills: seen.kills,
            troubles: plan
                .troubles
                .iter()
                .map(|(.., trouble)| trouble.to_string())
                .collect(),
            ready_ms: seen.ready_ms,
            final_ms: seen.final_ms,
            verdict: check(&seen.history),
        };
        println!("{record}");
        let faults = &record.verdict.faults;
        for fault in faults.iter().take(FAULTS_SHOWN) {
            println!("  {}: {}", fault.breach, fault.what);
        }
        if !faults.is_empty() {
            println!("  {}", replay(&heading, &record));
        }
        if options.same_data_dir {
            let last = seen.history.books.iter().flatten().last();
            tasks_before = last.map_or(tasks_before, |books| books.finished_tasks + books.open_tasks);
        } else {
            clear(options, &place, &record).await?;
        }
        journal.note(record)?;
    }
    Ok(conclude(&journal, scratch))
}

fn open_journal(options: &Options) -> anyhow::Result<Journal> {
    let heading = |known: Option<u64>| Heading {
        seed: options
            .seed
            .or(known)
            .unwrap_or_else(|| u64::from(fastrand::u32(..))),
        tasks: options.tasks,
        kills: options.kills,
        database: options.database,
        same_data_dir: options.same_data_dir,
    };
    match &options.state {
        Some(path) => Journal::open(path, heading),
        None => Ok(Journal::in_memory(heading(None))),
    }
}

/// Disk space of a good round is given back, unless it is to be kept.
async fn clear(options: &Options, place: &Place, record: &Record) -> anyhow::Result<()> {
    if options.keep.is_some() || !record.verdict.faults.is_empty() {
        return Ok(());
    }
    place.drop_database().await?;
    let folder = &place.dwelling.folder;
    std::fs::remove_dir_all(folder).with_context(|| format!("cannot remove `{}`", folder.display()))
}

fn replay(heading: &Heading, record: &Record) -> String {
    let kills = heading
        .kills
        .map_or(String::new(), |kills| format!(" --kills {kills}"));
    format!(
        "the same round again: bench crash --rounds 1 --database {} --tasks {} --seed {}{kills}",
        heading.database, heading.tasks, record.seed
    )
}

fn conclude(journal: &Journal, scratch: Scratch) -> ExitCode {
    let records = &journal.records;
    let failed = records.iter().filter(|record| !record.verdict.faults.is_empty());
    let failed: Vec<u64> = failed.map(|record| record.seed).collect();
    let tasks = journal.heading.tasks as usize;
    let kills = || records.iter().flat_map(|record| &record.kills);
    let sum = |count: &dyn Fn(&Verdict) -> u64| -> u64 {
        records.iter().map(|record| count(&record.verdict)).sum()
    };
    let breach = |breach| sum(&|verdict| verdict.count(breach) as u64);
    println!(
        "total: {} rounds, {} kills ({} before all were acknowledged, {} at work, {} after the last was final)",
        records.len(),
        kills().count(),
        kills().filter(|kill| kill.acknowledged < tasks).count(),
        kills()
            .filter(|kill| kill.acknowledged == tasks && kill.finished < tasks)
            .count(),
        kills().filter(|kill| kill.finished == tasks).count(),
    );
    let with = |word: &str| {
        let has = |record: &&Record| record.troubles.iter().any(|trouble| trouble.starts_with(word));
        records.iter().filter(has).count()
    };
    println!(
        "total: {} rounds with a process stopped, {} with the database killed",
        with("stopped"),
        with("database")
    );
    println!(
        "total: acknowledged {}, unanswered {}, re-sent {}, requeued {}, files {}, ledger lines {}, jobs at the vendor {}",
        sum(&|verdict| verdict.acknowledged),
        sum(&|verdict| verdict.unanswered),
        sum(&|verdict| verdict.resent),
        sum(&|verdict| verdict.requeued),
        sum(&|verdict| verdict.files),
        sum(&|verdict| verdict.lines),
        sum(&|verdict| verdict.jobs),
    );
    println!(
        "total: lost {}, doubled {}, backward {}, drift {}, other {}",
        breach(Breach::Lost),
        breach(Breach::Doubled),
        breach(Breach::Backward),
        breach(Breach::Drift),
        breach(Breach::Other),
    );
    if failed.is_empty() {
        println!("passed");
        return ExitCode::SUCCESS;
    }
    println!(
        "FAILED: seeds {failed:?}; databases and logs are in {}",
        scratch.keep().display()
    );
    ExitCode::FAILURE
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = &self.verdict;
        write!(
            f,
            "round {} seed {}: acknowledged {}",
            self.round, self.seed, verdict.acknowledged
        )?;
        write!(
            f,
            ", unanswered {}, re-sent {}",
            verdict.unanswered, verdict.resent
        )?;
        write!(f, ", requeued {} · killed at", verdict.requeued)?;
        for kill in &self.kills {
            let (after, acknowledged, finished) = (kill.after_ms, kill.acknowledged, kill.finished);
            write!(f, " {after} ms ({acknowledged} acknowledged, {finished} final)")?;
        }
        for trouble in &self.troubles {
            write!(f, ", {trouble}")?;
        }
        write!(
            f,
            " · ready in {} ms, all final in {} ms",
            self.ready_ms, self.final_ms
        )?;
        for breach in [
            Breach::Lost,
            Breach::Doubled,
            Breach::Backward,
            Breach::Drift,
            Breach::Other,
        ] {
            let mark = if breach == Breach::Lost { " ·" } else { "," };
            write!(f, "{mark} {breach} {}", verdict.count(breach))?;
        }
        let word = if verdict.faults.is_empty() { "ok" } else { "FAILED" };
        write!(f, " · {word}")
    }
}
