//! Blobs in a folder: `<root>/<first two hex>/<64 hex>`, written to `<root>/tmp/` first. Reading,
//! ranges and removal live here; how a file comes to be is in `folder/partial.rs`.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::io::{self, SeekFrom};
use std::ops::Range;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use async_trait::async_trait;
use bytes::Bytes;
use domain::blobs::{BlobError, Kept};
use domain::{BlobKey, Blobs, ByteStream};
use futures_util::StreamExt;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio::task::spawn_blocking;
use tokio_util::io::ReaderStream;

use partial::Partial;

mod partial;

/// Most bytes in one chunk of a blob that is read.
pub const CHUNK_BYTES: usize = 64 * 1024;
/// Bytes gathered before they are hashed and written in one go, off the asynchronous threads.
const GATHER_BYTES: usize = 256 * 1024;
/// The folder of files that are being written.
const TEMPORARY: &str = "tmp";
/// Only the house's own user may look into its folders.
const FOLDER_MODE: u32 = 0o700;

/// Blobs in a folder of this machine. Several processes may share one.
pub struct Folder {
    rooms: Arc<Rooms>,
}

/// Where things are in the folder.
struct Rooms {
    root: PathBuf,
    next: AtomicU64,
}

impl Folder {
    /// Opens a folder, makes it when it is not there, and removes what a crash left half-written.
    /// Blocks: on an asynchronous thread, [`crate::open`] is the way.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn open(path: impl Into<PathBuf>) -> io::Result<Folder> {
        let rooms = Rooms {
            root: path.into(),
            next: AtomicU64::new(0),
        };
        make_folder(&rooms.root)?;
        make_folder(&rooms.temporary())?;
        sync_folder(&rooms.root)?;
        remove_leftovers(&rooms.temporary())?;
        Ok(Folder {
            rooms: Arc::new(rooms),
        })
    }
}

impl Rooms {
    fn temporary(&self) -> PathBuf {
        self.root.join(TEMPORARY)
    }

    fn shelf(&self, key: &BlobKey) -> PathBuf {
        self.root.join(&key.as_str()[..2])
    }

    fn file(&self, key: &BlobKey) -> PathBuf {
        self.shelf(key).join(key.as_str())
    }
}

#[async_trait]
impl Blobs for Folder {
    async fn put(&self, content: ByteStream, limit_bytes: u64) -> Result<Kept, BlobError> {
        let rooms = Arc::clone(&self.rooms);
        let mut partial = off_thread(move || Partial::new(rooms)).await?;
        let mut source = Source {
            // Fused, because the last handful is followed by one more look.
            content: Box::pin(content.fuse()),
            room_bytes: limit_bytes,
            limit_bytes,
        };
        loop {
            let gathered = match source.gather().await {
                Ok(gathered) => gathered,
                Err(error) => {
                    off_thread(move || partial.discard()).await?;
                    return Err(error);
                }
            };
            if gathered.is_empty() {
                return Ok(off_thread(move || partial.keep()).await?);
            }
            partial = off_thread(move || partial.write(&gathered)).await?;
        }
    }

    async fn get(&self, key: &BlobKey, range: Option<Range<u64>>) -> Result<ByteStream, BlobError> {
        let mut file = match tokio::fs::File::open(self.rooms.file(key)).await {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(BlobError::Absent),
            Err(error) => return Err(error.into()),
        };
        let length = file.metadata().await?.len();
        let wanted = match range {
            None => 0..length,
            Some(range) if range.start >= length => return Err(BlobError::OutOfRange),
            Some(range) => range.start..range.end.min(length),
        };
        if wanted.start > 0 {
            file.seek(SeekFrom::Start(wanted.start)).await?;
        }
        let wanted_bytes = wanted.end.saturating_sub(wanted.start);
        let chunks = ReaderStream::with_capacity(file.take(wanted_bytes), CHUNK_BYTES);
        Ok(Box::pin(chunks))
    }

    async fn delete(&self, key: &BlobKey) -> Result<(), BlobError> {
        let (file, shelf) = (self.rooms.file(key), self.rooms.shelf(key));
        let removed = off_thread(move || {
            if remove_if_there(&file)? {
                sync_folder(&shelf)?;
            }
            Ok(())
        });
        Ok(removed.await?)
    }
}

/// A stream that is read in bounded handfuls, and not beyond its limit.
struct Source {
    content: ByteStream,
    room_bytes: u64,
    limit_bytes: u64,
}

impl Source {
    /// The next handful of chunks; none at the end.
    async fn gather(&mut self) -> Result<Vec<Bytes>, BlobError> {
        let mut gathered = Vec::new();
        let mut bytes = 0;
        while bytes < GATHER_BYTES {
            let Some(chunk) = self.content.next().await.transpose()? else {
                break;
            };
            if chunk.is_empty() {
                continue;
            }
            let room_bytes = self.room_bytes.checked_sub(chunk.len() as u64);
            let limit_bytes = self.limit_bytes;
            self.room_bytes = room_bytes.ok_or(BlobError::TooLarge { limit_bytes })?;
            bytes += chunk.len();
            gathered.push(chunk);
        }
        Ok(gathered)
    }
}

/// Runs file work where blocking is allowed.
async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    spawn_blocking(work).await.map_err(io::Error::other)?
}

fn make_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(path)
}

/// Makes the names in a folder durable.
fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Removes a file and says whether it was there.
fn remove_if_there(path: &Path) -> io::Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Removes temporaries that nobody writes any more: a living writer holds a lock on its file, and
/// the system drops the locks of a dead one.
fn remove_leftovers(temporary: &Path) -> io::Result<()> {
    for entry in fs::read_dir(temporary)? {
        let path = entry?.path();
        let file = match File::options().write(true).open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        match file.try_lock() {
            Ok(()) => remove_if_there(&path)?,
            Err(TryLockError::WouldBlock) => continue,
            Err(TryLockError::Error(error)) => return Err(error),
        };
    }
    Ok(())
}
