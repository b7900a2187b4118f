//! How much is measured: the same for every measurement, in one place.

use std::time::Duration;

/// How much is measured.
#[derive(Debug, Clone)]
pub(crate) struct Effort {
    /// Its name in the report.
    pub name: &'static str,
    /// Rounds of load for each side, taken in turns.
    pub rounds: usize,
    /// Length of one round.
    pub round: Duration,
    /// Clips that are rendered, at most; the usual ones come first.
    pub clips: usize,
    /// Starts that are timed, of each kind.
    pub starts: usize,
    /// Wait before the idle memory is read.
    pub idle: Duration,
    /// Syncs that are timed.
    pub syncs: usize,
    /// Tasks that are parked at once.
    pub parked: usize,
    /// Clips of the backlog.
    pub backlog: usize,
    /// Clients that wait for one task.
    pub waiting: usize,
    /// How long reads are timed without a backlog, and at most with one.
    pub reading: Duration,
}

/// For a report that is kept.
pub(crate) const FULL: Effort = Effort {
    name: "full",
    rounds: 7,
    round: Duration::from_secs(3),
    clips: usize::MAX,
    starts: 10,
    idle: Duration::from_secs(10),
    syncs: 500,
    parked: 100_000,
    backlog: 100,
    waiting: 10_000,
    reading: Duration::from_secs(20),
};

/// For a look at whether everything works.
pub(crate) const QUICK: Effort = Effort {
    name: "quick",
    rounds: 2,
    round: Duration::from_millis(500),
    clips: 1,
    starts: 3,
    idle: Duration::from_secs(1),
    syncs: 50,
    parked: 2_000,
    backlog: 20,
    waiting: 500,
    reading: Duration::from_secs(2),
};

/// The value in the middle; of an even number, the lower of the two.
#[must_use]
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
        .get(sorted.len().saturating_sub(1) / 2)
        .copied()
        .unwrap_or(f64::NAN)
}

/// How much of the others' figures ours come to, in percent: the median of the rounds, each of which was measured at
/// one moment, for a machine is not as fast at every moment.
#[must_use]
pub(crate) fn percent(ours: &[f64], theirs: &[f64]) -> f64 {
    let rounds = ours.iter().zip(theirs);
    let ratios: Vec<f64> = rounds.map(|(ours, theirs)| 100.0 * ours / theirs).collect();
    median(&ratios)
}

#[cfg(test)]
mod tests {
    use super::{median, percent};

    #[test]
    fn rounds_are_compared_with_their_own() {
        assert_eq!(percent(&[1.0, 10.0, 5.0], &[2.0, 20.0, 5.0]), 50.0);
        assert!(percent(&[], &[]).is_nan());
    }

    #[test]
    fn the_median_is_a_value_that_was_measured() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.0);
        assert!(median(&[]).is_nan());
    }
}
