//! What the doctor asks of the database, of the clocks and of the running gateway.

use std::fs::{File, TryLockError};
use std::sync::Arc;
use std::time::Duration;

use domain::Store;
use domain::overview::Condition;
use serde_json::Value;
use store::{Lock, OpenError};

use super::Finding;
use crate::client::Client;
use crate::config::Config;
use crate::wiring::{Nature, open_store};

/// Longest wait for one answer.
const TIMEOUT: Duration = Duration::from_secs(15);
/// How far clocks may be apart, in milliseconds, before leases suffer.
const SKEW_MAX_MS: i64 = 1_000;

/// Whether the database can be reached, is of this version, and takes writes; and the database itself.
pub(super) async fn database(config: &Config) -> (Vec<Finding>, Option<Arc<dyn Store>>) {
    let part = "database";
    if let Some(file) = config.database_file()
        && !file.exists()
    {
        let says = format!("there is none at `{}`", file.display());
        return (
            vec![Finding::warn(part, says, "start `reelway serve` once")],
            None,
        );
    }
    let opened = tokio::time::timeout(TIMEOUT, open_store(config, Lock::ReadOnly)).await;
    let store = match opened {
        Ok(Ok(store)) => store,
        Ok(Err(error)) => return (vec![Finding::fail(part, error.to_string(), cure(&error))], None),
        Err(_) => {
            return (
                vec![Finding::fail(
                    part,
                    "it does not answer in time",
                    "look at its host",
                )],
                None,
            );
        }
    };
    let asked = tokio::time::timeout(TIMEOUT, store.condition()).await;
    let condition = match asked {
        Ok(Ok(condition)) => condition,
        Ok(Err(error)) => {
            return (
                vec![Finding::fail(part, error.to_string(), "look at its host")],
                None,
            );
        }
        Err(_) => {
            return (
                vec![Finding::fail(
                    part,
                    "it does not answer in time",
                    "look at its host",
                )],
                None,
            );
        }
    };
    let finding = match config.database_file() {
        Some(file) => of_file(file, Client::of_running(&config.socket()).await.is_some()),
        None => of_server(condition),
    };
    (vec![finding], Some(store))
}

fn cure(error: &OpenError) -> &'static str {
    match error {
        OpenError::NewerSchema { .. } => "use the newer binary that wrote it",
        OpenError::OlderSchema { .. } => "start `reelway serve` once with this binary",
        OpenError::Address { .. } => "mend `database.url`",
        OpenError::Unreachable { .. } => {
            "see that it runs, that its address and password are right, and that it lets us in"
        }
        OpenError::Locked { .. } => "stop the other gateway",
        OpenError::CannotOpen { .. } | OpenError::Migration { .. } => {
            "see that the file is whole and ours; else restore it from your backup"
        }
    }
}

fn of_server(condition: Condition) -> Finding {
    if condition.takes_writes {
        return Finding::ok("database", "it answers, is of this version and takes writes");
    }
    Finding::fail(
        "database",
        "it answers and takes no writes",
        "it is a standby or set to read only; name the primary in `database.url`",
    )
}

fn of_file(file: &std::path::Path, gateway_runs: bool) -> Finding {
    let part = "database";
    let shown = file.display();
    let folder = file.parent().unwrap_or(file);
    let all_rights = [file, folder].into_iter().all(|path| {
        rustix::fs::access(path, rustix::fs::Access::READ_OK | rustix::fs::Access::WRITE_OK).is_ok()
    });
    if !all_rights {
        let says = format!("`{shown}` or its directory cannot be written");
        return Finding::fail(part, says, "give both to the user that runs the gateway (chown)");
    }
    if gateway_runs {
        return Finding::ok(
            part,
            format!("`{shown}` is of this version, and the running gateway has its lock"),
        );
    }
    let mut lock = file.as_os_str().to_owned();
    lock.push(".lock");
    match File::open(&lock).map(|lock| lock.try_lock()) {
        Ok(Err(TryLockError::WouldBlock)) => Finding::warn(
            part,
            format!("`{shown}` is locked by a process that does not answer at the socket beside it"),
            "a command may be writing, or a gateway may hang: look with `fuser`, end it, ask again",
        ),
        _ => Finding::ok(
            part,
            format!("`{shown}` is of this version, can be written, and nobody has its lock"),
        ),
    }
}

/// Whether the clocks of this machine and of the database agree.
pub(super) async fn clock(store: Option<&dyn Store>) -> Finding {
    let part = "clock";
    let Nature { clock, .. } = Nature::of_machine();
    let Some(store) = store else {
        return Finding::warn(
            part,
            "there is no database to compare it with",
            "mend the database first",
        );
    };
    let before = clock.now();
    let Ok(condition) = store.condition().await else {
        return Finding::warn(
            part,
            "the database did not tell its own",
            "mend the database first",
        );
    };
    let Some(theirs) = condition.now else {
        return Finding::ok(part, "the database goes by this machine's");
    };
    // Halfway between question and answer.
    let ours = before.plus(clock.now().since(before) / 2);
    skew(theirs.since(ours))
}

fn skew(ahead_ms: i64) -> Finding {
    let part = "clock";
    if ahead_ms.abs() <= SKEW_MAX_MS {
        return Finding::ok(part, format!("the database's is {ahead_ms} ms ahead"));
    }
    let says =
        format!("the database's is {ahead_ms} ms ahead, and {SKEW_MAX_MS} ms is the most that leases bear");
    Finding::fail(part, says, "set both clocks by NTP")
}

/// Whether the running gateway is ready.
pub(super) async fn gateway(config: &Config) -> Finding {
    let part = "gateway";
    let Some(client) = Client::of_running(&config.socket()).await else {
        return Finding::ok(part, "none runs on this data directory");
    };
    let cure = "see its log; `docs/operating.md` says what each part needs";
    let asked = tokio::time::timeout(TIMEOUT, client.json("GET", "/readyz", None)).await;
    let answer = match asked {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => return Finding::fail(part, format!("it runs and did not answer: {error:#}"), cure),
        Err(_) => return Finding::fail(part, "it runs and did not answer in time", cure),
    };
    if answer.status.is_success() {
        return Finding::ok(part, "it runs and is ready");
    }
    let parts = ["database", "belts", "disk"];
    let wrong = parts
        .into_iter()
        .filter(|part| answer.body[part]["ok"] != Value::Bool(true));
    let wrong: Vec<String> = wrong
        .map(|part| format!("{part} {}", answer.body[part]))
        .collect();
    Finding::fail(
        part,
        format!("it runs and is not ready: {}", wrong.join(", ")),
        cure,
    )
}

#[cfg(test)]
mod tests {
    use domain::overview::Condition;

    use super::super::Verdict;
    use super::{of_server, skew};

    #[test]
    fn clocks_may_be_a_second_apart() {
        for (ahead_ms, verdict) in [
            (0, Verdict::Ok),
            (-1_000, Verdict::Ok),
            (1_001, Verdict::Fail),
            (-9_000, Verdict::Fail),
        ] {
            assert_eq!(skew(ahead_ms).verdict, verdict, "{ahead_ms}");
        }
    }

    #[test]
    fn a_database_that_takes_no_writes_fails() {
        let of = |takes_writes| {
            of_server(Condition {
                now: None,
                takes_writes,
            })
            .verdict
        };
        assert_eq!((of(true), of(false)), (Verdict::Ok, Verdict::Fail));
    }
}
