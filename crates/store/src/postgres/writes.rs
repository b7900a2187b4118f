//! Writing what a batch has decided, set-wise: one statement a table, whatever the size of the batch.
//! Deciding is in `births.rs` and `changes.rs`.

use std::collections::BTreeMap;

use deadpool_postgres::ClientWrapper;
use domain::BlobKey;
use domain::store::Idempotency;
use domain::task::{Owed, Usage};
use tokio::try_join;

use crate::postgres::fault::Trouble;
use crate::postgres::ground::run;
use crate::postgres::{erase, outbox};
use crate::replies;
use crate::rows::{self, BirthRows, ChangeRows, CourseRow, IdBytes, LineRow};

const TASKS: &str = "INSERT INTO tasks (id, tenant, state, open, version, due_at, deadline_at, lane,
    operation, dialect, external_id, created_at, course, origin)
  SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[],
    $7::bigint[], $8::text[], $9::text[], $10::text[], $11::text[], $12::bigint[], $13::text[], $14::text[])";

const COURSES: &str = "UPDATE tasks t SET state = n.state, open = n.open, version = n.version,
    due_at = n.due_at, course = n.course, owner = CASE WHEN n.owned = 1 THEN t.owner END
  FROM unnest($1::bytea[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::bigint[])
    AS n (id, state, open, version, due_at, course, owned)
  WHERE t.id = n.id";

const LINES: &str =
    "INSERT INTO lines (task, tenant, kind, sequence, from_pocket, to_pocket, amount, at, note)
  SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::text[], $4::bigint[], $5::text[], $6::text[],
    $7::bigint[], $8::bigint[], $9::text[])";

const REPEATS: &str = "INSERT INTO idempotency (scope, key, body_hash, task, at, head, body)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::bigint[], $6::text[], $7::bytea[])
  ON CONFLICT (scope, key) DO UPDATE SET body_hash = excluded.body_hash, task = excluded.task,
    at = excluded.at, head = excluded.head, body = excluded.body";

const USAGE: &str = "INSERT INTO usage (task, tenant, key, model, operation, outcome, quantity,
    charge_micros, at)
  SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::text[], $5::text[], $6::text[],
    $7::bigint[], $8::bigint[], $9::bigint[])";

const BLOB_USES: &str = "INSERT INTO blob_uses (key, task)
  SELECT * FROM unnest($1::text[], $2::bytea[]) ON CONFLICT DO NOTHING";

/// In order, so that two batches with the same blobs do not wait in a circle.
const BLOBS_USED: &str = "UPDATE blobs SET used = 1 WHERE key IN
  (SELECT key FROM blobs WHERE key = ANY($1) AND used = 0 ORDER BY key FOR NO KEY UPDATE)";

/// What is written of every birth.
pub(super) const OF_BIRTHS: [&str; 2] = [TASKS, LINES];

/// One column of a batch.
pub(super) fn column<'a, M, T>(members: &[&'a M], read: impl Fn(&'a M) -> T) -> Vec<T> {
    members.iter().map(|member| read(member)).collect()
}

/// Inserts tasks with everything that is born beside them.
pub(super) async fn births(client: &ClientWrapper, births: &[&BirthRows]) -> Result<(), Trouble> {
    if births.is_empty() {
        return Ok(());
    }
    let changes: Vec<&ChangeRows> = births.iter().map(|birth| &birth.change).collect();
    try_join!(
        tasks(client, births),
        repeats(client, births),
        beside(client, &changes)
    )?;
    Ok(())
}

/// Rewrites tasks with everything that a change brings.
pub(super) async fn changes(client: &ClientWrapper, changes: &[&ChangeRows]) -> Result<(), Trouble> {
    if changes.is_empty() {
        return Ok(());
    }
    try_join!(courses(client, changes), beside(client, changes))?;
    erase::erase(client, changes).await
}

async fn tasks(client: &ClientWrapper, births: &[&BirthRows]) -> Result<(), Trouble> {
    run(
        client,
        TASKS,
        &[
            &column(births, |birth| &birth.change.course.id[..]),
            &column(births, |birth| &birth.task.tenant[..]),
            &column(births, |birth| birth.change.course.state),
            &column(births, |birth| i64::from(birth.change.course.open)),
            &column(births, |birth| birth.change.course.version),
            &column(births, |birth| birth.change.course.due_at),
            &column(births, |birth| birth.task.deadline_at),
            &column(births, |birth| birth.origin().lane.as_str()),
            &column(births, |birth| birth.task.operation),
            &column(births, |birth| birth.origin().face.dialect.as_str()),
            &column(births, |birth| birth.external_id()),
            &column(births, |birth| birth.task.created_at),
            &column(births, |birth| birth.change.course.course.as_str()),
            &column(births, |birth| birth.task.origin.as_str()),
        ],
    )
    .await?;
    Ok(())
}

