//! The gate: from a request's headers to the caller behind them. What a caller may reach beyond that
//! is decided by the owner in every read; how keys are written is in `keys.rs`.

use std::sync::Arc;
use std::time::Duration;

use domain::tenant::{Key, KeyRole};
use domain::{Clock, KeyId, Refusal, RefusalKind, Store, TenantId};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use moka::sync::Cache;
use subtle::ConstantTimeEq as _;
use tokio::sync::Semaphore;

use crate::keys;

/// How long a key is believed without asking the store. Revocation is promised within five seconds.
const KEY_LIFE: Duration = Duration::from_secs(4);
/// Keys that are remembered at once; a row takes some 500 bytes.
const KEYS_MAX: u64 = 20_000;
/// Unknown keys that are remembered at once, apart from the good ones, which they cannot push out.
const STRANGERS_MAX: u64 = 20_000;
/// Look-ups of keys in the store at once, so that guessers cannot fill its queue.
const LOOKUPS_MAX: usize = 32;

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Whose tasks and money.
    pub tenant: TenantId,
    /// With which key.
    pub key: KeyId,
    /// What the key opens.
    pub role: KeyRole,
    /// The dialect that the key always speaks, where it has one.
    pub dialect: Option<Arc<str>>,
}

/// Knows which keys open the house.
pub struct Gate {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    known: Cache<String, Arc<Key>>,
    strangers: Cache<String, ()>,
    lookups: Semaphore,
}

impl Gate {
    /// A gate over the store's keys.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Gate {
        Gate {
            store,
            clock,
            known: remembering(KEYS_MAX),
            strangers: remembering(STRANGERS_MAX),
            lookups: Semaphore::new(LOOKUPS_MAX),
        }
    }

    /// The caller behind a request's headers.
    ///
    /// # Errors
    /// A refusal: no key, a bad one, an expired one, or a store that cannot be asked.
    pub async fn admit(&self, headers: &HeaderMap) -> Result<Caller, Refusal> {
        let text = key_text(headers)?;
        let fingerprint = keys::read(text).ok_or_else(bad_key)?;
        let key = self.key(&fingerprint.hash).await?.ok_or_else(bad_key)?;
        let same_hash = bool::from(key.hash.as_bytes().ct_eq(fingerprint.hash.as_bytes()));
        let same_id = fingerprint.id.is_none_or(|id| id == key.id);
        if !same_hash || !same_id || key.revoked_at.is_some() {
            return Err(bad_key());
        }
        if key.expires_at.is_some_and(|end| end <= self.clock.now()) {
            return Err(Refusal::new(RefusalKind::ExpiredKey, "the API key has expired"));
        }
        Ok(Caller {
            tenant: key.tenant,
            key: key.id,
            role: key.role,
            dialect: key.dialect.as_deref().map(Arc::from),
        })
    }

    /// The caller behind a request's headers, who must hold an admin key.
    ///
    /// # Errors
    /// As [`Gate::admit`], and a refusal of client keys.
    pub async fn admit_admin(&self, headers: &HeaderMap) -> Result<Caller, Refusal> {
        let caller = self.admit(headers).await?;
        if caller.role == KeyRole::Admin {
            return Ok(caller);
        }
        Err(Refusal::new(RefusalKind::Forbidden, "this needs an admin key"))
    }

    /// Forgets what was remembered, so that a revoked key stops at once in this process.
    pub fn forget_all(&self) {
        self.known.invalidate_all();
        self.strangers.invalidate_all();
    }

    async fn key(&self, hash: &str) -> Result<Option<Arc<Key>>, Refusal> {
        if let Some(key) = self.known.get(hash) {
            return Ok(Some(key));
        }
        if self.strangers.contains_key(hash) {
            return Ok(None);
        }
        let _permit = self.lookups.acquire().await.map_err(|_| unavailable())?;
        let found = self.store.key_by_hash(hash).await.map_err(|error| {
            tracing::error!(%error, "gate.lookup_failed: a key could not be looked up");
            unavailable()
        })?;
        let Some(key) = found.map(Arc::new) else {
            self.strangers.insert(hash.to_owned(), ());
            return Ok(None);
        };
        self.known.insert(hash.to_owned(), Arc::clone(&key));
        Ok(Some(key))
    }
}

fn remembering<V: Clone + Send + Sync + 'static>(most: u64) -> Cache<String, V> {
    Cache::builder().max_capacity(most).time_to_live(KEY_LIFE).build()
}

/// The key's text, from wherever the client's own dialect carries it.
fn key_text(headers: &HeaderMap) -> Result<&str, Refusal> {
    if let Some(value) = headers.get(AUTHORIZATION) {
        let text = value.to_str().map_err(|_| bad_key())?;
        let (scheme, key) = text.trim().split_once(' ').ok_or_else(bad_key)?;
        let bearer = scheme.eq_ignore_ascii_case("bearer");
        return bearer.then_some(key.trim()).ok_or_else(bad_key);
    }
    let names = ["ocp-apim-subscription-key", "x-api-key"];
    let value = names.into_iter().find_map(|name| headers.get(name));
    let Some(value) = value else {
        return Err(Refusal::new(
            RefusalKind::NoKey,
            "no API key came with the request; send `Authorization: Bearer <key>`",
        ));
    };
    value.to_str().map(str::trim).map_err(|_| bad_key())
}

fn bad_key() -> Refusal {
    Refusal::new(
        RefusalKind::BadKey,
        "the API key is not valid: unknown, mistyped or revoked",
    )
}

fn unavailable() -> Refusal {
    Refusal::new(RefusalKind::Unavailable, "keys cannot be looked up right now")
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::key_text;
    use domain::RefusalKind;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs = pairs.iter();
        pairs
            .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn a_key_is_found_in_every_header_that_a_dialect_uses() {
        for name in ["ocp-apim-subscription-key", "x-api-key"] {
            assert_eq!(key_text(&headers(&[(name, "k")])).unwrap(), "k");
        }
        assert_eq!(
            key_text(&headers(&[("authorization", "bearer  k ")])).unwrap(),
            "k"
        );
    }

    #[test]
    fn another_scheme_is_a_bad_key_and_nothing_is_no_key() {
        let refused = key_text(&headers(&[("authorization", "Basic abc")])).unwrap_err();
        assert_eq!(refused.kind, RefusalKind::BadKey);
        assert_eq!(key_text(&headers(&[])).unwrap_err().kind, RefusalKind::NoKey);
    }
}
