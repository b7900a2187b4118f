//! Keys and pairs over the admin API: made once, listed without secrets, revoked within five seconds;
//! and what tokens that a pair signs open over HTTP.

use std::os::unix::fs::PermissionsExt as _;

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use reelway::client::Client;
use serde_json::{Value, json};

use crate::house_under_test::{Answer, Gateway};

const KEYS: &str = "/api/v1/admin/keys";

async fn admin(gateway: &Gateway, method: &str, path: &str, body: &Value) -> Answer {
    let bearer = format!("Bearer {}", gateway.admin_key);
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    gateway
        .send(method, path, &[("authorization", &bearer)], body)
        .await
}

/// The status of a harmless read with a key.
async fn with_key(gateway: &Gateway, key: &str) -> u16 {
    let bearer = format!("Bearer {key}");
    let headers = [("authorization", bearer.as_str())];
    gateway
        .send("GET", "/api/v1/tasks/nothing", &headers, "")
        .await
        .status
        .as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_shown_once_opens_the_house_and_stops_when_it_is_revoked() {
    let gateway = Gateway::start().await;
    let made = admin(&gateway, "POST", KEYS, &json!({ "name": "website" })).await;
    assert_eq!(made.status, 201, "{:?}", made.bytes);
    let made = made.json();
    let text = made["key"].as_str().expect("the key's text").to_owned();
    let id = made["id"].as_str().expect("an id").to_owned();
    assert!(text.starts_with(&id.replace("key_", "rw_key_")));
    assert_eq!(with_key(&gateway, &text).await, 404);
    let listed = admin(&gateway, "GET", KEYS, &Value::Null).await;
    let listed = String::from_utf8_lossy(&listed.bytes).into_owned();
    assert!(listed.contains(&id) && !listed.contains(&text) && !listed.contains("hash"));
    let revoked = admin(&gateway, "DELETE", &format!("{KEYS}/{id}"), &Value::Null).await;
    assert_eq!(revoked.status, 200);
    assert_eq!(with_key(&gateway, &text).await, 401);
    let unknown = format!("{KEYS}/key_00000000000000000000000000000001");
    assert_eq!(
        admin(&gateway, "DELETE", &unknown, &Value::Null).await.status,
        404
    );
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_admin_api_needs_an_admin_key() {
    let gateway = Gateway::start().await;
    for path in [KEYS, "/api/v1/admin/ledger/verify"] {
        assert_eq!(gateway.send("GET", path, &[], "").await.status, 401);
        let client = gateway.ask("GET", path, "").await;
        assert_eq!(
            (client.status.as_u16(), client.json()["error"]["code"].as_str()),
            (403, Some("forbidden"))
        );
        assert_eq!(admin(&gateway, "GET", path, &Value::Null).await.status, 200);
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wishes_for_keys_that_cannot_be_are_refused_by_field() {
    let gateway = Gateway::start().await;
    let wishes = [
        (json!({ "name": "" }), "name"),
        (json!({ "name": "x".repeat(101) }), "name"),
        (json!({ "name": "x", "role": "king" }), "role"),
        (json!({ "name": "x", "tenant": "nobody" }), "tenant"),
        (json!({ "name": "x", "expires_in_days": 0 }), "expires_in_days"),
        (json!({ "name": "x", "kind": "triple" }), "kind"),
        (json!({ "name": "x", "dialect": "klingon" }), "dialect"),
    ];
    for (wish, field) in wishes {
        let answer = admin(&gateway, "POST", KEYS, &wish).await;
        assert_eq!(answer.status, 400, "{wish}");
        assert_eq!(answer.json()["error"]["field"], field);
        if field == "dialect" {
            let names: Vec<_> = dialects::ALL.iter().map(|dialect| dialect.name()).collect();
            assert_eq!(answer.json()["error"]["allowed"], json!(names));
        }
    }
    assert_eq!(
        admin(&gateway, "POST", KEYS, &json!({ "name": "x", "rank": 1 }))
            .await
            .status,
        400
    );
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_socket_in_the_data_directory_needs_no_key_and_is_its_owners_only() {
    let gateway = Gateway::start().await;
    let socket = gateway.house.config.socket();
    let mode = std::fs::metadata(&socket).expect("a socket").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let client = Client::of_running(&socket).await.expect("a running server");
    let answer = client.json("GET", KEYS, None).await.expect("an answer");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body["data"].as_array().map(Vec::len), Some(2));
    gateway.stop().await;
    assert!(Client::of_running(&socket).await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn readiness_names_each_part() {
    let gateway = Gateway::start().await;
    let ready = gateway.send("GET", "/readyz", &[], "").await;
    let parts = ready.json();
    assert_eq!(ready.status, 200, "{parts}");
    for part in ["database", "belts", "disk"] {
        assert_eq!(parts[part]["ok"], true, "{parts}");
    }
    gateway.stop().await;
}

/// Kling's own path under the mount of its dialect.
const NATIVE: &str = "/kling-native/v1/videos/text2video";

/// A pair as the admin API made it.
struct Pair {
    id: String,
    access: String,
    secret: String,
}

impl Pair {
    async fn made(gateway: &Gateway, wish: &Value) -> Pair {
        let made = admin(gateway, "POST", KEYS, wish).await;
        assert_eq!(made.status, 201, "{:?}", made.bytes);
        let made = made.json();
        assert_eq!((&made["kind"], &made["key"]), (&json!("pair"), &Value::Null));
        let text = |name: &str| made[name].as_str().expect("a text").to_owned();
        Pair {
            id: text("id"),
            access: text("access_key"),
            secret: text("secret_key"),
        }
    }

    fn sign(&self, algorithm: Algorithm, claims: &Value) -> String {
        let key = EncodingKey::from_secret(self.secret.as_bytes());
        encode(&Header::new(algorithm), claims, &key).expect("a token")
    }

    /// A token from `start` to `end`, in seconds from now.
    fn token(&self, gateway: &Gateway, start: i64, end: i64) -> String {
        let now = gateway.house.clock.now().seconds();
        let claims = json!({ "iss": self.access, "exp": now + end, "nbf": now + start });
        self.sign(Algorithm::HS256, &claims)
    }
}

/// Status and Kling's code of a native call with these headers.
async fn native(gateway: &Gateway, method: &str, path: &str, token: Option<&str>) -> (u16, Value) {
    let bearer = token.map(|token| format!("Bearer {token}"));
    let mut headers = vec![("content-type", "application/json")];
    headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
    let body = json!({ "model_name": "kling-v3", "prompt": "a kite", "duration": "3" });
    let body = if method == "POST" {
        body.to_string()
    } else {
        String::new()
    };
    let answer = gateway.send(method, path, &headers, body).await;
    (answer.status.as_u16(), answer.json())
}

async fn code(gateway: &Gateway, token: Option<&str>) -> (u16, Value) {
    let (status, answer) = native(gateway, "POST", NATIVE, token).await;
    (status, answer["code"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pair_signs_tokens_that_open_the_native_dialect_and_every_other() {
    let gateway = Gateway::start().await;
    let pair = Pair::made(&gateway, &json!({ "name": "sdk", "kind": "pair" })).await;
    assert!(pair.access.starts_with(&pair.id.replace("key_", "rw_access_")));
    let token = pair.token(&gateway, -5, 1_800);
    let (status, taken) = native(&gateway, "POST", NATIVE, Some(&token)).await;
    assert_eq!((status, &taken["code"]), (200, &json!(0)), "{taken}");
    let id = taken["data"]["task_id"].as_str().expect("an id");
    for path in [
        format!("{NATIVE}/{id}"),
        format!("/elk/kling/v1/videos/text2video/{id}"),
        format!("/api/v1/tasks/{id}"),
    ] {
        let (status, read) = native(&gateway, "GET", &path, Some(&token)).await;
        assert_eq!(status, 200, "{path}: {read}");
    }
    // A client's pair opens no more than a client's key.
    let (status, _) = native(&gateway, "GET", KEYS, Some(&token)).await;
    assert_eq!(status, 403);
    let tasks = gateway.holdings().await.tasks();
    assert_eq!(tasks, 1);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_to_be_refused_has_the_code_that_kling_gives() {
    let gateway = Gateway::start().await;
    let pair = Pair::made(&gateway, &json!({ "name": "sdk", "kind": "pair" })).await;
    let other = Pair::made(&gateway, &json!({ "name": "other", "kind": "pair" })).await;
    let borrowed = Pair {
        access: pair.access.clone(),
        ..other
    };
    let good = pair.token(&gateway, -5, 1_800);
    let (_, payload_on) = good.split_once('.').expect("three parts");
    let (payload, _) = payload_on.split_once('.').expect("three parts");
    // {"alg":"none","typ":"JWT"}
    let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{payload}.");
    let now = gateway.house.clock.now().seconds();
    let claims = json!({ "iss": pair.access, "exp": now + 60 });
    let cases = [
        ("no header", None, 1001),
        (
            "garbage",
            Some("garbage.of-many.letters-and-dots".to_owned()),
            1002,
        ),
        (
            "a wrong signature",
            Some(borrowed.token(&gateway, -5, 1_800)),
            1002,
        ),
        (
            "a wrong signature, expired",
            Some(borrowed.token(&gateway, -5, -1)),
            1002,
        ),
        ("no algorithm", Some(unsigned), 1002),
        (
            "another algorithm",
            Some(pair.sign(Algorithm::HS384, &claims)),
            1002,
        ),
        ("the access key itself", Some(pair.access.clone()), 1002),
        ("the secret key itself", Some(pair.secret.clone()), 1002),
        ("too early", Some(pair.token(&gateway, 60, 1_800)), 1003),
        ("expired", Some(pair.token(&gateway, -1_800, -1)), 1004),
    ];
    for (what, token, expected) in cases {
        let refused = code(&gateway, token.as_deref()).await;
        assert_eq!(refused, (401, json!(expected)), "{what}");
    }
    assert_eq!(gateway.holdings().await.tasks(), 0);
    assert_eq!(code(&gateway, Some(&good)).await, (200, json!(0)));
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_token_opens_nothing_of_the_new_standard() {
    let gateway = Gateway::start().await;
    let pair = Pair::made(&gateway, &json!({ "name": "sdk", "kind": "pair" })).await;
    let token = pair.token(&gateway, -5, 1_800);
    assert_eq!(code(&gateway, Some(&token)).await, (200, json!(0)));
    let calls = [
        ("POST", "/text-to-video/kling-3.0-turbo"),
        ("POST", "/kling-native/image-to-video/kling-3.0"),
        ("POST", "/tasks"),
        ("GET", "/kling-native/tasks?task_ids=1"),
    ];
    for (method, path) in calls {
        let (status, refused) = native(&gateway, method, path, Some(&token)).await;
        assert_eq!(
            (status, &refused["code"]),
            (401, &json!(1002)),
            "{path}: {refused}"
        );
        let message = refused["message"].as_str().unwrap_or_default();
        assert!(message.contains("does not support AK/SK"), "{path}: {message}");
    }
    assert_eq!(gateway.holdings().await.tasks(), 1);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_pair_is_shut_out_at_once_and_another_tenants_pair_sees_nothing() {
    let gateway = Gateway::start().await;
    let pair = Pair::made(&gateway, &json!({ "name": "sdk", "kind": "pair" })).await;
    gateway.stranger().await;
    let wish = json!({ "name": "spy", "kind": "pair", "tenant": "stranger" });
    let spy = Pair::made(&gateway, &wish).await;
    let token = pair.token(&gateway, -5, 1_800);
    let (_, taken) = native(&gateway, "POST", NATIVE, Some(&token)).await;
    let id = taken["data"]["task_id"].as_str().expect("an id");

    let spying = spy.token(&gateway, -5, 1_800);
    let mut answers = Vec::new();
    for id in [id, "123456789012345678901234567890123456789"] {
        let (status, mut answer) = native(&gateway, "GET", &format!("{NATIVE}/{id}"), Some(&spying)).await;
        assert_eq!(status, 400, "{answer}");
        answer["request_id"].take();
        answers.push(answer);
    }
    assert_eq!(answers[0], answers[1]);

    assert_eq!(code(&gateway, Some(&token)).await, (200, json!(0)));
    let revoked = admin(&gateway, "DELETE", &format!("{KEYS}/{}", pair.id), &Value::Null).await;
    assert_eq!(revoked.status, 200);
    assert_eq!(code(&gateway, Some(&token)).await, (401, json!(1002)));
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pair_is_listed_by_its_access_key_and_its_secret_is_nowhere_but_in_the_first_answer() {
    let gateway = Gateway::start().await;
    let wish = json!({ "name": "sdk", "kind": "pair", "dialect": "kling", "expires_in_days": 3 });
    let pair = Pair::made(&gateway, &wish).await;
    let listed = admin(&gateway, "GET", KEYS, &Value::Null).await.json();
    let rows = listed["data"].as_array().expect("a list");
    let row = rows.iter().find(|row| row["id"] == pair.id).expect("the pair");
    assert_eq!(
        (&row["kind"], &row["access_key"], &row["dialect"]),
        (&json!("pair"), &json!(pair.access), &json!("kling"))
    );
    assert!(row["expires_at"].is_string());
    assert_eq!(rows[0]["kind"], "key");
    assert_eq!(code(&gateway, Some(&pair.token(&gateway, -5, 60))).await.0, 200);
    let text = listed.to_string();
    assert!(!text.contains(&pair.secret) && !text.contains("sealed"), "{text}");
    let data = gateway.data_dir();
    gateway.house.engine.store().ping().await.expect("a database");
    for entry in std::fs::read_dir(&data).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_file() {
            let bytes = std::fs::read(&path).expect("a file");
            let secret = pair.secret.as_bytes();
            assert!(
                !bytes.windows(secret.len()).any(|part| part == secret),
                "{} holds the secret",
                path.display()
            );
        }
    }
    gateway.stop().await;
}
