//! The ground on which everything is asked: the pool of connections, single statements, and
//! transactions that are tried again, or whose fate is found out when the reply to the commit was lost.
//! What is asked is in the other files.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use deadpool_postgres::{ClientWrapper, Object, Pool, PoolError};
use domain::store::StoreError;
use tokio::runtime::{Handle, Runtime};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::cache::{TaskCache, Written, Wrote};
use crate::postgres::fault::{self, Trouble};
use crate::rows;

/// Longest time that the server may take for one statement, in milliseconds. It ends the statement.
pub(super) const STATEMENT_MS: u64 = 10_000;
/// Longest wait for an answer: longer than a statement may take, so that only a server that cannot be
/// heard is given up.
const ANSWER: Duration = Duration::from_millis(STATEMENT_MS + 5_000);
/// Longest time from the begin of a transaction to its commit.
const TRANSACTION: Duration = Duration::from_millis(2 * STATEMENT_MS);
/// Most tries of what only passing trouble prevents: with the pauses, about five seconds, which a server
/// takes to start again.
const TRIES_MOST: u32 = 10;
/// The pause after the first try; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
/// The longest of these pauses.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// Most looks for the fate of a commit.
const FATE_LOOKS_MOST: u32 = 20;
/// The pause between two of them: long enough, all together, for a server that starts again.
const FATE_PAUSE: Duration = Duration::from_millis(500);

/// What the other processes read of a commit; it also tells its fate when the reply was lost.
const NOTE: &str = "INSERT INTO changes (tasks, versions) VALUES ($1, $2) RETURNING xact::text";

/// Whether the note is there, and whether its transaction runs no more.
const FATE: &str = "SELECT EXISTS (SELECT 1 FROM changes WHERE xact = $1::text::xid8 AND tasks = $2
      AND versions = $3),
    NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE backend_xid = $1::text::xid8::xid)";

/// A parameter of a statement.
pub(super) type Param<'a> = &'a (dyn ToSql + Sync);

/// Work in one transaction. It may be run several times, each time from the begin.
#[async_trait]
pub(super) trait Job: Send + Sync + 'static {
    /// What its caller is told after the commit.
    type Answer: Send + 'static;

    /// Does it.
    async fn run(&self, client: &Session<'_>) -> Result<Written<Self::Answer>, Trouble>;
}

/// The connection of a transaction, and the note of what it writes.
pub(super) struct Session<'a> {
    client: &'a ClientWrapper,
    trace: OnceLock<Trace>,
}

impl Deref for Session<'_> {
    type Target = ClientWrapper;

    fn deref(&self) -> &ClientWrapper {
        self.client
    }
}

impl Session<'_> {
    /// Notes for the other processes what the transaction writes. A job may do it once, beside its other
    /// writes; otherwise it is done after them.
    pub(super) async fn note(&self, written: &[Wrote]) -> Result<(), Trouble> {
        if written.is_empty() || self.trace.get().is_some() {
            return Ok(());
        }
        let trace = note(self.client, written).await?;
        // Nobody else sets it: a transaction has one job.
        drop(self.trace.set(trace));
        Ok(())
    }
}

/// A thread for connections and transactions. On the threads of the requests the answers of the server would
/// stand in line behind them, while its locks are held.
pub(super) struct Workshop(Option<Runtime>);

impl Workshop {
    /// Starts the thread; with the way to it.
    pub(super) fn open() -> std::io::Result<(Workshop, Handle)> {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime = builder
            .worker_threads(1)
            .thread_name("store")
            .enable_all()
            .build()?;
        let handle = runtime.handle().clone();
        Ok((Workshop(Some(runtime)), handle))
    }
}

