//! The clocks of a process: one on the wall, which may jump, and one that only goes forward.

use std::sync::Arc;

use domain::{Clock, Millis};
use testkit::clock::START;

use super::sabotage::Sabotage;
use super::world::World;

/// The clocks of one process.
pub(crate) struct ProcessClock {
    pub(crate) world: Arc<World>,
    pub(crate) process: usize,
    pub(crate) sabotage: Option<Sabotage>,
}

impl Clock for ProcessClock {
    fn now(&self) -> Millis {
        let inner = self.world.inner.lock();
        START.plus(inner.now_ms + inner.processes[self.process].skew_ms)
    }

    fn monotonic_ms(&self) -> u64 {
        let inner = self.world.inner.lock();
        let slept_ms = match self.sabotage {
            Some(Sabotage::SkipLeaseCheck) => inner.processes[self.process].slept_ms,
            _ => 0,
        };
        u64::try_from(inner.now_ms - slept_ms).unwrap_or(0)
    }
}
