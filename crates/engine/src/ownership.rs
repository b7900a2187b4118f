//! Leases: which tasks are this node's, and for how long it may believe so. Judged on the monotonic
//! clock, so that a paused process learns that its time is over before it touches an upstream.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use domain::store::StoreError;

use crate::Engine;

/// Life of a lease, in milliseconds.
pub(crate) const LEASE_MS: i64 = 15_000;
/// Time between heartbeats, in milliseconds.
pub(crate) const HEARTBEAT_MS: u64 = 5_000;
/// How long before its end a lease is not trusted any more, in milliseconds.
const MARGIN_MS: u64 = 1_000;

/// When the leases of this node were last prolonged, on the monotonic clock, and which leases those are.
///
/// Invariant: a step sends a submit only while the leases hold under which its task was claimed. Held by
/// `lease::a_node_that_slept_over_its_lease_sends_nothing_and_claims_anew`.
pub(crate) struct Ownership {
    prolonged_ms: AtomicU64,
    /// Counts beginnings: whatever was claimed before the last one is not believed to be this node's.
    epoch: AtomicU64,
    /// Whether rows may have been leased to this node without its knowing.
    in_doubt: AtomicBool,
}

impl Ownership {
    pub(crate) fn new(now_ms: u64) -> Ownership {
        Ownership {
            prolonged_ms: AtomicU64::new(now_ms),
            epoch: AtomicU64::new(0),
            in_doubt: AtomicBool::new(false),
        }
    }

    /// Under which leases is claimed now.
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::SeqCst)
    }

    /// Whether a heartbeat is due.
    pub(crate) fn beat_due(&self, now_ms: u64) -> bool {
        now_ms.saturating_sub(self.prolonged_ms.load(Ordering::SeqCst)) >= HEARTBEAT_MS
    }

    /// Whether leases that were prolonged last time still hold.
    pub(crate) fn holds(&self, now_ms: u64) -> bool {
        let age = now_ms.saturating_sub(self.prolonged_ms.load(Ordering::SeqCst));
        !self.in_doubt.load(Ordering::SeqCst) && age + MARGIN_MS < LEASE_MS.unsigned_abs()
    }

    /// Whether what was claimed in an epoch is still this node's.
    pub(crate) fn covers(&self, epoch: u64, now_ms: u64) -> bool {
        epoch == self.epoch() && self.holds(now_ms)
    }

    /// Notes that this node may own rows that it does not know of.
    pub(crate) fn doubt(&self) {
        self.in_doubt.store(true, Ordering::SeqCst);
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

    /// Begins anew once the leases are not believed any more: what is still this node's goes back, and
    /// everything is found again as a dead node's would be.
    pub(crate) async fn begin_anew(&self) -> Result<(), StoreError> {
        // Before all else: no step from before may send a submit from here on, whatever time it is then.
        self.ownership.epoch.fetch_add(1, Ordering::SeqCst);
        tracing::warn!(node = %self.settings.node, "the leases were lost; work is claimed anew");
        self.store.release(&self.settings.node, None).await?;
        self.wheel.clear();
        self.pace.clear();
        self.claim_soon();
        self.heartbeat().await?;
        self.ownership.in_doubt.store(false, Ordering::SeqCst);
        Ok(())
    }
}
