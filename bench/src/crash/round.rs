//! One round: lives of the gateway that end by `kill -9`, clients that carry their wishes through all of them, and
//! what they and the vendor saw. Where it is played is in `place.rs`, what else happens to the gateway in
//! `trouble.rs`, the judgement in `history.rs`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

use crate::crash::history::{History, Made, Submission, Word};
use crate::crash::place::Place;
use crate::crash::plan::Plan;
use crate::crash::trouble::Troubles;
use crate::gateway::{self, Books, CLIENT_KEY, Dwelling};
use crate::mp4;
use crate::stopwatch::Stopwatch;
use crate::wire::{self, Line, Reply};

/// Longest round; one that takes longer has failed.
pub(crate) const ROUND_LIMIT: Duration = Duration::from_secs(180);
/// Pause between two reads of one task's state.
const LOOK_PAUSE: Duration = Duration::from_millis(20);
/// Pause before a submit is sent again in the same life, after an answer that settles nothing.
const AGAIN_PAUSE: Duration = Duration::from_millis(100);
/// How long clients may read what a killed gateway had already sent.
const DRAIN_LIMIT: Duration = Duration::from_secs(5);

/// What a kill hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kill {
    /// Milliseconds after the first submit (first life) or the start of the process (later ones).
    pub after_ms: u64,
    /// Wishes that were acknowledged by then.
    pub acknowledged: usize,
    /// Tasks that were seen final by then.
    pub finished: usize,
}

/// What a round saw, and how long it took.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// For the judge.
    pub history: History,
    /// The kills, in order.
    pub kills: Vec<Kill>,
    /// From the start after the last kill until ready, in milliseconds.
    pub ready_ms: u64,
    /// From the start after the last kill until every task was final, in milliseconds.
    pub final_ms: u64,
}

/// What the clients of a round share.
pub(super) struct Desk {
    plan: Plan,
    submissions: Mutex<Vec<Submission>>,
    /// Which part of the round it is, from 1: a new one begins with every life, and whenever work may be taken away.
    part: AtomicU32,
}

impl Desk {
    /// Nothing is sent yet.
    pub(super) fn open(plan: &Plan) -> Arc<Desk> {
        let submission = |number| Submission {
            key: plan.idempotency_key(number),
            ..Submission::default()
        };
        Arc::new(Desk {
            plan: plan.clone(),
            submissions: Mutex::new((0..plan.wishes.len()).map(submission).collect()),
            part: AtomicU32::new(1),
        })
    }

    /// Another part of the round begins: work that was under way may be queued again once.
    pub(super) fn begin_part(&self) {
        self.part.fetch_add(1, Ordering::SeqCst);
    }

    /// What the round will do.
    pub(super) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Notes a read of a wish's state.
    pub(super) fn see(&self, number: usize, word: Word) {
        let part = self.part.load(Ordering::SeqCst);
        self.change(number, |submission| submission.see(part, word));
    }

    /// Notes something about a wish.
    pub(super) fn change(&self, number: usize, note: impl FnOnce(&mut Submission)) {
        note(&mut self.submissions.lock()[number]);
    }

    /// What is known of all wishes.
    pub(super) fn submissions(&self) -> Vec<Submission> {
        self.submissions.lock().clone()
    }
}

/// Plays a round in its place. Whatever goes wrong is in what was seen.
pub(crate) async fn play(plan: &Plan, place: &Place, tasks_before: u64) -> Seen {
    let desk = Desk::open(plan);
    let mut seen = Seen::default();
    let played = tokio::time::timeout(ROUND_LIMIT, live_all(&desk, place, &mut seen)).await;
    match played {
        Ok(Ok(())) => {}
        Ok(Err(error)) => seen.history.mishaps.push(format!("{error:#}")),
        Err(_) => {
            let seconds = ROUND_LIMIT.as_secs();
            seen.history
                .mishaps
                .push(format!("the round was not over after {seconds} s"));
        }
    }
    seen.history.submissions = desk.submissions();
    seen.history.tasks_before = tasks_before;
    seen.history.vendors = plan.vendors();
    note_vendor(&mut seen.history, place);
    seen
}

/// Notes what the vendor saw.
pub(super) fn note_vendor(history: &mut History, place: &Place) {
    history.over_limit = place.vendor.over_limit();
    let made = place.vendor.jobs().into_iter().map(|job| Made {
        reference: job.reference,
        prompt: job.prompt,
        again: job.again,
    });
    history.made = made.collect();
}

