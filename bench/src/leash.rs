//! Child processes that never outlive the bench: killed when their handle is dropped, and by the kernel when the
//! bench itself is killed.

use std::path::Path;
use std::process::Stdio;

use anyhow::Context as _;
use tokio::process::Command;

/// A command on a leash, without input. Its environment has none of the gateway's own settings, so that what is
/// measured does not depend on who measures.
#[must_use]
pub(crate) fn leashed(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::null()).kill_on_drop(true);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("REELWAY_") {
            command.env_remove(name);
        }
    }
    die_with_parent(&mut command);
    command
}

/// Appends what a command prints to a file.
///
/// # Errors
/// When the file cannot be opened.
pub(crate) fn log_to(command: &mut Command, log: &Path) -> anyhow::Result<()> {
    let open = || std::fs::File::options().create(true).append(true).open(log);
    let file = open().with_context(|| format!("cannot open the log `{}`", log.display()))?;
    command.stdout(file.try_clone().context("cannot share the log")?);
    command.stderr(file);
    Ok(())
}

/// The kernel watches the thread that spawned: commands are started from threads that live as long as the bench.
#[cfg(target_os = "linux")]
fn die_with_parent(command: &mut Command) {
    let arm = || {
        rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))
            .map_err(std::io::Error::from)
    };
    // SAFETY: between fork and exec the closure makes one system call, allocates nothing and takes no lock.
    unsafe {
        command.pre_exec(arm);
    }
}

#[cfg(not(target_os = "linux"))]
fn die_with_parent(_command: &mut Command) {}
