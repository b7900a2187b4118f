//! The built-in price book against the capability map: what a dialect takes has a price, and only one.

use dialects::kling_models::{MODELS, MODES, Use, Variant};
use domain::price::Unit;
use domain::{Ask, Micros, Operation, PriceBook};

fn book() -> PriceBook {
    let text = include_str!("../../../reelway/src/prices.default.toml");
    toml::from_str(text).expect("the built-in book can be read")
}

/// The rows that would price the ask, each asked alone.
fn fitting(book: &PriceBook, ask: &Ask) -> usize {
    let alone = |row: &domain::price::PriceRow| PriceBook {
        version: book.version.clone(),
        rows: vec![row.clone()],
    };
    book.rows
        .iter()
        .filter(|row| alone(row).quote(ask).is_ok())
        .count()
}

fn ask(model: &str, variant: &Variant<'_>) -> Ask {
    Ask {
        operation: variant.usage.operation(),
        model: model.to_owned(),
        duration_ms: variant.seconds * 1_000,
        sound: Some(variant.sound),
        mode: Some(variant.mode.to_owned()),
        ..testkit::sample::ask()
    }
}

/// Models of the vendor's new standard, which the map does not hold: our own API sells them.
const UNMAPPED: [&str; 1] = ["kling-3.0-turbo"];
/// What they are sold as.
const UNMAPPED_VARIANTS: [(Use, &str); 4] = [
    (Use::Text, "std"),
    (Use::Text, "pro"),
    (Use::FirstFrame, "std"),
    (Use::FirstFrame, "pro"),
];

/// Every variant that some model takes.
fn variants() -> Vec<(&'static str, Variant<'static>)> {
    let mut variants = Vec::new();
    for model in MODELS {
        for usage in Use::ALL {
            for (mode, _) in MODES {
                for seconds in 1..=60 {
                    for sound in [false, true] {
                        let variant = Variant {
                            usage,
                            mode,
                            seconds,
                            sound,
                        };
                        if model.check(&variant).is_ok() {
                            variants.push((model.name, variant));
                        }
                    }
                }
            }
        }
    }
    for model in UNMAPPED {
        for (usage, mode) in UNMAPPED_VARIANTS {
            for sound in [false, true] {
                let variant = Variant {
                    usage,
                    mode,
                    seconds: 5,
                    sound,
                };
                variants.push((model, variant));
            }
        }
    }
    variants
}

#[test]
fn every_variant_that_a_model_takes_has_exactly_one_price() {
    let book = book();
    let variants = variants();
    assert!(variants.len() > 250, "only {} variants", variants.len());
    for (model, variant) in variants {
        let ask = ask(model, &variant);
        assert_eq!(fitting(&book, &ask), 1, "`{model}` {variant:?}");
        let quote = book.quote(&ask).expect("a row fits");
        assert!(
            quote.hold_micros > Micros::ZERO,
            "`{model}` {variant:?} costs nothing"
        );
    }
}

#[test]
fn every_model_of_the_book_is_animatic_or_in_the_map_or_known_not_to_be() {
    for name in book().models() {
        assert!(
            name == "animatic" || UNMAPPED.contains(&name) || MODELS.iter().any(|model| model.name == name),
            "`{name}`"
        );
    }
}

#[test]
fn every_row_of_the_book_is_the_price_of_some_variant() {
    let book = book();
    let asks: Vec<Ask> = variants()
        .iter()
        .map(|(model, variant)| ask(model, variant))
        .collect();
    for row in book.rows.iter().filter(|row| row.model != "animatic") {
        let alone = PriceBook {
            version: book.version.clone(),
            rows: vec![row.clone()],
        };
        assert!(
            asks.iter().any(|ask| alone.quote(ask).is_ok()),
            "{row:?} prices nothing"
        );
    }
}

#[test]
fn animatic_costs_nothing_at_any_length() {
    let ask = Ask {
        model: "animatic".to_owned(),
        duration_ms: 60_000,
        ..testkit::sample::ask()
    };
    let quote = book().quote(&ask).expect("animatic has a price");
    assert_eq!(quote.hold_micros, Micros::ZERO);
}

#[test]
fn a_still_is_free_and_counted_by_the_piece() {
    let ask = Ask {
        operation: Operation::ImageGeneration,
        model: "animatic".to_owned(),
        duration_ms: 0,
        count: 3,
        ..testkit::sample::ask()
    };
    let quote = book().quote(&ask).expect("a still has a price");
    let found = (quote.unit, quote.quantity, quote.hold_micros);
    assert_eq!(found, (Unit::Image, 3, Micros::ZERO));
}

#[test]
fn known_clips_cost_what_the_vendor_s_list_says() {
    let book = book();
    let cases = [
        ("kling-v3", "std", false, 5, Unit::Second, 420_000),
        ("kling-v3", "std", true, 5, Unit::Second, 630_000),
        ("kling-v3", "pro", true, 15, Unit::Second, 2_520_000),
        ("kling-v3", "4k", true, 3, Unit::Second, 1_260_000),
        ("kling-v2-6", "std", false, 5, Unit::Second, 210_000),
        ("kling-v2-6", "pro", true, 5, Unit::Second, 700_000),
        ("kling-v2-5-turbo", "pro", false, 10, Unit::Second, 700_000),
        ("kling-v1", "std", false, 5, Unit::Clip, 140_000),
        ("kling-v1-6", "pro", false, 10, Unit::Clip, 980_000),
        ("kling-v2-master", "std", false, 10, Unit::Clip, 2_800_000),
    ];
    for (model, mode, sound, seconds, unit, hold) in cases {
        let variant = Variant {
            usage: Use::Text,
            mode,
            seconds,
            sound,
        };
        let quote = book.quote(&ask(model, &variant)).expect("a row fits");
        assert_eq!(
            (quote.unit, quote.hold_micros),
            (unit, Micros(hold)),
            "`{model}` {variant:?}"
        );
    }
}
