//! What keys and tenants may use, over the wire: budgets and places at the boundary, balances under many
//! submits at once, requests a minute; at one house on SQLite and at several on one PostgreSQL. Scopes,
//! networks and suspension are in `scopes.rs`.

use std::time::Duration;

use domain::store::Replaced;
use domain::tenant::{Key, KeyRole, KeyTerms, Limits, Tenant, TenantTerms};
use domain::{LedgerAccount, Line, LineKind, Micros, TenantId};
use futures_util::StreamExt as _;
use reelway::bootstrap::{Wish, issue};
use reelway::config::Environment;
use serde_json::{Value, json};
use testkit::postgres::cluster;

use crate::house_under_test::{Answer, Gateway, send};

/// What one wish costs that is five seconds of `kling-v1-6`.
const COST: i64 = 280_000;
/// How many submits are under way at once.
const AT_ONCE: usize = 64;
/// What every process sees of a change of terms, and of what the others let through, by then.
pub(crate) const SEEN_WITHIN: Duration = Duration::from_secs(1);

/// A submit in each dialect: its name, its path, its body, its price.
pub(crate) const SUBMITS: &[(&str, &str, &str, i64)] = &[
    (
        "kling",
        "/kling-native/v1/videos/text2video",
        r#"{"model_name":"kling-v1-6","prompt":"a","duration":"5"}"#,
        COST,
    ),
    (
        "elk",
        "/elk/kling/v1/videos/text2video",
        r#"{"model":"kling-v1-6","prompt":"a","duration":5}"#,
        COST,
    ),
    (
        "ezmodel",
        "/ezmodel/kling/v1/videos/text2video",
        r#"{"model":"kling-v1-6","prompt":"a","duration":"5"}"#,
        COST,
    ),
    (
        "pixazo",
        "/pixazo/kling-ai-video/v1/generateVideoTask",
        r#"{"prompt":"a","duration":"5"}"#,
        COST,
    ),
    (
        "openai",
        "/openai/v1/videos",
        r#"{"model":"kling-v1-6","prompt":"a","seconds":"5"}"#,
        COST,
    ),
    (
        "reelway",
        "/api/v1/tasks",
        r#"{"operation":"text_to_video","model":"kling-v1-6","prompt":"a","duration_seconds":5}"#,
        COST,
    ),
    // The new standard does not sell that model.
    (
        "kling2",
        "/kling-native/text-to-video/kling-3.0",
        r#"{"prompt":"a"}"#,
        420_000,
    ),
];

/// A tenant of a house with one key.
pub(crate) struct Customer {
    pub(crate) tenant: TenantId,
    pub(crate) row: Key,
    pub(crate) key: String,
}

fn terms(limits: Limits) -> KeyTerms {
    KeyTerms {
        limits,
        ..KeyTerms::default()
    }
}

/// A new tenant with so much money, or with as much as it likes.
pub(crate) async fn customer(gateway: &Gateway, credit: Option<i64>, key: KeyTerms) -> Customer {
    let store = gateway.house.engine.store();
    let tenant = TenantId(gateway.house.ids.id());
    let row = Tenant {
        id: tenant,
        name: tenant.0.hex(),
        unlimited: credit.is_none(),
        created_at: gateway.house.clock.now(),
        terms: TenantTerms::default(),
    };
    store.registry().create_tenant(&row).await.expect("a new tenant");
    if let Some(amount) = credit {
        let line = Line {
            task: None,
            tenant: Some(tenant),
            kind: LineKind::Credit,
            sequence: 0,
            from: LedgerAccount::Funding,
            to: LedgerAccount::Available(tenant),
            amount: Micros(amount),
            at: gateway.house.clock.now(),
            note: "put in".to_owned(),
        };
        store.post(vec![line]).await.expect("a credit");
    }
    let wish = Wish {
        tenant,
        name: "limited",
        role: KeyRole::Client,
        dialect: None,
        expires_at: None,
        terms: key,
    };
    let issued = issue(&**store, &*gateway.house.clock, &*gateway.house.ids, &wish).await;
    let (row, key) = issued.expect("a new key");
    Customer { tenant, row, key }
}

