//! The books for the operator: credits and corrections, what the house has, the proof. The same verbs serve
//! commands that open the database themselves. Statements are in `statement.rs`.

use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use dialects::reelway::time;
use domain::money::Balance;
use domain::store::{Booked, Entry, Flow, LedgerReport, Overdraw, Progress, Recorded, StoreError};
use domain::{
    Clock, Ids, LedgerAccount, Line, LineKind, Micros, Refusal, RefusalKind, Store, TaskId, TenantId,
};
use futures_util::stream;
use http::header::CONTENT_TYPE;
use http::{Extensions, HeaderMap, StatusCode, Uri};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::admin::audit::about;
use crate::admin::keys::unavailable;
use crate::front::request_id;
use crate::gate::Caller;
use crate::period::{self, Period};
use crate::wiring::House;
use crate::{problem, statement};

/// Longest body of these routes.
const BODY_MAX_BYTES: usize = 16 * 1024;
/// Longest reason, in characters.
const REASON_MAX_LENGTH: usize = 500;
/// Longest name of an entry, in characters.
const ID_MAX_LENGTH: usize = 200;
/// Largest amount: a billion dollars. Sums of many of them still fit.
const AMOUNT_MAX: Micros = Micros(1_000_000_000_000_000);
/// The query of whoever wants to hear how far a proof is.
const TELLING: &str = "progress=true";
/// The media type in which it is told.
const LINES_OF_JSON: &str = "application/x-ndjson";
/// Reports of progress that wait for a slow reader; it misses the others.
const PROGRESS_WAITING: usize = 16;
/// Who books without a key.
pub const COMMAND_LINE: &str = "command line";

/// A credit or correction that is wished for.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewEntry {
    /// The tenant by name.
    pub tenant: String,
    /// How much, in dollars as a decimal text; else `amount_micros`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount_usd: Option<String>,
    /// How much, in micro-dollars. A correction may take: then it is negative.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount_micros: Option<i64>,
    /// Why; every entry has a reason.
    pub reason: String,
    /// The task that is corrected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// The operator's name for it: under one name it is booked once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Whether a correction may push the balance below zero.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub overdraw: bool,
}

/// An entry as it is shown.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EntryView {
    /// Always `ledger_entry`.
    pub object: String,
    /// Its name.
    pub id: String,
    /// `credit` or `correction`.
    pub kind: LineKind,
    /// The tenant by name.
    pub tenant: String,
    /// How much the tenant has more; negative: less.
    pub amount_micros: Micros,
    /// The task that it corrects.
    pub task: Option<String>,
    /// Why.
    pub reason: String,
    /// Who booked it.
    pub author: String,
    /// When it was booked.
    pub created_at: String,
    /// Whether it had been booked before, and was not booked again.
    pub repeated: bool,
    /// What the tenant may spend now.
    pub available_micros: Micros,
    /// What is held for its unfinished tasks.
    pub held_micros: Micros,
}

/// With what entries are booked.
pub struct Desk<'a> {
    /// The books.
    pub store: &'a dyn Store,
    /// Time.
    pub clock: &'a dyn Clock,
    /// Chance, for entries without a name.
    pub ids: &'a dyn Ids,
    /// Who books.
    pub author: String,
}

