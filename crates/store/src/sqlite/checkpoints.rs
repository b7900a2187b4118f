//! Moving what was committed from SQLite's log into the database, beside the writer: its commits need not wait
//! while pages are written and synced. What is committed, and when, is the writer's.

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use rusqlite::Connection;

use crate::OpenError;
use crate::sqlite::open;

/// Pages in the log that are not in the database yet before they are moved: 16 MiB, so that hot pages are
/// moved once for many commits.
const MOVE_PAGES: i64 = 4_096;
/// Says how long the log is, and moves nothing.
const LOOK: &str = "PRAGMA wal_checkpoint(NOOP)";
/// Moves what no reader needs in the log any more. Nobody waits for it.
const MOVE: &str = "PRAGMA wal_checkpoint(PASSIVE)";

/// The thread that moves; it ends when this is dropped.
pub(super) struct Checkpoints {
    looks: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpoints {
    /// Starts the thread over a connection of its own.
    pub(super) fn start(path: &Path) -> Result<Checkpoints, OpenError> {
        let conn = open::mover(path)?;
        let (looks, asked) = sync_channel(1);
        let thread = std::thread::Builder::new()
            .name("store-mover".to_owned())
            .spawn(move || keep_moving(&conn, &asked));
        let thread = thread.map_err(|error| open::cannot_open(path, &error))?;
        Ok(Checkpoints {
            looks: Some(looks),
            thread: Some(thread),
        })
    }

    /// Something was committed.
    pub(super) fn look(&self) {
        if let Some(looks) = &self.looks {
            // One look that waits is as good as many.
            let _ = looks.try_send(());
        }
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        self.looks = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that moves the log panicked");
        }
    }
}

fn keep_moving(conn: &Connection, asked: &Receiver<()>) {
    while asked.recv().is_ok() {
        if let Err(error) = move_if_long(conn) {
            // The writer moves it by itself once it is longer still.
            tracing::warn!(%error, "store.checkpoint_failed");
        }
    }
}

fn move_if_long(conn: &Connection) -> rusqlite::Result<()> {
    let mut look = conn.prepare_cached(LOOK)?;
    let (pages, moved): (i64, i64) = look.query_row([], |row| Ok((row.get(1)?, row.get(2)?)))?;
    if pages - moved < MOVE_PAGES {
        return Ok(());
    }
    conn.prepare_cached(MOVE)?.query_row([], |_| Ok(()))
}
