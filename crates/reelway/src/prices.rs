//! The price book as operators write it, in TOML or JSON: read, checked, and told where it is wrong. Which
//! book is in force is the engine's business, how books come here is in `admin/prices.rs` and
//! `cli/prices.rs`.

use std::collections::HashMap;
use std::fmt;

use domain::price::{Multiplier, Multipliers, PRICE_MAX, PriceRow};
use domain::{Micros, Millis, Operation, PriceBook};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use toml::de::{DeTable, DeValue};

use crate::config::sources::{line_at, nearest};

/// The built-in book: in force while no other was loaded.
pub const BUILT_IN: &str = include_str!("prices.default.toml");
/// Longest text of a book, in bytes.
pub const TEXT_MAX_BYTES: usize = 4 * 1024 * 1024;
/// Most rows of a book.
const ROWS_MAX: usize = 2_000;
/// Most groups of a book.
const GROUPS_MAX: usize = 1_000;
/// Longest name of an edition, a model, a mode or a group, in characters.
const NAME_CHARS_MAX: usize = 128;
/// Most faults that are told at once.
const FAULTS_MAX: usize = 50;
/// Most of the vendor's units in one of ours, in thousandths.
const UNITS_MILLI_MAX: u64 = 1_000_000_000;

/// How a book is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As in `prices.default.toml`.
    Toml,
    /// The same keys as an object.
    Json,
}

/// Something about a book, at a line where there are lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// The line of the text, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// One plain sentence.
    pub message: String,
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// A book that was read and found in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The book.
    pub book: PriceBook,
    /// From when on, where it says so.
    pub effective_at: Option<Millis>,
    /// Where each row stands.
    lines: Vec<Option<usize>>,
}

/// What a key of a row holds.
enum Kind {
    /// A name.
    Name,
    /// Yes or no.
    Flag,
    /// A whole number from one to another.
    Whole(u64, u64),
    /// One of these words.
    Word(&'static [&'static str]),
    /// A kind of work.
    Work,
}

/// The keys of a book.
const KEYS: [&str; 4] = ["version", "effective_at", "multipliers", "rows"];
/// The keys of `multipliers`.
const MULTIPLIER_KEYS: [&str; 1] = ["groups"];
/// Lengths in seconds: a day and no more.
const SECONDS_MAX: u64 = 86_400;
/// The keys of a row.
const ROW_KEYS: [(&str, Kind); 15] = [
    ("model", Kind::Name),
    ("operation", Kind::Work),
    ("mode", Kind::Name),
    ("resolution", Kind::Word(&["720p", "1080p", "4k"])),
    ("sound", Kind::Flag),
    ("seconds", Kind::Whole(0, SECONDS_MAX)),
    ("seconds_min", Kind::Whole(0, SECONDS_MAX)),
    ("seconds_max", Kind::Whole(0, SECONDS_MAX)),
    ("count", Kind::Whole(1, 1_000)),
    ("video_input", Kind::Flag),
    ("picture_input", Kind::Flag),
    ("voice", Kind::Flag),
    (
        "unit",
        Kind::Word(&["second", "clip", "image", "call", "5_seconds"]),
    ),
    ("price_micros", Kind::Whole(0, PRICE_MAX.0.unsigned_abs())),
    ("units_milli", Kind::Whole(0, UNITS_MILLI_MAX)),
];
/// The keys without which there is no row.
const NEEDED: [&str; 3] = ["model", "unit", "price_micros"];

impl Draft {
    /// The models of the book that nobody serves, each at its first row.
    #[must_use]
    pub fn unserved(&self, serves: &dyn Fn(&str) -> bool) -> Vec<Remark> {
        let models = self.book.models().into_iter().filter(|model| !serves(model));
        let remark = |model: &str| {
            let place = self.book.rows.iter().position(|row| row.model == model);
            Remark {
                line: place.and_then(|place| self.lines.get(place).copied().flatten()),
                message: format!("model `{model}` is sold, and no provider or account serves it"),
            }
        };
        models.map(remark).collect()
    }
}

