//! Checks of the books as people read them: entries by hand, statements, sums.

use std::sync::Arc;

use domain::money::Balance;
use domain::store::{Booked, Entry, Overdraw, Place, Recorded, Span, Store, UsageBy, UsageWish};
use domain::{EventKind, LedgerAccount, Line, LineKind, Micros, Millis, TenantId};

use super::{Desk, accepted, completed, credit, id, intended, kept, order};
use crate::sample;

/// Lines that one page of a check holds: so few that every statement has many.
const PAGE: usize = 3;
/// Before and behind everything.
const EVER: (Millis, Millis) = (Millis(0), Millis(i64::MAX));

fn entry(name: &str, line: Line) -> Entry {
    Entry {
        name: name.to_owned(),
        line,
        author: "key_1 ops".to_owned(),
        overdraw: Overdraw::Refused,
    }
}

fn taken(tenant: TenantId, amount: i64) -> Line {
    Line {
        kind: LineKind::Correction,
        from: LedgerAccount::Available(tenant),
        to: LedgerAccount::Corrections,
        note: "booked twice".to_owned(),
        ..credit(tenant, Micros(amount))
    }
}

async fn book(desk: &Desk, entry: &Entry) -> Booked {
    let booked = desk.store().statements().book(entry).await;
    booked.expect("the store answers")
}

fn money(available: i64, held: i64) -> Balance {
    Balance {
        available: Micros(available),
        held: Micros(held),
        unlimited: false,
    }
}

/// Every line of a span, read in small pages.
async fn all(store: &dyn Store, span: &Span) -> Vec<Recorded> {
    let (mut lines, mut after) = (Vec::new(), None);
    loop {
        let page = store
            .statements()
            .recorded(span, after, PAGE)
            .await
            .expect("read");
        let Some(last) = page.last() else { return lines };
        after = Some(Place {
            at: last.line.at,
            number: last.number,
        });
        lines.extend(page);
    }
}

async fn span(store: &dyn Store, tenant: TenantId, (from, to): (Millis, Millis)) -> Span {
    Span {
        tenant,
        from,
        to,
        last: store.statements().last_line().await.expect("read"),
    }
}

fn moves(tenant: TenantId, lines: &[Recorded]) -> (i64, i64) {
    let sum = |pocket: LedgerAccount| {
        let moved = lines.iter().map(|recorded| {
            let line = &recorded.line;
            let into = if line.to == pocket { line.amount.0 } else { 0 };
            into - if line.from == pocket { line.amount.0 } else { 0 }
        });
        moved.sum()
    };
    (
        sum(LedgerAccount::Available(tenant)),
        sum(LedgerAccount::Held(tenant)),
    )
}

/// A tenant's statements add up, wherever the books are cut.
pub(super) async fn add_up(store: &dyn Store, tenant: TenantId) {
    let Some(now) = store.balance(tenant).await.expect("read") else {
        return;
    };
    let ever = span(store, tenant, EVER).await;
    let lines = all(store, &ever).await;
    assert!(lines.is_sorted_by_key(|line| (line.line.at, line.number)));
    assert_eq!(moves(tenant, &lines), (now.available.0, now.held.0));
    let cuts = lines.iter().map(|line| line.line.at).step_by(7);
    for cut in cuts.collect::<Vec<_>>() {
        let before = span(store, tenant, (EVER.0, cut)).await;
        let behind = span(store, tenant, (cut, EVER.1)).await;
        let opening = store.statements().opening(&behind).await.expect("read");
        let earlier = all(store, &before).await;
        assert_eq!(
            (opening.available.0, opening.held.0),
            moves(tenant, &earlier),
            "before {cut:?}"
        );
        assert_eq!(earlier.len() + all(store, &behind).await.len(), lines.len());
    }
}

