//! Accounts: one login at a provider, what the operator says of it, and whether it takes new work. What
//! a login is opened with is in `credentials.rs`; where its secrets rest is the roof's business.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::clock::Millis;
use crate::credentials::{Credentials, LoginKind};
use crate::ids::AccountId;
use crate::tenant::Sealed;

/// One login at a provider, as the engine and the wire know it.
#[derive(Debug, Clone)]
pub struct Account {
    /// The operator's name for it, unique.
    pub name: String,
    /// The provider's name.
    pub provider: String,
    /// Whether it takes new tasks.
    pub duty: Duty,
    /// Tasks in flight at once, as the vendor counts them.
    pub slots: u32,
    /// Its share of new tasks among accounts of one priority that serve the same model, from 1.
    pub weight: u32,
    /// Accounts of a higher priority are filled first.
    pub priority: i32,
    /// Most requests a second; none: as many as there is work for.
    pub requests_per_second: Option<u32>,
    /// Models it serves; empty: all that the provider's manifest lists.
    pub models: Vec<String>,
    /// Models that are handed over under another name: ours, then the vendor's.
    pub aliases: BTreeMap<String, String>,
    /// Where the provider is reached; none: where its vendor documents.
    pub base_url: Option<String>,
    /// What the login is opened with.
    pub credentials: Credentials,
    /// Where the upstream may call back; none: it is not asked to.
    pub callback_url: Option<String>,
    /// What the upstream signs its callbacks with; none: they are not signed.
    pub callback_secret: Option<SecretString>,
}

impl Default for Account {
    /// An account with no name and no slots, of the usual weight.
    fn default() -> Account {
        Account {
            name: String::new(),
            provider: String::new(),
            duty: Duty::Working,
            slots: 0,
            weight: 1,
            priority: 0,
            requests_per_second: None,
            models: Vec::new(),
            aliases: BTreeMap::new(),
            base_url: None,
            credentials: Credentials::None,
            callback_url: None,
            callback_secret: None,
        }
    }
}

/// Whether an account takes new tasks. Tasks that it has in flight are looked at and settled whatever
/// its duty is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duty {
    /// It takes new tasks.
    Working,
    /// The operator stopped new submits for a while; tasks may wait for it.
    Paused,
    /// It was removed while it had tasks in flight: its login is kept until the last of them ends.
    Retired,
    /// It was removed and its secrets are gone; only its name is kept, for the tasks that it made.
    Removed,
}

impl Duty {
    /// Every duty.
    pub const ALL: [Duty; 4] = [Duty::Working, Duty::Paused, Duty::Retired, Duty::Removed];

    /// The duty's word in SQL, answers and logs.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Duty::Working => "working",
            Duty::Paused => "paused",
            Duty::Retired => "retired",
            Duty::Removed => "removed",
        }
    }

    /// Reads a duty back from its word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Duty> {
        Duty::ALL.into_iter().find(|duty| duty.word() == word)
    }
}

/// What the operator says of an account beside its name, its provider and its secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Where the provider is reached; none: where its vendor documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// Models it serves; empty: all that the provider's manifest lists.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
    /// Models that are handed over under another name: ours, then the vendor's.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub aliases: BTreeMap<String, String>,
    /// Tasks in flight at once; none: as many as the manifest says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slots: Option<u32>,
    /// Its share of new tasks among accounts of one priority, from 1.
    pub weight: u32,
    /// Accounts of a higher priority are filled first.
    pub priority: i32,
    /// Most requests a second; none: as many as there is work for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests_per_second: Option<u32>,
}

impl Default for Terms {
    /// What holds where the operator says nothing.
    fn default() -> Terms {
        Terms {
            base_url: None,
            models: Vec::new(),
            aliases: BTreeMap::new(),
            slots: None,
            weight: 1,
            priority: 0,
            requests_per_second: None,
        }
    }
}

/// An account that was enrolled while the gateway runs, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolled {
    /// Our name for it.
    pub id: AccountId,
    /// The operator's name for it, unique among those that are not removed.
    pub name: String,
    /// The provider's name.
    pub provider: String,
    /// Whether it takes new tasks.
    pub duty: Duty,
    /// The kind of its login; none: it needs none.
    pub login: Option<LoginKind>,
    /// Everything else but the secrets.
    pub terms: Terms,
    /// The secrets; none once it is removed.
    pub sealed: Option<Sealed>,
    /// When it was enrolled.
    pub created_at: Millis,
    /// When its duty last changed.
    pub changed_at: Millis,
}
