//! Proves the gateway's promises with the real binary: rounds of crashes, large bodies at once, and one report of
//! measurements. Stands outside the house: it may know every room, and nobody knows it.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod bare;
mod bodies;
mod cost;
mod crash;
mod flood;
mod gateway;
mod leash;
mod load;
mod mp4;
mod report;
mod rush;
mod schedules;
mod scratch;
mod simulate;
mod stopwatch;
mod vendor;
mod waiting;
mod webhooks;
mod wire;

/// The gateway's own, so that the bare handler is not compared with one hand tied.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Exit status of a run that was stopped by its user.
const STOPPED: u8 = 130;

/// Proves the gateway's promises with the real binary.
#[derive(Debug, Parser)]
#[command(
    name = "bench",
    version,
    after_help = "Example:\n  bench crash --rounds 3\n  bench report -o report.md\n  bench waiting --clients 10000"
)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Kill the gateway at random moments, and prove that nothing is lost, doubled or miscounted.
    Crash(crash::Options),
    /// Kill one of three gateways on one PostgreSQL, stop another for a while, and prove that the third serves on.
    Fleet(crash::fleet::Options),
    /// Submit as fast as the gateway answers, kill it in the midst, and prove that every answered submit is there.
    Flood(flood::Options),
    /// Park many running tasks on one node, and measure what they cost and how late their looks come.
    Inflight(report::inflight::Options),
    /// Measure everything in one run, and print one report of ratios.
    Report(report::Options),
    /// Let many clients wait for one task, and measure what they cost.
    Waiting(waiting::Options),
    /// Let tasks call back a receiver that answers and one that does not, and measure how soon the first hears of ends.
    Webhooks(webhooks::Options),
    /// Submit large pictures at once, and hold the gateway's memory to a bound.
    Bodies(bodies::Options),
    /// Play the engine under drawn faults, on a clock moved by hand, and hold it to its promises.
    Simulate(simulate::Options),
    /// Measure what the judgements before a submit cost: key, scope, rate, price, limits.
    Cost(cost::Options),
    /// Submit many wishes at once against a balance for a few of them, and meet every limit exactly, in every dialect.
    Rush(rush::Options),
    /// Play random schedules of everything that moves money, and check every law of the books after every step.
    Schedules(schedules::Options),
    /// Serve fixed answers with nothing behind them: what the gateway is compared with.
    Bare(bare::Options),
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let work = async {
        match &cli.verb {
            Verb::Crash(options) => crash::run(options).await,
            Verb::Fleet(options) => crash::fleet::run(options).await,
            Verb::Flood(options) => flood::run(options).await,
            Verb::Inflight(options) => report::inflight::run(options).await,
            Verb::Report(options) => report::run(options).await,
            Verb::Waiting(options) => waiting::run(options).await,
            Verb::Webhooks(options) => webhooks::run(options).await,
            Verb::Bodies(options) => bodies::run(options).await,
            Verb::Simulate(options) => tokio::task::block_in_place(|| simulate::run(options)),
            Verb::Cost(options) => tokio::task::block_in_place(|| cost::run(options)),
            Verb::Rush(options) => rush::run(options).await,
            Verb::Schedules(options) => tokio::task::block_in_place(|| schedules::run(options)),
            Verb::Bare(options) => bare::run(options).await,
        }
    };
    tokio::select! {
        done = work => done.unwrap_or_else(|error| {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }),
        _ = tokio::signal::ctrl_c() => {
            eprintln!("bench: stopped");
            ExitCode::from(STOPPED)
        }
    }
}
