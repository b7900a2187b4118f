//! Upstreams that answer badly: the real provider over the real way out, at every call that it makes. No
//! answer of theirs is a panic, loses a task, doubles a job, or fails a task that they did not fail.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use domain::account::Account;
use domain::credentials::Credentials;
use domain::transport::{OutReply, OutRequest, TransportError};
use domain::{LineKind, StateWord, Task, TaskId, Transport};
use engine::Engine;
use futures_util::StreamExt as _;
use reelway::transport::Outside;
use reelway::transport::guard::Rules;
use reelway::transport::lookup::SystemResolver;
use testkit::sample;

use crate::rig::{Rig, submission};

mod hostile;

use hostile::{CLIP, Hostile, Ill};

/// Longest time for a call where an answer never ends, in milliseconds.
const HASTE_MS: u64 = 1_000;
/// Longer than every pause between looks, in milliseconds.
const LATER_MS: i64 = 80_000;

/// The way out, which may be in a hurry.
struct Hasty {
    outside: Outside,
    is_in_a_hurry: Arc<AtomicBool>,
}

#[async_trait]
impl Transport for Hasty {
    async fn send(&self, request: OutRequest) -> Result<OutReply, TransportError> {
        let timeout_ms = match self.is_in_a_hurry.load(Ordering::SeqCst) {
            true => request.timeout_ms.min(HASTE_MS),
            false => request.timeout_ms,
        };
        self.outside
            .send(OutRequest {
                timeout_ms,
                ..request
            })
            .await
    }
}

/// A house with one account at a hostile vendor.
struct Table {
    rig: Rig,
    engine: Arc<Engine>,
    vendor: Hostile,
    is_in_a_hurry: Arc<AtomicBool>,
}

impl Table {
    async fn laid() -> Table {
        Table::laid_at(|vendor| format!("http://{}", vendor.address)).await
    }

    async fn laid_at(base_url: impl Fn(&Hostile) -> String) -> Table {
        let (rig, vendor) = (Rig::new().await, Hostile::start().await);
        let rules = Rules::new(false, &[vendor.address.to_string()]).expect("a host");
        let outside = Outside::new(rules, Arc::new(SystemResolver)).expect("a way out");
        let account = Account {
            name: "main".to_owned(),
            provider: "kling".to_owned(),
            slots: 4,
            base_url: Some(base_url(&vendor)),
            credentials: Credentials::ApiKey("the-key-of-the-vendor".to_owned().into()),
            ..Account::default()
        };
        let entry = providers::find("kling").expect("it is in the list");
        let provider = (entry.build)(providers::Setup {
            threads: 1,
            clock: Arc::clone(&rig.clock) as _,
        });
        let is_in_a_hurry = Arc::new(AtomicBool::new(false));
        let hasty = Hasty {
            outside,
            is_in_a_hurry: Arc::clone(&is_in_a_hurry),
        };
        let engine = rig.engine_with(vec![(account, provider)], Arc::new(hasty));
        Table {
            rig,
            engine,
            vendor,
            is_in_a_hurry,
        }
    }

    async fn submit(&self) -> TaskId {
        let taken = self
            .rig
            .try_submit_to(&self.engine, submission(sample::ask()))
            .await;
        taken.expect("the sample wish is taken").task
    }

    /// What comes instead of answers, and of files, from now on.
    fn falls_ill(&self, answers: Option<Ill>, files: Option<Ill>) {
        self.vendor.answers(answers);
        self.vendor.files(files);
        let never_ends = [answers, files].contains(&Some(Ill::Drip));
        self.is_in_a_hurry.store(never_ends, Ordering::SeqCst);
    }

    async fn task(&self, id: TaskId) -> Arc<Task> {
        self.rig.task(id).await
    }

    /// Turns the belts at once, and again some time later, several times.
    async fn crank(&self, times: u32) {
        for _ in 0..times {
            self.rig.clock.advance_ms(LATER_MS);
            self.engine.crank().await.expect("the belts turn");
        }
    }

    async fn is(&self, id: TaskId, word: StateWord, when: &str) {
        let task = self.task(id).await;
        assert_eq!(task.word(), word, "{when}: {:?}", task.course.state);
    }

    async fn bytes_of(&self, task: &Task) -> Vec<u8> {
        let file = task.course.artifacts.first().expect("a result");
        let mut content = self.engine.blobs().get(&file.blob, None).await.expect("kept");
        let mut bytes = Vec::new();
        while let Some(chunk) = content.next().await {
            bytes.extend_from_slice(&chunk.expect("readable"));
        }
        bytes
    }
}

