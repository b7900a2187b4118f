//! The bounded pool of low-priority threads that renders wishes in the background. Draws nothing itself.

use std::any::Any;
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use crate::{Clip, RenderError, Watch, Wish};

/// Wishes that may wait for a thread; one more is refused.
pub const MAX_WAITING: usize = 1024;
/// Ended renders that are kept until they are forgotten; while so many are kept, new wishes are refused.
pub const MAX_KEPT: usize = 1024;
/// The kernel's lowest ordinary priority: every other thread of the machine goes first.
#[cfg(target_os = "linux")]
const LOWEST_PRIORITY: i32 = 19;

/// A renderer as the pool calls it: [`crate::render`], or a stand-in for tests.
pub type Renderer = fn(&Wish, &mut dyn FnMut(u8) -> Watch) -> Result<Clip, RenderError>;

/// Work of any other kind: told what to ask whether to go on, it answers with files in the shape of a clip.
pub type Errand = Box<dyn FnOnce(&mut dyn FnMut(u8) -> Watch) -> Result<Clip, RenderError> + Send>;

/// Why a wish was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PoolError {
    /// Too many wishes wait, or too many ended renders were not forgotten; try again later.
    #[error("the pool is full: at most {MAX_WAITING} wishes wait and {MAX_KEPT} ended renders are kept")]
    Full,
    /// The pool was shut down; no wish will be taken any more.
    #[error("the pool is shut down")]
    Closed,
}

/// What became of a name.
#[derive(Clone, Debug)]
pub enum Look {
    /// The name was never started, or was cancelled or forgotten.
    Absent,
    /// A thread has yet to begin.
    Waiting,
    /// A thread is at it; how much is done in percent.
    Rendering(u8),
    /// The clip is ready and is kept until it is forgotten.
    Done(Arc<Clip>),
    /// The render failed; says why.
    Failed(String),
}

/// A fixed number of threads of the lowest priority, and the named renders they work through in order.
#[derive(Debug)]
pub struct Pool {
    hall: Arc<Hall>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// What the threads and the callers share.
#[derive(Debug)]
struct Hall {
    board: Mutex<Board>,
    news: Condvar,
}

#[derive(Debug, Default)]
struct Board {
    jobs: HashMap<String, Job>,
    queue: VecDeque<(String, Order)>,
    kept: usize,
    closed: bool,
}

/// What a thread is to do.
enum Order {
    Render(Box<Wish>),
    Errand(Errand),
}

impl fmt::Debug for Order {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Render(wish) => out.debug_tuple("Render").field(wish).finish(),
            Self::Errand(_) => out.write_str("Errand"),
        }
    }
}

#[derive(Debug)]
enum Job {
    Waiting,
    Rendering(Arc<Progress>),
    Done(Arc<Clip>),
    Failed(String),
}

#[derive(Debug, Default)]
struct Progress {
    percent: AtomicU8,
    stop: AtomicBool,
}

impl Pool {
    /// Starts `threads` threads (at least one) that render with [`crate::render`].
    #[must_use]
    pub fn new(threads: usize) -> Self {
        Self::with_renderer(threads, crate::render)
    }

    /// Starts `threads` threads (at least one) that render with `renderer`.
    #[must_use]
    pub fn with_renderer(threads: usize, renderer: Renderer) -> Self {
        let hall = Arc::new(Hall {
            board: Mutex::default(),
            news: Condvar::new(),
        });
        let spawn = |number: usize| {
            let hall = Arc::clone(&hall);
            let named = thread::Builder::new().name(format!("animatic-{number}"));
            named
                .spawn(move || hall.work(renderer))
                .expect("the system can start a thread")
        };
        let threads = (0..threads.max(1)).map(spawn).collect();
        Self {
            hall,
            threads: Mutex::new(threads),
        }
    }

    /// Queues a wish under a name. A name that is already known is left as it is.
    ///
    /// # Errors
    ///
    /// [`PoolError::Full`] at the bounds, [`PoolError::Closed`] after [`Pool::shutdown`].
    pub fn start(&self, name: &str, wish: Wish) -> Result<(), PoolError> {
        self.queue(name, Order::Render(Box::new(wish)))
    }

    /// Queues work of any other kind under a name. A name that is already known is left as it is.
    ///
    /// # Errors
    ///
    /// [`PoolError::Full`] at the bounds, [`PoolError::Closed`] after [`Pool::shutdown`].
    pub fn start_errand(&self, name: &str, work: Errand) -> Result<(), PoolError> {
        self.queue(name, Order::Errand(work))
    }

