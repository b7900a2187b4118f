//! Wishes that name earlier results and kept items: what they become, where they go, and whose they are.

use std::sync::Arc;

use domain::ask::Role;
use domain::ids::{ArtifactId, ItemId};
use domain::item::{Item, ItemKind, ItemState};
use domain::store::Outcome;
use domain::{Ask, Clock as _, Id, Input, Mention, RefusalKind, Source, StateWord, Task};
use testkit::sample;

use crate::rig::{Rig, submission};

fn input(name: &str) -> Input {
    Input {
        role: Role::SourceVideo,
        source: Source::Earlier(name.to_owned()),
        field: "video_id".to_owned(),
        rule: None,
        parent: None,
    }
}

fn naming(name: &str) -> Ask {
    Ask {
        inputs: vec![input(name)],
        ..sample::ask()
    }
}

async fn task(rig: &Rig, ask: Ask) -> Arc<Task> {
    let taken = rig.try_submit(submission(ask)).await.expect("taken");
    let found = rig.engine.read(rig.caller.tenant, taken.task).await;
    found.expect("it is there")
}

async fn done(rig: &Rig) -> Arc<Task> {
    let id = task(rig, sample::ask()).await.id();
    rig.crank().await;
    rig.crank_after(1_500).await;
    rig.engine.read(rig.caller.tenant, id).await.expect("it is there")
}

#[tokio::test]
async fn an_earlier_result_is_found_by_its_own_id_and_by_its_task() {
    let rig = Rig::new().await;
    let parent = done(&rig).await;
    let file = &parent.course.artifacts[0];
    let spellings = [
        file.id.0.decimal(),
        file.id.0.hyphenated(),
        parent.id().prefixed(),
        parent.id().0.decimal(),
    ];
    for name in spellings {
        let child = task(&rig, naming(&name)).await;
        let input = &child.origin.ask.inputs[0];
        let Source::Staged(staged) = &input.source else {
            panic!("{name}: {:?}", input.source);
        };
        assert_eq!((&staged.blob, staged.bytes), (&file.blob, file.bytes), "{name}");
        let found = input.parent.as_ref().expect("its parent");
        assert_eq!((found.task, found.artifact), (parent.id(), file.id));
        assert_eq!(found.vendor_ref, file.vendor_ref);
        assert_eq!(child.origin.pinned, parent.course.account, "{name}");
        assert_eq!(child.course.media.len(), 1, "it is media like any other");
    }
}

#[tokio::test]
async fn what_is_not_there_is_refused_at_its_field_and_a_strangers_is_not_there() {
    let mut rig = Rig::new().await;
    let parent = done(&rig).await;
    let waiting = task(&rig, sample::ask()).await;
    let stranger = sample::tenant(2);
    let names = [
        "nothing".to_owned(),
        ArtifactId::of(parent.id(), 1).0.decimal(),
        waiting.id().prefixed(),
    ];
    for name in names {
        let refusal = rig
            .try_submit(submission(naming(&name)))
            .await
            .expect_err("refused");
        assert_eq!(refusal.kind, RefusalKind::Invalid, "{name}");
        assert_eq!(refusal.field.as_deref(), Some("video_id"), "{name}");
    }
    rig.caller.tenant = stranger;
    let file = parent.course.artifacts[0].id.0.decimal();
    let known = rig
        .try_submit(submission(naming(&file)))
        .await
        .expect_err("refused");
    let unknown = ArtifactId::of(parent.id(), 9).0.decimal();
    let never = rig
        .try_submit(submission(naming(&unknown)))
        .await
        .expect_err("refused");
    assert_eq!(
        known.message.replace(&file, ""),
        never.message.replace(&unknown, "")
    );
}

