//! What can go wrong, in words that say what happens next: refusals of requests and errors of tasks.

use serde::{Deserialize, Serialize};

use crate::ids::TaskId;
use crate::limits::{Hit, Limit};

/// When to come back for a place among a holder's unfinished tasks, in seconds.
const PLACE_RETRY_SECONDS: u64 = 5;

/// Why a request was not taken. Each dialect has its own status and body for each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefusalKind {
    /// No key came with the request.
    NoKey,
    /// The key is unknown, mistyped or revoked.
    BadKey,
    /// The key has expired.
    ExpiredKey,
    /// The signed token is not valid yet.
    EarlyKey,
    /// The key is good, but not for this.
    Forbidden,
    /// The key is good, but not from this address.
    Network,
    /// The tenant is suspended: it may read what it has, and submit nothing.
    Suspended,
    /// The body is no JSON object, or is nested or formed in a way that is not read.
    Malformed,
    /// The body or a part of it is over its limit.
    TooLarge,
    /// A field is missing or has a value that is not allowed.
    Invalid,
    /// Media that cannot be used: no image, too many pixels, wrong kind.
    Media,
    /// The model is not served.
    Model,
    /// The tenant's balance does not cover the hold.
    NoMoney,
    /// The budget of the key or the tenant does not cover the hold.
    OverBudget,
    /// The key or the tenant has as many unfinished tasks as it may.
    TooManyTasks,
    /// The key or the tenant sends more requests a minute than it may.
    TooFast,
    /// The tenant has another task with this external id.
    DuplicateExternalId(TaskId),
    /// The idempotency key was used before with another body.
    IdempotencyConflict,
    /// The idempotency key is being used right now.
    IdempotencyBusy,
    /// There is no such task for this caller.
    NotFound,
    /// The task cannot do this any more.
    Conflict,
    /// Nobody who could do this work is plugged in.
    NoProvider,
    /// There is no such path.
    NoRoute,
    /// The path exists, with other methods.
    Method,
    /// Something broke on our side before anything was accepted; it may be tried again.
    Unavailable,
    /// Something broke on our side and the request may have been accepted: not to be re-sent blindly.
    Ambiguous,
}

impl RefusalKind {
    /// Whether a client that sends the same again by itself does no good, or does harm: clients do so by
    /// the status alone unless they are told not to.
    #[must_use]
    pub fn is_vain(&self) -> bool {
        matches!(
            self,
            RefusalKind::Ambiguous
                | RefusalKind::Conflict
                | RefusalKind::NoMoney
                | RefusalKind::OverBudget
                | RefusalKind::Suspended
                | RefusalKind::Network
        )
    }
}

/// The HTTP status and the code that a vendor documents for one particular refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Documented {
    /// The HTTP status; it may be a 500 for what is the client's fault.
    pub status: u16,
    /// The code.
    pub code: &'static str,
}

/// A request that was not taken, and what the client can do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub kind: RefusalKind,
    /// One plain sentence, lower case, values in backticks.
    pub message: String,
    /// The field at fault, in the dialect's own spelling.
    pub field: Option<String>,
    /// The values that would be taken.
    pub allowed: Vec<String>,
    /// When to come back, in seconds.
    pub retry_after_seconds: Option<u64>,
    /// What the vendor documents for just this, set by the dialect that speaks for that vendor. The
    /// message is then the vendor's text, word for word.
    pub documented: Option<Documented>,
    /// The limit that stands in the way, where one does.
    pub hit: Option<Hit>,
}

impl Refusal {
    /// A refusal without a field.
    #[must_use]
    pub fn new(kind: RefusalKind, message: impl Into<String>) -> Refusal {
        Refusal {
            kind,
            message: message.into(),
            field: None,
            allowed: Vec::new(),
            retry_after_seconds: None,
            documented: None,
            hit: None,
        }
    }

    /// A limit of a key or a tenant stands in the way. Money does not come back by itself; places and
    /// requests do.
    #[must_use]
    pub fn limited(hit: Hit) -> Refusal {
        let (kind, retry_after_seconds) = match hit.limit {
            Limit::TaskBudget | Limit::DayBudget | Limit::Budget => (RefusalKind::OverBudget, None),
            Limit::ConcurrentTasks => (RefusalKind::TooManyTasks, Some(PLACE_RETRY_SECONDS)),
            Limit::RequestsPerMinute => (RefusalKind::TooFast, Some(1)),
        };
        Refusal {
            retry_after_seconds,
            hit: Some(hit),
            ..Refusal::new(kind, hit.sentence())
        }
    }

