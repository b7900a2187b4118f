//! Keys for the operator: make, list, change, rotate, revoke. The same verbs serve commands that open the
//! database themselves. Tenants are in `tenants.rs`, how terms are read in `terms.rs`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse as _, Response};
use dialects::reelway::time;
use domain::store::{Replaced, StoreError};
use domain::tenant::{Key, KeyRole, KeyTerms, Limits, Proof, Scope, Tenant};
use domain::{Id, KeyId, Millis, Refusal, RefusalKind};
use http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::json;

use crate::admin::audit::about;
use crate::admin::fields::Fields;
use crate::admin::tenants::{Registrar, spelled};
use crate::admin::terms::{self, PATCH_TRIES_MOST};
use crate::bootstrap::{self, DEFAULT_TENANT};
use crate::front::request_id;
use crate::problem;
use crate::wiring::House;

/// Longest name of a key, in characters.
const NAME_MAX_LENGTH: usize = 100;
/// Longest life of a key, in days: a hundred years.
const LIFE_MAX_DAYS: u64 = 36_600;
/// Milliseconds of a day.
const DAY_MS: u64 = 24 * 60 * 60 * 1_000;
/// How long a rotated key goes on where nothing is said: a day.
const OVERLAP_USUAL_SECONDS: u64 = 24 * 60 * 60;
/// The longest that a rotated key may go on: 30 days.
const OVERLAP_MAX_SECONDS: u64 = 30 * 24 * 60 * 60;
/// Most tenants that a refusal names.
const NAMED_MAX: usize = 20;

/// A key that is shown.
pub const KEY: &str = "key";
/// An access and a secret key, which signs.
pub const PAIR: &str = "pair";

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
    /// The first key of its line, with which what it uses is counted; not there where it is itself that one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<String>,
    /// When it was made.
    pub created_at: String,
    /// When it stops working.
    pub expires_at: Option<String>,
    /// When it was revoked.
    pub revoked_at: Option<String>,
    /// What it may use, within what its tenant may; what is not there is not limited.
    #[serde(default)]
    pub limits: Limits,
    /// What it may be used for; what is not there is not narrowed.
    #[serde(default)]
    pub scope: Scope,
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

