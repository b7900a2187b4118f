//! The audit log through the assembled house: every route of the operator's that may change something is
//! written down before it is done, with who and what came of it, and no secret is ever in it.

use serde_json::{Value, json};

use crate::house_under_test::Gateway;

const AUDIT: &str = "/api/v1/admin/audit";
/// What every planted secret holds.
const PLANTED: &str = "planted7f3a";

/// Every route that may change something, as (method, path), from the router's own table.
fn mutating() -> Vec<(String, &'static str)> {
    let rows = reelway::admin::paths::ALL.iter();
    let calls = rows.flat_map(|row| {
        row.calls
            .iter()
            .map(|call| (call.method.to_uppercase(), row.path))
    });
    calls.filter(|(method, _)| method != "GET").collect()
}

/// A path with something in its braces that there is none of.
fn filled(path: &str) -> String {
    let parts = path.split('/').map(|part| match part.starts_with('{') {
        true => "nobody",
        false => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

async fn acts(gateway: &Gateway, query: &str) -> Vec<Value> {
    let listed = gateway
        .rule("GET", &format!("{AUDIT}?{query}"), &Value::Null)
        .await;
    assert_eq!(listed.status, 200, "{:?}", listed.bytes);
    listed.json()["data"].as_array().expect("a list").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_that_may_change_something_is_written_down_with_who_and_what_came_of_it() {
    let gateway = Gateway::start().await;
    let routes = mutating();
    assert!(routes.len() >= 15, "{routes:?}");
    let mut statuses = Vec::new();
    for (method, path) in &routes {
        let asked = format!("/api/v1/admin{}", filled(path));
        let answer = gateway.rule(method, &asked, &json!({})).await;
        statuses.push(answer.status.as_u16().to_string());
        // Reading leaves nothing.
        gateway.rule("GET", "/api/v1/admin/keys", &Value::Null).await;
    }
    let mut acts = acts(&gateway, "limit=500").await;
    acts.reverse();
    assert_eq!(acts.len(), routes.len());
    for ((act, (method, path)), status) in acts.iter().zip(&routes).zip(&statuses) {
        assert_eq!(act["act"], format!("{method} {path}"));
        assert_eq!(act["outcome"], *status);
        assert_eq!(act["who_name"], "first admin key");
        assert!(act["who"].as_str().is_some_and(|who| who.starts_with("key_")));
        assert!(
            act["request_id"]
                .as_str()
                .is_some_and(|id| id.starts_with("req_"))
        );
        assert!(act["ended_at"].is_string());
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_act_names_what_it_was_done_to_and_is_found_by_who_act_and_time() {
    let gateway = Gateway::start().await;
    let made = gateway
        .rule("POST", "/api/v1/admin/keys", &json!({ "name": "shop" }))
        .await
        .json();
    let id = made["id"].as_str().expect("an id").to_owned();
    let path = format!("/api/v1/admin/keys/{id}");
    gateway.rule("DELETE", &path, &Value::Null).await;
    gateway
        .rule(
            "PATCH",
            "/api/v1/admin/tenants/default",
            &json!({ "suspended": true }),
        )
        .await;
    let socket = reelway::client::Client::of_running(&gateway.house.config.socket()).await;
    let socket = socket.expect("a running server");
    let resumed = json!({ "suspended": false });
    let answer = socket.json("PATCH", "/api/v1/admin/tenants/default", Some(&resumed));
    assert_eq!(answer.await.expect("an answer").status, 200);

    let all = acts(&gateway, "").await;
    let told: Vec<_> = all
        .iter()
        .map(|act| (act["act"].as_str(), act["about"].as_str()))
        .collect();
    let tenant = all[0]["about"].as_str().expect("an id");
    assert!(tenant.starts_with("tenant_"), "{tenant}");
    let change = Some("PATCH /tenants/{tenant}");
    let expected = [
        (change, Some(tenant)),
        (change, Some(tenant)),
        (Some("DELETE /keys/{id}"), Some(id.as_str())),
        (Some("POST /keys"), Some(id.as_str())),
    ];
    assert_eq!(told, expected);
    assert_eq!(all[0]["who"], "command line");
    let of_command_line = acts(&gateway, "who=command+line").await;
    assert_eq!(of_command_line, all[..1]);
    let who = all[1]["who"].as_str().expect("a key");
    assert_eq!(acts(&gateway, &format!("who={who}")).await, all[1..]);
    assert_eq!(acts(&gateway, "act=PATCH").await, all[..2]);
    assert_eq!(acts(&gateway, "since=1h").await, all);
    assert_eq!(
        acts(&gateway, "since=2999-01-01T00:00:00Z").await,
        Vec::<Value>::new()
    );
    let first = gateway
        .rule("GET", &format!("{AUDIT}?limit=3"), &Value::Null)
        .await
        .json();
    assert_eq!(first["has_more"], true);
    let after = first["next_cursor"].as_str().expect("a cursor");
    assert_eq!(acts(&gateway, &format!("after={after}")).await, all[3..]);
    for (wrong, field) in [
        ("who=me", "who"),
        ("limit=0", "limit"),
        ("since=x", "since"),
        ("a=b", "query"),
    ] {
        let refused = gateway
            .rule("GET", &format!("{AUDIT}?{wrong}"), &Value::Null)
            .await;
        assert_eq!(
            (refused.status.as_u16(), refused.json()["error"]["field"].as_str()),
            (400, Some(field))
        );
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_in_bodies_paths_and_query_strings_are_in_no_act() {
    let gateway = Gateway::start().await;
    let admin = "/api/v1/admin";
    let secret = format!("{PLANTED}-of-an-account-with-many-letters");
    let account = json!({ "name": "k", "provider": "kling", "api_key": secret });
    let asks = [
        ("POST", format!("{admin}/accounts"), account),
        (
            "POST",
            format!("{admin}/keys"),
            json!({ "name": "x", "key": secret }),
        ),
        (
            "POST",
            format!("{admin}/keys?key={secret}"),
            json!({ "name": secret, "kind": "pair" }),
        ),
        ("DELETE", format!("{admin}/keys/my-own-{secret}"), json!({})),
        ("DELETE", format!("{admin}/keys/rw_key_{secret}"), json!({})),
        ("POST", format!("{admin}/accounts/some-{secret}/pause"), json!({})),
        (
            "PATCH",
            format!("{admin}/tenants/default"),
            json!({ "group": secret }),
        ),
    ];
    for (method, path, body) in &asks {
        gateway.rule(method, path, body).await;
    }
    let made = acts(&gateway, "").await;
    assert_eq!(made.len(), asks.len());
    let text = Value::Array(made).to_string();
    assert!(!text.contains(PLANTED), "{text}");
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_come_in_leaves_no_act() {
    let gateway = Gateway::start().await;
    let refused = gateway
        .ask("POST", "/api/v1/admin/keys", "{\"name\":\"x\"}")
        .await;
    assert_eq!(refused.status, 403);
    assert_eq!(
        gateway.send("POST", "/api/v1/admin/keys", &[], "{}").await.status,
        401
    );
    assert_eq!(acts(&gateway, "").await, Vec::<Value>::new());
    gateway.stop().await;
}
