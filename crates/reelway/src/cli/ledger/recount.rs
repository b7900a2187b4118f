//! `reelway ledger recount`: through the running server where there is one, else in the database itself.

use anyhow::bail;
use clap::Args;
use domain::Micros;
use domain::store::{Counted, Recount as How};
use serde_json::json;
use store::Lock;

use crate::admin::audit::recorded;
use crate::admin::recount::{RecountView, WrongView, recounted};
use crate::cli::keys::{existing_store, plain};
use crate::cli::registry::asked;
use crate::cli::{Place, paper};
use crate::client::Client;
use crate::config::Environment;
use crate::wiring::Nature;

pub(super) const EXAMPLE: &str = "Example:\n  reelway ledger recount --dry-run\n  reelway ledger recount";

#[derive(Args)]
pub(in crate::cli) struct Recount {
    #[command(flatten)]
    place: Place,
    /// Only say what is wrong; exit status 1 where anything is
    #[arg(long)]
    dry_run: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Recount {
    pub(super) async fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        let (config, _) = self.place.load(environment)?;
        let view: RecountView = match Client::of_running(&config.socket()).await {
            Some(client) => {
                let body = json!({ "dry_run": self.dry_run });
                asked(&client, "POST", "/api/v1/admin/ledger/recount", Some(&body)).await?
            }
            None if self.dry_run => {
                let store = existing_store(&config, Lock::ReadOnly).await?;
                recounted(&*store, How::Dry).await.map_err(plain)?
            }
            None => {
                let store = existing_store(&config, Lock::Exclusive).await?;
                let nature = Nature::of_machine();
                let work = recounted(&*store, How::Mending);
                let counted = recorded((&*store, &nature), ("ledger recount", ""), work).await;
                counted.map_err(plain)?
            }
        };
        if self.json {
            paper::json(&view)?;
        } else {
            print(&view)?;
        }
        if view.dry_run && view.wrong > 0 {
            bail!(
                "{} counts are wrong; without --dry-run they are put right",
                view.wrong
            );
        }
        Ok(())
    }
}

fn print(view: &RecountView) -> anyhow::Result<()> {
    let looked_at = format!("{} tenants were looked at", view.tenants);
    if view.wrong == 0 {
        return paper::line(&format!(
            "what keys and tenants used is counted right; {looked_at}"
        ));
    }
    let rows: Vec<_> = view.data.iter().map(row).collect();
    paper::table(["HOLDER", "TENANT", "DAY", "KEPT", "RIGHT"], &rows)?;
    if view.has_more {
        let more = view.wrong - view.data.len() as u64;
        paper::line(&format!("and {more} more"))?;
    }
    match view.dry_run {
        true => paper::line(&format!("nothing was changed: this was a dry run; {looked_at}")),
        false => paper::line(&format!(
            "{} counts were wrong and are right now; {looked_at}",
            view.wrong
        )),
    }
}

fn row(wrong: &WrongView) -> [String; 5] {
    // Unfinished tasks are counted over all time alone.
    let in_words = |counted: Counted| {
        let dollars = format!("{} USD", Micros(counted.spent_micros).dollars());
        match wrong.day {
            None => format!("{dollars}, {} unfinished", counted.open),
            Some(_) => dollars,
        }
    };
    [
        wrong.holder.clone(),
        wrong.tenant.clone().unwrap_or_else(|| "-".to_owned()),
        wrong.day.clone().unwrap_or_else(|| "all time".to_owned()),
        in_words(wrong.kept),
        in_words(wrong.found),
    ]
}
