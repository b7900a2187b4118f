//! Checks of the outbox: who gets to try which webhook, what comes before what, what is kept and for how
//! long; and of the secrets that webhooks are signed with.

use std::sync::Arc;

use domain::store::{
    Delivery, DeliveryFilter, DeliveryState, Errand, ErrandClaim, Outstanding, SigningSecret, Tried,
};
use domain::task::Origin;
use domain::tenant::Sealed;
use domain::{EventKind, Id, Millis, Task, TaskId};

use super::{Desk, accepted, completed, id, intended, kept, order, order_of};
use crate::sample;

/// How long a claim of these checks goes, in milliseconds.
const CLAIM_MS: i64 = 30_000;

fn called_back(origin: Origin, host: &str) -> Origin {
    Origin {
        callback_url: Some(format!("https://{host}/hook?a=1")),
        ..origin
    }
}

async fn queued(desk: &Desk, n: u128, host: &str) -> Task {
    desk.accepted(called_back(order(n), host)).await
}

async fn running(desk: &Desk, task: &Task) -> Task {
    let task = desk.step(task, 1, intended()).await;
    desk.step(&task, 2, accepted()).await
}

async fn succeeded(desk: &Desk, task: &Task) -> Task {
    let task = desk.step(task, 3, completed(None)).await;
    desk.step(&task, 4, kept(1)).await
}

fn claim_by(node: &str, at: i64, receivers: &[(&str, usize)]) -> ErrandClaim {
    let now = sample::at(at);
    ErrandClaim {
        node: node.to_owned(),
        now,
        until: now.plus(CLAIM_MS),
        receivers: receivers
            .iter()
            .map(|(host, most)| ((*host).to_owned(), *most))
            .collect(),
    }
}

async fn claimed(desk: &Desk, at: i64, receivers: &[(&str, usize)]) -> Vec<Errand> {
    let claim = claim_by("n", at, receivers);
    let errands = desk.store().outbox().claim_errands(&claim).await;
    errands.expect("claimed")
}

fn events(errands: &[Errand]) -> Vec<(TaskId, &str)> {
    let owed = errands.iter().map(|errand| &errand.delivery.owed);
    owed.map(|owed| (owed.task, owed.event.as_str())).collect()
}

fn outcome(errand: &Errand, state: DeliveryState, at: i64) -> Tried {
    let tries = errand.delivery.tries + 1;
    Tried {
        id: errand.delivery.owed.id.clone(),
        node: "n".to_owned(),
        until: errand.delivery.next_at,
        state,
        tries,
        next_at: sample::at(at + 5_000),
        status: Some(if state == DeliveryState::Delivered {
            204
        } else {
            500
        }),
        note: (state != DeliveryState::Delivered).then(|| "no".to_owned()),
        at: sample::at(at),
    }
}

async fn tried(desk: &Desk, errand: &Errand, state: DeliveryState, at: i64) -> bool {
    let written = desk.store().outbox().tried(&outcome(errand, state, at)).await;
    written.expect("written")
}

async fn row(desk: &Desk, id: &str) -> Delivery {
    let row = desk.store().outbox().delivery(None, id).await.expect("read");
    row.expect("a webhook")
}

async fn states(desk: &Desk, task: TaskId) -> Vec<DeliveryState> {
    let rows = desk.store().outbox().deliveries_of(task).await.expect("read");
    rows.iter().map(|row| row.state).collect()
}

