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

use crate::cache::TaskCache;
use crate::sqlite::fault::{panicked, unavailable};

/// Most jobs in one transaction.
const JOBS_A_TRANSACTION: usize = 256;
/// Most jobs that wait; a further one waits outside.
const JOBS_WAITING: usize = 1_024;

/// What a job wrote.
pub(super) struct Written<T> {
    /// What its caller is told after the commit.
    pub(super) answer: T,
    /// Tasks as they are after the commit.
    pub(super) tasks: Vec<Arc<Task>>,
}

impl<T> Written<T> {
    /// Something that is no task.
    pub(super) fn other(answer: T) -> Written<T> {
        let tasks = Vec::new();
        Written { answer, tasks }
    }
}

/// A job that has run inside the transaction and waits for the commit.
struct Ran {
    tasks: Vec<Arc<Task>>,
    answer: Box<dyn FnOnce(Result<(), StoreError>) + Send>,
}

/// Runs on the connection, or hears why there is no transaction.
type Job = Box<dyn FnOnce(Result<&Connection, StoreError>) -> Ran + Send>;

/// The door to the writer's thread.
pub(super) struct Writer {
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread. It owns the lock, so that nobody else gets the database before the last
    /// commit is done.
    pub(super) fn start(conn: Connection, lock: File, cache: Arc<TaskCache>) -> std::io::Result<Writer> {
        let (jobs, mut waiting) = mpsc::channel(JOBS_WAITING);
        let body = move || {
            let lock = lock;
            while let Some(job) = waiting.blocking_recv() {
                transaction(&conn, &cache, job, &mut waiting);
            }
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
            let written = conn.and_then(|conn| in_savepoint(conn, work));
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
    if let Err(error) = conn.execute_batch("BEGIN IMMEDIATE") {
        let ran = first(Err(unavailable(error)));
        (ran.answer)(Ok(()));
        return;
    }
    let mut jobs = vec![first(Ok(conn))];
    // A full disk makes SQLite end the whole transaction; what follows must not run outside of one.
    while jobs.len() < JOBS_A_TRANSACTION && !conn.is_autocommit() {
        let Ok(job) = waiting.try_recv() else { break };
        jobs.push(job(Ok(conn)));
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
            fence.in_doubt(&tasks);
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

/// Runs a job so that its failure, or its panic, undoes what it wrote and nothing else.
fn in_savepoint<T, W>(conn: &Connection, work: W) -> Result<T, StoreError>
where
    W: FnOnce(&Connection) -> Result<T, StoreError>,
{
    run(conn, "SAVEPOINT job")?;
    let result = catch_unwind(AssertUnwindSafe(|| work(conn)));
    let result = result.unwrap_or_else(|panic| Err(panicked("a write", &*panic)));
    if result.is_err() && !conn.is_autocommit() {
        run(conn, "ROLLBACK TO job")?;
    }
    if !conn.is_autocommit() {
        run(conn, "RELEASE job")?;
    }
    result
}

/// Runs one of a batch's members so that it is written as a whole or, on any answer but `keep`, not
/// at all.
pub(super) fn member<T>(
    conn: &Connection,
    keep: impl FnOnce(&T) -> bool,
    work: impl FnOnce() -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    run(conn, "SAVEPOINT member")?;
    let outcome = work()?;
    if !keep(&outcome) {
        run(conn, "ROLLBACK TO member")?;
    }
    run(conn, "RELEASE member")?;
    Ok(outcome)
}

fn run(conn: &Connection, sql: &str) -> Result<(), StoreError> {
    let mut statement = conn.prepare_cached(sql).map_err(unavailable)?;
    statement.execute([]).map(drop).map_err(unavailable)
}
