//! Money and prices: checked sums, the text that people read, and what a wish costs.

use domain::money::{LedgerAccount, LineKind, Micros, Overflow};
use domain::price::{PriceBook, PriceRow, Unit, Unpriced};
use domain::{Ask, Operation};
use proptest::prelude::{ProptestConfig, any, proptest};
use proptest::prop_assert_eq;
use testkit::sample;

#[test]
fn dollars_are_written_as_people_read_them() {
    for (micros, text) in [
        (0, "0.00"),
        (1, "0.000001"),
        (10_000, "0.01"),
        (100_000, "0.10"),
        (420_000, "0.42"),
        (1_000_000, "1.00"),
        (1_000_001, "1.000001"),
        (1_234_500, "1.2345"),
        (-1, "-0.000001"),
        (-420_000, "-0.42"),
        (-12_000_000, "-12.00"),
        (i64::MAX, "9223372036854.775807"),
        (i64::MIN, "-9223372036854.775808"),
    ] {
        assert_eq!(Micros(micros).dollars(), text);
    }
}

#[test]
fn sums_that_cannot_be_held_say_so() {
    let (most, least) = (Micros(i64::MAX), Micros(i64::MIN));
    assert_eq!(most.plus(Micros(1)), Err(Overflow));
    assert_eq!(least.plus(Micros(-1)), Err(Overflow));
    assert_eq!(least.minus(Micros(1)), Err(Overflow));
    assert_eq!(Micros(0).minus(least), Err(Overflow));
    assert_eq!(most.times(2), Err(Overflow));
    assert_eq!(Micros(1).times(u64::MAX), Err(Overflow));
    assert_eq!(most.times(1), Ok(most));
    assert_eq!(most.times(0), Ok(Micros::ZERO));
}

#[test]
fn the_names_of_pockets_and_lines_are_read_back() {
    let tenant = sample::tenant(1);
    let tenants = [LedgerAccount::Available(tenant), LedgerAccount::Held(tenant)];
    let houses = [
        LedgerAccount::Revenue,
        LedgerAccount::UpstreamCost,
        LedgerAccount::Corrections,
        LedgerAccount::Funding,
        LedgerAccount::Payable,
    ];
    for pocket in tenants.into_iter().chain(houses) {
        assert_eq!(LedgerAccount::parse(pocket.word(), pocket.tenant()), Some(pocket));
        let wrong = pocket.tenant().is_none().then_some(tenant);
        assert_eq!(
            LedgerAccount::parse(pocket.word(), wrong),
            None,
            "{}",
            pocket.word()
        );
    }
    for kind in LineKind::ALL {
        assert_eq!(LineKind::parse(kind.word()), Some(kind));
    }
    assert_eq!(LedgerAccount::parse("house", None), None);
    assert_eq!(LineKind::parse(""), None);
}

fn row(unit: Unit, price_micros: i64) -> PriceRow {
    PriceRow::of("kling-v3", unit, Micros(price_micros))
}

fn book(rows: impl IntoIterator<Item = PriceRow>) -> PriceBook {
    PriceBook {
        version: "2026-11".to_owned(),
        multipliers: domain::price::Multipliers::default(),
        rows: rows.into_iter().collect(),
    }
}

#[test]
fn each_unit_counts_its_own_thing() {
    let ask = Ask {
        count: 3,
        duration_ms: 5_001,
        ..sample::ask()
    };
    for (unit, quantity) in [
        (Unit::Second, 18),
        (Unit::Clip, 3),
        (Unit::Image, 3),
        (Unit::Call, 1),
    ] {
        let quote = book([row(unit, 70)]).quote(&ask).unwrap();
        assert_eq!(quote.book, "2026-11");
        assert_eq!((quote.unit, quote.quantity), (unit, quantity));
        assert_eq!(quote.price_micros, Micros(70));
        assert_eq!(quote.amount(quote.quantity), Ok(quote.hold_micros), "{unit:?}");
    }
}

#[test]
fn started_seconds_count_whole() {
    for (duration_ms, seconds) in [(0, 0), (1, 1), (1_000, 1), (1_001, 2), (5_000, 5)] {
        let ask = Ask {
            duration_ms,
            ..sample::ask()
        };
        assert_eq!(
            book([row(Unit::Second, 1)]).quote(&ask).unwrap().quantity,
            seconds
        );
    }
}

#[test]
fn the_first_row_that_fits_is_the_price() {
    let rows = [
        PriceRow {
            operation: Some(Operation::LipSync),
            ..row(Unit::Call, 1)
        },
        PriceRow {
            mode: Some("pro".to_owned()),
            sound: Some(true),
            ..row(Unit::Second, 2)
        },
        PriceRow {
            mode: Some("pro".to_owned()),
            ..row(Unit::Second, 3)
        },
        PriceRow {
            seconds: Some(10),
            ..row(Unit::Clip, 4)
        },
        row(Unit::Second, 5),
        row(Unit::Second, 6),
    ];
    let book = book(rows);
    let price = |ask: &Ask| book.quote(ask).unwrap().price_micros.0;
    let ask = sample::ask();
    let pro = Ask {
        mode: Some("pro".to_owned()),
        ..ask.clone()
    };
    let loud = Ask {
        sound: Some(true),
        ..pro.clone()
    };
    let lip_sync = Ask {
        operation: Operation::LipSync,
        ..loud.clone()
    };
    let long = Ask {
        duration_ms: 9_001,
        ..ask.clone()
    };
    assert_eq!([&lip_sync, &loud, &pro, &long, &ask].map(price), [1, 2, 3, 4, 5]);
    assert_eq!(book.models(), ["kling-v3"]);
}