pub(super) async fn a_webhook_is_claimed_once_and_tried_again_until_it_is_delivered(mut desk: Desk) {
    desk.tenant(1, 2).await;
    let task = queued(&desk, 1, "Hooks.example:8443").await;
    let host = "hooks.example:8443";
    let due = desk.store().outbox().receivers().await.expect("read");
    assert_eq!(due, [(host.to_owned(), Millis(0))], "it is due at once");
    assert_eq!(claimed(&desk, 10, &[("other.example", 5)]).await, []);
    let first = claimed(&desk, 10, &[(host, 5)]).await;
    assert_eq!(events(&first), [(task.id(), "task.queued")]);
    assert_eq!((first[0].delivery.tries, &first[0].body), (0, &None));
    assert_eq!(first[0].delivery.next_at, sample::at(10 + CLAIM_MS));
    assert_eq!(claimed(&desk, 11, &[(host, 5)]).await, [], "somebody has it");
    assert!(tried(&desk, &first[0], DeliveryState::Pending, 12).await);
    assert!(
        !tried(&desk, &first[0], DeliveryState::Pending, 12).await,
        "its claim is over"
    );
    assert_eq!(
        claimed(&desk, 5_011, &[(host, 5)]).await,
        [],
        "not before its time"
    );
    desk.reopen().await;
    let second = claimed(&desk, 5_012, &[(host, 5)]).await;
    let delivery = &second[0].delivery;
    assert_eq!(
        (delivery.tries, delivery.status, delivery.note.as_deref()),
        (1, Some(500), Some("no"))
    );
    assert!(tried(&desk, &second[0], DeliveryState::Delivered, 5_013).await);
    let row = row(&desk, &delivery.owed.id).await;
    assert_eq!(
        (row.state, row.tries, row.status),
        (DeliveryState::Delivered, 2, Some(204))
    );
    assert_eq!((row.delivered_at, row.note), (Some(sample::at(5_013)), None));
    assert_eq!(desk.store().outbox().receivers().await, Ok(Vec::new()));
}

pub(super) async fn a_claim_that_is_over_is_void(desk: Desk) {
    desk.tenant(1, 2).await;
    queued(&desk, 1, "a").await;
    let first = claimed(&desk, 0, &[("a", 1)]).await;
    assert_eq!(claimed(&desk, CLAIM_MS - 1, &[("a", 1)]).await, []);
    let second = claimed(&desk, CLAIM_MS, &[("a", 1)]).await;
    assert_eq!(second.len(), 1, "whoever had it is dead");
    assert!(
        !tried(&desk, &first[0], DeliveryState::Dead, CLAIM_MS).await,
        "and nobody hears of it"
    );
    assert!(tried(&desk, &second[0], DeliveryState::Delivered, CLAIM_MS).await);
}

pub(super) async fn eight_who_claim_never_get_the_same_webhook(desk: Desk) {
    desk.tenant(1, 40).await;
    for n in 0..32 {
        queued(&desk, n, "a").await;
    }
    let store = desk.store();
    let claims = (0..8).map(|n| {
        let store = Arc::clone(store);
        tokio::spawn(async move {
            let mut got = Vec::new();
            for _ in 0..8 {
                let claim = claim_by(&format!("n-{n}"), 1, &[("a", 3)]);
                let errands = store.outbox().claim_errands(&claim).await.expect("claimed");
                got.extend(errands.into_iter().map(|errand| errand.delivery.owed.id));
            }
            got
        })
    });
    let mut all = Vec::new();
    for claim in claims.collect::<Vec<_>>() {
        all.extend(claim.await.expect("claimed"));
    }
    all.sort();
    let count = all.len();
    all.dedup();
    assert_eq!((all.len(), count), (32, 32));
}

pub(super) async fn a_claim_takes_so_many_of_each_receiver_the_longest_due_first(desk: Desk) {
    desk.tenant(1, 20).await;
    for (n, host) in [(1, "a"), (2, "b"), (3, "a"), (4, "b"), (5, "a")] {
        queued(&desk, n, host).await;
    }
    let first = claimed(&desk, 1, &[("a", 1)]).await;
    assert_eq!(events(&first), [(id(1), "task.queued")]);
    assert!(tried(&desk, &first[0], DeliveryState::Pending, 2).await);
    let mut both: Vec<_> = claimed(&desk, 6_000, &[("a", 2), ("b", 1)]).await;
    both.sort_by_key(|errand| errand.delivery.owed.task);
    let tasks: Vec<_> = both.iter().map(|errand| errand.delivery.owed.task).collect();
    assert_eq!(
        tasks,
        [id(2), id(3), id(5)],
        "what was tried is due later than what was not"
    );
}

