//! Which node this process is in leases, and what becomes of the one before it: a lock on a file of the data directory
//! is held as long as the process lives, so that its successor knows that it is dead and need not wait for its lease.

use std::fs::{File, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use domain::store::StoreError;
use domain::{Ids, Store};

/// The file in the data directory that holds the node's name, and the lock.
const FILE: &str = "node";
/// The longest name that is read.
const NAME_BYTES_MAX: u64 = 128;

/// Why a node cannot be begun.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// The file cannot be used.
    #[error("the file `node` of the data directory cannot be used: {0}")]
    File(#[from] std::io::Error),
    /// The leases of the process before could not be given back.
    #[error("the leases of the process before cannot be given back: {0}")]
    Store(#[from] StoreError),
}

/// This process's name in leases, for as long as it lives.
pub struct Node {
    /// The name.
    pub name: String,
    _lock: Option<File>,
}

impl Node {
    /// Begins a node over a data directory. Where the lock is free the process that had it is dead, and its leases go
    /// back at once. Where another process lives on the same directory, this one has a name and no lock.
    ///
    /// # Errors
    /// [`NodeError`], which says what to mend.
    pub async fn begin(data_dir: &Path, store: &dyn Store, ids: &dyn Ids) -> Result<Node, NodeError> {
        let name = format!("node-{}", ids.id().hex());
        let path = data_dir.join(FILE);
        let file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(Node { name, _lock: None }),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        let before = named(&file)?;
        if !before.is_empty() {
            let released = store.release(&before, None).await?;
            tracing::debug!(node = before, released, "the process before is dead");
        }
        keep(&file, &name)?;
        let lock = Some(file);
        Ok(Node { name, _lock: lock })
    }
}

fn named(mut file: &File) -> std::io::Result<String> {
    let mut name = String::new();
    file.seek(SeekFrom::Start(0))?;
    match file.take(NAME_BYTES_MAX).read_to_string(&mut name) {
        // No words: somebody else's file, or half of one. Nobody is named.
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => Ok(String::new()),
        read => read.map(|_| name.trim().to_owned()),
    }
}

/// Written before any lease is taken, and on the disk, so that the next process knows whom to release.
fn keep(mut file: &File, name: &str) -> std::io::Result<()> {
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    file.write_all(name.as_bytes())?;
    file.sync_data()
}
