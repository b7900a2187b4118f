//! `reelway ledger`: proves that the books are exact, and shows them. Entries by hand are in
//! `cli/ledger/entries.rs`, statements in `cli/ledger/statement.rs`, counting anew in `cli/ledger/recount.rs`.

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use domain::store::{LedgerReport, Progress};
use http_body_util::BodyExt as _;
use indicatif::ProgressBar;
use serde_json::Value;
use store::Lock;

use crate::admin::ledger::{Proving, house_of};
use crate::cli::keys::{existing_store, plain};
use crate::cli::{Place, paper};
use crate::client::Client;
use crate::config::Environment;
use crate::period::Period;
use crate::wiring::Nature;

mod entries;
mod recount;
mod statement;

use entries::Correct;
pub(super) use entries::Credit;

/// `reelway ledger …`
#[derive(Subcommand)]
pub(super) enum Ledger {
    /// Prove that every finished task balances and that all books sum to zero
    #[command(after_help = "Example:\n  reelway ledger verify")]
    Verify(Verify),
    /// Count anew from tasks and lines what keys and tenants used, and put right what is kept of it
    #[command(after_help = recount::EXAMPLE)]
    Recount(recount::Recount),
    /// Write a tenant's statement: every line of a period, between its opening and closing balance
    #[command(
        after_help = "Example:\n  reelway ledger statement acme --from 2026-11-01 --to 2026-11-30 --format csv -o acme.csv"
    )]
    Statement(statement::Statement),
    /// Show what the house earned, spent and owes
    #[command(after_help = "Example:\n  reelway ledger house --from 2026-11-01 --to 2026-11-30")]
    House(HouseReport),
    /// Mend a tenant's books, with a reason: a negative amount takes
    #[command(after_help = entries::CORRECT_EXAMPLE)]
    Correct(Correct),
}

#[derive(Args)]
pub(super) struct Verify {
    #[command(flatten)]
    place: Place,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct HouseReport {
    #[command(flatten)]
    place: Place,
    /// The first day (UTC), or from which moment; else from the beginning
    #[arg(long, value_name = "DATE")]
    from: Option<String>,
    /// The last day (UTC), or before which moment; else until now
    #[arg(long, value_name = "DATE")]
    to: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Ledger {
    pub(super) async fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        match self {
            Ledger::Verify(verify) => verify.run(environment).await,
            Ledger::Recount(recount) => recount.run(environment).await,
            Ledger::Statement(statement) => statement.run(environment).await,
            Ledger::House(report) => report.run(environment).await,
            Ledger::Correct(correct) => correct.run(environment).await,
        }
    }
}

impl Verify {
    async fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        let (config, _) = self.place.load(environment)?;
        let bar = paper::bar();
        bar.set_message("proving");
        let report = match Client::of_running(&config.socket()).await {
            Some(client) => asked(&client, &bar).await?,
            None => {
                let store = existing_store(&config, Lock::ReadOnly).await?;
                let tell = |so_far: Progress| show(&bar, so_far.lines, so_far.lines_in_all);
                let verified = store.statements().verify(&tell).await;
                verified.context("the books cannot be read")?
            }
        };
        bar.finish_and_clear();
        if self.json {
            paper::json(&report)?;
        } else {
            print(&report)?;
        }
        if report.faults.is_empty() && report.sum_micros == 0 {
            return Ok(());
        }
        bail!(
            "the books are wrong in {} places; keep a copy of the data directory",
            report.faults.len().max(1)
        )
    }
}

fn show(bar: &ProgressBar, lines: u64, in_all: u64) {
    bar.set_position((lines * 100).checked_div(in_all).unwrap_or(100).min(100));
}

/// Asks the running server, which tells on the way how far it is.
async fn asked(client: &Client, bar: &ProgressBar) -> anyhow::Result<LedgerReport> {
    let path = "/api/v1/admin/ledger/verify?progress=true";
    let response = client.send("GET", path, None).await?;
    if !response.status().is_success() {
        bail!("the gateway answered {}", response.status());
    }
    let (mut body, mut waiting) = (response.into_body(), Vec::new());
    while let Some(frame) = body.frame().await {
        let frame = frame.context("the answer broke off")?;
        waiting.extend_from_slice(frame.data_ref().map_or(&[][..], |data| data));
        while let Some(end) = waiting.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = waiting.drain(..=end).collect();
            match serde_json::from_slice(&line).context("the server's answer cannot be read")? {
                Proving::Progress(lines, in_all, _) => show(bar, lines, in_all),
                Proving::Report(report) => return Ok(report),
                Proving::Failed(why) => bail!(why),
            }
        }
    }
    bail!("the answer broke off")
}

fn print(report: &LedgerReport) -> anyhow::Result<()> {
    for fault in &report.faults {
        paper::line(&format!("fault: {fault}"))?;
    }
    let word = if report.faults.is_empty() && report.sum_micros == 0 {
        "exact"
    } else {
        "wrong"
    };
    paper::line(&format!(
        "the books are {word}: {} lines, {} finished tasks, {} open tasks, {} tenants, sum {} micro-dollars",
        report.lines, report.finished_tasks, report.open_tasks, report.tenants, report.sum_micros
    ))
}

impl HouseReport {
    async fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        let (config, _) = self.place.load(environment)?;
        let (from, to) = (self.from.as_deref(), self.to.as_deref());
        let report: Value = match Client::of_running(&config.socket()).await {
            Some(client) => {
                let mut query = url::form_urlencoded::Serializer::new(String::new());
                for (name, value) in [("from", from), ("to", to)] {
                    query.extend_pairs(value.map(|value| (name, value)));
                }
                let path = format!("/api/v1/admin/ledger/house?{}", query.finish());
                let answer = client.json("GET", &path, None).await?;
                if !answer.status.is_success() {
                    bail!(answer.message());
                }
                answer.body
            }
            None => {
                let store = existing_store(&config, Lock::ReadOnly).await?;
                let period = Period::read(from, to, &*Nature::of_machine().clock).map_err(plain)?;
                house_of(&*store, period).await.map_err(plain)?
            }
        };
        if self.json {
            return paper::json(&report);
        }
        let pockets = ["revenue", "upstream_cost", "corrections", "funding", "payable"];
        let rows = pockets.map(|pocket| {
            let amount = report[format!("{pocket}_micros")].as_i64().unwrap_or(0);
            [
                pocket.replace('_', " "),
                format!("{} USD", domain::Micros(amount).dollars()),
            ]
        });
        paper::table(["POCKET", "AMOUNT"], &rows)
    }
}
