//! Time as a value and the clock it is read from. Nothing else in the house may read a clock.

use serde::{Deserialize, Serialize};

/// A moment: milliseconds since the Unix epoch, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Millis(pub i64);

impl Millis {
    /// The moment `milliseconds` later; saturates instead of overflowing.
    #[must_use]
    pub fn plus(self, milliseconds: i64) -> Millis {
        Millis(self.0.saturating_add(milliseconds))
    }

    /// Milliseconds from `earlier` to this moment; negative when `earlier` is in fact later.
    #[must_use]
    pub fn since(self, earlier: Millis) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The moment in whole seconds since the Unix epoch.
    #[must_use]
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1_000)
    }
}

/// Where time comes from. The real clock lives in the roof, the manual one in `testkit`.
pub trait Clock: Send + Sync {
    /// The wall clock. It may jump; nothing may be ordered by it but what people read.
    fn now(&self) -> Millis;

    /// Milliseconds on a clock that never goes backwards. Leases are judged by it.
    fn monotonic_ms(&self) -> u64;
}
