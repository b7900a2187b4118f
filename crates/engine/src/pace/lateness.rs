//! How late looks come: the time between the moment at which a task was due and the one at which its look
//! was handed out, counted by size.

use std::sync::atomic::{AtomicU64, Ordering};

/// Upper bounds of the counts, in milliseconds.
pub const LATENESS_BOUNDS_MS: [i64; 11] = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 5_000];

/// The counts, one more than there are bounds.
#[derive(Default)]
pub(crate) struct Lateness {
    counts: [AtomicU64; LATENESS_BOUNDS_MS.len() + 1],
}

impl Lateness {
    /// Counts a look.
    pub(crate) fn count(&self, late_ms: i64) {
        let place = LATENESS_BOUNDS_MS.partition_point(|bound| *bound < late_ms);
        if let Some(count) = self.counts.get(place) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// All counts, in the order of the bounds.
    pub(crate) fn counts(&self) -> Vec<u64> {
        let counts = self.counts.iter();
        counts.map(|count| count.load(Ordering::Relaxed)).collect()
    }
}
