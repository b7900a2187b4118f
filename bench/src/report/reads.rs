//! Status reads: the gateway with its key check, routing and cache against a bare handler that answers the same bytes.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde_json::json;

use super::effort::{Effort, median, percent};
use super::page::{Page, Target};
use crate::bare::Bare;
use crate::gateway::{self, Binary, CLIENT_KEY, Dwelling};
use crate::load::{self, Burst};
use crate::stopwatch::Stopwatch;
use crate::wire::{self, Line};

/// Keep-alive connections of the load.
const CONNECTIONS: usize = 32;
/// Longest wait for one tiny clip.
const CLIP_LIMIT: Duration = Duration::from_secs(60);
/// Pause between two looks at it.
const LOOK_PAUSE: Duration = Duration::from_millis(50);
const TARGET_PERCENT: f64 = 70.0;

/// Reads one finished task from the gateway and the same answer from a bare handler, in turns.
///
/// # Errors
/// When one of the two does not answer.
pub(crate) async fn measure(
    page: &mut Page,
    effort: &Effort,
    binary: &Binary,
    scratch: &Path,
) -> anyhow::Result<()> {
    let dwelling = Dwelling::prepare(binary, &scratch.join("reads"), "")?;
    let gateway = dwelling.start()?;
    gateway::ready(gateway.address).await?;
    let mut line = Line::open(gateway.address).await?;
    let task_id = order(&mut line, gateway.address, &tiny(0), CLIENT_KEY).await?;
    let path = wire::status_path(&task_id);
    let call = wire::get(gateway.address, &path, Some(CLIENT_KEY));
    let reply = finished(&mut line, &call).await?;
    let bare = Bare::start(&dwelling.folder, &path, &reply).await?;
    let bare_call = wire::get(bare.address, &path, Some(CLIENT_KEY));
    let mut bare_line = Line::open(bare.address).await?;
    let bare_reply = bare_line.call(bare_call.clone()).await?;
    ensure!(
        bare_reply.body == reply.body,
        "the bare handler answers other bytes: {}",
        bare_reply.excerpt()
    );

    // One round each that does not count: caches, allocators and connections warm up.
    load::closed(gateway.address, CONNECTIONS, effort.round / 2, &call).await?;
    load::closed(bare.address, CONNECTIONS, effort.round / 2, &bare_call).await?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..effort.rounds {
        ours.push(load::closed(gateway.address, CONNECTIONS, effort.round, &call).await?);
        theirs.push(load::closed(bare.address, CONNECTIONS, effort.round, &bare_call).await?);
    }
    let rates = |bursts: &[Burst]| bursts.iter().map(Burst::rate).collect::<Vec<f64>>();
    let (our_rates, their_rates) = (rates(&ours), rates(&theirs));
    let ratio = percent(&our_rates, &their_rates);
    page.section("Status reads");
    page.line(format!(
        "`GET` of a finished task in the unified dialect with a key; {CONNECTIONS} keep-alive connections; {} rounds of {:.1} s \
         each, in turns; the body has {} bytes",
        effort.rounds,
        effort.round.as_secs_f64(),
        reply.body.len()
    ));
    page.line(format!("gateway: {}", figures(&our_rates, &ours)));
    page.line(format!(
        "bare handler, same headers and body: {}",
        figures(&their_rates, &theirs)
    ));
    let by = format!("{:.0} reads/s of a bare handler", median(&their_rates));
    page.result("status reads", (ratio, "%"), by, Target::AtLeast(TARGET_PERCENT));
    gateway.kill().await
}

/// Median rate with its range, and the latency in the rounds' middle.
pub(crate) fn figures(rates: &[f64], bursts: &[Burst]) -> String {
    let least = rates.iter().copied().fold(f64::MAX, f64::min);
    let most = rates.iter().copied().fold(0.0, f64::max);
    let percentiles = |percentile: f64| {
        let each: Vec<f64> = bursts
            .iter()
            .map(|burst| burst.percentile_ms(percentile))
            .collect();
        median(&each)
    };
    format!(
        "median {:.0}/s ({least:.0}–{most:.0}), p50 {:.2} ms, p99 {:.2} ms",
        median(rates),
        percentiles(50.0),
        percentiles(99.0)
    )
}

/// The smallest clip that money moves for, with a seed.
pub(crate) fn tiny(seed: usize) -> serde_json::Value {
    json!({
        "model": "kling-v3", "prompt": "A lantern over a quiet harbour", "duration": 3,
        "width": 64, "height": 64, "fps": 1, "seed": seed,
    })
}

/// Submits a clip with a client's key; its task's id.
///
/// # Errors
/// When it is not taken.
pub(crate) async fn order(
    line: &mut Line,
    address: std::net::SocketAddr,
    wish: &serde_json::Value,
    key: &str,
) -> anyhow::Result<String> {
    let reply = line.call(wire::submit(address, wish, key, None)).await?;
    let task_id = reply.json()["task_id"].as_str().map(str::to_owned);
    task_id.with_context(|| format!("a submit answers {}", reply.excerpt()))
}

/// Waits until a task is done; the answer that says so.
async fn finished(line: &mut Line, call: &wire::Call) -> anyhow::Result<wire::Reply> {
    let watch = Stopwatch::start();
    loop {
        let reply = line.call(call.clone()).await?;
        if reply.json()["status"] == "completed" {
            return Ok(reply);
        }
        ensure!(
            watch.elapsed() < CLIP_LIMIT,
            "a tiny clip is not done: {}",
            reply.excerpt()
        );
        tokio::time::sleep(LOOK_PAUSE).await;
    }
}
