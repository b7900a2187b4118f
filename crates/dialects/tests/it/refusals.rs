//! Every kind of refusal in every dialect: its status, its shape, and whether a client may send the same again.
//! Clients of our dialects re-send by themselves what is answered with 408, 409, 429 or a 5xx, unless
//! `x-should-retry: false` stands there.

use domain::dialect::{Answer, Context};
use domain::http::Reply;
use domain::{Refusal, RefusalKind};
use serde_json::Value;
use testkit::conform::dialect::{PlainLinks, a_refusal_of_every_kind};

/// The dialects in the order of the columns.
const COLUMNS: [&str; 8] = [
    "elk",
    "ezmodel",
    "kling",
    "kling2",
    "openai",
    "openaiwrapped",
    "pixazo",
    "reelway",
];

/// Statuses by kind, a column each, and whether the same wish may be sent again.
const ROWS: [(&str, [u16; 8], Again); 21] = [
    ("NoKey", [401; 8], Again::Never),
    ("BadKey", [401; 8], Again::Never),
    ("ExpiredKey", [401; 8], Again::Never),
    ("EarlyKey", [401; 8], Again::Never),
    ("Forbidden", [403; 8], Again::Never),
    ("Malformed", [400; 8], Again::Never),
    ("TooLarge", [413, 413, 400, 400, 413, 413, 400, 413], Again::Never),
    ("Invalid", [400; 8], Again::Never),
    ("Media", [400; 8], Again::Never),
    ("Model", [400, 400, 404, 404, 404, 404, 400, 400], Again::Never),
    ("NoMoney", [403, 403, 429, 429, 429, 429, 402, 402], Again::Never),
    (
        "DuplicateExternalId",
        [400, 400, 400, 400, 400, 400, 400, 409],
        Again::Never,
    ),
    (
        "IdempotencyConflict",
        [422, 400, 400, 400, 422, 422, 400, 422],
        Again::Never,
    ),
    (
        "IdempotencyBusy",
        [409, 429, 429, 429, 409, 409, 429, 409],
        Again::May,
    ),
    ("NotFound", [404, 400, 400, 400, 404, 404, 404, 404], Again::Never),
    ("Conflict", [409, 409, 400, 400, 409, 409, 400, 409], Again::Never),
    ("NoProvider", [503; 8], Again::May),
    ("NoRoute", [404; 8], Again::Never),
    ("Method", [405, 405, 404, 404, 405, 405, 404, 405], Again::Never),
    ("Unavailable", [503; 8], Again::May),
    ("Ambiguous", [500; 8], Again::Never),
];

/// Whether the same wish may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Again {
    May,
    Never,
}

#[test]
fn every_refusal_has_its_status_and_says_whether_to_come_back() {
    let names: Vec<&str> = dialects::ALL.iter().map(|dialect| dialect.name()).collect();
    assert_eq!(names, COLUMNS, "a dialect without a column");
    let refusals = a_refusal_of_every_kind();
    for mut refusal in refusals {
        let kind = format!("{:?}", refusal.kind);
        let word = kind.split('(').next().unwrap_or_default();
        let row = ROWS.iter().find(|(name, ..)| *name == word);
        // What limits and terms refuse has a table of its own, in `limits.rs`.
        let Some((_, statuses, again)) = row else {
            continue;
        };
        refusal.retry_after_seconds = Some(17);
        for (name, status) in COLUMNS.into_iter().zip(statuses) {
            let reply = rendered(name, &refusal);
            let place = format!("{word} in {name}");
            assert_eq!(reply.status, *status, "{place}");
            assert_eq!(header(&reply, "retry-after"), Some("17"), "{place}");
            let is_resent = matches!(reply.status, 408 | 409 | 429) || reply.status >= 500;
            let stops = header(&reply, "x-should-retry") == Some("false");
            assert!(
                stops || *again == Again::May || !is_resent,
                "{place}: {status} would be sent again, and fail again or be done twice"
            );
            assert!(!(stops && *again == Again::May), "{place}: nobody comes back");
            is_shaped(name, &reply, &place);
        }
    }
}

#[test]
fn what_a_vendor_answers_with_500_is_not_sent_again() {
    let refusal = Refusal::invalid("duration", "the vendor's own words");
    let reply = rendered("ezmodel", &refusal.documented(500, "get_price_scale_failed"));
    assert_eq!(
        (reply.status, header(&reply, "x-should-retry")),
        (500, Some("false"))
    );
    let plain = rendered("ezmodel", &Refusal::new(RefusalKind::Unavailable, "later"));
    assert_eq!(header(&plain, "x-should-retry"), None);
}

/// The shape of the vendor's errors, with what it holds and nothing else.
fn is_shaped(name: &str, reply: &Reply, place: &str) {
    let body: Value = serde_json::from_slice(&reply.body).expect("the body is JSON");
    let keys = |value: &Value| -> Vec<String> {
        let map = value.as_object();
        let map = map.unwrap_or_else(|| panic!("{place}: no object: {body}"));
        let mut keys: Vec<String> = map.keys().cloned().collect();
        keys.sort();
        keys
    };
    let shape = |value: &Value| keys(value).join(" ");
    let (outer, inner) = (shape(&body), &body["error"]);
    match name {
        "elk" | "openai" | "openaiwrapped" => {
            assert_eq!(outer, "error", "{place}");
            assert_eq!(shape(inner), "code message param type", "{place}");
        }
        "ezmodel" if inner.is_object() => {
            assert_eq!(outer, "error", "{place}");
            assert_eq!(shape(inner), "code message type", "{place}");
        }
        "ezmodel" => {
            assert!(
                matches!(outer.as_str(), "code data message" | "code data detail message"),
                "{place}"
            );
            assert!(body["code"].is_string() && body["data"].is_null(), "{place}");
        }
        "kling" | "kling2" => {
            assert_eq!(outer, "code message request_id", "{place}");
            assert!(body["code"].is_i64(), "{place}");
        }
        "pixazo" => assert_eq!(outer, "error message request_id", "{place}"),
        _ => {
            assert_eq!(outer, "error", "{place}");
            let keys = keys(inner);
            for key in ["code", "message", "retryable", "request_id", "docs"] {
                assert!(keys.iter().any(|known| known == key), "{place}: no `{key}`");
            }
        }
    }
}

fn rendered(name: &str, refusal: &Refusal) -> Reply {
    let dialect = dialects::ALL.iter().find(|dialect| dialect.name() == name);
    let context = Context {
        request_id: "req-1",
        links: &PlainLinks,
        route: None,
    };
    dialect
        .expect("a dialect")
        .render(&Answer::Refused(refusal), &context)
}

fn header<'a>(reply: &'a Reply, name: &str) -> Option<&'a str> {
    let found = reply.headers.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.as_str())
}
