//! The operator's routes for prices, and what clients are told of models, over a socket.

use std::time::Duration;

use domain::price::{PriceRow, Unit};
use domain::tenant::TenantTerms;
use domain::{Micros, PriceBook};
use reelway::config::Environment;
use serde_json::{Value, json};

use super::edition;
use crate::house_under_test::{Answer, Gateway};

const PRICES: &str = "/api/v1/admin/prices";
/// Looks for a new edition; at [`LOOK_MS`] each, some two seconds.
const LOOKS_MAX: u32 = 40;
const LOOK_MS: u64 = 50;

fn book(version: &str, price_micros: i64) -> Value {
    let row = json!({ "model": "kling-v3", "unit": "second", "price_micros": price_micros });
    json!({ "version": version, "multipliers": { "groups": { "studios": "0.85" } }, "rows": [row] })
}

async fn load(gateway: &Gateway, query: &str, body: &Value) -> Answer {
    gateway.rule("POST", &format!("{PRICES}{query}"), body).await
}

async fn hold(gateway: &Gateway) -> i64 {
    let wish = json!({ "prompt": "a kite", "model": "kling-v3", "duration_seconds": 5 });
    let quote = gateway
        .ask("POST", "/api/v1/tasks?dry_run=true", wish.to_string())
        .await
        .json();
    quote["price"]["hold_micros"]
        .as_i64()
        .unwrap_or_else(|| panic!("{quote}"))
}