impl Desk<'_> {
    /// Books a credit: money that the operator puts in.
    ///
    /// # Errors
    /// A refusal that names the field at fault.
    pub async fn credit(&self, wish: &NewEntry) -> Result<EntryView, Refusal> {
        if wish.task.is_some() || wish.overdraw {
            let message = "a credit names no task and overdraws nothing; a correction may";
            return Err(Refusal::invalid("task", message));
        }
        let amount = amount(wish)?;
        if amount < Micros::ZERO {
            let message = "a credit puts money in; what takes money is a correction";
            return Err(Refusal::invalid("amount", message));
        }
        self.book(wish, LineKind::Credit, amount).await
    }

    /// Books a correction: it gives, or takes where the amount is negative.
    ///
    /// # Errors
    /// A refusal that names the field at fault, or that less is available than it takes.
    pub async fn correct(&self, wish: &NewEntry) -> Result<EntryView, Refusal> {
        self.book(wish, LineKind::Correction, amount(wish)?).await
    }

    async fn book(&self, wish: &NewEntry, kind: LineKind, amount: Micros) -> Result<EntryView, Refusal> {
        let (tenant, name) = statement::tenant(self.store, &wish.tenant).await?;
        let entry = Entry {
            name: match wish.id.as_deref() {
                Some(id) => named(id)?,
                None => entry_name(self.ids),
            },
            line: self.line(wish, kind, (tenant, amount))?,
            author: self.author.clone(),
            overdraw: match wish.overdraw {
                true => Overdraw::Allowed,
                false => Overdraw::Refused,
            },
        };
        let booked = self.store.statements().book(&entry).await;
        match booked.map_err(|error| unavailable(&error))? {
            Booked::Done(balance) => {
                tracing::info!(
                    tenant = %name, kind = kind.word(), amount_micros = amount.0, entry = %entry.name,
                    author = %entry.author, "ledger.booked"
                );
                Ok(view(&entry, &name, balance))
            }
            Booked::Twin(twin) => self.repeated(&entry, &name, *twin).await,
            Booked::NotCovered(balance) => Err(Refusal::new(
                RefusalKind::NoMoney,
                format!(
                    "only {} USD are available; with `overdraw` the balance may go below zero",
                    balance.available.dollars()
                ),
            )),
            Booked::NoTenant => Err(Refusal::invalid("tenant", "the tenant is not there any more")),
            Booked::NoTask => Err(Refusal::invalid("task", "the tenant has no such task")),
        }
    }

    fn line(
        &self,
        wish: &NewEntry,
        kind: LineKind,
        (tenant, amount): (TenantId, Micros),
    ) -> Result<Line, Refusal> {
        let house = match kind {
            LineKind::Credit => LedgerAccount::Funding,
            _ => LedgerAccount::Corrections,
        };
        let available = LedgerAccount::Available(tenant);
        let (from, to) = match amount < Micros::ZERO {
            true => (available, house),
            false => (house, available),
        };
        let task = wish.task.as_deref().map(|text| {
            TaskId::parse(text).ok_or_else(|| Refusal::invalid("task", format!("`{text}` is no task's id")))
        });
        Ok(Line {
            task: task.transpose()?,
            tenant: Some(tenant),
            kind,
            sequence: 0,
            from,
            to,
            amount: Micros(amount.0.abs()),
            at: self.clock.now(),
            note: reason(&wish.reason)?,
        })
    }

    /// An entry that was booked before: the same is answered with what was booked, another is refused.
    async fn repeated(&self, entry: &Entry, tenant: &str, twin: Recorded) -> Result<EntryView, Refusal> {
        let (wished, there) = (&entry.line, &twin.line);
        let same = (wished.tenant, wished.task, wished.kind, &wished.note)
            == (there.tenant, there.task, there.kind, &there.note)
            && (wished.from, wished.to, wished.amount) == (there.from, there.to, there.amount);
        if !same {
            let message = format!("an entry `{}` is booked, with other contents", entry.name);
            return Err(Refusal::new(RefusalKind::Conflict, message).at("id"));
        }
        let id = wished.tenant.unwrap_or(TenantId(domain::Id(0)));
        let balance = self
            .store
            .balance(id)
            .await
            .map_err(|error| unavailable(&error))?;
        let first = Entry {
            line: twin.line,
            author: twin.author.unwrap_or_default(),
            ..entry.clone()
        };
        Ok(EntryView {
            repeated: true,
            ..view(&first, tenant, balance.unwrap_or_default())
        })
    }
}

/// A name for an entry to which nobody gave one.
pub(crate) fn entry_name(ids: &dyn Ids) -> String {
    format!("entry_{}", ids.id().hex())
}

fn view(entry: &Entry, tenant: &str, balance: Balance) -> EntryView {
    let line = &entry.line;
    let takes = matches!(line.from, LedgerAccount::Available(_));
    EntryView {
        object: "ledger_entry".to_owned(),
        id: entry.name.clone(),
        kind: line.kind,
        tenant: tenant.to_owned(),
        amount_micros: Micros(if takes { -line.amount.0 } else { line.amount.0 }),
        task: line.task.map(|task| task.prefixed()),
        reason: line.note.clone(),
        author: entry.author.clone(),
        created_at: time(line.at),
        repeated: false,
        available_micros: balance.available,
        held_micros: balance.held,
    }
}

