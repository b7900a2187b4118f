//! The bodies and queries of the house's own paths, field by field. Those of dialects are made from their guides.

use crate::reference::shape::{Field, Shape};
use crate::reference::tenancy::{LIMITS, LIMITS_WISH, SCOPE};

/// An error of every path that belongs to no dialect.
pub static ERROR: Shape = Shape {
    name: "house_error",
    more_than: None,
    fields: &[Field::one("error", &ERROR_ITSELF, "What is wrong.").required()],
};
static ERROR_ITSELF: Shape = Shape {
    name: "house_error_itself",
    more_than: None,
    fields: &[
        Field::text("code", "One of the codes at `/docs/errors`."),
        Field::text("message", "One plain sentence."),
        Field::text("field", "The field at fault, where there is one."),
        Field::texts("allowed", "What would be taken, where that is known."),
        Field::flag("retryable", "Whether the same request may be taken later."),
        Field::text("request_id", "The request's id, which the log has too."),
        Field::text("docs", "Where the code is explained."),
    ],
};

/// The query of a signed link.
pub const LINK_QUERY: &[Field] = &[
    Field::whole(
        "expires",
        "Until when the link opens, in Unix seconds; with `signature`.",
    ),
    Field::text("signature", "The link's signature; without it a key is needed."),
];
/// The query of an address of lent media.
pub const LENT_QUERY: &[Field] = &[
    Field::whole("bytes", "The length of the file.").required(),
    Field::whole("expires", "Until when the address opens, in Unix seconds.").required(),
    Field::text("signature", "The address's signature.").required(),
];
/// The query of a client's webhooks.
pub const OWN_WEBHOOKS_QUERY: &[Field] = &[WEBHOOK_STATE, LIMIT, AFTER];
/// The query of all tenants' webhooks.
pub const DELIVERIES_QUERY: &[Field] = &[WEBHOOK_STATE, TENANT, LIMIT, AFTER];
/// The query of all tenants' tasks.
pub const TASKS_QUERY: &[Field] = &[
    Field::text(
        "state",
        "States, with commas between them; `open` stands for all that are not final.",
    ),
    TENANT,
    Field::text("model", "The model, as clients name it."),
    Field::text("account", "The account that made it or was last at it."),
    Field::text(
        "since",
        "A moment (RFC 3339), or a length of time back from now: `90s`, `24h`.",
    ),
    LIMIT,
    AFTER,
];
/// The query of calls for one tenant.
pub const TENANT_QUERY: &[Field] = &[TENANT];

const WEBHOOK_STATE: Field = Field::text("state", "`pending`, `delivered`, `superseded` or `dead`.");
const TENANT: Field = Field::text("tenant", "The tenant by name.");
const LIMIT: Field = Field::whole(
    "limit",
    "Most entries of the answer: 1 to 500, 50 where nothing is said.",
);
const AFTER: Field = Field::text("after", "The `next_cursor` of the part before.");

/// What `/healthz` says.
pub static ALIVE: Shape = Shape {
    name: "house_alive",
    more_than: None,
    fields: &[Field::text("status", "Always `ok`.")],
};
/// What `/readyz` says.
pub static READY: Shape = Shape {
    name: "house_ready",
    more_than: None,
    fields: &[
        Field::text("status", "`ready` or `not ready`."),
        Field::object(
            "database",
            "Whether it answers: `ok`, and a `message` where it does not.",
        ),
        Field::object("belts", "Whether they turn: `ok`, `last_turn_ms_ago`."),
        Field::object(
            "disk",
            "Whether there is room: `ok`, `free_bytes`, `least_bytes`.",
        ),
    ],
};
/// What an upstream that calls back is told.
pub static HEARD: Shape = Shape {
    name: "house_heard",
    more_than: None,
    fields: &[],
};

