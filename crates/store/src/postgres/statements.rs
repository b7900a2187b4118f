//! The books as people read them, on PostgreSQL. Long sums are asked for in parts, each a short statement.

use async_trait::async_trait;
use domain::Millis;
use domain::money::Balance;
use domain::store::{
    Booked, Entry, Flow, LedgerReport, Place, Recorded, Recount, RecountReport, STATEMENT_PAGE_MOST, Span,
    Statements, StoreError, Tell, UsageSum, UsageWish,
};

use crate::cache::Written;
use crate::nouns;
use crate::postgres::fault::Trouble;
use crate::postgres::ground::{Ground, Job, Param, Session, fetch, run};
use crate::postgres::purses;
use crate::postgres::{NUMBERING, PostgresStore, cells, is_nowhere, recount, verify};
use crate::rows::{self, LineRow};
use crate::sql;
use crate::statements::{self, SUM_PART};

/// How PostgreSQL reads a model and a price out of a wish.
const IN_WISH: (&str, &str) = ("t.origin::json #>> '{ask,model}'", "t.origin::json ->> 'quote'");
/// How often an entry is tried whose fate is not known: by its name it is booked once, however often.
const TRIES: u32 = 3;

#[async_trait]
impl Statements for PostgresStore {
    async fn book(&self, entry: &Entry) -> Result<Booked, StoreError> {
        self.may_write()?;
        let mut tries = 0;
        loop {
            tries += 1;
            match self.ground.work(Book::of(entry)?).await {
                // Taken: somebody booked an entry of this name at the same time; it is found now.
                Err(StoreError::LostReply(_) | StoreError::Taken(_)) if tries < TRIES => {}
                booked => return booked,
            }
        }
    }

    async fn last_line(&self) -> Result<u64, StoreError> {
        last_line(&self.ground).await
    }

