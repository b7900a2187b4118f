//! What keys and tenants used is counted anew: what was spoiled by hand is put right, beside whoever writes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::store::{Birth, Outcome, Recount};
use domain::task::{Event, Origin};
use domain::{EventKind, Id, KeyId, Micros, Store, Task};
use testkit::conform::store::Database;
use testkit::postgres::cluster;
use testkit::sample;

use crate::place::{Place, Server};
use crate::proofs::books;

/// What one task of the samples holds.
const HOLD: i64 = 420_000;

/// What was done to the counts, and how many of them are wrong by it: of a tenant and one of its keys there are
/// two each, over all time and of the day.
static SPOILED: &[(&str, u64)] = &[
    ("UPDATE spending SET spent = spent + 7 WHERE day = -1", 2),
    ("UPDATE spending SET spent = spent - 1 WHERE day >= 0", 2),
    ("UPDATE spending SET open = open + 1 WHERE day = -1", 2),
    ("UPDATE spending SET spent = 0, open = 0", 4),
    ("DELETE FROM spending", 4),
    ("DELETE FROM spending WHERE day >= 0", 2),
    // A day on which nobody did anything.
    (
        "INSERT INTO spending (holder, day, spent, open) SELECT holder, 7, 5, 0 FROM spending WHERE day = -1",
        2,
    ),
    // A holder that is nobody.
    (
        "INSERT INTO spending (holder, day, spent, open) SELECT id, 7, 5, 3 FROM tasks",
        2,
    ),
];

async fn puts_right<D: Database>(fresh: fn() -> D, spoil_by: fn(&D, &str)) {
    for (spoil, wrong) in SPOILED {
        let database = fresh();
        let store = books(&database).await;
        let key = sample::key_row(1, "hash-1");
        store.registry().create_key(&key).await.unwrap();
        drop(store);
        spoil_by(&database, spoil);
        let store = database.open().await;
        let faults = async || store.verify_ledger().await.unwrap().faults.len();
        assert!(faults().await > 0, "{spoil}");
        let told = store.statements().recount(Recount::Dry).await.unwrap();
        assert_eq!((told.wrong, told.tenants), (*wrong, 2), "{spoil}: {told:#?}");
        assert!(faults().await > 0, "who only looks mends nothing");
        let mended = store.statements().recount(Recount::Mending).await.unwrap();
        assert_eq!(mended, told, "{spoil}");
        assert_eq!(faults().await, 0, "{spoil}");
        let again = store.statements().recount(Recount::Mending).await.unwrap();
        assert_eq!(again.wrong, 0, "{spoil}");
    }
}

#[tokio::test]
async fn counts_that_were_spoiled_are_put_right() {
    puts_right(Place::new, |place, spoil| {
        assert!(place.raw().execute(spoil, []).unwrap() > 0, "{spoil}");
    })
    .await;
}

#[tokio::test]
async fn counts_that_were_spoiled_are_put_right_on_postgresql() {
    puts_right(Server::new, |server, spoil| {
        cluster().sql(&server.url, spoil);
    })
    .await;
}

/// A task of the first tenant; every second one by a key in the place of the first.
fn order(n: u128) -> Origin {
    let first = KeyId(Id(0x6e01));
    match n % 2 {
        0 => sample::origin(Id(n)),
        _ => Origin {
            key: KeyId(Id(0x6e02)),
            holder: Some(first),
            ..sample::origin(Id(n))
        },
    }
}

/// Submits and cancels for as long as it is told to go on.
async fn write(store: Arc<dyn Store>, goes_on: Arc<AtomicBool>, from: u128) -> u128 {
    let mut n = from;
    while goes_on.load(Ordering::Relaxed) {
        let change = Task::born(order(n));
        let task = change.task.clone();
        let birth = Birth::from(change);
        assert_eq!(store.insert(vec![birth]).await.unwrap(), [Outcome::Done]);
        if n.is_multiple_of(3) {
            let event = Event {
                at: sample::at(1),
                kind: EventKind::CancelRequested,
            };
            let cancelled = task.apply(&event).unwrap();
            assert_eq!(store.commit(vec![cancelled]).await.unwrap(), [Outcome::Done]);
        }
        n += 1;
    }
    n - from
}

/// Mends counts again and again that are spoiled again and again, while others write: at the end they are right.
async fn beside_writers<D: Database>(database: &D, spoil_by: impl Fn(&D, &str)) {
    let store = books(database).await;
    let goes_on = Arc::new(AtomicBool::new(true));
    let writers: Vec<_> = [1_000, 100_000, 200_000]
        .map(|from| tokio::spawn(write(Arc::clone(&store), Arc::clone(&goes_on), from)))
        .into();
    let mut mended = 0;
    for round in 0..20 {
        spoil_by(database, SPOILED[round % 5].0);
        let report = store.statements().recount(Recount::Mending).await.unwrap();
        mended += report.wrong;
        for wrong in report.first {
            assert!(wrong.found.spent_micros >= HOLD && wrong.kept != wrong.found);
        }
    }
    goes_on.store(false, Ordering::Relaxed);
    let mut written = 0;
    for writer in writers {
        written += writer.await.unwrap();
    }
    let report = store.verify_ledger().await.unwrap();
    assert_eq!((report.faults, report.sum_micros), (Vec::new(), 0));
    println!("{mended} counts were mended while {written} tasks were submitted");
    assert!(mended >= 40 && written > 100, "{mended} and {written}");
    let told = store.statements().recount(Recount::Dry).await.unwrap();
    assert_eq!(told.first, Vec::new());
    // What was mended limits: not one micro-dollar more is taken than there is.
    let used = used(&*store).await;
    for (most, expected) in [(used + HOLD - 1, false), (used + HOLD, true)] {
        let mut birth = Birth::from(Task::born(order(500_001)));
        birth.guards.key.budget_micros = Some(Micros(most));
        let outcomes = store.insert(vec![birth]).await.unwrap();
        assert_eq!(outcomes[0] == Outcome::Done, expected, "{outcomes:?}");
    }
}

/// What the line of the first key used: all that the first tenant's tasks hold.
async fn used(store: &dyn Store) -> i64 {
    let balance = store.balance(sample::tenant(1)).await.unwrap().unwrap();
    balance.held.0
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_are_put_right_beside_writers() {
    let spoil_by = |place: &Place, spoil: &str| {
        let raw = place.raw();
        raw.busy_timeout(std::time::Duration::from_secs(10)).unwrap();
        raw.execute(spoil, []).unwrap();
    };
    beside_writers(&Place::new(), spoil_by).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_are_put_right_beside_writers_on_postgresql() {
    let spoil_by = |server: &Server, spoil: &str| drop(cluster().sql(&server.url, spoil));
    beside_writers(&Server::new(), spoil_by).await;
}
