//! Where commands about tenants and keys are done: by the running server where there is one, else here on
//! its database, with the same verbs, each written down in the audit log; and how their limits are written
//! on a command line.

use std::sync::Arc;

use anyhow::{Context as _, bail};
use clap::Args;
use domain::tenant::Limits;
use domain::{Micros, Refusal, Store};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use store::Lock;

use crate::admin::audit::recorded;
use crate::admin::fields::Fields;
use crate::admin::prices::{self, ShowWish};
use crate::admin::tenants::Registrar;
use crate::cli::keys::{existing_store, plain};
use crate::cli::{Misuse, Place};
use crate::client::Client;
use crate::config::Environment;
use crate::sealing::Sealer;
use crate::wiring::{Nature, sealer};

/// Takes a limit away on a command line.
const NONE: &str = "none";

/// Where a command is done.
pub(super) enum Desk {
    /// By the running server.
    Server(Client),
    /// Here, on the database.
    Database(Box<Room>),
}

/// What a command works with that opens the database itself.
pub(super) struct Room {
    pub(super) store: Arc<dyn Store>,
    pub(super) nature: Nature,
    sealer: Option<Sealer>,
    models: Vec<String>,
}

impl Desk {
    /// The running server, or the database.
    pub(super) async fn open(place: &Place, environment: &Environment, lock: Lock) -> anyhow::Result<Desk> {
        let (config, _) = place.load(environment)?;
        if let Some(client) = Client::of_running(&config.socket()).await {
            return Ok(Desk::Server(client));
        }
        let store = existing_store(&config, lock).await?;
        let nature = Nature::of_machine();
        // One made here would seal for nobody: the gateways on this database have another.
        let is_there = config.master_key().exists();
        let sealer = is_there.then(|| sealer(&config, &*nature.ids)).transpose()?;
        let models = models_in_force(&*store, &nature).await?;
        Ok(Desk::Database(Box::new(Room {
            models,
            store,
            nature,
            sealer,
        })))
    }
}

impl Room {
    /// What the verbs work with.
    pub(super) fn registrar(&self) -> Registrar<'_> {
        Registrar {
            store: &*self.store,
            clock: &*self.nature.clock,
            ids: &*self.nature.ids,
            sealer: self.sealer.as_ref(),
            models: self.models.clone(),
        }
    }

    /// Does what a command does, and writes it down.
    pub(super) async fn act<T>(
        &self,
        command: &str,
        about: &str,
        work: impl Future<Output = Result<T, Refusal>>,
    ) -> anyhow::Result<T> {
        let done = recorded((&*self.store, &self.nature), (command, about), work);
        done.await.map_err(plain)
    }
}

/// The models that are sold: those of the price book in force.
pub(super) async fn models_in_force(store: &dyn Store, nature: &Nature) -> anyhow::Result<Vec<String>> {
    let built_in = crate::prices::built_in().map_err(anyhow::Error::msg)?;
    let desk = prices::Desk {
        store: Some(store),
        built_in: &built_in,
        now: nature.clock.now(),
    };
    let book = desk.show(None, &ShowWish::default()).await.map_err(plain)?;
    let mut models: Vec<String> = book.rows.into_iter().map(|row| row.row.model).collect();
    models.sort();
    models.dedup();
    Ok(models)
}

/// Asks the running server.
pub(super) async fn asked<T: DeserializeOwned>(
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

/// The fields of a body that a command has put together.
pub(super) fn fields(body: &Value) -> anyhow::Result<Fields> {
    Fields::of(body.clone()).map_err(plain)
}

/// A name or an id as it stands in a path. What cannot be one is none.
pub(super) fn segment<'a>(text: &'a str, what: &str) -> anyhow::Result<&'a str> {
    let text = text.trim();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.@+".contains(&byte);
    if text.is_empty() || !text.bytes().all(is_plain) {
        bail!("there is no such {what}; `reelway {what}s list` shows all");
    }
    Ok(text)
}

/// Limits; `none` takes one away.
#[derive(Args, Default)]
pub(super) struct LimitArgs {
    /// The most that may be spent over all time, in dollars
    #[arg(long, value_name = "USD|none")]
    budget: Option<String>,
    /// The most that may be spent for tasks of one day (UTC), in dollars
    #[arg(long, value_name = "USD|none")]
    day_budget: Option<String>,
    /// The most that one task may cost, in dollars
    #[arg(long, value_name = "USD|none")]
    task_budget: Option<String>,
    /// Requests a minute
    #[arg(long, value_name = "N|none")]
    rpm: Option<String>,
    /// Unfinished tasks at a time
    #[arg(long, value_name = "N|none")]
    concurrent: Option<String>,
}

impl LimitArgs {
    /// The limits as a merge patch.
    pub(super) fn patch(&self) -> anyhow::Result<Value> {
        let mut patch = Map::new();
        for (field, text) in [
            ("budget_usd", &self.budget),
            ("day_budget_usd", &self.day_budget),
            ("task_budget_usd", &self.task_budget),
        ] {
            if let Some(text) = text {
                let value = if text == NONE { Value::Null } else { json!(text) };
                patch.insert(field.to_owned(), value);
            }
        }
        for (field, option, text) in [
            ("requests_per_minute", "rpm", &self.rpm),
            ("concurrent_tasks", "concurrent", &self.concurrent),
        ] {
            let Some(text) = text else { continue };
            let value = match (text.as_str(), text.parse::<u32>()) {
                (NONE, _) => Value::Null,
                (_, Ok(number)) => json!(number),
                (_, Err(_)) => bail!(Misuse(format!(
                    "--{option} is `{text}` and must be a whole number, or `{NONE}`"
                ))),
            };
            patch.insert(field.to_owned(), value);
        }
        Ok(Value::Object(patch))
    }
}

/// Limits as people read them; `-` where there are none.
pub(super) fn in_words(limits: &Limits) -> String {
    let dollars =
        |amount: Option<Micros>, of: &str| amount.map(|amount| format!("{} USD{of}", amount.dollars()));
    let number = |number: Option<u32>, of: &str| number.map(|number| format!("{number} {of}"));
    let words = [
        dollars(limits.budget_micros, ""),
        dollars(limits.day_budget_micros, " a day"),
        dollars(limits.task_budget_micros, " a task"),
        number(limits.requests_per_minute, "requests a minute"),
        number(limits.concurrent_tasks, "tasks at a time"),
    ];
    let words: Vec<String> = words.into_iter().flatten().collect();
    match words.is_empty() {
        true => "-".to_owned(),
        false => words.join(", "),
    }
}
