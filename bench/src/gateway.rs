//! The real gateway as a child process: found or built, started, watched until it is ready, killed; and the books of
//! its database, as its own command shows them.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use serde::{Deserialize, Serialize};
use tokio::process::{Child, Command};

use crate::leash;
use crate::stopwatch::Stopwatch;
use crate::wire::{self, Line};

/// The client key that a fresh database is started with.
pub(crate) const CLIENT_KEY: &str = "bench-client-key-for-one-run-only";
/// The admin key that a fresh database is started with.
pub(crate) const ADMIN_KEY: &str = "bench-admin-key-for-one-run-only";
/// Longest wait until a started gateway is ready; far above the target, so that only a hang is cut off.
pub(crate) const START_LIMIT: Duration = Duration::from_secs(30);
/// Pause between two looks at a gateway that is not ready yet.
const START_PAUSE: Duration = Duration::from_millis(1);
/// Longest run of a command that ends by itself.
const COMMAND_LIMIT: Duration = Duration::from_secs(60);
/// The file of the product's configuration, below a dwelling.
const CONFIG: &str = "reelway.toml";

/// The product's binary.
#[derive(Debug, Clone)]
pub(crate) struct Binary(pub PathBuf);

impl Binary {
    /// The named file, or the one beside this program, brought up to date by cargo first.
    ///
    /// # Errors
    /// When there is none and none can be built.
    pub(crate) async fn find(named: Option<&Path>) -> anyhow::Result<Binary> {
        if let Some(path) = named {
            ensure!(path.is_file(), "there is no binary `{}`", path.display());
            return Ok(Binary(path.canonicalize()?));
        }
        let own = std::env::current_exe().context("this program does not know its own path")?;
        // A test's program lies one folder deeper.
        let folder = own.ancestors().skip(1).find(|folder| !folder.ends_with("deps"));
        let folder = folder.context("this program lies in no folder")?;
        let path = folder.join("reelway");
        if let Err(error) = build(folder).await {
            ensure!(
                path.is_file(),
                "cannot build the gateway: {error:#}; name one with --binary"
            );
            eprintln!(
                "bench: cannot bring the gateway up to date ({error:#}); the one that is there is used"
            );
        }
        ensure!(path.is_file(), "cargo built no `{}`", path.display());
        Ok(Binary(path))
    }
}

/// Cargo knows best what is stale; when nothing is, it is done at once.
async fn build(folder: &Path) -> anyhow::Result<()> {
    let profile = folder
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or("release");
    let profile = if profile == "debug" { "dev" } else { profile };
    let target = folder.parent().context("the program lies in no target folder")?;
    let mut cargo = leash::leashed(Path::new("cargo"));
    cargo.args([
        "build",
        "--quiet",
        "--package",
        "reelway",
        // With the features that this program was built with, or everything would be built twice.
        "--package",
        "bench",
        "--bin",
        "reelway",
        "--profile",
        profile,
    ]);
    cargo.arg("--target-dir").arg(target);
    cargo
        .arg("--manifest-path")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml"));
    let status = cargo.status().await.context("cargo does not start")?;
    ensure!(status.success(), "cargo ends with {status}");
    Ok(())
}

/// A folder that one gateway lives in: its data, its configuration and its log.
#[derive(Debug, Clone)]
pub(crate) struct Dwelling {
    /// The folder.
    pub folder: PathBuf,
    binary: PathBuf,
    has_public_url: bool,
}

