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

/// A finding for each account of the file; one that says so where there is none.
pub(super) async fn accounts(config: &Config, environment: &Environment) -> Vec<Finding> {
    let upstream = |entry: &&AccountEntry| entry.declared.provider.name != EMBEDDED;
    let entries: Vec<_> = config.accounts.iter().filter(upstream).collect();
    if entries.is_empty() {
        return vec![Finding::ok(PART, "the file has none at an upstream; skipped")];
    }
    let outside = match Outside::new(config.network.clone(), Arc::new(SystemResolver)) {
        Ok(outside) => Arc::new(outside),
        Err(error) => {
            return vec![Finding::fail(
                PART,
                format!("no way out: {error}"),
                "see the system's TLS and network",
            )];
        }
    };
    // The call reads no media; the gateway's own folder is none of its business.
    let Ok(folder) = tempfile::tempdir() else {
        return vec![Finding::warn(
            PART,
            "not asked: there is no room for temporary files",
            "mend TMPDIR",
        )];
    };
    let Ok(blobs) = blobs::open(&format!("file:{}", folder.path().display())).await else {
        return vec![Finding::warn(
            PART,
            "not asked: there is no room for temporary files",
            "mend TMPDIR",
        )];
    };
    let Nature { clock, .. } = Nature::of_machine();
    let plugs = Plugs::new(config, Arc::clone(&clock));
    let mut findings = Vec::with_capacity(entries.len());
    for entry in entries {
        let declared = &entry.declared;
        let secrets = match entry.secrets(environment) {
            Ok(secrets) => secrets,
            Err(fault) => {
                findings.push(Finding::fail(PART, fault.to_string(), "mend the reference"));
                continue;
            }
        };
        let named = (declared.name.as_str(), Duty::Working);
        let (account, provider) = plugs.login(named, declared.provider, &declared.terms, &secrets);
        let noting = Arc::new(Noting {
            inner: Arc::clone(&outside) as Arc<dyn Transport>,
            date: Mutex::default(),
        });
        let wire = Wire {
            account: Arc::new(account),
            transport: Arc::clone(&noting) as Arc<dyn Transport>,
            blobs: Arc::clone(&blobs),
        };
        let asked = tokio::time::timeout(TIMEOUT, provider.check(&wire)).await;
        let theirs = *noting.date.lock();
        let finding = match asked {
            Ok(Ok(facts)) => let_in(
                &declared.name,
                &facts.note,
                theirs.map(|at| at.since(clock.now())),
            ),
            Ok(Err(error)) => kept_out(&declared.name, &error),
            Err(_) => Finding::fail(
                PART,
                format!("`{}` does not answer in time", declared.name),
                REACH,
            ),
        };
        findings.push(finding);
    }
    findings
}

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
        UpstreamError::Refused(_) => Finding::fail(
            PART,
            format!("`{name}` does not let us in: {error}"),
            "see its keys at the vendor, and its standing there",
        ),
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
