//! A provider that does what a test tells it, and that counts jobs by client reference, as an honest
//! upstream would.

use std::collections::{BTreeMap, VecDeque};

use async_trait::async_trait;
use bytes::Bytes;
use domain::blobs::stream_of;
use domain::credentials::AccountFacts;
use domain::error::TaskErrorCode;
use domain::provider::{
    Account, Callback, Jam, Job, Look, Lookup, Manifest, MediaForm, Output, OutputSource, Outputs, Provider,
    Receipt, Reconciled, Stopped, Submitted, UpstreamError, Wire,
};
use domain::{MediaKind, Micros, Millis, Operation, TaskError};
use parking_lot::Mutex;

use crate::sample;

/// How the next submit goes.
#[derive(Debug, Clone, PartialEq)]
pub enum OnSubmit {
    /// The job is taken and a receipt given.
    Accept,
    /// The job is taken and the reply is lost.
    AcceptAndLoseReply,
    /// Nothing arrives and nobody can tell.
    LoseRequest,
    /// Nothing is taken: too many.
    Busy(Option<u64>),
    /// Nothing is taken, for another reason.
    Jam(Jam),
    /// Nothing is taken, and never will be.
    Refuse,
    /// The results come with the answer.
    Done,
    /// The job is taken and the answer never comes.
    Hang,
}

/// How the next look goes.
#[derive(Debug, Clone, PartialEq)]
pub enum OnLook {
    /// It goes on.
    Running(Option<u8>),
    /// Done, with so many streamed files.
    Done(usize),
    /// Done, with one file behind this link.
    DoneAt(String),
    /// The vendor failed.
    Fail,
    /// The job is gone.
    Lose,
    /// A word that nobody knows.
    Word(&'static str),
    /// The answer says nothing of the job.
    Miss,
    /// The look itself fails.
    Error,
    /// The upstream wants to be left alone for so many milliseconds.
    Later(u64),
    /// The answer never comes.
    Hang,
}

#[derive(Default)]
struct World {
    submits: VecDeque<OnSubmit>,
    looks: VecDeque<OnLook>,
    jobs: BTreeMap<String, u32>,
    look_count: u64,
    lookups: u64,
    cost: Option<Micros>,
    quantity: Option<u64>,
    ended_at: Option<Millis>,
    stops: bool,
    calls: u64,
    hangs: bool,
}

/// Every kind of work.
const ALL_WORK: [Operation; Operation::ALL.len()] = {
    let mut all = [Operation::TextToVideo; Operation::ALL.len()];
    let mut place = 0;
    while place < all.len() {
        all[place] = Operation::ALL[place].0;
        place += 1;
    }
    all
};

/// The scripted provider. Without a script it accepts every job and is done at the first look.
pub struct Scripted {
    manifest: Manifest,
    world: Mutex<World>,
}

/// The bytes of every file that the scripted provider delivers.
pub const CLIP: &[u8] = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom a clip of the scripted provider";

impl Scripted {
    /// A provider whose look-up by reference can be believed.
    #[must_use]
    pub fn new() -> Scripted {
        Scripted::with_lookup(Lookup::Authoritative {
            absence_bound_ms: None,
        })
    }

    /// A provider with another kind of look-up.
    #[must_use]
    pub fn with_lookup(lookup: Lookup) -> Scripted {
        let manifest = Manifest {
            name: "scripted",
            about: "does what a test tells it",
            documentation: "",
            logins: &[],
            slots: 8,
            calls_back: true,
            models: &[],
            operations: &[Operation::TextToVideo, Operation::ImageToVideo],
            extras: &[],
            media: MediaForm::Bytes,
            lookup,
            can_cancel: true,
            poll_batch: 20,
            poll_interval_ms: 1_000,
            submit_timeout_ms: 200,
            deadline_ms: None,
        };
        Scripted {
            manifest,
            world: Mutex::new(World::default()),
        }
    }

