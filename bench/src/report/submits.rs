//! Durable submits: acknowledged after the commit, against the lesser of what the database alone can insert of the same
//! rows, and what a bare handler can take; on SQLite and on PostgreSQL.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use testkit::postgres::Cluster;
use tokio::net::TcpListener;

use super::effort::{Effort, median, percent};
use super::page::{Page, Target};
use super::raw::{self, Raw};
use super::raw_postgres::RawPostgres;
use super::reads::{figures, order, tiny};
use crate::bare::Bare;
use crate::gateway::{self, Binary, CLIENT_KEY, Dwelling};
use crate::load::{self, Burst};
use crate::wire::{self, Line};

/// Keep-alive connections of the load: as many as four full batches on their way, and as many again that are being
/// read and answered, so that the database always has a full batch at hand, as the bare loop has.
const CONNECTIONS: usize = 512;
const TARGET_PERCENT: f64 = 50.0;

/// The databases that tasks are kept in.
enum Place {
    Sqlite,
    Postgres(Cluster),
}

/// A database alone.
enum Alone {
    Sqlite(Box<Raw>),
    Postgres(RawPostgres),
}

impl Place {
    fn name(&self) -> &'static str {
        match self {
            Place::Sqlite => "SQLite",
            Place::Postgres(_) => "PostgreSQL",
        }
    }

    /// How the database alone is used, and made to sync.
    fn terms(&self) -> &'static str {
        match self {
            Place::Sqlite => "WAL, `synchronous=FULL` and `secure_delete`",
            Place::Postgres(_) => "four connections, `fsync` and `synchronous_commit` on",
        }
    }
}

impl Alone {
    async fn insert(&mut self, lasting: Duration) -> anyhow::Result<f64> {
        match self {
            // The runtime has no other work meanwhile.
            Alone::Sqlite(raw) => tokio::task::block_in_place(|| raw.insert(lasting)),
            Alone::Postgres(raw) => raw.insert(lasting).await,
        }
    }
}

/// Submits to the gateway, to a bare handler and to the database itself, in turns; on each database.
///
/// # Errors
/// When one of the three does not work.
pub(crate) async fn measure(
    page: &mut Page,
    effort: &Effort,
    binary: &Binary,
    scratch: &Path,
) -> anyhow::Result<()> {
    measure_on(&Place::Sqlite, page, effort, binary, &scratch.join("submits")).await?;
    let cluster = tokio::task::spawn_blocking(Cluster::start);
    let place = Place::Postgres(cluster.await.context("the database server does not start")?);
    measure_on(&place, page, effort, binary, &scratch.join("submits-postgres")).await
}

async fn measure_on(
    place: &Place,
    page: &mut Page,
    effort: &Effort,
    binary: &Binary,
    folder: &Path,
) -> anyhow::Result<()> {
    // An upstream that never answers has the only slot's task, so that all others wait and nobody works.
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let url = match place {
        Place::Sqlite => None,
        Place::Postgres(cluster) => Some(cluster.database()),
    };
    let dwelling = Dwelling::prepare(binary, folder, &config(silent.local_addr()?, url.as_deref()))?;
    let gateway = dwelling.start()?;
    gateway::ready(gateway.address).await?;
    let mut line = Line::open(gateway.address).await?;
    for seed in 0..2 {
        order(&mut line, gateway.address, &tiny(seed), CLIENT_KEY).await?;
    }
    let mut raw = alone(place, &dwelling, url.as_deref()).await?;
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
        rows.push(raw.insert(effort.round).await?);
    }
    tell(place, page, effort, &Rounds { ours, theirs, rows }, sync_ms);
    gateway.kill().await
}

/// The database alone, with the rows of the gateway's.
async fn alone(place: &Place, dwelling: &Dwelling, url: Option<&str>) -> anyhow::Result<Alone> {
    Ok(match (place, url) {
        (Place::Postgres(cluster), Some(url)) => {
            Alone::Postgres(RawPostgres::prepare(url, &cluster.database()).await?)
        }
        _ => {
            let database = dwelling.data_dir().join("reelway.db");
            Alone::Sqlite(Box::new(Raw::prepare(
                &database,
                &dwelling.folder.join("raw.db"),
            )?))
        }
    })
}

/// A gateway whose only account is at an upstream that never answers, on a database of its own or the one named.
#[must_use]
pub(crate) fn config(upstream: SocketAddr, database: Option<&str>) -> String {
    let database = database.map(|url| format!("[database]\nurl = \"{url}\"\n\n"));
    format!(
        "{}[network]\nallow_hosts = [\"{upstream}\"]\n\n[[account]]\nname = \"silent\"\nprovider = \"kling\"\n\
         base_url = \"http://{upstream}\"\napi_key = \"of-no-account\"\nslots = 1\n",
        database.unwrap_or_default()
    )
}

/// What was measured, a figure for each round.
struct Rounds {
    ours: Vec<Burst>,
    theirs: Vec<Burst>,
    rows: Vec<f64>,
}

fn tell(place: &Place, page: &mut Page, effort: &Effort, rounds: &Rounds, sync_ms: f64) {
    let Rounds { ours, theirs, rows } = rounds;
    let rates = |bursts: &[Burst]| bursts.iter().map(Burst::rate).collect::<Vec<f64>>();
    let (our_rates, their_rates) = (rates(ours), rates(theirs));
    let lesser = median(rows).min(median(&their_rates));
    let is_rows = lesser < median(&their_rates);
    let which = if is_rows {
        "raw batched inserts"
    } else {
        "a bare handler's answers"
    };
    page.section(format!("Durable submits, {}", place.name()));
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
        "{} alone, the same rows under the same schema, {} a transaction, {}: median {:.0}/s ({:.0}–{:.0})",
        place.name(),
        raw::BATCH,
        place.terms(),
        median(rows),
        rows.iter().copied().fold(f64::MAX, f64::min),
        rows.iter().copied().fold(0.0, f64::max)
    ));
    page.line(format!(
        "a 4 KiB write with its `fdatasync`: median {sync_ms:.2} ms of {}",
        effort.syncs
    ));
    let ratio = percent(&our_rates, if is_rows { rows } else { &their_rates });
    let by = format!("{lesser:.0}/s, {which}");
    page.result(
        format!("durable submits, {}", place.name()),
        (ratio, "%"),
        by,
        Target::AtLeast(TARGET_PERCENT),
    );
}
