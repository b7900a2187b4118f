//! How long the machine itself stood still, as a small write to the disk that is asked for at a beat finds out: what
//! processes promise each other within a second, no process keeps on a machine that does nothing for two.

use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use parking_lot::Mutex;
use tokio::task::JoinHandle;

use crate::stopwatch::Stopwatch;

/// Time between two writes.
const BEAT: Duration = Duration::from_millis(100);

/// A beat that was late.
struct Late {
    ended: Stopwatch,
    by: Duration,
}

#[derive(Default)]
struct Beats {
    late: Vec<Late>,
    /// Since when the beat is under way that has not ended.
    began: Option<Stopwatch>,
}

/// Watches until it is dropped.
pub(super) struct Stalls {
    beats: Arc<Mutex<Beats>>,
    watch: JoinHandle<()>,
}

impl Stalls {
    /// Begins to watch; `file` is written to.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub(super) fn watch(file: PathBuf) -> anyhow::Result<Stalls> {
        let opened = File::create(&file).with_context(|| format!("cannot make `{}`", file.display()))?;
        let beats = Arc::new(Mutex::new(Beats::default()));
        let (kept, opened) = (Arc::clone(&beats), Arc::new(opened));
        let watch = tokio::spawn(async move {
            loop {
                let began = Stopwatch::start();
                kept.lock().began = Some(began);
                tokio::time::sleep(BEAT).await;
                let file = Arc::clone(&opened);
                // What cannot be written is no stall; the gateways beside it will say so.
                let written = tokio::task::spawn_blocking(move || {
                    (&*file).write_all(b"x").and_then(|()| file.sync_data()).ok()
                });
                drop(written.await);
                let by = began.elapsed().saturating_sub(BEAT);
                let ended = Stopwatch::start();
                kept.lock().late.push(Late { ended, by });
            }
        });
        Ok(Stalls { beats, watch })
    }

    /// The longest that the machine stood still since a moment, the present stall included.
    pub(super) fn longest_since(&self, since: Stopwatch) -> Duration {
        let beats = self.beats.lock();
        let of_late = beats.late.iter().rev();
        let ended = of_late
            .take_while(|late| late.ended.elapsed() <= since.elapsed())
            .map(|late| late.by)
            .max();
        let present = beats.began.map(|began| began.elapsed().saturating_sub(BEAT));
        ended.unwrap_or_default().max(present.unwrap_or_default())
    }
}

impl Drop for Stalls {
    fn drop(&mut self) {
        self.watch.abort();
    }
}
