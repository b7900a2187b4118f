//! From JSON to fields, in two ways that come to the same: a short body as a whole, a long one as a
//! stream that holds no string of it. What is taken out of the fields is the shelf's business.

use std::io::{self, Read};
use std::mem::size_of;

use domain::fields::{Field, Object};
use domain::{Refusal, RefusalKind};
use struson::reader::{JsonReader as _, JsonStreamReader, ReaderError, ReaderSettings, ValueType};

use crate::front::media::{NAME_BYTES_MAX, Shelf, Stop, TEXT_BYTES_MAX, broken};

/// How deep values may be nested: what `serde_json` follows before it gives up.
const NESTING_MAX: u32 = 127;
/// Most values in one long body.
const VALUES_MAX: usize = 100_000;
/// Most memory that the fields of one long body take.
const KEPT_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Most bytes of a number in a long body.
const NUMBER_BYTES_MAX: usize = 1_024;
/// The longest spelling of one byte: an escape.
const ESCAPE_BYTES: usize = 6;
/// What the reader takes in ahead of what it hands out.
const AHEAD_BYTES: usize = 1_024;

/// The fields of an object.
type Pairs = Vec<(String, Field)>;

/// Reads a body that is in memory.
///
/// # Errors
/// A refusal when it is no JSON object or does not fit on the shelf.
pub(super) fn whole(body: &[u8], shelf: &mut Shelf<'_>) -> Result<Pairs, Refusal> {
    let field: Field = serde_json::from_slice(body).map_err(|error| {
        let text = error.to_string();
        if text.contains("recursion limit") {
            return nested();
        }
        malformed(&text)
    })?;
    let Field::Map(mut pairs) = field else {
        return Err(no_object());
    };
    shelve_pairs(&mut pairs, shelf, &mut Vec::new())?;
    Ok(pairs)
}

/// The nesting is bounded by the JSON reader's own limit.
fn shelve_pairs<'a>(
    pairs: &'a mut [(String, Field)],
    shelf: &mut Shelf<'_>,
    names: &mut Vec<&'a str>,
) -> Result<(), Refusal> {
    for (name, field) in pairs {
        if name.len() > NAME_BYTES_MAX {
            return Err(long_name());
        }
        names.push(name.as_str());
        shelve(field, shelf, names)?;
        names.pop();
    }
    Ok(())
}

fn shelve<'a>(field: &'a mut Field, shelf: &mut Shelf<'_>, names: &mut Vec<&'a str>) -> Result<(), Refusal> {
    match field {
        Field::List(list) => list.iter_mut().try_for_each(|field| shelve(field, shelf, names)),
        Field::Map(pairs) => shelve_pairs(pairs, shelf, names),
        Field::Text(text) => {
            *field = shelf.text(std::mem::take(text), names)?;
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Reads a body as a stream.
///
/// # Errors
/// A refusal when it is no JSON object, or has more in it than a body may.
pub(super) fn streamed(body: Box<dyn Read + Send>, shelf: &mut Shelf<'_>) -> Result<Pairs, Refusal> {
    let settings = ReaderSettings {
        track_path: false,
        max_nesting_depth: Some(NESTING_MAX),
        restrict_number_values: false,
        ..ReaderSettings::default()
    };
    let leash = Leash {
        source: body,
        left: usize::MAX,
        failure: None,
    };
    let mut walk = Walk {
        reader: JsonStreamReader::new_custom(leash, settings),
        shelf,
        names: Vec::new(),
        values: 0,
        kept_bytes: 0,
    };
    let Field::Map(pairs) = walk.value()? else {
        return Err(no_object());
    };
    let Walk { mut reader, .. } = walk;
    let broke = reader.reader_mut().failure.take();
    match (reader.consume_trailing_whitespace(), broke) {
        (Ok(()), _) => Ok(pairs),
        (Err(_), Some(error)) => Err(broken(&error)),
        (Err(error), None) => Err(malformed(&told(&error))),
    }
}

/// What a body is read through. It breaks off where a name or a number has grown too long, because the
/// reader would hold all of it, and remembers when the file itself failed.
struct Leash {
    source: Box<dyn Read + Send>,
    left: usize,
    failure: Option<io::Error>,
}

impl Read for Leash {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::ErrorKind::QuotaExceeded.into());
        }
        let wanted = buffer.len().min(self.left);
        match self.source.read(&mut buffer[..wanted]) {
            Ok(read) => {
                if self.left < usize::MAX {
                    self.left -= read;
                }
                Ok(read)
            }
            Err(error) => {
                let kind = error.kind();
                self.failure = Some(error);
                Err(kind.into())
            }
        }
    }
}

/// One way through a long body.
struct Walk<'a, 'b> {
    reader: JsonStreamReader<Leash>,
    shelf: &'a mut Shelf<'b>,
    names: Vec<String>,
    values: usize,
    kept_bytes: usize,
}

