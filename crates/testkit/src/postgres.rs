//! A throw-away PostgreSQL: a cluster of its own in a temporary directory, on a loopback port, with
//! `fsync` on. It ends with the process that started it, however that ends. The store itself is not here.

use std::fmt::Write as _;
use std::fs::Permissions;
use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use parking_lot::Mutex;
use tempfile::TempDir;

/// The superuser of the cluster.
const USER: &str = "reelway";
/// Where Debian's packages keep the programs of each version.
const DEBIAN: &str = "/usr/lib/postgresql";
/// How long the server may take for one answer, in seconds.
const START_SECONDS: &str = "3";
/// How often it is asked whether it takes connections, four times a second.
const START_ASKS: u32 = 240;

/// Keeps the server: starts it, obeys words on its input, and ends it when the input ends, which is when
/// the process that started it is gone. Arguments: directory, `postgres`, and its arguments.
const KEEPER: &str = r#"
dir=$1 program=$2; shift 2
trap '' INT TERM HUP
start() { "$program" "$@" >>"$dir/log" 2>&1 & server=$!; }
start "$@"
while read -r word; do
  case $word in
    kill) kill -KILL "$server"; wait "$server" ;;
    start) start "$@" ;;
  esac
done
kill -QUIT "$server"; wait "$server"
cd / && rm -rf "$dir"
"#;

/// A running cluster. Dropping it ends the server.
pub struct Cluster {
    directory: TempDir,
    programs: PathBuf,
    port: u16,
    identity: Option<(u32, u32)>,
    databases: AtomicU32,
    keeper: Mutex<Option<(Child, ChildStdin)>>,
}

/// The cluster of this process, started by whoever needs it first.
///
/// # Panics
/// When there is no PostgreSQL on this machine or it does not start; the message says what to do.
pub fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(Cluster::start)
}

impl Cluster {
    /// Starts a cluster of one's own, for whoever kills it.
    ///
    /// # Panics
    /// As [`cluster`].
    #[must_use]
    pub fn start() -> Cluster {
        let directory = tempfile::Builder::new().prefix("reelway-pg-").tempdir();
        let directory = directory.expect("a temporary directory can be made");
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
        let identity = identity();
        if let Some((user, group)) = identity {
            std::os::unix::fs::chown(directory.path(), Some(user), Some(group))
                .expect("root gives its directories away");
        }
        std::fs::set_permissions(directory.path(), Permissions::from_mode(0o700))
            .expect("a directory of one's own takes new rights");
        let cluster = Cluster {
            directory,
            programs: programs(),
            port: free.expect("there is a free port").port(),
            identity,
            databases: AtomicU32::new(0),
            keeper: Mutex::new(None),
        };
        let data = cluster.data();
        let made = cluster.run(
            "initdb",
            &["-D", &data, "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync"],
        );
        assert!(made.is_ok(), "initdb: {made:?}");
        *cluster.keeper.lock() = Some(cluster.keep());
        cluster.await_answer();
        cluster
    }

    /// Creates an empty database and says its address.
    ///
    /// # Panics
    /// When the server does not make it.
    pub fn database(&self) -> String {
        let name = format!("reelway_{}", self.databases.fetch_add(1, Ordering::SeqCst));
        let made = self.psql("postgres", &format!("CREATE DATABASE {name} TEMPLATE template0"));
        assert!(made.is_ok(), "create database: {made:?}");
        format!("postgres://{USER}@127.0.0.1:{}/{name}", self.port)
    }

    /// Drops a database that [`Cluster::database`] has made. A server that was killed syncs every file of every
    /// database before it takes connections, so that many of them make it slow to come back.
    ///
    /// # Panics
    /// When the server does not drop it.
    pub fn drop_database(&self, url: &str) {
        let name = url.rsplit('/').next().unwrap_or_default();
        let dropped = self.psql("postgres", &format!("DROP DATABASE {name} WITH (FORCE)"));
        assert!(dropped.is_ok(), "drop database: {dropped:?}");
    }

    /// Runs SQL in a database that [`Cluster::database`] has made; returns what it answers, one line a
    /// row.
    ///
    /// # Panics
    /// When the server refuses it.
    pub fn sql(&self, url: &str, sql: &str) -> String {
        let database = url.rsplit('/').next().unwrap_or_default();
        match self.psql(database, sql) {
            Ok(answer) => answer,
            Err(error) => panic!("{sql}: {error}"),
        }
    }

    /// Kills the server as a power failure would.
    pub fn kill(&self) {
        self.say("kill");
    }

    /// Starts the server again after [`Cluster::kill`]; returns once it answers.
    ///
    /// # Panics
    /// When it does not answer in time.
    pub fn start_again(&self) {
        self.say("start");
        self.await_answer();
    }

    fn data(&self) -> String {
        self.directory.path().join("data").display().to_string()
    }

