//! Large submits at once: thousands of pictures inside JSON, each a different one, while the gateway's memory is
//! watched. The pictures themselves are in `bodies/picture.rs`.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use clap::Args;
use futures_util::stream;
use http::{Request, header};
use http_body_util::{BodyExt as _, Limited, StreamBody};
use hyper::body::Frame;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustix::process::{Resource, getrlimit, setrlimit};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::gateway::{self, Binary, CLIENT_KEY, Dwelling, Gateway};
use crate::report::footprint::memory;
use crate::scratch::Scratch;
use crate::stopwatch::Stopwatch;
use crate::wire::{self, Line};

mod picture;

use picture::Wish;

/// Where pictures are animated in the unified dialect.
const IMAGE_TO_VIDEO: &str = "/kling/v1/videos/image2video";
/// Longest wait for one answer: longer than the gateway lets a body wait for its turn and then come in.
const ANSWER_LIMIT: Duration = Duration::from_secs(900);
/// Largest answer that is read.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;
/// What a connection of the load buffers at most, so that the load is small itself.
const BUFFER_BYTES: usize = 64 * 1024;
/// Bytes of a megabyte, as disks and memories are sold.
const MEGABYTE: u64 = 1_000_000;
/// Most answers that are shown of those that were not expected.
const FAULTS_SHOWN: usize = 10;

/// What `bench bodies` is asked for.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  bench bodies --submits 1500 --megabytes 10\n  bench bodies --submits 150"
)]
pub(crate) struct Options {
    /// Pictures that are submitted, each a different one.
    #[arg(long, default_value_t = 1_500, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    submits: u32,
    /// Size of a picture; as Base64 it takes a third more.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=50))]
    megabytes: u32,
    /// Submits that are under way at once; all of them when not given.
    #[arg(long)]
    in_flight: Option<u32>,
    /// What the gateway's memory may come to at its highest, in megabytes.
    #[arg(long, default_value_t = 700.0, value_name = "MB")]
    memory_max: f64,
    /// Put the database, the pictures and the log here, and keep them.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Use this gateway, instead of the one that cargo builds.
    #[arg(long, value_name = "PATH")]
    binary: Option<PathBuf>,
}

