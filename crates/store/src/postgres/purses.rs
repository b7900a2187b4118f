//! The pockets of tenants while a batch is decided: locked, moved in memory, written back in one
//! statement. The lines themselves are written by `writes.rs`.

use std::collections::BTreeMap;

use deadpool_postgres::ClientWrapper;
use domain::store::StoreError;

use crate::nouns::Columns as _;
use crate::nouns::id_at;
use crate::postgres::cells::Cells;
use crate::postgres::fault::Trouble;
use crate::postgres::ground::{fetch, run};
use crate::rows::{self, IdBytes, LineRow};

/// In the order of their ids, as everybody locks them: so nobody waits in a circle.
const LOCK: &str = "SELECT tenant, available, held, unlimited FROM balances
  WHERE tenant = ANY($1) ORDER BY tenant FOR NO KEY UPDATE";

const KEEP: &str = "UPDATE balances b SET available = n.available, held = n.held
  FROM unnest($1::bytea[], $2::bigint[], $3::bigint[]) AS n (tenant, available, held)
  WHERE b.tenant = n.tenant";

/// A tenant's two pockets.
#[derive(Debug, Clone, Copy)]
struct Purse {
    available: i64,
    held: i64,
    unlimited: bool,
    moved: bool,
}

/// The pockets of every tenant of a batch.
#[derive(Default)]
pub(super) struct Purses(BTreeMap<IdBytes, Purse>);

/// Pockets as a member of the batch would leave them.
pub(super) struct Moved(Vec<(IdBytes, Purse)>);

impl Purses {
    /// Locks the pockets that lines name, until the transaction ends.
    pub(super) async fn lock<'a>(
        client: &ClientWrapper,
        lines: impl Iterator<Item = &'a LineRow>,
    ) -> Result<Purses, Trouble> {
        let mut tenants: Vec<IdBytes> = lines.filter_map(|line| line.tenant).collect();
        tenants.sort_unstable();
        tenants.dedup();
        if tenants.is_empty() {
            return Ok(Purses::default());
        }
        let tenants: Vec<&[u8]> = tenants.iter().map(|tenant| &tenant[..]).collect();
        let mut purses = Purses::default();
        for row in fetch(client, LOCK, &[&tenants]).await? {
            let row = Cells(&row);
            let purse = Purse {
                available: row.number(1)?,
                held: row.number(2)?,
                unlimited: row.number(3)? == 1,
                moved: false,
            };
            purses.0.insert(rows::id_bytes(id_at(&row, 0)?), purse);
        }
        Ok(purses)
    }

    /// What lines would make of the pockets; nothing when a balance does not cover a hold.
    pub(super) fn after(&self, lines: &[LineRow]) -> Result<Option<Moved>, StoreError> {
        let mut moved: Vec<(IdBytes, Purse)> = Vec::new();
        for line in lines {
            let Some(tenant) = line.tenant else { continue };
            let earlier = moved.iter().position(|(id, _)| *id == tenant);
            let purse = match earlier {
                Some(at) => Some(moved.swap_remove(at).1),
                None => self.0.get(&tenant).copied(),
            };
            let Some(purse) = purse else {
                if line.is_hold() {
                    return Ok(None);
                }
                return Err(rows::no_tenant(tenant));
            };
            if line.is_hold() && !purse.unlimited && purse.available < line.amount {
                return Ok(None);
            }
            moved.push((tenant, purse.after(line)?));
        }
        Ok(Some(Moved(moved)))
    }

    /// Takes over what [`Purses::after`] found.
    pub(super) fn take(&mut self, moved: Moved) {
        self.0.extend(moved.0);
    }

    /// Writes the pockets that were moved.
    pub(super) async fn keep(&self, client: &ClientWrapper) -> Result<(), Trouble> {
        let moved: Vec<_> = self.0.iter().filter(|(_, purse)| purse.moved).collect();
        if moved.is_empty() {
            return Ok(());
        }
        let tenants: Vec<&[u8]> = moved.iter().map(|(tenant, _)| &tenant[..]).collect();
        let available: Vec<i64> = moved.iter().map(|(_, purse)| purse.available).collect();
        let held: Vec<i64> = moved.iter().map(|(_, purse)| purse.held).collect();
        run(client, KEEP, &[&tenants, &available, &held]).await?;
        Ok(())
    }
}

impl Purse {
    fn after(self, line: &LineRow) -> Result<Purse, StoreError> {
        let wrong = |what: &str| {
            let task = line.task.map_or(0, u128::from_be_bytes);
            StoreError::Corrupt(format!("a line of task {task:032x} {what}"))
        };
        let available = self.available.checked_add(line.available);
        let held = self.held.checked_add(line.held);
        let (Some(available), Some(held)) = (available, held) else {
            return Err(wrong("moves more money than can be written down"));
        };
        if held < 0 {
            return Err(wrong("gives back more than is held"));
        }
        Ok(Purse {
            available,
            held,
            moved: true,
            ..self
        })
    }
}
