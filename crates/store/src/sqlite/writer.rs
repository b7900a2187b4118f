//! The one writer: a thread that owns the writing connection and puts all jobs that wait into one
//! transaction. Where one fails, those before it are done again without it. What a job writes is in the
//! other files.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;

use domain::store::StoreError;
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use crate::cache::{TaskCache, Written, Wrote};
use crate::sqlite::checkpoints::Checkpoints;
use crate::sqlite::fault::{panicked, unavailable};

/// Most jobs in one transaction.
const JOBS_A_TRANSACTION: usize = 256;
/// Most jobs that wait; a further one waits outside.
const JOBS_WAITING: usize = 1_024;

/// What is to be done in a transaction, and what came of it. It may be done again, when a job after it failed.
trait Job: Send {
    /// Does it; whether it went well.
    fn run(&mut self, conn: &Connection) -> bool;

    /// It cannot be done.
    fn refuse(&mut self, error: StoreError);

    /// The tasks that it has written.
    fn tasks(&mut self) -> Vec<Wrote>;

    /// Tells its caller what became of it, after the commit.
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

/// A job whose caller waits.
struct Asked<T, W> {
    work: W,
    outcome: Result<Written<T>, StoreError>,
    tell: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, W> Job for Asked<T, W>
where
    T: Send,
    W: Fn(&Connection) -> Result<Written<T>, StoreError> + Send,
{
    fn run(&mut self, conn: &Connection) -> bool {
        let done = catch_unwind(AssertUnwindSafe(|| (self.work)(conn)));
        self.outcome = done.unwrap_or_else(|panic| Err(panicked("a write", &*panic)));
        self.outcome.is_ok()
    }

    fn refuse(&mut self, error: StoreError) {
        self.outcome = Err(error);
    }

    fn tasks(&mut self) -> Vec<Wrote> {
        let written = self.outcome.as_mut().ok();
        written.map_or_else(Vec::new, |written| std::mem::take(&mut written.tasks))
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        let outcome = match self.outcome {
            Ok(written) => committed.map(|()| written.answer),
            Err(error) => Err(error),
        };
        // A caller that went away does not want to know.
        drop(self.tell.send(outcome));
    }
}

/// The door to the writer's thread.
pub(super) struct Writer {
    jobs: Option<mpsc::Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread. It owns the lock, so that nobody else gets the database before the last
    /// commit is done. `checkpoints` hear of each commit, and end before the database is closed.
    pub(super) fn start(
        conn: Connection,
        checkpoints: Option<Checkpoints>,
        lock: File,
        cache: Arc<TaskCache>,
    ) -> std::io::Result<Writer> {
        let (jobs, mut waiting) = mpsc::channel::<Box<dyn Job>>(JOBS_WAITING);
        let body = move || {
            let lock = lock;
            while let Some(job) = waiting.blocking_recv() {
                transaction(&conn, &cache, job, &mut waiting);
                checkpoints.iter().for_each(Checkpoints::look);
            }
            drop(checkpoints);
            if let Err((_, error)) = conn.close() {
                tracing::error!(%error, "the database was not closed cleanly");
            }
            drop(lock);
        };
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(body)?;
        Ok(Writer {
            jobs: Some(jobs),
            thread: Some(thread),
        })
    }

    /// Has a job done in the next transaction; answers after its commit. The job is done even when
    /// nobody waits for the answer any more; it may be done twice, and only the last time counts.
    pub(super) async fn write<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: Fn(&Connection) -> Result<Written<T>, StoreError> + Send + 'static,
    {
        let (tell, told) = oneshot::channel();
        let asked = Asked {
            work,
            outcome: Err(unavailable("the write was not begun")),
            tell,
        };
        let stopped = || unavailable("the writer has stopped");
        let jobs = self.jobs.as_ref().ok_or_else(stopped)?;
        jobs.send(Box::new(asked)).await.map_err(|_| stopped())?;
        told.await.map_err(|_| stopped())?
    }
}

/// Waits until the last commit is done and the file is closed: whoever opens it next finds it free.
impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the writer's thread panicked");
        }
    }
}

