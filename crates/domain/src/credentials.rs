//! What a login at a provider is opened with, and what the provider says of a login. Secrets are typed:
//! they are shown to the adapter that signs with them, and to nobody else. Where they are kept sealed is
//! the roof's business.

use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};

use crate::clock::Millis;

/// What stands in a text where a secret stood.
const REDACTED: &str = "[redacted]";
/// Shorter secrets are not searched for: they would tear ordinary words apart.
const SEARCHED_BYTES_MIN: usize = 6;

/// What a login is opened with. It has no `Serialize`, and its `Debug` names the kind alone.
#[derive(Clone, Default)]
pub enum Credentials {
    /// Nothing: the provider needs no login, or none was given.
    #[default]
    None,
    /// One secret that is sent with each call.
    ApiKey(SecretString),
    /// A pair: the access key names it, the secret key signs tokens and is never sent.
    Pair {
        /// The access key.
        access: SecretString,
        /// The secret key.
        secret: SecretString,
    },
}

/// A kind of credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginKind {
    /// See [`Credentials::ApiKey`].
    ApiKey,
    /// See [`Credentials::Pair`].
    Pair,
}

impl LoginKind {
    /// The kind's word in settings and answers.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            LoginKind::ApiKey => "api_key",
            LoginKind::Pair => "pair",
        }
    }

    /// Reads a kind back from its word.
    #[must_use]
    pub fn parse(word: &str) -> Option<LoginKind> {
        [LoginKind::ApiKey, LoginKind::Pair]
            .into_iter()
            .find(|kind| kind.word() == word)
    }

    /// How the keys of a configuration that make it are named in a sentence.
    #[must_use]
    pub fn keys(self) -> &'static str {
        match self {
            LoginKind::ApiKey => "an `api_key`",
            LoginKind::Pair => "an `access_key` with a `secret_key`",
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Credentials::None => "no credentials",
            Credentials::ApiKey(_) => "an API key",
            Credentials::Pair { .. } => "an access key and a secret key",
        })
    }
}

impl Credentials {
    /// Which kind they are; none where there are none.
    #[must_use]
    pub fn kind(&self) -> Option<LoginKind> {
        match self {
            Credentials::None => None,
            Credentials::ApiKey(_) => Some(LoginKind::ApiKey),
            Credentials::Pair { .. } => Some(LoginKind::Pair),
        }
    }

    /// A stranger's text without these secrets: an upstream may repeat what it was sent.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        let secrets: &[&SecretString] = match self {
            Credentials::None => &[],
            Credentials::ApiKey(key) => &[key],
            Credentials::Pair { access, secret } => &[access, secret],
        };
        redact(text, secrets.iter().map(|secret| secret.expose_secret()))
    }
}

/// A text without the given secrets.
#[must_use]
pub fn redact<'a>(text: &str, secrets: impl IntoIterator<Item = &'a str>) -> String {
    let mut text = text.to_owned();
    for secret in secrets {
        if secret.len() >= SEARCHED_BYTES_MIN {
            text = text.replace(secret, REDACTED);
        }
    }
    text
}

/// What a provider says of a login that works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountFacts {
    /// One sentence for the operator.
    pub note: String,
    /// What was bought, as far as the vendor tells.
    pub packs: Vec<Pack>,
}

/// Something bought at a vendor that tasks use up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pack {
    /// The vendor's name for it.
    pub name: String,
    /// The vendor's word for its state.
    pub status: String,
    /// How much was bought, in the vendor's units, as it writes the number.
    pub total: Option<String>,
    /// How much is left, in the vendor's units, as it writes the number; it may lag by hours.
    pub remaining: Option<String>,
    /// When it ends.
    pub ends_at: Option<Millis>,
}
