//! Reading and writing what keys and tenants have used. What it decides is in `store/spending.rs`.

use deadpool_postgres::ClientWrapper;

use crate::nouns::{Columns as _, id_at};
use crate::postgres::cells::Cells;
use crate::postgres::fault::Trouble;
use crate::postgres::ground::{fetch, run};
use crate::rows::{self, BirthRows};
use crate::spending::{Spending, Sum};

pub(super) const BEFORE: &str = "SELECT s.holder, s.day, s.spent, s.open FROM spending s
  JOIN unnest($1::bytea[], $2::bigint[]) AS n (holder, day) ON s.holder = n.holder AND s.day = n.day";

const ADD: &str = "INSERT INTO spending (holder, day, spent, open)
  SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::bigint[], $4::bigint[])
  ON CONFLICT (holder, day) DO UPDATE
    SET spent = spending.spent + excluded.spent, open = spending.open + excluded.open";

/// What was used before a batch of births, as far as their guards ask. The pockets of their tenants are
/// locked by now, so that it stays true until the transaction ends.
pub(super) async fn before(client: &ClientWrapper, births: &[BirthRows]) -> Result<Spending, Trouble> {
    let mut spending = Spending::default();
    let guarded = births.iter().map(|birth| (&birth.change.step, &birth.guards));
    let needed = Spending::needed(guarded);
    if needed.is_empty() {
        return Ok(spending);
    }
    let (holders, days): (Vec<&[u8]>, Vec<i64>) =
        needed.iter().map(|(holder, day)| (&holder[..], *day)).unzip();
    for row in fetch(client, BEFORE, &[&holders, &days]).await? {
        let row = Cells(&row);
        let place = (rows::id_bytes(id_at(&row, 0)?), row.number(1)?);
        let sum = Sum {
            spent: row.number(2)?,
            open: row.number(3)?,
        };
        spending.found(place, sum);
    }
    Ok(spending)
}

/// Writes what a batch added.
pub(super) async fn keep(client: &ClientWrapper, spending: &Spending) -> Result<(), Trouble> {
    let added: Vec<_> = spending.added().collect();
    if added.is_empty() {
        return Ok(());
    }
    let holders: Vec<&[u8]> = added.iter().map(|((holder, _), _)| &holder[..]).collect();
    let days: Vec<i64> = added.iter().map(|((_, day), _)| *day).collect();
    let spent: Vec<i64> = added.iter().map(|(_, sum)| sum.spent).collect();
    let open: Vec<i64> = added.iter().map(|(_, sum)| sum.open).collect();
    run(client, ADD, &[&holders, &days, &spent, &open]).await?;
    Ok(())
}
