//! The real binary in a directory of its own: its commands, and a serving process that ends with its
//! handle. Holds no tests.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

/// The binary with nothing of this process's environment.
pub(crate) fn reelway(directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reelway"));
    command
        .current_dir(directory)
        .env_clear()
        .env("REELWAY_DATA_DIR", directory.join("data"));
    command
}

/// A serving process that is ended when it is dropped.
pub(crate) struct Serving {
    child: Child,
    pub(crate) greeting: Vec<String>,
}

impl Serving {
    /// Starts `reelway serve` and reads what it prints until it is ready.
    pub(crate) fn start(directory: &Path, variables: &[(&str, &str)]) -> Serving {
        let mut command = reelway(directory);
        command
            .args(["serve", "--listen", "127.0.0.1:0"])
            .envs(variables.iter().copied());
        Serving::reading(command.stderr(Stdio::null()), !variables.is_empty())
    }

    /// Starts `reelway serve` with all that it can say about itself going to a file.
    pub(crate) fn logging(directory: &Path, log: &Path) -> Serving {
        let log = std::fs::File::create(log).expect("a file");
        let mut command = reelway(directory);
        command
            .args(["serve", "--listen", "127.0.0.1:0"])
            .env("REELWAY_LOG", "trace");
        Serving::reading(command.stderr(log), false)
    }

    /// Starts `reelway serve` as [`Serving::logging`] does, with whatever `prepare` does to the command.
    pub(crate) fn speaking(directory: &Path, log: &Path, prepare: impl FnOnce(&mut Command)) -> Serving {
        let log = std::fs::File::create(log).expect("a file");
        let mut command = reelway(directory);
        command
            .args(["serve", "--listen", "127.0.0.1:0"])
            .env("REELWAY_LOG", "trace");
        prepare(&mut command);
        Serving::reading(command.stderr(log), true)
    }

    /// The host and port that it listens at, by its log: its greeting may name another address.
    pub(crate) fn listening(&self, log: &Path) -> String {
        for _ in 0..100 {
            #[expect(clippy::disallowed_methods, reason = "another process writes the log")]
            std::thread::sleep(std::time::Duration::from_millis(50));
            let said = std::fs::read_to_string(log).expect("a log");
            let line = said.lines().find(|line| line.contains("server.started"));
            let address = line.and_then(|line| line.split("127.0.0.1:").nth(1));
            if let Some(rest) = address {
                let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
                return format!("127.0.0.1:{port}");
            }
        }
        panic!("the log does not say where it listens");
    }

    fn reading(command: &mut Command, keys_are_brought: bool) -> Serving {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the binary runs");
        let out = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut greeting = Vec::new();
        for line in out.lines() {
            let line = line.expect("text");
            let last = line.contains("admin key") || line.contains("readyz") && keys_are_brought;
            greeting.push(line);
            if last {
                break;
            }
        }
        Serving { child, greeting }
    }

    /// The host and port that it listens at.
    pub(crate) fn address(&self) -> String {
        let line = self.greeting.first().expect("a greeting");
        let (_, address) = line.rsplit_once("http://").expect("an address in the greeting");
        address.to_owned()
    }

    /// Ends it at once, as a crash would.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("a signal");
        self.child.wait().expect("an end");
    }

    /// Asks for an orderly end.
    pub(crate) fn end(mut self) -> std::process::ExitStatus {
        let id = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        kill_process(id.expect("an id"), Signal::TERM).expect("a signal");
        self.child.wait().expect("an end")
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
