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
use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::Engine;
use crate::advance::Halt;
use crate::deliver::Parcel;
use crate::late::{self, LateLook};
use crate::ownership::LEASE_MS;
use crate::pace::Permit;
use crate::poll::Due;
use crate::remarks::About;
use crate::roster::Post;

mod due;

/// Most rows that one claim takes from the queue.
const CLAIM_LIMIT: usize = 256;
/// Most rows in work that one claim takes up: more, for each is only parked.
const ADOPT_LIMIT: usize = 1_024;
/// Pause between claims of unowned tasks in work (a dead node's, or ours after a restart), in
/// milliseconds.
const ADOPT_INTERVAL_MS: i64 = 1_000;
/// Pause between sweeps, in milliseconds.
const SWEEP_INTERVAL_MS: i64 = 2_000;
/// Most steps side by side, of all accounts together; each has bounds of its own.
const MAX_STEPS: usize = 16_384;
/// Shortest sleep between turns, in milliseconds, unless something rings.
const MIN_SLEEP_MS: i64 = 1;
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
    late_at: Millis,
    queue_at: Millis,
    webhooks_at: Millis,
    /// Whose turn was last, by the lanes that were claimed.
    served: HashMap<Vec<String>, TenantId>,
    /// Queued tasks that no account with a free slot may take, and until when others pass them by.
    passed_by: Vec<(Millis, TaskId)>,
    given_back: Vec<TaskId>,
    /// Tasks whose step did not end as it should, in whatever state they are: they go back when this
    /// node claims again, so that a row that fails each time is not tried without a pause.
    left: Vec<TaskId>,
}

/// One step of work, and the epoch in which its tasks were this node's.
struct Work {
    step: Step,
    epoch: u64,
}

/// One step of work.
enum Step {
    Dispatch(Arc<Task>, Arc<Post>, Permit),
    Adopt(Arc<Task>),
    Look(Arc<Post>, Vec<Due>, Permit),
    Visit(Arc<Task>, u32, Permit),
    Late(LateLook),
    Deliver(Box<Parcel>),
    Survey,
    Sweep,
}

impl Step {
    fn tasks(&self) -> Vec<TaskId> {
        match self {
            Step::Dispatch(task, ..) | Step::Adopt(task) | Step::Visit(task, ..) => vec![task.id()],
            Step::Look(_, due, _) => due.iter().map(|due| due.task.id()).collect(),
            // Nobody has a lease on the task of a late look or of a webhook.
            Step::Late(_) | Step::Deliver(_) | Step::Survey | Step::Sweep => Vec::new(),
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
                    for work in work {
                        let engine = Arc::clone(&self);
                        steps.spawn(async move { engine.perform_safely(work).await });
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
            for work in steps {
                made += usize::from(!matches!(work.step, Step::Survey | Step::Sweep));
                self.perform(work).await;
            }
        }
        Err(StoreError::Unavailable(
            "the crank does not come to rest".to_owned(),
        ))
    }

    /// One turn without its steps: each is handed out as a future, to be made in any order and side by
    /// side, or to be dropped half-way as by the death of the process. For drivers in which chance decides.
    ///
    /// # Errors
    /// [`StoreError`] when the turn failed; nothing is due then.
    pub async fn hand_out(self: &Arc<Self>) -> Result<Vec<BoxFuture<'static, ()>>, StoreError> {
        let work = self.turn(0).await?;
        let steps = work.into_iter().map(|work| {
            let engine = Arc::clone(self);
            async move { engine.perform_safely(work).await }.boxed()
        });
        Ok(steps.collect())
    }

    /// Wakes the queue at a moment in the future.
    pub(crate) fn expect_queue(&self, at: Millis) {
        let at = self.timer().plus(at.since(self.clock.now()));
        let mut turn = self.turn.lock();
        turn.queue_at = turn.queue_at.min(at);
    }

    /// The moment by which this process's own timers go.
    pub(crate) fn timer(&self) -> Millis {
        self.pace.now()
    }

