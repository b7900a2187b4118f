//! The house without its roof, on a table: a real database and folder, a scripted provider, a clock
//! and belts that the test moves by hand. Holds no tests.

use std::sync::Arc;

use domain::account::Account;
use domain::dialect::Submission;
use domain::http::Reply;
use domain::store::{Delivery, LedgerReport};
use domain::{
    Ask, Blobs, Clock, Face, Line, LineKind, Micros, PriceBook, Provider, Refusal, StateWord, Store, Task,
    TaskId, TenantId, Transport,
};
use engine::{Caller, Engine, Order, Parts, ServeRule, Settings, Taken};
use store::{Lock, Options};
use testkit::clock::ManualClock;
use testkit::ids::SeededIds;
use testkit::provider::Scripted;
use testkit::sample;
use testkit::scribe::PlainScribe;
use testkit::transport::ScriptedTransport;

/// Bytes of rows that the read cache of a rig may hold.
const CACHE_BYTES: u64 = 1024 * 1024;

/// Longest time for a call that hangs, in real milliseconds.
const UPSTREAM_TIMEOUT_MS: u64 = 50;

/// The house on a table.
pub(crate) struct Rig {
    pub(crate) engine: Arc<Engine>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) provider: Arc<Scripted>,
    pub(crate) transport: Arc<ScriptedTransport>,
    pub(crate) caller: Caller,
    ids: Arc<SeededIds>,
    slots: u32,
    database: Option<String>,
    dir: tempfile::TempDir,
}

impl Rig {
    /// A house with one account of eight slots at a provider that does as it is told.
    pub(crate) async fn new() -> Rig {
        Rig::with(Scripted::new(), 8).await
    }

    /// A house with an account of so many slots at this provider.
    pub(crate) async fn with(provider: Scripted, slots: u32) -> Rig {
        Rig::over(provider, slots, None).await
    }

    /// A house on a database of its own, else on SQLite in its folder.
    pub(crate) async fn over(provider: Scripted, slots: u32, database: Option<String>) -> Rig {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let clock = Arc::new(ManualClock::new());
        let ids = Arc::new(SeededIds::new(11));
        let (provider, transport) = (Arc::new(provider), Arc::new(ScriptedTransport::default()));
        let caller = Caller {
            tenant: sample::tenant(1),
            key: sample::key_row(1, "").id,
            holder: sample::key_row(1, "").id,
            guards: domain::limits::Guards::default(),
        };
        let store = open_store(database.as_deref(), dir.path()).await;
        let parts = parts(dir.path(), store, (&clock, &ids), (&provider, slots), &transport);
        let engine = Engine::new(parts.await);
        for n in [1, 2] {
            let row = sample::tenant_row(n, false);
            engine
                .store()
                .registry()
                .create_tenant(&row)
                .await
                .expect("a new tenant");
        }
        let rig = Rig {
            engine,
            clock,
            provider,
            transport,
            caller,
            ids,
            slots,
            database,
            dir,
        };
        rig.credit(sample::tenant(1), Micros(1_000_000_000)).await;
        rig
    }

