//! Requests a minute: how often keys and tenants come, against what they may. Each holder has a bucket
//! that holds a minute's requests and fills evenly (GCRA, by the `governor` crate, on the clock of the
//! house). Where several processes serve one database, they tell each other what they let through. Which
//! answers show it is decided in `front/visit.rs`.

use std::collections::{BTreeMap, VecDeque};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use domain::limits::{Hit, Holder, Limit};
use domain::store::{RateTaken, Registry, StoreError};
use domain::{Clock, Id, Refusal};
use governor::middleware::StateInformationMiddleware;
use governor::nanos::Nanos;
use governor::state::{NotKeyed, RateLimiter, StateStore};
use governor::{Quota, clock};
use http::{HeaderMap, HeaderValue};
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use parking_lot::Mutex;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::gate::Caller;

/// Buckets that are remembered at once; the one that was used longest ago goes first. A bucket takes some
/// 300 bytes.
const BUCKETS_MAX: u64 = 50_000;
/// What nobody used for so long is full again: a bucket fills within a minute.
const BUCKET_LIFE: Duration = Duration::from_secs(90);
/// Time between two exchanges with the other processes.
const EXCHANGE: Duration = Duration::from_millis(250);
/// Most holders in one exchange; further ones go with the next.
const EXCHANGE_MAX: usize = 1_000;
/// Most buckets that are heard of without anything to tell.
const HEARING_MAX: usize = 50_000;
/// The minute of `requests_per_minute`.
const MINUTE: Duration = Duration::from_secs(60);

const NANOS_A_MILLISECOND: u64 = 1_000_000;
const NANOS_A_MICROSECOND: u64 = 1_000;

/// Knows how often every holder came of late.
pub struct Rates {
    clock: Arc<dyn Clock>,
    buckets: Cache<Id, Arc<Bucket>>,
    /// The buckets from which something was taken since the last exchange.
    touched: Mutex<Vec<Arc<Bucket>>>,
    /// The buckets that are not full again: what others take from them must be heard of, whether or not
    /// something is taken here. Who waited longest is first.
    hearing: Mutex<VecDeque<Arc<Bucket>>>,
    /// One exchange at a time: whoever asks for another has the one before behind it.
    exchanging: tokio::sync::Mutex<()>,
}

/// The bucket of one holder.
struct Bucket {
    holder: Id,
    most: NonZeroU32,
    since: Since,
    level: Level,
    limiter: RateLimiter<NotKeyed, Level, Since, StateInformationMiddleware>,
}

/// How full a bucket is: when its next request would arrive if all came evenly. A bucket that goes on under
/// another limit is as full as it was.
#[derive(Clone)]
struct Level {
    cells: Arc<Cells>,
    /// When the bucket was made under its limit, in nanoseconds of the clock: its limiter counts from then.
    began: u64,
}

#[derive(Default)]
struct Cells {
    /// In nanoseconds of the clock; zero: nothing was ever taken.
    arrives: AtomicU64,
    /// What was taken since the last exchange, in nanoseconds of the holder's time.
    taken: AtomicU64,
    /// When the first of these was, in milliseconds of the clock.
    taken_from_ms: AtomicU64,
    /// Whether the bucket is among those that are heard of.
    is_heard_of: AtomicBool,
}

/// The clock of the house, from the moment at which a bucket was made under its limit.
#[derive(Clone)]
struct Since {
    clock: Arc<dyn Clock>,
    began_ms: u64,
}

/// What is left to a caller, for the headers of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Requests a minute.
    pub most: u32,
    /// How many may come at once now.
    pub left: u32,
    /// How long until all of them may.
    pub full_in: Duration,
}

/// Whether a request is let through, and what is left after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// What is left, where there is a limit.
    pub standing: Option<Standing>,
    /// A refusal where nothing was left.
    pub verdict: Result<(), Refusal>,
}

impl clock::Clock for Since {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        let passed_ms = self.clock.monotonic_ms().saturating_sub(self.began_ms);
        Nanos::new(passed_ms.saturating_mul(NANOS_A_MILLISECOND))
    }
}

