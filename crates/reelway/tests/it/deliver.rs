//! Deliver: what is owed to clients reaches them, in order, again and again until they have it. Here on the
//! manual clock; over real sockets in `deliver/sockets.rs`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use domain::store::{Delivery, DeliveryState};
use domain::transport::{OutReply, OutRequest, TransportError};
use domain::{TaskId, Transport};
use parking_lot::Mutex;
use testkit::provider::OnLook;
use testkit::transport::OnSend;

use crate::rig::Rig;

pub(crate) mod receiver;
mod sockets;

const URL: &str = "https://hooks.example/kling";
const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// The pauses before the tries, without what chance adds.
const PAUSES: [i64; 10] = [
    0,
    5 * SECOND,
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    5 * HOUR,
    10 * HOUR,
    14 * HOUR,
    20 * HOUR,
    24 * HOUR,
];

fn header<'a>(request: &'a OutRequest, name: &str) -> &'a str {
    let found = request.headers.iter().find(|(known, _)| known == name);
    found.map_or("", |(_, value)| value)
}

fn event(request: &OutRequest) -> String {
    let body: serde_json::Value = serde_json::from_slice(&request.body).expect("JSON");
    body["event"].as_str().expect("an event").to_owned()
}

fn states(rows: &[Delivery]) -> Vec<(&str, DeliveryState)> {
    let states = rows.iter().map(|row| (row.owed.event.as_str(), row.state));
    states.collect()
}

/// A house with a task that has ended and whose receiver answered so to its end.
async fn ended(answers: impl IntoIterator<Item = OnSend>) -> (Rig, TaskId) {
    let rig = Rig::new().await;
    rig.transport.serve(URL, 200, b"");
    let id = rig.submit_with_callback().await;
    rig.crank().await;
    rig.transport.on_send(answers);
    rig.crank_after(1_500).await;
    (rig, id)
}

fn failing() -> OnSend {
    OnSend::answer(500, &b"no \x07room"[..])
}

async fn last(rig: &Rig, id: TaskId) -> Delivery {
    rig.deliveries(id).await.pop().expect("an end is owed")
}

#[tokio::test]
async fn a_receiver_that_answers_hears_of_each_state_once() {
    use DeliveryState::{Delivered, Superseded};
    let (rig, id) = ended([]).await;
    rig.crank_after(100 * HOUR).await;
    let rows = rig.deliveries(id).await;
    let expected = [
        ("task.queued", Superseded),
        ("task.running", Delivered),
        ("task.succeeded", Delivered),
    ];
    assert_eq!(states(&rows), expected, "a crank is quicker than any receiver");
    let sent = rig.transport.sent();
    let told: Vec<_> = sent
        .iter()
        .map(|request| (header(request, "webhook-id"), event(request)))
        .collect();
    let owed = |at: usize| (rows[at].owed.id.as_str(), rows[at].owed.event.clone());
    assert_eq!(told, [owed(1), owed(2)]);
    assert_eq!((sent[0].method.as_str(), sent[0].url.as_str()), ("POST", URL));
    assert_eq!(header(&sent[0], "content-type"), "application/json");
    assert_eq!(sent[0].timeout_ms, 15_000);
    assert_eq!((rows[2].status, rows[2].tries), (Some(200), 1));
    assert_eq!(rig.engine.tally().webhook_wait_ms.read().count(), 2);
}

