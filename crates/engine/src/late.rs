//! Late: a task that failed by its deadline while an upstream had it, or may have had it, is looked at there
//! now and then. A success is kept and announced at the house's cost; the task stays failed. When each is
//! looked at next is in its row, so that a restart forgets nobody; it takes no slot and no lease.

use std::sync::Arc;
use std::time::Duration;

use domain::provider::{Job, Look, Lookup, Outputs, Receipt, Reconciled, UpstreamError};
use domain::store::StoreError;
use domain::task::FIRST_LATE_LOOK_MS;
use domain::{EventKind, Millis, Task, TaskId};
use tokio::sync::OwnedSemaphorePermit;

use crate::Engine;
use crate::advance::Halt;
use crate::pace::Chore;
use crate::remarks::About;
use crate::roster::Post;
use crate::settle::Miss;
use crate::tally::{Call, Heard};

/// Most late looks side by side, downloads among them.
pub(crate) const SIDE_BY_SIDE: usize = 4;
/// Pause between searches for late looks that are due, in milliseconds.
pub(crate) const SEARCH_INTERVAL_MS: i64 = 5_000;
/// How long a house that always has something else to do puts a search off, in milliseconds.
pub(crate) const BUSY_MS: i64 = 5 * 60_000;
/// Longest pause between two late looks at one task, in milliseconds.
const LONGEST_PAUSE_MS: i64 = 30 * 60 * 1_000;
/// How long after its end a task is looked at, in milliseconds.
const PATIENCE_MS: i64 = 7 * 24 * 60 * 60 * 1_000;

/// A late look that is due, with leave to make it.
pub(crate) struct LateLook {
    task: TaskId,
    due: Millis,
    _leave: OwnedSemaphorePermit,
}

/// What a late look saw.
enum Sight {
    /// A success.
    Done(Receipt, Outputs),
    /// Nothing that would end the waiting, and why.
    Nothing(String),
    /// That no success will ever come, and why.
    Over(String),
}

/// When a task is looked at after a look at `now`: each pause is as long as the time since the end, within
/// bounds. None: it is given up.
fn next_look(ended: Millis, now: Millis) -> Option<Millis> {
    let pause = now.since(ended).clamp(FIRST_LATE_LOOK_MS, LONGEST_PAUSE_MS);
    let next = now.plus(pause);
    (next.since(ended) <= PATIENCE_MS).then_some(next)
}

impl Engine {
    /// Finds late looks that are due, as many as may begin; the second is whether there may be more.
    pub(crate) async fn due_late_looks(&self) -> Result<(Vec<LateLook>, bool), StoreError> {
        let room = self.late_room.available_permits();
        if room == 0 {
            return Ok((Vec::new(), false));
        }
        let found = self.store.late_looks(self.clock.now(), room).await?;
        let may_be_more = found.len() == room;
        let mut looks = Vec::with_capacity(found.len());
        for (due, task) in found {
            let Ok(leave) = Arc::clone(&self.late_room).try_acquire_owned() else {
                break;
            };
            looks.push(LateLook {
                task,
                due,
                _leave: leave,
            });
        }
        Ok((looks, may_be_more))
    }

    /// Makes a late look. The next one is written down before, so that of many processes one looks, and a
    /// look that does not end is followed by another.
    pub(crate) async fn look_late(&self, look: &LateLook) {
        if let Err(error) = self.try_look_late(look).await {
            let task = look.task.prefixed();
            match error {
                Halt::Moved => tracing::debug!(%task, "a late result was taken by somebody else"),
                error => tracing::warn!(%task, ?error, "a late look was not made"),
            }
        }
    }

    async fn try_look_late(&self, look: &LateLook) -> Result<(), Halt> {
        let Some(task) = self.store.any_task(look.task).await? else {
            return Ok(());
        };
        let ended = task.course.finished_at.unwrap_or(task.course.updated_at);
        let awaits = task.awaits_late_result();
        let next = next_look(ended, self.clock.now()).filter(|_| awaits);
        let is_ours = self.store.move_late_look(look.task, look.due, next).await?;
        let account = task.course.account.as_deref().unwrap_or_default();
        let post = self.post(account).filter(|_| awaits && is_ours);
        // An account that is not plugged in now, or is left alone, may be there at the next look.
        let Some(post) = post.filter(|_| self.pace.room(account, Chore::Look) > 0) else {
            return Ok(());
        };
        let sight = match self.see_late(&post, &task, ended).await {
            Sight::Done(receipt, outputs) => match self.keep_late(&post, &task, receipt, outputs).await? {
                Some(sight) => sight,
                None => return Ok(()),
            },
            sight => sight,
        };
        match (sight, next) {
            (Sight::Over(why), Some(next)) => {
                self.remark(task.id(), About::Look, &why);
                self.store.move_late_look(task.id(), next, None).await?;
            }
            (Sight::Over(why) | Sight::Nothing(why), _) => self.remark(task.id(), About::Look, &why),
            (Sight::Done(..), _) => {}
        }
        Ok(())
    }