impl StateStore for Level {
    type Key = NotKeyed;

    fn measure_and_replace<T, F, E>(&self, _key: &NotKeyed, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let arrives = &self.cells.arrives;
        let mut before = arrives.load(Ordering::Acquire);
        loop {
            let known = (before > 0).then(|| Nanos::new(before.saturating_sub(self.began)));
            let (told, after) = measure(known)?;
            let after = after.as_u64().saturating_add(self.began);
            match arrives.compare_exchange_weak(before, after, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return Ok(told),
                Err(found) => before = found,
            }
        }
    }
}

impl Bucket {
    fn new(holder: Id, most: NonZeroU32, clock: &Arc<dyn Clock>) -> Bucket {
        Bucket::at(Arc::default(), clock, (holder, most))
    }

    /// The same bucket under another limit, as full as it is: keys of one line may have different ones, and a
    /// limit that was changed gives nobody a minute anew.
    fn under(&self, most: NonZeroU32) -> Bucket {
        let cells = Arc::clone(&self.level.cells);
        Bucket::at(cells, &self.since.clock, (self.holder, most))
    }

    fn at(cells: Arc<Cells>, clock: &Arc<dyn Clock>, (holder, most): (Id, NonZeroU32)) -> Bucket {
        let since = Since {
            clock: Arc::clone(clock),
            began_ms: clock.monotonic_ms(),
        };
        let level = Level {
            cells,
            began: since.began_ms.saturating_mul(NANOS_A_MILLISECOND),
        };
        Bucket {
            holder,
            most,
            limiter: RateLimiter::new(Quota::per_minute(most), level.clone(), since.clone()),
            level,
            since,
        }
    }

    /// Takes one request; how long until there is one where there is none.
    fn take(&self) -> Result<Standing, (Standing, Duration)> {
        let taken = self.limiter.check();
        let now = clock::Clock::now(&self.since);
        let arrives = self.level.cells.arrives.load(Ordering::Acquire);
        let standing = |left| Standing {
            most: self.most.get(),
            left,
            full_in: Duration::from_nanos(arrives.saturating_sub(self.now())),
        };
        match taken {
            Ok(snapshot) => Ok(standing(snapshot.remaining_burst_capacity())),
            Err(until) => Err((standing(0), until.wait_time_from(now))),
        }
    }

    /// Puts back one that was taken and not noted.
    fn give_back(&self) {
        let arrives = &self.level.cells.arrives;
        arrives.fetch_sub(self.interval_nanos(), Ordering::AcqRel);
    }

    /// Notes one for the next exchange; whether it is the first.
    fn note(&self) -> bool {
        let cells = &self.level.cells;
        let is_first = cells.taken.fetch_add(self.interval_nanos(), Ordering::AcqRel) == 0;
        if is_first {
            let now_ms = self.since.clock.monotonic_ms();
            cells.taken_from_ms.store(now_ms, Ordering::Release);
        }
        is_first
    }

    /// In nanoseconds of the clock.
    fn now(&self) -> u64 {
        let now_ms = self.since.clock.monotonic_ms();
        now_ms.saturating_mul(NANOS_A_MILLISECOND)
    }

    fn interval_nanos(&self) -> u64 {
        u64::try_from(MINUTE.as_nanos()).unwrap_or(u64::MAX) / u64::from(self.most.get())
    }

    /// What was taken since the last exchange, and forgets it.
    fn handed_over(&self) -> RateTaken {
        let cells = &self.level.cells;
        let from_ms = cells.taken_from_ms.load(Ordering::Acquire);
        let taken = cells.taken.swap(0, Ordering::AcqRel);
        let passed_ms = self.since.clock.monotonic_ms().saturating_sub(from_ms);
        let passed_ms = if taken == 0 { 0 } else { passed_ms };
        RateTaken {
            holder: self.holder,
            weight_micros: signed(taken / NANOS_A_MICROSECOND),
            passed_micros: signed(passed_ms.saturating_mul(1_000)),
        }
    }