/// Reads and checks a book.
///
/// # Errors
/// Everything that is wrong with it, in the order of the text.
pub fn read(text: &str, form: Form) -> Result<Draft, Vec<Remark>> {
    let mut reader = Reader::default();
    let tree = match form {
        Form::Toml => reader.toml(text),
        Form::Json => json(text),
    };
    let Value::Object(top) = tree.map_err(|fault| vec![fault])? else {
        let message = "a price book is an object with `version` and `rows`".to_owned();
        return Err(vec![Remark { line: None, message }]);
    };
    let draft = reader.book(&top);
    match draft {
        Some(draft) if reader.faults.is_empty() => Ok(draft),
        _ => {
            reader.faults.sort_by_key(|fault| fault.line);
            reader.faults.truncate(FAULTS_MAX);
            Err(reader.faults)
        }
    }
}

/// The built-in book.
///
/// # Errors
/// What is wrong with it.
pub fn built_in() -> Result<PriceBook, String> {
    let draft = read(BUILT_IN, Form::Toml);
    draft.map(|draft| draft.book).map_err(|faults| {
        faults
            .iter()
            .map(Remark::to_string)
            .collect::<Vec<_>>()
            .join("; ")
    })
}

/// Reads a moment in RFC 3339.
///
/// # Errors
/// One plain sentence.
pub fn moment(text: &str) -> Result<Millis, String> {
    let read: Result<jiff::Timestamp, _> = text.trim().parse();
    let read = read.map(|moment| Millis(moment.as_millisecond()));
    read.map_err(|_| format!("`{text}` is no moment, written as `2027-01-01T00:00:00Z`"))
}

fn json(text: &str) -> Result<Value, Remark> {
    serde_json::from_str(text).map_err(|error| Remark {
        line: Some(error.line()),
        message: format!("it is no JSON: {error}"),
    })
}

/// What is being read: where things stand, and what was found wrong so far.
#[derive(Default)]
struct Reader {
    lines: HashMap<String, usize>,
    faults: Vec<Remark>,
}

impl Reader {
    fn toml(&mut self, text: &str) -> Result<Value, Remark> {
        let table = DeTable::parse(text).map_err(|error| Remark {
            line: error.span().map(|span| line_at(text, span.start)),
            message: format!("it is no TOML: {}", error.message().trim()),
        })?;
        self.tree(DeValue::Table(table.into_inner()), "", text)
    }

    /// A value of TOML as one of JSON; where its parts stand is noted.
    fn tree(&mut self, value: DeValue<'_>, path: &str, text: &str) -> Result<Value, Remark> {
        Ok(match value {
            DeValue::String(string) => Value::String(string.into_owned()),
            DeValue::Boolean(flag) => Value::Bool(flag),
            DeValue::Datetime(moment) => Value::String(moment.to_string()),
            DeValue::Integer(whole) => match i64::from_str_radix(whole.as_str(), whole.radix()) {
                Ok(whole) => Value::from(whole),
                Err(_) => return Err(self.fault(path, "is no whole number of 64 bits")),
            },
            DeValue::Float(number) => {
                let number = number.as_str().parse().ok();
                number
                    .and_then(serde_json::Number::from_f64)
                    .map_or(Value::Null, Value::Number)
            }
            DeValue::Array(list) => {
                let mut values = Vec::with_capacity(list.len());
                for (place, entry) in list.into_iter().enumerate() {
                    let path = under(path, &place.to_string());
                    self.lines.insert(path.clone(), line_at(text, entry.span().start));
                    values.push(self.tree(entry.into_inner(), &path, text)?);
                }
                Value::Array(values)
            }
            DeValue::Table(table) => {
                let mut values = Map::new();
                for (key, value) in table {
                    let path = under(path, key.get_ref());
                    self.lines.insert(path.clone(), line_at(text, key.span().start));
                    let value = self.tree(value.into_inner(), &path, text)?;
                    values.insert(key.get_ref().to_string(), value);
                }
                Value::Object(values)
            }
        })
    }

