//! The gate: from a request's headers to the caller behind them, by a key that is shown or by a token
//! that is signed. What a caller may reach beyond that is decided by the owner in every read; how keys
//! are written is in `keys.rs`, how tokens are read in `token.rs`, what was agreed about them in
//! `gate/terms.rs`, from where they come in `gate/origin.rs`, and how often in `gate/rates.rs`.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use domain::store::StoreError;
use domain::tenant::{Key, KeyRole, Proof};
use domain::{Clock, KeyId, Refusal, RefusalKind, Store, TenantId};
use http::header::AUTHORIZATION;
use http::{Extensions, HeaderMap};
use ipnet::IpNet;
use moka::sync::Cache;
use subtle::ConstantTimeEq as _;
use tokio::sync::Semaphore;

use crate::bootstrap::owner;
use crate::gate::terms::Terms;
use crate::keys;
use crate::sealing::Sealer;
use crate::token::{self, BadToken, Verifier};

pub(crate) mod origin;
pub mod rates;
pub mod terms;

/// How long a key and the terms of it and its tenant are believed without asking the store. That they are
/// revoked or changed is promised to be seen everywhere within a second.
const KEY_LIFE: Duration = Duration::from_millis(800);
/// Keys that are remembered at once, and as many pairs; a row takes some 700 bytes.
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
    /// The first key of that key's line, in whose name it is counted.
    pub holder: KeyId,
    /// What the key opens.
    pub role: KeyRole,
    /// The dialect that the key always speaks, when the operator set one.
    pub dialect: Option<Arc<str>>,
    /// What was agreed about the key and the tenant.
    pub terms: Arc<Terms>,
}

/// A key with what was agreed about it and its tenant.
struct Known {
    key: Key,
    terms: Arc<Terms>,
}

/// A pair whose secret was opened.
struct OpenPair {
    known: Known,
    verifier: Verifier,
}

/// Knows which keys open the house.
pub struct Gate {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    sealer: Arc<Sealer>,
    trusted_proxies: Vec<IpNet>,
    known: Cache<String, Arc<Known>>,
    pairs: Cache<String, Arc<OpenPair>>,
    strangers: Cache<String, ()>,
    lookups: Semaphore,
}

