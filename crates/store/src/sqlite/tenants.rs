//! Tenants, their keys, and the settings of the installation.

use domain::Millis;
use domain::ids::{KeyId, TenantId};
use domain::store::StoreError;
use domain::tenant::{Key, KeyRole, Proof, Sealed, Tenant};
use rusqlite::{Connection, OptionalExtension as _, Row, ToSql, params};

use crate::rows;
use crate::sqlite::fault;

const CREATE: &str = "INSERT INTO tenants (id, name, created_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
const PURSE: &str = "INSERT INTO balances (tenant, unlimited) VALUES (?1, ?2)";

const TENANTS: &str = "SELECT t.id, t.name, b.unlimited, t.created_at
  FROM tenants t JOIN balances b ON b.tenant = t.id ORDER BY t.name";

const CREATE_KEY: &str = "INSERT INTO keys (id, tenant, name, role, hash, hint, dialect, created_at,
    expires_at, revoked_at, access, sealed_by, sealed)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
  ON CONFLICT DO NOTHING";

const KEY_BY_HASH: &str = "SELECT id, tenant, name, role, hash, hint, dialect, created_at, expires_at,
    revoked_at, access, sealed_by, sealed FROM keys WHERE hash = ?1 AND access IS NULL";

const KEY_BY_ACCESS: &str = "SELECT id, tenant, name, role, hash, hint, dialect, created_at, expires_at,
    revoked_at, access, sealed_by, sealed FROM keys WHERE access = ?1";

const KEYS: &str = "SELECT id, tenant, name, role, hash, hint, dialect, created_at, expires_at, revoked_at,
    access, sealed_by, sealed
  FROM keys WHERE ?1 IS NULL OR tenant = ?1 ORDER BY created_at, id";

const REVOKE: &str = "UPDATE keys SET revoked_at = coalesce(revoked_at, ?2) WHERE id = ?1";

const SETTING: &str = "SELECT value FROM settings WHERE name = ?1";
const KEEP: &str = "INSERT INTO settings (name, value) VALUES (?1, ?2) ON CONFLICT DO NOTHING";

pub(super) fn create(conn: &Connection, tenant: &Tenant) -> Result<(), StoreError> {
    let fault = fault::by_id("tenant", tenant.id.0);
    let id = rows::id_bytes(tenant.id.0);
    let mut statement = conn.prepare_cached(CREATE).map_err(&fault)?;
    let created = statement.execute(params![id, tenant.name, tenant.created_at.0]);
    if created.map_err(&fault)? == 0 {
        return Err(StoreError::Taken(tenant.name.clone()));
    }
    let mut statement = conn.prepare_cached(PURSE).map_err(&fault)?;
    statement
        .execute(params![id, tenant.unlimited])
        .map(drop)
        .map_err(&fault)
}

pub(super) fn all(conn: &Connection) -> Result<Vec<Tenant>, StoreError> {
    let fault = fault::of("a tenant");
    let mut statement = conn.prepare_cached(TENANTS).map_err(&fault)?;
    let mut found = statement.query([]).map_err(&fault)?;
    let mut tenants = Vec::new();
    while let Some(row) = found.next().map_err(&fault)? {
        let id: Vec<u8> = row.get(0).map_err(&fault)?;
        tenants.push(Tenant {
            id: TenantId(rows::id_of(&id)?),
            name: row.get(1).map_err(&fault)?,
            unlimited: row.get(2).map_err(&fault)?,
            created_at: Millis(row.get(3).map_err(&fault)?),
        });
    }
    Ok(tenants)
}

pub(super) fn create_key(conn: &Connection, key: &Key) -> Result<(), StoreError> {
    let fault = fault::by_id("key", key.id.0);
    let mut statement = conn.prepare_cached(CREATE_KEY).map_err(&fault)?;
    let (hash, pair) = match &key.proof {
        Proof::Secret { hash } => (hash.clone(), None),
        Proof::Pair { access, sealed } => (format!("pair:{access}"), Some((access, sealed))),
    };
    let created = statement.execute(params![
        rows::id_bytes(key.id.0),
        rows::id_bytes(key.tenant.0),
        key.name,
        key.role.word(),
        hash,
        key.hint,
        key.dialect,
        key.created_at.0,
        key.expires_at.map(|at| at.0),
        key.revoked_at.map(|at| at.0),
        pair.map(|(access, _)| access),
        pair.map(|(_, sealed)| &sealed.master),
        pair.map(|(_, sealed)| &sealed.bytes),
    ]);
    if created.map_err(&fault)? == 0 {
        return Err(StoreError::Taken(
            "the id, the secret or the access name of the key".to_owned(),
        ));
    }
    Ok(())
}

