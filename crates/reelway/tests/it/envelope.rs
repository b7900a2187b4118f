//! EZModel's task envelope over the wire: a clip from its wish to its file, whose door is whose at the
//! paths that it shares, and a key that always speaks it.

use serde_json::{Value, json};

use crate::house_under_test::Gateway;

const TEXT: &str = "/kling/v1/videos/text2video";
const SEVERAL: &str = "/kling/v1/videos/multi-image2video";
/// Looks at a task before the test gives it up; at 100 ms each, a minute.
const LOOKS_MAX: u32 = 600;

async fn wait(gateway: &Gateway, path: &str) -> Value {
    for _ in 0..LOOKS_MAX {
        let answer = gateway.ask("GET", path, "").await.json();
        match answer["data"]["status"].as_str() {
            Some("SUBMITTED" | "IN_PROGRESS") => {}
            _ => return answer,
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("`{path}` was not done in time");
}

/// Two pictures as Base64.
fn images() -> Value {
    use base64::Engine as _;
    let picture = crate::house_under_test::picture(300, 300);
    let image = base64::engine::general_purpose::STANDARD.encode(picture);
    json!([{ "image": image }, { "image": image }])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_becomes_a_clip_behind_the_envelope() {
    let gateway = Gateway::start().await;
    let path = format!("/ezmodel{TEXT}");
    let wish = json!({ "model": "kling-v3", "prompt": "a fox on a hill", "duration": "5" });
    let taken = gateway.ask("POST", &path, wish.to_string()).await;
    assert_eq!(taken.status, 200, "{:?}", taken.bytes);
    let taken = taken.json();
    assert_eq!(
        (
            &taken["object"],
            &taken["status"],
            &taken["progress"],
            &taken["model"]
        ),
        (&json!("video"), &json!(""), &json!(0), &json!("kling-v3"))
    );
    assert_eq!(taken["id"], taken["task_id"]);
    let id = taken["id"].as_str().expect("an id");
    assert!(id.bytes().all(|byte| byte.is_ascii_digit()), "{id}");
    let done = wait(&gateway, &format!("{path}/{id}")).await;
    assert_eq!(done["code"], "success");
    let data = &done["data"];
    assert_eq!(
        (&data["status"], &data["progress"], &data["action"]),
        (&json!("SUCCESS"), &json!("100%"), &json!("textGenerate")),
        "{done}"
    );
    let [submit, start, finish] =
        ["submit_time", "start_time", "finish_time"].map(|name| data[name].as_i64().expect("seconds"));
    assert!(0 < submit && submit <= start && start <= finish, "{done}");
    let url = data["fail_reason"].as_str().expect("a link");
    assert_eq!(data["data"]["data"]["task_result"]["videos"][0]["url"], url);
    let link = url.split_once(gateway.address()).expect("a link to this house").1;
    let file = gateway.send("GET", link, &[], "").await;
    assert_eq!(&file.bytes[4..8], b"ftyp");
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_pictures_are_answered_by_the_name_of_the_model_field() {
    let gateway = Gateway::start().await;
    let wish = |field: &str| {
        let mut wish = json!({ "prompt": "two friends meet", "duration": "5", "image_list": images() });
        wish[field] = json!("kling-v1-6");
        wish.to_string()
    };
    let envelope = gateway.ask("POST", SEVERAL, wish("model")).await;
    assert_eq!(envelope.json()["object"], "video", "{:?}", envelope.bytes);
    let read = format!("{SEVERAL}/{}", envelope.header("reelway-task-id"));
    let answer = gateway.ask("GET", &read, "").await.json();
    assert_eq!(answer["code"], "success");
    let native = gateway.ask("POST", SEVERAL, wish("model_name")).await;
    assert_eq!(native.json()["code"], 0, "{:?}", native.bytes);
    let native_read = format!("{SEVERAL}/{}", native.header("reelway-task-id"));
    let answer = gateway.ask("GET", &native_read, "").await.json();
    assert_eq!(answer["code"], 0);
    // What came in at a third door is read in the envelope here.
    let other = gateway.submit(&json!({ "prompt": "a" })).await;
    let other_read = format!("{SEVERAL}/{}", other.header("reelway-task-id"));
    let answer = gateway.ask("GET", &other_read, "").await.json();
    assert_eq!(
        (&answer["code"], &answer["data"]["action"]),
        (&json!("success"), &json!("textGenerate"))
    );
    let done = wait(&gateway, &read).await;
    assert_eq!(
        (&done["data"]["status"], &done["data"]["action"]),
        (&json!("SUCCESS"), &json!("multiImage2Video")),
        "{done}"
    );
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_speaks_the_envelope_speaks_it_at_the_root() {
    let gateway = Gateway::start().await;
    let bearer = format!("Bearer {}", gateway.key_that_speaks("ezmodel").await);
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    for body in [r#"{"prompt":"a"}"#, r#"{"prompt":"a","model_name":"kling-v3"}"#] {
        let taken = gateway.send("POST", TEXT, &headers, body).await;
        assert_eq!(taken.json()["object"], "video", "{body}");
        let read = format!("{TEXT}/{}", taken.header("reelway-task-id"));
        let answer = gateway.send("GET", &read, &headers, "").await.json();
        assert_eq!(answer["code"], "success", "{body}");
        // The tenant's other key is answered as ever.
        let unified = gateway.ask("GET", &read, "").await.json();
        assert!(unified["status"].is_string(), "{unified}");
    }
    // Where the dialect has no such path, the path's own answers.
    let list = gateway
        .send("GET", "/v1/videos/text2video?pageSize=1", &headers, "")
        .await;
    assert_eq!(list.json()["code"], 0);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_have_the_vendors_codes_and_leave_nothing_behind() {
    let gateway = Gateway::start().await;
    let path = format!("/ezmodel{TEXT}");
    let before = gateway.holdings().await;
    let nobody = gateway.send("POST", &path, &[], "{}").await;
    assert_eq!(nobody.status, 401);
    let message = nobody.json()["error"]["message"]
        .as_str()
        .expect("a message")
        .to_owned();
    assert!(message.contains(nobody.header("x-request-id")), "{message}");
    assert_eq!(nobody.json()["error"]["type"], "new_api_error");
    let cases = [
        (
            json!({ "model": "kling-v3", "prompt": "a", "duration": 7 }),
            500,
            "get_price_scale_failed",
            "legacy endpoint only supports duration 5 or 10, got: 7",
        ),
        (json!({}), 400, "invalid_request", "prompt is required"),
    ];
    for (body, status, code, message) in cases {
        let answer = gateway.ask("POST", &path, body.to_string()).await;
        let expected = json!({ "code": code, "message": message, "data": null });
        assert_eq!((answer.status.as_u16(), answer.json()), (status, expected));
        let again = if status == 500 { "false" } else { "" };
        assert_eq!(answer.header("x-should-retry"), again, "{body}");
    }
    let unknown = gateway.ask("GET", &format!("{path}/000"), "").await;
    let expected = json!({ "code": "task_not_exist", "message": "task_not_exist", "data": null });
    assert_eq!((unknown.status.as_u16(), unknown.json()), (400, expected));
    let broken = gateway.ask("POST", &path, "{").await;
    assert_eq!(
        (broken.status.as_u16(), &broken.json()["code"]),
        (400, &json!("invalid_request"))
    );
    assert_eq!(gateway.holdings().await, before);
    gateway.stop().await;
}