    /// A field that is missing or wrong.
    #[must_use]
    pub fn invalid(field: &str, message: impl Into<String>) -> Refusal {
        Refusal {
            field: Some(field.to_owned()),
            ..Refusal::new(RefusalKind::Invalid, message)
        }
    }

    /// Media that cannot be used.
    #[must_use]
    pub fn media(field: &str, message: impl Into<String>) -> Refusal {
        Refusal {
            field: Some(field.to_owned()),
            ..Refusal::new(RefusalKind::Media, message)
        }
    }

    /// Names the field at fault.
    #[must_use]
    pub fn at(mut self, field: &str) -> Refusal {
        self.field = Some(field.to_owned());
        self
    }

    /// Names the values that would be taken.
    #[must_use]
    pub fn allowing<T: ToString>(mut self, allowed: impl IntoIterator<Item = T>) -> Refusal {
        self.allowed = allowed.into_iter().map(|value| value.to_string()).collect();
        self
    }

    /// Names the vendor's own status and code.
    #[must_use]
    pub fn documented(mut self, status: u16, code: &'static str) -> Refusal {
        self.documented = Some(Documented { status, code });
        self
    }

    /// An id that is unknown, or another tenant's: the two are told apart nowhere.
    #[must_use]
    pub fn not_found() -> Refusal {
        Refusal::new(RefusalKind::NotFound, "no such task")
    }

    /// A path that nobody serves.
    #[must_use]
    pub fn no_route() -> Refusal {
        Refusal::new(RefusalKind::NoRoute, "there is no such path")
    }

    /// The message with the field and the allowed values, for dialects that have one string only.
    #[must_use]
    pub fn sentence(&self) -> String {
        let mut text = self.message.clone();
        if let Some(field) = &self.field
            && !text.contains(field.as_str())
        {
            text = format!("{field}: {text}");
        }
        if !self.allowed.is_empty() {
            text = format!("{text}; allowed: {}", self.allowed.join(", "));
        }
        text
    }
}

/// Why a task failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskErrorCode {
    /// Input media could not be fetched.
    InputUnavailable,
    /// Input media was fetched and cannot be used.
    InputRejected,
    /// The vendor refused the wish.
    Refused,
    /// The vendor refused the wish or its result by its content rules.
    Policy,
    /// The vendor tried and failed.
    ProviderFailed,
    /// The vendor said success and gave no file.
    NoArtifact,
    /// The vendor's file could not be had while its link lived.
    CustodyLost,
    /// The task was not done by its deadline.
    DeadlinePassed,
    /// Nobody who could do this work is plugged in any more.
    NoProvider,
}

impl TaskErrorCode {
    /// The code's word, as serialised.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            TaskErrorCode::InputUnavailable => "input_unavailable",
            TaskErrorCode::InputRejected => "input_rejected",
            TaskErrorCode::Refused => "refused",
            TaskErrorCode::Policy => "policy",
            TaskErrorCode::ProviderFailed => "provider_failed",
            TaskErrorCode::NoArtifact => "no_artifact",
            TaskErrorCode::CustodyLost => "custody_lost",
            TaskErrorCode::DeadlinePassed => "deadline_passed",
            TaskErrorCode::NoProvider => "no_provider",
        }
    }
}

/// Why a task failed, for its owner.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{message}")]
pub struct TaskError {
    /// Which kind of failure.
    pub code: TaskErrorCode,
    /// One plain sentence; the vendor's own words where it gave some.
    pub message: String,
    /// The vendor's own number, where it gave one (Kling 1301).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor_code: Option<i64>,
}

impl TaskError {
    /// An error without a vendor's number.
    #[must_use]
    pub fn new(code: TaskErrorCode, message: impl Into<String>) -> TaskError {
        TaskError {
            code,
            message: message.into(),
            vendor_code: None,
        }
    }

    /// Whether the same wish may succeed when it is sent again as it is.
    #[must_use]
    pub fn retryable(&self) -> bool {
        matches!(
            self.code,
            TaskErrorCode::ProviderFailed
                | TaskErrorCode::NoArtifact
                | TaskErrorCode::CustodyLost
                | TaskErrorCode::DeadlinePassed
                | TaskErrorCode::InputUnavailable
        )
    }
}
