//! Checks of what operators did.

use domain::Id;
use domain::audit::{Act, ActFilter, Actor, Ending};
use domain::ids::KeyId;

use super::Desk;
use crate::sample;

fn act(n: u128, actor: Actor, words: &str) -> Act {
    Act {
        id: Id(n),
        at: sample::at(i64::try_from(n).expect("a small number")),
        actor,
        act: words.to_owned(),
        about: "key_7".to_owned(),
        request: format!("req_{n}"),
        outcome: None,
        ended_at: None,
    }
}

fn all() -> ActFilter {
    ActFilter {
        limit: 10,
        ..ActFilter::default()
    }
}

pub(super) async fn acts_are_begun_ended_and_listed_newest_first(mut desk: Desk) {
    let key = Actor::Key(KeyId(Id(7)));
    let (first, second) = (
        act(1, Actor::CommandLine, "keys create"),
        act(2, key, "POST /keys"),
    );
    for act in [&first, &second, &first] {
        desk.store().audit().begin_act(act).await.expect("written");
    }
    let ending = |outcome: &str, about: Option<&str>| Ending {
        outcome: outcome.to_owned(),
        about: about.map(str::to_owned),
        at: sample::at(9),
    };
    let audit = desk.store().audit();
    audit
        .end_act(Id(2), &ending("201", Some("key_8")))
        .await
        .expect("written");
    audit
        .end_act(Id(2), &ending("500", None))
        .await
        .expect("the first ending stays");
    audit
        .end_act(Id(404), &ending("200", None))
        .await
        .expect("nobody's ending");
    desk.reopen().await;
    let ended = Act {
        about: "key_8".to_owned(),
        outcome: Some("201".to_owned()),
        ended_at: Some(sample::at(9)),
        ..second
    };
    assert_eq!(desk.store().audit().acts(&all()).await, Ok(vec![ended, first]));
}

pub(super) async fn acts_are_narrowed_by_actor_words_and_time_and_shown_once(desk: Desk) {
    let audit = desk.store().audit();
    let key = Actor::Key(KeyId(Id(7)));
    for (n, actor, words) in [
        (1, Actor::CommandLine, "keys create"),
        (2, key, "POST /keys"),
        (3, Actor::Key(KeyId(Id(8))), "POST /keys/{id}/rotate"),
        (4, key, "DELETE /keys/{id}"),
    ] {
        audit.begin_act(&act(n, actor, words)).await.expect("written");
    }
    let listed = async |filter: ActFilter| {
        let acts = audit.acts(&filter).await.expect("read");
        acts.into_iter().map(|act| act.id.0).collect::<Vec<_>>()
    };
    let of = |actor| ActFilter {
        actor: Some(actor),
        ..all()
    };
    let since = |at| ActFilter {
        since: Some(sample::at(at)),
        ..all()
    };
    let words = |words: &str| ActFilter {
        act: words.to_owned(),
        ..all()
    };
    let part = |after: Option<u128>| ActFilter {
        after: after.map(Id),
        limit: 3,
        ..ActFilter::default()
    };
    assert_eq!(listed(of(key)).await, [4, 2]);
    assert_eq!(listed(of(Actor::CommandLine)).await, [1]);
    assert_eq!(listed(since(3)).await, [4, 3]);
    assert_eq!(listed(words("POST /keys")).await, [3, 2]);
    assert_eq!(listed(words("POST /keys/")).await, [3]);
    assert_eq!(listed(words("nothing")).await, [0; 0]);
    assert_eq!(listed(part(None)).await, [4, 3, 2]);
    assert_eq!(listed(part(Some(2))).await, [1]);
}