#[tokio::test]
async fn a_receiver_that_is_down_is_tried_ten_times_with_the_same_id_and_body_then_it_is_given_up() {
    let (rig, id) = ended(vec![failing(); 40]).await;
    let pauses = PAUSES.iter().skip(1);
    for (tries, pause) in (1_u32..).zip(pauses) {
        let row = last(&rig, id).await;
        assert_eq!(
            (row.state, row.tries, row.status),
            (DeliveryState::Pending, tries, Some(500))
        );
        assert_eq!(
            row.note.as_deref(),
            Some("no room"),
            "what was answered, as far as it can be shown"
        );
        let wait = row.next_at.since(row.tried_at.expect("tried"));
        assert!(
            (*pause..=pause + pause / 10).contains(&wait),
            "try {tries}: {wait} ms"
        );
        rig.crank_after(pause - 1).await;
        assert_eq!(last(&rig, id).await.tries, tries, "not before its time");
        rig.crank_after(pause / 10 + 501).await;
    }
    let row = last(&rig, id).await;
    assert_eq!((row.state, row.tries), (DeliveryState::Dead, 10));
    rig.crank_after(200 * HOUR).await;
    let tries: Vec<_> = rig.transport.sent().into_iter().skip(1).collect();
    assert_eq!(tries.len(), 10);
    for request in &tries {
        assert_eq!(header(request, "webhook-id"), row.owed.id);
        assert_eq!(request.body, tries[0].body);
    }
    let stamps: Vec<_> = tries
        .iter()
        .map(|request| header(request, "webhook-timestamp"))
        .collect();
    assert!(
        stamps.is_sorted() && stamps[0] != stamps[9],
        "each try says when it is"
    );

    rig.transport.on_send([OnSend::answer(204, "")]);
    assert_eq!(rig.transport.left(), 31, "nobody asked for these");
    assert_eq!(rig.engine.replay(&row.owed.id).await, Ok(true));
    rig.crank().await;
    let again = rig.transport.sent().pop().expect("sent");
    assert_eq!(
        (header(&again, "webhook-id"), &again.body),
        (row.owed.id.as_str(), &tries[0].body)
    );
    assert_eq!(
        last(&rig, id).await.tries,
        1,
        "a replay has all its tries before it"
    );
    rig.crank_after(31 * 24 * HOUR).await;
    assert_eq!(
        rig.engine.replay(&row.owed.id).await,
        Ok(false),
        "after 30 days it is forgotten"
    );
}

#[tokio::test]
async fn a_receiver_that_fails_and_then_answers_has_it() {
    let gone = OnSend::Fail(TransportError::NotSent("connection refused".to_owned()));
    let moved = OnSend::Answer {
        status: 302,
        headers: vec![("location".to_owned(), "https://elsewhere.example/".to_owned())],
        body: bytes::Bytes::new(),
    };
    let (rig, id) = ended([gone, moved, OnSend::answer(201, "thanks")]).await;
    let row = last(&rig, id).await;
    assert_eq!(
        (row.status, row.note.as_deref()),
        (None, Some("not reached: connection refused"))
    );
    rig.crank_after(6 * SECOND).await;
    assert_eq!(last(&rig, id).await.status, Some(302), "nobody follows it");
    rig.crank_after(6 * MINUTE).await;
    let row = last(&rig, id).await;
    assert_eq!(
        (row.state, row.status, row.tries),
        (DeliveryState::Delivered, Some(201), 3)
    );
    assert!(rig.transport.sent().iter().all(|request| request.url == URL));
}

#[tokio::test]
async fn a_receiver_that_is_gone_for_good_is_asked_no_more() {
    let (rig, id) = ended([OnSend::answer(410, "gone")]).await;
    let row = last(&rig, id).await;
    assert_eq!(
        (row.state, row.status, row.tries),
        (DeliveryState::Dead, Some(410), 1)
    );
    rig.crank_after(100 * HOUR).await;
    assert_eq!(last(&rig, id).await.tries, 1);
}

#[tokio::test]
async fn a_receiver_may_ask_for_a_longer_pause_and_for_no_shorter_one() {
    let busy = |asked: &str| OnSend::Answer {
        status: 503,
        headers: vec![("retry-after".to_owned(), asked.to_owned())],
        body: bytes::Bytes::new(),
    };
    let cases = [
        ("120", 120 * SECOND),
        ("1", 5 * SECOND),
        ("99999999999", 24 * HOUR),
        ("-3", 5 * SECOND),
        ("soon", 5 * SECOND),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 5 * SECOND),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 24 * HOUR),
    ];
    for (asked, least) in cases {
        let (rig, id) = ended([busy(asked)]).await;
        let row = last(&rig, id).await;
        let wait = row.next_at.since(row.tried_at.expect("tried"));
        assert!((least..=least + SECOND).contains(&wait), "{asked}: {wait} ms");
    }
}

#[tokio::test]
async fn what_passes_is_not_told_once_the_end_is_owed_and_the_end_is_told_at_once() {
    use DeliveryState::{Delivered, Superseded};
    let rig = Rig::new().await;
    rig.transport.on_send([failing(), failing()]);
    rig.provider.on_look([OnLook::Running(None)]);
    let id = rig.submit_with_callback().await;
    rig.crank().await;
    let row = last(&rig, id).await;
    assert_eq!((row.owed.event.as_str(), row.tries), ("task.running", 1));
    rig.transport.serve(URL, 200, b"");
    rig.transport.on_send([]);
    while rig.transport.left() > 0 {
        rig.crank_after(6 * SECOND).await;
    }
    rig.crank_after(MINUTE).await;
    rig.crank_after(10 * HOUR).await;
    let rows = rig.deliveries(id).await;
    let [queued, running, end] = &rows[..] else {
        panic!("three states: {rows:?}")
    };
    assert_eq!(
        (queued.state, running.state, end.state),
        (Superseded, Superseded, Delivered)
    );
    let told: Vec<_> = rig.transport.sent().iter().map(event).collect();
    assert_eq!(told.last().map(String::as_str), Some("task.succeeded"));
    assert_eq!(told.iter().filter(|event| *event == "task.succeeded").count(), 1);
}

