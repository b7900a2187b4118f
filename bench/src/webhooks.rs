//! Webhooks: how soon a client hears of an end. Tasks call back a receiver that answers and, as many, one that never
//! does; measured is the time from the end, as the webhook says it, to its arrival at the one that answers.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use clap::Args;
use hdrhistogram::Histogram;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::gateway::{self, Binary, CLIENT_KEY, Dwelling};
use crate::scratch::Scratch;
use crate::stopwatch::{self, Stopwatch};
use crate::wire::{self, Line};

/// Longest wait for all webhooks after the last submit.
const LIMIT: Duration = Duration::from_secs(300);
/// Pause between two looks at what has arrived.
const PAUSE: Duration = Duration::from_millis(50);
/// Significant digits of what is measured.
const DIGITS: u8 = 3;
/// The target, in milliseconds: 99 of 100 webhooks arrive within it.
const TARGET_MS: u64 = 500;

/// Let tasks call back a receiver that answers and one that does not, and measure how soon the first hears of ends.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Tasks that call back the receiver that answers; as many call back the one that does not.
    #[arg(long, default_value_t = 500)]
    tasks: usize,
    /// The gateway's binary; else the one beside this program.
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
}

/// What the receiver that answers has heard: how late each end came, in milliseconds.
type Heard = Arc<Mutex<Vec<u64>>>;

/// Runs it.
///
/// # Errors
/// When the gateway does not answer as it should, or webhooks do not come.
pub(crate) async fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let binary = Binary::find(options.binary.as_deref()).await?;
    let scratch = Scratch::open(None)?;
    let heard = Heard::default();
    let live = receiver(Arc::clone(&heard)).await?;
    // Connections are taken by the system and never answered.
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let dead = silent.local_addr()?;
    let config = format!("[network]\nallow_hosts = [\"{live}\", \"{dead}\"]\n");
    let dwelling = Dwelling::prepare(&binary, &scratch.path().join("home"), &config)?;
    let gateway = dwelling.start()?;
    gateway::ready(gateway.address).await?;
    let mut line = Line::open(gateway.address).await?;
    for number in 0..options.tasks {
        for receiver in [dead, live] {
            submit(&mut line, gateway.address, receiver, number).await?;
        }
    }
    let watch = Stopwatch::start();
    while heard.lock().len() < options.tasks {
        ensure!(
            watch.elapsed() < LIMIT,
            "{} of {} ends were told in time",
            heard.lock().len(),
            options.tasks
        );
        tokio::time::sleep(PAUSE).await;
    }
    gateway.kill().await?;
    let mut late = Histogram::<u64>::new(DIGITS)?;
    for &one in heard.lock().iter() {
        late.record(one)?;
    }
    let at = |part: f64| late.value_at_quantile(part);
    println!(
        "{} ends told, with a receiver beside that never answers",
        late.len()
    );
    println!(
        "from the end to its arrival: p50 {} ms, p99 {} ms, at most {} ms",
        at(0.5),
        at(0.99),
        late.max()
    );
    ensure!(at(0.99) <= TARGET_MS, "the target is a p99 of {TARGET_MS} ms");
    Ok(ExitCode::SUCCESS)
}

async fn submit(
    line: &mut Line,
    gateway: SocketAddr,
    receiver: SocketAddr,
    number: usize,
) -> anyhow::Result<()> {
    let wish = json!({
        "operation": "text_to_video", "model": "animatic", "prompt": format!("dot {number}"), "duration_seconds": 1,
        "width": 64, "height": 64, "fps": 5, "callback_url": format!("http://{receiver}/{number}"),
    });
    let taken = line
        .call(wire::post(gateway, "/api/v1/tasks", &wish, CLIENT_KEY))
        .await?;
    ensure!(taken.status == 202, "a wish is not taken: {}", taken.excerpt());
    Ok(())
}

/// A receiver that answers at once, and writes down how late each end came.
async fn receiver(heard: Heard) -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let router = Router::new().fallback(hear).with_state(heard);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

async fn hear(State(heard): State<Heard>, body: Bytes) {
    let now_ms = stopwatch::now_ms();
    let event: Value = serde_json::from_slice(&body).unwrap_or_default();
    if let Some(ended_ms) = ended_ms(&event) {
        heard.lock().push(u64::try_from(now_ms - ended_ms).unwrap_or(0));
    }
}

/// When the task of a success ended, in Unix milliseconds.
fn ended_ms(event: &Value) -> Option<i64> {
    let ended = event["data"]["finished_at"].as_str()?;
    let ended: jiff::Timestamp = ended.parse().context("no moment").ok()?;
    (event["type"] == "task.succeeded").then(|| ended.as_millisecond())
}
