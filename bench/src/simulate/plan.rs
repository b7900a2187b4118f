//! What a seed makes of a run: how many processes, tasks and accounts there are, what may go wrong and how
//! often. Drawn whole before the run begins; nothing is done here.

use fastrand::Rng;

/// Life of a lease in the engine, in milliseconds; pauses are drawn around it.
const LEASE_MS: i64 = 15_000;
/// A deadline that no run reaches, in milliseconds.
const FAR_DEADLINE_MS: u64 = 24 * 60 * 60 * 1_000;

/// Chances in a thousand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Chance(pub(crate) u32);

impl Chance {
    /// Whether it comes true this time.
    pub(crate) fn strikes(self, rng: &mut Rng) -> bool {
        self.0 > 0 && rng.u32(0..1_000) < self.0
    }
}

/// A run.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// Where all chance comes from.
    pub(crate) seed: u64,
    /// Processes at a time.
    pub(crate) nodes: usize,
    /// Wishes of clients.
    pub(crate) wishes: usize,
    /// Logins at the vendor.
    pub(crate) accounts: usize,
    /// Tasks in flight at once at each.
    pub(crate) slots: u32,
    /// How long things go wrong, in milliseconds.
    pub(crate) chaos_ms: i64,
    /// Life of a task, in milliseconds.
    pub(crate) deadline_ms: u64,
    /// Whether a start voids the leases of the process before it, as on SQLite.
    pub(crate) voids_leases: bool,
    /// How the vendor is.
    pub(crate) vendor: Temper,
    /// How the database is.
    pub(crate) store: Nerves,
    /// How processes are.
    pub(crate) health: Health,
}

/// How the vendor and the way to it are.
#[derive(Debug, Clone)]
pub(crate) struct Temper {
    /// Whether a reference is checked against every job there ever was. A vendor that is not strict sees
    /// what it accepted only after a while, as its look-ups do.
    pub(crate) strict: bool,
    /// Longest time until an accepted job is seen, in milliseconds.
    pub(crate) lag_ms: i64,
    /// Longest work on a job, in milliseconds.
    pub(crate) work_ms: i64,
    /// Nothing leaves: connection refused.
    pub(crate) not_sent: Chance,
    /// The reply is lost: the connection hangs until the time-out, or is reset.
    pub(crate) lost_reply: Chance,
    /// The reply comes and says nothing: HTML, cut off, empty, an error of the gateway in between.
    pub(crate) garbled: Chance,
    /// The request arrives twice.
    pub(crate) twice: Chance,
    /// Too many calls, or tasks.
    pub(crate) busy: Chance,
    /// An internal error before anything was taken.
    pub(crate) broken: Chance,
    /// Refused for ever.
    pub(crate) refused: Chance,
    /// A job fails.
    pub(crate) fails: Chance,
    /// A result's link is dead.
    pub(crate) dead_link: Chance,
}

/// How the database is.
#[derive(Debug, Clone)]
pub(crate) struct Nerves {
    /// A call fails and nothing is written.
    pub(crate) fails: Chance,
    /// A call is done and its reply is lost.
    pub(crate) loses: Chance,
    /// An answer is slow to be heard.
    pub(crate) dawdles: Chance,
}

/// How processes are; each is a chance at every step of the run.
#[derive(Debug, Clone)]
pub(crate) struct Health {
    /// A process dies.
    pub(crate) dies: Chance,
    /// A process stands still.
    pub(crate) pauses: Chance,
    /// Longest time that it does, in milliseconds.
    pub(crate) pause_ms: i64,
    /// A wall clock jumps.
    pub(crate) jumps: Chance,
    /// How far at most, in milliseconds.
    pub(crate) jump_ms: i64,
}

impl Plan {
    /// The run of a seed.
    pub(crate) fn draw(seed: u64) -> Plan {
        let mut rng = Rng::with_seed(seed ^ 0x5eed_0f00_d5ea_c0de);
        let nodes = 1 + usize::from(rng.u8(0..10) < 6);
        let strict = rng.bool();
        // In one run of four everything goes well, so that what then breaks is no fault of the weather.
        let calm = rng.u8(0..4) == 0;
        let mut rate = |most: u32| {
            let drawn = rng.u32(0..=most);
            Chance(if calm || drawn * 4 < most { 0 } else { drawn })
        };
        let vendor = Temper {
            strict,
            lag_ms: 0,
            work_ms: 0,
            not_sent: rate(100),
            lost_reply: rate(250),
            garbled: rate(200),
            twice: if strict { rate(150) } else { Chance(0) },
            busy: rate(250),
            broken: rate(200),
            refused: rate(40),
            fails: rate(250),
            dead_link: rate(150),
        };
        let store = Nerves {
            fails: rate(50),
            loses: rate(40),
            dawdles: rate(250),
        };
        let health = Health {
            dies: rate(12),
            pauses: rate(12),
            pause_ms: 0,
            jumps: if strict { rate(10) } else { Chance(0) },
            jump_ms: 0,
        };
        let has_deadline = rng.u8(0..8) == 0;
        Plan {
            seed,
            nodes,
            wishes: rng.usize(1..=8),
            accounts: 1 + usize::from(rng.u8(0..3) == 0),
            slots: rng.u32(1..=4),
            chaos_ms: rng.i64(20_000..=180_000),
            deadline_ms: match has_deadline {
                true => rng.u64(30_000..=400_000),
                false => FAR_DEADLINE_MS,
            },
            voids_leases: nodes == 1 && rng.bool(),
            vendor: Temper {
                // Create time-out, this and the lease stay below the absence bound of 90 s.
                lag_ms: rng.i64(0..=30_000),
                work_ms: rng.i64(1_000..=90_000),
                ..vendor
            },
            store,
            health: Health {
                pause_ms: LEASE_MS * rng.i64(1..=8) / 2,
                jump_ms: rng.i64(1_000..=600_000),
                ..health
            },
        }
    }

    /// Whether a task may end by its deadline: it is near, or clocks jump towards it.
    pub(crate) fn may_run_out_of_time(&self) -> bool {
        self.deadline_ms < FAR_DEADLINE_MS
    }
}
