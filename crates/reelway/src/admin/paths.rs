//! The operator's paths, below `/api/v1/admin`: a row each, with its handlers and what is said of them. A new
//! path is a row here; it is then served, behind the gate, and described.

use axum::routing::{delete, get, post};

use crate::admin::{accounts, audit, deliveries, keys, ledger, prices, reconcile, recount, tasks, tenants};
use crate::reference::bodies::{
    ACCOUNT, ACCOUNT_TEST, CANCELLED, DELIVERIES_QUERY, EXPLANATION, KEY, LEDGER_REPORT, NEW_ACCOUNT,
    NEW_KEY, REVOKED, SIGNING_SECRET, TASK_DETAIL, TASK_ROW, TASKS_QUERY, TENANT_QUERY, WEBHOOK,
};
use crate::reference::books::{
    ENTRY, HOUSE, NEW_CORRECTION, NEW_CREDIT, PERIOD_QUERY, RECONCILE_QUERY, RECONCILIATION, RECOUNT,
    RECOUNT_WISH, STATEMENT_QUERY, STATEMENTS, USAGE, USAGE_QUERY,
};
use crate::reference::call::{Call, Path};
use crate::reference::prices::{LOAD_QUERY, NEW_PRICES, PRICE_BOOK, PRICE_EDITION, PRICES_QUERY};
use crate::reference::tenancy::{
    ACT, AUDIT_QUERY, KEY_PATCH, NEW_TENANT, ROTATION, TENANT, TENANT_PATCH, TENANTS_QUERY,
};
use crate::{balance, statement};

