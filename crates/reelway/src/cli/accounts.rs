//! `reelway accounts`: through the running server where there is one, else in the database itself. Secrets
//! never stand on the command line, where every user of the machine can read them.

use std::io::BufRead as _;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use domain::Refusal;
use domain::account::Duty;
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde_json::Value;
use store::Lock;

use crate::accounts::secrets;
use crate::admin::accounts::{AccountView, Books, NewAccount, Tested, tested};
use crate::admin::audit::recorded;
use crate::cli::keys::{existing_store, plain};
use crate::cli::{Misuse, Place, paper};
use crate::client::Client;
use crate::config::{Config, Environment};
use crate::wiring::{Nature, account_sealer, accounts};

/// Reads a secret from the standard input.
const STDIN: &str = "-";
/// The admin API's path of accounts.
const PATH: &str = "/api/v1/admin/accounts";

/// `reelway accounts …`
#[derive(Subcommand)]
pub(super) enum Accounts {
    /// Plug an upstream login in
    #[command(
        after_help = "Example:\n  reelway accounts add kling-main --provider kling --api-key env:KLING_API_KEY\n  reelway accounts add kling-pair --provider kling --access-key env:KLING_ACCESS_KEY --secret-key file:secret.txt --slots 3\n  pass kling | reelway accounts add kling-main --provider kling --api-key -"
    )]
    Add(Box<Add>),
    /// List all accounts, without their secrets
    #[command(after_help = "Example:\n  reelway accounts list --json")]
    List(Listing),
    /// Ask the upstream whether the login works; nothing is made and nothing is paid
    #[command(after_help = "Example:\n  reelway accounts test kling-main")]
    Test(Named),
    /// Hand no new tasks over; tasks in flight go on
    #[command(after_help = "Example:\n  reelway accounts pause kling-main")]
    Pause(Named),
    /// Hand tasks over again
    #[command(after_help = "Example:\n  reelway accounts resume kling-main")]
    Resume(Named),
    /// Take an account out; its login is forgotten when its last task has ended
    #[command(after_help = "Example:\n  reelway accounts remove kling-main")]
    Remove(Named),
}

