//! Editions: price books as they were loaded, each in force from its moment until the next one's. An
//! edition never changes. Which one is in force is asked of a list of them; how they are kept is the store's
//! business.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::clock::Millis;
use crate::price::PriceBook;

/// What is known of an edition beside its prices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditionHead {
    /// The book's own name, unique.
    pub version: String,
    /// From when on it is in force.
    pub effective_at: Millis,
    /// When it was loaded.
    pub loaded_at: Millis,
    /// Who loaded it, in the operator's words.
    pub loaded_by: String,
}

impl EditionHead {
    /// By what editions are ordered: of two that begin together, the one that was loaded later is in force.
    #[must_use]
    pub fn rank(&self) -> (Millis, Millis, &str) {
        (self.effective_at, self.loaded_at, &self.version)
    }
}

/// A price book with the moment from which it is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition {
    /// Its name, its moment and who loaded it.
    pub head: EditionHead,
    /// The prices.
    pub book: Arc<PriceBook>,
}

impl Edition {
    /// The edition in force at a moment; none before the first one begins.
    #[must_use]
    pub fn in_force<'a>(
        editions: impl IntoIterator<Item = &'a Arc<Edition>>,
        at: Millis,
    ) -> Option<&'a Arc<Edition>> {
        let begun = editions
            .into_iter()
            .filter(|edition| edition.head.effective_at <= at);
        begun.max_by(|left, right| left.head.rank().cmp(&right.head.rank()))
    }
}
