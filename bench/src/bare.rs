//! A server with nothing behind it: the same framework as the gateway's, fixed answers, no key, no database. What the
//! gateway costs is measured against it. It is a process of its own, as the gateway is.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use clap::Args;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::process::Child;

use crate::leash;
use crate::wire::{Reply, TEXT_TO_VIDEO};

/// Headers that the framework writes by itself.
const OWN_HEADERS: [&str; 4] = ["content-length", "date", "connection", "transfer-encoding"];
/// The answer to every submit: as long as a real one.
const RECEIPT_ID: &str = "task_00000000000000000000000000000000";

/// What `bench bare` is asked for.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  bench bare --path /kling/v1/videos/text2video/task_1 --answer answer.json"
)]
pub(crate) struct Options {
    /// The path whose reads are answered.
    #[arg(long)]
    path: String,
    /// The answer: JSON with `status`, `headers` (pairs) and `body`.
    #[arg(long, value_name = "FILE")]
    answer: PathBuf,
}

/// A recorded answer.
#[derive(Debug, Serialize, Deserialize)]
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

#[derive(Clone)]
struct Fixed {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

/// Serves until it is killed. The first line that it prints is its address.
///
/// # Errors
/// When it cannot serve.
pub(crate) async fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let text = std::fs::read(&options.answer).context("cannot read the answer")?;
    let answer: Answer = serde_json::from_slice(&text).context("the answer is not as it should be")?;
    let mut headers = HeaderMap::new();
    for (name, value) in &answer.headers {
        headers.append(name.parse::<HeaderName>()?, value.parse::<HeaderValue>()?);
    }
    let fixed = Fixed {
        status: StatusCode::from_u16(answer.status)?,
        headers,
        body: Bytes::from(answer.body),
    };
    let router = Router::new()
        .route(&options.path, get(read))
        .route(TEXT_TO_VIDEO, post(submit))
        .with_state(fixed);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    println!("{}", listener.local_addr()?);
    axum::serve(listener, router).await?;
    Ok(ExitCode::SUCCESS)
}

async fn read(State(fixed): State<Fixed>) -> Response {
    (fixed.status, fixed.headers, fixed.body).into_response()
}

/// Reads the wish as JSON and forgets it.
async fn submit(Json(wish): Json<Value>) -> Json<Value> {
    let status = if wish.is_object() { "queued" } else { "failed" };
    Json(json!({ "task_id": RECEIPT_ID, "status": status }))
}

/// A bare server as a child process.
pub(crate) struct Bare {
    /// Where it listens.
    pub address: std::net::SocketAddr,
    _child: Child,
}

impl Bare {
    /// Starts this program as a bare server that answers `path` with the bytes of `reply`.
    ///
    /// # Errors
    /// When it does not start.
    pub(crate) async fn start(folder: &Path, path: &str, reply: &Reply) -> anyhow::Result<Bare> {
        let kept = reply
            .headers
            .iter()
            .filter(|(name, _)| !OWN_HEADERS.contains(&name.as_str()));
        let pairs =
            kept.map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into()));
        let answer = Answer {
            status: reply.status,
            headers: pairs.collect(),
            body: String::from_utf8(reply.body.to_vec()).context("the answer is no text")?,
        };
        let file = folder.join("answer.json");
        std::fs::write(&file, serde_json::to_vec(&answer)?).context("cannot write the answer")?;
        let mut command = leash::leashed(&std::env::current_exe()?);
        command.args(["bare", "--path", path]).arg("--answer").arg(&file);
        command.stdout(std::process::Stdio::piped());
        let mut child = command.spawn().context("the bare server does not start")?;
        let stdout = child.stdout.take().context("the bare server has no output")?;
        let mut lines = BufReader::new(stdout).lines();
        let line = lines
            .next_line()
            .await?
            .context("the bare server says no address")?;
        Ok(Bare {
            address: line.parse()?,
            _child: child,
        })
    }
}
