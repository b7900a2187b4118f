//! Settle: a task succeeds only when its files are ours, and the bill is made once.

use bytes::Bytes;
use domain::{LineKind, Micros, StateWord};
use futures_util::StreamExt;
use testkit::provider::{CLIP, OnLook, OnSubmit};
use testkit::transport::OnSend;

use crate::rig::Rig;

const LINK: &str = "https://cdn.example/clip.mp4";

#[tokio::test]
async fn a_result_is_kept_byte_for_byte_before_the_task_succeeds() {
    let rig = Rig::new().await;
    let id = rig.submit_with_callback().await;
    rig.crank().await;
    rig.crank_after(1_500).await;
    let task = rig.task(id).await;
    let [artifact] = task.course.artifacts.as_slice() else {
        panic!("one artifact")
    };
    assert_eq!(
        (artifact.bytes, artifact.content_type.as_str()),
        (CLIP.len() as u64, "video/mp4")
    );
    let mut content = rig.engine.blobs().get(&artifact.blob, None).await.expect("kept");
    let mut bytes = Vec::new();
    while let Some(chunk) = content.next().await {
        bytes.extend_from_slice(&chunk.expect("readable"));
    }
    assert_eq!(bytes, CLIP);
    assert_eq!(
        rig.owed(id).await,
        ["task.queued", "task.running", "task.succeeded"]
    );
}

#[tokio::test]
async fn a_result_behind_a_link_is_tried_for_until_it_comes() {
    let rig = Rig::new().await;
    rig.provider.on_look([OnLook::DoneAt(LINK.to_owned())]);
    let id = rig.submit().await;
    rig.crank().await;
    rig.crank_after(1_500).await;
    assert_eq!(
        rig.state(id).await,
        StateWord::Settling,
        "the link does not answer yet"
    );
    let rig = rig.restart().await;
    rig.crank_after(20_000).await;
    assert_eq!(rig.state(id).await, StateWord::Settling);
    rig.transport.serve(LINK, 200, CLIP);
    rig.crank_after(120_000).await;
    assert_eq!(rig.state(id).await, StateWord::Succeeded);
    assert_eq!(rig.money(id).await.len(), 2);
    rig.books().await;
}

#[tokio::test]
async fn a_result_whose_link_has_died_fails_the_task_at_the_houses_cost() {
    let rig = Rig::new().await;
    rig.provider.costs(Micros(90_000));
    rig.provider.on_look([OnLook::DoneAt(LINK.to_owned())]);
    rig.transport.serve(LINK, 410, b"gone");
    let id = rig.submit().await;
    rig.crank().await;
    rig.crank_after(1_500).await;
    let task = rig.task(id).await;
    assert_eq!(task.error().map(|error| error.code.word()), Some("custody_lost"));
    let lines = [
        (LineKind::Hold, 420_000),
        (LineKind::Cost, 90_000),
        (LineKind::Release, 420_000),
    ];
    let mut money = rig.money(id).await;
    money.sort_by_key(|(kind, _)| (*kind != LineKind::Hold, *kind != LineKind::Cost));
    assert_eq!(money, lines);
    rig.books().await;
}

#[tokio::test]
async fn what_is_no_media_is_no_result_and_is_fetched_again() {
    let rig = Rig::new().await;
    rig.provider.on_look([OnLook::DoneAt(LINK.to_owned())]);
    rig.transport
        .serve(LINK, 200, b"<!doctype html><title>Sorry</title>");
    let id = rig.submit().await;
    rig.crank().await;
    rig.crank_after(1_500).await;
    let wrong: [&[u8]; 4] = [
        b"{\"code\":5000}",
        b"",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        "Später wieder da".as_bytes(),
    ];
    for bytes in wrong {
        assert_eq!(rig.state(id).await, StateWord::Settling);
        rig.transport.serve(LINK, 200, bytes);
        rig.crank_after(80_000).await;
    }
    assert_eq!(rig.state(id).await, StateWord::Settling);
    rig.transport.serve(LINK, 200, CLIP);
    rig.crank_after(80_000).await;
    assert_eq!(rig.state(id).await, StateWord::Succeeded);
    rig.books().await;
}

#[tokio::test]
async fn a_result_that_breaks_off_is_fetched_again_and_nothing_half_is_kept() {
    let rig = Rig::new().await;
    rig.provider.on_look([OnLook::DoneAt(LINK.to_owned())]);
    rig.transport.on_send([OnSend::BreakOff {
        status: 200,
        body: Bytes::from_static(&CLIP[..40]),
        kind: std::io::ErrorKind::ConnectionReset,
    }]);
    let id = rig.submit().await;
    rig.crank().await;
    rig.crank_after(1_500).await;
    assert_eq!(rig.state(id).await, StateWord::Settling);
    rig.transport.serve(LINK, 200, CLIP);
    rig.crank_after(2_000).await;
    assert_eq!(rig.task(id).await.course.artifacts[0].bytes, CLIP.len() as u64);
    rig.books().await;
}

#[tokio::test]
async fn a_result_that_cannot_be_had_for_a_day_fails_the_task_and_is_not_charged() {
    let rig = Rig::new().await;
    rig.provider.on_look([OnLook::DoneAt(LINK.to_owned())]);
    rig.transport.serve(LINK, 503, b"");
    let id = rig.submit().await;
    rig.crank().await;
    rig.crank_after(1_500).await;
    for hours in 0..24 {
        assert_eq!(rig.state(id).await, StateWord::Settling, "after {hours} hours");
        rig.crank_after(60 * 60 * 1_000).await;
    }
    rig.crank_after(60 * 60 * 1_000).await;
    let task = rig.task(id).await;
    assert_eq!(task.error().map(|error| error.code.word()), Some("custody_lost"));
    assert_eq!(
        rig.money(id).await,
        [(LineKind::Hold, 420_000), (LineKind::Release, 420_000)]
    );
    rig.books().await;
}

#[tokio::test]
async fn a_submit_that_is_answered_with_the_result_settles_at_once() {
    let rig = Rig::new().await;
    rig.provider.on_submit([OnSubmit::Done]);
    let id = rig.submit().await;
    rig.crank().await;
    assert_eq!(rig.state(id).await, StateWord::Succeeded);
    rig.books().await;
}

#[tokio::test]
async fn a_quantity_above_the_hold_is_charged_and_flagged() {
    let rig = Rig::new().await;
    rig.provider.reports_quantity(7);
    let id = rig.submit().await;
    rig.crank().await;
    rig.crank_after(1_500).await;
    let money = rig.money(id).await;
    assert_eq!(
        money,
        [
            (LineKind::Hold, 420_000),
            (LineKind::Charge, 420_000),
            (LineKind::Excess, 168_000)
        ]
    );
    assert_eq!(rig.task(id).await.course.charge_micros, Some(Micros(588_000)));
    rig.books().await;
}

#[tokio::test]
async fn a_quantity_below_the_hold_releases_the_rest_and_the_cost_is_the_houses() {
    let rig = Rig::new().await;
    rig.provider.reports_quantity(3);
    rig.provider.costs(Micros(111));
    let id = rig.submit().await;
    rig.crank().await;
    rig.crank_after(1_500).await;
    let mut money = rig.money(id).await;
    money.sort_by_key(|(kind, _)| *kind);
    assert_eq!(
        money,
        [
            (LineKind::Hold, 420_000),
            (LineKind::Charge, 252_000),
            (LineKind::Release, 168_000),
            (LineKind::Cost, 111),
        ]
    );
    rig.books().await;
}
