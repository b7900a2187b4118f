//! The readers: a few threads, each with its own reading connection. What is read is in the other
//! files.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use domain::store::StoreError;
use parking_lot::Mutex;
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use crate::OpenError;
use crate::sqlite::fault::{panicked, unavailable};
use crate::sqlite::open;

/// Connections that read at the same time. One may be busy with a long proof of the books.
const READERS: usize = 4;
/// Most reads that wait; a further one waits outside.
const READS_WAITING: usize = 1_024;

type Read = Box<dyn FnOnce(&mut Connection) + Send>;

/// The door to the readers' threads.
pub(super) struct Readers {
    reads: Option<mpsc::Sender<Read>>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    pub(super) fn start(path: &Path) -> Result<Readers, OpenError> {
        let (reads, waiting) = mpsc::channel::<Read>(READS_WAITING);
        let waiting = Arc::new(Mutex::new(waiting));
        let mut readers = Readers {
            reads: Some(reads),
            threads: Vec::with_capacity(READERS),
        };
        for number in 0..READERS {
            let mut conn = open::reader(path)?;
            let waiting = Arc::clone(&waiting);
            let body = move || {
                loop {
                    let read = waiting.lock().blocking_recv();
                    let Some(read) = read else { break };
                    read(&mut conn);
                }
            };
            let thread = std::thread::Builder::new().name(format!("store-reader-{number}"));
            let thread = thread.spawn(body).map_err(|error| OpenError::CannotOpen {
                path: path.to_owned(),
                reason: error.to_string(),
            })?;
            readers.threads.push(thread);
        }
        Ok(readers)
    }

    /// Has something read.
    pub(super) async fn read<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let (tell, told) = oneshot::channel();
        let read: Read = Box::new(move |conn| {
            let result = catch_unwind(AssertUnwindSafe(|| work(conn)));
            let result = result.unwrap_or_else(|panic| Err(panicked("a read", &*panic)));
            // A caller that went away does not want to know.
            let _ = tell.send(result);
        });
        let stopped = || unavailable("the readers have stopped");
        let reads = self.reads.as_ref().ok_or_else(stopped)?;
        reads.send(read).await.map_err(|_| stopped())?;
        told.await.map_err(|_| stopped())?
    }
}

/// Waits until the files are closed.
impl Drop for Readers {
    fn drop(&mut self) {
        self.reads = None;
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a reader's thread panicked");
            }
        }
    }
}