    /// Forgets whom others pass by: their leases are gone, and may be given back no more.
    pub(crate) fn pass_nobody_by(&self) {
        self.turn.lock().passed_by.clear();
    }

    /// Claims what is in work before anything else is done.
    pub(crate) fn claim_soon(&self) {
        self.turn.lock().adopt_at = Millis::default();
    }

    /// Finds what is due.
    async fn turn(&self, under_way: usize) -> Result<Vec<Work>, StoreError> {
        self.pulse.store(self.clock.now().0, Ordering::Relaxed);
        let now_ms = self.clock.monotonic_ms();
        if !self.ownership.holds(now_ms) {
            self.begin_anew().await?;
        } else if self.ownership.beat_due(now_ms) {
            self.heartbeat().await?;
        }
        let epoch = self.ownership.epoch();
        self.give_back().await?;
        let now = self.timer();
        let mut steps = Vec::new();
        if under_way >= MAX_STEPS {
            return Ok(steps.into_iter().map(|step| Work { step, epoch }).collect());
        }
        if let Err(error) = self.take(now, &mut steps).await {
            // What was taken is ours already, and nobody else would ever do it.
            tracing::error!(%error, taken = steps.len(), "due work could not all be taken");
        }
        // When there is nothing else to do, for what is late has waited long; but a house that is never idle
        // looks now and then too.
        let late_since = self.turn.lock().late_at;
        let put_off_ms = if steps.is_empty() { 0 } else { late::BUSY_MS };
        if late_since.plus(put_off_ms) <= now
            && self.is_due(now, |turn| &mut turn.late_at, late::SEARCH_INTERVAL_MS)
        {
            self.due_late(&mut steps).await;
        }
        self.take_webhooks(now, &mut steps).await;
        if self.is_due(now, |turn| &mut turn.sweep_at, SWEEP_INTERVAL_MS) {
            steps.push(Step::Sweep);
        }
        if self.places.wants_survey(now) {
            steps.push(Step::Survey);
        }
        let work = steps.into_iter().map(|step| Work { step, epoch });
        Ok(work.collect())
    }

    async fn take(&self, now: Millis, steps: &mut Vec<Step>) -> Result<(), StoreError> {
        if self.turn.lock().adopt_at <= now && !self.adopt_all(now, steps).await? {
            // What the vendor has takes its slots before anything is taken from the queue.
            return self.due_looks(now, steps).await;
        }
        self.due_looks(now, steps).await?;
        self.due_queue(now, steps).await
    }

    /// Claims what is in work and nobody's; false when there is more of it.
    async fn adopt_all(&self, now: Millis, steps: &mut Vec<Step>) -> Result<bool, StoreError> {
        self.give_back_left().await?;
        let found = self.claim(&self.claim_of(IN_WORK.to_vec(), ADOPT_LIMIT)).await?;
        let is_all = found.len() < ADOPT_LIMIT;
        if is_all {
            self.turn.lock().adopt_at = now.plus(ADOPT_INTERVAL_MS);
        }
        for task in found {
            self.pace.note(&task);
            steps.push(Step::Adopt(task));
        }
        Ok(is_all)
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
        let now = self.timer();
        let first = {
            let turn = self.turn.lock();
            turn.queue_at.min(turn.adopt_at).min(turn.webhooks_at)
        };
        let looks = self
            .wheel
            .firsts()
            .into_iter()
            .filter_map(|(account, chore, due)| {
                // None: a step that ends rings.
                Some(self.pace.opens_at(&account, chore)?.max(due))
            });
        let next = looks.min().map_or(first, |look| look.min(first));
        next.since(now).clamp(MIN_SLEEP_MS, MAX_SLEEP_MS)
    }

