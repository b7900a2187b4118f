//! Credits and corrections from the command line: through the running server where there is one, else in the
//! database itself.

use anyhow::{Context as _, bail};
use clap::Args;
use store::Lock;

use crate::admin::audit::recorded;
use crate::admin::ledger::{COMMAND_LINE, Desk, EntryView, NewEntry};
use crate::cli::keys::{existing_store, plain};
use crate::cli::{Place, paper};
use crate::client::Client;
use crate::config::Environment;
use crate::wiring::Nature;

pub(in crate::cli) const CREDIT_EXAMPLE: &str =
    "Example:\n  reelway ledger credit acme 25.00 --reason \"invoice 2026-117\"";
pub(super) const CORRECT_EXAMPLE: &str = "Example:\n  reelway ledger correct acme -0.42 --reason \"clip was black\" --task task_019ab4c2d0f87a3f9d5b6b1c2e3f4a5b";

/// `reelway ledger credit …`
#[derive(Args)]
pub(in crate::cli) struct Credit {
    #[command(flatten)]
    entry: Entry,
}

/// `reelway ledger correct …`
#[derive(Args)]
pub(in crate::cli) struct Correct {
    #[command(flatten)]
    entry: Entry,
    /// The task that is corrected
    #[arg(long, value_name = "ID")]
    task: Option<String>,
    /// Let the balance go below zero
    #[arg(long)]
    overdraw: bool,
}

#[derive(Args)]
struct Entry {
    #[command(flatten)]
    place: Place,
    /// The tenant, by name
    tenant: String,
    /// How much, in dollars, such as 25.00
    #[arg(value_name = "AMOUNT", allow_negative_numbers = true)]
    amount: String,
    /// Why
    #[arg(long)]
    reason: String,
    /// Your name for it: under one name it is booked once, however often this is run
    #[arg(long)]
    id: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What is booked.
#[derive(Clone, Copy)]
enum Kind {
    Credit,
    Correction,
}

impl Credit {
    pub(in crate::cli) async fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        self.entry
            .book(environment, Kind::Credit, self.entry.wish())
            .await
    }
}

impl Correct {
    pub(in crate::cli) async fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        let wish = NewEntry {
            task: self.task.clone(),
            overdraw: self.overdraw,
            ..self.entry.wish()
        };
        self.entry.book(environment, Kind::Correction, wish).await
    }
}

impl Entry {
    fn wish(&self) -> NewEntry {
        NewEntry {
            tenant: self.tenant.clone(),
            amount_usd: Some(self.amount.clone()),
            reason: self.reason.clone(),
            id: self.id.clone(),
            ..NewEntry::default()
        }
    }

    async fn book(&self, environment: &Environment, kind: Kind, wish: NewEntry) -> anyhow::Result<()> {
        let (config, _) = self.place.load(environment)?;
        let booked: EntryView = match Client::of_running(&config.socket()).await {
            Some(client) => {
                let path = match kind {
                    Kind::Credit => "/api/v1/admin/ledger/credits",
                    Kind::Correction => "/api/v1/admin/ledger/corrections",
                };
                let body = serde_json::to_value(&wish).context("the wish cannot be written")?;
                let answer = client.json("POST", path, Some(&body)).await?;
                if !answer.status.is_success() {
                    bail!(answer.message());
                }
                serde_json::from_value(answer.body).context("the server's answer cannot be read")?
            }
            None => {
                let store = existing_store(&config, Lock::Exclusive).await?;
                let nature = Nature::of_machine();
                let desk = Desk {
                    store: &*store,
                    clock: &*nature.clock,
                    ids: &*nature.ids,
                    author: COMMAND_LINE.to_owned(),
                };
                let command = match kind {
                    Kind::Credit => "ledger credit",
                    Kind::Correction => "ledger correct",
                };
                let work = async {
                    match kind {
                        Kind::Credit => desk.credit(&wish).await,
                        Kind::Correction => desk.correct(&wish).await,
                    }
                };
                let booked = recorded((&*store, &nature), (command, &self.tenant), work);
                booked.await.map_err(plain)?
            }
        };
        if self.json {
            return paper::json(&booked);
        }
        let word = if booked.repeated {
            "was booked before"
        } else {
            "is booked"
        };
        paper::line(&format!(
            "{} {word}: {} USD for {}, which has {} USD available",
            booked.id,
            booked.amount_micros.dollars(),
            booked.tenant,
            booked.available_micros.dollars()
        ))
    }
}
