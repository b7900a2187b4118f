//! The verbs of the house: what is done with tasks, one file each. Knows only the nouns and ports of
//! `domain`; which database, which vendors and which languages there are is decided in the roof.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use domain::limits::Guards;
use domain::provider::{Account, Publish};
use domain::webhook::Scribe;
use domain::{Blobs, Clock, Ids, KeyId, Millis, PriceBook, Provider, Store, TaskId, TenantId, Transport};
use tokio::sync::{Notify, Semaphore};

mod advance;
mod book;
mod cancel;
mod committer;
mod compare;
mod deliver;
mod dispatch;
mod erase;
mod hint;
mod ingest;
mod late;
mod ownership;
mod pace;
mod poll;
mod quote;
mod reconcile;
mod refer;
mod remake;
mod remarks;
mod remember;
mod report;
mod roster;
mod route;
mod settle;
pub mod sniff;
mod stage;
mod statement;
mod submit;
mod sweep;
pub mod tally;
mod watch;
mod wheel;
mod worker;

pub use compare::{CannotCompare, Compared, Comparing, Verdict};
pub use hint::Heard;
pub use pace::{BreakerState, Standing};
pub use remake::remake;
pub use remarks::{About, Remark};
pub use report::{Rest, Station};
pub use submit::{IdempotencyAsk, Order, Taken};
pub use watch::Listener;

/// The model name, and the lane, of the embedded renderer.
pub const ANIMATIC: &str = "animatic";

/// When the embedded renderer serves models other than its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServeRule {
    /// Always.
    Always,
    /// As long as there is no other account.
    WhenAlone,
    /// Never.
    Never,
}

/// What the operator decides about tasks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// This process's name in leases.
    pub node: String,
    /// How long an absent look-up after a doubtful submit is not believed, in milliseconds.
    pub absence_bound_ms: u64,
    /// Life of a task that an upstream serves, in milliseconds.
    pub upstream_deadline_ms: u64,
    /// Life of a task that the embedded renderer serves, in milliseconds.
    pub animatic_deadline_ms: u64,
    /// When the embedded renderer serves models other than its own.
    pub animatic_serve: ServeRule,
    /// Longest time for one fetch of input media, from the first byte of the request to the last byte of
    /// the body, in milliseconds.
    pub fetch_timeout_ms: u64,
    /// Longest time for one look, look-up or stop at an upstream, in milliseconds. A submit has its
    /// provider's own.
    pub upstream_timeout_ms: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            node: "node-1".to_owned(),
            absence_bound_ms: 90_000,
            upstream_deadline_ms: 24 * 60 * 60 * 1_000,
            animatic_deadline_ms: 30 * 60 * 1_000,
            animatic_serve: ServeRule::WhenAlone,
            fetch_timeout_ms: 60_000,
            upstream_timeout_ms: 30_000,
        }
    }
}

/// Everything that the engine works with.
pub struct Parts {
    /// The ledger room.
    pub store: Arc<dyn Store>,
    /// The warehouse.
    pub blobs: Arc<dyn Blobs>,
    /// The only way out.
    pub transport: Arc<dyn Transport>,
    /// Writes and signs webhooks.
    pub scribe: Arc<dyn Scribe>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub ids: Arc<dyn Ids>,
    /// Where upstreams fetch input media from; none: there is no address that they reach.
    pub publish: Option<Arc<dyn Publish>>,
    /// Logins with the providers that they are at.
    pub accounts: Vec<(Account, Arc<dyn Provider>)>,
    /// Prices in force while no edition was loaded.
    pub book: PriceBook,
    /// What the operator decided.
    pub settings: Settings,
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    /// Whose tasks and whose money.
    pub tenant: TenantId,
    /// With which key.
    pub key: KeyId,
    /// The first key of that key's line, in whose name it is counted.
    pub holder: KeyId,
    /// What both may use.
    pub guards: Guards,
}

/// The verbs with everything that they share.
pub struct Engine {
    store: Arc<dyn Store>,
    blobs: Arc<dyn Blobs>,
    transport: Arc<dyn Transport>,
    publish: Option<Arc<dyn Publish>>,
    scribe: Arc<dyn Scribe>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    roster: roster::Roster,
    hints: hint::Hints,
    shelf: book::Shelf,
    settings: Settings,
    committer: committer::Committer,
    tally: Arc<tally::Tally>,
    remarks: remarks::Remarks,
    pace: pace::Pace,
    places: pace::Places,
    wheel: wheel::Wheel,
    ownership: ownership::Ownership,
    watch: Arc<watch::Watch>,
    bell: Arc<Notify>,
    receivers: Arc<deliver::Receivers>,
    /// One permit for each late look that may go on.
    late_room: Arc<Semaphore>,
    /// Held while sweep forgets and deletes blobs, and while staging makes sure that its blob is there.
    warehouse: tokio::sync::Mutex<()>,
    pulse: AtomicI64,
    turn: parking_lot::Mutex<worker::TurnState>,
}

impl Engine {
    /// Puts the parts together. Must be called inside a tokio runtime: the committer is a task.
    #[must_use]
    pub fn new(parts: Parts) -> Arc<Engine> {
        let posts = roster::posts(
            parts.accounts,
            &parts.transport,
            &parts.blobs,
            parts.publish.as_ref(),
        );
        let watch = Arc::new(watch::Watch::default());
        let ear: Arc<watch::Watch> = Arc::clone(&watch);
        parts.store.attend(ear);
        let tally = Arc::new(tally::Tally::default());
        let counting = (Arc::clone(&parts.clock), Arc::clone(&tally));
        let bell = Arc::new(Notify::new());
        Arc::new(Engine {
            committer: committer::Committer::start(Arc::clone(&parts.store), counting),
            tally,
            remarks: remarks::Remarks::default(),
            watch,
            pace: pace::Pace::new(&posts, Arc::clone(&parts.clock), Arc::clone(&bell)),
            places: pace::Places::default(),
            wheel: wheel::Wheel::default(),
            ownership: ownership::Ownership::new(parts.clock.monotonic_ms()),
            bell,
            receivers: Arc::default(),
            late_room: Arc::new(Semaphore::new(late::SIDE_BY_SIDE)),
            warehouse: tokio::sync::Mutex::new(()),
            pulse: AtomicI64::new(parts.clock.now().0),
            turn: parking_lot::Mutex::new(worker::TurnState::default()),
            store: parts.store,
            blobs: parts.blobs,
            transport: parts.transport,
            publish: parts.publish,
            scribe: parts.scribe,
            clock: parts.clock,
            ids: parts.ids,
            roster: roster::Roster::new(posts),
            hints: hint::Hints::default(),
            shelf: book::Shelf::new(parts.book),
            settings: parts.settings,
        })
    }

    /// Begins to listen for changes of a task: read it afterwards, then wait.
    #[must_use]
    pub fn listen(&self, task: TaskId) -> Listener {
        self.watch.listen(task)
    }

    /// The ledger room.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// The warehouse.
    #[must_use]
    pub fn blobs(&self) -> &Arc<dyn Blobs> {
        &self.blobs
    }

    /// Time.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Chance.
    #[must_use]
    pub fn ids(&self) -> &Arc<dyn Ids> {
        &self.ids
    }

    /// When the belts last turned; readiness is judged by it.
    #[must_use]
    pub fn pulse(&self) -> Millis {
        Millis(self.pulse.load(std::sync::atomic::Ordering::Relaxed))
    }
}