    fn claim_of(&self, states: Vec<StateWord>, limit: usize) -> Claim {
        let now = self.clock.now();
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

    async fn claim(&self, claim: &Claim) -> Result<Vec<Arc<Task>>, StoreError> {
        let claimed = self.store.claim(claim).await;
        if matches!(claimed, Err(StoreError::LostReply(_))) {
            // Rows may be leased to this node, and nobody else would ever do them.
            self.ownership.doubt();
        }
        claimed
    }

    /// Leases whose step failed go back, so that the rows are found again as a dead node's would be.
    async fn give_back(&self) -> Result<(), StoreError> {
        let now = self.timer();
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

    /// Leaves a task that may or may not be this node's to whoever claims it next.
    fn leave(&self, task: TaskId) {
        self.wheel.forget(task);
        self.turn.lock().left.push(task);
    }

    /// Gives back what was left. Until now each kept its slot: the vendor may have it.
    async fn give_back_left(&self) -> Result<(), StoreError> {
        let tasks = std::mem::take(&mut self.turn.lock().left);
        if tasks.is_empty() {
            return Ok(());
        }
        if let Err(error) = self.store.release(&self.settings.node, Some(&tasks)).await {
            self.turn.lock().left.extend(tasks);
            return Err(error);
        }
        for task in tasks {
            self.wheel.forget(task);
            self.pace.forget(task);
        }
        Ok(())
    }

    /// Ends a step: a task that could not be moved is left. That goes for one that had moved, too: a
    /// change of another node's may have been the last thing that anybody would ever have done with it.
    pub(crate) fn handle(&self, task: TaskId, result: Result<(), Halt>) {
        match result {
            Ok(()) => {}
            Err(Halt::Moved) => {
                tracing::debug!(task = %task.prefixed(), "the task had moved on");
                self.leave(task);
            }
            Err(Halt::Stuck) => {}
            Err(Halt::NoSlot(account)) => {
                // Nothing was committed: the task is in the queue as it was.
                tracing::debug!(task = %task.prefixed(), account, "other processes have taken all slots");
                self.pace.forget(task);
                self.pace.full_elsewhere(&account);
                self.turn.lock().given_back.push(task);
            }
            Err(Halt::Store(error)) => {
                tracing::error!(task = %task.prefixed(), %error, "a step could not be committed");
                self.remark(task, About::Commit, &error.to_string());
                self.leave(task);
            }
        }
    }

    /// Makes a step. One that panics does not take its tasks with it: their leases go back, and they
    /// are found again as a dead node's would be.
    async fn perform_safely(&self, work: Work) {
        let tasks = work.step.tasks();
        let outcome = AssertUnwindSafe(self.perform(work)).catch_unwind().await;
        if outcome.is_err() {
            for task in tasks {
                let why = StoreError::Unavailable("the step panicked".to_owned());
                self.handle(task, Err(Halt::Store(why)));
            }
        }
    }

    /// Makes a step. One that outlasted its leases may have parked tasks of other nodes: they are left.
    async fn perform(&self, Work { step, epoch }: Work) {
        let tasks = step.tasks();
        self.make(step, epoch).await;
        if epoch != self.ownership.epoch() {
            tasks.into_iter().for_each(|task| self.leave(task));
        }
    }

    async fn make(&self, step: Step, epoch: u64) {
        match step {
            Step::Dispatch(task, post, _permit) => {
                let id = task.id();
                let result = self.dispatch(task, &post, epoch).await;
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
            Step::Late(look) => self.look_late(&look).await,
            Step::Deliver(parcel) => self.deliver(*parcel).await,
            Step::Survey => {
                if let Err(error) = self.survey().await {
                    tracing::warn!(%error, "the queue could not be counted");
                }
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
        self.hints.note(task);
        match task.word() {
            StateWord::Submitting => {
                // Whoever committed the intent may have sent it: only the vendor knows.
                let task = self.advance(task, EventKind::Ambiguous).await?;
                self.park(&task, 0, 0);
            }
            // As many at once as there is room for: each is due now.
            _ => self.park_since(task, 0, 0, self.running_since(task)),
        }
        Ok(())
    }

    /// Since when a task runs, as far as its row tells: nothing was written since the upstream took it.
    fn running_since(&self, task: &Task) -> Option<Millis> {
        let course = &task.course;
        let is_untouched = course.progress == 0 && !course.cancel_requested;
        let age_ms = self.clock.now().since(course.updated_at);
        is_untouched.then(|| self.timer().plus(-age_ms))
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
