//! Reads a new-api database (SQLite) by its documented tables: `users`, `tokens`, `channels`, `options`,
//! `tasks`. Columns that an older one does not have are read as empty. Nothing is written to it, and what
//! becomes of it is decided elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, bail};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, Row};
use secrecy::SecretString;

/// Most rows of one table that are read.
const ROWS_MAX: usize = 1_000_000;
/// Before the text of every token, as clients send it; the table keeps what follows.
const TOKEN_PREFIX: &str = "sk-";

/// Everything that is brought over.
pub struct Source {
    /// Who pays there.
    pub users: Vec<User>,
    /// What clients show there.
    pub tokens: Vec<Token>,
    /// Logins at vendors.
    pub channels: Vec<Channel>,
    /// Settings by name.
    pub options: BTreeMap<String, String>,
    /// Tasks that are not at their end.
    pub open_tasks: i64,
}

/// A row of `users`.
#[derive(Debug)]
pub struct User {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) is_enabled: bool,
    pub(super) quota: i64,
    pub(super) group: String,
}

/// A row of `tokens`.
#[derive(Debug)]
pub struct Token {
    pub(super) id: i64,
    pub(super) user: i64,
    pub(super) text: SecretString,
    pub(super) status: i64,
    pub(super) name: String,
    pub(super) expires: i64,
    pub(super) remaining: i64,
    pub(super) is_unlimited: bool,
    pub(super) narrows_models: bool,
    pub(super) models: Vec<String>,
    pub(super) networks: Vec<String>,
    pub(super) group: String,
}

/// A row of `channels`.
#[derive(Debug)]
pub struct Channel {
    pub(super) id: i64,
    pub(super) kind: i64,
    pub(super) secrets: Vec<SecretString>,
    pub(super) is_enabled: bool,
    pub(super) name: String,
    pub(super) weight: i64,
    pub(super) priority: i64,
    pub(super) base_url: String,
    pub(super) models: Vec<String>,
    pub(super) mapping: String,
}

/// Reads a database.
///
/// # Errors
/// One sentence with the cure when it is none of new-api's, or cannot be read.
pub fn read(path: &Path) -> anyhow::Result<Source> {
    let shown = path.display();
    if !path.is_file() {
        bail!("there is no database at `{shown}`; name new-api's SQLite file, such as `one-api.db`");
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags);
    let conn = conn.with_context(|| format!("`{shown}` cannot be opened"))?;
    let source = || -> anyhow::Result<Source> {
        Ok(Source {
            users: rows(
                &conn,
                "users",
                &["id", "username", "status", "quota", "group", "deleted_at"],
                user,
            )?,
            tokens: rows(&conn, "tokens", TOKEN, token)?,
            channels: rows(&conn, "channels", CHANNEL, channel)?,
            options: options(&conn)?,
            open_tasks: open_tasks(&conn)?,
        })
    };
    source().with_context(|| format!("`{shown}` is not read as a database of new-api"))
}

const TOKEN: &[&str] = &[
    "id",
    "user_id",
    "key",
    "status",
    "name",
    "expired_time",
    "remain_quota",
    "unlimited_quota",
    "model_limits_enabled",
    "model_limits",
    "allow_ips",
    "group",
    "deleted_at",
];

const CHANNEL: &[&str] = &[
    "id",
    "type",
    "key",
    "status",
    "name",
    "weight",
    "priority",
    "base_url",
    "models",
    "model_mapping",
];

fn user(row: &Row<'_>) -> rusqlite::Result<Option<User>> {
    let deleted = text(row, 5)?;
    let user = User {
        id: number(row, 0)?,
        name: text(row, 1)?,
        is_enabled: number(row, 2)? == 1,
        quota: number(row, 3)?,
        group: text(row, 4)?,
    };
    Ok(deleted.is_empty().then_some(user))
}

fn token(row: &Row<'_>) -> rusqlite::Result<Option<Token>> {
    let deleted = text(row, 12)?;
    let key = text(row, 2)?;
    let key = key.trim();
    let token = Token {
        id: number(row, 0)?,
        user: number(row, 1)?,
        text: match key.starts_with(TOKEN_PREFIX) {
            true => SecretString::from(key),
            false => SecretString::from(format!("{TOKEN_PREFIX}{key}")),
        },
        status: number(row, 3)?,
        name: text(row, 4)?,
        expires: number(row, 5)?,
        remaining: number(row, 6)?,
        is_unlimited: number(row, 7)? != 0,
        narrows_models: number(row, 8)? != 0,
        models: parts(&text(row, 9)?, &[',']),
        networks: parts(&text(row, 10)?, &['\n', ',']),
        group: text(row, 11)?,
    };
    Ok(deleted.is_empty().then_some(token))
}

