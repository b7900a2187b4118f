//! Every metric: its name, what it means, its labels with their bounds, and where its numbers come from.
//! `docs/metrics.md` is written from this table, and a test compares them.

use std::collections::BTreeMap;

use domain::overview::Overview;
use domain::store::Outstanding;
use domain::{Millis, StateWord};
use engine::ANIMATIC;
use engine::tally::{OTHER, Reading};
use prometheus_client::metrics::MetricType;

use crate::wiring::House;

mod webhooks;

/// Most lanes that have a series of their own; the rest is counted together.
const LANES_MAX: usize = 200;
/// Most accounts that have series of their own; the rest is left out.
const ACCOUNTS_MAX: usize = 200;

/// What a scrape looks at.
pub struct Scene<'a> {
    /// The house.
    pub house: &'a House,
    /// How everything stands, by the database; none when it did not say.
    pub overview: Option<&'a Overview>,
    /// How all webhooks stand, by the database as well.
    pub webhooks: Option<Outstanding>,
    /// The moment of the scrape.
    pub now: Millis,
}

/// How a metric moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It only grows; its name gets `_total`.
    Counter,
    /// It goes up and down.
    Gauge,
    /// Values in buckets.
    Histogram,
}

impl Kind {
    /// The kind as Prometheus' client knows it.
    #[must_use]
    pub fn of_client(self) -> MetricType {
        match self {
            Kind::Counter => MetricType::Counter,
            Kind::Gauge => MetricType::Gauge,
            Kind::Histogram => MetricType::Histogram,
        }
    }
}

/// What the values of a histogram are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Seconds; they are counted in milliseconds.
    Seconds,
    /// Things.
    Pieces,
}

/// One value.
#[derive(Debug, Clone)]
pub enum Value {
    /// A count.
    Whole(u64),
    /// A length of time in milliseconds, shown in seconds.
    Seconds(u64),
    /// Values in buckets.
    Spread(Reading, Unit),
}

/// A value with its labels.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Names and values.
    pub labels: Vec<(&'static str, String)>,
    /// The value.
    pub value: Value,
}

