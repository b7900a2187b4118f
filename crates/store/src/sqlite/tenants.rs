//! Tenants, their keys, the terms of both, and the settings of the installation.

use async_trait::async_trait;
use domain::Millis;
use domain::ids::{KeyId, TenantId};
use domain::store::{Booked, Founding, RateAhead, RateTaken, Registry, Replaced, StoreError};
use domain::tenant::{Key, KeyTerms, Tenant, TenantTerms};
use rusqlite::{Connection, params};

use crate::rows::{self, ProofRow};
use crate::sqlite::{SqliteStore, cells, fault, statements};
use crate::{nouns, sql};

#[async_trait]
impl Registry for SqliteStore {
    async fn create_tenant(&self, tenant: &Tenant) -> Result<(), StoreError> {
        let tenant = tenant.clone();
        self.write_other(move |conn| create(conn, &tenant)).await
    }

    async fn take_in(&self, newcomer: &Founding) -> Result<(), StoreError> {
        let newcomer = newcomer.clone();
        self.write_other(move |conn| take_in(conn, &newcomer)).await
    }

    async fn tenants(&self) -> Result<Vec<Tenant>, StoreError> {
        self.read(all).await
    }

    async fn create_key(&self, key: &Key) -> Result<(), StoreError> {
        let key = key.clone();
        self.write_other(move |conn| create_key(conn, &key)).await
    }

    async fn key_by_hash(&self, hash: &str) -> Result<Option<Key>, StoreError> {
        let hash = hash.to_owned();
        self.read(move |conn| key_by_hash(conn, &hash)).await
    }

    async fn key_by_access(&self, access: &str) -> Result<Option<Key>, StoreError> {
        let access = access.to_owned();
        self.read(move |conn| key_by_access(conn, &access)).await
    }

    async fn keys(&self, tenant: Option<TenantId>) -> Result<Vec<Key>, StoreError> {
        self.read(move |conn| keys(conn, tenant)).await
    }

    async fn revoke_key(&self, id: KeyId, at: Millis) -> Result<bool, StoreError> {
        self.write_other(move |conn| revoke_key(conn, id, at)).await
    }

    async fn tenant(&self, id: TenantId) -> Result<Option<Tenant>, StoreError> {
        let id = rows::id_bytes(id.0);
        self.read(move |conn| cells::one(conn, "a tenant", sql::TENANT, [id], nouns::tenant_of))
            .await
    }

    async fn set_tenant_terms(
        &self,
        id: TenantId,
        read: &TenantTerms,
        terms: &TenantTerms,
        unlimited: Option<bool>,
    ) -> Result<Replaced, StoreError> {
        let (id, read, terms) = (rows::id_bytes(id.0), read.clone(), rows::terms_text(terms)?);
        self.write_other(move |conn| {
            let in_force = cells::one(conn, "a tenant", sql::TENANT_TERMS, [id], nouns::terms_at)?;
            if let Some(refused) = rows::not_replaced(in_force.as_ref(), &read) {
                return Ok(refused);
            }
            cells::run(conn, "a tenant", sql::SET_TENANT_TERMS, params![terms, id])?;
            if let Some(unlimited) = unlimited {
                let params = params![i64::from(unlimited), id];
                cells::run(conn, "a tenant's pockets", sql::SET_UNLIMITED, params)?;
            }
            Ok(Replaced::Done)
        })
        .await
    }

    async fn set_key_terms(
        &self,
        id: KeyId,
        read: &KeyTerms,
        terms: &KeyTerms,
    ) -> Result<Replaced, StoreError> {
        let (id, read, terms) = (rows::id_bytes(id.0), read.clone(), rows::terms_text(terms)?);
        self.write_other(move |conn| {
            let in_force = cells::one(conn, "a key", sql::KEY_TERMS, [id], nouns::terms_at)?;
            if let Some(refused) = rows::not_replaced(in_force.as_ref(), &read) {
                return Ok(refused);
            }
            cells::run(conn, "a key", sql::SET_KEY_TERMS, params![terms, id])?;
            Ok(Replaced::Done)
        })
        .await
    }

    /// The process that has the lock is alone.
    async fn exchange_rates(&self, _taken: &[RateTaken]) -> Result<Vec<RateAhead>, StoreError> {
        Ok(Vec::new())
    }

