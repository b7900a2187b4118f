//! The provider exam: what every provider promises, whoever makes the media. What a vendor's own answers
//! mean is asked with fixtures beside each provider.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::sync::Arc;

use bytes::Bytes;
use domain::Blobs;
use domain::provider::{
    Account, Callback, Job, Look, Lookup, Provider, Receipt, Reconciled, Stopped, Submitted, UpstreamError,
    Wire,
};
use domain::transport::TransportError;

use crate::transport::{OnSend, ScriptedTransport};

/// The most jobs in one look that any provider may ask for.
const BATCH_MAX: usize = 500;
/// An answer that is longer than any provider may read.
const HUGE_BYTES: usize = 8 * 1024 * 1024;
/// How deep an answer is nested that no parser may follow.
const DEPTH: usize = 10_000;
/// How often an answer is repeated, for providers that make several calls for one question.
const REPEATS: usize = 8;
/// Statuses that prove nothing about a submit, whatever comes with them, unless a vendor documents it.
const STATUSES: [u16; 8] = [200, 201, 204, 302, 500, 502, 503, 504];
/// A body that many a vendor would mean as a success: who believes it in spite of its fault is caught.
const GOOD: &[u8] =
    br#"{"code":0,"data":{"id":"r-1","task_id":"r-1","status":"failed","task_status":"failed"}}"#;
/// Statuses that send us elsewhere.
const REDIRECTS: [u16; 5] = [301, 302, 303, 307, 308];

/// Who sits the exam.
pub struct Candidate {
    /// The provider.
    pub provider: Arc<dyn Provider>,
    /// A login at it.
    pub account: Account,
    /// The secrets of the login.
    pub secrets: Vec<String>,
    /// Where the job's media is.
    pub blobs: Arc<dyn Blobs>,
    /// A job that the provider takes, without a receipt.
    pub job: Job,
}

impl Candidate {
    fn wire(&self, script: impl IntoIterator<Item = OnSend>) -> (Wire, Arc<ScriptedTransport>) {
        let transport = Arc::new(ScriptedTransport::default());
        transport.on_send(script);
        let wire = Wire {
            account: Arc::new(self.account.clone()),
            transport: Arc::<ScriptedTransport>::clone(&transport),
            blobs: Arc::clone(&self.blobs),
            publish: None,
        };
        (wire, transport)
    }

    /// Hands the job over to an upstream that answers so.
    ///
    /// # Errors
    /// As the provider's.
    pub async fn submit(&self, answer: OnSend) -> Result<Submitted, UpstreamError> {
        let (wire, _) = self.wire([answer]);
        self.provider.submit(&self.job, &wire).await
    }

    /// The job as it would be after the upstream took it.
    fn running(&self, receipt: &str) -> Job {
        Job {
            receipt: Some(Receipt(receipt.to_owned())),
            ..self.job.clone()
        }
    }

    fn assert_silent(&self, text: &str, what: &str) {
        for secret in &self.secrets {
            assert!(!text.contains(secret), "a secret stands in {what}");
        }
    }
}

/// Asks what everyone promises.
///
/// # Panics
/// When an answer is wrong.
pub async fn sit(candidate: &Candidate) {
    the_manifest_is_complete(candidate);
    a_look_at_nothing_sees_nothing(candidate).await;
    a_stop_that_is_not_offered_sends_nothing(candidate).await;
    a_look_up_that_is_not_offered_finds_nothing(candidate).await;
    a_callback_that_says_nothing_names_nobody(candidate);
    secrets_are_not_shown_by_debug(candidate);
}

/// Asks what those promise who reach the outside.
///
/// # Panics
/// When an answer is wrong.
pub async fn sit_as_upstream(candidate: &Candidate) {
    a_submit_is_one_request_with_our_reference(candidate).await;
    a_submit_that_was_not_sent_is_busy(candidate).await;
    a_look_up_that_was_not_sent_learns_nothing(candidate).await;
    for fault in Fault::ALL {
        survive(candidate, fault).await;
    }
    an_upstream_that_repeats_secrets_is_not_repeated(candidate).await;
}

