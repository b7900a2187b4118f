//! Late: a success after the deadline changes neither state nor bill, and is kept and announced.

use std::sync::Arc;

use domain::blobs::BlobKey;
use domain::dialect::{Answer, Context, Submission};
use domain::provider::{Lookup, Receipt};
use domain::store::{Birth, Outcome};
use domain::task::Origin;
use domain::{Clock, Event, EventKind, LedgerAccount, LineKind, Micros, StateWord, Task, TaskId};
use futures_util::StreamExt as _;
use reelway::admin::tasks::Sight;
use reelway::admin::tasks::wish::ListWish;
use reelway::links::Signer;
use reelway::sealing::MasterKey;
use serde_json::Value;
use testkit::provider::{CLIP, OnLook, OnSubmit, Scripted};
use testkit::sample;

use crate::house_under_test::Gateway;
use crate::rig::{Rig, submission};

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;
const LINK: &str = "https://cdn.example/late.mp4";

const NEVER_CHARGED: [(LineKind, i64); 2] = [(LineKind::Hold, 420_000), (LineKind::Release, 420_000)];

/// A task that the upstream was given, or may have been, and that failed by its deadline a moment ago.
async fn failed_by_deadline(rig: &Rig) -> TaskId {
    let wish = Submission {
        callback_url: Some("https://hooks.example/kling".to_owned()),
        deadline_at: Some(rig.engine.clock().now().plus(10 * MINUTE)),
        ..submission(sample::ask())
    };
    let id = rig.try_submit(wish).await.expect("the sample wish is taken").task;
    rig.crank().await;
    // What runs is looked at once; then nobody looks until the deadline has passed.
    rig.crank_after(2_000).await;
    rig.crank_after(10 * MINUTE).await;
    let task = rig.task(id).await;
    assert_eq!(
        task.error().map(|error| error.code.word()),
        Some("deadline_passed")
    );
    assert_eq!(rig.money(id).await, NEVER_CHARGED);
    id
}

async fn bytes(rig: &Rig, blob: &BlobKey) -> Vec<u8> {
    let mut content = rig.engine.blobs().get(blob, None).await.expect("kept");
    let mut bytes = Vec::new();
    while let Some(chunk) = content.next().await {
        bytes.extend_from_slice(&chunk.expect("readable"));
    }
    bytes
}

/// Expects one late clip, the cost in the house's books alone, and one webhook for it.
async fn expect_late(rig: &Rig, id: TaskId) {
    let task = rig.task(id).await;
    assert_eq!(task.word(), StateWord::Failed);
    assert_eq!(
        task.error().map(|error| error.code.word()),
        Some("deadline_passed")
    );
    assert_eq!(task.course.charge_micros, Some(Micros(0)));
    let [clip] = task.course.late.as_slice() else {
        panic!("one late clip: {:?}", task.course.late)
    };
    assert_eq!(bytes(rig, &clip.blob).await, CLIP);
    let lines = rig.engine.store().lines(id).await.expect("read");
    let costs: Vec<_> = lines
        .iter()
        .filter(|line| line.kind == LineKind::Cost)
        .map(|line| (line.from, line.to, line.amount))
        .collect();
    let cost = (LedgerAccount::Corrections, LedgerAccount::Payable, Micros(90_000));
    assert_eq!(costs, [cost]);
    assert_eq!(lines.len(), 3, "{lines:?}");
    let owed = rig.owed(id).await;
    let told = owed.iter().filter(|event| *event == "task.late_result").count();
    assert_eq!(
        (owed.last().map(String::as_str), told),
        (Some("task.late_result"), 1)
    );
    rig.books().await;
}

#[tokio::test]
async fn a_house_that_is_never_idle_looks_for_late_results_all_the_same() {
    let rig = Rig::new().await;
    rig.provider.on_look((0..200).map(|_| OnLook::Running(None)));
    failed_by_deadline(&rig).await;
    rig.submit().await;
    rig.crank().await;
    rig.clock.advance_ms(MINUTE);
    let store = rig.engine.store();
    for _ in 0..20 {
        rig.clock.advance_ms(20_000);
        let steps = rig.engine.hand_out().await.expect("a turn");
        assert!(!steps.is_empty(), "a look is due in every turn");
        futures_util::future::join_all(steps).await;
    }
    let due = store.late_looks(rig.clock.now(), 10).await.expect("read");
    assert_eq!(due, [], "the look was made");
}

