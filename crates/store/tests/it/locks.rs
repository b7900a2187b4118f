//! Who may open the database, and what opening does.

use domain::store::{Birth, Claim, Outcome, StoreError};
use domain::{Id, StateWord, Task};
use store::{Lock, OpenError};
use testkit::sample;

use crate::place::Place;

async fn with_one_task(place: &Place) -> std::sync::Arc<dyn domain::Store> {
    let store = place.exclusive().await;
    store
        .registry()
        .create_tenant(&sample::tenant_row(1, true))
        .await
        .unwrap();
    let change = sample::birth(Id(1));
    let birth = Birth::from(change);
    assert_eq!(store.insert(vec![birth]).await.unwrap(), [Outcome::Done]);
    store
}

fn claim() -> Claim {
    Claim {
        node: "a".to_owned(),
        now: sample::at(0),
        lease_until: sample::at(1_000_000),
        states: vec![StateWord::Queued],
        lanes: None,
        after: None,
        limit: 10,
    }
}

#[tokio::test]
async fn a_second_gateway_is_refused_and_told_why() {
    let place = Place::new();
    let first = place.exclusive().await;
    let second = place.try_open(Lock::Exclusive).await.err().unwrap();
    assert!(matches!(second, OpenError::Locked { .. }), "{second:?}");
    assert!(
        second
            .to_string()
            .contains("a gateway is running on this data directory")
    );
    let log = place.path().with_extension("db-wal");
    assert!(log.exists(), "it is in use");
    first.ping().await.unwrap();
    drop(first);
    assert!(!log.exists(), "whoever closes last empties the log");
    place.exclusive().await.ping().await.unwrap();
}

#[tokio::test]
async fn a_command_reads_beside_a_running_gateway_and_writes_nothing() {
    let place = Place::new();
    let gateway = with_one_task(&place).await;
    let command = place.try_open(Lock::ReadOnly).await.unwrap();
    let task = command
        .any_task(sample::birth(Id(1)).task.id())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(task.course.version, 1);
    // It sees what the gateway commits, whatever it has read before.
    gateway.claim(&claim()).await.unwrap();
    let task = command.any_task(task.id()).await.unwrap().unwrap();
    assert_eq!(task.course.version, 2);
    assert_eq!(command.verify_ledger().await.unwrap().open_tasks, 1);
    let refused = command.keep_setting("a", "b").await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    gateway.keep_setting("a", "c").await.unwrap();
}

#[tokio::test]
async fn a_start_voids_all_leases() {
    let place = Place::new();
    let store = with_one_task(&place).await;
    assert_eq!(store.claim(&claim()).await.unwrap().len(), 1);
    assert_eq!(store.claim(&claim()).await.unwrap().len(), 0);
    drop(store);
    let store = place.exclusive().await;
    assert_eq!(store.heartbeat("a", sample::at(5)).await, Ok(0));
    let tasks = store.claim(&claim()).await.unwrap();
    assert_eq!(tasks.len(), 1);
    assert_eq!(tasks[0].course.version, 3);
}

#[tokio::test]
async fn a_newer_schema_is_refused_and_left_alone() {
    let place = Place::new();
    drop(place.exclusive().await);
    place
        .raw()
        .execute("INSERT INTO schema_steps (step) VALUES (99)", [])
        .unwrap();
    for lock in [Lock::Exclusive, Lock::ReadOnly] {
        let error = place.try_open(lock).await.err().unwrap();
        assert!(
            matches!(error, OpenError::NewerSchema { found: 99, .. }),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn an_older_schema_is_not_changed_by_a_reader() {
    let place = Place::new();
    drop(place.exclusive().await);
    place.raw().execute("DELETE FROM schema_steps", []).unwrap();
    let error = place.try_open(Lock::ReadOnly).await.err().unwrap();
    assert!(
        matches!(error, OpenError::OlderSchema { found: 0, .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn what_is_no_database_is_named() {
    let place = Place::new();
    let missing = place.try_open(Lock::ReadOnly).await.err().unwrap();
    assert!(missing.to_string().contains("reelway.db"), "{missing}");
    std::fs::write(
        place.path(),
        "this is a text of more than a hundred bytes ".repeat(40),
    )
    .unwrap();
    let error = place.try_open(Lock::Exclusive).await.err().unwrap();
    assert!(matches!(error, OpenError::CannotOpen { .. }), "{error:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_of_the_files_reads_them() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    let store = with_one_task(&place).await;
    for entry in std::fs::read_dir(place.path().parent().unwrap()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode & 0o077, 0, "{:?} has mode {mode:o}", entry.file_name());
    }
    drop(store);
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_named_and_stops_nobody_else() {
    let place = Place::new();
    let store = with_one_task(&place).await;
    let second = Task::born(sample::origin(Id(2)));
    let birth = Birth::from(second.clone());
    store.insert(vec![birth]).await.unwrap();
    drop(store);
    let spoil = "UPDATE tasks SET course = '{\"version\":1' WHERE rowid = 1";
    place.raw().execute(spoil, []).unwrap();
    let store = place.exclusive().await;
    let id = sample::birth(Id(1)).task.id();
    let error = store.any_task(id).await.unwrap_err();
    assert!(
        matches!(&error, StoreError::Corrupt(text) if text.contains(&id.prefixed())),
        "{error}"
    );
    let claimed = store.claim(&claim()).await.unwrap();
    assert_eq!(claimed.len(), 1);
    assert_eq!(claimed[0].id(), second.task.id());
    store.ping().await.unwrap();
}

#[tokio::test]
async fn a_database_of_the_first_step_keeps_its_keys_and_takes_pairs() {
    let place = Place::new();
    let first = include_str!("../../migrations/sqlite/0001_first.sql");
    let old = place.raw();
    old.execute_batch(first).unwrap();
    old.execute_batch(
        "CREATE TABLE schema_steps (step INTEGER PRIMARY KEY) STRICT;
         INSERT INTO schema_steps VALUES (1);
         INSERT INTO keys VALUES (x'00000000000000000000000000006e01', x'00000000000000000000000000007e01',
           'key-1', 'client', 'hash-1', 'wxyz', NULL, 1795219200000, NULL, NULL);",
    )
    .unwrap();
    drop(old);
    let store = place.exclusive().await;
    let kept = store.registry().key_by_hash("hash-1").await.unwrap();
    assert_eq!(kept, Some(sample::key_row(1, "hash-1")));
    store
        .registry()
        .create_tenant(&sample::tenant_row(2, true))
        .await
        .unwrap();
    let pair = sample::pair_row(2, "access-2");
    store.registry().create_key(&pair).await.unwrap();
    assert_eq!(
        store.registry().key_by_access("access-2").await.unwrap(),
        Some(pair)
    );
}
