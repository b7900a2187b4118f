//! The second set of books: what every pocket must hold, worked out from what was asked and how it ended, without
//! a look at a ledger line's amount.

use std::collections::BTreeMap;

use domain::limits::Guards;
use domain::tenant::Limits;
use domain::{KeyId, LineKind, Micros, Millis, StateWord, Task, TaskId, TenantId};

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

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
    /// What it costs once it has ended, and holds until then.
    due: i64,
    ended: Option<StateWord>,
}

/// What pockets must hold.
#[derive(Default)]
pub(super) struct Books {
    pub(super) tenants: BTreeMap<TenantId, Pockets>,
    tasks: BTreeMap<TaskId, Taken>,
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

    /// Whether the limits of a key or of its tenant stand in the way of one more task.
    pub(super) fn stops(
        &self,
        (tenant, key): (TenantId, KeyId),
        guards: &Guards,
        hold: i64,
        now: Millis,
    ) -> bool {
        let of_key = self.tasks.values().filter(|task| task.key == key);
        let of_tenant = self.tasks.values().filter(|task| task.tenant == tenant);
        is_beyond(&guards.key, of_key, hold, now) || is_beyond(&guards.tenant, of_tenant, hold, now)
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
        let taken = Taken {
            tenant: origin.tenant,
            key: origin.key,
            born_at: origin.created_at,
            price: origin.quote.price_micros.0,
            quantity: origin.quote.quantity,
            hold,
            due: hold,
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
        taken.due = due;
        self.revenue += due;
        None
    }
}

/// Whether one more task with this hold is more than limits allow, after these tasks.
fn is_beyond<'a>(limits: &Limits, tasks: impl Iterator<Item = &'a Taken>, hold: i64, now: Millis) -> bool {
    let day = |at: Millis| at.0.div_euclid(DAY_MS);
    let (mut in_all, mut today, mut open) = (hold, hold, 1);
    for task in tasks {
        in_all += task.due;
        today += if day(task.born_at) == day(now) {
            task.due
        } else {
            0
        };
        open += u32::from(task.ended.is_none());
    }
    let above = |budget: Option<Micros>, amount| budget.is_some_and(|budget| amount > budget.0);
    above(limits.task_budget_micros, hold)
        || above(limits.day_budget_micros, today)
        || above(limits.budget_micros, in_all)
        || limits.concurrent_tasks.is_some_and(|most| open > most)
}
