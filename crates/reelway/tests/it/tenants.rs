//! Tenants, and the terms of tenants and keys, over the admin API: taken in with their money, changed field by
//! field, refused by field; keys rotated with an overlap.

use serde_json::{Value, json};

use crate::house_under_test::Gateway;

const TENANTS: &str = "/api/v1/admin/tenants";
const KEYS: &str = "/api/v1/admin/keys";

async fn done(gateway: &Gateway, method: &str, path: &str, body: &Value) -> Value {
    let answer = gateway.rule(method, path, body).await;
    assert!(answer.status.is_success(), "{method} {path}: {:?}", answer.bytes);
    answer.json()
}

async fn refused(gateway: &Gateway, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let answer = gateway.rule(method, path, body).await;
    (answer.status.as_u16(), answer.json()["error"]["field"].clone())
}

/// The status of a harmless read with a key.
async fn with_key(gateway: &Gateway, key: &Value) -> u16 {
    let bearer = format!("Bearer {}", key.as_str().expect("a key's text"));
    let headers = [("authorization", bearer.as_str())];
    let answer = gateway.send("GET", "/api/v1/tasks/nothing", &headers, "").await;
    answer.status.as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_is_taken_in_with_its_money_and_found_by_name_and_id() {
    let gateway = Gateway::start().await;
    let wish = json!({ "name": "studio", "credit_usd": "12.5", "group": "studios", "multiplier": "0.85",
        "limits": { "budget_usd": "100", "requests_per_minute": 60 } });
    let made = done(&gateway, "POST", TENANTS, &wish).await;
    assert_eq!(
        made["balance"],
        json!({ "available_micros": 12_500_000, "held_micros": 0, "currency": "USD" })
    );
    assert_eq!(
        made["limits"],
        json!({ "budget_micros": 100_000_000, "requests_per_minute": 60 })
    );
    assert_eq!(
        (&made["unlimited"], &made["suspended"]),
        (&json!(false), &json!(false))
    );
    for named in ["studio", made["id"].as_str().expect("an id")] {
        let shown = done(&gateway, "GET", &format!("{TENANTS}/{named}"), &Value::Null).await;
        assert_eq!(shown, made);
    }
    let list = done(&gateway, "GET", &format!("{TENANTS}?limit=1"), &Value::Null).await;
    assert_eq!(
        (&list["data"][0]["name"], &list["has_more"]),
        (&json!("default"), &json!(true))
    );
    let rest = done(&gateway, "GET", &format!("{TENANTS}?after=default"), &Value::Null).await;
    assert_eq!(rest["data"], json!([made]));
    assert_eq!(
        gateway
            .rule("GET", &format!("{TENANTS}/nobody"), &Value::Null)
            .await
            .status,
        404
    );
    assert_eq!(
        refused(&gateway, "POST", TENANTS, &wish).await,
        (409, json!("name"))
    );
    let books = done(&gateway, "GET", "/api/v1/admin/ledger/verify", &Value::Null).await;
    assert_eq!((&books["faults"], &books["sum_micros"]), (&json!([]), &json!(0)));
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_patch_names_is_changed_and_null_takes_away() {
    let gateway = Gateway::start().await;
    let path = format!("{TENANTS}/default");
    let patch = json!({ "suspended": true, "group": "labs",
        "limits": { "day_budget_usd": "5", "task_budget_micros": 700_000, "concurrent_tasks": 2 } });
    let changed = done(&gateway, "PATCH", &path, &patch).await;
    assert_eq!(
        (&changed["suspended"], &changed["unlimited"]),
        (&json!(true), &json!(true))
    );
    let since = changed["suspended_at"].clone();
    assert!(since.is_string());
    let patch = json!({ "suspended": true, "unlimited": false, "limits": { "day_budget_usd": null } });
    let changed = done(&gateway, "PATCH", &path, &patch).await;
    assert_eq!(
        changed["suspended_at"], since,
        "suspending twice keeps the first moment"
    );
    assert_eq!(
        (&changed["group"], &changed["unlimited"]),
        (&json!("labs"), &json!(false))
    );
    assert_eq!(
        changed["limits"],
        json!({ "task_budget_micros": 700_000, "concurrent_tasks": 2 })
    );
    let patch = json!({ "suspended": false, "limits": null, "group": null });
    let changed = done(&gateway, "PATCH", &path, &patch).await;
    assert_eq!(
        (&changed["suspended_at"], &changed["limits"]),
        (&Value::Null, &json!({}))
    );
    let nobody = gateway.rule("PATCH", &format!("{TENANTS}/nobody"), &patch).await;
    assert_eq!(nobody.status, 404);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn terms_that_cannot_be_are_refused_by_field_with_what_is_allowed() {
    let gateway = Gateway::start().await;
    let tenant = |limits: Value| json!({ "limits": limits });
    let patches = [
        (json!({ "name": "other" }), "name"),
        (json!({ "suspended": "yes" }), "suspended"),
        (json!({ "group": "two words" }), "group"),
        (json!({ "multiplier": 0.85 }), "multiplier"),
        (tenant(json!({ "budget_usd": "1.0000001" })), "limits.budget_usd"),
        (
            tenant(json!({ "budget_micros": 1, "budget_usd": "1" })),
            "limits.budget_usd",
        ),
        (
            tenant(json!({ "requests_per_minute": 0 })),
            "limits.requests_per_minute",
        ),
        (tenant(json!({ "rpm": 1 })), "limits.rpm"),
    ];
    let path = format!("{TENANTS}/default");
    for (patch, field) in patches {
        assert_eq!(
            refused(&gateway, "PATCH", &path, &patch).await,
            (400, json!(field)),
            "{patch}"
        );
    }
    let wish = |scope: Value| json!({ "name": "x", "scope": scope });
    for (wish, field) in [
        (wish(json!({ "dialects": ["klingon"] })), "scope.dialects"),
        (wish(json!({ "operations": ["dance"] })), "scope.operations"),
        (wish(json!({ "models": ["kling-v9"] })), "scope.models"),
        (wish(json!({ "networks": ["10.0.0.0/33"] })), "scope.networks"),
        (wish(json!({ "hours": [] })), "scope.hours"),
        (
            json!({ "name": "x", "expires_at": "2001-01-01T00:00:00Z" }),
            "expires_at",
        ),
    ] {
        let answer = gateway.rule("POST", KEYS, &wish).await;
        let error = &answer.json()["error"];
        assert_eq!(
            (answer.status.as_u16(), error["field"].as_str()),
            (400, Some(field))
        );
        assert!(field == "expires_at" || !error["allowed"][0].is_null(), "{error}");
    }
    for name in ["", "two words", "-dash", "tenant_1", &"x".repeat(65)] {
        let wish = json!({ "name": name });
        assert_eq!(
            refused(&gateway, "POST", TENANTS, &wish).await,
            (400, json!("name"))
        );
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_has_terms_and_keeps_them_when_it_is_rotated() {
    let gateway = Gateway::start().await;
    done(&gateway, "POST", TENANTS, &json!({ "name": "studio" })).await;
    let scope = json!({ "dialects": ["elk", "reelway"], "operations": ["text_to_video"], "models": ["kling-v3"],
        "networks": ["127.0.0.0/8"] });
    let wish = json!({ "name": "shop", "tenant": "studio", "dialect": "elk", "scope": scope,
        "expires_at": "2999-01-01T00:00:00Z", "limits": { "budget_usd": "3" } });
    let made = done(&gateway, "POST", KEYS, &wish).await;
    assert_eq!(
        (&made["scope"], &made["limits"]),
        (&scope, &json!({ "budget_micros": 3_000_000 }))
    );
    let path = format!("{KEYS}/{}", made["id"].as_str().expect("an id"));
    let patch = json!({ "limits": { "requests_per_minute": 9 }, "scope": { "models": null } });
    let changed = done(&gateway, "PATCH", &path, &patch).await;
    assert_eq!(
        changed["limits"],
        json!({ "budget_micros": 3_000_000, "requests_per_minute": 9 })
    );
    assert_eq!(changed["scope"]["models"], Value::Null);
    assert_eq!(
        refused(&gateway, "PATCH", &path, &json!({ "name": "y" })).await,
        (400, json!("name"))
    );

    let rotated = done(
        &gateway,
        "POST",
        &format!("{path}/rotate"),
        &json!({ "overlap_seconds": 60 }),
    )
    .await;
    assert_ne!((&rotated["id"], &rotated["key"]), (&made["id"], &made["key"]));
    for same in ["name", "tenant", "role", "dialect", "kind", "expires_at"] {
        assert_eq!(rotated[same], made[same], "{same}");
    }
    for same in ["limits", "scope"] {
        assert_eq!(rotated[same], changed[same], "{same}");
    }
    for key in [&made["key"], &rotated["key"]] {
        assert_eq!(with_key(&gateway, key).await, 404, "both work while they overlap");
    }
    let listed = done(&gateway, "GET", &format!("{KEYS}?tenant=studio"), &Value::Null).await;
    let ends: Vec<_> = listed["data"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|key| &key["expires_at"])
        .collect();
    assert_eq!(ends.len(), 2);
    assert!(ends[0] != ends[1] && *ends[1] == made["expires_at"], "{ends:?}");
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_rotated_without_an_overlap_stops_at_once() {
    let gateway = Gateway::start().await;
    for kind in ["key", "pair"] {
        let made = done(&gateway, "POST", KEYS, &json!({ "name": "shop", "kind": kind })).await;
        let path = format!("{KEYS}/{}/rotate", made["id"].as_str().expect("an id"));
        let rotated = done(&gateway, "POST", &path, &json!({ "overlap_seconds": 0 })).await;
        assert_eq!(rotated["kind"], kind);
        if kind == "key" {
            assert_eq!(with_key(&gateway, &made["key"]).await, 401);
            assert_eq!(with_key(&gateway, &rotated["key"]).await, 404);
        } else {
            assert!(rotated["secret_key"].is_string() && rotated["access_key"] != made["access_key"]);
        }
        let again = gateway.rule("POST", &path, &json!({})).await;
        assert_eq!(again.status, 409, "one that works no more is not rotated");
    }
    let unknown = format!("{KEYS}/key_00000000000000000000000000000001/rotate");
    assert_eq!(gateway.rule("POST", &unknown, &json!({})).await.status, 404);
    gateway.stop().await;
}
