//! Another tenant's tasks: every route that names a task, at every place, with every spelling of a foreign
//! id, is answered exactly like an unknown one.

use domain::dialect::Method;
use domain::{Intent, TaskId};
use serde_json::json;

use crate::house_under_test::{Answer, Gateway};

/// An id that never was, in our own spelling.
const NEVER: &str = "task_00000000000000000000000000000001";

/// One request that names a task: a method, a path with `ID`, and a body with `ID`.
struct Probe {
    method: &'static str,
    path: String,
    body: String,
}

/// Every dialect's routes at every place, and the paths of files, which are no dialect's.
fn probes() -> Vec<Probe> {
    let mut probes = Vec::new();
    for dialect in dialects::ALL {
        let names_one = |intent| matches!(intent, Intent::Status | Intent::Cancel | Intent::Content);
        for route in dialect.routes().iter().filter(|route| names_one(route.intent)) {
            let mounted = format!("{}{}", dialect.mount(), route.path);
            let rooted = route.roots.iter().map(|path| (*path).to_owned());
            for path in [mounted].into_iter().chain(rooted) {
                let in_path = path.contains("{id}");
                let body = if in_path {
                    String::new()
                } else {
                    json!({ "task_id": "ID" }).to_string()
                };
                probes.push(Probe {
                    method: if route.method == Method::Get {
                        "GET"
                    } else {
                        "POST"
                    },
                    path: path.replace("{id}", "ID"),
                    body,
                });
            }
        }
    }
    for path in ["/api/v1/tasks/ID/content", "/api/v1/tasks/ID/content/0"] {
        probes.push(Probe {
            method: "GET",
            path: path.to_owned(),
            body: String::new(),
        });
    }
    probes
}

async fn send(gateway: &Gateway, probe: &Probe, bearer: &str, id: &str) -> Answer {
    let headers = [("authorization", bearer), ("content-type", "application/json")];
    let (path, body) = (probe.path.replace("ID", id), probe.body.replace("ID", id));
    gateway.send(probe.method, &path, &headers, body).await
}

fn without_request_id(answer: &Answer) -> String {
    let text = String::from_utf8_lossy(&answer.bytes).into_owned();
    text.replace(answer.header("x-request-id"), "")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_id_is_answered_like_an_unknown_one_at_every_route() {
    let gateway = Gateway::start().await;
    let wish = json!({ "prompt": "a", "metadata": { "external_task_id": "mine" } });
    let id = gateway.submit(&wish).await.json()["task_id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let id = TaskId::parse(&id).expect("our own spelling");
    let spellings = [
        id.prefixed(),
        id.0.decimal(),
        id.0.hyphenated(),
        format!("klingai-video_{}", id.0.hyphenated()),
        "mine".to_owned(),
    ];
    let owner = format!("Bearer {}", gateway.client_key);
    let stranger = format!("Bearer {}", gateway.stranger().await);
    let probes = probes();
    assert!(probes.len() > 10, "the matrix is not empty");
    for probe in &probes {
        let unknown = send(&gateway, probe, &stranger, NEVER).await;
        let path = &probe.path;
        assert!(
            (400..500).contains(&unknown.status.as_u16()),
            "{path}: {}",
            unknown.status
        );
        for spelling in &spellings {
            let foreign = send(&gateway, probe, &stranger, spelling).await;
            assert_eq!(foreign.status, unknown.status, "{path} with `{spelling}`");
            assert_eq!(
                without_request_id(&foreign),
                without_request_id(&unknown),
                "{path} with `{spelling}`"
            );
            for header in ["reelway-task-id", "reelway-cost", "etag"] {
                assert_eq!(foreign.header(header), "", "{path} with `{spelling}`");
            }
        }
    }
    // The owner is answered at the same routes: the matrix asks at places that exist.
    for probe in probes.iter().filter(|probe| !probe.path.ends_with("/cancel")) {
        for spelling in &spellings {
            let own = send(&gateway, probe, &owner, spelling).await;
            let is_known = own.status.is_success() || own.status == 409;
            assert!(is_known, "{} with `{spelling}`: {:?}", probe.path, own.bytes);
        }
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_no_route_of_any_dialect_answers() {
    let gateway = Gateway::start().await;
    for dialect in dialects::ALL {
        for route in dialect.routes() {
            let mounted = format!("{}{}", dialect.mount(), route.path);
            let rooted = route.roots.iter().map(|path| (*path).to_owned());
            for path in [mounted].into_iter().chain(rooted) {
                let method = match route.method {
                    Method::Get => "GET",
                    Method::Post => "POST",
                    Method::Delete => "DELETE",
                };
                let path = path.replace("{id}", NEVER).replace("{model}", "kling-3.0");
                let answer = gateway.send(method, &path, &[], "{}").await;
                assert_eq!(answer.status, 401, "{method} {path}");
            }
        }
    }
    gateway.stop().await;
}
