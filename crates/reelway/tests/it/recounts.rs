//! Counting anew what keys and tenants used, over the admin API, beside clients that submit: what was spoiled by
//! hand is put right, said, and written down.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::tenant::KeyTerms;
use rusqlite::Connection;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use testkit::postgres::cluster;

use crate::house_under_test::Gateway;
use crate::limits::{call, customer, idle, idle_houses};

const RECOUNT: &str = "/api/v1/admin/ledger/recount";

/// What a process of the version before leaves that counted nothing, and what nobody could have left.
const SPOILS: [&str; 3] = [
    "DELETE FROM spending",
    "UPDATE spending SET spent = 0, open = 0",
    "UPDATE spending SET spent = spent + 1, open = open + 1 WHERE day = -1",
];

async fn recount(house: &Gateway, body: &Value) -> Value {
    let answer = house.rule("POST", RECOUNT, body).await;
    assert_eq!(answer.status, 200, "{:?}", answer.bytes);
    answer.json()
}

async fn faults(house: &Gateway) -> usize {
    let proof = house
        .rule("GET", "/api/v1/admin/ledger/verify", &Value::Null)
        .await;
    proof.json()["faults"].as_array().expect("a list").len()
}

/// Submits with a key until it is told to stop.
async fn submits(address: String, key: String, goes_on: Arc<AtomicBool>) -> u32 {
    let body = r#"{"operation":"text_to_video","model":"kling-v1-6","prompt":"a","duration_seconds":5}"#;
    let mut taken = 0;
    while goes_on.load(Ordering::Relaxed) {
        let answer = call(&address, &key, "POST", "/api/v1/tasks", body).await;
        assert!(answer.status.is_success(), "{:?}", answer.bytes);
        taken += 1;
    }
    taken
}

/// Every recount is an act of an operator, also one that only looked.
async fn is_written_down(house: &Gateway) {
    let acts = house
        .rule("GET", "/api/v1/admin/audit?act=POST%20%2Fledger", &Value::Null)
        .await
        .json();
    let acts: Vec<_> = acts["data"].as_array().expect("a list").iter().collect();
    assert_eq!(acts.len(), 2 * SPOILS.len() + 1);
    assert!(
        acts.iter()
            .all(|act| act["act"] == "POST /ledger/recount" && act["outcome"] == "200")
    );
    assert_eq!(
        acts.iter().filter(|act| act["about"] == "dry_run").count(),
        SPOILS.len()
    );
}

async fn counts_are_put_right(houses: &[&Gateway], spoil: impl Fn(&str)) {
    let house = houses[0];
    let who = customer(house, None, KeyTerms::default()).await;
    let goes_on = Arc::new(AtomicBool::new(true));
    let clients: Vec<_> = (0..4)
        .map(|n| {
            let address = houses[n % houses.len()].address().to_owned();
            tokio::spawn(submits(address, who.key.clone(), Arc::clone(&goes_on)))
        })
        .collect();
    let store = house.house.engine.store();
    while store.verify_ledger().await.expect("read").open_tasks < 8 {
        tokio::task::yield_now().await;
    }
    for sql in SPOILS {
        spoil(sql);
        assert!(faults(house).await > 0, "{sql}");
        let told = recount(house, &json!({ "dry_run": true })).await;
        assert!(
            told["wrong"].as_u64() >= Some(2) && told["dry_run"] == true,
            "{told}"
        );
        assert!(faults(house).await > 0, "who only looks mends nothing");
        let mended = recount(house, &Value::Null).await;
        assert_eq!(
            (&mended["wrong"], &mended["dry_run"]),
            (&told["wrong"], &json!(false)),
            "{sql}"
        );
        let holders: Vec<_> = mended["data"].as_array().expect("a list").iter().collect();
        let of = |id: &str| {
            holders
                .iter()
                .any(|wrong| wrong["holder"] == id && wrong["tenant"] == who.tenant.0.hex())
        };
        assert!(of(&format!("key_{}", who.row.id.0.hex())), "{mended}");
        assert!(of(&format!("tenant_{}", who.tenant.0.hex())), "{mended}");
        assert_eq!(faults(house).await, 0, "{sql}: beside {} clients", clients.len());
    }
    goes_on.store(false, Ordering::Relaxed);
    let mut taken = 0;
    for client in clients {
        taken += client.await.expect("a client ends");
    }
    assert!(taken > 8, "{taken}");
    assert_eq!(recount(house, &json!({})).await["wrong"], 0);
    is_written_down(house).await;
    let refused = house.rule("POST", RECOUNT, &json!({ "dry": true })).await;
    assert_eq!(
        (refused.status.as_u16(), &refused.json()["error"]["field"]),
        (400, &json!("dry"))
    );
    let client = call(house.address(), &who.key, "POST", RECOUNT, "").await;
    assert_eq!(client.status, 403, "it is for operators");
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_are_put_right_beside_clients() {
    let gateway = idle(&[]).await;
    let file = gateway.data_dir().join("reelway.db");
    let spoil = |sql: &str| {
        let database = Connection::open(&file).expect("the database");
        database
            .busy_timeout(std::time::Duration::from_secs(10))
            .expect("patience");
        assert!(database.execute(sql, []).expect("spoiled") > 0);
    };
    counts_are_put_right(&[&gateway], spoil).await;
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_are_put_right_beside_clients_of_two_houses() {
    let [one, two] = idle_houses().await;
    let url = one.house.config.database_url.expose_secret().to_owned();
    let spoil = |sql: &str| drop(cluster().sql(&url, sql));
    counts_are_put_right(&[&one, &two], spoil).await;
    for house in [two, one] {
        house.stop().await;
    }
}
