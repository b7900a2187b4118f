//! What an operator reads across all tenants. Nothing is written here.

use domain::overview::{Ahead, Lease, Overview, Portion, Survey, Surveyed};
use domain::store::StoreError;
use domain::{Id, TaskId};
use rusqlite::{Connection, params};

use crate::cache::TaskCache;
use crate::nouns::{self, Columns};
use crate::rows::{self, Walk};
use crate::sql;
use crate::sqlite::{cells, lists};

const SURVEY: &str = "SELECT id, version, course, origin FROM tasks
  WHERE id < ?1 AND id >= ?2
    AND (?3 IS NULL OR tenant = ?3)
    AND (?4 IS NULL OR state IN (SELECT value FROM json_each(?4)))
    AND (?5 IS NULL OR created_at >= ?5)
    AND (?6 IS NULL OR json_extract(origin, '$.ask.model') = ?6)
    AND (?7 IS NULL OR json_extract(course, '$.account') = ?7)
  ORDER BY id DESC LIMIT ?8";

const OVERVIEW: &str = "SELECT state, lane, count(*), min(created_at),
    min(CASE WHEN state = 'unknown' THEN json_extract(course, '$.state.since') END)
  FROM tasks WHERE open = 1 GROUP BY state, lane";

pub(super) fn survey(
    conn: &Connection,
    cache: &TaskCache,
    wanted: &Survey,
    portion: Portion,
) -> Result<Surveyed, StoreError> {
    let Walk {
        after,
        before_last,
        limit,
    } = Walk::of(portion);
    let id = |row: &dyn Columns| nouns::id_at(row, 0).map(TaskId);
    let end = cells::one(conn, "a walk", sql::WALK_END, params![after, before_last], id)?;
    let states: Vec<&str> = wanted.states.iter().map(|state| state.word()).collect();
    let params = params![
        after,
        rows::walk_end_bytes(end),
        wanted.tenant.map(|tenant| rows::id_bytes(tenant.0)),
        lists::json_list(&states)?,
        wanted.since.map(|since| since.0),
        wanted.model,
        wanted.account,
        rows::bound(limit + 1),
    ];
    let read = |row: &dyn Columns| nouns::task_of(row, cache);
    let tasks = cells::all(conn, "a survey of tasks", SURVEY, params, read)?;
    Ok(rows::surveyed(tasks, limit, end))
}

pub(super) fn lease(conn: &Connection, task: Id) -> Result<Option<Lease>, StoreError> {
    let id = [rows::id_bytes(task)];
    cells::one(conn, "a lease", sql::LEASE, id, nouns::lease_of)
}

pub(super) fn ahead(conn: &Connection, lane: &str, task: Id, most: usize) -> Result<Ahead, StoreError> {
    let params = params![rows::id_bytes(task), lane, rows::bound(most)];
    let found = cells::one(conn, "a queue", sql::AHEAD, params, nouns::ahead_of)?;
    Ok(found.unwrap_or_default())
}

pub(super) fn overview(conn: &Connection) -> Result<Overview, StoreError> {
    let groups = cells::all(conn, "an overview", OVERVIEW, [], nouns::group_of)?;
    let kept = cells::one(conn, "kept files", sql::KEPT, [], nouns::kept_of)?;
    let (kept_files, kept_bytes) = kept.unwrap_or_default();
    Ok(Overview {
        groups,
        kept_files,
        kept_bytes,
    })
}
