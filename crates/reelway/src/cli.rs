//! The command line: what there is to say and how commands end. One file each in `cli/`.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::{Config, Environment, Flags, Sources};
use crate::telemetry;

mod accounts;
mod audit;
mod config;
mod doctor;
mod generate;
mod import;
mod keys;
mod ledger;
mod paper;
mod prices;
mod reconcile;
mod registry;
mod serve;
mod tasks;
mod tenants;
mod usage;
mod webhooks;

/// One gateway for generative video, on your own machine.
#[derive(Parser)]
#[command(
    name = "reelway",
    version,
    max_term_width = 100,
    after_help = "\
Example:
  reelway generate \"A small kitten running through a sunny garden\" -o kitten.mp4
  reelway serve"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the gateway
    Serve(serve::Serve),
    /// Make a clip
    Generate(Box<generate::Generate>),
    /// Take tenants in, list and show them, say what they may use, suspend and resume them
    #[command(subcommand)]
    Tenants(tenants::Tenants),
    /// Make, list, limit, rotate and revoke API keys
    #[command(subcommand)]
    Keys(keys::Keys),
    /// List, show, explain and cancel tasks
    #[command(subcommand)]
    Tasks(tasks::Tasks),
    /// List and replay webhooks, show and rotate their secrets
    #[command(subcommand)]
    Webhooks(webhooks::Webhooks),
    /// Look the installation over: one line for each part, with the cure
    Doctor(doctor::Doctor),
    /// Plug upstream logins in, list, test, pause, resume and remove them
    #[command(subcommand)]
    Accounts(accounts::Accounts),
    /// Prove the books, show them, and book credits and corrections
    #[command(subcommand)]
    Ledger(ledger::Ledger),
    /// Sum up what tasks were and cost, by day, model or key
    #[command(after_help = usage::EXAMPLE)]
    Usage(usage::Usage),
    /// Compare what vendors deducted with our books, task by task; exit status 1 where they differ
    #[command(
        after_help = "Example:\n  reelway reconcile --account kling-main --from 2026-11-01 --to 2026-11-30"
    )]
    Reconcile(reconcile::Reconcile),
    /// Bring another gateway's users, tokens, balances, channels and prices over
    #[command(subcommand)]
    Import(import::Import),
    /// Show, check and load the price book
    #[command(subcommand)]
    Prices(prices::Prices),
    /// Show what operators did
    #[command(
        after_help = "Example:\n  reelway audit --since 7d\n  reelway audit --who \"command line\" --json"
    )]
    Audit(audit::Audit),
    /// Check and show the configuration
    #[command(subcommand)]
    Config(config::ConfigCommand),
}

/// Where the configuration and the data lie.
#[derive(Args, Clone, Default)]
struct Place {
    /// Configuration file; else ./reelway.toml when it is there
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Directory of database, files and master key; else `data_dir` of the configuration
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

impl Place {
    fn load(&self, environment: &Environment) -> anyhow::Result<(Config, Sources)> {
        self.load_with(None, environment)
    }

    fn load_with(
        &self,
        listen: Option<String>,
        environment: &Environment,
    ) -> anyhow::Result<(Config, Sources)> {
        let flags = Flags {
            config: self.config.clone(),
            data_dir: self.data_dir.clone(),
            listen,
        };
        Ok(Config::load(&flags, environment)?)
    }
}

/// Runs the command that the process was started with.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let environment = Environment::of_process();
    let usual = match cli.command {
        Command::Serve(_) => "info",
        // What a command has to say, it says itself.
        _ => "error",
    };
    let log = telemetry::start(&environment, usual);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let done = match runtime {
        Ok(runtime) => {
            let done = runtime.block_on(run(cli.command, &environment));
            runtime.shutdown_background();
            done
        }
        Err(error) => Err(error.into()),
    };
    // Before the last word, which is written at once.
    drop(log);
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let red = if std::io::stderr().is_terminal() {
                ("\x1b[31m", "\x1b[0m")
            } else {
                ("", "")
            };
            eprintln!("{}error:{} {error:#}", red.0, red.1);
            ExitCode::from(u8::from(error.is::<Misuse>()) + 1)
        }
    }
}

/// The command line asks for something that cannot be: exit status 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Misuse(String);

async fn run(command: Command, environment: &Environment) -> anyhow::Result<()> {
    match command {
        Command::Serve(serve) => serve.run(environment).await,
        Command::Generate(generate) => generate.run(environment).await,
        Command::Tenants(tenants) => tenants.run(environment).await,
        Command::Import(import) => import.run(environment).await,
        Command::Audit(audit) => audit.run(environment).await,
        Command::Keys(keys) => keys.run(environment).await,
        Command::Tasks(tasks) => tasks.run(environment).await,
        Command::Webhooks(webhooks) => webhooks.run(environment).await,
        Command::Doctor(doctor) => doctor.run(environment).await,
        Command::Accounts(accounts) => accounts.run(environment).await,
        Command::Ledger(ledger) => ledger.run(environment).await,
        Command::Usage(usage) => usage.run(environment).await,
        Command::Reconcile(reconcile) => reconcile.run(environment).await,
        Command::Prices(prices) => prices.run(environment).await,
        Command::Config(config) => config.run(environment),
    }
}
