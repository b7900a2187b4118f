//! Every proof of the books must be able to fail: each is shown books that were spoiled by hand.

use std::sync::Arc;

use domain::store::{Birth, Outcome, Recount};
use domain::task::Event;
use domain::{EventKind, Id, Store};
use testkit::conform::store::Database;
use testkit::postgres::cluster;
use testkit::sample;

use crate::place::{Place, Server};

/// One open and one cancelled task of a tenant with a credit.
pub(crate) async fn books(database: &dyn Database) -> Arc<dyn Store> {
    let store = database.open().await;
    for n in 1..=2 {
        store
            .registry()
            .create_tenant(&sample::tenant_row(n, n == 1))
            .await
            .unwrap();
    }
    for n in 1..=2 {
        let birth = Birth::from(sample::birth(Id(n)));
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
        let filled = include_str!("../../migrations/sqlite/0008_spending.sql");
        let sql = format!("DROP TABLE spending; {filled}");
        place.raw().execute_batch(&sql).unwrap();
    };
    fills(&Place::new(), unlearn).await;
    let unlearn = |server: &Server| {
        let filled = include_str!("../../migrations/postgres/0007_spending.sql");
        let sql = format!("DROP TABLE spending; DROP TABLE rates; {filled}");
        cluster().sql(&server.url, &sql);
    };
    fills(&Server::new(), unlearn).await;
}

/// Finished tasks of a long book; each has a hold, a charge and a release.
const LONG_TASKS: u64 = 70_000;

/// The lines of the long book's tasks and what they used, on both databases; `{key}` is the key of them all.
const LONG_LINES: &str =
    "INSERT INTO lines (task, tenant, kind, sequence, from_pocket, to_pocket, amount, at, note)
    SELECT t.id, t.tenant, k.kind, 0, k.source, k.target, k.amount, 1, ''
    FROM tasks t, (SELECT 'hold' AS kind, 'tenant:available' AS source, 'tenant:held' AS target, 9 AS amount
      UNION ALL SELECT 'charge', 'tenant:held', 'house:revenue', 6
      UNION ALL SELECT 'release', 'tenant:held', 'tenant:available', 3) k
    WHERE t.lane = 'long';
  UPDATE balances SET available = available - 6 * 70000 WHERE unlimited = 1;
  INSERT INTO spending (holder, day, spent, open)
    SELECT h.holder, d.day, 6 * 70000, 0
    FROM (SELECT tenant AS holder FROM balances WHERE unlimited = 1 UNION ALL SELECT {key}) h,
      (SELECT -1 AS day UNION ALL SELECT 0) d
    WHERE true
    ON CONFLICT (holder, day) DO UPDATE SET spent = spending.spent + excluded.spent";

const LONG_TASKS_ON_SQLITE: &str = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 70000)
    INSERT INTO tasks (id, tenant, state, open, version, due_at, deadline_at, lane, operation, dialect,
      created_at, course, origin)
    SELECT unhex(printf('%032x', n + 1000)), (SELECT tenant FROM balances WHERE unlimited = 1), 'succeeded', 0, 5,
      0, 0, 'long', 'text_to_video', 'elk', 0, '{}', '{\"key\":\"0000000000000000000000000000abcd\"}' FROM n";

const LONG_TASKS_ON_POSTGRESQL: &str = "INSERT INTO tasks (id, tenant, state, open, version, due_at, deadline_at,
      lane, operation, dialect, created_at, course, origin)
    SELECT decode(lpad(to_hex(n + 1000), 32, '0'), 'hex'), (SELECT tenant FROM balances WHERE unlimited = 1),
      'succeeded', 0, 5, 0, 0, 'long', 'text_to_video', 'elk', 0, '{}', '{\"key\":\"0000000000000000000000000000abcd\"}' FROM generate_series(1, 70000) n";

/// Resident memory of this process, in KiB.
fn resident_kib() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let figure = line.and_then(|line| line.split_whitespace().nth(1));
    figure.and_then(|figure| figure.parse().ok()).unwrap_or(0)
}

/// A book of 210,000 lines is proved while somebody writes, and one wrong line in it is found.
async fn a_long_book<D: Database>(database: &D, lengthen: impl Fn(&str), (tasks, key): (&str, &str)) {
    drop(books(database).await);
    lengthen(tasks);
    lengthen(&LONG_LINES.replace("{key}", key));
    let store = database.open().await;
    let parts = std::sync::Mutex::new(Vec::new());
    let tell = |progress: domain::store::Progress| parts.lock().unwrap().push(progress);
    let writer = Arc::clone(&store);
    let writing = tokio::spawn(async move {
        for n in 10..200 {
            let birth = Birth::from(sample::birth(Id(n)));
            assert_eq!(writer.insert(vec![birth]).await.unwrap(), [Outcome::Done]);
        }
    });
    let before = resident_kib();
    let report = store.statements().verify(&tell).await.unwrap();
    println!(
        "{} lines and {} tasks proved, memory grew by {} KiB",
        report.lines,
        report.finished_tasks,
        resident_kib() - before
    );
    assert_eq!((report.faults, report.sum_micros), (Vec::new(), 0));
    assert_eq!(report.finished_tasks, LONG_TASKS + 1);
    assert!(report.lines >= 3 * LONG_TASKS + 3);
    let recounted = store.statements().recount(Recount::Dry).await.unwrap();
    assert_eq!(
        recounted.first,
        Vec::new(),
        "what was used is counted anew in parts"
    );
    let parts = parts.into_inner().unwrap();
    assert!(parts.len() > 40, "it was proved in {} parts", parts.len());
    assert!(parts.is_sorted_by_key(|part| (part.tasks, part.lines)));
    writing.await.unwrap();
    drop(store);
    lengthen(
        "UPDATE lines SET amount = 7 WHERE kind = 'charge' AND task = (SELECT id FROM tasks WHERE lane = 'long' ORDER BY id DESC LIMIT 1)",
    );
    let report = database.open().await.verify_ledger().await.unwrap();
    let found = |sentence: &str| report.faults.iter().any(|fault| fault.contains(sentence));
    assert!(
        found("a hold of 9, a charge of 7 and a release of 3"),
        "{:?}",
        report.faults
    );
    assert!(found("its lines add up to"), "{:?}", report.faults);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_book_is_proved_in_parts_beside_whoever_writes() {
    let place = Place::new();
    let lengthen = |sql: &str| place.raw().execute_batch(sql).unwrap();
    a_long_book(
        &place,
        lengthen,
        (LONG_TASKS_ON_SQLITE, "unhex('0000000000000000000000000000abcd')"),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_book_is_proved_in_parts_on_postgresql() {
    let server = Server::new();
    let lengthen = |sql: &str| drop(cluster().sql(&server.url, sql));
    a_long_book(
        &server,
        lengthen,
        (
            LONG_TASKS_ON_POSTGRESQL,
            "decode('0000000000000000000000000000abcd', 'hex')",
        ),
    )
    .await;
}
