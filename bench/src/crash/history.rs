//! What was seen in one round, and the judge of it. Pure: nothing here talks to a gateway, so that a test can hand
//! it a bad history and see it found.

use std::collections::HashMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::gateway::Books;

/// Every finished task has at least its hold and its charge in the books.
const LINES_PER_FINISHED_TASK: u64 = 2;

/// What a read of a task's state said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Word {
    /// The task is not known.
    Absent,
    /// It waits.
    Queued,
    /// It is in work.
    InProgress,
    /// It is done and kept.
    Completed,
    /// It is not done and never will be.
    Failed,
    /// Something that the dialect has no word for.
    Strange(String),
}

impl Word {
    /// Reads a status of the unified dialect.
    #[must_use]
    pub(crate) fn parse(word: &str) -> Word {
        match word {
            "queued" => Word::Queued,
            "in_progress" => Word::InProgress,
            "completed" => Word::Completed,
            "failed" => Word::Failed,
            other => Word::Strange(other.to_owned()),
        }
    }

    /// Whether it is the end of a task.
    #[must_use]
    pub(crate) fn is_final(&self) -> bool {
        matches!(self, Word::Completed | Word::Failed)
    }
}

/// One read of a task's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    /// In which part of the round it was said, from 1: one for each life of the gateway, and for each time that the
    /// database went away beneath it.
    pub life: u32,
    /// What it said.
    pub word: Word,
}

/// One wish, sent as often as it took to get an answer, always under the same idempotency key.
#[derive(Debug, Clone, Default)]
pub(crate) struct Submission {
    /// The idempotency key.
    pub key: String,
    /// How often it was sent before an answer came.
    pub sent: u32,
    /// How often it was sent and no trustworthy answer came.
    pub unanswered: u32,
    /// Every task id that an answer named, in order.
    pub answers: Vec<String>,
    /// Answers that were refusals.
    pub refusals: Vec<String>,
    /// Reads of its state, in order.
    pub seen: Vec<Seen>,
    /// The download of its file: bytes, or what was wrong.
    pub file: Option<Result<u64, String>>,
}

impl Submission {
    /// The id that was acknowledged, if any was.
    #[must_use]
    pub(crate) fn task_id(&self) -> Option<&str> {
        self.answers.first().map(String::as_str)
    }

    /// Notes a read, once for each word and life.
    pub(crate) fn see(&mut self, life: u32, word: Word) {
        let seen = Seen { life, word };
        if self.seen.last() != Some(&seen) {
            self.seen.push(seen);
        }
    }

    /// Whether the last read was the end.
    #[must_use]
    pub(crate) fn is_final(&self) -> bool {
        self.seen.last().is_some_and(|seen| seen.word.is_final())
    }
}

/// One job that the vendor took.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Made {
    /// The reference that it came with.
    pub reference: String,
    /// The words that it came with.
    pub prompt: String,
    /// How often the same reference was sent again after the job was taken.
    pub again: u32,
}

/// Everything that was seen in one round.
#[derive(Debug, Clone, Default)]
pub(crate) struct History {
    /// The words of the wishes that the vendor makes.
    pub vendors: Vec<String>,
    /// The jobs that the vendor took.
    pub made: Vec<Made>,
    /// How often the vendor was asked for more jobs at once than it allows.
    pub over_limit: u64,
    /// The wishes.
    pub submissions: Vec<Submission>,
    /// Tasks that were in the database before the round.
    pub tasks_before: u64,
    /// The books after the round, each time they were asked for; or why they could not be read.
    pub books: Vec<Result<Books, String>>,
    /// What else went wrong, such as a gateway that died by itself or a round that took too long.
    pub mishaps: Vec<String>,
}

/// What kind of promise was broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Breach {
    /// An acknowledged task is gone, or did not come to its good end.
    Lost,
    /// One wish became more than one task.
    Doubled,
    /// A state went back where it may not.
    Backward,
    /// The books are not exact.
    Drift,
    /// Anything else: refusals, deaths, time-outs.
    Other,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Breach::Lost => "lost",
            Breach::Doubled => "doubled",
            Breach::Backward => "backward",
            Breach::Drift => "drift",
            Breach::Other => "other",
        })
    }
}