/// What was not committed is undone by the server.
impl Drop for Workshop {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// Connections, what is kept in memory, and the bell of the feed.
pub(super) struct Ground {
    /// Where connections live and transactions are done.
    pub(super) workshop: Handle,
    pub(super) pool: Pool,
    pub(super) cache: Arc<TaskCache>,
    /// Rung after each commit of tasks: the other processes are to look.
    pub(super) bell: Arc<Notify>,
}

/// A connection in a transaction. Unless it is given back it is closed, and the server undoes what was
/// not committed: nobody ever gets a connection in the midst of somebody else's transaction.
pub(super) struct Lent(Option<Object>);

/// What became of a commit whose reply was lost.
enum Fate {
    Committed,
    NotCommitted,
}

/// By what a commit is found again.
struct Trace {
    xact: String,
    tasks: Vec<Vec<u8>>,
    versions: Vec<i64>,
}

/// Counts tries and pauses between them.
#[derive(Default)]
struct Patience(u32);

impl Ground {
    /// One statement that may be run twice: a read, or a write that comes to the same.
    pub(super) async fn ask(&self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>, StoreError> {
        let mut patience = Patience::default();
        loop {
            match self.statement(sql, params).await {
                Ok(rows) => return Ok(rows),
                Err(trouble) => patience.bear(trouble).await?,
            }
        }
    }

    /// One statement that must not be run twice. Only the way to the server is tried again.
    pub(super) async fn tell(&self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>, StoreError> {
        let client = self.patient_client().await?;
        let trouble = match timeout(ANSWER, fetch(&client, sql, params)).await {
            Ok(Ok(rows)) => return Ok(rows),
            Ok(Err(trouble)) => trouble,
            Err(_) => silent(client),
        };
        Err(match trouble {
            Trouble::Cut(error) => StoreError::LostReply(error.to_string()),
            other => other.into_error(),
        })
    }

    /// A connection for a transaction in which somebody only reads.
    pub(super) async fn lent(&self) -> Result<Lent, StoreError> {
        self.patient_client().await.map(|client| Lent(Some(client)))
    }

    async fn patient_client(&self) -> Result<Object, StoreError> {
        let mut patience = Patience::default();
        loop {
            match self.client().await {
                Ok(client) => return Ok(client),
                Err(trouble) => patience.bear(trouble).await?,
            }
        }
    }

    /// Does a job in a transaction. It is done even when nobody waits for the answer any more.
    pub(super) async fn work<J: Job>(self: &Arc<Ground>, job: J) -> Result<J::Answer, StoreError> {
        let ground = Arc::clone(self);
        let done = self.workshop.spawn(async move {
            let mut patience = Patience::default();
            loop {
                match ground.transaction(&job).await {
                    Ok(answer) => return Ok(answer),
                    Err(trouble) => patience.bear(trouble).await?,
                }
            }
        });
        let stopped = |error| StoreError::LostReply(format!("a write did not end: {error}"));
        done.await.map_err(stopped)?
    }

    async fn client(&self) -> Result<Object, Trouble> {
        let pool = self.pool.clone();
        let got = self.workshop.spawn(async move { pool.get().await }).await;
        let got = got.map_err(|_| Trouble::Passing(fault::gone("the thread of the connections")))?;
        got.map_err(|error| match error {
            PoolError::Backend(error) => Trouble::from(error),
            other => Trouble::Passing(StoreError::Unavailable(other.to_string())),
        })
    }

    async fn statement(&self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>, Trouble> {
        let client = self.client().await?;
        match timeout(ANSWER, fetch(&client, sql, params)).await {
            Ok(answer) => answer,
            Err(_) => Err(silent(client)),
        }
    }

    async fn transaction<J: Job>(&self, job: &J) -> Result<J::Answer, Trouble> {
        let mut lent = Lent(Some(self.client().await?));
        let (written, trace) = match timeout(TRANSACTION, prepare(lent.client()?, job)).await {
            Ok(Ok(prepared)) => prepared,
            Ok(Err(trouble)) => {
                lent.roll_back().await;
                return Err(trouble);
            }
            Err(_) => return Err(Trouble::Passing(unheard())),
        };
        let fence = self.cache.commit_begins(&written.tasks);
        let lost = match timeout(ANSWER, lent.client()?.batch_execute("COMMIT")).await {
            Ok(Ok(())) => {
                lent.give_back();
                None
            }
            Ok(Err(error)) if is_refusal(&error) => return Err(Trouble::from(error)),
            Ok(Err(error)) => Some(StoreError::LostReply(fault::say(&error))),
            Err(_) => Some(StoreError::LostReply(unheard().to_string())),
        };
        // Where it was not given back it is closed: nothing more comes from it that could commit.
        drop(lent);
        if let Some(lost) = lost {
            tracing::warn!(error = %lost, "store.commit_reply_lost");
            match self.fate(trace.as_ref()).await {
                Some(Fate::Committed) => {}
                Some(Fate::NotCommitted) => {
                    return Err(Trouble::Passing(StoreError::Unavailable(lost.to_string())));
                }
                None => return Err(Trouble::Lasting(lost)),
            }
        }
        if !written.tasks.is_empty() {
            fence.committed(written.tasks);
            self.bell.notify_one();
        }
        Ok(written.answer)
    }

    /// Finds out what became of a commit. Once its transaction is seen to run no more, the next look
    /// sees its note, or nobody ever will. The note itself is looked for, not the transaction's number:
    /// a server that crashed may give the number of a transaction that left no trace once more.
    async fn fate(&self, trace: Option<&Trace>) -> Option<Fate> {
        let trace = trace?;
        let mut was_over = false;
        for _ in 0..FATE_LOOKS_MOST {
            let params: [Param<'_>; 3] = [&trace.xact, &trace.tasks, &trace.versions];
            let looked = self.statement(FATE, &params).await;
            if let Some(row) = looked.ok().as_ref().and_then(|rows| rows.first()) {
                let (is_there, is_over): (bool, bool) = (row.get(0), row.get(1));
                if is_there {
                    return Some(Fate::Committed);
                }
                if was_over {
                    return Some(Fate::NotCommitted);
                }
                was_over = is_over;
                if is_over {
                    continue;
                }
            }
            sleep(FATE_PAUSE).await;
        }
        None
    }
}

impl Lent {
    pub(super) fn client(&self) -> Result<&ClientWrapper, Trouble> {
        let gone = || Trouble::Passing(fault::gone("the connection"));
        self.0.as_deref().ok_or_else(gone)
    }

    /// The transaction is over: the next one may have the connection.
    pub(super) fn give_back(&mut self) {
        drop(self.0.take());
    }

    async fn roll_back(mut self) {
        let Ok(client) = self.client() else { return };
        if matches!(
            timeout(ANSWER, client.batch_execute("ROLLBACK")).await,
            Ok(Ok(()))
        ) {
            self.give_back();
        }
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(object) = self.0.take() {
            drop(Object::take(object));
        }
    }
}

impl Patience {
    /// Pauses after passing trouble, as long as there are tries left.
    async fn bear(&mut self, trouble: Trouble) -> Result<(), StoreError> {
        self.0 += 1;
        match trouble {
            Trouble::Passing(_) | Trouble::Cut(_) if self.0 < TRIES_MOST => {
                sleep((FIRST_PAUSE * (1 << (self.0 - 1))).min(LONGEST_PAUSE)).await;
                Ok(())
            }
            over => Err(over.into_error()),
        }
    }
}

/// Everything of a transaction but its commit.
async fn prepare<J: Job>(
    client: &ClientWrapper,
    job: &J,
) -> Result<(Written<J::Answer>, Option<Trace>), Trouble> {
    client.batch_execute("BEGIN").await?;
    let session = Session {
        client,
        trace: OnceLock::new(),
    };
    let written = job.run(&session).await?;
    session.note(&written.tasks).await?;
    Ok((written, session.trace.into_inner()))
}

async fn note(client: &ClientWrapper, written: &[Wrote]) -> Result<Trace, Trouble> {
    let versions = written.iter().map(|task| rows::signed(task.version(), "version"));
    let versions: Vec<i64> = versions.collect::<Result<_, _>>()?;
    let tasks = written.iter().map(|task| rows::id_bytes(task.id().0).to_vec());
    let tasks: Vec<Vec<u8>> = tasks.collect();
    let noted = fetch(client, NOTE, &[&tasks, &versions]).await?;
    let xact = noted.first().map(|row| row.get(0)).unwrap_or_default();
    Ok(Trace {
        xact,
        tasks,
        versions,
    })
}

/// Runs a statement that the connection prepares once.
pub(super) async fn fetch(
    client: &ClientWrapper,
    sql: &str,
    params: &[Param<'_>],
) -> Result<Vec<Row>, Trouble> {
    let statement = client.prepare_cached(sql).await?;
    Ok(client.query(&statement, params).await?)
}

/// As [`fetch`], for a write of which only the number of rows matters.
pub(super) async fn run(client: &ClientWrapper, sql: &str, params: &[Param<'_>]) -> Result<u64, Trouble> {
    let statement = client.prepare_cached(sql).await?;
    Ok(client.execute(&statement, params).await?)
}

/// Whether the server has said that it did not commit, and lives on.
fn is_refusal(error: &tokio_postgres::Error) -> bool {
    use tokio_postgres::error::Severity;
    let severity = error.as_db_error().map(|answer| answer.parsed_severity());
    matches!(severity, Some(Some(Severity::Error)))
}

/// Gives a connection up on which no answer comes.
fn silent(client: Object) -> Trouble {
    drop(Object::take(client));
    Trouble::Cut(unheard())
}

fn unheard() -> StoreError {
    StoreError::Unavailable(format!("no answer within {} seconds", ANSWER.as_secs()))
}
