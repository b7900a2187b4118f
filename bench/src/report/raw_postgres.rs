//! PostgreSQL alone: every row that the gateway writes for a submit, under the gateway's own schema, written in batches
//! by bare loops that decide nothing, over connections of their own, on the server that the gateway uses.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use tokio::task::JoinSet;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls, Statement};

use super::raw::BATCH;
use crate::stopwatch::Stopwatch;

/// Connections that insert at once: as many batches as the gateway has on their way.
const WRITERS: u64 = 4;
/// Room between the ids of two connections.
const IDS_A_WRITER: u128 = 1 << 40;
/// Bytes of tasks that the store may keep while it makes the schema: none.
const NO_CACHE: u64 = 0;

const TASKS: &str = "INSERT INTO tasks (id, tenant, state, open, version, due_at, deadline_at, lane,
    operation, dialect, external_id, created_at, course, origin)
  SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[],
    $7::bigint[], $8::text[], $9::text[], $10::text[], $11::text[], $12::bigint[], $13::text[], $14::text[])";
const LINES: &str =
    "INSERT INTO lines (task, tenant, kind, sequence, from_pocket, to_pocket, amount, at, note)
  SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::text[], $4::bigint[], $5::text[], $6::text[],
    $7::bigint[], $8::bigint[], $9::text[])";
const HOLD: &str = "UPDATE balances SET available = available - 1, held = held + 1";
const COUNT: &str = "UPDATE spending SET spent = spent + 1, open = open + 1";
const NOTE: &str = "INSERT INTO changes (tasks, versions) VALUES ($1, $2)";

const TASK: &str = "SELECT id, tenant, state, open, version, due_at, deadline_at, lane, operation, dialect,
    external_id, created_at, course, origin
  FROM tasks WHERE state = 'queued' AND open = 1 ORDER BY id DESC LIMIT 1";
const LINE: &str = "SELECT tenant, kind, sequence, from_pocket, to_pocket, amount, at, note
  FROM lines WHERE kind = 'hold' ORDER BY number DESC LIMIT 1";

/// A waiting task.
struct Task {
    id: u128,
    tenant: Vec<u8>,
    state: String,
    numbers: [i64; 5],
    lane: String,
    operation: String,
    dialect: String,
    external_id: Option<String>,
    course: String,
    origin: String,
}

/// Its hold.
struct Line {
    tenant: Vec<u8>,
    words: [String; 3],
    numbers: [i64; 3],
    note: String,
}

/// A database with the gateway's schema, and one task's rows to fill it with.
pub(crate) struct RawPostgres {
    url: String,
    task: Arc<(Task, Line)>,
    rounds: u128,
}

impl RawPostgres {
    /// Makes the schema in the database `own`, and copies tenants and one waiting task from the gateway's.
    ///
    /// # Errors
    /// When one of the two cannot be used.
    pub(crate) async fn prepare(gateway: &str, own: &str) -> anyhow::Result<RawPostgres> {
        let schema = store::Options {
            url: own.to_owned(),
            cache_bytes: NO_CACHE,
            lock: store::Lock::Exclusive,
        };
        drop(store::open(schema).await.context("the schema cannot be made")?);
        let (source, database) = (connect(gateway).await?, connect(own).await?);
        for table in ["tenants", "balances", "spending"] {
            let select = format!("SELECT row_to_json(t)::text FROM {table} t");
            for row in source.query(&select, &[]).await? {
                let text: String = row.get(0);
                let insert = format!(
                    "INSERT INTO {table} SELECT * FROM json_populate_record(null::{table}, $1::text::json)"
                );
                database.execute(&insert, &[&text]).await?;
            }
        }
        Ok(RawPostgres {
            url: own.to_owned(),
            task: Arc::new((task(&source).await?, line(&source).await?)),
            rounds: 0,
        })
    }