async fn live_all(desk: &Arc<Desk>, place: &Place, seen: &mut Seen) -> anyhow::Result<()> {
    let mut life = 1;
    for after in desk.plan.kills.clone() {
        seen.kills.push(live_and_die(desk, place, life, after).await?);
        life += 1;
        desk.begin_part();
    }
    let dwelling = &place.dwelling;
    let mut gateway = dwelling.start()?;
    gateway::ready(gateway.address).await?;
    seen.ready_ms = gateway.since.elapsed_ms();
    let (address, since) = (gateway.address, gateway.since);
    let mut clients = JoinSet::new();
    let troubles = Troubles::begin(desk, life, gateway.id(), place);
    let work = async {
        send_clients(desk, address, &mut clients).await;
        while clients.join_next().await.is_some() {}
    };
    tokio::select! {
        () = work => {}
        how = gateway.ended() => anyhow::bail!("the gateway ended by itself in life {life}: {how}; its log says why"),
    }
    troubles.end().await;
    seen.final_ms = since.elapsed_ms();
    fetch_files(desk, address).await?;
    repeat_all(desk, address).await?;
    seen.history.books.push(books(dwelling).await);
    gateway.kill().await?;
    seen.history.books.push(books(dwelling).await);
    Ok(())
}

/// One life that ends by a kill at its moment, or as soon as nothing is left to do.
async fn live_and_die(desk: &Arc<Desk>, place: &Place, life: u32, after: Duration) -> anyhow::Result<Kill> {
    let mut gateway = place.dwelling.start()?;
    let (address, process) = (gateway.address, gateway.id());
    let mut troubles = None;
    let mut since = gateway.since;
    if life == 1 {
        gateway::ready(address).await?;
    }
    let mut clients = JoinSet::new();
    let work = async {
        if life > 1 {
            gateway::ready(address).await?;
        }
        troubles = Some(Troubles::begin(desk, life, process, place));
        send_clients(desk, address, &mut clients).await;
        while clients.join_next().await.is_some() {}
        anyhow::Ok(())
    };
    if life == 1 {
        since = Stopwatch::start();
    }
    tokio::select! {
        () = since.later(after).reached() => {}
        done = work => done?,
        how = gateway.ended() => anyhow::bail!("the gateway ended by itself in life {life}: {how}; its log says why"),
    }
    let after_ms = since.elapsed_ms();
    gateway.kill().await?;
    if let Some(troubles) = troubles {
        troubles.end().await;
    }
    // What the kernel had taken over before the kill still arrives, and counts as acknowledged.
    let drained = async { while clients.join_next().await.is_some() {} };
    drop(tokio::time::timeout(DRAIN_LIMIT, drained).await);
    clients.shutdown().await;
    let submissions = desk.submissions.lock();
    let acknowledged = submissions
        .iter()
        .filter(|submission| submission.task_id().is_some());
    let finished = submissions.iter().filter(|submission| submission.is_final());
    Ok(Kill {
        after_ms,
        acknowledged: acknowledged.count(),
        finished: finished.count(),
    })
}

/// The books of a dwelling, or why they cannot be read.
pub(super) async fn books(dwelling: &Dwelling) -> Result<Books, String> {
    dwelling.books().await.map_err(|error| format!("{error:#}"))
}

/// Connects for every wish that is not final, then sets all clients off at once.
async fn send_clients(desk: &Arc<Desk>, address: SocketAddr, clients: &mut JoinSet<()>) {
    let open = {
        let submissions = desk.submissions.lock();
        let open = (0..submissions.len()).filter(|number| !submissions[*number].is_final());
        open.collect::<Vec<usize>>()
    };
    let lines = join_all(open.iter().map(|_| Line::open(address))).await;
    for (number, line) in open.into_iter().zip(lines) {
        // A gateway that takes no connection is being killed; the wish waits for the next life.
        if let Ok(line) = line {
            clients.spawn(carry(Arc::clone(desk), address, number, line));
        }
    }
}

