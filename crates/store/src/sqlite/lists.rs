//! Reading tasks: one, many, the overdue, the census, the webhooks owed. Nothing is written here.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::ids::TenantId;
use domain::store::{Filter, Listing, Page, StoreError};
use domain::task::Owed;
use domain::{Millis, StateWord, Task, TaskId};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use crate::cache::TaskCache;
use crate::rows;
use crate::sqlite::fault;

/// Most tasks in one page of a list, whatever is asked.
pub(super) const PAGE_MOST: usize = 1_000;

const TASK: &str = "SELECT id, version, course, origin FROM tasks WHERE id = ?1";

const LIST: &str = "SELECT id, version, course, origin FROM tasks
  WHERE tenant = ?1 AND (?2 IS NULL OR id < ?2)
    AND (?3 IS NULL OR state IN (SELECT value FROM json_each(?3)))
    AND (?4 IS NULL OR operation IN (SELECT value FROM json_each(?4)))
    AND (?5 IS NULL OR dialect = ?5)
  ORDER BY id DESC LIMIT ?6 OFFSET ?7";

const OVERDUE: &str = "SELECT deadline_at, id FROM tasks
  WHERE open = 1 AND state = ?1 AND deadline_at <= ?2 ORDER BY deadline_at, id LIMIT ?3";

const CENSUS: &str = "SELECT state, count(*) FROM tasks WHERE open = 1 GROUP BY state";

const OWED: &str = "SELECT id, tenant, version, event, url, at FROM webhooks
  WHERE task = ?1 AND state = 'pending' ORDER BY version";

/// The states that a deadline can end; the others end by themselves.
const BY_DEADLINE: [StateWord; 4] = [
    StateWord::Ingesting,
    StateWord::Queued,
    StateWord::Unknown,
    StateWord::Running,
];

/// A task from the columns id, version, course, origin. One that is in memory in the same version is
/// not decoded again.
pub(super) fn task_of(row: &Row<'_>, cache: &TaskCache) -> Result<Arc<Task>, StoreError> {
    let fault = fault::of("a task");
    let id: [u8; 16] = row.get(0).map_err(&fault)?;
    let id = TaskId(rows::id_of(&id)?);
    let fault = fault::by_id("task", id.0);
    let version: i64 = row.get(1).map_err(&fault)?;
    if let Some(task) = cache.get(id)
        && rows::signed(task.course.version, "version")? == version
    {
        return Ok(task);
    }
    let text = |column: usize| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
    let (course, origin) = (text(2).map_err(&fault)?, text(3).map_err(&fault)?);
    rows::task_of(id, version, course, origin).map(Arc::new)
}

pub(super) fn task(
    conn: &Connection,
    cache: &TaskCache,
    id: TaskId,
) -> Result<Option<Arc<Task>>, StoreError> {
    let fault = fault::by_id("task", id.0);
    let mut statement = conn.prepare_cached(TASK).map_err(&fault)?;
    let mut found = statement.query([rows::id_bytes(id.0)]).map_err(&fault)?;
    let row = found.next().map_err(&fault)?;
    row.map(|row| task_of(row, cache)).transpose()
}

pub(super) fn list(
    conn: &Connection,
    cache: &TaskCache,
    owner: TenantId,
    filter: &Filter,
    page: Page,
) -> Result<Listing, StoreError> {
    let (after, skip, limit) = match page {
        Page::Cursor { after, limit } => (after, 0, limit),
        Page::Offset { skip, limit } => (None, skip, limit),
    };
    let limit = limit.min(PAGE_MOST);
    let states: Vec<&str> = filter.states.iter().map(|state| state.word()).collect();
    let fault = fault::of("a list of tasks");
    let mut statement = conn.prepare_cached(LIST).map_err(&fault)?;
    let found = statement.query(params![
        rows::id_bytes(owner.0),
        after.map(|after| rows::id_bytes(after.0)),
        json_list(&states)?,
        json_list(&filter.operations)?,
        filter.dialect,
        rows::bound(limit + 1),
        rows::bound(skip),
    ]);
    let mut found = found.map_err(&fault)?;
    let mut listing = Listing::default();
    while let Some(row) = found.next().map_err(&fault)? {
        if listing.tasks.len() == limit {
            listing.has_more = true;
            break;
        }
        listing.tasks.push(task_of(row, cache)?);
    }
    Ok(listing)
}