/// Replaces what was agreed with a customer, and waits until every process has seen it.
pub(crate) async fn agree(gateway: &Gateway, customer: &Customer, tenant: &TenantTerms, key: &KeyTerms) {
    let registry = gateway.house.engine.store().registry();
    let there = registry
        .tenant(customer.tenant)
        .await
        .expect("read")
        .expect("there");
    let set = registry
        .set_tenant_terms(customer.tenant, &there.terms, tenant, None)
        .await;
    assert_eq!(set, Ok(Replaced::Done));
    let keys = registry.keys(Some(customer.tenant)).await.expect("read");
    let there = keys.iter().find(|row| row.id == customer.row.id).expect("there");
    let set = registry.set_key_terms(customer.row.id, &there.terms, key).await;
    assert_eq!(set, Ok(Replaced::Done));
    tokio::time::sleep(SEEN_WITHIN).await;
}

/// A house whose only account for the models of these tests is paused: what is submitted waits.
pub(crate) async fn idle(variables: &[(&str, &str)]) -> Gateway {
    let gateway = Gateway::in_environment(&environment(variables)).await;
    let account = json!({
        "name": "idle", "provider": "kling", "base_url": "http://127.0.0.1:9", "api_key": "nobody-asks",
    });
    let accounts = "/api/v1/admin/accounts";
    let added = gateway.rule("POST", accounts, &account).await;
    assert_eq!(added.status, 201, "{:?}", added.bytes);
    let pause = format!("{accounts}/idle/pause");
    assert_eq!(gateway.rule("POST", &pause, &Value::Null).await.status, 200);
    gateway
}

fn environment(variables: &[(&str, &str)]) -> Environment {
    let private = [("REELWAY_NETWORK__ALLOW_PRIVATE", "true")];
    Environment::of(&[variables, &private].concat())
}

/// Such houses on one PostgreSQL.
pub(crate) async fn idle_houses<const N: usize>() -> [Gateway; N] {
    let url = cluster().database();
    let variables = [("REELWAY_DATABASE__URL", url.as_str())];
    let mut houses = vec![idle(&variables).await];
    while houses.len() < N {
        let twin = houses[0].twin(&environment(&variables)).await;
        houses.push(twin);
    }
    houses
        .try_into()
        .unwrap_or_else(|_| panic!("as many as were asked for"))
}

