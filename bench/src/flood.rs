//! A flood of submits, as fast as they are answered, and a kill in its midst; again and again over one database. What
//! was answered must be there. Whole lives of tasks between kills are in `crash.rs`.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use serde_json::json;
use testkit::postgres::Cluster;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::crash::Database;
use crate::gateway::{self, Binary, CLIENT_KEY, Dwelling};
use crate::report::submits;
use crate::scratch::Scratch;
use crate::stopwatch::Stopwatch;
use crate::wire::{self, Call, Line};

/// Connections that submit at once.
const CONNECTIONS: usize = 64;
/// When a gateway is killed at the earliest and at the latest, after its first submit, in milliseconds.
const KILL_MS: std::ops::Range<u64> = 300..3_000;
/// Characters of a prompt: so long that SQLite's log is soon moved into its database, also in the midst of a kill.
const PROMPT_CHARS: usize = 2_400;
/// Missing tasks that are named.
const SHOWN: usize = 10;
/// Bytes of a megabyte, as disks are sold.
const MEGABYTE: f64 = 1e6;

/// What `bench flood` is asked for.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  bench flood --rounds 12\n  bench flood --rounds 12 --database postgres")]
pub(crate) struct Options {
    /// Kills.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Where the tasks are kept.
    #[arg(long, value_enum, default_value_t = Database::Sqlite)]
    database: Database,
    /// From what the moments of the kills are drawn; drawn itself when not given.
    #[arg(long)]
    seed: Option<u64>,
    /// Put the database and the log here, and keep them.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Use this gateway, instead of the one that cargo builds.
    #[arg(long, value_name = "PATH")]
    binary: Option<PathBuf>,
}

/// What a flood left.
#[derive(Default)]
struct Left {
    /// Ids of the tasks that were acknowledged.
    acknowledged: Vec<String>,
    /// Submits that got no answer: they may or may not be there.
    unanswered: u64,
}

/// Floods, kills, looks and prints. The exit status is 1 when an acknowledged task is missing or the books are wrong.
///
/// # Errors
/// When a gateway does not start, or answers what it should not.
pub(crate) async fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let seed = options.seed.unwrap_or_else(|| u64::from(fastrand::u32(..)));
    let mut chance = fastrand::Rng::with_seed(seed);
    let binary = Binary::find(options.binary.as_deref()).await?;
    let scratch = Scratch::open(options.keep.as_deref())?;
    // Its only slot is soon taken, and all other tasks wait.
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let cluster = match options.database {
        Database::Sqlite => None,
        Database::Postgres => {
            let cluster = tokio::task::spawn_blocking(Cluster::start);
            Some(cluster.await.context("the database server does not start")?)
        }
    };
    let url = cluster.as_ref().map(Cluster::database);
    let config = submits::config(silent.local_addr()?, url.as_deref());
    let dwelling = Dwelling::prepare(&binary, &scratch.path().join("flood"), &config)?;
    println!(
        "{} floods on {}, each ended by a kill, seed {seed}",
        options.rounds, options.database
    );
    let (mut left, mut log_bytes) = (Left::default(), 0);
    for _ in 0..options.rounds {
        let lasting = Duration::from_millis(chance.u64(KILL_MS));
        log_bytes = log_bytes.max(flood(&dwelling, lasting, &mut left).await?);
    }
    look(&dwelling, &left, log_bytes).await
}

/// One life: submits until it is killed. The length of SQLite's log at the end.
async fn flood(dwelling: &Dwelling, lasting: Duration, left: &mut Left) -> anyhow::Result<u64> {
    let gateway = dwelling.start()?;
    gateway::ready(gateway.address).await?;
    let wish = json!({
        "model": "kling-v3", "prompt": "x".repeat(PROMPT_CHARS), "duration": 3,
    });
    let call = wire::submit(gateway.address, &wish, CLIENT_KEY, None);
    let mut clients = JoinSet::new();
    for _ in 0..CONNECTIONS {
        clients.spawn(submit(Line::open(gateway.address).await?, call.clone()));
    }
    tokio::time::sleep(lasting).await;
    let log = tokio::fs::metadata(dwelling.data_dir().join("reelway.db-wal")).await;
    gateway.kill().await?;
    while let Some(client) = clients.join_next().await {
        left.acknowledged.extend(client.context("a client panicked")??);
        left.unanswered += 1;
    }
    Ok(log.map_or(0, |log| log.len()))
}

/// Submits as fast as it is answered, until the line breaks; the ids of what was acknowledged.
async fn submit(mut line: Line, call: Call) -> anyhow::Result<Vec<String>> {
    let mut acknowledged = Vec::new();
    while let Ok(reply) = line.send(call.clone()).await {
        let body = reply.json();
        match body["task_id"].as_str() {
            Some(id) if reply.status == 200 => acknowledged.push(id.to_owned()),
            _ => bail!("a submit is answered {}", reply.excerpt()),
        }
    }
    Ok(acknowledged)
}

/// Starts the gateway once more and asks it for every task that was acknowledged.
async fn look(dwelling: &Dwelling, left: &Left, log_bytes: u64) -> anyhow::Result<ExitCode> {
    let watch = Stopwatch::start();
    let gateway = dwelling.start()?;
    gateway::ready(gateway.address).await?;
    let ready_ms = watch.elapsed_ms();
    let missing = missing(gateway.address, &left.acknowledged).await?;
    let books = dwelling.books().await?;
    gateway.kill().await?;
    let acknowledged = u64::try_from(left.acknowledged.len())?;
    let there = books.open_tasks + books.finished_tasks;
    println!(
        "acknowledged {acknowledged}, unanswered {}, there {there}; lost {}, faults in the books {}; log at most {:.1} \
         MB, ready after the last kill in {ready_ms} ms",
        left.unanswered,
        missing.len(),
        books.faults.len(),
        log_bytes as f64 / MEGABYTE
    );
    missing
        .iter()
        .take(SHOWN)
        .for_each(|id| println!("  `{id}` is not there"));
    books
        .faults
        .iter()
        .take(SHOWN)
        .for_each(|fault| println!("  {fault}"));
    ensure!(acknowledged > 0, "nothing was acknowledged: nothing is proven");
    let counted = (acknowledged..=acknowledged + left.unanswered).contains(&there);
    if !counted {
        println!("  there are fewer or more tasks than submits");
    }
    let good = missing.is_empty() && books.faults.is_empty() && counted;
    println!("{}", if good { "passed" } else { "failed" });
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Those of the tasks that are not there.
async fn missing(address: SocketAddr, ids: &[String]) -> anyhow::Result<Vec<String>> {
    let ids: Arc<[String]> = ids.into();
    let mut readers = JoinSet::new();
    for first in 0..CONNECTIONS {
        let (ids, mut line) = (Arc::clone(&ids), Line::open(address).await?);
        readers.spawn(async move {
            let mut missing = Vec::new();
            for id in ids.iter().skip(first).step_by(CONNECTIONS) {
                let read = wire::get(address, &wire::status_path(id), Some(CLIENT_KEY));
                let reply = line.call(read).await?;
                if reply.status != 200 || reply.json()["task_id"] != **id {
                    missing.push(id.clone());
                }
            }
            anyhow::Ok(missing)
        });
    }
    let mut all = Vec::new();
    while let Some(missing) = readers.join_next().await {
        all.extend(missing.context("a reader panicked")??);
    }
    Ok(all)
}