pub(super) async fn an_entry_is_booked_once_whoever_repeats_it(mut desk: Desk) {
    let tenant = desk.tenant(1, 0).await;
    let first = entry("entry-1", credit(tenant, Micros(1_000)));
    assert_eq!(book(&desk, &first).await, Booked::Done(money(1_000, 0)));
    desk.reopen().await;
    let Booked::Twin(twin) = book(&desk, &first).await else {
        panic!("it was booked twice");
    };
    assert_eq!(twin.line, first.line);
    assert_eq!(
        (twin.author.as_deref(), twin.entry.as_deref()),
        (Some("key_1 ops"), Some("entry-1"))
    );
    let repeats: Vec<_> = (0..8)
        .map(|_| {
            let store = Arc::clone(desk.store());
            let twice = entry("entry-2", credit(tenant, Micros(10)));
            tokio::spawn(async move { store.statements().book(&twice).await.expect("answers") })
        })
        .collect();
    let mut done = 0;
    for repeat in repeats {
        done += usize::from(matches!(repeat.await.expect("ends"), Booked::Done(_)));
    }
    assert_eq!(done, 1);
    let balance = desk.store().balance(tenant).await.expect("read");
    assert_eq!(balance, Some(money(1_010, 0)));
    desk.books_are_exact().await;
}

pub(super) async fn a_correction_takes_what_is_there_and_more_only_when_told(desk: Desk) {
    let tenant = desk.tenant(1, 1).await;
    desk.tenant(2, 1).await;
    let over = entry("c-1", taken(tenant, 420_001));
    assert_eq!(book(&desk, &over).await, Booked::NotCovered(money(420_000, 0)));
    let told = Entry {
        overdraw: Overdraw::Allowed,
        ..over
    };
    assert_eq!(book(&desk, &told).await, Booked::Done(money(-1, 0)));
    // What puts money in needs nothing to be there.
    let back = Line {
        from: LedgerAccount::Corrections,
        to: LedgerAccount::Available(tenant),
        ..taken(tenant, 420_001)
    };
    assert_eq!(
        book(&desk, &entry("c-2", back)).await,
        Booked::Done(money(420_000, 0))
    );
    let task = desk.accepted(order(1)).await;
    let of_task = |tenant: TenantId| Line {
        task: Some(task.id()),
        from: LedgerAccount::Corrections,
        to: LedgerAccount::Available(tenant),
        ..taken(tenant, 5)
    };
    for n in 0..2 {
        let booked = book(&desk, &entry(&format!("t-{n}"), of_task(tenant))).await;
        assert!(matches!(booked, Booked::Done(_)), "{booked:?}");
    }
    let foreign = entry("t-9", of_task(sample::tenant(2)));
    assert_eq!(book(&desk, &foreign).await, Booked::NoTask);
    let nobody = entry("n-1", credit(sample::tenant(77), Micros(1)));
    assert_eq!(book(&desk, &nobody).await, Booked::NoTenant);
    let charge = Line {
        kind: LineKind::Charge,
        ..credit(tenant, Micros(1))
    };
    let charge = desk.store().statements().book(&entry("x", charge)).await;
    assert!(charge.is_err(), "a charge is no entry");
    let lines = desk.store().lines(id(1)).await.expect("read");
    let corrections = lines.iter().filter(|line| line.kind == LineKind::Correction);
    assert_eq!(corrections.map(|line| line.sequence).collect::<Vec<_>>(), [0, 1]);
    add_up(&**desk.store(), tenant).await;
    desk.books_are_exact().await;
}

