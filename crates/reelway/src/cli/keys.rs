//! `reelway keys`: through the running server where there is one, else in the database itself.

use std::sync::Arc;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand, ValueEnum};
use domain::{Refusal, Store};
use secrecy::ExposeSecret as _;
use store::Lock;

use crate::admin::keys::{self, KeyView, NewKey};
use crate::cli::{Place, paper};
use crate::client::Client;
use crate::config::{Config, Environment};
use crate::wiring::{Nature, open_store, sealer};

/// `reelway keys …`
#[derive(Subcommand)]
pub(super) enum Keys {
    /// Make a key, or a pair that signs tokens, and print it, once
    #[command(
        after_help = "Example:\n  reelway keys create --name website\n  reelway keys create --name ops --role admin --expires-in-days 90\n  reelway keys create --name kling-sdk --pair --dialect kling"
    )]
    Create(Create),
    /// List all keys, without their secrets
    #[command(after_help = "Example:\n  reelway keys list --json")]
    List(Listing),
    /// Revoke a key; it stops working within five seconds
    #[command(after_help = "Example:\n  reelway keys revoke key_019ab4c2d0f87a3f9d5b6b1c2e3f4a5b")]
    Revoke(Revoke),
}

#[derive(Args)]
pub(super) struct Create {
    #[command(flatten)]
    place: Place,
    /// Your name for the key
    #[arg(long)]
    name: String,
    /// The tenant, by name
    #[arg(long, default_value = "default")]
    tenant: String,
    /// What the key opens
    #[arg(long, value_enum, default_value = "client")]
    role: Role,
    /// Make an access and a secret key, which sign tokens (JWT, HS256) as Kling's own do
    #[arg(long)]
    pair: bool,
    /// The dialect that the key always speaks; else each path's own
    #[arg(long, value_name = "NAME")]
    dialect: Option<String>,
    /// Days until the key stops working; else never
    #[arg(long, value_name = "DAYS")]
    expires_in_days: Option<u64>,
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
pub(super) struct Revoke {
    #[command(flatten)]
    place: Place,
    /// The key's id, as `reelway keys list` prints it
    id: String,
}

#[derive(Clone, Copy, ValueEnum)]
enum Role {
    /// The dialects and the tenant's own tasks
    Client,
    /// The admin API as well
    Admin,
}

impl Keys {
    pub(super) async fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        match self {
            Keys::Create(create) => create.run(environment).await,
            Keys::List(listing) => listing.run(environment).await,
            Keys::Revoke(revoke) => revoke.run(environment).await,
        }
    }
}

impl Create {
    async fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        let (config, _) = self.place.load(environment)?;
        let role = match self.role {
            Role::Client => "client",
            Role::Admin => "admin",
        };
        let wish = NewKey {
            name: self.name.clone(),
            kind: self.pair.then(|| keys::PAIR.to_owned()),
            tenant: Some(self.tenant.clone()),
            role: Some(role.to_owned()),
            dialect: self.dialect.clone(),
            expires_in_days: self.expires_in_days,
        };
        let made: KeyView = match Client::of_running(&config.socket()).await {
            Some(client) => {
                let body = serde_json::to_value(&wish).context("the wish cannot be written")?;
                let answer = client.json("POST", "/api/v1/admin/keys", Some(&body)).await?;
                if !answer.status.is_success() {
                    bail!(answer.message());
                }
                serde_json::from_value(answer.body).context("the server's answer cannot be read")?
            }
            None => {
                let store = existing_store(&config, Lock::Exclusive).await?;
                let Nature { clock, ids } = Nature::of_machine();
                let sealer = sealer(&config, &*ids)?;
                let made = keys::make(&*store, &*clock, (&*ids, &sealer), wish).await;
                made.map_err(plain)?
            }
        };
        if self.json {
            return paper::json(&made);
        }
        paper::line(&format!("{} ({}, {})", made.id, made.name, made.role))?;
        if let Some(access) = &made.access_key {
            paper::line(&format!("access key: {access}"))?;
        }
        let secret = made.secret_key.or(made.key).unwrap_or_default();
        paper::line(&format!("shown only now: {}", secret.expose_secret()))
    }
}

impl Listing {
    async fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        let (config, _) = self.place.load(environment)?;
        let keys: Vec<KeyView> = match Client::of_running(&config.socket()).await {
            Some(client) => {
                let mut answer = client.json("GET", "/api/v1/admin/keys", None).await?;
                if !answer.status.is_success() {
                    bail!(answer.message());
                }
                serde_json::from_value(answer.body["data"].take())
                    .context("the server's answer cannot be read")?
            }
            None => {
                let store = existing_store(&config, Lock::ReadOnly).await?;
                keys::all(&*store).await.map_err(plain)?
            }
        };
        if self.json {
            return paper::json(&keys);
        }
        let rows = keys.into_iter().map(|key| {
            let state = match (&key.revoked_at, &key.expires_at) {
                (Some(at), _) => format!("revoked {at}"),
                (None, Some(at)) => format!("until {at}"),
                (None, None) => "valid".to_owned(),
            };
            let dialect = key.dialect.unwrap_or_else(|| "-".to_owned());
            let access = key.access_key.unwrap_or_else(|| "-".to_owned());
            [
                key.id, key.name, key.tenant, key.role, key.kind, dialect, key.hint, access, state,
            ]
        });
        let rows: Vec<_> = rows.collect();
        let headings = [
            "ID",
            "NAME",
            "TENANT",
            "ROLE",
            "KIND",
            "DIALECT",
            "ENDS IN",
            "ACCESS KEY",
            "STATE",
        ];
        paper::table(headings, &rows)
    }
}

impl Revoke {
    async fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        let (config, _) = self.place.load(environment)?;
        match Client::of_running(&config.socket()).await {
            Some(client) => {
                let id = self.id.trim();
                if !id
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
                {
                    bail!("there is no key `{id}`; `reelway keys list` shows all");
                }
                let answer = client
                    .json("DELETE", &format!("/api/v1/admin/keys/{id}"), None)
                    .await?;
                if !answer.status.is_success() {
                    bail!("{}; `reelway keys list` shows all", answer.message());
                }
            }
            None => {
                let store = existing_store(&config, Lock::Exclusive).await?;
                let Nature { clock, .. } = Nature::of_machine();
                keys::end(&*store, &*clock, self.id.trim()).await.map_err(plain)?;
            }
        }
        paper::line(&format!("{} is revoked", self.id.trim()))
    }
}

/// The database of a data directory that has been started once.
pub(super) async fn existing_store(config: &Config, lock: Lock) -> anyhow::Result<Arc<dyn Store>> {
    if let Some(file) = config.database_file()
        && !file.exists()
    {
        bail!(
            "there is no database at `{}`; start `reelway serve` once, or name another directory with --data-dir",
            file.display()
        );
    }
    Ok(open_store(config, lock).await?)
}

/// A refusal as a command says it.
#[expect(clippy::needless_pass_by_value, reason = "reads as a function for map_err")]
pub(super) fn plain(refusal: Refusal) -> anyhow::Error {
    anyhow::anyhow!(refusal.sentence())
}
