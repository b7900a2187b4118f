//! The `Outbox` on PostgreSQL: webhooks are claimed by one statement, and claimers pass over what others
//! are just claiming.

use async_trait::async_trait;
use deadpool_postgres::ClientWrapper;
use domain::ids::TenantId;
use domain::store::{
    Delivery, DeliveryFilter, DeliveryState, Errand, ErrandClaim, Outbox, Outstanding, SigningSecret,
    StoreError, Tried,
};
use domain::task::Owed;
use domain::{Id, Millis, TaskId};

use crate::cache::Written;
use crate::outbox::{self, COLUMNS};
use crate::postgres::fault::Trouble;
use crate::postgres::ground::{Job, Param, Session, run};
use crate::postgres::writes::column;
use crate::postgres::{PostgresStore, cells};
use crate::rows;

const OWE: &str = "INSERT INTO webhooks (id, task, tenant, version, event, url, at, host)
  SELECT * FROM unnest($1::text[], $2::bytea[], $3::bytea[], $4::bigint[], $5::text[], $6::text[],
    $7::bigint[], $8::text[])";

/// The events are `domain::task::PASSING_EVENTS`.
const SUPERSEDE: &str = "UPDATE webhooks w SET state = 'superseded'
  FROM unnest($1::bytea[], $2::bigint[]) AS n (task, version)
  WHERE w.task = n.task AND w.version < n.version AND w.state = 'pending'
    AND w.event IN ('task.queued', 'task.running')";

/// Writes down which webhooks are owed: what was owed of passing states before them is needless now.
pub(super) async fn owe(client: &ClientWrapper, owed: &[&Owed]) -> Result<(), Trouble> {
    if owed.is_empty() {
        return Ok(());
    }
    let versions = owed.iter().map(|owed| rows::signed(owed.version, "version"));
    let versions: Vec<i64> = versions.collect::<Result<_, _>>()?;
    let tasks = column(owed, |owed| rows::id_bytes(owed.task.0).to_vec());
    run(
        client,
        OWE,
        &[
            &column(owed, |owed| owed.id.as_str()),
            &tasks,
            &column(owed, |owed| rows::id_bytes(owed.tenant.0).to_vec()),
            &versions,
            &column(owed, |owed| owed.event.as_str()),
            &column(owed, |owed| owed.url.as_str()),
            &column(owed, |owed| owed.at.0),
            &column(owed, |owed| owed.receiver()),
        ],
    )
    .await?;
    if versions.iter().any(|version| *version > 1) {
        run(client, SUPERSEDE, &[&tasks, &versions]).await?;
    }
    Ok(())
}

fn claim_sql() -> String {
    format!(
        "WITH due AS (
           SELECT d.id FROM unnest($1::text[], $2::bigint[]) AS h (host, most)
           CROSS JOIN LATERAL (SELECT p.id FROM webhooks p
             WHERE p.state = 'pending' AND p.host = h.host AND p.next_at <= $3 AND NOT EXISTS ({})
             ORDER BY p.next_at, p.task, p.version LIMIT h.most FOR NO KEY UPDATE SKIP LOCKED) d)
         UPDATE webhooks SET owner = $4, next_at = $5
         WHERE id IN (SELECT id FROM due) AND state = 'pending' RETURNING {COLUMNS}, body",
        outbox::STANDS_BEFORE.replace("{now}", "$3")
    )
}

/// Puts a secret in force and lets the one before go on for a while.
struct Rotate(SigningSecret, Millis);

#[async_trait]
impl Job for Rotate {
    type Answer = bool;

    async fn run(&self, client: &Session<'_>) -> Result<Written<bool>, Trouble> {
        let Rotate(secret, until) = self;
        let tenant = &rows::id_bytes(secret.tenant.0)[..];
        run(client, outbox::END_SECRETS, &[&tenant]).await?;
        run(client, outbox::RETIRE_SECRET, &[&until.0, &tenant]).await?;
        let kept = run(
            client,
            outbox::KEEP_SECRET,
            &[
                &&rows::id_bytes(secret.id)[..],
                &tenant,
                &secret.sealed.master,
                &secret.sealed.bytes,
                &secret.made_at.0,
                &i64::from(secret.is_shown),
            ],
        )
        .await?;
        Ok(Written::other(kept == 1))
    }
}

#[async_trait]
impl Outbox for PostgresStore {
    async fn receivers(&self) -> Result<Vec<(String, Millis)>, StoreError> {
        let most = rows::bound(outbox::RECEIVERS_MOST);
        let found = self.ground.ask(outbox::RECEIVERS, &[&most]).await?;
        cells::all(&found, outbox::receiver_of)
    }