/// Every path, in the order of the alphabet.
pub const ALL: &[Path] = &[
    Path {
        path: "/accounts",
        mount: || get(accounts::list).post(accounts::create),
        calls: &[
            Call::operator("get", "Lists upstream accounts").listing(&ACCOUNT),
            Call::operator("post", "Plugs an upstream account in")
                .taking(&NEW_ACCOUNT)
                .creating()
                .telling(&ACCOUNT),
        ],
    },
    Path {
        path: "/accounts/{name}",
        mount: || delete(accounts::remove),
        calls: &[
            Call::operator("delete", "Removes an account; it serves what it has in flight").telling(&ACCOUNT),
        ],
    },
    Path {
        path: "/accounts/{name}/pause",
        mount: || post(accounts::pause),
        calls: &[Call::operator("post", "Gives an account no new tasks").telling(&ACCOUNT)],
    },
    Path {
        path: "/accounts/{name}/resume",
        mount: || post(accounts::resume),
        calls: &[Call::operator("post", "Gives an account tasks again").telling(&ACCOUNT)],
    },
    Path {
        path: "/accounts/{name}/test",
        mount: || post(accounts::test),
        calls: &[
            Call::operator("post", "Asks the upstream whether the login works; costs nothing")
                .telling(&ACCOUNT_TEST),
        ],
    },
    Path {
        path: "/audit",
        mount: || get(audit::list),
        calls: &[Call::operator("get", "Lists what operators did, newest first")
            .asking(AUDIT_QUERY)
            .paging(&ACT)],
    },
    Path {
        path: "/deliveries",
        mount: || get(deliveries::list),
        calls: &[Call::operator("get", "Lists webhooks of all tenants")
            .asking(DELIVERIES_QUERY)
            .paging(&WEBHOOK)],
    },
    Path {
        path: "/deliveries/{id}",
        mount: || get(deliveries::show),
        calls: &[Call::operator("get", "Shows a webhook").telling(&WEBHOOK)],
    },
    Path {
        path: "/deliveries/{id}/replay",
        mount: || post(deliveries::replay),
        calls: &[Call::operator("post", "Sends a webhook once more, with all its tries").telling(&WEBHOOK)],
    },
    Path {
        path: "/keys",
        mount: || get(keys::list).post(keys::create),
        calls: &[
            Call::operator("get", "Lists keys, never with their secrets").listing(&KEY),
            Call::operator("post", "Makes a key, which is shown once")
                .taking(&NEW_KEY)
                .creating()
                .telling(&KEY),
        ],
    },
    Path {
        path: "/keys/{id}",
        mount: || delete(keys::revoke).patch(keys::change),
        calls: &[
            Call::operator("delete", "Revokes a key").telling(&REVOKED),
            Call::operator("patch", "Changes what a key may use and be used for")
                .taking(&KEY_PATCH)
                .telling(&KEY),
        ],
    },
    Path {
        path: "/keys/{id}/rotate",
        mount: || post(keys::rotate),
        calls: &[Call::operator(
            "post",
            "Makes a key's successor, which is shown once; the old one goes on for a while",
        )
        .taking(&ROTATION)
        .telling(&KEY)],
    },
    Path {
        path: "/ledger/corrections",
        mount: || post(ledger::correct),
        calls: &[Call::operator(
            "post",
            "Books a correction, with its reason; one with an id is booked once",
        )
        .taking(&NEW_CORRECTION)
        .creating()
        .telling(&ENTRY)],
    },
    Path {
        path: "/ledger/credits",
        mount: || post(ledger::credit),
        calls: &[Call::operator(
            "post",
            "Books a credit, with its reason; one with an id is booked once",
        )
        .taking(&NEW_CREDIT)
        .creating()
        .telling(&ENTRY)],
    },
    Path {
        path: "/ledger/house",
        mount: || get(ledger::house),
        calls: &[
            Call::operator("get", "Says what the house earned, paid and owes in a period")
                .asking(PERIOD_QUERY)
                .telling(&HOUSE),
        ],
    },
    Path {
        path: "/ledger/reconcile",
        mount: || get(reconcile::reconcile),
        calls: &[Call::operator(
            "get",
            "Compares what vendors deducted with the books, task by task; changes nothing",
        )
        .asking(RECONCILE_QUERY)
        .telling(&RECONCILIATION)],
    },
    Path {
        path: "/ledger/recount",
        mount: || post(recount::recount),
        calls: &[Call::operator(
            "post",
            "Counts anew what keys and tenants used, and puts right what is kept of it",
        )
        .taking(&RECOUNT_WISH)
        .telling(&RECOUNT)],
    },
    Path {
        path: "/ledger/statement",
        mount: || get(statement::of_tenant),
        calls: &[
            Call::operator("get", "Writes a tenant's statement: every line of a period")
                .asking(STATEMENT_QUERY)
                .handing(STATEMENTS),
        ],
    },
    Path {
        path: "/ledger/verify",
        mount: || get(ledger::verify),
        calls: &[Call::operator("get", "Proves the books").telling(&LEDGER_REPORT)],
    },
    Path {
        path: "/prices",
        mount: || get(prices::show).post(prices::load),
        calls: &[
            Call::operator("get", "Shows the price book in force, and all editions")
                .asking(PRICES_QUERY)
                .telling(&PRICE_BOOK),
            Call::operator(
                "post",
                "Loads a price book as a new edition, in TOML or JSON; tasks keep the price that they were quoted",
            )
            .asking(LOAD_QUERY)
            .taking(&NEW_PRICES)
            .creating()
            .telling(&PRICE_EDITION),
        ],
    },
    Path {
        path: "/prices/{version}",
        mount: || get(prices::one),
        calls: &[Call::operator("get", "Shows an edition of the price book")
            .asking(PRICES_QUERY)
            .telling(&PRICE_BOOK)],
    },
    Path {
        path: "/tasks",
        mount: || get(tasks::list),
        calls: &[Call::operator("get", "Lists tasks of all tenants, newest first")
            .asking(TASKS_QUERY)
            .paging(&TASK_ROW)],
    },
    Path {
        path: "/tasks/{id}",
        mount: || get(tasks::show),
        calls: &[
            Call::operator("get", "Shows everything about a task but what was asked for")
                .telling(&TASK_DETAIL),
        ],
    },
    Path {
        path: "/tasks/{id}/cancel",
        mount: || post(tasks::cancel),
        calls: &[Call::operator("post", "Stops a task, and says what that means").telling(&CANCELLED)],
    },
    Path {
        path: "/tasks/{id}/explanation",
        mount: || get(tasks::explanation),
        calls: &[
            Call::operator("get", "Says in one paragraph why a task is where it is").telling(&EXPLANATION),
        ],
    },
    Path {
        path: "/tasks/{id}/replay-webhook",
        mount: || post(deliveries::replay_last),
        calls: &[Call::operator("post", "Sends the last webhook of a task once more").telling(&WEBHOOK)],
    },
    Path {
        path: "/tenants",
        mount: || get(tenants::list).post(tenants::create),
        calls: &[
            Call::operator("get", "Lists tenants by name, with their money")
                .asking(TENANTS_QUERY)
                .paging(&TENANT),
            Call::operator("post", "Takes a tenant in")
                .taking(&NEW_TENANT)
                .creating()
                .telling(&TENANT),
        ],
    },
    Path {
        path: "/tenants/{tenant}",
        mount: || get(tenants::show).patch(tenants::change),
        calls: &[
            Call::operator("get", "Shows a tenant, by its name or its id").telling(&TENANT),
            Call::operator("patch", "Changes what was agreed with a tenant, or suspends it")
                .taking(&TENANT_PATCH)
                .telling(&TENANT),
        ],
    },
    Path {
        path: "/usage",
        mount: || get(balance::usage_of_all),
        calls: &[
            Call::operator("get", "Sums up what tasks were and cost, by day, model or key")
                .asking(USAGE_QUERY)
                .telling(&USAGE),
        ],
    },
    Path {
        path: "/webhooks/secret",
        mount: || post(deliveries::secret),
        calls: &[
            Call::operator("post", "Shows what a tenant's webhooks are signed with, once")
                .asking(TENANT_QUERY)
                .telling(&SIGNING_SECRET),
        ],
    },
    Path {
        path: "/webhooks/secret/rotate",
        mount: || post(deliveries::rotate),
        calls: &[Call::operator(
            "post",
            "Makes a tenant's next signing secret; the one before goes on for seven days",
        )
        .asking(TENANT_QUERY)
        .telling(&SIGNING_SECRET)],
    },
];
