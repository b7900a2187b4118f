//! What the doctor asks of upstream accounts: whether each can be reached and lets us in, and whether
//! its clock agrees with ours. The call makes nothing and is free.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::account::Duty;
use domain::provider::{UpstreamError, Wire};
use domain::transport::{OutReply, OutRequest, TransportError};
use domain::{Millis, Transport};
use parking_lot::Mutex;

use super::Finding;
use crate::accounts::EMBEDDED;
use crate::admin::accounts::{AccountView, Tested};
use crate::client::Client;
use crate::config::{AccountEntry, Config, Environment};
use crate::transport::Outside;
use crate::transport::lookup::SystemResolver;
use crate::wiring::Nature;
use crate::wiring::accounts::Plugs;

/// Longest wait for one account.
const TIMEOUT: Duration = Duration::from_secs(20);
/// How far an upstream's clock may be from ours, in milliseconds, before signed tokens suffer; its `Date`
/// has whole seconds only.
const SKEW_MAX_MS: i64 = 10_000;

const PART: &str = "account";
/// The admin API of accounts.
const ACCOUNTS: &str = "/api/v1/admin/accounts";
/// The source of an account that stands in the file.
const IN_FILE: &str = "file";

/// A finding for each account; one that says so where there is none.
pub(super) async fn accounts(config: &Config, environment: &Environment) -> Vec<Finding> {
    let upstream = |entry: &&AccountEntry| entry.declared.provider.name != EMBEDDED;
    let mut findings = Vec::new();
    for entry in config.accounts.iter().filter(upstream) {
        findings.push(declared(config, environment, entry).await);
    }
    findings.extend(enrolled(config).await);
    if findings.is_empty() {
        findings.push(Finding::ok(PART, "there is none at an upstream; skipped"));
    }
    findings
}

/// Asks for an account of the file, with a way out of the doctor's own.
async fn declared(config: &Config, environment: &Environment, entry: &AccountEntry) -> Finding {
    let declared = &entry.declared;
    let name = &declared.name;
    let secrets = match entry.secrets(environment) {
        Ok(secrets) => secrets,
        Err(fault) => return Finding::fail(PART, fault.to_string(), "mend the reference"),
    };
    let outside: Arc<dyn Transport> = match Outside::new(config.network.clone(), Arc::new(SystemResolver)) {
        Ok(outside) => Arc::new(outside),
        Err(error) => {
            return Finding::fail(
                PART,
                format!("`{name}`: no way out: {error}"),
                "see the system's TLS",
            );
        }
    };
    // The call reads no media; the gateway's own folder is none of its business.
    let opened = match tempfile::tempdir() {
        Ok(folder) => blobs::open(&format!("file:{}", folder.path().display()))
            .await
            .ok(),
        Err(_) => None,
    };
    let Some(blobs) = opened else {
        return Finding::warn(
            PART,
            format!("`{name}` is not asked: no temporary folder"),
            "mend TMPDIR",
        );
    };
    let Nature { clock, .. } = Nature::of_machine();
    let plugs = Plugs::new(config, Arc::clone(&clock));
    let named = (name.as_str(), Duty::Working);
    let (account, provider) = plugs.login(named, declared.provider, &declared.terms, &secrets);
    let noting = Arc::new(Noting {
        inner: outside,
        date: Mutex::default(),
    });
    let wire = Wire {
        account: Arc::new(account),
        transport: Arc::clone(&noting) as Arc<dyn Transport>,
        blobs,
        publish: None,
    };
    let asked = tokio::time::timeout(TIMEOUT, provider.check(&wire)).await;
    let theirs = *noting.date.lock();
    match asked {
        Ok(Ok(facts)) => let_in(name, &facts.note, theirs.map(|at| at.since(clock.now()))),
        Ok(Err(error)) => kept_out(name, &error),
        Err(_) => Finding::fail(PART, format!("`{name}` does not answer in time"), REACH),
    }
}