/// One transaction: the first job, and whatever arrives while it and its followers run, up to the
/// bound. One commit, one fsync, then all answers.
fn transaction(
    conn: &Connection,
    cache: &TaskCache,
    mut first: Box<dyn Job>,
    waiting: &mut mpsc::Receiver<Box<dyn Job>>,
) {
    if let Err(error) = begin(conn) {
        first.refuse(error);
        return first.answer(Ok(()));
    }
    let mut jobs: Vec<Box<dyn Job>> = Vec::new();
    let mut next = Some(first);
    while let Some(mut job) = next {
        if !job.run(conn) {
            let is_open = do_again(conn, &mut jobs);
            jobs.push(job);
            if !is_open {
                jobs.into_iter().for_each(|job| job.answer(Ok(())));
                return;
            }
            break;
        }
        jobs.push(job);
        // A full disk makes SQLite end the whole transaction; what follows must not run outside of one.
        let is_open = jobs.len() < JOBS_A_TRANSACTION && !conn.is_autocommit();
        next = if is_open { waiting.try_recv().ok() } else { None };
    }
    commit(conn, cache, jobs);
}

/// Undoes a job that failed, or panicked, and does those before it again, which had gone well; false when that
/// cannot be, and then all are refused and nothing may be committed. A savepoint before each would copy every page
/// that it touches, though next to none fails: members of a batch that are refused are no failure.
fn do_again(conn: &Connection, before: &mut [Box<dyn Job>]) -> bool {
    let mut began = anew(conn);
    for at in 0..before.len() {
        // What follows must not run outside of a transaction.
        if began.is_err() || conn.is_autocommit() {
            break;
        }
        if !before[at].run(conn) {
            // It failed where it had not before: those that went before it are undone with it.
            began = anew(conn);
            let why = "a write that went along with it failed; nothing of both was kept";
            refuse_all(&mut before[..at], &unavailable(why));
        }
    }
    if let Err(error) = &began {
        tracing::error!(%error, "store.not_begun_anew");
        refuse_all(before, error);
    }
    began.is_ok()
}

fn refuse_all(jobs: &mut [Box<dyn Job>], error: &StoreError) {
    jobs.iter_mut().for_each(|job| job.refuse(error.clone()));
}

/// Ends the transaction without its writes, and begins another.
fn anew(conn: &Connection) -> Result<(), StoreError> {
    if !conn.is_autocommit() {
        run(conn, "ROLLBACK")?;
    }
    begin(conn)
}

fn commit(conn: &Connection, cache: &TaskCache, mut jobs: Vec<Box<dyn Job>>) {
    let tasks: Vec<Wrote> = jobs.iter_mut().flat_map(|job| job.tasks()).collect();
    let fence = cache.commit_begins(&tasks);
    let committed = if conn.is_autocommit() {
        Err(unavailable("the database gave the transaction up"))
    } else {
        conn.execute_batch("COMMIT")
            .map_err(|error| StoreError::LostReply(error.to_string()))
    };
    match &committed {
        Ok(()) => fence.committed(tasks),
        Err(error) => {
            tracing::error!(%error, jobs = jobs.len(), "store.commit_failed");
            drop(fence);
            if !conn.is_autocommit()
                && let Err(error) = conn.execute_batch("ROLLBACK")
            {
                tracing::error!(%error, "store.rollback_failed");
            }
        }
    }
    for job in jobs {
        job.answer(committed.clone());
    }
}

fn begin(conn: &Connection) -> Result<(), StoreError> {
    run(conn, "BEGIN IMMEDIATE")
}

