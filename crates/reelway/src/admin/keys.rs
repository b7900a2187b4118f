//! Keys for the operator: make, list, revoke. The same verbs serve commands that open the database
//! themselves.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse as _, Response};
use dialects::reelway::time;
use domain::store::StoreError;
use domain::tenant::{Key, KeyRole, KeyTerms, Proof, Tenant};
use domain::{Clock, Id, Ids, KeyId, Millis, Refusal, RefusalKind, Store};
use http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::json;

use crate::bootstrap::{self, DEFAULT_TENANT};
use crate::front::request_id;
use crate::problem;
use crate::sealing::Sealer;
use crate::wiring::House;

/// Longest body of these routes.
const BODY_MAX_BYTES: usize = 16 * 1024;
/// Longest name of a key, in characters.
const NAME_MAX_LENGTH: usize = 100;
/// Longest life of a key, in days: a hundred years.
const LIFE_MAX_DAYS: u64 = 36_600;
/// Milliseconds of a day.
const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// A key that is shown.
pub const KEY: &str = "key";
/// An access and a secret key, which signs.
pub const PAIR: &str = "pair";

/// A key that is wished for.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewKey {
    /// The operator's name for it.
    pub name: String,
    /// `key`, or `pair` for an access and a secret key that sign tokens; none: `key`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The tenant by name; none: `default`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// `client` or `admin`; none: `client`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The dialect that it always speaks, by name; none: as the path says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dialect: Option<String>,
    /// In how many days it expires; none: never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_in_days: Option<u64>,
}

/// A key as the operator sees it; never its hash or its sealed secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct KeyView {
    /// Its id: `key_` and 32 hexadecimal digits.
    pub id: String,
    /// Always `key`.
    pub object: String,
    /// `key` or `pair`.
    #[serde(default = "key_word")]
    pub kind: String,
    /// The operator's name for it.
    pub name: String,
    /// The tenant by name.
    pub tenant: String,
    /// `client` or `admin`.
    pub role: String,
    /// The last characters of the secret.
    pub hint: String,
    /// The dialect that it always speaks, when set.
    #[serde(default)]
    pub dialect: Option<String>,
    /// The public name of a pair, which tokens carry as `iss`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_key: Option<String>,
    /// When it was made.
    pub created_at: String,
    /// When it stops working.
    pub expires_at: Option<String>,
    /// When it was revoked.
    pub revoked_at: Option<String>,
    /// The key's text: only in the answer that makes it.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "shown")]
    pub key: Option<SecretString>,
    /// The secret that a pair's tokens are signed with: only in the answer that makes it.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "shown")]
    pub secret_key: Option<SecretString>,
}

fn key_word() -> String {
    KEY.to_owned()
}

/// Writes a secret where it is shown for the only time.
pub(crate) fn shown<S: Serializer>(secret: &Option<SecretString>, serializer: S) -> Result<S::Ok, S::Error> {
    let text = secret.as_ref().map(ExposeSecret::expose_secret);
    text.serialize(serializer)
}

/// Makes a key.
///
/// # Errors
/// A refusal that names the field at fault.
pub async fn make(
    store: &dyn Store,
    clock: &dyn Clock,
    (ids, sealer): (&dyn Ids, &Sealer),
    wish: NewKey,
) -> Result<KeyView, Refusal> {
    let name = wish.name.trim();
    if name.is_empty() || name.chars().count() > NAME_MAX_LENGTH {
        let message = format!("`name` must have 1 to {NAME_MAX_LENGTH} characters");
        return Err(Refusal::invalid("name", message));
    }
    let word = wish.role.as_deref().unwrap_or("client");
    let role = KeyRole::parse(word).ok_or_else(|| {
        Refusal::invalid("role", format!("there is no role `{word}`")).allowing(["client", "admin"])
    })?;
    let kind = wish.kind.as_deref().unwrap_or(KEY);
    if ![KEY, PAIR].contains(&kind) {
        let refusal = Refusal::invalid("kind", format!("there is no kind of key `{kind}`"));
        return Err(refusal.allowing([KEY, PAIR]));
    }
    let tenants = store
        .registry()
        .tenants()
        .await
        .map_err(|error| unavailable(&error))?;
    let asked = wish.tenant.as_deref().unwrap_or(DEFAULT_TENANT);
    let tenant = tenants
        .iter()
        .find(|tenant| tenant.name == asked)
        .ok_or_else(|| {
            let names = tenants.iter().map(|tenant| &tenant.name);
            Refusal::invalid("tenant", format!("there is no tenant `{asked}`")).allowing(names)
        })?;
    let granted = bootstrap::Wish {
        tenant: tenant.id,
        name,
        role,
        dialect: wish.dialect.as_deref().map(dialect).transpose()?,
        expires_at: expiry(clock, wish.expires_in_days)?,
        terms: KeyTerms::default(),
    };
    if kind == PAIR {
        let issued = bootstrap::issue_pair(store, clock, (ids, sealer), &granted).await;
        let (key, pair) = issued.map_err(|error| unavailable(&error))?;
        return Ok(KeyView {
            secret_key: Some(pair.secret),
            ..view(&key, &tenants)
        });
    }
    let issued = bootstrap::issue(store, clock, ids, &granted).await;
    let (key, text) = issued.map_err(|error| unavailable(&error))?;
    Ok(KeyView {
        key: Some(text.into()),
        ..view(&key, &tenants)
    })
}

