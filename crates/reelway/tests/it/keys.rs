//! Keys over the admin API: made once, listed without secrets, revoked within five seconds.

use std::os::unix::fs::PermissionsExt as _;

use reelway::client::Client;
use serde_json::{Value, json};

use crate::house_under_test::{Answer, Gateway};

const KEYS: &str = "/api/v1/admin/keys";

async fn admin(gateway: &Gateway, method: &str, path: &str, body: &Value) -> Answer {
    let bearer = format!("Bearer {}", gateway.admin_key);
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    gateway
        .send(method, path, &[("authorization", &bearer)], body)
        .await
}

/// The status of a harmless read with a key.
async fn with_key(gateway: &Gateway, key: &str) -> u16 {
    let bearer = format!("Bearer {key}");
    let headers = [("authorization", bearer.as_str())];
    gateway
        .send("GET", "/api/v1/tasks/nothing", &headers, "")
        .await
        .status
        .as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_shown_once_opens_the_house_and_stops_when_it_is_revoked() {
    let gateway = Gateway::start().await;
    let made = admin(&gateway, "POST", KEYS, &json!({ "name": "website" })).await;
    assert_eq!(made.status, 201, "{:?}", made.bytes);
    let made = made.json();
    let text = made["key"].as_str().expect("the key's text").to_owned();
    let id = made["id"].as_str().expect("an id").to_owned();
    assert!(text.starts_with(&id.replace("key_", "rw_key_")));
    assert_eq!(with_key(&gateway, &text).await, 404);
    let listed = admin(&gateway, "GET", KEYS, &Value::Null).await;
    let listed = String::from_utf8_lossy(&listed.bytes).into_owned();
    assert!(listed.contains(&id) && !listed.contains(&text) && !listed.contains("hash"));
    let revoked = admin(&gateway, "DELETE", &format!("{KEYS}/{id}"), &Value::Null).await;
    assert_eq!(revoked.status, 200);
    assert_eq!(with_key(&gateway, &text).await, 401);
    let unknown = format!("{KEYS}/key_00000000000000000000000000000001");
    assert_eq!(
        admin(&gateway, "DELETE", &unknown, &Value::Null).await.status,
        404
    );
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_admin_api_needs_an_admin_key() {
    let gateway = Gateway::start().await;
    for path in [KEYS, "/api/v1/admin/ledger/verify"] {
        assert_eq!(gateway.send("GET", path, &[], "").await.status, 401);
        let client = gateway.ask("GET", path, "").await;
        assert_eq!(
            (client.status.as_u16(), client.json()["error"]["code"].as_str()),
            (403, Some("forbidden"))
        );
        assert_eq!(admin(&gateway, "GET", path, &Value::Null).await.status, 200);
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wishes_for_keys_that_cannot_be_are_refused_by_field() {
    let gateway = Gateway::start().await;
    let wishes = [
        (json!({ "name": "" }), "name"),
        (json!({ "name": "x".repeat(101) }), "name"),
        (json!({ "name": "x", "role": "king" }), "role"),
        (json!({ "name": "x", "tenant": "nobody" }), "tenant"),
        (json!({ "name": "x", "expires_in_days": 0 }), "expires_in_days"),
    ];
    for (wish, field) in wishes {
        let answer = admin(&gateway, "POST", KEYS, &wish).await;
        assert_eq!(answer.status, 400, "{wish}");
        assert_eq!(answer.json()["error"]["field"], field);
    }
    assert_eq!(
        admin(&gateway, "POST", KEYS, &json!({ "name": "x", "rank": 1 }))
            .await
            .status,
        400
    );
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_socket_in_the_data_directory_needs_no_key_and_is_its_owners_only() {
    let gateway = Gateway::start().await;
    let socket = gateway.house.config.socket();
    let mode = std::fs::metadata(&socket).expect("a socket").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let client = Client::of_running(&socket).await.expect("a running server");
    let answer = client.json("GET", KEYS, None).await.expect("an answer");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body["data"].as_array().map(Vec::len), Some(2));
    gateway.stop().await;
    assert!(Client::of_running(&socket).await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn readiness_names_each_part() {
    let gateway = Gateway::start().await;
    let ready = gateway.send("GET", "/readyz", &[], "").await;
    let parts = ready.json();
    assert_eq!(ready.status, 200, "{parts}");
    for part in ["database", "belts", "disk"] {
        assert_eq!(parts[part]["ok"], true, "{parts}");
    }
    gateway.stop().await;
}
