//! Many submits at once against a balance for a known number of them and against a key's budget, and every limit met
//! exactly; in every dialect, over one process on SQLite and over several on one PostgreSQL. The storms are in
//! `rush/storm.rs`, the limits in `rush/boundary.rs`, and what each dialect must say in `rush/dialects.rs`.

use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use testkit::postgres::Cluster;

use crate::gateway::{self, Binary, Dwelling, Gateway};
use crate::scratch::Scratch;

mod boundary;
mod dialects;
mod operator;
mod stalls;
mod storm;

/// The paused account is at an address of this machine, where nobody answers.
const NOWHERE: &str = "[network]\nallow_private = true\n";

/// What `bench rush` is asked for.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  bench rush --submits 1000 --covered 137")]
pub(crate) struct Options {
    /// Submits at once.
    #[arg(long, default_value_t = 1_000)]
    submits: usize,
    /// How many of them the balance covers.
    #[arg(long, default_value_t = 137)]
    covered: usize,
    /// The product's binary; else the one beside this program.
    #[arg(long)]
    binary: Option<std::path::PathBuf>,
}

/// Runs it on both databases. The exit status is 1 when any count is wrong.
///
/// # Errors
/// When the harness itself cannot work.
pub(crate) async fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let binary = Binary::find(options.binary.as_deref()).await?;
    let scratch = Scratch::open(None)?;
    let mut wrong = rush(
        options,
        &binary,
        &scratch.path().join("sqlite"),
        (NOWHERE.to_owned(), 1),
    )
    .await?;
    let cluster = tokio::task::spawn_blocking(|| {
        let cluster = Cluster::start();
        let url = cluster.database();
        (cluster, url)
    });
    let (_cluster, url) = cluster.await.context("the database server does not start")?;
    let config = format!("[database]\nurl = \"{url}\"\n\n{NOWHERE}");
    wrong += rush(options, &binary, &scratch.path().join("postgres"), (config, 3)).await?;
    println!("{}", if wrong == 0 { "passed" } else { "FAILED" });
    Ok(if wrong == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Everything at one database; how much was wrong.
async fn rush(
    options: &Options,
    binary: &Binary,
    folder: &Path,
    (config, processes): (String, usize),
) -> anyhow::Result<usize> {
    let dwelling = Dwelling::prepare(binary, folder, &config)?;
    let mut gateways: Vec<Gateway> = Vec::new();
    for number in 0..processes {
        let gateway = dwelling.start()?;
        gateway::ready(gateway.address).await?;
        if number == 0 {
            operator::idle(gateway.address).await?;
        }
        gateways.push(gateway);
    }
    let addresses: Vec<SocketAddr> = gateways.iter().map(|gateway| gateway.address).collect();
    let mut wrong = storm::both(options, &addresses).await?;
    wrong += boundary::all([addresses[0], addresses[1 % processes]], folder).await?;
    let books = dwelling.books().await?;
    println!(
        "{}: {} lines, {} faults, sum {}",
        counted(processes),
        books.lines,
        books.faults.len(),
        books.sum_micros
    );
    wrong += books.faults.len() + usize::from(books.sum_micros != 0);
    for gateway in gateways {
        gateway.kill().await?;
    }
    Ok(wrong)
}

/// So many processes, in words.
fn counted(processes: usize) -> String {
    let plural = if processes == 1 { "" } else { "es" };
    format!("{processes} process{plural}")
}