    /// Asks the vendor: by its own name for the task, else by ours.
    async fn see_late(&self, post: &Post, task: &Task, ended: Millis) -> Sight {
        let mut job = self.job(task, post);
        if job.receipt.is_none() {
            match self.find_late(post, &job, ended).await {
                Ok(receipt) => job.receipt = Some(receipt),
                Err(sight) => return sight,
            }
        }
        let Some(receipt) = job.receipt.clone() else {
            return Sight::Over("the vendor gave no name for it".to_owned());
        };
        let permit = self.pace.begin(&post.account.name, Chore::Look);
        let limit = Duration::from_millis(self.settings.upstream_timeout_ms);
        let jobs = [job];
        let seen = tokio::time::timeout(limit, post.provider.poll(&jobs, &post.wire)).await;
        self.tally
            .called(&post.account.name, Call::Look, &Heard::of(&seen));
        drop(permit);
        let looks = match seen {
            Ok(Ok(looks)) => looks,
            Ok(Err(error)) => {
                let why = error.to_string();
                if let UpstreamError::Busy { retry_after_ms, .. } = error {
                    self.pace.look_failed(&post.account.name, retry_after_ms, &why);
                }
                return Sight::Nothing(why);
            }
            Err(_) => return Sight::Nothing("no answer within the time-out".to_owned()),
        };
        match looks.into_iter().next() {
            Some(Look::Done(outputs)) => Sight::Done(receipt, outputs),
            Some(Look::Failed(error)) => {
                Sight::Over(format!("the vendor says that it failed: {}", error.message))
            }
            Some(Look::Lost) => Sight::Over("the vendor does not have it any more".to_owned()),
            Some(Look::Running(_)) => Sight::Nothing("the vendor still works on it".to_owned()),
            Some(Look::UnknownWord(word)) => {
                Sight::Nothing(format!("the vendor says `{word}`, which is no word that we know"))
            }
            Some(Look::Unseen(why)) => Sight::Nothing(why),
            None => Sight::Nothing("no look for the job".to_owned()),
        }
    }

    /// Looks a task up whose submit was never answered. Once absence can be believed, it never arrived.
    async fn find_late(&self, post: &Post, job: &Job, ended: Millis) -> Result<Receipt, Sight> {
        let Lookup::Authoritative { absence_bound_ms } = post.provider.manifest().lookup else {
            return Err(Sight::Over("the vendor has no look-up".to_owned()));
        };
        let limit = Duration::from_millis(self.settings.upstream_timeout_ms);
        let found = tokio::time::timeout(limit, post.provider.reconcile(job, &post.wire)).await;
        self.tally
            .called(&post.account.name, Call::LookUp, &Heard::of(&found));
        let bound = absence_bound_ms.unwrap_or(self.settings.absence_bound_ms);
        let believed_at = ended.plus(i64::try_from(bound).unwrap_or(i64::MAX));
        let absent = "the vendor does not know it".to_owned();
        Err(match found {
            Ok(Ok(Reconciled::Found(receipt))) => return Ok(receipt),
            Ok(Ok(Reconciled::Absent)) if self.clock.now() >= believed_at => Sight::Over(absent),
            Ok(Ok(Reconciled::Absent)) => Sight::Nothing(absent),
            Ok(Ok(Reconciled::NoLookup)) => Sight::Over("the vendor has no look-up".to_owned()),
            Ok(Err(error)) => Sight::Nothing(error.to_string()),
            Err(_) => Sight::Nothing("no answer within the time-out".to_owned()),
        })
    }

    /// Keeps the files of a late success and books what the vendor takes, in one commit; none once that is
    /// done. Files that cannot be had now are asked for anew at the next look.
    async fn keep_late(
        &self,
        post: &Post,
        task: &Task,
        receipt: Receipt,
        outputs: Outputs,
    ) -> Result<Option<Sight>, Halt> {
        let EventKind::Completed { offered, cost, .. } = self.completed(receipt, &outputs) else {
            return Ok(None);
        };
        if offered.is_empty() {
            return Ok(Some(Sight::Over(
                "the vendor is done and offers no file".to_owned(),
            )));
        }
        match self.keep_all(task, post, &offered, Some(outputs)).await {
            Ok(artifacts) => {
                self.advance(task, EventKind::LateResult { artifacts, cost })
                    .await?;
                Ok(None)
            }
            Err(Miss::Later(why)) => Ok(Some(Sight::Nothing(why))),
            Err(Miss::Never(why)) => Ok(Some(Sight::Over(why))),
            Err(Miss::Lost) => Ok(Some(Sight::Over(
                "the vendor does not have the files any more".to_owned(),
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::Millis;

    use super::next_look;

    #[test]
    fn pauses_double_up_to_a_bound_until_patience_ends() {
        let minute = 60_000;
        let ended = Millis(1_000_000);
        let (mut at, mut minutes) = (ended.plus(minute), vec![1]);
        while let Some(next) = next_look(ended, at) {
            assert!(next > at);
            at = next;
            minutes.push(at.since(ended) / minute);
        }
        assert_eq!(minutes[..8], [1, 2, 4, 8, 16, 32, 62, 92]);
        let last = minutes.last().copied().expect("at least one");
        assert!((7 * 24 * 60 - 30..=7 * 24 * 60).contains(&last), "{last}");
        assert_eq!(next_look(ended, ended.plus(8 * 24 * 60 * minute)), None);
    }
}
