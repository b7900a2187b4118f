//! `reelway tasks`: through the running server where there is one; what only reads also works in the
//! database itself.

use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use domain::Micros;
use indicatif::ProgressBar;
use serde::de::DeserializeOwned;
use serde_json::json;
use store::Lock;

use crate::admin::tasks::wish::{LIMIT_MAX, LIMIT_USUAL, ListWish};
use crate::admin::tasks::{Cancelled, Sight, TaskDetail, TaskList, TaskView, VisitView};
use crate::cli::keys::{existing_store, plain};
use crate::cli::{Misuse, Place, paper, webhooks};
use crate::client::{Answered, Client};
use crate::config::{Config, Environment};
use crate::wiring::Nature;

/// Pause between two looks of `wait`.
const LOOK_PAUSE: Duration = Duration::from_millis(300);
/// Looks of `wait` that may fail one after the other before it is given up: half a minute.
const FAILED_LOOKS_MAX: u32 = 100;
/// Most parts of a list that one command asks for, so that a narrow filter over a long history ends.
const PARTS_MAX: usize = 500;
const TASKS: &str = "/api/v1/admin/tasks";

/// `reelway tasks …`
#[derive(Subcommand)]
pub(super) enum Tasks {
    /// List tasks of all tenants, newest first
    #[command(
        after_help = "Example:\n  reelway tasks list --state open\n  reelway tasks list --state failed --account kling-main --since 24h --json"
    )]
    List(List),
    /// Show everything about one task: course, money, lease, last error
    #[command(after_help = "Example:\n  reelway tasks show task_019ab4c2d0f87a3f9d5b6b1c2e3f4a5b")]
    Show(One),
    /// Wait until a task has ended; exit status 0 when it succeeded
    #[command(
        after_help = "Example:\n  reelway tasks wait task_019ab4c2d0f87a3f9d5b6b1c2e3f4a5b --timeout 10m"
    )]
    Wait(Wait),
    /// Cancel a task, and say what that comes to
    #[command(after_help = "Example:\n  reelway tasks cancel task_019ab4c2d0f87a3f9d5b6b1c2e3f4a5b")]
    Cancel(One),
    /// Say in one paragraph why a task is where it is
    #[command(after_help = "Example:\n  reelway tasks explain task_019ab4c2d0f87a3f9d5b6b1c2e3f4a5b")]
    Explain(One),
    /// Send a webhook, or the last one of a task, once more
    #[command(after_help = "Example:\n  reelway tasks replay-webhook task_019ab4c2d0f87a3f9d5b6b1c2e3f4a5b")]
    ReplayWebhook(webhooks::Replay),
}

#[derive(Args)]
pub(super) struct List {
    #[command(flatten)]
    place: Place,
    /// States, with commas between them, or `open` for all that have not ended
    #[arg(long, value_name = "STATES")]
    state: Option<String>,
    /// The tenant, by name
    #[arg(long)]
    tenant: Option<String>,
    /// The model, as clients name it
    #[arg(long)]
    model: Option<String>,
    /// The account that made it or was last at it
    #[arg(long)]
    account: Option<String>,
    /// Acknowledged since then: a moment (2026-11-21T08:00:00Z), or back from now (24h)
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,
    /// Most tasks that are shown
    #[arg(long, default_value_t = LIMIT_USUAL)]
    limit: usize,
    /// Go on behind this task
    #[arg(long, value_name = "ID")]
    after: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct One {
    #[command(flatten)]
    place: Place,
    /// The task's id, as any API spells it
    id: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Wait {
    #[command(flatten)]
    one: One,
    /// Give up after this time, such as 90s or 10m; else wait as long as it takes
    #[arg(long, value_name = "TIME")]
    timeout: Option<String>,
}

impl Tasks {
    pub(super) async fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        match self {
            Tasks::List(list) => list.run(environment).await,
            Tasks::Show(one) => one.show(environment).await,
            Tasks::Wait(wait) => wait.run(environment).await,
            Tasks::Cancel(one) => one.cancel(environment).await,
            Tasks::Explain(one) => one.explain(environment).await,
            Tasks::ReplayWebhook(replay) => replay.run(environment).await,
        }
    }
}

impl List {
    async fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        let (config, _) = self.place.load(environment)?;
        let source = Source::of(&config).await?;
        let mut wish = ListWish {
            state: self.state.clone(),
            tenant: self.tenant.clone(),
            model: self.model.clone(),
            account: self.account.clone(),
            since: self.since.clone(),
            limit: None,
            after: self.after.clone(),
        };
        let (mut tasks, mut next) = (Vec::new(), None);
        for _ in 0..PARTS_MAX {
            wish.limit = Some(self.limit.saturating_sub(tasks.len()).min(LIMIT_MAX));
            let part = source.list(&wish).await?;
            tasks.extend(part.data);
            next = part.next_cursor;
            if next.is_none() || tasks.len() >= self.limit {
                break;
            }
            wish.after.clone_from(&next);
        }
        if self.json {
            let has_more = next.is_some();
            return paper::json(
                &json!({ "object": "list", "data": tasks, "next_cursor": next, "has_more": has_more }),
            );
        }
        let rows: Vec<_> = tasks.into_iter().map(row).collect();
        let headings = [
            "ID", "STATE", "%", "CREATED", "TENANT", "MODEL", "ACCOUNT", "TRIES", "USD", "ERROR",
        ];
        paper::table(headings, &rows)?;
        match next {
            Some(next) => paper::line(&format!("more with --after {next}")),
            None => Ok(()),
        }
    }
}

