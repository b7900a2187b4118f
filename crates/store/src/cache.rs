//! The read cache of tasks, bounded in bytes. Coherent by the commits of this process; it never holds
//! an older version than one that was stored or shown. No database here.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::{Task, TaskId};
use moka::ops::compute::Op;
use moka::policy::EvictionPolicy;
use serde_json::Value;

/// How many counters guard the cache; two tasks that share one only cost each other a read.
const STRIPES: usize = 4_096;
/// What a cached task takes beside its texts: structs, map node, queue nodes. An estimate.
const TASK_BASE_BYTES: usize = 1_536;
/// What one entry of a list or map takes beside its texts. An estimate.
const ENTRY_BASE_BYTES: usize = 96;

/// Tasks by id.
///
/// Invariant: an entry is never replaced by a lower version, and a reader that was slower than a
/// commit leaves no trace. A stripe counts the commits that touch its tasks, odd while one is on its
/// way; a reader offers what it loaded only if its stripe was even before the load and has not moved.
/// Held by `the_cache_never_goes_back_under_concurrent_readers_and_writers`.
pub(crate) struct TaskCache {
    tasks: moka::sync::Cache<TaskId, Arc<Task>>,
    stripes: Box<[AtomicU64]>,
}

/// A stripe as it was before a row was loaded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark(u64);

/// A commit on its way; while it lives no reader may offer rows that the commit touches.
pub(crate) struct Fence<'cache> {
    cache: &'cache TaskCache,
    stripes: Vec<usize>,
}

impl TaskCache {
    pub(crate) fn new(bytes: u64) -> TaskCache {
        let tasks = moka::sync::Cache::builder()
            .max_capacity(bytes)
            .weigher(|_: &TaskId, task: &Arc<Task>| u32::try_from(weigh(task)).unwrap_or(u32::MAX))
            .eviction_policy(EvictionPolicy::lru())
            .build();
        TaskCache {
            tasks,
            stripes: (0..STRIPES).map(|_| AtomicU64::new(0)).collect(),
        }
    }

    pub(crate) fn get(&self, id: TaskId) -> Option<Arc<Task>> {
        self.tasks.get(&id)
    }

    /// Taken before a row is loaded.
    pub(crate) fn mark(&self, id: TaskId) -> Mark {
        Mark(self.stripes[stripe(id)].load(Ordering::SeqCst))
    }

    /// Keeps a loaded row, unless a commit came between. Returns the newest version known.
    pub(crate) fn offer(&self, mark: Mark, task: Arc<Task>) -> Arc<Task> {
        let id = task.id();
        let stripe = &self.stripes[stripe(id)];
        let mut newest = Arc::clone(&task);
        self.tasks.entry(id).and_compute_with(|present| {
            if let Some(present) = present
                && present.value().course.version >= task.course.version
            {
                newest = present.into_value();
                return Op::Nop;
            }
            let moved = stripe.load(Ordering::SeqCst) != mark.0;
            if moved || mark.0 % 2 == 1 {
                return Op::Nop;
            }
            Op::Put(task)
        });
        newest
    }

    /// Announces a commit of these tasks. One at a time: only the writer calls this.
    pub(crate) fn commit_begins(&self, tasks: &[Arc<Task>]) -> Fence<'_> {
        let mut stripes: Vec<usize> = tasks.iter().map(|task| stripe(task.id())).collect();
        stripes.sort_unstable();
        stripes.dedup();
        for stripe in &stripes {
            self.stripes[*stripe].fetch_add(1, Ordering::SeqCst);
        }
        Fence { cache: self, stripes }
    }
}

impl Fence<'_> {
    /// The commit is durable: these are the newest versions.
    pub(crate) fn committed(self, tasks: Vec<Arc<Task>>) {
        for task in tasks {
            self.cache.tasks.entry(task.id()).and_compute_with(|present| {
                let older =
                    present.is_none_or(|present| present.value().course.version < task.course.version);
                if older { Op::Put(task) } else { Op::Nop }
            });
        }
    }

    /// Nobody knows what became of the commit: the next read asks the database.
    pub(crate) fn in_doubt(self, tasks: &[Arc<Task>]) {
        for task in tasks {
            self.cache.tasks.invalidate(&task.id());
        }
    }
}