impl Walk<'_, '_> {
    /// The next value. The depth of this is bounded by the reader's own limit.
    fn value(&mut self) -> Result<Field, Refusal> {
        self.values += 1;
        if self.values > VALUES_MAX {
            let message = format!("the body has more than {VALUES_MAX} values");
            return Err(Refusal::new(RefusalKind::TooLarge, message));
        }
        self.keep(size_of::<(String, Field)>())?;
        match self.reader.peek().map_err(|error| self.refusal(&error))? {
            ValueType::Null => {
                let null = self.reader.next_null();
                null.map_err(|error| self.refusal(&error))?;
                Ok(Field::Null)
            }
            ValueType::Boolean => {
                let flag = self.reader.next_bool();
                flag.map(Field::Bool).map_err(|error| self.refusal(&error))
            }
            ValueType::Number => self.number(),
            ValueType::String => self.string(),
            ValueType::Array => self.list(),
            ValueType::Object => self.object(),
        }
    }

    fn number(&mut self) -> Result<Field, Refusal> {
        self.reader.reader_mut().left = NUMBER_BYTES_MAX + AHEAD_BYTES;
        let number = self.reader.next_number_as_string();
        let number = number.map_err(|error| {
            if self.reader.reader_mut().left == 0 {
                return malformed(&format!("a number of more than {NUMBER_BYTES_MAX} digits"));
            }
            self.refusal(&error)
        })?;
        self.reader.reader_mut().left = usize::MAX;
        self.keep(number.len())?;
        let number = serde_json::from_str::<serde_json::Number>(&number);
        number
            .map(Field::Number)
            .map_err(|error| malformed(&error.to_string()))
    }

    fn string(&mut self) -> Result<Field, Refusal> {
        let taken = {
            let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
            let source = self.reader.next_string_reader();
            source.map(|mut source| self.shelf.string(&mut source, &names))
        };
        match taken.map_err(|error| self.refusal(&error))? {
            Ok(field) => {
                if let Field::Text(text) = &field {
                    self.keep(text.len())?;
                }
                Ok(field)
            }
            Err(Stop::Refused(refusal)) => Err(refusal),
            Err(Stop::Source(error)) => Err(match self.reader.reader_mut().failure.take() {
                Some(error) => broken(&error),
                None => malformed(&error.to_string()),
            }),
        }
    }

    fn list(&mut self) -> Result<Field, Refusal> {
        self.reader.begin_array().map_err(|error| self.refusal(&error))?;
        let mut list = Vec::new();
        while self.reader.has_next().map_err(|error| self.refusal(&error))? {
            list.push(self.value()?);
        }
        self.reader.end_array().map_err(|error| self.refusal(&error))?;
        Ok(Field::List(list))
    }

    fn object(&mut self) -> Result<Field, Refusal> {
        self.reader.begin_object().map_err(|error| self.refusal(&error))?;
        let mut object = Object::default();
        while self.reader.has_next().map_err(|error| self.refusal(&error))? {
            let name = self.name()?;
            self.keep(2 * name.len())?;
            self.names.push(name.clone());
            let field = self.value()?;
            self.names.pop();
            object.put(name, field);
        }
        self.reader.end_object().map_err(|error| self.refusal(&error))?;
        Ok(Field::Map(object.end()))
    }

    fn name(&mut self) -> Result<String, Refusal> {
        self.reader.reader_mut().left = NAME_BYTES_MAX * ESCAPE_BYTES + AHEAD_BYTES;
        let name = self.reader.next_name_owned();
        let name = name.map_err(|error| {
            if self.reader.reader_mut().left == 0 {
                return long_name();
            }
            self.refusal(&error)
        })?;
        self.reader.reader_mut().left = usize::MAX;
        if name.len() > NAME_BYTES_MAX {
            return Err(long_name());
        }
        Ok(name)
    }

    fn keep(&mut self, bytes: usize) -> Result<(), Refusal> {
        self.kept_bytes += bytes;
        if self.kept_bytes > KEPT_BYTES_MAX {
            let limit = bytesize::ByteSize(KEPT_BYTES_MAX as u64);
            let message = format!(
                "the fields of the body take more than {limit}, strings of more than {TEXT_BYTES_MAX} bytes left out"
            );
            return Err(Refusal::new(RefusalKind::TooLarge, message));
        }
        Ok(())
    }

    fn refusal(&mut self, error: &ReaderError) -> Refusal {
        if let Some(failure) = self.reader.reader_mut().failure.take() {
            return broken(&failure);
        }
        match error {
            ReaderError::MaxNestingDepthExceeded { .. } => nested(),
            error => malformed(&told(error)),
        }
    }
}

/// A reader's error in few words.
fn told(error: &ReaderError) -> String {
    let ReaderError::SyntaxError(error) = error else {
        return error.to_string();
    };
    match error.location.line_pos {
        Some(place) => format!(
            "{} at line {} column {}",
            error.kind,
            place.line + 1,
            place.column + 1
        ),
        None => error.kind.to_string(),
    }
}

fn nested() -> Refusal {
    let message = format!("the body is nested deeper than {NESTING_MAX} levels");
    Refusal::new(RefusalKind::Malformed, message)
}

fn no_object() -> Refusal {
    Refusal::new(RefusalKind::Malformed, "the body must be a JSON object")
}

fn long_name() -> Refusal {
    let message = format!("the body has a name of more than {NAME_BYTES_MAX} bytes");
    Refusal::new(RefusalKind::Malformed, message)
}

fn malformed(text: &str) -> Refusal {
    Refusal::new(
        RefusalKind::Malformed,
        format!("the body is no JSON that can be read: {text}"),
    )
}
