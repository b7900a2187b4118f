//! Items: voices, elements, sessions, uploads.

use domain::ids::{ItemId, TenantId};
use domain::item::{Item, ItemKind};
use domain::store::StoreError;
use rusqlite::{Connection, params};

use crate::sqlite::cells;
use crate::{nouns, rows, sql};

const WHAT: &str = "an item";

pub(super) fn create(conn: &Connection, item: &Item) -> Result<Item, StoreError> {
    let params = params![
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
    ];
    let wire_id = cells::one(conn, WHAT, sql::CREATE_ITEM, params, |row| row.number(0))?;
    let wire_id = wire_id.ok_or_else(|| StoreError::Taken(item.id.0.hex()))?;
    Ok(Item {
        wire_id,
        ..item.clone()
    })
}

pub(super) fn update(conn: &Connection, item: &Item) -> Result<bool, StoreError> {
    let params = params![
        item.state.word(),
        item.vendor_ref,
        item.expires_at.map(|at| at.0),
        item.detail.to_string(),
        rows::id_bytes(item.id.0),
        rows::id_bytes(item.tenant.0),
    ];
    Ok(cells::run(conn, WHAT, sql::UPDATE_ITEM, params)? == 1)
}

pub(super) fn by_id(conn: &Connection, owner: TenantId, id: ItemId) -> Result<Option<Item>, StoreError> {
    let params = params![rows::id_bytes(owner.0), rows::id_bytes(id.0)];
    cells::one(conn, WHAT, sql::ITEM, params, nouns::item_of)
}

pub(super) fn by_wire_id(
    conn: &Connection,
    owner: TenantId,
    wire_id: i64,
) -> Result<Option<Item>, StoreError> {
    let params = params![rows::id_bytes(owner.0), wire_id];
    cells::one(conn, WHAT, sql::ITEM_BY_WIRE_ID, params, nouns::item_of)
}

pub(super) fn list(
    conn: &Connection,
    owner: TenantId,
    kind: ItemKind,
    skip: usize,
    limit: usize,
) -> Result<Vec<Item>, StoreError> {
    let (limit, skip) = (rows::bound(limit.min(rows::PAGE_MOST)), rows::bound(skip));
    let params = params![rows::id_bytes(owner.0), kind.word(), limit, skip];
    cells::all(conn, WHAT, sql::ITEMS, params, nouns::item_of)
}
