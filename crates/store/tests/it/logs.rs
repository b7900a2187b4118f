//! SQLite's log: that it is moved into the database while the store is in use, and how long it may grow.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use domain::store::{Birth, Outcome};
use domain::{Id, Store, Task};
use rusqlite::Connection;
use testkit::sample;

use crate::place::Place;

/// Bytes of each prompt: four tasks fill a megabyte of the log and more.
const PROMPT_BYTES: usize = 256 * 1_024;
/// Tasks of a batch.
const BATCH: u128 = 8;
/// Batches that make the log long enough to be moved, and too short for the writer to move it by itself.
const TO_BE_MOVED: u128 = 14;
/// Batches whose rows do not fit into the longest log.
const TOO_MANY: u128 = 60;
/// Pages that may wait in the log: fewer than those batches have.
const PAGES_UNMOVED_MOST: i64 = 5_000;
/// Longest log: what the store lets it grow to, and one batch more.
const LOG_BYTES_MAX: u64 = 64 * 1_024 * 1_024;
/// Longest time for a move, whatever the machine does.
const SOON: Duration = Duration::from_secs(20);

async fn write(store: &Arc<dyn Store>, batches: std::ops::Range<u128>) {
    for batch in batches {
        let births = (0..BATCH).map(|n| {
            let mut origin = sample::origin(Id(1 + batch * BATCH + n));
            let mut ask = sample::ask();
            ask.prompt = "x".repeat(PROMPT_BYTES);
            origin.ask = Arc::new(ask);
            Birth::from(Task::born(origin))
        });
        let outcomes = store.insert(births.collect()).await.unwrap();
        assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Done));
    }
}

/// Pages in the log that are not in the database. A log that was moved as a whole may have begun anew.
fn pages_only_in_the_log(place: &Place) -> i64 {
    let conn = Connection::open(place.path()).unwrap();
    let found = conn.query_row("PRAGMA wal_checkpoint(NOOP)", [], |row| {
        Ok(row.get::<_, i64>(1)? - row.get::<_, i64>(2)?)
    });
    found.unwrap()
}

fn log_bytes(database: &Path) -> u64 {
    let mut name = database.as_os_str().to_owned();
    name.push("-wal");
    std::fs::metadata(name).unwrap().len()
}

#[tokio::test]
async fn the_log_is_moved_beside_the_writer_and_does_not_grow_without_bound() {
    let place = Place::new();
    let store = place.exclusive().await;
    let tenant = sample::tenant_row(1, true);
    store.registry().create_tenant(&tenant).await.unwrap();
    write(&store, 0..TO_BE_MOVED).await;
    let moving = async {
        while pages_only_in_the_log(&place) > PAGES_UNMOVED_MOST {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let moved = tokio::time::timeout(SOON, moving).await;
    moved.expect("what is long in the log is moved");
    write(&store, TO_BE_MOVED..TOO_MANY).await;
    assert!(log_bytes(&place.path()) < LOG_BYTES_MAX);
    let last = Id(TOO_MANY * BATCH);
    drop(store);
    let store = place.exclusive().await;
    let kept = store.any_task(sample::birth(last).task.id()).await.unwrap();
    assert_eq!(kept.unwrap().origin.ask.prompt.len(), PROMPT_BYTES);
}
