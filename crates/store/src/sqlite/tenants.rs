//! Tenants, their keys, and the settings of the installation.

use domain::Millis;
use domain::ids::{KeyId, TenantId};
use domain::store::{Founding, StoreError};
use domain::tenant::{Key, Tenant};
use rusqlite::{Connection, params};

use crate::rows::{self, LineRow, ProofRow};
use crate::sqlite::{cells, fault, ledger};
use crate::{nouns, sql};

pub(super) fn create(conn: &Connection, tenant: &Tenant) -> Result<(), StoreError> {
    let id = rows::id_bytes(tenant.id.0);
    let params = params![id, tenant.name, tenant.created_at.0];
    if cells::run(conn, "a tenant", sql::CREATE_TENANT, params)? == 0 {
        return Err(StoreError::Taken(tenant.name.clone()));
    }
    let params = params![id, i64::from(tenant.unlimited)];
    cells::run(conn, "a tenant's pockets", sql::CREATE_PURSE, params).map(drop)
}

pub(super) fn found(conn: &Connection, founding: &Founding, credit: &[LineRow]) -> Result<bool, StoreError> {
    if !all(conn)?.is_empty() {
        return Ok(false);
    }
    create(conn, &founding.tenant)?;
    founding.keys.iter().try_for_each(|key| create_key(conn, key))?;
    ledger::post(conn, credit)?;
    Ok(true)
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
