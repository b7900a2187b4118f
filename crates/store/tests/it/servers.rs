//! What only PostgreSQL promises: many processes on one database, connections and servers that go away,
//! and commits whose reply is lost.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use domain::artifact::Staged;
use domain::ask::Role;
use domain::store::{Birth, Claim, Ear, Outcome, StoreError};
use domain::task::{Change, Event};
use domain::{BlobKey, EventKind, Id, Input, Source, StateWord, Store, Task, TaskId};
use parking_lot::Mutex;
use store::{Lock, OpenError, Options};
use testkit::postgres::{Cluster, cluster};
use testkit::sample;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::place::{CACHE_BYTES, Server};

/// Longer than any of these waits takes.
const SOON: Duration = Duration::from_secs(30);

async fn open(url: &str) -> Arc<dyn Store> {
    let options = Options {
        url: url.to_owned(),
        cache_bytes: CACHE_BYTES,
        lock: Lock::Exclusive,
    };
    store::open(options).await.unwrap()
}

/// A database with an unlimited tenant and one queued task, opened by so many processes.
async fn house(url: &str, processes: usize) -> (Vec<Arc<dyn Store>>, Arc<Task>) {
    let mut stores = Vec::new();
    for _ in 0..processes {
        stores.push(open(url).await);
    }
    stores[0]
        .registry()
        .create_tenant(&sample::tenant_row(1, true))
        .await
        .unwrap();
    let change = sample::birth(Id(1));
    let task = Arc::new(change.task.clone());
    let birth = Birth::from(change);
    assert_eq!(stores[0].insert(vec![birth]).await.unwrap(), [Outcome::Done]);
    (stores, task)
}

fn change(task: &Task, kind: EventKind) -> Change {
    let at = sample::at(1);
    task.apply(&Event { at, kind }).unwrap()
}

fn intended() -> EventKind {
    EventKind::SubmitIntended {
        account: "a".to_owned(),
    }
}

fn busy() -> EventKind {
    EventKind::Busy {
        not_before: sample::at(0),
    }
}

fn claim(node: &str, state: StateWord, now: i64) -> Claim {
    Claim {
        node: node.to_owned(),
        now: sample::at(now),
        lease_until: sample::at(now + 15_000),
        states: vec![state],
        lanes: None,
        after: None,
        limit: 10,
    }
}

/// Hears everything.
#[derive(Default)]
struct Note {
    heard: Mutex<Vec<TaskId>>,
}

impl Ear for Note {
    fn changed(&self, task: TaskId) {
        self.heard.lock().push(task);
    }

    fn missed(&self) {}
}

