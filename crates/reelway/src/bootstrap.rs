//! The first start: on an empty database, the tenant `default`, its credit, a client key and an admin
//! key. Later starts change nothing. Making further keys is here too, so that all are made alike.

use std::sync::Arc;

use domain::ids::TenantId;
use domain::store::{Entry, Founding, Overdraw, StoreError};
use domain::tenant::{Key, KeyRole, KeyTerms, Proof, Tenant, TenantTerms};
use domain::{Clock, Ids, KeyId, LedgerAccount, Line, LineKind, Micros, Millis, Store};
use secrecy::ExposeSecret as _;

use crate::admin::ledger::entry_name;
use crate::config::Environment;
use crate::keys::{self, Fingerprint, OWN_KEY_MIN_LENGTH, Pair};
use crate::sealing::Sealer;

/// The tenant of the first start.
pub const DEFAULT_TENANT: &str = "default";
/// The reason of the credit that a tenant begins with.
pub(crate) const OPENING: &str = "opening credit";
/// Who puts the credit of the first tenant in.
const FIRST_START: &str = "first start";
/// Brings the first client key.
const API_KEY_VARIABLE: &str = "REELWAY_BOOTSTRAP_API_KEY";
/// Brings the first admin key.
const ADMIN_KEY_VARIABLE: &str = "REELWAY_BOOTSTRAP_ADMIN_KEY";
/// Gives the first tenant so many micro-dollars instead of an unlimited balance.
const CREDIT_VARIABLE: &str = "REELWAY_BOOTSTRAP_CREDIT";

