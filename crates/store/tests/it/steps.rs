//! Steps of the schema on what the binary before left behind: what was owed and never sent is not sent days later,
//! what was taken away stays away, and every key counts for itself.

use std::sync::Arc;

use domain::store::{Birth, DeliveryState, Filter, Outcome, Page};
use domain::task::Origin;
use domain::{Id, Store, Task, TaskId};
use store::Lock;
use testkit::postgres::cluster;
use testkit::sample;

use crate::place::{Place, Server};

const ID: Id = Id(1 << 100);

/// Takes the schema back to where nobody sent webhooks and lists read the JSON of a course. `{json}` is the course
/// of a task that was taken away, `{step}` the step that is taken again, with all after it.
const BACK: &str = "UPDATE webhooks SET host = '';
    ALTER TABLE tasks DROP COLUMN erased;
    ALTER TABLE keys DROP COLUMN holder;
    UPDATE tasks SET open = 0, state = 'cancelled', course = {json} WHERE external_id = 'gone';
    DELETE FROM schema_steps WHERE step >= {step}";

async fn fill(store: &dyn Store) {
    let tenant = sample::tenant_row(1, true);
    store.registry().create_tenant(&tenant).await.unwrap();
    let key = sample::key_row(1, "hash-1");
    store.registry().create_key(&key).await.unwrap();
    for (n, name) in [(0, "here"), (1, "gone")] {
        let change = Task::born(Origin {
            callback_url: Some("https://hooks.example/a".to_owned()),
            external_id: Some(name.to_owned()),
            ..sample::origin(Id(ID.0 + n))
        });
        let birth = Birth::from(change);
        assert_eq!(store.insert(vec![birth]).await.unwrap(), [Outcome::Done]);
    }
}

async fn judge(store: Arc<dyn Store>) {
    let key = store.registry().key_by_hash("hash-1").await.unwrap().unwrap();
    assert_eq!(key.holder, key.id, "each key was the first of its line");
    let outbox = store.outbox();
    assert_eq!(
        outbox.receivers().await,
        Ok(Vec::new()),
        "nobody is sent old news"
    );
    let [old] = &outbox.deliveries_of(TaskId(ID)).await.unwrap()[..] else {
        panic!("one webhook");
    };
    assert_eq!(old.state, DeliveryState::Dead);
    assert!(old.note.as_ref().unwrap().contains("replay"), "{old:?}");
    let replayed = outbox.replay(&old.owed.id, sample::at(9), sample::at(0)).await;
    assert_eq!(replayed, Ok(true), "it is sent when it is asked for");
    assert_eq!(outbox.receivers().await.unwrap().len(), 1);
    let newest = Page::Cursor {
        after: None,
        limit: 9,
    };
    let listed = store.list(sample::tenant(1), &Filter::default(), newest).await;
    let ids: Vec<TaskId> = listed.unwrap().tasks.iter().map(|task| task.id()).collect();
    assert_eq!(ids, [TaskId(ID)], "what was taken away stays away");
}

#[tokio::test]
async fn sqlite_takes_over_what_the_binary_before_left() {
    let place = Place::new();
    fill(&*place.exclusive().await).await;
    let json = "json_set(course, '$.erased_at', 1)";
    let back = BACK.replace("{json}", json).replace("{step}", "12");
    place.raw().execute_batch(&back).unwrap();
    judge(place.exclusive().await).await;
}

#[tokio::test]
async fn postgresql_takes_over_what_the_binary_before_left() {
    let server = Server::new();
    fill(&*server.try_open(Lock::Exclusive).await.unwrap()).await;
    let json = "(course::jsonb || '{\"erased_at\": 1}')::text";
    let back = BACK.replace("{json}", json).replace("{step}", "11");
    cluster().sql(&server.url, &back);
    judge(server.try_open(Lock::Exclusive).await.unwrap()).await;
}
