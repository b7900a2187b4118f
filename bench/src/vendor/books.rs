//! What the scripted vendor keeps: every job that it took, by its own name, by the reference that it came with, and by
//! its words. Pure.

use std::time::Duration;

use crate::stopwatch::Stopwatch;

/// One job that was taken.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    /// The vendor's name for it.
    pub id: String,
    /// The reference that it came with.
    pub reference: String,
    /// The words that it came with.
    pub prompt: String,
    /// How often the same reference was sent again after the job was taken.
    pub again: u32,
    /// Where its end is told, if anywhere.
    pub callback_url: Option<String>,
    /// Whether it came by the new standard.
    pub is_standard: bool,
    since: Stopwatch,
    lasts: Duration,
    hidden: Duration,
}

impl Job {
    /// Whether it still takes a slot.
    #[must_use]
    pub(crate) fn is_live(&self) -> bool {
        self.since.elapsed() < self.lasts
    }

    /// Whether a look-up by reference finds it yet.
    #[must_use]
    pub(crate) fn is_found(&self) -> bool {
        self.since.elapsed() >= self.hidden
    }

    /// How long it takes, from its beginning.
    #[must_use]
    pub(crate) fn lasts(&self) -> Duration {
        self.lasts
    }
}

/// What a create asks for.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    /// The reference.
    pub reference: String,
    /// The words.
    pub prompt: String,
    /// Where the end is to be told.
    pub callback_url: Option<String>,
    /// Whether it came by the new standard.
    pub is_standard: bool,
}

/// Everything that was taken.
#[derive(Debug, Default)]
pub(crate) struct Books {
    jobs: Vec<Job>,
    /// How often a job was asked for while every slot was taken.
    pub over_limit: u64,
}

impl Books {
    /// Every job.
    #[must_use]
    pub(crate) fn jobs(&self) -> &[Job] {
        &self.jobs
    }

    /// The job with a reference, counted as asked for again.
    pub(crate) fn again(&mut self, reference: &str) -> bool {
        let known = self.jobs.iter_mut().find(|job| job.reference == reference);
        known.map(|job| job.again += 1).is_some()
    }

    /// How many slots are taken.
    #[must_use]
    pub(crate) fn live(&self) -> usize {
        self.jobs.iter().filter(|job| job.is_live()).count()
    }

    /// Takes a job.
    pub(crate) fn take(&mut self, wish: &Wish, lasts: Duration, hidden: Duration) -> &Job {
        let id = format!("9{:011}", self.jobs.len() + 1);
        self.jobs.push(Job {
            id,
            reference: wish.reference.clone(),
            prompt: wish.prompt.clone(),
            again: 0,
            callback_url: wish.callback_url.clone(),
            is_standard: wish.is_standard,
            since: Stopwatch::start(),
            lasts,
            hidden,
        });
        &self.jobs[self.jobs.len() - 1]
    }

    /// A job by the vendor's name for it.
    #[must_use]
    pub(crate) fn by_id(&self, id: &str) -> Option<&Job> {
        self.jobs.iter().find(|job| job.id == id)
    }

    /// A job by its reference, once look-ups show it.
    #[must_use]
    pub(crate) fn by_reference(&self, reference: &str) -> Option<&Job> {
        let mut found = self.jobs.iter().filter(|job| job.reference == reference);
        found.find(|job| job.is_found())
    }
}
