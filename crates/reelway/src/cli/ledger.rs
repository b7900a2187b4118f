//! `reelway ledger`: proves that the books are exact.

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use domain::store::LedgerReport;
use store::Lock;

use crate::cli::keys::existing_store;
use crate::cli::{Place, paper};
use crate::client::Client;
use crate::config::Environment;

/// `reelway ledger …`
#[derive(Subcommand)]
pub(super) enum Ledger {
    /// Prove that every finished task balances and that all books sum to zero
    #[command(after_help = "Example:\n  reelway ledger verify")]
    Verify(Verify),
}

#[derive(Args)]
pub(super) struct Verify {
    #[command(flatten)]
    place: Place,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Ledger {
    pub(super) async fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        let Ledger::Verify(verify) = self;
        let (config, _) = verify.place.load(environment)?;
        let report: LedgerReport = match Client::of_running(&config.socket()).await {
            Some(client) => {
                let answer = client.json("GET", "/api/v1/admin/ledger/verify", None).await?;
                if !answer.status.is_success() {
                    bail!(answer.message());
                }
                serde_json::from_value(answer.body).context("the server's answer cannot be read")?
            }
            None => {
                let store = existing_store(&config, Lock::ReadOnly).await?;
                store.verify_ledger().await.context("the books cannot be read")?
            }
        };
        if verify.json {
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
