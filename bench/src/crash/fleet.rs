//! Three processes on one PostgreSQL: one is killed, one is stopped for a while and goes on, and the third must serve
//! every read meanwhile. Every wish, whichever process took it, must come to its end, once.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use clap::Args;
use parking_lot::Mutex;
use rustix::process::Signal;
use tokio::task::JoinSet;

use crate::crash::history::{Breach, History, check};
use crate::crash::place::{Ground, Place};
use crate::crash::plan::{Database, Plan};
use crate::crash::round::{self, Answer, Desk};
use crate::crash::trouble::signal;
use crate::gateway::{self, Binary, CLIENT_KEY, Gateway};
use crate::scratch::Scratch;
use crate::stopwatch::Stopwatch;
use crate::wire::{self, Line};

/// How long all three serve before the first is killed.
const TOGETHER: Duration = Duration::from_secs(4);
/// How long after the kill the second is stopped: the killed one's lease is not over then.
const BETWEEN: Duration = Duration::from_secs(2);
/// How long the load goes on after the second goes on.
const AFTERWARDS: Duration = Duration::from_secs(6);
/// Pause between two reads of one task.
const LOOK_PAUSE: Duration = Duration::from_millis(100);
/// Longest wait for every task's end after the load.
const END_LIMIT: Duration = Duration::from_secs(120);
/// Longest answer to a submit that somebody else is asked again after.
const SUBMIT_LIMIT: Duration = Duration::from_secs(5);
/// Pause before a submit is sent again after an answer that settles nothing.
const AGAIN_PAUSE: Duration = Duration::from_millis(100);
/// Most broken promises that are shown.
const FAULTS_SHOWN: usize = 40;

/// What `bench fleet` is asked for.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  bench fleet\n  bench fleet --stopped 20 --tasks 60")]
pub(crate) struct Options {
    /// Clips that are asked for, evenly over the whole time.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(3..=10_000))]
    tasks: u32,
    /// Seconds for which the second process is stopped; a lease lives 15.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=600))]
    stopped: u64,
    /// What clips and the vendor's moods are drawn from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Keep the log here.
    #[arg(long, value_name = "DIR")]
    keep: Option<std::path::PathBuf>,
    /// Use this gateway, instead of the one that cargo builds.
    #[arg(long, value_name = "PATH")]
    binary: Option<std::path::PathBuf>,
}

/// The reads at the process that lives.
#[derive(Default)]
struct Reads {
    count: u64,
    failed: Vec<String>,
    slowest: Duration,
}

/// What all clients share.
struct Fleet {
    desk: Arc<Desk>,
    third: SocketAddr,
    reads: Mutex<Reads>,
}

/// Runs it. The exit status is 1 when any promise was broken.
///
/// # Errors
/// When the harness itself cannot work.
pub(crate) async fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let binary = Binary::find(options.binary.as_deref()).await?;
    let scratch = Scratch::open(options.keep.as_deref())?;
    let ground = Ground::prepare(binary, true).await?;
    let place = ground.place(&scratch.path().join("fleet"), options.seed).await?;
    let plan = Plan::draw(options.seed, options.tasks, Some(0), Database::Postgres);
    let first = start(&place).await?;
    let (second, third) = tokio::try_join!(start(&place), start(&place))?;
    let fleet = Arc::new(Fleet {
        desk: Desk::open(&plan),
        third: third.address,
        reads: Mutex::default(),
    });
    let watch = Stopwatch::start();
    let mut history = History {
        vendors: plan.vendors(),
        ..History::default()
    };
    if let Err(error) = live(&fleet, options, first, &second).await {
        history.mishaps.push(format!("{error:#}"));
    }
    round::fetch_files(&fleet.desk, fleet.third).await?;
    round::repeat_all(&fleet.desk, fleet.third).await?;
    history.books.push(round::books(&place.dwelling).await);
    second.kill().await?;
    third.kill().await?;
    history.submissions = fleet.desk.submissions();
    round::note_vendor(&mut history, &place);
    let reads = std::mem::take(&mut *fleet.reads.lock());
    for failed in &reads.failed {
        history
            .mishaps
            .push(format!("a read at the third failed: {failed}"));
    }
    let verdict = check(&history);
    println!(
        "{} clips over three processes in {} s: acknowledged {}, re-sent {}, requeued {}, files {}, jobs at the vendor {}",
        options.tasks,
        watch.elapsed().as_secs(),
        verdict.acknowledged,
        verdict.resent,
        verdict.requeued,
        verdict.files,
        verdict.jobs
    );
    println!(
        "reads at the third: {}, of which {} failed; the slowest took {} ms",
        reads.count,
        reads.failed.len(),
        reads.slowest.as_millis()
    );
    println!(
        "lost {}, doubled {}, backward {}, drift {}, other {}",
        verdict.count(Breach::Lost),
        verdict.count(Breach::Doubled),
        verdict.count(Breach::Backward),
        verdict.count(Breach::Drift),
        verdict.count(Breach::Other)
    );
    for fault in verdict.faults.iter().take(FAULTS_SHOWN) {
        println!("  {}: {}", fault.breach, fault.what);
    }
    if verdict.faults.is_empty() {
        println!("passed");
        return Ok(ExitCode::SUCCESS);
    }
    println!("FAILED: the log is in {}", scratch.keep().display());
    Ok(ExitCode::FAILURE)
}

