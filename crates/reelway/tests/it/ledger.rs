//! Credits, corrections and statements over the API: booked once, by somebody, for a reason; and every
//! statement adds up.

use serde_json::{Value, json};

use crate::house_under_test::{Answer, Gateway};

const CREDITS: &str = "/api/v1/admin/ledger/credits";
const CORRECTIONS: &str = "/api/v1/admin/ledger/corrections";

/// The columns of a statement as CSV.
const HEADING: &str = "time,line,kind,task,model,operation,quantity,unit,unit_price_usd,amount_usd,\
                       available_change_usd,held_change_usd,available_usd,held_usd,balance_usd,reason,author";

async fn book(gateway: &Gateway, path: &str, body: Value) -> (u16, Value) {
    let answer = gateway.rule("POST", path, &body).await;
    (answer.status.as_u16(), answer.json())
}

async fn statement(gateway: &Gateway, query: &str) -> Value {
    let answer = gateway
        .ask("GET", &format!("/api/v1/statement?{query}"), "")
        .await;
    assert_eq!(answer.status, 200, "{:?}", answer.bytes);
    answer.json()
}

fn text(answer: &Answer) -> String {
    String::from_utf8_lossy(&answer.bytes).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_has_an_author_and_a_reason_and_is_booked_once() {
    let gateway = Gateway::start().await;
    let wish = json!({ "tenant": "default", "amount_usd": "25.00", "reason": "invoice 7", "id": "inv-7" });
    let (status, first) = book(&gateway, CREDITS, wish.clone()).await;
    assert_eq!(
        (status, &first["amount_micros"]),
        (201, &json!(25_000_000)),
        "{first}"
    );
    let author = first["author"].as_str().expect("an author");
    assert!(
        author.starts_with("key_") && author.ends_with(" first admin key"),
        "{author}"
    );
    let (status, again) = book(&gateway, CREDITS, wish.clone()).await;
    assert_eq!((status, &again["repeated"]), (200, &json!(true)), "{again}");
    assert_eq!(again["created_at"], first["created_at"]);
    let mut other = wish;
    other["amount_usd"] = json!("26");
    let (status, refused) = book(&gateway, CREDITS, other).await;
    assert_eq!(
        (status, &refused["error"]["field"]),
        (409, &json!("id")),
        "{refused}"
    );
    let bearer = format!("Bearer {}", gateway.admin_key);
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", "fix-1")];
    let taken = json!({ "tenant": "default", "amount_micros": -5_000_000, "reason": "=1+1" }).to_string();
    for status in [201, 200] {
        let answer = gateway.send("POST", CORRECTIONS, &headers, taken.clone()).await;
        assert_eq!(answer.status, status, "{:?}", answer.bytes);
    }
    let balance = gateway.ask("GET", "/api/v1/balance", "").await.json();
    assert_eq!(balance["available_micros"], 20_000_000);
    let house = gateway
        .rule("GET", "/api/v1/admin/ledger/house", &Value::Null)
        .await
        .json();
    assert_eq!(
        (&house["funding_micros"], &house["corrections_micros"]),
        (&json!(25_000_000), &json!(-5_000_000))
    );
    gateway.stop().await;
}

/// Credits that are refused, each with the field that is named.
/// The reason and the author of the first line of a tenant.
async fn first_line(gateway: &Gateway, tenant: &str) -> (Value, Value, Value) {
    let path = format!("/api/v1/admin/ledger/statement?tenant={tenant}");
    let statement = gateway.rule("GET", &path, &Value::Null).await.json();
    let line = &statement["lines"][0];
    assert_eq!(
        (&statement["count"], &line["kind"]),
        (&json!(1), &json!("credit")),
        "{statement}"
    );
    (line["reason"].clone(), line["author"].clone(), line["id"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_credit_that_a_tenant_begins_with_has_an_author_and_a_reason() {
    let gateway = Gateway::in_environment(&crate::balances::with_credit("1000000")).await;
    let (reason, author, id) = first_line(&gateway, "default").await;
    assert_eq!((reason, author), (json!("opening credit"), json!("first start")));
    assert!(id.as_str().is_some_and(|id| id.starts_with("entry_")), "{id}");
    let studio = json!({ "name": "studio", "credit_usd": "2.5" });
    let made = gateway.rule("POST", "/api/v1/admin/tenants", &studio).await;
    assert_eq!(made.status, 201);
    let (reason, author, id) = first_line(&gateway, "studio").await;
    assert_eq!(reason, "opening credit");
    let author = author.as_str().expect("an author");
    assert!(
        author.starts_with("key_") && author.ends_with(" first admin key"),
        "{author}"
    );
    // Its name is taken, as every entry's.
    let repeat = json!({ "tenant": "studio", "amount_usd": "1", "reason": "again", "id": id });
    assert_eq!(book(&gateway, CREDITS, repeat).await.0, 409);
    gateway.stop().await;
}

fn impossible_credits() -> [(Value, &'static str); 11] {
    let long = "x".repeat(501);
    [
        (
            json!({ "tenant": "nobody", "amount_usd": "1", "reason": "a" }),
            "tenant",
        ),
        (
            json!({ "tenant": "default", "amount_usd": "1", "reason": " " }),
            "reason",
        ),
        (
            json!({ "tenant": "default", "amount_usd": "1", "reason": long }),
            "reason",
        ),
        (
            json!({ "tenant": "default", "amount_usd": "1", "reason": "a\nb" }),
            "reason",
        ),
        (
            json!({ "tenant": "default", "amount_usd": "1.0000001", "reason": "a" }),
            "amount_usd",
        ),
        (
            json!({ "tenant": "default", "amount_usd": "1e3", "reason": "a" }),
            "amount_usd",
        ),
        (
            json!({ "tenant": "default", "amount_micros": 0, "reason": "a" }),
            "amount_micros",
        ),
        (
            json!({ "tenant": "default", "amount_micros": i64::MIN, "reason": "a" }),
            "amount_micros",
        ),
        (
            json!({ "tenant": "default", "amount_usd": "-1", "reason": "a" }),
            "amount",
        ),
        (json!({ "tenant": "default", "reason": "a" }), "amount_usd"),
        (
            json!({ "tenant": "default", "amount_usd": "1", "reason": "a", "id": "a b" }),
            "id",
        ),
    ]
}

/// Corrections that are refused, each with the field that is named; `foreign` is a task of another tenant.
fn impossible_corrections(foreign: &str) -> [(Value, &'static str); 2] {
    [
        (
            json!({ "tenant": "stranger", "amount_usd": "1", "reason": "a", "task": foreign }),
            "task",
        ),
        (
            json!({ "tenant": "default", "amount_usd": "1", "reason": "a", "task": "?" }),
            "task",
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_that_cannot_be_are_refused_by_field() {
    let gateway = Gateway::start().await;
    gateway.stranger().await;
    let foreign = gateway.clip().await;
    let credits = impossible_credits().map(|(body, field)| (CREDITS, body, field));
    let corrections = impossible_corrections(&foreign).map(|(body, field)| (CORRECTIONS, body, field));
    for (path, body, field) in credits.into_iter().chain(corrections) {
        let (status, refused) = book(&gateway, path, body.clone()).await;
        assert_eq!(
            (status, &refused["error"]["field"]),
            (400, &json!(field)),
            "{body}: {refused}"
        );
    }
    let bearer = format!("Bearer {}", gateway.client_key);
    let wish = json!({ "tenant": "default", "amount_usd": "1", "reason": "a" }).to_string();
    for path in [CREDITS, CORRECTIONS] {
        let answer = gateway
            .send("POST", path, &[("authorization", &bearer)], wish.clone())
            .await;
        assert_eq!(answer.status, 403, "a client books nothing");
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_overdraws_only_when_it_is_told_to() {
    let gateway = Gateway::in_environment(&crate::balances::with_credit("1000000")).await;
    let mut wish = json!({ "tenant": "default", "amount_usd": "-1.000001", "reason": "a" });
    let (status, refused) = book(&gateway, CORRECTIONS, wish.clone()).await;
    let message = refused["error"]["message"].as_str().unwrap_or_default();
    assert!(
        status == 402 && message.contains("1.00 USD"),
        "{status} {refused}"
    );
    wish["overdraw"] = json!(true);
    let (status, booked) = book(&gateway, CORRECTIONS, wish).await;
    assert_eq!(
        (status, &booked["available_micros"]),
        (201, &json!(-1)),
        "{booked}"
    );
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_adds_up_in_both_formats_and_is_its_owners_alone() {
    let gateway = Gateway::start().await;
    let stranger = gateway.stranger().await;
    let wish = json!({ "tenant": "default", "amount_usd": "5", "reason": "=SUM(A1)" });
    assert_eq!(book(&gateway, CREDITS, wish).await.0, 201);
    let body = json!({ "model_name": "kling-v3", "prompt": "a", "duration": "3", "external_task_id": "s" });
    let path = "/v1/videos/text2video";
    assert_eq!(gateway.ask("POST", path, body.to_string()).await.status, 200);
    for _ in 0..10 {
        let read = gateway.ask("GET", &format!("{path}/s?wait=60"), "").await.json();
        if read["data"]["task_status"] == "succeed" {
            break;
        }
    }
    let whole = statement(&gateway, "").await;
    let lines = whole["lines"].as_array().expect("lines");
    let kinds: Vec<_> = lines
        .iter()
        .map(|line| line["kind"].as_str().expect("a kind"))
        .collect();
    assert_eq!(kinds, ["credit", "hold", "charge"], "{whole}");
    assert_eq!(
        (&whole["tenant"], &whole["count"]),
        (&json!("default"), &json!(3))
    );
    let moved: i64 = lines
        .iter()
        .map(|line| line["amount_micros"].as_i64().expect("an amount"))
        .sum();
    let end = |name: &str| whole[name]["balance_micros"].as_i64().expect("a balance");
    assert_eq!(moved, end("closing") - end("opening"));
    let charge = &lines[2];
    // Three silent seconds of kling-v3 in 720p at 0.084 dollars each.
    assert_eq!(
        (
            &charge["quantity"],
            &charge["unit_price_micros"],
            &charge["amount_micros"],
            &charge["model"]
        ),
        (&json!(3), &json!(84_000), &json!(-252_000), &json!("kling-v3"))
    );
    assert_eq!(whole["closing"]["available_micros"], 5_000_000 - 252_000);
    let csv = gateway.ask("GET", "/api/v1/statement?format=csv", "").await;
    assert!(csv.header("content-type").starts_with("text/csv"));
    assert!(csv.header("content-disposition").contains("statement-default-"));
    let rows = text(&csv);
    let rows: Vec<&str> = rows.lines().collect();
    assert_eq!((rows.len(), rows[0]), (6, HEADING), "{rows:?}");
    assert!(rows[2].contains("'=SUM(A1)"), "{}", rows[2]);
    assert!(
        rows[5].contains(",closing,") && rows[5].contains(",4.748,"),
        "{}",
        rows[5]
    );
    // The operator reads the same; another tenant reads its own, which is empty.
    let by_operator = gateway
        .rule(
            "GET",
            "/api/v1/admin/ledger/statement?tenant=default&format=csv",
            &Value::Null,
        )
        .await;
    assert_eq!(text(&by_operator).lines().count(), 6);
    let bearer = format!("Bearer {stranger}");
    let other = gateway
        .send("GET", "/api/v1/statement", &[("authorization", &bearer)], "")
        .await;
    assert_eq!(
        (&other.json()["tenant"], &other.json()["lines"]),
        (&json!("stranger"), &json!([]))
    );
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_is_cut_by_days_and_bad_questions_are_refused_by_field() {
    let gateway = Gateway::start().await;
    let wish = json!({ "tenant": "default", "amount_usd": "5", "reason": "a" });
    assert_eq!(book(&gateway, CREDITS, wish).await.0, 201);
    let past = statement(&gateway, "to=2020-01-31").await;
    assert_eq!(
        (&past["count"], &past["closing"]["available_micros"]),
        (&json!(0), &json!(0))
    );
    assert_eq!(past["to"], "2020-02-01T00:00:00Z");
    let today = reelway::period::day(gateway.house.clock.now());
    let now = statement(&gateway, &format!("from={today}&to={today}")).await;
    assert_eq!(now["count"], 1);
    let future = statement(&gateway, "from=2100-01-01&to=2100-01-01").await;
    assert_eq!(
        (&future["count"], &future["opening"]["available_micros"]),
        (&json!(0), &json!(5_000_000))
    );
    for (query, field) in [
        ("from=2026-02-02&to=2026-02-01T00:00:00Z", "to"),
        ("from=yesterday", "from"),
        ("to=2026-02-30", "to"),
        ("format=xls", "format"),
        ("tenant=default", "tenant"),
        ("month=2", "query"),
    ] {
        let answer = gateway
            .ask("GET", &format!("/api/v1/statement?{query}"), "")
            .await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["error"]["field"]),
            (400, &json!(field)),
            "{query}"
        );
    }
    assert_eq!(
        gateway.send("GET", "/api/v1/statement", &[], "").await.status,
        401
    );
    gateway.stop().await;
}