    fn queue(&self, name: &str, order: Order) -> Result<(), PoolError> {
        let mut board = self.hall.lock();
        if board.closed {
            return Err(PoolError::Closed);
        }
        if board.jobs.contains_key(name) {
            return Ok(());
        }
        if board.queue.len() >= MAX_WAITING || board.kept >= MAX_KEPT {
            return Err(PoolError::Full);
        }
        board.jobs.insert(name.to_owned(), Job::Waiting);
        board.queue.push_back((name.to_owned(), order));
        drop(board);
        self.hall.news.notify_one();
        Ok(())
    }

    /// Tells what became of a name.
    #[must_use]
    pub fn look(&self, name: &str) -> Look {
        match self.hall.lock().jobs.get(name) {
            None => Look::Absent,
            Some(Job::Waiting) => Look::Waiting,
            Some(Job::Rendering(progress)) => Look::Rendering(progress.percent.load(Ordering::Relaxed)),
            Some(Job::Done(clip)) => Look::Done(Arc::clone(clip)),
            Some(Job::Failed(why)) => Look::Failed(why.clone()),
        }
    }

    /// Drops a waiting wish, or stops a running render at its next frame. False when there was nothing to stop.
    pub fn cancel(&self, name: &str) -> bool {
        let mut board = self.hall.lock();
        match board.jobs.get(name) {
            Some(Job::Waiting) => {
                board.jobs.remove(name);
                board.queue.retain(|(queued, _)| queued != name);
                true
            }
            Some(Job::Rendering(progress)) => {
                progress.stop.store(true, Ordering::Relaxed);
                board.jobs.remove(name);
                true
            }
            Some(Job::Done(_) | Job::Failed(_)) | None => false,
        }
    }

    /// Lets go of everything kept under a name; what still waits or runs is cancelled.
    pub fn forget(&self, name: &str) {
        if self.cancel(name) {
            return;
        }
        let mut board = self.hall.lock();
        if board.jobs.remove(name).is_some() {
            board.kept -= 1;
        }
    }

    /// Drops what waits, stops what runs at its next frame, and waits for the threads to end.
    /// Clips that are ready stay to be looked at.
    pub fn shutdown(&self) {
        let mut board = self.hall.lock();
        board.closed = true;
        board.queue.clear();
        board.jobs.retain(|_, job| match job {
            Job::Waiting => false,
            Job::Rendering(progress) => {
                progress.stop.store(true, Ordering::Relaxed);
                false
            }
            Job::Done(_) | Job::Failed(_) => true,
        });
        drop(board);
        self.hall.news.notify_all();
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            // A thread catches the panics of its renders, and a panic elsewhere was already reported by the hook.
            drop(thread.join());
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shutdown();
    }
}

impl Hall {
    fn lock(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self, renderer: Renderer) {
        step_back();
        while let Some((name, order, progress)) = self.next() {
            let mut watch = |percent: u8| {
                progress.percent.store(percent, Ordering::Relaxed);
                if progress.stop.load(Ordering::Relaxed) {
                    Watch::Stop
                } else {
                    Watch::Continue
                }
            };
            let outcome = catch_unwind(AssertUnwindSafe(|| match order {
                Order::Render(wish) => renderer(&wish, &mut watch),
                Order::Errand(work) => work(&mut watch),
            }));
            let job = match outcome {
                Ok(Ok(clip)) => Job::Done(Arc::new(clip)),
                Ok(Err(error)) => Job::Failed(error.to_string()),
                Err(panic) => Job::Failed(format!("the renderer panicked: {}", words_of(&*panic))),
            };
            self.end(name, &progress, job);
        }
    }

    /// Waits for the next wish; `None` once the pool is closed.
    fn next(&self) -> Option<(String, Order, Arc<Progress>)> {
        let mut board = self.lock();
        loop {
            if board.closed {
                return None;
            }
            if let Some((name, order)) = board.queue.pop_front() {
                let progress = Arc::new(Progress::default());
                board
                    .jobs
                    .insert(name.clone(), Job::Rendering(Arc::clone(&progress)));
                return Some((name, order, progress));
            }
            board = self.news.wait(board).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Records an outcome, unless the render was cancelled; its name may by now belong to another render.
    fn end(&self, name: String, progress: &Arc<Progress>, job: Job) {
        let mut board = self.lock();
        let ours =
            matches!(board.jobs.get(&name), Some(Job::Rendering(other)) if Arc::ptr_eq(other, progress));
        if ours {
            board.jobs.insert(name, job);
            board.kept += 1;
        }
    }
}

fn words_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

/// Gives the calling thread, and on Linux only it, the lowest priority. Elsewhere the call would slow the process.
fn step_back() {
    #[cfg(target_os = "linux")]
    // A refusal leaves the priority as it was, which costs fairness and nothing else.
    rustix::process::setpriority_process(None, LOWEST_PRIORITY).unwrap_or_default();
}
