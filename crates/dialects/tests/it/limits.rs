//! Every limit in every dialect's shape: status, code, what is said, whether and when to come back.

use dialects::ALL;
use domain::dialect::{Answer, Context, Links};
use domain::limits::{Hit, Holder, Limit};
use domain::{Artifact, Dialect as _, Refusal, RefusalKind, Task};
use serde_json::Value;

/// Links that nobody asks for.
struct NoLinks;

impl Links for NoLinks {
    fn content(&self, _task: &Task, _n: usize, _artifact: &Artifact) -> String {
        String::new()
    }

    fn page(&self, _path: &str) -> String {
        String::new()
    }

    fn provider(&self, _account: &str) -> Option<&str> {
        None
    }
}

/// What stands in the way.
#[derive(Debug, Clone, Copy)]
enum Way {
    Money,
    Budget,
    Places,
    Rate,
    Scope,
    Network,
    Suspended,
}

use Way::{Budget, Money, Network, Places, Rate, Scope, Suspended};

impl Way {
    fn refusal(self) -> Refusal {
        let hit = |limit, most, left| {
            Refusal::limited(Hit {
                holder: Holder::Key,
                limit,
                most,
                left,
            })
        };
        match self {
            Money => Refusal::new(RefusalKind::NoMoney, "the balance does not cover 0.42 USD"),
            Budget => hit(Limit::DayBudget, 5_000_000, 120_000),
            Places => hit(Limit::ConcurrentTasks, 3, 0),
            Rate => hit(Limit::RequestsPerMinute, 60, 0),
            Scope => Refusal::new(RefusalKind::Forbidden, "this key may not use model `kling-v1`")
                .allowing(["kling-v3"]),
            Network => Refusal::new(RefusalKind::Network, "this key is not let in from `203.0.113.7`"),
            Suspended => Refusal::new(RefusalKind::Suspended, "this tenant is suspended"),
        }
    }

    /// What every dialect says somewhere in its body.
    fn says(self) -> &'static str {
        match self {
            Money => "0.42 USD",
            Budget => "0.12 USD are left",
            Places => "3 unfinished tasks",
            Rate => "60 requests a minute",
            Scope => "kling-v3",
            Network => "203.0.113.7",
            Suspended => "suspended",
        }
    }

    /// Whether it passes by itself: then the answer says when to come back, and else not to.
    fn passes(self) -> bool {
        matches!(self, Places | Rate)
    }
}

