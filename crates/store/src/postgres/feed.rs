//! The feed: how this process hears what others committed. A notification says only "look"; what there
//! is to see is read from the table of changes, and read once a second also when nobody calls. As long
//! as the feed is broken nothing is answered from memory.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use domain::TaskId;
use futures_util::TryFutureExt as _;
use futures_util::future::poll_fn;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tokio_postgres::{AsyncMessage, Client, Config, NoTls};

use crate::cache::TaskCache;
use crate::postgres::fault::{self, Trouble};
use crate::rows;

/// Time between two looks when nobody calls.
const LOOK: Duration = Duration::from_secs(1);
/// Longest wait for an answer; then the connection is given up.
const ANSWER: Duration = Duration::from_secs(3);
/// Pause before a broken feed is begun anew.
const ANEW: Duration = Duration::from_millis(250);
/// How long changes are kept. A process that has not looked for half of that trusts nothing that it has.
const KEPT_SECONDS: i64 = 600;
/// Time between two times that old changes go, by the server's clock.
const SWEEP_SECONDS: i64 = 60;
/// How long calls gather before a look: under load one look serves many.
const GATHER: Duration = Duration::from_millis(2);
/// Most changes that go at a time.
const SWEPT_MOST: i64 = 10_000;

const LISTEN: &str = "LISTEN reelway_changes";
const NOTIFY: &str = "NOTIFY reelway_changes";

const NOW: &str = "SELECT pg_current_snapshot()::text, extract(epoch FROM now())::bigint";

/// What an earlier look could not see. Both come from the same look: the changes and what can be seen.
const CHANGES: &str =
    "SELECT pg_current_snapshot()::text, extract(epoch FROM now())::bigint, c.tasks, c.versions
  FROM (SELECT 1) AS one LEFT JOIN changes c
    ON c.xact >= pg_snapshot_xmin($1::text::pg_snapshot)
    AND NOT pg_visible_in_snapshot(c.xact, $1::text::pg_snapshot)";

const SWEEP: &str = "DELETE FROM changes WHERE ctid = ANY(ARRAY(
  SELECT ctid FROM changes WHERE at < now() - $1::bigint * interval '1 second' ORDER BY at LIMIT $2))";

/// What was seen last.
#[derive(Debug, Clone)]
struct Seen {
    snapshot: String,
    /// By the server's clock, in seconds.
    at: i64,
}

/// The running feed; it ends when this is dropped.
pub(super) struct Feed(JoinHandle<()>);

impl Drop for Feed {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Feed {
    /// Begins to listen. `bell` is rung when this process has committed something.
    pub(super) fn start(config: Config, cache: Arc<TaskCache>, bell: Arc<Notify>) -> Feed {
        cache.distrust();
        Feed(tokio::spawn(async move {
            let mut seen = None;
            let mut is_news = true;
            loop {
                let Err(trouble) = session(&config, &cache, &bell, &mut seen).await;
                // Said once for each time that it breaks, not for each try.
                is_news |= cache.distrust();
                if std::mem::take(&mut is_news) {
                    tracing::warn!(error = %trouble.into_error(), "store.feed_broken");
                }
                sleep(ANEW).await;
            }
        }))
    }
}

/// Ends a connection's driver with its session.
struct Driver(JoinHandle<()>);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn session(
    config: &Config,
    cache: &TaskCache,
    bell: &Notify,
    seen: &mut Option<Seen>,
) -> Result<Infallible, Trouble> {
    let (client, mut connection) = answered(config.connect(NoTls)).await?;
    // One call that waits is as good as many. What this process calls is not for itself.
    let (called, mut calls) = mpsc::channel(1);
    let own = Arc::new(AtomicI32::new(0));
    let myself = Arc::clone(&own);
    let _driver = Driver(tokio::spawn(async move {
        while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
            let AsyncMessage::Notification(call) = message else {
                continue;
            };
            if call.process_id() != myself.load(Ordering::SeqCst) {
                // One that waits already is as good.
                let _ = called.try_send(());
            }
        }
    }));
    answered(client.batch_execute(LISTEN)).await?;
    let pid = answered(client.query_one("SELECT pg_backend_pid()", &[])).await?;
    own.store(pid.get(0), Ordering::SeqCst);
    let mut swept_at = 0;
    let mut clock = interval(LOOK);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let now = look(&client, cache, seen).await?;
        cache.trust();
        if now - swept_at >= SWEEP_SECONDS {
            swept_at = now;
            answered(client.execute(SWEEP, &[&KEPT_SECONDS, &SWEPT_MOST])).await?;
        }
        loop {
            tokio::select! {
                () = bell.notified() => answered(client.batch_execute(NOTIFY)).await?,
                call = calls.recv() => {
                    if call.is_none() {
                        return Err(lost());
                    }
                    sleep(GATHER).await;
                    break;
                }
                _ = clock.tick() => break,
            }
        }
    }
}

/// Reads what was committed since the last look; the server's time. The first look has nothing to catch up with; one that
/// comes after too long a time cannot.
async fn look(client: &Client, cache: &TaskCache, seen: &mut Option<Seen>) -> Result<i64, Trouble> {
    let Some(before) = seen.clone() else {
        let row = answered(client.query_one(NOW, &[])).await?;
        let at = row.get(1);
        *seen = Some(Seen {
            snapshot: row.get(0),
            at,
        });
        cache.missed();
        return Ok(at);
    };
    let found = answered(client.query(CHANGES, &[&before.snapshot])).await?;
    let Some(first) = found.first() else {
        return Ok(before.at);
    };
    let now = Seen {
        snapshot: first.get(0),
        at: first.get(1),
    };
    let at = now.at;
    *seen = Some(now);
    if at - before.at > KEPT_SECONDS / 2 {
        cache.missed();
        return Ok(at);
    }
    for row in &found {
        let tasks: Option<Vec<&[u8]>> = row.get(2);
        let versions: Option<Vec<i64>> = row.get(3);
        for (task, version) in tasks.iter().flatten().zip(versions.iter().flatten()) {
            let id = TaskId(rows::id_of(task)?);
            cache.committed_elsewhere(id, rows::unsigned(*version, "version")?);
        }
    }
    Ok(at)
}

/// The answer, or that none came.
async fn answered<T>(asked: impl Future<Output = Result<T, tokio_postgres::Error>>) -> Result<T, Trouble> {
    timeout(ANSWER, asked.map_err(Trouble::from))
        .await
        .map_err(|_| lost())?
}

fn lost() -> Trouble {
    Trouble::Passing(fault::gone("the feed's connection"))
}
