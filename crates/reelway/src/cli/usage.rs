//! `reelway usage`: what tasks were and cost, summed by day, model or key; through the running server where there
//! is one, else out of the database. What is summed is told in `balance.rs`.

use clap::{Args, ValueEnum};
use domain::Micros;
use serde_json::Value;
use store::Lock;

use crate::balance::{self, Wish};
use crate::cli::keys::{existing_store, plain};
use crate::cli::registry::asked;
use crate::cli::{Place, paper};
use crate::client::Client;
use crate::config::Environment;
use crate::wiring::Nature;

pub(super) const EXAMPLE: &str = "\
Examples:
  reelway usage
  reelway usage --by model --from 2026-11-01 --to 2026-11-30
  reelway usage --tenant studio --by key --json";

#[derive(Args)]
pub(super) struct Usage {
    #[command(flatten)]
    place: Place,
    /// The tenant, by name; else all together
    #[arg(long, value_name = "NAME")]
    tenant: Option<String>,
    /// The first day (UTC), or from which moment; without --from and --to the last 30 days
    #[arg(long, value_name = "DATE")]
    from: Option<String>,
    /// The last day (UTC), or before which moment; else until now
    #[arg(long, value_name = "DATE")]
    to: Option<String>,
    /// By what it is summed
    #[arg(long, value_enum, default_value = "day")]
    by: By,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum By {
    /// A row for each day (UTC), newest first
    Day,
    /// A row for each model
    Model,
    /// A row for each key
    Key,
}

impl By {
    fn word(self) -> &'static str {
        match self {
            By::Day => "day",
            By::Model => "model",
            By::Key => "key",
        }
    }
}

impl Usage {
    pub(super) async fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        let (config, _) = self.place.load(environment)?;
        let wish = Wish {
            tenant: self.tenant.clone(),
            from: self.from.clone(),
            to: self.to.clone(),
            group_by: Some(self.by.word().to_owned()),
        };
        let usage: Value = match Client::of_running(&config.socket()).await {
            Some(client) => {
                let path = format!("/api/v1/admin/usage?{}", wish.query());
                asked(&client, "GET", &path, None).await?
            }
            None => {
                let store = existing_store(&config, Lock::ReadOnly).await?;
                let clock = Nature::of_machine().clock;
                balance::of_wish(&*store, &*clock, &wish).await.map_err(plain)?
            }
        };
        if self.json {
            return paper::json(&usage);
        }
        self.print(&usage)
    }

    fn print(&self, usage: &Value) -> anyhow::Result<()> {
        let sums = usage["data"].as_array().map_or(&[][..], Vec::as_slice);
        let rows: Vec<_> = sums.iter().map(|sum| self.row(sum)).collect();
        let by = self.by.word().to_uppercase();
        paper::table([&by, "TASKS", "SUCCEEDED", "CHARGED"], &rows)?;
        let whole = |field: &str| sums.iter().filter_map(|sum| sum[field].as_i64()).sum::<i64>();
        let charged = Micros(whole("charge_micros")).dollars();
        paper::line(&format!(
            "{} tasks ended, {} succeeded, {charged} USD were charged",
            whole("tasks"),
            whole("succeeded")
        ))?;
        if usage["has_more"] == true {
            paper::line("these are the first rows; narrow it with --tenant, --from and --to")?;
        }
        Ok(())
    }

    fn row(&self, sum: &Value) -> [String; 4] {
        let text = |field: &str| sum[field].as_str().unwrap_or("-").to_owned();
        let number = |field: &str| sum[field].as_i64().unwrap_or(0);
        let what = match self.by {
            By::Key => match sum["key_name"].as_str() {
                Some(name) => format!("{name} ({})", text("key")),
                None => text("key"),
            },
            by => text(by.word()),
        };
        [
            what,
            number("tasks").to_string(),
            number("succeeded").to_string(),
            format!("{} USD", Micros(number("charge_micros")).dollars()),
        ]
    }
}
