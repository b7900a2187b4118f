//! Reads results by their shapes. Every link becomes a file that is offered, every vendor's id a place for ours.
//! What is told beside files is in the words of the legacy calls ([`domain::findings`]); what there may be is in
//! `shapes.rs`.

use domain::item::ItemKind;
use domain::provider::{Output, OutputSource};
use domain::{Ask, Findings, MediaFacts, MediaKind};
use serde_json::{Map, Value, json};

use super::answer::{ID_BYTES_MAX, exactly, text_of};
use super::shapes::{Field, Part, Shape, Told};

/// The longest link, in bytes.
const LINK_BYTES_MAX: usize = 8 * 1024;
/// The most files of one task, marked copies not counted.
const FILES_MAX: usize = 16;
/// The most entries of one list that are read.
const ENTRIES_MAX: usize = 100;

/// What was read.
pub(super) struct Reading {
    /// The files in the vendor's order, then the marked copies.
    pub(super) files: Vec<Output>,
    /// How many of the files are results.
    pub(super) results: usize,
    /// What is told beside them.
    pub(super) findings: Option<Box<Findings>>,
}

/// Reads a result. `value` is null where the vendor gave none, which is its word too.
///
/// # Errors
/// Why it cannot be read: then nothing of it is believed.
pub(super) fn read(shape: &Shape, value: &Value, ask: &Ask) -> Result<Reading, String> {
    let mut reader = Reader {
        ask,
        files: Vec::new(),
        copies: Vec::new(),
        item: None,
        has_unreadable: false,
    };
    let told = match value {
        Value::Null => Map::new(),
        Value::Object(map) => reader.object(shape.fields, map)?,
        _ => return Err(unreadable()),
    };
    if reader.files.is_empty() && reader.has_unreadable {
        return Err("no file of the task can be read".to_owned());
    }
    let has_result = !told.is_empty();
    if has_result && ask.operation.makes().is_some() && reader.item.is_none() {
        return Err("the result of the task does not name what was made".to_owned());
    }
    let is_told = match shape.told {
        Told::No => false,
        Told::Yes => has_result,
        Told::AsSeries => told.contains_key("series_images"),
        Told::Nothing => true,
    };
    let findings = is_told.then(|| {
        Box::new(Findings {
            told: if told.is_empty() {
                Value::Null
            } else {
                Value::Object(told)
            },
            memory: Value::Null,
            vendor_ref: reader.item,
        })
    });
    let results = reader.files.len();
    let mut files = reader.files;
    files.extend(reader.copies.into_iter().filter(|_| ask.marked_copy));
    Ok(Reading {
        files,
        results,
        findings,
    })
}

struct Reader<'a> {
    ask: &'a Ask,
    files: Vec<Output>,
    copies: Vec<Output>,
    item: Option<String>,
    has_unreadable: bool,
}

