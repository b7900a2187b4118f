//! Taking a finished task away: what is left of it in the files of the house, in its books and for repeats.

use std::path::Path;

use bytes::Bytes;
use domain::dialect::Period;
use domain::http::Reply;
use domain::{Ask, Face, Input, Millis, RefusalKind, Role, Source, Staged, Task};
use engine::{IdempotencyAsk, Order};
use futures_util::stream;
use serde_json::json;
use testkit::sample;

use crate::rig::{Rig, submission};

/// What is looked for byte by byte.
const PLANTED: &str = "planted-9d41-words-of-a-client";
/// Longer than staged media waits for its task, in milliseconds.
const SWEPT_AFTER_MS: i64 = 2 * 60 * 60 * 1_000;

/// A wish with the planted words wherever there is room for words, and in a picture; long enough to spill
/// over several pages of a database.
async fn wish(rig: &Rig) -> Ask {
    let content = Bytes::from(format!("\u{89}PNG {PLANTED}").repeat(100));
    let bytes = content.len() as u64;
    let stream = Box::pin(stream::iter([Ok(content)]));
    let kept = rig.engine.stage(stream, bytes).await.expect("kept");
    let mut ask = sample::ask();
    ask.prompt = format!("{PLANTED} ").repeat(400);
    ask.negative_prompt = Some(PLANTED.to_owned());
    ask.extras
        .insert("kling.note".to_owned(), json!({ "a": [PLANTED] }));
    ask.inputs = vec![Input {
        role: Role::FirstFrame,
        source: Source::Staged(Staged {
            blob: kept.key,
            bytes,
            content_type: None,
            facts: domain::MediaFacts::default(),
        }),
        field: "image".to_owned(),
        rule: None,
        parent: None,
    }];
    ask
}

async fn take(rig: &Rig, ask: Ask) -> Result<engine::Taken, domain::Refusal> {
    let render = |task: &Task| Reply::json(200, &json!({ "prompt": task.origin.ask.prompt }));
    let mut submission = submission(ask);
    submission.callback_url = Some(format!("https://hooks.example/{PLANTED}"));
    let order = Order {
        caller: rig.caller,
        face: Face {
            dialect: "elk".to_owned(),
            mount: String::new(),
            version: 1,
        },
        base_url: "http://127.0.0.1:8787".to_owned(),
        submission: Box::new(submission),
        idempotency: Some(IdempotencyAsk {
            scope: "a scope".to_owned(),
            key: "a key".to_owned(),
            tries: domain::store::Try::Named,
            body_hash: "a hash".to_owned(),
        }),
        render: &render,
    };
    rig.engine.submit(order).await
}

/// The files below a folder that hold the planted words.
fn found_in(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(found_in(&path));
            continue;
        }
        let bytes = std::fs::read(&path).expect("a file");
        let planted = PLANTED.as_bytes();
        if bytes.windows(planted.len()).any(|window| window == planted) {
            found.push(path.display().to_string());
        }
    }
    found
}

async fn billed(rig: &Rig) -> Vec<domain::TaskId> {
    let period = Period {
        from: Millis(0),
        to: Millis(i64::MAX),
        after: None,
        limit: 10,
    };
    let bill = rig.engine.bill(rig.caller.tenant, &period).await.expect("a bill");
    bill.tasks.iter().map(|task| task.id()).collect()
}

#[tokio::test]
async fn nothing_of_what_was_wished_is_left_in_any_file() {
    let rig = Rig::new().await;
    let id = take(&rig, wish(&rig).await).await.expect("taken").task;
    rig.crank().await;
    rig.crank_after(1_500).await;
    let task = rig.task(id).await;
    assert_eq!(task.word(), domain::StateWord::Succeeded);
    let (money, bill) = (rig.money(id).await, billed(&rig).await);
    assert_eq!(bill, [id]);
    let rig = rig.restart().await;
    let files = found_in(rig.folder());
    assert!(
        files.len() >= 2,
        "it lies in the database and among the files: {files:?}"
    );

    let name = id.prefixed();
    rig.engine
        .erase(rig.caller.tenant, &name)
        .await
        .expect("it has ended");
    let gone = rig.engine.find(rig.caller.tenant, &name).await;
    assert_eq!(gone.expect_err("gone").kind, RefusalKind::NotFound);
    let again = take(&rig, sample::ask()).await.expect_err("no answer to repeat");
    assert_eq!(again.kind, RefusalKind::NotFound);
    rig.crank_after(SWEPT_AFTER_MS).await;
    assert!(
        rig.deliveries(id)
            .await
            .iter()
            .all(|owed| owed.owed.url.is_empty())
    );
    assert_eq!((rig.money(id).await, billed(&rig).await), (money, bill));
    rig.books().await;
    // Closing moves what is in the log into the database.
    let rig = rig.restart().await;
    assert_eq!(found_in(rig.folder()), Vec::<String>::new());
}
