//! Who calls: tenants and their keys. Secrets are never here, only their hashes, or their sealed form
//! where they must be read again.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::ask::Operation;
use crate::clock::Millis;
use crate::ids::{KeyId, TenantId};
use crate::money::Micros;

/// A customer of the operator: an owner of tasks and money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenant {
    /// Our name for it.
    pub id: TenantId,
    /// The operator's name for it, unique.
    pub name: String,
    /// Whether submits are accepted whatever the balance says.
    pub unlimited: bool,
    /// When it was created.
    pub created_at: Millis,
    /// What the operator agreed with it.
    pub terms: TenantTerms,
}

/// How much a holder, a tenant or a key, may use. What is not set is not limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// The most that may be held and charged, over all time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget_micros: Option<Micros>,
    /// The most that may be held and charged for tasks of one day (UTC).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day_budget_micros: Option<Micros>,
    /// The most that one task may hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_budget_micros: Option<Micros>,
    /// Requests a minute, reads and submits together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_per_minute: Option<u32>,
    /// Unfinished tasks at a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrent_tasks: Option<u32>,
}

/// What the operator agreed with a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TenantTerms {
    /// What all its keys together may use.
    pub limits: Limits,
    /// The group of tenants that it belongs to, for prices.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// What prices are multiplied by for it, as a decimal number; none: as its group has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub multiplier: Option<String>,
    /// Since when it may not submit; what it has stays readable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suspended_at: Option<Millis>,
}

/// What a key may be used for. An empty list does not narrow.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scope {
    /// Only these dialects, by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dialects: Vec<String>,
    /// Only these kinds of work.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub operations: Vec<Operation>,
    /// Only these models, by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
    /// Only from these addresses: `203.0.113.7` or `203.0.113.0/24`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub networks: Vec<String>,
}

/// What was agreed about a key.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KeyTerms {
    /// What it may use, within what its tenant may.
    pub limits: Limits,
    /// What it may be used for.
    pub scope: Scope,
}

/// What a key opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyRole {
    /// The dialects and the tenant's own tasks.
    Client,
    /// The admin API as well.
    Admin,
}

impl KeyRole {
    /// The role's word, as serialised.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            KeyRole::Client => "client",
            KeyRole::Admin => "admin",
        }
    }

    /// Reads a role back from its word.
    #[must_use]
    pub fn parse(word: &str) -> Option<KeyRole> {
        [KeyRole::Client, KeyRole::Admin]
            .into_iter()
            .find(|role| role.word() == word)
    }
}

/// A secret that only the holder of the installation's master key can read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// Which master key opens it, so that another one can take over.
    pub master: String,
    /// The nonce, and the secret encrypted with it.
    pub bytes: Vec<u8>,
}

/// How the holder of a key proves that it is theirs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// By showing the secret.
    Secret {
        /// SHA-256 of the secret, in hexadecimal.
        hash: String,
    },
    /// By signing tokens with the secret, which nobody sends.
    Pair {
        /// The public name in every token, unique.
        access: String,
        /// The secret, for checking signatures.
        sealed: Sealed,
    },
}

impl Proof {
    /// The kind of key in one word.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Proof::Secret { .. } => "key",
            Proof::Pair { .. } => "pair",
        }
    }
}

/// An API key without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// Our name for it; part of the key's text.
    pub id: KeyId,
    /// The first key of its line, in whose name what it uses is counted: its own id, unless it came in the
    /// place of another key.
    pub holder: KeyId,
    /// Whose key it is.
    pub tenant: TenantId,
    /// The operator's name for it.
    pub name: String,
    /// What it opens.
    pub role: KeyRole,
    /// How its holder proves it.
    pub proof: Proof,
    /// The last characters of the secret, so that people can tell keys apart.
    pub hint: String,
    /// The dialect that this key always speaks at shared root paths, when set.
    pub dialect: Option<Arc<str>>,
    /// When it was created.
    pub created_at: Millis,
    /// When it stops working.
    pub expires_at: Option<Millis>,
    /// When it was revoked.
    pub revoked_at: Option<Millis>,
    /// What was agreed about it.
    pub terms: KeyTerms,
}
