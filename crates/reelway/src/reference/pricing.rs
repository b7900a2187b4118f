//! The bodies and queries of paths about prices, field by field.

use crate::reference::shape::{Field, Shape};

/// A price of a model, as the caller pays it.
static PRICE: Shape = Shape {
    name: "house_price",
    more_than: None,
    fields: &[
        Field::text("operation", "Only this kind of work.").or_null(),
        Field::text("mode", "Only this quality.").or_null(),
        Field::text(
            "unit",
            "What is counted: `second`, `5_seconds`, `clip`, `image` or `call`.",
        ),
        Field::whole("price_micros", "Price of one unit, in micro-dollars."),
    ],
};
static MODEL: Shape = Shape {
    name: "house_model",
    more_than: None,
    fields: &[
        Field::text("id", "Its name."),
        Field::text("object", "Always `model`."),
        Field::texts("operations", "The kinds of work that it does here now."),
        Field::many("prices", &PRICE, "The first that fits a wish is its price."),
    ],
};
/// What `/api/v1/models` says.
pub static MODELS: Shape = Shape {
    name: "house_models",
    more_than: None,
    fields: &[
        Field::text("object", "Always `list`."),
        Field::text("book", "The edition of the price book."),
        Field::text("currency", "Always `USD`."),
        Field::many("data", &MODEL, "Every model."),
        Field::flag("has_more", "Always false."),
    ],
};
/// An edition of the price book.
pub static EDITION: Shape = Shape {
    name: "operators_price_edition",
    more_than: None,
    fields: &[
        Field::text(
            "object",
            "`price_edition`, or `price_check` where it was only checked.",
        ),
        Field::text("version", "Its name.").or_null(),
        Field::text("state", "`over`, `in_force` or `coming`."),
        Field::text(
            "effective_at",
            "From when on it is in force; none of the built-in book.",
        )
        .or_null(),
        Field::text("loaded_at", "When it was loaded.").or_null(),
        Field::text(
            "loaded_by",
            "Who loaded it: `command`, a key's id, or `built-in`.",
        ),
    ],
};
/// A price book.
pub static BOOK: Shape = Shape {
    name: "operators_price_book",
    more_than: None,
    fields: &[
        Field::text("object", "Always `price_book`."),
        Field::one("edition", &EDITION, "The edition that it is."),
        Field::text("currency", "Always `USD`."),
        Field::object("multipliers", "What groups of tenants pay of these prices."),
        Field::text("tenant", "Whose prices the rows show."),
        Field::text("multiplier", "What that tenant pays of the book's own prices."),
        Field::many("rows", &PRICE, "The rows; the first that fits is the price."),
        Field::many(
            "editions",
            &EDITION,
            "All editions, the one that begins last first.",
        ),
    ],
};
/// An edition that is to be loaded.
pub static NEW_BOOK: Shape = Shape {
    name: "operators_new_price_book",
    more_than: None,
    fields: &[
        Field::text("version", "Its name, which no other edition has.").required(),
        Field::text(
            "effective_at",
            "From when on it is in force (RFC 3339); none: now.",
        ),
        Field::object("multipliers", "What groups of tenants pay of these prices."),
        Field::many(
            "rows",
            &PRICE,
            "The rows, the more particular before the more general.",
        )
        .required(),
    ],
};
/// The query of a book that is shown.
pub const PRICES_QUERY: &[Field] = &[
    Field::text("model", "Only this model."),
    Field::text("at", "The book in force at this moment (RFC 3339); none: now."),
    Field::text("tenant", "As the tenant of this name pays it."),
];
/// The query of a book that is loaded.
pub const NEW_BOOK_QUERY: &[Field] = &[
    Field::flag("check", "Whether it is only looked at."),
    Field::text("effective_at", "From when on it is in force (RFC 3339)."),
];
