//! Webhooks on their way and what signs them, as every database of this room has them: the SQL that all
//! understand, and columns that become nouns. How each claims is in its own folder.

use domain::ids::TenantId;
use domain::store::{
    Delivery, DeliveryFilter, DeliveryState, Errand, Outstanding, SigningSecret, StoreError,
};
use domain::task::Owed;
use domain::tenant::Sealed;
use domain::{Millis, TaskId};

use crate::nouns::{self, Columns, id_at};
use crate::rows;

/// Most receivers that one look finds.
pub(crate) const RECEIVERS_MOST: usize = 10_000;
/// Most webhooks of one task that are read.
pub(crate) const OF_TASK_MOST: usize = 1_000;

/// Who has pending webhooks, and since when or until when the first of each waits: two seeks each.
pub(crate) const RECEIVERS: &str = "WITH RECURSIVE hosts (host) AS (
    SELECT min(host) FROM webhooks WHERE state = 'pending'
    UNION ALL
    SELECT (SELECT min(w.host) FROM webhooks w WHERE w.state = 'pending' AND w.host > hosts.host)
    FROM hosts WHERE hosts.host IS NOT NULL)
  SELECT hosts.host,
    (SELECT min(w.next_at) FROM webhooks w WHERE w.state = 'pending' AND w.host = hosts.host)
  FROM hosts WHERE hosts.host IS NOT NULL LIMIT $1";

/// What one read shows of a webhook; [`delivery_of`] goes by the order.
pub(crate) const COLUMNS: &str = "id, task, tenant, version, event, url, at, state, tries, next_at,
    replayed, status, note, tried_at, delivered_at";

/// Whether an earlier webhook of the same task stands before `p`: one that is just being tried, or an end
/// that is still owed. `{now}` is the moment. The events are `domain::task::PASSING_EVENTS`.
pub(crate) const STANDS_BEFORE: &str = "SELECT 1 FROM webhooks e
    WHERE e.task = p.task AND e.version < p.version
      AND ((e.state = 'pending' AND e.event NOT IN ('task.queued', 'task.running'))
        OR (e.owner IS NOT NULL AND e.next_at > {now}))";

/// The state comes last: what was superseded while it was tried is told nobody, unless it was delivered.
pub(crate) const TRIED: &str = "UPDATE webhooks SET owner = NULL, tries = $1, next_at = $2, status = $3,
    note = $4, tried_at = $5, delivered_at = $6,
    state = CASE WHEN state = 'superseded' AND $7 <> 'delivered' THEN state ELSE $7 END
  WHERE id = $8 AND owner = $9 AND next_at = $10";

/// One without an address is of an erased task.
pub(crate) const KEEP_BODY: &str = "UPDATE webhooks SET body = coalesce(body, $1) WHERE id = $2 AND url <> ''
  RETURNING body";

/// Where it is being tried there is nothing to do; where a later state came to be owed before it had a body, or
/// its task was erased, there is nothing to repeat.
pub(crate) const REPLAY: &str = "UPDATE webhooks SET state = 'pending', tries = 0, next_at = $1, replayed = 1
  WHERE id = $2 AND at >= $3 AND (owner IS NULL OR next_at <= $1) AND url <> ''
    AND (body IS NOT NULL OR state IN ('pending', 'dead'))";

pub(crate) const FORGET: &str = "DELETE FROM webhooks WHERE id IN
  (SELECT id FROM webhooks WHERE state <> 'pending' AND at < $1 ORDER BY at LIMIT $2)";

pub(crate) const OUTSTANDING: &str = "SELECT
    (SELECT count(*) FROM webhooks WHERE state = 'pending'),
    (SELECT min(at) FROM webhooks WHERE state = 'pending'),
    (SELECT count(*) FROM webhooks WHERE state = 'dead')";

pub(crate) const SECRETS: &str = "SELECT id, tenant, sealed_by, sealed, made_at, ends_at, shown
  FROM signing_secrets WHERE tenant = $1 ORDER BY made_at DESC, id DESC";

pub(crate) const KEEP_SECRET: &str = "INSERT INTO signing_secrets
    (id, tenant, sealed_by, sealed, made_at, ends_at, shown)
  VALUES ($1, $2, $3, $4, $5, NULL, $6) ON CONFLICT DO NOTHING";

pub(crate) const END_SECRETS: &str = "DELETE FROM signing_secrets WHERE tenant = $1 AND ends_at IS NOT NULL";