#[tokio::test]
async fn a_success_after_the_deadline_is_kept_and_announced_at_the_houses_cost() {
    let rig = Rig::with(Scripted::new(), 1).await;
    rig.provider.costs(Micros(90_000));
    let working = [OnLook::Running(None), OnLook::Running(Some(80))];
    rig.provider.on_look(working);
    let id = failed_by_deadline(&rig).await;
    rig.crank_after(50_000).await;
    assert_eq!(rig.provider.look_count(), 1, "nobody looks that early");
    rig.crank_after(15_000).await;
    assert_eq!(rig.provider.look_count(), 2);
    assert_eq!(rig.task(id).await.course.late.len(), 0, "the vendor still works");
    rig.provider.on_look([OnLook::Running(None)]);
    let next = rig.submit().await;
    rig.crank().await;
    assert_eq!(
        rig.state(next).await,
        StateWord::Running,
        "a late task takes no slot"
    );
    rig.crank_after(75_000).await;
    expect_late(&rig, id).await;
    let looks = rig.provider.look_count();
    rig.crank_after(8 * DAY).await;
    assert_eq!(
        rig.provider.look_count(),
        looks,
        "what is kept is looked at no more"
    );
    expect_late(&rig, id).await;
}

#[tokio::test]
async fn a_late_success_is_found_after_a_restart() {
    let rig = Rig::new().await;
    rig.provider.costs(Micros(90_000));
    rig.provider.on_look([OnLook::Running(None), OnLook::Error]);
    let id = failed_by_deadline(&rig).await;
    let rig = rig.restart().await;
    rig.crank_after(MINUTE + 5_000).await;
    assert_eq!(rig.provider.look_count(), 2);
    let rig = rig.restart().await;
    rig.crank_after(10_000).await;
    assert_eq!(rig.provider.look_count(), 2, "a restart looks no earlier");
    rig.crank_after(MINUTE).await;
    expect_late(&rig, id).await;
}

#[tokio::test]
async fn a_late_failure_changes_nothing_and_ends_the_looks() {
    for end in [OnLook::Fail, OnLook::Lose, OnLook::Done(0)] {
        let rig = Rig::new().await;
        rig.provider.on_look([OnLook::Running(None), end.clone()]);
        let id = failed_by_deadline(&rig).await;
        rig.crank_after(MINUTE + 5_000).await;
        let before = rig.task(id).await;
        for _ in 0..8 {
            rig.crank_after(DAY).await;
        }
        assert_eq!(rig.provider.look_count(), 2, "{end:?}");
        assert_eq!(rig.task(id).await, before);
        assert_eq!(rig.money(id).await, NEVER_CHARGED);
        rig.books().await;
    }
}

#[tokio::test]
async fn a_task_that_never_ends_at_its_vendor_is_given_up_after_a_week() {
    let rig = Rig::new().await;
    rig.provider.on_look((0..1_000).map(|_| OnLook::Running(None)));
    let id = failed_by_deadline(&rig).await;
    for _ in 0..28 {
        rig.crank_after(DAY / 4).await;
    }
    let looks = rig.provider.look_count();
    assert!((27..=29).contains(&looks), "{looks} looks in a week");
    for _ in 0..4 {
        rig.crank_after(DAY).await;
    }
    assert_eq!(rig.provider.look_count(), looks);
    assert_eq!(rig.task(id).await.course.late.len(), 0);
}

#[tokio::test]
async fn a_submit_that_was_never_answered_is_looked_up_by_our_reference() {
    let rig = Rig::new().await;
    rig.provider.costs(Micros(90_000));
    rig.provider.on_submit([OnSubmit::AcceptAndLoseReply]);
    rig.provider.hangs(true);
    let id = failed_by_deadline(&rig).await;
    rig.provider.hangs(false);
    rig.crank_after(MINUTE + 5_000).await;
    expect_late(&rig, id).await;
    assert_eq!(rig.provider.jobs(), (1, 1));
}

