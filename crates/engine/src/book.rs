//! The price book in force, and what each tenant pays of it. Every process reads new editions from the
//! store within a second; an edition begins by the clock, whenever it was read. What a wish costs is in
//! `quote.rs`.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use domain::price::{Edition, EditionHead, Multiplier, NoMultiplier};
use domain::store::{Pricing, StoreError};
use domain::tenant::TenantTerms;
use domain::{Millis, PriceBook, Refusal, RefusalKind, TenantId};
use parking_lot::Mutex;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::Engine;
use crate::submit::unavailable;

/// Editions that are known at a time; those that begin last.
const EDITIONS_MAX: usize = 256;
/// Time between two looks for new editions.
const LOOK: Duration = Duration::from_millis(500);
/// How long what was agreed with a tenant is believed, in milliseconds.
const TERMS_LIFE_MS: u64 = 1_000;
/// Tenants whose terms are remembered at a time.
const TERMS_MAX: usize = 10_000;

/// What was read last.
struct Known {
    heads: Vec<EditionHead>,
    editions: Vec<Arc<Edition>>,
    /// Every model that some edition sells: tasks of it may still wait.
    models: Vec<String>,
}

/// The group and the multiplier of a tenant, as of some moment.
struct Remembered {
    read_at_ms: u64,
    terms: Arc<TenantTerms>,
}

/// The books that may be in force.
pub(crate) struct Shelf {
    built_in: Arc<PriceBook>,
    known: ArcSwap<Known>,
    terms: Mutex<HashMap<TenantId, Remembered>>,
}

impl Known {
    fn of(built_in: &PriceBook, heads: Vec<EditionHead>, editions: Vec<Arc<Edition>>) -> Known {
        let books = editions.iter().map(|edition| &*edition.book).chain([built_in]);
        let mut models: Vec<String> = Vec::new();
        for model in books.flat_map(PriceBook::models) {
            if !models.iter().any(|known| known == model) {
                models.push(model.to_owned());
            }
        }
        Known {
            heads,
            editions,
            models,
        }
    }
}

impl Shelf {
    pub(crate) fn new(built_in: PriceBook) -> Shelf {
        Shelf {
            known: ArcSwap::from_pointee(Known::of(&built_in, Vec::new(), Vec::new())),
            built_in: Arc::new(built_in),
            terms: Mutex::default(),
        }
    }

    /// Every model that some edition sells, also those that are sold no longer.
    pub(crate) fn models(&self) -> Vec<String> {
        self.known.load().models.clone()
    }

    fn at(&self, at: Millis) -> Arc<PriceBook> {
        let known = self.known.load();
        let edition = Edition::in_force(&known.editions, at);
        Arc::clone(edition.map_or(&self.built_in, |edition| &edition.book))
    }

    /// Reads what is new; true when something was.
    async fn refresh(&self, pricing: &dyn Pricing) -> Result<bool, StoreError> {
        let heads = pricing.editions(EDITIONS_MAX).await?;
        let known = self.known.load_full();
        if heads == known.heads {
            return Ok(false);
        }
        let mut editions = Vec::with_capacity(heads.len());
        for head in &heads {
            let read = known.editions.iter().find(|edition| edition.head == *head);
            let edition = match read {
                Some(edition) => Some(Arc::clone(edition)),
                None => pricing.edition(&head.version).await?.map(Arc::new),
            };
            editions.extend(edition);
        }
        self.known
            .store(Arc::new(Known::of(&self.built_in, heads, editions)));
        Ok(true)
    }

    fn remembered(&self, tenant: TenantId, now_ms: u64) -> Option<Arc<TenantTerms>> {
        let terms = self.terms.lock();
        let found = terms.get(&tenant)?;
        let is_fresh = now_ms.saturating_sub(found.read_at_ms) < TERMS_LIFE_MS;
        is_fresh.then(|| Arc::clone(&found.terms))
    }

    fn remember(&self, tenant: TenantId, found: Remembered) {
        let mut terms = self.terms.lock();
        if terms.len() >= TERMS_MAX {
            let fresh_from = found.read_at_ms.saturating_sub(TERMS_LIFE_MS);
            terms.retain(|_, other| other.read_at_ms > fresh_from);
        }
        if terms.len() >= TERMS_MAX {
            terms.clear();
        }
        terms.insert(tenant, found);
    }
}

impl Engine {
    /// The price book in force.
    #[must_use]
    pub fn book(&self) -> Arc<PriceBook> {
        self.shelf.at(self.clock.now())
    }

    /// The price book that is built in: in force while no edition has begun.
    #[must_use]
    pub fn built_in_book(&self) -> Arc<PriceBook> {
        Arc::clone(&self.shelf.built_in)
    }

    /// Every model that some edition sells: the one in force, those to come and those before.
    #[must_use]
    pub fn models(&self) -> Vec<String> {
        self.shelf.models()
    }

    /// What a tenant pays of a book's prices.
    ///
    /// # Errors
    /// A refusal when the store does not answer, or when what was agreed cannot be understood: nobody is
    /// charged by a guess.
    pub async fn multiplier(&self, tenant: TenantId, book: &PriceBook) -> Result<Multiplier, Refusal> {
        let now_ms = self.clock.monotonic_ms();
        let terms = match self.shelf.remembered(tenant, now_ms) {
            Some(terms) => terms,
            None => {
                let row = self.store.registry().tenant(tenant).await.map_err(unavailable)?;
                let terms = Arc::new(row.map(|row| row.terms).unwrap_or_default());
                let found = Remembered {
                    read_at_ms: now_ms,
                    terms: Arc::clone(&terms),
                };
                self.shelf.remember(tenant, found);
                terms
            }
        };
        book.multiplier(&terms).map_err(|error| misagreed(tenant, &error))
    }

    /// Reads editions that were loaded since the last time.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read; what was known stays in force.
    pub async fn refresh_prices(&self) -> Result<(), StoreError> {
        if self.shelf.refresh(self.store.pricing()).await? {
            tracing::info!(book = %self.book().version, "prices.read: the editions of the price book have changed");
        }
        Ok(())
    }

    /// Reads new editions until `stop`.
    pub async fn keep_prices_in_step(self: Arc<Engine>, stop: CancellationToken) {
        let mut clock = tokio::time::interval(LOOK);
        clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut is_news = true;
        loop {
            tokio::select! {
                _ = clock.tick() => {}
                () = stop.cancelled() => return,
            }
            match self.refresh_prices().await {
                Ok(()) => is_news = true,
                // Said once for each time that it breaks, not at each look.
                Err(error) if std::mem::take(&mut is_news) => {
                    tracing::warn!(%error, "prices.stale: editions cannot be read; the known ones stay in force");
                }
                Err(_) => {}
            }
        }
    }
}

fn misagreed(tenant: TenantId, error: &NoMultiplier) -> Refusal {
    tracing::error!(tenant = %tenant.0.hex(), %error, "prices.misagreed: what the tenant pays cannot be understood");
    Refusal::new(
        RefusalKind::Unavailable,
        "what was agreed on prices cannot be read; the operator must mend it",
    )
}