/// A list as one parameter; an empty one as NULL, which stands for all.
fn json_list<T: serde::Serialize>(words: &[T]) -> Result<Option<String>, StoreError> {
    if words.is_empty() {
        return Ok(None);
    }
    let list = serde_json::to_string(words);
    list.map(Some).map_err(fault::unavailable)
}

pub(super) fn overdue(conn: &Connection, now: Millis, limit: usize) -> Result<Vec<TaskId>, StoreError> {
    let fault = fault::of("overdue tasks");
    let limit = limit.min(PAGE_MOST);
    let mut statement = conn.prepare_cached(OVERDUE).map_err(&fault)?;
    let mut overdue: Vec<(i64, TaskId)> = Vec::new();
    for state in BY_DEADLINE {
        let found = statement.query(params![state.word(), now.0, rows::bound(limit)]);
        let mut found = found.map_err(&fault)?;
        while let Some(row) = found.next().map_err(&fault)? {
            let id: [u8; 16] = row.get(1).map_err(&fault)?;
            overdue.push((row.get(0).map_err(&fault)?, TaskId(rows::id_of(&id)?)));
        }
    }
    overdue.sort_unstable();
    Ok(overdue.into_iter().take(limit).map(|(_, id)| id).collect())
}

/// Every unfinished state, also those without tasks, so that a gauge falls back to zero.
pub(super) fn census(conn: &Connection) -> Result<Vec<(StateWord, u64)>, StoreError> {
    let fault = fault::of("the census");
    let mut statement = conn.prepare_cached(CENSUS).map_err(&fault)?;
    let mut found = statement.query([]).map_err(&fault)?;
    let unfinished = StateWord::ALL.into_iter().filter(|state| !state.is_final());
    let mut counts: BTreeMap<StateWord, u64> = unfinished.map(|state| (state, 0)).collect();
    while let Some(row) = found.next().map_err(&fault)? {
        let word: String = row.get(0).map_err(&fault)?;
        let state = rows::word_of(&word, "state", StateWord::parse)?;
        counts.insert(state, rows::unsigned(row.get(1).map_err(&fault)?, "a count")?);
    }
    Ok(counts.into_iter().collect())
}

pub(super) fn owed(conn: &Connection, task: TaskId) -> Result<Vec<Owed>, StoreError> {
    let fault = fault::by_id("webhooks of", task.0);
    let mut statement = conn.prepare_cached(OWED).map_err(&fault)?;
    let mut found = statement.query([rows::id_bytes(task.0)]).map_err(&fault)?;
    let mut owed = Vec::new();
    while let Some(row) = found.next().map_err(&fault)? {
        let tenant: [u8; 16] = row.get(1).map_err(&fault)?;
        owed.push(Owed {
            id: row.get(0).map_err(&fault)?,
            task,
            tenant: TenantId(rows::id_of(&tenant)?),
            version: rows::unsigned(row.get(2).map_err(&fault)?, "version")?,
            event: row.get(3).map_err(&fault)?,
            url: row.get(4).map_err(&fault)?,
            at: Millis(row.get(5).map_err(&fault)?),
        });
    }
    Ok(owed)
}

/// Proves that the database answers.
pub(super) fn ping(conn: &Connection) -> Result<(), StoreError> {
    let answer = conn.query_row("SELECT max(step) FROM schema_steps", [], |row| {
        row.get::<_, i64>(0)
    });
    let answer = answer.optional().map_err(fault::of("ping"))?;
    answer
        .map(drop)
        .ok_or_else(|| fault::unavailable("the schema is gone"))
}
