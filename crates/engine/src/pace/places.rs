//! Places in the queue: how many tasks come before one, as turns are dealt, and when its turn is likely to
//! come. Told from a survey of the queue that is taken now and then while somebody asks, so that a status
//! read counts nothing: a place may be some seconds old, and is an estimate.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::dialect::Place;
use domain::store::{StoreError, Waiting};
use domain::{Millis, State, Task, TenantId};
use parking_lot::{Mutex, RwLock};

use crate::Engine;

/// Pause between surveys, in milliseconds.
const SURVEY_MS: i64 = 2_000;
/// How old a survey may be that is still told, in milliseconds.
const OLDEST_MS: i64 = 10_000;
/// Tasks that were due within so many milliseconds of each other are counted together.
const STEP_MS: i64 = 5_000;
/// Most counts of one survey; a longer queue is told as if it ended there.
const COUNTS_MOST: usize = 100_000;

/// One tenant's part of one lane: how many tasks had been due before each moment, and in all.
#[derive(Default)]
struct Part {
    steps: Vec<(Millis, u64)>,
    total: u64,
}

impl Part {
    /// How many tasks of the part come before one that is due at a moment.
    fn before(&self, due: Millis) -> u64 {
        let place = self.steps.partition_point(|(from, _)| *from <= due);
        let Some(step) = place.checked_sub(1).and_then(|last| self.steps.get(last)) else {
            return 0;
        };
        let behind = self.steps.get(place).map_or(self.total, |(_, before)| *before);
        let within = behind - step.1;
        let share = due.since(step.0).clamp(0, STEP_MS).unsigned_abs();
        step.1 + within * share / STEP_MS.unsigned_abs()
    }
}

/// The queue as it was at a moment, by lane and tenant.
#[derive(Default)]
struct Survey {
    at: Option<Millis>,
    lanes: HashMap<String, HashMap<TenantId, Part>>,
}

impl Survey {
    fn of(at: Millis, waiting: Vec<Waiting>) -> Survey {
        let mut lanes: HashMap<String, HashMap<TenantId, Part>> = HashMap::new();
        for count in waiting {
            let parts = lanes.entry(count.lane).or_default();
            let part = parts.entry(count.tenant).or_default();
            part.steps.push((count.from, part.total));
            part.total += count.tasks;
        }
        Survey { at: Some(at), lanes }
    }

    /// Tasks that come before one, over all lanes that its accounts serve: those of its own tenant that are
    /// older, and of every other tenant as many as there are rounds until then.
    fn before(&self, task: &Task, due: Millis, lanes: &[String]) -> u64 {
        let mut own = 0;
        let mut others: HashMap<TenantId, u64> = HashMap::new();
        for parts in lanes.iter().filter_map(|lane| self.lanes.get(lane)) {
            for (tenant, part) in parts {
                if *tenant == task.origin.tenant {
                    own += part.before(due);
                } else {
                    *others.entry(*tenant).or_default() += part.total;
                }
            }
        }
        // In the task's own round half of the others come before it.
        let rounds = others.values().map(|total| (*total).min(own)).sum::<u64>();
        let in_its_round = others.values().filter(|total| **total > own).count() as u64;
        own + rounds + in_its_round / 2
    }
}

/// What is known of the queue.
#[derive(Default)]
pub(crate) struct Places {
    survey: RwLock<Arc<Survey>>,
    asked: AtomicBool,
    next_at: Mutex<Millis>,
}

impl Places {
    /// Whether a survey is to be taken now: somebody asked, and the last one is old.
    pub(crate) fn wants_survey(&self, now: Millis) -> bool {
        let mut next_at = self.next_at.lock();
        if *next_at > now || !self.asked.swap(false, Ordering::Relaxed) {
            return false;
        }
        *next_at = now.plus(SURVEY_MS);
        true
    }
}

impl Engine {
    /// The place of a task that waits in the queue, as far as it is known: who asks for the first time is
    /// answered by the next survey.
    #[must_use]
    pub fn place(&self, task: &Task) -> Option<Place> {
        let State::Queued { not_before, .. } = task.course.state else {
            return None;
        };
        let now = self.timer();
        if !self.places.asked.swap(true, Ordering::Relaxed) {
            self.bell.notify_one();
        }
        let survey = Arc::clone(&self.places.survey.read());
        survey.at.filter(|at| now.since(*at) <= OLDEST_MS)?;
        let (lanes, slots) = self.neighbours(&task.origin.lane);
        let before = survey.before(task, not_before, &lanes);
        let usual_ms = self.pace.usual_ms(&task.origin.lane);
        let wait_ms = usual_ms.zip(u64::try_from(slots).ok().filter(|slots| *slots > 0));
        // Slots that are taken now are given on one after the other while a task is made.
        let wait_ms = wait_ms.map(|(usual_ms, slots)| usual_ms.saturating_mul(before + 1) / slots);
        Some(Place {
            position: before + 1,
            eta_seconds: wait_ms.map(|wait_ms| wait_ms.div_ceil(1_000)),
        })
    }

    /// Counts the queue.
    pub(crate) async fn survey(&self) -> Result<(), StoreError> {
        let waiting = self.store.waiting(STEP_MS, COUNTS_MOST).await?;
        *self.places.survey.write() = Arc::new(Survey::of(self.timer(), waiting));
        Ok(())
    }
}