pub(super) async fn a_statement_tells_what_is_known_of_a_task(desk: Desk) {
    let tenant = desk.tenant(1, 1).await;
    let task = desk.accepted(order(1)).await;
    let task = desk.step(&task, 1, intended()).await;
    let task = desk.step(&task, 2, accepted()).await;
    let task = desk.step(&task, 3, completed(Some(7))).await;
    let ever = span(&**desk.store(), tenant, EVER).await;
    let unfinished = all(&**desk.store(), &ever).await;
    let hold = unfinished.last().expect("a line");
    assert_eq!((hold.line.kind, hold.quantity), (LineKind::Hold, None));
    assert_eq!(hold.model.as_deref(), Some("kling-v3"));
    desk.step(&task, 4, kept(1)).await;
    // What is booked behind the place where a statement ends is not in it.
    assert_eq!(all(&**desk.store(), &ever).await.len(), unfinished.len());
    let ever = span(&**desk.store(), tenant, EVER).await;
    let lines = all(&**desk.store(), &ever).await;
    let kinds: Vec<_> = lines.iter().map(|line| line.line.kind).collect();
    let expected = [
        LineKind::Credit,
        LineKind::Hold,
        LineKind::Charge,
        LineKind::Excess,
    ];
    assert_eq!(kinds, expected);
    let excess = lines.last().expect("a line");
    assert_eq!(
        (excess.quantity, excess.operation.as_deref()),
        (Some(7), Some("text_to_video"))
    );
    let quote = excess.quote.as_ref().expect("a price");
    assert_eq!(quote.price_micros, Micros(84_000));
    add_up(&**desk.store(), tenant).await;
    // What the vendor takes moves between pockets of the house: it is in no statement, and in the flows.
    let flows = desk
        .store()
        .statements()
        .flows(EVER.0, EVER.1)
        .await
        .expect("read");
    let cost = flows.iter().find(|flow| flow.kind == LineKind::Cost);
    let cost = cost.expect("a cost");
    assert_eq!(
        (&*cost.from, &*cost.to, cost.lines, cost.amount),
        ("house:upstream_cost", "house:payable", 1, Micros(250_000))
    );
    let none = desk
        .store()
        .statements()
        .flows(EVER.0, Millis(1))
        .await
        .expect("read");
    assert_eq!(none, []);
}

pub(super) async fn usage_is_summed_by_day_model_and_key(desk: Desk) {
    let tenant = desk.tenant(1, 3).await;
    let store = desk.store();
    for n in 1..=2 {
        let task = desk.accepted(order(n)).await;
        let task = desk.step(&task, 1, intended()).await;
        let task = desk.step(&task, 2, accepted()).await;
        let task = desk.step(&task, 3, completed(None)).await;
        desk.step(&task, 4, kept(n)).await;
    }
    let task = desk.accepted(order(3)).await;
    desk.step(&task, 5, EventKind::CancelRequested).await;
    let wish = UsageWish {
        tenant: Some(tenant),
        key: None,
        from: EVER.0,
        to: EVER.1,
        by: UsageBy::Day,
        limit: 10,
    };
    let ways = [UsageBy::Day, UsageBy::Model, UsageBy::Key, UsageBy::DayAndKey];
    for by in ways {
        for tenant in [Some(tenant), None] {
            let sums = store.statements().usage(&UsageWish { tenant, by, ..wish }).await;
            let sums = sums.expect("read");
            assert_eq!(sums.len(), 1, "{by:?}");
            let sum = &sums[0];
            assert_eq!(
                (sum.tasks, sum.succeeded, sum.charge),
                (3, 2, Micros(840_000)),
                "{by:?}"
            );
            assert_eq!(sum.day.is_some(), matches!(by, UsageBy::Day | UsageBy::DayAndKey));
            assert_eq!(sum.model.is_some(), by == UsageBy::Model);
            assert_eq!(sum.key.is_some(), matches!(by, UsageBy::Key | UsageBy::DayAndKey));
        }
    }
    let day = store.statements().usage(&wish).await.expect("read");
    let day = day[0].day.expect("a day");
    assert_eq!(day.0 % (24 * 60 * 60 * 1_000), 0);
    let own = task.origin.key;
    for (key, tasks) in [(own, 1), (domain::KeyId(domain::Id(5)), 0)] {
        let wish = UsageWish {
            key: Some(key),
            ..wish
        };
        assert_eq!(store.statements().usage(&wish).await.expect("read").len(), tasks);
    }
    for wish in [
        UsageWish {
            to: sample::at(4),
            ..wish
        },
        UsageWish {
            tenant: Some(sample::tenant(2)),
            ..wish
        },
        UsageWish { limit: 0, ..wish },
    ] {
        assert_eq!(store.statements().usage(&wish).await.expect("read"), []);
    }
}