    /// A fault of the value at a path. Rows are named by their number, from 1, where there are no lines.
    fn fault(&self, path: &str, message: &str) -> Remark {
        let parents = path.rmatch_indices('.').map(|(end, _)| &path[..end]);
        let mut places = std::iter::once(path).chain(parents);
        let line = places.find_map(|place| self.lines.get(place).copied());
        let mut parts = path.split('.');
        let name = match (
            parts.next(),
            parts.next().and_then(|place| place.parse::<usize>().ok()),
        ) {
            (Some("rows"), Some(place)) => match parts.next() {
                Some(key) => format!("`{key}` of row {}", place + 1),
                None => format!("row {}", place + 1),
            },
            _ => format!("`{path}`"),
        };
        Remark {
            line,
            message: format!("{name} {message}"),
        }
    }

    fn say(&mut self, path: &str, message: &str) {
        let fault = self.fault(path, message);
        self.faults.push(fault);
    }

    fn unknown<'a>(
        &mut self,
        path: &str,
        table: &Map<String, Value>,
        known: impl Iterator<Item = &'a str> + Clone,
    ) {
        for key in table
            .keys()
            .filter(|key| !known.clone().any(|other| other == *key))
        {
            let cure = match nearest(key, known.clone()) {
                Some(other) => format!("is unknown; did you mean `{other}`?"),
                None => {
                    let all: Vec<String> = known.clone().map(|other| format!("`{other}`")).collect();
                    format!("is unknown; there are {}", all.join(", "))
                }
            };
            self.say(&under(path, key), &cure);
        }
    }

    fn book(&mut self, top: &Map<String, Value>) -> Option<Draft> {
        self.unknown("", top, KEYS.into_iter());
        let version = self.version(top.get("version"));
        let effective_at = match top.get("effective_at") {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => match moment(text) {
                Ok(moment) => Some(moment),
                Err(why) => {
                    self.say("effective_at", &format!("cannot be read: {why}"));
                    None
                }
            },
            Some(_) => {
                self.say("effective_at", "must be a moment, such as `2027-01-01T00:00:00Z`");
                None
            }
        };
        let multipliers = self.multipliers(top.get("multipliers"));
        let (rows, lines) = self.rows(top.get("rows"));
        let book = PriceBook {
            version: version?,
            multipliers,
            rows,
        };
        if self.faults.is_empty() {
            for place in book.unreached() {
                let row = &book.rows[place];
                let why = format!(
                    "(`{}`) is never reached: the rows before it take every wish that it fits, or it fits none",
                    row.model
                );
                self.say(&format!("rows.{place}"), &why);
            }
        }
        Some(Draft {
            book,
            effective_at,
            lines,
        })
    }

    fn version(&mut self, value: Option<&Value>) -> Option<String> {
        let name = value.and_then(Value::as_str);
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let good = name.filter(|name| {
            (1..=NAME_CHARS_MAX).contains(&name.len()) && name.bytes().all(is_plain) && !name.starts_with('.')
        });
        if good.is_none() {
            let why = "must name the edition: letters, digits, `.`, `_` and `-`, at most 128 of them";
            self.say("version", why);
        }
        good.map(str::to_owned)
    }

    fn multipliers(&mut self, value: Option<&Value>) -> Multipliers {
        let mut multipliers = Multipliers::default();
        let table = match value {
            None | Some(Value::Null) => return multipliers,
            Some(Value::Object(table)) => table,
            Some(_) => {
                self.say("multipliers", "must be a table");
                return multipliers;
            }
        };
        self.unknown("multipliers", table, MULTIPLIER_KEYS.into_iter());
        let groups = match table.get("groups") {
            None => return multipliers,
            Some(Value::Object(groups)) if groups.len() <= GROUPS_MAX => groups,
            Some(_) => {
                let why = format!("must be a table of at most {GROUPS_MAX} groups");
                self.say("multipliers.groups", &why);
                return multipliers;
            }
        };
        for (group, value) in groups {
            let said = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let read: Result<Multiplier, _> = match value {
                Value::String(text) => text.parse(),
                _ => "".parse(),
            };
            let is_name = !group.is_empty() && group.chars().count() <= NAME_CHARS_MAX;
            match read {
                Ok(multiplier) if is_name => drop(multipliers.groups.insert(group.clone(), multiplier)),
                _ => {
                    let why = format!(
                        "is `{said}` and must be a decimal number from `0` to `1000` in quotes, under a name of 1 \
                         to {NAME_CHARS_MAX} characters"
                    );
                    self.say(&format!("multipliers.groups.{group}"), &why);
                }
            }
        }
        multipliers
    }

    fn rows(&mut self, value: Option<&Value>) -> (Vec<PriceRow>, Vec<Option<usize>>) {
        let list = match value {
            Some(Value::Array(list)) if (1..=ROWS_MAX).contains(&list.len()) => list,
            _ => {
                let why = format!("must be a list of 1 to {ROWS_MAX} rows");
                self.say("rows", &why);
                return (Vec::new(), Vec::new());
            }
        };
        let (mut rows, mut lines) = (Vec::new(), Vec::new());
        for (place, value) in list.iter().enumerate() {
            let path = format!("rows.{place}");
            let before = self.faults.len();
            self.row(&path, value);
            if self.faults.len() > before {
                continue;
            }
            match serde_json::from_value::<PriceRow>(value.clone()) {
                Ok(row) => {
                    debug_assert!(row.price_micros >= Micros::ZERO, "the key was checked");
                    rows.push(row);
                    lines.push(self.lines.get(&path).copied());
                }
                Err(error) => self.say(&path, &format!("cannot be read: {error}")),
            }
        }
        (rows, lines)
    }

    fn row(&mut self, path: &str, value: &Value) {
        let Value::Object(row) = value else {
            return self.say(path, "must be a table");
        };
        self.unknown(path, row, ROW_KEYS.iter().map(|(key, _)| *key));
        for (key, kind) in &ROW_KEYS {
            match row.get(*key) {
                Some(value) => {
                    if let Some(allowed) = misfit(kind, value) {
                        let said = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                        let said: String = said.chars().take(NAME_CHARS_MAX).collect();
                        self.say(&under(path, key), &format!("is `{said}` and must be {allowed}"));
                    }
                }
                None if NEEDED.contains(key) => self.say(path, &format!("needs `{key}`")),
                None => {}
            }
        }
    }
}