    /// A provider that does every kind of work.
    #[must_use]
    pub fn of_all_work() -> Scripted {
        let mut scripted = Scripted::new();
        scripted.manifest.operations = &ALL_WORK;
        scripted
    }

    /// An account at this provider.
    #[must_use]
    pub fn account(slots: u32) -> Account {
        Account {
            name: "scripted-main".to_owned(),
            provider: "scripted".to_owned(),
            slots,
            ..Account::default()
        }
    }

    /// Appends to the script of submits.
    pub fn on_submit(&self, script: impl IntoIterator<Item = OnSubmit>) {
        self.world.lock().submits.extend(script);
    }

    /// Appends to the script of looks.
    pub fn on_look(&self, script: impl IntoIterator<Item = OnLook>) {
        self.world.lock().looks.extend(script);
    }

    /// What every result costs the house from now on.
    pub fn costs(&self, cost: Micros) {
        self.world.lock().cost = Some(cost);
    }

    /// The quantity that every result reports from now on.
    pub fn reports_quantity(&self, quantity: u64) {
        self.world.lock().quantity = Some(quantity);
    }

    /// When every job ended by the upstream's clock, from now on.
    pub fn ended_at(&self, ended_at: Millis) {
        self.world.lock().ended_at = Some(ended_at);
    }

    /// Whether stop requests succeed from now on.
    pub fn stops(&self, stops: bool) {
        self.world.lock().stops = stops;
    }

    /// Whether stop requests and look-ups hang from now on.
    pub fn hangs(&self, hangs: bool) {
        self.world.lock().hangs = hangs;
    }

    /// How many submits and calls to look there were.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.world.lock().calls
    }

    async fn hang_if_told(&self) {
        if self.world.lock().hangs {
            std::future::pending::<()>().await;
        }
    }

    /// How many jobs were taken, in all and at most for one client reference.
    #[must_use]
    pub fn jobs(&self) -> (u32, u32) {
        let world = self.world.lock();
        (
            world.jobs.values().sum(),
            world.jobs.values().copied().max().unwrap_or(0),
        )
    }

    /// How many jobs were looked at.
    #[must_use]
    pub fn look_count(&self) -> u64 {
        self.world.lock().look_count
    }

    /// How many look-ups by reference were made.
    #[must_use]
    pub fn lookup_count(&self) -> u64 {
        self.world.lock().lookups
    }

    /// Forgets every job, as an upstream that was set back would.
    pub fn forget_jobs(&self) {
        self.world.lock().jobs.clear();
    }

    fn take_job(&self, job: &Job) -> Receipt {
        *self.world.lock().jobs.entry(job.client_ref.clone()).or_default() += 1;
        Receipt(format!("up-{}", job.client_ref))
    }

    fn outputs(&self, sources: Vec<OutputSource>) -> Outputs {
        let world = self.world.lock();
        let files = sources.into_iter().enumerate().map(|(n, source)| Output {
            kind: MediaKind::Video,
            source,
            facts: sample::facts(),
            vendor_ref: Some(format!("vendor-clip-{n}")),
            marked_copy_of: None,
        });
        Outputs {
            files: files.collect(),
            quantity: world.quantity,
            cost: world.cost,
            ended_at: world.ended_at,
            findings: None,
        }
    }

    fn streams(&self, count: usize) -> Outputs {
        let stream = |_| OutputSource::Stream(stream_of(Bytes::from_static(CLIP)));
        self.outputs((0..count).map(stream).collect())
    }

