//! A backlog: whether status reads are still answered at once while every core renders.

use std::path::Path;
use std::time::Duration;

use anyhow::ensure;
use serde_json::json;

use super::effort::Effort;
use super::footprint;
use super::page::{Page, Target};
use super::reads::order;
use crate::gateway::{self, Binary, CLIENT_KEY, Dwelling};
use crate::load::{self, Burst};
use crate::stopwatch::Stopwatch;
use crate::wire::{self, Call, Line};

/// Reads a second, over all connections.
const READS_A_SECOND: u32 = 200;
/// Keep-alive connections of the readers.
const CONNECTIONS: usize = 8;
/// Longest wait for the whole backlog.
const BACKLOG_LIMIT: Duration = Duration::from_secs(300);
/// Pause between two counts of what is done.
const COUNT_PAUSE: Duration = Duration::from_millis(250);
const TARGET_P99_MS: f64 = 50.0;

/// Reads at a fixed rate: first with nothing to do, then with a backlog.
///
/// # Errors
/// When the gateway does not answer, or does not get through.
pub(crate) async fn measure(
    page: &mut Page,
    effort: &Effort,
    binary: &Binary,
    scratch: &Path,
) -> anyhow::Result<()> {
    let dwelling = Dwelling::prepare(binary, &scratch.join("backlog"), "")?;
    let gateway = dwelling.start()?;
    let address = gateway.address;
    gateway::ready(address).await?;
    let mut line = Line::open(address).await?;
    let look = |task_id: &String| wire::get(address, &wire::status_path(task_id), Some(CLIENT_KEY));
    let lone = order(&mut line, address, &clip(0), CLIENT_KEY).await?;
    wait(&mut line, std::slice::from_ref(&look(&lone))).await?;
    let idle = load::paced(
        address,
        CONNECTIONS,
        READS_A_SECOND,
        effort.reading,
        &[look(&lone)],
    )
    .await?;

    let watch = Stopwatch::start();
    let mut calls = Vec::new();
    for number in 0..effort.backlog {
        calls.push(look(
            &order(&mut line, address, &clip(1 + number), CLIENT_KEY).await?,
        ));
    }
    let submitted = watch.elapsed();
    let busy = load::paced(address, CONNECTIONS, READS_A_SECOND, effort.reading, &calls).await?;
    let left = effort.backlog - done(&mut line, &calls).await?;
    wait(&mut line, &calls).await?;
    let through = watch.elapsed();
    let memory = footprint::memory(&gateway, "VmHWM")?;
    gateway.kill().await?;

    page.section("Backlog");
    page.line(format!(
        "{} clips of 3 s, 640×360, 24 frames a second, submitted in {:.2} s one after another; {READS_A_SECOND} reads a \
         second of all of them over {CONNECTIONS} connections; latency from the moment a read is due, the reader's own timer of 1 ms included",
        effort.backlog,
        submitted.as_secs_f64()
    ));
    page.line(format!("idle: {}", latencies(&idle)));
    page.line(format!(
        "with the backlog, of which {left} were left at the end of the reading: {}",
        latencies(&busy)
    ));
    page.line(format!(
        "all done after {:.1} s; memory at its highest {memory:.0} MB",
        through.as_secs_f64()
    ));
    let by = format!("– (idle: {:.1} ms)", idle.percentile_ms(99.0));
    page.result(
        format!("status read p99, {} clips waiting", effort.backlog),
        (busy.percentile_ms(99.0), "ms"),
        by,
        Target::AtMost(TARGET_P99_MS),
    );
    Ok(())
}

/// A clip that takes a moment, with a seed.
pub(super) fn clip(seed: usize) -> serde_json::Value {
    json!({
        "model": "kling-v3", "prompt": "A lantern over a quiet harbour", "duration": 3,
        "width": 640, "height": 360, "fps": 24, "seed": seed,
    })
}

fn latencies(burst: &Burst) -> String {
    format!(
        "p50 {:.2} ms, p99 {:.2} ms, worst {:.2} ms of {}",
        burst.percentile_ms(50.0),
        burst.percentile_ms(99.0),
        burst.percentile_ms(100.0),
        burst.answered
    )
}

/// How many of the tasks that are read by these calls are done.
///
/// # Errors
/// When one of them failed.
pub(super) async fn done(line: &mut Line, calls: &[Call]) -> anyhow::Result<usize> {
    let mut done = 0;
    for call in calls {
        let reply = line.call(call.clone()).await?;
        let status = reply.json()["status"].clone();
        ensure!(
            status != "failed",
            "a clip of the backlog failed: {}",
            reply.excerpt()
        );
        done += usize::from(status == "completed");
    }
    Ok(done)
}

async fn wait(line: &mut Line, calls: &[Call]) -> anyhow::Result<()> {
    let watch = Stopwatch::start();
    while done(line, calls).await? < calls.len() {
        let seconds = BACKLOG_LIMIT.as_secs();
        ensure!(
            watch.elapsed() < BACKLOG_LIMIT,
            "the backlog is not done after {seconds} s"
        );
        tokio::time::sleep(COUNT_PAUSE).await;
    }
    Ok(())
}