/// One broken promise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fault {
    /// Of which kind.
    pub breach: Breach,
    /// What exactly, in one sentence.
    pub what: String,
}

/// The judgement of a round.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Verdict {
    /// Wishes that got a task id.
    pub acknowledged: u64,
    /// Sends that got no trustworthy answer.
    pub unanswered: u64,
    /// Sends after a first one that got no answer.
    pub resent: u64,
    /// Tasks that went from work back to the queue because a crash took the work away, which is allowed.
    pub requeued: u64,
    /// Files that were downloaded whole.
    pub files: u64,
    /// Ledger lines in the books.
    pub lines: u64,
    /// Jobs that the vendor took.
    #[serde(default)]
    pub jobs: u64,
    /// Broken promises.
    pub faults: Vec<Fault>,
}

impl Verdict {
    /// How many promises of one kind were broken.
    #[must_use]
    pub(crate) fn count(&self, breach: Breach) -> usize {
        self.faults.iter().filter(|fault| fault.breach == breach).count()
    }

    fn fault(&mut self, breach: Breach, what: String) {
        self.faults.push(Fault { breach, what });
    }
}

/// Judges a round.
#[must_use]
pub(crate) fn check(history: &History) -> Verdict {
    let mut verdict = Verdict::default();
    for mishap in &history.mishaps {
        verdict.fault(Breach::Other, mishap.clone());
    }
    for submission in &history.submissions {
        check_submission(submission, &mut verdict);
    }
    check_sharing(history, &mut verdict);
    check_books(history, &mut verdict);
    check_vendor(history, &mut verdict);
    verdict
}

/// One wish, one job at the vendor: counted by its words, which nobody but the client chose, and by its reference.
fn check_vendor(history: &History, verdict: &mut Verdict) {
    verdict.jobs = history.made.len() as u64;
    let mut counts: HashMap<&str, usize> = history.vendors.iter().map(|words| (words.as_str(), 0)).collect();
    for made in &history.made {
        match counts.get_mut(made.prompt.as_str()) {
            Some(count) => *count += 1,
            None => verdict.fault(
                Breach::Other,
                format!("the vendor made `{}`, which nobody asked for", made.prompt),
            ),
        }
        if made.again > 0 {
            let what = format!(
                "{} was sent again {} times after it was taken",
                made.reference, made.again
            );
            verdict.fault(Breach::Doubled, what);
        }
    }
    let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
    counts.sort_unstable();
    for (words, count) in counts {
        match count {
            0 => verdict.fault(Breach::Lost, format!("the vendor was never asked for `{words}`")),
            1 => {}
            many => verdict.fault(Breach::Doubled, format!("the vendor made `{words}` {many} times")),
        }
    }
    if history.over_limit > 0 {
        let what = format!(
            "the vendor was asked for too many jobs at once, {} times",
            history.over_limit
        );
        verdict.fault(Breach::Other, what);
    }
}

fn check_submission(submission: &Submission, verdict: &mut Verdict) {
    let key = &submission.key;
    verdict.unanswered += u64::from(submission.unanswered);
    verdict.resent += u64::from(submission.sent.saturating_sub(1));
    for refusal in &submission.refusals {
        verdict.fault(Breach::Other, format!("`{key}` was refused: {refusal}"));
    }
    let Some(task_id) = submission.task_id() else {
        // Without an answer nothing was promised; but a round re-sends until an answer comes.
        verdict.fault(Breach::Other, format!("`{key}` never got an answer"));
        return;
    };
    verdict.acknowledged += 1;
    if let Some(other) = submission.answers.iter().find(|answer| *answer != task_id) {
        verdict.fault(Breach::Doubled, format!("`{key}` is both {task_id} and {other}"));
    }
    check_words(task_id, &submission.seen, verdict);
    match submission.seen.last().map(|seen| &seen.word) {
        Some(Word::Completed) => check_file(task_id, submission.file.as_ref(), verdict),
        Some(last) => verdict.fault(Breach::Lost, format!("{task_id} ended as {last:?}")),
        None => verdict.fault(Breach::Lost, format!("{task_id} was acknowledged and never seen")),
    }
}

