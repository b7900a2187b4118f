//! Balances and usage, in our own words and in those of other gateways.

use reelway::config::Environment;
use serde_json::{Value, json};

use crate::house_under_test::Gateway;

/// An environment in which the first tenant has a limited balance, in micro-dollars.
pub(crate) fn with_credit(micros: &str) -> Environment {
    Environment::of(&[("REELWAY_BOOTSTRAP_CREDIT", micros)])
}

async fn read(gateway: &Gateway, path: &str) -> Value {
    let answer = gateway.ask("GET", path, "").await;
    assert_eq!(answer.status, 200, "{path}: {:?}", answer.bytes);
    answer.json()
}

/// Spends a quarter of a dollar and a bit: three silent seconds of kling-v3.
async fn spend(gateway: &Gateway) {
    let body = json!({ "model_name": "kling-v3", "prompt": "a", "duration": "3", "external_task_id": "s" });
    let path = "/v1/videos/text2video";
    assert_eq!(gateway.ask("POST", path, body.to_string()).await.status, 200);
    for _ in 0..10 {
        let task = read(gateway, &format!("{path}/s?wait=60")).await;
        if task["data"]["task_status"] == "succeed" {
            return;
        }
    }
    panic!("the clip is not made");
}

fn keys_of(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect()
}

/// What `ElkAPI` and `CometAPI` tell: dollars in all, by key and by day.
async fn quota_tells_what_was_spent(gateway: &Gateway, today: &str) {
    let quota = read(gateway, "/user/quota").await;
    let names = [
        "username",
        "total_quota",
        "total_used_quota",
        "request_count",
        "keys",
        "daily_quota",
    ];
    assert_eq!(keys_of(&quota), names);
    assert_eq!(
        (
            &quota["username"],
            &quota["total_quota"],
            &quota["total_used_quota"],
            &quota["request_count"]
        ),
        (&json!("default"), &json!(0.748), &json!(0.252), &json!(1))
    );
    let key = quota["keys"]
        .as_array()
        .expect("keys")
        .iter()
        .find(|key| key["used_quota"] != 0.0);
    assert_eq!(key.expect("the key that spent")["remain_quota"], -1);
    let days = quota["daily_quota"].as_object().expect("days");
    assert_eq!(days[today][0]["quota_used"], 0.252);
    assert_eq!(
        keys_of(&days[today][0]),
        ["token_name", "quota_used", "request_count"]
    );
}

/// What the dashboard of `OpenAI` tells, below the prefix `before`.
async fn dashboard_tells_what_was_spent(gateway: &Gateway, before: &str, today: &str) {
    let subscription = read(gateway, &format!("{before}/dashboard/billing/subscription")).await;
    assert_eq!(
        subscription,
        json!({
            "object": "billing_subscription", "has_payment_method": true, "soft_limit_usd": 1.0,
            "hard_limit_usd": 1.0, "system_hard_limit_usd": 1.0, "access_until": 0,
        })
    );
    let path = format!("{before}/dashboard/billing/usage?start_date={today}&end_date={today}");
    let usage = read(gateway, &path).await;
    assert_eq!(usage, json!({ "object": "list", "total_usage": 25.2 }));
    let earlier = format!("{before}/dashboard/billing/usage?start_date=2020-01-01&end_date=2020-01-02");
    assert_eq!(read(gateway, &earlier).await["total_usage"], 0.0);
}

