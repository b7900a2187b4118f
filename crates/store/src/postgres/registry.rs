//! The registry on PostgreSQL: tenants, their keys, the terms of both. How a tenant and a key are created
//! is in `kept.rs`.

use async_trait::async_trait;
use deadpool_postgres::ClientWrapper;
use domain::Millis;
use domain::ids::{KeyId, TenantId};
use domain::store::{Founding, RateAhead, RateTaken, Registry, Replaced, StoreError};
use domain::tenant::{Key, KeyTerms, Tenant, TenantTerms};
use serde::de::DeserializeOwned;

use crate::cache::Written;
use crate::nouns::{self, Columns as _, id_at};
use crate::postgres::cells::Cells;
use crate::postgres::fault::Trouble;
use crate::postgres::ground::{Job, Session, fetch, run};
use crate::postgres::{PostgresStore, cells, is_nowhere, kept};
use crate::rows::{self, IdBytes};
use crate::sql;

/// By the clock of the database, so that those of the processes need not agree. In the order of the holders,
/// as everybody writes them. Whoever took nothing only asks.
const EXCHANGE: &str = "WITH n AS (
    SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::bigint[]) AS n (holder, weight, passed)
  ), told AS (
    INSERT INTO rates AS r (holder, arrives, weight)
    SELECT n.holder, c.now - n.passed + n.weight, n.weight
    FROM n, (SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT) AS now) c
    WHERE n.weight > 0
    ORDER BY n.holder
    ON CONFLICT (holder) DO UPDATE
      SET arrives = greatest(r.arrives + excluded.weight, excluded.arrives), weight = excluded.weight
    RETURNING holder, arrives
  )
  SELECT holder, arrives - CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT) FROM told
  UNION ALL
  SELECT r.holder, r.arrives - CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)
  FROM rates r JOIN n USING (holder) WHERE n.weight = 0";

#[async_trait]
impl Registry for PostgresStore {
    async fn create_tenant(&self, tenant: &Tenant) -> Result<(), StoreError> {
        self.may_write()?;
        self.ground.work(kept::CreateTenant(tenant.clone())).await
    }

    async fn take_in(&self, newcomer: &Founding) -> Result<(), StoreError> {
        self.may_write()?;
        self.ground.work(kept::TakeIn::of(newcomer)?).await
    }

    async fn tenants(&self) -> Result<Vec<Tenant>, StoreError> {
        cells::all(&self.ground.ask(sql::TENANTS, &[]).await?, nouns::tenant_of)
    }

    async fn create_key(&self, key: &Key) -> Result<(), StoreError> {
        self.may_write()?;
        self.ground.work(kept::CreateKey(key.clone())).await
    }

    async fn key_by_hash(&self, hash: &str) -> Result<Option<Key>, StoreError> {
        if is_nowhere(hash) {
            return Ok(None);
        }
        let found = self.ground.ask(sql::KEY_BY_HASH, &[&hash]).await?;
        cells::one(&found, nouns::key_of)
    }

    async fn key_by_access(&self, access: &str) -> Result<Option<Key>, StoreError> {
        if is_nowhere(access) {
            return Ok(None);
        }
        let found = self.ground.ask(sql::KEY_BY_ACCESS, &[&access]).await?;
        cells::one(&found, nouns::key_of)
    }

    async fn keys(&self, tenant: Option<TenantId>) -> Result<Vec<Key>, StoreError> {
        let found = match tenant {
            None => self.ground.ask(sql::KEYS, &[]).await?,
            Some(tenant) => {
                let tenant = &rows::id_bytes(tenant.0)[..];
                self.ground.ask(sql::KEYS_OF_TENANT, &[&tenant]).await?
            }
        };
        cells::all(&found, nouns::key_of)
    }

    async fn revoke_key(&self, id: KeyId, at: Millis) -> Result<bool, StoreError> {
        self.may_write()?;
        let sql = format!("{} RETURNING id", sql::REVOKE_KEY);
        let revoked = self
            .ground
            .ask(&sql, &[&at.0, &&rows::id_bytes(id.0)[..]])
            .await?;
        Ok(!revoked.is_empty())
    }

    async fn tenant(&self, id: TenantId) -> Result<Option<Tenant>, StoreError> {
        let id = &rows::id_bytes(id.0)[..];
        let found = self.ground.ask(sql::TENANT, &[&id]).await?;
        cells::one(&found, nouns::tenant_of)
    }

