//! Watch: wakes whoever waits for a task's next change. It tells only that something was committed; what
//! it was is read from the store, whose cache already has it.

use std::collections::HashMap;
use std::sync::Arc;

use domain::TaskId;
use domain::store::Ear;
use parking_lot::Mutex;
use tokio::sync::watch;

/// Parts of the register, so that commits and waiters of different tasks do not meet.
const SHARDS: usize = 16;

/// Who waits for which task. A task that nobody waits for takes no memory.
#[derive(Default)]
pub(crate) struct Watch {
    shards: [Mutex<HashMap<TaskId, watch::Sender<()>>>; SHARDS],
}

impl Watch {
    /// Begins to listen; what is committed from now on is heard.
    pub(crate) fn listen(self: &Arc<Watch>, task: TaskId) -> Listener {
        let mut shard = self.shard(task).lock();
        let sender = shard.entry(task).or_insert_with(|| watch::channel(()).0);
        Listener {
            receiver: sender.subscribe(),
            task,
            watch: Arc::clone(self),
        }
    }

    fn shard(&self, task: TaskId) -> &Mutex<HashMap<TaskId, watch::Sender<()>>> {
        // The low bits of an id are chance.
        let at = usize::try_from(task.0.0 % SHARDS as u128).unwrap_or(0);
        &self.shards[at]
    }
}

impl Ear for Watch {
    fn changed(&self, task: TaskId) {
        if let Some(sender) = self.shard(task).lock().get(&task) {
            sender.send_replace(());
        }
    }

    fn missed(&self) {
        for shard in &self.shards {
            for sender in shard.lock().values() {
                sender.send_replace(());
            }
        }
    }
}

/// One who waits for the next change of a task.
pub struct Listener {
    receiver: watch::Receiver<()>,
    task: TaskId,
    watch: Arc<Watch>,
}

impl Listener {
    /// Returns after something about the task was committed since the last call, or since it listens.
    pub async fn changed(&mut self) {
        // The sender lives as long as somebody listens.
        drop(self.receiver.changed().await);
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut shard = self.watch.shard(self.task).lock();
        let is_last = shard
            .get(&self.task)
            .is_some_and(|sender| sender.receiver_count() <= 1);
        if is_last {
            shard.remove(&self.task);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use domain::store::Ear as _;
    use domain::{Id, TaskId};

    use super::Watch;

    fn entries(watch: &Watch) -> usize {
        watch.shards.iter().map(|shard| shard.lock().len()).sum()
    }

    #[tokio::test]
    async fn a_change_wakes_every_listener_of_its_task_and_no_other() {
        let watch = Arc::new(Watch::default());
        let (one, other) = (TaskId(Id(1)), TaskId(Id(17)));
        let (mut first, mut second) = (watch.listen(one), watch.listen(one));
        let mut third = watch.listen(other);
        watch.changed(one);
        first.changed().await;
        second.changed().await;
        let woken = tokio::time::timeout(std::time::Duration::from_millis(20), third.changed()).await;
        assert!(woken.is_err(), "a stranger's change wakes nobody");
    }

    #[tokio::test]
    async fn whoever_waits_looks_again_when_changes_were_missed() {
        let watch = Arc::new(Watch::default());
        let mut first = watch.listen(TaskId(Id(1)));
        let mut second = watch.listen(TaskId(Id(2)));
        watch.missed();
        first.changed().await;
        second.changed().await;
    }

    #[tokio::test]
    async fn nothing_is_kept_once_nobody_listens() {
        let watch = Arc::new(Watch::default());
        let first = watch.listen(TaskId(Id(1)));
        let second = watch.listen(TaskId(Id(1)));
        drop(first);
        assert_eq!(entries(&watch), 1, "the second still listens");
        drop(second);
        assert_eq!(entries(&watch), 0);
        watch.changed(TaskId(Id(1)));
        assert_eq!(entries(&watch), 0);
    }
}
