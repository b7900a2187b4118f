//! Tenants for the operator: take in, list, show, and what was agreed with them. The same verbs serve
//! commands that open the database themselves. Their keys are in `keys.rs`, their money moves in `ledger.rs`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse as _, Response};
use dialects::reelway::time;
use domain::money::Balance;
use domain::store::{Founding, Replaced, StoreError};
use domain::tenant::{Limits, Tenant, TenantTerms};
use domain::{Clock, Id, Ids, Refusal, RefusalKind, Store, TenantId};
use http::{StatusCode, Uri};
use serde::{Deserialize, Serialize};

use crate::admin::audit::about;
use crate::admin::fields::Fields;
use crate::admin::keys::unavailable;
use crate::admin::ledger::author;
use crate::admin::terms::{self, PATCH_TRIES_MOST};
use crate::bootstrap::{OPENING, first_credit};
use crate::front::request_id;
use crate::problem;
use crate::sealing::Sealer;
use crate::wiring::House;

/// Tenants in one part of the list where none is asked for.
const LIMIT_USUAL: usize = 100;
/// Most tenants in one part of the list.
pub const LIMIT_MAX: usize = 500;
/// Longest query string that is read, in bytes.
const QUERY_MAX_BYTES: usize = 1_024;
/// Longest name of a tenant, in bytes.
pub const NAME_MAX_BYTES: usize = 64;
/// Before the id of a tenant.
const PREFIX: &str = "tenant_";

/// A tenant as the operator sees it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TenantView {
    /// Its id: `tenant_` and 32 hexadecimal digits.
    pub id: String,
    /// Always `tenant`.
    pub object: String,
    /// The operator's name for it.
    pub name: String,
    /// Whether submits are accepted whatever the balance says.
    pub unlimited: bool,
    /// Whether it may not submit.
    pub suspended: bool,
    /// Since when it may not submit.
    pub suspended_at: Option<String>,
    /// The group that it belongs to, for prices.
    pub group: Option<String>,
    /// What prices are multiplied by for it, as a decimal text.
    pub multiplier: Option<String>,
    /// What all its keys together may use; what is not there is not limited.
    pub limits: Limits,
    /// Its money.
    pub balance: BalanceView,
    /// When it was taken in.
    pub created_at: String,
}

/// A tenant's money.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BalanceView {
    /// What may still be spent.
    pub available_micros: i64,
    /// What is set aside for unfinished tasks.
    pub held_micros: i64,
    /// Always `USD`.
    pub currency: String,
}

/// A part of the list.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TenantList {
    /// Always `list`.
    pub object: String,
    /// The tenants, by name.
    pub data: Vec<TenantView>,
    /// What `after` must be for the next part.
    pub next_cursor: Option<String>,
    /// Whether there is a next part.
    pub has_more: bool,
}

/// Which part of the list.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Part {
    /// Most tenants.
    pub limit: Option<usize>,
    /// The name of the last tenant of the part before.
    pub after: Option<String>,
}

/// What the verbs of tenants and keys work with.
pub struct Registrar<'a> {
    /// Where both are kept.
    pub store: &'a dyn Store,
    /// Time.
    pub clock: &'a dyn Clock,
    /// Chance.
    pub ids: &'a dyn Ids,
    /// What seals the secrets of pairs; none where the master key is not at hand.
    pub sealer: Option<&'a Sealer>,
    /// The models that are sold here.
    pub models: Vec<String>,
}

