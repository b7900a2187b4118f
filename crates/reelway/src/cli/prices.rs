//! `reelway prices`: through the running server where there is one, else in the database itself; a check
//! needs neither.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use domain::Millis;
use domain::audit::Actor;
use domain::price::PriceRow;
use serde_json::{Value, json};
use store::Lock;

use crate::admin::audit::recorded;
use crate::admin::prices::{BookView, CheckView, Desk, EditionView, ShowWish, check};
use crate::cli::keys::{existing_store, plain};
use crate::cli::{Place, paper};
use crate::client::{Answered, Client};
use crate::config::{Config, Environment};
use crate::prices::{self, Draft, TEXT_MAX_BYTES};
use crate::wiring::Nature;

/// `reelway prices …`
#[derive(Subcommand)]
pub(super) enum Prices {
    /// Show the price book in force, and which editions there are
    #[command(
        after_help = "Example:\n  reelway prices show --model kling-v3\n  reelway prices show --tenant studio --json\n  reelway prices show --at 2027-01-01T00:00:00Z"
    )]
    Show(Show),
    /// Look a price book over without loading it
    #[command(after_help = "Example:\n  reelway prices check prices.toml")]
    Check(Check),
    /// Load a price book as a new edition; tasks keep the price that they were quoted
    #[command(
        after_help = "Example:\n  reelway prices load prices.toml\n  reelway prices load prices.toml --effective-at 2027-01-01T00:00:00Z"
    )]
    Load(Load),
}

#[derive(Args)]
pub(super) struct Show {
    #[command(flatten)]
    place: Place,
    /// Only this model
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
    /// The book in force at this moment (RFC 3339); else now
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// Prices as the tenant of this name pays them
    #[arg(long, value_name = "NAME")]
    tenant: Option<String>,
    /// The edition of this name, whether it is in force or not
    #[arg(long, value_name = "VERSION", conflicts_with = "at")]
    edition: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Check {
    #[command(flatten)]
    place: Place,
    /// The book, in TOML or JSON
    file: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Load {
    #[command(flatten)]
    place: Place,
    /// The book, in TOML or JSON
    file: PathBuf,
    /// From when on (RFC 3339); else as the book says, else now
    #[arg(long, value_name = "TIME")]
    effective_at: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Prices {
    pub(super) async fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        match self {
            Prices::Show(show) => show.run(environment).await,
            Prices::Check(check) => check.run(environment),
            Prices::Load(load) => load.run(environment).await,
        }
    }
}

impl Show {
    async fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        let (config, _) = self.place.load(environment)?;
        let wish = ShowWish {
            model: self.model.clone(),
            at: self.at.clone(),
            tenant: self.tenant.clone(),
        };
        let book: BookView = match Client::of_running(&config.socket()).await {
            Some(client) => {
                let path = path(self.edition.as_deref(), &wish);
                read(client.json("GET", &path, None).await?)?
            }
            None => {
                let is_new = config.database_file().is_some_and(|file| !file.exists());
                let store = match is_new {
                    true => None,
                    false => Some(existing_store(&config, Lock::ReadOnly).await?),
                };
                let built_in = prices::built_in().map_err(anyhow::Error::msg)?;
                let desk = Desk {
                    store: store.as_deref(),
                    built_in: &built_in,
                    now: now(),
                };
                desk.show(self.edition.as_deref(), &wish).await.map_err(plain)?
            }
        };
        if self.json {
            return paper::json(&book);
        }
        print(&book)
    }
}

impl Check {
    fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        let (config, _) = self.place.load(environment)?;
        let (checked, _) = looked_over(&self.file, &config)?;
        if self.json {
            paper::json(&checked)?;
        }
        let shown = self.file.display();
        if !checked.faults.is_empty() {
            bail!("`{shown}` is not in order{}", faults(&checked, self.json));
        }
        if self.json {
            return Ok(());
        }
        for warning in &checked.warnings {
            paper::line(&format!("warning: {warning}"))?;
        }
        let version = checked.version.unwrap_or_default();
        paper::line(&format!(
            "`{shown}` is in order: edition `{version}`, {} rows",
            checked.rows
        ))
    }
}

impl Load {
    async fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        let (config, _) = self.place.load(environment)?;
        let (checked, draft) = looked_over(&self.file, &config)?;
        let Some(mut draft) = draft else {
            bail!(
                "`{}` is not in order{}",
                self.file.display(),
                faults(&checked, false)
            );
        };
        if let Some(text) = &self.effective_at {
            draft.effective_at = Some(prices::moment(text).map_err(anyhow::Error::msg)?);
        }
        let loaded: EditionView = match Client::of_running(&config.socket()).await {
            Some(client) => {
                let body = written(&draft)?;
                read(client.json("POST", "/api/v1/admin/prices", Some(&body)).await?)?
            }
            None => {
                let store = existing_store(&config, Lock::Exclusive).await?;
                let built_in = prices::built_in().map_err(anyhow::Error::msg)?;
                let desk = Desk {
                    store: Some(&*store),
                    built_in: &built_in,
                    now: now(),
                };
                let version = draft.book.version.clone();
                let work = desk.load(draft, None, Actor::CommandLine);
                let nature = Nature::of_machine();
                let done = recorded((&*store, &nature), ("prices load", &version), work).await;
                done.map_err(plain)?
            }
        };
        if self.json {
            return paper::json(&loaded);
        }
        for warning in &checked.warnings {
            paper::line(&format!("warning: {warning}"))?;
        }
        let from = loaded.effective_at.unwrap_or_default();
        paper::line(&format!(
            "edition `{}` is loaded; in force from {from} on",
            loaded.version
        ))
    }
}