#[derive(Args)]
pub(super) struct Add {
    #[command(flatten)]
    place: Place,
    /// Your name for the account
    name: String,
    /// Who is behind it, such as `kling`
    #[arg(long)]
    provider: String,
    /// Where the provider is reached; else where its vendor documents
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// The API key: `env:NAME`, `file:PATH`, or `-` for a line of the standard input
    #[arg(long, value_name = "WHERE")]
    api_key: Option<String>,
    /// The access key of a pair, as --api-key
    #[arg(long, value_name = "WHERE", requires = "secret_key")]
    access_key: Option<String>,
    /// The secret key of a pair, as --api-key
    #[arg(long, value_name = "WHERE", requires = "access_key")]
    secret_key: Option<String>,
    /// What the vendor signs its callbacks with, as --api-key
    #[arg(long, value_name = "WHERE")]
    callback_secret: Option<String>,
    /// A model that it is given, repeatable; else all that the provider lists
    #[arg(long = "model", value_name = "NAME")]
    models: Vec<String>,
    /// A model that the vendor knows under another name, repeatable
    #[arg(long = "alias", value_name = "OURS=THEIRS")]
    aliases: Vec<String>,
    /// Tasks in flight at once; else the provider's usual quota
    #[arg(long)]
    slots: Option<i64>,
    /// Its share of new tasks among accounts of one priority [default: 1]
    #[arg(long)]
    weight: Option<i64>,
    /// Accounts of a higher priority are filled first [default: 0]
    #[arg(long, allow_negative_numbers = true)]
    priority: Option<i64>,
    /// Most requests a second; else as many as there is work for
    #[arg(long, value_name = "N")]
    requests_per_second: Option<i64>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Listing {
    #[command(flatten)]
    place: Place,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Named {
    #[command(flatten)]
    place: Place,
    /// The account's name, as `reelway accounts list` prints it
    name: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Accounts {
    pub(super) async fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        match self {
            Accounts::Add(add) => add.run(environment).await,
            Accounts::List(listing) => listing.run(environment).await,
            Accounts::Test(named) => named.test(environment).await,
            Accounts::Pause(named) => named.put(environment, Duty::Paused).await,
            Accounts::Resume(named) => named.put(environment, Duty::Working).await,
            Accounts::Remove(named) => named.put(environment, Duty::Retired).await,
        }
    }
}

impl Add {
    async fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        let (config, _) = self.place.load(environment)?;
        let wish = NewAccount {
            name: self.name.clone(),
            provider: self.provider.clone(),
            base_url: self.base_url.clone(),
            api_key: secret("api_key", self.api_key.as_deref(), environment)?,
            access_key: secret("access_key", self.access_key.as_deref(), environment)?,
            secret_key: secret("secret_key", self.secret_key.as_deref(), environment)?,
            callback_secret: secret("callback_secret", self.callback_secret.as_deref(), environment)?,
            models: self.models.clone(),
            aliases: self.aliases.clone(),
            slots: self.slots,
            weight: self.weight,
            priority: self.priority,
            requests_per_second: self.requests_per_second,
        };
        let added: AccountView = match Client::of_running(&config.socket()).await {
            Some(client) => {
                let body = serde_json::to_value(&wish).context("the wish cannot be written")?;
                asked(&client, "POST", PATH, Some(&body)).await?
            }
            None => {
                let room = Room::open(&config, Lock::Exclusive).await?;
                let books = room.books(&config);
                room.act("accounts add", &self.name, books.enrol(wish)).await?
            }
        };
        if self.json {
            return paper::json(&added);
        }
        paper::line(&format!(
            "{} at {} is plugged in with {} slots",
            added.name, added.provider, added.slots
        ))
    }
}

impl Listing {
    async fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        let (config, _) = self.place.load(environment)?;
        let all: Vec<AccountView> = match Client::of_running(&config.socket()).await {
            Some(client) => {
                let mut answer: Value = asked(&client, "GET", PATH, None).await?;
                serde_json::from_value(answer["data"].take()).context("the server's answer cannot be read")?
            }
            None => {
                let room = Room::open(&config, Lock::ReadOnly).await?;
                room.books(&config).all().await.map_err(plain)?
            }
        };
        if self.json {
            return paper::json(&all);
        }
        let rows = all.into_iter().map(|account| {
            let models = match account.models.is_empty() {
                true => "all".to_owned(),
                false => account.models.join(","),
            };
            let failing = account.standing.filter(|standing| standing.health != "healthy");
            let why = failing.map(|standing| {
                let last = standing.last_error.unwrap_or_default();
                format!("{} ({last})", standing.health)
            });
            let state = match account.fault.or(why) {
                Some(fault) => format!("{}: {fault}", account.duty),
                None => account.duty,
            };
            [
                account.name,
                account.provider,
                account.source,
                account.login.unwrap_or_else(|| "-".to_owned()),
                account.slots.to_string(),
                account.weight.to_string(),
                account.priority.to_string(),
                models,
                state,
            ]
        });
        let rows: Vec<_> = rows.collect();
        let headings = [
            "NAME", "PROVIDER", "FROM", "LOGIN", "SLOTS", "WEIGHT", "PRIORITY", "MODELS", "STATE",
        ];
        paper::table(headings, &rows)
    }
}

impl Named {
    async fn put(&self, environment: &Environment, duty: Duty) -> anyhow::Result<()> {
        let (config, _) = self.place.load(environment)?;
        let changed: AccountView = match Client::of_running(&config.socket()).await {
            Some(client) => {
                let path = self.path()?;
                match duty {
                    Duty::Paused => asked(&client, "POST", &format!("{path}/pause"), None).await?,
                    Duty::Working => asked(&client, "POST", &format!("{path}/resume"), None).await?,
                    Duty::Retired | Duty::Removed => asked(&client, "DELETE", &path, None).await?,
                }
            }
            None => {
                let room = Room::open(&config, Lock::Exclusive).await?;
                let books = room.books(&config);
                let command = match duty {
                    Duty::Paused => "accounts pause",
                    Duty::Working => "accounts resume",
                    Duty::Retired | Duty::Removed => "accounts remove",
                };
                room.act(command, &self.name, books.set_duty(&self.name, duty))
                    .await?
            }
        };
        if self.json {
            return paper::json(&changed);
        }
        let what = match duty {
            Duty::Paused => "is paused; tasks in flight go on",
            Duty::Working => "takes tasks",
            Duty::Retired | Duty::Removed => {
                "is removed; its login is forgotten when its last task has ended"
            }
        };
        paper::line(&format!("{} {what}", changed.name))
    }

