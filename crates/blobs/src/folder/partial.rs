//! A file that is being written: hashed on the way, under a temporary name until it is durable.
//! Everything here blocks and runs off the asynchronous threads.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::mem;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use domain::BlobKey;
use domain::blobs::Kept;
use sha2::{Digest, Sha256};
use tokio::runtime::Handle;

use super::{Rooms, make_folder, remove_if_there, sync_folder};

/// Only the house's own user may read its files.
const FILE_MODE: u32 = 0o600;
/// Temporary names tried before giving up; other processes may hold some.
const NAMES_TRIED: u32 = 10_000;

/// A file under a temporary name. Dropped before it is kept, it removes itself.
pub(super) struct Partial {
    rooms: Arc<Rooms>,
    path: PathBuf,
    file: File,
    hash: Sha256,
    bytes: u64,
}

impl Partial {
    /// A new, empty file, locked as long as it is written, so that no other process takes it for a
    /// leftover.
    pub(super) fn new(rooms: Arc<Rooms>) -> io::Result<Partial> {
        let folder = rooms.temporary();
        for _ in 0..NAMES_TRIED {
            let number = rooms.next.fetch_add(1, Ordering::Relaxed);
            let path = folder.join(format!("{}-{number}", std::process::id()));
            if let Some(file) = claim(&path)? {
                return Ok(Partial {
                    rooms,
                    path,
                    file,
                    hash: Sha256::new(),
                    bytes: 0,
                });
            }
        }
        Err(io::Error::other("no temporary name is free"))
    }

    /// Adds bytes at the end.
    pub(super) fn write(mut self, chunks: &[Bytes]) -> io::Result<Partial> {
        for chunk in chunks {
            self.hash.update(chunk);
            if let Err(error) = self.file.write_all(chunk) {
                self.discard()?;
                return Err(error);
            }
            self.bytes += chunk.len() as u64;
        }
        Ok(self)
    }

    /// Makes the file durable and gives it the name of its content.
    pub(super) fn keep(mut self) -> io::Result<Kept> {
        let hash = mem::take(&mut self.hash).finalize();
        let key = BlobKey::from_sha256(hash.into());
        let bytes = self.bytes;
        if let Err(error) = self.shelve(&key) {
            self.discard()?;
            return Err(error);
        }
        Ok(Kept { key, bytes })
    }

    /// A blob that is there already is left as it is, unless its length shows that it is damaged.
    /// Both folders are made durable in either case: the blob that is there may be another writer's
    /// that has not come so far yet.
    fn shelve(&mut self, key: &BlobKey) -> io::Result<()> {
        self.file.sync_all()?;
        let (shelf, target) = (self.rooms.shelf(key), self.rooms.file(key));
        make_folder(&shelf)?;
        if length(&target)? == Some(self.bytes) {
            remove_if_there(&self.path)?;
        } else {
            fs::rename(&self.path, &target)?;
        }
        self.path = PathBuf::new();
        sync_folder(&shelf)?;
        sync_folder(&self.rooms.root)
    }

    /// Removes the file, unless it has its lasting name already.
    pub(super) fn discard(mut self) -> io::Result<()> {
        let path = mem::take(&mut self.path);
        if !path.as_os_str().is_empty() {
            remove_if_there(&path)?;
        }
        Ok(())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        let path = mem::take(&mut self.path);
        if path.as_os_str().is_empty() {
            return;
        }
        // Whoever gave up may be on an asynchronous thread. What cannot be removed now is a leftover
        // of the next start, so there is nobody to tell.
        let remove = move || drop(remove_if_there(&path));
        match Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(remove)),
            Err(_) => remove(),
        }
    }
}

/// Creates and locks a file; none when somebody else has the name or took the file away meanwhile.
fn claim(path: &Path) -> io::Result<Option<File>> {
    let created = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(FILE_MODE)
        .open(path);
    let file = match created {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
        Err(error) => return Err(error),
    };
    match file.try_lock() {
        Ok(()) => Ok((file.metadata()?.nlink() > 0).then_some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn length(path: &Path) -> io::Result<Option<u64>> {
    match fs::metadata(path) {
        Ok(facts) => Ok(Some(facts.len())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