fn channel(row: &Row<'_>) -> rusqlite::Result<Option<Channel>> {
    let secrets = parts(&text(row, 2)?, &['\n']).into_iter();
    Ok(Some(Channel {
        id: number(row, 0)?,
        kind: number(row, 1)?,
        secrets: secrets.map(SecretString::from).collect(),
        is_enabled: number(row, 3)? == 1,
        name: text(row, 4)?,
        weight: number(row, 5)?,
        priority: number(row, 6)?,
        base_url: text(row, 7)?,
        models: parts(&text(row, 8)?, &[',']),
        mapping: text(row, 9)?,
    }))
}

fn options(conn: &Connection) -> anyhow::Result<BTreeMap<String, String>> {
    let pair = |row: &Row<'_>| Ok(Some((text(row, 0)?, text(row, 1)?)));
    Ok(rows(conn, "options", &["key", "value"], pair)?
        .into_iter()
        .collect())
}

fn open_tasks(conn: &Connection) -> anyhow::Result<i64> {
    if !columns(conn, "tasks")?.contains("status") {
        return Ok(0);
    }
    let sql = "SELECT count(*) FROM tasks WHERE upper(status) NOT IN ('SUCCESS', 'FAILURE')";
    conn.query_row(sql, [], |row| row.get(0))
        .context("table `tasks` cannot be read")
}

/// The rows of a table in the order of their ids; columns that it does not have are null.
fn rows<T>(
    conn: &Connection,
    table: &str,
    wanted: &[&str],
    read: fn(&Row<'_>) -> rusqlite::Result<Option<T>>,
) -> anyhow::Result<Vec<T>> {
    let known = columns(conn, table)?;
    let unreadable = || format!("table `{table}` cannot be read");
    if !known.contains(wanted[0]) {
        bail!("there is no table `{table}` with a column `{}`", wanted[0]);
    }
    let selected: Vec<String> = wanted
        .iter()
        .map(|name| match known.contains(*name) {
            true => format!("\"{name}\""),
            false => "NULL".to_owned(),
        })
        .collect();
    let sql = format!("SELECT {} FROM \"{table}\" ORDER BY 1", selected.join(", "));
    let mut statement = conn.prepare(&sql).with_context(unreadable)?;
    let mut found = statement.query([]).with_context(unreadable)?;
    let mut rows = Vec::new();
    while let Some(row) = found.next().with_context(unreadable)? {
        if rows.len() == ROWS_MAX {
            bail!("table `{table}` has more than {ROWS_MAX} rows");
        }
        rows.extend(read(row).with_context(unreadable)?);
    }
    Ok(rows)
}

fn columns(conn: &Connection, table: &str) -> anyhow::Result<BTreeSet<String>> {
    let mut statement = conn.prepare("SELECT name FROM pragma_table_info(?1)")?;
    let names = statement.query_map([table], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// A number, however the table keeps it; nothing is 0.
fn number(row: &Row<'_>, at: usize) -> rusqlite::Result<i64> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a quota that was kept as a real is whole"
    )]
    Ok(match row.get_ref(at)? {
        ValueRef::Integer(number) => number,
        ValueRef::Real(number) => number as i64,
        ValueRef::Text(text) => {
            let text = String::from_utf8_lossy(text);
            text.trim().parse().unwrap_or(i64::from(text.trim() == "true"))
        }
        ValueRef::Null | ValueRef::Blob(_) => 0,
    })
}

/// A text, however the table keeps it; nothing is empty.
fn text(row: &Row<'_>, at: usize) -> rusqlite::Result<String> {
    Ok(match row.get_ref(at)? {
        ValueRef::Text(text) | ValueRef::Blob(text) => String::from_utf8_lossy(text).into_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Null => String::new(),
    })
}

fn parts(text: &str, separators: &[char]) -> Vec<String> {
    let parts = text.split(separators).map(str::trim);
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}
