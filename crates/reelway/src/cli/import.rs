//! `reelway import`: another gateway's users, tokens, channels, prices and balances, on the database itself.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use serde_json::json;
use store::Lock;

use crate::admin::accounts::Books;
use crate::admin::audit::recorded;
use crate::cli::keys::{existing_store, plain};
use crate::cli::registry::models_in_force;
use crate::cli::{Misuse, Place, paper};
use crate::client::Client;
use crate::config::Environment;
use crate::import::carry::carry;
use crate::import::new_api;
use crate::import::plan::{Plan, Present, Wanted};
use crate::wiring::{Nature, account_sealer};

/// `reelway import …`
#[derive(Subcommand)]
pub(super) enum Import {
    /// Bring a new-api database over: users, tokens, balances, Kling channels, prices
    #[command(
        after_help = "Example:\n  reelway import new-api one-api.db --dry-run\n  reelway import new-api one-api.db --group-map vip=studios\n\nThe tokens go on as they are: clients change the base URL and nothing else. A second run changes nothing.\nThe gateway must not be running on a SQLite database; a dry run may go beside it."
    )]
    NewApi(NewApi),
}

#[derive(Args)]
pub(super) struct NewApi {
    #[command(flatten)]
    place: Place,
    /// new-api's SQLite database; it is only read
    #[arg(value_name = "DATABASE")]
    database: PathBuf,
    /// Show what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// A group that is called otherwise here, repeatable; `OLD=` for no group
    #[arg(long = "group-map", value_name = "OLD=NEW")]
    groups: Vec<String>,
    /// Units of quota in one dollar; else as the database says [default: 500000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(1..=1_000_000_000_000))]
    quota_per_usd: Option<i64>,
    /// A name for the database, where users of more than one are brought over
    #[arg(long, value_name = "NAME", default_value = "new-api")]
    source: String,
    /// Where the price book is written
    #[arg(long, value_name = "FILE", default_value = "new-api-prices.toml")]
    prices_out: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Import {
    pub(super) async fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        let Import::NewApi(import) = self;
        import.run(environment).await
    }
}

