//! The bodies and queries of paths about money that was moved, field by field.

use crate::reference::shape::{Field, Shape};

/// What statements are written in.
pub const STATEMENTS: &[&str] = &["application/json", "text/csv"];

const FROM: Field = Field::text(
    "from",
    "The first day (2026-11-01), or from which moment (RFC 3339).",
);
const TO: Field = Field::text("to", "The last day, or before which moment.");
const FORMAT: Field = Field::text("format", "`csv` or `json`; none: `json`.");
const GROUP_BY: Field = Field::text("group_by", "`day`, `model` or `key`; none: `day`.");
const TENANT: Field = Field::text("tenant", "The tenant by name.");

/// The query of a period.
pub const PERIOD_QUERY: &[Field] = &[FROM, TO];
/// The query of a tenant's statement.
pub const STATEMENT_QUERY: &[Field] = &[TENANT.required(), FROM, TO, FORMAT];
/// The query of the caller's statement.
pub const OWN_STATEMENT_QUERY: &[Field] = &[FROM, TO, FORMAT];
/// The query of usage.
pub const USAGE_QUERY: &[Field] = &[TENANT, FROM, TO, GROUP_BY];
/// The query of the caller's usage.
pub const OWN_USAGE_QUERY: &[Field] = &[FROM, TO, GROUP_BY];

/// The query of a comparison with what vendors deducted.
pub const RECONCILE_QUERY: &[Field] = &[
    Field::text(
        "account",
        "The account by name; none: all whose vendor tells what it deducts.",
    ),
    FROM,
    TO,
    Field::text(
        "tolerance",
        "How far two amounts may be apart, in dollars; none: 0.001.",
    ),
];
/// The query of the calls of other gateways.
pub const QUOTA_QUERY: &[Field] = &[
    Field::text("key", "The key, where no header has it; it is in no log."),
    Field::text("start_date", "The first day (2026-11-01)."),
    Field::text("end_date", "The last day."),
];