impl Reader<'_> {
    fn object(&mut self, fields: &[Field], map: &Map<String, Value>) -> Result<Map<String, Value>, String> {
        let first = self.files.len();
        let (mut told, mut has_copy, mut id) = (Map::new(), None, None);
        for Field { name, part } in fields {
            let Some(value) = map.get(*name).filter(|value| !value.is_null()) else {
                self.has_unreadable |= matches!(part, Part::File(..));
                continue;
            };
            let kept = match part {
                Part::Plain => plain(value),
                Part::Data => Some(without_links(value)),
                Part::File(kind, length) => {
                    let duration_ms = length_ms(map, length);
                    let place = self.file(*kind, value, duration_ms);
                    self.has_unreadable |= place.is_none();
                    place
                }
                Part::Perhaps(kind) if is_link(value) => self.file(*kind, value, None),
                Part::Perhaps(_) => None,
                Part::MarkedCopy => {
                    has_copy = link(value);
                    None
                }
                Part::FileId => {
                    id = name_of(value);
                    None
                }
                Part::ItemText => self.item(value).then(|| json!({ "item": "text" })),
                Part::ItemNumber => self.item(value).then(|| json!({ "item": "number" })),
                Part::Voice => self.voice(),
                Part::Object(fields) => match value {
                    Value::Object(map) => Some(Value::Object(self.object(fields, map)?)),
                    _ => return Err(unreadable()),
                },
                Part::List(fields) => Some(self.list(fields, value)?),
            };
            if let Some(kept) = kept {
                told.insert((*name).to_owned(), kept);
            }
        }
        if self.files.len() > first {
            if let Some(id) = id {
                told.insert("id".to_owned(), json!({ "artifact": first }));
                for file in &mut self.files[first..] {
                    file.vendor_ref = Some(id.clone());
                }
            }
            if let Some(link) = has_copy {
                self.copies.push(copy(&self.files[first], first, link));
            }
        }
        Ok(told)
    }

    fn list(&mut self, fields: &[Field], value: &Value) -> Result<Value, String> {
        let Value::Array(entries) = value else {
            return Err(unreadable());
        };
        let mut told = Vec::new();
        for entry in entries.iter().take(ENTRIES_MAX) {
            match entry {
                Value::Object(map) => told.push(Value::Object(self.object(fields, map)?)),
                _ => self.has_unreadable = true,
            }
        }
        Ok(Value::Array(told))
    }

    /// A file that is offered, as its place.
    fn file(&mut self, kind: MediaKind, value: &Value, duration_ms: Option<u64>) -> Option<Value> {
        let url = link(value).filter(|_| self.files.len() < FILES_MAX)?;
        let place = json!({ "file": self.files.len() });
        self.files.push(Output {
            kind,
            source: OutputSource::Link(url),
            facts: MediaFacts {
                duration_ms,
                ..MediaFacts::default()
            },
            vendor_ref: None,
            marked_copy_of: None,
        });
        Some(place)
    }

    /// The vendor's name of what was made; the first counts.
    fn item(&mut self, value: &Value) -> bool {
        let name = name_of(value);
        let is_named = name.is_some();
        self.item = self.item.take().or(name);
        is_named
    }

    /// The voice as the client named it; another voice of the vendor's is of no use to the client.
    fn voice(&self) -> Option<Value> {
        let mut mentions = self.ask.mentions.iter();
        let voice = mentions.find(|mention| mention.kind == ItemKind::Voice)?;
        Some(Value::String(voice.name.clone()))
    }
}

fn unreadable() -> String {
    "the result of the task cannot be read".to_owned()
}

fn plain(value: &Value) -> Option<Value> {
    let is_plain = value.is_string() || value.is_number() || value.is_boolean();
    (is_plain && !is_link(value)).then(|| value.clone())
}

fn without_links(value: &Value) -> Value {
    match value {
        Value::Array(list) => list.iter().map(without_links).collect(),
        Value::Object(map) => {
            let pairs = map.iter().filter(|(_, value)| !is_link(value));
            let pairs = pairs.map(|(name, value)| (name.clone(), without_links(value)));
            Value::Object(pairs.collect())
        }
        value if is_link(value) => Value::Null,
        plain => plain.clone(),
    }
}

fn is_link(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.contains("://"))
}

fn link(value: &Value) -> Option<String> {
    let text = value.as_str()?.trim();
    (!text.is_empty() && text.len() <= LINK_BYTES_MAX).then(|| text.to_owned())
}

fn length_ms(map: &Map<String, Value>, name: &str) -> Option<u64> {
    let text = map.get(name).and_then(text_of)?;
    exactly(&text, 1_000).filter(|duration| *duration > 0)
}

fn name_of(value: &Value) -> Option<String> {
    text_of(value).filter(|name| name.len() <= ID_BYTES_MAX && !name.chars().any(char::is_control))
}

fn copy(of: &Output, place: usize, url: String) -> Output {
    Output {
        kind: of.kind,
        source: OutputSource::Link(url),
        facts: of.facts,
        vendor_ref: of.vendor_ref.clone(),
        marked_copy_of: u32::try_from(place).ok(),
    }
}
