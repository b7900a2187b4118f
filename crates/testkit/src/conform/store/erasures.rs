//! Checks of erasures: what is forgotten with a task, and what stays for the books.

use domain::ask::{Input, Source};
use domain::http::Reply;
use domain::store::{Birth, DeliveryState, Existing, Filter, Idempotency, Outcome};
use domain::task::Origin;
use domain::{Artifact, BlobKey, EventKind, Findings, Id, Operation, Role, Staged, State, Task};
use serde_json::json;

use super::reads::NEWEST;
use super::{Desk, accepted, birth, change, completed, id, intended, order};
use crate::sample;

/// The `n`th blob of these checks.
fn blob(n: u8) -> BlobKey {
    BlobKey::from_sha256([n; 32])
}

/// The `n`th order with words in every place for words, and an input.
fn wordy(n: u128, operation: Operation, input: u8) -> Origin {
    let mut ask = sample::ask();
    ask.operation = operation;
    ask.prompt = "planted".to_owned();
    ask.negative_prompt = Some("planted".to_owned());
    ask.extras.insert("kling.voice".to_owned(), json!("planted"));
    ask.inputs = vec![Input {
        role: Role::FirstFrame,
        source: Source::Staged(Staged {
            blob: blob(input),
            bytes: 10,
            content_type: None,
            facts: domain::MediaFacts::default(),
        }),
        field: "image".to_owned(),
        rule: None,
        parent: None,
    }];
    Origin {
        ask: ask.into(),
        callback_url: Some("https://hooks.example/planted".to_owned()),
        ..order(n)
    }
}

/// Inserts a task with an answer for repeats, and carries it to a success with one file.
async fn succeeded(desk: &Desk, origin: Origin, file: u8) -> Task {
    for key in [file, 50] {
        let staged = desk.store().stage_blob(&blob(key), 10, sample::at(0)).await;
        staged.expect("staged");
    }
    let record = Idempotency {
        scope: "scope".to_owned(),
        key: origin.client_ref.clone(),
        tries: domain::store::Try::Named,
        body_hash: "hash".to_owned(),
        answer: Reply::json(200, &json!({"prompt": "planted"})).with("x-said", "planted"),
    };
    let with_record = Birth {
        idempotency: Some(record),
        ..birth(origin)
    };
    let task = with_record.change.task.clone();
    let outcomes = desk.store().insert(vec![with_record]).await.expect("commits");
    assert_eq!(outcomes, [Outcome::Done]);
    let task = desk.step(&task, 1, intended()).await;
    let task = desk.step(&task, 2, accepted()).await;
    let task = desk.step(&task, 3, completed(None)).await;
    let kept = EventKind::Kept {
        artifacts: vec![Artifact {
            blob: blob(file),
            ..sample::artifact(Id(u128::from(file)))
        }],
        findings: Some(Box::new(Findings {
            told: json!({"text": "planted"}),
            ..Findings::default()
        })),
    };
    desk.step(&task, 4, kept).await
}

async fn erase(desk: &Desk, task: &Task) -> Task {
    let change = task.erased(sample::at(9)).expect("it has ended");
    let erased = change.task.clone();
    let outcomes = desk.store().commit(vec![change]).await.expect("commits");
    assert_eq!(outcomes, [Outcome::Done]);
    erased
}

/// Which of the blobs of these checks a sweep may take, however long they lay there.
async fn swept(desk: &Desk) -> Vec<BlobKey> {
    let far = sample::at(1_000_000);
    let mut swept = desk.store().abandon_blobs(far, 10).await.expect("answered");
    swept.sort();
    swept
}

