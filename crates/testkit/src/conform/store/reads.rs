//! Checks of reading: whose tasks, in which order, in which portions.

use domain::error::TaskErrorCode;
use domain::store::{Filter, Outcome, Page};
use domain::task::{FIRST_LATE_LOOK_MS, Origin};
use domain::{EventKind, Face, Id, Millis, Operation, StateWord, TaskError, TaskId};

use super::{Desk, accepted, completed, id, intended, kept, order, order_of};
use crate::sample;

/// A page that holds every task of a check.
pub(super) const NEWEST: Page = Page::Cursor {
    after: None,
    limit: 100,
};

async fn ids(desk: &Desk, filter: &Filter, page: Page) -> (Vec<TaskId>, bool) {
    let listing = desk
        .store()
        .list(sample::tenant(1), filter, page)
        .await
        .expect("listed");
    let ids = listing.tasks.iter().map(|task| task.id()).collect();
    (ids, listing.has_more)
}

pub(super) async fn a_foreign_task_is_as_unknown_as_none(desk: Desk) {
    let owner = desk.tenant(1, 9).await;
    let other = desk.tenant(2, 9).await;
    let origin = Origin {
        external_id: Some("mine".to_owned()),
        ..order(1)
    };
    desk.accepted(origin).await;
    let store = desk.store();
    for _ in 0..2 {
        assert_eq!(store.task(other, id(1)).await, Ok(None));
        assert_eq!(store.task(other, id(404)).await, Ok(None));
        assert_eq!(store.task_by_external_id(other, "mine").await, Ok(None));
        assert_eq!(store.task_by_external_id(owner, "nobody's").await, Ok(None));
        let listing = store
            .list(other, &Filter::default(), NEWEST)
            .await
            .expect("listed");
        assert_eq!(listing.tasks, []);
        // The owner's read, which may be remembered, opens nothing to the other.
        assert!(store.task(owner, id(1)).await.expect("read").is_some());
    }
}

pub(super) async fn a_list_by_cursor_shows_every_task_once_newest_first(desk: Desk) {
    desk.tenant(1, 20).await;
    let other = desk.tenant(2, 20).await;
    for n in 1..=7 {
        desk.accepted(order(n * 2)).await;
        desk.accepted(order_of(other, n * 2 + 1)).await;
    }
    let all = Filter::default();
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let (page, has_more) = ids(&desk, &all, Page::Cursor { after, limit: 3 }).await;
        after = page.last().copied();
        seen.extend(page);
        if !has_more {
            break;
        }
        // What is born meanwhile does not shift the pages behind.
        desk.accepted(order(100 + seen.len() as u128)).await;
    }
    let expected: Vec<_> = (1..=7).rev().map(|n| id(n * 2)).collect();
    assert_eq!(seen, expected);
    let (page, has_more) = ids(
        &desk,
        &all,
        Page::Cursor {
            after: Some(id(2)),
            limit: 3,
        },
    )
    .await;
    assert_eq!((page, has_more), (Vec::new(), false));
    let exact = Page::Cursor {
        after: Some(id(8)),
        limit: 3,
    };
    assert_eq!(ids(&desk, &all, exact).await, (vec![id(6), id(4), id(2)], false));
}

pub(super) async fn a_list_by_offset_skips(desk: Desk) {
    desk.tenant(1, 20).await;
    for n in 1..=5 {
        desk.accepted(order(n)).await;
    }
    let all = Filter::default();
    let page = |skip, limit| Page::Offset { skip, limit };
    assert_eq!(ids(&desk, &all, page(0, 2)).await, (vec![id(5), id(4)], true));
    assert_eq!(ids(&desk, &all, page(2, 2)).await, (vec![id(3), id(2)], true));
    assert_eq!(ids(&desk, &all, page(4, 2)).await, (vec![id(1)], false));
    assert_eq!(ids(&desk, &all, page(5, 2)).await, (Vec::new(), false));
    assert_eq!(ids(&desk, &all, page(3, 2)).await, (vec![id(2), id(1)], false));
    assert_eq!(ids(&desk, &all, page(0, usize::MAX)).await.0.len(), 5);
}

