//! The `Audit` port on PostgreSQL; its SQL is every database's, and all of it may be run twice.

use async_trait::async_trait;
use domain::Id;
use domain::audit::{Act, ActFilter, Ending};
use domain::store::{Audit, StoreError};

use crate::audit::{self, Range};
use crate::postgres::ground::Param;
use crate::postgres::{PostgresStore, cells, is_nowhere};
use crate::rows;

#[async_trait]
impl Audit for PostgresStore {
    async fn begin_act(&self, act: &Act) -> Result<(), StoreError> {
        self.may_write()?;
        let (id, actor) = (&rows::id_bytes(act.id)[..], act.actor.word());
        let params: [Param<'_>; 6] = [&id, &act.at.0, &actor, &act.act, &act.about, &act.request];
        self.ground.ask(audit::BEGIN, &params).await.map(drop)
    }

    async fn end_act(&self, id: Id, ending: &Ending) -> Result<(), StoreError> {
        self.may_write()?;
        let id = &rows::id_bytes(id)[..];
        let params: [Param<'_>; 4] = [&ending.outcome, &ending.about, &ending.at.0, &id];
        self.ground.ask(audit::END, &params).await.map(drop)
    }

    async fn acts(&self, filter: &ActFilter) -> Result<Vec<Act>, StoreError> {
        if is_nowhere(&filter.act) {
            return Ok(Vec::new());
        }
        let range = Range::of(filter);
        let params: [Param<'_>; 7] = [
            &range.before,
            &range.since,
            &range.actor.0,
            &range.actor.1,
            &range.act.0,
            &range.act.1,
            &range.limit,
        ];
        cells::all(&self.ground.ask(audit::ACTS, &params).await?, audit::act_of)
    }
}