pub(super) async fn an_erased_task_keeps_its_money_and_no_words(mut desk: Desk) {
    let owner = desk.tenant(1, 3).await;
    let task = succeeded(&desk, wordy(1, Operation::ImageToVideo, 50), 7).await;
    let other = succeeded(&desk, wordy(2, Operation::ImageToVideo, 50), 7).await;
    let lines = desk.store().lines(task.id()).await.expect("read");
    let outbox = desk.store().outbox();
    let before = outbox.deliveries_of(task.id()).await.expect("read");
    let body = b"planted".to_vec();
    for webhook in &before {
        let kept = outbox.keep_body(&webhook.owed.id, &body).await.expect("kept");
        assert_eq!(kept, Some(body.clone()));
    }
    let erased = erase(&desk, &task).await;
    for _ in 0..2 {
        let store = desk.store();
        let read = store.any_task(task.id()).await.expect("read").expect("a row");
        assert_eq!(*read, erased, "what is read is what was decided");
        let shown = format!("{read:?}");
        assert!(!shown.contains("planted"), "{shown}");
        assert_eq!(read.course.state, State::Succeeded);
        assert_eq!(read.course.charge_micros, task.course.charge_micros);
        assert_eq!(read.origin.quote, task.origin.quote);
        assert_eq!(store.lines(task.id()).await, Ok(lines.clone()));
        let repeat = store.idempotent("scope", &task.origin.client_ref).await;
        let Ok(Some(Existing::Idempotent { answer, task: of, .. })) = repeat else {
            panic!("{repeat:?}");
        };
        assert_eq!((answer, of), (Reply::empty(404), task.id()));
        for webhook in store.outbox().deliveries_of(task.id()).await.expect("read") {
            assert_eq!((webhook.owed.url.as_str(), webhook.note), ("", None));
            assert_eq!(webhook.state, DeliveryState::Superseded);
            let kept = store.outbox().keep_body(&webhook.owed.id, &body).await;
            assert_eq!(kept, Ok(None), "a body that comes late is not kept");
            let again = store
                .outbox()
                .replay(&webhook.owed.id, sample::at(9), sample::at(0))
                .await;
            assert_eq!(again, Ok(false));
        }
        let left = store.any_task(other.id()).await.expect("read").expect("a row");
        assert_eq!(*left, other, "another's words are another's");
        let owed = store.outbox().deliveries_of(other.id()).await.expect("read");
        assert!(owed.iter().all(|webhook| webhook.owed.url.ends_with("planted")));
        desk.books_are_exact().await;
        desk.reopen().await;
    }
    let all = Filter {
        with_erased: true,
        ..Filter::default()
    };
    for (filter, ids) in [(Filter::default(), vec![id(2)]), (all, vec![id(2), id(1)])] {
        let listing = desk.store().list(owner, &filter, NEWEST).await.expect("listed");
        let found: Vec<_> = listing.tasks.iter().map(|task| task.id()).collect();
        assert_eq!(found, ids);
    }
}

pub(super) async fn blobs_of_an_erased_task_are_abandoned_unless_another_uses_them(desk: Desk) {
    desk.tenant(1, 5).await;
    let first = succeeded(&desk, wordy(1, Operation::ImageToVideo, 50), 7).await;
    let second = succeeded(&desk, wordy(2, Operation::ImageToVideo, 50), 8).await;
    erase(&desk, &first).await;
    assert_eq!(swept(&desk).await, [blob(7)], "the picture is in use");
    erase(&desk, &second).await;
    assert_eq!(swept(&desk).await, [blob(8), blob(50)]);
    // What an item is made of stays, for the item does.
    let element = succeeded(&desk, wordy(3, Operation::CustomElement, 50), 9).await;
    erase(&desk, &element).await;
    assert_eq!(swept(&desk).await, [blob(9)]);
}

pub(super) async fn what_a_wish_already_has_is_in_use_while_the_rest_is_fetched(desk: Desk) {
    desk.tenant(1, 5).await;
    let mut origin = wordy(1, Operation::ImageToVideo, 50);
    let mut ask = domain::Ask::clone(&origin.ask);
    let outside = Input {
        source: Source::Link("https://pictures.example/planted.png".to_owned()),
        ..ask.inputs[0].clone()
    };
    ask.inputs.push(outside);
    origin.ask = ask.into();
    let staged = desk.store().stage_blob(&blob(50), 10, sample::at(0)).await;
    staged.expect("staged");
    let task = desk.accepted(origin).await;
    assert_eq!(task.word(), domain::StateWord::Ingesting);
    assert_eq!(swept(&desk).await, []);
    // One that never got all of its media frees what it had.
    let cancelled = change(&task, 5, EventKind::CancelRequested);
    let ended = cancelled.task.clone();
    let outcomes = desk.store().commit(vec![cancelled]).await.expect("commits");
    assert_eq!(outcomes, [Outcome::Done]);
    let erased = erase(&desk, &ended).await;
    assert!(!format!("{erased:?}").contains("planted"));
    assert_eq!(swept(&desk).await, [blob(50)]);
}
