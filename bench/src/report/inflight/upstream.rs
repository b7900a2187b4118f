//! The scripted upstream: answers looks in batches after a while, and ends all jobs at one moment. Counts what it is asked.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use domain::blobs::stream_of;
use domain::credentials::AccountFacts;
use domain::provider::{
    Account, Callback, Job, Look, Lookup, Manifest, MediaForm, Output, OutputSource, Outputs, Provider,
    Receipt, Reconciled, Stopped, Submitted, UpstreamError, Wire,
};
use domain::{MediaKind, Operation};
use parking_lot::Mutex;

use crate::stopwatch::Stopwatch;

/// Most jobs in one look.
pub(super) const BATCH: usize = 20;
/// How long each call takes.
pub(super) const CALL_MS: u64 = 20;

/// How it behaves.
pub(super) struct Manner {
    /// Between two looks at a job.
    pub(super) interval_ms: u64,
    /// When all jobs are done, after the beginning; none: never.
    pub(super) ends_after: Option<Duration>,
}

/// What it was asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counts {
    pub(super) calls: u64,
    pub(super) jobs: u64,
}

impl Counts {
    pub(super) fn since(self, before: Counts) -> Counts {
        Counts {
            calls: self.calls - before.calls,
            jobs: self.jobs - before.jobs,
        }
    }
}

pub(super) struct Upstream {
    manifest: Manifest,
    ends_after: Option<Duration>,
    begun: Mutex<Option<Stopwatch>>,
    calls: AtomicU64,
    jobs: AtomicU64,
    seen: Mutex<Vec<Duration>>,
}

impl Upstream {
    pub(super) fn new(manner: Manner) -> Upstream {
        Upstream {
            manifest: Manifest {
                name: "scripted",
                about: "answers looks in batches",
                documentation: "",
                logins: &[],
                slots: 1,
                calls_back: false,
                models: &[],
                operations: &[Operation::TextToVideo],
                extras: &[],
                media: MediaForm::Bytes,
                lookup: Lookup::None,
                can_cancel: false,
                poll_batch: BATCH,
                poll_interval_ms: manner.interval_ms,
                submit_timeout_ms: 30_000,
                deadline_ms: None,
            },
            ends_after: manner.ends_after,
            begun: Mutex::new(None),
            calls: AtomicU64::new(0),
            jobs: AtomicU64::new(0),
            seen: Mutex::new(Vec::new()),
        }
    }

    /// Time goes by from now on.
    pub(super) fn begin(&self) {
        *self.begun.lock() = Some(Stopwatch::start());
    }

    pub(super) fn counts(&self) -> Counts {
        Counts {
            calls: self.calls.load(Ordering::Relaxed),
            jobs: self.jobs.load(Ordering::Relaxed),
        }
    }

    /// How long after their end jobs were first seen, the soonest first.
    pub(super) fn seen_after(&self) -> Vec<Duration> {
        let mut seen = self.seen.lock().clone();
        seen.sort_unstable();
        seen
    }

    fn since_end(&self) -> Option<Duration> {
        let begun = (*self.begun.lock())?;
        begun.elapsed().checked_sub(self.ends_after?)
    }
}

fn clip() -> Look {
    let clip = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom a clip of the scripted upstream";
    Look::Done(Outputs {
        files: vec![Output {
            kind: MediaKind::Video,
            source: OutputSource::Stream(stream_of(Bytes::from_static(clip))),
            facts: testkit::sample::facts(),
            vendor_ref: None,
            marked_copy_of: None,
        }],
        findings: None,
        quantity: None,
        cost: None,
        ended_at: None,
    })
}

fn none<T>() -> Result<T, UpstreamError> {
    Err(UpstreamError::Unknown(
        "the scripted upstream only answers looks".to_owned(),
    ))
}

#[async_trait]
impl Provider for Upstream {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    async fn submit(&self, _job: &Job, _wire: &Wire) -> Result<Submitted, UpstreamError> {
        none()
    }

    async fn poll(&self, jobs: &[Job], _wire: &Wire) -> Result<Vec<Look>, UpstreamError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.jobs.fetch_add(jobs.len() as u64, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(CALL_MS)).await;
        let Some(since_end) = self.since_end() else {
            return Ok(jobs.iter().map(|_| Look::Running(None)).collect());
        };
        self.seen.lock().extend(jobs.iter().map(|_| since_end));
        Ok(jobs.iter().map(|_| clip()).collect())
    }

    async fn cancel(&self, _job: &Job, _wire: &Wire) -> Result<Stopped, UpstreamError> {
        Ok(Stopped::GoesOn)
    }

    async fn reconcile(&self, _job: &Job, _wire: &Wire) -> Result<Reconciled, UpstreamError> {
        Ok(Reconciled::NoLookup)
    }

    fn hint(&self, _callback: &Callback<'_>, _account: &Account) -> Option<Receipt> {
        None
    }

    async fn check(&self, _wire: &Wire) -> Result<AccountFacts, UpstreamError> {
        none()
    }
}
