//! `reelway keys`: through the running server where there is one, else in the database itself.

use std::sync::Arc;

use anyhow::bail;
use clap::{Args, Subcommand, ValueEnum};
use domain::{Refusal, Store};
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use store::Lock;

use crate::admin::keys::{self, KeyView};
use crate::cli::registry::{Desk, LimitArgs, asked, fields, in_words, segment};
use crate::cli::{Misuse, Place, paper};
use crate::config::{Config, Environment};
use crate::wiring::open_store;

/// The admin API's path of keys.
const PATH: &str = "/api/v1/admin/keys";

/// `reelway keys …`
#[derive(Subcommand)]
pub(super) enum Keys {
    /// Make a key, or a pair that signs tokens, and print it, once
    #[command(
        after_help = "Example:\n  reelway keys create --name website\n  reelway keys create --name ops --role admin --expires-in-days 90\n  reelway keys create --name kling-sdk --pair --dialect kling\n  reelway keys create --name shop --tenant studio --budget 100 --rpm 60 --model kling-v3 --from-network 203.0.113.0/24"
    )]
    Create(Box<Create>),
    /// List all keys, without their secrets
    #[command(after_help = "Example:\n  reelway keys list --json\n  reelway keys list --tenant studio")]
    List(Listing),
    /// Change what a key may use, and be used for; what is not named stays
    #[command(
        after_help = "Example:\n  reelway keys limits key_019ab4c2d0f87a3f9d5b6b1c2e3f4a5b --day-budget 5 --rpm none\n  reelway keys limits key_019ab4c2d0f87a3f9d5b6b1c2e3f4a5b --model kling-v3 --from-network none"
    )]
    Limits(Change),
    /// Make a key in the place of another, which goes on for a while
    #[command(
        after_help = "Example:\n  reelway keys rotate key_019ab4c2d0f87a3f9d5b6b1c2e3f4a5b --overlap 24h"
    )]
    Rotate(Rotate),
    /// Revoke a key; it stops working within a second
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
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What a key may be used for.
#[derive(Args)]
struct ScopeArgs {
    /// Only this model, repeatable
    #[arg(long = "model", value_name = "NAME")]
    models: Vec<String>,
    /// Only this kind of work, such as `text_to_video`, repeatable
    #[arg(long = "operation", value_name = "WORD")]
    operations: Vec<String>,
    /// Only these dialects, with commas between them
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    dialects: Vec<String>,
    /// Only from this network, such as `203.0.113.0/24`, repeatable
    #[arg(long = "from-network", value_name = "CIDR")]
    networks: Vec<String>,
}

#[derive(Args)]
pub(super) struct Listing {
    #[command(flatten)]
    place: Place,
    /// Only of this tenant
    #[arg(long, value_name = "NAME")]
    tenant: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Change {
    #[command(flatten)]
    place: Place,
    /// The key's id, as `reelway keys list` prints it
    id: String,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Rotate {
    #[command(flatten)]
    place: Place,
    /// The key's id, as `reelway keys list` prints it
    id: String,
    /// How long the old key goes on
    #[arg(long, value_name = "LENGTH", default_value = "24h")]
    overlap: String,
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

/// Keys as the server lists them.
#[derive(Deserialize)]
struct KeyList {
    data: Vec<KeyView>,
}

impl Keys {
    pub(super) async fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        match self {
            Keys::Create(create) => create.run(environment).await,
            Keys::List(listing) => listing.run(environment).await,
            Keys::Limits(change) => change.run(environment).await,
            Keys::Rotate(rotate) => rotate.run(environment).await,
            Keys::Revoke(revoke) => revoke.run(environment).await,
        }
    }
}

impl ScopeArgs {
    /// The scope as a merge patch; `none` alone widens it again.
    fn patch(&self) -> Value {
        let mut patch = Map::new();
        for (field, names) in [
            ("models", &self.models),
            ("operations", &self.operations),
            ("dialects", &self.dialects),
            ("networks", &self.networks),
        ] {
            match names.as_slice() {
                [] => continue,
                [none] if none == "none" => patch.insert(field.to_owned(), Value::Null),
                names => patch.insert(field.to_owned(), json!(names)),
            };
        }
        Value::Object(patch)
    }
}

impl Create {
    async fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        let role = match self.role {
            Role::Client => "client",
            Role::Admin => "admin",
        };
        let mut body = json!({
            "name": self.name, "tenant": self.tenant, "role": role,
            "limits": self.limits.patch()?, "scope": self.scope.patch(),
        });
        if self.pair {
            body["kind"] = json!(keys::PAIR);
        }
        if let Some(dialect) = &self.dialect {
            body["dialect"] = json!(dialect);
        }
        if let Some(days) = self.expires_in_days {
            body["expires_in_days"] = json!(days);
        }
        let made: KeyView = match Desk::open(&self.place, environment, Lock::Exclusive).await? {
            Desk::Server(client) => asked(&client, "POST", PATH, Some(&body)).await?,
            Desk::Database(room) => {
                let fields = fields(&body)?;
                let registrar = room.registrar();
                room.act("keys create", &self.name, registrar.create_key(fields))
                    .await?
            }
        };
        show(made, self.json)
    }
}

/// Prints a key that was just made, with its secret.
fn show(made: KeyView, json: bool) -> anyhow::Result<()> {
    if json {
        return paper::json(&made);
    }
    paper::line(&format!("{} ({}, {})", made.id, made.name, made.role))?;
    if let Some(access) = &made.access_key {
        paper::line(&format!("access key: {access}"))?;
    }
    let secret = made.secret_key.or(made.key).unwrap_or_default();
    paper::line(&format!("shown only now: {}", secret.expose_secret()))
}

impl Listing {
    async fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        let keys: Vec<KeyView> = match Desk::open(&self.place, environment, Lock::ReadOnly).await? {
            Desk::Server(client) => {
                let query = url::form_urlencoded::Serializer::new(String::new())
                    .extend_pairs(self.tenant.iter().map(|tenant| ("tenant", tenant)))
                    .finish();
                let list: KeyList = asked(&client, "GET", &format!("{PATH}?{query}"), None).await?;
                list.data
            }
            Desk::Database(room) => {
                let listed = room.registrar().keys(self.tenant.as_deref()).await;
                listed.map_err(plain)?
            }
        };
        if self.json {
            return paper::json(&keys);
        }
        let rows: Vec<_> = keys.into_iter().map(row).collect();
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
            "LIMITS",
        ];
        paper::table(headings, &rows)
    }
}