impl Dwelling {
    /// Prepares a folder with the configuration given.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn prepare(binary: &Binary, folder: &Path, config: &str) -> anyhow::Result<Dwelling> {
        std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(folder.join(CONFIG), config))
            .with_context(|| format!("cannot write to `{}`", folder.display()))?;
        Ok(Dwelling {
            folder: folder.canonicalize()?,
            binary: binary.0.clone(),
            has_public_url: false,
        })
    }

    /// The same, whose gateway knows in every life by which address it is reached, so that an upstream is asked to call
    /// it back.
    #[must_use]
    pub(crate) fn with_public_url(self) -> Dwelling {
        Dwelling {
            has_public_url: true,
            ..self
        }
    }

    /// Where the gateway keeps its data.
    #[must_use]
    pub(crate) fn data_dir(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// What the gateway printed, in all its lives.
    #[must_use]
    pub(crate) fn log(&self) -> PathBuf {
        self.folder.join("gateway.log")
    }

    /// Starts the gateway on a free port of the loopback; it is not ready yet.
    ///
    /// # Errors
    /// When the process does not start.
    pub(crate) fn start(&self) -> anyhow::Result<Gateway> {
        let address = free_address()?;
        let mut command = self.command();
        command.arg("serve").arg("--config").arg(self.folder.join(CONFIG));
        command.arg("--listen").arg(address.to_string());
        if self.has_public_url {
            command.env("REELWAY_SERVER__PUBLIC_URL", format!("http://{address}"));
        }
        leash::log_to(&mut command, &self.log())?;
        let since = Stopwatch::start();
        let child = command.spawn().context("the gateway does not start")?;
        Ok(Gateway {
            child,
            address,
            since,
        })
    }

    /// The books, as `reelway ledger verify` sees them, whether the gateway runs or not.
    ///
    /// # Errors
    /// When the command fails or answers something else; faults in the books are no error here.
    pub(crate) async fn books(&self) -> anyhow::Result<Books> {
        let mut command = self.command();
        command.args(["ledger", "verify", "--json"]);
        let output = tokio::time::timeout(COMMAND_LIMIT, command.output());
        let output = output.await.context("`ledger verify` takes too long")??;
        match serde_json::from_slice::<Books>(&output.stdout) {
            Ok(books) => {
                let exact = books.faults.is_empty() && books.sum_micros == 0;
                let agrees = output.status.success() == exact;
                ensure!(
                    agrees,
                    "`ledger verify` ends with {} and says {books:?}",
                    output.status
                );
                Ok(books)
            }
            Err(error) => {
                let said = String::from_utf8_lossy(&output.stderr);
                bail!(
                    "`ledger verify` ends with {}: {error}; it says: {}",
                    output.status,
                    said.trim()
                )
            }
        }
    }

    fn command(&self) -> Command {
        let mut command = leash::leashed(&self.binary);
        command.current_dir(&self.folder);
        command.env("REELWAY_DATA_DIR", self.data_dir());
        command.env("REELWAY_BOOTSTRAP_API_KEY", CLIENT_KEY);
        command.env("REELWAY_BOOTSTRAP_ADMIN_KEY", ADMIN_KEY);
        command
    }
}

/// What `reelway ledger verify --json` says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Books {
    /// Ledger lines read.
    pub lines: u64,
    /// Tasks in a final state.
    pub finished_tasks: u64,
    /// Tasks that are not final yet.
    pub open_tasks: u64,
    /// Sum over all pockets.
    pub sum_micros: i64,
    /// What is wrong, one sentence each.
    pub faults: Vec<String>,
}

/// A running gateway. It dies with its handle.
pub(crate) struct Gateway {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// Since when it runs.
    pub since: Stopwatch,
}

impl Gateway {
    /// Its process id, while it runs.
    #[must_use]
    pub(crate) fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Waits until it ends by itself, which it should not; says how.
    pub(crate) async fn ended(&mut self) -> String {
        match self.child.wait().await {
            Ok(status) => status.to_string(),
            Err(error) => error.to_string(),
        }
    }

    /// `kill -9`, and the wait until the process is gone.
    ///
    /// # Errors
    /// When it cannot be killed.
    pub(crate) async fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill().await.context("the gateway cannot be killed")
    }
}

/// Waits until `/readyz` answers 200.
///
/// # Errors
/// When that takes longer than [`START_LIMIT`].
pub(crate) async fn ready(address: SocketAddr) -> anyhow::Result<()> {
    let look = async {
        while !is_ready(address).await {
            tokio::time::sleep(START_PAUSE).await;
        }
    };
    let seconds = START_LIMIT.as_secs();
    let looked = tokio::time::timeout(START_LIMIT, look).await;
    looked.with_context(|| format!("the gateway is not ready after {seconds} s"))
}

async fn is_ready(address: SocketAddr) -> bool {
    let Ok(mut line) = Line::open(address).await else {
        return false;
    };
    let reply = line.call(wire::get(address, "/readyz", None)).await;
    reply.is_ok_and(|reply| reply.status == 200)
}

/// The port is free now; that nobody takes it before the gateway does is likely, not certain.
fn free_address() -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("there is no free port")?;
    Ok(listener.local_addr()?)
}
