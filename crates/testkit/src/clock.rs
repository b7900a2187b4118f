//! A clock that stands still until a test moves it; it only goes forward.

use std::sync::atomic::{AtomicI64, Ordering};

use domain::{Clock, Millis};

/// The moment at which every manual clock starts: 2026-11-21 00:00:00 UTC.
pub const START: Millis = Millis(1_795_219_200_000);

/// A clock that is moved by hand.
pub struct ManualClock {
    now: AtomicI64,
}

impl ManualClock {
    /// A clock at [`START`].
    #[must_use]
    pub fn new() -> ManualClock {
        ManualClock {
            now: AtomicI64::new(START.0),
        }
    }

    /// Moves time forward.
    ///
    /// # Panics
    /// When asked to move backwards.
    pub fn advance_ms(&self, milliseconds: i64) {
        assert!(milliseconds >= 0, "a manual clock only goes forward");
        self.now.fetch_add(milliseconds, Ordering::SeqCst);
    }
}

impl Default for ManualClock {
    fn default() -> ManualClock {
        ManualClock::new()
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Millis {
        Millis(self.now.load(Ordering::SeqCst))
    }

    fn monotonic_ms(&self) -> u64 {
        u64::try_from(self.now().since(START)).unwrap_or(0)
    }
}