impl Registrar<'_> {
    /// A part of the list of tenants.
    ///
    /// # Errors
    /// A refusal when the part cannot be, or the store cannot be read.
    pub async fn tenants(&self, part: &Part) -> Result<TenantList, Refusal> {
        let limit = part.limit.unwrap_or(LIMIT_USUAL);
        if limit == 0 || limit > LIMIT_MAX {
            let message = format!("`limit` is `{limit}` and must be from 1 to {LIMIT_MAX}");
            return Err(Refusal::invalid("limit", message));
        }
        let mut tenants = self.all_tenants().await?;
        if let Some(after) = &part.after {
            tenants.retain(|tenant| tenant.name > *after);
        }
        let has_more = tenants.len() > limit;
        tenants.truncate(limit);
        let mut data = Vec::with_capacity(tenants.len());
        for tenant in tenants {
            data.push(self.view(tenant).await?);
        }
        Ok(TenantList {
            object: "list".to_owned(),
            next_cursor: data.last().filter(|_| has_more).map(|last| last.name.clone()),
            data,
            has_more,
        })
    }

    /// One tenant, by its name or its id.
    ///
    /// # Errors
    /// A refusal when there is none.
    pub async fn show_tenant(&self, named: &str) -> Result<TenantView, Refusal> {
        self.view(self.tenant(named).await?).await
    }

    /// Takes a tenant in, with its first credit, which the author puts in, in the same commit.
    ///
    /// # Errors
    /// A refusal that names the field at fault.
    pub async fn create_tenant(&self, mut fields: Fields, author: &str) -> Result<TenantView, Refusal> {
        let name = fields.text("name")?.flatten().unwrap_or_default();
        if !is_name(&name) {
            let what = format!(
                "1 to {NAME_MAX_BYTES} letters, digits, `-`, `_`, `.`, `@` and `+`, begin with a letter or \
                 digit, and not with `{PREFIX}`"
            );
            return Err(fields.wrong("name", &what));
        }
        let unlimited = fields.flag("unlimited")?.unwrap_or(false);
        let mut terms = TenantTerms::default();
        terms::patch_tenant(&mut terms, &mut fields, self.clock)?;
        let credit = fields.amount("credit")?.flatten();
        fields.done()?;
        let tenant = Tenant {
            id: TenantId(self.ids.id()),
            name,
            unlimited,
            created_at: self.clock.now(),
            terms,
        };
        let newcomer = Founding {
            keys: Vec::new(),
            credit: first_credit(&tenant, credit, (OPENING, author), self.ids),
            tenant,
        };
        match self.store.registry().take_in(&newcomer).await {
            Ok(()) => self.view(newcomer.tenant).await,
            Err(StoreError::Taken(name)) => {
                let message = format!("there is a tenant `{name}`");
                Err(Refusal::new(RefusalKind::Conflict, message).at("name"))
            }
            Err(error) => Err(unavailable(&error)),
        }
    }

    /// Changes what was agreed with a tenant: what the patch names, and nothing else.
    ///
    /// # Errors
    /// A refusal when there is none, or one that names the field at fault.
    pub async fn change_tenant(&self, named: &str, patch: Fields) -> Result<TenantView, Refusal> {
        for _ in 0..PATCH_TRIES_MOST {
            let Tenant { id, terms: read, .. } = self.tenant(named).await?;
            let (mut terms, mut fields) = (read.clone(), patch.clone());
            terms::patch_tenant(&mut terms, &mut fields, self.clock)?;
            let unlimited = fields.flag("unlimited")?;
            fields.done()?;
            let registry = self.store.registry();
            let set = registry.set_tenant_terms(id, &read, &terms, unlimited).await;
            match set.map_err(|error| unavailable(&error))? {
                Replaced::Done => return self.show_tenant(&spelled(id)).await,
                Replaced::Stale => {}
                Replaced::Absent => return Err(no_tenant(named)),
            }
        }
        Err(terms::changed_meanwhile(named))
    }

    /// A tenant by its name or its id.
    ///
    /// # Errors
    /// A refusal when there is none.
    pub async fn tenant(&self, named: &str) -> Result<Tenant, Refusal> {
        let registry = self.store.registry();
        if let Some(id) = named.strip_prefix(PREFIX).and_then(Id::from_hex) {
            let found = registry.tenant(TenantId(id)).await;
            let found = found.map_err(|error| unavailable(&error))?;
            return found.ok_or_else(|| no_tenant(named));
        }
        let mut tenants = self.all_tenants().await?.into_iter();
        let found = tenants.find(|tenant| tenant.name == named);
        found.ok_or_else(|| no_tenant(named))
    }

    /// All tenants.
    ///
    /// # Errors
    /// A refusal when the store cannot be read.
    pub async fn all_tenants(&self) -> Result<Vec<Tenant>, Refusal> {
        let tenants = self.store.registry().tenants().await;
        tenants.map_err(|error| unavailable(&error))
    }

    async fn view(&self, tenant: Tenant) -> Result<TenantView, Refusal> {
        let balance = self.store.balance(tenant.id).await;
        let balance = balance.map_err(|error| unavailable(&error))?;
        let Balance { available, held, .. } = balance.unwrap_or_default();
        let terms = tenant.terms;
        Ok(TenantView {
            id: spelled(tenant.id),
            object: "tenant".to_owned(),
            name: tenant.name,
            unlimited: tenant.unlimited,
            suspended: terms.suspended_at.is_some(),
            suspended_at: terms.suspended_at.map(time),
            group: terms.group,
            multiplier: terms.multiplier,
            limits: terms.limits,
            balance: BalanceView {
                available_micros: available.0,
                held_micros: held.0,
                currency: "USD".to_owned(),
            },
            created_at: time(tenant.created_at),
        })
    }
}