pub(super) async fn filters_narrow_a_list(desk: Desk) {
    desk.tenant(1, 20).await;
    let through = |n, dialect: &str, operation| {
        let mut ask = sample::ask();
        ask.operation = operation;
        Origin {
            face: Face {
                dialect: dialect.to_owned(),
                mount: String::new(),
                version: 1,
            },
            ask: ask.into(),
            ..order(n)
        }
    };
    desk.accepted(through(1, "elk", Operation::TextToVideo)).await;
    let second = desk.accepted(through(2, "elk", Operation::LipSync)).await;
    desk.accepted(through(3, "fox", Operation::TextToVideo)).await;
    let fourth = desk.accepted(through(4, "fox", Operation::TextToAudio)).await;
    desk.step(&second, 1, EventKind::CancelRequested).await;
    desk.step(&fourth, 1, intended()).await;
    let filter = |states: &[StateWord], operations: &[&str], dialect: Option<&str>| Filter {
        states: states.to_vec(),
        operations: operations.iter().map(|word| (*word).to_owned()).collect(),
        dialect: dialect.map(str::to_owned),
        ..Filter::default()
    };
    let check = async |filter: Filter, expected: &[u128]| {
        let expected: Vec<_> = expected.iter().map(|n| id(*n)).collect();
        assert_eq!(ids(&desk, &filter, NEWEST).await, (expected, false), "{filter:?}");
    };
    check(filter(&[], &[], None), &[4, 3, 2, 1]).await;
    check(filter(&[StateWord::Cancelled], &[], None), &[2]).await;
    check(
        filter(&[StateWord::Queued, StateWord::Submitting], &[], None),
        &[4, 3, 1],
    )
    .await;
    check(filter(&[], &["text_to_video"], None), &[3, 1]).await;
    check(filter(&[], &["lip_sync", "text_to_audio"], None), &[4, 2]).await;
    check(filter(&[], &[], Some("fox")), &[4, 3]).await;
    check(
        filter(&[StateWord::Queued], &["text_to_video"], Some("elk")),
        &[1],
    )
    .await;
    check(filter(&[], &["no such word"], None), &[]).await;
    check(filter(&[], &[], Some("it's \"quoted\"")), &[]).await;
}

pub(super) async fn a_list_rises_and_keeps_to_its_time(desk: Desk) {
    desk.tenant(1, 20).await;
    for n in 1..=5 {
        let created_at = sample::at(i64::try_from(n).expect("few") * 1_000);
        let origin = Origin {
            created_at,
            ..order(n)
        };
        desk.accepted(origin).await;
    }
    let all = Filter::default();
    let rising = |after: Option<u128>| Page::Rising {
        after: after.map(id),
        limit: 2,
    };
    assert_eq!(ids(&desk, &all, rising(None)).await, (vec![id(1), id(2)], true));
    assert_eq!(
        ids(&desk, &all, rising(Some(2))).await,
        (vec![id(3), id(4)], true)
    );
    assert_eq!(ids(&desk, &all, rising(Some(4))).await, (vec![id(5)], false));
    let within = Filter {
        born_from: Some(sample::at(2_000)),
        born_until: Some(sample::at(4_000)),
        ..Filter::default()
    };
    assert_eq!(ids(&desk, &within, NEWEST).await.0, [id(4), id(3), id(2)]);
    assert_eq!(ids(&desk, &within, rising(Some(3))).await, (vec![id(4)], false));
}

pub(super) async fn an_erased_task_is_in_no_list(desk: Desk) {
    desk.tenant(1, 20).await;
    desk.accepted(order(1)).await;
    let task = desk.accepted(order(2)).await;
    let ended = desk.step(&task, 1, EventKind::CancelRequested).await;
    let change = ended.erased(sample::at(2)).expect("it has ended");
    let outcomes = desk.store().commit(vec![change]).await.expect("committed");
    assert_eq!(outcomes, [Outcome::Done]);
    for page in [
        NEWEST,
        Page::Rising {
            after: None,
            limit: 9,
        },
    ] {
        assert_eq!(ids(&desk, &Filter::default(), page).await, (vec![id(1)], false));
    }
}