impl Registrar<'_> {
    /// Makes a key.
    ///
    /// # Errors
    /// A refusal that names the field at fault.
    pub async fn create_key(&self, mut fields: Fields) -> Result<KeyView, Refusal> {
        let name = key_name(&mut fields)?;
        let role = role(&mut fields)?;
        let kind = fields.text("kind")?.flatten().unwrap_or_else(key_word);
        if ![KEY, PAIR].contains(&kind.as_str()) {
            let refusal = Refusal::invalid("kind", format!("there is no kind of key `{kind}`"));
            return Err(refusal.allowing([KEY, PAIR]));
        }
        let tenants = self.all_tenants().await?;
        let asked = fields.text("tenant")?.flatten();
        let asked = asked.as_deref().unwrap_or(DEFAULT_TENANT);
        let tenant = named_tenant(asked, &tenants)?;
        let dialect = fields.text("dialect")?.flatten();
        let dialect = dialect.as_deref().map(dialect_named).transpose()?;
        let expires_at = self.expiry(&mut fields)?;
        let mut terms = KeyTerms::default();
        terms::patch_key(&mut terms, &mut fields, &self.models)?;
        fields.done()?;
        let wish = bootstrap::Wish {
            tenant: tenant.id,
            name: &name,
            role,
            dialect,
            expires_at,
            terms,
        };
        let id = KeyId(self.ids.id());
        let (key, made) = self.drawn(&wish, id, &kind)?;
        let created = self.store.registry().create_key(&key).await;
        created.map_err(|error| unavailable(&error))?;
        Ok(made.shown_in(view(&key, &tenants)))
    }

    /// Keys, oldest first; of one tenant, when named.
    ///
    /// # Errors
    /// A refusal when the store cannot be read, or there is no such tenant.
    pub async fn keys(&self, tenant: Option<&str>) -> Result<Vec<KeyView>, Refusal> {
        let tenants = self.all_tenants().await?;
        let tenant = tenant.map(|named| named_tenant(named, &tenants)).transpose()?;
        let keys = self.store.registry().keys(tenant.map(|tenant| tenant.id)).await;
        let keys = keys.map_err(|error| unavailable(&error))?;
        Ok(keys.iter().map(|key| view(key, &tenants)).collect())
    }

    /// Changes what was agreed about a key: what the patch names, and nothing else.
    ///
    /// # Errors
    /// A refusal when there is no such key, or one that names the field at fault.
    pub async fn change_key(&self, id: &str, patch: Fields) -> Result<KeyView, Refusal> {
        for _ in 0..PATCH_TRIES_MOST {
            let mut key = self.key(id).await?;
            let (read, mut fields) = (key.terms.clone(), patch.clone());
            terms::patch_key(&mut key.terms, &mut fields, &self.models)?;
            fields.done()?;
            let set = self
                .store
                .registry()
                .set_key_terms(key.id, &read, &key.terms)
                .await;
            match set.map_err(|error| unavailable(&error))? {
                Replaced::Done => return Ok(view(&key, &self.all_tenants().await?)),
                Replaced::Stale => {}
                Replaced::Absent => return Err(no_key(id)),
            }
        }
        Err(terms::changed_meanwhile(id))
    }

    /// Makes a key in the place of another, which goes on for a while: the same in all but its secret and
    /// its id. What both use is counted together.
    ///
    /// # Errors
    /// A refusal when there is no such key, or when it works no more.
    pub async fn rotate_key(&self, id: &str, mut fields: Fields) -> Result<KeyView, Refusal> {
        let old = self.key(id).await?;
        let overlap = fields.whole("overlap_seconds", 0, OVERLAP_MAX_SECONDS)?.flatten();
        let overlap = overlap.unwrap_or(OVERLAP_USUAL_SECONDS);
        fields.done()?;
        let now = self.clock.now();
        if old.revoked_at.is_some() || old.expires_at.is_some_and(|end| end <= now) {
            let message = format!("key `{id}` works no more; make a new one");
            return Err(Refusal::new(RefusalKind::Conflict, message));
        }
        let wish = bootstrap::Wish {
            tenant: old.tenant,
            name: &old.name,
            role: old.role,
            dialect: old.dialect.clone(),
            expires_at: old.expires_at,
            terms: old.terms.clone(),
        };
        let (key, made) = self.drawn(&wish, KeyId(self.ids.id()), old.proof.word())?;
        let key = Key {
            holder: old.holder,
            ..key
        };
        let ends_at = now.plus(i64::try_from(overlap * 1_000).unwrap_or(i64::MAX));
        let rotated = self.store.registry().rotate_key(old.id, ends_at, &key).await;
        if !rotated.map_err(|error| unavailable(&error))? {
            let message = format!("key `{id}` was revoked meanwhile");
            return Err(Refusal::new(RefusalKind::Conflict, message));
        }
        Ok(made.shown_in(view(&key, &self.all_tenants().await?)))
    }

    /// Revokes a key.
    ///
    /// # Errors
    /// A refusal when there is no such key.
    pub async fn end_key(&self, id: &str) -> Result<(), Refusal> {
        let key = read_id(id).ok_or_else(|| no_key(id))?;
        let revoked = self.store.registry().revoke_key(key, self.clock.now()).await;
        if revoked.map_err(|error| unavailable(&error))? {
            return Ok(());
        }
        Err(no_key(id))
    }

    async fn key(&self, id: &str) -> Result<Key, Refusal> {
        let wanted = read_id(id).ok_or_else(|| no_key(id))?;
        let keys = self.store.registry().keys(None).await;
        let mut keys = keys.map_err(|error| unavailable(&error))?.into_iter();
        keys.find(|key| key.id == wanted).ok_or_else(|| no_key(id))
    }

    fn drawn(&self, wish: &bootstrap::Wish<'_>, id: KeyId, kind: &str) -> Result<(Key, Made), Refusal> {
        if kind == PAIR {
            let no_key =
                "there is no master key here to seal a pair; copy it from the gateway's data directory";
            let unsealed = || Refusal::new(RefusalKind::Conflict, no_key);
            let sealer = self.sealer.ok_or_else(unsealed)?;
            let (key, pair) = bootstrap::made_pair(wish, id, self.clock, (self.ids, sealer));
            return Ok((key, Made::Pair(pair.secret)));
        }
        let made = bootstrap::made(wish, id, self.clock, self.ids);
        let (key, text) = made.map_err(|error| unavailable(&error))?;
        Ok((key, Made::Key(text.into())))
    }

    fn expiry(&self, fields: &mut Fields) -> Result<Option<Millis>, Refusal> {
        let days = fields.whole("expires_in_days", 1, LIFE_MAX_DAYS)?.flatten();
        let moment = fields.moment("expires_at")?.flatten();
        let now = self.clock.now();
        let Some(days) = days else {
            if moment.is_some_and(|moment| moment <= now) {
                return Err(fields.wrong("expires_at", "in the future"));
            }
            return Ok(moment);
        };
        if moment.is_some() {
            let message = "`expires_at` and `expires_in_days` say the same; give one";
            return Err(Refusal::invalid("expires_at", message));
        }
        let life_ms = i64::try_from(days * DAY_MS).unwrap_or(i64::MAX);
        Ok(Some(now.plus(life_ms)))
    }
}

