//! The books as people read them, on SQLite. Long sums are asked for in parts, each a short read of its own,
//! so that no reader holds the log.

use async_trait::async_trait;
use domain::Millis;
use domain::money::Balance;
use domain::store::{
    Booked, Entry, Flow, LedgerReport, Place, Recorded, Recount, RecountReport, STATEMENT_PAGE_MOST, Span,
    Statements, StoreError, Tell, UsageSum, UsageWish,
};
use rusqlite::{Connection, params, params_from_iter};

use crate::nouns::{self, Columns};
use crate::rows;
use crate::sql;
use crate::sqlite::{NUMBERING, SqliteStore, cells, ledger, recount, verify};
use crate::statements::{self, SUM_PART};

/// How SQLite reads a model and a price out of a wish.
const IN_WISH: (&str, &str) = (
    "json_extract(t.origin, '$.ask.model')",
    "json_extract(t.origin, '$.quote')",
);

#[async_trait]
impl Statements for SqliteStore {
    async fn book(&self, entry: &Entry) -> Result<Booked, StoreError> {
        let entry = entry.clone();
        self.write_other(move |conn| book(conn, &entry)).await
    }

    async fn last_line(&self) -> Result<u64, StoreError> {
        self.read(last_line).await
    }

    async fn opening(&self, span: &Span) -> Result<Balance, StoreError> {
        let tenant = rows::id_bytes(span.tenant.0);
        let (last, before) = (rows::signed(span.last, "a line's number")?, span.from.0);
        let mut balance = Balance::default();
        let mut behind = (i64::MIN, 0);
        loop {
            let (end, moved) = self
                .read(move |conn| {
                    let sql = NUMBERING.of(statements::PART_END);
                    let params = params![tenant, behind.0, behind.1, before, last, SUM_PART - 1];
                    let end = cells::one(conn, "a part of lines", &sql, params, statements::place_of)?;
                    let to = end.map_or(Ok((before, 0)), of_place)?;
                    let sql = NUMBERING.of(statements::PART_SUMS);
                    let params = params![tenant, behind.0, behind.1, to.0, to.1, last];
                    let moved = cells::one(conn, "a sum of lines", &sql, params, statements::moved_of)?;
                    Ok((end.map(|_| to), moved.unwrap_or_default()))
                })
                .await?;
            statements::add(&mut balance, moved)?;
            let Some(end) = end else { return Ok(balance) };
            behind = end;
        }
    }

    async fn recorded(
        &self,
        span: &Span,
        after: Option<Place>,
        limit: usize,
    ) -> Result<Vec<Recorded>, StoreError> {
        let tenant = rows::id_bytes(span.tenant.0);
        let behind = of_place(after.unwrap_or_else(|| statements::start(span)))?;
        let last = rows::signed(span.last, "a line's number")?;
        let (to, limit) = (span.to.0, rows::bound(limit.min(STATEMENT_PAGE_MOST)));
        self.read(move |conn| {
            let sql = statements::recorded_sql(statements::OF_SPAN, NUMBERING.line, IN_WISH);
            let params = params![tenant, behind.0, behind.1, to, last, limit];
            cells::all(conn, "a statement", &sql, params, statements::recorded_of)
        })
        .await
    }

    async fn flows(&self, from: Millis, to: Millis) -> Result<Vec<Flow>, StoreError> {
        let last = self.read(last_line).await?;
        let last = rows::signed(last, "a line's number")?;
        let (mut flows, mut read) = (Vec::new(), 0);
        while read < last {
            let end = last.min(read + SUM_PART);
            let part = self
                .read(move |conn| {
                    let sql = NUMBERING.of(statements::FLOWS);
                    let params = params![read, end, from.0, to.0];
                    cells::all(conn, "a sum of lines", &sql, params, statements::flow_of)
                })
                .await?;
            statements::merge(&mut flows, part)?;
            read = end;
        }
        Ok(statements::sorted(flows))
    }

    async fn usage(&self, wish: &UsageWish) -> Result<Vec<UsageSum>, StoreError> {
        let wish = *wish;
        self.read(move |conn| {
            let mut params: Vec<rusqlite::types::Value> = vec![wish.from.0.into(), wish.to.0.into()];
            params.extend(wish.tenant.map(|tenant| rows::id_bytes(tenant.0).to_vec().into()));
            params.extend(wish.key.map(|key| rows::id_bytes(key.0).to_vec().into()));
            params.push(statements::usage_limit(&wish).into());
            let sql = statements::usage_sql(&wish);
            cells::all(
                conn,
                "usage",
                &sql,
                params_from_iter(params),
                statements::usage_of,
            )
        })
        .await
    }

    async fn verify(&self, tell: Tell<'_>) -> Result<LedgerReport, StoreError> {
        verify::verify(&self.readers, tell).await
    }

    async fn recount(&self, recount: Recount) -> Result<RecountReport, StoreError> {
        recount::recount(self, recount).await
    }
}

fn of_place(place: Place) -> Result<(i64, i64), StoreError> {
    Ok((place.at.0, rows::signed(place.number, "a line's number")?))
}

pub(super) fn last_line(conn: &Connection) -> Result<u64, StoreError> {
    let sql = NUMBERING.of(statements::LAST_LINE);
    let last = cells::one(conn, "the last line", &sql, [], |row: &dyn Columns| {
        nouns::count_at(row, 0)
    })?;
    Ok(last.unwrap_or(0))
}

pub(super) fn book(conn: &Connection, entry: &Entry) -> Result<Booked, StoreError> {
    let sql = statements::recorded_sql(statements::OF_ENTRY, NUMBERING.line, IN_WISH);
    let twin = cells::one(conn, "an entry", &sql, [&entry.name], statements::recorded_of)?;
    if let Some(twin) = twin {
        return Ok(Booked::Twin(Box::new(twin)));
    }
    let mut line = statements::entry_row(entry)?;
    let balance = cells::one(conn, "a balance", sql::BALANCE, [line.tenant], nouns::balance_of)?;
    let Some(balance) = balance else {
        return Ok(Booked::NoTenant);
    };
    if let Some(task) = line.task {
        let sql = statements::TENANT_OF_TASK;
        let owner = cells::one(conn, "a task", sql, [task], statements::tenant_at)?;
        if owner.is_none() || owner != line.tenant {
            return Ok(Booked::NoTask);
        }
        let params = params![task, line.kind.word()];
        let next = cells::one(conn, "a task's lines", statements::NEXT_SEQUENCE, params, |row| {
            row.number(0)
        })?;
        line.sequence = next.unwrap_or(0);
    }
    if !statements::covers(&balance, entry, &line) {
        return Ok(Booked::NotCovered(balance));
    }
    let after = statements::after(balance, &line)?;
    ledger::move_money(conn, std::slice::from_ref(&line))?;
    let params = params![
        line.task,
        line.tenant,
        line.kind.word(),
        line.sequence,
        line.from,
        line.to,
        line.amount,
        line.at,
        line.note,
        entry.author,
        entry.name,
    ];
    cells::run(conn, "an entry", statements::BOOK, params)?;
    Ok(Booked::Done(after))
}
