//! Checks of what an operator reads across all tenants: surveys, leases, queues, the overview.

use domain::overview::{Ahead, Group, Portion, Survey, Surveyed};
use domain::task::Origin;
use domain::{EventKind, StateWord, TaskId};

use super::{Desk, accepted, claim, completed, id, intended, kept, order, order_of};
use crate::sample;

/// A portion that holds every task of a check.
const ALL: Portion = Portion {
    after: None,
    limit: 100,
    walk: 1_000,
};

/// What makes a survey of everything a narrower one.
type Narrow = fn(&mut Survey);

async fn surveyed(desk: &Desk, wanted: &Survey, portion: Portion) -> (Vec<TaskId>, Option<TaskId>) {
    let found = desk.store().survey(wanted, portion).await.expect("surveyed");
    let Surveyed { tasks, next } = found;
    (tasks.iter().map(|task| task.id()).collect(), next)
}

pub(super) async fn a_survey_shows_all_tenants_and_narrows(desk: Desk) {
    desk.tenant(1, 20).await;
    let other = desk.tenant(2, 20).await;
    let for_model = |n, model: &str| {
        let mut ask = sample::ask();
        ask.model = model.to_owned();
        Origin {
            ask: ask.into(),
            created_at: sample::at(i64::try_from(n).expect("small") * 1_000),
            ..order(n)
        }
    };
    desk.accepted(for_model(1, "kling-v3")).await;
    let second = desk.accepted(for_model(2, "it's \"quoted\"")).await;
    desk.accepted(Origin {
        tenant: other,
        ..for_model(3, "kling-v3")
    })
    .await;
    let fourth = desk.accepted(for_model(4, "kling-v3")).await;
    desk.step(&second, 1, EventKind::CancelRequested).await;
    desk.step(&fourth, 1, intended()).await;
    let cases: [(Narrow, &[u128]); 12] = [
        (|_| (), &[4, 3, 2, 1]),
        (|wanted| wanted.tenant = Some(sample::tenant(2)), &[3]),
        (|wanted| wanted.tenant = Some(sample::tenant(9)), &[]),
        (|wanted| wanted.states = vec![StateWord::Queued], &[3, 1]),
        (
            |wanted| wanted.states = vec![StateWord::Cancelled, StateWord::Submitting],
            &[4, 2],
        ),
        (|wanted| wanted.model = Some("kling-v3".to_owned()), &[4, 3, 1]),
        (|wanted| wanted.model = Some("it's \"quoted\"".to_owned()), &[2]),
        (|wanted| wanted.model = Some("no\0ne".to_owned()), &[]),
        (|wanted| wanted.account = Some("a".to_owned()), &[4]),
        (|wanted| wanted.account = Some("b".to_owned()), &[]),
        (|wanted| wanted.since = Some(sample::at(3_000)), &[4, 3]),
        (narrow, &[1]),
    ];
    for (narrow, expected) in cases {
        let mut wanted = Survey::default();
        narrow(&mut wanted);
        let expected: Vec<_> = expected.iter().map(|n| id(*n)).collect();
        assert_eq!(
            surveyed(&desk, &wanted, ALL).await,
            (expected, None),
            "{wanted:?}"
        );
    }
}

fn narrow(wanted: &mut Survey) {
    *wanted = Survey {
        tenant: Some(sample::tenant(1)),
        states: vec![StateWord::Queued],
        model: Some("kling-v3".to_owned()),
        account: None,
        since: Some(sample::at(1_000)),
    };
}

pub(super) async fn a_survey_by_cursor_shows_every_task_once(desk: Desk) {
    desk.tenant(1, 20).await;
    let other = desk.tenant(2, 20).await;
    for n in 1..=4 {
        desk.accepted(order(n * 2)).await;
        desk.accepted(order_of(other, n * 2 + 1)).await;
    }
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let portion = Portion {
            after,
            limit: 3,
            ..ALL
        };
        let (page, next) = surveyed(&desk, &Survey::default(), portion).await;
        assert!(page.len() <= 3);
        seen.extend(page);
        let Some(next) = next else { break };
        after = Some(next);
    }
    let expected: Vec<_> = (2..=9).rev().map(id).collect();
    assert_eq!(seen, expected);
}

