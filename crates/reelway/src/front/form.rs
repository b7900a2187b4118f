//! From `multipart/form-data` to fields: parts with text become strings, parts with files become media.
//! A name that comes again, or ends in `[]`, becomes a list; other brackets mean nothing here.

use std::io::{self, Read};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use base16ct::lower;
use bytes::Bytes;
use domain::fields::{Field, Fields};
use domain::{Refusal, RefusalKind};
use futures_util::Stream;
use sha2::{Digest as _, Sha256};
use tokio::runtime::Handle;

use crate::front::media::{NAME_BYTES_MAX, Shelf, Stop, broken};

/// Most parts of one body.
const PARTS_MAX: usize = 256;
/// Most bytes of the headers of one part, and of what lies before the first.
const HEADERS_BYTES_MAX: u64 = 16 * 1024;
/// Bytes that are taken from a body at once.
const DOSE_BYTES: usize = 64 * 1024;

/// Reads a body. Blocks: must be called where that is allowed, inside a tokio runtime.
///
/// # Errors
/// A refusal when it is not formed as its boundary says, or has more in it than a body may.
pub(super) fn read(
    body: Box<dyn Read + Send>,
    boundary: &str,
    shelf: &mut Shelf<'_>,
) -> Result<Vec<(String, Field)>, Refusal> {
    let room = Arc::new(AtomicU64::new(0));
    let doses = Doses {
        source: body,
        room: Arc::clone(&room),
        pause: false,
    };
    let runtime = Handle::current();
    let mut parts = multer::Multipart::new(doses, boundary);
    let mut pairs = Vec::new();
    for _ in 0..=PARTS_MAX {
        room.store(HEADERS_BYTES_MAX + DOSE_BYTES as u64, Ordering::Relaxed);
        let part = runtime.block_on(parts.next_field()).map_err(refusal)?;
        let Some(part) = part else {
            return Ok(pairs);
        };
        room.store(u64::MAX, Ordering::Relaxed);
        let name = part.name().unwrap_or_default();
        if name.is_empty() || name.len() > NAME_BYTES_MAX {
            return Err(malformed(&format!(
                "a part needs a name of at most {NAME_BYTES_MAX} bytes"
            )));
        }
        let (name, is_listed) = match name.strip_suffix("[]") {
            Some(name) => (name.to_owned(), true),
            None => (name.to_owned(), false),
        };
        let field = field(part, &name, shelf, &runtime)?;
        put(&mut pairs, name, field, is_listed);
    }
    let message = format!("the body has more than {PARTS_MAX} parts");
    Err(Refusal::new(RefusalKind::TooLarge, message))
}

fn field(
    part: multer::Field<'static>,
    name: &str,
    shelf: &mut Shelf<'_>,
    runtime: &Handle,
) -> Result<Field, Refusal> {
    let is_text = part.content_type().is_none_or(|kind| kind.type_() == "text");
    let is_file = part.file_name().is_some() || !is_text;
    // What browsers send for a file that was not chosen.
    let is_unchosen = part.file_name() == Some("");
    let mut content = Content {
        part,
        chunk: Bytes::new(),
        runtime,
    };
    let names = [name];
    let taken = if is_file {
        shelf.file(&mut content, &names)
    } else {
        shelf.string(&mut content, &names)
    };
    match taken {
        Ok(Field::Staged(staged)) if is_unchosen && staged.bytes == 0 => Ok(Field::Null),
        Ok(field) => Ok(field),
        Err(Stop::Refused(refusal)) => Err(refusal),
        Err(Stop::Source(error)) => Err(match error.downcast::<multer::Error>() {
            Ok(error) => refusal(error),
            Err(_) => malformed(&format!("the part `{name}` is not UTF-8")),
        }),
    }
}

/// Adds a field in the client's order.
fn put(pairs: &mut Vec<(String, Field)>, name: String, field: Field, is_listed: bool) {
    let there = pairs.iter_mut().find(|(known, _)| *known == name);
    match there {
        Some((_, Field::List(list))) => list.push(field),
        Some((_, first)) => {
            let list = vec![std::mem::replace(first, Field::Null), field];
            *first = Field::List(list);
        }
        None if is_listed => pairs.push((name, Field::List(vec![field]))),
        None => pairs.push((name, field)),
    }
}

/// The content of one part, as a reader.
struct Content<'a> {
    part: multer::Field<'static>,
    chunk: Bytes,
    runtime: &'a Handle,
}

impl Read for Content<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.chunk.is_empty() {
            let next = self.runtime.block_on(self.part.chunk());
            match next.map_err(io::Error::other)? {
                Some(chunk) => self.chunk = chunk,
                None => return Ok(0),
            }
        }
        let length = self.chunk.len().min(buffer.len());
        buffer[..length].copy_from_slice(&self.chunk.split_to(length));
        Ok(length)
    }
}

/// A body in doses, one each time that it is asked: the parser takes in all that is ready before it looks
/// at it, and a file is always ready. What stands between two parts is bounded by the room left.
struct Doses {
    source: Box<dyn Read + Send>,
    room: Arc<AtomicU64>,
    pause: bool,
}

impl Stream for Doses {
    type Item = Result<Bytes, Failure>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        this.pause = !this.pause;
        if !this.pause {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let mut dose = vec![0; DOSE_BYTES];
        let length = match this.source.read(&mut dose) {
            Ok(0) => return Poll::Ready(None),
            Ok(length) => length,
            Err(error) => return Poll::Ready(Some(Err(Failure::Source(error)))),
        };
        let room = this.room.load(Ordering::Relaxed);
        let Some(left) = room.checked_sub(length as u64) else {
            return Poll::Ready(Some(Err(Failure::Headers)));
        };
        this.room.store(left, Ordering::Relaxed);
        dose.truncate(length);
        Poll::Ready(Some(Ok(Bytes::from(dose))))
    }
}

/// Why no more of a body is handed out.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("the body cannot be read: {0}")]
    Source(io::Error),
    #[error("a part has headers of more than {HEADERS_BYTES_MAX} bytes")]
    Headers,
}

fn refusal(error: multer::Error) -> Refusal {
    if let multer::Error::StreamReadFailed(failure) = &error
        && let Some(failure) = failure.downcast_ref::<Failure>()
    {
        return match failure {
            Failure::Source(error) => broken(error),
            Failure::Headers => malformed(&failure.to_string()),
        };
    }
    malformed(&error.to_string())
}

fn malformed(text: &str) -> Refusal {
    Refusal::new(
        RefusalKind::Malformed,
        format!("the body is no `multipart/form-data` that can be read: {text}"),
    )
}
/// The SHA-256 of a form's parts, in hexadecimal: names, texts, and the names of files' contents, each with its
/// length before it.
pub(super) fn fingerprint(fields: &Fields) -> String {
    let mut sha = Sha256::new();
    let mut take = |kind: u8, bytes: &[u8]| {
        sha.update([kind]);
        sha.update((bytes.len() as u64).to_be_bytes());
        sha.update(bytes);
    };
    for name in fields.names() {
        take(b'n', name.as_bytes());
        match fields.get(name) {
            Some(Field::Text(text)) => take(b't', text.as_bytes()),
            Some(Field::Staged(staged)) => take(b's', staged.blob.as_str().as_bytes()),
            other => take(b'o', format!("{other:?}").as_bytes()),
        }
    }
    lower::encode_string(&sha.finalize())
}
