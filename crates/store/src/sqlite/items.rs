//! Items: voices, elements, sessions, uploads.

use domain::ids::{ItemId, TenantId};
use domain::item::{Item, ItemKind, ItemState};
use domain::store::StoreError;
use domain::{Millis, TaskId};
use rusqlite::{Connection, Row, ToSql, params};

use crate::rows;
use crate::sqlite::fault;

/// Most items in one page of a list, whatever is asked.
const PAGE_MOST: usize = 1_000;

const CREATE: &str = "INSERT INTO items (id, tenant, kind, account, vendor_ref, task, state, created_at,
    expires_at, detail)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
  ON CONFLICT (id) DO NOTHING RETURNING wire_id";

const UPDATE: &str = "UPDATE items SET state = ?3, vendor_ref = ?4, expires_at = ?5, detail = ?6
  WHERE id = ?1 AND tenant = ?2";

const ITEM: &str = "SELECT id, wire_id, tenant, kind, account, vendor_ref, task, state, created_at,
    expires_at, detail FROM items
  WHERE tenant = ?1 AND id = ?2 AND state <> 'deleted'";

const BY_WIRE_ID: &str = "SELECT id, wire_id, tenant, kind, account, vendor_ref, task, state, created_at,
    expires_at, detail FROM items
  WHERE tenant = ?1 AND wire_id = ?2 AND state <> 'deleted'";

const LIST: &str = "SELECT id, wire_id, tenant, kind, account, vendor_ref, task, state, created_at,
    expires_at, detail FROM items
  WHERE tenant = ?1 AND kind = ?2 AND state <> 'deleted' ORDER BY id DESC LIMIT ?3 OFFSET ?4";

pub(super) fn create(conn: &Connection, item: &Item) -> Result<Item, StoreError> {
    let fault = fault::by_id("item", item.id.0);
    let mut statement = conn.prepare_cached(CREATE).map_err(&fault)?;
    let created = statement.query(params![
        rows::id_bytes(item.id.0),
        rows::id_bytes(item.tenant.0),
        item.kind.word(),
        item.account,
        item.vendor_ref,
        item.task.map(|task| rows::id_bytes(task.0)),
        item.state.word(),
        item.created_at.0,
        item.expires_at.map(|at| at.0),
        item.detail.to_string(),
    ]);
    let mut created = created.map_err(&fault)?;
    let row = created.next().map_err(&fault)?;
    let row = row.ok_or_else(|| StoreError::Taken(item.id.0.hex()))?;
    let wire_id = row.get(0).map_err(&fault)?;
    Ok(Item {
        wire_id,
        ..item.clone()
    })
}

pub(super) fn update(conn: &Connection, item: &Item) -> Result<bool, StoreError> {
    let fault = fault::by_id("item", item.id.0);
    let mut statement = conn.prepare_cached(UPDATE).map_err(&fault)?;
    let updated = statement.execute(params![
        rows::id_bytes(item.id.0),
        rows::id_bytes(item.tenant.0),
        item.state.word(),
        item.vendor_ref,
        item.expires_at.map(|at| at.0),
        item.detail.to_string(),
    ]);
    Ok(updated.map_err(&fault)? == 1)
}

pub(super) fn by_id(conn: &Connection, owner: TenantId, id: ItemId) -> Result<Option<Item>, StoreError> {
    let (owner, id) = (rows::id_bytes(owner.0), rows::id_bytes(id.0));
    Ok(select(conn, ITEM, &[&owner, &id])?.pop())
}

pub(super) fn by_wire_id(
    conn: &Connection,
    owner: TenantId,
    wire_id: i64,
) -> Result<Option<Item>, StoreError> {
    Ok(select(conn, BY_WIRE_ID, &[&rows::id_bytes(owner.0), &wire_id])?.pop())
}

pub(super) fn list(
    conn: &Connection,
    owner: TenantId,
    kind: ItemKind,
    skip: usize,
    limit: usize,
) -> Result<Vec<Item>, StoreError> {
    let (owner, limit) = (rows::id_bytes(owner.0), rows::bound(limit.min(PAGE_MOST)));
    select(conn, LIST, &[&owner, &kind.word(), &limit, &rows::bound(skip)])
}

fn select(conn: &Connection, sql: &str, params: &[&dyn ToSql]) -> Result<Vec<Item>, StoreError> {
    let fault = fault::of("an item");
    let mut statement = conn.prepare_cached(sql).map_err(&fault)?;
    let mut found = statement.query(params).map_err(&fault)?;
    let mut items = Vec::new();
    while let Some(row) = found.next().map_err(&fault)? {
        items.push(item_of(row)?);
    }
    Ok(items)
}

fn item_of(row: &Row<'_>) -> Result<Item, StoreError> {
    let wire_id: i64 = row.get(1).map_err(fault::of("an item"))?;
    let what = format!("item {wire_id}");
    let fault = fault::of(&what);
    let id: Vec<u8> = row.get(0).map_err(&fault)?;
    let tenant: Vec<u8> = row.get(2).map_err(&fault)?;
    let kind: String = row.get(3).map_err(&fault)?;
    let task: Option<Vec<u8>> = row.get(6).map_err(&fault)?;
    let state: String = row.get(7).map_err(&fault)?;
    let detail: String = row.get(10).map_err(&fault)?;
    Ok(Item {
        id: ItemId(rows::id_of(&id)?),
        wire_id,
        tenant: TenantId(rows::id_of(&tenant)?),
        kind: rows::word_of(&kind, "kind of item", ItemKind::parse)?,
        account: row.get(4).map_err(&fault)?,
        vendor_ref: row.get(5).map_err(&fault)?,
        task: task.map(|task| rows::id_of(&task).map(TaskId)).transpose()?,
        state: rows::word_of(&state, "state of item", ItemState::parse)?,
        created_at: Millis(row.get(8).map_err(&fault)?),
        expires_at: row.get::<_, Option<i64>>(9).map_err(&fault)?.map(Millis),
        detail: serde_json::from_str(&detail)
            .map_err(|error| StoreError::Corrupt(format!("{what}: {error}")))?,
    })
}