    async fn test(&self, environment: &Environment) -> anyhow::Result<()> {
        let (config, _) = self.place.load(environment)?;
        let answer: Tested = match Client::of_running(&config.socket()).await {
            Some(client) => asked(&client, "POST", &format!("{}/test", self.path()?), None).await?,
            None => {
                let room = Room::open(&config, Lock::ReadOnly).await?;
                let answer = accounts::check_alone(
                    (&config, environment),
                    &*room.store,
                    &room.sealer,
                    &room.nature.clock,
                    &self.name,
                );
                tested(&self.name, answer.await?)
            }
        };
        if self.json {
            paper::json(&answer)?;
        } else if answer.works {
            paper::line(&format!("{}: {}", answer.name, answer.note))?;
            for pack in &answer.packs {
                let of = |text: &Option<String>| text.clone().unwrap_or_else(|| "?".to_owned());
                let (left, total) = (of(&pack.remaining), of(&pack.total));
                paper::line(&format!(
                    "  {} ({}): {left} of {total} left",
                    pack.name, pack.status
                ))?;
            }
        }
        if !answer.works {
            let cure = match answer.retryable {
                true => "try again later",
                false => "check its secrets, its packs and its rights at the vendor",
            };
            bail!("account `{}` does not work: {}; {cure}", answer.name, answer.note);
        }
        Ok(())
    }

    /// The account's path. A name that cannot be one is none.
    fn path(&self) -> anyhow::Result<String> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if self.name.is_empty() || !self.name.bytes().all(plain) {
            bail!(
                "there is no account `{}`; `reelway accounts list` shows all",
                self.name
            );
        }
        Ok(format!("{PATH}/{}", self.name))
    }
}

/// What a command works with that opens the database itself.
struct Room {
    store: std::sync::Arc<dyn domain::Store>,
    sealer: crate::sealing::Sealer,
    nature: Nature,
}

impl Room {
    async fn open(config: &Config, lock: Lock) -> anyhow::Result<Room> {
        let store = existing_store(config, lock).await?;
        let master_key = config.master_key();
        if !master_key.exists() {
            // One made here would seal for nobody: the gateways on this database have another.
            bail!(
                "there is no master key at `{}`; copy it from the data directory of the gateway",
                master_key.display()
            );
        }
        let nature = Nature::of_machine();
        Ok(Room {
            sealer: account_sealer(config, &*nature.ids)?,
            store,
            nature,
        })
    }

    /// Does what a command does, and writes it down.
    async fn act<T>(
        &self,
        command: &str,
        about: &str,
        work: impl Future<Output = Result<T, Refusal>>,
    ) -> anyhow::Result<T> {
        let done = recorded((&*self.store, &self.nature), (command, about), work);
        done.await.map_err(plain)
    }

    fn books<'a>(&'a self, config: &'a Config) -> Books<'a> {
        Books {
            store: &*self.store,
            sealer: &self.sealer,
            config,
            clock: &*self.nature.clock,
            ids: &*self.nature.ids,
        }
    }
}

/// Asks the running server.
async fn asked<T: DeserializeOwned>(
    client: &Client,
    method: &str,
    path: &str,
    body: Option<&Value>,
) -> anyhow::Result<T> {
    let answer = client.json(method, path, body).await?;
    if !answer.status.is_success() {
        bail!(answer.message());
    }
    serde_json::from_value(answer.body).context("the server's answer cannot be read")
}

/// The secret that an option leads to.
fn secret(
    field: &'static str,
    text: Option<&str>,
    environment: &Environment,
) -> anyhow::Result<Option<SecretString>> {
    let Some(text) = text else { return Ok(None) };
    if text == STDIN {
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line);
        read.context("the standard input cannot be read")?;
        let line = SecretString::from(line.trim_end_matches(['\r', '\n']));
        return Ok(Some(line));
    }
    if !secrets::is_reference(text) {
        let option = field.replace('_', "-");
        bail!(Misuse(format!(
            "--{option} does not take the secret itself, which others could read here; give `env:NAME`, \
             `file:PATH`, or `-` for a line of the standard input"
        )));
    }
    Ok(Some(secrets::read(field, text, environment)?))
}
