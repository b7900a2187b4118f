//! The way out of a process in a run: every request flies to the scripted vendor, and what becomes of it and
//! of its reply is the driver's business. Also the provider as a run may break it.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use async_trait::async_trait;
use domain::blobs::stream_of;
use domain::credentials::AccountFacts;
use domain::error::TaskErrorCode;
use domain::provider::{
    Account, Callback, Jam, Job, Look, Lookup, Manifest, Receipt, Reconciled, Stopped, Submitted,
    UpstreamError, Wire,
};
use domain::transport::{OutReply, OutRequest, TransportError};
use domain::{Provider, TaskError, Transport};
use parking_lot::Mutex;

use super::sabotage::Sabotage;
use super::world::{Kind, Verdict, World};

/// One process's way out.
pub(crate) struct Outside {
    pub(crate) world: Arc<World>,
    pub(crate) process: usize,
}

#[async_trait]
impl Transport for Outside {
    async fn send(&self, request: OutRequest) -> Result<OutReply, TransportError> {
        let path = request.url.splitn(4, '/').nth(3).unwrap_or_default().to_owned();
        let label = format!("{} /{path}", request.method);
        let verdict = self
            .world
            .pass(self.process, Kind::Depart, || format!("sends {label}"))
            .await;
        if verdict != Verdict::Go {
            return Err(TransportError::NotSent("connection refused".to_owned()));
        }
        let letter = self.world.fly(self.process, request, label).await?;
        let body = match letter.cut {
            false => stream_of(letter.body),
            true => {
                let half = letter.body.slice(..letter.body.len() / 2);
                let broken = io::Error::from(io::ErrorKind::ConnectionReset);
                Box::pin(futures_util::stream::iter([Ok(half), Err(broken)]))
            }
        };
        Ok(OutReply {
            status: letter.status,
            headers: Vec::new(),
            body,
        })
    }
}

/// The real provider, or what sabotage makes of it.
pub(crate) struct Broken {
    inner: Arc<dyn Provider>,
    manifest: Manifest,
    sabotage: Option<Sabotage>,
    attempts: Mutex<BTreeMap<String, u32>>,
}

impl Broken {
    pub(crate) fn new(inner: Arc<dyn Provider>, sabotage: Option<Sabotage>) -> Arc<Broken> {
        let mut manifest = inner.manifest().clone();
        if sabotage == Some(Sabotage::BelieveAbsentAtOnce) {
            manifest.lookup = Lookup::Authoritative {
                absence_bound_ms: Some(0),
            };
        }
        Arc::new(Broken {
            inner,
            manifest,
            sabotage,
            attempts: Mutex::default(),
        })
    }

    fn job(&self, job: &Job) -> Job {
        let mut job = job.clone();
        if self.sabotage == Some(Sabotage::ReferenceEachAttempt) {
            let mut attempts = self.attempts.lock();
            let attempt = attempts.entry(job.client_ref.clone()).or_default();
            *attempt += 1;
            job.client_ref = format!("{}-{attempt}", job.client_ref);
        }
        job
    }
}

#[async_trait]
impl Provider for Broken {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    async fn submit(&self, job: &Job, wire: &Wire) -> Result<Submitted, UpstreamError> {
        let submitted = self.inner.submit(&self.job(job), wire).await;
        submitted.map_err(|error| match (self.sabotage, error) {
            (Some(Sabotage::ResubmitInDoubt), UpstreamError::Unknown(reason)) => UpstreamError::Busy {
                jam: Jam::Here,
                reason,
                retry_after_ms: None,
            },
            (Some(Sabotage::RefuseInDoubt), UpstreamError::Unknown(why)) => {
                UpstreamError::Refused(TaskError::new(TaskErrorCode::Refused, why))
            }
            (_, error) => error,
        })
    }

    async fn poll(&self, jobs: &[Job], wire: &Wire) -> Result<Vec<Look>, UpstreamError> {
        let looks = self.inner.poll(jobs, wire).await;
        if self.sabotage != Some(Sabotage::FailUnseen) {
            return looks;
        }
        let failed = || Look::Failed(TaskError::new(TaskErrorCode::ProviderFailed, "nothing was seen"));
        Ok(match looks {
            Ok(looks) => looks
                .into_iter()
                .map(|look| match look {
                    Look::Unseen(_) => failed(),
                    look => look,
                })
                .collect(),
            Err(_) => jobs.iter().map(|_| failed()).collect(),
        })
    }

    async fn cancel(&self, job: &Job, wire: &Wire) -> Result<Stopped, UpstreamError> {
        self.inner.cancel(job, wire).await
    }

    async fn reconcile(&self, job: &Job, wire: &Wire) -> Result<Reconciled, UpstreamError> {
        self.inner.reconcile(job, wire).await
    }

    fn hint(&self, callback: &Callback<'_>, account: &Account) -> Option<Receipt> {
        self.inner.hint(callback, account)
    }

    async fn check(&self, wire: &Wire) -> Result<AccountFacts, UpstreamError> {
        self.inner.check(wire).await
    }
}
