//! The price book beyond one row: conditions, multipliers, editions, rows that nothing reaches.

use std::sync::Arc;

use domain::ask::Size;
use domain::price::{Edition, EditionHead, Multiplier, PRICE_MAX, PriceRow, Resolution, Unit};
use domain::tenant::TenantTerms;
use domain::{Ask, Micros, Operation, PriceBook, Quote};
use proptest::prelude::*;
use testkit::sample;

const MODEL: &str = "kling-v3";

fn row(price_micros: i64) -> PriceRow {
    PriceRow::of(MODEL, Unit::Clip, Micros(price_micros))
}

fn book(rows: impl IntoIterator<Item = PriceRow>) -> PriceBook {
    PriceBook {
        version: "a".to_owned(),
        multipliers: domain::price::Multipliers::default(),
        rows: rows.into_iter().collect(),
    }
}

fn multiplier(text: &str) -> Multiplier {
    text.parse().expect("a multiplier")
}

#[test]
fn a_row_may_ask_for_a_resolution_a_span_of_lengths_and_a_number_of_results() {
    let sized = |width, height| Ask {
        size: Size { width, height },
        ..sample::ask()
    };
    for (ask, resolution) in [
        (sized(1280, 720), Resolution::P720),
        (sized(720, 720), Resolution::P720),
        (sized(1080, 1920), Resolution::P1080),
        (sized(1280, 722), Resolution::P1080),
        (sized(3840, 2160), Resolution::K4),
    ] {
        assert_eq!(Resolution::of(ask.size), resolution);
        for other in [Resolution::P720, Resolution::P1080, Resolution::K4] {
            let fits = PriceRow {
                resolution: Some(other),
                ..row(1)
            };
            assert_eq!(fits.fits(&ask), other == resolution, "{:?}", ask.size);
        }
    }
    let long = PriceRow {
        seconds_min: Some(6),
        seconds_max: Some(10),
        ..row(1)
    };
    for (duration_ms, fits) in [(5_000, false), (5_001, true), (10_000, true), (10_001, false)] {
        let ask = Ask {
            duration_ms,
            ..sample::ask()
        };
        assert_eq!(long.fits(&ask), fits, "{duration_ms}");
    }
    let pair = PriceRow {
        count: Some(2),
        ..row(1)
    };
    assert!(!pair.fits(&sample::ask()));
    let two = Ask {
        count: 2,
        ..sample::ask()
    };
    assert!(pair.fits(&two));
}

#[test]
fn a_multiplier_is_read_exactly_or_refused() {
    for good in ["0", "1", "0.85", "1000", "0.333333333", "1.50"] {
        assert_eq!(multiplier(good).to_string(), good);
    }
    for bad in [
        "",
        "-1",
        "-0",
        "+1",
        ".5",
        "1.",
        "1e3",
        "1_000",
        " 1",
        "1,5",
        "1000.1",
        "0.1234567891",
        "NaN",
        "½",
        "99999999999999999999999999999999",
    ] {
        let refused = bad.parse::<Multiplier>().expect_err(bad);
        assert!(refused.to_string().contains("from 0 to 1000"), "{refused}");
    }
}

#[test]
fn a_price_is_rounded_half_away_from_zero_once() {
    for (price, by, expected) in [
        (1, "0.5", 1),
        (3, "0.5", 2),
        (1, "0.499999999", 0),
        (84_000, "0.85", 71_400),
        (84_000, "0.333333333", 28_000),
        (7, "1.25", 9),
        (5, "0", 0),
        (PRICE_MAX.0, "999.999999999", 999_999_999_999_000),
    ] {
        assert_eq!(
            multiplier(by).of(Micros(price)),
            Ok(Micros(expected)),
            "{price} × {by}"
        );
    }
    assert!(multiplier("2").of(Micros(PRICE_MAX.0 + 1)).is_err());
    assert!(multiplier("2").of(Micros(-1)).is_err());
}

#[test]
fn a_tenant_pays_what_was_agreed_with_it_else_what_its_group_has_else_the_whole() {
    let mut book = book([row(100)]);
    book.multipliers
        .groups
        .insert("studios".to_owned(), multiplier("0.85"));
    let terms = |group: Option<&str>, agreed: Option<&str>| TenantTerms {
        group: group.map(str::to_owned),
        multiplier: agreed.map(str::to_owned),
        ..TenantTerms::default()
    };
    for (terms, expected) in [
        (terms(None, None), "1"),
        (terms(Some("studios"), None), "0.85"),
        (terms(Some("schools"), None), "1"),
        (terms(Some("studios"), Some("2")), "2"),
        (terms(None, Some("0")), "0"),
    ] {
        assert_eq!(book.multiplier(&terms), Ok(multiplier(expected)), "{terms:?}");
    }
    assert!(book.multiplier(&terms(Some("studios"), Some("half"))).is_err());
}

#[test]
fn a_quote_keeps_the_listed_price_and_old_ones_without_it_are_read() {
    let book = book([row(101)]);
    let plain = book.quote(&sample::ask()).expect("a price");
    assert_eq!(plain.listed, None);
    let dear = book
        .quote_for(&sample::ask(), multiplier("1.5"))
        .expect("a price");
    let listed = dear.listed.expect("another price than the book's");
    assert_eq!((dear.price_micros, dear.hold_micros), (Micros(152), Micros(152)));
    assert_eq!(
        (listed.price_micros, listed.multiplier),
        (Micros(101), multiplier("1.5"))
    );
    let text = serde_json::to_string(&dear).expect("JSON");
    assert_eq!(serde_json::from_str::<Quote>(&text).expect("read back"), dear);
    let old = serde_json::to_string(&plain).expect("JSON");
    assert!(!old.contains("listed"), "{old}");
    assert_eq!(serde_json::from_str::<Quote>(&old).expect("read back"), plain);
}