fn row(task: TaskView) -> [String; 10] {
    let micros = task.charge_micros.unwrap_or(task.hold_micros);
    let held = if task.charge_micros.is_none() && task.finished_at.is_none() {
        " held"
    } else {
        ""
    };
    let spent = match (&task.finished_at, task.charge_micros) {
        (Some(_), None) => "0.00".to_owned(),
        _ => format!("{}{held}", Micros(micros).dollars()),
    };
    let state = if task.cancel_requested && task.finished_at.is_none() {
        format!("{} (unwanted)", task.state)
    } else {
        task.state
    };
    [
        task.id,
        state,
        task.progress.to_string(),
        task.created_at,
        task.tenant,
        task.model,
        task.account.unwrap_or_else(|| "-".to_owned()),
        task.attempts.to_string(),
        spent,
        task.error.map_or_else(|| "-".to_owned(), |error| error.code),
    ]
}

impl One {
    async fn detail(&self, environment: &Environment) -> anyhow::Result<TaskDetail> {
        let (config, _) = self.place.load(environment)?;
        Source::of(&config).await?.show(&self.id).await
    }

    async fn show(&self, environment: &Environment) -> anyhow::Result<()> {
        let detail = self.detail(environment).await?;
        if self.json {
            return paper::json(&detail);
        }
        print(&detail)
    }

    async fn explain(&self, environment: &Environment) -> anyhow::Result<()> {
        let detail = self.detail(environment).await?;
        if self.json {
            let (task, explanation) = (detail.task, detail.explanation);
            return paper::json(&json!({
                "id": task.id, "object": "explanation", "state": task.state, "explanation": explanation,
            }));
        }
        paper::line(&format!("{} is {}.", detail.task.id, detail.task.state))?;
        paper::line(&detail.explanation)
    }

    async fn cancel(&self, environment: &Environment) -> anyhow::Result<()> {
        let (config, _) = self.place.load(environment)?;
        let client = running(&config).await?;
        let path = format!("{TASKS}/{}/cancel", segment(&self.id)?);
        let answer: Cancelled = read(client.json("POST", &path, None).await?)?;
        if self.json {
            return paper::json(&answer);
        }
        paper::line(&format!("{}: {}", answer.task.id, answer.outcome))
    }
}

impl Wait {
    async fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        let limit = self.timeout.as_deref().map(|text| {
            humantime::parse_duration(text).map_err(|_| {
                Misuse(format!(
                    "--timeout is `{text}` and must be a length of time, such as 90s or 10m"
                ))
            })
        });
        let limit = limit.transpose()?;
        let (config, _) = self.one.place.load(environment)?;
        let client = running(&config).await?;
        let bar = paper::bar();
        let waiting = until_final(&client, &self.one.id, &bar);
        let task = match limit {
            None => waiting.await,
            Some(limit) => tokio::time::timeout(limit, waiting).await.unwrap_or_else(|_| {
                let id = &self.one.id;
                bail!("the task has not ended in time; `reelway tasks explain {id}` says why")
            }),
        };
        bar.finish_and_clear();
        let detail = task?;
        if self.one.json {
            paper::json(&detail.task)?;
        } else {
            paper::line(&detail.explanation)?;
        }
        match detail.task.state.as_str() {
            "succeeded" => Ok(()),
            state => bail!(
                "the task has {}",
                if state == "failed" {
                    "failed"
                } else {
                    "been cancelled"
                }
            ),
        }
    }
}

async fn until_final(client: &Client, id: &str, bar: &ProgressBar) -> anyhow::Result<TaskDetail> {
    let path = format!("{TASKS}/{}", segment(id)?);
    let mut failed_looks = 0;
    loop {
        match client.json("GET", &path, None).await {
            Ok(answer) if answer.status.is_server_error() && failed_looks < FAILED_LOOKS_MAX => {
                failed_looks += 1
            }
            Ok(answer) => {
                failed_looks = 0;
                let detail: TaskDetail = read(answer)?;
                bar.set_position(u64::from(detail.task.progress));
                bar.set_message(detail.task.state.clone());
                if detail.task.finished_at.is_some() {
                    return Ok(detail);
                }
            }
            // The gateway may be restarting.
            Err(_) if failed_looks < FAILED_LOOKS_MAX => failed_looks += 1,
            Err(error) => return Err(error),
        }
        tokio::time::sleep(LOOK_PAUSE).await;
    }
}