/// Carries one wish as far as this life goes: submits it until it is acknowledged, then looks until it is final.
async fn carry(desk: Arc<Desk>, address: SocketAddr, number: usize, mut line: Line) {
    let task_id = loop {
        let known = desk.submissions.lock()[number].task_id().map(str::to_owned);
        if let Some(task_id) = known {
            break task_id;
        }
        desk.submissions.lock()[number].sent += 1;
        let reply = line.call(submit(&desk, address, number)).await;
        let is_broken = reply.is_err();
        match answer(reply) {
            Answer::Acknowledged(task_id) => desk.submissions.lock()[number].answers.push(task_id),
            Answer::Nothing if is_broken => {
                desk.submissions.lock()[number].unanswered += 1;
                return;
            }
            Answer::Nothing => {
                desk.submissions.lock()[number].unanswered += 1;
                tokio::time::sleep(AGAIN_PAUSE).await;
            }
            Answer::Refused(why) => {
                desk.submissions.lock()[number].refusals.push(why);
                return;
            }
        }
    };
    loop {
        let look = wire::get(address, &wire::status_path(&task_id), Some(CLIENT_KEY));
        let Ok(reply) = line.call(look).await else {
            return;
        };
        if let Some(word) = word(&reply) {
            let is_final = word.is_final();
            desk.see(number, word);
            if is_final {
                return;
            }
        }
        tokio::time::sleep(LOOK_PAUSE).await;
    }
}

pub(super) fn submit(desk: &Desk, address: SocketAddr, number: usize) -> wire::Call {
    let key = desk.plan.idempotency_key(number);
    wire::submit(address, &desk.plan.wishes[number], CLIENT_KEY, Some(&key))
}

/// What an answer to a submit promises.
pub(super) enum Answer {
    /// This task.
    Acknowledged(String),
    /// Nothing either way: the same submit may be sent again.
    Nothing,
    /// That it will not be done.
    Refused(String),
}

pub(super) fn answer(reply: anyhow::Result<Reply>) -> Answer {
    let Ok(reply) = reply else {
        return Answer::Nothing;
    };
    let task_id = reply.json()["task_id"].as_str().map(str::to_owned);
    match (reply.status, task_id) {
        (200..=299, Some(task_id)) => Answer::Acknowledged(task_id),
        // In use: the first submit under this key is still being worked on.
        (409 | 500..=599, _) => Answer::Nothing,
        _ => Answer::Refused(reply.excerpt()),
    }
}

/// What a read says of the state; none when the gateway could not answer.
pub(super) fn word(reply: &Reply) -> Option<Word> {
    match reply.status {
        200 => Some(Word::parse(
            reply.json()["status"].as_str().unwrap_or("no status"),
        )),
        404 => Some(Word::Absent),
        500..=599 => None,
        _ => Some(Word::Strange(reply.excerpt())),
    }
}

/// Downloads the file of every completed task.
pub(super) async fn fetch_files(desk: &Desk, address: SocketAddr) -> anyhow::Result<()> {
    let mut line = Line::open(address).await?;
    let submissions = desk.submissions.lock().clone();
    for (number, submission) in submissions.iter().enumerate() {
        let completed = submission
            .seen
            .last()
            .is_some_and(|seen| seen.word == Word::Completed);
        if let Some(task_id) = submission.task_id().filter(|_| completed) {
            let file = fetch(&mut line, address, task_id).await;
            desk.submissions.lock()[number].file = Some(file.map_err(|error| format!("{error:#}")));
        }
    }
    Ok(())
}

async fn fetch(line: &mut Line, address: SocketAddr, task_id: &str) -> anyhow::Result<u64> {
    let status = line
        .call(wire::get(address, &wire::status_path(task_id), Some(CLIENT_KEY)))
        .await?;
    let url = status.json()["url"].as_str().unwrap_or_default().to_owned();
    let path = url
        .strip_prefix("http://")
        .and_then(|rest| rest.find('/').map(|at| &rest[at..]));
    let path = path.ok_or_else(|| anyhow::anyhow!("`{url}` is no link to this gateway"))?;
    let reply = line.call(wire::get(address, path, None)).await?;
    anyhow::ensure!(reply.status == 200, "the link answers {}", reply.excerpt());
    let promised = reply.headers.get(http::header::CONTENT_LENGTH);
    let promised = promised.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    let length = reply.body.len();
    anyhow::ensure!(
        promised == Some(length),
        "{length} bytes came, {promised:?} were promised"
    );
    mp4::check(&reply.body)?;
    Ok(length as u64)
}

/// Sends every wish once more under its key: the answer must be the task that is there.
pub(super) async fn repeat_all(desk: &Desk, address: SocketAddr) -> anyhow::Result<()> {
    let mut line = Line::open(address).await?;
    for number in 0..desk.plan.wishes.len() {
        let reply = line.call(submit(desk, address, number)).await?;
        let excerpt = reply.excerpt();
        let mut submissions = desk.submissions.lock();
        match answer(Ok(reply)) {
            Answer::Acknowledged(task_id) => submissions[number].answers.push(task_id),
            Answer::Nothing | Answer::Refused(_) => {
                submissions[number]
                    .refusals
                    .push(format!("a repeat answers {excerpt}"));
            }
        }
    }
    Ok(())
}
