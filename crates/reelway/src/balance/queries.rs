//! The balance as other gateways tell it, so that their clients and dashboards go on working: ElkAPI's and
//! CometAPI's quota query, OpenAI's former billing calls, and new-api's usage of a token. They only read.
//!
//! Docs: <https://docs.elkapi.com/>, <https://docs.cometapi.com/>, <https://docs.newapi.pro/>, read 2026-11-21.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use domain::store::{UsageBy, UsageSum};
use domain::tenant::{Key, Tenant};
use domain::{Micros, Millis, Refusal, Store};
use http::header::AUTHORIZATION;
use http::{Extensions, HeaderMap, HeaderValue, Uri};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{charged, summed};
use crate::admin::keys::unavailable;
use crate::gate::Caller;
use crate::period::{self, Period, day};
use crate::webhooks::api::answer;
use crate::wiring::House;

/// What is shown where nothing limits, in dollars: the figure that new-api shows.
const WITHOUT_LIMIT_USD: i64 = 100_000_000;
/// What a key without a budget is shown to have left.
const UNLIMITED: i64 = -1;
/// The units of quota of one dollar in new-api.
const QUOTA_PER_USD: i64 = 500_000;
/// Micro-dollars of one dollar.
const USD: i64 = 1_000_000;
/// Days of the daily figures where no dates are asked for.
const DAYS_USUAL: i64 = 7;

/// The query of all these calls. What else stands in it is ignored, as it is there.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wish {
    key: Option<String>,
    start_date: Option<String>,
    end_date: Option<String>,
}

impl Wish {
    fn read(uri: &Uri) -> Result<Wish, Refusal> {
        period::of_query(uri, &["key", "start_date", "end_date"])
    }

    fn dates(&self, house: &House) -> Result<Option<Period>, Refusal> {
        let (from, to) = (self.start_date.as_deref(), self.end_date.as_deref());
        if from.is_none() && to.is_none() {
            return Ok(None);
        }
        let named = |refusal: Refusal| match refusal.field.as_deref() {
            Some("from") => refusal.at("start_date"),
            _ => refusal.at("end_date"),
        };
        Period::read(from, to, &*house.clock).map(Some).map_err(named)
    }
}

/// Whoever asks, by a header or by the key in the query, where a header has none.
async fn admitted(
    house: &House,
    (headers, extensions): (&HeaderMap, &Extensions),
    wish: &Wish,
) -> Result<Caller, Refusal> {
    if let (Some(key), None) = (&wish.key, headers.get(AUTHORIZATION)) {
        let mut shown = HeaderMap::new();
        let bearer = HeaderValue::from_str(&format!("Bearer {}", key.trim()));
        shown.extend(bearer.ok().map(|bearer| (AUTHORIZATION, bearer)));
        return house.admit(&shown, extensions).await;
    }
    house.admit(headers, extensions).await
}

/// What is known of whoever asks.
struct Holder {
    tenant: Tenant,
    keys: Vec<Key>,
    /// By key, over all time.
    used: Vec<UsageSum>,
    available: Micros,
    held: Micros,
}

impl Holder {
    async fn of(house: &House, caller: &Caller) -> Result<Holder, Refusal> {
        let store = &**house.engine.store();
        let registry = store.registry();
        let tenant = registry.tenant(caller.tenant).await;
        let tenant = tenant
            .map_err(|error| unavailable(&error))?
            .ok_or_else(Refusal::not_found)?;
        let keys = registry.keys(Some(caller.tenant)).await;
        let balance = house.engine.balance(caller.tenant).await?;
        Ok(Holder {
            keys: keys.map_err(|error| unavailable(&error))?,
            used: summed(store, (Some(tenant.id), None), ever(house), UsageBy::Key).await?,
            tenant,
            available: balance.available,
            held: balance.held,
        })
    }

    /// What a key used, with those of its line, who have one budget.
    fn used_by(&self, key: &Key) -> Micros {
        let line = self.keys.iter().filter(|other| other.holder == key.holder);
        let line: Vec<_> = line.map(|other| Some(other.id)).collect();
        let own = self.used.iter().filter(|sum| line.contains(&sum.key));
        charged(&own.cloned().collect::<Vec<_>>())
    }

    /// What a key's budget leaves; none without a budget.
    fn left_of(&self, key: &Key) -> Option<Micros> {
        let budget = key.terms.limits.budget_micros?;
        Some(Micros(budget.0.saturating_sub(self.used_by(key).0).max(0)))
    }

    /// What may still be spent; none where nothing limits it.
    fn left(&self) -> Option<Micros> {
        (!self.tenant.unlimited).then_some(self.available)
    }
}

fn ever(house: &House) -> Period {
    Period {
        from: Millis(0),
        to: house.clock.now().plus(1),
    }
}

/// An amount in dollars, for people: nothing is computed with it.
fn usd(amount: Micros) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "a figure for people; money stays in whole micro-dollars"
    )]
    let micros = amount.0 as f64;
    micros / 1_000_000.0
}

