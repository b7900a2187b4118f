//! Counting anew what keys and tenants have used: sums of lines, and what differs from what is kept. Pure; how it
//! is read and written is in each database's folder.
//!
//! Lines are summed part by part, up to a place behind which no earlier one can appear any more. What lies behind
//! that place, and the unfinished tasks, are read tenant by tenant, each at one moment at which nothing of the
//! tenant moves: so a tenant stands still for a few lines, however long the books.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::Millis;
use domain::ids::TenantId;
use domain::store::{Counted, Recounted, StoreError};

use crate::nouns::{Columns, id_at};
use crate::rows::{self, IdBytes};
use crate::spending::{ALL_TIME, Place, Sum};

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;
/// Lines behind the place up to which all are summed that are left to the moment at which a tenant stands still.
pub(crate) const BEHIND_MOST: i64 = 2_000;

/// What lines up to a place say that every tenant and its keys used.
#[derive(Default)]
pub(crate) struct Sums {
    tenants: HashMap<IdBytes, Count>,
    /// Up to this line.
    pub(crate) read: i64,
    /// Whoever was found to have used anything.
    holders: HashSet<IdBytes>,
}

/// What one tenant and its keys used.
#[derive(Default, Clone)]
pub(crate) struct Count(BTreeMap<Place, Sum>);

impl Sums {
    /// One row of [`crate::sql::proof::SPENT`].
    pub(crate) fn spent(&mut self, row: &dyn Columns) -> Result<(), StoreError> {
        let tenant = rows::id_bytes(id_at(row, 0)?);
        self.tenants.entry(tenant).or_default().spent(tenant, row)
    }

    /// What a tenant used, as far as lines are summed; it is asked for once.
    pub(crate) fn take(&mut self, tenant: IdBytes) -> Count {
        self.tenants.remove(&tenant).unwrap_or_default()
    }

    /// Whoever a tenant's count names is somebody.
    pub(crate) fn saw(&mut self, holders: impl IntoIterator<Item = IdBytes>) {
        self.holders.extend(holders);
    }

    /// A count of [`crate::sql::USED_BY_NOBODY`], unless somebody was seen to have used it.
    pub(crate) fn of_nobody(&self, (place, kept): (Place, Sum)) -> Option<Recounted> {
        let holder = place.0;
        let is_known = self.holders.contains(&holder)
            || self
                .tenants
                .values()
                .any(|count| count.holders().any(|seen| seen == holder));
        (!is_known).then(|| recounted(None, place, (kept, Sum::default())))
    }
}

impl Count {
    /// One row of [`crate::sql::proof::SPENT`]; another tenant's is passed over.
    pub(crate) fn spent(&mut self, tenant: IdBytes, row: &dyn Columns) -> Result<(), StoreError> {
        if rows::id_bytes(id_at(row, 0)?) != tenant {
            return Ok(());
        }
        let (key, day, spent) = (rows::id_bytes(id_at(row, 1)?), row.number(2)?, row.number(3)?);
        for place in [(tenant, ALL_TIME), (tenant, day), (key, ALL_TIME), (key, day)] {
            let sum = self.0.entry(place).or_default();
            let added = sum.spent.checked_add(spent);
            sum.spent = added.ok_or_else(|| {
                StoreError::Corrupt(
                    "the lines of a key or tenant add up to more than can be written".to_owned(),
                )
            })?;
        }
        Ok(())
    }

    /// One row of [`crate::sql::OPEN_TASKS_OF_TENANT`].
    pub(crate) fn open(&mut self, row: &dyn Columns) -> Result<(), StoreError> {
        let open = row.number(2)?;
        for holder in [id_at(row, 0)?, id_at(row, 1)?] {
            self.0.entry((rows::id_bytes(holder), ALL_TIME)).or_default().open += open;
        }
        Ok(())
    }

    /// Where something was used of which nothing was found to be kept yet.
    pub(crate) fn unread(&self, kept: &BTreeMap<Place, Sum>) -> Vec<Place> {
        let places = self.0.keys().filter(|place| !kept.contains_key(place));
        places.copied().collect()
    }

    /// What is kept and is not what was counted, in the order of holders and days, as everybody writes them.
    pub(crate) fn wrong(&self, tenant: IdBytes, kept: &BTreeMap<Place, Sum>) -> Vec<Recounted> {
        let mut places: Vec<Place> = self.0.keys().chain(kept.keys()).copied().collect();
        places.sort_unstable();
        places.dedup();
        let both = places.into_iter().map(|place| {
            let of = |sums: &BTreeMap<Place, Sum>| sums.get(&place).copied().unwrap_or_default();
            (place, (of(kept), of(&self.0)))
        });
        let wrong = both.filter(|(_, (kept, found))| kept != found);
        wrong
            .map(|(place, sums)| recounted(Some(tenant), place, sums))
            .collect()
    }

    /// Whoever used anything.
    pub(crate) fn holders(&self) -> impl Iterator<Item = IdBytes> {
        self.0.keys().map(|(holder, _)| *holder)
    }
}

/// A row of what is kept.
pub(crate) fn kept_of(row: &dyn Columns) -> Result<(Place, Sum), StoreError> {
    let sum = Sum {
        spent: row.number(2)?,
        open: row.number(3)?,
    };
    Ok(((rows::id_bytes(id_at(row, 0)?), row.number(1)?), sum))
}

/// What is to be written in the place of a wrong count.
pub(crate) fn right(recounted: &Recounted) -> (Place, Sum) {
    let day = recounted.day.map_or(ALL_TIME, |day| day.0 / DAY_MS);
    let sum = Sum {
        spent: recounted.found.spent_micros,
        open: recounted.found.open,
    };
    ((rows::id_bytes(recounted.holder), day), sum)
}

fn recounted(tenant: Option<IdBytes>, (holder, day): Place, (kept, found): (Sum, Sum)) -> Recounted {
    let id = |bytes: IdBytes| domain::Id(u128::from_be_bytes(bytes));
    let counted = |sum: Sum| Counted {
        spent_micros: sum.spent,
        open: sum.open,
    };
    Recounted {
        tenant: tenant.map(|tenant| TenantId(id(tenant))),
        holder: id(holder),
        day: (day != ALL_TIME).then(|| Millis(day.saturating_mul(DAY_MS))),
        kept: counted(kept),
        found: counted(found),
    }
}