fn check_file(task_id: &str, file: Option<&Result<u64, String>>, verdict: &mut Verdict) {
    match file {
        Some(Ok(_)) => verdict.files += 1,
        Some(Err(why)) => verdict.fault(Breach::Lost, format!("the file of {task_id}: {why}")),
        None => verdict.fault(Breach::Lost, format!("the file of {task_id} was not downloaded")),
    }
}

/// Words only go forward, with one exception: what was in work when a process died may be queued again by the next,
/// once. So a task goes back to `queued` only as long as this life has shown nothing of it but `in_progress`.
fn check_words(task_id: &str, seen: &[Seen], verdict: &mut Verdict) {
    if seen.iter().any(|seen| seen.word == Word::Absent) {
        verdict.fault(
            Breach::Lost,
            format!("{task_id} was acknowledged and not known later"),
        );
    }
    let known: Vec<&Seen> = seen.iter().filter(|seen| seen.word != Word::Absent).collect();
    for (at, now) in known.iter().enumerate() {
        if let Word::Strange(word) = &now.word {
            verdict.fault(Breach::Other, format!("{task_id} is `{word}`"));
        }
        let Some(before) = at.checked_sub(1).map(|at| known[at]) else {
            continue;
        };
        let back = match (&before.word, &now.word) {
            (Word::InProgress, Word::Queued) => {
                let mut of_this_life = known[..at].iter().filter(|seen| seen.life == now.life);
                let by_crash = now.life > 1 && of_this_life.all(|seen| seen.word == Word::InProgress);
                verdict.requeued += u64::from(by_crash);
                !by_crash
            }
            (Word::Completed | Word::Failed, word) => *word != before.word,
            _ => now.life < before.life,
        };
        if back {
            let what = format!(
                "{task_id} went from {:?} (life {}) to {:?} (life {})",
                before.word, before.life, now.word, now.life
            );
            verdict.fault(Breach::Backward, what);
        }
    }
}

/// Two wishes under two keys are two tasks.
fn check_sharing(history: &History, verdict: &mut Verdict) {
    let mut owners: HashMap<&str, &str> = HashMap::new();
    for submission in &history.submissions {
        let Some(task_id) = submission.task_id() else {
            continue;
        };
        if let Some(other) = owners.insert(task_id, &submission.key) {
            let what = format!("`{other}` and `{}` are both {task_id}", submission.key);
            verdict.fault(Breach::Lost, what);
        }
    }
}

fn check_books(history: &History, verdict: &mut Verdict) {
    if history.books.is_empty() {
        verdict.fault(Breach::Drift, "the books were never read".to_owned());
    }
    for books in &history.books {
        match books {
            Err(why) => verdict.fault(Breach::Drift, format!("the books cannot be read: {why}")),
            Ok(books) => check_ledger(books, history, verdict),
        }
    }
    let read: Vec<&Books> = history.books.iter().flatten().collect();
    verdict.lines = read.last().map_or(0, |books| books.lines);
    if read.windows(2).any(|pair| pair[0] != pair[1]) {
        verdict.fault(
            Breach::Drift,
            format!("the books differ between two looks: {read:?}"),
        );
    }
}

fn check_ledger(books: &Books, history: &History, verdict: &mut Verdict) {
    for fault in &books.faults {
        verdict.fault(Breach::Drift, fault.clone());
    }
    if books.sum_micros != 0 {
        verdict.fault(
            Breach::Drift,
            format!("the sum over all pockets is {}", books.sum_micros),
        );
    }
    let least = books.finished_tasks * LINES_PER_FINISHED_TASK + books.open_tasks;
    if books.lines == 0 || books.lines < least {
        let what = format!("{} lines in the books, at least {least} expected", books.lines);
        verdict.fault(Breach::Drift, what);
    }
    let expected = history.tasks_before + history.submissions.len() as u64;
    let found = books.finished_tasks + books.open_tasks;
    if found > expected {
        verdict.fault(
            Breach::Doubled,
            format!("{found} tasks in the books, {expected} wishes"),
        );
    }
    if found < expected {
        verdict.fault(
            Breach::Lost,
            format!("{found} tasks in the books, {expected} wishes"),
        );
    }
    if books.open_tasks > 0 {
        verdict.fault(
            Breach::Lost,
            format!("{} tasks in the books are not final", books.open_tasks),
        );
    }
}

#[cfg(test)]
mod tests;
