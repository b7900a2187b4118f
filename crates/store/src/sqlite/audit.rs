//! The `Audit` port on SQLite; its SQL is every database's.

use async_trait::async_trait;
use domain::Id;
use domain::audit::{Act, ActFilter, Ending};
use domain::store::{Audit, StoreError};
use rusqlite::params;

use crate::audit::{self, Range};
use crate::rows;
use crate::sqlite::{SqliteStore, cells};

const WHAT: &str = "an act";

#[async_trait]
impl Audit for SqliteStore {
    async fn begin_act(&self, act: &Act) -> Result<(), StoreError> {
        let act = act.clone();
        self.write_other(move |conn| {
            let id = rows::id_bytes(act.id);
            let params = params![id, act.at.0, act.actor.word(), act.act, act.about, act.request];
            cells::run(conn, WHAT, audit::BEGIN, params).map(drop)
        })
        .await
    }

    async fn end_act(&self, id: Id, ending: &Ending) -> Result<(), StoreError> {
        let (id, ending) = (rows::id_bytes(id), ending.clone());
        self.write_other(move |conn| {
            let params = params![ending.outcome, ending.about, ending.at.0, id];
            cells::run(conn, WHAT, audit::END, params).map(drop)
        })
        .await
    }

    async fn acts(&self, filter: &ActFilter) -> Result<Vec<Act>, StoreError> {
        let range = Range::of(filter);
        self.read(move |conn| {
            let params = params![
                range.before,
                range.since,
                range.actor.0,
                range.actor.1,
                range.act.0,
                range.act.1,
                range.limit
            ];
            cells::all(conn, WHAT, audit::ACTS, params, audit::act_of)
        })
        .await
    }
}