#[tokio::test]
async fn a_submit_that_never_arrived_is_given_up_and_not_sent_again() {
    let rig = Rig::new().await;
    rig.provider.on_submit([OnSubmit::LoseRequest]);
    rig.provider.hangs(true);
    let id = failed_by_deadline(&rig).await;
    rig.provider.hangs(false);
    let lookups = rig.provider.lookup_count();
    // After one minute its absence is not believed yet, after two it is.
    for _ in 0..5 {
        rig.crank_after(MINUTE + 5_000).await;
    }
    assert_eq!(rig.provider.lookup_count(), lookups + 2);
    assert_eq!((rig.provider.jobs(), rig.provider.look_count()), ((0, 0), 0));
    assert_eq!(rig.money(id).await, NEVER_CHARGED);
}

#[tokio::test]
async fn without_a_look_up_nobody_looks_for_what_has_no_name() {
    let rig = Rig::with(Scripted::with_lookup(Lookup::None), 1).await;
    rig.provider.on_submit([OnSubmit::AcceptAndLoseReply]);
    let id = failed_by_deadline(&rig).await;
    for _ in 0..8 {
        rig.crank_after(DAY).await;
    }
    assert_eq!((rig.provider.look_count(), rig.provider.lookup_count()), (0, 0));
    assert_eq!(rig.money(id).await, NEVER_CHARGED);
}

#[tokio::test]
async fn a_late_file_that_cannot_be_had_is_asked_for_anew() {
    let rig = Rig::new().await;
    rig.provider.costs(Micros(90_000));
    let there = || OnLook::DoneAt(LINK.to_owned());
    rig.provider
        .on_look([OnLook::Running(None), there(), there(), there()]);
    let id = failed_by_deadline(&rig).await;
    rig.crank_after(MINUTE + 5_000).await;
    rig.transport
        .serve(LINK, 200, b"<!doctype html><title>Sorry</title>");
    rig.crank_after(MINUTE + 10_000).await;
    assert_eq!(rig.money(id).await, NEVER_CHARGED);
    rig.transport.serve(LINK, 200, CLIP);
    rig.crank_after(2 * MINUTE + 20_000).await;
    expect_late(&rig, id).await;
}

#[tokio::test]
async fn of_two_processes_one_looks() {
    let rig = Rig::new().await;
    rig.provider.costs(Micros(90_000));
    rig.provider.on_look([OnLook::Running(None)]);
    let id = failed_by_deadline(&rig).await;
    let other = rig.beside("node-2", Arc::clone(&rig.clock) as _);
    rig.clock.advance_ms(MINUTE + 5_000);
    let (one, two) = tokio::join!(rig.engine.crank(), other.crank());
    one.and(two).expect("the belts turn");
    assert_eq!(rig.provider.look_count(), 2);
    expect_late(&rig, id).await;
}

