//! A key that took the place of another goes on with what that one used: budgets, places and requests a minute hold
//! for both together, over the wire, at one house on SQLite and at two on one PostgreSQL.

use domain::Micros;
use domain::tenant::{KeyTerms, Limits};
use futures_util::StreamExt as _;
use serde_json::{Value, json};

use crate::house_under_test::{Answer, Gateway};
use crate::limits::{Customer, SEEN_WITHIN, SUBMITS, call, customer, idle, idle_houses};

/// What one wish costs in every dialect but the new standard's.
const COST: i64 = 280_000;
/// How many submits are under way at once.
const AT_ONCE: usize = 32;

fn terms(limits: Limits) -> KeyTerms {
    KeyTerms {
        limits,
        ..KeyTerms::default()
    }
}

fn budget(tasks: i64) -> Limits {
    Limits {
        budget_micros: Some(Micros(tasks * COST)),
        ..Limits::default()
    }
}

/// A key: its id and its text.
#[derive(Clone)]
struct Shown {
    id: String,
    text: String,
}

impl Shown {
    fn of(customer: &Customer) -> Shown {
        Shown {
            id: format!("key_{}", customer.row.id.0.hex()),
            text: customer.key.clone(),
        }
    }

    /// Its successor; it goes on beside it.
    async fn rotated(&self, house: &Gateway) -> (Shown, Value) {
        let path = format!("/api/v1/admin/keys/{}/rotate", self.id);
        let answer = house
            .rule("POST", &path, &json!({ "overlap_seconds": 3_600 }))
            .await;
        assert_eq!(answer.status, 201, "{:?}", answer.bytes);
        let made = answer.json();
        let text = |field: &str| made[field].as_str().expect("a text").to_owned();
        let shown = Shown {
            id: text("id"),
            text: text("key"),
        };
        (shown, made)
    }

    async fn submit(&self, house: &Gateway) -> Answer {
        let (_, path, body, _) = SUBMITS
            .iter()
            .find(|(name, ..)| *name == "reelway")
            .expect("ours");
        call(house.address(), &self.text, "POST", path, body).await
    }

    /// Whether one more is taken; what stands in the way otherwise, and how much of it is left.
    async fn asks(&self, house: &Gateway) -> Result<(), (Value, Value)> {
        let answer = self.submit(house).await;
        if answer.status.is_success() {
            return Ok(());
        }
        let limit = answer.json()["error"]["limit"].clone();
        Err((limit["name"].clone(), limit["left"].clone()))
    }
}

/// Nothing is counted twice or not at all.
async fn is_exact(house: &Gateway) {
    let proof = house
        .rule("GET", "/api/v1/admin/ledger/verify", &Value::Null)
        .await
        .json();
    assert_eq!((&proof["faults"], &proof["sum_micros"]), (&json!([]), &json!(0)));
    let path = "/api/v1/admin/ledger/recount";
    let recounted = house.rule("POST", path, &json!({ "dry_run": true })).await.json();
    assert_eq!(recounted["data"], json!([]));
}

/// Two keys after each other, and beside each other, cannot use more than the budget.
async fn a_budget_goes_on(one: &Gateway, other: &Gateway) {
    let old = Shown::of(&customer(one, None, terms(budget(3))).await);
    assert_eq!(old.asks(one).await, Ok(()));
    let (new, made) = old.rotated(one).await;
    assert_eq!(made["holder"], json!(old.id));
    assert_eq!(new.asks(other).await, Ok(()));
    assert_eq!(old.asks(other).await, Ok(()));
    let full = Err((json!("budget_micros"), json!(0)));
    for (key, house) in [(&old, one), (&new, one), (&old, other), (&new, other)] {
        assert_eq!(key.asks(house).await, full);
    }
    // The successor of a successor goes on as well.
    let (newest, made) = new.rotated(other).await;
    assert_eq!((&made["holder"], newest.asks(one).await), (&json!(old.id), full));
    // What is agreed with one of them from now on is its own: the count is of all.
    let path = format!("/api/v1/admin/keys/{}", newest.id);
    let patch = json!({ "limits": { "budget_micros": 4 * COST + COST - 1 } });
    assert_eq!(one.rule("PATCH", &path, &patch).await.status, 200);
    tokio::time::sleep(SEEN_WITHIN).await;
    assert_eq!(newest.asks(other).await, Ok(()));
    let left = Err((json!("budget_micros"), json!(COST - 1)));
    assert_eq!(newest.asks(one).await, left);
    is_exact(one).await;
}

async fn a_days_budget_and_places_go_on(one: &Gateway, other: &Gateway) {
    let today = Limits {
        day_budget_micros: Some(Micros(2 * COST)),
        ..Limits::default()
    };
    let places = Limits {
        concurrent_tasks: Some(2),
        ..Limits::default()
    };
    for (limits, name) in [(today, "day_budget_micros"), (places, "concurrent_tasks")] {
        let old = Shown::of(&customer(one, None, terms(limits)).await);
        assert_eq!(old.asks(one).await, Ok(()));
        let (new, _) = old.rotated(other).await;
        assert_eq!(new.asks(one).await, Ok(()));
        for key in [&old, &new] {
            assert_eq!(key.asks(other).await, Err((json!(name), json!(0))));
        }
    }
    is_exact(one).await;
}

/// Both keys at once, in turns at both houses, against a budget for so many.
async fn many_submits_of_a_line(one: &Gateway, other: &Gateway) {
    let old = Shown::of(&customer(one, None, terms(budget(37))).await);
    let (new, _) = old.rotated(one).await;
    let (newest, _) = new.rotated(one).await;
    let keys = [old, new, newest];
    let answers = futures_util::stream::iter(0..200_usize).map(|n| {
        let (key, house) = (keys[n % 3].clone(), [one, other][n % 2]);
        async move { key.submit(house).await.status.is_success() }
    });
    let answers: Vec<bool> = answers.buffer_unordered(AT_ONCE).collect().await;
    assert_eq!(answers.iter().filter(|taken| **taken).count(), 37);
    is_exact(other).await;
}

/// A minute's requests are those of both keys.
async fn a_minute_goes_on(house: &Gateway) {
    let five = Limits {
        requests_per_minute: Some(5),
        ..Limits::default()
    };
    let old = Shown::of(&customer(house, None, terms(five)).await);
    let (new, _) = old.rotated(house).await;
    let mut statuses = Vec::new();
    for key in [&old, &new, &old, &new, &old, &new, &old] {
        let answer = call(house.address(), &key.text, "GET", "/api/v1/balance", "").await;
        statuses.push(answer.status.as_u16());
    }
    assert_eq!(statuses, [200, 200, 200, 200, 200, 429, 429]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_rotated_key_used_limits_its_successor() {
    let gateway = idle(&[]).await;
    a_budget_goes_on(&gateway, &gateway).await;
    a_days_budget_and_places_go_on(&gateway, &gateway).await;
    many_submits_of_a_line(&gateway, &gateway).await;
    a_minute_goes_on(&gateway).await;
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_rotated_key_used_limits_its_successor_at_two_houses() {
    let [one, two] = idle_houses().await;
    a_budget_goes_on(&one, &two).await;
    a_days_budget_and_places_go_on(&one, &two).await;
    many_submits_of_a_line(&one, &two).await;
    for house in [two, one] {
        house.stop().await;
    }
}