impl Gate {
    /// A gate over the store's keys; `sealer` opens the secrets of pairs, and `trusted_proxies` say whom
    /// they speak for.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        sealer: Arc<Sealer>,
        trusted_proxies: Vec<IpNet>,
    ) -> Gate {
        Gate {
            store,
            clock,
            sealer,
            trusted_proxies,
            known: remembering(KEYS_MAX),
            pairs: remembering(KEYS_MAX),
            strangers: remembering(STRANGERS_MAX),
            lookups: Semaphore::new(LOOKUPS_MAX),
        }
    }

    /// The caller behind a request, by its headers and the other end of the connection that it came over. A
    /// text that looks like a token is judged as one and as nothing else; every other text is looked up as a key.
    ///
    /// # Errors
    /// A refusal: no key, a bad one, an expired one, one whose time has not come, one that is not let in
    /// from where the request comes, or a store that cannot be asked.
    pub async fn admit(&self, headers: &HeaderMap, peer: Option<IpAddr>) -> Result<Caller, Refusal> {
        let text = key_text(headers)?;
        let caller = if token::looks_like(text) {
            self.by_token(text).await?
        } else {
            self.by_text(text).await?
        };
        let from = || origin::client(peer, headers, &self.trusted_proxies);
        caller.terms.admits(from)?;
        Ok(caller)
    }

    async fn by_text(&self, text: &str) -> Result<Caller, Refusal> {
        if keys::is_of_a_pair(text) {
            return Err(half_of_a_pair());
        }
        let fingerprint = keys::read(text).ok_or_else(bad_key)?;
        let known = self.key(&fingerprint.hash).await?.ok_or_else(bad_key)?;
        let key = &known.key;
        let Proof::Secret { hash } = &key.proof else {
            return Err(bad_key());
        };
        let same_hash = bool::from(hash.as_bytes().ct_eq(fingerprint.hash.as_bytes()));
        let same_id = fingerprint.id.is_none_or(|id| id == key.id);
        if !same_hash || !same_id || key.revoked_at.is_some() {
            return Err(bad_key());
        }
        self.caller(&known)
    }

    async fn by_token(&self, text: &str) -> Result<Caller, Refusal> {
        let access = token::issuer(text).ok_or_else(bad_token)?;
        let id = keys::read_access(&access).ok_or_else(bad_token)?;
        let pair = self.pair(&access).await?.ok_or_else(bad_token)?;
        if pair.known.key.id != id || pair.known.key.revoked_at.is_some() {
            return Err(bad_token());
        }
        let verdict = pair.verifier.verify(text, self.clock.now());
        verdict.map_err(|why| match why {
            BadToken::Forged => bad_token(),
            BadToken::Early => Refusal::new(
                RefusalKind::EarlyKey,
                "the token is not valid yet: `nbf` is in the future; compare the clocks",
            ),
            BadToken::Expired => Refusal::new(
                RefusalKind::ExpiredKey,
                "the token has expired: `exp` has passed; sign a new one",
            ),
        })?;
        self.caller(&pair.known)
    }

    /// Who calls with a key that was proved and is not revoked.
    fn caller(&self, known: &Known) -> Result<Caller, Refusal> {
        let key = &known.key;
        if key.expires_at.is_some_and(|end| end <= self.clock.now()) {
            return Err(Refusal::new(RefusalKind::ExpiredKey, "the API key has expired"));
        }
        Ok(Caller {
            tenant: key.tenant,
            key: key.id,
            holder: key.holder,
            role: key.role,
            dialect: key.dialect.clone(),
            terms: Arc::clone(&known.terms),
        })
    }

    /// The caller behind a request's headers, who must hold an admin key.
    ///
    /// # Errors
    /// As [`Gate::admit`], and a refusal of client keys.
    pub async fn admit_admin(&self, headers: &HeaderMap, extensions: &Extensions) -> Result<Caller, Refusal> {
        let caller = self.admit(headers, origin::peer(extensions)).await?;
        if caller.role == KeyRole::Admin {
            return Ok(caller);
        }
        Err(Refusal::new(RefusalKind::Forbidden, "this needs an admin key"))
    }

    /// Forgets what was remembered, so that a revoked key stops at once in this process.
    pub fn forget_all(&self) {
        self.known.invalidate_all();
        self.pairs.invalidate_all();
        self.strangers.invalidate_all();
    }

    async fn key(&self, hash: &str) -> Result<Option<Arc<Known>>, Refusal> {
        if let Some(known) = self.known.get(hash) {
            return Ok(Some(known));
        }
        let Some(known) = self
            .looked_up(hash, self.store.registry().key_by_hash(hash))
            .await?
        else {
            return Ok(None);
        };
        let known = Arc::new(known);
        self.known.insert(hash.to_owned(), Arc::clone(&known));
        Ok(Some(known))
    }

    async fn pair(&self, access: &str) -> Result<Option<Arc<OpenPair>>, Refusal> {
        if let Some(pair) = self.pairs.get(access) {
            return Ok(Some(pair));
        }
        let found = self
            .looked_up(access, self.store.registry().key_by_access(access))
            .await?;
        let Some(known) = found else { return Ok(None) };
        let key = &known.key;
        let Proof::Pair { sealed, .. } = &key.proof else {
            return Ok(None);
        };
        let secret = self.sealer.open(sealed, &owner(key.id)).map_err(|error| {
            let id = key.id.0.hex();
            tracing::error!(key = id, %error, "gate.sealed: the secret of a pair cannot be opened");
            unavailable()
        })?;
        let verifier = Verifier::new(&secret);
        let pair = Arc::new(OpenPair { known, verifier });
        self.pairs.insert(access.to_owned(), Arc::clone(&pair));
        Ok(Some(pair))
    }

    /// Asks the store by a name (a hash or an access name, which are never alike), few at a time, and
    /// remembers who is not there.
    async fn looked_up(
        &self,
        name: &str,
        asking: impl Future<Output = Result<Option<Key>, StoreError>>,
    ) -> Result<Option<Known>, Refusal> {
        if self.strangers.contains_key(name) {
            return Ok(None);
        }
        let _permit = self.lookups.acquire().await.map_err(|_| unavailable())?;
        let failed = |error| {
            tracing::error!(%error, "gate.lookup_failed: a key could not be looked up");
            unavailable()
        };
        let Some(key) = asking.await.map_err(failed)? else {
            self.strangers.insert(name.to_owned(), ());
            return Ok(None);
        };
        let tenant = self.store.registry().tenant(key.tenant).await.map_err(failed)?;
        let tenant = tenant.ok_or_else(|| {
            failed(StoreError::Corrupt(format!(
                "key {} is of a tenant that is not there",
                key.id.0.hex()
            )))
        })?;
        let terms = Arc::new(Terms::of(&key.terms, &tenant.terms));
        Ok(Some(Known { key, terms }))
    }
}

fn remembering<V: Clone + Send + Sync + 'static>(most: u64) -> Cache<String, V> {
    Cache::builder().max_capacity(most).time_to_live(KEY_LIFE).build()
}

/// Whether a request shows a signed token, a good one or not.
pub(crate) fn shows_token(headers: &HeaderMap) -> bool {
    key_text(headers).is_ok_and(token::looks_like)
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

fn bad_token() -> Refusal {
    Refusal::new(
        RefusalKind::BadKey,
        "the token is not valid: sign it by HS256 with the secret key of a pair that is not revoked, \
         with the access key as `iss` and a number as `exp`",
    )
}

fn half_of_a_pair() -> Refusal {
    Refusal::new(
        RefusalKind::BadKey,
        "an access key or a secret key is not sent: send a token that is signed with the secret key",
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
