//! How accounts are shown to the operator: never with a secret.

use dialects::reelway::time;
use domain::credentials::AccountFacts;
use domain::provider::UpstreamError;
use engine::{BreakerState, Standing};
use serde::{Deserialize, Serialize};

/// An account as the operator sees it; never its secrets.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AccountView {
    /// Always `account`.
    pub object: String,
    /// The operator's name for it.
    pub name: String,
    /// The provider's name.
    pub provider: String,
    /// Who plugged it in: `file`, `command`, or `built-in` for the embedded renderer.
    pub source: String,
    /// `working`, `paused`, or `retired`: removed, with tasks still in flight.
    pub duty: String,
    /// `api_key` or `pair`; none where the provider needs no login.
    pub login: Option<String>,
    /// Where the provider is reached; none: where its vendor documents.
    pub base_url: Option<String>,
    /// Models it serves; empty: all that the provider lists.
    pub models: Vec<String>,
    /// Models that the vendor knows under another name, each as `OURS=THEIRS`.
    pub aliases: Vec<String>,
    /// Concurrent tasks; 0: as many as there are cores.
    pub slots: u32,
    /// Its share among accounts of one priority.
    pub weight: u32,
    /// Accounts of a higher priority are filled first.
    pub priority: i32,
    /// Most requests a second.
    pub requests_per_second: Option<u32>,
    /// Where the upstream calls back; none: it is not asked to.
    pub callback_url: Option<String>,
    /// Why it is given no tasks although it works.
    pub fault: Option<String>,
    /// When it was enrolled by command.
    pub created_at: Option<String>,
    /// How it fares, as the process that answers sees it; none without a running gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<StandingView>,
}

/// How an account fares at one process.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StandingView {
    /// `healthy`, or `failing` while its upstream lets it in no more or breaks down.
    pub health: String,
    /// Tasks of this process that the vendor has or may have.
    pub in_flight: usize,
    /// Slots that the vendor is known to give.
    pub learned_limit: usize,
    /// Submits and looks of this process in the last second.
    pub requests_last_second: usize,
    /// When new tasks are handed over again, where time alone keeps them.
    pub reopens_at: Option<String>,
    /// What went wrong last, in the upstream's words, without secrets.
    pub last_error: Option<String>,
    /// When that was.
    pub last_error_at: Option<String>,
}

impl StandingView {
    pub(super) fn of(standing: Standing) -> StandingView {
        let health = match standing.breaker {
            BreakerState::Closed => "healthy",
            BreakerState::Open | BreakerState::HalfOpen => "failing",
        };
        let (at, last_error) = standing.last_error.unzip();
        StandingView {
            health: health.to_owned(),
            in_flight: standing.in_flight,
            learned_limit: standing.learned_limit,
            requests_last_second: standing.requests_last_second,
            reopens_at: standing.reopens_at.map(time),
            last_error,
            last_error_at: at.map(time),
        }
    }
}

/// What came of a test.
#[derive(Debug, Serialize, Deserialize)]
pub struct Tested {
    /// Always `account_test`.
    pub object: String,
    /// The account's name.
    pub name: String,
    /// Whether the login works.
    pub works: bool,
    /// What the upstream says, without secrets.
    pub note: String,
    /// Whether it may work later as it is.
    pub retryable: bool,
    /// What was bought, as far as the vendor tells.
    pub packs: Vec<PackView>,
}

/// Something bought at a vendor.
#[derive(Debug, Serialize, Deserialize)]
pub struct PackView {
    /// The vendor's name for it.
    pub name: String,
    /// The vendor's word for its state.
    pub status: String,
    /// How much was bought, in the vendor's units.
    pub total: Option<String>,
    /// How much is left, in the vendor's units; it may lag by hours.
    pub remaining: Option<String>,
    /// When it ends.
    pub ends_at: Option<String>,
}

/// What came of a question about a login, as it is shown.
#[must_use]
pub fn tested(name: &str, answer: Result<AccountFacts, UpstreamError>) -> Tested {
    let (works, note, retryable, packs) = match answer {
        Ok(facts) => (true, facts.note, false, facts.packs),
        Err(UpstreamError::Refused(error)) => (false, error.message, false, Vec::new()),
        Err(UpstreamError::Busy { reason, .. }) => (false, reason, true, Vec::new()),
        Err(UpstreamError::Unknown(why)) => (false, why, true, Vec::new()),
    };
    let packs = packs.into_iter().map(|pack| PackView {
        name: pack.name,
        status: pack.status,
        total: pack.total,
        remaining: pack.remaining,
        ends_at: pack.ends_at.map(time),
    });
    Tested {
        object: "account_test".to_owned(),
        name: name.to_owned(),
        works,
        note,
        retryable,
        packs: packs.collect(),
    }
}
