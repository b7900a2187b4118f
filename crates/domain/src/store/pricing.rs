//! Editions of the price book: each is kept once and never changes.

use async_trait::async_trait;

use crate::price::{Edition, EditionHead};
use crate::store::StoreError;

/// Editions of the price book.
#[async_trait]
pub trait Pricing: Send + Sync {
    /// Keeps an edition.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when there is another one of its name.
    async fn keep_edition(&self, edition: &Edition) -> Result<(), StoreError>;

    /// What is known of the editions that begin last, beside their prices; the last one first, at most
    /// `limit`.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    async fn editions(&self, limit: usize) -> Result<Vec<EditionHead>, StoreError>;

    /// One edition with its prices.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    async fn edition(&self, version: &str) -> Result<Option<Edition>, StoreError>;
}