    async fn rotate_key(&self, old: KeyId, ends_at: Millis, key: &Key) -> Result<bool, StoreError> {
        let (old, key) = (rows::id_bytes(old.0), key.clone());
        self.write_other(move |conn| {
            if cells::run(conn, "a key", sql::END_KEY, params![ends_at.0, old])? == 0 {
                return Ok(false);
            }
            create_key(conn, &key)?;
            Ok(true)
        })
        .await
    }
}

pub(super) fn create(conn: &Connection, tenant: &Tenant) -> Result<(), StoreError> {
    let id = rows::id_bytes(tenant.id.0);
    let terms = rows::terms_text(&tenant.terms)?;
    let params = params![id, tenant.name, tenant.created_at.0, terms];
    if cells::run(conn, "a tenant", sql::CREATE_TENANT, params)? == 0 {
        return Err(StoreError::Taken(tenant.name.clone()));
    }
    let params = params![id, i64::from(tenant.unlimited)];
    cells::run(conn, "a tenant's pockets", sql::CREATE_PURSE, params).map(drop)
}

pub(super) fn found(conn: &Connection, founding: &Founding) -> Result<bool, StoreError> {
    if !all(conn)?.is_empty() {
        return Ok(false);
    }
    take_in(conn, founding).map(|()| true)
}

fn take_in(conn: &Connection, newcomer: &Founding) -> Result<(), StoreError> {
    create(conn, &newcomer.tenant)?;
    newcomer.keys.iter().try_for_each(|key| create_key(conn, key))?;
    let Some(credit) = &newcomer.credit else {
        return Ok(());
    };
    match statements::book(conn, credit)? {
        Booked::Done(_) => Ok(()),
        refused => Err(rows::no_first_credit(credit, &refused)),
    }
}

pub(super) fn all(conn: &Connection) -> Result<Vec<Tenant>, StoreError> {
    cells::all(conn, "a tenant", sql::TENANTS, [], nouns::tenant_of)
}

pub(super) fn create_key(conn: &Connection, key: &Key) -> Result<(), StoreError> {
    let proof = ProofRow::of(&key.proof);
    let params = params![
        rows::id_bytes(key.id.0),
        rows::id_bytes(key.tenant.0),
        key.name,
        key.role.word(),
        proof.hash,
        key.hint,
        key.dialect,
        key.created_at.0,
        key.expires_at.map(|at| at.0),
        key.revoked_at.map(|at| at.0),
        proof.access,
        proof.sealed_by,
        proof.sealed,
        rows::terms_text(&key.terms)?,
        rows::id_bytes(key.holder.0),
    ];
    if cells::run(conn, "a key", sql::CREATE_KEY, params)? == 0 {
        return Err(rows::key_taken());
    }
    Ok(())
}

pub(super) fn key_by_hash(conn: &Connection, hash: &str) -> Result<Option<Key>, StoreError> {
    cells::one(conn, "a key", sql::KEY_BY_HASH, [hash], nouns::key_of)
}

pub(super) fn key_by_access(conn: &Connection, access: &str) -> Result<Option<Key>, StoreError> {
    cells::one(conn, "a key", sql::KEY_BY_ACCESS, [access], nouns::key_of)
}

pub(super) fn keys(conn: &Connection, tenant: Option<TenantId>) -> Result<Vec<Key>, StoreError> {
    let Some(tenant) = tenant else {
        return cells::all(conn, "a key", sql::KEYS, [], nouns::key_of);
    };
    let tenant = rows::id_bytes(tenant.0);
    cells::all(conn, "a key", sql::KEYS_OF_TENANT, [tenant], nouns::key_of)
}

pub(super) fn revoke_key(conn: &Connection, id: KeyId, at: Millis) -> Result<bool, StoreError> {
    let params = params![at.0, rows::id_bytes(id.0)];
    Ok(cells::run(conn, "a key", sql::REVOKE_KEY, params)? == 1)
}

pub(super) fn setting(conn: &Connection, name: &str) -> Result<Option<String>, StoreError> {
    let text = |row: &dyn nouns::Columns| row.text(0).map(str::to_owned);
    cells::one(conn, "a setting", sql::SETTING, [name], text)
}

pub(super) fn keep_setting(conn: &Connection, name: &str, value: &str) -> Result<String, StoreError> {
    cells::run(conn, "a setting", sql::KEEP_SETTING, [name, value])?;
    let kept = setting(conn, name)?;
    kept.ok_or_else(|| fault::unavailable(format_args!("setting `{name}` was not kept")))
}
