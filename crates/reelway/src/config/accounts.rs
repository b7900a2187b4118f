//! Declared upstream logins: the `[[account]]` tables of the file, with the line of every key. What an
//! account may be is in `crate::accounts`; what a provider is and does lives in `providers`.

use toml::Value;

use crate::accounts::secrets::{self, Secrets};
use crate::accounts::{Declared, EMBEDDED, Flaw, Wish};
use crate::config::Environment;
use crate::config::sources::{AccountTable, Fault, Origin, Sources, unknown_key};
use crate::transport::guard::Rules;

/// Every key of an `[[account]]` table.
const KEYS: [&str; 12] = [
    "name",
    "provider",
    "base_url",
    "api_key",
    "access_key",
    "secret_key",
    "callback_secret",
    "models",
    "slots",
    "weight",
    "priority",
    "requests_per_second",
];
/// Keys whose values are secrets.
pub const SECRET_KEYS: [&str; 4] = secrets::FIELDS;

/// One declared login.
#[derive(Debug, Clone)]
pub struct AccountEntry {
    /// What was declared; secrets may be references.
    pub declared: Declared,
    /// Where it stands.
    table: AccountTable,
}

impl AccountEntry {
    /// The secrets, references followed.
    ///
    /// # Errors
    /// A [`Fault`] that names the line of the reference that leads nowhere.
    pub fn secrets(&self, environment: &Environment) -> Result<Secrets, Fault> {
        let followed = self.declared.secrets.follow(environment);
        followed.map_err(|flaw| fault(&self.table, &flaw))
    }

    /// A fault of the account as a whole, which names its line.
    #[must_use]
    pub fn fault(&self, message: &str) -> Fault {
        at(&self.table, "name", message)
    }
}

/// Reads and checks every declared account.
///
/// # Errors
/// A [`Fault`] that names line, key and cure.
pub fn read(sources: &Sources, rules: &Rules) -> Result<Vec<AccountEntry>, Fault> {
    let mut entries: Vec<AccountEntry> = Vec::new();
    for table in &sources.accounts {
        let declared = entry(table, rules)?;
        let known = entries.iter().map(|entry| &entry.declared);
        if known.clone().any(|known| known.name == declared.name) {
            let message = format!("there are two accounts named `{}`", declared.name);
            return Err(at(table, "name", &message));
        }
        let embedded = |declared: &Declared| declared.provider.name == EMBEDDED;
        if embedded(&declared) && known.clone().any(embedded) {
            let message = "there is one embedded renderer, so it has one account; remove this one";
            return Err(Fault(format!("{message} ({})", table.origin)));
        }
        entries.push(AccountEntry {
            declared,
            table: table.clone(),
        });
    }
    Ok(entries)
}

fn entry(table: &AccountTable, rules: &Rules) -> Result<Declared, Fault> {
    for (key, _, _) in &table.values {
        if !KEYS.contains(&key.as_str()) {
            let known = KEYS.map(|key| format!("account.{key}"));
            let known = known.iter().map(String::as_str);
            return Err(unknown_key(&format!("account.{key}"), &origin(table, key), known));
        }
    }
    let mut secrets = Secrets::default();
    for key in SECRET_KEYS {
        if let Some(field) = secrets.field_mut(key) {
            *field = text(table, key)?.map(Into::into);
        }
    }
    let wish = Wish {
        name: required(table, "name")?,
        provider: required(table, "provider")?,
        base_url: text(table, "base_url")?,
        secrets,
        models: list(table, "models")?,
        slots: whole(table, "slots")?,
        weight: whole(table, "weight")?,
        priority: whole(table, "priority")?,
        requests_per_second: whole(table, "requests_per_second")?,
    };
    wish.check(rules).map_err(|flaw| fault(table, &flaw))
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
            key,
            &format!("`account.{key}` must be a string that is not empty"),
        )),
    }
}

fn required(table: &AccountTable, key: &str) -> Result<String, Fault> {
    text(table, key)?.ok_or_else(|| at(table, key, &format!("the account needs a `{key}`")))
}

fn whole(table: &AccountTable, key: &str) -> Result<Option<i64>, Fault> {
    match find(table, key) {
        None => Ok(None),
        Some(Value::Integer(whole)) => Ok(Some(*whole)),
        Some(_) => Err(at(table, key, &format!("`account.{key}` must be a whole number"))),
    }
}

fn list(table: &AccountTable, key: &str) -> Result<Vec<String>, Fault> {
    let wrong = || at(table, key, &format!("`account.{key}` must be a list of strings"));
    match find(table, key) {
        None => Ok(Vec::new()),
        Some(Value::Array(values)) => {
            let texts = values.iter().map(|value| value.as_str().map(str::to_owned));
            texts.collect::<Option<Vec<_>>>().ok_or_else(wrong)
        }
        Some(_) => Err(wrong()),
    }
}

fn fault(table: &AccountTable, flaw: &Flaw) -> Fault {
    at(table, flaw.field, &flaw.message)
}

/// A fault at the line of a key, or of the table where the key is not in it.
fn at(table: &AccountTable, key: &str, message: &str) -> Fault {
    let name = find(table, "name").and_then(Value::as_str);
    let of = name.map(|name| format!("account `{name}`: ")).unwrap_or_default();
    Fault(format!("{of}{message} ({})", origin(table, key)))
}

fn origin(table: &AccountTable, key: &str) -> Origin {
    let line = table.values.iter().find(|(known, _, _)| known == key);
    match (&table.origin, line) {
        (Origin::File(path, _), Some((_, _, line))) => Origin::File(path.clone(), *line),
        (origin, _) => origin.clone(),
    }
}