pub(super) async fn a_survey_walks_so_far_and_says_where_to_go_on(desk: Desk) {
    desk.tenant(1, 20).await;
    let other = desk.tenant(2, 20).await;
    desk.accepted(order_of(other, 1)).await;
    for n in 2..=6 {
        desk.accepted(order(n)).await;
    }
    let wanted = Survey {
        tenant: Some(other),
        ..Survey::default()
    };
    let part = |after| Portion {
        after,
        limit: 10,
        walk: 3,
    };
    let first = surveyed(&desk, &wanted, part(None)).await;
    assert_eq!(
        first,
        (Vec::new(), Some(id(4))),
        "six, five and four were looked at"
    );
    let second = surveyed(&desk, &wanted, part(Some(id(4)))).await;
    assert_eq!(second, (vec![id(1)], Some(id(1))));
    let third = surveyed(&desk, &wanted, part(Some(id(1)))).await;
    assert_eq!(third, (Vec::new(), None));
}

pub(super) async fn a_lease_is_told_while_somebody_has_it(desk: Desk) {
    desk.tenant(1, 20).await;
    desk.accepted(order(1)).await;
    let lease = async || desk.store().lease(id(1)).await.expect("read");
    assert_eq!(lease().await, None);
    let taken = claim("node-a", StateWord::Queued, sample::at(100));
    desk.store().claim(&taken).await.expect("claimed");
    let held = lease().await.expect("a lease");
    assert_eq!((held.node.as_str(), held.until), ("node-a", taken.lease_until));
    desk.store().release("node-a", None).await.expect("released");
    assert_eq!(lease().await, None);
    assert_eq!(desk.store().lease(id(404)).await, Ok(None));
}

pub(super) async fn a_queue_is_counted_before_a_task_and_up_to_a_bound(desk: Desk) {
    desk.tenant(1, 20).await;
    for n in 1..=5 {
        desk.accepted(order(n)).await;
    }
    let elsewhere = Origin {
        lane: "elsewhere".to_owned(),
        ..order(6)
    };
    desk.accepted(elsewhere).await;
    let lane = order(1).lane;
    let waiting = async |task, most| desk.store().ahead(&lane, id(task), most).await;
    let count = |tasks, before| Ok(Ahead { tasks, before });
    assert_eq!(waiting(1, 100).await, count(5, 0));
    assert_eq!(waiting(4, 100).await, count(5, 3));
    assert_eq!(waiting(4, 2).await.map(|waiting| waiting.tasks), Ok(2));
    let taken = claim("node-a", StateWord::Queued, sample::at(100));
    desk.store().claim(&taken).await.expect("claimed");
    assert_eq!(
        waiting(4, 100).await,
        count(0, 0),
        "what somebody has does not wait"
    );
}

pub(super) async fn the_overview_adds_up_what_is_unfinished(desk: Desk) {
    desk.tenant(1, 20).await;
    let empty = desk.store().overview().await.expect("read");
    assert_eq!(empty, domain::overview::Overview::default());
    let born = |n: u128| Origin {
        created_at: sample::at(i64::try_from(n).expect("small")),
        ..order(n)
    };
    desk.accepted(born(1)).await;
    desk.accepted(born(2)).await;
    for n in [3, 4] {
        let doubtful = desk.accepted(born(n)).await;
        let doubtful = desk.step(&doubtful, 50, intended()).await;
        let since = 100 - i64::try_from(n).expect("small");
        desk.step(&doubtful, since, EventKind::Ambiguous).await;
    }
    let ended = desk.accepted(born(5)).await;
    let ended = desk.step(&ended, 51, intended()).await;
    let ended = desk.step(&ended, 52, accepted()).await;
    let ended = desk.step(&ended, 53, completed(None)).await;
    desk.step(&ended, 54, kept(1)).await;
    let key = sample::artifact(domain::Id(7)).blob;
    let staged = desk.store().stage_blob(&key, 77, sample::at(1)).await;
    staged.expect("noted");
    let mut overview = desk.store().overview().await.expect("read");
    overview.groups.sort_by_key(|group| group.state);
    let lane = order(1).lane;
    let queued = Group {
        state: StateWord::Queued,
        lane: lane.clone(),
        tasks: 2,
        oldest_at: sample::at(1),
        in_doubt_since: None,
    };
    let doubtful = Group {
        state: StateWord::Unknown,
        lane,
        tasks: 2,
        oldest_at: sample::at(3),
        in_doubt_since: Some(sample::at(96)),
    };
    assert_eq!(overview.groups, [queued, doubtful]);
    assert!(
        overview.kept_files >= 1 && overview.kept_bytes >= 77,
        "{overview:?}"
    );
}

pub(super) async fn a_database_that_is_open_for_writing_says_so(desk: Desk) {
    let condition = desk.store().condition().await.expect("it answers");
    assert!(condition.takes_writes);
    // The clock of a server may be off; that it is of this century is all that can be asked here.
    assert!(
        condition
            .now
            .is_none_or(|now| now > crate::clock::START.plus(-100 * 365 * 86_400_000))
    );
}
