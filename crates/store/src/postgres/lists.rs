//! Lists of one tenant's tasks, either way round. Reads of single tasks are beside it.

use domain::ids::TenantId;
use domain::store::{Filter, Listing, Page, StoreError};

use crate::nouns;
use crate::postgres::cells;
use crate::postgres::ground::Ground;
use crate::rows::{self, Span};

const LIST: &str = "SELECT id, version, course, origin FROM tasks
  WHERE tenant = $1 AND id < $2
    AND ($3::text[] IS NULL OR state = ANY($3))
    AND ($4::text[] IS NULL OR operation = ANY($4))
    AND ($5::text IS NULL OR dialect = $5)
    AND ($8::bigint IS NULL OR created_at >= $8) AND ($9::bigint IS NULL OR created_at <= $9)
    AND (erased = 0 OR $10::boolean)
  ORDER BY id DESC LIMIT $6 OFFSET $7";

const RISING: &str = "SELECT id, version, course, origin FROM tasks
  WHERE tenant = $1 AND id > $2
    AND ($3::text[] IS NULL OR state = ANY($3))
    AND ($4::text[] IS NULL OR operation = ANY($4))
    AND ($5::text IS NULL OR dialect = $5)
    AND ($8::bigint IS NULL OR created_at >= $8) AND ($9::bigint IS NULL OR created_at <= $9)
    AND (erased = 0 OR $10::boolean)
  ORDER BY id LIMIT $6 OFFSET $7";

pub(super) async fn list(
    ground: &Ground,
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
    let states = Some(states).filter(|states| !states.is_empty());
    let operations = Some(&filter.operations).filter(|operations| !operations.is_empty());
    let found = ground
        .ask(
            if rises { RISING } else { LIST },
            &[
                &&rows::id_bytes(owner.0)[..],
                &after,
                &states,
                &operations,
                &filter.dialect,
                &rows::bound(limit + 1),
                &skip,
                &filter.born_from.map(|moment| moment.0),
                &filter.born_until.map(|moment| moment.0),
                &filter.with_erased,
            ],
        )
        .await?;
    let cache = &ground.cache;
    let tasks = cells::all(&found, |row| nouns::task_of(row, cache))?;
    tasks.iter().for_each(|task| cache.shown(task));
    Ok(rows::listing(tasks, limit))
}
