//! Many submits at once against a balance for a known number of them, in four dialects, over one process on SQLite
//! and over three on one PostgreSQL: exactly so many are taken, every other is refused in its dialect's shape, and
//! nothing is left. Then the same with a key's budget.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use serde_json::{Value, json};
use testkit::postgres::Cluster;

use crate::gateway::{self, ADMIN_KEY, Binary, Dwelling, Gateway};
use crate::scratch::Scratch;
use crate::wire::{self, Line, Reply};

/// Three silent seconds of kling-v3, or of its omni model, in 720p, in micro-dollars.
const COST: usize = 252_000;
/// An account that nobody answers at: what is taken waits.
const NOWHERE: &str = "[network]\nallow_private = true\n\n[[account]]\nname = \"nowhere\"\nprovider = \"kling\"\n\
                       base_url = \"http://127.0.0.1:9\"\napi_key = \"nobody\"\n";
/// Wishes that a key's budget is for.
const BUDGETED: usize = 20;
/// Answers that are shown of those that are wrong.
const SHOWN: usize = 5;

/// What `bench rush` is asked for.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  bench rush --submits 1000 --covered 137")]
pub(crate) struct Options {
    /// Submits at once.
    #[arg(long, default_value_t = 1_000)]
    submits: usize,
    /// How many of them the balance covers.
    #[arg(long, default_value_t = 137)]
    covered: usize,
    /// The product's binary; else the one beside this program.
    #[arg(long)]
    binary: Option<std::path::PathBuf>,
}

/// A dialect's submit, and its way to say that there is no money.
struct Shape {
    path: &'static str,
    body: fn() -> Value,
    status: u16,
    code: (&'static str, &'static str),
}

/// The dialects, in turns.
const SHAPES: [Shape; 4] = [
    Shape {
        path: "/kling-native/v1/videos/text2video",
        body: || json!({ "model_name": "kling-v3", "prompt": "a kite", "duration": "3", "mode": "std" }),
        status: 429,
        code: ("/code", "1102"),
    },
    Shape {
        path: "/ezmodel/kling/v1/videos/omni-video",
        body: || {
            json!({ "model": "kling-v3-omni", "prompt": "a kite", "duration": "3", "mode": "std",
                "aspect_ratio": "16:9" })
        },
        status: 403,
        code: ("/code", "quota_not_enough"),
    },
    Shape {
        path: "/pixazo/kling-3-0-text-to-video-standard/v1/kling-3-0-text-to-video-standard-request",
        body: || json!({ "prompt": "a kite", "duration": "3" }),
        status: 402,
        code: ("/error", "Insufficient balance"),
    },
    Shape {
        path: "/elk/kling/v1/videos/text2video",
        body: || json!({ "model": "kling-v3", "prompt": "a kite", "duration": 3, "width": 1280, "height": 720 }),
        status: 403,
        code: ("/error/code", "quota_not_enough"),
    },
];