pub(crate) async fn call(address: &str, key: &str, method: &str, path: &str, body: &str) -> Answer {
    let bearer = format!("Bearer {key}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    send(address, method, path, &headers, body.to_owned().into()).await
}

impl Customer {
    pub(crate) async fn submit(&self, gateway: &Gateway, dialect: &str) -> Answer {
        let (_, path, body, _) = SUBMITS
            .iter()
            .find(|(name, ..)| *name == dialect)
            .expect("a dialect");
        call(gateway.address(), &self.key, "POST", path, body).await
    }

    pub(crate) async fn read(&self, gateway: &Gateway, path: &str) -> Answer {
        call(gateway.address(), &self.key, "GET", path, "").await
    }

    pub(crate) async fn native(&self, gateway: &Gateway) -> (u16, Value) {
        let answer = self.submit(gateway, "kling").await;
        (answer.status.as_u16(), answer.json()["code"].clone())
    }
}

/// Whether an answer is what a dialect says when money does not suffice.
fn is_broke(dialect: &str, answer: &Answer) -> bool {
    let body = answer.json();
    let (status, place, code) = match dialect {
        "kling" | "kling2" => (429, "/code", json!(1102)),
        "ezmodel" => (403, "/code", json!("quota_not_enough")),
        "pixazo" => (402, "/error", json!("Insufficient balance")),
        "elk" => (403, "/error/code", json!("quota_not_enough")),
        "openai" => (429, "/error/code", json!("insufficient_quota")),
        _ => (402, "/error/code", json!("no_money")),
    };
    answer.status == status && body.pointer(place) == Some(&code)
}

async fn books_are_exact(gateway: &Gateway) {
    let report = gateway
        .house
        .engine
        .store()
        .verify_ledger()
        .await
        .expect("a report");
    assert_eq!((report.sum_micros, report.faults), (0, Vec::new()));
}

/// So many submits in turns in all dialects and at all houses, against a balance for so many of them.
async fn many_submits(houses: &[&Gateway], submits: usize, covered: usize) {
    let credit = COST * i64::try_from(covered).expect("a small number");
    let customer = customer(houses[0], Some(credit), KeyTerms::default()).await;
    let customer = &customer;
    let alike: Vec<&str> = SUBMITS
        .iter()
        .filter(|(.., cost)| *cost == COST)
        .map(|(dialect, ..)| *dialect)
        .collect();
    let answers = futures_util::stream::iter(0..submits).map(|n| {
        let (dialect, house) = (alike[n % alike.len()], houses[n % houses.len()]);
        async move { (dialect, customer.submit(house, dialect).await) }
    });
    let answers: Vec<(&str, Answer)> = answers.buffer_unordered(AT_ONCE).collect().await;
    let (taken, refused): (Vec<_>, Vec<_>) =
        answers.iter().partition(|(_, answer)| answer.status.is_success());
    assert_eq!((taken.len(), refused.len()), (covered, submits - covered));
    for (dialect, answer) in refused {
        assert!(
            is_broke(dialect, answer),
            "{dialect}: {} {:?}",
            answer.status,
            answer.bytes
        );
    }
    let store = houses[0].house.engine.store();
    let balance = store
        .balance(customer.tenant)
        .await
        .expect("read")
        .expect("a balance");
    assert_eq!(balance.available, Micros(0));
    books_are_exact(houses[0]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_submits_against_a_balance_for_137_take_137() {
    let gateway = idle(&[]).await;
    many_submits(&[&gateway], 1_000, 137).await;
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_submits_at_three_houses_against_a_balance_for_137_take_137() {
    let [one, two, three] = idle_houses().await;
    many_submits(&[&one, &two, &three], 1_000, 137).await;
    for house in [three, two, one] {
        house.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_is_met_exactly_and_reads_go_on_without_any() {
    let gateway = idle(&[]).await;
    let budget = |micros| Limits {
        budget_micros: Some(Micros(micros)),
        ..Limits::default()
    };
    for (dialect, path, _, cost) in SUBMITS {
        let short = customer(&gateway, None, terms(budget(cost - 1))).await;
        let refused = short.submit(&gateway, dialect).await;
        let (status, text) = (refused.status.as_u16(), String::from_utf8_lossy(&refused.bytes));
        assert!([402, 403, 429].contains(&status), "{path}: {status} {text}");
        let left = format!("{} USD are left", Micros(cost - 1).dollars());
        assert!(text.contains(&left), "{path}: {text}");
        assert_eq!(
            refused.header("retry-after"),
            "",
            "{path}: money does not come by itself"
        );
        let enough = customer(&gateway, None, terms(budget(*cost))).await;
        let taken = enough.submit(&gateway, dialect).await;
        assert!(taken.status.is_success(), "{path}: {:?}", taken.bytes);
        let id = taken.header("reelway-task-id").to_owned();
        assert!(
            !enough.submit(&gateway, dialect).await.status.is_success(),
            "{path}"
        );
        // What it has is read, and so is its money.
        let read = enough.read(&gateway, &format!("/api/v1/tasks/{id}")).await;
        assert_eq!(read.status, 200, "{:?}", read.bytes);
        assert_eq!(enough.read(&gateway, "/api/v1/balance").await.status, 200);
    }
    books_are_exact(&gateway).await;
    gateway.stop().await;
}

/// The limits of key and tenant hold in sum, whichever house is asked.
async fn limits_hold(one: &Gateway, other: &Gateway) {
    let two_tasks = Limits {
        concurrent_tasks: Some(2),
        ..Limits::default()
    };
    let places = customer(one, None, terms(two_tasks)).await;
    assert_eq!(places.native(one).await, (200, json!(0)));
    let second = places.submit(other, "kling").await;
    assert_eq!(second.status, 200);
    let full = places.submit(one, "kling").await;
    assert_eq!((full.status.as_u16(), &full.json()["code"]), (429, &json!(1303)));
    assert!(!full.header("retry-after").is_empty());
    let id = second.header("reelway-task-id");
    let path = format!("/api/v1/tasks/{id}/cancel");
    assert_eq!(
        call(other.address(), &places.key, "POST", &path, "").await.status,
        200
    );
    assert_eq!(places.native(one).await, (200, json!(0)), "a place is free again");
    assert_eq!(places.native(other).await, (429, json!(1303)));

    let spender = customer(one, None, KeyTerms::default()).await;
    assert_eq!(spender.native(one).await, (200, json!(0)));
    let tenant = TenantTerms {
        limits: Limits {
            day_budget_micros: Some(Micros(2 * COST)),
            ..Limits::default()
        },
        ..TenantTerms::default()
    };
    agree(one, &spender, &tenant, &KeyTerms::default()).await;
    assert_eq!(
        spender.native(other).await,
        (200, json!(0)),
        "what was spent before counts"
    );
    assert_eq!(spender.native(one).await, (429, json!(1102)));
    assert_eq!(spender.native(other).await, (429, json!(1102)));
    books_are_exact(one).await;
}

/// Requests a minute are counted over both houses, and told in every answer. What may come back meanwhile
/// is reckoned by the clock, so that a slow machine changes nothing.
async fn rates_hold(one: &Gateway, other: &Gateway) {
    const MOST: u64 = 4;
    const ONE_BACK_SECONDS: u64 = 60 / MOST;
    let few = Limits {
        requests_per_minute: Some(4),
        ..Limits::default()
    };
    let often = customer(one, None, terms(few)).await;
    let clock = &one.house.clock;
    let began_ms = clock.monotonic_ms();
    let back = || (clock.monotonic_ms() - began_ms) / (1_000 * ONE_BACK_SECONDS);
    for n in 1..=2 {
        let read = often.read(one, "/api/v1/tasks").await;
        assert_eq!(read.status, 200);
        assert_eq!(read.header("x-ratelimit-limit-requests"), "4");
        let left: u64 = read
            .header("x-ratelimit-remaining-requests")
            .parse()
            .expect("a number");
        let even = MOST - n;
        assert!(
            (even..=even + back()).contains(&left),
            "{left} are left after {n}"
        );
    }
    exchanged(one).await;
    // The other house hears of them as soon as it has something to tell itself.
    let first = often.read(other, "/api/v1/tasks").await;
    assert_eq!(first.status, 200);
    exchanged(other).await;
    let mut taken = 3;
    let refused = loop {
        let read = often.read(other, "/api/v1/tasks").await;
        if read.status != 200 {
            break read;
        }
        taken += 1;
        assert!(taken <= MOST + back(), "{taken}: nobody counts");
    };
    assert!(taken >= MOST, "{taken}");
    assert_eq!(refused.status, 429);
    assert_eq!(refused.json()["error"]["code"], "rate_limited");
    assert_eq!(refused.json()["error"]["limit"]["holder"], "key");
    assert_eq!(refused.header("x-ratelimit-remaining-requests"), "0");
    assert_eq!(refused.header("ratelimit-policy"), "\"requests\";q=4;w=60");
    let wait: u64 = refused.header("retry-after").parse().expect("seconds");
    assert!((1..=ONE_BACK_SECONDS).contains(&wait), "{wait}");
    // In other words, and where no dialect is spoken; one that came back meanwhile does not help for long.
    let native = refusal_of(|| often.submit(other, "kling")).await;
    assert_eq!(
        (native.status.as_u16(), &native.json()["code"]),
        (429, &json!(1302))
    );
    let balance = refusal_of(|| often.read(other, "/api/v1/balance")).await;
    assert_eq!(balance.status, 429);
}

/// Has a house tell the others what it let through, and hear what they did.
async fn exchanged(gateway: &Gateway) {
    let registry = gateway.house.engine.store().registry();
    gateway.house.rates.exchange(registry).await.expect("an exchange");
}

/// The first answer that is not 200, of a few.
async fn refusal_of<F: Future<Output = Answer>>(call: impl Fn() -> F) -> Answer {
    for _ in 0..3 {
        let answer = call().await;
        if answer.status != 200 {
            return answer;
        }
    }
    panic!("nobody counts")
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_hold_at_one_house() {
    let gateway = idle(&[]).await;
    limits_hold(&gateway, &gateway).await;
    rates_hold(&gateway, &gateway).await;
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_hold_at_two_houses_together() {
    let [one, other] = idle_houses().await;
    limits_hold(&one, &other).await;
    rates_hold(&one, &other).await;
    other.stop().await;
    one.stop().await;
}
