//! Proving the books in one read transaction, whose rows are streamed: memory does not grow with the
//! books. What a row must say is in `proof.rs`.

use std::pin::pin;

use deadpool_postgres::ClientWrapper;
use domain::store::{LedgerReport, StoreError};
use futures_util::TryStreamExt as _;

use crate::nouns::Columns;
use crate::postgres::NUMBERING;
use crate::postgres::cells::Cells;
use crate::postgres::fault::Trouble;
use crate::postgres::ground::{Ground, Param};
use crate::proof::Findings;
use crate::sql::proof;

/// One moment for all that is read, and more time than other statements have.
const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = '30min'";

pub(super) async fn verify(ground: &Ground) -> Result<LedgerReport, StoreError> {
    let mut lent = ground.lent().await?;
    let mut findings = Findings::default();
    let read = async { read(lent.client()?, &mut findings).await };
    read.await.map_err(Trouble::into_error)?;
    lent.give_back();
    Ok(findings.report())
}

async fn read(client: &ClientWrapper, findings: &mut Findings) -> Result<(), Trouble> {
    client.batch_execute(BEGIN).await?;
    each(client, proof::LINES, |row| findings.lines(row)).await?;
    each(client, proof::TASKS, |row| findings.task(row)).await?;
    each(client, proof::PURSES, |row| findings.purse(row)).await?;
    each(client, proof::SPENDING, |row| findings.spending(row)).await?;
    each(client, proof::STRAY_LINES, |row| findings.stray("task", row)).await?;
    each(client, proof::STRAY_TENANTS, |row| findings.stray("tenant", row)).await?;
    each(client, proof::WRONG_LINES, |row| findings.wrong_line(row)).await?;
    each(client, proof::HOUSE, |row| findings.house(row)).await?;
    client.batch_execute("COMMIT").await?;
    Ok(())
}

async fn each(
    client: &ClientWrapper,
    sql: &str,
    mut take: impl FnMut(&dyn Columns) -> Result<(), StoreError>,
) -> Result<(), Trouble> {
    let none: [Param<'_>; 0] = [];
    let found = client.query_raw(&NUMBERING.of(sql), none).await?;
    let mut found = pin!(found);
    while let Some(row) = found.try_next().await? {
        take(&Cells(&row))?;
    }
    Ok(())
}
