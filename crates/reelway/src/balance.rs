//! What a tenant has and what it used, in our own words. The same figures in the words of other gateways are
//! in `balance/queries.rs`; single lines are in `statement.rs`. A key without any budget left may ask as well.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use domain::ids::{KeyId, TenantId};
use domain::store::{UsageBy, UsageSum, UsageWish};
use domain::{Clock, Micros, Refusal, Store};
use http::Uri;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::admin::keys::unavailable;
use crate::period::{self, Period, day};
use crate::statement;
use crate::webhooks::api::answer;
use crate::wiring::House;

pub mod queries;

/// Sums in an answer; more are cut off, and the answer says so.
const SUMS_MAX: usize = 1_000;
/// Days that are summed where no period is asked for.
const DAYS_USUAL: i64 = 30;

/// What usage is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Wish {
    /// The tenant by name; none: all together.
    pub tenant: Option<String>,
    /// The first day, or from which moment.
    pub from: Option<String>,
    /// The last day, or before which moment.
    pub to: Option<String>,
    /// `day`, `model` or `key`; none: `day`.
    pub group_by: Option<String>,
}

impl Wish {
    /// The wish as a query string.
    #[must_use]
    pub fn query(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("tenant", &self.tenant),
            ("from", &self.from),
            ("to", &self.to),
            ("group_by", &self.group_by),
        ] {
            query.extend_pairs(value.as_ref().map(|value| (name, value)));
        }
        query.finish()
    }
}

/// `GET /api/v1/balance`
pub async fn balance(State(house): State<Arc<House>>, request: Request) -> Response {
    let (headers, extensions) = (request.headers().clone(), request.extensions().clone());
    let read = async {
        let caller = house.admit(&headers, &extensions).await?;
        let balance = house.engine.balance(caller.tenant).await?;
        Ok(json!({
            "object": "balance",
            "available_micros": balance.available,
            "held_micros": balance.held,
            "unlimited": balance.unlimited,
            "currency": "USD",
        }))
    };
    answer(read.await, &request)
}

/// `GET /api/v1/usage`
pub async fn usage(State(house): State<Arc<House>>, uri: Uri, request: Request) -> Response {
    let (headers, extensions) = (request.headers().clone(), request.extensions().clone());
    let read = async {
        let caller = house.admit(&headers, &extensions).await?;
        let wish: Wish = period::of_query(&uri, &["from", "to", "group_by"])?;
        if wish.tenant.is_some() {
            return Err(Refusal::invalid("tenant", "`tenant` is for operators"));
        }
        sums(
            (&**house.engine.store(), &*house.clock),
            Some(caller.tenant),
            &wish,
        )
        .await
    };
    answer(read.await, &request)
}

/// `GET /api/v1/admin/usage`
pub async fn usage_of_all(State(house): State<Arc<House>>, uri: Uri, request: Request) -> Response {
    let read = async {
        let wish: Wish = period::of_query(&uri, &["tenant", "from", "to", "group_by"])?;
        of_wish(&**house.engine.store(), &*house.clock, &wish).await
    };
    answer(read.await, &request)
}

/// What an operator wishes to see.
///
/// # Errors
/// A refusal that names the field at fault, or that the store cannot be read.
pub async fn of_wish(store: &dyn Store, clock: &dyn Clock, wish: &Wish) -> Result<Value, Refusal> {
    let tenant = match wish.tenant.as_deref() {
        Some(name) => Some(statement::tenant(store, name).await?.0),
        None => None,
    };
    sums((store, clock), tenant, wish).await
}

async fn sums(
    (store, clock): (&dyn Store, &dyn Clock),
    tenant: Option<TenantId>,
    wish: &Wish,
) -> Result<Value, Refusal> {
    let word = wish.group_by.as_deref().unwrap_or("day");
    let by = match word {
        "day" => UsageBy::Day,
        "model" => UsageBy::Model,
        "key" => UsageBy::Key,
        _ => {
            let refusal = Refusal::invalid("group_by", format!("usage is not summed by `{word}`"));
            return Err(refusal.allowing(["day", "model", "key"]));
        }
    };
    let period = match wish.from.is_none() && wish.to.is_none() {
        true => Period::last_days(DAYS_USUAL, clock),
        false => Period::read(wish.from.as_deref(), wish.to.as_deref(), clock)?,
    };
    let mut sums = summed(store, (tenant, None), period, by).await?;
    let has_more = sums.len() > SUMS_MAX;
    sums.truncate(SUMS_MAX);
    let names = match by {
        UsageBy::Key => names(store, tenant).await?,
        _ => HashMap::new(),
    };
    let row = |sum: &UsageSum| {
        let mut row = json!({
            "tasks": sum.tasks, "succeeded": sum.succeeded, "charge_micros": sum.charge,
        });
        if let Some(at) = sum.day {
            row["day"] = json!(day(at));
        }
        if let Some(model) = &sum.model {
            row["model"] = json!(model);
        }
        if let Some(key) = sum.key {
            row["key"] = json!(format!("key_{}", key.0.hex()));
            row["key_name"] = json!(names.get(&key));
        }
        row
    };
    Ok(json!({
        "object": "usage",
        "from": dialects::reelway::time(period.from),
        "to": dialects::reelway::time(period.to),
        "group_by": word,
        "currency": "USD",
        "data": sums.iter().map(row).collect::<Vec<_>>(),
        "has_more": has_more,
    }))
}

/// Sums of usage, one more than an answer shows.
async fn summed(
    store: &dyn Store,
    (tenant, key): (Option<TenantId>, Option<KeyId>),
    period: Period,
    by: UsageBy,
) -> Result<Vec<UsageSum>, Refusal> {
    let wish = UsageWish {
        tenant,
        key,
        from: period.from,
        to: period.to,
        by,
        limit: SUMS_MAX + 1,
    };
    let sums = store.statements().usage(&wish).await;
    sums.map_err(|error| unavailable(&error))
}

async fn names(store: &dyn Store, tenant: Option<TenantId>) -> Result<HashMap<KeyId, String>, Refusal> {
    let keys = store.registry().keys(tenant).await;
    let keys = keys.map_err(|error| unavailable(&error))?;
    Ok(keys.into_iter().map(|key| (key.id, key.name)).collect())
}

/// What sums of usage charged, all together.
fn charged(sums: &[UsageSum]) -> Micros {
    let sum: i128 = sums.iter().map(|sum| i128::from(sum.charge.0)).sum();
    Micros(i64::try_from(sum).unwrap_or(i64::MAX))
}
