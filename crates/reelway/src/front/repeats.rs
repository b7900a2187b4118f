//! How a submit says that it may be a repeat: by the idempotency key that the client gave it, or by the
//! count of retries that official kits send of their own accord. What a repeat is answered is decided in
//! the store.

use domain::store::Try;
use domain::{Millis, Refusal};
use engine::IdempotencyAsk;
use http::request::Parts;

use crate::front::body::Fingerprint;
use crate::front::head;
use crate::gate::Caller;

/// How long ago a submit may have been written down of which a retry without an idempotency key is a
/// repeat, in milliseconds.
const RETRIES_KNOWN_MS: i64 = 60_000;

/// What a submit with this body, which arrived at this moment, may be a repeat of.
///
/// # Errors
/// A refusal of an idempotency key that is no plain text.
pub(super) fn named(
    caller: &Caller,
    parts: &Parts,
    fingerprint: Option<Fingerprint>,
    arrived_at: Millis,
) -> Result<Option<IdempotencyAsk>, Refusal> {
    // What stands in the path, such as a model, is a part of the wish.
    let scope = || {
        let (tenant, with) = (caller.tenant.0.hex(), caller.key.0.hex());
        format!("{tenant}/{with}/{}", parts.uri.path())
    };
    let body_hash = || fingerprint.map(|body| body.hash()).unwrap_or_default();
    let Some(value) = parts.headers.get(&head::IDEMPOTENCY_KEY) else {
        return Ok(tries(parts, arrived_at).map(|tries| {
            let body_hash = body_hash();
            IdempotencyAsk {
                scope: format!("retries/{}", scope()),
                key: body_hash.clone(),
                tries,
                body_hash,
            }
        }));
    };
    let unreadable = |_| Refusal::invalid("Idempotency-Key", "the idempotency key must be plain ASCII");
    Ok(Some(IdempotencyAsk {
        scope: scope(),
        key: value.to_str().map_err(unreadable)?.trim().to_owned(),
        tries: Try::Named,
        body_hash: body_hash(),
    }))
}

/// What the official kits of OpenAI, and others of their make, say of each request: how often they sent it
/// before. They send a submit again that got no answer, and give it no idempotency key.
fn tries(parts: &Parts, arrived_at: Millis) -> Option<Try> {
    let said = parts.headers.get(&head::RETRY_COUNT)?;
    let count: u32 = said.to_str().ok()?.trim().parse().ok()?;
    Some(match count {
        0 => Try::First { arrived_at },
        _ => Try::Again {
            since: arrived_at.plus(-RETRIES_KNOWN_MS),
        },
    })
}
