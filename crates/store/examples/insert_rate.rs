//! Measures births a second through `Store::insert` against plain batched inserts of the same rows
//! with the same sync, and on PostgreSQL if one is named. Arguments: a directory on the disk in
//! question, how many births, and the address of an empty PostgreSQL database.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use domain::http::Reply;
use domain::limits::Guards;
use domain::store::{Birth, Idempotency, Outcome, StoreError};
use domain::{Clock, Id, Millis, Store, Task};
use rusqlite::{Connection, params};
use store::{Lock, Options};
use testkit::sample;

/// Births in one batch, as the committer gathers them.
const BATCH: usize = 64;
/// Batches on their way at the same time.
const CALLERS: usize = 4;

/// Milliseconds since the program started.
struct Stopwatch(std::time::Instant);

impl Clock for Stopwatch {
    fn now(&self) -> Millis {
        Millis(i64::try_from(self.monotonic_ms()).unwrap_or(i64::MAX))
    }

    fn monotonic_ms(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

#[expect(clippy::disallowed_methods, reason = "a measurement is of real time")]
fn stopwatch() -> Stopwatch {
    Stopwatch(std::time::Instant::now())
}

fn birth(n: usize) -> Birth {
    let id = Id((u128::from(sample::at(0).0.unsigned_abs()) << 80) | n as u128);
    let mut origin = sample::origin(id);
    origin.external_id = Some(format!("order-{n}"));
    let answer = Reply::json(200, &serde_json::json!({"id": id.hex(), "status": "queued"}));
    Birth {
        change: Task::born(origin).into(),
        idempotency: Some(Idempotency {
            scope: "tenant-1 POST /v1/videos".to_owned(),
            key: format!(
                "{:032x}",
                (n as u128).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
            ),
            tries: domain::store::Try::Named,
            body_hash: format!("{n:064x}"),
            answer,
        }),
        guards: Guards::default(),
    }
}

fn report(what: &str, births: usize, elapsed_ms: u64) {
    let rate = births as u64 * 1_000 / elapsed_ms.max(1);
    println!("{what}: {births} in {elapsed_ms} ms, {rate} a second");
}

async fn through_the_store(url: String, births: Range<usize>, callers: usize) -> u64 {
    let options = Options {
        url,
        cache_bytes: 64 << 20,
        lock: Lock::Exclusive,
    };
    let store = store::open(options).await.expect("opens");
    match store.registry().create_tenant(&sample::tenant_row(1, true)).await {
        Ok(()) | Err(StoreError::Taken(_)) => {}
        Err(error) => panic!("a tenant: {error}"),
    }
    let watch = stopwatch();
    let tasks: Vec<_> = (0..callers)
        .map(|caller| tokio::spawn(insert(Arc::clone(&store), births.clone(), caller, callers)))
        .collect();
    for task in tasks {
        task.await.expect("a caller ends");
    }
    watch.monotonic_ms()
}

async fn insert(store: Arc<dyn Store>, births: Range<usize>, caller: usize, callers: usize) {
    for start in (births.start + caller * BATCH..births.end).step_by(callers * BATCH) {
        let batch = (start..births.end.min(start + BATCH)).map(birth).collect();
        let outcomes = store.insert(batch).await.expect("commits");
        assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Done));
    }
}

/// One table without an index, one row of the same bytes a birth, the same pragmas.
fn plain(path: &Path, births: usize) -> rusqlite::Result<u64> {
    let conn = Connection::open(path)?;
    conn.pragma_update(None, "journal_mode", "WAL")?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "wal_autocheckpoint", 4_096)?;
    conn.execute_batch("CREATE TABLE plain (id BLOB, origin TEXT, course TEXT, rest TEXT) STRICT")?;
    let watch = stopwatch();
    let mut insert = conn.prepare("INSERT INTO plain VALUES (?1, ?2, ?3, ?4)")?;
    for start in (0..births).step_by(BATCH) {
        conn.execute_batch("BEGIN IMMEDIATE")?;
        for n in start..births.min(start + BATCH) {
            let birth = birth(n);
            let task = &birth.change.task;
            let origin = serde_json::to_string(&*task.origin).unwrap_or_default();
            let course = serde_json::to_string(&task.course).unwrap_or_default();
            let rest = serde_json::to_string(&birth.change.lines).unwrap_or_default();
            insert.execute(params![task.id().0.0.to_be_bytes(), origin, course, rest])?;
        }
        conn.execute_batch("COMMIT")?;
    }
    Ok(watch.monotonic_ms())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let directory = arguments
        .next()
        .ok_or("name a directory on the disk in question")?;
    let births: usize = arguments.next().map_or(Ok(20_000), |text| text.parse())?;
    let directory = tempfile::tempdir_in(directory)?;
    let path = |name: &str| directory.path().join(name);
    report(
        "plain rows, one caller",
        births,
        plain(&path("plain.db"), births)?,
    );
    let sqlite = |name: &str| format!("sqlite:{}", path(name).display());
    let elapsed_ms = through_the_store(sqlite("one.db"), 0..births, 1).await;
    report("SQLite, one caller", births, elapsed_ms);
    let elapsed_ms = through_the_store(sqlite("many.db"), 0..births, CALLERS).await;
    report("SQLite, four callers", births, elapsed_ms);
    if let Some(url) = arguments.next() {
        let elapsed_ms = through_the_store(url.clone(), 0..births, 1).await;
        report("PostgreSQL, one caller", births, elapsed_ms);
        let elapsed_ms = through_the_store(url, births..2 * births, CALLERS).await;
        report("PostgreSQL, four callers", births, elapsed_ms);
    }
    Ok(())
}
