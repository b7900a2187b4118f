//! The committer: the one writer of tasks in this process. It commits what has gathered in one batch
//! and then answers each; an acknowledgement leaves only after the commit.

use std::sync::Arc;
use std::time::Duration;

use domain::store::{Birth, Outcome, StoreError};
use domain::{Change, Clock, Store};
use tokio::sync::{Semaphore, mpsc, oneshot};

use crate::tally::Tally;

/// Most members of one batch.
const MAX_BATCH: usize = 64;
/// Most writers that wait for a place in the queue before they wait outside it.
const MAX_WAITING: usize = 4_096;

/// Batches on their way at once. While one waits for the disk the next is encoded, and a store may put
/// what arrives together into one transaction.
const BATCHES_IN_FLIGHT: u32 = 4;
/// Longest time that a batch which is not full waits for company while others are on their way: so long
/// does a commit that hangs hold up what has nothing to do with it.
const GATHERING: Duration = Duration::from_millis(5);

type Answer = oneshot::Sender<Result<Outcome, StoreError>>;

enum Write {
    Birth(Box<Birth>, Answer),
    Change(Box<Change>, Answer),
}

/// The way to the committer. Where nothing is on its way a batch starts at once, so that a lone writer never
/// waits for company. Beside others it starts when it is full: what comes meanwhile costs the database one
/// commit, and batches of one tenant would wait for each other's lock anyway. Changes of one task cannot
/// overtake each other: whoever makes the next one has waited for the one before.
pub(crate) struct Committer {
    queue: mpsc::Sender<Write>,
}

impl Committer {
    /// Starts over a store, which tells by itself whoever waits for what was committed. Each batch is
    /// noted in the tally.
    pub(crate) fn start(store: Arc<dyn Store>, counting: (Arc<dyn Clock>, Arc<Tally>)) -> Committer {
        let (clock, tally) = counting;
        let (queue, mut waiting) = mpsc::channel(MAX_WAITING);
        tokio::spawn(async move {
            let places = Arc::new(Semaphore::new(BATCHES_IN_FLIGHT as usize));
            let mut batch = Vec::with_capacity(MAX_BATCH);
            while waiting.recv_many(&mut batch, MAX_BATCH).await > 0 {
                gather(&mut waiting, &mut batch, &places).await;
                let Ok(place) = Arc::clone(&places).acquire_owned().await else {
                    return;
                };
                // What came in while all places were taken goes with this batch.
                while batch.len() < MAX_BATCH {
                    let Ok(write) = waiting.try_recv() else { break };
                    batch.push(write);
                }
                let (store, batch) = (Arc::clone(&store), std::mem::take(&mut batch));
                let (clock, tally) = (Arc::clone(&clock), Arc::clone(&tally));
                tokio::spawn(async move {
                    let (members, began_ms) = (batch.len(), clock.monotonic_ms());
                    commit(&store, batch).await;
                    tally.committed(members, clock.monotonic_ms().saturating_sub(began_ms));
                    drop(place);
                });
            }
        });
        Committer { queue }
    }

    /// Inserts a task at its birth.
    pub(crate) async fn insert(&self, birth: Box<Birth>) -> Result<Outcome, StoreError> {
        let (answer, reply) = oneshot::channel();
        self.send(Write::Birth(birth, answer), reply).await
    }

    /// Commits a change.
    pub(crate) async fn commit(&self, change: Change) -> Result<Outcome, StoreError> {
        let (answer, reply) = oneshot::channel();
        self.send(Write::Change(Box::new(change), answer), reply).await
    }

    async fn send(
        &self,
        write: Write,
        reply: oneshot::Receiver<Result<Outcome, StoreError>>,
    ) -> Result<Outcome, StoreError> {
        let closed = || StoreError::Unavailable("the committer has stopped".to_owned());
        self.queue.send(write).await.map_err(|_| closed())?;
        reply
            .await
            .map_err(|_| StoreError::LostReply("the committer has stopped".to_owned()))?
    }
}

/// Fills a batch while others are on their way.
async fn gather<T>(waiting: &mut mpsc::Receiver<T>, batch: &mut Vec<T>, places: &Semaphore) {
    // All places together are free when nothing is on its way.
    let all_done = places.acquire_many(BATCHES_IN_FLIGHT);
    let too_long = tokio::time::sleep(GATHERING);
    tokio::pin!(all_done, too_long);
    while batch.len() < MAX_BATCH {
        let room = MAX_BATCH - batch.len();
        tokio::select! {
            biased;
            _ = &mut all_done => return,
            received = waiting.recv_many(batch, room) => if received == 0 { return },
            () = &mut too_long => return,
        }
    }
}

