//! The bodies and queries of the operator's paths for tenants, keys and the audit log, field by field.

use crate::reference::shape::{Field, Shape};

/// How much a tenant or a key may use, as an answer has it.
pub static LIMITS: Shape = Shape {
    name: "operators_limits",
    more_than: None,
    fields: &[
        Field::whole(
            "budget_micros",
            "The most that may be held and charged, in micro-dollars.",
        ),
        Field::whole("day_budget_micros", "The same for the tasks of one day (UTC)."),
        Field::whole("task_budget_micros", "The most that one task may hold."),
        Field::whole("requests_per_minute", "Requests a minute."),
        Field::whole("concurrent_tasks", "Unfinished tasks at a time."),
    ],
};
/// The same as a wish; amounts in dollars or in micro-dollars.
pub static LIMITS_WISH: Shape = Shape {
    name: "operators_limits_wish",
    more_than: None,
    fields: &[
        Field::text(
            "budget_usd",
            "The most that may be held and charged, in dollars as a decimal text; null: no limit.",
        )
        .or_null(),
        Field::whole("budget_micros", "The same in micro-dollars.").or_null(),
        Field::text("day_budget_usd", "The same for the tasks of one day (UTC).").or_null(),
        Field::whole("day_budget_micros", "The same in micro-dollars.").or_null(),
        Field::text("task_budget_usd", "The most that one task may hold.").or_null(),
        Field::whole("task_budget_micros", "The same in micro-dollars.").or_null(),
        Field::whole("requests_per_minute", "Requests a minute; null: no limit.").or_null(),
        Field::whole("concurrent_tasks", "Unfinished tasks at a time; null: no limit.").or_null(),
    ],
};
/// What a key may be used for.
pub static SCOPE: Shape = Shape {
    name: "operators_scope",
    more_than: None,
    fields: &[
        Field::texts("dialects", "Only these dialects."),
        Field::texts("operations", "Only these kinds of work."),
        Field::texts("models", "Only these models."),
        Field::texts(
            "networks",
            "Only from these addresses: `203.0.113.7` or `203.0.113.0/24`.",
        ),
    ],
};
static BALANCE: Shape = Shape {
    name: "operators_balance",
    more_than: None,
    fields: &[
        Field::whole("available_micros", "What may still be spent."),
        Field::whole("held_micros", "What is set aside for unfinished tasks."),
        Field::text("currency", "Always `USD`."),
    ],
};
/// A tenant.
pub static TENANT: Shape = Shape {
    name: "operators_tenant",
    more_than: None,
    fields: &[
        Field::text("id", "`tenant_` and 32 hexadecimal digits."),
        Field::text("object", "Always `tenant`."),
        Field::text("name", "The operator's name for it."),
        Field::flag(
            "unlimited",
            "Whether submits are accepted whatever the balance says.",
        ),
        Field::flag("suspended", "Whether it may not submit."),
        Field::text("suspended_at", "Since when it may not.").or_null(),
        Field::text("group", "The group that it belongs to, for prices.").or_null(),
        Field::text("multiplier", "What prices are multiplied by for it.").or_null(),
        Field::one(
            "limits",
            &LIMITS,
            "What all its keys together may use; what is not there is not limited.",
        ),
        Field::one("balance", &BALANCE, "Its money."),
        Field::text("created_at", "When it was taken in."),
    ],
};
/// A tenant that is wished for.
pub static NEW_TENANT: Shape = Shape {
    name: "operators_new_tenant",
    more_than: None,
    fields: &[
        Field::text("name", "The operator's name for it.").required(),
        Field::flag(
            "unlimited",
            "Whether submits are accepted whatever the balance says.",
        ),
        Field::text("credit_usd", "What it begins with, in dollars as a decimal text."),
        Field::whole("credit_micros", "The same in micro-dollars."),
        Field::text("group", "The group that it belongs to, for prices.").or_null(),
        Field::text("multiplier", "What prices are multiplied by for it.").or_null(),
        Field::one("limits", &LIMITS_WISH, "What all its keys together may use."),
        Field::flag("suspended", "Whether it may not submit."),
    ],
};
/// What changes of a tenant.
pub static TENANT_PATCH: Shape = Shape {
    name: "operators_tenant_patch",
    more_than: None,
    fields: &[
        Field::flag(
            "unlimited",
            "Whether submits are accepted whatever the balance says.",
        ),
        Field::text("group", "The group that it belongs to, for prices.").or_null(),
        Field::text("multiplier", "What prices are multiplied by for it.").or_null(),
        Field::one("limits", &LIMITS_WISH, "What all its keys together may use."),
        Field::flag("suspended", "Whether it may not submit."),
    ],
};
/// What changes of a key.
pub static KEY_PATCH: Shape = Shape {
    name: "operators_key_patch",
    more_than: None,
    fields: &[
        Field::one(
            "limits",
            &LIMITS_WISH,
            "What it may use, within what its tenant may.",
        ),
        Field::one(
            "scope",
            &SCOPE,
            "What it may be used for; an empty list does not narrow.",
        ),
    ],
};
/// How a key is rotated.
pub static ROTATION: Shape = Shape {
    name: "operators_rotation",
    more_than: None,
    fields: &[Field::whole(
        "overlap_seconds",
        "How long the old one goes on: 0 to 2,592,000; none: a day.",
    )],
};
/// An act of an operator.
pub static ACT: Shape = Shape {
    name: "operators_act",
    more_than: None,
    fields: &[
        Field::text("id", "`act_` and 32 hexadecimal digits."),
        Field::text("object", "Always `act`."),
        Field::text("at", "When it began."),
        Field::text("who", "The id of an admin key, or `command line`."),
        Field::text("who_name", "The key's name.").or_null(),
        Field::text("act", "Method and path, or a command."),
        Field::text("about", "What it was done to."),
        Field::text(
            "outcome",
            "The HTTP status, or `done` or `failed`; null while it is under way, and where the process died in it.",
        )
        .or_null(),
        Field::text("ended_at", "When it ended.").or_null(),
        Field::text("request_id", "The id of the request; empty for a command on the database."),
    ],
};
/// The query of the audit log.
pub const AUDIT_QUERY: &[Field] = &[
    Field::text("who", "The id of an admin key, or `command line`."),
    Field::text("act", "How the act begins: `POST /keys`."),
    Field::text(
        "since",
        "A moment (RFC 3339), or a length of time back from now: `90s`, `24h`.",
    ),
    Field::whole(
        "limit",
        "Most acts of the answer: 1 to 500, 50 where nothing is said.",
    ),
    Field::text("after", "The `next_cursor` of the part before."),
];
/// The query of tenants.
pub const TENANTS_QUERY: &[Field] = &[
    Field::whole(
        "limit",
        "Most tenants of the answer: 1 to 500, 100 where nothing is said.",
    ),
    Field::text("after", "The `next_cursor` of the part before."),
];
