//! `/metrics`: what happened in this process and how the house stands, for Prometheus. Here is how it is
//! counted and answered; which metrics there are is the table in `metrics/table.rs`.
//!
//! Recording is a few atomic additions, here and in the engine's tally; only a scrape does more. No label
//! ever holds an id, a tenant, a prompt or an address, and each has a bound, which the table names.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use domain::overview::Overview;
use domain::store::{Outstanding, StoreError};
use http::header;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet, text};
use prometheus_client::metrics::exemplar::Exemplar;
use prometheus_client::registry::Registry;

use crate::front::request_id;
use crate::problem;
use crate::wiring::House;

pub mod table;

use table::{Metric, Sample, Value};

/// What a scrape is answered as.
const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// How long numbers that the database counts are shown again, in milliseconds: however many scrape, it
/// counts no oftener.
const OVERVIEW_LIFE_MS: u64 = 5_000;
/// Longest wait for the database's numbers; without them the others are shown.
const OVERVIEW_TIMEOUT: Duration = Duration::from_secs(5);
/// Classes of HTTP status, from 1xx to 5xx.
const CLASSES: usize = 5;
/// The dialect of a path that belongs to none.
pub const NO_DIALECT: &str = "none";

/// In a response's extensions: the dialect that answered.
#[derive(Debug, Clone, Copy)]
pub struct Spoken(pub &'static str);

/// Answers by dialect and class of status.
pub struct Answers {
    /// One row for each dialect, in the order of `dialects::ALL`, then one for none.
    rows: Box<[[AtomicU64; CLASSES]]>,
}

impl Default for Answers {
    fn default() -> Answers {
        let row = || std::array::from_fn(|_| AtomicU64::new(0));
        Answers {
            rows: (0..=dialects::ALL.len()).map(|_| row()).collect(),
        }
    }
}

impl Answers {
    /// Counts an answer.
    pub fn count(&self, spoken: Option<Spoken>, status: u16) {
        let row = spoken.and_then(|spoken| {
            let mut all = dialects::ALL.iter();
            all.position(|dialect| dialect.name() == spoken.0)
        });
        let row = row.unwrap_or(dialects::ALL.len());
        let class = usize::from(status / 100).clamp(1, CLASSES) - 1;
        self.rows[row][class].fetch_add(1, Ordering::Relaxed);
    }

    /// Answers so far: dialect, class (`2xx`), how many. Those that there were none of are left out.
    fn read(&self) -> impl Iterator<Item = (&'static str, String, u64)> {
        let names = dialects::ALL.iter().map(|dialect| dialect.name());
        let rows = names.chain([NO_DIALECT]).zip(&self.rows);
        let cells = rows.flat_map(|(name, row)| row.iter().enumerate().map(move |cell| (name, cell)));
        cells
            .map(|(name, (class, count))| (name, format!("{}xx", class + 1), count.load(Ordering::Relaxed)))
            .filter(|(_, _, count)| *count > 0)
    }
}

/// What is counted in the roof, and what the database counted last.
#[derive(Default)]
pub struct Metrics {
    /// Answers over HTTP.
    pub answers: Answers,
    counted: tokio::sync::Mutex<Option<(u64, Arc<Counted>)>>,
}

/// What the database counts.
struct Counted {
    overview: Overview,
    webhooks: Outstanding,
}

impl Counted {
    async fn now(house: &House) -> Result<Counted, StoreError> {
        let store = house.engine.store();
        Ok(Counted {
            overview: store.overview().await?,
            webhooks: store.outbox().outstanding().await?,
        })
    }
}

impl Metrics {
    /// How everything stands, by the database; none when it does not say in time. Counted at most once in
    /// five seconds, by one scrape at a time.
    async fn counted(&self, house: &House) -> Option<Arc<Counted>> {
        let mut kept = self.counted.lock().await;
        let now_ms = house.clock.monotonic_ms();
        if let Some((at_ms, counted)) = &*kept
            && now_ms.saturating_sub(*at_ms) < OVERVIEW_LIFE_MS
        {
            return Some(Arc::clone(counted));
        }
        let counted = tokio::time::timeout(OVERVIEW_TIMEOUT, Counted::now(house)).await;
        match counted {
            Ok(Ok(counted)) => {
                let counted = Arc::new(counted);
                *kept = Some((now_ms, Arc::clone(&counted)));
                Some(counted)
            }
            Ok(Err(error)) => {
                tracing::warn!(%error, "metrics.no_overview: the database did not count");
                None
            }
            Err(_) => {
                tracing::warn!("metrics.no_overview: the database did not count in time");
                None
            }
        }
    }
}

/// `GET /metrics` over the one port: with an admin key.
pub async fn scrape(State(house): State<Arc<House>>, request: Request) -> Response {
    let id = request_id(request.extensions());
    match house
        .gate
        .admit_admin(request.headers(), request.extensions())
        .await
    {
        Ok(_) => answer(&house, &id).await,
        Err(refusal) => problem::answer(&refusal, &id),
    }
}

/// `GET /metrics` over the socket in the data directory, which only its owner can reach.
pub async fn scrape_inside(State(house): State<Arc<House>>, request: Request) -> Response {
    let id = request_id(request.extensions());
    answer(&house, &id).await
}

async fn answer(house: &House, request_id: &str) -> Response {
    match exposition(house).await {
        Ok(body) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], body).into_response(),
        Err(error) => {
            tracing::error!(%error, "metrics.unwritable");
            let refusal =
                domain::Refusal::new(domain::RefusalKind::Unavailable, "the metrics cannot be written");
            problem::answer(&refusal, request_id)
        }
    }
}

