//! Locking, reading and writing the pockets of tenants. What is decided of them is in `store/purses.rs`.

use deadpool_postgres::ClientWrapper;

use crate::nouns::Columns as _;
use crate::nouns::id_at;
use crate::postgres::cells::Cells;
use crate::postgres::fault::Trouble;
use crate::postgres::ground::{fetch, run};
use crate::purses::{Purse, Purses};
use crate::rows::{self, LineRow};

/// In the order of their ids, as everybody locks them: so nobody waits in a circle.
pub(super) const LOCK: &str = "SELECT tenant, available, held, unlimited FROM balances
  WHERE tenant = ANY($1) ORDER BY tenant FOR NO KEY UPDATE";

const KEEP: &str = "UPDATE balances b SET available = n.available, held = n.held
  FROM unnest($1::bytea[], $2::bigint[], $3::bigint[]) AS n (tenant, available, held)
  WHERE b.tenant = n.tenant";

/// Locks the pockets that lines move, until the transaction ends.
pub(super) async fn lock<'a>(
    client: &ClientWrapper,
    lines: impl Iterator<Item = &'a LineRow>,
) -> Result<Purses, Trouble> {
    let tenants = Purses::needed(lines);
    let mut purses = Purses::default();
    if tenants.is_empty() {
        return Ok(purses);
    }
    let tenants: Vec<&[u8]> = tenants.iter().map(|tenant| &tenant[..]).collect();
    for row in fetch(client, LOCK, &[&tenants]).await? {
        let row = Cells(&row);
        let purse = Purse::new(row.number(1)?, row.number(2)?, row.number(3)? == 1);
        purses.found(rows::id_bytes(id_at(&row, 0)?), purse);
    }
    Ok(purses)
}

/// Writes the pockets that were moved.
pub(super) async fn keep(client: &ClientWrapper, purses: &Purses) -> Result<(), Trouble> {
    let moved: Vec<_> = purses.moved().collect();
    if moved.is_empty() {
        return Ok(());
    }
    let tenants: Vec<&[u8]> = moved.iter().map(|(tenant, _)| &tenant[..]).collect();
    let available: Vec<i64> = moved.iter().map(|(_, purse)| purse.available).collect();
    let held: Vec<i64> = moved.iter().map(|(_, purse)| purse.held).collect();
    run(client, KEEP, &[&tenants, &available, &held]).await?;
    Ok(())
}