    /// Starts the keeper with the server.
    fn keep(&self) -> (Child, ChildStdin) {
        let directory = self.directory.path().display().to_string();
        let mut keeper = self.command(Path::new("/bin/sh"));
        keeper
            .args(["-c", KEEPER, "keeper", &directory])
            .arg(self.programs.join("postgres"))
            .args(["-D", &self.data(), "-p", &self.port.to_string()])
            .args(["-c", "listen_addresses=127.0.0.1"])
            .args(["-c", &format!("unix_socket_directories={directory}")])
            .args([
                "-c",
                "fsync=on",
                "-c",
                "max_connections=300",
                "-c",
                "shared_buffers=64MB",
            ])
            .stdin(Stdio::piped());
        let mut keeper = keeper.spawn().expect("a shell can be started");
        let input = keeper.stdin.take().expect("its input was asked for");
        (keeper, input)
    }

    fn say(&self, word: &str) {
        if let Some((_, input)) = &mut *self.keeper.lock() {
            writeln!(input, "{word}").expect("the keeper lives as long as its cluster");
        }
    }

    fn await_answer(&self) {
        let port = self.port.to_string();
        let ask = ["-h", "127.0.0.1", "-p", &port, "-t", START_SECONDS];
        let mut said = String::new();
        for _ in 0..START_ASKS {
            match self.run("pg_isready", &ask) {
                Ok(_) => return,
                Err(error) => said = error,
            }
            // Refused at once, by a server that has not bound its port yet: a question that takes a while.
            drop(Command::new("/bin/sleep").arg("0.25").status());
            // A killed server leaves its memory to its children for a moment, and a new one refuses it.
            if self.has_given_up() {
                self.say("start");
            }
        }
        let log = std::fs::read_to_string(self.directory.path().join("log"));
        panic!("PostgreSQL does not start: {said}\n{}", log.unwrap_or_default());
    }

    /// Whether the server has ended by itself.
    fn has_given_up(&self) -> bool {
        let log = std::fs::read_to_string(self.directory.path().join("log")).unwrap_or_default();
        let refused = |line: &str| line.contains("shared memory block") || line.contains("lock file");
        // The old server's children say their last words in between; they are about nothing here.
        let mut starts = log.lines().rev();
        let last = starts.find(|line| line.contains("starting PostgreSQL") || refused(line));
        last.is_some_and(refused)
    }

    fn psql(&self, database: &str, sql: &str) -> Result<String, String> {
        let port = self.port.to_string();
        let to = ["-h", "127.0.0.1", "-p", &port, "-U", USER, "-d", database];
        let mut arguments = vec!["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql];
        arguments.extend(to);
        self.run("psql", &arguments)
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Result<String, String> {
        let output = self
            .command(&self.programs.join(program))
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| error.to_string())?;
        let mut said = String::from_utf8_lossy(&output.stdout).trim_end().to_owned();
        if output.status.success() {
            return Ok(said);
        }
        write!(said, " {}", String::from_utf8_lossy(&output.stderr)).expect("a text takes more text");
        Err(said)
    }

    /// A command of the user that the server runs as.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.directory.path()).env("LC_ALL", "C");
        if let Some((user, group)) = self.identity {
            command.uid(user).gid(group);
        }
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some((mut keeper, input)) = self.keeper.lock().take() {
            drop(input);
            drop(keeper.wait());
        }
    }
}

/// PostgreSQL refuses to run as root: then it runs as the user that its package has made, else as nobody.
fn identity() -> Option<(u32, u32)> {
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|myself| myself.uid() == 0);
    if !is_root {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let user = |name: &str| {
        let row = users.lines().find(|row| row.split(':').next() == Some(name))?;
        let mut cells = row.split(':').skip(2).map(str::parse::<u32>);
        Some((cells.next()?.ok()?, cells.next()?.ok()?))
    };
    user("postgres")
        .or_else(|| user("nobody"))
        .or(Some((65_534, 65_534)))
}

/// Where the programs are: on the path, else the newest of Debian's.
fn programs() -> PathBuf {
    let found = Command::new("/bin/sh").args(["-c", "command -v initdb"]).output();
    let found = found.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    // A link on the path leads to where the others are.
    let found = found.and_then(std::fs::canonicalize);
    if let Some(folder) = found.ok().as_deref().and_then(Path::parent)
        && folder.join("pg_isready").exists()
    {
        return folder.to_owned();
    }
    let versions = std::fs::read_dir(DEBIAN).into_iter().flatten().flatten();
    let newest = versions
        .filter(|version| version.path().join("bin/initdb").exists())
        .max_by_key(|version| version.file_name().to_string_lossy().parse::<u32>().unwrap_or(0));
    let newest = newest.expect("PostgreSQL is on this machine: install the package `postgresql`");
    newest.path().join("bin")
}

#[cfg(test)]
mod tests {
    use super::Cluster;

    #[test]
    fn a_cluster_answers_survives_a_kill_and_leaves_nothing_behind() {
        let cluster = Cluster::start();
        let url = cluster.database();
        cluster.sql(&url, "CREATE TABLE notes AS SELECT 7 AS n");
        cluster.kill();
        cluster.start_again();
        assert_eq!(cluster.sql(&url, "SELECT n FROM notes"), "7");
        cluster.drop_database(&url);
        let directory = cluster.directory.path().to_owned();
        drop(cluster);
        assert!(!directory.exists());
    }
}