    async fn set_tenant_terms(
        &self,
        id: TenantId,
        read: &TenantTerms,
        terms: &TenantTerms,
        unlimited: Option<bool>,
    ) -> Result<Replaced, StoreError> {
        self.may_write()?;
        let terms = SetTenantTerms {
            tenant: rows::id_bytes(id.0),
            read: read.clone(),
            terms: rows::terms_text(terms)?,
            unlimited,
        };
        self.ground.work(terms).await
    }

    async fn set_key_terms(
        &self,
        id: KeyId,
        read: &KeyTerms,
        terms: &KeyTerms,
    ) -> Result<Replaced, StoreError> {
        self.may_write()?;
        let terms = SetKeyTerms {
            key: rows::id_bytes(id.0),
            read: read.clone(),
            terms: rows::terms_text(terms)?,
        };
        self.ground.work(terms).await
    }

    async fn exchange_rates(&self, taken: &[RateTaken]) -> Result<Vec<RateAhead>, StoreError> {
        self.may_write()?;
        let holders: Vec<IdBytes> = taken.iter().map(|taken| rows::id_bytes(taken.holder)).collect();
        let holders: Vec<&[u8]> = holders.iter().map(|holder| &holder[..]).collect();
        let weights: Vec<i64> = taken.iter().map(|taken| taken.weight_micros).collect();
        let passed: Vec<i64> = taken.iter().map(|taken| taken.passed_micros).collect();
        let found = self.ground.tell(EXCHANGE, &[&holders, &weights, &passed]).await?;
        let ahead = found.iter().map(|row| {
            let row = Cells(row);
            Ok(RateAhead {
                holder: id_at(&row, 0)?,
                micros: row.number(1)?,
            })
        });
        ahead.collect()
    }

    async fn rotate_key(&self, old: KeyId, ends_at: Millis, key: &Key) -> Result<bool, StoreError> {
        self.may_write()?;
        let rotation = Rotate {
            old: rows::id_bytes(old.0),
            ends_at,
            new: kept::CreateKey(key.clone()),
        };
        self.ground.work(rotation).await
    }
}

struct SetTenantTerms {
    tenant: IdBytes,
    read: TenantTerms,
    terms: String,
    unlimited: Option<bool>,
}

#[async_trait]
impl Job for SetTenantTerms {
    type Answer = Replaced;

    async fn run(&self, client: &Session<'_>) -> Result<Written<Replaced>, Trouble> {
        let id = &self.tenant[..];
        if let Some(refused) = not_replaced(client, sql::TENANT_TERMS, (id, &self.read)).await? {
            return Ok(Written::other(refused));
        }
        run(client, sql::SET_TENANT_TERMS, &[&self.terms, &id]).await?;
        if let Some(unlimited) = self.unlimited {
            run(client, sql::SET_UNLIMITED, &[&i64::from(unlimited), &id]).await?;
        }
        Ok(Written::other(Replaced::Done))
    }
}

struct SetKeyTerms {
    key: IdBytes,
    read: KeyTerms,
    terms: String,
}

#[async_trait]
impl Job for SetKeyTerms {
    type Answer = Replaced;

    async fn run(&self, client: &Session<'_>) -> Result<Written<Replaced>, Trouble> {
        let id = &self.key[..];
        if let Some(refused) = not_replaced(client, sql::KEY_TERMS, (id, &self.read)).await? {
            return Ok(Written::other(refused));
        }
        run(client, sql::SET_KEY_TERMS, &[&self.terms, &id]).await?;
        Ok(Written::other(Replaced::Done))
    }
}

/// Why terms do not take the place of those that were read. Where they do, nobody else changes them until
/// the transaction ends.
async fn not_replaced<T: DeserializeOwned + PartialEq>(
    client: &ClientWrapper,
    sql: &str,
    (id, read): (&[u8], &T),
) -> Result<Option<Replaced>, Trouble> {
    let sql = format!("{sql} FOR NO KEY UPDATE");
    let in_force = cells::one(&fetch(client, &sql, &[&id]).await?, nouns::terms_at)?;
    Ok(rows::not_replaced(in_force.as_ref(), read))
}

struct Rotate {
    old: IdBytes,
    ends_at: Millis,
    new: kept::CreateKey,
}

#[async_trait]
impl Job for Rotate {
    type Answer = bool;

    async fn run(&self, client: &Session<'_>) -> Result<Written<bool>, Trouble> {
        let old = &self.old[..];
        if run(client, sql::END_KEY, &[&self.ends_at.0, &old]).await? == 0 {
            return Ok(Written::other(false));
        }
        self.new.run(client).await?;
        Ok(Written::other(true))
    }
}
