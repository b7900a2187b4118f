//! The tally: what happened in this process, as plain numbers that anybody may read at any time. Under
//! which names they are shown, and to whom, is the roof's business. Noting is a few atomic additions.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::provider::UpstreamError;
use parking_lot::RwLock;

/// Most series of calls; what would be one more is counted under [`OTHER`].
const SERIES_MAX: usize = 1_000;
/// The account and the code of calls beyond the bound.
pub const OTHER: &str = "other";
/// The code of an outcome that has none.
const NO_CODE: &str = "none";
/// Longest code that becomes a label, in characters.
const CODE_CHARS_MAX: usize = 24;

/// What may come of a try to deliver a webhook: the receiver has it; it is tried again; it was given up; a
/// later state is owed; it could not be signed.
pub const WEBHOOK_OUTCOMES: [&str; 5] = ["delivered", "failed", "dead", "superseded", "unsigned"];

/// Upper bounds of waits, in milliseconds.
const WAITS_MS: [u64; 12] = [1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 10_000, 60_000];
/// Upper bounds of what a vendor's end may take to be seen, in milliseconds.
const LAGS_MS: [u64; 10] = [
    100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000,
];
/// Upper bounds of the members of a batch.
const MEMBERS: [u64; 7] = [1, 2, 4, 8, 16, 32, 64];

/// How values spread over fixed bounds.
pub struct Spread {
    bounds: &'static [u64],
    /// One more than there are bounds: the last counts what is above them all.
    counts: Box<[AtomicU64]>,
    sum: AtomicU64,
}

/// A spread at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Upper bounds, each inclusive.
    pub bounds: &'static [u64],
    /// Values up to each bound and above the one before; the last is above all.
    pub counts: Vec<u64>,
    /// All values added up.
    pub sum: u64,
}

impl Reading {
    /// How many values there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }
}

impl Spread {
    fn new(bounds: &'static [u64]) -> Spread {
        Spread {
            bounds,
            counts: (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect(),
            sum: AtomicU64::new(0),
        }
    }

    fn note(&self, value: u64) {
        let place = self.bounds.partition_point(|bound| *bound < value);
        self.counts[place].fetch_add(1, Ordering::Relaxed);
        self.sum.fetch_add(value, Ordering::Relaxed);
    }

    /// The spread now. Values that are noted meanwhile may be in part of it.
    #[must_use]
    pub fn read(&self) -> Reading {
        let counts = self.counts.iter().map(|count| count.load(Ordering::Relaxed));
        Reading {
            bounds: self.bounds,
            counts: counts.collect(),
            sum: self.sum.load(Ordering::Relaxed),
        }
    }
}

/// What an upstream is called for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    /// Handing a task over.
    Submit,
    /// Looking how far tasks are, one call for a batch.
    Look,
    /// Looking a doubtful submit up.
    LookUp,
    /// Asking to stop a task.
    Stop,
    /// Fetching a result.
    Download,
}

impl Call {
    /// The call's word in metrics.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Call::Submit => "submit",
            Call::Look => "look",
            Call::LookUp => "look_up",
            Call::Stop => "stop",
            Call::Download => "download",
        }
    }
}