    /// Inserts for so long; the rows a second. A row is a task with its hold; the balance is moved, what key and tenant
    /// have used is counted, and the batch is noted for other processes, once a batch.
    ///
    /// # Errors
    /// When the server fails.
    pub(crate) async fn insert(&mut self, lasting: Duration) -> anyhow::Result<f64> {
        self.rounds += 1;
        let mut clients = Vec::new();
        for _ in 0..WRITERS {
            clients.push(connect(&self.url).await?);
        }
        let (watch, mut writers) = (Stopwatch::start(), JoinSet::new());
        for (writer, mut client) in (0_u128..).zip(clients) {
            let rows = Arc::clone(&self.task);
            let mut last_id = rows.0.id + (self.rounds * u128::from(WRITERS) + writer) * IDS_A_WRITER;
            writers.spawn(async move {
                let statements = [
                    client.prepare(TASKS).await?,
                    client.prepare(LINES).await?,
                    client.prepare(HOLD).await?,
                    client.prepare(COUNT).await?,
                    client.prepare(NOTE).await?,
                ];
                let mut written = 0;
                while watch.elapsed() < lasting {
                    batch(&mut client, &statements, &rows, last_id).await?;
                    last_id += u128::from(BATCH);
                    written += BATCH;
                }
                anyhow::Ok(written)
            });
        }
        let mut rows = 0;
        while let Some(written) = writers.join_next().await {
            rows += written.context("a writer panicked")??;
        }
        Ok(rows as f64 / watch.elapsed().as_secs_f64())
    }
}

async fn connect(url: &str) -> anyhow::Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

async fn task(source: &Client) -> anyhow::Result<Task> {
    let row = source.query_one(TASK, &[]).await.context("no task waits")?;
    let id: Vec<u8> = row.get(0);
    Ok(Task {
        id: u128::from_be_bytes(id.as_slice().try_into().context("a task id has 16 bytes")?),
        tenant: row.get(1),
        state: row.get(2),
        numbers: [row.get(3), row.get(4), row.get(5), row.get(6), row.get(11)],
        lane: row.get(7),
        operation: row.get(8),
        dialect: row.get(9),
        external_id: row.get(10),
        course: row.get(12),
        origin: row.get(13),
    })
}

async fn line(source: &Client) -> anyhow::Result<Line> {
    let row = source.query_one(LINE, &[]).await.context("nothing is held")?;
    Ok(Line {
        tenant: row.get(0),
        words: [row.get(1), row.get(3), row.get(4)],
        numbers: [row.get(2), row.get(5), row.get(6)],
        note: row.get(7),
    })
}

/// One transaction; its statements are sent together.
async fn batch(
    client: &mut Client,
    statements: &[Statement; 5],
    rows: &(Task, Line),
    last_id: u128,
) -> anyhow::Result<()> {
    let (task, line) = rows;
    let count = usize::try_from(BATCH)?;
    let ids: Vec<Vec<u8>> = (1..=u128::from(BATCH))
        .map(|n| (last_id + n).to_be_bytes().to_vec())
        .collect();
    let many = |text: &str| vec![text.to_owned(); count];
    let numbers = |at: usize| vec![task.numbers[at]; count];
    let [tasks, lines, hold, count_up, note] = statements;
    let transaction = client.transaction().await?;
    let (state, lane, operation) = (many(&task.state), many(&task.lane), many(&task.operation));
    let (dialect, course, origin) = (many(&task.dialect), many(&task.course), many(&task.origin));
    let (tenants, external) = (
        vec![task.tenant.clone(); count],
        vec![task.external_id.clone(); count],
    );
    let (open, version, due_at) = (numbers(0), numbers(1), numbers(2));
    let (deadline_at, created_at) = (numbers(3), numbers(4));
    let births: [&(dyn ToSql + Sync); 14] = [
        &ids,
        &tenants,
        &state,
        &open,
        &version,
        &due_at,
        &deadline_at,
        &lane,
        &operation,
        &dialect,
        &external,
        &created_at,
        &course,
        &origin,
    ];
    let [kind, from, to] = [0, 1, 2].map(|at| many(&line.words[at]));
    let [sequence, amount, at] = [0, 1, 2].map(|at: usize| vec![line.numbers[at]; count]);
    let (payers, notes) = (vec![line.tenant.clone(); count], many(&line.note));
    let holds: [&(dyn ToSql + Sync); 9] = [&ids, &payers, &kind, &sequence, &from, &to, &amount, &at, &notes];
    let noted: [&(dyn ToSql + Sync); 2] = [&ids, &version];
    let (moved, counted, born, held, noted) = tokio::try_join!(
        transaction.execute(hold, &[]),
        transaction.execute(count_up, &[]),
        transaction.execute(tasks, &births),
        transaction.execute(lines, &holds),
        transaction.execute(note, &noted)
    )?;
    ensure!(
        (moved, born, held, noted) == (1, BATCH, BATCH, 1) && counted > 0,
        "not everything was written"
    );
    transaction.commit().await?;
    Ok(())
}