/// Why the first start failed.
#[derive(Debug, thiserror::Error)]
pub enum BootstrapError {
    /// A variable has a value that cannot be used.
    #[error("`{0}` {1}")]
    Variable(&'static str, String),
    /// The store did not take it.
    #[error("the first keys could not be kept: {0}")]
    Store(#[from] StoreError),
}

/// Keys that were made at this start and are to be printed once; none were when the operator brought
/// them, or at later starts.
#[derive(Default)]
pub struct FirstKeys {
    /// The client key's text.
    pub client: Option<String>,
    /// The admin key's text.
    pub admin: Option<String>,
}

/// What a new key is to be.
pub struct Wish<'a> {
    /// Whose it is.
    pub tenant: TenantId,
    /// The operator's name for it.
    pub name: &'a str,
    /// What it opens.
    pub role: KeyRole,
    /// The dialect that it always speaks, when set.
    pub dialect: Option<Arc<str>>,
    /// When it stops working.
    pub expires_at: Option<Millis>,
    /// What it may use, and be used for.
    pub terms: KeyTerms,
}

/// Prepares an empty database, in one commit; does nothing on one that has a tenant. Of several processes
/// that start at once one prepares it.
///
/// # Errors
/// [`BootstrapError`] for a variable that cannot be used or a store that did not take it.
pub async fn run(
    store: &dyn Store,
    clock: &dyn Clock,
    ids: &dyn Ids,
    environment: &Environment,
) -> Result<FirstKeys, BootstrapError> {
    if !store.registry().tenants().await?.is_empty() {
        return Ok(FirstKeys::default());
    }
    let (client, admin) = (
        own_key(environment, API_KEY_VARIABLE)?,
        own_key(environment, ADMIN_KEY_VARIABLE)?,
    );
    let credit = credit(environment)?;
    let tenant = Tenant {
        id: TenantId(ids.id()),
        name: DEFAULT_TENANT.to_owned(),
        unlimited: credit.is_none(),
        created_at: clock.now(),
        terms: TenantTerms::default(),
    };
    let wish = |name, role| Wish {
        tenant: tenant.id,
        name,
        role,
        dialect: None,
        expires_at: None,
        terms: KeyTerms::default(),
    };
    let (client_row, client) = first(&wish("first client key", KeyRole::Client), client, clock, ids)?;
    let (admin_row, admin) = first(&wish("first admin key", KeyRole::Admin), admin, clock, ids)?;
    let founding = Founding {
        keys: vec![client_row, admin_row],
        credit: first_credit(&tenant, credit, (OPENING, FIRST_START), ids),
        tenant,
    };
    if store.found(&founding).await? {
        return Ok(FirstKeys { client, admin });
    }
    Ok(FirstKeys::default())
}

/// A first key: the operator's own, else one that is made, with its text.
fn first(
    wish: &Wish<'_>,
    brought: Option<Fingerprint>,
    clock: &dyn Clock,
    ids: &dyn Ids,
) -> Result<(Key, Option<String>), StoreError> {
    let id = KeyId(ids.id());
    match brought {
        Some(fingerprint) => Ok((row(wish, id, fingerprint, clock.now()), None)),
        None => made(wish, id, clock, ids).map(|(key, text)| (key, Some(text))),
    }
}

/// A key that is not kept yet, with its text.
///
/// # Errors
/// [`StoreError`] when it cannot be read back.
pub fn made(
    wish: &Wish<'_>,
    id: KeyId,
    clock: &dyn Clock,
    ids: &dyn Ids,
) -> Result<(Key, String), StoreError> {
    let text = keys::make(id, ids);
    let broken = || StoreError::Corrupt("a key that was just made cannot be read".to_owned());
    let fingerprint = keys::read(&text).ok_or_else(broken)?;
    Ok((row(wish, id, fingerprint, clock.now()), text))
}

/// Makes a key and keeps its hash; the text is known only to the caller.
///
/// # Errors
/// [`StoreError`] when it was not kept.
pub async fn issue(
    store: &dyn Store,
    clock: &dyn Clock,
    ids: &dyn Ids,
    wish: &Wish<'_>,
) -> Result<(Key, String), StoreError> {
    let (key, text) = made(wish, KeyId(ids.id()), clock, ids)?;
    store.registry().create_key(&key).await?;
    Ok((key, text))
}

/// Makes a pair and keeps its secret sealed; the open secret is known only to the caller.
///
/// # Errors
/// [`StoreError`] when it was not kept.
pub async fn issue_pair(
    store: &dyn Store,
    clock: &dyn Clock,
    (ids, sealer): (&dyn Ids, &Sealer),
    wish: &Wish<'_>,
) -> Result<(Key, Pair), StoreError> {
    let (key, pair) = made_pair(wish, KeyId(ids.id()), clock, (ids, sealer));
    store.registry().create_key(&key).await?;
    Ok((key, pair))
}

/// A pair that is not kept yet, with its open secret.
pub fn made_pair(
    wish: &Wish<'_>,
    id: KeyId,
    clock: &dyn Clock,
    (ids, sealer): (&dyn Ids, &Sealer),
) -> (Key, Pair) {
    let pair = Pair::make(id, ids);
    let proof = Proof::Pair {
        access: pair.access.clone(),
        sealed: sealer.seal(pair.secret.expose_secret().as_bytes(), &owner(id), ids),
    };
    (key_row(wish, id, (proof, pair.hint()), clock.now()), pair)
}

/// What the secret of a pair is sealed for: it opens in this key's row only.
#[must_use]
pub fn owner(id: KeyId) -> [u8; 16] {
    id.0.0.to_be_bytes()
}

/// A key of a text that its holder has already.
pub fn row(wish: &Wish<'_>, id: KeyId, fingerprint: Fingerprint, now: Millis) -> Key {
    let Fingerprint { id: own, hash, hint } = fingerprint;
    key_row(wish, own.unwrap_or(id), (Proof::Secret { hash }, hint), now)
}

fn key_row(wish: &Wish<'_>, id: KeyId, (proof, hint): (Proof, String), now: Millis) -> Key {
    Key {
        id,
        tenant: wish.tenant,
        name: wish.name.to_owned(),
        role: wish.role,
        proof,
        hint,
        holder: id,
        dialect: wish.dialect.clone(),
        created_at: now,
        expires_at: wish.expires_at,
        revoked_at: None,
        terms: wish.terms.clone(),
    }
}

fn own_key(environment: &Environment, name: &'static str) -> Result<Option<Fingerprint>, BootstrapError> {
    let Some(text) = environment.get(name) else {
        return Ok(None);
    };
    let wrong = || {
        let cure = format!(
            "must be {OWN_KEY_MIN_LENGTH} or more printable characters without blanks, no token and no part of a pair"
        );
        BootstrapError::Variable(name, cure)
    };
    keys::read(text).map(Some).ok_or_else(wrong)
}

fn credit(environment: &Environment) -> Result<Option<Micros>, BootstrapError> {
    let Some(text) = environment.get(CREDIT_VARIABLE) else {
        return Ok(None);
    };
    let credit = text.trim().parse().ok().filter(|credit: &i64| *credit >= 0);
    let wrong = || {
        BootstrapError::Variable(
            CREDIT_VARIABLE,
            "must be a whole number of micro-dollars".to_owned(),
        )
    };
    credit.map(|credit| Some(Micros(credit))).ok_or_else(wrong)
}

/// The credit that a tenant begins with, with its reason and author; none of nothing.
#[must_use]
pub fn first_credit(
    tenant: &Tenant,
    credit: Option<Micros>,
    (reason, author): (&str, &str),
    ids: &dyn Ids,
) -> Option<Entry> {
    let amount = credit.filter(|credit| *credit > Micros::ZERO)?;
    let line = Line {
        task: None,
        tenant: Some(tenant.id),
        kind: LineKind::Credit,
        sequence: 0,
        from: LedgerAccount::Funding,
        to: LedgerAccount::Available(tenant.id),
        amount,
        at: tenant.created_at,
        note: reason.to_owned(),
    };
    Some(Entry {
        name: entry_name(ids),
        line,
        author: author.to_owned(),
        overdraw: Overdraw::Refused,
    })
}
