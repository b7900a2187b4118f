//! The bodies and queries of the paths for prices and models, field by field.

use crate::reference::shape::{Field, Shape};

/// One price of a model, as whoever asks pays it.
static PRICE: Shape = Shape {
    name: "model_price",
    more_than: None,
    fields: &[
        Field::text("operation", "Only this kind of work."),
        Field::text("mode", "Only this quality word."),
        Field::text("resolution", "Only frames of this size: `720p`, `1080p` or `4k`."),
        Field::flag("sound", "Only with or without sound."),
        Field::whole("seconds", "Only this length in seconds."),
        Field::whole("seconds_min", "Only from this length on."),
        Field::whole("seconds_max", "Only up to this length."),
        Field::whole("count", "Only so many results of one wish."),
        Field::flag("video_input", "Only with or without a clip that comes in."),
        Field::flag("picture_input", "Only with or without a picture to go by."),
        Field::flag("voice", "Only with or without a voice that is named."),
        Field::text(
            "unit",
            "What is counted: `second`, `5_seconds` (started), `clip`, `image` or `call`.",
        ),
        Field::whole("price_micros", "The price of one unit, in micro-dollars."),
    ],
};
static MODEL: Shape = Shape {
    name: "model",
    more_than: None,
    fields: &[
        Field::text("id", "Its name in submits."),
        Field::text("object", "Always `model`."),
        Field::texts("operations", "The kinds of work that are sold and done now."),
        Field::many(
            "prices",
            &PRICE,
            "What it costs; the first that fits a wish is its price.",
        ),
    ],
};
/// All models.
pub static MODELS: Shape = Shape {
    name: "models",
    more_than: None,
    fields: &[
        Field::text("object", "Always `list`."),
        Field::text("book", "The edition of the price book in force."),
        Field::text("currency", "Always `USD`."),
        Field::many("data", &MODEL, "The models."),
        Field::flag("has_more", "Always false."),
    ],
};
static REMARK: Shape = Shape {
    name: "price_remark",
    more_than: None,
    fields: &[
        Field::whole("line", "The line of the text, where there are lines."),
        Field::text("message", "One plain sentence."),
    ],
};
/// An edition without its prices. What a check answers instead has `faults` too.
pub static PRICE_EDITION: Shape = Shape {
    name: "operators_price_edition",
    more_than: None,
    fields: &[
        Field::text("object", "Always `price_edition`; of a check `price_check`."),
        Field::text("version", "Its name."),
        Field::text("state", "`over`, `in_force` or `coming`."),
        Field::text(
            "effective_at",
            "From when on it is in force; null of the built-in book.",
        )
        .or_null(),
        Field::text("loaded_at", "When it was loaded; null of the built-in book.").or_null(),
        Field::text("loaded_by", "A key's id, `command line` or `built-in`."),
        Field::many(
            "warnings",
            &REMARK,
            "What is doubtful about it; only in the answer that loads it.",
        ),
        Field::many(
            "faults",
            &REMARK,
            "What is wrong with it; only in the answer of a check.",
        ),
        Field::whole("rows", "How many rows it has; only in the answer of a check."),
    ],
};
static ROW: Shape = Shape {
    name: "operators_price_row",
    more_than: Some(&PRICE),
    fields: &[
        Field::text("model", "The model by name."),
        Field::whole(
            "units_milli",
            "What one unit is in the vendor's own units, in thousandths.",
        ),
    ],
};
static SHOWN_ROW: Shape = Shape {
    name: "operators_shown_price_row",
    more_than: Some(&ROW),
    fields: &[Field::whole(
        "list_price_micros",
        "The book's own price, where another is paid.",
    )],
};
static MULTIPLIERS: Shape = Shape {
    name: "operators_multipliers",
    more_than: None,
    fields: &[Field::object(
        "groups",
        "By the name of a group of tenants: what its prices are multiplied by, a decimal text.",
    )],
};
/// A book with its prices.
pub static PRICE_BOOK: Shape = Shape {
    name: "operators_price_book",
    more_than: None,
    fields: &[
        Field::text("object", "Always `price_book`."),
        Field::one("edition", &PRICE_EDITION, "The edition that it is."),
        Field::text("currency", "Always `USD`."),
        Field::one(
            "multipliers",
            &MULTIPLIERS,
            "What groups of tenants pay of these prices.",
        ),
        Field::text("tenant", "Whose prices the rows show; else the book's own."),
        Field::text("multiplier", "What that tenant pays of the book's own prices."),
        Field::many(
            "rows",
            &SHOWN_ROW,
            "The rows; the first that fits a wish is its price.",
        ),
        Field::many(
            "editions",
            &PRICE_EDITION,
            "All editions, the one that begins last first.",
        ),
    ],
};
/// A book that is loaded.
pub static NEW_PRICES: Shape = Shape {
    name: "operators_new_prices",
    more_than: None,
    fields: &[
        Field::text("version", "The name of the edition.").required(),
        Field::text(
            "effective_at",
            "From when on it is in force (RFC 3339); else now.",
        )
        .or_null(),
        Field::one(
            "multipliers",
            &MULTIPLIERS,
            "What groups of tenants pay of these prices.",
        ),
        Field::many(
            "rows",
            &ROW,
            "The rows, the more particular before the more general.",
        )
        .required(),
    ],
};
/// Which book is shown, and for whom.
pub const PRICES_QUERY: &[Field] = &[
    Field::text("model", "Only this model."),
    Field::text("at", "The book in force at this moment (RFC 3339); else now."),
    Field::text("tenant", "As the tenant of this name pays it."),
];
/// How a book is loaded.
pub const LOAD_QUERY: &[Field] = &[
    Field::flag("check", "Only looks it over."),
    Field::text(
        "effective_at",
        "From when on (RFC 3339); else as the book says, else now.",
    ),
];