/// A webhook.
pub static WEBHOOK: Shape = Shape {
    name: "house_webhook",
    more_than: None,
    fields: &[
        Field::text("id", "The same as in the header `webhook-id`."),
        Field::text("object", "Always `webhook`."),
        Field::text("tenant", "The tenant by name; for operators only."),
        Field::text("task", "The task that it speaks of."),
        Field::text(
            "event",
            "`task.queued`, `task.running`, `task.succeeded`, `task.failed`, `task.cancelled` or `task.late_result`.",
        ),
        Field::text("url", "Where it goes."),
        WEBHOOK_STATE,
        Field::whole("tries", "Tries since it was owed, or since it was replayed."),
        Field::text("created_at", "When it came to be owed."),
        Field::text("next_try_at", "When it is tried next.").or_null(),
        Field::text("last_try_at", "When it was tried last.").or_null(),
        Field::whole("last_status", "The HTTP status of the last try.").or_null(),
        Field::text(
            "last_error",
            "Why the last try failed, or the beginning of what was answered.",
        )
        .or_null(),
        Field::text("delivered_at", "When the receiver took it.").or_null(),
    ],
};
/// What a tenant's webhooks are signed with.
pub static SIGNING_SECRET: Shape = Shape {
    name: "operators_signing_secret",
    more_than: None,
    fields: &[
        Field::text("object", "Always `signing_secret`."),
        Field::text("tenant", "The tenant by name."),
        Field::text("created_at", "When the one in force was made."),
        Field::text(
            "previous_until",
            "Until when the one before goes on signing beside it.",
        )
        .or_null(),
        Field::text("secret", "`whsec_…`: only the first time that it is asked for."),
    ],
};

/// An upstream account.
pub static ACCOUNT: Shape = Shape {
    name: "operators_account",
    more_than: None,
    fields: &[
        Field::text("object", "Always `account`."),
        Field::text("name", "The operator's name for it."),
        Field::text("provider", "The provider's name."),
        Field::text("source", "`file`, `command` or `built-in`."),
        Field::text(
            "duty",
            "`working`, `paused`, or `retired`: removed, with tasks still in flight.",
        ),
        Field::text("login", "`api_key` or `pair`.").or_null(),
        Field::text(
            "base_url",
            "Where the provider is reached, where that is not as its vendor documents.",
        )
        .or_null(),
        Field::texts("models", "Models it serves; none: all that the provider lists."),
        Field::texts(
            "aliases",
            "Models that the vendor knows under another name, each as `OURS=THEIRS`.",
        ),
        Field::whole("slots", "Concurrent tasks; 0: as many as there are cores."),
        Field::whole("weight", "Its share among accounts of one priority."),
        Field::whole("priority", "Accounts of a higher priority are filled first."),
        Field::whole("requests_per_second", "Most requests a second.").or_null(),
        Field::text("callback_url", "Where the upstream calls back.").or_null(),
        Field::text("fault", "Why it is given no tasks although it works.").or_null(),
        Field::text("created_at", "When it was enrolled by command.").or_null(),
        Field::one(
            "standing",
            &STANDING,
            "How it fares, as the process that answers sees it.",
        ),
    ],
};
static STANDING: Shape = Shape {
    name: "operators_standing",
    more_than: None,
    fields: &[
        Field::text(
            "health",
            "`healthy`, or `failing` while its upstream lets it in no more or breaks down.",
        ),
        Field::whole(
            "in_flight",
            "Tasks of this process that the vendor has or may have.",
        ),
        Field::whole("learned_limit", "Slots that the vendor is known to give."),
        Field::whole(
            "requests_last_second",
            "Submits and looks of this process in the last second.",
        ),
        Field::text(
            "reopens_at",
            "When new tasks are handed over again, where time alone keeps them.",
        )
        .or_null(),
        Field::text(
            "last_error",
            "What went wrong last, in the upstream's words, without secrets.",
        )
        .or_null(),
        Field::text("last_error_at", "When that was.").or_null(),
    ],
};
/// An account that is wished for.
pub static NEW_ACCOUNT: Shape = Shape {
    name: "operators_new_account",
    more_than: None,
    fields: &[
        Field::text("name", "The operator's name for it.").required(),
        Field::text("provider", "The provider's name.").required(),
        Field::text(
            "base_url",
            "Where the provider is reached; none: where its vendor documents.",
        ),
        Field::text(
            "api_key",
            "One secret that is sent with each call; a secret may be `env:NAME` or `file:PATH`.",
        ),
        Field::text("access_key", "The name of a pair."),
        Field::text("secret_key", "What a pair signs with."),
        Field::text("callback_secret", "What the upstream signs its callbacks with."),
        Field::texts("models", "Models it serves; none: all that the provider lists."),
        Field::texts(
            "aliases",
            "Models that the vendor knows under another name, each as `OURS=THEIRS`.",
        ),
        Field::whole(
            "slots",
            "Concurrent tasks; none: as the provider's manifest says.",
        ),
        Field::whole("weight", "Its share among accounts of one priority; none: 1."),
        Field::whole(
            "priority",
            "Accounts of a higher priority are filled first; none: 0.",
        ),
        Field::whole(
            "requests_per_second",
            "Most requests a second; none: as many as there is work for.",
        ),
    ],
};
/// What came of a test of a login.
pub static ACCOUNT_TEST: Shape = Shape {
    name: "operators_account_test",
    more_than: None,
    fields: &[
        Field::text("object", "Always `account_test`."),
        Field::text("name", "The account's name."),
        Field::flag("works", "Whether the login works."),
        Field::text("note", "What the upstream says, without secrets."),
        Field::flag("retryable", "Whether it may work later as it is."),
        Field::many("packs", &PACK, "What was bought, as far as the vendor tells."),
    ],
};
static PACK: Shape = Shape {
    name: "operators_pack",
    more_than: None,
    fields: &[
        Field::text("name", "The vendor's name for it."),
        Field::text("status", "The vendor's word for its state."),
        Field::text("total", "How much was bought, in the vendor's units.").or_null(),
        Field::text(
            "remaining",
            "How much is left, in the vendor's units; it may lag by hours.",
        )
        .or_null(),
        Field::text("ends_at", "When it ends.").or_null(),
    ],
};

