//! The world of a run: its time, its chance, who waits at which gate, what is on its way to the vendor, and
//! the history. Everything that happens between two pieces of code happens at a gate, and one driver opens
//! them one by one, so that a seed plays the same run again.

use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::transport::TransportError;
use fastrand::Rng;
use parking_lot::Mutex;
use tokio::sync::{Notify, oneshot};

use super::plan::{Chance, Plan};
use super::vendor::{Letter, Vendor};

/// Turns of the runtime after which everything that could go on has come to a gate.
const TURNS_TO_REST: usize = 12;

/// What a gate's keeper says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Go on.
    Go,
    /// It fails, and nothing was done.
    Fail,
    /// It is done, and the answer is lost.
    LoseReply,
}

/// What somebody waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// To read from the database.
    Read,
    /// To write into it.
    Write,
    /// To hear the answer of the database.
    Hear,
    /// To send the first byte of a request.
    Depart,
}

/// Somebody who waits.
pub(crate) struct Gate {
    pub(crate) process: usize,
    pub(crate) kind: Kind,
    pub(crate) label: String,
    tell: oneshot::Sender<Verdict>,
}

/// A reply as it reaches its asker.
pub(crate) type Reply = Result<Letter, TransportError>;

/// A request, or its reply, on its way.
pub(crate) struct Flight {
    pub(crate) process: usize,
    pub(crate) letter: Way,
    pub(crate) arrives_by: i64,
    pub(crate) times_out_at: i64,
    pub(crate) label: String,
    pub(crate) tell: Option<oneshot::Sender<Reply>>,
}

/// Which way a flight goes.
pub(crate) enum Way {
    /// To the vendor.
    Out(domain::transport::OutRequest),
    /// Back.
    Back(Reply),
    /// Nowhere any more: the asker waits for its time-out.
    Lost,
}

/// A process as the world sees it.
#[derive(Debug, Clone)]
pub(crate) struct Standing {
    pub(crate) alive: bool,
    pub(crate) paused_until: i64,
    pub(crate) skew_ms: i64,
    /// How long it stood still in all, for those whose clock does not notice.
    pub(crate) slept_ms: i64,
}

/// Everything that changes.
pub(crate) struct Inner {
    pub(crate) rng: Rng,
    pub(crate) now_ms: i64,
    pub(crate) calm: bool,
    pub(crate) gates: Vec<Gate>,
    pub(crate) flights: Vec<Flight>,
    pub(crate) processes: Vec<Standing>,
    pub(crate) vendor: Vendor,
    pub(crate) history: Vec<String>,
    pub(crate) breaches: Vec<String>,
}

/// The world of a run.
pub(crate) struct World {
    pub(crate) plan: Plan,
    pub(crate) inner: Mutex<Inner>,
    busy: AtomicUsize,
    idle: Notify,
}

/// A real call that is under way; while it is, nothing else is let through.
pub(crate) struct Busy<'world>(&'world World);

impl World {
    pub(crate) fn new(plan: Plan) -> Arc<World> {
        let inner = Inner {
            rng: Rng::with_seed(plan.seed),
            now_ms: 0,
            calm: false,
            gates: Vec::new(),
            flights: Vec::new(),
            processes: Vec::new(),
            vendor: Vendor::new(&plan),
            history: Vec::new(),
            breaches: Vec::new(),
        };
        Arc::new(World {
            plan,
            inner: Mutex::new(inner),
            busy: AtomicUsize::new(0),
            idle: Notify::new(),
        })
    }

    /// Waits until the driver lets a process through. One that is dead hears that it failed.
    pub(crate) async fn pass(&self, process: usize, kind: Kind, label: impl FnOnce() -> String) -> Verdict {
        let told = {
            let mut inner = self.inner.lock();
            if !inner.processes[process].alive && kind != Kind::Write {
                return Verdict::Fail;
            }
            let (tell, told) = oneshot::channel();
            inner.gates.push(Gate {
                process,
                kind,
                label: label(),
                tell,
            });
            told
        };
        told.await.unwrap_or(Verdict::Fail)
    }

    /// Sends a request on its way and waits for what comes back.
    pub(crate) async fn fly(
        &self,
        process: usize,
        request: domain::transport::OutRequest,
        label: String,
    ) -> Reply {
        let told = {
            let mut inner = self.inner.lock();
            let (tell, told) = oneshot::channel();
            let timeout_ms = i64::try_from(request.timeout_ms).unwrap_or(i64::MAX);
            let times_out_at = inner.now_ms.saturating_add(timeout_ms);
            inner.flights.push(Flight {
                process,
                arrives_by: times_out_at,
                letter: Way::Out(request),
                times_out_at,
                label,
                tell: Some(tell),
            });
            told
        };
        told.await
            .unwrap_or_else(|_| Err(TransportError::Ambiguous("the process is gone".to_owned())))
    }

    /// Marks a real call until the answer is dropped.
    pub(crate) fn busy(&self) -> Busy<'_> {
        self.busy.fetch_add(1, Ordering::SeqCst);
        Busy(self)
    }

    /// Waits until everybody waits.
    pub(crate) async fn rest(&self) {
        loop {
            for _ in 0..TURNS_TO_REST {
                tokio::task::yield_now().await;
            }
            if self.busy.load(Ordering::SeqCst) == 0 {
                return;
            }
            self.idle.notified().await;
        }
    }

    /// Whether something drawn in the plan strikes; never once all is calm.
    pub(crate) fn strikes(&self, chance: Chance) -> bool {
        let mut inner = self.inner.lock();
        !inner.calm && chance.strikes(&mut inner.rng)
    }

    /// Writes into the history.
    pub(crate) fn note(&self, what: impl FnOnce() -> String) {
        self.inner.lock().note(what());
    }

    /// Writes a broken promise down.
    #[track_caller]
    pub(crate) fn breach(&self, what: String) {
        self.inner.lock().breach(what);
    }
}

impl Inner {
    /// Writes into the history.
    pub(crate) fn note(&mut self, what: String) {
        let at = self.now_ms;
        self.history
            .push(format!("{:>8}.{:03} {what}", at / 1_000, at % 1_000));
    }

    /// Writes a broken promise down.
    #[track_caller]
    pub(crate) fn breach(&mut self, what: String) {
        let law = Location::caller();
        self.note(format!("BROKEN (simulate line {}): {what}", law.line()));
        self.breaches.push(what);
    }

    /// Whether a process is awake.
    pub(crate) fn is_awake(&self, process: usize) -> bool {
        let standing = &self.processes[process];
        standing.alive && standing.paused_until <= self.now_ms
    }

    /// Opens a gate.
    pub(crate) fn open(&mut self, at: usize, verdict: Verdict) {
        let gate = self.gates.remove(at);
        let word = match verdict {
            Verdict::Go => "",
            Verdict::Fail => ": FAILS",
            Verdict::LoseReply => ": REPLY LOST",
        };
        self.note(format!("p{} {}{word}", gate.process, gate.label));
        // Who died meanwhile does not hear it.
        let _ = gate.tell.send(verdict);
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        if self.0.busy.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0.idle.notify_one();
        }
    }
}