#[test]
fn a_sound_that_was_not_said_is_priced_as_silence() {
    let silent = PriceRow {
        sound: Some(false),
        ..row(Unit::Call, 1)
    };
    let book = book([silent]);
    for sound in [None, Some(false)] {
        let ask = Ask {
            sound,
            ..sample::ask()
        };
        assert!(book.quote(&ask).is_ok(), "{sound:?}");
    }
    let loud = Ask {
        sound: Some(true),
        ..sample::ask()
    };
    assert_eq!(book.quote(&loud), Err(Unpriced::Variant("kling-v3".to_owned())));
}

#[test]
fn what_has_no_price_says_why() {
    let only_pro = PriceRow {
        mode: Some("pro".to_owned()),
        ..row(Unit::Second, 1)
    };
    let book = book([only_pro]);
    let stranger = Ask {
        model: "kling-v9".to_owned(),
        ..sample::ask()
    };
    assert_eq!(book.quote(&stranger), Err(Unpriced::Model("kling-v9".to_owned())));
    assert_eq!(
        book.quote(&stranger).unwrap_err().to_string(),
        "model `kling-v9` is not served"
    );
    assert_eq!(
        book.quote(&sample::ask()),
        Err(Unpriced::Variant("kling-v3".to_owned()))
    );
    let unsaid = Ask {
        mode: None,
        ..sample::ask()
    };
    assert_eq!(book.quote(&unsaid), Err(Unpriced::Variant("kling-v3".to_owned())));
}

#[test]
fn a_wish_beyond_all_money_is_refused_and_does_not_panic() {
    let ask = Ask {
        duration_ms: u64::MAX,
        count: u32::MAX,
        ..sample::ask()
    };
    let unpriced = Err(Unpriced::Overflow(Overflow));
    assert_eq!(book([row(Unit::Second, 0)]).quote(&ask), unpriced);
    assert_eq!(book([row(Unit::Clip, i64::MAX)]).quote(&ask), unpriced);
    assert!(book([row(Unit::Call, i64::MAX)]).quote(&ask).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sums_are_right_or_refused(a in any::<i64>(), b in any::<i64>(), quantity in any::<u64>()) {
        let held = |wide: i128| i64::try_from(wide).map(Micros).map_err(|_| Overflow);
        let (wide_a, wide_b) = (i128::from(a), i128::from(b));
        prop_assert_eq!(Micros(a).plus(Micros(b)), held(wide_a + wide_b));
        prop_assert_eq!(Micros(a).minus(Micros(b)), held(wide_a - wide_b));
        if let Ok(small) = i64::try_from(quantity) {
            prop_assert_eq!(Micros(a).times(quantity), held(wide_a * i128::from(small)));
        } else {
            prop_assert_eq!(Micros(a).times(quantity), Err(Overflow));
        }
    }

    #[test]
    fn dollars_lose_nothing(micros in any::<i64>()) {
        let text = Micros(micros).dollars();
        let (whole, rest) = text.split_once('.').unwrap();
        let digits = format!("{whole}{rest:0<6}");
        prop_assert_eq!(digits.parse::<i128>().unwrap(), i128::from(micros));
    }
}

#[test]
fn a_row_may_ask_what_comes_in_and_which_voice_speaks() {
    let rows = [
        PriceRow {
            voice: Some(true),
            ..row(Unit::Call, 1)
        },
        PriceRow {
            video_input: Some(true),
            ..row(Unit::Call, 2)
        },
        PriceRow {
            picture_input: Some(true),
            ..row(Unit::Call, 3)
        },
        PriceRow {
            video_input: Some(false),
            picture_input: Some(false),
            voice: Some(false),
            ..row(Unit::Call, 4)
        },
    ];
    let book = book(rows);
    let with = |role| {
        let mut ask = sample::ask();
        ask.inputs.push(domain::Input {
            role,
            source: domain::Source::Link("https://media.example/a".to_owned()),
            field: "a".to_owned(),
            rule: None,
            parent: None,
        });
        ask
    };
    let mut speaking = sample::ask();
    speaking.mentions.push(domain::Mention {
        kind: domain::item::ItemKind::Voice,
        name: "1".to_owned(),
        field: "voice_list.0.voice_id".to_owned(),
        item: None,
    });
    let mut preset = sample::ask();
    let ids = serde_json::json!(["810000001"]);
    preset.extras.insert("kling.voice_ids".to_owned(), ids);
    let price = |ask: &Ask| book.quote(ask).unwrap().price_micros.0;
    let (motion, source) = (with(domain::Role::MotionVideo), with(domain::Role::SourceVideo));
    let pictured = with(domain::Role::Reference);
    let found = [&speaking, &preset, &motion, &source, &pictured, &sample::ask()].map(price);
    assert_eq!(found, [1, 1, 2, 2, 3, 4]);
}

#[test]
fn the_vendor_s_units_follow_what_was_charged() {
    let metered = PriceRow {
        units_milli: Some(600),
        ..row(Unit::Second, 84_000)
    };
    let quote = book([metered.clone()]).quote(&sample::ask()).unwrap();
    assert_eq!(quote.charged_units_milli(quote.hold_micros), Some(3_000));
    assert_eq!(quote.charged_units_milli(Micros(168_000)), Some(1_200));
    assert_eq!(quote.charged_units_milli(Micros::ZERO), Some(0));
    let free = PriceRow {
        price_micros: Micros::ZERO,
        ..metered
    };
    let quote = book([free]).quote(&sample::ask()).unwrap();
    assert_eq!(quote.charged_units_milli(Micros::ZERO), Some(3_000));
    let bare = book([row(Unit::Second, 1)]).quote(&sample::ask()).unwrap();
    assert_eq!(bare.charged_units_milli(Micros(5)), None);
}