fn under(path: &str, key: &str) -> String {
    if path.is_empty() {
        return key.to_owned();
    }
    format!("{path}.{key}")
}

/// What a value would have to be; none where it fits.
fn misfit(kind: &Kind, value: &Value) -> Option<String> {
    let ticked = |words: &mut dyn Iterator<Item = &str>| {
        let words: Vec<String> = words.map(|word| format!("`{word}`")).collect();
        format!("one of {}", words.join(", "))
    };
    match kind {
        Kind::Name => {
            let fits = |name: &str| (1..=NAME_CHARS_MAX).contains(&name.chars().count());
            (!value.as_str().is_some_and(fits)).then(|| format!("a name of 1 to {NAME_CHARS_MAX} characters"))
        }
        Kind::Flag => (!value.is_boolean()).then(|| "`true` or `false`".to_owned()),
        Kind::Whole(least, most) => {
            let fits = value
                .as_u64()
                .is_some_and(|whole| (*least..=*most).contains(&whole));
            (!fits).then(|| format!("a whole number from {least} to {most}"))
        }
        Kind::Word(words) => {
            let fits = value.as_str().is_some_and(|word| words.contains(&word));
            (!fits).then(|| ticked(&mut words.iter().copied()))
        }
        Kind::Work => {
            let fits = value.as_str().and_then(Operation::parse).is_some();
            (!fits).then(|| ticked(&mut Operation::ALL.iter().map(|(_, word)| *word)))
        }
    }
}
