//! Accounts that were enrolled while the gateway runs.

use domain::Millis;
use domain::account::{Duty, Enrolled};
use domain::ids::AccountId;
use domain::store::StoreError;
use rusqlite::{Connection, params};

use crate::sqlite::cells;
use crate::{nouns, rows, sql};

const WHAT: &str = "an account";
/// The account of a task that is in flight.
const ACCOUNT: &str = "json_extract(course, '$.state.account')";

pub(super) fn enrol(conn: &Connection, account: &Enrolled) -> Result<(), StoreError> {
    let sealed = account.sealed.as_ref();
    let params = params![
        rows::id_bytes(account.id.0),
        account.name,
        account.provider,
        account.duty.word(),
        account.login.map(domain::credentials::LoginKind::word),
        rows::terms_text(&account.terms)?,
        account.created_at.0,
        account.changed_at.0,
        sealed.map(|sealed| &sealed.master),
        sealed.map(|sealed| &sealed.bytes),
    ];
    if cells::run(conn, WHAT, sql::ENROL, params)? == 0 {
        return Err(StoreError::Taken(account.name.clone()));
    }
    Ok(())
}

pub(super) fn all(conn: &Connection) -> Result<Vec<Enrolled>, StoreError> {
    cells::all(conn, WHAT, sql::ENROLLED, [], nouns::enrolled_of)
}

pub(super) fn set_duty(conn: &Connection, id: AccountId, duty: Duty, at: Millis) -> Result<bool, StoreError> {
    let id = rows::id_bytes(id.0);
    let changed = match duty {
        Duty::Removed => cells::run(conn, WHAT, sql::REMOVE_ACCOUNT, params![at.0, id])?,
        duty => cells::run(conn, WHAT, sql::SET_DUTY, params![duty.word(), at.0, id])?,
    };
    Ok(changed == 1)
}

pub(super) fn is_in_use(conn: &Connection, name: &str) -> Result<bool, StoreError> {
    let sql = sql::IS_IN_USE.replace("{account}", ACCOUNT);
    let found = cells::one(conn, WHAT, &sql, [name], |row| row.number(0))?;
    Ok(found == Some(1))
}
