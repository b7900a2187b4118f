//! The built-in price book against the capability map: what a dialect takes has a price, and only one.

use dialects::kling_models::{MODELS, MODES, Use, Variant};
use domain::price::Unit;
use domain::{Ask, Call, Dialect, Input, Intent, Micros, Operation, PriceBook, Request, Role, Source};
use serde_json::json;

use testkit::wishes;

fn book() -> PriceBook {
    let text = include_str!("../../../reelway/src/prices.default.toml");
    toml::from_str(text).expect("the built-in book can be read")
}

/// The rows that would price the ask.
fn fitting(book: &PriceBook, ask: &Ask) -> usize {
    book.rows.iter().filter(|row| row.fits(ask)).count()
}

fn ask(model: &str, variant: &Variant<'_>) -> Ask {
    let clip = Input {
        role: Role::SourceVideo,
        source: Source::Link("https://media.example/a.mp4".to_owned()),
        field: "video_list.0.video_url".to_owned(),
        rule: None,
        parent: None,
    };
    Ask {
        inputs: if variant.usage == Use::OmniClip {
            vec![clip]
        } else {
            Vec::new()
        },
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

/// What the other native calls ask for: the smallest wish of each path, in every model, mode and length that
/// its rows name.
fn others() -> Vec<Ask> {
    let mut asks = Vec::new();
    let kling = dialects::kling::Kling;
    let makes = |route: &&domain::Route| matches!(route.intent, Intent::Submit | Intent::Run);
    for route in kling.routes().iter().filter(makes) {
        let call = Call {
            fields: domain::fields::Fields::new(
                wishes::at(route.path)
                    .into_iter()
                    .map(|(name, value)| (name, serde_json::from_value(value).expect("any value is a field")))
                    .collect(),
            ),
            ..Call::default()
        };
        let Ok(Request::Submit(wish) | Request::Run(wish)) = kling.parse(route, &call) else {
            panic!("`{}` is not taken", route.path);
        };
        asks.push(wish.ask);
    }
    let mut more = Vec::new();
    for ask in &asks {
        let models: &[&str] = match ask.operation {
            Operation::VideoExtend => &["kling-v1", "kling-v1-5", "kling-v1-6"],
            Operation::ImageGeneration => {
                &["kling-v2-1", "kling-v2-new", "kling-v2", "kling-v1-5", "kling-v1"]
            }
            Operation::MultiImageToImage => &["kling-v2"],
            Operation::OmniImage => &["kling-v3-omni"],
            Operation::VirtualTryOn => &["kolors-virtual-try-on-v1-5"],
            _ => &[],
        };
        let modes: &[&str] = match ask.operation {
            Operation::OmniImage => &["1k", "2k", "4k"],
            Operation::ImageGeneration => &["1k", "2k"],
            _ => &["std", "pro"],
        };
        for model in models.iter().copied().chain([ask.model.as_str()]) {
            for mode in modes {
                for duration_ms in [5_000, 10_000] {
                    let ask = Ask {
                        model: model.to_owned(),
                        mode: Some((*mode).to_owned()),
                        duration_ms,
                        ..ask.clone()
                    };
                    let mut pictured = ask.clone();
                    pictured.inputs.push(Input {
                        role: Role::Reference,
                        source: Source::Link("https://media.example/a.png".to_owned()),
                        field: "image".to_owned(),
                        rule: None,
                        parent: None,
                    });
                    more.extend([ask, pictured]);
                }
            }
        }
    }
    let in_map = |ask: &Ask| {
        Use::ALL
            .into_iter()
            .any(|usage| usage.operation() == ask.operation)
    };
    asks.into_iter().chain(more).filter(|ask| !in_map(ask)).collect()
}

#[test]
fn every_other_call_has_exactly_one_price() {
    let book = book();
    for ask in others() {
        let place = format!("`{}` {:?} {:?}", ask.model, ask.operation, ask.mode);
        assert_eq!(fitting(&book, &ask), 1, "{place}");
        let quote = book.quote(&ask).expect("a row fits");
        let is_free = ask.operation == Operation::ItemDeletion;
        assert_eq!(quote.hold_micros == Micros::ZERO, is_free, "{place}");
        assert_eq!(quote.units_milli.is_none(), is_free, "{place}");
    }
}

#[test]
fn a_named_voice_costs_more() {
    let variant = Variant {
        usage: Use::Text,
        mode: "pro",
        seconds: 5,
        sound: true,
    };
    let mut speaking = ask("kling-v2-6", &variant);
    speaking
        .extras
        .insert("kling.voice_ids".to_owned(), json!(["810000001"]));
    assert_eq!(fitting(&book(), &speaking), 1);
    let quote = book().quote(&speaking).expect("a row fits");
    assert_eq!(
        (quote.hold_micros, quote.units_milli),
        (Micros(840_000), Some(1_200))
    );
}

#[test]
fn the_vendor_s_units_and_our_prices_say_the_same() {
    for row in book().rows.iter().filter(|row| row.model != "animatic") {
        let units = row.units_milli.unwrap_or(0);
        let price = u64::try_from(row.price_micros.0).expect("no price is below nothing");
        let known = [140, 70].map(|micros| units * micros);
        let halves = units * 7 / 2;
        assert!(known.contains(&price) || halves == price, "{row:?}");
    }
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
        let others = others();
        assert!(
            name == "animatic"
                || UNMAPPED.contains(&name)
                || MODELS.iter().any(|model| model.name == name)
                || others.iter().any(|ask| ask.model == name),
            "`{name}`"
        );
    }
}

#[test]
fn every_row_of_the_book_is_the_price_of_some_variant() {
    let book = book();
    let asks: Vec<Ask> = variants()
        .iter()
        .flat_map(|(model, variant)| {
            let plain = ask(model, variant);
            let mut speaking = plain.clone();
            speaking
                .extras
                .insert("kling.voice_ids".to_owned(), json!(["810000001"]));
            [plain, speaking]
        })
        .chain(others())
        .collect();
    for row in book.rows.iter().filter(|row| row.model != "animatic") {
        assert!(asks.iter().any(|ask| row.fits(ask)), "{row:?} prices nothing");
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
