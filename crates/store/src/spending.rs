//! What keys and tenants have used, while a batch is decided: what a change adds, what was there before,
//! and whether one more birth keeps within its limits. A key that took the place of another goes on with what
//! that one used: both count in the name of the first key of their line. Pure; how it is read and written is in
//! each database's folder, counting anew in `recount.rs`. Between batches the rows of a tenant and of its keys change only under the lock of
//! the tenant's pockets (on SQLite: by the one writer), so that what was read stays true.

use std::collections::{BTreeMap, HashMap};

use domain::LineKind;
use domain::limits::{Guards, Hit, Holder, Used, day_of};
use domain::store::StoreError;
use domain::task::Change;

use crate::rows::{self, IdBytes};

/// The row of a holder that is not about one day.
pub(crate) const ALL_TIME: i64 = -1;

/// One row: whose, and about which day.
pub(crate) type Place = (IdBytes, i64);

/// What a row says, or what is added to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Sum {
    pub(crate) spent: i64,
    pub(crate) open: i64,
}

/// What one change adds to the rows of its key and its tenant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    /// The first key of the line of the task's key.
    key: IdBytes,
    tenant: IdBytes,
    /// The day on which the task was born, also where the change comes later.
    day: i64,
    sum: Sum,
}

/// The rows of a batch.
#[derive(Default)]
pub(crate) struct Spending {
    before: HashMap<Place, Sum>,
    added: BTreeMap<Place, Sum>,
}

impl Step {
    /// What a change adds. A change that adds anything has a line of the tenant, so that its pockets are
    /// locked; held by `domain`'s `laws::every_finished_task_balances`.
    pub(crate) fn of(change: &Change) -> Result<Step, StoreError> {
        let origin = &change.task.origin;
        let mut spent: i64 = 0;
        for line in &change.lines {
            let moved = match line.kind {
                LineKind::Hold | LineKind::Excess => line.amount.0,
                LineKind::Release => -line.amount.0,
                _ => 0,
            };
            spent = spent.checked_add(moved).ok_or_else(too_much)?;
        }
        let born = i64::from(change.expects_version() == 0);
        let ended = i64::from(change.usage.is_some());
        Ok(Step {
            key: rows::id_bytes(origin.holder().0),
            tenant: rows::id_bytes(origin.tenant.0),
            day: day_of(origin.created_at),
            sum: Sum {
                spent,
                open: born - ended,
            },
        })
    }

    fn holder(&self, holder: Holder) -> IdBytes {
        match holder {
            Holder::Key => self.key,
            Holder::Tenant => self.tenant,
        }
    }
}

impl Spending {
    /// The rows that must be read before births with these steps and guards are judged; each once, in
    /// order. None where nothing is limited by what was before.
    pub(crate) fn needed<'a>(births: impl Iterator<Item = (&'a Step, &'a Guards)>) -> Vec<Place> {
        let mut needed = Vec::new();
        for (step, guards) in births {
            for (holder, limits) in guards.each() {
                let id = step.holder(holder);
                if limits.look_back() {
                    needed.push((id, ALL_TIME));
                }
                if limits.day_budget_micros.is_some() {
                    needed.push((id, step.day));
                }
            }
        }
        needed.sort_unstable();
        needed.dedup();
        needed
    }

    /// Writes down what was read.
    pub(crate) fn found(&mut self, place: Place, sum: Sum) {
        self.before.insert(place, sum);
    }

    /// The limit that stands in the way of a birth, after the members before it.
    pub(crate) fn hit(&self, step: &Step, guards: &Guards) -> Option<Hit> {
        let hold = domain::Micros(step.sum.spent);
        guards.each().into_iter().find_map(|(holder, limits)| {
            let id = step.holder(holder);
            let (all, day) = (self.now(&(id, ALL_TIME)), self.now(&(id, step.day)));
            let used = Used {
                total_micros: all.spent,
                day_micros: day.spent,
                open: all.open,
            };
            limits.hit(holder, hold, used)
        })
    }

    /// Counts a member that was done.
    pub(crate) fn take(&mut self, step: &Step) -> Result<(), StoreError> {
        if step.sum == Sum::default() {
            return Ok(());
        }
        let of_day = Sum { open: 0, ..step.sum };
        for holder in [step.key, step.tenant] {
            for (day, sum) in [(ALL_TIME, step.sum), (step.day, of_day)] {
                let added = self.added.entry((holder, day)).or_default();
                added.spent = added.spent.checked_add(sum.spent).ok_or_else(too_much)?;
                added.open += sum.open;
            }
        }
        Ok(())
    }

    /// What is to be added to which rows, in their order, as everybody writes them: so nobody waits in a
    /// circle.
    pub(crate) fn added(&self) -> impl Iterator<Item = (&Place, &Sum)> {
        self.added.iter()
    }

    fn now(&self, place: &Place) -> Sum {
        let before = self.before.get(place).copied().unwrap_or_default();
        let added = self.added.get(place).copied().unwrap_or_default();
        Sum {
            spent: before.spent.saturating_add(added.spent),
            open: before.open + added.open,
        }
    }
}

fn too_much() -> StoreError {
    StoreError::Corrupt("a task moves more money than can be written down".to_owned())
}
