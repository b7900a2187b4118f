//! The `Outbox` on SQLite: webhooks are claimed and written down one by one, all in the writer's thread.

use async_trait::async_trait;
use domain::ids::TenantId;
use domain::store::{
    Delivery, DeliveryFilter, DeliveryState, Errand, ErrandClaim, Outbox, Outstanding, SigningSecret,
    StoreError, Tried,
};
use domain::task::Owed;
use domain::{Id, Millis, TaskId};
use rusqlite::{Connection, params};

use crate::nouns::Columns;
use crate::outbox::{self, COLUMNS};
use crate::rows;
use crate::sqlite::{SqliteStore, cells};

const WHAT: &str = "a webhook";
const SECRET: &str = "a signing secret";

const OWE: &str = "INSERT INTO webhooks (id, task, tenant, version, event, url, at, host)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

/// The events are `domain::task::PASSING_EVENTS`.
const SUPERSEDE: &str = "UPDATE webhooks SET state = 'superseded'
  WHERE task = ?1 AND version < ?2 AND state = 'pending' AND event IN ('task.queued', 'task.running')";

/// Writes down that a webhook is owed: what was owed of passing states before it is needless now.
pub(super) fn owe(conn: &Connection, owed: &Owed) -> Result<(), StoreError> {
    let (task, version) = (
        rows::id_bytes(owed.task.0),
        rows::signed(owed.version, "version")?,
    );
    let params = params![
        owed.id,
        task,
        rows::id_bytes(owed.tenant.0),
        version,
        owed.event,
        owed.url,
        owed.at.0,
        owed.receiver(),
    ];
    cells::run(conn, WHAT, OWE, params)?;
    if version > 1 {
        cells::run(conn, WHAT, SUPERSEDE, params![task, version])?;
    }
    Ok(())
}

fn claim(conn: &Connection, claim: &ErrandClaim) -> Result<Vec<Errand>, StoreError> {
    let due = format!(
        "SELECT id FROM webhooks p WHERE state = 'pending' AND host = $1 AND next_at <= $2
           AND NOT EXISTS ({}) ORDER BY next_at, task, version LIMIT $3",
        outbox::STANDS_BEFORE.replace("{now}", "$2")
    );
    let lease =
        format!("UPDATE webhooks SET owner = $1, next_at = $2 WHERE id = $3 RETURNING {COLUMNS}, body");
    let mut errands = Vec::new();
    for (host, most) in &claim.receivers {
        let params = params![host, claim.now.0, rows::bound(*most)];
        let id = |row: &dyn Columns| row.text(0).map(str::to_owned);
        for id in cells::all(conn, WHAT, &due, params, id)? {
            let params = params![claim.node, claim.until.0, id];
            errands.extend(cells::one(conn, WHAT, &lease, params, outbox::errand_of)?);
        }
    }
    Ok(errands)
}

fn tried(conn: &Connection, tried: &Tried) -> Result<bool, StoreError> {
    let delivered_at = (tried.state == DeliveryState::Delivered).then_some(tried.at.0);
    let params = params![
        tried.tries,
        tried.next_at.0,
        tried.status,
        tried.note,
        tried.at.0,
        delivered_at,
        tried.state.word(),
        tried.id,
        tried.node,
        tried.until.0,
    ];
    Ok(cells::run(conn, WHAT, outbox::TRIED, params)? == 1)
}

fn list(conn: &Connection, filter: &DeliveryFilter) -> Result<Vec<Delivery>, StoreError> {
    let (task, version) = outbox::behind(filter)?;
    let params = params![
        filter.tenant.map(|tenant| rows::id_bytes(tenant.0)),
        filter.state.map(DeliveryState::word),
        task,
        version,
        rows::bound(filter.limit.min(rows::PAGE_MOST)),
    ];
    cells::all(conn, WHAT, &outbox::list_sql(filter), params, outbox::delivery_of)
}

fn keep_secret(conn: &Connection, secret: &SigningSecret) -> Result<bool, StoreError> {
    let params = params![
        rows::id_bytes(secret.id),
        rows::id_bytes(secret.tenant.0),
        secret.sealed.master,
        secret.sealed.bytes,
        secret.made_at.0,
        i64::from(secret.is_shown),
    ];
    Ok(cells::run(conn, SECRET, outbox::KEEP_SECRET, params)? == 1)
}

