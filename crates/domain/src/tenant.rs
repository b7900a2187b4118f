//! Who calls: tenants and their keys. Secrets are never here, only their hashes, or their sealed form
//! where they must be read again.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::clock::Millis;
use crate::ids::{KeyId, TenantId};

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
}
