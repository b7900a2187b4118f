//! The reference: every path is described with all of its methods, what is described is served, what is answered
//! is described, and the page needs nothing from outside.

use reelway::reference::{own_paths, whole};
use serde_json::{Value, json};

use crate::house_under_test::Gateway;

/// The methods that a path may have beside `HEAD` and `OPTIONS`.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];
/// What stands in the place of a name in a path.
const ANY: &str = "17";

/// A path with something in the place of each name.
fn filled(path: &str) -> String {
    let parts = path
        .split('/')
        .map(|part| if part.starts_with('{') { ANY } else { part });
    parts.collect::<Vec<_>>().join("/")
}

fn is_own(path: &str) -> bool {
    own_paths().any(|(own, _)| own == path)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_described_path_of_a_dialect_is_served_and_asks_for_a_key() {
    let gateway = Gateway::start().await;
    let description = gateway.send("GET", "/openapi.json", &[], "").await;
    assert_eq!(description.status, 200);
    let description = description.json();
    let paths = description["paths"].as_object().expect("paths");
    let of_dialects = paths.iter().filter(|(path, _)| !is_own(path));
    assert!(of_dialects.clone().count() > 40);
    for (path, methods) in of_dialects {
        let path = filled(path);
        for method in methods.as_object().expect("methods").keys() {
            let answer = gateway.send(&method.to_uppercase(), &path, &[], "{}").await;
            assert_eq!(answer.status, 401, "{method} {path}");
        }
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_path_of_the_house_is_described_with_all_of_its_methods_and_no_others() {
    let gateway = Gateway::start().await;
    let description = whole();
    let bearer = format!("Bearer {}", gateway.admin_key);
    for (path, row) in own_paths() {
        let described = &description["paths"][&path];
        for method in METHODS {
            let call = row.calls.iter().find(|call| call.method == method);
            assert_eq!(
                described[method].is_object(),
                call.is_some(),
                "{method} {path} as it is described"
            );
            let (method, path) = (method.to_uppercase(), filled(&path));
            let headers = [("authorization", bearer.as_str())];
            let answer = gateway.send(&method, &path, &headers, "{}").await;
            assert_eq!(
                answer.status != 405,
                call.is_some(),
                "{method} {path}: {}",
                answer.status
            );
            if call.is_some_and(reelway::reference::call::Call::needs_key) {
                let answer = gateway.send(&method, &path, &[], "{}").await;
                assert_eq!(answer.status, 401, "{method} {path} without a key");
            }
        }
    }
    gateway.stop().await;
}

/// A schema with what it refers to in its place.
fn resolved<'a>(description: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(place) => description
            .pointer(&place[1..])
            .unwrap_or_else(|| panic!("{place} is not there")),
        None => schema,
    }
}

/// The schema of a field, wherever an object has it.
fn property<'a>(description: &'a Value, schema: &'a Value, name: &str) -> Option<&'a Value> {
    let schema = resolved(description, schema);
    let own = schema["properties"].get(name);
    let others = ["allOf", "anyOf"]
        .into_iter()
        .filter_map(|word| schema[word].as_array());
    let mut others = others.flatten();
    own.or_else(|| others.find_map(|other| property(description, other, name)))
}

/// Everything that an answer has is described, with its type.
fn fits(description: &Value, schema: &Value, answer: &Value, place: &str) {
    let schema = resolved(description, schema);
    let words: Vec<&str> = match &schema["type"] {
        Value::String(word) => vec![word],
        Value::Array(words) => words.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let word = match answer {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    assert!(
        words.is_empty() || words.contains(&word),
        "{place} is no {words:?}: {answer}"
    );
    for entry in answer.as_array().into_iter().flatten() {
        fits(description, &schema["items"], entry, place);
    }
    let is_open = schema["properties"].is_null() && schema["anyOf"].is_null() && schema["allOf"].is_null();
    for (name, value) in answer.as_object().into_iter().flatten().filter(|_| !is_open) {
        let place = format!("{place}.{name}");
        let inner = property(description, schema, name);
        fits(
            description,
            inner.unwrap_or_else(|| panic!("{place} is not described")),
            value,
            &place,
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_house_answers_is_as_it_is_described() {
    let gateway = Gateway::start().await;
    let description = whole();
    let wish =
        json!({ "prompt": "a dot", "width": 320, "height": 180, "callback_url": "https://hooks.example/a" });
    let taken = gateway.submit(&wish).await.json();
    let task = taken["task_id"].as_str().expect("an id");
    let webhooks = gateway
        .rule("GET", "/api/v1/admin/deliveries", &Value::Null)
        .await
        .json();
    let webhook = webhooks["data"][0]["id"].as_str().expect("a webhook").to_owned();
    let key = json!({ "name": "another", "kind": "pair" });
    let account = json!({ "name": "main", "provider": "kling", "api_key": "secret", "models": ["kling-v1"] });
    let acts = [
        ("post", "/api/v1/admin/keys", ANY, key),
        ("post", "/api/v1/admin/accounts", ANY, account),
        ("post", "/api/v1/admin/accounts/{name}/pause", "main", Value::Null),
        ("delete", "/api/v1/admin/accounts/{name}", "main", Value::Null),
        ("post", "/api/v1/admin/webhooks/secret", ANY, Value::Null),
        ("post", "/api/v1/admin/tasks/{id}/cancel", task, Value::Null),
        ("get", "/api/v1/admin/tasks/{id}", task, Value::Null),
        ("get", "/api/v1/admin/tasks/{id}/explanation", task, Value::Null),
        ("get", "/api/v1/admin/deliveries/{id}", &webhook, Value::Null),
        ("get", "/api/v1/webhooks/{id}", &webhook, Value::Null),
    ];
    let lists = own_paths().filter(|(path, row)| !path.contains('{') && row.calls[0].method == "get");
    let lists: Vec<String> = lists.map(|(path, _)| path).collect();
    let reads = lists.iter().map(|path| ("get", path.as_str(), ANY, Value::Null));
    let mut looked_at = 0;
    for (method, path, name, body) in acts.into_iter().chain(reads) {
        let answers = &description["paths"][path][method]["responses"];
        let answers = answers
            .as_object()
            .unwrap_or_else(|| panic!("{method} {path} is not described"));
        let (status, good) = answers.iter().next().expect("a good answer comes first");
        let Some(schema) = good.pointer("/content/application~1json/schema") else {
            continue;
        };
        let names = path
            .split('/')
            .map(|part| if part.starts_with('{') { name } else { part });
        let mut asked = names.collect::<Vec<_>>().join("/");
        if path.ends_with("/ledger/statement") {
            asked.push_str("?tenant=default");
        }
        let answer = gateway.rule(&method.to_uppercase(), &asked, &body).await;
        assert_eq!(
            answer.status.as_str(),
            status,
            "{method} {asked}: {:?}",
            answer.bytes
        );
        fits(&description, schema, &answer.json(), &asked);
        looked_at += 1;
    }
    assert!(looked_at > 15, "{looked_at} answers");
    let refused = gateway
        .rule("GET", "/api/v1/admin/tasks?since=never", &Value::Null)
        .await;
    let schema = json!({ "$ref": "#/components/schemas/house_error" });
    fits(&description, &schema, &refused.json(), "a refusal");
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
    let description = gateway.send("GET", "/openapi.json", &[], "").await;
    assert_eq!(description.json(), whole());
    gateway.stop().await;
}
