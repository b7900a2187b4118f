//! Proving the books part by part, each a short statement of its own; only the last look, at one moment, is as
//! long as there are open tasks. What a row must say is in `proof.rs`.

use std::pin::pin;
use std::time::Duration;

use deadpool_postgres::ClientWrapper;
use domain::store::{LedgerReport, StoreError, Tell};
use futures_util::TryStreamExt as _;
use tokio::time::sleep;

use crate::nouns::Columns;
use crate::postgres::NUMBERING;
use crate::postgres::cells::{self, Cells};
use crate::postgres::fault::Trouble;
use crate::postgres::ground::{Ground, Param};
use crate::postgres::statements::last_line;
use crate::proof::{Findings, PART_LINES, PART_TASKS, ROUNDS_MOST};
use crate::rows;
use crate::sql::proof;

/// One moment for all that is read, and more time than other statements have.
pub(super) const BEGIN: &str =
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = '5min'";

/// The first transaction that begins from now on.
const NEXT: &str = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text";
/// Whether all transactions before one have ended.
const ARE_OVER: &str = "SELECT CAST(CASE WHEN pg_snapshot_xmin(pg_current_snapshot()) >= $1::text::xid8 THEN 1 ELSE 0 END AS BIGINT)";
/// The pause between two looks whether they have.
const PAUSE: Duration = Duration::from_millis(50);
/// Most of these looks: longer, all together, than a transaction of ours may last.
const LOOKS_MOST: u32 = 600;

type Taken = Result<(), StoreError>;
/// What takes a row in.
type Take = fn(&mut Findings, &dyn Columns) -> Taken;

pub(super) async fn verify(ground: &Ground, tell: Tell<'_>) -> Result<LedgerReport, StoreError> {
    let mut findings = Findings::default();
    let mut in_all = last_line(ground).await?;
    loop {
        let before = findings.tasks();
        let behind = findings.last_task();
        for row in ground.ask(proof::TASKS, &[&behind, &PART_TASKS]).await? {
            findings.task(&Cells(&row))?;
        }
        tell(findings.progress(in_all));
        if findings.tasks() == before {
            break;
        }
    }
    let mut read = 0;
    for _ in 0..ROUNDS_MOST {
        in_all = settled(ground).await?;
        let last = rows::signed(in_all, "a line's number")?;
        if last - read <= PART_LINES {
            break;
        }
        while read < last {
            let end = last.min(read + PART_LINES);
            for (sql, take) in OF_LINES {
                let found = ground.ask(&NUMBERING.of(sql), &[&read, &end]).await?;
                for row in found {
                    take(&mut findings, &Cells(&row))?;
                }
            }
            tell(findings.progress(in_all));
            read = end;
        }
    }
    let mut lent = ground.lent().await?;
    let look = async { last_look(lent.client()?, &mut findings, read).await };
    look.await.map_err(Trouble::into_error)?;
    lent.give_back();
    tell(findings.progress(in_all));
    Ok(findings.report())
}

/// What is asked of every part of the lines.
const OF_LINES: [(&str, Take); 4] = [
    (proof::LINES, Findings::lines),
    (proof::SPENT, Findings::spent),
    (proof::STRAY_LINES, Findings::stray),
    (proof::WRONG_LINES, Findings::wrong_line),
];

/// The place of the last line, once no earlier one can appear any more: numbers are given out before
/// transactions end, so all that run now are waited for.
pub(super) async fn settled(ground: &Ground) -> Result<u64, StoreError> {
    let last = last_line(ground).await?;
    let next = cells::one(&ground.ask(NEXT, &[]).await?, |row| {
        row.text(0).map(str::to_owned)
    })?;
    let next = next.unwrap_or_default();
    for _ in 0..LOOKS_MOST {
        let over = cells::one(&ground.ask(ARE_OVER, &[&next]).await?, |row| row.number(0))?;
        if over == Some(1) {
            return Ok(last);
        }
        sleep(PAUSE).await;
    }
    let message = "a transaction of another program runs and does not end; try again when it has";
    Err(StoreError::Unavailable(message.to_owned()))
}

/// What must be seen at one moment. What else is kept beside the books and must agree with them is read here.
async fn last_look(client: &ClientWrapper, findings: &mut Findings, behind: i64) -> Result<(), Trouble> {
    client.batch_execute(BEGIN).await?;
    for (sql, take) in OF_LINES {
        each(client, sql, &[&behind, &i64::MAX], |row| take(findings, row)).await?;
    }
    each(client, proof::OPEN_HOLDS, &[], |row| findings.open_holds(row)).await?;
    each(client, proof::PURSES, &[], |row| findings.purse(row)).await?;
    each(client, proof::OPEN_TASKS, &[], |row| findings.open_tasks(row)).await?;
    each(client, proof::SPENDING, &[], |row| findings.spending(row)).await?;
    client.batch_execute("COMMIT").await?;
    Ok(())
}

async fn each(
    client: &ClientWrapper,
    sql: &str,
    params: &[Param<'_>],
    mut take: impl FnMut(&dyn Columns) -> Result<(), StoreError>,
) -> Result<(), Trouble> {
    let params = params.iter().copied();
    let found = client.query_raw(&NUMBERING.of(sql), params).await?;
    let mut found = pin!(found);
    while let Some(row) = found.try_next().await? {
        take(&Cells(&row))?;
    }
    Ok(())
}
