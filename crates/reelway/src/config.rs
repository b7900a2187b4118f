//! The configuration in force: typed, checked, complete. How it is gathered from defaults, file,
//! environment and command line lives in `config/sources.rs`; what it is used for in `wiring.rs`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use secrecy::{ExposeSecret as _, SecretString};

pub mod accounts;
pub mod environment;
pub mod sources;

pub use accounts::AccountEntry;
pub use environment::Environment;
pub use sources::{Flags, Origin, Sources};

use crate::config::sources::Fault;
use crate::gate::terms;
use crate::transport::guard::Rules;

/// When the embedded renderer takes work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnimaticServe {
    /// Every model, whatever accounts there are.
    Always,
    /// Every model while it is alone; else only its own name and previews.
    WhenAlone,
    /// Nothing.
    Never,
}

impl AnimaticServe {
    /// Every rule with its word in the configuration.
    pub const ALL: [(AnimaticServe, &'static str); 3] = [
        (AnimaticServe::Always, "always"),
        (AnimaticServe::WhenAlone, "when-alone"),
        (AnimaticServe::Never, "never"),
    ];
}

/// Everything that the operator decides.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where database, blobs and master key lie.
    pub data_dir: PathBuf,
    /// The address of the one port.
    pub listen: SocketAddr,
    /// Proxies that are believed whom they speak for.
    pub trusted_proxies: Vec<IpNet>,
    /// The base of links; none: the Host of the request that asked.
    pub public_url: Option<String>,
    /// How long signed links live, in seconds.
    pub links_lifetime_seconds: u64,
    /// When unfinished upstream tasks fail, in milliseconds.
    pub deadline_ms: u64,
    /// How long a doubtful submit must be absent before it is believed so, in milliseconds.
    pub absence_bound_ms: u64,
    /// Where tasks and books are kept, as a URL for `store::open`; it may hold a password.
    pub database_url: SecretString,
    /// Memory for the store's read cache.
    pub cache_bytes: u64,
    /// Where blobs are kept, as a URL for `blobs::open`.
    pub blobs_url: String,
    /// When animatic takes work.
    pub animatic_serve: AnimaticServe,
    /// Storyboards in work at once; 0: as many as cores.
    pub animatic_slots: u32,
    /// When unfinished storyboards fail, in milliseconds.
    pub animatic_deadline_ms: u64,
    /// Where the house may go beyond the public network.
    pub network: Rules,
    /// Longest time for one fetch of input media, in milliseconds.
    pub fetch_timeout_ms: u64,
    /// Declared upstream logins.
    pub accounts: Vec<AccountEntry>,
}

/// Shortest life of a link, in seconds: below, a link is dead before it is used.
const LINKS_LIFETIME_MIN_SECONDS: u64 = 60;
/// Longest time of any kind: a hundred years; more is a slip of the pen and would overflow sums.
const TIME_MAX_SECONDS: u64 = 100 * 366 * 24 * 3_600;
/// Most storyboards at once: far above the cores of any machine.
const ANIMATIC_SLOTS_MAX: u64 = 1_024;

impl Config {
    /// Gathers and checks the configuration.
    ///
    /// # Errors
    /// A [`Fault`] in one plain sentence that names key, place and cure.
    pub fn load(flags: &Flags, environment: &Environment) -> Result<(Config, Sources), Fault> {
        let sources = Sources::gather(flags, environment)?;
        let config = Config::read(&sources)?;
        Ok((config, sources))
    }

    /// Reads the typed configuration out of gathered values.
    ///
    /// # Errors
    /// A [`Fault`] that names the first value that is not allowed.
    pub fn read(sources: &Sources) -> Result<Config, Fault> {
        let data_dir = PathBuf::from(sources.text("data_dir")?);
        if data_dir.as_os_str().is_empty() {
            return Err(sources.fault("data_dir", "must name a directory"));
        }
        let animatic_slots = sources.whole("animatic.slots", 0, ANIMATIC_SLOTS_MAX)?;
        let network = network(sources)?;
        Ok(Config {
            listen: listen(sources)?,
            trusted_proxies: trusted_proxies(sources)?,
            public_url: public_url(sources)?,
            links_lifetime_seconds: seconds(sources, "links.lifetime", LINKS_LIFETIME_MIN_SECONDS)?,
            deadline_ms: seconds(sources, "tasks.deadline", 1)? * 1_000,
            absence_bound_ms: seconds(sources, "tasks.absence_bound", 1)? * 1_000,
            database_url: database_url(sources, &data_dir)?,
            cache_bytes: sources.size("database.cache")?,
            blobs_url: blobs_url(sources, &data_dir)?,
            animatic_serve: animatic_serve(sources)?,
            animatic_slots: u32::try_from(animatic_slots).unwrap_or(u32::MAX),
            animatic_deadline_ms: seconds(sources, "animatic.deadline", 1)? * 1_000,
            accounts: accounts::read(sources, &network)?,
            network,
            fetch_timeout_ms: seconds(sources, "network.fetch_timeout", 1)? * 1_000,
            data_dir,
        })
    }

