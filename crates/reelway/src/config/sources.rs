//! Where configuration comes from: defaults, file, environment, command line, each later one winning.
//! Every value keeps its origin, so that a fault names the line to mend. What values mean is not here.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use toml::Value;
use toml::de::{DeTable, DeValue};

use crate::config::environment::Environment;

/// The file that holds every key, its default and its reason.
pub const DEFAULTS: &str = include_str!("../config.default.toml");
/// The file that is read from the working directory when none is named.
pub const USUAL_FILE: &str = "reelway.toml";
/// How alike a known key must be (1: the same) to be offered for an unknown one.
const ALIKE_LEAST: f64 = 0.55;

/// What the command line says of the configuration.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// `--config FILE`.
    pub config: Option<PathBuf>,
    /// `--data-dir DIR`.
    pub data_dir: Option<PathBuf>,
    /// `--listen ADDR`.
    pub listen: Option<String>,
}

/// Why the configuration cannot be used: one plain sentence with the cure.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Fault(pub String);

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// `config.default.toml`.
    Default,
    /// The configuration file, at this line.
    File(PathBuf, usize),
    /// This environment variable.
    Variable(String),
    /// This option of the command line.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => f.write_str("default"),
            Origin::File(path, line) => write!(f, "{} line {line}", path.display()),
            Origin::Variable(name) => f.write_str(name),
            Origin::Flag(name) => f.write_str(name),
        }
    }
}

/// One `[[account]]` of the file, as written. Its `Debug` shows no values: some are secrets.
#[derive(Clone)]
pub struct AccountTable {
    /// Where it begins.
    pub origin: Origin,
    /// Its keys, with the line of each.
    pub values: Vec<(String, Value, usize)>,
}

impl fmt::Debug for AccountTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "account ({})", self.origin)
    }
}

/// Every key with the value in force and its origin.
#[derive(Debug, Clone)]
pub struct Sources {
    values: BTreeMap<String, (Value, Origin)>,
    /// Declared accounts, in the file's order.
    pub accounts: Vec<AccountTable>,
    /// For `env:` references in secrets.
    pub environment: Environment,
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Environment")
    }
}

impl Sources {
    /// Gathers all sources in their order.
    ///
    /// # Errors
    /// A [`Fault`] for a file that cannot be read, an unknown key, or a value of the wrong kind.
    pub fn gather(flags: &Flags, environment: &Environment) -> Result<Sources, Fault> {
        let mut sources = Sources::defaults(environment)?;
        if let Some((path, text)) = read_file(flags.config.as_deref())? {
            sources.overlay_file(&path, &text)?;
        }
        if let Some(value) = environment.get("REELWAY_DATA_DIR") {
            let origin = Origin::Variable("REELWAY_DATA_DIR".to_owned());
            sources.set("data_dir", Value::String(value.to_owned()), origin)?;
        }
        for (name, value) in environment.configuration() {
            sources.overlay_variable(name, value)?;
        }
        if let Some(path) = &flags.data_dir {
            let value = Value::String(path.to_string_lossy().into_owned());
            sources.set("data_dir", value, Origin::Flag("--data-dir"))?;
        }
        if let Some(listen) = &flags.listen {
            let value = Value::String(listen.clone());
            sources.set("server.listen", value, Origin::Flag("--listen"))?;
        }
        Ok(sources)
    }

    fn defaults(environment: &Environment) -> Result<Sources, Fault> {
        let table: toml::Table = DEFAULTS
            .parse()
            .map_err(|error| Fault(format!("the built-in defaults cannot be read: {error}")))?;
        let mut values = BTreeMap::new();
        for (section, value) in table {
            match value {
                Value::Table(keys) => {
                    for (key, value) in keys {
                        values.insert(format!("{section}.{key}"), (value, Origin::Default));
                    }
                }
                value => {
                    values.insert(section, (value, Origin::Default));
                }
            }
        }
        Ok(Sources {
            values,
            accounts: Vec::new(),
            environment: environment.clone(),
        })
    }

