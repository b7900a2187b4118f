//! Editions of the price book on SQLite.

use async_trait::async_trait;
use domain::price::{Edition, EditionHead};
use domain::store::{Pricing, StoreError};
use rusqlite::params;

use crate::sqlite::{SqliteStore, cells};
use crate::{nouns, rows, sql};

const WHAT: &str = "a price book";

#[async_trait]
impl Pricing for SqliteStore {
    async fn keep_edition(&self, edition: &Edition) -> Result<(), StoreError> {
        let (head, book) = (edition.head.clone(), rows::terms_text(&*edition.book)?);
        self.write_other(move |conn| {
            let (effective_at, loaded_at) = (head.effective_at.0, head.loaded_at.0);
            let params = params![head.version, effective_at, loaded_at, head.loaded_by, book];
            if cells::run(conn, WHAT, sql::KEEP_EDITION, params)? == 0 {
                return Err(StoreError::Taken(head.version.clone()));
            }
            Ok(())
        })
        .await
    }

    async fn editions(&self, limit: usize) -> Result<Vec<EditionHead>, StoreError> {
        let limit = rows::bound(limit);
        self.read(move |conn| cells::all(conn, WHAT, sql::EDITIONS, [limit], nouns::edition_head_of))
            .await
    }

    async fn edition(&self, version: &str) -> Result<Option<Edition>, StoreError> {
        let version = version.to_owned();
        self.read(move |conn| cells::one(conn, WHAT, sql::EDITION, [version], nouns::edition_of))
            .await
    }
}
