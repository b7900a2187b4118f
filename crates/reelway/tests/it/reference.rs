//! The reference: every path that it describes is served, and the page needs nothing from outside.

use serde_json::Value;

use crate::house_under_test::Gateway;

#[tokio::test(flavor = "multi_thread")]
async fn every_described_path_is_served_and_asks_for_a_key() {
    let gateway = Gateway::start().await;
    let description = gateway.send("GET", "/openapi.json", &[], "").await;
    assert_eq!(description.status, 200);
    let description = description.json();
    let paths = description["paths"].as_object().expect("paths");
    assert!(paths.len() > 40, "{} paths", paths.len());
    for (path, methods) in paths {
        let path = path.replace("{id}", "17");
        for method in methods.as_object().expect("methods").keys() {
            let answer = gateway.send(&method.to_uppercase(), &path, &[], "{}").await;
            assert_eq!(answer.status, 401, "{method} {path}");
        }
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_the_reference_asks_nobody_else_for_anything() {
    let gateway = Gateway::start().await;
    let page = gateway.send("GET", "/docs", &[], "").await;
    let text = String::from_utf8_lossy(&page.bytes).into_owned();
    assert_eq!(
        (page.status.as_u16(), page.header("content-type")),
        (200, "text/html; charset=utf-8")
    );
    assert!(!text.contains("http://") && !text.contains("https://"), "{text}");
    assert!(
        page.header("content-security-policy")
            .starts_with("default-src 'none'")
    );
    let script = gateway.send("GET", "/docs/rapidoc.js", &[], "").await;
    assert_eq!(script.header("content-type"), "text/javascript; charset=utf-8");
    assert!(script.bytes.len() > 500_000);
    assert_ne!(description(&gateway).await, Value::Null);
    gateway.stop().await;
}

async fn description(gateway: &Gateway) -> Value {
    gateway.send("GET", "/openapi.json", &[], "").await.json()
}
