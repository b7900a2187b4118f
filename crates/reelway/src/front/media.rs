//! What is taken out of a body: strings in media fields that are no links are Base64, which is decoded
//! and sniffed by its header; files and strings that are too long to hold are taken as they are. All
//! of it waits in the body's depot: refused requests leave nothing behind in the warehouse.

use std::collections::{BTreeSet, HashMap};
use std::io::{self, Read};
use std::ops::Range;

use domain::fields::{Field, Fields};
use domain::{BlobKey, ByteStream, MediaFacts, Refusal, RefusalKind, Staged};
use engine::sniff::{Unfit, sniff};
use sha2::{Digest as _, Sha256};

use crate::front::base64_text::{self, payload_start};
use crate::front::spool::{Closed, Depot};

/// The longest string that is kept in memory; a longer one is staged.
pub const TEXT_BYTES_MAX: usize = 32 * 1024;
/// The longest name of a field.
pub const NAME_BYTES_MAX: usize = 8 * 1024;
/// Most files and long strings in one body.
pub const PARTS_MAX: usize = 64;
/// Bytes that are hashed and written at once.
const HANDFUL_BYTES: usize = 64 * 1024;

/// Media that came inside a body: it waits in the spool, and is kept only once the request is taken.
pub struct Pending {
    /// The name that it will have.
    pub key: BlobKey,
    /// Its length.
    pub bytes: u64,
    depot: Closed,
    start: u64,
}

impl Pending {
    /// Its bytes.
    #[must_use]
    pub fn stream(&self) -> ByteStream {
        self.depot.stream(self.start..self.start + self.bytes)
    }
}

/// Why a value could not be taken.
pub(super) enum Stop {
    /// What it was read from failed, or is not what it should be.
    Source(io::Error),
    /// The client is to be told.
    Refused(Refusal),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Stop {
        Stop::Refused(refusal)
    }
}

/// Takes media and long strings out of one body.
pub(super) struct Shelf<'a> {
    /// Dotted paths of fields that carry media.
    paths: &'a [&'static str],
    depot: Depot,
    parts: HashMap<BlobKey, Range<u64>>,
    /// Pictures that are refused when their field is still there at the end.
    refused: HashMap<BlobKey, Refusal>,
    /// Long strings of media fields in the order of the body: how many there were, which of them are no
    /// Base64, and which were found to be none when the body was read before.
    long: usize,
    unreadable: BTreeSet<usize>,
    opaque: &'a BTreeSet<usize>,
    taken: usize,
}

impl<'a> Shelf<'a> {
    /// An empty shelf. `paths` are dotted paths of fields that carry media.
    pub(super) fn new(paths: &'a [&'static str], depot: Depot, opaque: &'a BTreeSet<usize>) -> Shelf<'a> {
        Shelf {
            paths,
            depot,
            parts: HashMap::new(),
            refused: HashMap::new(),
            long: 0,
            unreadable: BTreeSet::new(),
            opaque,
            taken: 0,
        }
    }

    /// Takes a string of any length, at a path of names.
    pub(super) fn string(&mut self, source: &mut dyn Read, names: &[&str]) -> Result<Field, Stop> {
        let mut head = Vec::new();
        let room = TEXT_BYTES_MAX as u64 + 1;
        source.take(room).read_to_end(&mut head).map_err(Stop::Source)?;
        if head.len() > TEXT_BYTES_MAX {
            return self.long_string(&head, source, names);
        }
        let text = String::from_utf8(head).map_err(|error| Stop::Source(io::Error::other(error)))?;
        Ok(self.text(text, names)?)
    }

    /// Takes a string that is in memory.
    pub(super) fn text(&mut self, text: String, names: &[&str]) -> Result<Field, Refusal> {
        if text.len() > TEXT_BYTES_MAX {
            let taken = self.string(&mut text.as_bytes(), names);
            return taken.map_err(|stop| match stop {
                Stop::Refused(refusal) => refusal,
                Stop::Source(error) => broken(&error),
            });
        }
        let Some(start) = self.payload(text.as_bytes(), names) else {
            return Ok(Field::Text(text));
        };
        let taken = self.picture(&mut base64_text::reader(&text.as_bytes()[start..]), names);
        match taken {
            Ok(Some(staged)) => Ok(Field::Staged(staged)),
            Ok(None) | Err(Stop::Source(_)) => Ok(Field::Text(text)),
            Err(Stop::Refused(refusal)) => Err(refusal),
        }
    }

    /// Takes a file.
    pub(super) fn file(&mut self, source: &mut dyn Read, names: &[&str]) -> Result<Field, Stop> {
        let taken = self.media(source, names)?;
        Ok(Field::Staged(taken))
    }

    /// The long strings of media fields that are no Base64. Where there are any, the body must be read
    /// once more, because what was read of them is gone.
    pub(super) fn unreadable(&self) -> &BTreeSet<usize> {
        &self.unreadable
    }

