//! The worker: the one loop. A turn finds due work and hands out steps; `run` makes them side by
//! side, `crank` one after the other for tests with a manual clock.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use domain::store::{Claim, StoreError};
use domain::{EventKind, Millis, State, StateWord, Task, TaskId, TenantId};
use futures_util::FutureExt;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::Engine;
use crate::advance::Halt;
use crate::ownership::LEASE_MS;
use crate::pace::{Permit, Work};
use crate::poll::Due;
use crate::roster::Post;
use crate::wheel::Parked;

/// Most rows that one claim takes.
const CLAIM_LIMIT: usize = 256;
/// Most looks in one turn.
const LOOK_LIMIT: usize = 4_096;
/// Pause between claims of unowned tasks in work (a dead node's, or ours after a restart), in
/// milliseconds.
const ADOPT_INTERVAL_MS: i64 = 1_000;
/// Pause between claims of queued tasks when nothing rings, in milliseconds.
const QUEUE_INTERVAL_MS: i64 = 500;
/// How long a queued task is passed by for which only accounts without a free slot would do, in
/// milliseconds.
const PASSED_BY_MS: i64 = 1_000;
/// Pause between sweeps, in milliseconds.
const SWEEP_INTERVAL_MS: i64 = 2_000;
/// Most steps side by side, of all accounts together; each has bounds of its own.
const MAX_STEPS: usize = 16_384;
/// Shortest sleep between turns, in milliseconds, unless something rings.
const MIN_SLEEP_MS: i64 = 1;
/// How much earlier than due a task may be looked at along with others, in milliseconds.
const LOOK_AHEAD_MS: i64 = 50;
/// Longest sleep between turns, in milliseconds.
const MAX_SLEEP_MS: i64 = 500;
/// Pause after a turn that failed, in milliseconds.
const FAILED_TURN_MS: i64 = 500;
/// How long steps may go on after a stop was asked for.
const DRAIN: Duration = Duration::from_secs(6);
/// Most turns of one crank; more means that work makes work without end.
const MAX_CRANK_TURNS: usize = 10_000;

/// The states in which a task is some node's work.
const IN_WORK: [StateWord; 5] = [
    StateWord::Ingesting,
    StateWord::Submitting,
    StateWord::Unknown,
    StateWord::Running,
    StateWord::Settling,
];

/// When the loop does what next.
#[derive(Default)]
pub(crate) struct TurnState {
    adopt_at: Millis,
    sweep_at: Millis,
    queue_at: Millis,
    /// Whose turn was last, by the lanes that were claimed.
    served: HashMap<Vec<String>, TenantId>,
    /// Queued tasks that no account with a free slot may take, and until when others pass them by.
    passed_by: Vec<(Millis, TaskId)>,
    given_back: Vec<TaskId>,
}

/// One step of work.
enum Step {
    Dispatch(Arc<Task>, Arc<Post>, Permit),
    Adopt(Arc<Task>),
    Look(Arc<Post>, Vec<Due>, Permit),
    Visit(Arc<Task>, u32, Permit),
    Sweep,
}

impl Step {
    fn tasks(&self) -> Vec<TaskId> {
        match self {
            Step::Dispatch(task, ..) | Step::Adopt(task) | Step::Visit(task, ..) => vec![task.id()],
            Step::Look(_, due, _) => due.iter().map(|due| due.task.id()).collect(),
            Step::Sweep => Vec::new(),
        }
    }
}