pub(crate) const RETIRE_SECRET: &str =
    "UPDATE signing_secrets SET ends_at = $1 WHERE tenant = $2 AND ends_at IS NULL";

pub(crate) const SHOW_SECRET: &str = "UPDATE signing_secrets SET shown = 1 WHERE id = $1 AND shown = 0";

/// One webhook by its id; of any owner where that is null.
pub(crate) fn one_sql() -> String {
    format!("SELECT {COLUMNS} FROM webhooks WHERE id = $1 AND tenant = coalesce($2, tenant)")
}

/// All webhooks of a task, oldest first.
pub(crate) fn of_task_sql() -> String {
    format!("SELECT {COLUMNS} FROM webhooks WHERE task = $1 ORDER BY version LIMIT $2")
}

/// A part of a list: of one tenant by its own index, else of all.
pub(crate) fn list_sql(filter: &DeliveryFilter) -> String {
    let whose = if filter.tenant.is_some() {
        "tenant = $1"
    } else {
        "tenant = coalesce($1, tenant)"
    };
    // Said as a literal where there is an index for it.
    let state = if filter.state == Some(DeliveryState::Dead) {
        "state = 'dead' AND state = coalesce($2, state)"
    } else {
        "state = coalesce($2, state)"
    };
    format!(
        "SELECT {COLUMNS} FROM webhooks WHERE {whose} AND {state} AND (task, version) < ($3, $4)
         ORDER BY task DESC, version DESC LIMIT $5"
    )
}

/// From where a part of a list goes on; from the newest, when nothing is said.
pub(crate) fn behind(filter: &DeliveryFilter) -> Result<(Vec<u8>, i64), StoreError> {
    match filter.after {
        Some((task, version)) => Ok((rows::id_bytes(task.0).to_vec(), rows::signed(version, "version")?)),
        None => Ok((vec![u8::MAX; 17], 0)),
    }
}

pub(crate) fn receiver_of(row: &dyn Columns) -> Result<(String, Millis), StoreError> {
    Ok((row.text(0)?.to_owned(), Millis(row.number(1)?)))
}

pub(crate) fn delivery_of(row: &dyn Columns) -> Result<Delivery, StoreError> {
    let owed = Owed {
        id: row.text(0)?.to_owned(),
        task: TaskId(id_at(row, 1)?),
        tenant: TenantId(id_at(row, 2)?),
        version: rows::unsigned(row.number(3)?, "version")?,
        event: row.text(4)?.to_owned(),
        url: row.text(5)?.to_owned(),
        at: Millis(row.number(6)?),
    };
    Ok(Delivery {
        owed,
        state: rows::word_of(row.text(7)?, "state of a webhook", DeliveryState::parse)?,
        tries: u32::try_from(row.number(8)?).unwrap_or(u32::MAX),
        next_at: Millis(row.number(9)?),
        is_replay: row.number(10)? == 1,
        status: row
            .number_or_none(11)?
            .and_then(|status| u16::try_from(status).ok()),
        note: row.text_or_none(12)?.map(str::to_owned),
        tried_at: row.number_or_none(13)?.map(Millis),
        delivered_at: row.number_or_none(14)?.map(Millis),
    })
}

/// A claimed webhook: the columns of [`delivery_of`] and its body.
pub(crate) fn errand_of(row: &dyn Columns) -> Result<Errand, StoreError> {
    Ok(Errand {
        delivery: delivery_of(row)?,
        body: row.bytes_or_none(15)?.map(<[u8]>::to_vec),
    })
}

pub(crate) fn outstanding_of(row: &dyn Columns) -> Result<Outstanding, StoreError> {
    Ok(Outstanding {
        pending: nouns::count_at(row, 0)?,
        oldest: row.number_or_none(1)?.map(Millis),
        dead: nouns::count_at(row, 2)?,
    })
}

pub(crate) fn secret_of(row: &dyn Columns) -> Result<SigningSecret, StoreError> {
    Ok(SigningSecret {
        id: id_at(row, 0)?,
        tenant: TenantId(id_at(row, 1)?),
        sealed: Sealed {
            master: row.text(2)?.to_owned(),
            bytes: row.bytes(3)?.to_vec(),
        },
        made_at: Millis(row.number(4)?),
        ends_at: row.number_or_none(5)?.map(Millis),
        is_shown: row.number(6)? == 1,
    })
}