    /// Where its files are.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.dir.path()
    }

    /// Puts money in.
    pub(crate) async fn credit(&self, tenant: TenantId, amount: Micros) {
        let line = Line {
            task: None,
            tenant: Some(tenant),
            kind: LineKind::Credit,
            sequence: 0,
            from: domain::LedgerAccount::Funding,
            to: domain::LedgerAccount::Available(tenant),
            amount,
            at: sample::at(0),
            note: "for the test".to_owned(),
        };
        self.engine.store().post(vec![line]).await.expect("a credit");
    }

    /// Drops the process's memory and opens the house anew on the same files.
    pub(crate) async fn restart(self) -> Rig {
        let Rig {
            engine,
            clock,
            provider,
            transport,
            caller,
            ids,
            slots,
            database,
            dir,
        } = self;
        drop(engine);
        let store = open_store(database.as_deref(), dir.path()).await;
        let parts = parts(dir.path(), store, (&clock, &ids), (&provider, slots), &transport);
        let engine = Engine::new(parts.await);
        Rig {
            engine,
            clock,
            provider,
            transport,
            caller,
            ids,
            slots,
            database,
            dir,
        }
    }

    /// A second process on the same database, with a name of its own in leases.
    pub(crate) async fn twin(&self) -> Arc<Engine> {
        let store = open_store(self.database.as_deref(), self.dir.path()).await;
        let nature = (&self.clock, &self.ids);
        let provider = (&self.provider, self.slots);
        let mut parts = parts(self.dir.path(), store, nature, provider, &self.transport).await;
        parts.settings.node = "node-2".to_owned();
        Engine::new(parts)
    }

    /// Another process on the same database and files, with a name of its own in leases and a clock of its
    /// own.
    pub(crate) fn beside(&self, node: &str, clock: Arc<dyn Clock>) -> Arc<Engine> {
        let mut parts = self.parts_beside();
        parts.settings.node = node.to_owned();
        parts.clock = clock;
        Engine::new(parts)
    }

    /// Another process on the same database and files, with other accounts and another way out.
    pub(crate) fn engine_with(
        &self,
        accounts: Vec<(Account, Arc<dyn Provider>)>,
        transport: Arc<dyn Transport>,
    ) -> Arc<Engine> {
        Engine::new(Parts {
            accounts,
            transport,
            ..self.parts_beside()
        })
    }

    /// What another process on the same database and files is made of.
    pub(crate) fn parts_beside(&self) -> Parts {
        let (store, blobs) = (Arc::clone(self.engine.store()), Arc::clone(self.engine.blobs()));
        let nature = (&self.clock, &self.ids);
        parts_over(
            (store, blobs),
            nature,
            (&self.provider, self.slots),
            &self.transport,
        )
    }

    /// Submits a wish.
    pub(crate) async fn try_submit(&self, submission: Submission) -> Result<Taken, Refusal> {
        self.try_submit_to(&self.engine, submission).await
    }

    /// Submits a wish to a process.
    pub(crate) async fn try_submit_to(
        &self,
        engine: &Engine,
        submission: Submission,
    ) -> Result<Taken, Refusal> {
        let render = |task: &Task| Reply::json(200, &serde_json::json!({"task_id": task.id().prefixed()}));
        let order = Order {
            caller: self.caller,
            face: Face {
                dialect: "elk".to_owned(),
                mount: String::new(),
                version: 1,
            },
            base_url: "http://127.0.0.1:8787".to_owned(),
            submission: Box::new(submission),
            idempotency: None,
            render: &render,
        };
        engine.submit(order).await
    }

    /// Submits the sample wish and expects it to be taken.
    pub(crate) async fn submit(&self) -> TaskId {
        self.try_submit(submission(sample::ask()))
            .await
            .expect("the sample wish is taken")
            .task
    }

    /// Submits the sample wish with a callback address.
    pub(crate) async fn submit_with_callback(&self) -> TaskId {
        let callback_url = Some("https://hooks.example/kling".to_owned());
        let submission = Submission {
            callback_url,
            ..submission(sample::ask())
        };
        self.try_submit(submission)
            .await
            .expect("the sample wish is taken")
            .task
    }

    /// Turns the belts until nothing is due.
    pub(crate) async fn crank(&self) -> usize {
        self.engine.crank().await.expect("the belts turn")
    }

    /// Moves the clock, then turns the belts.
    pub(crate) async fn crank_after(&self, milliseconds: i64) -> usize {
        self.clock.advance_ms(milliseconds);
        self.crank().await
    }

    /// The task as its row says.
    pub(crate) async fn task(&self, id: TaskId) -> Arc<Task> {
        let task = self.engine.store().any_task(id).await.expect("the store answers");
        task.expect("an acknowledged task is known")
    }

    /// The state's name.
    pub(crate) async fn state(&self, id: TaskId) -> StateWord {
        self.task(id).await.word()
    }

    /// The ledger lines of a task as (kind, micro-dollars).
    pub(crate) async fn money(&self, id: TaskId) -> Vec<(LineKind, i64)> {
        let lines = self.engine.store().lines(id).await.expect("the store answers");
        lines.into_iter().map(|line| (line.kind, line.amount.0)).collect()
    }

    /// Webhooks of a task.
    pub(crate) async fn deliveries(&self, id: TaskId) -> Vec<Delivery> {
        let found = self.engine.store().outbox().deliveries_of(id).await;
        found.expect("the store answers")
    }

    /// Webhook events that came to be owed for a task.
    pub(crate) async fn owed(&self, id: TaskId) -> Vec<String> {
        let owed = self.deliveries(id).await;
        owed.into_iter().map(|delivery| delivery.owed.event).collect()
    }

    /// Proves the books.
    pub(crate) async fn books(&self) -> LedgerReport {
        let report = self
            .engine
            .store()
            .verify_ledger()
            .await
            .expect("the store answers");
        assert_eq!(report.faults, Vec::<String>::new());
        assert_eq!(report.sum_micros, 0);
        report
    }
}

/// A wish with nothing beside it.
pub(crate) fn submission(ask: Ask) -> Submission {
    Submission {
        ask,
        external_id: None,
        callback_url: None,
        ignored: Vec::new(),
        dry_run: false,
        deadline_at: None,
    }
}

async fn open_store(database: Option<&str>, dir: &std::path::Path) -> Arc<dyn Store> {
    let url = database.map_or_else(
        || format!("sqlite:{}", dir.join("reelway.db").display()),
        str::to_owned,
    );
    // The writer thread of a dropped house lets the lock go a moment after its last handle.
    for _ in 0..200 {
        let options = Options {
            url: url.clone(),
            cache_bytes: CACHE_BYTES,
            lock: Lock::Exclusive,
        };
        match store::open(options).await {
            Ok(store) => return store,
            Err(store::OpenError::Locked { .. }) => {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
            Err(error) => panic!("the database opens: {error}"),
        }
    }
    panic!("the house before let go of the database");
}

async fn parts(
    dir: &std::path::Path,
    store: Arc<dyn Store>,
    nature: (&Arc<ManualClock>, &Arc<SeededIds>),
    provider: (&Arc<Scripted>, u32),
    transport: &Arc<ScriptedTransport>,
) -> Parts {
    let blobs = blobs::open(&format!("file:{}", dir.join("blobs").display())).await;
    let rooms = (store, blobs.expect("the folder opens"));
    parts_over(rooms, nature, provider, transport)
}

fn parts_over(
    (store, blobs): (Arc<dyn Store>, Arc<dyn Blobs>),
    (clock, ids): (&Arc<ManualClock>, &Arc<SeededIds>),
    (provider, slots): (&Arc<Scripted>, u32),
    transport: &Arc<ScriptedTransport>,
) -> Parts {
    let book = include_str!("../../src/prices.default.toml");
    let book: PriceBook = toml::from_str(book).expect("the built-in book is readable");
    Parts {
        store,
        blobs,
        transport: Arc::clone(transport) as _,
        scribe: Arc::new(PlainScribe),
        clock: Arc::clone(clock) as _,
        ids: Arc::clone(ids) as _,
        publish: None,
        accounts: vec![(Scripted::account(slots), Arc::clone(provider) as _)],
        book,
        settings: Settings {
            animatic_serve: ServeRule::Never,
            upstream_timeout_ms: UPSTREAM_TIMEOUT_MS,
            ..Settings::default()
        },
    }
}