/// A key, or a pair.
pub static KEY: Shape = Shape {
    name: "operators_key",
    more_than: None,
    fields: &[
        Field::text("id", "`key_` and 32 hexadecimal digits."),
        Field::text("object", "Always `key`."),
        Field::text("kind", "`key` or `pair`."),
        Field::text("name", "The operator's name for it."),
        Field::text("tenant", "The tenant by name."),
        Field::text("role", "`client` or `admin`."),
        Field::text("hint", "The last characters of the secret."),
        Field::text("dialect", "The dialect that it always speaks.").or_null(),
        Field::text(
            "access_key",
            "The public name of a pair, which tokens carry as `iss`.",
        ),
        Field::text("created_at", "When it was made."),
        Field::text("expires_at", "When it stops working.").or_null(),
        Field::text("revoked_at", "When it was revoked.").or_null(),
        Field::text("holder", "The first key of its line, if that is another."),
        Field::one("limits", &LIMITS, "What it may use, within what its tenant may."),
        Field::one("scope", &SCOPE, "What it may be used for."),
        Field::text("key", "The key's text: only in the answer that makes it."),
        Field::text(
            "secret_key",
            "What a pair's tokens are signed with: only in the answer that makes it.",
        ),
    ],
};
/// A key that is wished for.
pub static NEW_KEY: Shape = Shape {
    name: "operators_new_key",
    more_than: None,
    fields: &[
        Field::text("name", "The operator's name for it: 1 to 100 characters.").required(),
        Field::text(
            "kind",
            "`key`, or `pair` for an access and a secret key that sign tokens; none: `key`.",
        ),
        Field::text("tenant", "The tenant by name; none: `default`."),
        Field::text("role", "`client` or `admin`; none: `client`."),
        Field::text(
            "dialect",
            "The dialect that it always speaks; none: as the path says.",
        ),
        Field::whole("expires_in_days", "In how many days it expires; none: never."),
        Field::text("expires_at", "When it expires; instead of `expires_in_days`."),
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
/// A key that was revoked.
pub static REVOKED: Shape = Shape {
    name: "operators_revoked",
    more_than: None,
    fields: &[
        Field::text("id", "As it was named."),
        Field::text("object", "Always `key`."),
        Field::flag("revoked", "Always true."),
    ],
};

/// What the books say of themselves.
pub static LEDGER_REPORT: Shape = Shape {
    name: "operators_ledger_report",
    more_than: None,
    fields: &[
        Field::whole("lines", "Lines read."),
        Field::whole("finished_tasks", "Finished tasks checked."),
        Field::whole("open_tasks", "Unfinished tasks checked."),
        Field::whole("tenants", "Tenants checked."),
        Field::whole(
            "sum_micros",
            "The sum over all pockets, in micro-dollars; it must be zero.",
        ),
        Field::texts(
            "faults",
            "What is wrong, a plain sentence each; none when the books are exact.",
        ),
    ],
};

/// A task in an operator's list.
pub static TASK_ROW: Shape = Shape {
    name: "operators_task",
    more_than: None,
    fields: &[
        TASK_ID,
        Field::text("object", "Always `task`."),
        Field::text(
            "state",
            "`queued`, `unknown`, `running` …; `indeterminate` where the vendor cannot be asked.",
        ),
        Field::text("tenant", "The tenant by name."),
        Field::text("model", "The model, as the client named it."),
        Field::text("operation", "The kind of work."),
        Field::text("dialect", "The dialect that it came through."),
        Field::text("lane", "The queue that it waits in."),
        Field::text("external_id", "The client's own name for it.").or_null(),
        Field::text("account", "The account that made it or was last at it.").or_null(),
        Field::text("receipt", "The vendor's name for it.").or_null(),
        Field::whole("progress", "0 to 100."),
        Field::whole("attempts", "How often a submit was intended."),
        Field::flag(
            "cancel_requested",
            "Whether a cancel came when it could no longer be stopped at once.",
        ),
        Field::whole("hold_micros", "What was held at submit, in micro-dollars."),
        Field::whole("charge_micros", "What was charged, in micro-dollars.").or_null(),
        Field::one("error", &TASK_ERROR, "Why it failed.").or_null(),
        Field::text("created_at", "When it was acknowledged."),
        Field::text("updated_at", "When it last changed."),
        Field::text("finished_at", "When it became final.").or_null(),
        Field::text("deadline_at", "When it fails if it is not done."),
    ],
};
const TASK_ID: Field = Field::text("id", "`task_` and 32 hexadecimal digits.");
static TASK_ERROR: Shape = Shape {
    name: "operators_task_error",
    more_than: None,
    fields: &[
        Field::text("code", "Our code."),
        Field::text("message", "What is said to the client."),
        Field::whole("vendor_code", "The vendor's code.").or_null(),
    ],
};
/// What there is to know of one task beside its row in a list.
pub static TASK_DETAIL: Shape = Shape {
    name: "operators_task_detail",
    more_than: Some(&TASK_ROW),
    fields: &[
        Field::object("course", "The course as its row has it."),
        Field::many(
            "lines",
            &LINE,
            "The ledger lines, in the order in which they were booked.",
        ),
        Field::one("lease", &LEASE, "Which node works on it, and until when.").or_null(),
        Field::one(
            "visit",
            &VISIT,
            "When this process visited it last, and when it does next.",
        )
        .or_null(),
        Field::one(
            "last_error",
            &WORDS,
            "The last words that this process heard about it.",
        )
        .or_null(),
        Field::text("explanation", "Why it is where it is."),
    ],
};
static LINE: Shape = Shape {
    name: "operators_line",
    more_than: None,
    fields: &[
        Field::text("kind", "`hold`, `charge`, `release` …"),
        Field::text("from", "Where the money came from."),
        Field::text("to", "Where it went."),
        Field::whole("amount_micros", "How much, in micro-dollars."),
        Field::text("at", "When."),
    ],
};
static LEASE: Shape = Shape {
    name: "operators_lease",
    more_than: None,
    fields: &[
        Field::text("node", "The node's name."),
        Field::flag("is_this_process", "Whether that is the process that answers."),
        Field::text("until", "Until when it holds unless it is prolonged."),
    ],
};
static VISIT: Shape = Shape {
    name: "operators_visit",
    more_than: None,
    fields: &[
        Field::text("last_at", "The last one."),
        Field::text("next_at", "The next one."),
        Field::whole("tries", "Visits in a row that learnt nothing."),
    ],
};
static WORDS: Shape = Shape {
    name: "operators_words",
    more_than: None,
    fields: &[
        Field::text("at", "When they were heard."),
        Field::text("about", "What they were about: `submit`, `look`, `result` …"),
        Field::text("words", "The words."),
    ],
};
/// Why a task is where it is.
pub static EXPLANATION: Shape = Shape {
    name: "operators_explanation",
    more_than: None,
    fields: &[
        TASK_ID,
        Field::text("object", "Always `explanation`."),
        Field::text("state", "As in the list."),
        Field::text("explanation", "One paragraph."),
    ],
};
/// What came of a cancel.
pub static CANCELLED: Shape = Shape {
    name: "operators_cancelled",
    more_than: None,
    fields: &[
        Field::one("task", &TASK_ROW, "The task as it is now."),
        Field::text("outcome", "What that means, also for the money."),
    ],
};
