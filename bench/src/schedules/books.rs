//! The second set of books: what every pocket must hold, worked out from what was asked and how it ended, without
//! a look at a ledger line's amount.

use std::collections::BTreeMap;

use domain::{KeyId, LineKind, Millis, StateWord, Task, TaskId, TenantId};

/// One tenant's pockets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Pockets {
    pub(super) available: i64,
    pub(super) held: i64,
    pub(super) is_unlimited: bool,
}

/// A task as it was taken.
#[derive(Debug, Clone)]
struct Taken {
    tenant: TenantId,
    key: KeyId,
    born_at: Millis,
    price: i64,
    quantity: u64,
    hold: i64,
    ended: Option<StateWord>,
}

/// What pockets must hold.
#[derive(Default)]
pub(super) struct Books {
    pub(super) tenants: BTreeMap<TenantId, Pockets>,
    tasks: BTreeMap<TaskId, Taken>,
    /// What each key's tasks cost or hold, in all.
    pub(super) spent: BTreeMap<KeyId, i64>,
    pub(super) revenue: i64,
    /// The quantity that the vendor reports of every result; none: what was asked.
    pub(super) reported: Option<u64>,
}

impl Books {
    /// Whether a hold is covered.
    pub(super) fn covers(&self, tenant: TenantId, hold: i64) -> bool {
        let pockets = self.tenants.get(&tenant).copied().unwrap_or_default();
        pockets.is_unlimited || pockets.available >= hold
    }

    /// The operator puts money in, or takes some back.
    pub(super) fn put_in(&mut self, tenant: TenantId, amount: i64) {
        self.tenants.entry(tenant).or_default().available += amount;
    }

    /// A task was taken.
    pub(super) fn take(&mut self, task: &Task) {
        let origin = &task.origin;
        let hold = origin.quote.price_micros.0 * i64::try_from(origin.quote.quantity).unwrap_or(i64::MAX);
        let pockets = self.tenants.entry(origin.tenant).or_default();
        pockets.available -= hold;
        pockets.held += hold;
        *self.spent.entry(origin.key).or_default() += hold;
        let taken = Taken {
            tenant: origin.tenant,
            key: origin.key,
            born_at: origin.created_at,
            price: origin.quote.price_micros.0,
            quantity: origin.quote.quantity,
            hold,
            ended: None,
        };
        self.tasks.insert(origin.id, taken);
    }

    /// Ids of what has not ended.
    pub(super) fn open(&self) -> Vec<TaskId> {
        let open = self.tasks.iter().filter(|(_, task)| task.ended.is_none());
        open.map(|(id, _)| *id).collect()
    }

    /// Ids of everything.
    pub(super) fn all(&self) -> Vec<TaskId> {
        self.tasks.keys().copied().collect()
    }

    /// A task is as its row says. `kinds` are the kinds of its ledger lines, whose amounts are not asked.
    /// What is wrong, when something is.
    pub(super) fn see(&mut self, task: &Task, kinds: &[LineKind]) -> Option<String> {
        let name = task.id().prefixed();
        let Some(taken) = self.tasks.get_mut(&task.id()) else {
            return Some(format!("{name} was never acknowledged"));
        };
        let word = task.word();
        let origin = &task.origin;
        let same = (
            origin.tenant,
            origin.created_at,
            origin.quote.price_micros.0,
            origin.quote.quantity,
        );
        if same != (taken.tenant, taken.born_at, taken.price, taken.quantity) {
            return Some(format!(
                "{name} has another owner, birth or price than it was taken with"
            ));
        }
        let charged = kinds.contains(&LineKind::Charge);
        match taken.ended {
            Some(ended) if ended != word => return Some(format!("{name} had {ended} and is {word} now")),
            Some(_) => return None,
            None if !word.is_final() => {
                return (kinds != [LineKind::Hold]).then(|| format!("{name} is {word} with lines {kinds:?}"));
            }
            None => taken.ended = Some(word),
        }
        let ends_well = match word {
            StateWord::Succeeded => charged,
            StateWord::Failed => !charged,
            _ => true,
        };
        if !ends_well {
            return Some(format!("{name} is {word} with lines {kinds:?}"));
        }
        let quantity = self.reported.unwrap_or(taken.quantity);
        let due = if charged {
            taken.price * i64::try_from(quantity).unwrap_or(i64::MAX)
        } else {
            0
        };
        let pockets = self.tenants.entry(taken.tenant).or_default();
        pockets.held -= taken.hold;
        pockets.available += taken.hold - due;
        *self.spent.entry(taken.key).or_default() += due - taken.hold;
        self.revenue += due;
        None
    }
}
