//! A process in a run: an engine with the real provider, over a database and a way out that fail, and what it
//! has under way. Killing it drops everything at whatever it waits for.

use std::sync::Arc;

use domain::credentials::Credentials;
use domain::provider::Account;
use domain::store::StoreError;
use domain::{Blobs, Clock, PriceBook, Provider, Store, Transport};
use engine::{Engine, Parts, ServeRule, Settings};
use futures_util::future::BoxFuture;
use testkit::ids::SeededIds;
use testkit::scribe::PlainScribe;
use tokio::task::JoinHandle;

use super::clock::ProcessClock;
use super::laws::Laws;
use super::sabotage::Sabotage;
use super::shaky::Shaky;
use super::warehouse::Warehouse;
use super::wire::{Broken, Outside};
use super::world::{Standing, World};

/// How long an absence is not believed, in milliseconds; the default of the settings.
const ABSENCE_BOUND_MS: u64 = 90_000;

/// Steps of a turn, as the engine hands them out.
type Steps = Vec<BoxFuture<'static, ()>>;

/// What all processes of a run share.
#[derive(Clone)]
pub(crate) struct Ground {
    pub(crate) world: Arc<World>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) warehouse: Arc<Warehouse>,
    pub(crate) laws: Arc<Laws>,
    pub(crate) ids: Arc<SeededIds>,
    pub(crate) sabotage: Option<Sabotage>,
}

/// A running process.
pub(crate) struct Process {
    /// Its number in the world.
    pub(crate) number: usize,
    pub(crate) engine: Arc<Engine>,
    turn: Option<JoinHandle<Result<Steps, StoreError>>>,
    steps: Vec<JoinHandle<()>>,
    /// Whether something happened since its last turn.
    pub(crate) turn_is_due: bool,
}

impl Process {
    /// Starts one, with a clock on its wall that is off by so much.
    pub(crate) fn start(ground: &Ground, skew_ms: i64) -> Process {
        let world = &ground.world;
        let number = {
            let mut inner = world.inner.lock();
            inner.processes.push(Standing {
                alive: true,
                paused_until: 0,
                skew_ms,
                slept_ms: 0,
            });
            inner.processes.len() - 1
        };
        let name = format!("p{number}");
        world.note(|| format!("{name} starts"));
        let clock: Arc<dyn Clock> = Arc::new(ProcessClock {
            world: Arc::clone(world),
            process: number,
            sabotage: ground.sabotage,
        });
        let store = Shaky {
            world: Arc::clone(world),
            process: number,
            inner: Arc::clone(&ground.store),
            laws: Arc::clone(&ground.laws),
            sabotage: ground.sabotage,
        };
        let transport: Arc<dyn Transport> = Arc::new(Outside {
            world: Arc::clone(world),
            process: number,
        });
        let entry = providers::find("kling").expect("the provider is in the list");
        let kling = (entry.build)(providers::Setup {
            threads: 1,
            clock: Arc::clone(&clock),
        });
        let provider: Arc<dyn Provider> = Broken::new(kling, ground.sabotage);
        let accounts =
            (0..world.plan.accounts).map(|n| (account(n, world.plan.slots), Arc::clone(&provider)));
        let book: PriceBook =
            toml::from_str(reelway::prices::BUILT_IN).expect("the built-in book is readable");
        let engine = Engine::new(Parts {
            store: Arc::new(store),
            blobs: Arc::clone(&ground.warehouse) as Arc<dyn Blobs>,
            transport,
            scribe: Arc::new(PlainScribe),
            clock,
            ids: Arc::clone(&ground.ids) as _,
            publish: None,
            accounts: accounts.collect(),
            book,
            settings: Settings {
                node: name,
                absence_bound_ms: ABSENCE_BOUND_MS,
                upstream_deadline_ms: world.plan.deadline_ms,
                animatic_serve: ServeRule::Never,
                ..Settings::default()
            },
        });
        Process {
            number,
            engine,
            turn: None,
            steps: Vec::new(),
            turn_is_due: true,
        }
    }

    /// Begins a turn; false while one is under way.
    pub(crate) fn begin_turn(&mut self) -> bool {
        if self.turn.is_some() {
            return false;
        }
        self.turn_is_due = false;
        let engine = Arc::clone(&self.engine);
        self.turn = Some(tokio::spawn(async move { engine.hand_out().await }));
        true
    }

    /// Whether a turn could begin.
    pub(crate) fn wants_turn(&self) -> bool {
        self.turn_is_due && self.turn.is_none()
    }

    /// Takes in what has ended: the steps of a turn begin.
    pub(crate) async fn reap(&mut self) {
        if self.turn.as_ref().is_some_and(JoinHandle::is_finished)
            && let Some(turn) = self.turn.take()
            && let Ok(Ok(steps)) = turn.await
        {
            self.steps.extend(steps.into_iter().map(tokio::spawn));
        }
        let before = self.steps.len();
        self.steps.retain(|step| !step.is_finished());
        self.turn_is_due |= self.steps.len() < before;
    }

    /// Ends it where it stands.
    pub(crate) fn kill(self) {
        for step in &self.steps {
            step.abort();
        }
        if let Some(turn) = &self.turn {
            turn.abort();
        }
    }
}

/// The `n`th login, opened with its own name as its key.
fn account(n: usize, slots: u32) -> Account {
    let name = format!("kling-{n}");
    Account {
        credentials: Credentials::ApiKey(name.clone().into()),
        base_url: Some("https://api.vendor.example".to_owned()),
        name,
        provider: providers::kling::NAME.to_owned(),
        slots,
        ..Account::default()
    }
}