#[test]
fn the_edition_in_force_is_the_one_that_began_last() {
    let edition = |version: &str, effective_at, loaded_at| {
        Arc::new(Edition {
            head: EditionHead {
                version: version.to_owned(),
                effective_at: sample::at(effective_at),
                loaded_at: sample::at(loaded_at),
                loaded_by: "a test".to_owned(),
            },
            book: Arc::new(book([])),
        })
    };
    let editions = [edition("b", 20, 0), edition("a", 10, 1), edition("c", 20, 2)];
    let at = |moment| {
        let found = Edition::in_force(&editions, sample::at(moment));
        found.map(|edition| edition.head.version.as_str())
    };
    let found = [9, 10, 19, 20, 1_000].map(at);
    assert_eq!(found, [None, Some("a"), Some("a"), Some("c"), Some("c")]);
}

#[test]
fn a_row_is_unreached_when_the_rows_before_it_take_all_that_it_names() {
    let sound = |sound| PriceRow {
        sound: Some(sound),
        ..row(1)
    };
    let of = |operation| PriceRow {
        operation: Some(operation),
        ..row(1)
    };
    let span = |from, to| PriceRow {
        seconds_min: from,
        seconds_max: to,
        ..row(1)
    };
    let cases = [
        (vec![row(1), row(1)], vec![1]),
        (vec![sound(true), sound(false), row(1)], vec![2]),
        (vec![sound(true), row(1)], vec![]),
        (vec![row(1), sound(true)], vec![1]),
        (
            vec![
                of(Operation::LipSync),
                of(Operation::LipSync),
                of(Operation::Avatar),
            ],
            vec![1],
        ),
        (vec![span(None, Some(5)), span(Some(6), None), row(1)], vec![2]),
        (vec![span(None, Some(5)), span(Some(7), None), row(1)], vec![]),
        (vec![span(Some(7), Some(5))], vec![0]),
        (
            vec![
                PriceRow {
                    seconds: Some(5),
                    ..row(1)
                },
                span(Some(5), Some(5)),
            ],
            vec![1],
        ),
        (
            vec![
                PriceRow {
                    model: "other".to_owned(),
                    ..row(1)
                },
                row(1),
            ],
            vec![],
        ),
    ];
    for (rows, unreached) in cases {
        assert_eq!(book(rows.clone()).unreached(), unreached, "{rows:?}");
    }
}

fn any_row() -> impl Strategy<Value = PriceRow> {
    let flag = || prop::option::of(any::<bool>());
    let mode = prop::option::of(prop::sample::select(vec!["std", "pro"]));
    let seconds = || prop::option::of(4_u64..8);
    let operation = prop::option::of(prop::sample::select(vec![
        Operation::TextToVideo,
        Operation::LipSync,
    ]));
    (
        mode,
        flag(),
        seconds(),
        seconds(),
        operation,
        prop::option::of(1_u32..3),
    )
        .prop_map(
            |(mode, sound, seconds_min, seconds_max, operation, count)| PriceRow {
                mode: mode.map(str::to_owned),
                sound,
                seconds_min,
                seconds_max,
                operation,
                count,
                ..row(1)
            },
        )
}

/// Every wish that rows of [`any_row`] tell apart.
fn asks() -> Vec<Ask> {
    let mut asks = Vec::new();
    for mode in ["std", "pro", "other"] {
        for sound in [true, false] {
            for seconds in 3..9 {
                for operation in [Operation::TextToVideo, Operation::LipSync, Operation::Avatar] {
                    for count in 1..4 {
                        asks.push(Ask {
                            model: MODEL.to_owned(),
                            mode: Some(mode.to_owned()),
                            sound: Some(sound),
                            duration_ms: seconds * 1_000,
                            operation,
                            count,
                            ..sample::ask()
                        });
                    }
                }
            }
        }
    }
    asks
}

proptest! {
    #[test]
    fn what_is_said_to_be_unreached_is_just_what_no_wish_comes_to(rows in prop::collection::vec(any_row(), 1..6)) {
        let book = book(rows);
        let asks = asks();
        let first = |ask: &Ask| book.rows.iter().position(|row| row.fits(ask));
        let reached: Vec<Option<usize>> = asks.iter().map(first).collect();
        let never = (0..book.rows.len()).filter(|place| !reached.contains(&Some(*place)));
        prop_assert_eq!(book.unreached(), never.collect::<Vec<_>>());
    }

    #[test]
    fn a_hold_is_the_price_times_the_quantity_whatever_the_multiplier(
        price in 0..=10_000_000_i64,
        by in 0..=2_000_000_u32,
        seconds in 1..=60_u64,
        count in 1..=4_u32,
    ) {
        let by = multiplier(&format!("{}.{:06}", by / 1_000_000, by % 1_000_000));
        let ask = Ask { duration_ms: seconds * 1_000, count, ..sample::ask() };
        let row = PriceRow { unit: Unit::Second, ..row(price) };
        let quote = book([row]).quote_for(&ask, by).expect("a price");
        prop_assert_eq!(quote.quantity, seconds * u64::from(count));
        prop_assert_eq!(Ok(quote.hold_micros), quote.amount(quote.quantity));
    }
}
