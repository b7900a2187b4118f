//! The wiring: from a configuration to an assembled house. The only place that knows every room; what
//! rooms do is theirs.

use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::sync::Arc;

use domain::store::StoreError;
use domain::webhook::Scribe;
use domain::{Blobs, Clock, Ids, Store};
use engine::{Engine, Parts, ServeRule, Settings};
use secrecy::ExposeSecret as _;
use store::{Lock, Options};
use tokio_util::sync::CancellationToken;

use crate::accounts::kept;
use crate::accounts::office::Office;
use crate::bootstrap::{self, FirstKeys};
use crate::config::sources::Fault;
use crate::config::{AnimaticServe, Config, Environment};
use crate::front::body::{Bounds, Intake};
use crate::gate::Gate;
use crate::gate::rates::Rates;
use crate::lending::Lender;
use crate::links::{LinksAt, Providers, Signer};
use crate::metrics::Metrics;
use crate::prices;
use crate::sealing::{MasterKey, MasterKeyError, Sealer};
use crate::transport::Outside;
use crate::transport::lookup::SystemResolver;
use crate::webhooks::Writer;
use crate::webhooks::secrets::{self, Secrets};
use crate::wiring::accounts::{Login, Plugs};
use crate::wiring::node::{Node, NodeError};

pub mod accounts;
pub mod chance;
pub mod clock;
pub mod node;

/// What the key of pairs is derived for; another purpose gets another key.
const PAIRS: &[u8] = b"reelway/pairs/v1";

/// The folder of bodies that are being taken in, below the data directory.
const SPOOL: &str = "spool";