/// A task whose vendor answers badly at the submit, at every look-up, at every look, and for its file, each
/// time for a while.
async fn goes_through(ill: Ill) {
    let table = Table::laid().await;
    table.falls_ill(Some(ill), None);
    let id = table.submit().await;
    table.engine.crank().await.expect("the belts turn");
    table.is(id, StateWord::Unknown, "after the submit").await;
    table.crank(3).await;
    table
        .is(id, StateWord::Unknown, "long after the absence bound")
        .await;
    table.falls_ill(None, None);
    table.crank(1).await;
    table
        .is(id, StateWord::Running, "once a look-up was answered")
        .await;
    table.falls_ill(Some(ill), None);
    table.crank(3).await;
    table
        .is(id, StateWord::Running, "after looks that saw nothing")
        .await;
    assert_eq!(
        table.rig.money(id).await,
        [(LineKind::Hold, 420_000)],
        "the hold is kept"
    );
    table.falls_ill(None, Some(ill));
    table.vendor.is_done();
    table.crank(3).await;
    if matches!(ill, Ill::Huge | Ill::Redirect) {
        // Such a link is not going to be another one.
        let task = table.task(id).await;
        assert_eq!(task.error().map(|error| error.code.word()), Some("custody_lost"));
        let money = [(LineKind::Hold, 420_000), (LineKind::Release, 420_000)];
        assert_eq!(table.rig.money(id).await, money);
    } else {
        table
            .is(id, StateWord::Settling, "as long as its file cannot be had")
            .await;
        table.falls_ill(None, None);
        table.crank(1).await;
        table
            .is(id, StateWord::Succeeded, "once its file can be had")
            .await;
        assert_eq!(table.bytes_of(&*table.task(id).await).await, CLIP);
    }
    assert_eq!(table.vendor.jobs(), 1, "one wish, one job");
    assert_eq!(table.vendor.visits_inside(), 0, "nobody goes where nobody may go");
    table.rig.books().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn closed_connections_lose_no_task_and_double_no_job() {
    goes_through(Ill::Silence).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn empty_answers_lose_no_task_and_double_no_job() {
    goes_through(Ill::Empty).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn huge_answers_lose_no_task_and_double_no_job() {
    goes_through(Ill::Huge).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_answers_lose_no_task_and_double_no_job() {
    goes_through(Ill::Drip).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_say_ok_lose_no_task_and_double_no_job() {
    goes_through(Ill::Html(200)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_a_gateway_lose_no_task_and_double_no_job() {
    goes_through(Ill::Html(502)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn truncated_answers_lose_no_task_and_double_no_job() {
    goes_through(Ill::Truncated).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_ten_thousand_deep_lose_no_task_and_double_no_job() {
    goes_through(Ill::Deep).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_of_wrong_types_lose_no_task_and_double_no_job() {
    goes_through(Ill::WrongTypes).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_redirect_inside_are_not_followed_and_lose_no_task() {
    goes_through(Ill::Redirect).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_whose_tls_is_broken_is_sent_nothing_and_the_task_waits() {
    let table = Table::laid_at(|vendor| format!("https://{}", vendor.address)).await;
    let id = table.submit().await;
    table.crank(4).await;
    table.is(id, StateWord::Queued, "nothing was sent").await;
    assert!(table.task(id).await.course.attempts >= 2, "it is tried again");
    assert_eq!(table.vendor.jobs(), 0);
    assert_eq!(table.rig.money(id).await, [(LineKind::Hold, 420_000)]);
    table
        .engine
        .cancel(table.rig.caller.tenant, &id.prefixed())
        .await
        .expect("it waits");
    assert_eq!(table.rig.money(id).await.len(), 2, "the hold is released");
    table.rig.books().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_behind_broken_tls_is_tried_for_again() {
    let table = Table::laid().await;
    table
        .vendor
        .links_to(&format!("https://{}/clips/0.mp4", table.vendor.address));
    table.vendor.is_done();
    let id = table.submit().await;
    table.crank(4).await;
    table.is(id, StateWord::Settling, "the link may be mended").await;
    table.rig.books().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_whose_link_points_inside_is_not_fetched_and_not_charged() {
    let table = Table::laid().await;
    let inside = table.vendor.elsewhere;
    let links = [
        format!("http://{inside}/clip.mp4"),
        format!("https://{inside}/clip.mp4"),
        "https://169.254.169.254/latest/meta-data".to_owned(),
        "https://10.0.0.1/clip.mp4".to_owned(),
        "https://[::1]/clip.mp4".to_owned(),
        "file:///etc/passwd".to_owned(),
    ];
    table.vendor.is_done();
    for link in links {
        table.vendor.links_to(&link);
        let id = table.submit().await;
        table.crank(2).await;
        let task = table.task(id).await;
        assert_eq!(
            task.error().map(|error| error.code.word()),
            Some("custody_lost"),
            "{link}: {:?}",
            task.course.state
        );
        let money = [(LineKind::Hold, 420_000), (LineKind::Release, 420_000)];
        assert_eq!(table.rig.money(id).await, money, "{link}");
    }
    assert_eq!(table.vendor.visits_inside(), 0);
    table.rig.books().await;
}