    /// The fields, and the media that is still named in them.
    pub(super) fn finish(
        self,
        pairs: Vec<(String, Field)>,
        close: impl FnOnce(Depot) -> Closed,
    ) -> Result<(Fields, Vec<Pending>), Refusal> {
        let mut named = Vec::new();
        pairs.iter().for_each(|(_, field)| staged_in(field, &mut named));
        if let Some(refusal) = named.iter().find_map(|key| self.refused.get(*key)) {
            return Err(refusal.clone());
        }
        let mut pending = Vec::new();
        if !named.is_empty() {
            let depot = close(self.depot);
            let mut seen = BTreeSet::new();
            for key in named.into_iter().filter(|key| seen.insert(*key)) {
                let part = self
                    .parts
                    .get(key)
                    .expect("what is staged in a field was written");
                pending.push(Pending {
                    key: key.clone(),
                    bytes: part.end - part.start,
                    depot: depot.clone(),
                    start: part.start,
                });
            }
        }
        Ok((Fields::new(pairs), pending))
    }

    /// Where Base64 starts in the beginning of a string, unless its field carries no media, or it is
    /// empty or a link.
    fn payload(&self, head: &[u8], names: &[&str]) -> Option<usize> {
        let named = |path: &&str| path.split('.').eq(names.iter().copied());
        if !self.paths.iter().any(named) {
            return None;
        }
        payload_start(head)
    }

    fn long_string(&mut self, head: &[u8], rest: &mut dyn Read, names: &[&str]) -> Result<Field, Stop> {
        let Some(start) = self.payload(head, names) else {
            return self.whole(&mut head.chain(rest)).map(Field::Staged);
        };
        let number = self.long;
        self.long += 1;
        if self.opaque.contains(&number) {
            return self.whole(&mut head.chain(rest)).map(Field::Staged);
        }
        let taken = {
            let payload = &mut (&head[start..]).chain(&mut *rest);
            self.picture(&mut base64_text::reader(payload), names)
        };
        match taken {
            Ok(Some(staged)) => Ok(Field::Staged(staged)),
            Err(Stop::Source(error)) if !base64_text::is_no_base64(&error) => Err(Stop::Source(error)),
            Err(Stop::Refused(refusal)) => Err(Stop::Refused(refusal)),
            Ok(None) | Err(Stop::Source(_)) => {
                self.unreadable.insert(number);
                io::copy(rest, &mut io::sink()).map_err(Stop::Source)?;
                Ok(Field::Null)
            }
        }
    }

    /// Takes decoded media; none when it is empty or breaks off, and then nothing of it stays.
    fn picture(&mut self, source: &mut dyn Read, names: &[&str]) -> Result<Option<Staged>, Stop> {
        let start = self.depot.bytes();
        match self.media(source, names) {
            Ok(staged) if staged.bytes > 0 => return Ok(Some(staged)),
            Ok(_) => {}
            Err(stop) => {
                self.depot.cut(start);
                self.taken -= 1;
                return Err(stop);
            }
        }
        self.taken -= 1;
        Ok(None)
    }

    /// Takes media and says what it is.
    fn media(&mut self, source: &mut dyn Read, names: &[&str]) -> Result<Staged, Stop> {
        let start = self.depot.bytes();
        let mut staged = self.whole(source)?;
        match sniff(self.depot.tail(start), staged.bytes) {
            Ok(sniffed) => {
                let is_known = sniffed.kind.is_some() && !sniffed.is_without_size();
                staged.content_type = sniffed.content_type.filter(|_| is_known).map(str::to_owned);
                staged.facts = sniffed.facts;
            }
            Err(Unfit::Io(error)) => return Err(broken(&error).into()),
            Err(unfit) => {
                let path = names.join(".");
                let refusal = Refusal::media(&path, format!("`{path}` {unfit}"));
                self.refused.insert(staged.blob.clone(), refusal);
            }
        }
        Ok(staged)
    }

    /// Takes bytes as they are, at the end of the depot.
    fn whole(&mut self, source: &mut dyn Read) -> Result<Staged, Stop> {
        self.taken += 1;
        if self.taken > PARTS_MAX {
            let message = format!("the body has more than {PARTS_MAX} files and long strings");
            return Err(Refusal::new(RefusalKind::TooLarge, message).into());
        }
        let start = self.depot.bytes();
        let mut hash = Sha256::new();
        let mut handful = vec![0; HANDFUL_BYTES];
        loop {
            let length = match source.read(&mut handful) {
                Ok(0) => break,
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Stop::Source(error)),
            };
            hash.update(&handful[..length]);
            let written = self.depot.write(&handful[..length]);
            written.map_err(|error| broken(&error))?;
        }
        let end = self.depot.bytes();
        let blob = BlobKey::from_sha256(hash.finalize().into());
        self.parts.insert(blob.clone(), start..end);
        Ok(Staged {
            blob,
            bytes: end - start,
            content_type: None,
            facts: MediaFacts::default(),
        })
    }
}

/// What a spool that fails comes to for the client; the cause is in the log.
pub(super) fn broken(error: &io::Error) -> Refusal {
    tracing::error!(%error, "front.spool_failed: a body could not be written or read");
    Refusal::new(
        RefusalKind::Unavailable,
        "the body cannot be taken in right now; nothing was accepted",
    )
}

/// The keys of media in a field, in the order of the body; the nesting was bounded when it was read.
fn staged_in<'a>(field: &'a Field, keys: &mut Vec<&'a BlobKey>) {
    match field {
        Field::Staged(staged) => keys.push(&staged.blob),
        Field::List(list) => list.iter().for_each(|field| staged_in(field, keys)),
        Field::Map(pairs) => pairs.iter().for_each(|(_, field)| staged_in(field, keys)),
        _ => {}
    }
}