/// What new-api tells of a token: two millionths of a dollar each.
async fn token_tells_what_was_spent(gateway: &Gateway) {
    let token = read(gateway, "/api/usage/token").await;
    assert_eq!(
        (&token["code"], &token["data"]["object"]),
        (&json!(true), &json!("token_usage"))
    );
    assert_eq!(
        (
            &token["data"]["total_used"],
            &token["data"]["total_available"],
            &token["data"]["unlimited_quota"]
        ),
        (&json!(126_000), &json!(374_000), &json!(false))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_balance_is_told_as_other_gateways_tell_it() {
    let gateway = Gateway::in_environment(&with_credit("1000000")).await;
    spend(&gateway).await;
    let own = read(&gateway, "/api/v1/balance").await;
    assert_eq!(
        own,
        json!({ "object": "balance", "available_micros": 748_000, "held_micros": 0, "unlimited": false, "currency": "USD" })
    );
    let today = reelway::period::day(gateway.house.clock.now());
    quota_tells_what_was_spent(&gateway, &today).await;
    for before in ["", "/v1"] {
        dashboard_tells_what_was_spent(&gateway, before, &today).await;
    }
    token_tells_what_was_spent(&gateway).await;
    let bad = gateway.ask("GET", "/user/quota?start_date=soon", "").await;
    assert_eq!(
        (bad.status.as_u16(), &bad.json()["error"]["field"]),
        (400, &json!("start_date"))
    );
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_successor_is_told_what_its_line_used_and_what_is_left_to_it() {
    let gateway = Gateway::in_environment(&with_credit("1000000")).await;
    spend(&gateway).await;
    let keys = gateway
        .rule("GET", "/api/v1/admin/keys", &Value::Null)
        .await
        .json();
    let keys = keys["data"].as_array().expect("a list").iter();
    let first = keys
        .clone()
        .find(|key| key["role"] == "client")
        .expect("a client key");
    let path = format!("/api/v1/admin/keys/{}", first["id"].as_str().expect("an id"));
    let patch = json!({ "limits": { "budget_micros": 300_000 } });
    assert_eq!(gateway.rule("PATCH", &path, &patch).await.status, 200);
    let rotated = gateway
        .rule("POST", &format!("{path}/rotate"), &json!({}))
        .await
        .json();
    let bearer = format!("Bearer {}", rotated["key"].as_str().expect("a text"));
    let headers = [("authorization", bearer.as_str())];
    let told = gateway.send("GET", "/api/usage/token", &headers, "").await.json();
    assert_eq!(
        (&told["data"]["total_used"], &told["data"]["total_available"]),
        (&json!(126_000), &json!(24_000)),
        "{told}"
    );
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_may_stand_in_the_query_and_a_bad_one_opens_nothing() {
    let gateway = Gateway::start().await;
    let path = format!("/user/quota?key={}", gateway.client_key);
    let quota = gateway.send("GET", &path, &[], "").await;
    assert_eq!(
        (quota.status.as_u16(), &quota.json()["total_quota"]),
        (200, &json!(100_000_000))
    );
    for path in [
        "/user/quota?key=sk-nobody-has-this-key-at-all",
        "/user/quota",
        "/v1/dashboard/billing/subscription",
        "/api/usage/token",
        "/api/v1/balance",
        "/api/v1/usage",
    ] {
        assert_eq!(gateway.send("GET", path, &[], "").await.status, 401, "{path}");
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn usage_is_grouped_for_its_owner_and_for_the_operator() {
    let gateway = Gateway::start().await;
    spend(&gateway).await;
    for (group, name) in [("day", "day"), ("model", "model"), ("key", "key_name")] {
        for path in ["/api/v1/usage", "/api/v1/admin/usage"] {
            let path = format!("{path}?group_by={group}");
            let answer = gateway.rule("GET", &path, &Value::Null).await;
            let usage = answer.json();
            let row = &usage["data"][0];
            assert_eq!(
                (&row["tasks"], &row["charge_micros"]),
                (&json!(1), &json!(252_000)),
                "{path}: {usage}"
            );
            assert!(row[name].is_string(), "{path}: {usage}");
        }
    }
    let stranger = format!("Bearer {}", gateway.stranger().await);
    let other = gateway
        .send("GET", "/api/v1/usage", &[("authorization", &stranger)], "")
        .await;
    assert_eq!(other.json()["data"], json!([]));
    let of_one = gateway
        .rule("GET", "/api/v1/admin/usage?tenant=stranger", &Value::Null)
        .await;
    assert_eq!(of_one.json()["data"], json!([]));
    let bad = gateway.ask("GET", "/api/v1/usage?group_by=hour", "").await;
    assert_eq!(
        (bad.status.as_u16(), &bad.json()["error"]["field"]),
        (400, &json!("group_by"))
    );
    gateway.stop().await;
}
