//! The read cache of tasks, bounded in bytes, and who hears of commits. Coherent by the commits of this
//! process, and by what its database tells of others'; it never holds an older version than one that
//! was stored or shown. No database here.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use domain::store::Ear;
use domain::{Task, TaskId};
use moka::ops::compute::Op;
use moka::policy::EvictionPolicy;
use parking_lot::RwLock;
use serde_json::Value;

/// How many counters guard the cache; two tasks that share one only cost each other a read.
const STRIPES: usize = 4_096;
/// What a cached task takes beside its texts: structs, map node, queue nodes. An estimate.
const TASK_BASE_BYTES: usize = 1_536;
/// The version of a task at its birth.
const BORN: u64 = 1;
/// What one move of a stripe adds to it.
const MOVE: u64 = 1 << 16;
/// The part of a stripe that counts the commits on their way.
const ON_THEIR_WAY: u64 = MOVE - 1;
/// What one entry of a list or map takes beside its texts. An estimate.
const ENTRY_BASE_BYTES: usize = 96;

/// What a job wrote.
pub(crate) struct Written<T> {
    /// What its caller is told after the commit.
    pub(crate) answer: T,
    /// Tasks as they are after the commit.
    pub(crate) tasks: Vec<Wrote>,
}

/// A task that a job wrote.
#[derive(Debug, Clone)]
pub(crate) enum Wrote {
    /// At its birth: nobody can have loaded it before.
    Born(TaskId),
    /// As it is now.
    Changed(Arc<Task>),
}

impl Wrote {
    pub(crate) fn id(&self) -> TaskId {
        match self {
            Wrote::Born(id) => *id,
            Wrote::Changed(task) => task.id(),
        }
    }

    pub(crate) fn version(&self) -> u64 {
        match self {
            Wrote::Born(_) => BORN,
            Wrote::Changed(task) => task.course.version,
        }
    }

    fn changed(&self) -> Option<&Arc<Task>> {
        match self {
            Wrote::Born(_) => None,
            Wrote::Changed(task) => Some(task),
        }
    }
}

impl<T> Written<T> {
    /// Something that is no task.
    pub(crate) fn other(answer: T) -> Written<T> {
        let tasks = Vec::new();
        Written { answer, tasks }
    }
}

/// Tasks by id.
///
/// Invariant: an entry is never replaced by a lower version, and whoever was slower than a commit,
/// a reader or another commit, leaves no trace. A stripe counts the commits that are on their way to its
/// tasks and how often anything moved there; what was loaded, or committed, is kept only if nothing else
/// was on its way or moved meanwhile. Held by
/// `the_cache_never_goes_back_under_concurrent_readers_and_writers`.
pub(crate) struct TaskCache {
    tasks: moka::sync::Cache<TaskId, Arc<Task>>,
    stripes: Box<[AtomicU64]>,
    /// Whether commits of other processes, if there are any, are heard of.
    trusted: AtomicBool,
    ears: RwLock<Vec<Arc<dyn Ear>>>,
}

/// A stripe as it was before a row was loaded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark(u64);

/// A commit on its way; while it lives no reader may offer rows that the commit touches. When it ends,
/// the ears hear of its tasks.
pub(crate) struct Fence<'cache> {
    cache: &'cache TaskCache,
    /// Each stripe, and how it was once this commit was on its way.
    stripes: Vec<(usize, u64)>,
    tasks: Vec<TaskId>,
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
            trusted: AtomicBool::new(true),
            ears: RwLock::default(),
        }
    }

    /// Tells `ear` of every commit from now on.
    pub(crate) fn attend(&self, ear: Arc<dyn Ear>) {
        self.ears.write().push(ear);
    }

    pub(crate) fn get(&self, id: TaskId) -> Option<Arc<Task>> {
        let trusted = self.trusted.load(Ordering::SeqCst);
        self.tasks.get(&id).filter(|_| trusted)
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
            // Whoever loads at the same time may have loaded less than is shown here.
            let moved = stripe.fetch_add(MOVE, Ordering::SeqCst) != mark.0;
            if moved || mark.0 & ON_THEIR_WAY != 0 {
                return Op::Remove;
            }
            Op::Put(task)
        });
        newest
    }

    /// A row that a list is about to show: an older entry goes, and so does what is being loaded, so that
    /// nobody is shown less afterwards.
    pub(crate) fn shown(&self, task: &Task) {
        let (id, version) = (task.id(), task.course.version);
        let known = self.tasks.get(&id);
        if known.is_some_and(|known| known.course.version >= version) {
            return;
        }
        self.stripes[stripe(id)].fetch_add(MOVE, Ordering::SeqCst);
        self.outdated(id, version);
    }

    /// This process's copy of a task is known to be behind.
    pub(crate) fn forget(&self, id: TaskId) {
        self.outdated(id, u64::MAX);
    }

    /// Another process has committed this version of a task.
    pub(crate) fn committed_elsewhere(&self, id: TaskId, version: u64) {
        self.stripes[stripe(id)].fetch_add(MOVE, Ordering::SeqCst);
        self.outdated(id, version);
        for ear in self.ears.read().iter() {
            ear.changed(id);
        }
    }

    /// From now on commits of other processes are not heard of: nothing is answered from memory. Whether
    /// they were until now.
    pub(crate) fn distrust(&self) -> bool {
        self.trusted.swap(false, Ordering::SeqCst)
    }

    /// All commits of other processes are known again, and each is heard of from now on.
    pub(crate) fn trust(&self) {
        self.trusted.store(true, Ordering::SeqCst);
    }

    /// Commits of other processes were missed, nobody knows of which tasks: everything goes.
    pub(crate) fn missed(&self) {
        for stripe in &self.stripes {
            stripe.fetch_add(MOVE, Ordering::SeqCst);
        }
        self.tasks.invalidate_all();
        for ear in self.ears.read().iter() {
            ear.missed();
        }
    }

    fn outdated(&self, id: TaskId, version: u64) {
        // A look before the computation, which takes a lock: mostly there is nothing to do.
        if self
            .tasks
            .get(&id)
            .is_none_or(|present| present.course.version >= version)
        {
            return;
        }
        self.tasks.entry(id).and_compute_with(|present| {
            let older = present.is_some_and(|present| present.value().course.version < version);
            if older { Op::Remove } else { Op::Nop }
        });
    }

    /// Announces a commit of these tasks. Their entries go: a list may show the new rows as soon as they
    /// are durable, which is before the entries follow. What is just being born nobody can have loaded.
    pub(crate) fn commit_begins(&self, tasks: &[Wrote]) -> Fence<'_> {
        let changed = || tasks.iter().filter_map(Wrote::changed);
        let mut stripes: Vec<usize> = changed().map(|task| stripe(task.id())).collect();
        stripes.sort_unstable();
        stripes.dedup();
        let stripes = stripes.into_iter().map(|stripe| {
            let before = self.stripes[stripe].fetch_add(MOVE + 1, Ordering::SeqCst);
            (stripe, before.wrapping_add(MOVE + 1))
        });
        let stripes = stripes.collect();
        changed().for_each(|task| self.remove(task.id()));
        Fence {
            cache: self,
            stripes,
            tasks: tasks.iter().map(|task| task.id()).collect(),
        }
    }
}

