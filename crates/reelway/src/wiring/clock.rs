//! The real clock. The only place that may read one.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use domain::{Clock, Millis};

/// The machine's clocks.
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// A clock whose monotonic side begins now.
    #[must_use]
    pub fn new() -> SystemClock {
        SystemClock { start: instant() }
    }
}

impl Default for SystemClock {
    fn default() -> SystemClock {
        SystemClock::new()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the clock that the ban points to"
)]
fn instant() -> Instant {
    Instant::now()
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the clock that the ban points to"
)]
fn wall() -> SystemTime {
    SystemTime::now()
}

impl Clock for SystemClock {
    fn now(&self) -> Millis {
        let since = wall().duration_since(UNIX_EPOCH).unwrap_or_default();
        Millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    fn monotonic_ms(&self) -> u64 {
        let since = instant().saturating_duration_since(self.start);
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }
}