/// The last change of each task. In a chain a lease is kept only if every link keeps it.
async fn courses(client: &ClientWrapper, changes: &[&ChangeRows]) -> Result<(), Trouble> {
    let mut last: BTreeMap<IdBytes, (&CourseRow, bool)> = BTreeMap::new();
    for change in changes {
        let course = &change.course;
        let kept = last.get(&course.id).is_none_or(|(_, owned)| *owned);
        last.insert(course.id, (course, kept && course.owned));
    }
    let last: Vec<(&CourseRow, bool)> = last.into_values().collect();
    let last: Vec<&(&CourseRow, bool)> = last.iter().collect();
    run(
        client,
        COURSES,
        &[
            &column(&last, |(course, _)| &course.id[..]),
            &column(&last, |(course, _)| course.state),
            &column(&last, |(course, _)| i64::from(course.open)),
            &column(&last, |(course, _)| course.version),
            &column(&last, |(course, _)| course.due_at),
            &column(&last, |(course, _)| course.course.as_str()),
            &column(&last, |(_, owned)| i64::from(*owned)),
        ],
    )
    .await?;
    Ok(())
}

async fn repeats(client: &ClientWrapper, births: &[&BirthRows]) -> Result<(), Trouble> {
    // Of two records with one name, which may be in one batch where nobody gave them a name, the last stays.
    let mut last: BTreeMap<(&str, String), (&BirthRows, &Idempotency)> = BTreeMap::new();
    for birth in births {
        if let Some(record) = &birth.idempotency {
            last.insert((&record.scope, record.name()), (birth, record));
        }
    }
    let names: Vec<&str> = last.keys().map(|(_, name)| name.as_str()).collect();
    let with: Vec<_> = last.values().collect();
    if with.is_empty() {
        return Ok(());
    }
    let heads = with.iter().map(|(_, record)| replies::reply_head(&record.answer));
    let heads: Vec<String> = heads.collect::<Result<_, _>>()?;
    run(
        client,
        REPEATS,
        &[
            &column(&with, |(_, record)| record.scope.as_str()),
            &names,
            &column(&with, |(_, record)| record.body_hash.as_str()),
            &column(&with, |(birth, _)| &birth.change.course.id[..]),
            &column(&with, |(birth, _)| birth.task.created_at),
            &heads,
            &column(&with, |(_, record)| &record.answer.body[..]),
        ],
    )
    .await?;
    Ok(())
}

/// Lines, webhooks, usage and blobs of changes.
async fn beside(client: &ClientWrapper, changes: &[&ChangeRows]) -> Result<(), Trouble> {
    let all_lines: Vec<&LineRow> = changes.iter().flat_map(|change| &change.lines).collect();
    let owed = changes.iter().filter_map(|change| change.change.webhook.as_ref());
    let owed: Vec<&Owed> = owed.collect();
    let used = changes.iter().filter_map(|change| change.change.usage.as_ref());
    let used: Vec<&Usage> = used.collect();
    let blobs = changes
        .iter()
        .flat_map(|change| change.blobs.iter().map(|blob| (blob, change.course.id)));
    let blobs: Vec<(&BlobKey, IdBytes)> = blobs.collect();
    try_join!(
        lines(client, &all_lines),
        outbox::owe(client, &owed),
        usage(client, &used),
        blob_uses(client, &blobs)
    )?;
    Ok(())
}

/// Writes lines down; the pockets follow in [`crate::postgres::purses`].
pub(super) async fn lines(client: &ClientWrapper, lines: &[&LineRow]) -> Result<(), Trouble> {
    if lines.is_empty() {
        return Ok(());
    }
    run(
        client,
        LINES,
        &[
            &column(lines, |line| line.task.as_ref().map(|task| &task[..])),
            &column(lines, |line| line.tenant.as_ref().map(|tenant| &tenant[..])),
            &column(lines, |line| line.kind.word()),
            &column(lines, |line| line.sequence),
            &column(lines, |line| line.from),
            &column(lines, |line| line.to),
            &column(lines, |line| line.amount),
            &column(lines, |line| line.at),
            &column(lines, |line| line.note.as_str()),
        ],
    )
    .await?;
    Ok(())
}

async fn usage(client: &ClientWrapper, used: &[&Usage]) -> Result<(), Trouble> {
    if used.is_empty() {
        return Ok(());
    }
    let quantities = used.iter().map(|usage| rows::signed(usage.quantity, "quantity"));
    let quantities: Vec<i64> = quantities.collect::<Result<_, _>>()?;
    run(
        client,
        USAGE,
        &[
            &column(used, |usage| rows::id_bytes(usage.task.0).to_vec()),
            &column(used, |usage| rows::id_bytes(usage.tenant.0).to_vec()),
            &column(used, |usage| rows::id_bytes(usage.key.0).to_vec()),
            &column(used, |usage| usage.model.as_str()),
            &column(used, |usage| usage.operation.as_str()),
            &column(used, |usage| usage.outcome.word()),
            &quantities,
            &column(used, |usage| usage.charge_micros.0),
            &column(used, |usage| usage.at.0),
        ],
    )
    .await?;
    Ok(())
}

async fn blob_uses(client: &ClientWrapper, uses: &[(&BlobKey, IdBytes)]) -> Result<(), Trouble> {
    if uses.is_empty() {
        return Ok(());
    }
    let keys: Vec<&str> = uses.iter().map(|(key, _)| key.as_str()).collect();
    let tasks: Vec<&[u8]> = uses.iter().map(|(_, task)| &task[..]).collect();
    run(client, BLOB_USES, &[&keys, &tasks]).await?;
    // Only then: so it is behind the pockets' locks also where rows go out before those, as everybody locks blobs.
    run(client, BLOBS_USED, &[&keys]).await?;
    Ok(())
}