/// `GET /user/quota`
pub async fn quota(State(house): State<Arc<House>>, uri: Uri, request: Request) -> Response {
    let (headers, extensions) = (request.headers().clone(), request.extensions().clone());
    let read = async {
        let wish = Wish::read(&uri)?;
        let caller = admitted(&house, (&headers, &extensions), &wish).await?;
        let usual = Period::last_days(DAYS_USUAL, &*house.clock);
        let dates = wish.dates(&house)?.unwrap_or(usual);
        let holder = Holder::of(&house, &caller).await?;
        let store: &dyn Store = &**house.engine.store();
        let days = summed(store, (Some(caller.tenant), None), dates, UsageBy::DayAndKey).await?;
        Ok(quota_of(&holder, &days))
    };
    answer(read.await, &request)
}

fn quota_of(holder: &Holder, days: &[UsageSum]) -> Value {
    let requests: u64 = holder.used.iter().map(|sum| sum.tasks).sum();
    let keys = holder
        .keys
        .iter()
        .filter(|key| key.revoked_at.is_none())
        .map(|key| {
            let left = holder
                .left_of(key)
                .map_or_else(|| json!(UNLIMITED), |left| json!(usd(left)));
            json!({ "name": key.name, "remain_quota": left, "used_quota": usd(holder.used_by(key)) })
        });
    let mut daily: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for sum in days {
        let key = holder.keys.iter().find(|key| sum.key == Some(key.id));
        daily
            .entry(sum.day.map(day).unwrap_or_default())
            .or_default()
            .push(json!({
                "token_name": key.map(|key| &key.name),
                "quota_used": usd(sum.charge),
                "request_count": sum.tasks,
            }));
    }
    let left = holder
        .left()
        .map_or_else(|| json!(WITHOUT_LIMIT_USD), |left| json!(usd(left)));
    json!({
        "username": holder.tenant.name,
        "total_quota": left,
        "total_used_quota": usd(charged(&holder.used)),
        "request_count": requests,
        "keys": keys.collect::<Vec<_>>(),
        "daily_quota": daily,
    })
}

/// `GET /v1/dashboard/billing/subscription`: the limit is what was used and what is left, as in new-api.
pub async fn subscription(State(house): State<Arc<House>>, uri: Uri, request: Request) -> Response {
    let (headers, extensions) = (request.headers().clone(), request.extensions().clone());
    let read = async {
        let wish = Wish::read(&uri)?;
        let caller = admitted(&house, (&headers, &extensions), &wish).await?;
        let holder = Holder::of(&house, &caller).await?;
        let used = charged(&holder.used).0.saturating_add(holder.held.0);
        let limit = match holder.left() {
            Some(left) => json!(usd(Micros(left.0.saturating_add(used)))),
            None => json!(WITHOUT_LIMIT_USD),
        };
        let key = holder.keys.iter().find(|key| key.id == caller.key);
        let until = key.and_then(|key| key.expires_at).map_or(0, Millis::seconds);
        Ok(json!({
            "object": "billing_subscription",
            "has_payment_method": true,
            "soft_limit_usd": limit,
            "hard_limit_usd": limit,
            "system_hard_limit_usd": limit,
            "access_until": until,
        }))
    };
    answer(read.await, &request)
}

/// `GET /v1/dashboard/billing/usage`: in cents.
pub async fn usage(State(house): State<Arc<House>>, uri: Uri, request: Request) -> Response {
    let (headers, extensions) = (request.headers().clone(), request.extensions().clone());
    let read = async {
        let wish = Wish::read(&uri)?;
        let caller = admitted(&house, (&headers, &extensions), &wish).await?;
        let period = wish.dates(&house)?.unwrap_or_else(|| ever(&house));
        let store: &dyn Store = &**house.engine.store();
        let sums = summed(store, (Some(caller.tenant), None), period, UsageBy::Key).await?;
        Ok(json!({ "object": "list", "total_usage": usd(charged(&sums)) * 100.0 }))
    };
    answer(read.await, &request)
}

/// `GET /api/usage/token`: of the key that asks, in new-api's units of quota.
pub async fn token(State(house): State<Arc<House>>, uri: Uri, request: Request) -> Response {
    let (headers, extensions) = (request.headers().clone(), request.extensions().clone());
    let read = async {
        let wish = Wish::read(&uri)?;
        let caller = admitted(&house, (&headers, &extensions), &wish).await?;
        let holder = Holder::of(&house, &caller).await?;
        let key = holder.keys.iter().find(|key| key.id == caller.key);
        let key = key.ok_or_else(Refusal::not_found)?;
        let (used, left) = (holder.used_by(key), holder.left_of(key));
        let left = match (left, holder.left()) {
            (Some(own), Some(whole)) => Some(own.min(whole)),
            (own, whole) => own.or(whole),
        };
        let units = |amount: Micros| amount.0 / (USD / QUOTA_PER_USD);
        let available = left.map_or(0, units);
        let models = &key.terms.scope.models;
        let by_name: BTreeMap<&str, bool> = models.iter().map(|model| (model.as_str(), true)).collect();
        Ok(json!({
            "code": true,
            "message": "ok",
            "data": {
                "object": "token_usage",
                "name": key.name,
                "total_granted": units(used).saturating_add(available),
                "total_used": units(used),
                "total_available": available,
                "unlimited_quota": left.is_none(),
                "model_limits": by_name,
                "model_limits_enabled": !models.is_empty(),
                "expires_at": key.expires_at.map_or(0, Millis::seconds),
            },
        }))
    };
    answer(read.await, &request)
}
