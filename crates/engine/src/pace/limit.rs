//! The learned limit: how many tasks a vendor really lets an account have. It falls to what the vendor was
//! carrying when it said that one more is too many, and rises by one at a time while nothing of the kind
//! is said.

use domain::Millis;

/// How long nothing must have moved before the limit rises by one, in milliseconds.
const RISE_EVERY_MS: i64 = 10_000;

/// The limit; none has been learned as long as the vendor never complained.
#[derive(Default)]
pub(super) struct Limit {
    learned: Option<usize>,
    moved_at: Millis,
}

impl Limit {
    /// The slots that can be used, of so many that the owner says there are.
    pub(super) fn of(&self, slots: usize) -> usize {
        self.learned.map_or(slots, |learned| learned.min(slots))
    }

    /// The vendor refused one more while it carried so many.
    pub(super) fn fall(&mut self, carried: usize, slots: usize, now: Millis) {
        self.learned = Some(self.of(slots).min(carried).max(1));
        self.moved_at = now;
    }

    /// The vendor took one.
    pub(super) fn rise(&mut self, slots: usize, now: Millis) {
        let Some(learned) = self.learned else { return };
        if now.since(self.moved_at) < RISE_EVERY_MS {
            return;
        }
        self.moved_at = now;
        self.learned = (learned + 1 < slots).then_some(learned + 1);
    }
}
