//! Reading tasks: one, many, the overdue, the census. Nothing is written here.

use std::sync::Arc;

use domain::ids::TenantId;
use domain::store::{Filter, Listing, Page, StoreError, Waiting};
use domain::{Millis, StateWord, Task, TaskId};
use rusqlite::{Connection, params};

use crate::cache::TaskCache;
use crate::nouns::{self, Census, Columns};
use crate::rows::{self, Span};
use crate::sql;
use crate::sqlite::{cells, fault};

const LIST: &str = "SELECT id, version, course, origin FROM tasks
  WHERE tenant = ?1 AND id < ?2
    AND (?3 IS NULL OR state IN (SELECT value FROM json_each(?3)))
    AND (?4 IS NULL OR operation IN (SELECT value FROM json_each(?4)))
    AND (?5 IS NULL OR dialect = ?5)
    AND (?8 IS NULL OR created_at >= ?8) AND (?9 IS NULL OR created_at <= ?9)
    AND (erased = 0 OR ?10)
  ORDER BY id DESC LIMIT ?6 OFFSET ?7";

const RISING: &str = "SELECT id, version, course, origin FROM tasks
  WHERE tenant = ?1 AND id > ?2
    AND (?3 IS NULL OR state IN (SELECT value FROM json_each(?3)))
    AND (?4 IS NULL OR operation IN (SELECT value FROM json_each(?4)))
    AND (?5 IS NULL OR dialect = ?5)
    AND (?8 IS NULL OR created_at >= ?8) AND (?9 IS NULL OR created_at <= ?9)
    AND (erased = 0 OR ?10)
  ORDER BY id LIMIT ?6 OFFSET ?7";

pub(super) fn task(
    conn: &Connection,
    cache: &TaskCache,
    id: TaskId,
) -> Result<Option<Arc<Task>>, StoreError> {
    let read = |row: &dyn Columns| nouns::task_of(row, cache);
    cells::one(conn, "a task", sql::TASK, [rows::id_bytes(id.0)], read)
}

/// Many tasks by their ids, none where there is none. One that cannot be read is as good as none here: it
/// must not stand in the others' way, and whoever asks for it alone hears why.
pub(super) fn tasks(
    conn: &Connection,
    cache: &TaskCache,
    ids: Vec<TaskId>,
) -> Result<Vec<Option<Arc<Task>>>, StoreError> {
    let found = ids.into_iter().map(|id| match task(conn, cache, id) {
        Err(StoreError::Corrupt(reason)) => {
            tracing::error!(reason, "store.corrupt_row_read");
            Ok(None)
        }
        other => other,
    });
    found.collect()
}

pub(super) fn list(
    conn: &Connection,
    cache: &TaskCache,
    owner: TenantId,
    filter: &Filter,
    page: Page,
) -> Result<Listing, StoreError> {
    let Span {
        after,
        rises,
        skip,
        limit,
    } = Span::of(page);
    let states: Vec<&str> = filter.states.iter().map(|state| state.word()).collect();
    let params = params![
        rows::id_bytes(owner.0),
        after,
        json_list(&states)?,
        json_list(&filter.operations)?,
        filter.dialect,
        rows::bound(limit + 1),
        skip,
        filter.born_from.map(|moment| moment.0),
        filter.born_until.map(|moment| moment.0),
        filter.with_erased,
    ];
    let read = |row: &dyn Columns| nouns::task_of(row, cache);
    let list = if rises { RISING } else { LIST };
    let tasks = cells::all(conn, "a list of tasks", list, params, read)?;
    Ok(rows::listing(tasks, limit))
}

/// A list as one parameter; an empty one as NULL, which stands for all.
pub(super) fn json_list<T: serde::Serialize>(words: &[T]) -> Result<Option<String>, StoreError> {
    if words.is_empty() {
        return Ok(None);
    }
    let list = serde_json::to_string(words);
    list.map(Some).map_err(fault::unavailable)
}

pub(super) fn overdue(conn: &Connection, now: Millis, limit: usize) -> Result<Vec<TaskId>, StoreError> {
    let limit = limit.min(rows::PAGE_MOST);
    let mut overdue: Vec<(i64, TaskId)> = Vec::new();
    for state in sql::BY_DEADLINE {
        let params = params![state.word(), now.0, rows::bound(limit)];
        overdue.extend(cells::all(
            conn,
            "overdue tasks",
            sql::OVERDUE,
            params,
            nouns::due_of,
        )?);
    }
    Ok(rows::first(overdue, limit))
}

pub(super) fn late_looks(
    conn: &Connection,
    now: Millis,
    limit: usize,
) -> Result<Vec<(Millis, TaskId)>, StoreError> {
    let params = params![now.0, rows::bound(limit.min(rows::PAGE_MOST))];
    cells::all(conn, "late looks", sql::LATE_LOOKS, params, |row| {
        nouns::due_of(row).map(|(due, id)| (Millis(due), id))
    })
}

pub(super) fn waiting(conn: &Connection, step_ms: i64, limit: usize) -> Result<Vec<Waiting>, StoreError> {
    let params = params![step_ms, rows::bound(limit)];
    cells::all(conn, "what waits", sql::WAITING, params, |row| {
        nouns::waiting_of(row, step_ms)
    })
}

pub(super) fn census(conn: &Connection) -> Result<Vec<(StateWord, u64)>, StoreError> {
    let mut census = Census::new();
    cells::each(conn, "the census", sql::CENSUS, [], |row| census.count(row))?;
    Ok(census.done())
}

/// Proves that the database answers.
pub(super) fn ping(conn: &Connection) -> Result<(), StoreError> {
    cells::one(conn, "ping", sql::PING, [], |row| row.number(0)).map(drop)
}