#[tokio::test]
async fn an_item_is_found_while_it_lives_and_the_wish_goes_to_its_account() {
    let rig = Rig::new().await;
    let account = rig.engine.accounts()[0].0.name.clone();
    let make = |n: u128, kind, state, account: &str| Item {
        id: ItemId(Id(n)),
        wire_id: 0,
        tenant: rig.caller.tenant,
        kind,
        account: Some(account.to_owned()),
        vendor_ref: Some("v-1".to_owned()),
        task: None,
        state,
        created_at: sample::at(0),
        expires_at: None,
        detail: serde_json::json!({"a": 1}),
    };
    let asked = |item: &Item, kind| Ask {
        mentions: vec![Mention {
            kind,
            name: item.wire_id.to_string(),
            field: "voice_list.voice_id".to_owned(),
            item: None,
        }],
        ..sample::ask()
    };
    let store = rig.engine.store();
    let voice = make(1, ItemKind::Voice, ItemState::Ready, &account);
    let voice = store.create_item(&voice).await.expect("new");
    let child = task(&rig, asked(&voice, ItemKind::Voice)).await;
    let found = child.origin.ask.mentions[0].item.as_ref().expect("the item");
    assert_eq!((found.id, found.memory.clone()), (voice.id, voice.detail.clone()));
    assert_eq!(child.origin.pinned.as_deref(), Some(account.as_str()));
    assert_eq!(child.word(), StateWord::Queued);

    let gone = make(2, ItemKind::Voice, ItemState::Deleted, &account);
    let gone = store.create_item(&gone).await.expect("new");
    let elsewhere = make(3, ItemKind::Voice, ItemState::Ready, "sold-last-year");
    let elsewhere = store.create_item(&elsewhere).await.expect("new");
    let cases = [
        (asked(&voice, ItemKind::Element), RefusalKind::Invalid),
        (asked(&gone, ItemKind::Voice), RefusalKind::Invalid),
        (asked(&elsewhere, ItemKind::Voice), RefusalKind::NoProvider),
    ];
    for (ask, kind) in cases {
        let refusal = rig.try_submit(submission(ask)).await.expect_err("refused");
        assert_eq!(refusal.kind, kind, "{}", refusal.message);
        assert_eq!(refusal.field.as_deref(), Some("voice_list.voice_id"));
    }
}

#[tokio::test]
async fn a_wish_that_is_made_again_goes_to_the_account_of_what_it_names() {
    let rig = Rig::new().await;
    let parent = done(&rig).await;
    let file = parent.course.artifacts[0].id;
    let first = task(&rig, naming(&file.0.decimal())).await;
    let again = engine::remake(&first, "other words");
    assert_eq!(again.prompt, "other words");
    let again = task(&rig, again).await;
    assert_eq!(again.origin.pinned, parent.course.account);
    let found = again.origin.ask.inputs[0].parent.as_ref().expect("its parent");
    assert_eq!(found.artifact, file);
}

#[tokio::test]
async fn what_was_taken_away_is_named_by_nobody() {
    let rig = Rig::new().await;
    let parent = done(&rig).await;
    let tenant = rig.caller.tenant;
    let gone = rig.engine.erase(tenant, &parent.id().prefixed()).await;
    gone.expect("an ended task");
    for name in [parent.course.artifacts[0].id.0.decimal(), parent.id().prefixed()] {
        let refusal = rig
            .try_submit(submission(naming(&name)))
            .await
            .expect_err("refused");
        assert_eq!(refusal.field.as_deref(), Some("video_id"), "{name}");
    }
}

#[tokio::test]
async fn a_row_that_was_taken_away_names_nobody_its_files_even_where_it_still_has_them() {
    let rig = Rig::new().await;
    let parent = done(&rig).await;
    let mut change = parent.erased(rig.clock.now()).expect("an ended task");
    change.task.course.artifacts.clone_from(&parent.course.artifacts);
    let outcomes = rig.engine.store().commit(vec![change]).await;
    assert_eq!(outcomes.expect("the store answers"), [Outcome::Done]);
    let name = parent.course.artifacts[0].id.0.decimal();
    let refusal = rig
        .try_submit(submission(naming(&name)))
        .await
        .expect_err("refused");
    assert_eq!(refusal.field.as_deref(), Some("video_id"));
}
