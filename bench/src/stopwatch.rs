//! The only place of the bench that reads clocks: moments, CPU time and the date of a report.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// A moment that time is counted from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts counting now.
    #[expect(clippy::disallowed_methods, reason = "the bench measures real time")]
    #[must_use]
    pub(crate) fn start() -> Stopwatch {
        Stopwatch(Instant::now())
    }

    /// A stopwatch that starts counting later than this one.
    #[must_use]
    pub(crate) fn later(self, by: Duration) -> Stopwatch {
        Stopwatch(self.0 + by)
    }

    /// Time since the start; zero before it.
    #[must_use]
    pub(crate) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }

    /// Whole milliseconds since the start.
    #[must_use]
    pub(crate) fn elapsed_ms(self) -> u64 {
        u64::try_from(self.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Waits until the start has come.
    pub(crate) async fn reached(self) {
        tokio::time::sleep_until(self.0.into()).await;
    }
}

/// The moment in Unix milliseconds, as the gateway on this machine writes moments down.
#[expect(clippy::disallowed_methods, reason = "the bench measures real time")]
#[must_use]
pub(crate) fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// CPU time that all threads of this process have used.
#[must_use]
pub(crate) fn cpu_time() -> Duration {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(
        u64::try_from(spent.tv_sec).unwrap_or(0),
        u32::try_from(spent.tv_nsec).unwrap_or(0),
    )
}

/// The date of today in UTC, as `2026-01-31`.
#[expect(clippy::disallowed_methods, reason = "a report says when it was made")]
#[must_use]
pub(crate) fn today() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%d").to_string()
}