fn amount(wish: &NewEntry) -> Result<Micros, Refusal> {
    let most = AMOUNT_MAX.dollars();
    let (field, amount) = match (&wish.amount_usd, wish.amount_micros) {
        (Some(text), None) => ("amount_usd", Micros::of_dollars(text)),
        (None, Some(micros)) => ("amount_micros", Some(Micros(micros))),
        _ => {
            let message = "`amount_usd` or `amount_micros` is required, and not both";
            return Err(Refusal::invalid("amount_usd", message));
        }
    };
    let fits = |amount: &Micros| (1..=AMOUNT_MAX.0.unsigned_abs()).contains(&amount.0.unsigned_abs());
    amount.filter(fits).ok_or_else(|| {
        let message = format!("`{field}` must be an amount that is not zero and at most {most} dollars");
        Refusal::invalid(field, message).allowing(["25.00", "-0.42", "0.000001"])
    })
}

fn reason(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    let has_length = (1..=REASON_MAX_LENGTH).contains(&text.chars().count());
    if !has_length || text.chars().any(char::is_control) {
        let message = format!("`reason` must have 1 to {REASON_MAX_LENGTH} characters on one line");
        return Err(Refusal::invalid("reason", message));
    }
    Ok(text.to_owned())
}

fn named(id: &str) -> Result<String, Refusal> {
    let has_length = (1..=ID_MAX_LENGTH).contains(&id.len());
    if !has_length || !id.bytes().all(|byte| byte.is_ascii_graphic()) {
        let message = format!("`id` must have 1 to {ID_MAX_LENGTH} visible ASCII characters");
        return Err(Refusal::invalid("id", message));
    }
    Ok(id.to_owned())
}

/// Who asks: a key by id and name, or the command line over the socket.
pub(super) async fn author(store: &dyn Store, extensions: &Extensions) -> Result<String, Refusal> {
    let Some(caller) = extensions.get::<Caller>() else {
        return Ok(COMMAND_LINE.to_owned());
    };
    let keys = store.registry().keys(Some(caller.tenant)).await;
    let keys = keys.map_err(|error| unavailable(&error))?;
    let name = keys.iter().find(|key| key.id == caller.key).map(|key| &*key.name);
    Ok(format!("key_{} {}", caller.key.0.hex(), name.unwrap_or_default())
        .trim_end()
        .to_owned())
}

/// `POST /ledger/credits`
pub async fn credit(State(house): State<Arc<House>>, request: Request) -> Response {
    let id = request_id(request.extensions());
    let booked = async {
        let (desk, wish) = seated(&house, request).await?;
        desk.credit(&wish).await
    };
    answered(booked.await, &id)
}

/// `POST /ledger/corrections`
pub async fn correct(State(house): State<Arc<House>>, request: Request) -> Response {
    let id = request_id(request.extensions());
    let booked = async {
        let (desk, wish) = seated(&house, request).await?;
        desk.correct(&wish).await
    };
    answered(booked.await, &id)
}

async fn seated(house: &House, request: Request) -> Result<(Desk<'_>, NewEntry), Refusal> {
    let store = &**house.engine.store();
    let author = author(store, request.extensions()).await?;
    let key = idempotency_key(request.headers())?;
    let mut wish = wish(request.into_body()).await?;
    if wish.id.is_some() && key.is_some() && wish.id != key {
        let message = "`id` and the header `Idempotency-Key` name the entry differently";
        return Err(Refusal::invalid("id", message));
    }
    wish.id = wish.id.or(key);
    let desk = Desk {
        store,
        clock: &*house.clock,
        ids: &*house.ids,
        author,
    };
    Ok((desk, wish))
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let Some(value) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    let text = value.to_str().ok().map(str::trim).filter(|text| !text.is_empty());
    let unreadable = || Refusal::invalid("Idempotency-Key", "`Idempotency-Key` must be visible ASCII");
    text.map(|text| Some(text.to_owned())).ok_or_else(unreadable)
}

async fn wish(body: Body) -> Result<NewEntry, Refusal> {
    let bytes = axum::body::to_bytes(body, BODY_MAX_BYTES).await.map_err(|_| {
        let message = format!("the body is longer than {BODY_MAX_BYTES} bytes");
        Refusal::new(RefusalKind::TooLarge, message)
    })?;
    let unreadable = |error| {
        Refusal::new(
            RefusalKind::Malformed,
            format!("the body cannot be read: {error}"),
        )
    };
    serde_json::from_slice(&bytes).map_err(unreadable)
}