fn version(book: &Value) -> &str {
    book["edition"]["version"].as_str().expect("a version")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_tells_what_is_wrong_and_changes_nothing() {
    let gateway = Gateway::start().await;
    let before = hold(&gateway).await;

    let bearer = format!("Bearer {}", gateway.admin_key);
    let text = "version = \"a\"\nrows = [\n  { modle = \"kling-v3\" },\n]\n";
    let headers = [("authorization", bearer.as_str())];
    let checked = gateway
        .send("POST", &format!("{PRICES}?check=true"), &headers, text)
        .await;
    assert_eq!(checked.status, 200);
    let told = checked.json()["faults"][0].clone();
    assert_eq!(told["line"], 3, "{told}");
    let refused = gateway.send("POST", PRICES, &headers, text).await;
    assert_eq!(refused.status, 400, "{:?}", refused.bytes);
    assert!(refused.json()["error"]["message"].to_string().contains("line 3"));
    let checked = load(&gateway, "?check=true", &book("a", 1)).await.json();
    assert_eq!((&checked["faults"], &checked["rows"]), (&json!([]), &json!(1)));
    assert_eq!(hold(&gateway).await, before, "a check changes nothing");
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_book_is_loaded_and_shown_and_never_changed() {
    let gateway = Gateway::start().await;
    let shown = gateway.rule("GET", PRICES, &Value::Null).await.json();
    let built_in = version(&shown).to_owned();
    assert_eq!(
        (&shown["edition"]["loaded_by"], &shown["edition"]["state"]),
        (&json!("built-in"), &json!("in_force"))
    );
    let loaded = load(&gateway, "", &book("a", 10)).await;
    assert_eq!(loaded.status, 201, "{:?}", loaded.bytes);
    let by = loaded.json()["loaded_by"].to_string();
    assert!(by.contains("key_"), "{by}");
    assert_eq!(hold(&gateway).await, 50, "in force when the answer leaves");
    for taken in ["a", built_in.as_str()] {
        let again = load(&gateway, "", &book(taken, 11)).await;
        assert_eq!(again.status, 409, "{:?}", again.bytes);
    }
    let past = load(&gateway, "?effective_at=2020-01-01T00:00:00Z", &book("b", 11)).await;
    assert_eq!(
        (past.status.as_u16(), past.json()["error"]["field"].take()),
        (400, json!("effective_at"))
    );
    let coming = load(&gateway, "?effective_at=2999-01-01T00:00:00Z", &book("c", 12))
        .await
        .json();
    assert_eq!(coming["state"], "coming", "{coming}");
    assert_eq!(hold(&gateway).await, 50);

    let shown = gateway.rule("GET", PRICES, &Value::Null).await.json();
    let editions = shown["editions"].as_array().expect("editions");
    let states: Vec<(&str, &str)> = editions
        .iter()
        .map(|edition| {
            (
                edition["version"].as_str().unwrap_or(""),
                edition["state"].as_str().unwrap_or(""),
            )
        })
        .collect();
    assert_eq!(
        states,
        [("c", "coming"), ("a", "in_force"), (built_in.as_str(), "over")]
    );
    for (path, expected) in [
        (PRICES.to_owned(), "a"),
        (format!("{PRICES}?at=2999-01-01T00:00:00Z"), "c"),
        (format!("{PRICES}?at=2020-01-01T00:00:00Z"), built_in.as_str()),
        (format!("{PRICES}/c"), "c"),
        (format!("{PRICES}/{built_in}"), built_in.as_str()),
    ] {
        let shown = gateway.rule("GET", &path, &Value::Null).await.json();
        assert_eq!(version(&shown), expected, "{path}");
    }
    for (path, status) in [
        (format!("{PRICES}/nobody"), 404),
        (format!("{PRICES}?model=nothing"), 404),
        (format!("{PRICES}?tenant=nobody"), 404),
        (format!("{PRICES}?at=soon"), 400),
        (format!("{PRICES}?modle=x"), 400),
    ] {
        assert_eq!(
            gateway.rule("GET", &path, &Value::Null).await.status,
            status,
            "{path}"
        );
    }
    let client = gateway.ask("POST", PRICES, book("d", 1).to_string()).await;
    assert_eq!(client.status, 403);
    assert_eq!(gateway.ask("GET", PRICES, "").await.status, 403);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn models_are_told_with_what_the_caller_pays() {
    let gateway = Gateway::start().await;
    let models = gateway.ask("GET", "/api/v1/models", "").await.json();
    let book = gateway.house.engine.book();
    assert_eq!(
        (&models["book"], &models["currency"]),
        (&json!(book.version), &json!("USD"))
    );
    let list = models["data"].as_array().expect("a list");
    let names: Vec<&str> = list
        .iter()
        .map(|model| model["id"].as_str().unwrap_or(""))
        .collect();
    assert_eq!(names, book.models());
    let told: usize = list
        .iter()
        .map(|model| model["prices"].as_array().map_or(0, Vec::len))
        .sum();
    assert_eq!(told, book.rows.len());
    let v3 = list
        .iter()
        .find(|model| model["id"] == "kling-v3")
        .expect("a model");
    assert!(v3["operations"].to_string().contains("text_to_video"), "{v3}");
    let silent = &v3["prices"][0];
    let expected = json!({ "operation": "text_to_video", "mode": "std", "sound": false, "unit": "second", "price_micros": 84_000 });
    assert_eq!(silent, &expected);

    let tenants = gateway
        .house
        .engine
        .store()
        .registry()
        .tenants()
        .await
        .expect("tenants");
    let terms = TenantTerms {
        multiplier: Some("0.5".to_owned()),
        ..TenantTerms::default()
    };
    let registry = gateway.house.engine.store().registry();
    let read = &tenants[0].terms;
    let set = registry.set_tenant_terms(tenants[0].id, read, &terms, None).await;
    assert_eq!(set, Ok(domain::store::Replaced::Done));
    let mut paid = Value::Null;
    for _ in 0..LOOKS_MAX {
        let models = gateway.ask("GET", "/api/v1/models", "").await.json();
        let list = models["data"].as_array().cloned().unwrap_or_default();
        let v3 = list.into_iter().find(|model| model["id"] == "kling-v3");
        paid = v3.expect("a model")["prices"][0]["price_micros"].take();
        if paid == 42_000 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(LOOK_MS)).await;
    }
    assert_eq!(paid, 42_000);
    assert_eq!(hold(&gateway).await, 210_000);
    let shown = gateway
        .rule(
            "GET",
            &format!("{PRICES}?tenant={}&model=kling-v3", tenants[0].name),
            &Value::Null,
        )
        .await;
    let shown = shown.json();
    let row = &shown["rows"][0];
    assert_eq!(
        (&row["price_micros"], &row["list_price_micros"]),
        (&json!(42_000), &json!(84_000))
    );
    assert_eq!(gateway.send("GET", "/api/v1/models", &[], "").await.status, 401);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_follows_an_edition_that_another_one_loaded_and_has_it_after_a_restart() {
    let gateway = Gateway::start().await;
    let row = PriceRow::of("kling-v3", Unit::Second, Micros(3));
    let edition = edition("elsewhere", gateway.house.clock.now(), vec![row]);
    let store = gateway.house.engine.store();
    store.pricing().keep_edition(&edition).await.expect("kept");
    let book: &PriceBook = &edition.book;
    for _ in 0..LOOKS_MAX {
        if *gateway.house.engine.book() == *book {
            break;
        }
        tokio::time::sleep(Duration::from_millis(LOOK_MS)).await;
    }
    assert_eq!(*gateway.house.engine.book(), *book);
    let gateway = gateway
        .reopen("", &Environment::default())
        .await
        .expect("it opens");
    assert_eq!(hold(&gateway).await, 15);
    gateway.stop().await;
}