fn row(key: KeyView) -> [String; 10] {
    let state = match (&key.revoked_at, &key.expires_at) {
        (Some(at), _) => format!("revoked {at}"),
        (None, Some(at)) => format!("until {at}"),
        (None, None) => "valid".to_owned(),
    };
    let limits = in_words(&key.limits);
    let dialect = key.dialect.unwrap_or_else(|| "-".to_owned());
    let access = key.access_key.unwrap_or_else(|| "-".to_owned());
    [
        key.id, key.name, key.tenant, key.role, key.kind, dialect, key.hint, access, state, limits,
    ]
}

impl Change {
    async fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        let id = segment(&self.id, "key")?;
        let patch = json!({ "limits": self.limits.patch()?, "scope": self.scope.patch() });
        let key: KeyView = match Desk::open(&self.place, environment, Lock::Exclusive).await? {
            Desk::Server(client) => asked(&client, "PATCH", &format!("{PATH}/{id}"), Some(&patch)).await?,
            Desk::Database(room) => {
                let fields = fields(&patch)?;
                let registrar = room.registrar();
                room.act("keys limits", id, registrar.change_key(id, fields))
                    .await?
            }
        };
        if self.json {
            return paper::json(&key);
        }
        paper::line(&format!(
            "{} ({}) may use: {}",
            key.id,
            key.name,
            in_words(&key.limits)
        ))
    }
}

impl Rotate {
    async fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        let id = segment(&self.id, "key")?;
        let Ok(overlap) = humantime::parse_duration(&self.overlap) else {
            bail!(Misuse(format!(
                "--overlap is `{}` and must be a length of time such as `24h`",
                self.overlap
            )));
        };
        let body = json!({ "overlap_seconds": overlap.as_secs() });
        let made: KeyView = match Desk::open(&self.place, environment, Lock::Exclusive).await? {
            Desk::Server(client) => {
                asked(&client, "POST", &format!("{PATH}/{id}/rotate"), Some(&body)).await?
            }
            Desk::Database(room) => {
                let fields = fields(&body)?;
                let registrar = room.registrar();
                room.act("keys rotate", id, registrar.rotate_key(id, fields))
                    .await?
            }
        };
        show(made, self.json)
    }
}

impl Revoke {
    async fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        let id = segment(&self.id, "key")?;
        match Desk::open(&self.place, environment, Lock::Exclusive).await? {
            Desk::Server(client) => {
                let path = format!("{PATH}/{id}");
                let _: Value = asked(&client, "DELETE", &path, None).await?;
            }
            Desk::Database(room) => {
                let registrar = room.registrar();
                room.act("keys revoke", id, registrar.end_key(id)).await?;
            }
        }
        paper::line(&format!("{id} is revoked"))
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
