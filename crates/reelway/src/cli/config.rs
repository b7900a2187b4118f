//! `reelway config`: whether the configuration can be used, and what is in force.

use anyhow::Context as _;
use clap::Subcommand;
use serde_json::{Map, Value, json};

use crate::cli::{Place, paper};
use crate::config::accounts::SECRET_KEYS;
use crate::config::sources::AccountTable;
use crate::config::{Environment, Sources};

/// What is shown instead of a secret.
const MASK: &str = "********";

/// `reelway config …`
#[derive(Subcommand)]
pub(super) enum ConfigCommand {
    /// Say whether the configuration can be used
    #[command(after_help = "Example:\n  reelway config check --config reelway.toml")]
    Check {
        #[command(flatten)]
        place: Place,
    },
    /// Print every key with its value and where it comes from; secrets are masked
    #[command(after_help = "Example:\n  reelway config show --json")]
    Show {
        #[command(flatten)]
        place: Place,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

impl ConfigCommand {
    pub(super) fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        match self {
            ConfigCommand::Check { place } => {
                let (config, _) = place.load(environment)?;
                for entry in &config.accounts {
                    entry.secrets(environment)?;
                }
                paper::line("the configuration can be used")
            }
            ConfigCommand::Show { place, json } => {
                let (_, sources) = place.load(environment)?;
                show(&sources, *json)
            }
        }
    }
}

fn show(sources: &Sources, json: bool) -> anyhow::Result<()> {
    if json {
        let keys = sources.all().map(|(key, value, origin)| {
            let shown = json!({ "value": without_password(key, value), "from": origin.to_string() });
            (key.to_owned(), shown)
        });
        let accounts: Vec<Value> = sources.accounts.iter().map(account).collect();
        let body = json!({ "keys": keys.collect::<Map<_, _>>(), "accounts": accounts });
        let text = serde_json::to_string_pretty(&body).context("the configuration cannot be printed")?;
        return paper::line(&text);
    }
    let mut section = "";
    let (top, sections): (Vec<_>, Vec<_>) = sources.all().partition(|(key, ..)| !key.contains('.'));
    for (key, value, origin) in top.into_iter().chain(sections) {
        let (head, name) = key.split_once('.').unwrap_or(("", key));
        if head != section {
            section = head;
            paper::line(&format!("\n[{head}]"))?;
        }
        let value = without_password(key, value);
        paper::line(&format!("{name} = {value}  # {origin}"))?;
    }
    for table in &sources.accounts {
        paper::line(&format!("\n[[account]]  # {}", table.origin))?;
        for (key, value, _) in &table.values {
            paper::line(&format!("{key} = {}", masked(key, value)))?;
        }
    }
    Ok(())
}

fn account(table: &AccountTable) -> Value {
    let pairs = table
        .values
        .iter()
        .map(|(key, value, _)| (key.clone(), json!(masked(key, value))));
    Value::Object(pairs.collect())
}

/// The address of a database without its password. One that cannot be taken apart is not shown at all.
fn without_password(key: &str, value: &toml::Value) -> toml::Value {
    let text = value
        .as_str()
        .filter(|text| key == "database.url" && !text.starts_with("sqlite:"));
    let Some(text) = text else {
        return value.clone();
    };
    let shown = url::Url::parse(text).ok().and_then(|mut url| {
        if url.password().is_some() {
            url.set_password(Some(MASK)).ok()?;
        }
        // A password may also stand among the options.
        url.set_query(None);
        Some(url.to_string())
    });
    toml::Value::String(shown.unwrap_or_else(|| MASK.to_owned()))
}

/// References to secrets are shown; secrets are not.
fn masked(key: &str, value: &toml::Value) -> toml::Value {
    let reference = value
        .as_str()
        .is_some_and(|text| text.starts_with("env:") || text.starts_with("file:"));
    if SECRET_KEYS.contains(&key) && !reference {
        return toml::Value::String(MASK.to_owned());
    }
    value.clone()
}
