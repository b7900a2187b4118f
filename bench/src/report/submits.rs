//! Durable submits: acknowledged after the commit, against the lesser of what SQLite can insert of the same rows, and
//! what a bare handler can take.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use anyhow::Context as _;
use tokio::net::TcpListener;

use super::effort::{Effort, median};
use super::page::{Page, Target};
use super::raw::{self, Raw};
use super::reads::{figures, order, tiny};
use crate::bare::Bare;
use crate::gateway::{self, Binary, CLIENT_KEY, Dwelling};
use crate::load::{self, Burst};
use crate::wire::{self, Line};

/// Keep-alive connections of the load: enough to fill a batch while another is being committed.
const CONNECTIONS: usize = 128;
const TARGET_PERCENT: f64 = 50.0;

/// Submits to the gateway, to a bare handler and to SQLite itself, in turns.
///
/// # Errors
/// When one of the three does not work.
pub(crate) async fn measure(
    page: &mut Page,
    effort: &Effort,
    binary: &Binary,
    scratch: &Path,
) -> anyhow::Result<()> {
    // An upstream that never answers has the only slot's task, so that all others wait and nobody works.
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let dwelling = Dwelling::prepare(binary, &scratch.join("submits"), &config(silent.local_addr()?))?;
    let gateway = dwelling.start()?;
    gateway::ready(gateway.address).await?;
    let mut line = Line::open(gateway.address).await?;
    for seed in 0..2 {
        order(&mut line, gateway.address, &tiny(seed), CLIENT_KEY).await?;
    }
    let mut raw = Raw::prepare(
        &dwelling.data_dir().join("reelway.db"),
        &dwelling.folder.join("raw.db"),
    )?;
    let sync_ms = raw::sync_ms(&dwelling.folder, effort.syncs)?;
    let nothing = line.call(wire::get(gateway.address, "/healthz", None)).await?;
    let bare = Bare::start(&dwelling.folder, "/healthz", &nothing).await?;

    let call = |address: SocketAddr| wire::submit(address, &tiny(1), CLIENT_KEY, None);
    let (our_call, bare_call) = (call(gateway.address), call(bare.address));
    load::closed(gateway.address, CONNECTIONS, effort.round / 2, &our_call).await?;
    load::closed(bare.address, CONNECTIONS, effort.round / 2, &bare_call).await?;
    let (mut ours, mut theirs, mut rows) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..effort.rounds {
        ours.push(load::closed(gateway.address, CONNECTIONS, effort.round, &our_call).await?);
        theirs.push(load::closed(bare.address, CONNECTIONS, effort.round, &bare_call).await?);
        let lasting = effort.round;
        let inserting = tokio::task::spawn_blocking(move || raw.insert(lasting).map(|rate| (raw, rate)));
        let (given_back, rate) = inserting.await.context("the inserting thread panicked")??;
        raw = given_back;
        rows.push(rate);
    }
    tell(page, effort, &Rounds { ours, theirs, rows }, sync_ms);
    gateway.kill().await
}

fn config(upstream: SocketAddr) -> String {
    format!(
        "[network]\nallow_hosts = [\"{upstream}\"]\n\n[[account]]\nname = \"silent\"\nprovider = \"kling\"\n\
         base_url = \"http://{upstream}\"\napi_key = \"of-no-account\"\nslots = 1\n"
    )
}

/// What was measured, a figure for each round.
struct Rounds {
    ours: Vec<Burst>,
    theirs: Vec<Burst>,
    rows: Vec<f64>,
}

fn tell(page: &mut Page, effort: &Effort, rounds: &Rounds, sync_ms: f64) {
    let Rounds { ours, theirs, rows } = rounds;
    let rates = |bursts: &[Burst]| bursts.iter().map(Burst::rate).collect::<Vec<f64>>();
    let (our_rates, their_rates) = (rates(ours), rates(theirs));
    let lesser = median(rows).min(median(&their_rates));
    let which = if lesser < median(&their_rates) {
        "raw batched inserts"
    } else {
        "a bare handler's answers"
    };
    page.section("Durable submits");
    page.line(format!(
        "`POST` of a text-to-video wish with a key; {CONNECTIONS} keep-alive connections; {} rounds of {:.1} s each, in turns; \
         the only slot is taken by a task whose upstream does not answer, so that the others wait",
        effort.rounds,
        effort.round.as_secs_f64()
    ));
    page.line(format!("gateway: {}", figures(&our_rates, ours)));
    page.line(format!(
        "bare handler that reads the JSON: {}",
        figures(&their_rates, theirs)
    ));
    page.line(format!(
        "SQLite alone, the same rows under the same schema, {} a transaction, WAL and `synchronous=FULL`: median {:.0}/s \
         ({:.0}–{:.0})",
        raw::BATCH,
        median(rows),
        rows.iter().copied().fold(f64::MAX, f64::min),
        rows.iter().copied().fold(0.0, f64::max)
    ));
    page.line(format!(
        "a 4 KiB write with its `fdatasync`: median {sync_ms:.2} ms of {}",
        effort.syncs
    ));
    let ratio = 100.0 * median(&our_rates) / lesser;
    let by = format!("{lesser:.0}/s, {which}");
    page.result(
        "durable submits",
        (ratio, "%"),
        by,
        Target::AtLeast(TARGET_PERCENT),
    );
}
