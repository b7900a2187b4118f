//! The clients of a run: they submit, repeat what they got no good answer to, and cancel. What they were told
//! is kept for the laws.

use std::sync::Arc;

use domain::dialect::Submission;
use domain::http::Reply;
use domain::store::Try;
use domain::{Face, RefusalKind, Task};
use engine::{Caller, Engine, IdempotencyAsk, Order};
use testkit::sample;
use tokio::task::JoinHandle;

use super::laws::{Laws, Told};
use super::process::Process;
use super::world::Inner;

/// Times that a client asks again for the same.
const TRIES_MAX: u32 = 6;

/// A call of a client that is under way.
struct Call {
    process: usize,
    wish: usize,
    answer: JoinHandle<Told>,
}

/// A wish that is not settled.
struct Wish {
    number: usize,
    tries: u32,
    under_way: bool,
}

/// All clients.
pub(crate) struct Clients {
    laws: Arc<Laws>,
    wishes: Vec<Wish>,
    calls: Vec<Call>,
    cancels: Vec<JoinHandle<()>>,
}

impl Clients {
    pub(crate) fn new(laws: &Arc<Laws>, wishes: usize) -> Clients {
        let wishes = (0..wishes).map(|number| Wish {
            number,
            tries: 0,
            under_way: false,
        });
        Clients {
            laws: Arc::clone(laws),
            wishes: wishes.collect(),
            calls: Vec::new(),
            cancels: Vec::new(),
        }
    }

    /// Whether nobody wants anything any more.
    pub(crate) fn are_done(&self) -> bool {
        self.wishes.is_empty() && self.calls.is_empty()
    }

    /// One client does something at a process; false when none does.
    pub(crate) fn act(&mut self, inner: &mut Inner, process: &Process) -> bool {
        let free: Vec<usize> = (0..self.wishes.len())
            .filter(|at| !self.wishes[*at].under_way)
            .collect();
        let acknowledged = self.laws.acknowledged();
        if !acknowledged.is_empty() && inner.rng.u8(0..16) == 0 && !inner.calm {
            let id = acknowledged[inner.rng.usize(0..acknowledged.len())];
            inner.note(format!(
                "a client cancels {} at p{}",
                self.laws.name_of(id),
                process.number
            ));
            let engine = Arc::clone(&process.engine);
            self.cancels.push(tokio::spawn(async move {
                drop(engine.cancel(sample::tenant(1), &id.prefixed()).await);
            }));
            return true;
        }
        if free.is_empty() {
            return false;
        }
        let wish = &mut self.wishes[free[inner.rng.usize(0..free.len())]];
        wish.under_way = true;
        wish.tries += 1;
        let number = wish.number;
        inner.note(format!("a client submits wish-{number} at p{}", process.number));
        let engine = Arc::clone(&process.engine);
        self.calls.push(Call {
            process: process.number,
            wish: number,
            answer: tokio::spawn(async move { submit(&engine, number).await }),
        });
        true
    }

    /// Takes in what was answered.
    pub(crate) async fn reap(&mut self) {
        let mut at = 0;
        while at < self.calls.len() {
            if !self.calls[at].answer.is_finished() {
                at += 1;
                continue;
            }
            let call = self.calls.remove(at);
            let told = call.answer.await.unwrap_or(Told::Nothing);
            self.heard(call.wish, told);
        }
        self.cancels.retain(|cancel| !cancel.is_finished());
    }

    fn heard(&mut self, number: usize, told: Told) {
        self.laws.tell(number, told);
        let Some(at) = self.wishes.iter().position(|wish| wish.number == number) else {
            return;
        };
        let wish = &mut self.wishes[at];
        wish.under_way = false;
        // Some go on asking after they were answered: a repeat is answered the same.
        let is_content = matches!(told, Told::Taken(_)) && !(number % 4 == 1 && wish.tries < 3);
        if is_content || wish.tries >= TRIES_MAX || !may_repeat(number) {
            self.wishes.remove(at);
        }
    }

    /// A process died with whatever it was asked.
    pub(crate) fn forsaken(&mut self, process: usize) {
        for call in self.calls.iter().filter(|call| call.process == process) {
            call.answer.abort();
        }
    }

    /// Nobody waits any more.
    pub(crate) fn stop(&mut self) {
        self.calls.iter().for_each(|call| call.answer.abort());
        self.cancels.iter().for_each(JoinHandle::abort);
    }
}

/// Whether a wish carries something by which a repeat is known.
fn may_repeat(number: usize) -> bool {
    number % 4 != 3
}

async fn submit(engine: &Engine, number: usize) -> Told {
    let mut ask = sample::ask();
    ask.prompt = Laws::prompt(number);
    if number % 2 == 1 {
        // The new standard has no word for it.
        ask.negative_prompt = Some("rain".to_owned());
    }
    let idempotency = (number % 4 < 2).then(|| IdempotencyAsk {
        scope: "tenant/key/route".to_owned(),
        key: format!("key-{number}"),
        tries: Try::Named,
        body_hash: "00".to_owned(),
    });
    let render = |task: &Task| Reply::json(200, &serde_json::json!({ "task_id": task.id().prefixed() }));
    let order = Order {
        caller: Caller {
            tenant: sample::tenant(1),
            key: sample::key_row(1, "").id,
            holder: sample::key_row(1, "").id,
            guards: domain::limits::Guards::default(),
        },
        face: Face {
            dialect: "elk".to_owned(),
            mount: String::new(),
            version: 1,
        },
        base_url: String::new(),
        submission: Box::new(Submission {
            ask,
            external_id: (number % 4 == 2).then(|| format!("external-{number}")),
            callback_url: None,
            ignored: Vec::new(),
            dry_run: false,
            deadline_at: None,
        }),
        idempotency,
        render: &render,
    };
    match engine.submit(order).await {
        Ok(taken) => Told::Taken(taken.task),
        Err(refusal) => match refusal.kind {
            RefusalKind::DuplicateExternalId(task) => Told::Taken(task),
            RefusalKind::Ambiguous => Told::Nothing,
            _ => Told::Refused,
        },
    }
}