    async fn opening(&self, span: &Span) -> Result<Balance, StoreError> {
        let tenant = &rows::id_bytes(span.tenant.0)[..];
        let last = rows::signed(span.last, "a line's number")?;
        let mut balance = Balance::default();
        let mut behind = (i64::MIN, 0);
        let (end_sql, sums_sql) = (
            NUMBERING.of(statements::PART_END),
            NUMBERING.of(statements::PART_SUMS),
        );
        loop {
            let offset = SUM_PART - 1;
            let params: [Param<'_>; 6] = [&tenant, &behind.0, &behind.1, &span.from.0, &last, &offset];
            let end = cells::one(&self.ground.ask(&end_sql, &params).await?, statements::place_of)?;
            let to = end.map_or(Ok((span.from.0, 0)), of_place)?;
            let params: [Param<'_>; 6] = [&tenant, &behind.0, &behind.1, &to.0, &to.1, &last];
            let moved = cells::one(&self.ground.ask(&sums_sql, &params).await?, statements::moved_of)?;
            statements::add(&mut balance, moved.unwrap_or_default())?;
            if end.is_none() {
                return Ok(balance);
            }
            behind = to;
        }
    }

    async fn recorded(
        &self,
        span: &Span,
        after: Option<Place>,
        limit: usize,
    ) -> Result<Vec<Recorded>, StoreError> {
        let tenant = &rows::id_bytes(span.tenant.0)[..];
        let behind = of_place(after.unwrap_or_else(|| statements::start(span)))?;
        let last = rows::signed(span.last, "a line's number")?;
        let limit = rows::bound(limit.min(STATEMENT_PAGE_MOST));
        let sql = statements::recorded_sql(statements::OF_SPAN, NUMBERING.line, IN_WISH);
        let params: [Param<'_>; 6] = [&tenant, &behind.0, &behind.1, &span.to.0, &last, &limit];
        cells::all(&self.ground.ask(&sql, &params).await?, statements::recorded_of)
    }

    async fn flows(&self, from: Millis, to: Millis) -> Result<Vec<Flow>, StoreError> {
        let last = rows::signed(last_line(&self.ground).await?, "a line's number")?;
        let sql = NUMBERING.of(statements::FLOWS);
        let (mut flows, mut read) = (Vec::new(), 0);
        while read < last {
            let end = last.min(read + SUM_PART);
            let params: [Param<'_>; 4] = [&read, &end, &from.0, &to.0];
            let part = cells::all(&self.ground.ask(&sql, &params).await?, statements::flow_of)?;
            statements::merge(&mut flows, part)?;
            read = end;
        }
        Ok(statements::sorted(flows))
    }

    async fn usage(&self, wish: &UsageWish) -> Result<Vec<UsageSum>, StoreError> {
        let tenant = wish.tenant.map(|tenant| rows::id_bytes(tenant.0).to_vec());
        let key = wish.key.map(|key| rows::id_bytes(key.0).to_vec());
        let limit = statements::usage_limit(wish);
        let mut params: Vec<Param<'_>> = vec![&wish.from.0, &wish.to.0];
        params.extend(tenant.as_ref().map(|tenant| -> Param<'_> { tenant }));
        params.extend(key.as_ref().map(|key| -> Param<'_> { key }));
        params.push(&limit);
        let found = self.ground.ask(&statements::usage_sql(wish), &params).await?;
        cells::all(&found, statements::usage_of)
    }

    async fn verify(&self, tell: Tell<'_>) -> Result<LedgerReport, StoreError> {
        verify::verify(&self.ground, tell).await
    }

    async fn recount(&self, recount: Recount) -> Result<RecountReport, StoreError> {
        if recount == Recount::Mending {
            self.may_write()?;
        }
        recount::recount(&self.ground, recount).await
    }
}

fn of_place(place: Place) -> Result<(i64, i64), StoreError> {
    Ok((place.at.0, rows::signed(place.number, "a line's number")?))
}

pub(super) async fn last_line(ground: &Ground) -> Result<u64, StoreError> {
    let found = ground.ask(&NUMBERING.of(statements::LAST_LINE), &[]).await?;
    Ok(cells::one(&found, |row| nouns::count_at(row, 0))?.unwrap_or(0))
}

/// Books a credit or correction.
pub(super) struct Book {
    entry: Entry,
    line: LineRow,
}

impl Book {
    pub(super) fn of(entry: &Entry) -> Result<Book, StoreError> {
        let line = statements::entry_row(entry)?;
        if [&entry.name, &entry.author, &entry.line.note]
            .into_iter()
            .any(|text| is_nowhere(text))
        {
            return Err(StoreError::Corrupt("an entry with a zero character".to_owned()));
        }
        Ok(Book {
            entry: entry.clone(),
            line,
        })
    }
}

#[async_trait]
impl Job for Book {
    type Answer = Booked;

    async fn run(&self, client: &Session<'_>) -> Result<Written<Booked>, Trouble> {
        let (entry, mut line) = (&self.entry, self.line.clone());
        // The purse first: whoever books for this tenant at the same time waits here.
        let mut purses = purses::lock(client, std::iter::once(&line)).await?;
        let sql = statements::recorded_sql(statements::OF_ENTRY, NUMBERING.line, IN_WISH);
        let twin = fetch(client, &sql, &[&entry.name]).await?;
        if let Some(twin) = cells::one(&twin, statements::recorded_of)? {
            return Ok(Written::other(Booked::Twin(Box::new(twin))));
        }
        let tenant = line.tenant.as_ref().map(|tenant| &tenant[..]);
        let balance = fetch(client, sql::BALANCE, &[&tenant]).await?;
        let Some(balance) = cells::one(&balance, nouns::balance_of)? else {
            return Ok(Written::other(Booked::NoTenant));
        };
        if let Some(task) = &line.task {
            let task = &task[..];
            let owner = fetch(client, statements::TENANT_OF_TASK, &[&task]).await?;
            let owner = cells::one(&owner, statements::tenant_at)?;
            if owner.is_none() || owner != line.tenant {
                return Ok(Written::other(Booked::NoTask));
            }
            let next = fetch(client, statements::NEXT_SEQUENCE, &[&task, &line.kind.word()]).await?;
            line.sequence = cells::one(&next, |row| row.number(0))?.unwrap_or(0);
        }
        if !statements::covers(&balance, entry, &line) {
            return Ok(Written::other(Booked::NotCovered(balance)));
        }
        let after = statements::after(balance, &line)?;
        let moved = purses
            .after(std::slice::from_ref(&line))?
            .ok_or_else(rows::loose_hold)?;
        purses.take(moved);
        let task = line.task.as_ref().map(|task| &task[..]);
        let tenant = line.tenant.as_ref().map(|tenant| &tenant[..]);
        let params: [Param<'_>; 11] = [
            &task,
            &tenant,
            &line.kind.word(),
            &line.sequence,
            &line.from,
            &line.to,
            &line.amount,
            &line.at,
            &line.note,
            &entry.author,
            &entry.name,
        ];
        run(client, statements::BOOK, &params).await?;
        purses::keep(client, &purses).await?;
        Ok(Written::other(Booked::Done(after)))
    }
}