/// The dialect of this name, which must be one that is spoken here.
fn dialect(name: &str) -> Result<Arc<str>, Refusal> {
    let names = dialects::ALL.iter().map(|dialect| dialect.name());
    if names.clone().any(|known| known == name) {
        return Ok(name.into());
    }
    let refusal = Refusal::invalid("dialect", format!("there is no dialect `{name}`"));
    Err(refusal.allowing(names))
}

fn expiry(clock: &dyn Clock, days: Option<u64>) -> Result<Option<Millis>, Refusal> {
    let Some(days) = days else { return Ok(None) };
    if days == 0 || days > LIFE_MAX_DAYS {
        let message = format!("`expires_in_days` must be from 1 to {LIFE_MAX_DAYS}");
        return Err(Refusal::invalid("expires_in_days", message));
    }
    let life_ms = i64::try_from(days * DAY_MS).unwrap_or(i64::MAX);
    Ok(Some(clock.now().plus(life_ms)))
}

/// All keys, oldest first.
///
/// # Errors
/// A refusal when the store cannot be read.
pub async fn all(store: &dyn Store) -> Result<Vec<KeyView>, Refusal> {
    let tenants = store
        .registry()
        .tenants()
        .await
        .map_err(|error| unavailable(&error))?;
    let keys = store
        .registry()
        .keys(None)
        .await
        .map_err(|error| unavailable(&error))?;
    Ok(keys.iter().map(|key| view(key, &tenants)).collect())
}

/// Revokes a key by its id, with or without `key_` before it.
///
/// # Errors
/// A refusal when there is no such key.
pub async fn end(store: &dyn Store, clock: &dyn Clock, id: &str) -> Result<(), Refusal> {
    let absent = || Refusal::new(RefusalKind::NotFound, format!("there is no key `{id}`"));
    let key = Id::from_hex(id.trim_start_matches("key_"))
        .map(KeyId)
        .ok_or_else(absent)?;
    let revoked = store.registry().revoke_key(key, clock.now()).await;
    if revoked.map_err(|error| unavailable(&error))? {
        return Ok(());
    }
    Err(absent())
}

fn view(key: &Key, tenants: &[Tenant]) -> KeyView {
    let tenant = tenants.iter().find(|tenant| tenant.id == key.tenant);
    let access_key = match &key.proof {
        Proof::Pair { access, .. } => Some(access.clone()),
        Proof::Secret { .. } => None,
    };
    KeyView {
        id: format!("key_{}", key.id.0.hex()),
        object: KEY.to_owned(),
        kind: key.proof.word().to_owned(),
        name: key.name.clone(),
        tenant: tenant.map_or_else(|| key.tenant.0.hex(), |tenant| tenant.name.clone()),
        role: key.role.word().to_owned(),
        hint: format!("…{}", key.hint),
        dialect: key.dialect.as_deref().map(str::to_owned),
        access_key,
        created_at: time(key.created_at),
        expires_at: key.expires_at.map(time),
        revoked_at: key.revoked_at.map(time),
        key: None,
        secret_key: None,
    }
}

/// The refusal behind a store that does not answer; the cause is for the log.
pub(crate) fn unavailable(error: &StoreError) -> Refusal {
    tracing::error!(%error, "admin.store_failed: the store did not answer");
    Refusal::new(RefusalKind::Unavailable, "the database does not answer right now")
}

/// `GET /keys`
pub async fn list(State(house): State<Arc<House>>, request: Request) -> Response {
    match all(&**house.engine.store()).await {
        Ok(keys) => Json(json!({ "object": "list", "data": keys, "has_more": false })).into_response(),
        Err(refusal) => problem::answer(&refusal, &request_id(request.extensions())),
    }
}

/// `POST /keys`
pub async fn create(State(house): State<Arc<House>>, request: Request) -> Response {
    let id = request_id(request.extensions());
    let wish = match wish(request.into_body()).await {
        Ok(wish) => wish,
        Err(refusal) => return problem::answer(&refusal, &id),
    };
    let chance = (&*house.ids, &*house.sealer);
    match make(&**house.engine.store(), &*house.clock, chance, wish).await {
        Ok(key) => (StatusCode::CREATED, Json(key)).into_response(),
        Err(refusal) => problem::answer(&refusal, &id),
    }
}

/// `DELETE /keys/{id}`
pub async fn revoke(State(house): State<Arc<House>>, Path(id): Path<String>, request: Request) -> Response {
    match end(&**house.engine.store(), &*house.clock, &id).await {
        Ok(()) => {
            house.gate.forget_all();
            Json(json!({ "id": id, "object": "key", "revoked": true })).into_response()
        }
        Err(refusal) => problem::answer(&refusal, &request_id(request.extensions())),
    }
}

async fn wish(body: Body) -> Result<NewKey, Refusal> {
    let too_large = |_| {
        Refusal::new(
            RefusalKind::TooLarge,
            format!("the body is longer than {BODY_MAX_BYTES} bytes"),
        )
    };
    let bytes = axum::body::to_bytes(body, BODY_MAX_BYTES)
        .await
        .map_err(too_large)?;
    let read = serde_json::from_slice(&bytes);
    read.map_err(|error| {
        Refusal::new(
            RefusalKind::Malformed,
            format!("the body cannot be read: {error}"),
        )
    })
}