impl Drop for Fence<'_> {
    fn drop(&mut self) {
        for stripe in &self.stripes {
            self.cache.stripes[*stripe].fetch_add(1, Ordering::SeqCst);
        }
    }
}

fn stripe(id: TaskId) -> usize {
    let Ok(low) = usize::try_from((id.0.0 ^ (id.0.0 >> 40)) % STRIPES as u128) else {
        return 0;
    };
    low
}

/// About how many bytes a task takes in memory.
fn weigh(task: &Task) -> usize {
    let ask = &task.origin.ask;
    let texts = [
        Some(&ask.prompt),
        ask.negative_prompt.as_ref(),
        task.origin.callback_url.as_ref(),
        task.origin.external_id.as_ref(),
    ];
    let texts: usize = texts.into_iter().flatten().map(String::len).sum();
    let course = &task.course;
    let files = course.media.len() + course.artifacts.len() + course.late.len() + ask.inputs.len();
    let extras: usize = ask
        .extras
        .iter()
        .map(|(name, value)| name.len() + weigh_value(value))
        .sum();
    let error = task.error().map_or(0, |error| error.message.len());
    let links = match &course.state {
        domain::State::Settling { offered, .. } => offered
            .iter()
            .map(|file| ENTRY_BASE_BYTES + file.link.as_ref().map_or(0, String::len))
            .sum(),
        _ => 0,
    };
    TASK_BASE_BYTES + texts + files * 4 * ENTRY_BASE_BYTES + extras + error + links
}

fn weigh_value(value: &Value) -> usize {
    ENTRY_BASE_BYTES
        + match value {
            Value::String(text) => text.len(),
            Value::Array(values) => values.iter().map(weigh_value).sum(),
            Value::Object(fields) => fields
                .iter()
                .map(|(name, value)| name.len() + weigh_value(value))
                .sum(),
            Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(version: u64) -> Arc<Task> {
        let mut task = testkit::sample::birth(domain::Id(1)).task;
        task.course.version = version;
        Arc::new(task)
    }

    #[test]
    fn a_slow_reader_does_not_bring_back_an_older_version() {
        let cache = TaskCache::new(1 << 20);
        let id = version(1).id();
        let before = cache.mark(id);
        cache.commit_begins(&[version(2)]).committed(vec![version(2)]);
        assert_eq!(cache.offer(before, version(1)).course.version, 2);
        cache.tasks.invalidate(&id);
        cache.offer(before, version(1));
        assert!(
            cache.get(id).is_none(),
            "a load from before the commit must not be kept"
        );
        cache.offer(cache.mark(id), version(2));
        assert_eq!(cache.get(id).map(|task| task.course.version), Some(2));
    }

    #[test]
    fn nothing_is_kept_while_a_commit_is_on_its_way() {
        let cache = TaskCache::new(1 << 20);
        let id = version(1).id();
        let fence = cache.commit_begins(&[version(2)]);
        cache.offer(cache.mark(id), version(1));
        assert!(cache.get(id).is_none());
        fence.in_doubt(&[version(2)]);
        cache.offer(cache.mark(id), version(1));
        assert_eq!(cache.get(id).map(|task| task.course.version), Some(1));
    }

    #[test]
    fn the_bound_in_bytes_holds_and_long_prompts_count() {
        let cache = TaskCache::new(64 * 1024);
        for n in 0..64 {
            let mut origin = testkit::sample::origin(domain::Id(n));
            let mut ask = testkit::sample::ask();
            ask.prompt = "x".repeat(8 * 1024);
            origin.ask = Arc::new(ask);
            let task = Arc::new(Task::born(origin).task);
            cache.offer(cache.mark(task.id()), task);
        }
        cache.tasks.run_pending_tasks();
        assert!(cache.tasks.weighted_size() <= 64 * 1024);
        assert!(cache.tasks.entry_count() <= 8);
    }
}