impl TaskCache {
    /// Not `invalidate`: only computations on one key wait for each other, and a slow `offer` may be
    /// between its look and its put.
    fn remove(&self, id: TaskId) {
        self.tasks.entry(id).and_compute_with(|_| Op::Remove);
    }
}

impl Fence<'_> {
    /// The commit is durable: these are the newest versions, unless something else moved meanwhile. A
    /// birth is kept by its first reader: most tasks change before anybody asks for them.
    pub(crate) fn committed(self, tasks: Vec<Wrote>) {
        for task in tasks.iter().filter_map(Wrote::changed) {
            let stripe = stripe(task.id());
            self.cache.tasks.entry(task.id()).and_compute_with(|present| {
                let newer =
                    present.is_some_and(|present| present.value().course.version >= task.course.version);
                if newer {
                    return Op::Nop;
                }
                if self.is_alone(stripe) {
                    Op::Put(Arc::clone(task))
                } else {
                    Op::Remove
                }
            });
        }
    }

    /// Whether nothing else was on its way to a stripe, or moved there, since this commit began.
    fn is_alone(&self, stripe: usize) -> bool {
        let began = self.stripes.binary_search_by_key(&stripe, |(stripe, _)| *stripe);
        let began = began.map_or(ON_THEIR_WAY, |at| self.stripes[at].1);
        began & ON_THEIR_WAY == 1 && self.cache.stripes[stripe].load(Ordering::SeqCst) == began
    }
}

/// Also when nobody knows what became of the commit: then the next read asks the database.
impl Drop for Fence<'_> {
    fn drop(&mut self) {
        for (stripe, _) in &self.stripes {
            self.cache.stripes[*stripe].fetch_add(MOVE - 1, Ordering::SeqCst);
        }
        for ear in self.cache.ears.read().iter() {
            self.tasks.iter().for_each(|task| ear.changed(*task));
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

    fn changed(to: u64) -> Wrote {
        Wrote::Changed(version(to))
    }

    #[test]
    fn a_slow_reader_does_not_bring_back_an_older_version() {
        let cache = TaskCache::new(1 << 20);
        let id = version(1).id();
        let before = cache.mark(id);
        cache.commit_begins(&[changed(2)]).committed(vec![changed(2)]);
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
        let fence = cache.commit_begins(&[changed(2)]);
        cache.offer(cache.mark(id), version(1));
        assert!(cache.get(id).is_none());
        drop(fence);
        cache.offer(cache.mark(id), version(1));
        assert_eq!(cache.get(id).map(|task| task.course.version), Some(1));
    }

    #[test]
    fn two_commits_on_their_way_keep_nothing_that_may_be_old() {
        let cache = TaskCache::new(1 << 20);
        let id = version(1).id();
        let slow = cache.commit_begins(&[changed(2)]);
        let quick = cache.commit_begins(&[changed(3)]);
        quick.committed(vec![changed(3)]);
        slow.committed(vec![changed(2)]);
        assert!(cache.get(id).is_none(), "the slower one might be the older one");
        cache.offer(cache.mark(id), version(3));
        assert_eq!(cache.get(id).map(|task| task.course.version), Some(3));
    }

    #[test]
    fn a_commit_of_another_process_takes_older_entries_and_slow_readers_with_it() {
        let cache = TaskCache::new(1 << 20);
        let id = version(1).id();
        cache.offer(cache.mark(id), version(2));
        cache.committed_elsewhere(id, 2);
        assert!(cache.get(id).is_some(), "the same version stays");
        let before = cache.mark(id);
        let fence = cache.commit_begins(&[changed(3)]);
        cache.committed_elsewhere(id, 4);
        fence.committed(vec![changed(3)]);
        cache.offer(before, version(2));
        assert!(cache.get(id).is_none());
        cache.offer(cache.mark(id), version(4));
        cache.distrust();
        assert!(
            cache.get(id).is_none(),
            "what is not heard of is not answered from memory"
        );
        cache.trust();
        assert!(cache.get(id).is_some());
        cache.missed();
        assert!(cache.get(id).is_none());
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