impl NewApi {
    async fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        let wanted = self.wanted()?;
        let (config, _) = self.place.load(environment)?;
        let source = new_api::read(&self.database)?;
        let lock = match self.dry_run {
            true => Lock::ReadOnly,
            false => Lock::Exclusive,
        };
        if !self.dry_run
            && config.database_file().is_some()
            && Client::of_running(&config.socket()).await.is_some()
        {
            bail!(
                "the gateway is running on this database; stop it, bring the data over, and start it again"
            );
        }
        let store = existing_store(&config, lock).await?;
        let nature = Nature::of_machine();
        if !config.master_key().exists() {
            let place = config.master_key();
            bail!(
                "there is no master key at `{}`; copy it from the gateway's data directory",
                place.display()
            );
        }
        let sealer = account_sealer(&config, &*nature.ids)?;
        let books = Books {
            store: &*store,
            sealer: &sealer,
            config: &config,
            clock: &*nature.clock,
            ids: &*nature.ids,
        };
        let present = present(&books, &nature).await?;
        let mut plan = Plan::of(&source, &wanted, &present, (&*nature.ids, nature.clock.now()));
        self.print_plan(&plan)?;
        if self.dry_run {
            return self.end(&plan, None);
        }
        let carried = recorded(
            (&*store, &nature),
            ("import new-api", &self.source),
            carry(&mut plan, &books),
        );
        let done = carried.await.map_err(plain)?;
        if let Some(book) = &plan.prices {
            keep(&self.prices_out, book)?;
        }
        self.end(&plan, Some(done))
    }

    fn wanted(&self) -> anyhow::Result<Wanted> {
        let mut groups = BTreeMap::new();
        for pair in &self.groups {
            let Some((old, new)) = pair.split_once('=') else {
                bail!(Misuse(format!("--group-map is `{pair}` and must be `OLD=NEW`")));
            };
            groups.insert(old.to_owned(), new.to_owned());
        }
        Ok(Wanted {
            source: self.source.clone(),
            quota_per_usd: self.quota_per_usd,
            groups,
        })
    }

    /// What is going to be done, before it is done.
    fn print_plan(&self, plan: &Plan) -> anyhow::Result<()> {
        if self.json {
            return Ok(());
        }
        paper::line(&format!(
            "to bring over: {} tenants with {} USD, {} keys, {} accounts, {} prices",
            plan.newcomers.len(),
            plan.credit().dollars(),
            plan.keys_to_come(),
            plan.logins.len(),
            plan.priced
        ))?;
        let [tenants, keys, accounts] = plan.present;
        paper::line(&format!(
            "here already: {tenants} tenants, {keys} keys, {accounts} accounts"
        ))?;
        for newcomer in &plan.newcomers {
            let (tenant, keys) = (&newcomer.tenant, newcomer.keys.len());
            let credit = newcomer.credit.as_ref();
            let dollars = credit
                .map_or(domain::Micros::ZERO, |entry| entry.line.amount)
                .dollars();
            paper::line(&format!("  tenant {}: {dollars} USD, {keys} keys", tenant.name))?;
        }
        let logins = plan.logins.iter();
        logins
            .map(|login| format!("  account {}: {}", login.account.name, login.duty.word()))
            .try_for_each(|line| paper::line(&line))
    }

    /// What was done, and what was left out.
    fn end(&self, plan: &Plan, done: Option<[usize; 3]>) -> anyhow::Result<()> {
        let file = done
            .and(plan.prices.as_ref())
            .map(|_| self.prices_out.display().to_string());
        if self.json {
            let [tenants, keys, accounts] =
                done.unwrap_or([plan.newcomers.len(), plan.keys_to_come(), plan.logins.len()]);
            return paper::json(&json!({
                "dry_run": self.dry_run, "tenants": tenants, "keys": keys, "accounts": accounts,
                "prices": plan.priced, "prices_file": file, "present": {
                    "tenants": plan.present[0], "keys": plan.present[1], "accounts": plan.present[2] },
                "remarks": plan.remarks,
            }));
        }
        for remark in &plan.remarks {
            paper::line(&format!("note: {remark}"))?;
        }
        match done {
            None => paper::line("nothing was done: this was a dry run")?,
            Some([0, 0, 0]) => paper::line("nothing is new: nothing was changed")?,
            Some([tenants, keys, accounts]) => paper::line(&format!(
                "brought over: {tenants} tenants, {keys} keys, {accounts} accounts"
            ))?,
        }
        match file {
            Some(file) => paper::line(&format!(
                "prices are in `{file}`; look at them, then `reelway prices load`"
            )),
            None => Ok(()),
        }
    }
}

async fn present(books: &Books<'_>, nature: &Nature) -> anyhow::Result<Present> {
    let registry = books.store.registry();
    let accounts = books.all().await.map_err(plain)?.into_iter();
    let names: BTreeSet<String> = accounts.map(|account| account.name).collect();
    Ok(Present {
        tenants: registry.tenants().await.context("the tenants cannot be read")?,
        keys: registry.keys(None).await.context("the keys cannot be read")?,
        accounts: names,
        models: models_in_force(books.store, nature).await?,
    })
}

/// Writes the price book, unless something else is there.
fn keep(path: &Path, book: &str) -> anyhow::Result<()> {
    let shown = path.display();
    match std::fs::read_to_string(path) {
        Ok(there) if there == book => return Ok(()),
        Ok(_) => bail!("there is another file at `{shown}`; name one that is not there with --prices-out"),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(|| format!("`{shown}` cannot be read")),
    }
    std::fs::write(path, book).with_context(|| format!("`{shown}` cannot be written"))
}