pub(super) fn key_by_hash(conn: &Connection, hash: &str) -> Result<Option<Key>, StoreError> {
    Ok(select_keys(conn, KEY_BY_HASH, &[&hash])?.pop())
}

pub(super) fn key_by_access(conn: &Connection, access: &str) -> Result<Option<Key>, StoreError> {
    Ok(select_keys(conn, KEY_BY_ACCESS, &[&access])?.pop())
}

pub(super) fn keys(conn: &Connection, tenant: Option<TenantId>) -> Result<Vec<Key>, StoreError> {
    let tenant = tenant.map(|tenant| rows::id_bytes(tenant.0));
    select_keys(conn, KEYS, &[&tenant])
}

fn select_keys(conn: &Connection, sql: &str, params: &[&dyn ToSql]) -> Result<Vec<Key>, StoreError> {
    let fault = fault::of("a key");
    let mut statement = conn.prepare_cached(sql).map_err(&fault)?;
    let mut found = statement.query(params).map_err(&fault)?;
    let mut keys = Vec::new();
    while let Some(row) = found.next().map_err(&fault)? {
        keys.push(key_of(row)?);
    }
    Ok(keys)
}

fn key_of(row: &Row<'_>) -> Result<Key, StoreError> {
    let id: Vec<u8> = row.get(0).map_err(fault::of("a key"))?;
    let id = rows::id_of(&id)?;
    let fault = fault::by_id("key", id);
    let tenant: Vec<u8> = row.get(1).map_err(&fault)?;
    let role: String = row.get(3).map_err(&fault)?;
    let proof = match row.get::<_, Option<String>>(10).map_err(&fault)? {
        None => Proof::Secret {
            hash: row.get(4).map_err(&fault)?,
        },
        Some(access) => Proof::Pair {
            access,
            sealed: Sealed {
                master: row.get(11).map_err(&fault)?,
                bytes: row.get(12).map_err(&fault)?,
            },
        },
    };
    Ok(Key {
        id: KeyId(id),
        tenant: TenantId(rows::id_of(&tenant)?),
        name: row.get(2).map_err(&fault)?,
        role: rows::word_of(&role, "role", KeyRole::parse)?,
        proof,
        hint: row.get(5).map_err(&fault)?,
        dialect: row.get(6).map_err(&fault)?,
        created_at: Millis(row.get(7).map_err(&fault)?),
        expires_at: row.get::<_, Option<i64>>(8).map_err(&fault)?.map(Millis),
        revoked_at: row.get::<_, Option<i64>>(9).map_err(&fault)?.map(Millis),
    })
}

pub(super) fn revoke_key(conn: &Connection, id: KeyId, at: Millis) -> Result<bool, StoreError> {
    let fault = fault::by_id("key", id.0);
    let mut statement = conn.prepare_cached(REVOKE).map_err(&fault)?;
    let revoked = statement.execute(params![rows::id_bytes(id.0), at.0]);
    Ok(revoked.map_err(&fault)? == 1)
}

pub(super) fn setting(conn: &Connection, name: &str) -> Result<Option<String>, StoreError> {
    let fault = fault::by_name("setting", name);
    let mut statement = conn.prepare_cached(SETTING).map_err(&fault)?;
    let found = statement.query_row([name], |row| row.get(0));
    found.optional().map_err(&fault)
}

pub(super) fn keep_setting(conn: &Connection, name: &str, value: &str) -> Result<String, StoreError> {
    let fault = fault::by_name("setting", name);
    let mut statement = conn.prepare_cached(KEEP).map_err(&fault)?;
    statement.execute([name, value]).map_err(&fault)?;
    let kept = setting(conn, name)?;
    kept.ok_or_else(|| fault::unavailable(format_args!("setting `{name}` was not kept")))
}
