//! The house of a schedule: a real database and folder, the real gate, prices that change, a scripted vendor, and
//! a clock that is moved by hand. It dies and is opened again on the same files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use domain::{PriceBook, Store};
use engine::{Engine, Parts, ServeRule, Settings};
use reelway::gate::Gate;
use reelway::sealing::{MasterKey, Sealer};
use store::{Lock, Options};
use testkit::clock::ManualClock;
use testkit::ids::SeededIds;
use testkit::provider::Scripted;
use testkit::scribe::PlainScribe;
use testkit::transport::ScriptedTransport;

/// Bytes of rows that the read cache may hold: few, so that rows are also read from the database.
const CACHE_BYTES: u64 = 64 * 1024;
/// Slots of the one account.
const SLOTS: u32 = 3;
/// Tries to open a database that the house before has not let go of yet.
const OPENS_MAX: u32 = 400;
/// Milliseconds between two of them.
const OPEN_PAUSE_MS: u64 = 2;

/// What outlives a death.
pub(crate) struct Ground {
    pub(crate) folder: PathBuf,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) ids: Arc<SeededIds>,
    pub(crate) vendor: Arc<Scripted>,
    pub(crate) book: PriceBook,
}

/// A process.
pub(crate) struct House {
    pub(crate) engine: Arc<Engine>,
    pub(crate) gate: Gate,
}

impl Ground {
    /// Nothing but a folder.
    pub(crate) fn new(seed: u64, folder: &Path, book: PriceBook) -> Ground {
        Ground {
            folder: folder.to_owned(),
            clock: Arc::new(ManualClock::new()),
            ids: Arc::new(SeededIds::new(seed)),
            vendor: Arc::new(Scripted::new()),
            book,
        }
    }

    /// Starts a process on the files.
    ///
    /// # Errors
    /// When the files cannot be opened.
    pub(crate) async fn open(&self) -> anyhow::Result<House> {
        let store = self.store().await?;
        let blobs = blobs::open(&format!("file:{}", self.folder.join("blobs").display())).await;
        let sealer = Arc::new(Sealer::new(&MasterKey::of_bytes([7; 32]), b"schedules"));
        let gate = Gate::new(Arc::clone(&store), self.clock.clone(), sealer, Vec::new());
        let engine = Engine::new(Parts {
            store,
            blobs: blobs.context("the folder of blobs cannot be opened")?,
            transport: Arc::new(ScriptedTransport::default()),
            scribe: Arc::new(PlainScribe),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            publish: None,
            accounts: vec![(Scripted::account(SLOTS), self.vendor.clone())],
            book: self.book.clone(),
            settings: Settings {
                animatic_serve: ServeRule::Never,
                ..Settings::default()
            },
        });
        engine.refresh_prices().await?;
        Ok(House { engine, gate })
    }

    async fn store(&self) -> anyhow::Result<Arc<dyn Store>> {
        let url = format!("sqlite:{}", self.folder.join("reelway.db").display());
        for _ in 0..OPENS_MAX {
            let options = Options {
                url: url.clone(),
                cache_bytes: CACHE_BYTES,
                lock: Lock::Exclusive,
            };
            match store::open(options).await {
                Ok(store) => return Ok(store),
                Err(store::OpenError::Locked { .. }) => {
                    tokio::time::sleep(std::time::Duration::from_millis(OPEN_PAUSE_MS)).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
        anyhow::bail!("the house before does not let go of the database")
    }
}
