//! What must be true: after every commit, and once all is over. A law knows the plan and the vendor's own
//! counts; it never asks the engine.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::error::TaskErrorCode;
use domain::{State, Store, Task, TaskId};
use parking_lot::Mutex;

use super::vendor::{Job, clip};
use super::warehouse::Warehouse;
use super::world::World;

/// What a client was told about one wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// Taken, under this id.
    Taken(TaskId),
    /// Not taken.
    Refused,
    /// Nothing that can be believed.
    Nothing,
}

/// Keeps the books of a run.
#[derive(Default)]
pub(crate) struct Laws {
    rows: Mutex<BTreeMap<TaskId, Task>>,
    /// Each wish, by its number, and everything that was said about it.
    told: Mutex<BTreeMap<usize, Vec<Told>>>,
}

impl Laws {
    /// The prompt of a wish, which is nobody else's.
    pub(crate) fn prompt(wish: usize) -> String {
        format!("wish-{wish}")
    }

    /// A short name of a task, for the history.
    pub(crate) fn name(&self, task: &Task) -> String {
        task.origin.ask.prompt.clone()
    }

    /// A short name of a task, for the history.
    pub(crate) fn name_of(&self, id: TaskId) -> String {
        let rows = self.rows.lock();
        rows.get(&id)
            .map_or_else(|| "?".to_owned(), |task| self.name(task))
    }

    /// Tasks that are there and not done.
    pub(crate) fn open_tasks(&self) -> Vec<String> {
        let rows = self.rows.lock();
        let open = rows.values().filter(|task| !task.word().is_final());
        open.map(|task| format!("{} is {}", self.name(task), task.word()))
            .collect()
    }

    /// The ids that clients were given.
    pub(crate) fn acknowledged(&self) -> Vec<TaskId> {
        let told = self.told.lock();
        let ids = told.values().flatten().filter_map(|told| match told {
            Told::Taken(id) => Some(*id),
            _ => None,
        });
        ids.collect()
    }

    /// A client was told something about a wish.
    pub(crate) fn tell(&self, wish: usize, told: Told) {
        self.told.lock().entry(wish).or_default().push(told);
    }

    /// A task was committed.
    pub(crate) fn committed(&self, world: &World, task: &Task) {
        let mut rows = self.rows.lock();
        if let Some(before) = rows.insert(task.id(), task.clone()) {
            let (old, new) = (before.word(), task.word());
            if old.is_final() && before.course.state != task.course.state {
                world.breach(format!("{} was {old} and became {new}", self.name(task)));
            }
            if task.course.version <= before.course.version {
                world.breach(format!(
                    "{} went from version {} to {}",
                    self.name(task),
                    before.course.version,
                    task.course.version
                ));
            }
        }
        let Some(account) = task.occupies() else { return };
        let taken = rows
            .values()
            .filter(|task| task.occupies() == Some(account))
            .count();
        let slots = world.plan.slots as usize;
        if world.plan.voids_leases && taken > slots {
            world.breach(format!("`{account}` has {taken} tasks in {slots} slots"));
        }
    }

    /// After every step: what the vendor has.
    pub(crate) fn no_twins(&self, world: &World) {
        let mut inner = world.inner.lock();
        let mut by_reference: BTreeMap<&str, u32> = BTreeMap::new();
        let mut by_prompt: BTreeMap<&str, u32> = BTreeMap::new();
        for job in &inner.vendor.jobs {
            *by_reference.entry(&job.reference).or_default() += 1;
            *by_prompt.entry(&job.prompt).or_default() += 1;
        }
        let twins = by_reference
            .into_iter()
            .chain(by_prompt)
            .filter(|(_, count)| *count > 1);
        let twins: Vec<String> = twins
            .map(|(name, count)| format!("{count} jobs for `{name}`"))
            .collect();
        if !twins.is_empty() {
            inner.breach(twins.join(", "));
        }
    }

    /// Once all is over.
    pub(crate) async fn at_the_end(&self, world: &World, store: &dyn Store, warehouse: &Warehouse) {
        self.no_twins(world);
        match store.verify_ledger().await {
            Ok(report) => {
                for fault in report.faults {
                    world.breach(fault);
                }
                if report.sum_micros != 0 {
                    world.breach(format!("all pockets together hold {}", report.sum_micros));
                }
            }
            Err(error) => world.breach(format!("the books cannot be read: {error}")),
        }
        for id in self.acknowledged() {
            match store.any_task(id).await {
                Ok(Some(task)) => self.judge(world, &task, warehouse),
                Ok(None) => world.breach(format!("{} was acknowledged and is lost", id.prefixed())),
                Err(error) => world.breach(format!("a row cannot be read: {error}")),
            }
        }
        self.words_were_kept(world);
    }

    fn judge(&self, world: &World, task: &Task, warehouse: &Warehouse) {
        let name = self.name(task);
        let jobs: Vec<Job> = {
            let inner = world.inner.lock();
            let jobs = inner.vendor.jobs.iter().filter(|job| job.prompt == name);
            jobs.cloned().collect()
        };
        let refused = world
            .inner
            .lock()
            .vendor
            .refused
            .contains_key(&task.origin.client_ref);
        let late = world.plan.may_run_out_of_time();
        let fault = match &task.course.state {
            State::Succeeded => {
                let blob = task
                    .course
                    .artifacts
                    .first()
                    .and_then(|file| warehouse.read(&file.blob));
                (blob != Some(clip(&name))).then_some("succeeded without its own clip")
            }
            State::Cancelled => {
                (!task.course.cancel_requested && !jobs.is_empty()).then_some("was cancelled at work")
            }
            State::Failed { error } => match error.code {
                TaskErrorCode::ProviderFailed => {
                    let by_vendor = jobs.iter().any(|job| job.fails);
                    (!by_vendor).then_some("failed although its job did not")
                }
                TaskErrorCode::CustodyLost => {
                    let is_dead = jobs.iter().any(|job| job.link_is_dead);
                    (!is_dead).then_some("lost a clip whose link lives")
                }
                TaskErrorCode::DeadlinePassed => (!late).then_some("failed by a deadline that is far"),
                _ if refused && jobs.is_empty() => None,
                _ => Some("failed although the vendor has it or never refused it"),
            },
            _ => Some("is not done"),
        };
        if let Some(fault) = fault {
            world.breach(format!("{name} {fault}: {:?}", task.course.state));
        }
    }

    /// What was refused is not there, and a repeat is answered with the first task.
    fn words_were_kept(&self, world: &World) {
        let rows = self.rows.lock();
        for (wish, told) in &*self.told.lock() {
            let there: Vec<TaskId> = rows
                .values()
                .filter(|task| task.origin.ask.prompt == Laws::prompt(*wish))
                .map(Task::id)
                .collect();
            if there.len() > 1 {
                world.breach(format!("wish-{wish} has {} tasks", there.len()));
            }
            let taken = told.iter().filter_map(|told| match told {
                Told::Taken(id) => Some(*id),
                _ => None,
            });
            for id in taken {
                if there != [id] {
                    world.breach(format!(
                        "wish-{wish} was taken as {} and is {there:?}",
                        id.prefixed()
                    ));
                }
            }
            if told.iter().all(|told| *told == Told::Refused) && !there.is_empty() {
                world.breach(format!("wish-{wish} was refused and is there"));
            }
        }
    }
}

/// Laws that processes share.
pub(crate) fn laws() -> Arc<Laws> {
    Arc::default()
}