/// A secret that was just made.
enum Made {
    Key(SecretString),
    Pair(SecretString),
}

impl Made {
    /// The key with its secret, for the only time.
    fn shown_in(self, view: KeyView) -> KeyView {
        match self {
            Made::Key(text) => KeyView {
                key: Some(text),
                ..view
            },
            Made::Pair(secret) => KeyView {
                secret_key: Some(secret),
                ..view
            },
        }
    }
}

fn key_name(fields: &mut Fields) -> Result<String, Refusal> {
    let name = fields.text("name")?.flatten().unwrap_or_default();
    let name = name.trim();
    if name.is_empty() || name.chars().count() > NAME_MAX_LENGTH {
        let message = format!("`name` must have 1 to {NAME_MAX_LENGTH} characters");
        return Err(Refusal::invalid("name", message));
    }
    Ok(name.to_owned())
}

fn role(fields: &mut Fields) -> Result<KeyRole, Refusal> {
    let Some(word) = fields.text("role")?.flatten() else {
        return Ok(KeyRole::Client);
    };
    KeyRole::parse(&word).ok_or_else(|| {
        Refusal::invalid("role", format!("there is no role `{word}`")).allowing(["client", "admin"])
    })
}

/// A tenant of a list, which a field names.
fn named_tenant<'a>(named: &str, tenants: &'a [Tenant]) -> Result<&'a Tenant, Refusal> {
    let mut found = tenants.iter();
    let found = found.find(|tenant| tenant.name == named || spelled(tenant.id) == named);
    found.ok_or_else(|| {
        let names = tenants.iter().map(|tenant| &tenant.name).take(NAMED_MAX);
        Refusal::invalid("tenant", format!("there is no tenant `{named}`")).allowing(names)
    })
}

/// The dialect of this name, which must be one that is spoken here.
fn dialect_named(name: &str) -> Result<Arc<str>, Refusal> {
    let names = dialects::ALL.iter().map(|dialect| dialect.name());
    if names.clone().any(|known| known == name) {
        return Ok(name.into());
    }
    let refusal = Refusal::invalid("dialect", format!("there is no dialect `{name}`"));
    Err(refusal.allowing(names))
}

/// The id of a key, with or without `key_` before it.
fn read_id(id: &str) -> Option<KeyId> {
    Id::from_hex(id.trim_start_matches("key_")).map(KeyId)
}

fn no_key(id: &str) -> Refusal {
    // A text that is no id may be the key itself, which is not repeated.
    match read_id(id) {
        Some(_) => Refusal::new(RefusalKind::NotFound, format!("there is no key `{id}`")),
        None => Refusal::new(
            RefusalKind::NotFound,
            // It may be a secret that slipped into the wrong place.
            "there is no such key: an id is `key_` and 32 digits",
        ),
    }
}

/// A key's id as the operator sees it.
pub(crate) fn key_spelled(id: KeyId) -> String {
    format!("key_{}", id.0.hex())
}