/// What the caller may spend.
pub static BALANCE: Shape = Shape {
    name: "house_balance",
    more_than: None,
    fields: &[
        Field::text("object", "Always `balance`."),
        Field::whole("available_micros", "What may still be spent, in micro-dollars."),
        Field::whole("held_micros", "What is set aside for unfinished tasks."),
        Field::flag(
            "unlimited",
            "Whether submits are accepted whatever the balance says.",
        ),
        Field::text("currency", "Always `USD`."),
    ],
};
static USED: Shape = Shape {
    name: "house_used",
    more_than: None,
    fields: &[
        Field::text("day", "The day (UTC), where it is summed by day."),
        Field::text("model", "The model, where it is summed by model."),
        Field::text("key", "The key's id, where it is summed by key."),
        Field::text("key_name", "The key's name.").or_null(),
        Field::whole("tasks", "How many tasks ended."),
        Field::whole("succeeded", "How many of them succeeded."),
        Field::whole("charge_micros", "What they cost, in micro-dollars."),
    ],
};
/// Sums of usage.
pub static USAGE: Shape = Shape {
    name: "house_usage",
    more_than: None,
    fields: &[
        Field::text("object", "Always `usage`."),
        Field::text("from", "From which moment."),
        Field::text("to", "Before which moment."),
        Field::text("group_by", "What it is summed by."),
        Field::text("currency", "Always `USD`."),
        Field::many("data", &USED, "The sums."),
        Field::flag("has_more", "Whether there are more than an answer shows."),
    ],
};
/// A credit that is wished for.
pub static NEW_CREDIT: Shape = Shape {
    name: "operators_new_credit",
    more_than: None,
    fields: &[
        Field::text("tenant", "The tenant by name.").required(),
        Field::text("amount_usd", "How much, in dollars as a decimal text."),
        Field::whole("amount_micros", "The same in micro-dollars."),
        Field::text("reason", "Why.").required(),
        Field::text("id", "Your name for it: under one name it is booked once."),
    ],
};
/// A correction that is wished for.
pub static NEW_CORRECTION: Shape = Shape {
    name: "operators_new_correction",
    more_than: None,
    fields: &[
        Field::text("tenant", "The tenant by name.").required(),
        Field::text(
            "amount_usd",
            "How much, in dollars as a decimal text; negative: the tenant has less.",
        ),
        Field::whole("amount_micros", "The same in micro-dollars."),
        Field::text("reason", "Why.").required(),
        Field::text("task", "The task that is corrected."),
        Field::text("id", "Your name for it: under one name it is booked once."),
        Field::flag("overdraw", "Whether the balance may fall below zero by it."),
    ],
};
/// A credit or a correction as it was booked.
pub static ENTRY: Shape = Shape {
    name: "operators_entry",
    more_than: None,
    fields: &[
        Field::text("object", "Always `ledger_entry`."),
        Field::text("id", "Its name."),
        Field::text("kind", "`credit` or `correction`."),
        Field::text("tenant", "The tenant by name."),
        Field::whole("amount_micros", "How much the tenant has more; negative: less."),
        Field::text("task", "The task that it corrects.").or_null(),
        Field::text("reason", "Why."),
        Field::text("author", "Who booked it."),
        Field::text("created_at", "When it was booked."),
        Field::flag(
            "repeated",
            "Whether it had been booked before, and was not booked again.",
        ),
        Field::whole("available_micros", "What the tenant may spend now."),
        Field::whole("held_micros", "What is held for its unfinished tasks."),
    ],
};
static FLOW: Shape = Shape {
    name: "operators_flow",
    more_than: None,
    fields: &[
        Field::text("kind", "The kind of the lines."),
        Field::text("from", "The pocket that the money left."),
        Field::text("to", "The pocket that it entered."),
        Field::whole("lines", "How many lines."),
        Field::whole("amount_micros", "How much."),
    ],
};
/// What the house has.
pub static HOUSE: Shape = Shape {
    name: "operators_house",
    more_than: None,
    fields: &[
        Field::text("object", "Always `house`."),
        Field::text("from", "From which moment."),
        Field::text("to", "Before which moment."),
        Field::text("currency", "Always `USD`."),
        Field::whole("revenue_micros", "What it earned."),
        Field::whole(
            "upstream_cost_micros",
            "What upstreams cost for work that tenants paid.",
        ),
        Field::whole(
            "corrections_micros",
            "What it paid for work that no tenant was charged for, and gave back.",
        ),
        Field::whole("funding_micros", "What was put in for tenants."),
        Field::whole("payable_micros", "What it owes to vendors."),
        Field::many("flows", &FLOW, "What moved between which pockets."),
    ],
};
static COMPARED_TASK: Shape = Shape {
    name: "operators_compared_task",
    more_than: None,
    fields: &[
        Field::text("account", "The account that it is at."),
        Field::text("task", "Our task.").or_null(),
        Field::text("vendor_task", "The vendor's name for it."),
        Field::text("verdict", "`same`, `differs`, `only_here` or `only_at_vendor`."),
        Field::text("tenant", "The tenant by name.").or_null(),
        Field::text("model", "The model: ours, else the vendor's word.").or_null(),
        Field::whole("charge_micros", "What the tenant was charged.").or_null(),
        Field::whole("cost_micros", "What was booked as the vendor's cost.").or_null(),
        Field::whole(
            "units_milli",
            "What was charged in the vendor's units, in thousandths.",
        )
        .or_null(),
        Field::whole("vendor_micros", "What the vendor deducted, at its list price.").or_null(),
        Field::whole(
            "vendor_units_milli",
            "What the vendor deducted in its units, in thousandths.",
        )
        .or_null(),
        Field::text("deducted_at", "When the vendor deducted it.").or_null(),
        Field::whole(
            "difference_micros",
            "What the vendor takes beyond what was booked.",
        ),
    ],
};
static COMPARED_ACCOUNT: Shape = Shape {
    name: "operators_compared_account",
    more_than: None,
    fields: &[
        Field::text("account", "Its name."),
        Field::text("fault", "Why nothing was compared, where that is so."),
        Field::whole("same", "Tasks that say the same on both sides."),
        Field::whole("different", "Tasks that do not."),
        Field::whole("charge_micros", "What tenants were charged."),
        Field::whole("cost_micros", "What was booked as the vendor's cost."),
        Field::whole("vendor_micros", "What the vendor deducted, at its list price."),
        Field::whole(
            "difference_micros",
            "What the vendor takes beyond what was booked.",
        ),
        Field::many("tasks", &COMPARED_TASK, "Every task of either side."),
    ],
};
/// Our books beside what vendors deducted.
pub static RECONCILIATION: Shape = Shape {
    name: "operators_reconciliation",
    more_than: None,
    fields: &[
        Field::text("object", "Always `reconciliation`."),
        Field::text("from", "From which moment."),
        Field::text("to", "Before which moment."),
        Field::text("currency", "Always `USD`."),
        Field::whole("tolerance_micros", "How far two amounts may be apart."),
        Field::many("accounts", &COMPARED_ACCOUNT, "One for each account."),
    ],
};
/// How is counted anew.
pub static RECOUNT_WISH: Shape = Shape {
    name: "operators_recount_wish",
    more_than: None,
    fields: &[Field::flag(
        "dry_run",
        "Whether it only tells what is wrong; none: false.",
    )],
};
static COUNTED: Shape = Shape {
    name: "operators_counted",
    more_than: None,
    fields: &[
        Field::whole("spent_micros", "Held and not given back, in micro-dollars."),
        Field::whole("open", "Unfinished tasks; counted over all time alone."),
    ],
};
static WRONG_COUNT: Shape = Shape {
    name: "operators_wrong_count",
    more_than: None,
    fields: &[
        Field::text("holder", "The tenant, or the first key of a line, by its id."),
        Field::text("tenant", "The tenant by name; null where it is nobody's.").or_null(),
        Field::text("day", "The day (UTC); null: over all time.").or_null(),
        Field::one("kept", &COUNTED, "What was kept."),
        Field::one("found", &COUNTED, "What tasks and ledger lines say."),
    ],
};
/// What was found when it was counted anew.
pub static RECOUNT: Shape = Shape {
    name: "operators_recount",
    more_than: None,
    fields: &[
        Field::text("object", "Always `recount`."),
        Field::flag("dry_run", "Whether nothing was changed."),
        Field::whole("tenants", "Tenants that were looked at."),
        Field::whole(
            "wrong",
            "Counts that were wrong; they are right now, unless it was a dry run.",
        ),
        Field::many("data", &WRONG_COUNT, "The first of them."),
        Field::flag("has_more", "Whether there are more than these."),
    ],
};