fn print(detail: &TaskDetail) -> anyhow::Result<()> {
    let task = &detail.task;
    let none = || "-".to_owned();
    let usd = |micros: i64| format!("{} USD", Micros(micros).dollars());
    let pairs = [
        ("state", format!("{}, {} %", task.state, task.progress)),
        ("tenant", task.tenant.clone()),
        (
            "wish",
            format!("{} by {} (through {})", task.operation, task.model, task.dialect),
        ),
        ("external id", task.external_id.clone().unwrap_or_else(none)),
        ("lane", task.lane.clone()),
        ("account", task.account.clone().unwrap_or_else(none)),
        ("receipt", task.receipt.clone().unwrap_or_else(none)),
        ("tries", task.attempts.to_string()),
        ("created", task.created_at.clone()),
        ("changed", task.updated_at.clone()),
        ("ended", task.finished_at.clone().unwrap_or_else(none)),
        ("deadline", task.deadline_at.clone()),
        ("hold", usd(task.hold_micros)),
        ("charge", task.charge_micros.map_or_else(none, usd)),
    ];
    paper::line(&task.id)?;
    for (name, value) in pairs {
        paper::line(&format!("  {name:<12} {value}"))?;
    }
    for line in &detail.lines {
        let amount = usd(line.amount_micros);
        paper::line(&format!(
            "  {:<12} {amount}, {} to {}, {}",
            line.kind, line.from, line.to, line.at
        ))?;
    }
    if let Some(lease) = &detail.lease {
        paper::line(&format!("  {:<12} {} until {}", "lease", lease.node, lease.until))?;
    }
    if let Some(visit) = &detail.visit {
        let VisitView {
            last_at,
            next_at,
            tries,
        } = visit;
        paper::line(&format!(
            "  {:<12} last {last_at}, next {next_at}, {tries} without news",
            "visits"
        ))?;
    }
    if let Some(words) = &detail.last_error {
        paper::line(&format!(
            "  {:<12} {} ({}, {})",
            "last words", words.words, words.about, words.at
        ))?;
    }
    paper::line(&detail.explanation)
}

/// Where reads come from.
enum Source {
    Running(Client),
    Database(std::sync::Arc<dyn domain::Store>),
}

impl Source {
    async fn of(config: &Config) -> anyhow::Result<Source> {
        match Client::of_running(&config.socket()).await {
            Some(client) => Ok(Source::Running(client)),
            None => Ok(Source::Database(existing_store(config, Lock::ReadOnly).await?)),
        }
    }

    async fn list(&self, wish: &ListWish) -> anyhow::Result<TaskList> {
        match self {
            Source::Running(client) => {
                let path = format!("{TASKS}?{}", wish.query());
                read(client.json("GET", &path, None).await?)
            }
            Source::Database(store) => {
                let Nature { clock, .. } = Nature::of_machine();
                let sight = Sight {
                    store: &**store,
                    clock: &*clock,
                    engine: None,
                };
                sight.list(wish).await.map_err(plain)
            }
        }
    }

    async fn show(&self, id: &str) -> anyhow::Result<TaskDetail> {
        match self {
            Source::Running(client) => {
                let path = format!("{TASKS}/{}", segment(id)?);
                read(client.json("GET", &path, None).await?)
            }
            Source::Database(store) => {
                let Nature { clock, .. } = Nature::of_machine();
                let sight = Sight {
                    store: &**store,
                    clock: &*clock,
                    engine: None,
                };
                sight.show(id).await.map_err(plain)
            }
        }
    }
}

pub(super) async fn running(config: &Config) -> anyhow::Result<Client> {
    let client = Client::of_running(&config.socket()).await;
    client.with_context(|| {
        format!(
            "no gateway runs on `{}`; start `reelway serve`, or name its directory with --data-dir",
            config.data_dir.display()
        )
    })
}

/// An id as a part of a path.
fn segment(id: &str) -> anyhow::Result<&str> {
    let id = id.trim();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    if id.is_empty() || !id.bytes().all(is_plain) {
        bail!("there is no task `{id}`; `reelway tasks list` shows all");
    }
    Ok(id)
}

fn read<T: DeserializeOwned>(answer: Answered) -> anyhow::Result<T> {
    if !answer.status.is_success() {
        bail!("{}; `reelway tasks list` shows all", answer.message());
    }
    serde_json::from_value(answer.body).context("the server's answer cannot be read")
}