fn view(key: &Key, tenants: &[Tenant]) -> KeyView {
    let tenant = tenants.iter().find(|tenant| tenant.id == key.tenant);
    let access_key = match &key.proof {
        Proof::Pair { access, .. } => Some(access.clone()),
        Proof::Secret { .. } => None,
    };
    KeyView {
        id: key_spelled(key.id),
        object: KEY.to_owned(),
        kind: key.proof.word().to_owned(),
        name: key.name.clone(),
        tenant: tenant.map_or_else(|| key.tenant.0.hex(), |tenant| tenant.name.clone()),
        role: key.role.word().to_owned(),
        hint: format!("…{}", key.hint),
        dialect: key.dialect.as_deref().map(str::to_owned),
        access_key,
        holder: (key.holder != key.id).then(|| key_spelled(key.holder)),
        created_at: time(key.created_at),
        expires_at: key.expires_at.map(time),
        revoked_at: key.revoked_at.map(time),
        limits: key.terms.limits,
        scope: key.terms.scope.clone(),
        key: None,
        secret_key: None,
    }
}

/// The refusal behind a store that does not answer; the cause is for the log.
pub(crate) fn unavailable(error: &StoreError) -> Refusal {
    tracing::error!(%error, "admin.store_failed: the store did not answer");
    Refusal::new(RefusalKind::Unavailable, "the database does not answer right now")
}

/// Whose keys a list shows.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Whose {
    tenant: Option<String>,
}

/// `GET /keys`
pub async fn list(State(house): State<Arc<House>>, request: Request) -> Response {
    let whose = axum::extract::Query::<Whose>::try_from_uri(request.uri());
    let listed = async {
        let refusal = |_| Refusal::invalid("query", "the query cannot be read").allowing(["tenant"]);
        let whose = whose.map_err(refusal)?;
        house.registrar().keys(whose.tenant.as_deref()).await
    };
    match listed.await {
        Ok(keys) => Json(json!({ "object": "list", "data": keys, "has_more": false })).into_response(),
        Err(refusal) => problem::answer(&refusal, &request_id(request.extensions())),
    }
}

/// `POST /keys`
pub async fn create(State(house): State<Arc<House>>, request: Request) -> Response {
    let id = request_id(request.extensions());
    let made = async {
        let fields = Fields::of_body(request.into_body()).await?;
        house.registrar().create_key(fields).await
    };
    match made.await {
        Ok(key) => about(&key.id.clone(), (StatusCode::CREATED, Json(key))),
        Err(refusal) => problem::answer(&refusal, &id),
    }
}

/// `PATCH /keys/{id}`
pub async fn change(State(house): State<Arc<House>>, Path(key): Path<String>, request: Request) -> Response {
    let id = request_id(request.extensions());
    let changed = async {
        let fields = Fields::of_body(request.into_body()).await?;
        house.registrar().change_key(&key, fields).await
    };
    match changed.await {
        Ok(key) => {
            house.gate.forget_all();
            about(&key.id.clone(), Json(key))
        }
        Err(refusal) => problem::answer(&refusal, &id),
    }
}

/// `POST /keys/{id}/rotate`
pub async fn rotate(State(house): State<Arc<House>>, Path(key): Path<String>, request: Request) -> Response {
    let id = request_id(request.extensions());
    let rotated = async {
        let fields = Fields::of_body(request.into_body()).await?;
        house.registrar().rotate_key(&key, fields).await
    };
    match rotated.await {
        Ok(made) => {
            house.gate.forget_all();
            about(&format!("{key},{}", made.id), (StatusCode::CREATED, Json(made)))
        }
        Err(refusal) => problem::answer(&refusal, &id),
    }
}

/// `DELETE /keys/{id}`
pub async fn revoke(State(house): State<Arc<House>>, Path(id): Path<String>, request: Request) -> Response {
    match house.registrar().end_key(&id).await {
        Ok(()) => {
            house.gate.forget_all();
            Json(json!({ "id": id, "object": "key", "revoked": true })).into_response()
        }
        Err(refusal) => problem::answer(&refusal, &request_id(request.extensions())),
    }
}
