//! `reelway webhooks`, and `reelway tasks replay-webhook`: through the running server where there is one; the
//! list also works in the database itself.

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use secrecy::ExposeSecret as _;
use serde::de::DeserializeOwned;
use serde_json::json;
use store::Lock;

use crate::admin::deliveries::Whose;
use crate::cli::keys::{existing_store, plain};
use crate::cli::tasks::running;
use crate::cli::{Place, paper};
use crate::client::{Answered, Client};
use crate::config::Environment;
use crate::webhooks::api::{LIMIT_MAX, LIMIT_USUAL, ListWish, Sight, WebhookList, WebhookView};
use crate::webhooks::secrets::SecretView;

/// Most parts of a list that one command asks for, so that a narrow filter over a long history ends.
const PARTS_MAX: usize = 500;
/// What a webhook's id begins with; anything else is a task's.
const WEBHOOK_PREFIX: &str = "wh_";
const ADMIN: &str = "/api/v1/admin";

/// `reelway webhooks …`
#[derive(Subcommand)]
pub(super) enum Webhooks {
    /// List webhooks of all tenants, of the newest tasks first
    #[command(
        after_help = "Example:\n  reelway webhooks list --state dead\n  reelway webhooks list --tenant default --limit 200 --json"
    )]
    List(List),
    /// Send one webhook, or the last one of a task, once more
    #[command(after_help = "Example:\n  reelway webhooks replay wh_019ab4c2d0f87a3f9d5b6b1c2e3f4a5b_5")]
    Replay(Replay),
    /// Show the secret that a tenant's webhooks are signed with, once; or make the next one
    #[command(after_help = "Example:\n  reelway webhooks secret\n  reelway webhooks secret --rotate")]
    Secret(Secret),
}

#[derive(Args)]
pub(super) struct List {
    #[command(flatten)]
    place: Place,
    /// `pending`, `delivered`, `superseded` or `dead`
    #[arg(long)]
    state: Option<String>,
    /// The tenant, by name
    #[arg(long)]
    tenant: Option<String>,
    /// Most webhooks that are shown
    #[arg(long, default_value_t = LIMIT_USUAL)]
    limit: usize,
    /// Go on behind this webhook
    #[arg(long, value_name = "ID")]
    after: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Replay {
    #[command(flatten)]
    place: Place,
    /// The id of a webhook, or of a task, whose last one is meant
    #[arg(value_name = "TASK|WEBHOOK")]
    id: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Secret {
    #[command(flatten)]
    place: Place,
    /// The tenant, by name
    #[arg(long, default_value = "default")]
    tenant: String,
    /// Make a new secret; the one before goes on signing beside it for seven days
    #[arg(long)]
    rotate: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Webhooks {
    pub(super) async fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        match self {
            Webhooks::List(list) => list.run(environment).await,
            Webhooks::Replay(replay) => replay.run(environment).await,
            Webhooks::Secret(secret) => secret.run(environment).await,
        }
    }
}

impl List {
    async fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        let (config, _) = self.place.load(environment)?;
        let client = Client::of_running(&config.socket()).await;
        let store = match client {
            Some(_) => None,
            None => Some(existing_store(&config, Lock::ReadOnly).await?),
        };
        let mut wish = ListWish {
            state: self.state.clone(),
            tenant: self.tenant.clone(),
            limit: None,
            after: self.after.clone(),
        };
        let (mut webhooks, mut next) = (Vec::new(), None);
        for _ in 0..PARTS_MAX {
            wish.limit = Some(self.limit.saturating_sub(webhooks.len()).min(LIMIT_MAX));
            let part: WebhookList = match (&client, &store) {
                (Some(client), _) => {
                    let path = format!("{ADMIN}/deliveries?{}", wish.query());
                    read(client.json("GET", &path, None).await?)?
                }
                (None, Some(store)) => Sight::All.list(&**store, &wish).await.map_err(plain)?,
                (None, None) => break,
            };
            webhooks.extend(part.data);
            next = part.next_cursor;
            if next.is_none() || webhooks.len() >= self.limit {
                break;
            }
            wish.after.clone_from(&next);
        }
        if self.json {
            let has_more = next.is_some();
            return paper::json(
                &json!({ "object": "list", "data": webhooks, "next_cursor": next, "has_more": has_more }),
            );
        }
        let rows: Vec<_> = webhooks.into_iter().map(row).collect();
        let headings = [
            "ID", "STATE", "EVENT", "TENANT", "CREATED", "TRIES", "LAST", "NEXT TRY", "URL",
        ];
        paper::table(headings, &rows)?;
        match next {
            Some(next) => paper::line(&format!("more with --after {next}")),
            None => Ok(()),
        }
    }
}

fn row(webhook: WebhookView) -> [String; 9] {
    let none = || "-".to_owned();
    let last = match (webhook.last_status, webhook.last_try_at) {
        (Some(status), _) => status.to_string(),
        (None, Some(_)) => "no answer".to_owned(),
        (None, None) => none(),
    };
    [
        webhook.id,
        webhook.state,
        webhook.event,
        webhook.tenant.unwrap_or_else(none),
        webhook.created_at,
        webhook.tries.to_string(),
        last,
        webhook.next_try_at.unwrap_or_else(none),
        webhook.url,
    ]
}

impl Replay {
    pub(super) async fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        let (config, _) = self.place.load(environment)?;
        let client = running(&config).await?;
        let id = self.id.trim();
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
        if id.is_empty() || !id.bytes().all(is_plain) {
            bail!("there is no webhook `{id}`; `reelway webhooks list` shows all");
        }
        let path = if id.starts_with(WEBHOOK_PREFIX) {
            format!("{ADMIN}/deliveries/{id}/replay")
        } else {
            format!("{ADMIN}/tasks/{id}/replay-webhook")
        };
        let webhook: WebhookView = read(client.json("POST", &path, None).await?)?;
        if self.json {
            return paper::json(&webhook);
        }
        let WebhookView { id, event, url, .. } = webhook;
        paper::line(&format!("{id} ({event}) goes to {url} again"))
    }
}

impl Secret {
    async fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        let (config, _) = self.place.load(environment)?;
        let client = running(&config).await?;
        let whose = Whose {
            tenant: Some(self.tenant.clone()),
        };
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(whose.tenant.iter().map(|tenant| ("tenant", tenant)))
            .finish();
        let verb = if self.rotate { "/rotate" } else { "" };
        let path = format!("{ADMIN}/webhooks/secret{verb}?{query}");
        let answer = client.json("POST", &path, None).await?;
        if !answer.status.is_success() {
            bail!(answer.message());
        }
        let view: SecretView =
            serde_json::from_value(answer.body).context("the server's answer cannot be read")?;
        if self.json {
            return paper::json(&view);
        }
        paper::line(&format!("tenant {}, made {}", view.tenant, view.created_at))?;
        if let Some(until) = &view.previous_until {
            paper::line(&format!("the secret before goes on signing until {until}"))?;
        }
        match &view.secret {
            Some(secret) => paper::line(&format!("shown only now: {}", secret.expose_secret())),
            None => paper::line("it was shown before; `reelway webhooks secret --rotate` makes a new one"),
        }
    }
}

fn read<T: DeserializeOwned>(answer: Answered) -> anyhow::Result<T> {
    if !answer.status.is_success() {
        bail!("{}; `reelway webhooks list` shows all", answer.message());
    }
    serde_json::from_value(answer.body).context("the server's answer cannot be read")
}
