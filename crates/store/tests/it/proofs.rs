//! Every proof of the books must be able to fail: each is shown books that were spoiled by hand.

use std::sync::Arc;

use domain::limits::Guards;
use domain::store::{Birth, Outcome};
use domain::task::Event;
use domain::{EventKind, Id, Store};
use testkit::conform::store::Database;
use testkit::postgres::cluster;
use testkit::sample;

use crate::place::{Place, Server};

/// One open and one cancelled task of a tenant with a credit.
async fn books(database: &dyn Database) -> Arc<dyn Store> {
    let store = database.open().await;
    for n in 1..=2 {
        store
            .registry()
            .create_tenant(&sample::tenant_row(n, n == 1))
            .await
            .unwrap();
    }
    for n in 1..=2 {
        let birth = Birth {
            change: sample::birth(Id(n)),
            idempotency: None,
            guards: Guards::default(),
        };
        assert_eq!(store.insert(vec![birth]).await.unwrap(), [Outcome::Done]);
    }
    let event = Event {
        at: sample::at(1),
        kind: EventKind::CancelRequested,
    };
    let cancelled = sample::birth(Id(2)).task.apply(&event).unwrap();
    assert_eq!(store.commit(vec![cancelled]).await.unwrap(), [Outcome::Done]);
    store
}

/// PostgreSQL without the rules that keep books from being spoiled.
const UNBOUND: &str = "ALTER TABLE lines DROP CONSTRAINT lines_amount_check; DROP INDEX lines_of_task;
  ALTER TABLE balances DROP CONSTRAINT balances_held_check";

/// What was done to the books, and what the proof must say.
static SPOILED: &[(&str, &str)] = &[
    (
        "UPDATE lines SET amount = amount - 1 WHERE kind = 'release'",
        "is finished with a hold of 420000, a charge of 0 and a release of 419999",
    ),
    ("DELETE FROM lines WHERE kind = 'release'", "a release of 0"),
    (
        "DELETE FROM lines WHERE task = (SELECT id FROM tasks ORDER BY id LIMIT 1) AND kind = 'hold'",
        "0 holds where there must be one",
    ),
    (
        "INSERT INTO lines (task, tenant, kind, sequence, from_pocket, to_pocket, amount, at, note)
         SELECT task, tenant, kind, 1, from_pocket, to_pocket, amount, at, note
         FROM lines WHERE task = (SELECT id FROM tasks ORDER BY id LIMIT 1) AND kind = 'hold'",
        "2 holds where there must be one",
    ),
    (
        "INSERT INTO lines (task, tenant, kind, sequence, from_pocket, to_pocket, amount, at, note)
         SELECT task, tenant, 'charge', 0, 'tenant:held', 'house:revenue', 5, at, note
         FROM lines WHERE task = (SELECT id FROM tasks ORDER BY id LIMIT 1) AND kind = 'hold'",
        "is unfinished and has 1 charges or releases",
    ),
    (
        "UPDATE balances SET available = available + 7 WHERE unlimited = 1",
        "its lines add up to -420000",
    ),
    (
        "UPDATE balances SET held = held - 7 WHERE unlimited = 1",
        "held is 419993, its lines add up to 420000",
    ),
    (
        "UPDATE tasks SET open = 0, state = 'cancelled' WHERE id = (SELECT id FROM tasks ORDER BY id LIMIT 1)",
        "its unfinished tasks hold 0",
    ),
    (
        "UPDATE spending SET spent = spent + 7 WHERE day = -1",
        "spent 420007 over all time, its lines add up to 420000",
    ),
    (
        "UPDATE spending SET spent = spent - 1 WHERE day >= 0",
        "its lines add up to 420000",
    ),
    (
        "UPDATE spending SET open = open + 1 WHERE day = -1",
        "has 2 unfinished tasks counted over all time, there are 1",
    ),
    (
        "DELETE FROM spending",
        "has 0 unfinished tasks counted over all time, there are 1",
    ),
    (
        "UPDATE balances SET available = available + 7 WHERE unlimited = 1",
        "all pockets together hold 7 micro-dollars where it must be zero",
    ),
    (
        "UPDATE lines SET amount = -420000 WHERE kind = 'hold'",
        "the amount -420000 is negative",
    ),
    (
        "UPDATE lines SET tenant = NULL WHERE task = (SELECT id FROM tasks ORDER BY id LIMIT 1) AND kind = 'hold'",
        "moves money of a tenant and names none",
    ),
    (
        "UPDATE lines SET tenant = (SELECT tenant FROM balances WHERE unlimited = 0) WHERE task = (SELECT id FROM tasks ORDER BY id LIMIT 1) AND kind = 'hold'",
        "has lines in another tenant's books",
    ),
    (
        "DELETE FROM tasks WHERE id = (SELECT id FROM tasks ORDER BY id LIMIT 1)",
        "1 lines name task 0000",
    ),
    (
        "DELETE FROM balances WHERE unlimited = 1",
        "3 lines name tenant 0000",
    ),
    (
        "UPDATE tasks SET open = 1 WHERE state = 'cancelled'",
        "state `cancelled` is not what its row is listed under",
    ),
];

