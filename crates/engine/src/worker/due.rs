//! What is due: parked tasks whose time has come, and queued ones for which an account has a free slot.
//! The loop itself, and what is done with each, is in `worker.rs`.

use std::sync::Arc;

use domain::store::{Claim, StoreError};
use domain::{Millis, State, StateWord, TaskId};

use super::{CLAIM_LIMIT, MAX_SLEEP_MS, Step};
use crate::Engine;
use crate::deliver;
use crate::pace::Chore;
use crate::poll::Due;
use crate::roster::Post;
use crate::wheel::Parked;

/// Most parked tasks that one turn takes.
const LOOK_LIMIT: usize = 4_096;
/// How much earlier than due a task may be looked at along with others, in milliseconds.
const LOOK_AHEAD_MS: i64 = 50;
/// Pause between claims of queued tasks when nothing rings, in milliseconds.
const QUEUE_INTERVAL_MS: i64 = 500;
/// How long a queued task is passed by for which only accounts without a free slot would do, in
/// milliseconds.
const PASSED_BY_MS: i64 = 1_000;

impl Engine {
    /// Takes what is due of the parked tasks, spoke by spoke, as far as there is room for the work.
    pub(super) async fn due_looks(&self, now: Millis, steps: &mut Vec<Step>) -> Result<(), StoreError> {
        let mut left = LOOK_LIMIT;
        for (account, chore, first) in self.wheel.firsts() {
            if first > now || left == 0 {
                continue;
            }
            let post = self.post(&account).filter(|_| chore == Chore::Look);
            let batch = post
                .as_ref()
                .map_or(1, |post| post.provider.manifest().poll_batch.max(1));
            let most = self.pace.room(&account, chore).saturating_mul(batch).min(left);
            // What is due in a moment goes along, so that the vendor is called less often.
            let until = if chore == Chore::Look {
                now.plus(LOOK_AHEAD_MS)
            } else {
                now
            };
            let due = self.wheel.due(&account, chore, until, most);
            left -= due.len();
            for due in self.read_due(due).await.chunks(batch) {
                self.share_out(post.as_ref(), &account, chore, due.to_vec(), steps);
            }
        }
        Ok(())
    }

    /// Takes webhooks that are due; where there may be more of them, the next turn takes those. One that
    /// cannot be taken waits in its row.
    pub(super) async fn take_webhooks(&self, now: Millis, steps: &mut Vec<Step>) {
        if !self.is_due(now, |turn| &mut turn.webhooks_at, deliver::SEARCH_INTERVAL_MS) {
            return;
        }
        match self.due_webhooks().await {
            Ok((parcels, may_be_more)) => {
                if may_be_more {
                    self.look_for_webhooks();
                }
                let parcels = parcels.into_iter().map(Box::new);
                steps.extend(parcels.map(Step::Deliver));
            }
            Err(error) => tracing::warn!(%error, "webhooks could not be looked for"),
        }
    }

    /// The next turn looks for webhooks.
    pub(crate) fn look_for_webhooks(&self) {
        self.turn.lock().webhooks_at = Millis::default();
    }

    /// Takes late looks that are due; where there may be more of them, the next turn takes those.
    pub(super) async fn due_late(&self, steps: &mut Vec<Step>) {
        match self.due_late_looks().await {
            Ok((looks, may_be_more)) => {
                if may_be_more {
                    self.turn.lock().late_at = self.timer();
                }
                steps.extend(looks.into_iter().map(Step::Late));
            }
            Err(error) => tracing::warn!(%error, "late results could not be looked for"),
        }
    }

    /// The rows of parked tasks. Of those that cannot be read nothing is lost: their leases go back, and
    /// they are found again.
    async fn read_due(&self, parked: Vec<(TaskId, Parked)>) -> Vec<Due> {
        let ids: Vec<TaskId> = parked.iter().map(|(id, _)| *id).collect();
        let rows = match self.store.any_tasks(&ids).await {
            Ok(rows) => rows,
            Err(error) => {
                tracing::error!(tasks = ids.len(), %error, "parked tasks could not be read");
                ids.into_iter().for_each(|id| self.leave(id));
                return Vec::new();
            }
        };
        let mut due = Vec::with_capacity(rows.len());
        for ((id, parked), row) in parked.into_iter().zip(rows) {
            match row {
                Some(task) => due.push(Due { task, parked }),
                None => self.leave(id),
            }
        }
        due
    }

    /// Makes steps of tasks that are due together. What has moved on meanwhile is not looked at.
    fn share_out(
        &self,
        post: Option<&Arc<Post>>,
        account: &str,
        chore: Chore,
        due: Vec<Due>,
        steps: &mut Vec<Step>,
    ) {
        let mut together = Vec::with_capacity(due.len());
        for due in due {
            match &due.task.course.state {
                State::Running { account: at, .. }
                    if at == account && chore == Chore::Look && post.is_some() =>
                {
                    together.push(due);
                }
                // Not plugged in now, or parked before it ran there: its own spoke finds it.
                State::Running { .. } => {
                    self.park_since(&due.task, MAX_SLEEP_MS, due.parked.tries, due.parked.since);
                }
                _ if due.task.is_owned() => {
                    let single = if chore == Chore::Fetch {
                        Chore::Fetch
                    } else {
                        Chore::Visit
                    };
                    let permit = self.pace.begin(account, single);
                    steps.push(Step::Visit(due.task, due.parked.tries, permit));
                }
                // Somebody else ended it.
                _ => drop(self.pace.note(&due.task)),
            }
        }
        if let Some(post) = post.filter(|_| !together.is_empty()) {
            let now = self.timer();
            for due in &together {
                self.tally.looked(now.since(due.parked.due));
            }
            let permit = self.pace.begin(account, Chore::Look);
            steps.push(Step::Look(Arc::clone(post), together, permit));
        }
    }

    /// Takes queued tasks for free slots. Each list of lanes keeps its own round: whoever was served last
    /// comes last in the next claim, so that a tenant with a long queue keeps nobody waiting.
    pub(super) async fn due_queue(&self, now: Millis, steps: &mut Vec<Step>) -> Result<(), StoreError> {
        if !self.is_due(now, |turn| &mut turn.queue_at, QUEUE_INTERVAL_MS) && !self.pace.has_reopened() {
            return Ok(());
        }
        let open = self.open_lanes();
        if let Some(at) = self.pace.next_opening() {
            let mut turn = self.turn.lock();
            turn.queue_at = turn.queue_at.min(at);
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
                ..self.claim_of(vec![StateWord::Queued], limit)
            };
            let tasks = self.claim(&claim).await?;
            if let Some(last) = tasks.last() {
                self.turn.lock().served.insert(lanes, last.origin.tenant);
            }
            if tasks.len() == CLAIM_LIMIT {
                self.turn.lock().queue_at = now;
            }
            for task in tasks {
                match self.assign(&task) {
                    Some(post) => {
                        let permit = self.pace.begin(&post.account.name, Chore::Submit);
                        steps.push(Step::Dispatch(task, post, permit));
                    }
                    // It is kept for a moment: given back at once, it would come first in the next claim.
                    None => self
                        .turn
                        .lock()
                        .passed_by
                        .push((now.plus(PASSED_BY_MS), task.id())),
                }
            }
        }
        Ok(())
    }
}