pub(super) async fn the_overdue_are_found_but_not_while_they_end_by_themselves(desk: Desk) {
    desk.tenant(1, 20).await;
    let until = |n: u128, deadline| Origin {
        deadline_at: sample::at(deadline),
        ..order(n)
    };
    desk.accepted(until(1, 3_000)).await;
    let submitting = desk.accepted(until(2, 1_000)).await;
    desk.step(&submitting, 1, intended()).await;
    let running = desk.accepted(until(3, 2_000)).await;
    let running = desk.step(&running, 1, intended()).await;
    desk.step(&running, 2, accepted()).await;
    let settling = desk.accepted(until(4, 1_000)).await;
    let settling = desk.step(&settling, 1, intended()).await;
    let settling = desk.step(&settling, 2, accepted()).await;
    desk.step(&settling, 3, completed(None)).await;
    let unknown = desk.accepted(until(5, 1_500)).await;
    let unknown = desk.step(&unknown, 1, intended()).await;
    desk.step(&unknown, 2, EventKind::Ambiguous).await;
    let ended = desk.accepted(until(6, 1_000)).await;
    desk.step(&ended, 1, EventKind::CancelRequested).await;
    desk.accepted(until(7, 9_000)).await;
    let overdue = async |now, limit| desk.store().overdue(sample::at(now), limit).await;
    assert_eq!(overdue(1_499, 10).await, Ok(Vec::new()));
    assert_eq!(overdue(3_000, 10).await, Ok(vec![id(5), id(3), id(1)]));
    assert_eq!(overdue(3_000, 2).await, Ok(vec![id(5), id(3)]));
}

pub(super) async fn late_looks_are_found_when_due_and_moved_once(mut desk: Desk) {
    desk.tenant(1, 20).await;
    // The first two failed while an upstream had them, the third before, the fourth by the vendor's word.
    for n in 1..=4 {
        let task = desk.accepted(order(n)).await;
        if n == 3 {
            desk.step(&task, 5, EventKind::DeadlinePassed).await;
            continue;
        }
        let task = desk.step(&task, 1, intended()).await;
        let task = desk.step(&task, 2, accepted()).await;
        let error = TaskError::new(TaskErrorCode::ProviderFailed, "it went wrong");
        let end = match n {
            4 => EventKind::VendorFailed { error },
            _ => EventKind::DeadlinePassed,
        };
        desk.step(&task, 10 - i64::try_from(n).expect("few"), end).await;
    }
    desk.reopen().await;
    let store = desk.store();
    let first = |at| sample::at(at).plus(FIRST_LATE_LOOK_MS);
    let late = async |now, limit| store.late_looks(now, limit).await;
    assert_eq!(late(first(8).plus(-1), 10).await, Ok(Vec::new()));
    let both = vec![(first(8), id(2)), (first(9), id(1))];
    assert_eq!(late(first(9), 10).await, Ok(both.clone()));
    assert_eq!(late(first(9), 1).await, Ok(both[..1].to_vec()));
    let next = Some(first(900));
    assert_eq!(store.move_late_look(id(2), first(8), next).await, Ok(true));
    assert_eq!(store.move_late_look(id(2), first(8), next).await, Ok(false));
    assert_eq!(late(first(9), 10).await, Ok(both[1..].to_vec()));
    assert_eq!(late(first(900), 10).await, Ok(vec![both[1], (first(900), id(2))]));
    assert_eq!(store.move_late_look(id(2), first(900), None).await, Ok(true));
    assert_eq!(store.move_late_look(id(3), Millis(0), next).await, Ok(false));
    let task = store.any_task(id(1)).await.expect("read").expect("there");
    let late_result = EventKind::LateResult {
        artifacts: vec![sample::artifact(Id(5))],
        cost: None,
    };
    desk.step(&task, 20, late_result).await;
    assert_eq!(late(first(9_000_000), 10).await, Ok(Vec::new()));
}

pub(super) async fn the_census_counts_what_waits(desk: Desk) {
    desk.tenant(1, 20).await;
    for n in 1..=3 {
        desk.accepted(order(n)).await;
    }
    let running = desk.accepted(order(4)).await;
    let running = desk.step(&running, 1, intended()).await;
    let running = desk.step(&running, 2, accepted()).await;
    let count = async |state| {
        let census = desk.store().census().await.expect("counted");
        let row = census.into_iter().find(|(word, _)| *word == state);
        row.map_or(0, |(_, count)| count)
    };
    assert_eq!(count(StateWord::Queued).await, 3);
    assert_eq!(count(StateWord::Running).await, 1);
    assert_eq!(count(StateWord::Settling).await, 0);
    let settling = desk.step(&running, 3, completed(None)).await;
    desk.step(&settling, 4, kept(1)).await;
    assert_eq!(count(StateWord::Running).await, 0);
    assert_eq!(desk.store().ping().await, Ok(()));
}
