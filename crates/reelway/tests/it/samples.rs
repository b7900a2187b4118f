//! The samples of docs/webhooks.md that check a signature, run as they stand there in Python and in JavaScript, on
//! vectors of the standard, of Kling, and on what the standard's own library signs.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use standardwebhooks::Webhook;

/// The vectors: secret, id, time, body, signature.
const VECTORS: [[&str; 5]; 3] = [
    [
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "1614265330",
        r#"{"test": 2432232314}"#,
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    ],
    [
        "whsec_plJ3nmyCDGBKInavdOK15jsl",
        "msg_loFOjxBNrRLzqYUf",
        "1731705121",
        r#"{"event_type":"ping","data":{"success":true}}"#,
        "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=",
    ],
    [
        "whsec_dGVzdHNlY3JldHRlc3RzZWNyZXR0ZXN0c2VjcmV0MTI=",
        "9876543210",
        "1781080794",
        r#"{"id":"1234567890","status":"succeeded","message":"","create_time":1781080778802,"update_time":1781080794151}"#,
        "v1,UsKlJP00XoQyOn410NM9xv34sP+Gl0jnOO9Lcpr7NJ4=",
    ],
];

/// What asks the samples: cases come in a file, and what is said of each goes out as JSON.
const PYTHON: &str = r#"
import json, sys
said = []
for case in json.load(open(sys.argv[1])):
    time.time = lambda: case["now"]
    said.append(is_genuine(case["secret"], case["headers"], case["body"].encode()))
print(json.dumps(said))
"#;
const JAVASCRIPT: &str = r#"
import { readFileSync } from "node:fs";
const said = JSON.parse(readFileSync(process.argv[2])).map((one) => {
  Date.now = () => one.now * 1000;
  return isGenuine(one.secret, one.headers, Buffer.from(one.body));
});
console.log(JSON.stringify(said));
"#;

/// The sample in a language.
fn sample(language: &str) -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/webhooks.md");
    let page = std::fs::read_to_string(page).expect("the page is there");
    let (_, rest) = page
        .split_once(&format!("```{language}\n"))
        .expect("the page has a sample");
    let (sample, _) = rest.split_once("\n```").expect("the block ends");
    sample.to_owned()
}

fn case([secret, id, time, body, signature]: [&str; 5], late_seconds: i64) -> Value {
    let now = time.parse::<i64>().expect("seconds") + late_seconds;
    let headers = json!({ "webhook-id": id, "webhook-timestamp": time, "webhook-signature": signature });
    json!({ "secret": secret, "headers": headers, "body": body, "now": now })
}

/// Every case with whether it is genuine.
fn cases() -> Vec<(Value, bool)> {
    let mut cases = Vec::new();
    for vector in VECTORS {
        let [secret, id, time, body, signature] = vector;
        cases.extend([(case(vector, 0), true), (case(vector, 299), true)]);
        cases.extend([(case(vector, 301), false), (case(vector, -301), false)]);
        // Two signatures while a secret is being changed, in either order.
        for both in [format!("{signature} v1,AAAA"), format!("v1,AAAA {signature}")] {
            cases.push((case([secret, id, time, body, &both], 0), true));
        }
        let other = "whsec_b3RoZXJzZWNyZXRvdGhlcnNlY3JldG90aGVyc2VjcmU=";
        for forged in [
            [other, id, time, body, signature],
            [secret, "another", time, body, signature],
            [secret, id, "1700000000", body, signature],
            [secret, id, time, "{}", signature],
            [secret, id, time, body, "v1,"],
            [secret, id, time, body, ""],
            [secret, id, time, body, &signature[3..]],
        ] {
            cases.push((case(forged, 0), false));
        }
    }
    let (secret, body) = (VECTORS[0][0], r#"{"text":"für später 🦊"}"#);
    let signer = Webhook::new(secret).expect("a secret");
    let signed = signer
        .sign("wh_1", 1_795_000_000, body.as_bytes())
        .expect("signed");
    cases.push((case([secret, "wh_1", "1795000000", body, &signed], 0), true));
    cases
}

fn said(program: &str, name: &str, script: &str, cases: &Path) -> Vec<bool> {
    let file = cases.with_file_name(name);
    std::fs::write(&file, script).expect("the script is written");
    let output = Command::new(program).arg(&file).arg(cases).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program}: {complaint}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn the_samples_of_the_page_know_what_is_genuine() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("cases.json");
    let (asked, expected): (Vec<Value>, Vec<bool>) = cases().into_iter().unzip();
    std::fs::write(&file, json!(asked).to_string()).expect("the cases are written");
    let scripts = [
        ("python3", "sample.py", sample("python") + PYTHON),
        ("node", "sample.mjs", sample("js") + JAVASCRIPT),
    ];
    for (program, name, script) in scripts {
        let said = said(program, name, &script, &file);
        for ((case, expected), said) in asked.iter().zip(&expected).zip(&said) {
            assert_eq!(said, expected, "{program}: {case}");
        }
        assert_eq!(said.len(), expected.len());
    }
}