pub(super) async fn a_later_state_makes_what_passes_needless_and_never_an_end(desk: Desk) {
    use DeliveryState::{Delivered, Pending, Superseded};
    desk.tenant(1, 2).await;
    let task = queued(&desk, 1, "a").await;
    let task = running(&desk, &task).await;
    assert_eq!(states(&desk, task.id()).await, [Superseded, Pending]);
    let errands = claimed(&desk, 5, &[("a", 5)]).await;
    assert_eq!(events(&errands), [(task.id(), "task.running")]);
    let task = succeeded(&desk, &task).await;
    assert_eq!(states(&desk, task.id()).await, [Superseded, Superseded, Pending]);
    assert!(tried(&desk, &errands[0], Pending, 6).await);
    assert_eq!(
        states(&desk, task.id()).await[1],
        Superseded,
        "nobody tries it again"
    );

    let other = running(&desk, &queued(&desk, 2, "b").await).await;
    let errands = claimed(&desk, 5, &[("b", 5)]).await;
    succeeded(&desk, &other).await;
    assert!(tried(&desk, &errands[0], Delivered, 6).await);
    assert_eq!(
        states(&desk, other.id()).await,
        [Superseded, Delivered, Pending],
        "what the receiver has, it has"
    );
}

pub(super) async fn a_later_state_waits_for_a_try_under_way_and_for_an_end_that_is_owed(desk: Desk) {
    desk.tenant(1, 2).await;
    let task = running(&desk, &queued(&desk, 1, "a").await).await;
    let passing = claimed(&desk, 5, &[("a", 5)]).await;
    let deadline = desk.step(&task, 6, EventKind::DeadlinePassed).await;
    assert_eq!(
        claimed(&desk, 7, &[("a", 5)]).await,
        [],
        "the state before is on its way"
    );
    assert!(tried(&desk, &passing[0], DeliveryState::Pending, 8).await);
    let end = claimed(&desk, 9, &[("a", 5)]).await;
    assert_eq!(events(&end), [(task.id(), "task.failed")]);
    let late = EventKind::LateResult {
        artifacts: vec![sample::artifact(Id(77))],
        cost: None,
    };
    desk.step(&deadline, 10, late).await;
    assert!(tried(&desk, &end[0], DeliveryState::Pending, 11).await);
    assert_eq!(claimed(&desk, 12, &[("a", 5)]).await, [], "the end is told first");
    let end = claimed(&desk, 6_000, &[("a", 5)]).await;
    assert_eq!(events(&end), [(task.id(), "task.failed")]);
    assert!(tried(&desk, &end[0], DeliveryState::Dead, 6_001).await);
    let late = claimed(&desk, 6_002, &[("a", 5)]).await;
    assert_eq!(
        events(&late),
        [(task.id(), "task.late_result")],
        "unless it was given up"
    );
}

pub(super) async fn a_dead_process_keeps_a_later_state_waiting_no_longer_than_its_claim(desk: Desk) {
    desk.tenant(1, 2).await;
    let task = running(&desk, &queued(&desk, 1, "a").await).await;
    assert_eq!(claimed(&desk, 5, &[("a", 5)]).await.len(), 1);
    succeeded(&desk, &task).await;
    assert_eq!(claimed(&desk, 5 + CLAIM_MS - 1, &[("a", 5)]).await, []);
    let end = claimed(&desk, 5 + CLAIM_MS, &[("a", 5)]).await;
    assert_eq!(events(&end), [(task.id(), "task.succeeded")]);
}

