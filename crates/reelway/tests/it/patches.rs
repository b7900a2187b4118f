//! Many operators change one tenant and one key at once, over the admin API, each something else: nothing of it is
//! lost, at one house on SQLite and at two on one PostgreSQL.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::house_under_test::Gateway;
use crate::limits::{idle, idle_houses};

/// How often everything is changed at once.
const ROUNDS: i64 = 6;

/// A field of each kind, with its value in a round; all of them are changed at once.
fn patches(round: i64) -> Vec<(&'static str, Value)> {
    vec![
        ("/limits/budget_micros", json!(round * 1_000)),
        ("/limits/day_budget_micros", json!(round * 100)),
        ("/limits/task_budget_micros", json!(round * 10)),
        ("/limits/requests_per_minute", json!(round)),
        ("/limits/concurrent_tasks", json!(round)),
    ]
}

fn patches_of_tenant(round: i64) -> Vec<(&'static str, Value)> {
    let mut all = patches(round);
    all.extend([
        ("/group", json!(format!("group-{round}"))),
        ("/multiplier", json!(format!("0.{round}"))),
        ("/suspended", json!(round % 2 == 1)),
        ("/unlimited", json!(round % 2 == 0)),
    ]);
    all
}

fn patches_of_key(round: i64) -> Vec<(&'static str, Value)> {
    let odd_or_even = |odd: &'static str, even| if round % 2 == 1 { odd } else { even };
    let mut all = patches(round);
    all.extend([
        ("/scope/networks", json!([format!("203.0.113.{round}")])),
        ("/scope/dialects", json!([odd_or_even("kling", "elk")])),
        ("/scope/operations", json!([odd_or_even("lip_sync", "avatar")])),
    ]);
    all
}

/// A body that names one field.
fn body((pointer, value): &(&str, Value)) -> Value {
    let names = pointer.split('/').skip(1).collect::<Vec<_>>();
    let nested = |inner: Value, name: &&str| json!({ *name: inner });
    names.iter().rev().fold(value.clone(), nested)
}

/// Sends all patches at once, in turns to the houses, and reads what came of them.
async fn change(houses: &[&Gateway], path: &str, patches: &[(&'static str, Value)]) {
    let sent = patches.iter().enumerate().map(|(n, patch)| {
        let house = houses[n % houses.len()];
        async move { house.rule("PATCH", path, &body(patch)).await }
    });
    for answer in join_all(sent).await {
        assert_eq!(answer.status, 200, "{path}: {:?}", answer.bytes);
    }
}

async fn nothing_is_lost(houses: &[&Gateway]) {
    let house = houses[0];
    let tenants = "/api/v1/admin/tenants";
    let made = house.rule("POST", tenants, &json!({ "name": "studio" })).await;
    assert_eq!(made.status, 201);
    let keys = "/api/v1/admin/keys";
    let made = house
        .rule("POST", keys, &json!({ "name": "shop", "tenant": "studio" }))
        .await;
    let key = made.json()["id"].as_str().expect("an id").to_owned();
    for round in 1..=ROUNDS {
        let (of_tenant, of_key) = (patches_of_tenant(round), patches_of_key(round));
        let path = format!("{tenants}/studio");
        change(houses, &path, &of_tenant).await;
        let tenant = house.rule("GET", &path, &Value::Null).await.json();
        change(houses, &format!("{keys}/{key}"), &of_key).await;
        let listed = house
            .rule("GET", &format!("{keys}?tenant=studio"), &Value::Null)
            .await;
        let listed = listed.json()["data"][0].clone();
        for (there, patches) in [(tenant, of_tenant), (listed, of_key)] {
            for (pointer, value) in patches {
                let found = there.pointer(pointer);
                assert_eq!(found, Some(&value), "round {round}: {pointer} was lost: {there}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn patches_of_different_fields_at_once_are_all_kept() {
    let gateway = idle(&[]).await;
    nothing_is_lost(&[&gateway]).await;
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn patches_at_two_houses_at_once_are_all_kept() {
    let [one, two] = idle_houses().await;
    nothing_is_lost(&[&one, &two]).await;
    for house in [two, one] {
        house.stop().await;
    }
}