    /// The file of the database, where it is SQLite.
    #[must_use]
    pub fn database_file(&self) -> Option<&Path> {
        self.database_url
            .expose_secret()
            .strip_prefix("sqlite:")
            .map(Path::new)
    }

    /// The socket by which commands find the running server.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.data_dir.join("run.sock")
    }

    /// The file of the master key.
    #[must_use]
    pub fn master_key(&self) -> PathBuf {
        self.data_dir.join("master.key")
    }
}

fn seconds(sources: &Sources, key: &str, least: u64) -> Result<u64, Fault> {
    let seconds = sources.time(key)?.as_secs();
    if (least..=TIME_MAX_SECONDS).contains(&seconds) {
        return Ok(seconds);
    }
    let least = humantime::format_duration(std::time::Duration::from_secs(least));
    Err(sources.fault(
        key,
        &format!("must be at least `{least}` and at most a hundred years"),
    ))
}

fn network(sources: &Sources) -> Result<Rules, Fault> {
    let key = "network.allow_hosts";
    let hosts = sources.list(key)?;
    Rules::new(sources.flag("network.allow_private")?, &hosts).map_err(|entry| {
        let cure = "must hold hosts or hosts with port, such as `10.0.0.7:9000` or `[fd00::7]:9000`";
        sources.fault(key, &format!("holds `{entry}` and {cure}"))
    })
}

fn listen(sources: &Sources) -> Result<SocketAddr, Fault> {
    let text = sources.text("server.listen")?;
    let cure = "must be an address and a port, such as `127.0.0.1:8787` or `[::]:8787`";
    let listen = text.parse();
    listen.map_err(|_| sources.fault("server.listen", &format!("is `{text}` and {cure}")))
}

fn trusted_proxies(sources: &Sources) -> Result<Vec<IpNet>, Fault> {
    let key = "server.trusted_proxies";
    let cure = "must hold addresses or networks, such as `10.0.0.7` or `10.0.0.0/8`";
    let entries = sources.list(key)?;
    let read = entries.iter().map(|entry| {
        terms::network(entry).ok_or_else(|| sources.fault(key, &format!("holds `{entry}` and {cure}")))
    });
    read.collect()
}

fn public_url(sources: &Sources) -> Result<Option<String>, Fault> {
    let key = "server.public_url";
    let text = sources.text(key)?.trim().trim_end_matches('/').to_owned();
    if text.is_empty() {
        return Ok(None);
    }
    let uri: Result<http::Uri, _> = text.parse();
    let good = uri.is_ok_and(|uri| {
        let web = matches!(uri.scheme_str(), Some("http" | "https"));
        let authority = uri.authority().is_some_and(|name| !name.as_str().contains('@'));
        web && authority && uri.query().is_none()
    });
    if good {
        return Ok(Some(text));
    }
    let cure = "must be an http or https address without query, such as `https://media.example.com`";
    Err(sources.fault(key, &format!("is `{text}` and {cure}")))
}

fn under(data_dir: &Path, text: &str) -> String {
    text.replace("DATA_DIR", &data_dir.to_string_lossy())
}

fn database_url(sources: &Sources, data_dir: &Path) -> Result<SecretString, Fault> {
    let key = "database.url";
    let text = sources.text(key)?;
    match text.split_once(':') {
        Some(("sqlite", path)) if !path.is_empty() => Ok(format!("sqlite:{}", under(data_dir, path)).into()),
        Some(("postgres" | "postgresql", rest)) if rest.starts_with("//") => Ok(text.into()),
        _ => Err(sources.fault(
            key,
            "must be `sqlite:PATH` or `postgres://USER:PASSWORD@HOST:PORT/DATABASE`",
        )),
    }
}

fn blobs_url(sources: &Sources, data_dir: &Path) -> Result<String, Fault> {
    let key = "blobs.url";
    let text = sources.text(key)?;
    match text.split_once(':') {
        Some(("file", path)) if !path.is_empty() => Ok(format!("file:{}", under(data_dir, path))),
        Some(("s3", _)) => Err(sources.fault(
            key,
            "names S3, which this version cannot use yet; use `file:PATH`",
        )),
        _ => Err(sources.fault(key, "must be `file:PATH`")),
    }
}

fn animatic_serve(sources: &Sources) -> Result<AnimaticServe, Fault> {
    let key = "animatic.serve";
    let text = sources.text(key)?;
    let row = AnimaticServe::ALL.iter().find(|(_, word)| *word == text);
    row.map(|(serve, _)| *serve).ok_or_else(|| {
        let words = AnimaticServe::ALL.map(|(_, word)| format!("`{word}`")).join(", ");
        sources.fault(key, &format!("is `{text}` and must be one of {words}"))
    })
}