/// Waits until a store shows a version.
async fn shows(store: &Arc<dyn Store>, id: TaskId, version: u64) {
    let shown = async {
        loop {
            let task = store.any_task(id).await.unwrap().unwrap();
            if task.course.version >= version {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let shown = tokio::time::timeout(SOON, shown).await;
    shown.unwrap_or_else(|_| panic!("version {version} is not shown"));
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_processes_may_start_at_once_on_an_empty_database() {
    let url = cluster().database();
    let starts: Vec<_> = (0..8)
        .map(|_| {
            let url = url.clone();
            tokio::spawn(async move { open(&url).await })
        })
        .collect();
    for start in starts {
        start.await.unwrap().ping().await.unwrap();
    }
    assert_eq!(
        cluster().sql(&url, "SELECT count(*) = max(step) FROM schema_steps"),
        "t"
    );
}

#[tokio::test]
async fn what_one_process_commits_another_shows_and_tells() {
    let (stores, task) = house(&cluster().database(), 2).await;
    let (one, other) = (&stores[0], &stores[1]);
    let note = Arc::new(Note::default());
    let ear: Arc<Note> = Arc::clone(&note);
    other.attend(ear);
    // Once read, it is in memory there.
    shows(other, task.id(), 1).await;
    let change = change(&task, EventKind::CancelRequested);
    assert_eq!(one.commit(vec![change.clone()]).await.unwrap(), [Outcome::Done]);
    shows(other, task.id(), 2).await;
    assert!(note.heard.lock().contains(&task.id()));
    // Decided on the old row, it is stale, and the next look sees why.
    assert_eq!(other.commit(vec![change]).await.unwrap(), [Outcome::Stale]);
    let now = other.any_task(task.id()).await.unwrap().unwrap();
    assert_eq!(now.word(), StateWord::Cancelled);
}

/// Holds the pockets until somebody waits for them, and then wants a blob, as any batch does that has both.
const POCKETS_THEN_BLOBS: &str = "BEGIN; SELECT 1 FROM balances FOR NO KEY UPDATE;
    DO $$ BEGIN
      FOR look IN 1..500 LOOP
        EXIT WHEN EXISTS (SELECT 1 FROM pg_stat_activity
          WHERE datname = current_database() AND wait_event_type = 'Lock');
        PERFORM pg_sleep(0.02), pg_stat_clear_snapshot();
        IF look = 500 THEN RAISE 'nobody waits'; END IF;
      END LOOP;
    END $$;
    SET LOCAL lock_timeout = '500ms'; UPDATE blobs SET used = 1 WHERE used = 0; COMMIT";

/// A birth on a picture that is kept already.
fn on_picture(n: u8) -> Birth {
    let mut origin = sample::origin(Id(u128::from(n)));
    let mut ask = sample::ask();
    ask.inputs = vec![Input {
        role: Role::FirstFrame,
        source: Source::Staged(Staged {
            blob: BlobKey::from_sha256([n; 32]),
            bytes: 9,
            content_type: None,
            facts: sample::facts(),
        }),
        field: "image".to_owned(),
        rule: None,
        parent: None,
    }];
    origin.ask = ask.into();
    Birth::from(Task::born(origin))
}

#[tokio::test]
async fn who_waits_for_pockets_keeps_no_blob_from_whoever_has_them() {
    let url = cluster().database();
    let (stores, _) = house(&url, 1).await;
    // From the second time on all statements are prepared, and sent together.
    assert_eq!(
        stores[0].insert(vec![on_picture(2)]).await.unwrap(),
        [Outcome::Done]
    );
    let picture = BlobKey::from_sha256([3; 32]);
    let staged = format!("INSERT INTO blobs VALUES ('{}', 9, 0, 0)", picture.as_str());
    cluster().sql(&url, &staged);
    let holder = tokio::task::spawn_blocking(move || cluster().sql(&url, POCKETS_THEN_BLOBS));
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(
        stores[0].insert(vec![on_picture(3)]).await.unwrap(),
        [Outcome::Done]
    );
    holder.await.unwrap();
}

#[tokio::test]
async fn a_process_whose_connections_were_cut_catches_up() {
    let url = cluster().database();
    let (stores, task) = house(&url, 2).await;
    let (one, other) = (&stores[0], &stores[1]);
    let mut task = task;
    for round in 0..3 {
        shows(other, task.id(), task.course.version).await;
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()";
        cluster().sql(&url, cut);
        let next = change(&task, if round % 2 == 0 { intended() } else { busy() });
        assert_eq!(one.commit(vec![next.clone()]).await.unwrap(), [Outcome::Done]);
        task = Arc::new(next.task);
        shows(other, task.id(), task.course.version).await;
    }
}

#[tokio::test]
async fn a_lease_that_is_over_is_taken_over_by_another_process_and_its_owner_is_refused() {
    let (stores, task) = house(&cluster().database(), 2).await;
    let (one, other) = (&stores[0], &stores[1]);
    let mine = one.claim(&claim("one", StateWord::Queued, 0)).await.unwrap();
    let submitting = change(&mine[0], intended());
    assert_eq!(
        one.commit(vec![submitting.clone()]).await.unwrap(),
        [Outcome::Done]
    );
    // As long as its owner beats, it stays its owner's.
    assert_eq!(one.heartbeat("one", sample::at(20_000)).await, Ok(1));
    let in_work = |now| claim("other", StateWord::Submitting, now);
    assert_eq!(other.claim(&in_work(20_000)).await.unwrap(), []);
    // Then it beats no more.
    let theirs = other.claim(&in_work(20_001)).await.unwrap();
    assert_eq!(
        theirs.iter().map(|task| task.id()).collect::<Vec<_>>(),
        [task.id()]
    );
    let late = change(&submitting.task, busy());
    assert_eq!(one.commit(vec![late]).await.unwrap(), [Outcome::Stale]);
    assert_eq!(one.heartbeat("one", sample::at(40_000)).await, Ok(0));
    let doubtful = change(&theirs[0], EventKind::Ambiguous);
    assert_eq!(other.commit(vec![doubtful]).await.unwrap(), [Outcome::Done]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_and_started_again_loses_nothing_that_was_answered() {
    let server = Cluster::start();
    let (stores, _) = house(&server.database(), 2).await;
    let writers: Vec<_> = (0..4_u128)
        .map(|writer| {
            let store = Arc::clone(&stores[usize::from(writer % 2 == 0)]);
            tokio::spawn(async move {
                let (mut answered, mut unknown) = (Vec::new(), 0);
                for n in 0..60 {
                    let change = sample::birth(Id(1_000 * (writer + 1) + n));
                    let id = change.task.id();
                    let birth = Birth::from(change);
                    match store.insert(vec![birth]).await {
                        Ok(outcomes) => {
                            assert_eq!(outcomes, [Outcome::Done]);
                            answered.push(id);
                        }
                        Err(StoreError::Unavailable(_) | StoreError::LostReply(_)) => unknown += 1,
                        Err(error) => panic!("{error}"),
                    }
                }
                (answered, unknown)
            })
        })
        .collect();
    for _ in 0..2 {
        tokio::time::sleep(Duration::from_millis(60)).await;
        server.kill();
        server.start_again();
    }
    for writer in writers {
        let (answered, unknown) = writer.await.unwrap();
        assert!(unknown < 60, "a server that comes back is used again");
        for id in answered {
            assert!(stores[0].any_task(id).await.unwrap().is_some(), "{id:?} is lost");
        }
    }
    let report = stores[1].verify_ledger().await.unwrap();
    assert_eq!(report.faults, Vec::<String>::new());
}

/// What the proxy does to the next commit that it sees.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Mischief {
    /// Nothing.
    None = 0,
    /// It never reaches the server.
    DropRequest = 1,
    /// It reaches the server, and its reply reaches nobody.
    DropReply = 2,
}

/// A way to the server that loses what it is told to lose; its address, and what it does next.
async fn proxy(server: SocketAddr) -> (SocketAddr, Arc<AtomicU8>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mischief = Arc::new(AtomicU8::new(Mischief::None as u8));
    let orders = Arc::clone(&mischief);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(server).await.unwrap();
            tokio::spawn(carry(client, server, Arc::clone(&orders)));
        }
    });
    (address, mischief)
}

async fn carry(mut client: TcpStream, mut server: TcpStream, orders: Arc<AtomicU8>) {
    let (mut up, mut down) = (vec![0; 65_536], vec![0; 65_536]);
    loop {
        tokio::select! {
            read = client.read(&mut up) => {
                let Ok(length @ 1..) = read else { return };
                let is_commit = up[..length].windows(7).any(|part| part == b"COMMIT\0");
                let order = if is_commit { orders.swap(0, Ordering::SeqCst) } else { 0 };
                if order == Mischief::DropRequest as u8 {
                    return;
                }
                server.write_all(&up[..length]).await.unwrap();
                if order == Mischief::DropReply as u8 {
                    let _ = server.read(&mut down).await;
                    return;
                }
            }
            read = server.read(&mut down) => {
                let Ok(length @ 1..) = read else { return };
                if client.write_all(&down[..length]).await.is_err() {
                    return;
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_reply_is_lost_is_found_out_and_done_once() {
    let direct = cluster().database();
    let (start, end) = (direct.find('@').unwrap() + 1, direct.rfind('/').unwrap());
    let (way, mischief) = proxy(direct[start..end].parse().unwrap()).await;
    let through = format!("{}{way}{}", &direct[..start], &direct[end..]);
    let (stores, first) = house(&through, 1).await;
    let store = &stores[0];
    let mut task = first;
    for order in [Mischief::DropReply, Mischief::DropRequest] {
        mischief.store(order as u8, Ordering::SeqCst);
        let next = change(
            &task,
            if task.word() == StateWord::Queued {
                intended()
            } else {
                busy()
            },
        );
        assert_eq!(store.commit(vec![next.clone()]).await.unwrap(), [Outcome::Done]);
        assert_eq!(mischief.load(Ordering::SeqCst), 0, "the commit was met");
        let shown = store.any_task(task.id()).await.unwrap().unwrap();
        assert_eq!(*shown, next.task);
        task = shown;
    }
    for (n, order) in [(2, Mischief::DropReply), (3, Mischief::DropRequest)] {
        mischief.store(order as u8, Ordering::SeqCst);
        let birth = Birth::from(sample::birth(Id(n)));
        assert_eq!(store.insert(vec![birth]).await.unwrap(), [Outcome::Done]);
    }
    let report = store.verify_ledger().await.unwrap();
    assert_eq!((report.open_tasks, report.lines), (3, 3));
    assert_eq!(report.faults, Vec::<String>::new());
}

#[tokio::test]
async fn a_password_is_in_no_error() {
    let secret = "planted-secret-7311";
    let port = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    for url in [
        format!("postgres://someone:{secret}@127.0.0.1:{port}/nowhere"),
        format!("postgres://someone:{secret}@[broken/nowhere"),
        format!("postgres://someone:{secret}@127.0.0.1:port/nowhere"),
        format!("postgres://someone@127.0.0.1:{port}/nowhere?passwort={secret}"),
        format!("postgres:{secret}"),
        format!("postgres://someone:{secret}@127.0.0.1:{port}/nowhere?sslmode=require"),
        format!("mysql://someone:{secret}@127.0.0.1/nowhere"),
    ] {
        let options = Options {
            url,
            cache_bytes: 0,
            lock: Lock::Exclusive,
        };
        let error = store::open(options).await.err().unwrap();
        assert!(matches!(
            error,
            OpenError::Address { .. } | OpenError::Unreachable { .. }
        ));
        assert!(!format!("{error} {error:?}").contains(secret), "{error:?}");
    }
}

#[tokio::test]
async fn a_reader_writes_nothing_and_no_schema() {
    let server = Server::new();
    let none = server.try_open(Lock::ReadOnly).await.err().unwrap();
    assert!(
        matches!(none, OpenError::OlderSchema { found: 0, .. }),
        "{none:?}"
    );
    let gateway = server.try_open(Lock::Exclusive).await.unwrap();
    let command = server.try_open(Lock::ReadOnly).await.unwrap();
    gateway.keep_setting("a", "b").await.unwrap();
    assert_eq!(command.setting("a").await.unwrap().as_deref(), Some("b"));
    let refused = command.keep_setting("a", "c").await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    cluster().sql(&server.url, "INSERT INTO schema_steps (step) VALUES (99)");
    for lock in [Lock::Exclusive, Lock::ReadOnly] {
        let error = server.try_open(lock).await.err().unwrap();
        assert!(
            matches!(error, OpenError::NewerSchema { found: 99, .. }),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn a_text_that_no_column_takes_is_unknown_or_refused() {
    let (stores, _) = house(&cluster().database(), 1).await;
    let tenant = sample::tenant(1);
    let none = stores[0].task_by_external_id(tenant, "a\0b").await;
    assert_eq!(none, Ok(None));
    let mut origin = sample::origin(Id(7));
    origin.external_id = Some("a\0b".to_owned());
    let birth = Birth::from(Task::born(origin));
    let refused = stores[0].insert(vec![birth]).await;
    assert!(matches!(refused, Err(StoreError::Corrupt(_))), "{refused:?}");
}