    /// One look; none when its answer never comes.
    fn look(&self) -> Result<Option<Look>, UpstreamError> {
        let next = {
            let mut world = self.world.lock();
            world.look_count += 1;
            world.looks.pop_front().unwrap_or(OnLook::Done(1))
        };
        Ok(Some(match next {
            OnLook::Running(percent) => Look::Running(percent),
            OnLook::Done(count) => Look::Done(self.streams(count)),
            OnLook::DoneAt(url) => Look::Done(self.outputs(vec![OutputSource::Link(url)])),
            OnLook::Fail => Look::Failed(TaskError {
                vendor_code: Some(1301),
                ..TaskError::new(TaskErrorCode::Policy, "Failure to pass the risk control system")
            }),
            OnLook::Lose => Look::Lost,
            OnLook::Word(word) => Look::UnknownWord(word.to_owned()),
            OnLook::Miss => Look::Unseen("the answer has no such task".to_owned()),
            OnLook::Error => return Err(UpstreamError::Unknown("connection reset".to_owned())),
            OnLook::Later(wait_ms) => {
                return Err(UpstreamError::Busy {
                    jam: Jam::Rate,
                    reason: "too many calls".to_owned(),
                    retry_after_ms: Some(wait_ms),
                });
            }
            OnLook::Hang => return Ok(None),
        }))
    }
}

impl Default for Scripted {
    fn default() -> Scripted {
        Scripted::new()
    }
}

#[async_trait]
impl Provider for Scripted {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    async fn submit(&self, job: &Job, _wire: &Wire) -> Result<Submitted, UpstreamError> {
        self.world.lock().calls += 1;
        let next = self.world.lock().submits.pop_front().unwrap_or(OnSubmit::Accept);
        match next {
            OnSubmit::Accept => Ok(Submitted::Accepted(self.take_job(job))),
            OnSubmit::AcceptAndLoseReply => {
                self.take_job(job);
                Err(UpstreamError::Unknown("the reply was lost".to_owned()))
            }
            OnSubmit::LoseRequest => Err(UpstreamError::Unknown("reset after the first byte".to_owned())),
            OnSubmit::Busy(retry_after_ms) => Err(UpstreamError::Busy {
                jam: Jam::Slots,
                reason: "too many parallel tasks".to_owned(),
                retry_after_ms,
            }),
            OnSubmit::Jam(jam) => Err(UpstreamError::Busy {
                jam,
                reason: format!("a jam: {jam:?}"),
                retry_after_ms: None,
            }),
            OnSubmit::Refuse => Err(UpstreamError::Refused(TaskError {
                vendor_code: Some(1201),
                ..TaskError::new(TaskErrorCode::Refused, "a parameter is illegal")
            })),
            OnSubmit::Done => Ok(Submitted::Done(self.take_job(job), self.streams(1))),
            OnSubmit::Hang => {
                self.take_job(job);
                std::future::pending().await
            }
        }
    }

    async fn poll(&self, jobs: &[Job], _wire: &Wire) -> Result<Vec<Look>, UpstreamError> {
        self.world.lock().calls += 1;
        let looks: Vec<Option<Look>> = jobs.iter().map(|_| self.look()).collect::<Result<_, _>>()?;
        match looks.into_iter().collect() {
            Some(looks) => Ok(looks),
            None => std::future::pending().await,
        }
    }

    async fn cancel(&self, _job: &Job, _wire: &Wire) -> Result<Stopped, UpstreamError> {
        self.hang_if_told().await;
        Ok(if self.world.lock().stops {
            Stopped::Stopped
        } else {
            Stopped::GoesOn
        })
    }

    async fn reconcile(&self, job: &Job, _wire: &Wire) -> Result<Reconciled, UpstreamError> {
        self.world.lock().lookups += 1;
        self.hang_if_told().await;
        let world = self.world.lock();
        if self.manifest.lookup == Lookup::None {
            return Ok(Reconciled::NoLookup);
        }
        Ok(match world.jobs.contains_key(&job.client_ref) {
            true => Reconciled::Found(Receipt(format!("up-{}", job.client_ref))),
            false => Reconciled::Absent,
        })
    }

    fn hint(&self, callback: &Callback<'_>, _account: &Account) -> Option<Receipt> {
        std::str::from_utf8(callback.body)
            .ok()
            .map(|text| Receipt(text.to_owned()))
    }

    async fn check(&self, _wire: &Wire) -> Result<AccountFacts, UpstreamError> {
        Ok(AccountFacts {
            note: "does what a test tells it".to_owned(),
            packs: Vec::new(),
        })
    }
}
