//! The spool: files without a name that hold long bodies and what was inside them, until a request is
//! answered. What they mean is not known here; the system takes them back when they are closed.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom, Write as _};
use std::ops::Range;
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base16ct::lower;
use bytes::Bytes;
use domain::ByteStream;
use domain::blobs::stream_of;
use futures_util::stream;
use sha2::{Digest as _, Sha256};
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::spawn_blocking;

/// Bytes that are read from a file at once.
pub(super) const HANDFUL_BYTES: usize = 256 * 1024;
/// Only the house's own user may look into the folder.
const FOLDER_MODE: u32 = 0o700;

/// The folder that spooled files live in.
#[derive(Debug, Clone)]
pub(super) struct Spool {
    folder: PathBuf,
}

impl Spool {
    /// Makes the folder when it is not there, and empties it: whatever lies in it belonged to a process
    /// that is gone.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub(super) fn open(folder: &Path) -> io::Result<Spool> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true).mode(FOLDER_MODE).create(folder)?;
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                std::fs::remove_dir_all(entry.path())?;
            } else {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(Spool {
            folder: folder.to_owned(),
        })
    }

    /// A new file that has no name any more.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub(super) fn file(&self) -> io::Result<File> {
        tempfile::tempfile_in(&self.folder)
    }
}

/// A body while it is written down, hashed on the way.
pub(super) struct Writing {
    file: File,
    hash: Sha256,
    bytes: u64,
}

impl Writing {
    /// An empty one.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub(super) fn start(spool: &Spool) -> io::Result<Writing> {
        Ok(Writing {
            file: spool.file()?,
            hash: Sha256::new(),
            bytes: 0,
        })
    }

    /// Adds chunks.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub(super) fn write(&mut self, chunks: &[Bytes]) -> io::Result<()> {
        for chunk in chunks {
            self.hash.update(chunk);
            self.file.write_all(chunk)?;
            self.bytes += chunk.len() as u64;
        }
        Ok(())
    }

    /// The whole body.
    pub(super) fn end(self) -> Spooled {
        Spooled {
            file: Arc::new(self.file),
            bytes: self.bytes,
            hash: lower::encode_string(&self.hash.finalize()),
        }
    }
}

/// A whole body in a file.
pub(super) struct Spooled {
    /// The file.
    pub(super) file: Arc<File>,
    /// Its length.
    pub(super) bytes: u64,
    /// Its SHA-256 in hexadecimal.
    pub(super) hash: String,
}

impl Spooled {
    /// Reads it from its start.
    pub(super) fn reader(&self) -> Box<dyn Read + Send> {
        let slice = Slice::new(Arc::clone(&self.file), 0..self.bytes);
        Box::new(BufReader::with_capacity(HANDFUL_BYTES, slice))
    }
}

/// A part of a file, read without moving anyone else's place in it.
pub(super) struct Slice {
    file: Arc<File>,
    range: Range<u64>,
    at: u64,
}

impl Slice {
    /// From the start of `range`.
    pub(super) fn new(file: Arc<File>, range: Range<u64>) -> Slice {
        let at = range.start;
        Slice { file, range, at }
    }
}

impl Read for Slice {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.range.end.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let wanted = left.min(buffer.len());
        let read = self.file.read_at(&mut buffer[..wanted], self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Slice {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let length = self.range.end - self.range.start;
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => length.checked_add_signed(by),
            SeekFrom::Current(by) => (self.at - self.range.start).checked_add_signed(by),
        };
        let at = at.ok_or(io::ErrorKind::InvalidInput)?;
        self.at = self.range.start.saturating_add(at);
        Ok(at)
    }
}

/// Where the media of one body is written, one after the other.
pub(super) enum Depot {
    /// In memory: the body was short.
    Memory(Vec<u8>),
    /// In a spooled file.
    File {
        /// The file.
        file: Arc<File>,
        /// How much of it is written.
        bytes: u64,
    },
}

impl Depot {
    /// How much is written.
    pub(super) fn bytes(&self) -> u64 {
        match self {
            Depot::Memory(written) => written.len() as u64,
            Depot::File { bytes, .. } => *bytes,
        }
    }

    /// Adds bytes at the end.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub(super) fn write(&mut self, handful: &[u8]) -> io::Result<()> {
        match self {
            Depot::Memory(written) => written.extend_from_slice(handful),
            Depot::File { file, bytes } => {
                file.write_all_at(handful, *bytes)?;
                *bytes += handful.len() as u64;
            }
        }
        Ok(())
    }

    /// Forgets what lies behind `length` bytes.
    pub(super) fn cut(&mut self, length: u64) {
        match self {
            Depot::Memory(written) => written.truncate(usize::try_from(length).unwrap_or(usize::MAX)),
            Depot::File { bytes, .. } => *bytes = length.min(*bytes),
        }
    }

    /// The end of what is written, from `start` on, for who reads headers.
    pub(super) fn tail(&self, start: u64) -> Box<dyn Tail + '_> {
        match self {
            Depot::Memory(written) => {
                let start = usize::try_from(start).unwrap_or(usize::MAX).min(written.len());
                Box::new(Cursor::new(&written[start..]))
            }
            Depot::File { file, bytes } => {
                Box::new(BufReader::new(Slice::new(Arc::clone(file), start..*bytes)))
            }
        }
    }

    /// Closes the depot: parts of it can be handed out.
    pub(super) fn close(self, share: Option<OwnedSemaphorePermit>) -> Closed {
        match self {
            Depot::Memory(written) => Closed::Memory(Bytes::from(written)),
            Depot::File { file, .. } => Closed::File {
                file,
                _share: share.map(Arc::new),
            },
        }
    }
}

/// What a reader of headers needs.
pub(super) trait Tail: io::BufRead + Seek {}

impl<T: io::BufRead + Seek> Tail for T {}

/// A depot that is not written to any more. The share of the spool's budget is given back with the last
/// handle.
#[derive(Clone)]
pub(super) enum Closed {
    /// In memory.
    Memory(Bytes),
    /// In a spooled file.
    File {
        /// The file.
        file: Arc<File>,
        /// What it counts for in the budget.
        _share: Option<Arc<OwnedSemaphorePermit>>,
    },
}

impl Closed {
    /// A part of it, from its start.
    pub(super) fn stream(&self, range: Range<u64>) -> ByteStream {
        match self {
            Closed::Memory(bytes) => {
                let at = |place| usize::try_from(place).unwrap_or(usize::MAX).min(bytes.len());
                stream_of(bytes.slice(at(range.start)..at(range.end)))
            }
            Closed::File { .. } => handfuls(self.clone(), range),
        }
    }
}

/// Reads a part of a file, one handful after the other, where blocking is allowed.
fn handfuls(closed: Closed, range: Range<u64>) -> ByteStream {
    let next = move |(closed, range): (Closed, Range<u64>)| async move {
        if range.is_empty() {
            return Ok(None);
        }
        let reading = spawn_blocking(move || {
            let Closed::File { file, .. } = &closed else {
                return Err(io::ErrorKind::Unsupported.into());
            };
            let wanted = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
            let mut handful = vec![0; wanted.min(HANDFUL_BYTES)];
            file.read_exact_at(&mut handful, range.start)?;
            let rest = range.start + handful.len() as u64..range.end;
            Ok(Some((Bytes::from(handful), (closed, rest))))
        });
        reading.await.map_err(io::Error::other)?
    };
    Box::pin(stream::try_unfold((closed, range), next))
}
