//! Leases: which tasks are this node's, and for how long it may believe so. Judged on the monotonic
//! clock, so that a paused process learns that its time is over before it touches an upstream.

use std::sync::atomic::{AtomicU64, Ordering};

use domain::store::StoreError;

use crate::Engine;

/// Life of a lease, in milliseconds.
pub(crate) const LEASE_MS: i64 = 15_000;
/// Time between heartbeats, in milliseconds.
pub(crate) const HEARTBEAT_MS: u64 = 5_000;
/// How long before its end a lease is not trusted any more, in milliseconds.
const MARGIN_MS: u64 = 1_000;

/// When the leases of this node were last prolonged, on the monotonic clock.
pub(crate) struct Ownership {
    prolonged_ms: AtomicU64,
}

impl Ownership {
    pub(crate) fn new(now_ms: u64) -> Ownership {
        Ownership {
            prolonged_ms: AtomicU64::new(now_ms),
        }
    }

    /// Whether a heartbeat is due.
    pub(crate) fn beat_due(&self, now_ms: u64) -> bool {
        now_ms.saturating_sub(self.prolonged_ms.load(Ordering::SeqCst)) >= HEARTBEAT_MS
    }

    /// Whether leases that were prolonged last time still hold.
    pub(crate) fn holds(&self, now_ms: u64) -> bool {
        let age = now_ms.saturating_sub(self.prolonged_ms.load(Ordering::SeqCst));
        age + MARGIN_MS < LEASE_MS.unsigned_abs()
    }
}

impl Engine {
    /// Prolongs the leases of this node.
    pub(crate) async fn heartbeat(&self) -> Result<(), StoreError> {
        // Taken before the call: the lease lives from when it was asked for, not from when the
        // answer came.
        let asked_ms = self.clock.monotonic_ms();
        let until = self.clock.now().plus(LEASE_MS);
        self.store.heartbeat(&self.settings.node, until).await?;
        self.ownership.prolonged_ms.store(asked_ms, Ordering::SeqCst);
        Ok(())
    }
}