    /// Whether it is full again, as far as is known here.
    fn is_full(&self) -> bool {
        self.level.cells.arrives.load(Ordering::Acquire) <= self.now()
    }

    /// Takes over how far ahead all processes together are, with what was taken here meanwhile. It is
    /// never less than what is known here.
    fn catch_up(&self, ahead_micros: i64) {
        let cells = &self.level.cells;
        let meanwhile = cells.taken.load(Ordering::Acquire);
        let ahead = u64::try_from(ahead_micros).unwrap_or(0);
        let arrives = self
            .now()
            .saturating_add(ahead.saturating_mul(NANOS_A_MICROSECOND))
            .saturating_add(meanwhile);
        cells.arrives.fetch_max(arrives, Ordering::AcqRel);
    }
}

impl Rates {
    /// Full buckets for everybody.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Rates {
        let buckets = Cache::builder()
            .max_capacity(BUCKETS_MAX)
            .time_to_idle(BUCKET_LIFE)
            .eviction_policy(EvictionPolicy::lru())
            .build();
        Rates {
            clock,
            buckets,
            touched: Mutex::default(),
            hearing: Mutex::default(),
            exchanging: tokio::sync::Mutex::default(),
        }
    }

    /// Takes one request of a caller's key and of its tenant, or of neither. What is left is told of the one
    /// that has less, where any of them is limited.
    pub fn take(&self, caller: &Caller) -> Verdict {
        let mut least: Option<Standing> = None;
        let mut taken: Vec<Arc<Bucket>> = Vec::new();
        for (holder, limits) in caller.terms.guards.each() {
            let Some(most) = limits.requests_per_minute else {
                continue;
            };
            let id = match holder {
                Holder::Key => caller.holder.0,
                Holder::Tenant => caller.tenant.0,
            };
            let bucket = self.bucket(id, most);
            let one = bucket
                .as_ref()
                .map_or(Err((Standing::NOTHING, MINUTE)), |bucket| bucket.take());
            match one {
                Ok(standing) if least.is_none_or(|least| standing.left < least.left) => {
                    least = Some(standing);
                }
                Ok(_) => {}
                Err((standing, wait)) => {
                    taken.iter().for_each(|bucket| bucket.give_back());
                    return Verdict {
                        standing: Some(standing),
                        verdict: Err(too_fast(holder, most, wait)),
                    };
                }
            }
            taken.extend(bucket);
        }
        for bucket in taken {
            if bucket.note() {
                self.touched.lock().push(bucket);
            }
        }
        Verdict {
            standing: least,
            verdict: Ok(()),
        }
    }

    /// The bucket of a holder; none where nothing is allowed.
    fn bucket(&self, holder: Id, most: u32) -> Option<Arc<Bucket>> {
        let most = NonZeroU32::new(most)?;
        if let Some(bucket) = self.buckets.get(&holder)
            && bucket.most == most
        {
            return Some(bucket);
        }
        // Two who come first at once must not get a bucket each.
        let entry = self.buckets.entry(holder).and_upsert_with(|known| match known {
            Some(known) if known.value().most == most => known.into_value(),
            Some(known) => Arc::new(known.value().under(most)),
            None => Arc::new(Bucket::new(holder, most, &self.clock)),
        });
        Some(entry.into_value())
    }

    /// Tells the other processes what was let through here, and takes over what they let through: of every
    /// holder whose bucket is not full again.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer: what was told is lost, and each process goes by
    /// what it knows itself.
    pub async fn exchange(&self, registry: &dyn Registry) -> Result<(), StoreError> {
        let _alone = self.exchanging.lock().await;
        let (told, heard) = self.due();
        // Of one holder there are two buckets just after its limit was changed.
        let mut holders: BTreeMap<Id, Vec<&Bucket>> = BTreeMap::new();
        for bucket in told.iter().chain(&heard) {
            holders.entry(bucket.holder).or_default().push(bucket);
        }
        if holders.is_empty() {
            return Ok(());
        }
        let taken: Vec<RateTaken> = holders.values().filter_map(|buckets| sum(buckets)).collect();
        let answered = registry.exchange_rates(&taken).await;
        for ahead in answered.iter().flatten() {
            for bucket in holders.get(&ahead.holder).into_iter().flatten() {
                bucket.catch_up(ahead.micros);
            }
        }
        self.hear_on(told, heard);
        answered.map(|_| ())
    }

    /// The buckets of the next exchange: those that have something to tell, and as many others as there is
    /// room for.
    fn due(&self) -> (Vec<Arc<Bucket>>, Vec<Arc<Bucket>>) {
        let mut touched = self.touched.lock();
        let some = touched.len().min(EXCHANGE_MAX);
        let told: Vec<_> = touched.drain(..some).collect();
        drop(touched);
        let mut hearing = self.hearing.lock();
        let some = hearing.len().min(EXCHANGE_MAX - told.len());
        (told, hearing.drain(..some).collect())
    }

    /// Keeps those that are not full again for the next exchange.
    fn hear_on(&self, told: Vec<Arc<Bucket>>, heard: Vec<Arc<Bucket>>) {
        let mut hearing = self.hearing.lock();
        for bucket in heard {
            if bucket.is_full() {
                bucket.level.cells.is_heard_of.store(false, Ordering::Release);
            } else {
                hearing.push_back(bucket);
            }
        }
        for bucket in told {
            let is_heard_of = &bucket.level.cells.is_heard_of;
            let has_room = hearing.len() < HEARING_MAX;
            if has_room && !bucket.is_full() && !is_heard_of.swap(true, Ordering::AcqRel) {
                hearing.push_back(bucket);
            }
        }
    }

    /// Exchanges until `stop`.
    pub async fn keep_exchanging(&self, registry: &dyn Registry, stop: CancellationToken) {
        let mut clock = tokio::time::interval(EXCHANGE);
        clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut is_news = true;
        loop {
            tokio::select! {
                _ = clock.tick() => {}
                () = stop.cancelled() => return,
            }
            match self.exchange(registry).await {
                Ok(()) => is_news = true,
                // Said once for each time that it breaks, not four times a second.
                Err(error) if std::mem::take(&mut is_news) => {
                    tracing::warn!(%error, "gate.rates_apart: request rates are not exchanged; each process counts alone");
                }
                Err(_) => {}
            }
        }
    }
}

