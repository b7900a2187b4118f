//! `reelway reconcile`: what vendors deducted beside what our books say. The running server asks the vendors,
//! for it has their logins.

use anyhow::{Context as _, bail};
use clap::Args;
use csv::Writer;
use domain::Micros;

use crate::admin::reconcile::{Account, Report, Wish};
use crate::cli::{Place, paper};
use crate::client::Client;
use crate::config::Environment;

#[derive(Args)]
pub(super) struct Reconcile {
    #[command(flatten)]
    place: Place,
    /// The account, by name; else every account whose vendor tells what it deducts
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// The first day (UTC), or from which moment; else thirty days back
    #[arg(long, value_name = "DATE")]
    from: Option<String>,
    /// The last day (UTC), or before which moment; else until now
    #[arg(long, value_name = "DATE")]
    to: Option<String>,
    /// How far two amounts may be apart and still be the same, in dollars
    #[arg(long, value_name = "USD", default_value = "0.001")]
    tolerance: String,
    /// Print JSON, every task in it
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Print CSV, every task in it
    #[arg(long)]
    csv: bool,
}

impl Reconcile {
    pub(super) async fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        let (config, _) = self.place.load(environment)?;
        let Some(client) = Client::of_running(&config.socket()).await else {
            bail!("no gateway runs on this data directory; start `reelway serve`, which has the logins");
        };
        let wish = Wish {
            account: self.account.clone(),
            from: self.from.clone(),
            to: self.to.clone(),
            tolerance: Some(self.tolerance.clone()),
        };
        let answer = client.json("GET", &path(&wish), None).await?;
        if !answer.status.is_success() {
            bail!(answer.message());
        }
        let report: Report =
            serde_json::from_value(answer.body).context("the server's answer cannot be read")?;
        match (self.json, self.csv) {
            (true, _) => paper::json(&report)?,
            (_, true) => rows(&report)?,
            _ => table(&report)?,
        }
        let different: u64 = report.accounts.iter().map(|account| account.different).sum();
        let unasked = report
            .accounts
            .iter()
            .filter(|account| account.fault.is_some())
            .count();
        match (different, unasked) {
            (0, 0) => Ok(()),
            (0, _) => bail!("{unasked} accounts could not be compared"),
            _ => bail!("{different} tasks are not the same on both sides"),
        }
    }
}

fn path(wish: &Wish) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    let pairs = [
        ("account", &wish.account),
        ("from", &wish.from),
        ("to", &wish.to),
        ("tolerance", &wish.tolerance),
    ];
    for (name, value) in pairs {
        query.extend_pairs(value.as_ref().map(|value| (name, value)));
    }
    format!("/api/v1/admin/ledger/reconcile?{}", query.finish())
}

fn usd(amount: Option<Micros>) -> String {
    amount.map_or_else(|| "-".to_owned(), Micros::dollars)
}

/// The tasks that differ, and the sums.
fn table(report: &Report) -> anyhow::Result<()> {
    for account in &report.accounts {
        let different = account.tasks.iter().filter(|task| task.verdict != "same");
        let rows: Vec<_> = different
            .map(|task| {
                [
                    task.verdict.clone(),
                    task.task.clone().unwrap_or_else(|| "-".to_owned()),
                    task.vendor_task.clone(),
                    usd(task.charge_micros),
                    usd(task.cost_micros),
                    usd(task.vendor_micros),
                    task.difference_micros.dollars(),
                ]
            })
            .collect();
        if !rows.is_empty() {
            let headings = [
                "VERDICT",
                "TASK",
                "VENDOR'S",
                "CHARGE",
                "COST",
                "DEDUCTED",
                "DIFFERENCE",
            ];
            paper::table(headings, &rows)?;
        }
        paper::line(&sentence(account))?;
    }
    if report.accounts.is_empty() {
        paper::line("there is no account whose vendor tells what it deducts")?;
    }
    Ok(())
}

fn sentence(account: &Account) -> String {
    if let Some(fault) = &account.fault {
        return format!("{}: not compared: {fault}", account.account);
    }
    format!(
        "{}: {} tasks are the same, {} are not; charged {} USD, cost {} USD, deducted {} USD, difference {} USD",
        account.account,
        account.same,
        account.different,
        Micros(account.charge_micros).dollars(),
        Micros(account.cost_micros).dollars(),
        Micros(account.vendor_micros).dollars(),
        Micros(account.difference_micros).dollars()
    )
}

fn rows(report: &Report) -> anyhow::Result<()> {
    let mut writer = Writer::from_writer(std::io::stdout().lock());
    for account in &report.accounts {
        for task in &account.tasks {
            writer.serialize(task).context("the rows cannot be printed")?;
        }
    }
    writer.flush().context("the rows cannot be printed")
}
