//! Waiting clients: so many connections wait for one task at once. Measures the memory of each, the processor time of
//! all of them while nothing happens, and how soon all are answered when it does.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use clap::Args;
use http::{Request, header};
use http_body_util::Full;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::gateway::{self, Binary, CLIENT_KEY, Dwelling, Gateway};
use crate::report::footprint::memory;
use crate::scratch::Scratch;
use crate::stopwatch::Stopwatch;
use crate::wire::{self, Line};

/// Seconds that each client asks to wait: more than the whole run takes.
const WAIT_SECONDS: u32 = 300;
/// How long nothing happens while the processor time is taken.
const QUIET: Duration = Duration::from_secs(5);
/// Clients that ask at once; more would only measure the kernel's queue.
const STEP: usize = 200;
/// Time for a group's requests to arrive before the next asks.
const STEP_PAUSE: Duration = Duration::from_millis(20);
/// Longest wait for all answers after the change.
const ANSWERS_LIMIT: Duration = Duration::from_secs(60);
/// Clock ticks of the kernel a second, as `/proc` counts processor time on Linux.
const TICKS: f64 = 100.0;

/// Let many clients wait for one task.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Clients that wait at once.
    #[arg(long, default_value_t = 10_000)]
    clients: usize,
    /// The gateway's binary; else the one beside this program.
    #[arg(long, value_name = "FILE")]
    binary: Option<std::path::PathBuf>,
}

/// What waiting costs.
pub(crate) struct Figures {
    /// Clients that waited, all of whom were answered.
    pub clients: usize,
    /// Memory of the gateway before the first connected, in megabytes.
    pub before: f64,
    /// With all of them connected, each answered once and idle since.
    pub connected: f64,
    /// With all of them waiting.
    pub waiting: f64,
    /// Processor time of the gateway while nothing happened, in seconds.
    pub busy: f64,
    /// From the change to the last answer.
    pub answered: Duration,
}

impl Figures {
    /// Kilobytes a client between two readings.
    fn each(&self, from: f64, to: f64) -> f64 {
        (to - from) * 1_000.0 / self.clients as f64
    }

    /// Memory of a client that waits, in kilobytes.
    pub(crate) fn waiting_kb(&self) -> f64 {
        self.each(self.before, self.waiting)
    }

    /// Memory of a client that is connected and asks nothing, in kilobytes.
    pub(crate) fn connected_kb(&self) -> f64 {
        self.each(self.before, self.connected)
    }

    /// The figures in words.
    pub(crate) fn lines(&self) -> [String; 3] {
        [
            format!(
                "memory {:.1} MB before, {:.1} MB with {} connections that had one answer each, {:.1} MB with all of them \
                 waiting: {:.1} kB each, of which {:.1} kB are the connection's",
                self.before,
                self.connected,
                self.clients,
                self.waiting,
                self.waiting_kb(),
                self.connected_kb()
            ),
            format!(
                "processor time while nothing happened: {:.2} s in {} s",
                self.busy,
                QUIET.as_secs()
            ),
            format!(
                "from the change to the last answer: {:.0} ms",
                self.answered.as_secs_f64() * 1_000.0
            ),
        ]
    }
}

/// Runs it.
///
/// # Errors
/// When the gateway does not answer as it should.
pub(crate) async fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let binary = Binary::find(options.binary.as_deref()).await?;
    let scratch = Scratch::open(None)?;
    let figures = measure(&binary, &scratch.path().join("home"), options.clients).await?;
    println!("{} waiting clients answered", figures.clients);
    for line in figures.lines() {
        println!("{line}");
    }
    Ok(ExitCode::SUCCESS)
}