impl Standing {
    /// That of a holder who may send nothing at all.
    const NOTHING: Standing = Standing {
        most: 0,
        left: 0,
        full_in: MINUTE,
    };

    /// Writes what is left into the headers of an answer: by the names that OpenAI uses, and by those of
    /// the IETF's draft.
    pub fn write(&self, headers: &mut HeaderMap) {
        let Standing { most, left, full_in } = *self;
        let seconds = full_in.as_millis().div_ceil(1_000);
        let values = [
            ("x-ratelimit-limit-requests", most.to_string()),
            ("x-ratelimit-remaining-requests", left.to_string()),
            ("x-ratelimit-reset-requests", format!("{seconds}s")),
            ("ratelimit-policy", format!("\"requests\";q={most};w=60")),
            ("ratelimit", format!("\"requests\";r={left};t={seconds}")),
        ];
        for (name, value) in values {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name, value);
            }
        }
    }
}

/// What was taken from the buckets of one holder; nothing of none.
fn sum(buckets: &[&Bucket]) -> Option<RateTaken> {
    let taken = buckets.iter().map(|bucket| bucket.handed_over());
    taken.reduce(|one, other| RateTaken {
        weight_micros: one.weight_micros.saturating_add(other.weight_micros),
        passed_micros: one.passed_micros.max(other.passed_micros),
        ..one
    })
}

fn too_fast(holder: Holder, most: u32, wait: Duration) -> Refusal {
    let mut refusal = Refusal::limited(Hit {
        holder,
        limit: Limit::RequestsPerMinute,
        most: i64::from(most),
        left: 0,
    });
    let seconds = wait.as_millis().div_ceil(1_000).max(1);
    refusal.retry_after_seconds = u64::try_from(seconds).ok();
    refusal
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
