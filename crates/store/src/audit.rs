//! The audit log in SQL that every database of this room understands, and its rows. Parameters first appear
//! in their order, as in `sql.rs`.

use domain::audit::{Act, ActFilter, Actor};
use domain::store::StoreError;

use crate::nouns::{self, Columns};
use crate::rows;

pub(crate) const BEGIN: &str = "INSERT INTO audit (id, at, actor, act, about, request)
  VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";

pub(crate) const END: &str = "UPDATE audit SET outcome = $1, about = coalesce($2, about), ended_at = $3
  WHERE id = $4 AND outcome IS NULL";

/// What is not narrowed is a range from the first to the last that can be.
pub(crate) const ACTS: &str = "SELECT id, at, actor, act, about, request, outcome, ended_at FROM audit
  WHERE id < $1 AND at >= $2 AND actor >= $3 AND actor <= $4 AND act >= $5 AND act <= $6
  ORDER BY id DESC LIMIT $7";

/// Behind every text.
const LAST: char = '\u{10ffff}';

/// A filter as the parameters of [`ACTS`].
pub(crate) struct Range {
    pub(crate) before: Vec<u8>,
    pub(crate) since: i64,
    pub(crate) actor: (String, String),
    pub(crate) act: (String, String),
    pub(crate) limit: i64,
}

impl Range {
    pub(crate) fn of(filter: &ActFilter) -> Range {
        let actor = filter.actor.map(Actor::word);
        let before = filter.after.map(|id| rows::id_bytes(id).to_vec());
        Range {
            before: before.unwrap_or_else(|| rows::BEHIND_ALL.to_vec()),
            since: filter.since.map_or(i64::MIN, |since| since.0),
            actor: match actor {
                Some(word) => (word.clone(), word),
                None => (String::new(), LAST.to_string()),
            },
            act: (filter.act.clone(), format!("{}{LAST}", filter.act)),
            limit: rows::bound(filter.limit.min(rows::PAGE_MOST)),
        }
    }
}

pub(crate) fn act_of(row: &dyn Columns) -> Result<Act, StoreError> {
    Ok(Act {
        id: nouns::id_at(row, 0)?,
        at: nouns::moment(row, 1)?,
        actor: rows::word_of(row.text(2)?, "actor", Actor::parse)?,
        act: row.text(3)?.to_owned(),
        about: row.text(4)?.to_owned(),
        request: row.text(5)?.to_owned(),
        outcome: row.text_or_none(6)?.map(str::to_owned),
        ended_at: nouns::moment_or_none(row, 7)?,
    })
}
