//! Declared upstream logins: their shape and their secrets' references. What a provider is and does
//! lives in `providers`.

use std::fmt;

use toml::Value;

use crate::config::sources::{AccountTable, Fault, Origin, Sources, unknown_key};

/// Every key of an `[[account]]` table.
const KEYS: [&str; 10] = [
    "name",
    "provider",
    "base_url",
    "api_key",
    "access_key",
    "secret_key",
    "models",
    "slots",
    "weight",
    "priority",
];
/// Keys whose values are secrets.
pub const SECRET_KEYS: [&str; 3] = ["api_key", "access_key", "secret_key"];
/// The only provider of this version; it needs no account.
const EMBEDDED: &str = "animatic";
/// Most concurrent tasks of one account.
const SLOTS_MAX: i64 = 1_024;

/// One declared login.
#[derive(Clone)]
pub struct AccountEntry {
    /// The operator's name for it, unique.
    pub name: String,
    /// The provider's name.
    pub provider: String,
    /// Models it serves; empty: all that the provider lists.
    pub models: Vec<String>,
    /// Concurrent tasks; none: the provider's default.
    pub slots: Option<u32>,
}

impl fmt::Debug for AccountEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "account `{}` at `{}`", self.name, self.provider)
    }
}

/// Reads and checks every declared account.
///
/// # Errors
/// A [`Fault`] that names line, key and cure.
pub fn read(sources: &Sources) -> Result<Vec<AccountEntry>, Fault> {
    let mut entries: Vec<AccountEntry> = Vec::new();
    for table in &sources.accounts {
        let entry = entry(table)?;
        if entries.iter().any(|known| known.name == entry.name) {
            return Err(at(
                table,
                &format!("there are two accounts named `{}`", entry.name),
            ));
        }
        if entry.provider != EMBEDDED {
            return Err(at(
                table,
                &format!(
                    "account `{}` names the provider `{}`, and this version has no such provider yet; \
                     remove the account",
                    entry.name, entry.provider
                ),
            ));
        }
        if !entries.is_empty() {
            return Err(at(
                table,
                "there is one embedded renderer, so it has one account; remove this one",
            ));
        }
        entries.push(entry);
    }
    Ok(entries)
}

fn entry(table: &AccountTable) -> Result<AccountEntry, Fault> {
    for (key, _, line) in &table.values {
        if !KEYS.contains(&key.as_str()) {
            let origin = match &table.origin {
                Origin::File(path, _) => Origin::File(path.clone(), *line),
                origin => origin.clone(),
            };
            let known = KEYS.map(|key| format!("account.{key}"));
            let known = known.iter().map(String::as_str);
            return Err(unknown_key(&format!("account.{key}"), &origin, known));
        }
    }
    for key in ["base_url"].into_iter().chain(SECRET_KEYS) {
        text(table, key)?;
    }
    for key in ["weight", "priority"] {
        whole(table, key)?;
    }
    let slots = whole(table, "slots")?;
    if slots.is_some_and(|slots| !(1..=SLOTS_MAX).contains(&slots)) {
        return Err(at(
            table,
            &format!("`account.slots` must be from 1 to {SLOTS_MAX}"),
        ));
    }
    Ok(AccountEntry {
        name: required(table, "name")?,
        provider: required(table, "provider")?,
        models: list(table, "models")?,
        slots: slots.and_then(|slots| u32::try_from(slots).ok()),
    })
}

fn find<'a>(table: &'a AccountTable, key: &str) -> Option<&'a Value> {
    let row = table.values.iter().find(|(known, _, _)| known == key);
    row.map(|(_, value, _)| value)
}

fn text(table: &AccountTable, key: &str) -> Result<Option<String>, Fault> {
    match find(table, key) {
        None => Ok(None),
        Some(Value::String(text)) if !text.trim().is_empty() => Ok(Some(text.clone())),
        Some(_) => Err(at(
            table,
            &format!("`account.{key}` must be a string that is not empty"),
        )),
    }
}

fn required(table: &AccountTable, key: &str) -> Result<String, Fault> {
    text(table, key)?.ok_or_else(|| at(table, &format!("the account needs a `{key}`")))
}

fn whole(table: &AccountTable, key: &str) -> Result<Option<i64>, Fault> {
    match find(table, key) {
        None => Ok(None),
        Some(Value::Integer(whole)) => Ok(Some(*whole)),
        Some(_) => Err(at(table, &format!("`account.{key}` must be a whole number"))),
    }
}

fn list(table: &AccountTable, key: &str) -> Result<Vec<String>, Fault> {
    let wrong = || at(table, &format!("`account.{key}` must be a list of strings"));
    match find(table, key) {
        None => Ok(Vec::new()),
        Some(Value::Array(values)) => {
            let texts = values.iter().map(|value| value.as_str().map(str::to_owned));
            texts.collect::<Option<Vec<_>>>().ok_or_else(wrong)
        }
        Some(_) => Err(wrong()),
    }
}

fn at(table: &AccountTable, message: &str) -> Fault {
    Fault(format!("{message} ({})", table.origin))
}
