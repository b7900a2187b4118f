//! Checks of price books: kept once, read back whole, listed by when they begin.

use std::sync::Arc;

use domain::price::{Edition, EditionHead, Multipliers, PriceRow, Unit};
use domain::store::StoreError;
use domain::{Micros, Operation, PriceBook};

use super::Desk;
use crate::sample;

fn edition(version: &str, effective_at: i64, loaded_at: i64) -> Edition {
    let row = PriceRow {
        operation: Some(Operation::TextToVideo),
        sound: Some(false),
        seconds_max: Some(10),
        ..PriceRow::of("kling-v3", Unit::FiveSeconds, Micros(350_000))
    };
    let groups = [("studios".to_owned(), "0.85".parse().expect("a multiplier"))];
    Edition {
        head: EditionHead {
            version: version.to_owned(),
            effective_at: sample::at(effective_at),
            loaded_at: sample::at(loaded_at),
            loaded_by: "a key".to_owned(),
        },
        book: Arc::new(PriceBook {
            version: version.to_owned(),
            multipliers: Multipliers {
                groups: groups.into(),
            },
            rows: vec![row, PriceRow::of("animatic", Unit::Second, Micros::ZERO)],
        }),
    }
}

pub(super) async fn an_edition_is_read_back_whole_and_never_changed(mut desk: Desk) {
    let first = edition("first", 5, 1);
    desk.store().pricing().keep_edition(&first).await.expect("kept");
    let again = desk.store().pricing().keep_edition(&edition("first", 9, 2)).await;
    assert_eq!(again, Err(StoreError::Taken("first".to_owned())));
    desk.reopen().await;
    assert_eq!(desk.store().pricing().edition("first").await, Ok(Some(first)));
    for nobody in ["second", "", "a\0b", "First"] {
        assert_eq!(
            desk.store().pricing().edition(nobody).await,
            Ok(None),
            "{nobody:?}"
        );
    }
}

pub(super) async fn editions_are_listed_by_when_they_begin_the_last_one_first(desk: Desk) {
    let editions = [
        edition("b", 10, 1),
        edition("c", 7, 2),
        edition("a", 10, 3),
        edition("d", 10, 3),
    ];
    for edition in &editions {
        desk.store().pricing().keep_edition(edition).await.expect("kept");
    }
    let listed = desk.store().pricing().editions(10).await.expect("listed");
    let names: Vec<&str> = listed.iter().map(|head| head.version.as_str()).collect();
    assert_eq!(names, ["d", "a", "b", "c"]);
    assert_eq!(listed[3], editions[1].head);
    let portion = desk.store().pricing().editions(2).await.expect("listed");
    assert_eq!(portion[..], listed[..2]);
}
