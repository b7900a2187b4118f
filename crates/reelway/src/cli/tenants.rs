//! `reelway tenants`: through the running server where there is one, else in the database itself.

use clap::{Args, Subcommand};
use domain::Micros;
use serde_json::{Value, json};
use store::Lock;

use crate::admin::ledger::COMMAND_LINE;
use crate::admin::tenants::{LIMIT_MAX, Part, TenantList, TenantView};
use crate::cli::keys::plain;
use crate::cli::ledger::Credit;
use crate::cli::registry::{Desk, LimitArgs, asked, fields, in_words, segment};
use crate::cli::{Place, paper};
use crate::config::Environment;

/// The admin API's path of tenants.
const PATH: &str = "/api/v1/admin/tenants";
/// Most parts of the list that one command reads.
const PARTS_MAX: usize = 1_000;

/// `reelway tenants …`
#[derive(Subcommand)]
pub(super) enum Tenants {
    /// Take a tenant in
    #[command(
        after_help = "Example:\n  reelway tenants create studio --credit 250\n  reelway tenants create lab --unlimited --rpm 120 --day-budget 20"
    )]
    Create(Create),
    /// List all tenants with their money
    #[command(after_help = "Example:\n  reelway tenants list --json")]
    List(Listing),
    /// Show one tenant
    #[command(after_help = "Example:\n  reelway tenants show studio")]
    Show(Named),
    /// Change what a tenant may use, and at which prices; what is not named stays
    #[command(
        after_help = "Example:\n  reelway tenants limits studio --budget 1000 --day-budget 50 --rpm 300\n  reelway tenants limits studio --day-budget none --group studios"
    )]
    Limits(Change),
    /// Put money into a tenant's books
    #[command(after_help = "Example:\n  reelway tenants credit studio 25.00 --reason \"invoice 2026-117\"")]
    Credit(Credit),
    /// Let a tenant submit nothing more; what it has stays readable
    #[command(after_help = "Example:\n  reelway tenants suspend studio")]
    Suspend(Named),
    /// Let a suspended tenant submit again
    #[command(after_help = "Example:\n  reelway tenants resume studio")]
    Resume(Named),
}

#[derive(Args)]
pub(super) struct Create {
    #[command(flatten)]
    place: Place,
    /// Your name for the tenant
    name: String,
    /// What it may spend to begin with, in dollars
    #[arg(long, value_name = "USD")]
    credit: Option<String>,
    /// Take submits whatever its balance says
    #[arg(long)]
    unlimited: bool,
    /// The group that it belongs to, for prices
    #[arg(long, value_name = "NAME")]
    group: Option<String>,
    /// What prices are multiplied by for it, such as 0.85; else as its group has it
    #[arg(long, value_name = "DECIMAL")]
    multiplier: Option<String>,
    #[command(flatten)]
    limits: LimitArgs,
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
    /// The tenant, by name or id
    name: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Change {
    #[command(flatten)]
    named: Named,
    #[command(flatten)]
    limits: LimitArgs,
    /// The group that it belongs to, for prices; `none` for none
    #[arg(long, value_name = "NAME|none")]
    group: Option<String>,
    /// What prices are multiplied by for it; `none` for what its group has
    #[arg(long, value_name = "DECIMAL|none")]
    multiplier: Option<String>,
    /// Whether submits are taken whatever its balance says
    #[arg(long, value_name = "true|false")]
    unlimited: Option<bool>,
}

impl Tenants {
    pub(super) async fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        match self {
            Tenants::Create(create) => create.run(environment).await,
            Tenants::List(listing) => listing.run(environment).await,
            Tenants::Show(named) => named.show(environment).await,
            Tenants::Limits(change) => change.run(environment).await,
            Tenants::Credit(credit) => credit.run(environment).await,
            Tenants::Suspend(named) => {
                let patch = json!({ "suspended": true });
                named.change(environment, "tenants suspend", patch).await
            }
            Tenants::Resume(named) => {
                let patch = json!({ "suspended": false });
                named.change(environment, "tenants resume", patch).await
            }
        }
    }
}

impl Create {
    async fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        let mut body = json!({
            "name": self.name, "unlimited": self.unlimited, "limits": self.limits.patch()?,
        });
        for (field, value) in [
            ("credit_usd", &self.credit),
            ("group", &self.group),
            ("multiplier", &self.multiplier),
        ] {
            if let Some(value) = value {
                body[field] = json!(value);
            }
        }
        let made: TenantView = match Desk::open(&self.place, environment, Lock::Exclusive).await? {
            Desk::Server(client) => asked(&client, "POST", PATH, Some(&body)).await?,
            Desk::Database(room) => {
                let fields = fields(&body)?;
                let registrar = room.registrar();
                room.act(
                    "tenants create",
                    &self.name,
                    registrar.create_tenant(fields, COMMAND_LINE),
                )
                .await?
            }
        };
        print(&made, self.json)
    }
}