/// Lets so many clients wait for one task, on a gateway of their own.
///
/// # Errors
/// When a client is not answered as it should.
pub(crate) async fn measure(binary: &Binary, folder: &Path, clients: usize) -> anyhow::Result<Figures> {
    // A picture whose server never answers: the task waits, and nothing works on it.
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let host = silent.local_addr()?;
    let config = format!("[network]\nallow_hosts = [\"{host}\"]\n");
    let dwelling = Dwelling::prepare(binary, folder, &config)?;
    let gateway = dwelling.start()?;
    gateway::ready(gateway.address).await?;
    let mut line = Line::open(gateway.address).await?;
    let wish = json!({ "model": "animatic", "prompt": "a dot", "image": format!("http://{host}/never.png") });
    let taken = line
        .call(wire::submit(gateway.address, &wish, CLIENT_KEY, None))
        .await?;
    ensure!(taken.status == 200, "the wish is not taken: {}", taken.excerpt());
    let id = taken.json()["task_id"].as_str().context("no task id")?.to_owned();

    let before = memory(&gateway, "VmRSS")?;
    let lines = connect(gateway.address, &id, clients).await?;
    let connected = memory(&gateway, "VmRSS")?;
    let mut waits = wait(gateway.address, &id, lines).await;
    let start = processor_seconds(&gateway)?;
    tokio::time::sleep(QUIET).await;
    let busy = processor_seconds(&gateway)? - start;
    let waiting = memory(&gateway, "VmRSS")?;
    let watch = Stopwatch::start();
    let cancelled = line.call(cancel(gateway.address, &id)).await?;
    ensure!(
        cancelled.status == 200,
        "the task cannot be cancelled: {}",
        cancelled.excerpt()
    );
    let all = async {
        while let Some(client) = waits.join_next().await {
            let word = client.context("a client panicked")??;
            ensure!(word == "cancelled", "a client is answered `{word}`");
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(ANSWERS_LIMIT, all)
        .await
        .context("not all clients are answered")??;
    let answered = watch.elapsed();
    gateway.kill().await?;
    Ok(Figures {
        clients,
        before,
        connected,
        waiting,
        busy,
        answered,
    })
}

/// Connects so many clients, each of whom reads the task once.
async fn connect(address: SocketAddr, id: &str, clients: usize) -> anyhow::Result<Vec<Line>> {
    let path = format!("/api/v1/tasks/{id}");
    let mut lines = Vec::with_capacity(clients);
    for _ in 0..clients {
        let mut line = Line::open(address).await?;
        let reply = line.call(wire::get(address, &path, Some(CLIENT_KEY))).await?;
        ensure!(reply.status == 200, "a client is answered {}", reply.excerpt());
        lines.push(line);
    }
    Ok(lines)
}

/// Lets every client wait for the task's next status; each yields the word that it was answered.
async fn wait(address: SocketAddr, id: &str, lines: Vec<Line>) -> JoinSet<anyhow::Result<String>> {
    let mut waits = JoinSet::new();
    let path = format!("/api/v1/tasks/{id}?wait={WAIT_SECONDS}");
    for (number, mut line) in lines.into_iter().enumerate() {
        let call = wire::get(address, &path, Some(CLIENT_KEY));
        waits.spawn(async move {
            let reply = line.send(call).await?;
            ensure!(
                reply.status == 200,
                "a waiting client is answered {}",
                reply.excerpt()
            );
            let word = reply.json()["status"].as_str().unwrap_or("nothing").to_owned();
            Ok(word)
        });
        if number % STEP == STEP - 1 {
            tokio::time::sleep(STEP_PAUSE).await;
        }
    }
    waits
}

fn cancel(address: SocketAddr, id: &str) -> wire::Call {
    Request::builder()
        .method("POST")
        .uri(format!("/api/v1/tasks/{id}/cancel"))
        .header(header::HOST, address.to_string())
        .header(header::AUTHORIZATION, format!("Bearer {CLIENT_KEY}"))
        .body(Full::new(Bytes::new()))
        .expect("ids and keys of the bench are plain ASCII")
}

/// Processor time that the gateway has used, in seconds.
fn processor_seconds(gateway: &Gateway) -> anyhow::Result<f64> {
    let id = gateway.id().context("the gateway died")?;
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat"))?;
    // The name in brackets may hold anything; the numbers follow behind it.
    let (_, rest) = stat.rsplit_once(')').context("the kernel's line has no name")?;
    let numbers: Vec<&str> = rest.split_whitespace().collect();
    let ticks = |at: usize| -> anyhow::Result<f64> {
        Ok(numbers
            .get(at)
            .context("the kernel's line is too short")?
            .parse()?)
    };
    Ok((ticks(11)? + ticks(12)?) / TICKS)
}