    async fn claim_errands(&self, claim: &ErrandClaim) -> Result<Vec<Errand>, StoreError> {
        self.may_write()?;
        let hosts: Vec<&str> = claim.receivers.iter().map(|(host, _)| host.as_str()).collect();
        let most = claim.receivers.iter().map(|(_, most)| rows::bound(*most));
        let most: Vec<i64> = most.collect();
        let params: [Param<'_>; 5] = [&hosts, &most, &claim.now.0, &claim.node, &claim.until.0];
        let found = self.ground.tell(&claim_sql(), &params).await?;
        let mut errands = cells::all(&found, outbox::errand_of)?;
        errands.sort_by_key(|errand| (errand.delivery.owed.task, errand.delivery.owed.version));
        Ok(errands)
    }

    async fn keep_body(&self, id: &str, body: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.may_write()?;
        let found = self.ground.ask(outbox::KEEP_BODY, &[&body, &id]).await?;
        cells::one(&found, |row| row.bytes(0).map(<[u8]>::to_vec))
    }

    async fn tried(&self, tried: &Tried) -> Result<bool, StoreError> {
        self.may_write()?;
        let delivered_at = (tried.state == DeliveryState::Delivered).then_some(tried.at.0);
        let sql = format!("{} RETURNING id", outbox::TRIED);
        let params: [Param<'_>; 10] = [
            &i64::from(tried.tries),
            &tried.next_at.0,
            &tried.status.map(i64::from),
            &tried.note,
            &tried.at.0,
            &delivered_at,
            &tried.state.word(),
            &tried.id,
            &tried.node,
            &tried.until.0,
        ];
        Ok(!self.ground.tell(&sql, &params).await?.is_empty())
    }

    async fn delivery(&self, owner: Option<TenantId>, id: &str) -> Result<Option<Delivery>, StoreError> {
        let owner = owner.map(|owner| rows::id_bytes(owner.0).to_vec());
        let found = self.ground.ask(&outbox::one_sql(), &[&id, &owner]).await?;
        cells::one(&found, outbox::delivery_of)
    }

    async fn deliveries_of(&self, task: TaskId) -> Result<Vec<Delivery>, StoreError> {
        let (task, most) = (rows::id_bytes(task.0), rows::bound(outbox::OF_TASK_MOST));
        let found = self
            .ground
            .ask(&outbox::of_task_sql(), &[&&task[..], &most])
            .await?;
        cells::all(&found, outbox::delivery_of)
    }

    async fn deliveries(&self, filter: &DeliveryFilter) -> Result<Vec<Delivery>, StoreError> {
        let (task, version) = outbox::behind(filter)?;
        let params: [Param<'_>; 5] = [
            &filter.tenant.map(|tenant| rows::id_bytes(tenant.0).to_vec()),
            &filter.state.map(DeliveryState::word),
            &task,
            &version,
            &rows::bound(filter.limit.min(rows::PAGE_MOST)),
        ];
        let found = self.ground.ask(&outbox::list_sql(filter), &params).await?;
        cells::all(&found, outbox::delivery_of)
    }

    async fn replay(&self, id: &str, now: Millis, since: Millis) -> Result<bool, StoreError> {
        self.may_write()?;
        let sql = format!("{} RETURNING id", outbox::REPLAY);
        Ok(!self.ground.ask(&sql, &[&now.0, &id, &since.0]).await?.is_empty())
    }

    async fn forget_deliveries(&self, before: Millis, limit: usize) -> Result<u64, StoreError> {
        self.may_write()?;
        let sql = format!("{} RETURNING 1", outbox::FORGET);
        let forgotten = self.ground.ask(&sql, &[&before.0, &rows::bound(limit)]).await?;
        Ok(forgotten.len() as u64)
    }

    async fn outstanding(&self) -> Result<Outstanding, StoreError> {
        let found = self.ground.ask(outbox::OUTSTANDING, &[]).await?;
        Ok(cells::one(&found, outbox::outstanding_of)?.unwrap_or_default())
    }

    async fn signing_secrets(&self, tenant: TenantId) -> Result<Vec<SigningSecret>, StoreError> {
        let tenant = &rows::id_bytes(tenant.0)[..];
        let found = self.ground.ask(outbox::SECRETS, &[&tenant]).await?;
        cells::all(&found, outbox::secret_of)
    }

    async fn keep_signing_secret(&self, secret: &SigningSecret) -> Result<bool, StoreError> {
        self.may_write()?;
        let sql = format!("{} RETURNING id", outbox::KEEP_SECRET);
        let params: [Param<'_>; 6] = [
            &&rows::id_bytes(secret.id)[..],
            &&rows::id_bytes(secret.tenant.0)[..],
            &secret.sealed.master,
            &secret.sealed.bytes,
            &secret.made_at.0,
            &i64::from(secret.is_shown),
        ];
        Ok(!self.ground.tell(&sql, &params).await?.is_empty())
    }

    async fn rotate_signing_secret(&self, secret: &SigningSecret, until: Millis) -> Result<bool, StoreError> {
        self.may_write()?;
        self.ground.work(Rotate(secret.clone(), until)).await
    }

    async fn show_signing_secret(&self, id: Id) -> Result<bool, StoreError> {
        self.may_write()?;
        let sql = format!("{} RETURNING id", outbox::SHOW_SECRET);
        let shown = self.ground.tell(&sql, &[&&rows::id_bytes(id)[..]]).await?;
        Ok(!shown.is_empty())
    }
}
