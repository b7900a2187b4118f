//! Ways to break a rule on purpose, from outside of the engine: by what its ports tell it or do for it. A run
//! under one of them must fail; otherwise the laws prove nothing.

use clap::ValueEnum;

/// One broken rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Sabotage {
    /// A submit in doubt counts as not taken, and is sent again.
    ResubmitInDoubt,
    /// A submit in doubt counts as refused, and the hold goes back.
    RefuseInDoubt,
    /// An absent look-up is believed at once.
    BelieveAbsentAtOnce,
    /// A process does not notice that it stood still, so that its leases seem to hold.
    SkipLeaseCheck,
    /// A change that is stale is written over what is there.
    IgnoreStale,
    /// The charge of a task is booked twice.
    ChargeTwice,
    /// What is left of the hold is not given back.
    DropRelease,
    /// Each attempt has a reference of its own.
    ReferenceEachAttempt,
    /// After an absence any account may take the task.
    AnotherAccount,
    /// A submit is acknowledged although its commit failed.
    AcknowledgeUnwritten,
    /// Leases of dead processes never end.
    LeasesForEver,
    /// A look that saw nothing fails the task.
    FailUnseen,
}
