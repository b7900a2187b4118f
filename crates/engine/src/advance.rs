//! One step of one task: decide, commit, tell. Every verb that changes a task goes through here, so
//! that slots, timers and the log follow each committed change and nothing else.

use std::sync::Arc;

use domain::store::{Outcome, StoreError};
use domain::task::Illegal;
use domain::{Event, EventKind, Millis, State, Task};

use crate::Engine;
use crate::pace::Chore;
use crate::wheel::Parked;

/// Most times that a change is decided anew because the row had moved.
const MAX_RACES: u32 = 8;

/// Why a step was not made.
#[derive(Debug)]
pub(crate) enum Halt {
    /// The task is somewhere else by now: there is nothing to do.
    Moved,
    /// The account has no slot left, whoever took the last one.
    NoSlot(String),
    /// The money of the step cannot be counted. The task stays as it is and ends at its deadline, with
    /// the hold released.
    Stuck,
    /// The store did not answer: the lease is given back and the step is made again later.
    Store(StoreError),
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Halt {
        Halt::Store(error)
    }
}

impl Engine {
    /// Commits what `kind` makes of the task. When the row has moved meanwhile, the event is decided
    /// anew on the row as it is, as long as it is in the state in which the step began, and in the same
    /// attempt: what came of one submit says nothing of another that was sent since.
    pub(crate) async fn advance(&self, task: &Task, kind: EventKind) -> Result<Arc<Task>, Halt> {
        let began = (task.word(), task.course.attempts);
        let mut current = Arc::new(task.clone());
        for _ in 0..MAX_RACES {
            if let Some(after) = self.decide(&current, &kind).await? {
                return Ok(after);
            }
            let row = self.store.any_task(task.id()).await?;
            let is_same = |row: &Arc<Task>| (row.word(), row.course.attempts) == began;
            current = row.filter(is_same).ok_or(Halt::Moved)?;
        }
        Err(Halt::Store(StoreError::Unavailable(
            "too many races for one row".to_owned(),
        )))
    }

    /// Commits what `kind` makes of the very row that was claimed: one that another node has claimed
    /// since is that node's, whatever its state.
    pub(crate) async fn advance_claimed(&self, task: &Task, kind: &EventKind) -> Result<Arc<Task>, Halt> {
        self.decide(task, kind).await?.ok_or(Halt::Moved)
    }

    /// One decision on one version of a task; none when the row has another version by now.
    async fn decide(&self, task: &Task, kind: &EventKind) -> Result<Option<Arc<Task>>, Halt> {
        let event = Event {
            at: self.clock.now(),
            kind: kind.clone(),
        };
        let mut change = task
            .apply(&event)
            .map_err(|illegal| Engine::halted(task, illegal))?;
        if let EventKind::SubmitIntended { account } = kind {
            change.slots = Some(self.pace.slots(account));
        }
        let after = Arc::new(change.task.clone());
        let is_owed = change.webhook.is_some();
        match self.committer.commit(change).await? {
            Outcome::Done => {
                self.follow(task, &after, kind.word());
                if is_owed {
                    self.expect_webhooks();
                }
                Ok(Some(after))
            }
            Outcome::Stale => Ok(None),
            Outcome::NoSlot => {
                let account = after.occupies().unwrap_or_default().to_owned();
                Err(Halt::NoSlot(account))
            }
            Outcome::NoMoney | Outcome::Limited(_) | Outcome::Duplicate(_) => {
                let why = format!("the store refused the event `{}`", kind.word());
                Err(Halt::Store(StoreError::Corrupt(why)))
            }
        }
    }

    fn halted(task: &Task, illegal: Illegal) -> Halt {
        if matches!(illegal, Illegal::Overflow(_)) {
            tracing::error!(task = %task.id().prefixed(), %illegal, "a bill cannot be made");
            return Halt::Stuck;
        }
        Halt::Moved
    }

    /// What follows a committed change inside this process: slots, timers, the log.
    fn follow(&self, before: &Task, after: &Task, event: &str) {
        if self.pace.note(after) {
            self.expect_queue(self.clock.now());
            self.bell.notify_one();
        }
        if before.word() != after.word() {
            self.hints.note(after);
        }
        if !after.is_owned() {
            self.wheel.forget(after.id());
        }
        if after.word().is_final() {
            self.remarks.forget(after.id());
        }
        if let State::Queued { not_before, .. } = after.course.state {
            self.expect_queue(not_before);
            self.bell.notify_one();
        }
        if before.word() != after.word() || event != "progressed" {
            self.tell(after, event);
        }
    }

    /// Parks a task for its next visit.
    pub(crate) fn park(&self, task: &Task, in_ms: i64, tries: u32) {
        self.park_since(task, in_ms, tries, None);
    }

    /// Parks a task for its next look, with the moment since when it runs, where that is known.
    pub(crate) fn park_since(&self, task: &Task, in_ms: i64, tries: u32, since: Option<Millis>) {
        let now = self.timer();
        let parked = Parked {
            at: now,
            due: now.plus(in_ms),
            tries,
            since,
        };
        let (account, work) = match &task.course.state {
            State::Running { account, .. } => (account.as_str(), Chore::Look),
            State::Unknown { account, .. } | State::Settling { account, .. } => {
                (account.as_str(), Chore::Visit)
            }
            _ => ("", Chore::Fetch),
        };
        self.wheel.park(task.id(), account, work, parked);
    }

    /// One wide event per step. Ids and numbers only: never prompts, never media.
    pub(crate) fn tell(&self, task: &Task, event: &str) {
        let (origin, course) = (&task.origin, &task.course);
        // Texts, and nothing where there is nothing or nothing new: what is only displayed is written twice.
        let (id, state) = (task.id().prefixed(), task.word().word());
        let (lane, model) = (origin.lane.as_str(), origin.ask.model.as_str());
        let age_ms = self.clock.now().since(origin.created_at);
        tracing::info!(
            message = ["task.", event].concat(),
            task = id,
            tenant = origin.tenant.0.hex(),
            state,
            version = course.version,
            operation = origin.ask.operation.word(),
            model,
            lane = (lane != model).then_some(lane),
            account = course.account,
            attempts = (course.attempts > 0).then_some(course.attempts),
            age_ms = (age_ms > 0).then_some(age_ms),
            charge_micros = course.charge_micros.map(|micros| micros.0),
            error = task.error().map(|error| error.code.word()),
        );
    }
}
