//! The cache and the writer under many callers at once.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::store::{Birth, Claim, Filter, Outcome, Page, StoreError};
use domain::task::Event;
use domain::{EventKind, Id, LedgerAccount, Line, LineKind, Micros, StateWord, Store, Task, TaskId};
use store::{Lock, Options};
use testkit::sample;

use crate::place::{Place, Server};

/// Tasks that all callers fight over.
const TASKS: u128 = 12;
/// Claims and commits of one writer.
const WRITES: usize = 60;
/// So small that entries come and go all the time.
const TIGHT_CACHE_BYTES: u64 = 8 * 1_024;

fn birth(n: u128) -> Birth {
    Birth::from(sample::birth(Id(n)))
}

async fn filled(store: &Arc<dyn Store>) {
    store
        .registry()
        .create_tenant(&sample::tenant_row(1, true))
        .await
        .unwrap();
    let births = (1..=TASKS).map(birth).collect();
    let outcomes = store.insert(births).await.unwrap();
    assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Done));
}

async fn opened(place: &Place, cache_bytes: u64) -> Arc<dyn Store> {
    let options = Options {
        cache_bytes,
        ..place.options(Lock::Exclusive)
    };
    let store = store::open(options).await.unwrap();
    filled(&store).await;
    store
}

/// Claims, commits and releases; every answer raises the lowest version that may be shown.
async fn writer(store: Arc<dyn Store>, node: String) {
    for round in 0..WRITES {
        let claim = Claim {
            node: node.clone(),
            now: sample::at(0),
            lease_until: sample::at(1_000),
            states: vec![StateWord::Queued, StateWord::Submitting],
            lanes: None,
            after: None,
            limit: 1 + round % 3,
        };
        for task in store.claim(&claim).await.unwrap() {
            let kind = match task.word() {
                StateWord::Queued => EventKind::SubmitIntended {
                    account: "a".to_owned(),
                },
                _ => EventKind::Busy {
                    not_before: sample::at(0),
                },
            };
            let event = Event {
                at: sample::at(1),
                kind,
            };
            let change = task.apply(&event).unwrap();
            let version = change.task.course.version;
            assert_eq!(store.commit(vec![change]).await.unwrap(), [Outcome::Done]);
            let shown = store.any_task(task.id()).await.unwrap().unwrap();
            assert!(shown.course.version >= version, "a commit is seen by who made it");
        }
        store.release(&node, None).await.unwrap();
    }
}

async fn reader(store: Arc<dyn Store>, done: Arc<AtomicBool>, by_list: bool) -> usize {
    let mut newest: HashMap<TaskId, u64> = HashMap::new();
    let mut reads = 0;
    let newest_page = Page::Cursor {
        after: None,
        limit: 100,
    };
    while !done.load(Ordering::SeqCst) {
        let mut seen: Vec<Arc<Task>> = Vec::new();
        if by_list {
            let listing = store
                .list(sample::tenant(1), &Filter::default(), newest_page)
                .await;
            seen.extend(listing.unwrap().tasks);
        }
        for n in 1..=TASKS {
            let id = sample::birth(Id(n)).task.id();
            seen.extend(store.task(sample::tenant(1), id).await.unwrap());
        }
        reads += seen.len();
        for task in seen {
            let before = newest.insert(task.id(), task.course.version).unwrap_or(0);
            assert!(before <= task.course.version, "{:?} went back", task.id());
        }
        tokio::task::yield_now().await;
    }
    reads
}

