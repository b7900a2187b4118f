//! Metrics: what a scrape shows after a known history, who may see it, and the page that lists them.

use std::collections::BTreeMap;
use std::path::Path;

use prometheus_client::metrics::MetricType;
use reelway::client::Client;
use reelway::metrics::table;
use reelway::metrics::{Answers, Spoken};
use serde_json::json;

use crate::house_under_test::Gateway;

/// Every sample of a scrape, by name and labels as they are written.
fn samples(text: &str) -> BTreeMap<String, f64> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let pairs = lines.map(|line| {
        let (series, value) = line.rsplit_once(' ').expect("a name and a value");
        (series.to_owned(), value.parse().expect("a number"))
    });
    pairs.collect()
}

async fn scraped(gateway: &Gateway) -> BTreeMap<String, f64> {
    let bearer = format!("Bearer {}", gateway.admin_key);
    let answer = gateway
        .send("GET", "/metrics", &[("authorization", &bearer)], "")
        .await;
    assert_eq!(answer.status, 200);
    assert!(
        answer
            .header("content-type")
            .starts_with("application/openmetrics-text")
    );
    let text = String::from_utf8(answer.bytes.to_vec()).expect("text");
    assert!(
        text.ends_with("# EOF\n"),
        "a scrape that broke off would be told by its end"
    );
    samples(&text)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scrape_shows_the_history_that_was() {
    let gateway = Gateway::start().await;
    gateway.clip().await;
    gateway.clip().await;
    let refused = gateway
        .submit(&json!({ "model": "animatic", "prompt": "" }))
        .await;
    assert!(refused.status.is_client_error());
    let seen = scraped(&gateway).await;
    let of = |series: &str| {
        seen.get(series)
            .copied()
            .unwrap_or_else(|| panic!("no `{series}` in {seen:?}"))
    };
    let call = |call: &str| {
        format!(
            "reelway_upstream_calls_total{{account=\"animatic\",call=\"{call}\",outcome=\"ok\",code=\"none\"}}"
        )
    };
    assert_eq!(of(&call("submit")), 2.0);
    assert!(of(&call("look")) >= 2.0);
    assert_eq!(of("reelway_detection_lag_seconds_count"), 2.0);
    assert!(of("reelway_look_lateness_seconds_count") >= 2.0);
    assert_eq!(
        of("reelway_http_requests_total{dialect=\"elk\",status_class=\"2xx\"}"),
        2.0
    );
    assert_eq!(
        of("reelway_http_requests_total{dialect=\"elk\",status_class=\"4xx\"}"),
        1.0
    );
    assert!(of("reelway_http_requests_total{dialect=\"reelway\",status_class=\"2xx\"}") >= 2.0);
    assert_eq!(
        of("reelway_account_slots_taken{account=\"animatic\",provider=\"animatic\"}"),
        0.0
    );
    assert!(of("reelway_account_slots_allowed{account=\"animatic\",provider=\"animatic\"}") >= 1.0);
    for state in [
        "ingesting",
        "queued",
        "submitting",
        "unknown",
        "running",
        "settling",
    ] {
        assert_eq!(of(&format!("reelway_tasks{{state=\"{state}\"}}")), 0.0);
    }
    assert_eq!(
        (
            of("reelway_unknown_tasks"),
            of("reelway_unknown_oldest_age_seconds")
        ),
        (0.0, 0.0)
    );
    assert_eq!(
        (of("reelway_hold_oldest_age_seconds"), of("reelway_database_up")),
        (0.0, 1.0)
    );
    what_is_kept_and_committed(&seen);
    gateway.stop().await;
}

/// What two clips left on disk.
fn what_is_kept_and_committed(seen: &BTreeMap<String, f64>) {
    let of = |series: &str| seen.get(series).copied().unwrap_or(f64::NAN);
    // The two clips are the same, and kept once.
    assert_eq!(of("reelway_kept_files"), 1.0);
    assert!(of("reelway_kept_bytes") > 500.0);
    let (batches, members) = (
        of("reelway_commit_batch_members_count"),
        of("reelway_commit_batch_members_sum"),
    );
    assert!(
        batches >= 4.0 && members >= batches,
        "{batches} batches with {members} members"
    );
    assert_eq!(of("reelway_commit_seconds_count"), batches);
    assert_eq!(
        of("reelway_commit_seconds_bucket{le=\"+Inf\"}"),
        batches,
        "buckets add up"
    );
    assert!(of("reelway_belts_last_turn_age_seconds") < 15.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_need_an_admin_key_or_the_owners_socket() {
    let gateway = Gateway::start().await;
    assert_eq!(gateway.send("GET", "/metrics", &[], "").await.status, 401);
    assert_eq!(gateway.ask("GET", "/metrics", "").await.status, 403);
    let client = Client::of_running(&gateway.house.config.socket())
        .await
        .expect("it runs");
    let response = client.send("GET", "/metrics", None).await.expect("an answer");
    assert_eq!(response.status(), 200);
    let ready = client.json("GET", "/readyz", None).await.expect("an answer");
    assert_eq!(ready.body["status"], "ready");
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_label_holds_an_id_a_tenant_or_a_prompt() {
    let gateway = Gateway::start().await;
    let id = gateway.clip().await;
    let text: String = scraped(&gateway).await.into_keys().collect();
    let hex = id.trim_start_matches("task_").to_owned();
    for secret in [
        hex.as_str(),
        "a dot",
        "default",
        &gateway.client_key,
        &gateway.admin_key,
    ] {
        assert!(!text.contains(secret), "`{secret}` is in a label");
    }
    gateway.stop().await;
}

#[test]
fn names_and_labels_are_as_prometheus_would_have_them() {
    let mut last = "";
    for metric in table::ALL {
        assert!(metric.name > last, "`{}` is not in its place", metric.name);
        last = metric.name;
        assert!(metric.name.starts_with("reelway_"));
        assert!(!metric.name.ends_with("_total"), "the client adds it");
        assert!(!metric.help.ends_with('.') && !metric.help.is_empty());
        let is_time = ["age", "lateness", "lag"]
            .iter()
            .any(|word| metric.name.contains(word));
        assert!(
            !is_time || metric.name.ends_with("_seconds"),
            "`{}` names no unit",
            metric.name
        );
        for (name, bound) in metric.labels {
            assert!(!bound.is_empty(), "label `{name}` has no bound");
            assert!(!["task", "tenant", "key", "id", "le"].contains(name));
        }
    }
    assert_eq!(
        table::Kind::Counter.of_client().as_str(),
        MetricType::Counter.as_str()
    );
}

#[test]
fn the_page_lists_every_metric() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/metrics.md");
    let page = table::page();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &page).expect("the page is written");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "docs/metrics.md is not what the table says; BLESS=1 cargo test -p reelway --test it metrics writes it"
    );
}

#[test]
fn an_unknown_dialect_and_an_odd_status_are_counted_somewhere() {
    let answers = Answers::default();
    answers.count(Some(Spoken("klingon")), 204);
    answers.count(None, 0);
    answers.count(None, 999);
}
