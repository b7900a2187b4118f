//! From a whole body, in memory or in the spool, to fields and the media that was in it.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Cursor, Read};
use std::sync::Arc;

use bytes::Bytes;
use domain::Refusal;
use domain::fields::Fields;
use tokio::sync::OwnedSemaphorePermit;

use crate::front::body::shrunk;
use crate::front::kind::Kind;
use crate::front::media::{Pending, Shelf, broken};
use crate::front::spool::{Depot, Spooled};
use crate::front::{form, json};

/// Most times that a body is read: once, and again when what should have been Base64 was none.
const PASSES: usize = 2;

/// A body that is to be decoded.
pub(super) struct Decoding {
    raw: Raw,
    kind: Kind,
    /// Dotted paths of fields that carry media.
    media: Vec<&'static str>,
}

enum Raw {
    Memory(Bytes),
    Files {
        body: Spooled,
        depot: Arc<File>,
        share: OwnedSemaphorePermit,
    },
}

impl Decoding {
    /// Of a short body.
    pub(super) fn of_memory(body: Bytes, kind: Kind, media: Vec<&'static str>) -> Decoding {
        Decoding {
            raw: Raw::Memory(body),
            kind,
            media,
        }
    }

    /// Of a long body. Its media goes to `depot`; `share` is what both count for in the budget.
    pub(super) fn of_files(
        body: Spooled,
        depot: File,
        share: OwnedSemaphorePermit,
        kind: Kind,
        media: Vec<&'static str>,
    ) -> Decoding {
        let raw = Raw::Files {
            body,
            depot: Arc::new(depot),
            share,
        };
        Decoding { raw, kind, media }
    }

    /// Whether [`Decoding::run`] neither blocks nor takes long.
    pub(super) fn is_quick(&self) -> bool {
        matches!(self.raw, Raw::Memory(_)) && !matches!(self.kind, Kind::Form { .. })
    }

    /// Decodes. Blocks; forms need a tokio runtime around.
    ///
    /// # Errors
    /// A refusal when the body is not formed as its kind says, or media in it cannot be used.
    pub(super) fn run(self) -> Result<(Fields, Vec<Pending>), Refusal> {
        let mut opaque = BTreeSet::new();
        for _ in 0..PASSES {
            let mut shelf = Shelf::new(&self.media, self.depot(), &opaque);
            let pairs = match (&self.raw, &self.kind) {
                (_, Kind::Form { boundary }) => form::read(self.reader(), boundary, &mut shelf)?,
                (Raw::Memory(body), kind) => {
                    kind.check(body)?;
                    json::whole(body, &mut shelf)?
                }
                (Raw::Files { .. }, kind) => {
                    kind.check_start(&mut self.reader())?;
                    json::streamed(self.reader(), &mut shelf)?
                }
            };
            let unreadable = shelf.unreadable().clone();
            if unreadable.is_empty() {
                let share = match self.raw {
                    Raw::Memory(_) => None,
                    Raw::Files { share, .. } => Some(share),
                };
                return shelf.finish(pairs, |depot| {
                    let share = share.map(|share| shrunk(share, depot.bytes()));
                    depot.close(share)
                });
            }
            drop(shelf);
            opaque = unreadable;
        }
        let error = std::io::Error::other("a body reads differently the second time");
        Err(broken(&error))
    }

    fn depot(&self) -> Depot {
        match &self.raw {
            Raw::Memory(_) => Depot::Memory(Vec::new()),
            Raw::Files { depot, .. } => Depot::File {
                file: Arc::clone(depot),
                bytes: 0,
            },
        }
    }

    fn reader(&self) -> Box<dyn Read + Send> {
        match &self.raw {
            Raw::Memory(body) => Box::new(Cursor::new(body.clone())),
            Raw::Files { body, .. } => body.reader(),
        }
    }
}
