//! What an operator reads across all tenants. Nothing is written here.

use domain::overview::{Ahead, Condition, Lease, Overview, Portion, Survey, Surveyed};
use domain::store::StoreError;
use domain::{Id, Millis, TaskId};

use crate::nouns::{self, Columns};
use crate::postgres::ground::Ground;
use crate::postgres::{cells, is_nowhere};
use crate::rows::{self, Walk};
use crate::sql;

const SURVEY: &str = "SELECT id, version, course, origin FROM tasks
  WHERE id < $1 AND id >= $2
    AND ($3::bytea IS NULL OR tenant = $3)
    AND ($4::text[] IS NULL OR state = ANY($4))
    AND ($5::bigint IS NULL OR created_at >= $5)
    AND ($6::text IS NULL OR origin::json #>> '{ask,model}' = $6)
    AND ($7::text IS NULL OR course::json #>> '{account}' = $7)
  ORDER BY id DESC LIMIT $8";

const OVERVIEW: &str = "SELECT state, lane, count(*), min(created_at),
    min(CASE WHEN state = 'unknown' THEN (course::json #>> '{state,since}')::bigint END)
  FROM tasks WHERE open = 1 GROUP BY state, lane";

const CONDITION: &str = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT),
    CAST(CASE WHEN pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean
      THEN 0 ELSE 1 END AS BIGINT)";

pub(super) async fn survey(
    ground: &Ground,
    wanted: &Survey,
    portion: Portion,
) -> Result<Surveyed, StoreError> {
    let names = [&wanted.model, &wanted.account];
    if names.into_iter().flatten().any(|name| is_nowhere(name)) {
        return Ok(Surveyed::default());
    }
    let Walk {
        after,
        before_last,
        limit,
    } = Walk::of(portion);
    let end = ground.ask(sql::WALK_END, &[&after, &before_last]).await?;
    let end = cells::one(&end, |row: &dyn Columns| nouns::id_at(row, 0).map(TaskId))?;
    let states: Vec<&str> = wanted.states.iter().map(|state| state.word()).collect();
    let states = Some(states).filter(|states| !states.is_empty());
    let found = ground
        .ask(
            SURVEY,
            &[
                &after,
                &rows::walk_end_bytes(end),
                &wanted.tenant.map(|tenant| rows::id_bytes(tenant.0).to_vec()),
                &states,
                &wanted.since.map(|since| since.0),
                &wanted.model,
                &wanted.account,
                &rows::bound(limit + 1),
            ],
        )
        .await?;
    let cache = &ground.cache;
    let tasks = cells::all(&found, |row| nouns::task_of(row, cache))?;
    Ok(rows::surveyed(tasks, limit, end))
}

pub(super) async fn lease(ground: &Ground, task: Id) -> Result<Option<Lease>, StoreError> {
    let found = ground.ask(sql::LEASE, &[&&rows::id_bytes(task)[..]]).await?;
    cells::one(&found, nouns::lease_of)
}

pub(super) async fn ahead(ground: &Ground, lane: &str, task: Id, most: usize) -> Result<Ahead, StoreError> {
    let params = (&rows::id_bytes(task)[..], rows::bound(most));
    let found = ground.ask(sql::AHEAD, &[&params.0, &lane, &params.1]).await?;
    Ok(cells::one(&found, nouns::ahead_of)?.unwrap_or_default())
}

pub(super) async fn overview(ground: &Ground) -> Result<Overview, StoreError> {
    let groups = cells::all(&ground.ask(OVERVIEW, &[]).await?, nouns::group_of)?;
    let kept = cells::one(&ground.ask(sql::KEPT, &[]).await?, nouns::kept_of)?;
    let (kept_files, kept_bytes) = kept.unwrap_or_default();
    Ok(Overview {
        groups,
        kept_files,
        kept_bytes,
    })
}

pub(super) async fn condition(ground: &Ground) -> Result<Condition, StoreError> {
    let found = ground.ask(CONDITION, &[]).await?;
    let read = |row: &dyn Columns| {
        Ok(Condition {
            now: Some(Millis(row.number(0)?)),
            takes_writes: row.number(1)? == 1,
        })
    };
    let condition = cells::one(&found, read)?;
    condition.ok_or_else(|| StoreError::Unavailable("the database said nothing of itself".to_owned()))
}