/// Why a house cannot be put together: one plain sentence with the cure.
#[derive(Debug, thiserror::Error)]
pub enum HouseError {
    /// The data directory cannot be used.
    #[error("the data directory `{0}` cannot be used: {1}")]
    DataDir(String, std::io::Error),
    /// The database cannot be opened.
    #[error(transparent)]
    Database(#[from] store::OpenError),
    /// The warehouse cannot be opened.
    #[error(transparent)]
    Blobs(#[from] blobs::OpenError),
    /// The master key cannot be used.
    #[error(transparent)]
    MasterKey(#[from] MasterKeyError),
    /// The first keys cannot be made.
    #[error(transparent)]
    Bootstrap(#[from] bootstrap::BootstrapError),
    /// The built-in prices cannot be read.
    #[error("the built-in prices cannot be read: {0}")]
    Prices(String),
    /// The way out cannot be set up.
    #[error("the way out of the house cannot be set up: {0}")]
    Transport(Box<dyn std::error::Error + Send + Sync>),
    /// An account names a provider that is not built in.
    #[error("there is no provider `{0}`")]
    NoProvider(String),
    /// The node cannot be begun.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// There is no account of this name.
    #[error("there is no account `{0}`; `reelway accounts list` shows all")]
    NoAccount(String),
    /// An account's login cannot be opened.
    #[error("account `{0}` cannot be used: {1}")]
    Login(String, String),
    /// A declared account cannot be used.
    #[error(transparent)]
    Account(#[from] Fault),
    /// The database does not say what accounts or prices there were.
    #[error("accounts and prices cannot be read: {0}")]
    Accounts(#[from] StoreError),
}

/// Time and chance, from the machine or from a test.
#[derive(Clone)]
pub struct Nature {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub ids: Arc<dyn Ids>,
}

impl Nature {
    /// The machine's own.
    #[must_use]
    pub fn of_machine() -> Nature {
        Nature {
            clock: Arc::new(clock::SystemClock::new()),
            ids: Arc::new(chance::SystemIds),
        }
    }
}

/// The assembled house: everything that a request may need.
pub struct House {
    /// The verbs.
    pub engine: Arc<Engine>,
    /// What the operator decided.
    pub config: Config,
    /// Who may come in.
    pub gate: Gate,
    /// How often.
    pub rates: Rates,
    /// Seals the secrets of pairs.
    pub sealer: Arc<Sealer>,
    /// Addresses at which upstreams fetch input media; none: the outside has no base to reach the house by.
    pub lender: Option<Arc<Lender>>,
    /// Signed links.
    pub links: Arc<Signer>,
    /// What webhooks are signed with.
    pub secrets: Arc<Secrets>,
    /// How bodies are read.
    pub intake: Intake,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub ids: Arc<dyn Ids>,
    /// The provider of each account.
    pub providers: Arc<Providers>,
    /// What is counted for `/metrics`.
    pub metrics: Metrics,
    _node: Node,
    /// Who is plugged in.
    pub office: Office,
    /// Cancelled when the house closes: who only waits then answers at once.
    pub closing: CancellationToken,
}

impl House {
    /// Puts a house together over its data directory. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// [`HouseError`], which says what to mend.
    pub async fn open(
        config: Config,
        environment: &Environment,
        nature: Nature,
    ) -> Result<(Arc<House>, FirstKeys), HouseError> {
        make_private(&config.data_dir)?;
        let store = open_store(&config, Lock::Exclusive).await?;
        let blobs = blobs::open(&config.blobs_url).await?;
        let spool = config.data_dir.join(SPOOL);
        let intake = Intake::open(&spool, Bounds::default())
            .map_err(|error| HouseError::DataDir(spool.display().to_string(), error))?;
        let Nature { clock, ids } = nature;
        let master = MasterKey::of_file(&config.master_key(), &*ids)?;
        let sealer = Arc::new(Sealer::new(&master, PAIRS));
        let first_keys = bootstrap::run(&*store, &*clock, &*ids, environment).await?;
        let plugs = Plugs::new(&config, Arc::clone(&clock));
        let declared = accounts::declared(&config, environment, &*store, &plugs).await?;
        let office = Office::new(declared, plugs, Sealer::new(&master, kept::PURPOSE));
        let providers = Arc::new(Providers::default());
        let accounts = office.logins(&*store, &providers).await?;
        let node = Node::begin(&config.data_dir, &*store, &*ids).await?;
        let base = config.public_url.as_deref();
        let lender = base.map(|base| Arc::new(Lender::new(&master, base, Arc::clone(&clock))));
        let links = Arc::new(Signer::new(
            &master,
            config.links_lifetime_seconds,
            Arc::clone(&clock),
        ));
        let sealer_of_secrets = Sealer::new(&master, secrets::PURPOSE);
        let nature = (Arc::clone(&clock), Arc::clone(&ids));
        let secrets = Secrets::new(Arc::clone(&store), sealer_of_secrets, nature.0, nature.1);
        let secrets = Arc::new(secrets);
        let scribe = Writer {
            secrets: Arc::clone(&secrets),
            links: Arc::clone(&links),
            providers: Arc::clone(&providers),
        };
        let engine = engine(
            &config,
            (node.name.clone(), accounts),
            (store, blobs, Arc::new(scribe)),
            (&clock, &ids),
            lender.clone(),
        )?;
        engine.refresh_prices().await?;
        let house = House {
            _node: node,
            gate: Gate::new(
                Arc::clone(engine.store()),
                Arc::clone(&clock),
                Arc::clone(&sealer),
                config.trusted_proxies.clone(),
            ),
            rates: Rates::new(Arc::clone(&clock)),
            sealer,
            lender,
            links,
            secrets,
            intake,
            engine,
            config,
            clock,
            ids,
            providers,
            metrics: Metrics::default(),
            office,
            closing: CancellationToken::new(),
        };
        Ok((Arc::new(house), first_keys))
    }
}

impl House {
    /// The links of answers whose base is `base_url`.
    #[must_use]
    pub fn links_at<'a>(&'a self, base_url: &'a str) -> LinksAt<'a> {
        self.links
            .at(base_url, self.providers.now())
            .with_queue(&self.engine)
    }
}

/// The store of a data directory, for commands that need no whole house.
///
/// # Errors
/// [`store::OpenError`], which says what to mend.
pub async fn open_store(config: &Config, lock: Lock) -> Result<Arc<dyn Store>, store::OpenError> {
    let options = Options {
        url: config.database_url.expose_secret().to_owned(),
        cache_bytes: config.cache_bytes,
        lock,
    };
    store::open(options).await
}

/// What seals the secrets of pairs, for commands that need no whole house.
///
/// # Errors
/// [`MasterKeyError`], which says what to mend.
pub fn sealer(config: &Config, ids: &dyn Ids) -> Result<Sealer, MasterKeyError> {
    Ok(Sealer::new(
        &MasterKey::of_file(&config.master_key(), ids)?,
        PAIRS,
    ))
}

/// What seals the secrets of accounts, for commands that need no whole house.
///
/// # Errors
/// [`MasterKeyError`], which says what to mend.
pub fn account_sealer(config: &Config, ids: &dyn Ids) -> Result<Sealer, MasterKeyError> {
    Ok(Sealer::new(
        &MasterKey::of_file(&config.master_key(), ids)?,
        kept::PURPOSE,
    ))
}

fn make_private(path: &Path) -> Result<(), HouseError> {
    let made = std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path);
    made.map_err(|error| HouseError::DataDir(path.display().to_string(), error))
}

/// The way out of the house.
fn outside(config: &Config) -> Result<Outside, HouseError> {
    let outside = Outside::new(config.network.clone(), Arc::new(SystemResolver));
    outside.map_err(HouseError::Transport)
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn engine(
    config: &Config,
    (node, accounts): (String, Vec<Login>),
    (store, blobs, scribe): (Arc<dyn Store>, Arc<dyn Blobs>, Arc<dyn Scribe>),
    (clock, ids): (&Arc<dyn Clock>, &Arc<dyn Ids>),
    lender: Option<Arc<Lender>>,
) -> Result<Arc<Engine>, HouseError> {
    let book = prices::built_in().map_err(HouseError::Prices)?;
    let settings = Settings {
        node,
        absence_bound_ms: config.absence_bound_ms,
        upstream_deadline_ms: config.deadline_ms,
        animatic_deadline_ms: config.animatic_deadline_ms,
        animatic_serve: match config.animatic_serve {
            AnimaticServe::Always => ServeRule::Always,
            AnimaticServe::WhenAlone => ServeRule::WhenAlone,
            AnimaticServe::Never => ServeRule::Never,
        },
        fetch_timeout_ms: config.fetch_timeout_ms,
        ..Settings::default()
    };
    Ok(Engine::new(Parts {
        store,
        blobs,
        transport: Arc::new(outside(config)?),
        scribe,
        clock: Arc::clone(clock),
        ids: Arc::clone(ids),
        publish: lender.map(|lender| lender as _),
        accounts,
        book,
        settings,
    }))
}
