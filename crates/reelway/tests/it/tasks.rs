//! Tasks for the operator: the admin API over all tenants, and what the belts leave behind for it. The
//! words are tried in `tasks/explain.rs`.

use domain::Clock as _;
use reelway::admin::tasks::Sight;
use serde_json::{Value, json};
use testkit::provider::{OnLook, OnSubmit, Scripted};

use crate::house_under_test::{Answer, Gateway};
use crate::rig::Rig;

mod explain;

const TASKS: &str = "/api/v1/admin/tasks";

/// The explanation of a task of a rig.
async fn explained(rig: &Rig, id: domain::TaskId) -> String {
    let sight = Sight {
        store: &**rig.engine.store(),
        clock: &*rig.clock,
        engine: Some(&rig.engine),
    };
    let shown = sight.show(&id.prefixed()).await.expect("it is there");
    shown.explanation
}

#[tokio::test]
async fn the_belts_leave_behind_what_an_explanation_needs() {
    let rig = Rig::with(Scripted::new(), 1).await;
    rig.provider.on_submit([OnSubmit::Busy(Some(30_000))]);
    let first = rig.submit().await;
    rig.crank().await;
    let text = explained(&rig, first).await;
    assert!(text.contains("\"too many parallel tasks\""), "{text}");
    rig.provider.on_look([OnLook::Running(None), OnLook::Error]);
    rig.crank_after(60_000).await;
    let text = explained(&rig, first).await;
    assert!(text.contains("Account `scripted-main` works on it"), "{text}");
    rig.crank_after(5_000).await;
    rig.crank_after(5_000).await;
    let text = explained(&rig, first).await;
    assert!(
        text.contains("connection reset") || text.contains("succeeded"),
        "{text}"
    );
    let second = Rig::with(Scripted::new(), 1).await;
    let (one, two) = (second.submit().await, second.submit().await);
    second.provider.on_look([OnLook::Running(Some(50))]);
    second.crank().await;
    let texts = [explained(&second, one).await, explained(&second, two).await];
    let waits = texts
        .iter()
        .find(|text| text.contains("all that serve it are taken"));
    let waits = waits.unwrap_or_else(|| panic!("{texts:?}"));
    assert!(waits.contains("`scripted-main` has 1 of 1 in use"), "{waits}");
}

#[tokio::test]
async fn the_end_of_a_job_is_the_vendors_own_word_where_that_can_be() {
    // When the vendor says that it ended, in milliseconds before the look, and what is noted.
    for (told_ms, noted_ms) in [
        (Some(300), 300),
        (None, 10_000),
        (Some(-5_000), 10_000),
        (Some(90_000), 10_000),
    ] {
        let rig = Rig::new().await;
        rig.submit().await;
        rig.crank().await;
        if let Some(told_ms) = told_ms {
            rig.provider.ended_at(rig.clock.now().plus(10_000 - told_ms));
        }
        rig.crank_after(10_000).await;
        let lag = rig.engine.tally().detection_lag_ms.read();
        assert_eq!((lag.count(), lag.sum), (1, noted_ms), "{told_ms:?}");
    }
}

async fn admin(gateway: &Gateway, method: &str, path: &str) -> Answer {
    let bearer = format!("Bearer {}", gateway.admin_key);
    gateway
        .send(method, path, &[("authorization", &bearer)], "")
        .await
}

fn ids(list: &Value) -> Vec<&str> {
    let data = list["data"].as_array().expect("a list");
    data.iter().filter_map(|task| task["id"].as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_sees_tasks_of_all_tenants_and_narrows_them() {
    let gateway = Gateway::start().await;
    let mine = gateway.clip().await;
    let stranger = gateway.stranger().await;
    let wish =
        json!({ "model": "animatic", "prompt": "a dot", "duration": 1, "width": 64, "height": 64, "fps": 5 });
    let bearer = format!("Bearer {stranger}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
        ("prefer", "wait=60"),
    ];
    let path = "/kling/v1/videos/text2video";
    let taken = gateway.send("POST", path, &headers, wish.to_string()).await;
    let theirs = taken.json()["task_id"].as_str().expect("an id").to_owned();
    let all = admin(&gateway, "GET", TASKS).await.json();
    assert_eq!(ids(&all), [theirs.as_str(), mine.as_str()]);
    assert_eq!(
        (&all["has_more"], &all["next_cursor"]),
        (&json!(false), &Value::Null)
    );
    let narrowed: [(&str, &[&str]); 7] = [
        ("tenant=stranger", &[&theirs]),
        ("tenant=default", &[&mine]),
        (
            "state=succeeded&model=animatic&account=animatic&since=1h",
            &[&theirs, &mine],
        ),
        ("state=open", &[]),
        ("model=kling-v3", &[]),
        ("since=2100-01-01T00:00:00Z", &[]),
        ("limit=1", &[&theirs]),
    ];
    for (query, expected) in narrowed {
        let list = admin(&gateway, "GET", &format!("{TASKS}?{query}")).await.json();
        assert_eq!(ids(&list), expected, "{query}: {list}");
    }
    let behind = admin(&gateway, "GET", &format!("{TASKS}?after={theirs}"))
        .await
        .json();
    assert_eq!(ids(&behind), [mine.as_str()]);
    let refused = [
        ("state=sleeping", "state"),
        ("tenant=nobody", "tenant"),
        ("since=soon", "since"),
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("after=x", "after"),
        ("colour=red", "query"),
    ];
    for (query, field) in refused {
        let answer = admin(&gateway, "GET", &format!("{TASKS}?{query}")).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["error"]["field"]),
            (400, &json!(field)),
            "{query}"
        );
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_task_is_shown_with_its_money_and_cancelled_truthfully() {
    let gateway = Gateway::start().await;
    let id = gateway.clip().await;
    let shown = admin(&gateway, "GET", &format!("{TASKS}/{id}")).await.json();
    assert_eq!(
        (&shown["id"], &shown["state"], &shown["tenant"]),
        (&json!(id), &json!("succeeded"), &json!("default"))
    );
    let kinds: Vec<_> = shown["lines"]
        .as_array()
        .expect("lines")
        .iter()
        .map(|line| line["kind"].clone())
        .collect();
    assert!(
        kinds.contains(&json!("hold")) && kinds.contains(&json!("charge")),
        "{kinds:?}"
    );
    assert!(
        shown["explanation"]
            .as_str()
            .is_some_and(|text| text.contains("It succeeded at")),
        "{shown}"
    );
    assert!(
        !shown.to_string().contains("a dot"),
        "prompts are not the operator's business"
    );
    let short = admin(&gateway, "GET", &format!("{TASKS}/{id}/explanation"))
        .await
        .json();
    assert_eq!(short["explanation"], shown["explanation"]);
    let late = admin(&gateway, "POST", &format!("{TASKS}/{id}/cancel")).await;
    assert_eq!(late.status, 409);
    for path in [
        format!("{TASKS}/nothing"),
        format!("{TASKS}/task_{}", "0".repeat(32)),
    ] {
        assert_eq!(admin(&gateway, "GET", &path).await.status, 404);
    }
    for (method, path) in [
        ("GET", TASKS.to_owned()),
        ("GET", format!("{TASKS}/{id}")),
        ("POST", format!("{TASKS}/{id}/cancel")),
    ] {
        assert_eq!(
            gateway.ask(method, &path, "").await.status,
            403,
            "a client key opens nothing here"
        );
        assert_eq!(gateway.send(method, &path, &[], "").await.status, 401);
    }
    gateway.stop().await;
}