/// Runs it on both databases. The exit status is 1 when any count is wrong.
///
/// # Errors
/// When the harness itself cannot work.
pub(crate) async fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let binary = Binary::find(options.binary.as_deref()).await?;
    let scratch = Scratch::open(None)?;
    let mut wrong = rush(
        options,
        &binary,
        &scratch.path().join("sqlite"),
        (NOWHERE.to_owned(), 1),
    )
    .await?;
    let cluster = tokio::task::spawn_blocking(|| {
        let cluster = Cluster::start();
        let url = cluster.database();
        (cluster, url)
    });
    let (_cluster, url) = cluster.await.context("the database server does not start")?;
    let config = format!("[database]\nurl = \"{url}\"\n\n{NOWHERE}");
    wrong += rush(options, &binary, &scratch.path().join("postgres"), (config, 3)).await?;
    println!("{}", if wrong == 0 { "passed" } else { "FAILED" });
    Ok(if wrong == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Both rushes at one database; how much was wrong.
async fn rush(
    options: &Options,
    binary: &Binary,
    folder: &Path,
    (config, processes): (String, usize),
) -> anyhow::Result<usize> {
    let dwelling = Dwelling::prepare(binary, folder, &config)?;
    let mut gateways: Vec<Gateway> = Vec::new();
    for _ in 0..processes {
        let gateway = dwelling.start()?;
        gateway::ready(gateway.address).await?;
        gateways.push(gateway);
    }
    let addresses: Vec<SocketAddr> = gateways.iter().map(|gateway| gateway.address).collect();
    let credit = options.covered * COST;
    let key = customer(addresses[0], "rush", credit, None).await?;
    let (taken, mut wrong) = storm(&addresses, &key, options.submits).await?;
    let left = available(addresses[0], "rush").await?;
    println!(
        "{processes} processes: {} submits at once against a balance for {}: {taken} taken, {} refused, {} in another \
         shape, available {left}",
        options.submits,
        options.covered,
        options.submits - taken,
        wrong
    );
    wrong += usize::from(taken != options.covered || left != 0);
    let key = customer(
        addresses[0],
        "careful",
        options.submits * COST,
        Some(BUDGETED * COST),
    )
    .await?;
    let (taken, off) = storm(&addresses, &key, options.submits).await?;
    println!(
        "{processes} processes: {} submits at once with a key's budget for {BUDGETED}: {taken} taken, {off} in another shape",
        options.submits
    );
    wrong += off + usize::from(taken != BUDGETED);
    let books = dwelling.books().await?;
    println!(
        "{processes} processes: {} lines, {} faults, sum {}",
        books.lines,
        books.faults.len(),
        books.sum_micros
    );
    wrong += books.faults.len() + usize::from(books.sum_micros != 0);
    for gateway in gateways {
        gateway.kill().await?;
    }
    Ok(wrong)
}

async fn rule(address: SocketAddr, path: &str, body: &Value) -> anyhow::Result<Value> {
    let mut line = Line::open(address).await?;
    let reply = line.call(wire::post(address, path, body, ADMIN_KEY)).await?;
    ensure!(reply.status == 201, "{path}: {}", reply.excerpt());
    Ok(reply.json())
}

/// A tenant with so much money and one key, whose text is answered.
async fn customer(
    address: SocketAddr,
    name: &str,
    credit: usize,
    budget: Option<usize>,
) -> anyhow::Result<String> {
    let tenant = json!({ "name": name, "credit_micros": credit });
    rule(address, "/api/v1/admin/tenants", &tenant).await?;
    let key = json!({ "name": "in a hurry", "tenant": name, "limits": { "budget_micros": budget } });
    let made = rule(address, "/api/v1/admin/keys", &key).await?;
    let text = made["key"].as_str().context("no key")?;
    Ok(text.to_owned())
}

async fn available(address: SocketAddr, name: &str) -> anyhow::Result<i64> {
    let mut line = Line::open(address).await?;
    let path = format!("/api/v1/admin/tenants/{name}");
    let reply = line.call(wire::get(address, &path, Some(ADMIN_KEY))).await?;
    let left = reply.json()["balance"]["available_micros"].as_i64();
    left.with_context(|| reply.excerpt())
}

/// All submits at once, in turns over the processes and the dialects: how many were taken, and how many answers were
/// neither that nor the dialect's refusal.
async fn storm(addresses: &[SocketAddr], key: &str, submits: usize) -> anyhow::Result<(usize, usize)> {
    let calls = (0..submits).map(|number| {
        let shape = &SHAPES[number % SHAPES.len()];
        let address = addresses[number / SHAPES.len() % addresses.len()];
        let key = key.to_owned();
        tokio::spawn(async move {
            let mut line = Line::open(address).await?;
            let call = wire::post(address, shape.path, &(shape.body)(), &key);
            anyhow::Ok((shape, line.call(call).await?))
        })
    });
    let calls: Vec<_> = calls.collect();
    let (mut taken, mut wrong) = (0, BTreeMap::new());
    for call in calls {
        let (shape, reply) = match call.await {
            Ok(answered) => answered?,
            Err(error) => bail!("a submit panicked: {error}"),
        };
        if (200..300).contains(&reply.status) {
            taken += 1;
        } else if !is_refused(shape, &reply) {
            *wrong.entry(reply.excerpt()).or_insert(0_usize) += 1;
        }
    }
    for (answer, times) in wrong.iter().take(SHOWN) {
        println!("  {times} × {answer}");
    }
    Ok((taken, wrong.values().sum()))
}

fn is_refused(shape: &Shape, reply: &Reply) -> bool {
    let (place, code) = shape.code;
    let body = reply.json();
    let found = body.pointer(place).map(|found| match found.as_str() {
        Some(text) => text.to_owned(),
        None => found.to_string(),
    });
    reply.status == shape.status && found.as_deref() == Some(code)
}