pub(super) async fn a_body_is_kept_once(desk: Desk) {
    desk.tenant(1, 2).await;
    queued(&desk, 1, "a").await;
    let errand = claimed(&desk, 1, &[("a", 1)]).await.remove(0);
    let (outbox, id) = (desk.store().outbox(), errand.delivery.owed.id.as_str());
    let first = outbox.keep_body(id, b"\x00{first}").await;
    assert_eq!(first, Ok(Some(b"\x00{first}".to_vec())));
    let second = outbox.keep_body(id, b"{second}").await;
    assert_eq!(
        second,
        Ok(Some(b"\x00{first}".to_vec())),
        "every try sends the same"
    );
    assert_eq!(outbox.keep_body("wh_unknown_1", b"{}").await, Ok(None));
    assert!(tried(&desk, &errand, DeliveryState::Pending, 2).await);
    let again = claimed(&desk, 10_000, &[("a", 1)]).await;
    assert_eq!(again[0].body.as_deref(), Some(&b"\x00{first}"[..]));
}

pub(super) async fn a_replay_begins_anew_with_what_was_sent(desk: Desk) {
    desk.tenant(1, 2).await;
    let (outbox, since) = (desk.store().outbox(), sample::at(0));
    let task = queued(&desk, 1, "a").await;
    let errand = claimed(&desk, 1, &[("a", 1)]).await.remove(0);
    let id = errand.delivery.owed.id.as_str();
    outbox.keep_body(id, b"{}").await.expect("kept");
    assert_eq!(
        outbox.replay(id, sample::at(2), since).await,
        Ok(false),
        "it is being tried"
    );
    assert!(tried(&desk, &errand, DeliveryState::Dead, 3).await);
    assert_eq!(
        outbox.replay(id, sample::at(4), sample::at(100)).await,
        Ok(false),
        "too old"
    );
    assert_eq!(
        outbox.replay("wh_unknown_1", sample::at(4), since).await,
        Ok(false)
    );
    assert_eq!(outbox.replay(id, sample::at(4), since).await, Ok(true));
    let again = claimed(&desk, 4, &[("a", 1)]).await.remove(0);
    assert_eq!((again.delivery.tries, again.delivery.is_replay), (0, true));
    assert_eq!(again.body.as_deref(), Some(&b"{}"[..]));
    assert!(tried(&desk, &again, DeliveryState::Delivered, 5).await);

    let task = running(&desk, &task).await;
    succeeded(&desk, &task).await;
    let rows = outbox.deliveries_of(task.id()).await.expect("read");
    let never_sent = rows[1].owed.id.as_str();
    assert_eq!(rows[1].state, DeliveryState::Superseded);
    assert_eq!(
        outbox.replay(never_sent, sample::at(9), since).await,
        Ok(false),
        "there is nothing to repeat"
    );
}

pub(super) async fn webhooks_are_listed_by_tenant_and_state_newest_first(desk: Desk) {
    let (one, two) = (desk.tenant(1, 9).await, desk.tenant(2, 9).await);
    let first = running(&desk, &queued(&desk, 1, "a").await).await;
    desk.accepted(called_back(order_of(two, 2), "a")).await;
    queued(&desk, 3, "a").await;
    let outbox = desk.store().outbox();
    let mut filter = DeliveryFilter {
        limit: 10,
        ..DeliveryFilter::default()
    };
    let ids =
        |rows: &[Delivery]| -> Vec<_> { rows.iter().map(|row| (row.owed.task, row.owed.version)).collect() };
    let all = outbox.deliveries(&filter).await.expect("read");
    assert_eq!(ids(&all), [(id(3), 1), (id(2), 1), (id(1), 3), (id(1), 1)]);
    filter.after = Some((id(1), 3));
    assert_eq!(
        ids(&outbox.deliveries(&filter).await.expect("read")),
        [(id(1), 1)]
    );
    filter.after = None;
    filter.tenant = Some(one);
    filter.limit = 2;
    assert_eq!(
        ids(&outbox.deliveries(&filter).await.expect("read")),
        [(id(3), 1), (id(1), 3)]
    );
    filter.state = Some(DeliveryState::Superseded);
    assert_eq!(
        ids(&outbox.deliveries(&filter).await.expect("read")),
        [(id(1), 1)]
    );
    filter.state = Some(DeliveryState::Dead);
    assert_eq!(outbox.deliveries(&filter).await, Ok(Vec::new()));

    let webhook = format!("wh_{}_3", first.id().0.hex());
    assert!(
        outbox
            .delivery(Some(one), &webhook)
            .await
            .expect("read")
            .is_some()
    );
    assert_eq!(
        outbox.delivery(Some(two), &webhook).await,
        Ok(None),
        "another's is as none"
    );
}

