//! What a key is narrowed to, over the wire: dialects, operations, models and networks; and suspended tenants
//! and revoked keys, at every house within a second.

use domain::Operation;
use domain::tenant::{KeyTerms, Scope, TenantTerms};
use reelway::config::Environment;
use serde_json::json;

use crate::house_under_test::Gateway;
use crate::limits::{SEEN_WITHIN, SUBMITS, agree, call, customer, idle, idle_houses};

fn scoped(scope: Scope) -> KeyTerms {
    KeyTerms {
        scope,
        ..KeyTerms::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scope_narrows_dialects_operations_and_models() {
    let gateway = idle(&[]).await;
    let spoken = scoped(Scope {
        dialects: vec!["kling".to_owned()],
        ..Scope::default()
    });
    let spoken = customer(&gateway, None, spoken).await;
    assert_eq!(spoken.native(&gateway).await, (200, json!(0)));
    let refused = spoken.submit(&gateway, "elk").await;
    assert_eq!(
        (refused.status.as_u16(), &refused.json()["error"]["code"]),
        (403, &json!("access_denied"))
    );
    // At a shared path the body decides who answers, and so who is asked for.
    let shared = "/kling/v1/videos/text2video";
    let native = call(gateway.address(), &spoken.key, "POST", shared, SUBMITS[0].2).await;
    assert_eq!(native.status, 200, "{:?}", native.bytes);
    let unified = call(gateway.address(), &spoken.key, "POST", shared, SUBMITS[1].2).await;
    assert_eq!(unified.status, 403, "{:?}", unified.bytes);
    for scope in [
        Scope {
            operations: vec![Operation::ImageToVideo],
            ..Scope::default()
        },
        Scope {
            models: vec!["kling-v1".to_owned()],
            ..Scope::default()
        },
    ] {
        let narrow = customer(&gateway, None, scoped(scope)).await;
        assert_eq!(narrow.native(&gateway).await, (403, json!(1103)));
        let priced = narrow.submit(&gateway, "reelway").await;
        assert_eq!(
            (priced.status.as_u16(), &priced.json()["error"]["code"]),
            (403, &json!("forbidden"))
        );
        assert!(priced.json()["error"]["allowed"].is_array());
        assert_eq!(narrow.read(&gateway, "/api/v1/balance").await.status, 200);
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_let_in_from_its_networks_only_also_behind_a_proxy() {
    let from = |network: &str| {
        scoped(Scope {
            networks: vec![network.to_owned()],
            ..Scope::default()
        })
    };
    let balance = "/api/v1/balance";
    let forwarded = |key: &str| format!("Bearer {key}");
    // Behind no proxy the peer is the client, whatever it writes.
    let gateway = idle(&[]).await;
    let near = customer(&gateway, None, from("127.0.0.0/8")).await;
    assert_eq!(near.read(&gateway, balance).await.status, 200);
    let far = customer(&gateway, None, from("203.0.113.0/24")).await;
    let bearer = forwarded(&far.key);
    let headers = [
        ("authorization", bearer.as_str()),
        ("x-forwarded-for", "203.0.113.7"),
    ];
    assert_eq!(gateway.send("GET", balance, &headers, "").await.status, 403);
    assert_eq!(far.native(&gateway).await, (429, json!(1304)));
    let webhooks = far.read(&gateway, "/api/v1/webhooks").await;
    assert_eq!(webhooks.json()["error"]["code"], "wrong_network");
    gateway.stop().await;
    // Behind a trusted one it is whom that names.
    let file = "[server]\ntrusted_proxies = [\"127.0.0.1\"]\n";
    let gateway = Gateway::with_file(file, &Environment::default()).await;
    let far = customer(&gateway, None, from("203.0.113.0/24")).await;
    let bearer = forwarded(&far.key);
    for (chain, status) in [
        ("203.0.113.7", 200),
        ("203.0.113.7, 198.51.100.1", 403),
        ("nobody", 403),
    ] {
        let headers = [("authorization", bearer.as_str()), ("x-forwarded-for", chain)];
        let answer = gateway.send("GET", balance, &headers, "").await;
        assert_eq!(answer.status, status, "{chain}");
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_tenant_reads_and_cancels_and_submits_nothing() {
    let [one, other] = idle_houses().await;
    let customer = customer(&one, None, KeyTerms::default()).await;
    let taken = customer.submit(&other, "kling").await;
    let id = taken.header("reelway-task-id").to_owned();
    let suspended = TenantTerms {
        suspended_at: Some(one.house.clock.now()),
        ..TenantTerms::default()
    };
    agree(&one, &customer, &suspended, &KeyTerms::default()).await;
    for house in [&one, &other] {
        assert_eq!(customer.native(house).await, (429, json!(1100)));
        let refused = customer.submit(house, "reelway").await;
        assert_eq!(
            (refused.status.as_u16(), &refused.json()["error"]["code"]),
            (403, &json!("suspended"))
        );
    }
    let task = format!("/api/v1/tasks/{id}");
    assert_eq!(customer.read(&other, &task).await.status, 200);
    assert_eq!(customer.read(&other, "/api/v1/balance").await.status, 200);
    let cancel = format!("{task}/cancel");
    assert_eq!(
        call(other.address(), &customer.key, "POST", &cancel, "")
            .await
            .status,
        200
    );
    agree(&one, &customer, &TenantTerms::default(), &KeyTerms::default()).await;
    assert_eq!(customer.native(&other).await, (200, json!(0)));
    other.stop().await;
    one.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_key_stops_at_every_house_within_a_second() {
    let [one, other] = idle_houses().await;
    let customer = customer(&one, None, KeyTerms::default()).await;
    assert_eq!(customer.read(&other, "/api/v1/balance").await.status, 200);
    let registry = one.house.engine.store().registry();
    let revoked = registry.revoke_key(customer.row.id, one.house.clock.now()).await;
    assert_eq!(revoked, Ok(true));
    tokio::time::sleep(SEEN_WITHIN).await;
    assert_eq!(customer.read(&other, "/api/v1/balance").await.status, 401);
    other.stop().await;
    one.stop().await;
}
