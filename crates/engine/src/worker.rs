//! The worker: the one loop. A turn finds due work and hands out steps; `run` makes them side by
//! side, `crank` one after the other for tests with a manual clock.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use domain::store::{Claim, StoreError};
use domain::{EventKind, Millis, State, StateWord, Task, TaskId};
use futures_util::FutureExt;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::Engine;
use crate::advance::Halt;
use crate::ownership::LEASE_MS;
use crate::poll::Due;
use crate::remarks::About;
use crate::route::Post;

/// Most rows that one claim takes.
const CLAIM_LIMIT: usize = 256;
/// Most looks in one turn.
const LOOK_LIMIT: usize = 4_096;
/// Pause between claims of unowned tasks in work (a dead node's, or ours after a restart), in
/// milliseconds.
const ADOPT_INTERVAL_MS: i64 = 1_000;
/// Pause between claims of queued tasks when nothing rings, in milliseconds.
const QUEUE_INTERVAL_MS: i64 = 1_000;
/// Pause between sweeps, in milliseconds.
const SWEEP_INTERVAL_MS: i64 = 2_000;
/// Most steps side by side.
const MAX_STEPS: usize = 1_024;
/// Pause while that many steps are under way, in milliseconds.
const FULL_HOUSE_MS: i64 = 20;
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
    given_back: Vec<TaskId>,
}

/// One step of work.
enum Step {
    Dispatch(Arc<Task>, Arc<Post>),
    Adopt(Arc<Task>),
    Look(Arc<Post>, Vec<Due>),
    Visit(Arc<Task>, u32),
    Sweep,
}

impl Step {
    fn tasks(&self) -> Vec<TaskId> {
        match self {
            Step::Dispatch(task, _) | Step::Adopt(task) | Step::Visit(task, _) => vec![task.id()],
            Step::Look(_, due) => due.iter().map(|due| due.task.id()).collect(),
            Step::Sweep => Vec::new(),
        }
    }
}

impl Engine {
    /// Turns the belts until `stop`, then lets steps end and gives the leases back.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let steps = TaskTracker::new();
        while !stop.is_cancelled() {
            let pause = match self.turn_unless_full(steps.len()).await {
                Ok(None) => FULL_HOUSE_MS,
                Ok(Some(work)) => {
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
            let steps = self.turn().await?;
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

    async fn turn_unless_full(&self, under_way: usize) -> Result<Option<Vec<Step>>, StoreError> {
        if under_way >= MAX_STEPS {
            return Ok(None);
        }
        self.turn().await.map(Some)
    }

    /// Finds what is due.
    async fn turn(&self) -> Result<Vec<Step>, StoreError> {
        let now = self.clock.now();
        self.pulse.store(now.0, Ordering::Relaxed);
        if self.ownership.beat_due(self.clock.monotonic_ms()) {
            self.heartbeat().await?;
        }
        self.give_back().await?;
        let mut steps = Vec::new();
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
            let found = self.claim(now, IN_WORK.to_vec(), None, CLAIM_LIMIT).await?;
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
        let next = self
            .wheel
            .next()
            .map_or(queue_at, |look| look.min(queue_at))
            .min(adopt_at);
        next.since(now).clamp(0, MAX_SLEEP_MS)
    }

    async fn claim(
        &self,
        now: Millis,
        states: Vec<StateWord>,
        lanes: Option<Vec<String>>,
        limit: usize,
    ) -> Result<Vec<Arc<Task>>, StoreError> {
        let node = self.settings.node.clone();
        let claim = Claim {
            node,
            now,
            lease_until: now.plus(LEASE_MS),
            states,
            lanes,
            limit,
        };
        self.store.claim(&claim).await
    }

    /// Leases whose step failed go back, so that the rows are found again as a dead node's would be.
    async fn give_back(&self) -> Result<(), StoreError> {
        let tasks = std::mem::take(&mut self.turn.lock().given_back);
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
            Err(Halt::Store(error)) => {
                tracing::error!(task = %task.prefixed(), %error, "a step could not be committed");
                self.remark(task, About::Commit, &error.to_string());
                self.wheel.forget(task);
                self.pace.forget(task);
                self.turn.lock().given_back.push(task);
            }
        }
    }

    async fn due_looks(&self, now: Millis, steps: &mut Vec<Step>) -> Result<(), StoreError> {
        let mut by_account: HashMap<String, Vec<Due>> = HashMap::new();
        for (id, parked) in self.wheel.due(now, LOOK_LIMIT) {
            let row = match self.store.any_task(id).await {
                Ok(row) => row,
                Err(error) => {
                    // Nothing is lost: the leases go back and the rows are found again.
                    self.turn.lock().given_back.push(id);
                    tracing::error!(task = %id.prefixed(), %error, "a parked task could not be read");
                    continue;
                }
            };
            let Some(task) = row else { continue };
            match &task.course.state {
                State::Running { account, .. } => {
                    self.tally.looked(now.since(parked.due));
                    by_account.entry(account.clone()).or_default().push(Due {
                        task,
                        tries: parked.tries,
                        since: parked.since,
                    });
                }
                _ if task.is_owned() => steps.push(Step::Visit(task, parked.tries)),
                _ => {}
            }
        }
        for (account, mut due) in by_account {
            let Some(post) = self.post(&account) else {
                for due in due {
                    self.park(&due.task, MAX_SLEEP_MS, due.tries);
                }
                continue;
            };
            let batch = post.provider.manifest().poll_batch.max(1);
            while !due.is_empty() {
                let rest = due.split_off(batch.min(due.len()));
                steps.push(Step::Look(Arc::clone(post), due));
                due = rest;
            }
        }
        Ok(())
    }

    async fn due_queue(&self, now: Millis, steps: &mut Vec<Step>) -> Result<(), StoreError> {
        let free = self.free_lanes();
        if free.is_empty() {
            return Ok(());
        }
        self.turn.lock().queue_at = now.plus(QUEUE_INTERVAL_MS);
        let limit = free.iter().map(|(_, free)| *free).sum::<usize>().min(CLAIM_LIMIT);
        let lanes = free.into_iter().map(|(lane, _)| lane).collect();
        for task in self
            .claim(now, vec![StateWord::Queued], Some(lanes), limit)
            .await?
        {
            match self.assign(&task) {
                Some(post) => steps.push(Step::Dispatch(task, post)),
                None => self.turn.lock().given_back.push(task.id()),
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
            Step::Dispatch(task, post) => {
                let id = task.id();
                let result = self.dispatch(task, &post).await;
                if matches!(result, Err(Halt::Moved)) {
                    self.recount(id).await;
                }
                self.handle(id, result);
            }
            Step::Look(post, due) => self.look(&post, due).await,
            Step::Adopt(task) => {
                let id = task.id();
                let result = self.adopt(&task).await;
                self.handle(id, result);
            }
            Step::Visit(task, tries) => {
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
                self.visit(&task, 0).await
            }
            StateWord::Running => {
                self.park(task, 0, 0);
                Ok(())
            }
            _ => self.visit(task, 0).await,
        }
    }

    /// One visit to an owned task that is in no batch.
    async fn visit(&self, task: &Arc<Task>, tries: u32) -> Result<(), Halt> {
        match &task.course.state {
            State::Ingesting => self.ingest(task, tries).await,
            State::Settling { .. } => self.settle(task, None, tries).await,
            State::Unknown { account, .. } => match self.post(account) {
                Some(post) => self.reconcile(post, task, tries).await,
                None => {
                    self.park(task, MAX_SLEEP_MS, tries);
                    Ok(())
                }
            },
            _ => Err(Halt::Moved),
        }
    }
}
