//! Checks of balances and of lines that belong to no task.

use std::sync::Arc;

use domain::store::Outcome;
use domain::{EventKind, LedgerAccount, Line, LineKind, Micros, TenantId};

use super::{Desk, accepted, birth, completed, credit, id, intended, kept, order, order_of};
use crate::sample;

async fn balance(desk: &Desk, tenant: TenantId) -> (i64, i64) {
    let balance = desk
        .store()
        .balance(tenant)
        .await
        .expect("read")
        .expect("a balance");
    (balance.available.0, balance.held.0)
}

pub(super) async fn a_balance_for_seven_accepts_exactly_seven_of_forty(desk: Desk) {
    let tenant = desk.tenant(1, 7).await;
    let callers: Vec<_> = (0..10_u128)
        .map(|caller| {
            let store = Arc::clone(desk.store());
            let births = (1..=4).map(|n| birth(order(caller * 4 + n))).collect();
            tokio::spawn(async move { store.insert(births).await.expect("commits") })
        })
        .collect();
    let mut accepted = 0;
    for caller in callers {
        for outcome in caller.await.expect("a caller ends") {
            match outcome {
                Outcome::Done => accepted += 1,
                other => assert_eq!(other, Outcome::NoMoney),
            }
        }
    }
    assert_eq!(accepted, 7);
    assert_eq!(balance(&desk, tenant).await, (0, 7 * 420_000));
    desk.books_are_exact().await;
}

pub(super) async fn an_unlimited_tenant_goes_below_zero(desk: Desk) {
    let row = sample::tenant_row(1, true);
    desk.store()
        .registry()
        .create_tenant(&row)
        .await
        .expect("created");
    desk.accepted(order(1)).await;
    desk.accepted(order(2)).await;
    assert_eq!(balance(&desk, row.id).await, (-840_000, 840_000));
    let balance = desk
        .store()
        .balance(row.id)
        .await
        .expect("read")
        .expect("a balance");
    assert!(balance.unlimited);
    desk.books_are_exact().await;
}

pub(super) async fn an_excess_pushes_the_balance_below_zero_by_that_much(desk: Desk) {
    let tenant = desk.tenant(1, 1).await;
    let task = desk.accepted(order(1)).await;
    let task = desk.step(&task, 1, intended()).await;
    let task = desk.step(&task, 2, accepted()).await;
    let task = desk.step(&task, 3, completed(Some(7))).await;
    desk.step(&task, 4, kept(1)).await;
    assert_eq!(balance(&desk, tenant).await, (-168_000, 0));
    let outcomes = desk.store().insert(vec![birth(order(2))]).await.expect("commits");
    assert_eq!(outcomes, [Outcome::NoMoney]);
    desk.books_are_exact().await;
}

pub(super) async fn credits_and_corrections_are_booked(mut desk: Desk) {
    let tenant = desk.tenant(1, 0).await;
    let correction = Line {
        kind: LineKind::Correction,
        from: LedgerAccount::Available(tenant),
        to: LedgerAccount::Corrections,
        amount: Micros(300),
        note: "booked twice".to_owned(),
        ..credit(tenant, Micros(0))
    };
    let lines = vec![
        credit(tenant, Micros(1_000)),
        credit(tenant, Micros(1_000)),
        correction,
    ];
    desk.store().post(lines).await.expect("booked");
    desk.reopen().await;
    assert_eq!(balance(&desk, tenant).await, (1_700, 0));
    let report = desk.store().verify_ledger().await.expect("read");
    assert_eq!((report.lines, report.tenants, report.sum_micros), (3, 1, 0));
    assert_eq!(report.faults, Vec::<String>::new());
}

pub(super) async fn lines_that_cannot_be_right_are_refused_as_a_whole(desk: Desk) {
    let first = desk.tenant(1, 1).await;
    let second = desk.tenant(2, 1).await;
    let of_two = Line {
        from: LedgerAccount::Available(second),
        ..credit(first, Micros(1))
    };
    let of_nobody = credit(sample::tenant(77), Micros(1));
    let negative = credit(first, Micros(-1));
    let from_nothing_held = Line {
        from: LedgerAccount::Held(first),
        ..credit(first, Micros(1))
    };
    let too_much = credit(first, Micros(i64::MAX));
    for wrong in [of_two, of_nobody, negative, from_nothing_held, too_much] {
        let lines = vec![credit(first, Micros(5)), wrong.clone()];
        assert!(desk.store().post(lines).await.is_err(), "{wrong:?}");
        assert_eq!(balance(&desk, first).await, (420_000, 0));
        assert_eq!(balance(&desk, second).await, (420_000, 0));
    }
    // One wrong member does not harm what others write at the same time.
    let task = desk.accepted(order_of(second, 1)).await;
    desk.step(&task, 1, EventKind::CancelRequested).await;
    assert!(desk.store().any_task(id(1)).await.expect("read").is_some());
    desk.books_are_exact().await;
}