pub(super) async fn what_is_outstanding_is_counted_and_old_ones_are_forgotten(desk: Desk) {
    desk.tenant(1, 9).await;
    let outbox = desk.store().outbox();
    assert_eq!(outbox.outstanding().await, Ok(Outstanding::default()));
    queued(&desk, 1, "a").await;
    let errand = claimed(&desk, 1, &[("a", 1)]).await.remove(0);
    assert!(tried(&desk, &errand, DeliveryState::Dead, 2).await);
    let pending = queued(&desk, 2, "a").await;
    let standing = outbox.outstanding().await.expect("read");
    assert_eq!((standing.pending, standing.dead), (1, 1));
    assert_eq!(standing.oldest, Some(pending.origin.created_at));
    let owed_at = errand.delivery.owed.at;
    assert_eq!(outbox.forget_deliveries(owed_at, 10).await, Ok(0), "not yet");
    assert_eq!(outbox.forget_deliveries(sample::at(99_999), 10).await, Ok(1));
    assert_eq!(states(&desk, id(1)).await, []);
    assert_eq!(
        states(&desk, id(2)).await,
        [DeliveryState::Pending],
        "what is owed is owed"
    );
}

pub(super) async fn a_tenants_secret_is_kept_once_and_its_successor_overlaps(mut desk: Desk) {
    let (one, two) = (desk.tenant(1, 0).await, desk.tenant(2, 0).await);
    let secret = |n: u128, tenant| SigningSecret {
        id: Id(n),
        tenant,
        sealed: Sealed {
            master: "m".to_owned(),
            bytes: vec![0, 255, u8::try_from(n).expect("small")],
        },
        made_at: sample::at(i64::try_from(n).expect("small")),
        ends_at: None,
        is_shown: false,
    };
    let (first, second, third) = (secret(1, one), secret(2, one), secret(3, one));
    assert_eq!(desk.store().outbox().keep_signing_secret(&first).await, Ok(true));
    assert_eq!(
        desk.store().outbox().keep_signing_secret(&second).await,
        Ok(false)
    );
    desk.reopen().await;
    let outbox = desk.store().outbox();
    assert_eq!(outbox.signing_secrets(one).await, Ok(vec![first.clone()]));
    assert_eq!(outbox.signing_secrets(two).await, Ok(Vec::new()));
    assert_eq!(outbox.show_signing_secret(first.id).await, Ok(true));
    assert_eq!(outbox.show_signing_secret(first.id).await, Ok(false), "once");
    assert_eq!(
        outbox.rotate_signing_secret(&second, sample::at(50)).await,
        Ok(true)
    );
    let ends = |secret: &SigningSecret, at| SigningSecret {
        ends_at: Some(sample::at(at)),
        ..secret.clone()
    };
    let first = SigningSecret {
        is_shown: true,
        ..ends(&first, 50)
    };
    assert_eq!(outbox.signing_secrets(one).await, Ok(vec![second.clone(), first]));
    assert_eq!(
        outbox.rotate_signing_secret(&third, sample::at(60)).await,
        Ok(true)
    );
    let both = vec![third, ends(&second, 60)];
    assert_eq!(outbox.signing_secrets(one).await, Ok(both), "never more than two");
}