/// How a call ended.
pub(crate) enum Heard<'a> {
    /// With an answer.
    Answer,
    /// With an error, which is an instruction.
    Error(&'a UpstreamError),
    /// Without an answer that says anything, and why.
    Nothing(&'a str),
}

impl<'a> Heard<'a> {
    /// What came of a call that had a time-out around it.
    pub(crate) fn of<T, E>(answer: &'a Result<Result<T, UpstreamError>, E>) -> Heard<'a> {
        match answer {
            Ok(Ok(_)) => Heard::Answer,
            Ok(Err(error)) => Heard::Error(error),
            Err(_) => Heard::Nothing("no answer within the time-out"),
        }
    }

    fn outcome(&self) -> &'static str {
        match self {
            Heard::Answer => "ok",
            Heard::Error(UpstreamError::Busy { .. }) => "busy",
            Heard::Error(UpstreamError::Refused(_)) => "refused",
            Heard::Error(UpstreamError::Unknown(_)) | Heard::Nothing(_) => "unknown",
        }
    }

    fn code(&self) -> String {
        match self {
            Heard::Answer => NO_CODE.to_owned(),
            Heard::Nothing(why) => code_in(why),
            Heard::Error(UpstreamError::Refused(error)) => error
                .vendor_code
                .map_or_else(|| error.code.word().to_owned(), |code| code.to_string()),
            Heard::Error(UpstreamError::Busy { reason, .. }) => code_in(reason),
            Heard::Error(UpstreamError::Unknown(why)) => code_in(why),
        }
    }
}

/// The vendor's code in the words of an error (`HTTP 429, code 1303: …`), else its HTTP status.
fn code_in(words: &str) -> String {
    let number_after = |mark: &str| {
        let (_, rest) = words.split_once(mark)?;
        let digits: String = rest
            .chars()
            .take_while(char::is_ascii_digit)
            .take(CODE_CHARS_MAX)
            .collect();
        (!digits.is_empty()).then_some(digits)
    };
    let status = || number_after("HTTP ").or_else(|| number_after("answered "));
    number_after("code ")
        .or_else(|| status().map(|status| format!("http_{status}")))
        .unwrap_or_else(|| NO_CODE.to_owned())
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Series {
    account: String,
    call: Call,
    outcome: &'static str,
    code: String,
}

/// Calls of one kind at one account that ended alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calls {
    /// The account by name.
    pub account: String,
    /// What it was called for.
    pub call: Call,
    /// `ok`, `busy`, `refused` or `unknown`.
    pub outcome: &'static str,
    /// The vendor's code, `http_` and a status, or `none`.
    pub code: String,
    /// How many.
    pub count: u64,
}

/// What happened in this process since it started.
pub struct Tally {
    /// How late looks at running tasks began, in milliseconds.
    pub look_lateness_ms: Spread,
    /// From the vendor's end of a job until it was seen, in milliseconds: by the vendor's own word for the
    /// end where it gives one, else since the look before, which is the most that it can have been.
    pub detection_lag_ms: Spread,
    /// Members of each batch that was committed.
    pub commit_members: Spread,
    /// How long each batch took, in milliseconds.
    pub commit_ms: Spread,
    /// From the commit that owes a webhook until its first try begins, in milliseconds.
    pub webhook_wait_ms: Spread,
    calls: RwLock<BTreeMap<Series, AtomicU64>>,
    webhooks: [AtomicU64; WEBHOOK_OUTCOMES.len()],
}

impl Default for Tally {
    fn default() -> Tally {
        Tally {
            look_lateness_ms: Spread::new(&WAITS_MS),
            detection_lag_ms: Spread::new(&LAGS_MS),
            commit_members: Spread::new(&MEMBERS),
            commit_ms: Spread::new(&WAITS_MS),
            webhook_wait_ms: Spread::new(&WAITS_MS),
            calls: RwLock::default(),
            webhooks: Default::default(),
        }
    }
}

impl Tally {
    /// Notes how late a look began; one that came early was not late.
    pub(crate) fn looked(&self, late_ms: i64) {
        self.look_lateness_ms.note(milliseconds(late_ms));
    }

    /// Notes how long a job had ended before it was seen.
    pub(crate) fn detected(&self, lag_ms: i64) {
        self.detection_lag_ms.note(milliseconds(lag_ms));
    }

    /// Notes a batch that was committed.
    pub(crate) fn committed(&self, members: usize, took_ms: u64) {
        self.commit_members
            .note(u64::try_from(members).unwrap_or(u64::MAX));
        self.commit_ms.note(took_ms);
    }

    /// Notes how long a webhook waited for its first try.
    pub(crate) fn first_tried(&self, wait_ms: i64) {
        self.webhook_wait_ms.note(milliseconds(wait_ms));
    }

    /// Notes what came of a try to deliver a webhook: one of [`WEBHOOK_OUTCOMES`].
    pub(crate) fn tried(&self, outcome: &str) {
        let known = WEBHOOK_OUTCOMES.iter().zip(&self.webhooks);
        for (_, count) in known.filter(|(word, _)| **word == outcome) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How often each outcome came of tries to deliver webhooks.
    #[must_use]
    pub fn webhooks(&self) -> Vec<(&'static str, u64)> {
        let counts = self.webhooks.iter().map(|count| count.load(Ordering::Relaxed));
        WEBHOOK_OUTCOMES.into_iter().zip(counts).collect()
    }

    /// Notes a call at an account. Readers and writers of known series share the lock; only the first call
    /// of a series has it alone.
    pub(crate) fn called(&self, account: &str, call: Call, heard: &Heard<'_>) {
        let mut series = Series {
            account: account.to_owned(),
            call,
            outcome: heard.outcome(),
            code: heard.code(),
        };
        if let Some(count) = self.calls.read().get(&series) {
            count.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let mut calls = self.calls.write();
        if calls.len() >= SERIES_MAX && !calls.contains_key(&series) {
            OTHER.clone_into(&mut series.account);
            OTHER.clone_into(&mut series.code);
        }
        calls.entry(series).or_default().fetch_add(1, Ordering::Relaxed);
    }

    /// Calls so far, by account.
    #[must_use]
    pub fn calls(&self) -> Vec<Calls> {
        let calls = self.calls.read();
        let counted = calls.iter().map(|(series, count)| Calls {
            account: series.account.clone(),
            call: series.call,
            outcome: series.outcome,
            code: series.code.clone(),
            count: count.load(Ordering::Relaxed),
        });
        counted.collect()
    }
}

fn milliseconds(signed: i64) -> u64 {
    u64::try_from(signed).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use domain::provider::UpstreamError;

    use super::{Call, Heard, OTHER, SERIES_MAX, Tally};

    #[test]
    fn a_value_is_counted_at_the_first_bound_that_holds_it() {
        let tally = Tally::default();
        for members in [1, 2, 3, 64, 65] {
            tally.committed(members, 0);
        }
        let read = tally.commit_members.read();
        assert_eq!(read.counts, [1, 1, 1, 0, 0, 0, 1, 1]);
        assert_eq!((read.count(), read.sum), (5, 135));
    }

    #[test]
    fn what_is_early_is_not_late() {
        let tally = Tally::default();
        tally.looked(-5);
        assert_eq!(tally.look_lateness_ms.read().sum, 0);
    }

    #[test]
    fn codes_are_the_vendors_else_the_status_else_none() {
        let cases = [
            (
                "HTTP 429, code 1303: parallel task over resource pack limit",
                "1303",
            ),
            ("HTTP 502: the reply is no JSON", "http_502"),
            ("the link answered 404", "http_404"),
            ("connection reset", "none"),
            ("code of conduct", "none"),
        ];
        for (words, code) in cases {
            let tally = Tally::default();
            let error = UpstreamError::Unknown(words.to_owned());
            tally.called("a", Call::Submit, &Heard::Error(&error));
            assert_eq!(tally.calls()[0].code, code, "{words}");
        }
    }

    #[test]
    fn series_are_bounded_and_no_call_is_lost() {
        let tally = Tally::default();
        for n in 0..SERIES_MAX + 50 {
            tally.called(&format!("account-{n}"), Call::Look, &Heard::Answer);
        }
        let calls = tally.calls();
        assert_eq!(calls.len(), SERIES_MAX + 1);
        assert_eq!(
            calls.iter().map(|calls| calls.count).sum::<u64>(),
            SERIES_MAX as u64 + 50
        );
        let other = calls.iter().find(|calls| calls.account == OTHER);
        assert_eq!(other.map(|calls| calls.count), Some(50));
    }
}
