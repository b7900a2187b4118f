//! How often each thing happened in schedules.

/// How often each thing happened.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Sums {
    pub(super) taken: u64,
    pub(super) unpaid: u64,
    pub(super) stopped: u64,
    pub(super) unlocked: u64,
    pub(super) succeeded: u64,
    pub(super) failed: u64,
    pub(super) cancelled: u64,
    pub(super) late: u64,
    pub(super) deaths: u64,
}

impl Sums {
    pub(super) fn add(&mut self, other: &Sums) {
        self.taken += other.taken;
        self.unpaid += other.unpaid;
        self.stopped += other.stopped;
        self.unlocked += other.unlocked;
        self.succeeded += other.succeeded;
        self.failed += other.failed;
        self.cancelled += other.cancelled;
        self.late += other.late;
        self.deaths += other.deaths;
    }
}

impl std::fmt::Display for Sums {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            to,
            "{} tasks taken ({} succeeded, {} failed of which {} came late, {} cancelled), {} refused for money, \
             {} by a limit, {} for their key, {} deaths",
            self.taken,
            self.succeeded,
            self.failed,
            self.late,
            self.cancelled,
            self.unpaid,
            self.stopped,
            self.unlocked,
            self.deaths
        )
    }
}