impl Listing {
    async fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        let desk = Desk::open(&self.place, environment, Lock::ReadOnly).await?;
        let (mut tenants, mut after) = (Vec::new(), None);
        for _ in 0..PARTS_MAX {
            let part: TenantList = match &desk {
                Desk::Server(client) => {
                    let mut query = url::form_urlencoded::Serializer::new(String::new());
                    query.append_pair("limit", &LIMIT_MAX.to_string());
                    query.extend_pairs(after.iter().map(|after: &String| ("after", after)));
                    asked(client, "GET", &format!("{PATH}?{}", query.finish()), None).await?
                }
                Desk::Database(room) => {
                    let part = Part {
                        limit: Some(LIMIT_MAX),
                        after,
                    };
                    room.registrar().tenants(&part).await.map_err(plain)?
                }
            };
            tenants.extend(part.data);
            after = part.next_cursor;
            if after.is_none() {
                break;
            }
        }
        if self.json {
            return paper::json(&tenants);
        }
        let rows: Vec<_> = tenants.iter().map(row).collect();
        let headings = ["NAME", "STATE", "AVAILABLE", "HELD", "GROUP", "LIMITS", "ID"];
        paper::table(headings, &rows)
    }
}

impl Named {
    async fn show(&self, environment: &Environment) -> anyhow::Result<()> {
        let path = format!("{PATH}/{}", segment(&self.name, "tenant")?);
        let tenant: TenantView = match Desk::open(&self.place, environment, Lock::ReadOnly).await? {
            Desk::Server(client) => asked(&client, "GET", &path, None).await?,
            Desk::Database(room) => {
                let shown = room.registrar().show_tenant(self.name.trim()).await;
                shown.map_err(plain)?
            }
        };
        print(&tenant, self.json)
    }

    async fn change(&self, environment: &Environment, command: &str, patch: Value) -> anyhow::Result<()> {
        let name = segment(&self.name, "tenant")?;
        let path = format!("{PATH}/{name}");
        let tenant: TenantView = match Desk::open(&self.place, environment, Lock::Exclusive).await? {
            Desk::Server(client) => asked(&client, "PATCH", &path, Some(&patch)).await?,
            Desk::Database(room) => {
                let fields = fields(&patch)?;
                let registrar = room.registrar();
                room.act(command, name, registrar.change_tenant(name, fields))
                    .await?
            }
        };
        print(&tenant, self.json)
    }
}

impl Change {
    async fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        let mut patch = json!({ "limits": self.limits.patch()? });
        for (field, value) in [("group", &self.group), ("multiplier", &self.multiplier)] {
            if let Some(value) = value {
                patch[field] = if value == "none" {
                    Value::Null
                } else {
                    json!(value)
                };
            }
        }
        if let Some(unlimited) = self.unlimited {
            patch["unlimited"] = json!(unlimited);
        }
        self.named.change(environment, "tenants limits", patch).await
    }
}

fn row(tenant: &TenantView) -> [String; 7] {
    let balance = &tenant.balance;
    let state = match (&tenant.suspended_at, tenant.unlimited) {
        (Some(at), _) => format!("suspended {at}"),
        (None, true) => "unlimited".to_owned(),
        (None, false) => "working".to_owned(),
    };
    [
        tenant.name.clone(),
        state,
        format!("{} USD", Micros(balance.available_micros).dollars()),
        format!("{} USD", Micros(balance.held_micros).dollars()),
        tenant.group.clone().unwrap_or_else(|| "-".to_owned()),
        in_words(&tenant.limits),
        tenant.id.clone(),
    ]
}

fn print(tenant: &TenantView, json: bool) -> anyhow::Result<()> {
    if json {
        return paper::json(tenant);
    }
    let [name, state, available, held, group, limits, id] = row(tenant);
    let multiplier = tenant.multiplier.as_deref().unwrap_or("-");
    for (word, value) in [
        ("tenant", name.as_str()),
        ("id", &id),
        ("state", &state),
        ("available", &available),
        ("held", &held),
        ("group", &group),
        ("multiplier", multiplier),
        ("limits", &limits),
        ("since", &tenant.created_at),
    ] {
        paper::line(&format!("{word:<10}  {value}"))?;
    }
    Ok(())
}
