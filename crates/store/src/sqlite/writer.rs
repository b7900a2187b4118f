//! The one writer: a thread that owns the writing connection and puts all jobs that wait into one
//! transaction. What a job writes is in the other files.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;

use domain::Task;
use domain::store::StoreError;
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use crate::cache::{TaskCache, Written};
use crate::sqlite::checkpoints::Checkpoints;
use crate::sqlite::fault::{panicked, unavailable};

/// Most jobs in one transaction.
const JOBS_A_TRANSACTION: usize = 256;
/// Most jobs that wait; a further one waits outside.
const JOBS_WAITING: usize = 1_024;

/// A job that has run inside the transaction and waits for the commit.
struct Ran {
    tasks: Vec<Arc<Task>>,
    answer: Box<dyn FnOnce(Result<(), StoreError>) + Send>,
}

/// Runs on the connection, or hears why there is no transaction.
type Job = Box<dyn FnOnce(Result<(&Connection, Before), StoreError>) -> Ran + Send>;

/// What stands in the transaction before a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    Nothing,
    Jobs,
}

/// The door to the writer's thread.
pub(super) struct Writer {
    jobs: Option<mpsc::Sender<Job>>,
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
        let (jobs, mut waiting) = mpsc::channel(JOBS_WAITING);
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
    /// nobody waits for the answer any more.
    pub(super) async fn write<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(&Connection) -> Result<Written<T>, StoreError> + Send + 'static,
    {
        let (tell, told) = oneshot::channel();
        let job: Job = Box::new(move |conn| {
            let written = conn.and_then(|(conn, before)| match before {
                Before::Nothing => in_transaction(conn, work),
                Before::Jobs => in_savepoint(conn, work),
            });
            let (tasks, answer) = match written {
                Ok(Written { answer, tasks }) => (tasks, Ok(answer)),
                Err(error) => (Vec::new(), Err(error)),
            };
            let answer = Box::new(move |committed: Result<(), StoreError>| {
                let answer = answer.and_then(|answer| committed.map(|()| answer));
                // A caller that went away does not want to know.
                let _ = tell.send(answer);
            });
            Ran { tasks, answer }
        });
        let stopped = || unavailable("the writer has stopped");
        let jobs = self.jobs.as_ref().ok_or_else(stopped)?;
        jobs.send(job).await.map_err(|_| stopped())?;
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
fn transaction(conn: &Connection, cache: &TaskCache, first: Job, waiting: &mut mpsc::Receiver<Job>) {
    if let Err(error) = begin(conn) {
        let ran = first(Err(error));
        (ran.answer)(Ok(()));
        return;
    }
    let mut jobs = vec![first(Ok((conn, Before::Nothing)))];
    // A full disk makes SQLite end the whole transaction; what follows must not run outside of one.
    while jobs.len() < JOBS_A_TRANSACTION && !conn.is_autocommit() {
        let Ok(job) = waiting.try_recv() else { break };
        jobs.push(job(Ok((conn, Before::Jobs))));
    }
    commit(conn, cache, jobs);
}

fn commit(conn: &Connection, cache: &TaskCache, jobs: Vec<Ran>) {
    let (tasks, answers): (Vec<_>, Vec<_>) = jobs.into_iter().map(|ran| (ran.tasks, ran.answer)).unzip();
    let tasks = tasks.concat();
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
            tracing::error!(%error, jobs = answers.len(), "store.commit_failed");
            drop(fence);
            if !conn.is_autocommit()
                && let Err(error) = conn.execute_batch("ROLLBACK")
            {
                tracing::error!(%error, "store.rollback_failed");
            }
        }
    }
    for answer in answers {
        answer(committed.clone());
    }
}

/// Runs the first job of a transaction. Where it fails, or panics, the transaction has nothing else that
/// would be lost, and begins anew: a savepoint would copy every page that the job touches.
fn in_transaction<T, W>(conn: &Connection, work: W) -> Result<T, StoreError>
where
    W: FnOnce(&Connection) -> Result<T, StoreError>,
{
    let result = caught(conn, work);
    if result.is_err() && !conn.is_autocommit() {
        run(conn, "ROLLBACK")?;
        begin(conn)?;
    }
    result
}

/// Runs a job so that its failure, or its panic, undoes what it wrote and nothing else.
fn in_savepoint<T, W>(conn: &Connection, work: W) -> Result<T, StoreError>
where
    W: FnOnce(&Connection) -> Result<T, StoreError>,
{
    run(conn, "SAVEPOINT job")?;
    let result = caught(conn, work);
    if result.is_err() && !conn.is_autocommit() {
        run(conn, "ROLLBACK TO job")?;
    }
    if !conn.is_autocommit() {
        run(conn, "RELEASE job")?;
    }
    result
}

fn caught<T, W>(conn: &Connection, work: W) -> Result<T, StoreError>
where
    W: FnOnce(&Connection) -> Result<T, StoreError>,
{
    let result = catch_unwind(AssertUnwindSafe(|| work(conn)));
    result.unwrap_or_else(|panic| Err(panicked("a write", &*panic)))
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