/// A way out on which requests do not come back as long as it is shut; one that was sent while it was shut
/// never does.
#[derive(Default)]
struct Lock {
    is_shut: AtomicBool,
    sent: Mutex<Vec<OutRequest>>,
}

#[async_trait]
impl Transport for Lock {
    async fn send(&self, request: OutRequest) -> Result<OutReply, TransportError> {
        self.sent.lock().push(request);
        if self.is_shut.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        Ok(OutReply {
            status: 200,
            headers: Vec::new(),
            body: Box::pin(futures_util::stream::empty()),
        })
    }
}

impl Lock {
    fn events(&self) -> Vec<String> {
        self.sent.lock().iter().map(event).collect()
    }

    /// Waits until so many requests were sent; other futures go on meanwhile.
    async fn has_sent(&self, count: usize) {
        while self.sent.lock().len() < count {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn a_webhook_that_was_sent_when_the_process_died_is_sent_again_with_the_same_id_and_body() {
    let rig = Rig::new().await;
    let lock = Arc::new(Lock::default());
    let engine = rig.engine_with(Vec::new(), Arc::clone(&lock) as _);
    lock.is_shut.store(true, Ordering::SeqCst);
    let id = rig.submit_with_callback().await;
    let mut steps = engine.hand_out().await.expect("a turn");
    assert_eq!(steps.len(), 2, "a webhook and a sweep");
    let dying = tokio::spawn(steps.remove(0));
    lock.has_sent(1).await;
    dying.abort();
    drop((steps, engine));

    let engine = rig.engine_with(Vec::new(), Arc::clone(&lock) as _);
    lock.is_shut.store(false, Ordering::SeqCst);
    engine.crank().await.expect("the belts turn");
    assert_eq!(lock.sent.lock().len(), 1, "it may still be under way");
    rig.clock.advance_ms(30_001);
    engine.crank().await.expect("the belts turn");
    let sent = lock.sent.lock().clone();
    assert_eq!(sent.len(), 2);
    assert_eq!(header(&sent[0], "webhook-id"), header(&sent[1], "webhook-id"));
    assert_eq!(sent[0].body, sent[1].body);
    assert_eq!(last(&rig, id).await.state, DeliveryState::Delivered);
}

#[tokio::test]
async fn a_later_state_breaks_off_a_try_that_does_not_end_and_is_told_after_it() {
    let rig = Rig::new().await;
    let lock = Arc::new(Lock::default());
    let account = testkit::provider::Scripted::account(8);
    let accounts = vec![(account, Arc::clone(&rig.provider) as _)];
    let engine = rig.engine_with(accounts, Arc::clone(&lock) as _);
    let id = rig.submit_with_callback().await;
    engine.crank().await.expect("the belts turn");
    assert_eq!(lock.events(), ["task.running"]);
    let again = last(&rig, id).await.owed.id;
    assert_eq!(engine.replay(&again).await, Ok(true));
    lock.is_shut.store(true, Ordering::SeqCst);
    let steps = engine.hand_out().await.expect("a turn");
    let stuck: Vec<_> = steps.into_iter().map(tokio::spawn).collect();
    lock.has_sent(2).await;
    lock.is_shut.store(false, Ordering::SeqCst);
    rig.clock.advance_ms(1_500);
    engine.crank().await.expect("the belts turn");
    assert_eq!(rig.state(id).await, domain::StateWord::Succeeded);
    for step in stuck {
        step.await.expect("the try is broken off");
    }
    engine.crank().await.expect("the belts turn");
    assert_eq!(lock.events(), ["task.running", "task.running", "task.succeeded"]);
    let rows = rig.deliveries(id).await;
    assert_eq!(rows[1].state, DeliveryState::Superseded);
    assert_eq!(rows[2].state, DeliveryState::Delivered);
}