fn answered(booked: Result<EntryView, Refusal>, request_id: &str) -> Response {
    match booked {
        Ok(entry) => {
            let status = match entry.repeated {
                true => StatusCode::OK,
                false => StatusCode::CREATED,
            };
            let tenant = entry.tenant.clone();
            about(&tenant, (status, Json(entry)))
        }
        Err(refusal) => problem::answer(&refusal, request_id),
    }
}

/// What the house has: what entered each of its pockets, less what left it.
///
/// # Errors
/// A refusal when the books cannot be read.
pub async fn house_of(store: &dyn Store, period: Period) -> Result<Value, Refusal> {
    let flows = store.statements().flows(period.from, period.to).await;
    let flows = flows.map_err(|error| unavailable(&error))?;
    let pocket = |account: LedgerAccount| {
        let moved = flows.iter().map(|flow| {
            let amount = i128::from(flow.amount.0);
            let into = if flow.to == account.word() { amount } else { 0 };
            into - if flow.from == account.word() { amount } else { 0 }
        });
        i64::try_from(moved.sum::<i128>()).unwrap_or(i64::MAX)
    };
    let flow = |flow: &Flow| {
        json!({
            "kind": flow.kind, "from": flow.from, "to": flow.to, "lines": flow.lines, "amount_micros": flow.amount,
        })
    };
    Ok(json!({
        "object": "house",
        "from": time(period.from),
        "to": time(period.to),
        "currency": "USD",
        "revenue_micros": pocket(LedgerAccount::Revenue),
        "upstream_cost_micros": -pocket(LedgerAccount::UpstreamCost),
        "corrections_micros": -pocket(LedgerAccount::Corrections),
        "funding_micros": -pocket(LedgerAccount::Funding),
        "payable_micros": pocket(LedgerAccount::Payable),
        "flows": flows.iter().map(flow).collect::<Vec<_>>(),
    }))
}

/// What a report of the house is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct HouseWish {
    from: Option<String>,
    to: Option<String>,
}

/// `GET /ledger/house`
pub async fn house(State(house): State<Arc<House>>, uri: Uri, request: Request) -> Response {
    let read = async {
        let wish: HouseWish = period::of_query(&uri, &["from", "to"])?;
        let period = Period::read(wish.from.as_deref(), wish.to.as_deref(), &*house.clock)?;
        house_of(&**house.engine.store(), period).await
    };
    crate::webhooks::api::answer(read.await, &request)
}

/// How far a proof is, or what it found: one line each.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proving {
    /// How far it is: lines read, about how many there are, tasks checked.
    Progress(u64, u64, u64),
    /// What it found.
    Report(LedgerReport),
    /// Why it could not be ended.
    Failed(String),
}

/// What `ledger verify` finds. With `progress=true` it also tells how far it is, a line of JSON each.
pub async fn verify(State(house): State<Arc<House>>, request: Request) -> Response {
    if request.uri().query() == Some(TELLING) {
        return telling(&house);
    }
    match house.engine.store().verify_ledger().await {
        Ok(report) => Json(report).into_response(),
        Err(error) => problem::answer(&unavailable(&error), &request_id(request.extensions())),
    }
}

fn telling(house: &Arc<House>) -> Response {
    let (tell, told) = mpsc::channel::<Proving>(PROGRESS_WAITING);
    let store = Arc::clone(house.engine.store());
    tokio::spawn(async move {
        let progress = |so_far: Progress| {
            // Who reads slowly misses some of it.
            let _ = tell.try_send(Proving::Progress(so_far.lines, so_far.lines_in_all, so_far.tasks));
        };
        let last = match store.statements().verify(&progress).await {
            Ok(report) => Proving::Report(report),
            Err(error) => Proving::Failed(unavailable(&error).sentence()),
        };
        // Who went away does not want to know.
        let _ = tell.send(last).await;
    });
    let lines = stream::unfold(told, |mut told| async move {
        let proving = told.recv().await?;
        let line = serde_json::to_string(&proving).unwrap_or_default() + "\n";
        Some((Ok::<_, StoreError>(Bytes::from(line)), told))
    });
    ([(CONTENT_TYPE, LINES_OF_JSON)], Body::from_stream(lines)).into_response()
}
