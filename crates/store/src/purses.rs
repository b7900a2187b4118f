//! The pockets of tenants while a batch is decided: read once, moved in memory, written back once. Pure;
//! how they are locked, read and written is in each database's folder. The lines themselves are written
//! apart.

use std::collections::BTreeMap;

use domain::store::StoreError;

use crate::rows::{self, IdBytes, LineRow};

/// A tenant's two pockets.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Purse {
    pub(crate) available: i64,
    pub(crate) held: i64,
    pub(crate) unlimited: bool,
    moved: bool,
}

/// The pockets of every tenant of a batch, in the order of their ids.
#[derive(Default)]
pub(crate) struct Purses(BTreeMap<IdBytes, Purse>);

/// Pockets as a member of the batch would leave them.
pub(crate) struct Moved(Vec<(IdBytes, Purse)>);

impl Purses {
    /// The tenants whose pockets lines move; each once, in order, as everybody locks them: so nobody waits
    /// in a circle.
    pub(crate) fn needed<'a>(lines: impl Iterator<Item = &'a LineRow>) -> Vec<IdBytes> {
        let mut tenants: Vec<IdBytes> = lines.filter_map(|line| line.tenant).collect();
        tenants.sort_unstable();
        tenants.dedup();
        tenants
    }

    /// Writes down what was read.
    pub(crate) fn found(&mut self, tenant: IdBytes, purse: Purse) {
        self.0.insert(tenant, purse);
    }

    /// What lines would make of the pockets; nothing when a balance does not cover a hold.
    pub(crate) fn after(&self, lines: &[LineRow]) -> Result<Option<Moved>, StoreError> {
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
    pub(crate) fn take(&mut self, moved: Moved) {
        self.0.extend(moved.0);
    }

    /// The pockets that were moved.
    pub(crate) fn moved(&self) -> impl Iterator<Item = (&IdBytes, &Purse)> {
        self.0.iter().filter(|(_, purse)| purse.moved)
    }
}

impl Purse {
    /// Pockets as they were read.
    pub(crate) fn new(available: i64, held: i64, unlimited: bool) -> Purse {
        Purse {
            available,
            held,
            unlimited,
            moved: false,
        }
    }

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