/// Shows each proof its spoiled books.
async fn every_proof_fails_at<D: Database>(fresh: fn() -> D, spoil_by: fn(&D, &str)) {
    for (spoil, sentence) in SPOILED {
        let database = fresh();
        let store = books(&database).await;
        let report = store.verify_ledger().await.unwrap();
        assert_eq!(report.faults, Vec::<String>::new());
        assert_eq!(
            (report.open_tasks, report.finished_tasks, report.lines),
            (1, 1, 3)
        );
        drop(store);
        spoil_by(&database, spoil);
        let store = database.open().await;
        let report = store.verify_ledger().await.unwrap();
        let found = report.faults.iter().any(|fault| fault.contains(sentence));
        assert!(found, "{spoil}\nfound: {:#?}", report.faults);
    }
}

#[tokio::test]
async fn every_proof_finds_books_that_were_spoiled() {
    let spoil_by = |place: &Place, spoil: &str| {
        assert!(place.raw().execute(spoil, []).unwrap() > 0, "{spoil}");
    };
    every_proof_fails_at(Place::new, spoil_by).await;
}

#[tokio::test]
async fn every_proof_finds_books_that_were_spoiled_on_postgresql() {
    let spoil_by = |server: &Server, spoil: &str| {
        let sql = format!("{UNBOUND}; {spoil}");
        cluster().sql(&server.url, &sql);
    };
    every_proof_fails_at(Server::new, spoil_by).await;
}

#[tokio::test]
async fn a_report_stays_short_whatever_is_wrong() {
    let place = Place::new();
    drop(books(&place).await);
    let many = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 500)
        INSERT INTO lines (task, tenant, kind, sequence, from_pocket, to_pocket, amount, at, note)
          SELECT randomblob(16), NULL, 'cost', 0, 'house:corrections', 'house:payable',
          1, 0, '' FROM n";
    place.raw().execute(many, []).unwrap();
    let store = place.exclusive().await;
    let report = store.verify_ledger().await.unwrap();
    assert_eq!(report.faults.len(), 101);
    assert_eq!(report.faults.last().unwrap(), "and 400 more");
}

/// What was used before it was counted is filled from tasks and lines.
async fn fills<D: Database>(database: &D, unlearn: impl FnOnce(&D)) {
    drop(books(database).await);
    unlearn(database);
    let report = database.open().await.verify_ledger().await.unwrap();
    assert_eq!(report.faults, Vec::<String>::new());
}

#[tokio::test]
async fn what_was_used_before_it_was_counted_is_filled_in() {
    let unlearn = |place: &Place| {
        let sql = "DROP TABLE spending; DELETE FROM schema_steps WHERE step >= 8";
        place.raw().execute_batch(sql).unwrap();
    };
    fills(&Place::new(), unlearn).await;
    let unlearn = |server: &Server| {
        let sql = "DROP TABLE spending; DROP TABLE rates; DELETE FROM schema_steps WHERE step >= 7";
        cluster().sql(&server.url, sql);
    };
    fills(&Server::new(), unlearn).await;
}
