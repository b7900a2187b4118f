//! What a token becomes: a key that its holder has already. Where a token narrows in a way that cannot be
//! kept, the key opens less than the token did, never more.

use std::collections::BTreeMap;

use domain::ids::TenantId;
use domain::tenant::{Key, KeyRole, KeyTerms, Limits, Proof, Scope, Tenant};
use domain::{KeyId, Micros, Millis};
use secrecy::ExposeSecret as _;

use crate::admin::terms::is_network;
use crate::bootstrap::{self, Wish};
use crate::import::new_api::{Token, User};
use crate::import::plan::{Hands, Plan};
use crate::keys;

/// A token that works.
const ENABLED: i64 = 1;
/// A token whose time is over.
const EXPIRED: i64 = 3;
/// A token whose quota is spent.
const EXHAUSTED: i64 = 4;
/// A token that never expires.
const NEVER: i64 = -1;
/// Longest name of a key, in characters.
const NAME_MAX_LENGTH: usize = 100;

/// The hash of a key that is shown; pairs have none.
pub(super) fn hash(key: &Key) -> Option<String> {
    match &key.proof {
        Proof::Secret { hash } => Some(hash.clone()),
        Proof::Pair { .. } => None,
    }
}

/// The key that a token becomes; none where it is here already or cannot be brought over.
pub(super) fn key(
    plan: &mut Plan,
    (token, user): (&Token, &User),
    tenant: &Tenant,
    holders: &mut BTreeMap<String, TenantId>,
    hands: &Hands<'_>,
) -> Option<Key> {
    let Some(fingerprint) = keys::read(token.text.expose_secret()) else {
        plan.remark(format!("token {}: its text cannot be a key here", token.id));
        return None;
    };
    match holders.insert(fingerprint.hash.clone(), tenant.id) {
        None => {}
        Some(holder) if holder == tenant.id => {
            plan.present[1] += 1;
            return None;
        }
        Some(holder) => {
            holders.insert(fingerprint.hash, holder);
            plan.remark(format!(
                "token {}: its text is a key of another already",
                token.id
            ));
            return None;
        }
    }
    if !token.group.is_empty() && token.group != user.group {
        plan.remark(format!(
            "token {}: its group `{}` is left out; prices go by its tenant's",
            token.id, token.group
        ));
    }
    let mut ends = ends(token, hands.now);
    let scope = scope(plan, token, &mut ends);
    let budget = (!token.is_unlimited).then(|| hands.dollars(token.remaining.max(0)));
    if budget == Some(Micros::ZERO) {
        plan.remark(format!(
            "token {}: its quota is spent; its key may read and not submit",
            token.id
        ));
    }
    let fallback = || format!("token {}", token.id);
    let name: String = token.name.trim().chars().take(NAME_MAX_LENGTH).collect();
    let wish = Wish {
        tenant: tenant.id,
        name: &if name.is_empty() { fallback() } else { name },
        role: KeyRole::Client,
        dialect: None,
        expires_at: ends.expires_at,
        terms: KeyTerms {
            limits: Limits {
                budget_micros: budget,
                ..Limits::default()
            },
            scope,
        },
    };
    let key = bootstrap::row(&wish, KeyId(hands.ids.id()), fingerprint, hands.now);
    Some(Key {
        revoked_at: ends.is_closed.then_some(hands.now),
        ..key
    })
}

/// When a key stops working, or whether it never worked here.
struct Ends {
    expires_at: Option<Millis>,
    is_closed: bool,
}

fn ends(token: &Token, now: Millis) -> Ends {
    let expires_at = (token.expires != NEVER).then(|| Millis(token.expires.saturating_mul(1_000)));
    let is_open = match token.status {
        ENABLED => true,
        // What ended it there says so here too.
        EXPIRED => expires_at.is_some_and(|end| end <= now),
        EXHAUSTED => !token.is_unlimited,
        _ => false,
    };
    Ends {
        expires_at,
        is_closed: !is_open,
    }
}

fn scope(plan: &mut Plan, token: &Token, ends: &mut Ends) -> Scope {
    let mut scope = Scope::default();
    if token.narrows_models {
        scope.models.clone_from(&token.models);
        if scope.models.is_empty() {
            plan.remark(format!(
                "token {}: opens no model there; its key is revoked here",
                token.id
            ));
            ends.is_closed = true;
        }
    }
    let (good, wrong): (Vec<_>, Vec<_>) = token.networks.iter().cloned().partition(|text| is_network(text));
    for text in &wrong {
        plan.remark(format!(
            "token {}: `{text}` is no address and no network, and is left out",
            token.id
        ));
    }
    if good.is_empty() && !wrong.is_empty() {
        plan.remark(format!(
            "token {}: no network is left; its key is revoked here",
            token.id
        ));
        ends.is_closed = true;
    }
    scope.networks = good;
    scope
}