    fn overlay_file(&mut self, path: &Path, text: &str) -> Result<(), Fault> {
        let shown = path.display();
        let table = DeTable::parse(text).map_err(|error| {
            let line = error.span().map_or(1, |span| line_at(text, span.start));
            Fault(format!(
                "`{shown}` line {line} is no TOML: {}",
                error.message().trim()
            ))
        })?;
        for (key, value) in table.into_inner() {
            let name = key.get_ref().to_string();
            let line = line_at(text, key.span().start);
            match value.into_inner() {
                DeValue::Array(tables) if name == "account" => {
                    for table in tables {
                        let line = line_at(text, table.span().start);
                        let origin = Origin::File(path.to_owned(), line);
                        let account = account_table(table.into_inner(), origin, text)?;
                        self.accounts.push(account);
                    }
                }
                DeValue::Table(keys) => {
                    for (inner, value) in keys {
                        let full = format!("{name}.{}", inner.get_ref());
                        let origin = Origin::File(path.to_owned(), line_at(text, inner.span().start));
                        let value = leaf(value.into_inner(), &full, &origin)?;
                        self.set(&full, value, origin)?;
                    }
                }
                value => {
                    let origin = Origin::File(path.to_owned(), line);
                    let value = leaf(value, &name, &origin)?;
                    self.set(&name, value, origin)?;
                }
            }
        }
        Ok(())
    }

    fn overlay_variable(&mut self, name: &str, text: &str) -> Result<(), Fault> {
        let path = name.trim_start_matches("REELWAY_").to_ascii_lowercase();
        let path = path.replace("__", ".");
        let origin = Origin::Variable(name.to_owned());
        let value = match self.values.get(&path) {
            Some((Value::Integer(_), _)) => match text.trim().parse() {
                Ok(whole) => Value::Integer(whole),
                Err(_) => return Err(wrong_kind(&path, &origin, "a whole number")),
            },
            Some((Value::Boolean(_), _)) => match text.trim() {
                "true" => Value::Boolean(true),
                "false" => Value::Boolean(false),
                _ => return Err(wrong_kind(&path, &origin, "`true` or `false`")),
            },
            Some((Value::Array(_), _)) => {
                let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
                Value::Array(entries.map(|entry| Value::String(entry.to_owned())).collect())
            }
            _ => Value::String(text.to_owned()),
        };
        self.set(&path, value, origin)
    }

    fn set(&mut self, path: &str, value: Value, origin: Origin) -> Result<(), Fault> {
        let Some((known, _)) = self.values.get(path) else {
            let keys = self.values.keys().map(String::as_str).chain(["account"]);
            return Err(unknown_key(path, &origin, keys));
        };
        if !known.same_type(&value) {
            return Err(wrong_kind(path, &origin, kind(known)));
        }
        self.values.insert(path.to_owned(), (value, origin));
        Ok(())
    }

    /// Every key with its value and origin, in order.
    pub fn all(&self) -> impl Iterator<Item = (&str, &Value, &Origin)> {
        self.values
            .iter()
            .map(|(key, (value, origin))| (key.as_str(), value, origin))
    }

    /// A fault of one key's value, which names where the value stands.
    #[must_use]
    pub fn fault(&self, key: &str, message: &str) -> Fault {
        let origin = self.values.get(key).map(|(_, origin)| origin);
        match origin {
            None | Some(Origin::Default) => Fault(format!("`{key}` {message}")),
            Some(origin) => Fault(format!("`{key}` {message} ({origin})")),
        }
    }

    /// A string.
    ///
    /// # Errors
    /// A [`Fault`] when the key holds something else.
    pub fn text(&self, key: &str) -> Result<&str, Fault> {
        let value = self.values.get(key).and_then(|(value, _)| value.as_str());
        value.ok_or_else(|| self.fault(key, "must be a string"))
    }

    /// Yes or no.
    ///
    /// # Errors
    /// A [`Fault`] when the key holds something else.
    pub fn flag(&self, key: &str) -> Result<bool, Fault> {
        let value = self.values.get(key).and_then(|(value, _)| value.as_bool());
        value.ok_or_else(|| self.fault(key, "must be `true` or `false`"))
    }

    /// A list of strings.
    ///
    /// # Errors
    /// A [`Fault`] when the key holds something else.
    pub fn list(&self, key: &str) -> Result<Vec<String>, Fault> {
        let value = self.values.get(key).and_then(|(value, _)| value.as_array());
        let entries = value.and_then(|list| {
            let entries = list.iter().map(|entry| entry.as_str().map(str::to_owned));
            entries.collect()
        });
        entries.ok_or_else(|| self.fault(key, "must be a list of strings"))
    }

