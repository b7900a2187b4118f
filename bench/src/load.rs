//! The load generator: keep-alive connections that ask as fast as they are answered, or at a fixed rate; and the
//! histogram of what it took.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use hdrhistogram::Histogram;
use tokio::task::JoinSet;

use crate::load::asker::{Asker, Question};
use crate::stopwatch::Stopwatch;
use crate::wire::Call;

mod asker;

/// Longest latency that is told apart: a minute, in microseconds.
const LATENCY_MAX_US: u64 = 60_000_000;
/// Digits of a latency that are kept.
const LATENCY_DIGITS: u8 = 3;
/// How much longer than asked for a round of load may take before it has failed.
const GRACE: Duration = Duration::from_secs(60);

/// What a round of load came to.
#[derive(Debug, Clone)]
pub(crate) struct Burst {
    /// Requests that were answered as expected.
    pub answered: u64,
    /// From the first request to the last answer.
    pub took: Duration,
    /// Latencies in microseconds.
    pub latency: Histogram<u64>,
}

impl Burst {
    fn empty() -> anyhow::Result<Burst> {
        let latency = Histogram::new_with_bounds(1, LATENCY_MAX_US, LATENCY_DIGITS);
        Ok(Burst {
            answered: 0,
            took: Duration::ZERO,
            latency: latency.context("the bounds of the histogram are wrong")?,
        })
    }

    /// Answers a second.
    #[must_use]
    pub(crate) fn rate(&self) -> f64 {
        self.answered as f64 / self.took.as_secs_f64()
    }

    /// The latency that so many of a hundred requests stay below, in milliseconds.
    #[must_use]
    pub(crate) fn percentile_ms(&self, percentile: f64) -> f64 {
        self.latency.value_at_percentile(percentile) as f64 / 1_000.0
    }

    fn note(&mut self, latency: Duration) {
        self.answered += 1;
        self.latency
            .saturating_record(u64::try_from(latency.as_micros()).unwrap_or(u64::MAX));
    }

    fn add(&mut self, other: &Burst) -> anyhow::Result<()> {
        self.answered += other.answered;
        self.latency
            .add(&other.latency)
            .context("histograms of one kind add up")
    }
}

/// Asks over `connections` connections, each as soon as its last answer is there, for so long. Any status other than
/// 200 fails the round: a rate of errors is no rate.
///
/// # Errors
/// When a connection breaks or an answer is not 200.
pub(crate) async fn closed(
    address: SocketAddr,
    connections: usize,
    lasting: Duration,
    call: &Call,
) -> anyhow::Result<Burst> {
    let askers = connect(address, connections).await?;
    let question = Question::of(call.clone()).await?;
    let watch = Stopwatch::start();
    let mut clients = JoinSet::new();
    for mut asker in askers {
        let question = question.clone();
        clients.spawn(async move {
            let mut burst = Burst::empty()?;
            while watch.elapsed() < lasting {
                let asked = Stopwatch::start();
                asker.ask(&question).await?;
                burst.note(asked.elapsed());
            }
            anyhow::Ok(burst)
        });
    }
    gather(clients, watch, lasting).await
}

/// Asks `per_second` times a second over `connections` connections for so long, whatever the answers take. Latency
/// counts from the moment at which a request was due, so that a slow answer is not hidden by those that wait for it.
///
/// # Errors
/// When a connection breaks or an answer is not 200.
pub(crate) async fn paced(
    address: SocketAddr,
    connections: usize,
    per_second: u32,
    lasting: Duration,
    calls: &[Call],
) -> anyhow::Result<Burst> {
    ensure!(
        !calls.is_empty() && per_second > 0,
        "a paced round needs something to ask"
    );
    let askers = connect(address, connections).await?;
    let mut questions = Vec::with_capacity(calls.len());
    for call in calls {
        questions.push(Question::of(call.clone()).await?);
    }
    let watch = Stopwatch::start();
    let step = Duration::from_secs(1) / per_second;
    let total = (lasting.as_secs_f64() * f64::from(per_second)) as usize;
    let mut clients = JoinSet::new();
    for (first, mut asker) in askers.into_iter().enumerate() {
        let questions = questions.clone();
        clients.spawn(async move {
            let mut burst = Burst::empty()?;
            for number in (first..total).step_by(connections) {
                let due = watch.later(step * u32::try_from(number)?);
                due.reached().await;
                asker.ask(&questions[number % questions.len()]).await?;
                burst.note(due.elapsed());
            }
            anyhow::Ok(burst)
        });
    }
    gather(clients, watch, lasting).await
}

async fn connect(address: SocketAddr, connections: usize) -> anyhow::Result<Vec<Asker>> {
    let mut askers = Vec::with_capacity(connections);
    for _ in 0..connections {
        askers.push(Asker::connect(address).await?);
    }
    Ok(askers)
}

async fn gather(
    mut clients: JoinSet<anyhow::Result<Burst>>,
    watch: Stopwatch,
    lasting: Duration,
) -> anyhow::Result<Burst> {
    let gathered = async {
        let mut bursts = Vec::with_capacity(clients.len());
        while let Some(client) = clients.join_next().await {
            bursts.push(client.context("a client panicked")??);
        }
        anyhow::Ok(bursts)
    };
    let gathered = tokio::time::timeout(lasting + GRACE, gathered).await;
    let bursts = gathered.context("a round of load does not end")??;
    let mut all = Burst::empty()?;
    // Before the histograms are added up, which is no answering.
    all.took = watch.elapsed();
    for burst in &bursts {
        all.add(burst)?;
    }
    Ok(all)
}
