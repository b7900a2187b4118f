//! The paths of the house that belong to no dialect and to no operator: a row each, with its handlers and what
//! is said of them. Those of operators are in `admin/paths.rs`.

use axum::routing::{get, post};

use crate::balance::queries;
use crate::reference::bodies::{ALIVE, HEARD, LENT_QUERY, LINK_QUERY, OWN_WEBHOOKS_QUERY, READY, WEBHOOK};
use crate::reference::books::{
    BALANCE, OWN_STATEMENT_QUERY, OWN_USAGE_QUERY, QUOTA_QUERY, STATEMENTS, USAGE,
};
use crate::reference::call::{Call, Path};
use crate::reference::prices::MODELS;
use crate::webhooks::api as webhooks;
use crate::{balance, catalogue, content, health, hints, metrics, problem, reference, statement};

/// What the calls of other gateways answer, each in its own shape.
const JSON: &[&str] = &["application/json"];
/// A limit in the shape of OpenAI's former billing calls.
const SUBSCRIPTION: Call = Call::client(
    "get",
    "Says what was used and is left together, in the shape of OpenAI's former billing calls",
)
.asking(QUOTA_QUERY)
.handing(JSON);
/// What was used, in the same shape.
const BILLED: Call = Call::client(
    "get",
    "Says what was used, in cents, in the shape of OpenAI's former billing calls",
)
.asking(QUOTA_QUERY)
.handing(JSON);

/// What a kept file may be.
const FILES: &[&str] = &[
    "video/mp4",
    "image/png",
    "image/jpeg",
    "image/webp",
    "audio/mpeg",
    "audio/wav",
];

/// Every path, in the order of the alphabet.
pub const ALL: &[Path] = &[
    Path {
        path: "/api/usage/token",
        mount: || get(queries::token),
        calls: &[Call::client(
            "get",
            "Says what the key that asks used and has left, in new-api's units and shape",
        )
        .asking(QUOTA_QUERY)
        .handing(JSON)],
    },
    Path {
        path: "/api/v1/balance",
        mount: || get(balance::balance),
        calls: &[Call::client("get", "Says what the caller may still spend").telling(&BALANCE)],
    },
    Path {
        path: "/api/v1/models",
        mount: || get(catalogue::list),
        calls: &[Call::client(
            "get",
            "Lists models, what they do, and what the caller pays for each",
        )
        .telling(&MODELS)],
    },
    Path {
        path: "/api/v1/statement",
        mount: || get(statement::own),
        calls: &[
            Call::client("get", "Writes the caller's statement: every line of a period")
                .asking(OWN_STATEMENT_QUERY)
                .handing(STATEMENTS),
        ],
    },
    Path {
        path: "/api/v1/tasks/{id}/content",
        mount: || get(content::first),
        calls: &[Call::link(
            "get",
            "Hands out the first file of a task; ranges, `HEAD` and `ETag` are served",
        )
        .asking(LINK_QUERY)
        .handing(FILES)],
    },
    Path {
        path: "/api/v1/tasks/{id}/content/{n}",
        mount: || get(content::nth),
        calls: &[
            Call::link("get", "Hands out a file of a task by its place, from 0")
                .asking(LINK_QUERY)
                .handing(FILES),
        ],
    },
    Path {
        path: "/api/v1/usage",
        mount: || get(balance::usage),
        calls: &[Call::client(
            "get",
            "Sums up what the caller's tasks were and cost, by day, model or key",
        )
        .asking(OWN_USAGE_QUERY)
        .telling(&USAGE)],
    },
    Path {
        path: "/api/v1/webhooks",
        mount: || get(webhooks::list),
        calls: &[
            Call::client("get", "Lists the caller's webhooks, of the newest tasks first")
                .asking(OWN_WEBHOOKS_QUERY)
                .paging(&WEBHOOK),
        ],
    },
    Path {
        path: "/api/v1/webhooks/{id}",
        mount: || get(webhooks::show),
        calls: &[Call::client("get", "Shows a webhook").telling(&WEBHOOK)],
    },
    Path {
        path: "/api/v1/webhooks/{id}/replay",
        mount: || post(webhooks::replay),
        calls: &[Call::client("post", "Sends a webhook once more, with all its tries").telling(&WEBHOOK)],
    },
    Path {
        path: "/callbacks/{account}",
        mount: || post(hints::hear),
        calls: &[Call::open(
            "post",
            "Hears an upstream; a task is looked at earlier, and nothing is believed",
        )
        .telling(&HEARD)],
    },
    Path {
        path: "/dashboard/billing/subscription",
        mount: || get(queries::subscription),
        calls: &[SUBSCRIPTION],
    },
    Path {
        path: "/dashboard/billing/usage",
        mount: || get(queries::usage),
        calls: &[BILLED],
    },
    Path {
        path: "/docs",
        mount: || get(reference::page),
        calls: &[Call::open("get", "Shows this description").handing(&["text/html"])],
    },
    Path {
        path: "/docs/errors",
        mount: || get(problem::page),
        calls: &[Call::open("get", "Explains the codes of errors").handing(&["text/html"])],
    },
    Path {
        path: "/docs/rapidoc.js",
        mount: || get(reference::reader),
        calls: &[
            Call::open("get", "The script of the page that shows this description")
                .handing(&["text/javascript"]),
        ],
    },
    Path {
        path: "/healthz",
        mount: || get(health::live),
        calls: &[Call::open("get", "Says that the process answers").telling(&ALIVE)],
    },
    Path {
        path: "/media/{name}",
        mount: || get(content::lent),
        calls: &[Call::open(
            "get",
            "Lends input media to an upstream, by an address that is signed for a day",
        )
        .asking(LENT_QUERY)
        .handing(FILES)],
    },
    Path {
        path: "/metrics",
        mount: || get(metrics::scrape),
        calls: &[Call::operator("get", "Says what happens, for Prometheus").handing(&["text/plain"])],
    },
    Path {
        path: "/openapi.json",
        mount: || get(reference::description),
        calls: &[Call::open("get", "This description").handing(&["application/json"])],
    },
    Path {
        path: "/readyz",
        mount: || get(health::ready),
        calls: &[Call::open(
            "get",
            "Says whether database, belts and disk are fit for work; else with status 503",
        )
        .telling(&READY)],
    },
    Path {
        path: "/user/quota",
        mount: || get(queries::quota),
        calls: &[Call::client(
            "get",
            "Says what is left and was used, by key and day, in the shape of ElkAPI and CometAPI",
        )
        .asking(QUOTA_QUERY)
        .handing(JSON)],
    },
    Path {
        path: "/v1/dashboard/billing/subscription",
        mount: || get(queries::subscription),
        calls: &[SUBSCRIPTION],
    },
    Path {
        path: "/v1/dashboard/billing/usage",
        mount: || get(queries::usage),
        calls: &[BILLED],
    },
];