/// Asks for the accounts that were plugged in while the gateway ran. Their logins are sealed: only the
/// running gateway asks for them.
async fn enrolled(config: &Config) -> Vec<Finding> {
    let Some(client) = Client::of_running(&config.socket()).await else {
        return Vec::new();
    };
    let Ok(mut listed) = client.json("GET", ACCOUNTS, None).await else {
        return Vec::new();
    };
    let listed: Vec<AccountView> = serde_json::from_value(listed.body["data"].take()).unwrap_or_default();
    let mut findings = Vec::new();
    for account in listed.iter().filter(|account| account.source != IN_FILE) {
        let name = &account.name;
        if account.provider == EMBEDDED {
            continue;
        }
        let path = format!("{ACCOUNTS}/{name}/test");
        let asked = tokio::time::timeout(TIMEOUT, client.json("POST", &path, None)).await;
        let tested = match asked {
            Ok(Ok(answer)) => serde_json::from_value::<Tested>(answer.body).ok(),
            Ok(Err(_)) | Err(_) => None,
        };
        findings.push(match tested {
            Some(tested) if tested.works => let_in(name, &tested.note, None),
            Some(tested) => Finding::fail(
                PART,
                format!("`{name}` does not let us in: {}", tested.note),
                if tested.retryable { REACH } else { LOGIN },
            ),
            None => Finding::fail(PART, format!("`{name}` does not answer in time"), REACH),
        });
    }
    findings
}

const LOGIN: &str = "see its keys at the vendor, and its standing there";
const REACH: &str = "see the network, `base_url` and `network.allow_hosts`";

fn let_in(name: &str, note: &str, ahead_ms: Option<i64>) -> Finding {
    match ahead_ms {
        Some(ahead_ms) if ahead_ms.abs() > SKEW_MAX_MS => Finding::warn(
            PART,
            format!(
                "`{name}` lets us in, and its clock is {} s ahead of ours",
                ahead_ms / 1_000
            ),
            "set this machine's clock by NTP: signed tokens are judged by it",
        ),
        _ => Finding::ok(PART, format!("`{name}` lets us in: {note}")),
    }
}

fn kept_out(name: &str, error: &UpstreamError) -> Finding {
    match error {
        UpstreamError::Refused(_) => {
            Finding::fail(PART, format!("`{name}` does not let us in: {error}"), LOGIN)
        }
        UpstreamError::Busy { .. } => {
            Finding::fail(PART, format!("`{name}` cannot be asked now: {error}"), REACH)
        }
        UpstreamError::Unknown(_) => Finding::fail(
            PART,
            format!("`{name}` gave no answer that can be read: {error}"),
            REACH,
        ),
    }
}

/// The way out, with the moment that the last answer was dated.
struct Noting {
    inner: Arc<dyn Transport>,
    date: Mutex<Option<Millis>>,
}

#[async_trait]
impl Transport for Noting {
    async fn send(&self, request: OutRequest) -> Result<OutReply, TransportError> {
        let reply = self.inner.send(request).await?;
        let date = reply.headers.iter().find(|(name, _)| name == "date");
        let date = date.and_then(|(_, text)| jiff::fmt::rfc2822::parse(text).ok());
        *self.date.lock() = date.map(|date| Millis(date.timestamp().as_millisecond()));
        Ok(reply)
    }
}

#[cfg(test)]
mod tests {
    use domain::TaskError;
    use domain::error::TaskErrorCode;
    use domain::provider::UpstreamError;

    use super::super::Verdict;
    use super::{kept_out, let_in};

    #[test]
    fn an_account_is_judged_by_its_answer_and_its_clock() {
        assert_eq!(let_in("a", "fine", None).verdict, Verdict::Ok);
        assert_eq!(let_in("a", "fine", Some(-2_000)).verdict, Verdict::Ok);
        let off = let_in("a", "fine", Some(60_000));
        assert_eq!(off.verdict, Verdict::Warn);
        assert!(off.says.contains("60 s ahead"), "{}", off.says);
        let refused = UpstreamError::Refused(TaskError::new(TaskErrorCode::NoProvider, "code 1002"));
        assert_eq!(kept_out("a", &refused).verdict, Verdict::Fail);
    }
}