/// Every metric as it stands now, as text.
///
/// # Errors
/// When it cannot be written.
pub async fn exposition(house: &House) -> Result<String, std::fmt::Error> {
    let counted = house.metrics.counted(house).await;
    let scene = table::Scene {
        house,
        overview: counted.as_ref().map(|counted| &counted.overview),
        webhooks: counted.as_ref().map(|counted| counted.webhooks),
        now: house.clock.now(),
    };
    let read = table::ALL.iter().map(|metric| (metric, (metric.read)(&scene)));
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Gathered(read.collect())));
    let mut body = String::new();
    text::encode(&mut body, &registry)?;
    Ok(body)
}

/// All metrics with their samples.
#[derive(Debug)]
struct Gathered(Vec<(&'static Metric, Vec<Sample>)>);

impl Collector for Gathered {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        for (metric, samples) in &self.0 {
            let (name, help, kind) = (metric.name, metric.help, metric.kind.of_client());
            let mut family = encoder.encode_descriptor(name, help, None, kind)?;
            for sample in samples {
                if sample.labels.is_empty() {
                    write(&mut family, metric, &sample.value)?;
                } else {
                    let labels: Vec<(&str, &str)> = sample
                        .labels
                        .iter()
                        .map(|(name, value)| (*name, value.as_str()))
                        .collect();
                    write(&mut family.encode_family(&labels)?, metric, &sample.value)?;
                }
            }
        }
        Ok(())
    }
}

fn write(encoder: &mut MetricEncoder<'_>, metric: &Metric, value: &Value) -> Result<(), std::fmt::Error> {
    match value {
        Value::Whole(whole) if metric.kind == table::Kind::Counter => {
            encoder.encode_counter(whole, None::<&Exemplar<NoLabelSet, f64>>)
        }
        Value::Whole(whole) => encoder.encode_gauge(&i64::try_from(*whole).unwrap_or(i64::MAX)),
        Value::Seconds(milliseconds) => encoder.encode_gauge(&seconds(*milliseconds)),
        Value::Spread(reading, unit) => {
            let scaled = |value: u64| match unit {
                table::Unit::Seconds => seconds(value),
                table::Unit::Pieces => pieces(value),
            };
            let bounds = reading
                .bounds
                .iter()
                .map(|bound| scaled(*bound))
                .chain([f64::MAX]);
            let buckets: Vec<(f64, u64)> = bounds.zip(reading.counts.iter().copied()).collect();
            let sum = scaled(reading.sum);
            encoder.encode_histogram::<NoLabelSet>(sum, reading.count(), &buckets, None)
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "metrics are floating-point numbers; 2^53 is far"
)]
fn pieces(value: u64) -> f64 {
    value as f64
}

fn seconds(milliseconds: u64) -> f64 {
    pieces(milliseconds) / 1_000.0
}