fn now() -> Millis {
    Nature::of_machine().clock.now()
}

/// Reads and checks a file by the accounts of the configuration.
fn looked_over(file: &PathBuf, config: &Config) -> anyhow::Result<(CheckView, Option<Draft>)> {
    let shown = file.display();
    let size = std::fs::metadata(file).with_context(|| format!("`{shown}` cannot be read"))?;
    if size.len() > TEXT_MAX_BYTES as u64 {
        bail!("`{shown}` is longer than {TEXT_MAX_BYTES} bytes");
    }
    let text = std::fs::read_to_string(file).with_context(|| format!("`{shown}` cannot be read"))?;
    let accounts: Vec<_> = config
        .accounts
        .iter()
        .map(|entry| entry.declared.terms.clone())
        .collect();
    Ok(check(&text, &accounts))
}

/// The faults of a check, a line each, for the end of a sentence; nothing where JSON has told them.
fn faults(checked: &CheckView, told: bool) -> String {
    if told {
        return String::new();
    }
    let lines = checked.faults.iter().map(|fault| format!("\n  {fault}"));
    format!(":{}", lines.collect::<String>())
}

/// The book as the running server takes it.
fn written(draft: &Draft) -> anyhow::Result<Value> {
    let mut body = serde_json::to_value(&draft.book).context("the book cannot be written")?;
    if let Some(at) = draft.effective_at {
        body["effective_at"] = json!(dialects::reelway::time(at));
    }
    Ok(body)
}

fn path(edition: Option<&str>, wish: &ShowWish) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in [("model", &wish.model), ("at", &wish.at), ("tenant", &wish.tenant)] {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    let encoded: String =
        url::form_urlencoded::byte_serialize(edition.unwrap_or_default().as_bytes()).collect();
    let edition = edition.map_or_else(String::new, |_| format!("/{encoded}"));
    format!("/api/v1/admin/prices{edition}?{}", query.finish())
}

fn read<T: serde::de::DeserializeOwned>(answer: Answered) -> anyhow::Result<T> {
    if !answer.status.is_success() {
        bail!(answer.message());
    }
    serde_json::from_value(answer.body).context("the server's answer cannot be read")
}

fn print(book: &BookView) -> anyhow::Result<()> {
    let edition = &book.edition;
    let from = edition.effective_at.as_ref();
    let from = from.map_or_else(String::new, |from| format!(", from {from} on"));
    let state = edition.state.replace('_', " ");
    paper::line(&format!(
        "edition `{}` ({}{from}), loaded by {}; prices in USD",
        edition.version, state, edition.loaded_by
    ))?;
    if let (Some(tenant), Some(multiplier)) = (&book.tenant, &book.multiplier) {
        paper::line(&format!("as tenant `{tenant}` pays them: × {multiplier}"))?;
    }
    for (group, multiplier) in &book.multipliers.groups {
        paper::line(&format!("group `{group}`: × {multiplier}"))?;
    }
    let rows: Vec<[String; 6]> = book.rows.iter().map(|view| cells(&view.row)).collect();
    let headings = ["MODEL", "OPERATION", "QUALITY", "ONLY", "PRICE", "UNIT"];
    paper::table(headings, &rows)?;
    for other in book
        .editions
        .iter()
        .filter(|other| other.version != edition.version)
    {
        let from = other.effective_at.as_deref().unwrap_or("the start");
        let state = other.state.replace('_', " ");
        paper::line(&format!("edition `{}`: {state}, from {from} on", other.version))?;
    }
    Ok(())
}

/// A row as people read it.
fn cells(row: &PriceRow) -> [String; 6] {
    let word = |value: &Value| value.as_str().map(str::to_owned);
    let resolution = row.resolution.and_then(|size| word(&json!(size)));
    let quality: Vec<String> = row.mode.clone().into_iter().chain(resolution).collect();
    let with = |name: &str, flag: Option<bool>| {
        flag.map(|flag| format!("{} {name}", if flag { "with" } else { "without" }))
    };
    let seconds = match (row.seconds, row.seconds_min, row.seconds_max) {
        (Some(seconds), ..) => Some(format!("{seconds} s")),
        (None, Some(least), Some(most)) => Some(format!("{least} to {most} s")),
        (None, Some(least), None) => Some(format!("from {least} s")),
        (None, None, Some(most)) => Some(format!("up to {most} s")),
        (None, None, None) => None,
    };
    let conditions = [
        with("sound", row.sound),
        seconds,
        row.count.map(|count| format!("{count} results")),
        with("a clip", row.video_input),
        with("a picture", row.picture_input),
        with("a named voice", row.voice),
    ];
    let conditions: Vec<String> = conditions.into_iter().flatten().collect();
    let or_any = |text: String| if text.is_empty() { "any".to_owned() } else { text };
    [
        row.model.clone(),
        or_any(row.operation.map_or("", domain::Operation::word).to_owned()),
        or_any(quality.join(" ")),
        or_any(conditions.join(", ")),
        row.price_micros.dollars(),
        word(&json!(row.unit)).unwrap_or_default().replace('_', " "),
    ]
}
