//! A submit in each dialect, and what its client must hear of everything that can stand in the way of one: the table
//! of `docs/limits.md` as code and status, and when or whether to come back. Who is sent what is not here.

use domain::limits::{Hit, Limit};
use serde_json::{Value, json};

use crate::wire::Reply;

/// What every wish costs: three silent seconds of Kling 3.0, or of its omni model, in 720p, in micro-dollars.
pub(super) const COST: i64 = 252_000;
/// The longest wait that a client may be told, in seconds.
const WAIT_MAX_SECONDS: u64 = 60;

/// What stands in the way of a wish.
#[derive(Debug, Clone, Copy)]
pub(super) enum Way {
    /// The tenant's money.
    Balance,
    /// A limit, with what is left of it.
    Limit(Hit),
    /// The models that the key may use.
    Scope,
    /// The networks that the key is let in from.
    Network,
    /// The tenant may not submit.
    Suspended,
    /// The key is one no more.
    Revoked,
}

/// A refusal as it is documented: its status, where its code stands, its code.
type Said = (u16, &'static str, &'static str);

/// What a dialect says of everything that stands in the way.
struct Heard {
    balance: Said,
    budget: Said,
    places: Said,
    rate: Said,
    scope: Said,
    network: Said,
    suspended: Said,
    revoked: Said,
}

/// A dialect.
pub(super) struct Dialect {
    /// Its name.
    pub name: &'static str,
    /// Where a wish is submitted.
    pub path: &'static str,
    /// A wish that costs [`COST`].
    pub body: fn() -> Value,
    heard: Heard,
}

/// All that have words of their own.
pub(super) static ALL: [Dialect; 7] = [
    Dialect {
        name: "elk",
        path: "/elk/kling/v1/videos/text2video",
        body: || json!({ "model": "kling-v3", "prompt": "a kite", "duration": 3, "width": 1280, "height": 720 }),
        heard: Heard {
            balance: (403, "/error/code", "quota_not_enough"),
            budget: (403, "/error/code", "quota_not_enough"),
            places: (429, "/error/code", "too_many_tasks"),
            rate: (429, "/error/code", "rate_limit_exceeded"),
            scope: (403, "/error/code", "access_denied"),
            network: (403, "/error/code", "access_denied"),
            suspended: (403, "/error/code", "user_suspended"),
            revoked: (401, "/error/code", "invalid_token"),
        },
    },
    Dialect {
        name: "ezmodel",
        path: "/ezmodel/kling/v1/videos/omni-video",
        body: || {
            json!({ "model": "kling-v3-omni", "prompt": "a kite", "duration": "3", "mode": "std",
                "aspect_ratio": "16:9" })
        },
        heard: Heard {
            balance: (403, "/code", "quota_not_enough"),
            budget: (403, "/code", "quota_not_enough"),
            places: (429, "/code", "too_many_requests"),
            rate: (429, "/code", "too_many_requests"),
            scope: (403, "/error/code", "access_denied"),
            network: (403, "/error/code", "access_denied"),
            suspended: (403, "/error/code", "user_suspended"),
            revoked: (401, "/error/code", ""),
        },
    },
    Dialect {
        name: "kling",
        path: "/kling-native/v1/videos/text2video",
        body: || json!({ "model_name": "kling-v3", "prompt": "a kite", "duration": "3", "mode": "std" }),
        heard: KLING,
    },
    Dialect {
        name: "kling2",
        path: "/kling-native/text-to-video/kling-3.0",
        body: || json!({ "prompt": "a kite", "settings": { "resolution": "720p", "duration": 3 } }),
        heard: KLING,
    },
    Dialect {
        name: "openai",
        path: "/openai/v1/videos",
        body: || json!({ "model": "kling-v3", "prompt": "a kite", "seconds": "3", "size": "1280x720" }),
        heard: Heard {
            balance: (429, "/error/code", "insufficient_quota"),
            budget: (429, "/error/code", "insufficient_quota"),
            places: (429, "/error/code", "rate_limit_exceeded"),
            rate: (429, "/error/code", "rate_limit_exceeded"),
            scope: (403, "/error/code", "access_denied"),
            network: (403, "/error/code", "ip_not_authorized"),
            suspended: (403, "/error/code", "account_suspended"),
            revoked: (401, "/error/code", "invalid_api_key"),
        },
    },
    Dialect {
        name: "pixazo",
        path: "/pixazo/kling-3-0-text-to-video-standard/v1/kling-3-0-text-to-video-standard-request",
        body: || json!({ "prompt": "a kite", "duration": "3" }),
        heard: Heard {
            balance: (402, "/error", "Insufficient balance"),
            budget: (402, "/error", "Insufficient balance"),
            places: (429, "/error", "Rate limit exceeded, please retry later"),
            rate: (429, "/error", "Rate limit exceeded, please retry later"),
            scope: (403, "/error", "Access denied for this operation"),
            network: (403, "/error", "Access denied for this operation"),
            suspended: (403, "/error", "Access denied for this operation"),
            revoked: (401, "/error", "Invalid or missing authentication"),
        },
    },
    Dialect {
        name: "reelway",
        path: "/api/v1/tasks",
        body: || {
            json!({ "operation": "text_to_video", "model": "kling-v3", "prompt": "a kite", "duration_seconds": 3,
                "mode": "std" })
        },
        heard: Heard {
            balance: (402, "/error/code", "no_money"),
            budget: (402, "/error/code", "budget_exceeded"),
            places: (429, "/error/code", "too_many_tasks"),
            rate: (429, "/error/code", "rate_limited"),
            scope: (403, "/error/code", "forbidden"),
            network: (403, "/error/code", "wrong_network"),
            suspended: (403, "/error/code", "suspended"),
            revoked: (401, "/error/code", "bad_key"),
        },
    },
];