async fn commit(store: &Arc<dyn Store>, batch: Vec<Write>) {
    let (mut births, mut born) = (Vec::new(), Vec::new());
    let (mut changes, mut changed) = (Vec::new(), Vec::new());
    for write in batch {
        match write {
            Write::Birth(birth, answer) => {
                births.push(*birth);
                born.push(answer);
            }
            Write::Change(change, answer) => {
                changes.push(*change);
                changed.push(answer);
            }
        }
    }
    tokio::join!(
        insert_all(store, births, born),
        commit_all(store, changes, changed)
    );
}

/// Commits births. One that the books refuse must not keep the others out: then each goes alone.
async fn insert_all(store: &Arc<dyn Store>, births: Vec<Birth>, answers: Vec<Answer>) {
    if births.is_empty() {
        return;
    }
    let result = store.insert(births.clone()).await;
    if births.len() > 1 && matches!(result, Err(StoreError::Corrupt(_))) {
        for (birth, answer) in births.into_iter().zip(answers) {
            let alone = store.insert(vec![birth.clone()]).await;
            answer_all(store, alone, [&*birth.change].into_iter(), vec![answer]).await;
        }
        return;
    }
    let changes = births.iter().map(|birth| &*birth.change);
    answer_all(store, result, changes, answers).await;
}

/// Commits changes, with the same care as [`insert_all`].
async fn commit_all(store: &Arc<dyn Store>, changes: Vec<Change>, answers: Vec<Answer>) {
    if changes.is_empty() {
        return;
    }
    let result = store.commit(changes.clone()).await;
    if changes.len() > 1 && matches!(result, Err(StoreError::Corrupt(_))) {
        for (change, answer) in changes.into_iter().zip(answers) {
            let alone = store.commit(vec![change.clone()]).await;
            answer_all(store, alone, [&change].into_iter(), vec![answer]).await;
        }
        return;
    }
    answer_all(store, result, changes.iter(), answers).await;
}

async fn answer_all(
    store: &Arc<dyn Store>,
    result: Result<Vec<Outcome>, StoreError>,
    changes: impl Iterator<Item = &Change>,
    answers: Vec<Answer>,
) {
    // A writer that has gone away takes no answer; its change is committed all the same.
    match result {
        Ok(outcomes) => {
            for (answer, outcome) in answers.into_iter().zip(outcomes) {
                drop(answer.send(Ok(outcome)));
            }
        }
        Err(StoreError::LostReply(why)) => {
            for (answer, change) in answers.into_iter().zip(changes) {
                drop(answer.send(re_read(store, change, &why).await));
            }
        }
        Err(error) => {
            for answer in answers {
                drop(answer.send(Err(error.clone())));
            }
        }
    }
}

/// A lost commit reply is resolved by reading the version before anyone is answered.
async fn re_read(store: &Arc<dyn Store>, change: &Change, why: &str) -> Result<Outcome, StoreError> {
    let now = store.any_task(change.task.id()).await;
    // Not `Unavailable`, which says that nothing was written: nobody knows.
    let now = now.map_err(|error| StoreError::LostReply(format!("{why}; then: {error}")))?;
    let version = now.as_ref().map_or(0, |task| task.course.version);
    match now {
        Some(task) if task.course == change.task.course => Ok(Outcome::Done),
        _ if version == change.expects_version() => {
            Err(StoreError::Unavailable(format!("not committed: {why}")))
        }
        _ => Ok(Outcome::Stale),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Longest time in which a batch must have gathered, whatever the machine does.
    const SOON: Duration = Duration::from_secs(20);

    /// How many a batch of one gathers, with so many places taken, of those that are waiting.
    async fn gathered(waiting: usize, places: &Semaphore) -> usize {
        let (send, mut receive) = mpsc::channel(MAX_WAITING);
        for n in 0..waiting {
            send.try_send(n).unwrap();
        }
        let mut batch = vec![usize::MAX];
        let gathering = gather(&mut receive, &mut batch, places);
        tokio::time::timeout(SOON, gathering).await.unwrap();
        batch.len()
    }

    fn places() -> Semaphore {
        Semaphore::new(BATCHES_IN_FLIGHT as usize)
    }

    #[tokio::test]
    async fn a_batch_waits_for_nobody_where_nothing_is_on_its_way() {
        assert_eq!(gathered(0, &places()).await, 1);
        assert_eq!(
            gathered(10, &places()).await,
            1,
            "the committer has taken what was there before"
        );
    }

    #[tokio::test]
    async fn a_batch_beside_another_fills_up_and_no_further() {
        let places = places();
        let _taken = places.acquire().await.unwrap();
        assert_eq!(gathered(MAX_BATCH + 9, &places).await, MAX_BATCH);
    }

    #[tokio::test]
    async fn a_commit_that_hangs_holds_a_batch_up_for_a_moment_only() {
        let places = places();
        let _taken = places.acquire().await.unwrap();
        assert_eq!(gathered(3, &places).await, 4);
        assert_eq!(
            places.available_permits(),
            BATCHES_IN_FLIGHT as usize - 1,
            "no place is kept"
        );
    }
}