    /// A whole number within bounds.
    ///
    /// # Errors
    /// A [`Fault`] when it is none or out of bounds.
    pub fn whole(&self, key: &str, least: u64, most: u64) -> Result<u64, Fault> {
        let value = self.values.get(key).and_then(|(value, _)| value.as_integer());
        let whole = value.and_then(|value| u64::try_from(value).ok());
        let whole = whole.filter(|whole| (least..=most).contains(whole));
        whole.ok_or_else(|| self.fault(key, &format!("must be a whole number from {least} to {most}")))
    }

    /// A length of time.
    ///
    /// # Errors
    /// A [`Fault`] when it is written in another way.
    pub fn time(&self, key: &str) -> Result<Duration, Fault> {
        let text = self.text(key)?;
        let cure = "must be a length of time, such as `90s`, `30m`, `24h` or `30d`";
        humantime::parse_duration(text).map_err(|_| self.fault(key, &format!("is `{text}` and {cure}")))
    }

    /// A size in bytes.
    ///
    /// # Errors
    /// A [`Fault`] when it is written in another way.
    pub fn size(&self, key: &str) -> Result<u64, Fault> {
        let text = self.text(key)?;
        let size: Result<bytesize::ByteSize, _> = text.parse();
        let cure = "must be a size, such as `64MiB`";
        size.map(|size| size.as_u64())
            .map_err(|_| self.fault(key, &format!("is `{text}` and {cure}")))
    }
}

/// The refusal of a key that does not exist, with the nearest that does.
pub(crate) fn unknown_key<'a>(path: &str, origin: &Origin, known: impl Iterator<Item = &'a str>) -> Fault {
    let cure = match nearest(path, known) {
        Some(key) => format!("did you mean `{key}`?"),
        None => "`reelway config show` lists all keys".to_owned(),
    };
    Fault(format!("there is no key `{path}` ({origin}); {cure}"))
}

/// The known word that is most like an unknown one; none where none is alike.
pub(crate) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let scored = known.map(|key| (strsim::jaro_winkler(word, key), key));
    let best = scored.max_by(|left, right| left.0.total_cmp(&right.0));
    best.filter(|(alike, _)| *alike >= ALIKE_LEAST)
        .map(|(_, key)| key)
}

fn wrong_kind(path: &str, origin: &Origin, wanted: &str) -> Fault {
    Fault(format!("`{path}` must be {wanted} ({origin})"))
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a string in quotes",
        Value::Integer(_) => "a whole number",
        Value::Float(_) => "a number",
        Value::Boolean(_) => "`true` or `false`",
        Value::Datetime(_) => "a date",
        Value::Array(_) => "a list",
        Value::Table(_) => "a section",
    }
}

fn leaf(value: DeValue<'_>, path: &str, origin: &Origin) -> Result<Value, Fault> {
    match value {
        DeValue::String(text) => Ok(Value::String(text.into_owned())),
        DeValue::Boolean(flag) => Ok(Value::Boolean(flag)),
        DeValue::Integer(integer) => {
            let whole = i64::from_str_radix(integer.as_str(), integer.radix());
            whole
                .map(Value::Integer)
                .map_err(|_| wrong_kind(path, origin, "a whole number of at most 64 bits"))
        }
        DeValue::Array(list) => {
            let values = list
                .into_iter()
                .map(|value| leaf(value.into_inner(), path, origin));
            Ok(Value::Array(values.collect::<Result<_, _>>()?))
        }
        DeValue::Float(_) | DeValue::Datetime(_) | DeValue::Table(_) => Err(wrong_kind(
            path,
            origin,
            "a string, a whole number, a boolean or a list",
        )),
    }
}

fn account_table(value: DeValue<'_>, origin: Origin, text: &str) -> Result<AccountTable, Fault> {
    let DeValue::Table(keys) = value else {
        return Err(wrong_kind("account", &origin, "a table, written `[[account]]`"));
    };
    let mut values = Vec::new();
    for (key, value) in keys {
        let line = line_at(text, key.span().start);
        let name = key.get_ref().to_string();
        let value = leaf(value.into_inner(), &format!("account.{name}"), &origin)?;
        values.push((name, value, line));
    }
    Ok(AccountTable { origin, values })
}

fn read_file(named: Option<&Path>) -> Result<Option<(PathBuf, String)>, Fault> {
    let path = named.unwrap_or(Path::new(USUAL_FILE));
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some((path.to_owned(), text))),
        Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Fault(format!(
            "the configuration file `{}` cannot be read: {error}",
            path.display()
        ))),
    }
}

/// The line, from 1, that a byte of a text stands in.
pub(crate) fn line_at(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().get(..offset).unwrap_or_default();
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}