/// Submits, reads back and prints. The exit status is 1 when a submit was not taken, a task is missing or the memory
/// went above its bound.
///
/// # Errors
/// When the gateway does not start, or the kernel does not tell.
pub(crate) async fn run(options: &Options) -> anyhow::Result<ExitCode> {
    allow_open_files()?;
    let binary = Binary::find(options.binary.as_deref()).await?;
    let scratch = Scratch::open(options.keep.as_deref())?;
    let dwelling = Dwelling::prepare(&binary, &scratch.path().join("bodies"), "")?;
    let gateway = dwelling.start()?;
    gateway::ready(gateway.address).await?;
    let idle = memory(&gateway, "VmRSS")?;
    let in_flight = options.in_flight.unwrap_or(options.submits);
    println!(
        "{} submits of a picture of {} MB each, {in_flight} at once",
        options.submits, options.megabytes
    );
    let watch = Stopwatch::start();
    let outcome = submit(gateway.address, options, in_flight).await?;
    let seconds = watch.elapsed().as_secs_f64();
    let highest = memory(&gateway, "VmHWM")?;
    let found = read_back(&gateway, &outcome.tasks).await?;
    let books = dwelling.books().await?;
    gateway.kill().await?;

    let submits = u64::from(options.submits);
    let megabytes = outcome.body_bytes as f64 / MEGABYTE as f64;
    for (status, count) in &outcome.answers {
        println!("answered {status}: {count}");
    }
    println!("not answered: {}", outcome.broken);
    for fault in outcome.faults.iter().take(FAULTS_SHOWN) {
        println!("  {fault}");
    }
    println!(
        "all answered after {seconds:.1} s: {:.1} submits/s, {:.0} MB/s of bodies",
        submits as f64 / seconds,
        megabytes / seconds
    );
    println!("tasks read back: {found} of {} acknowledged", outcome.tasks.len());
    let in_books = books.open_tasks + books.finished_tasks;
    println!("tasks in the books: {in_books}, faults: {}", books.faults.len());
    println!(
        "memory at its highest {highest:.1} MB, at most {:.1} MB; before the first submit {idle:.1} MB",
        options.memory_max
    );
    let acknowledged = outcome.tasks.len() as u64;
    let is_whole = acknowledged == submits && found == submits && in_books == submits;
    let is_good = is_whole && books.faults.is_empty() && highest <= options.memory_max;
    println!("{}", if is_good { "met" } else { "MISSED" });
    if !is_good {
        println!("the gateway's log: {}", dwelling.log().display());
        drop(scratch.keep());
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// What became of the submits.
#[derive(Debug, Default)]
struct Outcome {
    answers: BTreeMap<u16, u64>,
    /// Submits whose connection broke or whose time was up.
    broken: u64,
    tasks: Vec<String>,
    faults: Vec<String>,
    body_bytes: u64,
}

async fn submit(address: SocketAddr, options: &Options, in_flight: u32) -> anyhow::Result<Outcome> {
    let places = Arc::new(Semaphore::new(usize::try_from(in_flight)?));
    let mut clients = JoinSet::new();
    let mut outcome = Outcome::default();
    let picture_bytes = u64::from(options.megabytes) * MEGABYTE;
    for number in 0..u64::from(options.submits) {
        let wish = Wish::new(number, picture_bytes)?;
        outcome.body_bytes += wish.bytes();
        let places = Arc::clone(&places);
        clients.spawn(async move {
            let _place = places.acquire_owned().await?;
            let asking = tokio::time::timeout(ANSWER_LIMIT, ask(address, wish));
            asking.await.context("the answer takes too long")?
        });
    }
    while let Some(client) = clients.join_next().await {
        match client.context("a client panicked")? {
            Ok((status, answer)) => {
                *outcome.answers.entry(status).or_default() += 1;
                match answer["task_id"].as_str() {
                    Some(task) if status == 200 => outcome.tasks.push(task.to_owned()),
                    _ => outcome.faults.push(format!("{status} {answer}")),
                }
            }
            Err(error) => {
                outcome.broken += 1;
                outcome.faults.push(format!("{error:#}"));
            }
        }
    }
    Ok(outcome)
}

/// Submits over a connection of its own.
async fn ask(address: SocketAddr, wish: Wish) -> anyhow::Result<(u16, Value)> {
    let stream = TcpStream::connect(address).await?;
    let handshake = http1::Builder::new()
        .max_buf_size(BUFFER_BYTES)
        .handshake(TokioIo::new(stream));
    let (mut sender, connection) = handshake.await?;
    tokio::spawn(connection);
    let request = Request::post(IMAGE_TO_VIDEO)
        .header(header::HOST, address.to_string())
        .header(header::AUTHORIZATION, format!("Bearer {CLIENT_KEY}"))
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CONTENT_LENGTH, wish.bytes());
    let chunks = stream::iter(wish.map(|chunk| Ok::<_, std::io::Error>(Frame::data(Bytes::from(chunk)))));
    let request = request.body(StreamBody::new(chunks))?;
    let (head, body) = sender.send_request(request).await?.into_parts();
    let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await;
    let body = body
        .map_err(|error| anyhow::anyhow!("the answer broke off: {error}"))?
        .to_bytes();
    let answer = serde_json::from_slice(&body).unwrap_or(Value::Null);
    Ok((head.status.as_u16(), answer))
}

/// How many of the tasks are there.
async fn read_back(gateway: &Gateway, tasks: &[String]) -> anyhow::Result<u64> {
    let mut line = Line::open(gateway.address).await?;
    let mut found = 0;
    for task in tasks {
        let path = format!("{IMAGE_TO_VIDEO}/{task}");
        let reply = line
            .call(wire::get(gateway.address, &path, Some(CLIENT_KEY)))
            .await?;
        if reply.status == 200 && reply.json()["task_id"] == task.as_str() {
            found += 1;
        } else {
            println!("  {task}: {}", reply.excerpt());
        }
    }
    Ok(found)
}

/// Each submit has a connection: as many files may be open as the system lets us.
fn allow_open_files() -> anyhow::Result<()> {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    let set = setrlimit(Resource::Nofile, limit);
    ensure!(set.is_ok(), "the limit of open files cannot be raised");
    Ok(())
}