/// Dialect, what stands in the way (where a dialect speaks like another on some paths, that one's row
/// holds there), status, where the code stands, the code.
static TABLE: &[(&str, Way, u16, &str, &str)] = &[
    ("kling", Money, 429, "/code", "1102"),
    ("kling", Budget, 429, "/code", "1102"),
    ("kling", Places, 429, "/code", "1303"),
    ("kling", Rate, 429, "/code", "1302"),
    ("kling", Scope, 403, "/code", "1103"),
    ("kling", Network, 429, "/code", "1304"),
    ("kling", Suspended, 429, "/code", "1100"),
    ("kling2", Money, 429, "/code", "1102"),
    ("kling2", Budget, 429, "/code", "1102"),
    ("kling2", Places, 429, "/code", "1303"),
    ("kling2", Rate, 429, "/code", "1302"),
    ("kling2", Scope, 403, "/code", "1103"),
    ("kling2", Network, 429, "/code", "1304"),
    ("kling2", Suspended, 429, "/code", "1100"),
    ("elk", Money, 403, "/error/code", "quota_not_enough"),
    ("elk", Budget, 403, "/error/code", "quota_not_enough"),
    ("elk", Places, 429, "/error/code", "too_many_tasks"),
    ("elk", Rate, 429, "/error/code", "rate_limit_exceeded"),
    ("elk", Scope, 403, "/error/code", "access_denied"),
    ("elk", Network, 403, "/error/code", "access_denied"),
    ("elk", Suspended, 403, "/error/code", "user_suspended"),
    ("ezmodel", Money, 403, "/code", "quota_not_enough"),
    ("ezmodel", Budget, 403, "/code", "quota_not_enough"),
    ("ezmodel", Places, 429, "/code", "too_many_requests"),
    ("ezmodel", Rate, 429, "/code", "too_many_requests"),
    ("ezmodel", Scope, 403, "/error/code", "access_denied"),
    ("ezmodel", Network, 403, "/error/code", "access_denied"),
    ("ezmodel", Suspended, 403, "/error/code", "user_suspended"),
    ("pixazo", Money, 402, "/error", "Insufficient balance"),
    ("pixazo", Budget, 402, "/error", "Insufficient balance"),
    (
        "pixazo",
        Places,
        429,
        "/error",
        "Rate limit exceeded, please retry later",
    ),
    (
        "pixazo",
        Rate,
        429,
        "/error",
        "Rate limit exceeded, please retry later",
    ),
    ("pixazo", Scope, 403, "/error", "Access denied for this operation"),
    (
        "pixazo",
        Network,
        403,
        "/error",
        "Access denied for this operation",
    ),
    (
        "pixazo",
        Suspended,
        403,
        "/error",
        "Access denied for this operation",
    ),
    ("openai", Money, 429, "/error/code", "insufficient_quota"),
    ("openai", Budget, 429, "/error/code", "insufficient_quota"),
    ("openai", Places, 429, "/error/code", "rate_limit_exceeded"),
    ("openai", Rate, 429, "/error/code", "rate_limit_exceeded"),
    ("openai", Scope, 403, "/error/code", "access_denied"),
    ("openai", Network, 403, "/error/code", "ip_not_authorized"),
    ("openai", Suspended, 403, "/error/code", "account_suspended"),
    ("openaiwrapped", Money, 429, "/error/code", "insufficient_quota"),
    ("openaiwrapped", Budget, 429, "/error/code", "insufficient_quota"),
    ("openaiwrapped", Places, 429, "/error/code", "rate_limit_exceeded"),
    ("openaiwrapped", Rate, 429, "/error/code", "rate_limit_exceeded"),
    ("openaiwrapped", Scope, 403, "/error/code", "access_denied"),
    ("openaiwrapped", Network, 403, "/error/code", "ip_not_authorized"),
    (
        "openaiwrapped",
        Suspended,
        403,
        "/error/code",
        "account_suspended",
    ),
    ("reelway", Money, 402, "/error/code", "no_money"),
    ("reelway", Budget, 402, "/error/code", "budget_exceeded"),
    ("reelway", Places, 429, "/error/code", "too_many_tasks"),
    ("reelway", Rate, 429, "/error/code", "rate_limited"),
    ("reelway", Scope, 403, "/error/code", "forbidden"),
    ("reelway", Network, 403, "/error/code", "wrong_network"),
    ("reelway", Suspended, 403, "/error/code", "suspended"),
];

#[test]
fn every_limit_is_told_in_every_dialects_own_shape() {
    for (name, way, status, place, code) in TABLE {
        let dialect = ALL.iter().find(|dialect| dialect.name() == *name);
        let dialect = dialect.expect("a dialect of this name");
        let context = Context {
            request_id: "req_1",
            links: &NoLinks,
            route: None,
        };
        let reply = dialect.render(&Answer::Refused(&way.refusal()), &context);
        let body: Value = serde_json::from_slice(&reply.body).expect("a JSON body");
        let case = format!("{name} {way:?}: {body}");
        assert_eq!(reply.status, *status, "{case}");
        let found = body.pointer(place).expect("a code");
        let found = found.as_str().map_or_else(|| found.to_string(), str::to_owned);
        assert_eq!(found, *code, "{case}");
        assert!(body.to_string().contains(way.says()), "{case}");
        let header = |name: &str| {
            let mut headers = reply.headers.iter();
            headers
                .find(|(found, _)| found == name)
                .map(|(_, value)| value.as_str())
        };
        assert_eq!(header("retry-after").is_some(), way.passes(), "{case}");
        let vain = matches!(way, Money | Budget | Network | Suspended);
        assert_eq!(header("x-should-retry"), vain.then_some("false"), "{case}");
    }
    assert_eq!(TABLE.len(), ALL.len() * 7, "every dialect, every limit");
}

#[test]
fn our_own_shape_names_the_limit_and_what_is_left_of_it() {
    let context = Context {
        request_id: "req_1",
        links: &NoLinks,
        route: None,
    };
    let refusal = Budget.refusal();
    let reply = dialects::reelway::Reelway.render(&Answer::Refused(&refusal), &context);
    let body: Value = serde_json::from_slice(&reply.body).expect("a JSON body");
    let limit = serde_json::json!({
        "holder": "key", "name": "day_budget_micros", "most": 5_000_000, "left": 120_000,
    });
    assert_eq!(body["error"]["limit"], limit);
    assert_eq!(body["error"]["retryable"], false);
}
