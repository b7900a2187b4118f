//! Kling's new standard over the wire: a create, the look-up by either name, the list by cursor, keys, and the
//! way to a clip; legacy tasks are shown there too.

use serde_json::{Value, json};

use crate::house_under_test::{Answer, Gateway};

async fn post(gateway: &Gateway, path: &str, body: &Value) -> Answer {
    gateway.ask("POST", path, body.to_string()).await
}

/// The one task of a look-up, once it has ended.
async fn ended(gateway: &Gateway, query: &str) -> Value {
    for _ in 0..600 {
        let found = gateway.ask("GET", &format!("/tasks?{query}"), "").await.json();
        let tasks = found["data"].as_array().expect("a list").clone();
        let [task] = &tasks[..] else {
            panic!("not one task: {found}");
        };
        if ["succeeded", "failed"].contains(&task["status"].as_str().unwrap_or_default()) {
            return task.clone();
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("`{query}` was not done in time");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_of_the_new_standard_is_found_by_either_name_and_legacy_tasks_beside_it() {
    let gateway = Gateway::start().await;
    let wish = json!({
        "prompt": "a lighthouse in rain",
        "settings": { "duration": 3, "mode": "pro" },
        "options": { "external_task_id": "ext-n1" },
    });
    let taken = post(&gateway, "/kling-native/text-to-video/kling-3.0", &wish).await;
    assert_eq!(taken.status, 200, "{:?}", taken.bytes);
    assert_eq!(taken.header("reelway-ignored-fields"), "settings.mode");
    let taken = taken.json();
    assert_eq!(
        (
            &taken["data"]["status"],
            &taken["data"]["external_id"],
            &taken["data"]["task_id"]
        ),
        (&json!("submitted"), &json!("ext-n1"), &Value::Null)
    );
    let again = post(&gateway, "/text-to-video/kling-3.0", &wish).await;
    assert_eq!(
        (again.status.as_u16(), &again.json()["code"]),
        (400, &json!(1201))
    );
    let legacy = json!({ "model_name": "kling-v3", "prompt": "a dot", "duration": "3" });
    let legacy = post(&gateway, "/v1/videos/text2video", &legacy).await.json();
    let legacy = legacy["data"]["task_id"].as_str().expect("an id").to_owned();
    let done = ended(&gateway, "external_task_ids=ext-n1").await;
    assert_eq!(
        (&done["status"], &done["id"]),
        (&json!("succeeded"), &taken["data"]["id"])
    );
    let output = &done["outputs"][0];
    assert_eq!(
        (&output["type"], &output["duration"]),
        (&json!("video"), &json!("3.0"))
    );
    let url = output["url"].as_str().expect("a link");
    let link = url.split_once(gateway.address()).expect("a link to this house").1;
    let file = gateway.send("GET", link, &[], "").await;
    assert_eq!(&file.bytes[4..8], b"ftyp");
    let by_id = ended(&gateway, &format!("task_ids={legacy}")).await;
    assert_eq!(
        (&by_id["status"], &by_id["id"]),
        (&json!("succeeded"), &json!(legacy))
    );
    let nobody = gateway.ask("GET", "/tasks?task_ids=1,2", "").await;
    assert_eq!(
        (nobody.status.as_u16(), &nobody.json()["data"]),
        (200, &json!([]))
    );
    let mut seen = Vec::new();
    let mut body = json!({ "limit": 0, "filters": [{ "key": "status", "values": ["succeeded"] }] });
    loop {
        let page = post(&gateway, "/tasks", &body).await.json()["data"].clone();
        assert_eq!(page["count"], 1, "{page}");
        seen.push(page["result"][0]["id"].clone());
        if page["has_more"] == json!(false) {
            break;
        }
        body["cursor"] = page["next_cursor"].clone();
    }
    assert_eq!(seen, [json!(legacy), done["id"].clone()]);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_open_nothing_here_and_solutions_are_refused_by_name() {
    let gateway = Gateway::start().await;
    let token = "Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJBS1RFU1QwMDAxIn0.c2lnbmF0dXJl";
    let headers = [("authorization", token), ("content-type", "application/json")];
    for path in ["/text-to-video/kling-3.0", "/kling-native/tasks"] {
        let refused = gateway.send("POST", path, &headers, "{}").await;
        assert_eq!(
            (refused.status.as_u16(), &refused.json()["code"]),
            (401, &json!(1002))
        );
        let message = refused.json()["message"].as_str().unwrap_or_default().to_owned();
        assert!(message.contains("does not support AK/SK"), "{message}");
    }
    let solution = post(&gateway, "/solutions/talking_agent", &json!({})).await;
    assert_eq!(
        (solution.status.as_u16(), &solution.json()["code"]),
        (403, &json!(1103))
    );
    assert!(
        solution.json()["message"]
            .as_str()
            .unwrap_or_default()
            .contains("talking_agent")
    );
    let model = post(&gateway, "/text-to-video/kling-9", &json!({ "prompt": "x" })).await;
    assert_eq!(
        (model.status.as_u16(), &model.json()["code"]),
        (404, &json!(1203))
    );
    gateway.stop().await;
}