/// A tenant's id as the operator sees it.
#[must_use]
pub fn spelled(id: TenantId) -> String {
    format!("{PREFIX}{}", id.0.hex())
}

/// Whether a text can name a tenant: it stands in paths and logs as it is.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.@+".contains(&byte);
    let first = name.bytes().next();
    first.is_some_and(|byte| byte.is_ascii_alphanumeric())
        && name.len() <= NAME_MAX_BYTES
        && name.bytes().all(is_plain)
        && !name.starts_with(PREFIX)
}

fn no_tenant(named: &str) -> Refusal {
    Refusal::new(RefusalKind::NotFound, format!("there is no tenant `{named}`"))
}

impl House {
    /// What the verbs of tenants and keys work with.
    pub(super) fn registrar(&self) -> Registrar<'_> {
        Registrar {
            store: &**self.engine.store(),
            clock: &*self.clock,
            ids: &*self.ids,
            sealer: Some(&self.sealer),
            models: self.engine.models(),
        }
    }
}

fn part(uri: &Uri) -> Result<Part, Refusal> {
    let is_short = uri.query().unwrap_or_default().len() <= QUERY_MAX_BYTES;
    let read = is_short
        .then(|| axum::extract::Query::try_from_uri(uri).ok())
        .flatten();
    let refusal = || Refusal::invalid("query", "the query cannot be read").allowing(["limit", "after"]);
    read.map(|axum::extract::Query(part)| part).ok_or_else(refusal)
}

/// `GET /tenants`
pub async fn list(State(house): State<Arc<House>>, request: Request) -> Response {
    let part = part(request.uri());
    let listed = async { house.registrar().tenants(&part?).await };
    match listed.await {
        Ok(list) => Json(list).into_response(),
        Err(refusal) => problem::answer(&refusal, &request_id(request.extensions())),
    }
}

/// `GET /tenants/{tenant}`
pub async fn show(State(house): State<Arc<House>>, Path(named): Path<String>, request: Request) -> Response {
    match house.registrar().show_tenant(&named).await {
        Ok(tenant) => Json(tenant).into_response(),
        Err(refusal) => problem::answer(&refusal, &request_id(request.extensions())),
    }
}

/// `POST /tenants`
pub async fn create(State(house): State<Arc<House>>, request: Request) -> Response {
    let id = request_id(request.extensions());
    let made = async {
        let author = author(&**house.engine.store(), request.extensions()).await?;
        let fields = Fields::of_body(request.into_body()).await?;
        house.registrar().create_tenant(fields, &author).await
    };
    match made.await {
        Ok(tenant) => about(&tenant.id.clone(), (StatusCode::CREATED, Json(tenant))),
        Err(refusal) => problem::answer(&refusal, &id),
    }
}

/// `PATCH /tenants/{tenant}`
pub async fn change(
    State(house): State<Arc<House>>,
    Path(named): Path<String>,
    request: Request,
) -> Response {
    let id = request_id(request.extensions());
    let changed = async {
        let fields = Fields::of_body(request.into_body()).await?;
        house.registrar().change_tenant(&named, fields).await
    };
    match changed.await {
        Ok(tenant) => {
            house.gate.forget_all();
            about(&tenant.id.clone(), Json(tenant))
        }
        Err(refusal) => problem::answer(&refusal, &id),
    }
}