impl Engine {
    /// Turns the belts until `stop`, then lets steps end and gives the leases back.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let steps = TaskTracker::new();
        while !stop.is_cancelled() {
            let pause = match self.turn(steps.len()).await {
                Ok(work) => {
                    for step in work {
                        let engine = Arc::clone(&self);
                        steps.spawn(async move { engine.perform_safely(step).await });
                    }
                    self.pause_ms()
                }
                Err(error) => {
                    tracing::error!(%error, "a turn of the belts failed");
                    FAILED_TURN_MS
                }
            };
            let pause = Duration::from_millis(u64::try_from(pause).unwrap_or(0));
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.bell.notified() => {}
                () = stop.cancelled() => {}
            }
        }
        steps.close();
        if tokio::time::timeout(DRAIN, steps.wait()).await.is_err() {
            tracing::warn!(
                left = steps.len(),
                "steps did not end in time; a restart takes them up"
            );
        }
        if let Err(error) = self.store.release(&self.settings.node, None).await {
            tracing::warn!(%error, "leases were not given back; they end by themselves");
        }
    }

    /// Does everything that is due now, one step after the other, until nothing is due. The number
    /// of steps made.
    ///
    /// # Errors
    /// [`StoreError`] when a turn failed.
    pub async fn crank(&self) -> Result<usize, StoreError> {
        let mut made = 0;
        for _ in 0..MAX_CRANK_TURNS {
            let steps = self.turn(0).await?;
            if steps.is_empty() {
                return Ok(made);
            }
            for step in steps {
                made += usize::from(!matches!(step, Step::Sweep));
                self.perform(step).await;
            }
        }
        Err(StoreError::Unavailable(
            "the crank does not come to rest".to_owned(),
        ))
    }

    /// Wakes the queue at a moment in the future.
    pub(crate) fn expect_queue(&self, at: Millis) {
        let mut turn = self.turn.lock();
        turn.queue_at = turn.queue_at.min(at);
    }

    /// Finds what is due.
    async fn turn(&self, under_way: usize) -> Result<Vec<Step>, StoreError> {
        let now = self.clock.now();
        self.pulse.store(now.0, Ordering::Relaxed);
        if self.ownership.beat_due(self.clock.monotonic_ms()) {
            self.heartbeat().await?;
        }
        self.give_back().await?;
        let mut steps = Vec::new();
        if under_way >= MAX_STEPS {
            return Ok(steps);
        }
        if let Err(error) = self.take(now, &mut steps).await {
            // What was taken is ours already, and nobody else would ever do it.
            tracing::error!(%error, taken = steps.len(), "due work could not all be taken");
        }
        if self.is_due(now, |turn| &mut turn.sweep_at, SWEEP_INTERVAL_MS) {
            steps.push(Step::Sweep);
        }
        Ok(steps)
    }

    async fn take(&self, now: Millis, steps: &mut Vec<Step>) -> Result<(), StoreError> {
        if self.is_due(now, |turn| &mut turn.adopt_at, ADOPT_INTERVAL_MS) {
            let claim = self.claim_of(now, IN_WORK.to_vec(), CLAIM_LIMIT);
            let found = self.store.claim(&claim).await?;
            if found.len() == CLAIM_LIMIT {
                self.turn.lock().adopt_at = now;
            }
            steps.extend(found.into_iter().map(Step::Adopt));
        }
        self.due_looks(now, steps).await?;
        self.due_queue(now, steps).await
    }

    fn is_due(&self, now: Millis, what: fn(&mut TurnState) -> &mut Millis, interval_ms: i64) -> bool {
        let mut turn = self.turn.lock();
        let at = what(&mut turn);
        if *at > now {
            return false;
        }
        *at = now.plus(interval_ms);
        true
    }

    fn pause_ms(&self) -> i64 {
        let now = self.clock.now();
        let queue_at = self.turn.lock().queue_at;
        let adopt_at = self.turn.lock().adopt_at;
        let looks = self
            .wheel
            .firsts()
            .into_iter()
            .filter_map(|(account, work, due)| {
                // None: a step that ends rings.
                Some(self.pace.opens_at(&account, work)?.max(due))
            });
        let next = looks
            .min()
            .map_or(queue_at, |look| look.min(queue_at))
            .min(adopt_at);
        next.since(now).clamp(MIN_SLEEP_MS, MAX_SLEEP_MS)
    }

    fn claim_of(&self, now: Millis, states: Vec<StateWord>, limit: usize) -> Claim {
        Claim {
            node: self.settings.node.clone(),
            now,
            lease_until: now.plus(LEASE_MS),
            states,
            lanes: None,
            after: None,
            limit,
        }
    }

    /// Leases whose step failed go back, so that the rows are found again as a dead node's would be.
    async fn give_back(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let tasks = {
            let mut turn = self.turn.lock();
            let mut tasks = std::mem::take(&mut turn.given_back);
            turn.passed_by.retain(|(until, task)| {
                let is_over = *until <= now;
                if is_over {
                    tasks.push(*task);
                }
                !is_over
            });
            tasks
        };
        if tasks.is_empty() {
            return Ok(());
        }
        if let Err(error) = self.store.release(&self.settings.node, Some(&tasks)).await {
            self.turn.lock().given_back.extend(tasks);
            return Err(error);
        }
        Ok(())
    }

    /// Ends a step: a task that could not be moved because of the store is given back.
    pub(crate) fn handle(&self, task: TaskId, result: Result<(), Halt>) {
        match result {
            Ok(()) => {}
            Err(Halt::Moved) => {
                tracing::debug!(task = %task.prefixed(), "the task had moved on");
            }
            Err(Halt::NoSlot(account)) => {
                tracing::debug!(task = %task.prefixed(), account, "other processes have taken all slots");
                self.pace.forget(task);
                self.pace.full_elsewhere(&account);
                self.turn.lock().given_back.push(task);
            }
            Err(Halt::Store(error)) => {
                tracing::error!(task = %task.prefixed(), %error, "a step could not be committed");
                self.wheel.forget(task);
                self.pace.forget(task);
                self.turn.lock().given_back.push(task);
            }
        }
    }

    /// Takes what is due of the parked tasks, spoke by spoke, as far as there is room for the work.
    async fn due_looks(&self, now: Millis, steps: &mut Vec<Step>) -> Result<(), StoreError> {
        let mut left = LOOK_LIMIT;
        for (account, work, first) in self.wheel.firsts() {
            if first > now || left == 0 {
                continue;
            }
            let post = self.post(&account).filter(|_| work == Work::Look);
            let batch = post.as_ref().map_or(1, |post| post.provider.manifest().poll_batch.max(1));
            let most = self.pace.room(&account, work).saturating_mul(batch).min(left);
            // What is due in a moment goes along, so that the vendor is called less often.
            let until = if work == Work::Look {
                now.plus(LOOK_AHEAD_MS)
            } else {
                now
            };
            let due = self.wheel.due(&account, work, until, most);
            left -= due.len();
            for due in self.read_due(now, due).await.chunks(batch) {
                self.hand_out(post.as_ref(), &account, work, due.to_vec(), steps);
            }
        }
        Ok(())
    }

    /// The rows of parked tasks. Of those that cannot be read nothing is lost: their leases go back, and
    /// they are found again.
    async fn read_due(&self, now: Millis, parked: Vec<(TaskId, Parked)>) -> Vec<Due> {
        let ids: Vec<TaskId> = parked.iter().map(|(id, _)| *id).collect();
        let rows = match self.store.any_tasks(&ids).await {
            Ok(rows) => rows,
            Err(error) => {
                tracing::error!(tasks = ids.len(), %error, "parked tasks could not be read");
                self.turn.lock().given_back.extend(ids);
                return Vec::new();
            }
        };
        let mut due = Vec::with_capacity(rows.len());
        for ((id, parked), row) in parked.into_iter().zip(rows) {
            self.pace.lateness.count(now.since(parked.due));
            match row {
                Some(task) => due.push(Due { task, parked }),
                None => self.turn.lock().given_back.push(id),
            }
        }
        due
    }

    /// Makes steps of tasks that are due together. What has moved on meanwhile is not looked at.
    fn hand_out(
        &self,
        post: Option<&Arc<Post>>,
        account: &str,
        work: Work,
        due: Vec<Due>,
        steps: &mut Vec<Step>,
    ) {
        let is_running = |due: &Due| matches!(due.task.course.state, State::Running { .. });
        let (running, rest): (Vec<Due>, Vec<Due>) = due.into_iter().partition(is_running);
        for due in rest.into_iter().filter(|due| due.task.is_owned()) {
            let permit = self.pace.begin(account, Work::Visit);
            steps.push(Step::Visit(due.task, due.parked.tries, permit));
        }
        if running.is_empty() {
            return;
        }
        match post {
            Some(post) if work == Work::Look => {
                let permit = self.pace.begin(account, Work::Look);
                steps.push(Step::Look(Arc::clone(post), running, permit));
            }
            // Not plugged in now, or parked before it ran: its own spoke finds it.
            _ => {
                for due in running {
                    self.park_since(&due.task, MAX_SLEEP_MS, due.parked.tries, due.parked.since);
                }
            }
        }
    }

    /// Takes queued tasks for free slots. Each list of lanes keeps its own round: whoever was served last
    /// comes last in the next claim, so that a tenant with a long queue keeps nobody waiting.
    async fn due_queue(&self, now: Millis, steps: &mut Vec<Step>) -> Result<(), StoreError> {
        if !self.is_due(now, |turn| &mut turn.queue_at, QUEUE_INTERVAL_MS) && !self.pace.has_reopened() {
            return Ok(());
        }
        let open = self.open_lanes();
        if let Some(at) = self.pace.next_opening() {
            self.expect_queue(at);
        }
        for lanes in open {
            // An earlier claim may have taken slots of accounts that serve these lanes too.
            let limit = self.free_in(&lanes).min(CLAIM_LIMIT);
            if limit == 0 {
                continue;
            }
            let after = self.turn.lock().served.get(&lanes).copied();
            let claim = Claim {
                lanes: Some(lanes.clone()),
                after,
                ..self.claim_of(now, vec![StateWord::Queued], limit)
            };
            let tasks = self.store.claim(&claim).await?;
            if let Some(last) = tasks.last() {
                self.turn.lock().served.insert(lanes, last.origin.tenant);
            }
            if tasks.len() == CLAIM_LIMIT {
                self.expect_queue(now);
            }
            for task in tasks {
                match self.assign(&task) {
                    Some(post) => {
                        let permit = self.pace.begin(&post.account.name, Work::Submit);
                        steps.push(Step::Dispatch(task, post, permit));
                    }
                    // It is kept for a moment: given back at once, it would come first in the next claim.
                    None => self.turn.lock().passed_by.push((now.plus(PASSED_BY_MS), task.id())),
                }
            }
        }
        Ok(())
    }

    /// Makes a step. One that panics does not take its tasks with it: their leases go back, and they
    /// are found again as a dead node's would be.
    async fn perform_safely(&self, step: Step) {
        let tasks = step.tasks();
        let outcome = AssertUnwindSafe(self.perform(step)).catch_unwind().await;
        if outcome.is_err() {
            for task in tasks {
                let why = StoreError::Unavailable("the step panicked".to_owned());
                self.handle(task, Err(Halt::Store(why)));
            }
        }
    }

    async fn perform(&self, step: Step) {
        match step {
            Step::Dispatch(task, post, _permit) => {
                let id = task.id();
                let result = self.dispatch(task, &post).await;
                if matches!(result, Err(Halt::Moved)) {
                    self.recount(id).await;
                }
                self.handle(id, result);
            }
            Step::Look(post, due, permit) => self.look(&post, due, permit).await,
            Step::Adopt(task) => {
                let id = task.id();
                let result = self.adopt(&task).await;
                self.handle(id, result);
            }
            Step::Visit(task, tries, _permit) => {
                let id = task.id();
                let result = self.visit(&task, tries).await;
                self.handle(id, result);
            }
            Step::Sweep => {
                if let Err(error) = self.sweep().await {
                    tracing::error!(%error, "a sweep failed");
                }
            }
        }
    }

    /// The slot of a task that somebody else moved: taken or not, as its row says.
    async fn recount(&self, id: TaskId) {
        // An unreadable row keeps its slot: one slot too few is safer than one too many.
        if let Ok(Some(row)) = self.store.any_task(id).await {
            self.pace.note(&row);
        }
    }

    /// Takes up a task that a dead node, or this one before a restart, had in work.
    async fn adopt(&self, task: &Arc<Task>) -> Result<(), Halt> {
        self.pace.note(task);
        match task.word() {
            StateWord::Submitting => {
                // Whoever committed the intent may have sent it: only the vendor knows.
                let task = self.advance(task, EventKind::Ambiguous).await?;
                self.park(&task, 0, 0);
                Ok(())
            }
            // As many at once as there is room for: each is due now.
            _ => {
                self.park_since(task, 0, 0, running_since(task));
                Ok(())
            }
        }
    }

    /// One visit to an owned task that is in no batch.
    async fn visit(&self, task: &Arc<Task>, tries: u32) -> Result<(), Halt> {
        match &task.course.state {
            State::Ingesting => self.ingest(task, tries).await,
            State::Settling { .. } => self.settle(task, None, tries).await,
            State::Unknown { account, .. } => match self.post(account) {
                Some(post) => self.reconcile(&post, task, tries).await,
                None => {
                    self.park(task, MAX_SLEEP_MS, tries);
                    Ok(())
                }
            },
            _ => Err(Halt::Moved),
        }
    }
}

/// Since when a task runs, as far as its row tells: nothing was written since the upstream took it.
fn running_since(task: &Task) -> Option<Millis> {
    let course = &task.course;
    let is_untouched = course.progress == 0 && !course.cancel_requested;
    is_untouched.then_some(course.updated_at)
}