/// A metric.
pub struct Metric {
    /// Its name; a counter's without `_total`.
    pub name: &'static str,
    /// How it moves.
    pub kind: Kind,
    /// What it means, in one sentence.
    pub help: &'static str,
    /// Its labels, each with the bound on its values.
    pub labels: &'static [(&'static str, &'static str)],
    /// Its samples now.
    pub read: fn(&Scene<'_>) -> Vec<Sample>,
}

impl std::fmt::Debug for Metric {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

const LANE: (&str, &str) = (
    "lane",
    "models in the price book and `animatic`; at most 200, then `other`",
);
const STATE: (&str, &str) = ("state", "the 6 states that are not final");
const ACCOUNT: (&str, &str) = ("account", "accounts that are plugged in; at most 200");
const PROVIDER: (&str, &str) = ("provider", "providers that are built in");

/// Every metric, by name.
pub static ALL: &[Metric] = &[
    Metric {
        name: "reelway_account_slots_allowed",
        kind: Kind::Gauge,
        help: "Tasks that an account may have in flight at once",
        labels: &[ACCOUNT, PROVIDER],
        read: |scene| slots(scene, |station| station.allowed),
    },
    Metric {
        name: "reelway_account_slots_taken",
        kind: Kind::Gauge,
        help: "Tasks that an account has in flight, as far as this process has them; add processes up",
        labels: &[ACCOUNT, PROVIDER],
        read: |scene| slots(scene, |station| station.taken),
    },
    Metric {
        name: "reelway_belts_last_turn_age_seconds",
        kind: Kind::Gauge,
        help: "Since the belts of this process last turned; above 15 it is not ready",
        labels: &[],
        read: |scene| one(age(scene, scene.house.engine.pulse())),
    },
    Metric {
        name: "reelway_build_info",
        kind: Kind::Gauge,
        help: "Always 1; the version is in the label",
        labels: &[("version", "1")],
        read: |_| {
            let version = env!("CARGO_PKG_VERSION").to_owned();
            vec![Sample {
                labels: vec![("version", version)],
                value: Value::Whole(1),
            }]
        },
    },
    Metric {
        name: "reelway_commit_batch_members",
        kind: Kind::Histogram,
        help: "Changes in each batch that was committed",
        labels: &[],
        read: |scene| {
            one(Value::Spread(
                scene.house.engine.tally().commit_members.read(),
                Unit::Pieces,
            ))
        },
    },
    Metric {
        name: "reelway_commit_seconds",
        kind: Kind::Histogram,
        help: "How long each batch took until it was on disk",
        labels: &[],
        read: |scene| {
            one(Value::Spread(
                scene.house.engine.tally().commit_ms.read(),
                Unit::Seconds,
            ))
        },
    },
    Metric {
        name: "reelway_database_up",
        kind: Kind::Gauge,
        help: "1 when the database counted for this scrape; 0 when it did not, and what it counts is left out",
        labels: &[],
        read: |scene| one(Value::Whole(u64::from(scene.overview.is_some()))),
    },
    Metric {
        name: "reelway_detection_lag_seconds",
        kind: Kind::Histogram,
        help: "From the end of a job at its vendor until it was seen: by the vendor's own word for the end, else since the look before, which is the most that it can have been",
        labels: &[],
        read: |scene| {
            one(Value::Spread(
                scene.house.engine.tally().detection_lag_ms.read(),
                Unit::Seconds,
            ))
        },
    },
    Metric {
        name: "reelway_hold_oldest_age_seconds",
        kind: Kind::Gauge,
        help: "Age of the oldest hold that is neither charged nor released; 0 when there is none",
        labels: &[],
        read: |scene| {
            oldest(scene, |overview| {
                overview.groups.iter().map(|group| group.oldest_at).min()
            })
        },
    },
    Metric {
        name: "reelway_http_requests",
        kind: Kind::Counter,
        help: "Requests that were answered, by the dialect that answered",
        labels: &[
            (
                "dialect",
                "dialects that are built in, and `none` for paths that belong to no dialect",
            ),
            ("status_class", "`1xx` to `5xx`"),
        ],
        read: answers,
    },
    Metric {
        name: "reelway_kept_bytes",
        kind: Kind::Gauge,
        help: "Bytes of all files that are kept: inputs and results",
        labels: &[],
        read: |scene| counted(scene, |overview| overview.kept_bytes),
    },
    Metric {
        name: "reelway_kept_files",
        kind: Kind::Gauge,
        help: "Files that are kept: inputs and results",
        labels: &[],
        read: |scene| counted(scene, |overview| overview.kept_files),
    },
    Metric {
        name: "reelway_look_lateness_seconds",
        kind: Kind::Histogram,
        help: "How much later than due looks at running tasks began",
        labels: &[],
        read: |scene| {
            one(Value::Spread(
                scene.house.engine.tally().look_lateness_ms.read(),
                Unit::Seconds,
            ))
        },
    },
    Metric {
        name: "reelway_queue_tasks",
        kind: Kind::Gauge,
        help: "Tasks that wait for a slot, by lane, over all processes",
        labels: &[LANE],
        read: lanes,
    },
    Metric {
        name: "reelway_render_queue_tasks",
        kind: Kind::Gauge,
        help: "Tasks that wait for the embedded renderer",
        labels: &[],
        read: |scene| counted(scene, |overview| waiting(overview, ANIMATIC)),
    },
    Metric {
        name: "reelway_tasks",
        kind: Kind::Gauge,
        help: "Unfinished tasks by state, over all processes",
        labels: &[STATE],
        read: states,
    },
    Metric {
        name: "reelway_unknown_oldest_age_seconds",
        kind: Kind::Gauge,
        help: "Since when the oldest task in doubt is in doubt; 0 when there is none",
        labels: &[],
        read: |scene| {
            oldest(scene, |overview| {
                overview
                    .groups
                    .iter()
                    .filter_map(|group| group.in_doubt_since)
                    .min()
            })
        },
    },
    Metric {
        name: "reelway_unknown_tasks",
        kind: Kind::Gauge,
        help: "Tasks whose submit got no trustworthy answer yet",
        labels: &[],
        read: |scene| counted(scene, |overview| in_state(overview, StateWord::Unknown)),
    },
    Metric {
        name: "reelway_upstream_calls",
        kind: Kind::Counter,
        help: "Calls at upstream accounts, by how they ended",
        labels: &[
            ("account", "accounts that were called since the start; see `code`"),
            (
                "call",
                "`submit`, `look` (a batch is one call), `look_up`, `stop`, `download`",
            ),
            ("outcome", "`ok`, `busy`, `refused`, `unknown`"),
            (
                "code",
                "the vendor's code, `http_` and a status, or `none`; at most 1,000 series in all, then account and code are `other`",
            ),
        ],
        read: calls,
    },
    Metric {
        name: "reelway_webhook_first_try_seconds",
        kind: Kind::Histogram,
        help: "From the commit that owes a webhook until its first try begins",
        labels: &[],
        read: webhooks::first_tries,
    },
    Metric {
        name: "reelway_webhook_oldest_age_seconds",
        kind: Kind::Gauge,
        help: "Age of the oldest webhook that is owed and not delivered; 0 when there is none",
        labels: &[],
        read: webhooks::oldest,
    },
    Metric {
        name: "reelway_webhook_tries",
        kind: Kind::Counter,
        help: "Tries to deliver webhooks, by what came of them: `failed` is tried again, `dead` was the last one",
        labels: &[(
            "outcome",
            "`delivered`, `failed`, `dead`, `superseded`, `unsigned`",
        )],
        read: webhooks::tries,
    },
    Metric {
        name: "reelway_webhooks_dead",
        kind: Kind::Gauge,
        help: "Webhooks that were given up, may be replayed, and were not",
        labels: &[],
        read: webhooks::dead,
    },
    Metric {
        name: "reelway_webhooks_owed",
        kind: Kind::Gauge,
        help: "Webhooks that are owed and not delivered, over all processes",
        labels: &[],
        read: webhooks::owed,
    },
];

fn one(value: Value) -> Vec<Sample> {
    vec![Sample {
        labels: Vec::new(),
        value,
    }]
}

fn age(scene: &Scene<'_>, since: Millis) -> Value {
    Value::Seconds(u64::try_from(scene.now.since(since)).unwrap_or(0))
}

/// What the database counted; nothing where it did not.
fn counted(scene: &Scene<'_>, count: fn(&Overview) -> u64) -> Vec<Sample> {
    let counted = scene.overview.map(|overview| one(Value::Whole(count(overview))));
    counted.unwrap_or_default()
}

fn oldest(scene: &Scene<'_>, since: fn(&Overview) -> Option<Millis>) -> Vec<Sample> {
    let aged = |overview| since(overview).map_or(Value::Seconds(0), |since| age(scene, since));
    scene
        .overview
        .map(|overview| one(aged(overview)))
        .unwrap_or_default()
}

fn in_state(overview: &Overview, state: StateWord) -> u64 {
    let groups = overview.groups.iter().filter(|group| group.state == state);
    groups.map(|group| group.tasks).sum()
}

fn waiting(overview: &Overview, lane: &str) -> u64 {
    let queued = overview
        .groups
        .iter()
        .filter(|group| group.state == StateWord::Queued);
    queued
        .filter(|group| group.lane == lane)
        .map(|group| group.tasks)
        .sum()
}

fn states(scene: &Scene<'_>) -> Vec<Sample> {
    let Some(overview) = scene.overview else {
        return Vec::new();
    };
    let open = StateWord::ALL.into_iter().filter(|state| !state.is_final());
    let samples = open.map(|state| Sample {
        labels: vec![("state", state.word().to_owned())],
        value: Value::Whole(in_state(overview, state)),
    });
    samples.collect()
}

fn lanes(scene: &Scene<'_>) -> Vec<Sample> {
    let Some(overview) = scene.overview else {
        return Vec::new();
    };
    let mut lanes: BTreeMap<&str, u64> = BTreeMap::new();
    for group in &overview.groups {
        let waits = if group.state == StateWord::Queued {
            group.tasks
        } else {
            0
        };
        let is_known = lanes.len() < LANES_MAX || lanes.contains_key(group.lane.as_str());
        let lane = if is_known { group.lane.as_str() } else { OTHER };
        *lanes.entry(lane).or_default() += waits;
    }
    let samples = lanes.into_iter().map(|(lane, tasks)| Sample {
        labels: vec![("lane", lane.to_owned())],
        value: Value::Whole(tasks),
    });
    samples.collect()
}

fn slots(scene: &Scene<'_>, count: fn(&engine::Station) -> usize) -> Vec<Sample> {
    let stations = scene.house.engine.stations().into_iter().take(ACCOUNTS_MAX);
    let samples = stations.map(|station| Sample {
        value: Value::Whole(u64::try_from(count(&station)).unwrap_or(u64::MAX)),
        labels: vec![("account", station.account), ("provider", station.provider)],
    });
    samples.collect()
}

fn answers(scene: &Scene<'_>) -> Vec<Sample> {
    let read = scene.house.metrics.answers.read();
    let samples = read.map(|(dialect, class, count)| Sample {
        labels: vec![("dialect", dialect.to_owned()), ("status_class", class)],
        value: Value::Whole(count),
    });
    samples.collect()
}

fn calls(scene: &Scene<'_>) -> Vec<Sample> {
    let calls = scene.house.engine.tally().calls().into_iter();
    let samples = calls.map(|calls| Sample {
        labels: vec![
            ("account", calls.account),
            ("call", calls.call.word().to_owned()),
            ("outcome", calls.outcome.to_owned()),
            ("code", calls.code),
        ],
        value: Value::Whole(calls.count),
    });
    samples.collect()
}

/// The page `docs/metrics.md`.
#[must_use]
pub fn page() -> String {
    let mut page = String::from(
        "# Metrics\n\n\
         `GET /metrics` answers in the text format of OpenMetrics, which Prometheus reads. It needs an admin key \
         (`Authorization: Bearer <key>`); over `DATA_DIR/run.sock`, which only the owner of that directory can reach, it needs \
         none. Numbers of this process begin at 0 with it; what the database counts holds for all processes on it and is \
         counted at most once in five seconds. No label holds an id, a tenant, a prompt or an address, and each has a bound.\n\n\
         ```yaml\n\
         scrape_configs:\n  \
           - job_name: reelway\n    \
             authorization: { credentials_file: /etc/prometheus/reelway-admin-key }\n    \
             static_configs: [{ targets: [\"127.0.0.1:8787\"] }]\n\
         ```\n\n\
         What to look at first, and what to do then: [operating.md](operating.md).\n\n\
         | metric | kind | means | labels, and what bounds them |\n|---|---|---|---|\n",
    );
    for metric in ALL {
        let (kind, suffix) = match metric.kind {
            Kind::Counter => ("counter", "_total"),
            Kind::Gauge => ("gauge", ""),
            Kind::Histogram => ("histogram", ""),
        };
        let labels: Vec<String> = metric
            .labels
            .iter()
            .map(|(name, bound)| format!("`{name}`: {bound}"))
            .collect();
        let labels = if labels.is_empty() {
            "–".to_owned()
        } else {
            labels.join("; ")
        };
        page.push_str(&format!(
            "| `{}{suffix}` | {kind} | {} | {labels} |\n",
            metric.name, metric.help
        ));
    }
    page
}
