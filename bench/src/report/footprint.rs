//! What the gateway costs before it does anything: the size of its binary, the time until it is ready, the memory it
//! holds while idle.

use std::path::Path;

use anyhow::Context as _;

use super::effort::{Effort, median};
use super::machine::value_of;
use super::page::{Page, Target};
use crate::gateway::{self, Binary, Dwelling, Gateway};

const TARGET_START_MS: f64 = 150.0;
const TARGET_IDLE_MB: f64 = 40.0;
const TARGET_BINARY_MB: f64 = 40.0;
/// Bytes of a megabyte, as disks and memories are sold.
const MEGABYTE: f64 = 1_000_000.0;
/// Bytes of a kibibyte, which the kernel counts in.
const KIBIBYTE: f64 = 1_024.0;

/// Starts the gateway again and again, then lets it idle.
///
/// # Errors
/// When it does not start or the kernel does not tell.
pub(crate) async fn measure(
    page: &mut Page,
    effort: &Effort,
    binary: &Binary,
    scratch: &Path,
) -> anyhow::Result<()> {
    page.section("Footprint");
    let size = std::fs::metadata(&binary.0)?.len() as f64 / MEGABYTE;
    page.line(format!("binary {size:.1} MB"));
    let (mut first, mut again) = (Vec::new(), Vec::new());
    for number in 0..effort.starts {
        let dwelling = Dwelling::prepare(binary, &scratch.join(format!("start-{number}")), "")?;
        for times in [&mut first, &mut again] {
            let (gateway, milliseconds) = start(&dwelling).await?;
            times.push(milliseconds);
            gateway.kill().await?;
        }
    }
    for (what, times) in [("an empty folder", &first), ("a database that is there", &again)] {
        let (least, most) = (
            times.iter().copied().fold(f64::MAX, f64::min),
            times.iter().copied().fold(0.0, f64::max),
        );
        page.line(format!(
            "from spawn to `/readyz` 200 over {what}: median {:.0} ms of {} ({least:.0}–{most:.0})",
            median(times),
            times.len()
        ));
    }
    let dwelling = Dwelling::prepare(binary, &scratch.join("idle"), "")?;
    let (gateway, _) = start(&dwelling).await?;
    tokio::time::sleep(effort.idle).await;
    let idle = memory(&gateway, "VmRSS")?;
    let anonymous = memory(&gateway, "RssAnon")?;
    gateway.kill().await?;
    page.line(format!(
        "resident {idle:.1} MB after {} s of idling, of which {anonymous:.1} MB are not pages of files",
        effort.idle.as_secs()
    ));
    page.result(
        "start, on an empty folder",
        (median(&first), "ms"),
        "–",
        Target::AtMost(TARGET_START_MS),
    );
    page.result(
        "start, on a database",
        (median(&again), "ms"),
        "–",
        Target::AtMost(TARGET_START_MS),
    );
    page.result("idle memory", (idle, "MB"), "–", Target::AtMost(TARGET_IDLE_MB));
    page.result("binary", (size, "MB"), "–", Target::AtMost(TARGET_BINARY_MB));
    Ok(())
}

async fn start(dwelling: &Dwelling) -> anyhow::Result<(Gateway, f64)> {
    let gateway = dwelling.start()?;
    gateway::ready(gateway.address).await?;
    let milliseconds = gateway.since.elapsed().as_secs_f64() * 1_000.0;
    Ok((gateway, milliseconds))
}

/// A figure of a process from the kernel, in megabytes.
pub(crate) fn memory(gateway: &Gateway, name: &str) -> anyhow::Result<f64> {
    let id = gateway.id().context("the gateway died")?;
    let value =
        value_of(&format!("/proc/{id}/status"), name).context("the kernel does not tell the memory")?;
    let kibibytes: f64 = value.trim_end_matches(" kB").parse()?;
    Ok(kibibytes * KIBIBYTE / MEGABYTE)
}
