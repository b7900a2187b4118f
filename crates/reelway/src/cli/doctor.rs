//! `reelway doctor`: looks every part of an installation over, beside a running gateway or without one,
//! and changes nothing. What is looked at on this machine is in `doctor/machine.rs`, what is asked of the
//! database and the running gateway in `doctor/services.rs`, what of upstream accounts in
//! `doctor/upstream.rs`.

use anyhow::bail;
use clap::Args;
use serde::Serialize;

use crate::cli::{Place, paper};
use crate::config::{Config, Environment};

mod machine;
mod services;
mod upstream;

/// Look the installation over and say what is wrong, with the cure
#[derive(Args)]
#[command(after_help = "\
Exit status: 0 when nothing failed, 1 when something did; warnings do not count.

Example:
  reelway doctor
  reelway doctor --data-dir /var/lib/reelway --json")]
pub(super) struct Doctor {
    #[command(flatten)]
    place: Place,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// How a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Ok,
    Warn,
    Fail,
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Verdict::Ok => "ok",
            Verdict::Warn => "warn",
            Verdict::Fail => "fail",
        }
    }
}

/// What was found of one part.
#[derive(Debug, Serialize)]
struct Finding {
    part: &'static str,
    verdict: Verdict,
    says: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cure: Option<String>,
}

impl Finding {
    fn ok(part: &'static str, says: impl Into<String>) -> Finding {
        Finding {
            part,
            verdict: Verdict::Ok,
            says: says.into(),
            cure: None,
        }
    }

    fn warn(part: &'static str, says: impl Into<String>, cure: impl Into<String>) -> Finding {
        Finding {
            verdict: Verdict::Warn,
            cure: Some(cure.into()),
            ..Finding::ok(part, says)
        }
    }

    fn fail(part: &'static str, says: impl Into<String>, cure: impl Into<String>) -> Finding {
        Finding {
            verdict: Verdict::Fail,
            ..Finding::warn(part, says, cure)
        }
    }
}

impl Doctor {
    pub(super) async fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        let findings = match self.place.load(environment) {
            Ok((config, _)) => findings(&config, environment).await,
            Err(error) => vec![Finding::fail(
                "config",
                format!("{error:#}"),
                "mend it, then ask again; nothing else was looked at",
            )],
        };
        if self.json {
            paper::json(&findings)?;
        } else {
            print(&findings)?;
        }
        let failed = findings
            .iter()
            .filter(|finding| finding.verdict == Verdict::Fail)
            .count();
        if failed > 0 {
            bail!("{failed} of {} checks failed", findings.len());
        }
        Ok(())
    }
}

async fn findings(config: &Config, environment: &Environment) -> Vec<Finding> {
    let mut findings = vec![Finding::ok("config", "it can be used")];
    findings.push(machine::data_dir(config));
    findings.push(machine::master_key(config));
    let (database, store) = services::database(config).await;
    findings.extend(database);
    findings.push(machine::blobs(config));
    findings.push(machine::disk(config));
    findings.push(machine::links(config));
    findings.extend(upstream::accounts(config, environment).await);
    findings.push(services::clock(store.as_deref()).await);
    findings.push(services::gateway(config).await);
    findings
}

fn print(findings: &[Finding]) -> anyhow::Result<()> {
    for finding in findings {
        let cure = finding.cure.as_ref().map(|cure| format!("; {cure}"));
        paper::line(&format!(
            "{:<4}  {:<10}  {}{}",
            finding.verdict.word(),
            finding.part,
            finding.says,
            cure.unwrap_or_default()
        ))?;
    }
    Ok(())
}