fn rotate(conn: &Connection, secret: &SigningSecret, until: Millis) -> Result<bool, StoreError> {
    let tenant = rows::id_bytes(secret.tenant.0);
    cells::run(conn, SECRET, outbox::END_SECRETS, [tenant])?;
    cells::run(conn, SECRET, outbox::RETIRE_SECRET, params![until.0, tenant])?;
    keep_secret(conn, secret)
}

#[async_trait]
impl Outbox for SqliteStore {
    async fn receivers(&self) -> Result<Vec<(String, Millis)>, StoreError> {
        let most = rows::bound(outbox::RECEIVERS_MOST);
        self.read(move |conn| cells::all(conn, WHAT, outbox::RECEIVERS, [most], outbox::receiver_of))
            .await
    }

    async fn claim_errands(&self, errands: &ErrandClaim) -> Result<Vec<Errand>, StoreError> {
        let errands = errands.clone();
        self.write_other(move |conn| claim(conn, &errands)).await
    }

    async fn keep_body(&self, id: &str, body: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let (id, body) = (id.to_owned(), body.to_vec());
        self.write_other(move |conn| {
            cells::one(conn, WHAT, outbox::KEEP_BODY, params![body, id], |row| {
                row.bytes(0).map(<[u8]>::to_vec)
            })
        })
        .await
    }

    async fn tried(&self, outcome: &Tried) -> Result<bool, StoreError> {
        let outcome = outcome.clone();
        self.write_other(move |conn| tried(conn, &outcome)).await
    }

    async fn delivery(&self, owner: Option<TenantId>, id: &str) -> Result<Option<Delivery>, StoreError> {
        let (id, owner) = (id.to_owned(), owner.map(|owner| rows::id_bytes(owner.0)));
        self.read(move |conn| {
            let params = params![id, owner];
            cells::one(conn, WHAT, &outbox::one_sql(), params, outbox::delivery_of)
        })
        .await
    }

    async fn deliveries_of(&self, task: TaskId) -> Result<Vec<Delivery>, StoreError> {
        self.read(move |conn| {
            let params = params![rows::id_bytes(task.0), rows::bound(outbox::OF_TASK_MOST)];
            cells::all(conn, WHAT, &outbox::of_task_sql(), params, outbox::delivery_of)
        })
        .await
    }

    async fn deliveries(&self, filter: &DeliveryFilter) -> Result<Vec<Delivery>, StoreError> {
        let filter = filter.clone();
        self.read(move |conn| list(conn, &filter)).await
    }

    async fn replay(&self, id: &str, now: Millis, since: Millis) -> Result<bool, StoreError> {
        let id = id.to_owned();
        self.write_other(move |conn| {
            let replayed = cells::run(conn, WHAT, outbox::REPLAY, params![now.0, id, since.0])?;
            Ok(replayed == 1)
        })
        .await
    }

    async fn forget_deliveries(&self, before: Millis, limit: usize) -> Result<u64, StoreError> {
        let limit = rows::bound(limit);
        self.write_other(move |conn| cells::run(conn, WHAT, outbox::FORGET, params![before.0, limit]))
            .await
    }

    async fn outstanding(&self) -> Result<Outstanding, StoreError> {
        let read =
            |conn: &Connection| cells::one(conn, WHAT, outbox::OUTSTANDING, [], outbox::outstanding_of);
        Ok(self.read(read).await?.unwrap_or_default())
    }

    async fn signing_secrets(&self, tenant: TenantId) -> Result<Vec<SigningSecret>, StoreError> {
        let tenant = rows::id_bytes(tenant.0);
        self.read(move |conn| cells::all(conn, SECRET, outbox::SECRETS, [tenant], outbox::secret_of))
            .await
    }

    async fn keep_signing_secret(&self, secret: &SigningSecret) -> Result<bool, StoreError> {
        let secret = secret.clone();
        self.write_other(move |conn| keep_secret(conn, &secret)).await
    }

    async fn rotate_signing_secret(&self, secret: &SigningSecret, until: Millis) -> Result<bool, StoreError> {
        let secret = secret.clone();
        self.write_other(move |conn| rotate(conn, &secret, until)).await
    }

    async fn show_signing_secret(&self, id: Id) -> Result<bool, StoreError> {
        self.write_other(move |conn| {
            let shown = cells::run(conn, SECRET, outbox::SHOW_SECRET, [rows::id_bytes(id)])?;
            Ok(shown == 1)
        })
        .await
    }
}
