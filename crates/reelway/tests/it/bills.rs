//! Kling's account calls over a socket: what is left, and what finished tasks cost.

use reelway::config::Environment;
use serde_json::{Value, json};

use crate::house_under_test::Gateway;

const LONG_AGO: i64 = 0;
const FAR: i64 = 9_999_999_999_999;

async fn finished(gateway: &Gateway, name: &str) -> String {
    let body = json!({ "model_name": "kling-v3", "prompt": name, "duration": "3", "external_task_id": name });
    let taken = gateway
        .ask("POST", "/v1/videos/text2video", body.to_string())
        .await;
    assert_eq!(taken.status, 200, "{:?}", taken.bytes);
    let path = format!("/v1/videos/text2video/{name}?wait=60");
    for _ in 0..10 {
        let read = gateway.ask("GET", &path, "").await.json();
        if read["data"]["task_status"] == "succeed" {
            return read["data"]["task_id"].as_str().expect("an id").to_owned();
        }
    }
    panic!("the clip is not made");
}

async fn bill(gateway: &Gateway, kind: &str, body: Value) -> Value {
    let path = format!("/account/billing/{kind}");
    let answer = gateway.ask("POST", &path, body.to_string()).await;
    let body = answer.json();
    assert_eq!(
        (answer.status.as_u16(), &body["code"]),
        (200, &json!(0)),
        "{body}"
    );
    body["data"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_finished_tasks_cost_is_billed_in_parts_and_to_their_owner_alone() {
    let gateway = Gateway::start().await;
    let first = finished(&gateway, "a-kite").await;
    let second = finished(&gateway, "a-gull").await;
    let all = json!({ "start_time": LONG_AGO, "end_time": FAR, "limit": 1 });
    let part = bill(&gateway, "package", all.clone()).await;
    assert_eq!(part["result"]["count"], 1);
    assert_eq!(part["result"]["detail"][0]["task_id"], second.as_str());
    assert_eq!(part["has_more"], true);
    let next = json!({ "cursor": part["next_cursor"], "start_time": 5, "limit": 7 });
    let rest = bill(&gateway, "package", next).await;
    let row = &rest["result"]["detail"][0];
    assert_eq!(
        (&row["task_id"], &rest["has_more"]),
        (&json!(first), &json!(false))
    );
    // Three silent seconds of kling-v3 in 720p: 0.6 units and 0.084 dollars each.
    assert_eq!(
        (&row["deduction_amount"], &row["resolution"]),
        (&json!("1.8"), &json!("720p"))
    );
    assert_eq!(
        (&row["model_name"], &row["video_sound"]),
        (&json!("kling-v3"), &json!("off"))
    );
    let in_dollars = bill(&gateway, "balance", all).await;
    assert_eq!(in_dollars["result"]["detail"][0]["deduction_amount"], "0.252");
    let before = json!({ "start_time": 0, "end_time": 1 });
    assert_eq!(bill(&gateway, "package", before).await["result"]["count"], 0);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_balance_is_a_pack_of_units_and_bad_questions_are_refused_by_field() {
    let gateway = Gateway::start().await;
    let path = format!("/account/costs?start_time={LONG_AGO}&end_time={FAR}");
    let costs = gateway.ask("GET", &path, "").await.json();
    let pack = &costs["data"]["resource_pack_subscribe_infos"][0];
    assert_eq!(
        (&costs["data"]["code"], &pack["status"]),
        (&json!(0), &json!("online"))
    );
    assert!(pack["remaining_quantity"].as_f64().expect("a number") > 0.0);
    let refused = |answer: crate::house_under_test::Answer| {
        let body = answer.json();
        assert_eq!(
            (answer.status.as_u16(), &body["code"]),
            (400, &json!(1201)),
            "{body}"
        );
        body["message"].as_str().unwrap_or_default().to_owned()
    };
    let no_end = gateway.ask("GET", "/account/costs?start_time=1", "").await;
    assert!(refused(no_end).contains("`end_time`"));
    for (body, field) in [
        (json!({}), "start_time"),
        (json!({ "start_time": 5, "end_time": 4 }), "end_time"),
        (json!({ "start_time": 1, "end_time": 4, "limit": 501 }), "limit"),
        (json!({ "cursor": "1.2.3" }), "cursor"),
        (json!({ "cursor": "x".repeat(300) }), "cursor"),
        (
            json!({ "start_time": 1, "end_time": 4, "filters": [{ "key": "a" }] }),
            "filters",
        ),
    ] {
        let answer = gateway
            .ask("POST", "/account/billing/package", body.to_string())
            .await;
        let message = refused(answer);
        assert!(message.contains(&format!("`{field}`")), "{message}");
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credit_is_counted_down_in_the_vendors_units_until_it_is_used_up() {
    // Two hundred units, and one clip of three seconds.
    for (credit, before, after, status) in [
        ("28000000", json!(200.0), json!(198.2), "online"),
        ("252000", json!(1.8), json!(0.0), "runOut"),
    ] {
        let environment = Environment::of(&[("REELWAY_BOOTSTRAP_CREDIT", credit)]);
        let gateway = Gateway::in_environment(&environment).await;
        let path = "/account/costs?start_time=1794900000000&end_time=1795000000000";
        let mut packs = Vec::new();
        for _ in 0..2 {
            let costs = gateway.ask("GET", path, "").await.json();
            let data = &costs["data"];
            assert_eq!(
                (&data["code"], data["msg"].is_string()),
                (&json!(0), true),
                "{costs}"
            );
            packs.push(data["resource_pack_subscribe_infos"][0].clone());
            if packs.len() == 1 {
                finished(&gateway, "a-kite").await;
            }
        }
        let left = |pack: &Value| (pack["total_quantity"].clone(), pack["remaining_quantity"].clone());
        assert_eq!(left(&packs[0]), (before.clone(), before));
        assert_eq!(left(&packs[1]), (after.clone(), after));
        assert_eq!(
            (&packs[0]["status"], &packs[1]["status"]),
            (&json!("online"), &json!(status))
        );
        gateway.stop().await;
    }
}