fn run(conn: &Connection, sql: &str) -> Result<(), StoreError> {
    let mut statement = conn.prepare_cached(sql).map_err(unavailable)?;
    statement.execute([]).map(drop).map_err(unavailable)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// A writer on a database with one table, in memory.
    fn writer() -> Writer {
        let conn = Connection::open_in_memory().unwrap();
        let tables = "PRAGMA foreign_keys = ON; CREATE TABLE notes (n INTEGER PRIMARY KEY);
            CREATE TABLE links (n INTEGER REFERENCES notes (n))";
        conn.execute_batch(tables).unwrap();
        let lock = tempfile::tempfile().unwrap();
        Writer::start(conn, None, lock, Arc::new(TaskCache::new(0))).unwrap()
    }

    async fn note(writer: &Writer, n: i64) -> Result<(), StoreError> {
        writer.write(move |conn| insert(conn, n)).await
    }

    fn insert(conn: &Connection, n: i64) -> Result<Written<()>, StoreError> {
        let inserted = conn.execute("INSERT INTO notes (n) VALUES (?1)", [n]);
        inserted.map(|_| Written::other(())).map_err(unavailable)
    }

    async fn notes(writer: &Writer) -> Vec<i64> {
        let read = |conn: &Connection| {
            let mut statement = conn.prepare("SELECT n FROM notes ORDER BY n").unwrap();
            let notes = statement.query_map([], |row| row.get(0)).unwrap();
            Ok(Written::other(notes.map(Result::unwrap).collect()))
        };
        writer.write(read).await.unwrap()
    }

    #[tokio::test]
    async fn a_job_that_panics_is_undone_and_the_writer_goes_on() {
        let writer = writer();
        note(&writer, 1).await.unwrap();
        let panics = |conn: &Connection| -> Result<Written<()>, StoreError> {
            insert(conn, 2)?;
            panic!("on purpose")
        };
        let error = writer.write(panics).await.unwrap_err();
        assert!(error.to_string().contains("on purpose"), "{error}");
        note(&writer, 3).await.unwrap();
        assert_eq!(notes(&writer).await, [1, 3]);
    }

    #[tokio::test]
    async fn a_first_job_that_fails_takes_nothing_with_it() {
        let writer = writer();
        let (begun, has_begun) = std::sync::mpsc::channel();
        let (go_on, may_go_on) = std::sync::mpsc::channel::<()>();
        let first = writer.write(move |conn| -> Result<Written<()>, StoreError> {
            insert(conn, 1)?;
            begun.send(()).unwrap();
            // Until the next one waits for the same transaction.
            may_go_on.recv().unwrap();
            Err(unavailable("on purpose"))
        });
        let next = async {
            tokio::task::spawn_blocking(move || has_begun.recv().unwrap())
                .await
                .unwrap();
            let queued = async {
                tokio::task::yield_now().await;
                go_on.send(()).unwrap();
            };
            tokio::join!(note(&writer, 2), queued).0
        };
        let (first, next) = tokio::join!(first, next);
        assert!(first.unwrap_err().to_string().contains("on purpose"));
        next.unwrap();
        assert_eq!(notes(&writer).await, [2]);
    }

    #[tokio::test]
    async fn a_follower_that_fails_is_undone_and_those_before_it_are_done_again() {
        let writer = writer();
        let (begun, has_begun) = std::sync::mpsc::channel();
        let (go_on, may_go_on) = std::sync::mpsc::channel::<()>();
        let times = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&times);
        let first = writer.write(move |conn| {
            counted.fetch_add(1, Ordering::Relaxed);
            let inserted = insert(conn, 1)?;
            begun.send(()).unwrap();
            // Until the next ones wait for the same transaction; the second time nobody says so.
            may_go_on.recv().unwrap_or(());
            Ok(inserted)
        });
        let fails = |conn: &Connection| -> Result<Written<()>, StoreError> {
            insert(conn, 2)?;
            Err(unavailable("on purpose"))
        };
        let followers = async {
            let wait = move || has_begun.recv().map(|()| has_begun);
            let _open = tokio::task::spawn_blocking(wait).await.unwrap().unwrap();
            let queued = async {
                tokio::task::yield_now().await;
                drop(go_on);
            };
            let (failed, after, ()) = tokio::join!(writer.write(fails), note(&writer, 3), queued);
            (failed, after)
        };
        let (first, (failed, after)) = tokio::join!(first, followers);
        first.unwrap();
        assert!(failed.unwrap_err().to_string().contains("on purpose"));
        after.unwrap();
        assert_eq!(notes(&writer).await, [1, 3]);
        assert_eq!(times.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn a_commit_that_fails_is_told_to_every_job_of_its_transaction() {
        let writer = writer();
        // Refused by SQLite at the commit only.
        let spoils = |conn: &Connection| {
            conn.execute_batch("PRAGMA defer_foreign_keys = ON; INSERT INTO links (n) VALUES (404)")
                .map(|()| Written::other(()))
                .map_err(unavailable)
        };
        let (before, spoiler, after) = tokio::join!(note(&writer, 1), writer.write(spoils), note(&writer, 2));
        assert!(matches!(spoiler, Err(StoreError::LostReply(_))), "{spoiler:?}");
        let told: Vec<i64> = [(1, &before), (2, &after)]
            .into_iter()
            .filter_map(|(n, told)| told.is_ok().then_some(n))
            .collect();
        assert_eq!(notes(&writer).await, told, "what was told is what is there");
        note(&writer, 3).await.unwrap();
    }

    #[tokio::test]
    async fn a_transaction_that_the_database_gave_up_is_told_as_such() {
        let writer = writer();
        let gives_up = |conn: &Connection| {
            insert(conn, 1)?;
            conn.execute_batch("ROLLBACK").map_err(unavailable)?;
            Ok(Written::other(()))
        };
        let told = writer.write(gives_up).await;
        assert!(matches!(told, Err(StoreError::Unavailable(_))), "{told:?}");
        note(&writer, 2).await.unwrap();
        assert_eq!(notes(&writer).await, [2]);
    }
}
