//! Editions of the price book on PostgreSQL.

use async_trait::async_trait;
use domain::price::{Edition, EditionHead};
use domain::store::{Pricing, StoreError};

use crate::cache::Written;
use crate::postgres::fault::Trouble;
use crate::postgres::ground::{Job, Session, fetch, run};
use crate::postgres::{PostgresStore, cells, is_nowhere};
use crate::{nouns, rows, sql};

#[async_trait]
impl Pricing for PostgresStore {
    async fn keep_edition(&self, edition: &Edition) -> Result<(), StoreError> {
        self.may_write()?;
        let text = rows::terms_text(&*edition.book)?;
        self.ground.work(Keep(edition.clone(), text)).await
    }

    async fn editions(&self, limit: usize) -> Result<Vec<EditionHead>, StoreError> {
        let found = self.ground.ask(sql::EDITIONS, &[&rows::bound(limit)]).await?;
        cells::all(&found, nouns::edition_head_of)
    }

    async fn edition(&self, version: &str) -> Result<Option<Edition>, StoreError> {
        if is_nowhere(version) {
            return Ok(None);
        }
        cells::one(
            &self.ground.ask(sql::EDITION, &[&version]).await?,
            nouns::edition_of,
        )
    }
}

/// Keeps an edition, with its prices as text.
struct Keep(Edition, String);

#[async_trait]
impl Job for Keep {
    type Answer = ();

    async fn run(&self, client: &Session<'_>) -> Result<Written<()>, Trouble> {
        let Keep(edition, text) = self;
        let head = &edition.head;
        let kept = run(
            client,
            sql::KEEP_EDITION,
            &[
                &head.version,
                &head.effective_at.0,
                &head.loaded_at.0,
                &head.loaded_by,
                text,
            ],
        )
        .await?;
        // Of a try whose answer was lost the row is there already.
        let known = fetch(client, sql::EDITION, &[&head.version]).await?;
        if kept == 0 && cells::one(&known, nouns::edition_of)?.as_ref() != Some(edition) {
            return Err(StoreError::Taken(head.version.clone()).into());
        }
        Ok(Written::other(()))
    }
}