/// Asks what comes of answers with one fault: a submit is in doubt, a look sees nothing, a look-up learns
/// nothing, and nothing panics.
///
/// # Panics
/// When an answer is wrong.
pub async fn survive(candidate: &Candidate, fault: Fault) {
    for answer in fault.answers() {
        let what = format!("{fault:?} with {}", status(&answer));
        a_submit_is_in_doubt(candidate, &answer, &what).await;
        a_look_sees_nothing(candidate, &answer, &what).await;
        a_look_up_learns_nothing(candidate, &answer, &what).await;
    }
}

/// What can be wrong with an answer so that it proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It has no body.
    Empty,
    /// It is a page for people, as a proxy writes it.
    Html,
    /// It is JSON that ends too early.
    Truncated,
    /// It is nested deeper than any parser may follow.
    Deep,
    /// Its fields are of other types, or it is no object at all.
    WrongTypes,
    /// It is longer than any provider may read.
    Huge,
    /// It does not come in time.
    Slow,
    /// The connection breaks while it comes.
    CutOff,
    /// The connection breaks before it comes.
    Lost,
    /// It sends us elsewhere, with the body of a success.
    Redirect,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Fault; 10] = [
        Fault::Empty,
        Fault::Html,
        Fault::Truncated,
        Fault::Deep,
        Fault::WrongTypes,
        Fault::Huge,
        Fault::Slow,
        Fault::CutOff,
        Fault::Lost,
        Fault::Redirect,
    ];

    /// Answers with this fault.
    #[must_use]
    pub fn answers(self) -> Vec<OnSend> {
        match self {
            Fault::Empty => with_any_status(&[b""]),
            Fault::Html => with_any_status(&[b"<html><body><h1>502 Bad Gateway</h1></body></html>"]),
            Fault::Truncated => with_any_status(&[br#"{"code":0,"message":"SUCCEED","data":{"task_"#]),
            Fault::Deep => {
                let bare = nested(b'[', b']');
                let inside = [&br#"{"code":0,"data":"#[..], &bare, b"}"].concat();
                with_any_status(&[&bare, &inside])
            }
            Fault::WrongTypes => with_any_status(&[
                br#"{"code":{"a":1},"data":"yes","id":[],"task_id":{}}"#,
                b"[1, 2]",
                b"null",
                b"{\"code\":\"\xff\xfe\"}",
            ]),
            Fault::Huge => {
                let body = [&vec![b' '; HUGE_BYTES], GOOD].concat();
                vec![OnSend::answer(200, body)]
            }
            Fault::Slow => vec![broken_off(ErrorKind::TimedOut)],
            Fault::CutOff => vec![
                broken_off(ErrorKind::UnexpectedEof),
                broken_off(ErrorKind::ConnectionReset),
            ],
            Fault::Lost => {
                let why = "reset after the first byte".to_owned();
                vec![OnSend::Fail(TransportError::Ambiguous(why))]
            }
            Fault::Redirect => REDIRECTS.map(redirect).to_vec(),
        }
    }
}

fn with_any_status(bodies: &[&[u8]]) -> Vec<OnSend> {
    let mut answers = Vec::new();
    for body in bodies {
        let body = Bytes::copy_from_slice(body);
        answers.extend(STATUSES.map(|status| OnSend::answer(status, body.clone())));
    }
    answers
}

/// What would be a good answer, had it ended as it should.
fn broken_off(kind: ErrorKind) -> OnSend {
    OnSend::BreakOff {
        status: 200,
        body: Bytes::from_static(GOOD),
        kind,
    }
}

fn redirect(status: u16) -> OnSend {
    let location = ("location".to_owned(), "https://elsewhere.test/".to_owned());
    OnSend::Answer {
        status,
        headers: vec![location],
        body: Bytes::from_static(GOOD),
    }
}

fn nested(open: u8, close: u8) -> Vec<u8> {
    [vec![open; DEPTH], vec![close; DEPTH]].concat()
}

fn the_manifest_is_complete(candidate: &Candidate) {
    let manifest = candidate.provider.manifest();
    let lower = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '-';
    assert!(!manifest.name.is_empty() && manifest.name.chars().all(lower));
    assert_eq!(manifest.name, candidate.account.provider);
    assert!(!manifest.about.is_empty(), "it says what it is");
    assert!(!manifest.operations.is_empty(), "it does something");
    assert!((1..=BATCH_MAX).contains(&manifest.poll_batch));
    assert!(manifest.poll_interval_ms > 0 && manifest.submit_timeout_ms > 0);
    let models: BTreeSet<_> = manifest.models.iter().collect();
    assert_eq!(
        models.len(),
        manifest.models.len(),
        "each model stands there once"
    );
    for extra in manifest.extras {
        assert!(extra.contains('.'), "`{extra}` has no namespace");
    }
    assert!(manifest.operations.contains(&candidate.job.ask.operation));
}

async fn a_look_at_nothing_sees_nothing(candidate: &Candidate) {
    let (wire, transport) = candidate.wire([]);
    let looks = candidate.provider.poll(&[], &wire).await;
    assert!(looks.is_ok_and(|looks| looks.is_empty()));
    assert!(transport.sent().is_empty(), "nothing is asked for no job");
}

async fn a_stop_that_is_not_offered_sends_nothing(candidate: &Candidate) {
    if candidate.provider.manifest().can_cancel {
        return;
    }
    let (wire, transport) = candidate.wire([]);
    let stopped = candidate.provider.cancel(&candidate.running("r-1"), &wire).await;
    assert_eq!(stopped, Ok(Stopped::GoesOn));
    assert!(transport.sent().is_empty());
}

async fn a_look_up_that_is_not_offered_finds_nothing(candidate: &Candidate) {
    if candidate.provider.manifest().lookup != Lookup::None {
        return;
    }
    let (wire, transport) = candidate.wire([]);
    let found = candidate.provider.reconcile(&candidate.job, &wire).await;
    assert_eq!(found, Ok(Reconciled::NoLookup));
    assert!(transport.sent().is_empty());
}

fn a_callback_that_says_nothing_names_nobody(candidate: &Candidate) {
    let bodies = [
        Vec::new(),
        b"{}".to_vec(),
        b"null".to_vec(),
        b"[]".to_vec(),
        b"7".to_vec(),
        b"<html></html>".to_vec(),
        b"\xff\xfe\x00".to_vec(),
        br#"{"id":{},"task_id":[]}"#.to_vec(),
        br#"{"id":"","task_id":""}"#.to_vec(),
        nested(b'[', b']'),
        vec![b' '; 2 * 1024 * 1024],
    ];
    for body in bodies {
        let callback = Callback {
            headers: &[],
            body: &body,
        };
        assert_eq!(candidate.provider.hint(&callback, &candidate.account), None);
    }
}

fn secrets_are_not_shown_by_debug(candidate: &Candidate) {
    candidate.assert_silent(&format!("{:?}", candidate.account), "the account's debug text");
}

async fn a_submit_is_one_request_with_our_reference(candidate: &Candidate) {
    let (wire, transport) = candidate.wire([OnSend::answer(500, "")]);
    let _ = candidate.provider.submit(&candidate.job, &wire).await;
    let sent = transport.sent();
    assert_eq!(sent.len(), 1, "a submit is one request and is never repeated");
    let body = String::from_utf8_lossy(&sent[0].body).into_owned();
    if candidate.provider.manifest().lookup != Lookup::None {
        assert!(body.contains(&candidate.job.client_ref), "our reference is sent");
    }
    assert!(sent[0].limit_bytes < HUGE_BYTES as u64);
    assert!(sent[0].timeout_ms <= candidate.provider.manifest().submit_timeout_ms);
    candidate.assert_silent(&sent[0].url, "the address");
    candidate.assert_silent(&body, "the body");
    candidate.assert_silent(&format!("{:?}", sent[0]), "the request's debug text");
}

async fn a_submit_that_was_not_sent_is_busy(candidate: &Candidate) {
    let errors = [
        TransportError::NotSent("connection refused".to_owned()),
        TransportError::Refused("`10.0.0.1` is no public address".to_owned()),
    ];
    for error in errors {
        let (wire, _) = candidate.wire([OnSend::Fail(error)]);
        let submitted = candidate.provider.submit(&candidate.job, &wire).await;
        assert!(matches!(submitted, Err(UpstreamError::Busy { .. })));
    }
}

async fn a_submit_is_in_doubt(candidate: &Candidate, answer: &OnSend, what: &str) {
    let (wire, transport) = candidate.wire([answer.clone()]);
    let submitted = candidate.provider.submit(&candidate.job, &wire).await;
    let is_unknown = matches!(submitted, Err(UpstreamError::Unknown(_)));
    assert!(is_unknown, "a submit that was answered {what}");
    assert_eq!(transport.sent().len(), 1, "never repeated");
}

async fn a_look_sees_nothing(candidate: &Candidate, answer: &OnSend, what: &str) {
    let jobs = [candidate.running("r-1"), candidate.running("r-2")];
    let jobs = &jobs[..jobs.len().min(candidate.provider.manifest().poll_batch)];
    let (wire, _) = candidate.wire(vec![answer.clone(); REPEATS]);
    let Ok(looks) = candidate.provider.poll(jobs, &wire).await else {
        return;
    };
    assert_eq!(looks.len(), jobs.len(), "one look for each job");
    let unseen = looks.iter().all(|look| matches!(look, Look::Unseen(_)));
    assert!(unseen, "a look that was answered {what}");
}

async fn a_look_up_learns_nothing(candidate: &Candidate, answer: &OnSend, what: &str) {
    if candidate.provider.manifest().lookup == Lookup::None {
        return;
    }
    let (wire, _) = candidate.wire(vec![answer.clone(); REPEATS]);
    let found = candidate.provider.reconcile(&candidate.job, &wire).await;
    assert!(found.is_err(), "a look-up that was answered {what}");
}

async fn a_look_up_that_was_not_sent_learns_nothing(candidate: &Candidate) {
    if candidate.provider.manifest().lookup == Lookup::None {
        return;
    }
    let (wire, _) = candidate.wire([]);
    let found = candidate.provider.reconcile(&candidate.job, &wire).await;
    assert!(found.is_err());
}

async fn an_upstream_that_repeats_secrets_is_not_repeated(candidate: &Candidate) {
    let words = candidate.secrets.join(" ");
    for (status, code) in [(200, 1002), (400, 1201), (401, 1002), (429, 1303), (500, 5000)] {
        let body = serde_json::json!({ "code": code, "message": words, "error": { "message": words } });
        let answers = vec![OnSend::answer(status, body.to_string()); REPEATS];
        let (wire, _) = candidate.wire(answers.clone());
        if let Err(error) = candidate.provider.submit(&candidate.job, &wire).await {
            candidate.assert_silent(&format!("{error} {error:?}"), "a submit's error");
        }
        let (wire, _) = candidate.wire(answers.clone());
        if let Err(error) = candidate.provider.check(&wire).await {
            candidate.assert_silent(&format!("{error} {error:?}"), "a check's error");
        }
        let (wire, _) = candidate.wire(answers);
        match candidate.provider.poll(&[candidate.running("r-1")], &wire).await {
            Err(error) => candidate.assert_silent(&format!("{error} {error:?}"), "a look's error"),
            Ok(looks) => {
                for look in looks {
                    if let Look::Unseen(why) = look {
                        candidate.assert_silent(&why, "a look that saw nothing");
                    }
                }
            }
        }
    }
}

fn status(answer: &OnSend) -> String {
    match answer {
        OnSend::Answer { status, .. } | OnSend::BreakOff { status, .. } => format!("HTTP {status}"),
        OnSend::Fail(_) => "no answer".to_owned(),
    }
}