/// Writers and readers at every store at once; no reader of any is ever shown less than before.
async fn nobody_goes_back(stores: &[Arc<dyn Store>]) {
    let done = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..4)
        .map(|n| {
            let store = Arc::clone(&stores[n / 2 % stores.len()]);
            tokio::spawn(reader(store, Arc::clone(&done), n % 2 == 0))
        })
        .collect();
    let writers: Vec<_> = (0..3)
        .map(|n| tokio::spawn(writer(Arc::clone(&stores[n % stores.len()]), format!("node-{n}"))))
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    done.store(true, Ordering::SeqCst);
    for reader in readers {
        assert!(reader.await.unwrap() > 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_cache_never_goes_back_under_concurrent_readers_and_writers() {
    for cache_bytes in [0, TIGHT_CACHE_BYTES, 1 << 20] {
        let place = Place::new();
        let store = opened(&place, cache_bytes).await;
        nobody_goes_back(&[Arc::clone(&store)]).await;
        let warm: Vec<_> = all(&store).await;
        drop(store);
        let cold: Vec<_> = all(&place.exclusive().await).await;
        assert_eq!(warm, cold);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_caches_of_two_processes_never_go_back_either() {
    for cache_bytes in [TIGHT_CACHE_BYTES, 1 << 20] {
        let server = Server::new();
        let one = server.open_with(cache_bytes, Lock::Exclusive).await.unwrap();
        let other = server.open_with(cache_bytes, Lock::Exclusive).await.unwrap();
        filled(&one).await;
        nobody_goes_back(&[Arc::clone(&one), Arc::clone(&other)]).await;
        let cold = all(&server.open_with(0, Lock::ReadOnly).await.unwrap()).await;
        // What is on its way through the feed takes a moment.
        for store in [one, other] {
            let caught_up = async {
                while all(&store).await != cold {
                    tokio::task::yield_now().await;
                }
            };
            tokio::time::timeout(CAUGHT_UP, caught_up)
                .await
                .expect("the feed catches up");
        }
    }
}

/// A look at the feed comes once a second, whatever is lost.
const CAUGHT_UP: std::time::Duration = std::time::Duration::from_secs(10);

async fn all(store: &Arc<dyn Store>) -> Vec<Arc<Task>> {
    let mut tasks = Vec::new();
    for n in 1..=TASKS {
        let id = sample::birth(Id(n)).task.id();
        tasks.extend(store.any_task(id).await.unwrap());
    }
    tasks
}

/// A credit to a tenant that is not there: an error in the midst of a transaction.
fn impossible() -> Line {
    let tenant = sample::tenant(77);
    Line {
        task: None,
        tenant: Some(tenant),
        kind: LineKind::Credit,
        sequence: 0,
        from: LedgerAccount::Funding,
        to: LedgerAccount::Available(tenant),
        amount: Micros(1),
        at: sample::at(0),
        note: String::new(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_job_that_fails_takes_nobody_with_it() {
    let place = Place::new();
    let store = opened(&place, 1 << 20).await;
    let tenant = sample::tenant(1);
    let good = Line {
        tenant: Some(tenant),
        to: LedgerAccount::Available(tenant),
        ..impossible()
    };
    let before = store.balance(tenant).await.unwrap().unwrap().available.0;
    let jobs: Vec<_> = (0..200)
        .map(|n| {
            let store = Arc::clone(&store);
            let lines = if n % 4 == 0 {
                vec![good.clone(), impossible()]
            } else {
                vec![good.clone()]
            };
            tokio::spawn(async move { (n, store.post(lines).await) })
        })
        .collect();
    for job in jobs {
        let (n, posted) = job.await.unwrap();
        let refused = matches!(posted, Err(StoreError::Corrupt(_)));
        assert_eq!(refused, n % 4 == 0, "{posted:?}");
        assert_eq!(posted.is_ok(), n % 4 != 0);
    }
    let after = store.balance(tenant).await.unwrap().unwrap().available.0;
    assert_eq!(after - before, 150);
    assert_eq!(store.verify_ledger().await.unwrap().faults, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_a_caller_does_not_wait_for_is_written_and_shown_all_the_same() {
    let place = Place::new();
    let store = opened(&place, 1 << 20).await;
    let id = sample::birth(Id(1)).task.id();
    let task = store.any_task(id).await.unwrap().unwrap();
    let event = Event {
        at: sample::at(1),
        kind: EventKind::CancelRequested,
    };
    let change = task.apply(&event).unwrap();
    {
        let mut commit = store.commit(vec![change]);
        // One look is enough to hand the job to the writer; then the caller goes away.
        let _ = futures_util::poll!(&mut commit);
    }
    store.keep_setting("a", "later in the same queue").await.unwrap();
    let shown = store.any_task(id).await.unwrap().unwrap();
    assert_eq!(shown.word(), StateWord::Cancelled);
}