/// Kling's numbers, which both of its APIs share.
const KLING: Heard = Heard {
    balance: (429, "/code", "1102"),
    budget: (429, "/code", "1102"),
    places: (429, "/code", "1303"),
    rate: (429, "/code", "1302"),
    scope: (403, "/code", "1103"),
    network: (429, "/code", "1304"),
    suspended: (429, "/code", "1100"),
    revoked: (401, "/code", "1002"),
};

/// What an answer says about coming back.
#[derive(Debug, PartialEq, Eq)]
enum Again {
    /// `retry-after`: it passes by itself.
    Later,
    /// `x-should-retry: false`.
    Never,
    /// Neither: nobody sends such a status again.
    Silent,
}

impl Way {
    fn again(&self) -> Again {
        match self {
            Way::Limit(Hit {
                limit: Limit::ConcurrentTasks | Limit::RequestsPerMinute,
                ..
            }) => Again::Later,
            Way::Balance | Way::Limit(_) | Way::Network | Way::Suspended => Again::Never,
            Way::Scope | Way::Revoked => Again::Silent,
        }
    }
}

impl Dialect {
    /// What is wrong with a refusal; nothing where it is the documented one to the letter.
    pub(super) fn fault(&self, way: &Way, reply: &Reply) -> Option<String> {
        let fault = self.shape_fault(way, reply).or_else(|| again_fault(way, reply))?;
        Some(format!("{fault}: {}", reply.excerpt()))
    }

    fn shape_fault(&self, way: &Way, reply: &Reply) -> Option<String> {
        let (status, place, code) = self.said(way);
        let body = reply.json();
        let found = body.pointer(place).map(|found| match found.as_str() {
            Some(text) => text.to_owned(),
            None => found.to_string(),
        });
        if (reply.status, found.as_deref()) != (status, Some(code)) {
            return Some(format!("not {status} with `{code}` at `{place}`"));
        }
        let Way::Limit(hit) = way else { return None };
        let sentence = hit.sentence();
        if !String::from_utf8_lossy(&reply.body).contains(&sentence) {
            return Some(format!("it does not say `{sentence}`"));
        }
        let limit = json!({ "holder": hit.holder.word(), "name": hit.limit.word(), "most": hit.most,
            "left": hit.left });
        let is_told = self.name != "reelway" || body["error"]["limit"] == limit;
        (!is_told).then(|| format!("`error.limit` is not {limit}"))
    }

    fn said(&self, way: &Way) -> Said {
        let heard = &self.heard;
        match way {
            Way::Balance => heard.balance,
            Way::Limit(hit) => match hit.limit {
                Limit::TaskBudget | Limit::DayBudget | Limit::Budget => heard.budget,
                Limit::ConcurrentTasks => heard.places,
                Limit::RequestsPerMinute => heard.rate,
            },
            Way::Scope => heard.scope,
            Way::Network => heard.network,
            Way::Suspended => heard.suspended,
            Way::Revoked => heard.revoked,
        }
    }
}

fn again_fault(way: &Way, reply: &Reply) -> Option<String> {
    let header = |name| reply.headers.get(name).and_then(|value| value.to_str().ok());
    let again = match (header("retry-after"), header("x-should-retry")) {
        (None, None) => Some(Again::Silent),
        (None, Some("false")) => Some(Again::Never),
        (Some(seconds), None) => {
            let seconds = seconds.parse().ok();
            let is_sound = seconds.is_some_and(|seconds| (1..=WAIT_MAX_SECONDS).contains(&seconds));
            is_sound.then_some(Again::Later)
        }
        (_, Some(_)) => None,
    };
    let said = (header("retry-after"), header("x-should-retry"));
    (again != Some(way.again())).then(|| {
        format!(
            "`retry-after` and `x-should-retry` are {said:?}, not {:?}",
            way.again()
        )
    })
}
