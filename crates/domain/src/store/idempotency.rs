//! Submits that must be answered once: the record of one, and which earlier records answer it.

use crate::clock::Millis;
use crate::http::Reply;

/// How a submit says that it may be a repeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Try {
    /// By a name that the client gave it: everything of this name is the same submit.
    Named,
    /// It says that it is a first try. An equal retry that was written down since it arrived overtook
    /// it and is the same submit; an equal first try is another one.
    First {
        /// When it arrived.
        arrived_at: Millis,
    },
    /// It says that it is a retry: of an equal submit that was written down not long ago.
    Again {
        /// What was written down before this is forgotten.
        since: Millis,
    },
}

/// A submit that must be answered once: its scope, its body and the answer that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotency {
    /// Tenant, key and route, as one string.
    pub scope: String,
    /// The client's idempotency key; where it gave none, a name for equal bodies.
    pub key: String,
    /// How it may be a repeat.
    pub tries: Try,
    /// SHA-256 of the body, in hexadecimal.
    pub body_hash: String,
    /// The rendered answer.
    pub answer: Reply,
}

impl Idempotency {
    /// The name under which it is written down, in its scope. Only a named one stays as it is; the others
    /// replace an earlier one.
    #[must_use]
    pub fn name(&self) -> String {
        match self.tries {
            Try::Named => self.key.clone(),
            Try::First { .. } => first(&self.key),
            Try::Again { .. } => again(&self.key),
        }
    }

    /// The names of records in its scope that answer it.
    #[must_use]
    pub fn answered_by(&self) -> Vec<String> {
        match self.tries {
            Try::Named => vec![self.key.clone()],
            Try::First { .. } => vec![again(&self.key)],
            Try::Again { .. } => vec![again(&self.key), first(&self.key)],
        }
    }

    /// Records from before this moment do not answer it.
    #[must_use]
    pub fn since(&self) -> Millis {
        match self.tries {
            Try::Named => Millis(i64::MIN),
            Try::First { arrived_at } => arrived_at,
            Try::Again { since } => since,
        }
    }
}

fn first(key: &str) -> String {
    format!("first/{key}")
}

fn again(key: &str) -> String {
    format!("again/{key}")
}