/// A task of the client that failed by its deadline and whose success came late, with the file of a clip.
async fn late_task(gateway: &Gateway) -> String {
    let clip = gateway.clip().await;
    let made = gateway.row(&clip).await;
    let origin = Origin {
        id: TaskId(gateway.house.ids.id()),
        lane: "nobody".to_owned(),
        ..Origin::clone(&made.origin)
    };
    let at = gateway.house.clock.now();
    let birth = Task::born(origin);
    let mut task = birth.task.clone();
    let life = [
        EventKind::SubmitIntended {
            account: "away".to_owned(),
        },
        EventKind::Accepted {
            receipt: Receipt("up-1".to_owned()),
        },
        EventKind::DeadlinePassed,
        EventKind::LateResult {
            artifacts: made.course.artifacts.clone(),
            cost: None,
        },
    ];
    let mut changes = Vec::new();
    for kind in life {
        let change = task.apply(&Event { at, kind }).expect("a life that can be");
        task = change.task.clone();
        changes.push(change);
    }
    let store = gateway.house.engine.store();
    let births = vec![Birth::from(birth)];
    assert_eq!(store.insert(births).await, Ok(vec![Outcome::Done]));
    assert_eq!(store.commit(changes).await, Ok(vec![Outcome::Done; 4]));
    task.id().prefixed()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_sees_the_failure_with_the_late_clip_and_a_stranger_sees_nothing() {
    let gateway = Gateway::start().await;
    let id = late_task(&gateway).await;
    let path = format!("/api/v1/tasks/{id}");
    let shown = gateway.ask("GET", &path, "").await.json();
    assert_eq!(
        (&shown["status"], &shown["error"]["code"]),
        (&"failed".into(), &"deadline_passed".into())
    );
    assert_eq!(shown["price"]["charge_micros"], 0);
    let url = shown["artifacts"][0]["url"].as_str().expect("a link").to_owned();
    let link = url
        .split_once(gateway.address())
        .expect("a link to the host that was asked")
        .1;
    let opened = gateway.send("GET", link, &[], "").await;
    assert_eq!((opened.status.as_u16(), &opened.bytes[4..8]), (200, &b"ftyp"[..]));
    let content = format!("{path}/content");
    assert_eq!(gateway.ask("GET", &content, "").await.bytes, opened.bytes);
    let native = gateway
        .ask("GET", &format!("/kling-native/v1/videos/text2video/{id}"), "")
        .await;
    let data = &native.json()["data"];
    assert_eq!(
        (&data["task_status"], &data["task_result"]),
        (&"failed".into(), &Value::Null)
    );
    let told = gateway
        .rule("GET", &format!("/api/v1/admin/tasks/{id}"), &Value::Null)
        .await;
    let told = told.json()["explanation"].as_str().expect("words").to_owned();
    assert!(told.contains("A success came after that"), "{told}");
    let stranger = format!("Bearer {}", gateway.stranger().await);
    for path in [&path, &content] {
        let foreign = gateway
            .send("GET", path, &[("authorization", &stranger)], "")
            .await;
        assert_eq!(foreign.status, 404, "{path}");
    }
    gateway.stop().await;
}

#[tokio::test]
async fn a_submit_that_nobody_can_look_up_is_indeterminate_in_our_own_words_and_submitted_in_others() {
    let rig = Rig::with(Scripted::with_lookup(Lookup::None), 1).await;
    rig.provider.on_submit([OnSubmit::AcceptAndLoseReply]);
    let id = rig.submit().await;
    rig.crank().await;
    assert_eq!(rig.state(id).await, StateWord::Unknown);
    let sight = Sight {
        store: &**rig.engine.store(),
        clock: &**rig.engine.clock(),
        engine: Some(&rig.engine),
    };
    let shown = sight.show(&id.prefixed()).await.expect("it is known");
    assert_eq!(shown.task.state, "indeterminate");
    let listed = sight.list(&ListWish::default()).await.expect("a list");
    assert_eq!(listed.data[0].state, "indeterminate");

    let clock: Arc<dyn Clock> = Arc::clone(&rig.clock) as _;
    let signer = Signer::new(&MasterKey::of_bytes([7; 32]), 60, clock);
    let links = signer.at("http://h", Arc::default()).with_queue(&rig.engine);
    let context = Context {
        request_id: "req-1",
        links: &links,
        route: None,
    };
    let task = rig.task(id).await;
    let said = |name: &str| {
        let dialect = dialects::ALL.iter().find(|dialect| dialect.name() == name);
        let reply = dialect
            .expect("it is there")
            .render(&Answer::Status(&task), &context);
        String::from_utf8(reply.body.to_vec()).expect("text")
    };
    assert!(said("reelway").contains("\"status\":\"indeterminate\""));
    assert!(said("kling").contains("\"task_status\":\"submitted\""));
    for dialect in dialects::ALL.iter().filter(|dialect| dialect.name() != "reelway") {
        assert!(
            !said(dialect.name()).contains("indeterminate"),
            "{}",
            dialect.name()
        );
    }
}