async fn start(place: &Place) -> anyhow::Result<Gateway> {
    let gateway = place.dwelling.start()?;
    gateway::ready(gateway.address).await?;
    Ok(gateway)
}

/// The load, and what happens to the first two meanwhile.
async fn live(fleet: &Arc<Fleet>, options: &Options, first: Gateway, second: &Gateway) -> anyhow::Result<()> {
    let stopped = Duration::from_secs(options.stopped);
    let whole = TOGETHER + BETWEEN + stopped + AFTERWARDS;
    let begin = Stopwatch::start();
    let mut clients = JoinSet::new();
    let mut doors = vec![fleet.third, second.address, first.address];
    let mut first = Some(first);
    let mut is_stopped = false;
    for number in 0..options.tasks as usize {
        begin
            .later(whole.mul_f64(number as f64 / f64::from(options.tasks)))
            .reached()
            .await;
        let now = begin.elapsed();
        if now >= TOGETHER
            && let Some(first) = first.take()
        {
            doors.retain(|door| *door != first.address);
            first.kill().await?;
            fleet.desk.begin_part();
        }
        let in_pause = (TOGETHER + BETWEEN..TOGETHER + BETWEEN + stopped).contains(&now);
        if in_pause != is_stopped {
            is_stopped = in_pause;
            signal(second.id(), if in_pause { Signal::STOP } else { Signal::CONT });
            match in_pause {
                true => doors.retain(|door| *door != second.address),
                false => doors.push(second.address),
            }
            fleet.desk.begin_part();
        }
        let door = doors[number % doors.len()];
        clients.spawn(carry(Arc::clone(fleet), door, number));
    }
    ensure!(!is_stopped, "the load ended while the second was stopped");
    let all = async {
        while let Some(client) = clients.join_next().await {
            client.context("a client panicked")?;
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(END_LIMIT, all)
        .await
        .context("not every task came to its end in time")?
}

/// Submits a wish at a door, else at the third's, and reads it at the third's until it is final.
async fn carry(fleet: Arc<Fleet>, mut door: SocketAddr, number: usize) {
    let task_id = loop {
        fleet.desk.change(number, |submission| submission.sent += 1);
        match submit(&fleet, door, number).await {
            Answer::Acknowledged(task_id) => {
                fleet
                    .desk
                    .change(number, |submission| submission.answers.push(task_id.clone()));
                break task_id;
            }
            Answer::Refused(why) => {
                fleet
                    .desk
                    .change(number, |submission| submission.refusals.push(why));
                return;
            }
            Answer::Nothing => {
                fleet.desk.change(number, |submission| submission.unanswered += 1);
                door = fleet.third;
                tokio::time::sleep(AGAIN_PAUSE).await;
            }
        }
    };
    let Ok(mut line) = Line::open(fleet.third).await else {
        fleet.reads.lock().failed.push("no connection".to_owned());
        return;
    };
    loop {
        let call = wire::get(fleet.third, &wire::status_path(&task_id), Some(CLIENT_KEY));
        let watch = Stopwatch::start();
        let reply = line.call(call).await;
        let word = {
            let mut reads = fleet.reads.lock();
            reads.count += 1;
            reads.slowest = reads.slowest.max(watch.elapsed());
            match &reply {
                Ok(reply) if reply.status == 200 => round::word(reply),
                Ok(reply) => {
                    reads.failed.push(reply.excerpt());
                    None
                }
                Err(error) => {
                    reads.failed.push(format!("{error:#}"));
                    return;
                }
            }
        };
        if let Some(word) = word {
            let is_final = word.is_final();
            fleet.desk.see(number, word);
            if is_final {
                return;
            }
        }
        tokio::time::sleep(LOOK_PAUSE).await;
    }
}

async fn submit(fleet: &Fleet, door: SocketAddr, number: usize) -> Answer {
    let sent = async {
        let mut line = Line::open(door).await?;
        line.call(round::submit(&fleet.desk, door, number)).await
    };
    match tokio::time::timeout(SUBMIT_LIMIT, sent).await {
        Ok(reply) => round::answer(reply),
        Err(_) => Answer::Nothing,
    }
}
