//! Ids and chance from a seed: the same test sees the same ids.

use std::sync::atomic::{AtomicU64, Ordering};

use domain::{Id, Ids};

use crate::clock::START;

/// Ids that count up from a seed.
pub struct SeededIds {
    seed: u64,
    count: AtomicU64,
}

impl SeededIds {
    /// A source; the same seed gives the same ids.
    #[must_use]
    pub fn new(seed: u64) -> SeededIds {
        SeededIds {
            seed,
            count: AtomicU64::new(0),
        }
    }

    fn step(&self) -> u64 {
        self.count.fetch_add(1, Ordering::SeqCst) + 1
    }
}

/// One round of the SplitMix64 generator.
pub(crate) fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Ids for SeededIds {
    fn id(&self) -> Id {
        let step = self.step();
        let birth = u128::from(START.0.unsigned_abs()) << 80;
        let order = u128::from(step) << 40;
        Id(birth | (0x7 << 76) | order | u128::from(mix(self.seed ^ step) & 0xff_ffff))
    }

    fn secret(&self) -> [u8; 32] {
        let mut secret = [0; 32];
        for chunk in secret.chunks_mut(8) {
            chunk.copy_from_slice(&self.chance().to_le_bytes());
        }
        secret
    }

    fn chance(&self) -> u64 {
        mix(self.seed.wrapping_add(self.step()))
    }
}
